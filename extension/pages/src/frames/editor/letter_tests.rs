use ext_protocol::failure::FailureKind;
use ext_protocol::view::{KeySource, Trust};

use super::*;

fn person(address: &str) -> Person {
    Person {
        name: String::new(),
        address: address.to_owned(),
    }
}

fn ready() -> RecipientState {
    RecipientState::Ready {
        fingerprint: "AB".into(),
        trust: Trust::Known,
        name: String::new(),
        source: KeySource::Mail,
    }
}

fn letter(to: &[&str]) -> Letter {
    Letter {
        page: Recipients {
            to: to.iter().map(|a| person(a)).collect(),
            ..Recipients::default()
        },
        encrypt: true,
        sign: true,
        ..Letter::default()
    }
}

fn ready_for(people: &[&str]) -> Outlook {
    Outlook::Ready(people.iter().map(|&address| address.to_owned()).collect())
}

fn looked(letter: &mut Letter, address: &str, state: RecipientState) {
    letter.apply(Change::Looked(vec![(address.to_owned(), state)]));
}

#[test]
fn nothing_is_sealed_before_every_key_was_looked_up() {
    let mut letter = letter(&["bob@example.org", "Carol@example.org"]);
    assert_eq!(letter.outlook(), Outlook::Looking);
    assert_eq!(letter.unknown().len(), 2);
    looked(&mut letter, "bob@example.org", ready());
    assert_eq!(letter.outlook(), Outlook::Looking);
    looked(&mut letter, "carol@EXAMPLE.org", ready());
    assert_eq!(
        letter.outlook(),
        ready_for(&["bob@example.org", "Carol@example.org"])
    );
}

#[test]
fn a_page_has_a_letter_sealed_to_those_the_person_saw_and_no_others() {
    let to = |address: &str| [address.to_owned()];
    let role = |text: &str, sign: bool| Role::Editor {
        from: person("ann@example.org"),
        recipients: Recipients::default(),
        draft: Draft {
            text: text.to_owned(),
            sign,
            encrypt: true,
            ..Draft::default()
        },
        was_typed: false,
        left_behind: false,
        takes_files: true,
        page_encrypts: true,
    };
    let begun = |text: &str, sign: bool| Letter::from_role(&role(text, sign)).unwrap().0;

    let mut own = begun("", false);
    assert!(!own.may_give(&[], true), "an untouched draft");
    own.apply(Change::Typed);
    assert!(own.may_give(&[], true), "a draft is the person's");
    assert!(!own.may_give(&to("mallory@example.org"), false));
    assert!(!own.may_give(&[], false));
    own.accept(&to("bob@example.org"));
    assert!(own.may_give(&to("Bob@example.org"), false));
    assert!(!own.may_give(&to("mallory@example.org"), false));
    let both = ["bob@example.org".to_owned(), "mallory@example.org".into()];
    assert!(!own.may_give(&both, false));
    own.apply(Change::Sign(true));
    assert!(!own.may_give(&to("bob@example.org"), false));

    let mut quoting = begun("\n\n> the secret", false);
    quoting.apply(Change::Typed);
    quoting.accept(&to("bob@example.org"));
    assert!(!quoting.may_give(&to("bob@example.org"), false));
}

#[test]
fn one_without_a_key_breaks_the_seal_until_the_person_decides() {
    let mut letter = letter(&["bob@example.org", "carol@example.org"]);
    looked(&mut letter, "bob@example.org", ready());
    looked(&mut letter, "carol@example.org", RecipientState::NoKey);
    assert_eq!(letter.outlook(), Outlook::Trouble(1));

    let mut without = letter.clone();
    without.apply(Change::Remove("carol@example.org".into()));
    assert_eq!(without.outlook(), ready_for(&["bob@example.org"]));
    let sealed = without.outgoing(Draft::default(), None);
    assert_eq!(sealed.recipients.to, [person("bob@example.org")]);
    without.apply(Change::BringBack("carol@example.org".into()));
    assert_eq!(without.outlook(), Outlook::Trouble(1));

    let mut password = letter.clone();
    password.apply(Change::UsePassword(true));
    assert_eq!(
        password.outlook(),
        ready_for(&["bob@example.org", "carol@example.org"])
    );
    assert_eq!(password.by_password(), [&person("carol@example.org")]);
    let sealed = password.outgoing(Draft::default(), Some("told another way".into()));
    assert_eq!(sealed.recipients.to, [person("bob@example.org")]);
    assert_eq!(sealed.password.as_deref(), Some("told another way"));

    letter.apply(Change::Encrypt(false));
    assert_eq!(letter.outlook(), Outlook::SignedOnly);
    letter.apply(Change::Sign(false));
    assert_eq!(letter.outlook(), Outlook::Plain);
}

