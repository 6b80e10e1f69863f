//! A release rehearsed: packages are made twice and checked as those who get them would.
//!
//! What might make two packings differ: names and times in an archive (sorted, and one fixed
//! time); an RSA signature (PKCS #1 v1.5 draws nothing); the OpenPGP signature's nonce (Ed25519
//! takes it from key and message), salt (version 4 has none) and time. That time is the commit's,
//! or the key's birth where that is later, as for the keys made here; that it is the commit's for
//! an older key is tested in `extension/release`. Nothing is left out of the comparison: each
//! packing is a process of its own, into another folder and at a later second. Both start from one
//! build: that the compiler repeats itself is not looked at here.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result, bail, ensure};

use super::package;
use crate::{bindgen, build, paths, process, step};

const SUMS: &str = "SHA256SUMS";
const SIGNATURE: &str = "SHA256SUMS.asc";
/// What each packing brings beside those two and the certificate.
const ENDINGS: [&str; 3] = ["crx", "xpi", "zip"];

/// Rehearses a release of a built extension.
///
/// # Errors
///
/// When the extension must not be packed, two packings differ, a package is refused, or a
/// damaged one is not.
pub(crate) fn run(extension: &Path) -> Result<()> {
    package::build_program()?;
    let place = Place::new()?;
    let built = place.path("built");
    // A build that runs beside this one would be taken for a difference between two packings.
    copy(extension, &built)
        .with_context(|| format!("{} cannot be copied", paths::shown(extension)))?;
    package::check_built(&built)?;
    let (first, second) = (place.path("first"), place.path("second"));
    // Both before the first runs: they carry the time of one commit.
    let mut once = package::packing(&built, &first)?;
    let mut again = package::packing(&built, &second)?;
    let told = step::step("Packing once", || place.run(&mut once))?;
    print!("{told}");
    step::step("Packing again", || place.run(&mut again))?;
    step::step("Comparing the packages byte by byte", || {
        differ_in_time(&first, &second)?;
        compare(&read(&first)?, &read(&second)?)
    })?;
    step::step("Comparing their sizes with the budgets", || {
        super::size::check_packages(&first)
    })?;
    let packages = packages(&second)?;
    // From the key and not from beside the packages, where it would prove nothing.
    let certificate = place.path("certificate.asc");
    fs::write(&certificate, place.run(&mut package::certificate())?)?;
    step::step("Verifying the packages", || {
        for file in packages.iter().chain([&second.join(SUMS)]) {
            place.run(&mut verifying(file, &certificate))?;
        }
        Ok(())
    })?;
    step::step("Verifying them with one byte flipped", || {
        for file in &packages {
            refuses(&place, file, file, &certificate)?;
        }
        let sums = second.join(SUMS);
        refuses(&place, &sums, &sums, &certificate)?;
        refuses(&place, &second.join(SIGNATURE), &sums, &certificate)
    })
}

/// A folder outside the repository, with keys that are thrown away with it.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        // A key must not get where a commit might pick it up.
        ensure!(
            !folder
                .path()
                .canonicalize()?
                .starts_with(paths::root().canonicalize()?),
            "temporary files lie in the repository ({}); set TMPDIR to another place",
            folder.path().display()
        );
        Ok(Self(folder))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Has the program use the keys here, which it makes when it first asks for them.
    fn with_keys<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("XDG_DATA_HOME", self.path("keys"))
            .env_remove("LETTERLOCK_CRX_KEY")
            .env_remove("LETTERLOCK_RELEASE_KEY")
            // What fails is told in words; a stack of frames would bury it.
            .env("RUST_LIB_BACKTRACE", "0")
    }

    /// What the program prints, which is shown only when it fails.
    fn run(&self, command: &mut Command) -> Result<String> {
        let finished = process::capture(self.with_keys(command), package::LIMIT)?;
        if !finished.status.success() {
            bail!("{}{}", finished.stdout, finished.stderr);
        }
        Ok(finished.stdout)
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for path in bindgen::sorted(from)? {
        let copied = to.join(build::file_name(&path)?);
        if path.is_dir() {
            copy(&path, &copied)?;
        } else {
            fs::copy(&path, copied)?;
        }
    }
    Ok(())
}

