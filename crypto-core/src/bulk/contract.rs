//! What every engine must do, as a suite to run on each of them.
//!
//! The suite panics where an engine breaks the contract. It compares with [`NativeEngine`] at
//! sizes around blocks, chunks and the thresholds at which engines change their ways; published
//! vectors for the native engine itself stand in its own tests.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "test support: a broken contract is reported by panicking"
)]

use zeroize::Zeroizing;

use super::{
    AeadMode, BLOCK_LEN, BulkEngine, BulkError, ChunkStream, Cipher, HashKind, Hasher, NativeEngine,
};

const CIPHERS: [Cipher; 3] = [Cipher::Aes128, Cipher::Aes192, Cipher::Aes256];
const MODES: [AeadMode; 3] = [AeadMode::Eax, AeadMode::Ocb, AeadMode::Gcm];
const HASHES: [HashKind; 7] = [
    HashKind::Sha1,
    HashKind::Sha224,
    HashKind::Sha256,
    HashKind::Sha384,
    HashKind::Sha512,
    HashKind::Sha3_256,
    HashKind::Sha3_512,
];

/// Runs the whole suite.
pub async fn check(engine: &impl BulkEngine) {
    check_chunks(engine).await;
    check_faults(engine).await;
    check_cfb(engine).await;
    check_hashes(engine).await;
}

fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i * 31 % 251) as u8).collect()
}

/// Chunks are what the native engine makes of them, appended, and come back.
pub async fn check_chunks(engine: &impl BulkEngine) {
    for cipher in CIPHERS {
        for mode in MODES {
            let key = bytes(cipher.key_len());
            let prefix = vec![3; mode.nonce_len() - 8];
            for (chunk_len, size) in [
                (64, 0),
                (64, 1),
                (64, 64),
                (64, 65),
                (64, 1000),
                (4096, 40_000),
                (1 << 18, (1 << 18) - 1),
                (1 << 18, (1 << 18) * 3 + 17),
                // More chunks than are under way at a time.
                (1 << 15, 700_000),
                (1 << 22, 200_000),
            ] {
                let stream = ChunkStream {
                    cipher,
                    mode,
                    key: &key,
                    nonce_prefix: &prefix,
                    associated_data: &[0xd2, 2, 9, 2, 12],
                    chunk_len,
                };
                let plaintext = bytes(size);
                let mut sealed = vec![42];
                let mut expected = vec![42];
                engine
                    .seal_chunks(&stream, 5, &plaintext, &mut sealed)
                    .await
                    .unwrap();
                NativeEngine
                    .seal_chunks(&stream, 5, &plaintext, &mut expected)
                    .await
                    .unwrap();
                assert!(sealed == expected, "{cipher:?} {mode:?} {chunk_len} {size}");
                let chunks = size.div_ceil(chunk_len);
                assert_eq!(sealed.len(), 1 + size + chunks * BLOCK_LEN);
                let mut opened = Zeroizing::new(vec![42]);
                engine
                    .open_chunks(&stream, 5, &sealed[1..], &mut opened)
                    .await
                    .unwrap();
                assert!(
                    opened[1..] == plaintext,
                    "{cipher:?} {mode:?} {chunk_len} {size}"
                );
            }
        }
    }
}

