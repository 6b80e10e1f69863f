//! What is printed of everything that holds a secret, word for word: a derived `Debug` would show
//! itself here. And what errors say.

use std::fmt::Debug;

use crypto_core::{
    bulk::{AeadMode, ChunkStream, Cipher, NativeEngine},
    everyday,
    ids::{ObjectId, Revision, UnixTime},
    kdf::{KdfParameters, derive_stretched_key},
    keyring::{Keyring, LockedKeyring},
    mime,
    openpgp::{
        Certificate, DecryptRequest, EncryptRequest, ImportError, Limits, Profile,
        SecretCertificate, UnlockError, UserId, decrypt, generate, verify_inline,
    },
    secret::{Passphrase, Secret},
    srp::{self, ClientHandshake, Group, ServerHandshake},
    vault::{Namespace, Sealable, Vault, VaultError, VaultKey},
};
use futures::executor::block_on;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

const NOW: UnixTime = UnixTime(1_790_000_000);
/// In every secret of these tests, as text and as bytes.
const MARK: &str = "do not show this";

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(77)
}

fn passphrase() -> Passphrase {
    Passphrase::new(MARK.to_owned())
}

fn key() -> SecretCertificate {
    let id = [UserId::new("Ann", "ann@example.org")];
    generate(Profile::Modern, &id, NOW, &mut rng())
        .unwrap()
        .secret
}

fn shown(value: &impl Debug) -> String {
    let (short, long) = (format!("{value:?}"), format!("{value:#?}"));
    // The long form has other spaces, and nothing else.
    let letters =
        |text: &str| -> String { text.split_whitespace().collect::<String>().replace(',', "") };
    assert_eq!(letters(&short), letters(&long));
    short
}

#[test]
fn secrets_and_keys_say_that_they_are_there() {
    assert_eq!(shown(&Secret::new([0x41; 32])), "Secret(..)");
    assert_eq!(shown(&Secret::new(MARK.to_owned())), "Secret(..)");
    assert_eq!(shown(&passphrase()), "Passphrase(..)");
    let stretched = derive_stretched_key(&passphrase(), &[7; 16], &KdfParameters::DEFAULT).unwrap();
    assert_eq!(shown(&stretched), "StretchedKey(Secret(..))");
    assert_eq!(shown(&stretched.unlock_key()), "UnlockKey(Secret(..))");
    assert_eq!(shown(&stretched.login_secret()), "Secret(..)");
    let vault_key = VaultKey::make(&mut rng());
    assert_eq!(shown(&vault_key), "VaultKey(..)");
    assert_eq!(shown(&Vault::new(&vault_key)), "Vault(..)");
    let print = key().fingerprint();
    assert_eq!(shown(&key()), format!("SecretCertificate({print}, ..)"));
    let id = [UserId::new("Ann", "ann@example.org")];
    let made = generate(Profile::Modern, &id, NOW, &mut rng()).unwrap();
    let text = shown(&made);
    assert!(text.starts_with(&format!(
        "GeneratedKey {{ secret: SecretCertificate({print}, ..)"
    )));
    assert!(text.contains("revocation"));
}

#[test]
fn requests_and_results_show_no_text_and_no_password() {
    let ann = key();
    let certificate = ann.certificate();
    let password = passphrase();
    let limits = Limits::default();
    let print = ann.fingerprint();
    let request = EncryptRequest {
        recipients: &[&certificate],
        passwords: &[&password],
        signer: Some(&ann),
        now: NOW,
        armor: true,
    };
    assert_eq!(
        shown(&request),
        format!(
            "EncryptRequest {{ recipients: [Certificate({print})], passwords: [Passphrase(..)], \
             signer: Some(SecretCertificate({print}, ..)), now: UnixTime(1790000000), armor: true }}"
        )
    );
    let request = DecryptRequest {
        keys: &[&ann],
        passwords: &[&password],
        verifiers: &[],
        limits: &limits,
        now: NOW,
    };
    let text = shown(&request);
    assert!(text.starts_with(&format!(
        "DecryptRequest {{ keys: [SecretCertificate({print}, ..)], passwords: [Passphrase(..)], verifiers: []"
    )));
    let sealed = everyday::seal(MARK.as_bytes(), &ann, &[&certificate], NOW, &mut rng()).unwrap();
    let opened = block_on(decrypt(&NativeEngine, sealed.as_bytes(), &request)).unwrap();
    let letter = everyday::open(sealed.as_bytes(), &ann, &[&certificate], NOW).unwrap();
    let signed = letter.signed().unwrap();
    for text in [shown(&opened), shown(&letter), shown(&signed)] {
        assert!(!text.contains(MARK), "{text}");
        assert!(
            !text.contains("100, 111, 32, 110"),
            "bytes in numbers: {text}"
        );
        assert!(text.ends_with(", .. }"), "{text}");
    }
    let stream = ChunkStream {
        cipher: Cipher::Aes128,
        mode: AeadMode::Gcm,
        key: MARK.as_bytes(),
        nonce_prefix: &[1; 4],
        associated_data: &[],
        chunk_len: 64,
    };
    assert_eq!(
        shown(&stream),
        "ChunkStream { cipher: Aes128, mode: Gcm, chunk_len: 64, .. }"
    );
}

