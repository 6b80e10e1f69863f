//! A place with a small extension and keys, and the program that works there.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use crypto_core::{
    ids::UnixTime,
    openpgp::{Profile, SecretCertificate, UserId, generate},
};
use rand::{SeedableRng, rngs::StdRng};
use rsa::{
    RsaPrivateKey,
    pkcs8::{EncodePrivateKey, LineEnding},
};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// When the OpenPGP keys are born, and two commits after that.
pub(crate) const BORN: u64 = 1_700_000_000;
pub(crate) const COMMIT: u64 = 1_750_000_000;
pub(crate) const LATER: u64 = 1_760_000_000;

pub(crate) const CRX: &str = "letterlock-1.2.3.crx";
pub(crate) const XPI: &str = "letterlock-1.2.3.xpi";
pub(crate) const ZIP: &str = "letterlock-1.2.3.zip";
pub(crate) const SUMS: &str = "SHA256SUMS";
pub(crate) const SIGNATURE: &str = "SHA256SUMS.asc";
pub(crate) const CERTIFICATE: &str = "release-key.asc";

/// What is packed; names that a folder hardly lists in this order.
pub(crate) const FILES: [(&str, &str); 8] = [
    ("z.js", "last of all"),
    ("manifest.json", r#"{ "version": "1.2.3" }"#),
    ("icons/b/16.png", "a picture"),
    ("a.js", "first"),
    ("icons/a.svg", "<svg/>"),
    ("page.html", "<p>page</p>"),
    ("_locales/en/messages.json", "{}"),
    ("Z.wasm", "capitals come before small letters"),
];

/// A folder of its own with keys; nothing of the user's is read or written.
pub(crate) struct Place(TempDir);

impl Place {
    /// With the built extension in `built`, and the keys `crx.pem` and `release.pgp`.
    pub(crate) fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        place.build("built", &FILES);
        fs::write(place.path("crx.pem"), pem(&rsa_key(1))).unwrap();
        place.release_key("release.pgp", Profile::Compatible, BORN, 1);
        place
    }

    /// With the packages of that in `packages` as well.
    pub(crate) fn packed() -> Self {
        let place = Self::new();
        good(&place.package("built", "packages", COMMIT, "crx.pem", "release.pgp"));
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes both families' folders, file by file in the given order.
    pub(crate) fn build(&self, name: &str, files: &[(&str, &str)]) {
        // The families differ, or one's package could stand for the other's.
        for (family, end) in [("chromium", "\n"), ("firefox", "\n\n")] {
            for (file, text) in files {
                let path = self.path(name).join(family).join(file);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, format!("{text}{end}")).unwrap();
            }
        }
    }

    pub(crate) fn release_key(
        &self,
        name: &str,
        profile: Profile,
        born: u64,
        seed: u64,
    ) -> SecretCertificate {
        let id = UserId::new("Test releases", "");
        let mut rng = StdRng::seed_from_u64(seed);
        let key = generate(profile, &[id], UnixTime(born), &mut rng).unwrap();
        fs::write(self.path(name), key.secret.to_bytes()).unwrap();
        key.secret
    }

    /// The program, which then finds no keys but those it is told of.
    pub(crate) fn program(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ext-release"));
        command
            .current_dir(self.0.path())
            .env("XDG_DATA_HOME", self.path("data"))
            .env_remove("LETTERLOCK_CRX_KEY")
            .env_remove("LETTERLOCK_RELEASE_KEY");
        command
    }

    pub(crate) fn run(&self, arguments: &[impl AsRef<OsStr>]) -> Output {
        self.program().args(arguments).output().unwrap()
    }

    pub(crate) fn package(
        &self,
        from: &str,
        out: &str,
        time: u64,
        crx_key: &str,
        release_key: &str,
    ) -> Output {
        let time = time.to_string();
        self.run(&[
            "package",
            "--from",
            from,
            "--out",
            out,
            "--time",
            &time,
            "--crx-key",
            crx_key,
            "--openpgp-key",
            release_key,
        ])
    }

    /// Checks a file of `packages` by the certificate of `release.pgp`.
    pub(crate) fn verify(&self, name: &str) -> Output {
        let certificate = self.certificate("release.pgp");
        let certificate = certificate.to_str().unwrap();
        self.run(&["verify", "--certificate", certificate, &packaged(name)])
    }

    /// Checks it as somebody does who has nothing but the folder.
    pub(crate) fn verify_alone(&self, name: &str) -> Output {
        self.run(&["verify", &packaged(name)])
    }

    /// A key's certificate, from the key itself and not from beside the packages.
    pub(crate) fn certificate(&self, key: &str) -> PathBuf {
        let path = self.path(&format!("{key}.cert"));
        if !path.exists() {
            let made = self.run(&["certificate", "--openpgp-key", key]);
            fs::write(&path, good(&made)).unwrap();
        }
        path
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(&packaged(name))).unwrap()
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(&packaged(name)), bytes).unwrap();
    }

    /// Writes the sums of what lies in `packages` now and signs them: what is refused after this
    /// is refused for itself, not because SHA256SUMS is old.
    pub(crate) fn sum_anew(&self, key: &str) {
        let mut sums = String::new();
        for name in [CRX, XPI, ZIP] {
            sums.push_str(&line(&self.read(name), name));
        }
        self.sign(&sums, key);
    }

    /// Writes and signs SHA256SUMS.
    pub(crate) fn sign(&self, sums: &str, key: &str) {
        self.write(SUMS, sums);
        let time = COMMIT.to_string();
        let file = packaged(SUMS);
        good(&self.run(&["sign", "--openpgp-key", key, "--time", &time, &file]));
    }
}

