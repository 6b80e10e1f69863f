//! Keys out of the Web Key Directory of a domain that may be anybody's.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use crypto_core::openpgp::Certificate;
use mail_client::{
    ClientError,
    people::{KeySource, Reach},
    view::{RecipientState, Trust},
};
use testkit::{Stranger, Strangers};

use crate::world::{Loner, MAIN, letter, loner, refused};

/// `bob` in z-base-32 of SHA-1.
const BOB: &str = "jycbiujnsxs47xrkethgtj69xuunurok";

fn binary(who: &Loner) -> Vec<u8> {
    Certificate::parse(who.certificate().as_bytes())
        .unwrap()
        .to_bytes()
}

async fn state(who: &Loner, reach: Reach) -> RecipientState {
    let found = who.client.look_up(&MAIN, "bob@example.org", reach).await;
    found.unwrap().state
}

#[tokio::test]
async fn both_methods_are_tried_and_the_key_is_remembered_at_first_use() {
    let (ann, bob) = (loner(1, "Ann").await, loner(2, "Bob").await);
    let key = binary(&bob);
    let world = Strangers::start(move |host, path| {
        let direct = format!("/.well-known/openpgpkey/hu/{BOB}?l=Bob");
        match (host, path == direct) {
            ("example.org", true) => Stranger::Has(key.clone()),
            _ => Stranger::HasNot,
        }
    })
    .await
    .unwrap();
    ann.device.web.meet(&world);

    assert_eq!(state(&ann, Reach::Here).await, RecipientState::NoKey);
    assert_eq!(state(&ann, Reach::Directory).await, RecipientState::NoKey);
    assert!(ann.device.web.urls().is_empty(), "nobody was asked");

    let found = ann
        .client
        .look_up(&MAIN, "Bob@example.org", Reach::Everywhere)
        .await
        .unwrap();
    assert_eq!(found.source, Some(KeySource::Wkd));
    let RecipientState::Ready {
        fingerprint, trust, ..
    } = found.state
    else {
        panic!("{:?}", found.state);
    };
    assert_eq!((fingerprint, trust), (bob.fingerprint.clone(), Trust::New));
    let advanced =
        format!("https://openpgpkey.example.org/.well-known/openpgpkey/example.org/hu/{BOB}?l=Bob");
    assert_eq!(ann.device.web.urls()[0], advanced);
    assert_eq!(ann.device.web.urls().len(), 2);
    assert_eq!(ann.client.contacts(&MAIN).unwrap(), []);

    let mail = letter(&[&bob.person], "hello");
    ann.client
        .seal_letter(&MAIN, &mail, Reach::Everywhere)
        .await
        .unwrap();
    assert_eq!(ann.device.web.urls().len(), 2, "asked a moment ago");
    let contact = ann.client.contact(&MAIN, "bob@example.org").unwrap();
    assert_eq!(contact.source, KeySource::Wkd);
    drop(world);
    ann.device.clock.advance(3600);
    ann.client
        .seal_letter(&MAIN, &mail, Reach::Everywhere)
        .await
        .expect("a remembered key needs no network");
    assert_eq!(ann.device.web.urls().len(), 2);
}

#[tokio::test]
async fn a_directory_may_lie_and_is_not_believed() {
    let (ann, bob) = (loner(1, "Ann").await, loner(2, "Bob").await);
    let eve = loner(3, "Eve").await;
    let lock = crate::world::secret("x");
    let private = bob
        .client
        .export_private_key(&bob.fingerprint, &lock)
        .unwrap()
        .into_bytes();
    let lies = [
        ("another's key", Stranger::Has(binary(&eve))),
        ("a private key", Stranger::Has(private)),
        ("no key", Stranger::Has(b"<html>hello</html>".to_vec())),
        ("nothing", Stranger::Has(Vec::new())),
        (
            "too much",
            Stranger::Has([binary(&bob), vec![0xFF; 257 << 10]].concat()),
        ),
        ("no end", Stranger::Endless),
        ("elsewhere", Stranger::MovedTo("http://127.0.0.1/".into())),
    ];
    for (what, lie) in lies {
        let (first, lie) = (AtomicUsize::new(0), std::sync::Mutex::new(Some(lie)));
        let world = Strangers::start(move |_, _| match first.fetch_add(1, Ordering::SeqCst) {
            0 => lie.lock().unwrap().take().unwrap(),
            _ => Stranger::HasNot,
        })
        .await
        .unwrap();
        ann.device.web.meet(&world);
        // The answers of before are forgotten.
        ann.device.clock.advance(301);
        assert_eq!(
            state(&ann, Reach::Everywhere).await,
            RecipientState::NoKey,
            "{what}"
        );
    }
    assert_eq!(ann.client.contacts(&MAIN).unwrap(), []);
}