/// Nothing is released when a tag is wrong, and impossible lengths are refused.
pub async fn check_faults(engine: &impl BulkEngine) {
    for mode in MODES {
        let key = bytes(32);
        let prefix = vec![3; mode.nonce_len() - 8];
        let stream = ChunkStream {
            cipher: Cipher::Aes256,
            mode,
            key: &key,
            nonce_prefix: &prefix,
            associated_data: b"data",
            chunk_len: 1 << 15,
        };
        let plaintext = bytes(100_000);
        let mut sealed = Vec::new();
        engine
            .seal_chunks(&stream, 0, &plaintext, &mut sealed)
            .await
            .unwrap();
        let refuse = async |stream: &ChunkStream<'_>, first, sealed: &[u8]| {
            let mut opened = Zeroizing::new(vec![42]);
            let answer = engine.open_chunks(stream, first, sealed, &mut opened).await;
            assert_eq!(answer, Err(BulkError::Authentication), "{mode:?}");
            assert_eq!(opened.as_slice(), [42]);
        };
        // The last chunk, the first chunk, a tag; another place, other data; cut.
        for place in [sealed.len() - 20, 0, (1 << 15) + 3, sealed.len() - 1] {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            refuse(&stream, 0, &changed).await;
        }
        refuse(&stream, 1, &sealed).await;
        refuse(&stream, 0, &sealed[..sealed.len() - 1]).await;
        refuse(&stream, 0, &sealed[..15]).await;
        let other = ChunkStream {
            associated_data: b"Data",
            ..stream
        };
        refuse(&other, 0, &sealed).await;

        let short = ChunkStream {
            key: &key[1..],
            ..stream
        };
        let mut output = Vec::new();
        let answer = engine.seal_chunks(&short, 0, b"x", &mut output).await;
        assert_eq!((answer, output.len()), (Err(BulkError::Length), 0));
    }
}

/// CFB is the native engine's, goes on from any block, and comes back.
pub async fn check_cfb(engine: &impl BulkEngine) {
    for cipher in CIPHERS {
        let key = bytes(cipher.key_len());
        for size in [
            0,
            1,
            15,
            16,
            17,
            38,
            4096,
            70_001,
            (1 << 20) - 1,
            1 << 20,
            (2 << 20) + 33,
        ] {
            let plaintext = bytes(size);
            let iv = [7; BLOCK_LEN];
            let (mut ours, mut theirs) = (plaintext.clone(), plaintext.clone());
            engine
                .cfb_encrypt(cipher, &key, &iv, &mut ours)
                .await
                .unwrap();
            NativeEngine
                .cfb_encrypt(cipher, &key, &iv, &mut theirs)
                .await
                .unwrap();
            assert!(ours == theirs, "{cipher:?} {size}");
            engine
                .cfb_decrypt(cipher, &key, &iv, &mut ours)
                .await
                .unwrap();
            assert!(ours == plaintext, "{cipher:?} {size}");
            if size > 2 * BLOCK_LEN {
                let (front, rest) = plaintext.split_at(BLOCK_LEN);
                let next: [u8; BLOCK_LEN] = theirs[..BLOCK_LEN].try_into().unwrap();
                let (mut front, mut rest) = (front.to_vec(), rest.to_vec());
                engine
                    .cfb_encrypt(cipher, &key, &iv, &mut front)
                    .await
                    .unwrap();
                engine
                    .cfb_encrypt(cipher, &key, &next, &mut rest)
                    .await
                    .unwrap();
                assert!([front, rest].concat() == theirs, "{cipher:?} {size}");
            }
        }
        let short = engine
            .cfb_encrypt(cipher, &key[1..], &[0; BLOCK_LEN], &mut [0; 4])
            .await;
        assert_eq!(short, Err(BulkError::Length));
    }
}

/// Parts are hashed as if they were one, at any size, and as in pieces.
pub async fn check_hashes(engine: &impl BulkEngine) {
    for kind in HASHES {
        for size in [0, 1, 1000, 70_000, 300_000] {
            let whole = bytes(size);
            let (a, b) = whole.split_at(size / 3);
            let parted = engine.hash(kind, &[a, &[], b]).await.unwrap();
            let expected = NativeEngine::hash_now(kind, &[&whole]);
            let mut hasher = Hasher::new(kind);
            for piece in whole.chunks(777) {
                hasher.update(piece);
            }
            assert!(hasher.finish() == expected, "{kind:?} {size}");
            assert!(parted == expected, "{kind:?} {size}");
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;

    #[test]
    fn the_native_engine_keeps_the_contract() {
        block_on(check(&NativeEngine));
    }
}