fn verifying(file: &Path, certificate: &Path) -> Command {
    let mut verifying = package::verifying(&[file.to_owned()]);
    verifying.arg("--certificate").arg(certificate);
    verifying
}

/// That a file is refused while one byte of `changed` is another.
fn refuses(place: &Place, changed: &Path, file: &Path, certificate: &Path) -> Result<()> {
    let whole = fs::read(changed)?;
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    *flipped.get_mut(middle).context("an empty file")? ^= 1;
    fs::write(changed, flipped)?;
    let mut verifying = verifying(file, certificate);
    let finished = process::capture(place.with_keys(&mut verifying), package::LIMIT)?;
    fs::write(changed, whole)?;
    // Refused, and not failed for another reason.
    if finished.status.success() || !finished.stderr.contains("is NOT good") {
        bail!(
            "byte {middle} of {} was changed, and of {} was said:\n{}{}",
            changed.display(),
            file.display(),
            finished.stdout,
            finished.stderr
        );
    }
    Ok(())
}

/// Two packings in the same second would be alike even if they carried the time.
fn differ_in_time(first: &Path, second: &Path) -> Result<()> {
    let made = |folder: &Path| -> Result<u64> {
        let time = fs::metadata(folder.join(SIGNATURE))?.modified()?;
        Ok(time.duration_since(UNIX_EPOCH)?.as_secs())
    };
    ensure!(
        made(first)? < made(second)?,
        "both were packed in the same second, so comparing them proves less"
    );
    Ok(())
}

fn read(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    bindgen::sorted(folder)?
        .into_iter()
        .map(|path| Ok((build::file_name(&path)?, fs::read(&path)?)))
        .collect()
}

fn compare(first: &BTreeMap<String, Vec<u8>>, second: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    let mut problems = Vec::new();
    for name in first.keys().chain(second.keys()) {
        let problem = match (first.get(name), second.get(name)) {
            (Some(one), Some(other)) if one == other => continue,
            (Some(one), Some(other)) => {
                let same = one.iter().zip(other).take_while(|(a, b)| a == b).count();
                format!("{name} differs from byte {same} on")
            }
            _ => format!("{name} was made only once"),
        };
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
    if !problems.is_empty() {
        bail!("two packings differ:\n  {}", problems.join("\n  "));
    }
    Ok(())
}

/// The packages of a folder: one of each kind, or something was not made at all.
fn packages(folder: &Path) -> Result<Vec<PathBuf>> {
    let all = bindgen::sorted(folder)?;
    ENDINGS
        .iter()
        .map(|ending| {
            let mut found = all
                .iter()
                .filter(|path| path.extension().is_some_and(|found| found == *ending));
            let package = found
                .next()
                .with_context(|| format!("no .{ending} was made"))?;
            ensure!(found.next().is_none(), "more than one .{ending} was made");
            Ok(package.clone())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> BTreeMap<String, Vec<u8>> {
        files
            .iter()
            .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()))
            .collect()
    }

    #[test]
    fn every_difference_is_told_once() {
        let first = folder(&[("a.zip", "same"), ("b", "one"), ("c", "ab"), ("d", "")]);
        assert!(compare(&first, &first).is_ok());
        let second = folder(&[("a.zip", "same"), ("b", "ono"), ("c", "a"), ("e", "")]);
        let told = compare(&first, &second).unwrap_err().to_string();
        assert_eq!(
            told.lines().skip(1).map(str::trim).collect::<Vec<_>>(),
            [
                "b differs from byte 2 on",
                "c differs from byte 1 on",
                "d was made only once",
                "e was made only once",
            ]
        );
    }

    #[test]
    fn each_kind_of_package_must_be_there_once() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| fs::write(folder.path().join(name), "").unwrap();
        write("a.crx");
        write("a.zip");
        assert!(packages(folder.path()).is_err());
        write("a.xpi");
        assert_eq!(packages(folder.path()).unwrap().len(), 3);
        write("b.zip");
        assert!(packages(folder.path()).is_err());
    }
}
