//! What `verify` accepts, and that each of its checks refuses something.

use std::{fs, io::Write};

use crypto_core::openpgp::Profile;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::common::{
    BORN, CERTIFICATE, COMMIT, CRX, Place, SIGNATURE, SUMS, XPI, ZIP, flipped, good, line, refused,
};

#[test]
fn good_packages_are_accepted() {
    let place = Place::packed();
    for name in [CRX, XPI, ZIP, SUMS] {
        let told = good(&place.verify(name));
        assert!(told.contains(&format!("packages/{name}: good")), "{told}");
        // The certificate that lies beside them proves nothing, and that is said.
        let told = good(&place.verify_alone(name));
        assert!(told.contains("NOT proof of origin"), "{told}");
        assert!(!told.contains(": good"), "{told}");
    }
}

#[test]
fn one_bad_file_of_several_is_enough() {
    let place = Place::packed();
    place.write(XPI, flipped(&place.read(XPI), 40));
    let names = [ZIP, XPI, CRX].map(|name| format!("packages/{name}"));
    let output = place.run(&["verify", &names[0], &names[1], &names[2]]);
    refused(&output, &format!("{} is NOT good", names[1]));
}

#[test]
fn a_flipped_byte_is_refused_wherever_it_is() {
    let place = Place::packed();
    for name in [CRX, XPI, ZIP] {
        let bytes = place.read(name);
        for position in [0, bytes.len() / 3, bytes.len() / 2, bytes.len() - 1] {
            place.write(name, flipped(&bytes, position));
            refused(&place.verify(name), "its SHA-256 is not the one");
        }
        place.write(name, &bytes);
        good(&place.verify(name));
    }
    let sums = place.read(SUMS);
    place.write(SUMS, flipped(&sums, sums.len() / 2));
    for name in [SUMS, ZIP] {
        refused(&place.verify(name), "no good signature");
    }
    place.write(SUMS, sums);
    // In the packet's last byte, the signature's own; what stands around it in the armor is
    // nobody's statement.
    let signature = String::from_utf8(place.read(SIGNATURE)).unwrap();
    let end = signature.find("\n-----END").unwrap();
    let body_end = signature[..end].rfind("\n=").unwrap_or(end);
    place.write(SIGNATURE, flipped(signature.as_bytes(), body_end - 4));
    for name in [SUMS, ZIP] {
        refused(&place.verify(name), "the signature of SHA256SUMS");
    }
}

#[test]
fn damage_is_found_even_under_a_good_sum() {
    let place = Place::packed();
    let zip = place.read(ZIP);
    // The first bytes of compressed data: 30 bytes and the name stand before them.
    let name = b"Z.wasm";
    let data = 30 + name.len();
    assert_eq!(&zip[30..data], name);
    for position in data..data + 4 {
        place.write(ZIP, flipped(&zip, position));
        place.sum_anew("release.pgp");
        refused(&place.verify(ZIP), "Z.wasm is damaged");
    }
    place.write(ZIP, &zip[..zip.len() / 2]);
    place.sum_anew("release.pgp");
    refused(&place.verify(ZIP), "this is no readable zip");
}

#[test]
fn an_archive_that_no_package_of_ours_is_is_refused() {
    let place = Place::packed();
    for (names, reason) in [
        (&["a.js"][..], "it holds no manifest.json"),
        (
            &["manifest.json", "../a.js"],
            "which no package of ours does",
        ),
        (
            &["manifest.json", "icons/"],
            "which no package of ours does",
        ),
    ] {
        let mut archive = ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for name in names {
            let options =
                SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
            archive.start_file(*name, options).unwrap();
            archive.write_all(b"").unwrap();
        }
        place.write(ZIP, archive.finish().unwrap().into_inner());
        place.sum_anew("release.pgp");
        refused(&place.verify(ZIP), reason);
    }
}

#[test]
fn the_line_of_another_file_is_not_enough() {
    let place = Place::packed();
    // The same bytes, so that nothing but the name in the line tells them apart.
    place.write("letterlock-9.9.9.zip", place.read(ZIP));
    refused(
        &place.verify("letterlock-9.9.9.zip"),
        "its SHA-256 is not the one",
    );
    // The right names, each with the other's sum, under a good signature.
    let swapped = line(&place.read(XPI), ZIP) + &line(&place.read(ZIP), XPI);
    place.sign(&swapped, "release.pgp");
    good(&place.verify(SUMS));
    for name in [ZIP, XPI] {
        refused(&place.verify(name), "its SHA-256 is not the one");
    }
}

#[test]
fn what_sha256sums_does_not_name_is_refused() {
    let place = Place::packed();
    place.sign(&line(&place.read(ZIP), ZIP), "release.pgp");
    good(&place.verify(ZIP));
    for name in [CRX, XPI] {
        refused(&place.verify(name), "its SHA-256 is not the one");
    }
    // A name that only begins or ends like one that is there.
    place.write("9.zip", place.read(ZIP));
    place.sign(&line(&place.read(ZIP), "19.zip"), "release.pgp");
    refused(&place.verify("9.zip"), "its SHA-256 is not the one");
    place.sign(&line(b"text", "text.txt"), "release.pgp");
    place.write("text.txt", "text");
    refused(&place.verify("text.txt"), "packages end in");
}

#[test]
fn a_signature_by_another_key_is_refused() {
    let place = Place::packed();
    place.release_key("other.pgp", Profile::Compatible, BORN, 2);
    place.sum_anew("other.pgp");
    for name in [SUMS, ZIP] {
        refused(&place.verify(name), "no good signature");
        // The folder's own certificate is the right one still.
        refused(&place.verify_alone(name), "no good signature");
    }
    // Somebody else's release in all its parts: whole, but not ours.
    good(&place.package("built", "packages", COMMIT, "crx.pem", "other.pgp"));
    for name in [SUMS, ZIP] {
        refused(&place.verify(name), "no good signature");
        let told = good(&place.verify_alone(name));
        assert!(told.contains("NOT proof of origin"), "{told}");
    }
}

#[test]
fn nothing_is_checked_without_what_lies_beside() {
    for (missing, reason) in [
        (SUMS, "SHA256SUMS must lie beside it"),
        (SIGNATURE, "SHA256SUMS.asc must lie beside"),
    ] {
        let place = Place::packed();
        fs::remove_file(place.path("packages").join(missing)).unwrap();
        refused(&place.verify(ZIP), reason);
    }
    let place = Place::packed();
    fs::remove_file(place.path("packages").join(CERTIFICATE)).unwrap();
    refused(&place.verify_alone(ZIP), "cannot read");
    good(&place.verify(ZIP));
}