#[test]
fn vault_and_keyring_show_no_content() {
    let mut rng = rng();
    let vault = Vault::new(&VaultKey::make(&mut rng));
    let id = ObjectId("x".to_owned());
    let sealed = vault
        .seal(
            Namespace::Contact,
            &id,
            Revision::FIRST,
            MARK.as_bytes(),
            &mut rng,
        )
        .unwrap();
    assert_eq!(shown(&sealed), "Record(Revision(1), 297 bytes)");
    let opened = vault.open_record(&sealed).unwrap();
    assert_eq!(
        shown(&opened),
        "OpenedObject { namespace: Contact, revision: Revision(1), .. }"
    );
    let _ = Sealable {
        namespace: Namespace::Contact,
        id: &id,
        revision: Revision::FIRST,
        content: MARK.as_bytes(),
    };
    let mut keyring = Keyring::new();
    keyring.add(key(), &vault, &mut rng).unwrap();
    assert_eq!(shown(&keyring), "Keyring { slots: 1, damaged: 0 }");
    assert_eq!(shown(&keyring.lock()), "LockedKeyring(1 keys)");
    assert_eq!(
        shown(&LockedKeyring::new(Vec::new())),
        "LockedKeyring(0 keys)"
    );
}

#[test]
fn logins_show_no_secret() {
    let mut rng = rng();
    let salt = [7; 16];
    let password = Secret::new([0x41; 32]);
    let group = Group::Bits3072;
    let verifier = srp::make_verifier(group, "ann@example.org", &password, &salt);
    let (client, a) = ClientHandshake::start(group, &mut rng);
    let (server, b) = ServerHandshake::start(group, &verifier, &mut rng).unwrap();
    let texts = [shown(&client), shown(&server)];
    let proof = client
        .answer("ann@example.org", &password, &salt, &b)
        .unwrap();
    let (_, session) = server
        .check("ann@example.org", &salt, &a, proof.proof())
        .unwrap();
    for text in texts.into_iter().chain([shown(&proof), shown(&session)]) {
        assert!(text.len() < 80, "{text}");
        assert!(text.contains(".."), "{text}");
        assert!(!text.contains('['), "bytes in numbers: {text}");
    }
}

#[test]
fn mail_shows_sizes() {
    let raw = format!("From: ann@example.org\r\nSubject: {MARK}\r\n\r\n{MARK}");
    let mail = mime::read(raw.as_bytes(), None, &mime::Limits::DEFAULT).unwrap();
    assert!(!shown(&mail).contains(MARK));
}

#[test]
fn errors_say_why_and_not_what() {
    let ann = key();
    let vault = Vault::new(&VaultKey::make(&mut rng()));
    let limits = Limits::default();
    let locked = ann.export_locked(&passphrase(), &mut rng()).unwrap();
    let locked = SecretCertificate::parse(locked.as_bytes()).unwrap();
    let wrong = Passphrase::new(format!("{MARK}!"));
    let mut record = vault
        .seal(
            Namespace::Contact,
            &ObjectId(MARK.to_owned()),
            Revision::FIRST,
            MARK.as_bytes(),
            &mut rng(),
        )
        .unwrap();
    record.bytes[40] ^= 1;
    let unlock: UnlockError = locked.unlock(&wrong, &limits).unwrap_err();
    let open: VaultError = vault.open_record(&record).unwrap_err();
    let import: ImportError = Certificate::parse(&ann.to_bytes()).unwrap_err();
    let cut = SecretCertificate::parse(&ann.to_bytes()[..100]).unwrap_err();
    let signed = [b"\xcb\x16b\0\0\0\0\0", MARK.as_bytes(), b"trailing"].concat();
    let inline = block_on(verify_inline(&NativeEngine, &signed, &[], &limits, NOW)).unwrap_err();
    let texts = [
        format!("{unlock} {unlock:?}"),
        format!("{open} {open:?}"),
        format!("{import} {import:?}"),
        format!("{cut} {cut:?}"),
        format!("{inline} {inline:?}"),
    ];
    for text in texts {
        assert!(!text.contains(MARK), "{text}");
        assert!(text.len() < 250, "{text}");
    }
}
