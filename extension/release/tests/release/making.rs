//! The same folder, time and keys give the same bytes.

use std::{
    fs::{self, File},
    io::Cursor,
    os::unix::fs::PermissionsExt,
    path::Path,
    time::{Duration, UNIX_EPOCH},
};

use crypto_core::{
    bulk::NativeEngine,
    ids::UnixTime,
    openpgp::{Certificate, Profile, SignatureVerdict, verify_detached},
    secret::Passphrase,
};
use rand::{SeedableRng, rngs::StdRng};
use zip::{DateTime, ZipArchive};

use crate::common::{
    BORN, CERTIFICATE, COMMIT, CRX, FILES, LATER, Place, SIGNATURE, SUMS, XPI, ZIP, contents,
    differing, good, line, pem, refused, rsa_key,
};

/// What a signature over SHA256SUMS says about its time.
fn signed_at(folder: &Path) -> u64 {
    let read = |name| fs::read(folder.join(name)).unwrap();
    let certificate = Certificate::parse(&read(CERTIFICATE)).unwrap();
    let verdicts = futures::executor::block_on(verify_detached(
        &NativeEngine,
        &read(SUMS),
        &read(SIGNATURE),
        &[&certificate],
        UnixTime(LATER),
    ));
    match verdicts.unwrap().as_slice() {
        [SignatureVerdict::Good { at, .. }] => at.0,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_same_packages_come_of_files_of_any_order_and_age() {
    let place = Place::packed();
    let mut files = FILES;
    files.reverse();
    place.build("again", &files);
    for (age, (file, _)) in files.iter().enumerate() {
        for family in ["chromium", "firefox"] {
            let path = place.path("again").join(family).join(file);
            let age = Duration::from_secs(86_400 * (1 + age as u64));
            let opened = File::options().write(true).open(&path).unwrap();
            opened.set_modified(UNIX_EPOCH + age).unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(0o700)).unwrap();
        }
    }
    good(&place.package("again", "elsewhere", COMMIT, "crx.pem", "release.pgp"));
    let (one, other) = (place.path("packages"), place.path("elsewhere"));
    assert_eq!(differing(&one, &other), Vec::<String>::new());
    let names: Vec<String> = contents(&one).into_iter().map(|(name, _)| name).collect();
    let mut expected = [CERTIFICATE, CRX, SIGNATURE, SUMS, XPI, ZIP];
    expected.sort_unstable();
    assert_eq!(names, expected);
}

/// A file system may list a folder in the same order whenever it has the same names, so the
/// comparison above alone would not tell.
#[test]
fn archives_are_sorted_and_carry_no_time() {
    let place = Place::packed();
    let mut expected: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
    expected.sort_unstable();
    for name in [XPI, ZIP] {
        let mut archive = ZipArchive::new(Cursor::new(place.read(name))).unwrap();
        let mut found = Vec::new();
        for index in 0..archive.len() {
            let entry = archive.by_index(index).unwrap();
            found.push(entry.name().unwrap().into_owned());
            assert_eq!(entry.last_modified(), Some(DateTime::default()));
            assert_eq!(entry.unix_mode().map(|mode| mode & 0o777), Some(0o644));
        }
        assert_eq!(found, expected);
    }
}

#[test]
fn every_package_has_its_line_of_sums() {
    let place = Place::packed();
    let mut expected = String::new();
    for name in [CRX, XPI, ZIP] {
        expected.push_str(&line(&place.read(name), name));
    }
    assert_eq!(place.read(SUMS), expected.as_bytes());
}

#[test]
fn what_lay_there_before_is_gone() {
    let place = Place::packed();
    place.write("letterlock-1.2.2.zip", "old");
    good(&place.package("built", "packages", COMMIT, "crx.pem", "release.pgp"));
    assert!(!place.path("packages/letterlock-1.2.2.zip").exists());
}

#[test]
fn a_changed_file_changes_its_package() {
    let place = Place::packed();
    place.build("changed", &FILES);
    fs::write(place.path("changed/firefox/a.js"), "another").unwrap();
    good(&place.package("changed", "other", COMMIT, "crx.pem", "release.pgp"));
    assert_eq!(
        differing(&place.path("packages"), &place.path("other")),
        [SUMS, SIGNATURE, XPI]
    );
}

#[test]
fn the_signature_carries_the_commits_time() {
    let place = Place::packed();
    assert_eq!(signed_at(&place.path("packages")), COMMIT);
    good(&place.package("built", "later", LATER, "crx.pem", "release.pgp"));
    assert_eq!(signed_at(&place.path("later")), LATER);
    assert_eq!(
        differing(&place.path("packages"), &place.path("later")),
        [SIGNATURE]
    );
}

#[test]
fn a_key_younger_than_the_commit_signs_at_its_birth() {
    let place = Place::new();
    for (out, time) in [("one", BORN - 9), ("other", BORN - 5)] {
        good(&place.package("built", out, time, "crx.pem", "release.pgp"));
        assert_eq!(signed_at(&place.path(out)), BORN);
    }
    let differ = differing(&place.path("one"), &place.path("other"));
    assert_eq!(differ, Vec::<String>::new());
}

/// The limit of "the same to the bit", known and bounded: signatures of version 6 begin with a
/// random salt (RFC 9580, section 5.2.3).
#[test]
fn a_version_6_key_changes_nothing_but_the_signature() {
    let place = Place::new();
    place.release_key("release.pgp", Profile::Modern, BORN, 1);
    for out in ["packages", "other"] {
        good(&place.package("built", out, COMMIT, "crx.pem", "release.pgp"));
    }
    assert_eq!(
        differing(&place.path("packages"), &place.path("other")),
        [SIGNATURE]
    );
    good(&place.verify(SUMS));
}

#[test]
fn development_keys_are_made_once_for_their_owner_alone() {
    let place = Place::new();
    let time = COMMIT.to_string();
    for out in ["packages", "other"] {
        let arguments = ["package", "--from", "built", "--out", out, "--time", &time];
        good(&place.run(&arguments));
    }
    let differ = differing(&place.path("packages"), &place.path("other"));
    assert_eq!(differ, Vec::<String>::new());
    let keys = place.path("data/letterlock/development-keys");
    let made = contents(&keys);
    assert_eq!(made.len(), 2, "no half-made key stays behind");
    for (name, _) in made {
        let mode = fs::metadata(keys.join(&name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    // What it prints for a person must not get into a file that the output is sent to.
    let certificate = good(&place.run(&["certificate"]));
    assert!(certificate.starts_with("-----BEGIN PGP"), "{certificate}");
}

#[test]
fn keys_are_taken_from_the_environment() {
    let place = Place::packed();
    let made = place
        .program()
        .args(["package", "--from", "built", "--out", "other"])
        .args(["--time", &COMMIT.to_string()])
        .env("LETTERLOCK_CRX_KEY", place.path("crx.pem"))
        .env("LETTERLOCK_RELEASE_KEY", place.path("release.pgp"))
        .output()
        .unwrap();
    good(&made);
    let differ = differing(&place.path("packages"), &place.path("other"));
    assert_eq!(differ, Vec::<String>::new());
    assert!(
        !place.path("data").exists(),
        "no development key was needed"
    );
}

#[test]
fn other_keys_make_other_packages() {
    let place = Place::packed();
    fs::write(place.path("other.pem"), pem(&rsa_key(2))).unwrap();
    good(&place.package("built", "crx", COMMIT, "other.pem", "release.pgp"));
    assert_eq!(
        differing(&place.path("packages"), &place.path("crx")),
        [SUMS, SIGNATURE, CRX]
    );
    place.release_key("other.pgp", Profile::Compatible, BORN, 2);
    good(&place.package("built", "pgp", COMMIT, "crx.pem", "other.pgp"));
    assert_eq!(
        differing(&place.path("packages"), &place.path("pgp")),
        [SIGNATURE, CERTIFICATE]
    );
}

#[test]
fn what_cannot_sign_is_told() {
    let place = Place::new();
    let key = place.release_key("release.pgp", Profile::Compatible, BORN, 1);
    let locked = key.export_locked(
        &Passphrase::new("secret".to_owned()),
        &mut StdRng::seed_from_u64(3),
    );
    fs::write(place.path("locked.pgp"), locked.unwrap()).unwrap();
    let package = |crx, pgp| place.package("built", "packages", COMMIT, crx, pgp);
    refused(&package("crx.pem", "locked.pgp"), "is locked");
    refused(&package("crx.pem", "crx.pem"), "is no OpenPGP private key");
    refused(&package("release.pgp", "release.pgp"), "cannot read");
    fs::write(place.path("text.pem"), "text").unwrap();
    refused(&package("text.pem", "release.pgp"), "is no RSA key");
    assert!(!place.path("packages").exists(), "nothing was written");
}

#[test]
fn a_folder_without_a_manifest_is_no_extension() {
    let place = Place::new();
    fs::remove_file(place.path("built/firefox/manifest.json")).unwrap();
    let made = place.package("built", "packages", COMMIT, "crx.pem", "release.pgp");
    refused(&made, "holds no manifest.json");
}
