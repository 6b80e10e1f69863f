//! Writes the keys, if there are none, and the first inputs of every target.

use std::{fs, io, path::Path};

use crypto_core::{
    ids::UnixTime,
    openpgp::{Profile, UserId, generate},
};
use fuzz::{TARGETS, parties};

fn main() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // Made once: older inputs are sealed to them.
    for (file, profile, name) in [
        ("ann-version-6.key", Profile::Modern, "Ann"),
        ("bob-version-4.key", Profile::Compatible, "Bob"),
    ] {
        let path = root.join("keys").join(file);
        if !path.exists() || fs::metadata(&path)?.len() == 0 {
            let id = UserId::new(name, format!("{name}@example.org").to_lowercase());
            let made = UnixTime(parties::NOW.0 - 86_400);
            let key = generate(profile, &[id], made, &mut parties::rng(name.len() as u64))
                .map_err(io::Error::other)?;
            fs::write(&path, key.secret.to_bytes())?;
        }
    }
    for target in TARGETS {
        let folder = root.join("corpus").join(target.name);
        fs::create_dir_all(&folder)?;
        for (index, seed) in (target.seeds)().into_iter().enumerate() {
            fs::write(folder.join(format!("seed-{index:02}")), seed)?;
        }
    }
    Ok(())
}
