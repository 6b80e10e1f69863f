//! Argon2id in a WebAssembly module of its own, without imports.
//!
//! Memory that a module has grown is never given back while it lives, and the background lives
//! long: so the 64 MiB of a passphrase are asked of a module that is instantiated for one
//! passphrase and dropped. What it computes is what `crypto_core::kdf` computes; a test says so.
//!
//! The caller writes salt (16 bytes) and passphrase (UTF-8) to [`input`], calls [`stretch`], and
//! reads 32 bytes.

use std::sync::Mutex;

use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

/// Bytes of the salt.
const SALT: usize = 16;

static INPUT: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static OUTPUT: Mutex<[u8; 32]> = Mutex::new([0; 32]);

/// Makes room for salt and passphrase, and says where.
#[allow(
    unsafe_code,
    reason = "exported under its own name; nothing in it is unsafe"
)]
#[unsafe(no_mangle)]
pub extern "C" fn input(length: usize) -> *mut u8 {
    let Ok(mut input) = INPUT.lock() else {
        return std::ptr::null_mut();
    };
    *input = vec![0; length];
    input.as_mut_ptr()
}

/// Stretches what lies at [`input`]; memory in KiB. Says where 32 bytes are, or null when the
/// cost is no cost of Argon2id or the memory cannot be had.
#[allow(
    unsafe_code,
    reason = "exported under its own name; nothing in it is unsafe"
)]
#[unsafe(no_mangle)]
pub extern "C" fn stretch(memory_kib: u32, passes: u32, lanes: u32) -> *const u8 {
    let null = std::ptr::null();
    let (Ok(mut input), Ok(mut output)) = (INPUT.lock(), OUTPUT.lock()) else {
        return null;
    };
    let input = Zeroizing::new(std::mem::take(&mut *input));
    let Some((salt, passphrase)) = input.split_at_checked(SALT) else {
        return null;
    };
    let Ok(params) = Params::new(memory_kib, passes, lanes, Some(output.len())) else {
        return null;
    };
    match Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into(
        passphrase,
        salt,
        output.as_mut_slice(),
    ) {
        Ok(()) => output.as_ptr(),
        Err(_) => null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crypto_core::{
        kdf::{KdfParameters, derive_stretched_key},
        secret::Passphrase,
    };

    /// What the browser's side does, without its pointers.
    fn here(passphrase: &str, salt: &[u8; 16], kdf: &KdfParameters) -> Option<[u8; 32]> {
        assert!(!input(SALT + passphrase.len()).is_null());
        {
            let mut input = INPUT.lock().unwrap();
            input[..SALT].copy_from_slice(salt);
            input[SALT..].copy_from_slice(passphrase.as_bytes());
        }
        let at = stretch(kdf.memory_kib(), kdf.passes(), kdf.lanes());
        (!at.is_null()).then(|| *OUTPUT.lock().unwrap())
    }

    #[test]
    fn it_computes_what_the_core_computes() {
        let kdf = KdfParameters::new(32 * 1024, 4, 1).unwrap();
        for passphrase in ["correct horse battery staple", "", "pässwörd \u{1f9c5}"] {
            let core = derive_stretched_key(&Passphrase::new(passphrase.into()), &[7; 16], &kdf);
            let here = here(passphrase, &[7; 16], &kdf);
            assert_eq!(here.as_ref(), Some(core.unwrap().expose()), "{passphrase}");
        }
    }

    #[test]
    fn nonsense_is_null() {
        assert!(stretch(0, 0, 0).is_null());
        input(3);
        assert!(stretch(32 * 1024, 4, 1).is_null());
    }
}