fn packaged(name: &str) -> String {
    format!("packages/{name}")
}

/// A line of SHA256SUMS, as sha256sum writes it.
pub(crate) fn line(bytes: &[u8], name: &str) -> String {
    let sum = data_encoding::HEXLOWER.encode(&Sha256::digest(bytes));
    format!("{sum}  {name}\n")
}

/// 1024 bits only so that the tests are quick.
pub(crate) fn rsa_key(seed: u64) -> RsaPrivateKey {
    RsaPrivateKey::new(&mut StdRng::seed_from_u64(seed), 1024).unwrap()
}

pub(crate) fn pem(key: &RsaPrivateKey) -> String {
    key.to_pkcs8_pem(LineEnding::LF).unwrap().to_string()
}

/// What the program printed when all was well.
#[track_caller]
pub(crate) fn good(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// It was refused, and for this reason: another failure would prove nothing.
#[track_caller]
pub(crate) fn refused(output: &Output, reason: &str) {
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "accepted, not: {reason}");
    assert!(told.contains(reason), "not told {reason:?}, but: {told}");
}

/// All files of a folder, by name.
pub(crate) fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, fs::read(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

/// The names of the files that differ between two folders.
pub(crate) fn differing(one: &Path, other: &Path) -> Vec<String> {
    let (one, other) = (contents(one), contents(other));
    let names = |files: &[(String, Vec<u8>)]| -> Vec<String> {
        files.iter().map(|(name, _)| name.clone()).collect()
    };
    assert_eq!(names(&one), names(&other));
    one.into_iter()
        .zip(other)
        .filter(|(one, other)| one != other)
        .map(|((name, _), _)| name)
        .collect()
}

/// A copy with another byte at this place.
pub(crate) fn flipped(bytes: &[u8], position: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[position] ^= 1;
    bytes
}

/// Where the one place is that holds these bytes.
pub(crate) fn find(bytes: &[u8], part: &[u8]) -> usize {
    let mut places = bytes
        .windows(part.len())
        .enumerate()
        .filter(|(_, window)| *window == part)
        .map(|(position, _)| position);
    let place = places.next().unwrap();
    assert_eq!(places.next(), None, "they stand there twice");
    place
}