#[test]
fn a_changed_key_is_no_matter_for_a_password() {
    let mut letter = letter(&["bob@example.org"]);
    let changed = RecipientState::KeyChanged {
        old: "AA".into(),
        new: "BB".into(),
        source: KeySource::Wkd,
    };
    looked(&mut letter, "bob@example.org", changed);
    letter.apply(Change::UsePassword(true));
    assert_eq!(letter.outlook(), Outlook::Trouble(1));
}

#[test]
fn a_password_that_is_not_used_is_not_sent() {
    let mut letter = letter(&["bob@example.org"]);
    looked(&mut letter, "bob@example.org", ready());
    let sealed = letter.outgoing(Draft::default(), Some("left over".into()));
    assert!(sealed.password.is_none());
}

#[test]
fn people_added_here_join_those_of_the_page_once() {
    let mut letter = letter(&["bob@example.org"]);
    letter.apply(Change::Add(ui_kit::address::parse(
        "BOB@example.org, Dora <dora@example.org>; dora@example.org",
    )));
    let addresses: Vec<_> = letter
        .everybody()
        .iter()
        .map(|p| p.address.as_str())
        .collect();
    assert_eq!(addresses, ["bob@example.org", "dora@example.org"]);
    letter.apply(Change::Remove("dora@example.org".into()));
    assert_eq!(letter.everybody().len(), 1);
    assert!(!letter.is_left_out("dora@example.org"));
    letter.apply(Change::Remove("bob@example.org".into()));
    assert_eq!(letter.outlook(), Outlook::Nobody);
}

#[test]
fn what_is_looked_up_again_holds_the_seal_back() {
    let mut letter = letter(&["bob@example.org"]);
    looked(&mut letter, "bob@example.org", RecipientState::Unknown);
    assert_eq!(letter.outlook(), Outlook::Trouble(1));
    letter.apply(Change::LookAgain("bob@example.org".into()));
    assert_eq!(letter.outlook(), Outlook::Looking);
}

#[test]
fn only_changes_of_the_letter_are_kept() {
    let mut letter = letter(&["bob@example.org"]);
    assert!(!letter.apply(Change::Looked(Vec::new())));
    assert!(!letter.apply(Change::PageRecipients(Recipients::default())));
    assert!(!letter.touched);
    assert!(letter.apply(Change::Typed));
    assert!(letter.touched);
    assert_eq!(letter.kept, DraftState::Changed);
    letter.apply(Change::Phase(Phase::Failed(Failure::new(
        FailureKind::Internal,
    ))));
    letter.apply(Change::Subject("Lunch".into()));
    assert_eq!(letter.phase, Phase::Writing);
}

#[test]
fn the_page_asks_when_it_seals_by_itself() {
    let mut letter = letter(&[]);
    letter.page_encrypts = true;
    assert_eq!(letter.outlook(), Outlook::PageAsks);
    letter.phase = Phase::Working {
        percent: 0,
        step: None,
    };
    assert_eq!(letter.outlook(), Outlook::Working);
}

#[test]
fn files_stand_in_the_draft_by_number() {
    let mut letter = letter(&[]);
    for number in [3, 5] {
        letter.apply(Change::AddFile(Rc::new(LetterFile {
            number,
            name: format!("{number}.txt"),
            media_type: "text/plain".into(),
            size: u64::from(number),
            data: Some(vec![0; number as usize]),
        })));
    }
    assert_eq!(letter.files_size(), 8);
    letter.apply(Change::RemoveFile(3));
    let draft = letter.draft("Hello".into(), None);
    assert_eq!(draft.files.len(), 1);
    assert_eq!((draft.files[0].file, draft.files[0].size), (5, 5));
    assert_eq!(draft.text, "Hello");
}

#[test]
fn files_of_a_kept_letter_stay_with_the_background() {
    let file = |file, size| AttachedFile {
        file,
        name: "a.txt".into(),
        media_type: "text/plain".into(),
        size,
    };
    let role = Role::Editor {
        from: person("alice@example.org"),
        recipients: Recipients::default(),
        draft: Draft {
            files: vec![file(4, 10), file((1 << 30) + 2, 20)],
            ..Draft::default()
        },
        was_typed: false,
        left_behind: false,
        takes_files: true,
        page_encrypts: false,
    };
    let (letter, _) = Letter::from_role(&role).unwrap();
    assert!(letter.files.iter().all(|file| file.data.is_none()));
    assert_eq!(letter.files_size(), 30);
    assert_eq!(letter.first_free_number(), 5);
    assert!(!letter.touched);
    assert!(Letter::from_role(&Role::Backup).is_none());
}