#[tokio::test]
async fn a_directory_cannot_replace_a_remembered_key() {
    let (ann, bob) = (loner(1, "Ann").await, loner(2, "Bob").await);
    ann.meets(&bob).await;
    let other_bob = loner(9, "Bob").await;
    let key = binary(&other_bob);
    let world = Strangers::start(move |_, _| Stranger::Has(key.clone()))
        .await
        .unwrap();
    ann.device.web.meet(&world);
    let ready = state(&ann, Reach::Everywhere).await;
    assert!(matches!(ready, RecipientState::Ready { .. }), "{ready:?}");
    assert!(ann.device.web.urls().is_empty(), "nothing to ask about");
    // Unless the person asks: then there is an offer, and the key that is remembered stays.
    let second = loner(4, "Cleo").await;
    second.meets(&bob).await;
    second.device.web.meet(&world);
    let changed = RecipientState::KeyChanged {
        old: bob.fingerprint.clone(),
        new: other_bob.fingerprint.clone(),
    };
    assert_eq!(state(&second, Reach::Anew).await, changed);
    let contact = second.client.contact(&MAIN, "bob@example.org").unwrap();
    assert_eq!(contact.fingerprint, bob.fingerprint);

    // His key is withdrawn: now the domain is asked, and its word is an offer.
    let revoked = bob
        .client
        .revoke_key(
            &bob.fingerprint,
            mail_client::keys::RevocationReason::Superseded,
        )
        .await
        .unwrap();
    ann.client
        .import_certificates(&MAIN, revoked.as_bytes(), KeySource::Mail)
        .await
        .unwrap();
    assert_eq!(
        state(&ann, Reach::Everywhere).await,
        RecipientState::KeyChanged {
            old: bob.fingerprint.clone(),
            new: other_bob.fingerprint.clone()
        }
    );
    let mail = letter(&[&bob.person], "hello");
    let result = ann
        .client
        .seal_letter(&MAIN, &mail, Reach::Everywhere)
        .await;
    assert_eq!(
        refused(result),
        ClientError::KeyChanged(bob.person.address.clone())
    );
}

#[tokio::test]
async fn who_asks_anew_hears_what_the_domain_has_and_not_what_a_mail_said() {
    let (ann, bob, old_bob) = (
        loner(1, "Ann").await,
        loner(2, "Bob").await,
        loner(9, "Bob").await,
    );
    let address = "bob@example.org";
    let header = old_bob.client.autocrypt_header(&MAIN, address).unwrap();
    let header = header.unwrap();
    ann.client
        .process_autocrypt(&MAIN, &header, address, 1000)
        .await
        .unwrap();
    let key = binary(&bob);
    let knows = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&knows);
    let world = Strangers::start(move |_, _| match count.load(Ordering::SeqCst) {
        0 => Stranger::HasNot,
        _ => Stranger::Has(key.clone()),
    })
    .await
    .unwrap();
    ann.device.web.meet(&world);
    let found = async |reach| {
        let found = ann.client.look_up(&MAIN, address, reach).await.unwrap();
        let RecipientState::Ready { fingerprint, .. } = found.state else {
            panic!("{:?}", found.state);
        };
        (fingerprint, found.source)
    };
    let seen = (old_bob.fingerprint.clone(), Some(KeySource::Autocrypt));
    assert_eq!(found(Reach::Everywhere).await, seen);
    assert!(ann.device.web.urls().is_empty(), "a key was seen");
    assert_eq!(found(Reach::Anew).await, seen, "the domain has none");
    assert_eq!(ann.device.web.urls().len(), 2);
    knows.store(1, Ordering::SeqCst);
    ann.device.clock.advance(301);
    let listed = (bob.fingerprint.clone(), Some(KeySource::Wkd));
    assert_eq!(found(Reach::Anew).await, listed);
}

#[tokio::test]
async fn a_silent_directory_is_given_five_seconds() {
    for slow in ["silent", "stalling"] {
        let ann = loner(1, "Ann").await;
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let world = Strangers::start(move |_, _| {
            count.fetch_add(1, Ordering::SeqCst);
            match slow {
                "silent" => Stranger::Silent,
                _ => Stranger::Stalls,
            }
        })
        .await
        .unwrap();
        ann.device.web.meet(&world);
        let wait = async {
            world.asked().await;
            // From here on the clock jumps to whatever is waited for next.
            tokio::time::pause();
            tokio::time::Instant::now()
        };
        let (state, begun) = futures::join!(state(&ann, Reach::Everywhere), wait);
        let took = tokio::time::Instant::now() - begun;
        tokio::time::resume();
        assert_eq!(state, RecipientState::Unknown, "a key may be there");
        assert!(took.as_secs() <= 5, "{took:?}");
        assert_eq!(
            asked.load(Ordering::SeqCst),
            1,
            "the time is for both methods"
        );
    }
}
