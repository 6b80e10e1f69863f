//! The engine that needs nothing but the processor: RustCrypto's newest generation.

use zeroize::Zeroizing;

use super::{BLOCK_LEN, BulkEngine, BulkError, ChunkStream, Cipher, HashKind, Hasher, aes_modes};

/// Computes everything at once, on the thread that asks.
///
/// It is the engine of servers and tests, and the fallback within browsers' engines: its futures
/// never wait.
#[derive(Clone, Copy, Debug, Default)]
pub struct NativeEngine;

impl NativeEngine {
    /// Hashes the concatenation of `parts` without waiting.
    pub fn hash_now(kind: HashKind, parts: &[&[u8]]) -> Vec<u8> {
        let mut hasher = Hasher::new(kind);
        for part in parts {
            hasher.update(part);
        }
        hasher.finish()
    }
}

impl BulkEngine for NativeEngine {
    async fn seal_chunks(
        &self,
        stream: &ChunkStream<'_>,
        first_index: u64,
        plaintext: &[u8],
        output: &mut Vec<u8>,
    ) -> Result<(), BulkError> {
        aes_modes::seal_chunks(stream, first_index, plaintext, output)
    }

    async fn open_chunks(
        &self,
        stream: &ChunkStream<'_>,
        first_index: u64,
        ciphertext: &[u8],
        output: &mut Zeroizing<Vec<u8>>,
    ) -> Result<(), BulkError> {
        aes_modes::open_chunks(stream, first_index, ciphertext, output)
    }

    async fn cfb_encrypt(
        &self,
        cipher: Cipher,
        key: &[u8],
        iv: &[u8; BLOCK_LEN],
        buffer: &mut [u8],
    ) -> Result<(), BulkError> {
        aes_modes::cfb_encrypt(cipher, key, iv, buffer)
    }

    async fn cfb_decrypt(
        &self,
        cipher: Cipher,
        key: &[u8],
        iv: &[u8; BLOCK_LEN],
        buffer: &mut [u8],
    ) -> Result<(), BulkError> {
        aes_modes::cfb_decrypt(cipher, key, iv, buffer)
    }

    async fn hash(&self, kind: HashKind, parts: &[&[u8]]) -> Result<Vec<u8>, BulkError> {
        Ok(Self::hash_now(kind, parts))
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;
    use futures::executor::block_on;

    use super::*;
    use crate::bulk::{AeadMode, tag_of_nothing};

    fn hex(text: &str) -> Vec<u8> {
        let digits: String = text.split_whitespace().collect();
        HEXLOWER.decode(digits.as_bytes()).unwrap()
    }

    #[test]
    fn abc_has_its_published_hashes() {
        // FIPS 180-4 and FIPS 202, example values; their beginnings tell the algorithms apart.
        for (kind, length, beginning) in [
            (HashKind::Sha1, 20, "a9993e364706816aba3e25717850c26c"),
            (HashKind::Sha224, 28, "23097d223405d8228642a477bda255b3"),
            (HashKind::Sha256, 32, "ba7816bf8f01cfea414140de5dae2223"),
            (HashKind::Sha384, 48, "cb00753f45a35e8bb5a03d699ac65007"),
            (HashKind::Sha512, 64, "ddaf35a193617abacc417349ae204131"),
            (HashKind::Sha3_256, 32, "3a985da74fe225b2045c172d6bd390bd"),
            (HashKind::Sha3_512, 64, "b751850b1a57168a5693cd924b6b096e"),
        ] {
            let digest = NativeEngine::hash_now(kind, &[b"a", b"", b"bc"]);
            assert_eq!(digest.len(), length);
            assert!(digest.starts_with(&hex(beginning)), "{kind:?}");
        }
    }

    #[test]
    fn cfb_is_that_of_sp_800_38a() {
        // Section F.3.17, CFB128-AES256.
        let key = hex("603deb1015ca71be2b73aef0857d7781 1f352c073b6108d72d9810a30914dff4");
        let iv: [u8; 16] = hex("000102030405060708090a0b0c0d0e0f").try_into().unwrap();
        let plaintext = hex(
            "6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51
             30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710",
        );
        let ciphertext = hex(
            "dc7e84bfda79164b7ecd8486985d3860 39ffed143b28b1c832113c6331e5407b
             df10132415e54b92a13ed0a8267ae2f9 75a385741ab9cef82031623d55b1e471",
        );
        let mut buffer = plaintext.clone();
        block_on(NativeEngine.cfb_encrypt(Cipher::Aes256, &key, &iv, &mut buffer)).unwrap();
        assert_eq!(buffer, ciphertext);
        block_on(NativeEngine.cfb_decrypt(Cipher::Aes256, &key, &iv, &mut buffer)).unwrap();
        assert_eq!(buffer, plaintext);
    }

    #[test]
    fn gcm_is_that_of_its_submission_to_nist() {
        // Test case 16; the nonce is our prefix and index put together.
        let key = hex("feffe9928665731c6d6a8f9467308308 feffe9928665731c6d6a8f9467308308");
        let stream = ChunkStream {
            cipher: Cipher::Aes256,
            mode: AeadMode::Gcm,
            key: &key,
            nonce_prefix: &hex("cafebabe"),
            associated_data: &hex("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
            chunk_len: 64,
        };
        let plaintext = hex(
            "d9313225f88406e5a55909c5aff5269a 86a7a9531534f7da2e4c303d8a318a72
             1c3c0c95956809532fcf0e2449a6b525 b16aedf5aa0de657ba637b39",
        );
        let sealed = hex(
            "522dc1f099567d07f47f37a32a84427d 643a8cdcbfe5c0c97598a2bd2555d1aa
             8cb08e48590dbb3da7b08b1056828838 c5f61e6393ba7a0abcc9f662
             76fc6ece0f4e1768cddf8853bb2d551b",
        );
        let mut output = Vec::new();
        let index = 0xface_dbad_deca_f888;
        block_on(NativeEngine.seal_chunks(&stream, index, &plaintext, &mut output)).unwrap();
        assert_eq!(output, sealed);
    }

    #[test]
    fn the_tag_of_nothing_depends_on_place_and_data() {
        // Whole OCB and EAX messages are checked against the samples of RFC 9580.
        let stream = ChunkStream {
            cipher: Cipher::Aes128,
            mode: AeadMode::Ocb,
            key: &[1; 16],
            nonce_prefix: &[2; 7],
            associated_data: b"other",
            chunk_len: 64,
        };
        let one = tag_of_nothing(&stream, 1, b"data").unwrap();
        assert_eq!(one, tag_of_nothing(&stream, 1, b"data").unwrap());
        assert_ne!(one, tag_of_nothing(&stream, 2, b"data").unwrap());
        assert_ne!(one, tag_of_nothing(&stream, 1, b"Data").unwrap());
    }
}
