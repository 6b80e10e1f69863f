//! OCB (RFC 7253) over many blocks at a time.
//!
//! The mode needs the block cipher for each block independently, and in WebAssembly the `aes`
//! crate computes four blocks together in little more than the time of one. The `ocb3` crate hands
//! it one block after another, which costs four fifths of the speed; the tests compare the two.
//!
//! What depends on the key alone (the table of doubled blocks, the hash of the associated data
//! that all chunks of a stream share) is computed once a stream.

use aes::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit, consts::U16};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use super::{BLOCK_LEN, BulkError};

type Block = Array<u8, U16>;

/// Blocks that are given to the cipher together: a multiple of every backend's width, small
/// enough that they and their offsets stay in the nearest cache.
const BATCH: usize = 64;
/// Entries of the table: enough for 2^32 blocks, more than any chunk holds.
const TABLE: usize = 32;

/// AES in OCB mode with tags of 16 bytes, for one key and one piece of associated data.
pub(super) struct Ocb<C> {
    cipher: C,
    /// `L_*` and `L_$` of the RFC.
    star: Zeroizing<u128>,
    dollar: Zeroizing<u128>,
    /// `L_0`, `L_1`, ...
    table: Zeroizing<[u128; TABLE]>,
    /// `HASH(K, A)`.
    hashed: Zeroizing<u128>,
}

impl<C> Ocb<C>
where
    C: KeyInit + BlockCipherEncrypt<BlockSize = U16> + BlockCipherDecrypt,
{
    /// Prepares for a key and the associated data of all that follows.
    ///
    /// # Errors
    /// [`BulkError::Length`] if the key has not the cipher's length.
    pub(super) fn new(key: &[u8], associated_data: &[u8]) -> Result<Self, BulkError> {
        let cipher = C::new_from_slice(key).map_err(|_| BulkError::Length)?;
        let star = encrypt_one(&cipher, 0);
        let dollar = double(star);
        let mut table = Zeroizing::new([0; TABLE]);
        let mut last = dollar;
        for entry in table.iter_mut() {
            last = double(last);
            *entry = last;
        }
        let mut ocb = Self {
            cipher,
            star: Zeroizing::new(star),
            dollar: Zeroizing::new(dollar),
            table,
            hashed: Zeroizing::new(0),
        };
        ocb.set_associated_data(associated_data);
        Ok(ocb)
    }

    /// Changes the associated data.
    pub(super) fn set_associated_data(&mut self, associated_data: &[u8]) {
        let mut offset = 0;
        let mut sum = 0;
        let mut blocks = associated_data.chunks_exact(BLOCK_LEN);
        for (block, number) in (&mut blocks).zip(1u64..) {
            offset ^= self.entry(number);
            sum ^= encrypt_one(&self.cipher, load(block) ^ offset);
        }
        let rest = blocks.remainder();
        if !rest.is_empty() {
            sum ^= encrypt_one(&self.cipher, padded(rest) ^ offset ^ *self.star);
        }
        *self.hashed = sum;
    }

    /// Encrypts in place and returns the tag.
    ///
    /// # Errors
    /// [`BulkError::Length`] if the nonce is empty or longer than 15 bytes.
    pub(super) fn seal(
        &self,
        nonce: &[u8],
        buffer: &mut [u8],
    ) -> Result<[u8; BLOCK_LEN], BulkError> {
        let mut run = Run::begin(self, nonce)?;
        let (blocks, rest) = Block::slice_as_chunks_mut(buffer);
        for batch in blocks.chunks_mut(BATCH) {
            run.checksum(batch);
            run.mask(self, batch);
            self.cipher.encrypt_blocks(batch);
            run.unmask(batch);
        }
        if !rest.is_empty() {
            run.checksum ^= padded(rest);
            run.last(self, rest);
        }
        Ok(run.tag(self))
    }

    /// Decrypts in place, and tells whether the tag is right.
    ///
    /// # Errors
    /// [`BulkError::Authentication`] if it is not; the buffer then holds what the caller must
    /// wipe. [`BulkError::Length`] as above.
    pub(super) fn open(
        &self,
        nonce: &[u8],
        buffer: &mut [u8],
        tag: &[u8; BLOCK_LEN],
    ) -> Result<(), BulkError> {
        let mut run = Run::begin(self, nonce)?;
        let (blocks, rest) = Block::slice_as_chunks_mut(buffer);
        for batch in blocks.chunks_mut(BATCH) {
            run.mask(self, batch);
            self.cipher.decrypt_blocks(batch);
            run.unmask(batch);
            run.checksum(batch);
        }
        if !rest.is_empty() {
            run.last(self, rest);
            run.checksum ^= padded(rest);
        }
        if bool::from(run.tag(self).ct_eq(tag)) {
            Ok(())
        } else {
            Err(BulkError::Authentication)
        }
    }

    /// `L_{ntz(i)}`; the index depends on a block's place alone, not on any secret.
    fn entry(&self, number: u64) -> u128 {
        let index = usize::try_from(number.trailing_zeros()).unwrap_or(TABLE);
        self.table.get(index).copied().unwrap_or_default()
    }
}

/// What changes from block to block of one message.
struct Run {
    number: u64,
    offset: u128,
    checksum: u128,
    /// The offsets of the batch under way.
    offsets: [u128; BATCH],
}

impl Run {
    /// Section 4.2, nonce-dependent variables.
    fn begin<C>(ocb: &Ocb<C>, nonce: &[u8]) -> Result<Self, BulkError>
    where
        C: BlockCipherEncrypt<BlockSize = U16>,
    {
        if nonce.is_empty() || nonce.len() >= BLOCK_LEN {
            return Err(BulkError::Length);
        }
        let mut whole = 1;
        for byte in nonce {
            whole = (whole << 8) | u128::from(*byte);
        }
        let bottom = u32::from(whole as u8 & 0x3f);
        let top = u128::from_be(encrypt_one(&ocb.cipher, (whole & !0x3f).to_be()));
        let stretch = (top ^ (top << 8)) >> 64;
        // `bottom` is less than 64, and `stretch` has 64 bits.
        let offset = (top << bottom) | ((stretch << bottom) >> 64);
        Ok(Self {
            number: 0,
            offset: offset.to_be(),
            checksum: 0,
            offsets: [0; BATCH],
        })
    }

    fn checksum(&mut self, batch: &[Block]) {
        for block in batch {
            self.checksum ^= load(block);
        }
    }

    /// Steps on by a batch and puts the offsets over it.
    fn mask<C>(&mut self, ocb: &Ocb<C>, batch: &mut [Block])
    where
        C: KeyInit + BlockCipherEncrypt<BlockSize = U16> + BlockCipherDecrypt,
    {
        for (block, offset) in batch.iter_mut().zip(&mut self.offsets) {
            self.number += 1;
            self.offset ^= ocb.entry(self.number);
            *offset = self.offset;
            store(block, load(block) ^ *offset);
        }
    }

    fn unmask(&self, batch: &mut [Block]) {
        for (block, offset) in batch.iter_mut().zip(&self.offsets) {
            store(block, load(block) ^ *offset);
        }
    }

    /// The last bytes, if they are no whole block.
    fn last<C>(&mut self, ocb: &Ocb<C>, rest: &mut [u8])
    where
        C: BlockCipherEncrypt<BlockSize = U16>,
    {
        self.offset ^= *ocb.star;
        let pad = encrypt_one(&ocb.cipher, self.offset).to_ne_bytes();
        for (byte, pad) in rest.iter_mut().zip(pad) {
            *byte ^= pad;
        }
    }

    fn tag<C>(&self, ocb: &Ocb<C>) -> [u8; BLOCK_LEN]
    where
        C: BlockCipherEncrypt<BlockSize = U16>,
    {
        let sealed = encrypt_one(&ocb.cipher, self.checksum ^ self.offset ^ *ocb.dollar);
        (sealed ^ *ocb.hashed).to_ne_bytes()
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.offset.zeroize();
        self.checksum.zeroize();
        self.offsets.zeroize();
    }
}

// Blocks are numbers in the order of bytes they have in memory: XOR does not mind, and only
// `double` and the nonce need to know which bit comes first.

fn load(block: &[u8]) -> u128 {
    block
        .first_chunk()
        .map_or(0, |bytes| u128::from_ne_bytes(*bytes))
}

fn store(block: &mut Block, value: u128) {
    block.0 = value.to_ne_bytes();
}

/// Fewer bytes than a block, a one bit, zeros.
fn padded(rest: &[u8]) -> u128 {
    let mut block = [0; BLOCK_LEN];
    for (to, from) in block.iter_mut().zip(rest.iter().chain(&[0x80])) {
        *to = *from;
    }
    u128::from_ne_bytes(block)
}

/// Multiplies by x in the field of 2^128 elements, without a branch.
fn double(block: u128) -> u128 {
    let value = u128::from_be(block);
    ((value << 1) ^ ((value >> 127) * 0x87)).to_be()
}

fn encrypt_one<C>(cipher: &C, block: u128) -> u128
where
    C: BlockCipherEncrypt<BlockSize = U16>,
{
    let mut bytes = Block::from(block.to_ne_bytes());
    cipher.encrypt_block(&mut bytes);
    load(&bytes)
}

#[cfg(test)]
mod tests {
    use aes::{Aes128, Aes192, Aes256};
    use data_encoding::HEXUPPER;
    use ocb3::{
        Ocb3,
        aead::{AeadInOut, consts::U15},
    };

    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        HEXUPPER.decode(text.as_bytes()).unwrap()
    }

    fn sealed<C>(key: &[u8], nonce: &[u8], data: &[u8], plaintext: &[u8]) -> Vec<u8>
    where
        C: KeyInit + BlockCipherEncrypt<BlockSize = U16> + BlockCipherDecrypt,
    {
        let ocb = Ocb::<C>::new(key, data).unwrap();
        let mut buffer = plaintext.to_vec();
        let tag = ocb.seal(nonce, &mut buffer).unwrap();
        let mut back = buffer.clone();
        ocb.open(nonce, &mut back, &tag).unwrap();
        assert_eq!(back, plaintext);
        let mut wrong = tag;
        wrong[7] ^= 1;
        let refused = ocb.open(nonce, &mut buffer.clone(), &wrong);
        assert_eq!(refused, Err(BulkError::Authentication));
        [buffer, tag.to_vec()].concat()
    }

    #[test]
    fn the_samples_of_the_rfc_come_out() {
        // RFC 7253, appendix A; associated data and plaintext are beginnings of 00 01 02 ...
        let key: Vec<u8> = (0..16).collect();
        let bytes: Vec<u8> = (0..40).collect();
        for (nonce, data, plaintext, expected) in [
            (
                "BBAA99887766554433221100",
                0,
                0,
                "785407BFFFC8AD9EDCC5520AC9111EE6",
            ),
            (
                "BBAA99887766554433221101",
                8,
                8,
                "6820B3657B6F615A5725BDA0D3B4EB3A257C9AF1F8F03009",
            ),
            (
                "BBAA99887766554433221102",
                8,
                0,
                "81017F8203F081277152FADE694A0A00",
            ),
            (
                "BBAA99887766554433221103",
                0,
                8,
                "45DD69F8F5AAE72414054CD1F35D82760B2CD00D2F99BFA9",
            ),
            (
                "BBAA9988776655443322110D",
                40,
                40,
                "D5CA91748410C1751FF8A2F618255B68A0A12E093FF454606E59F9C1D0DDC54B\
                 65E8628E568BAD7AED07BA06A4A69483A7035490C5769E60",
            ),
        ] {
            let out = sealed::<Aes128>(&key, &hex(nonce), &bytes[..data], &bytes[..plaintext]);
            assert_eq!(HEXUPPER.encode(&out), expected);
        }
    }

    /// The loop at the end of appendix A.
    fn iterated<C>(key_len: usize) -> String
    where
        C: KeyInit + BlockCipherEncrypt<BlockSize = U16> + BlockCipherDecrypt,
    {
        let mut key = vec![0; key_len];
        key[key_len - 1] = 128;
        let nonce = |number: u32| [&[0; 8][..], &number.to_be_bytes()].concat();
        let mut all = Vec::new();
        for i in 0..128u32 {
            let text = vec![0; i as usize];
            all.extend(sealed::<C>(&key, &nonce(3 * i + 1), &text, &text));
            all.extend(sealed::<C>(&key, &nonce(3 * i + 2), &[], &text));
            all.extend(sealed::<C>(&key, &nonce(3 * i + 3), &text, &[]));
        }
        HEXUPPER.encode(&sealed::<C>(&key, &nonce(385), &all, &[]))
    }

    #[test]
    fn the_loop_of_the_rfc_comes_out() {
        assert_eq!(iterated::<Aes128>(16), "67E944D23256C5E0B6C61FA22FDF1EA2");
        assert_eq!(iterated::<Aes192>(24), "F673F2C3E7174AAE7BAE986CA9F29E17");
        assert_eq!(iterated::<Aes256>(32), "D90EB8E9C977C88B79DD793D7FFA161C");
    }

    #[test]
    fn another_implementation_agrees_at_every_length_of_a_few_batches() {
        let key = [7; 32];
        let other = Ocb3::<Aes256, U15>::new_from_slice(&key).unwrap();
        for length in (0..300).chain([1023, 1024, 1025, 2048, 4096 + 17, 40_000]) {
            let nonce: [u8; 15] = std::array::from_fn(|i| (i * 37 + length) as u8);
            let plaintext: Vec<u8> = (0..length).map(|i| (i * 31 % 251) as u8).collect();
            let mut theirs = plaintext.clone();
            let data = &plaintext[..length.min(21)];
            let tag = other
                .encrypt_inout_detached(&nonce.into(), data, theirs.as_mut_slice().into())
                .unwrap();
            theirs.extend_from_slice(&tag);
            let ours = sealed::<Aes256>(&key, &nonce, data, &plaintext);
            assert!(ours == theirs, "{length}");
        }
    }

    #[test]
    fn impossible_nonces_are_refused() {
        let ocb = Ocb::<Aes128>::new(&[0; 16], &[]).unwrap();
        assert_eq!(ocb.seal(&[], &mut []), Err(BulkError::Length));
        assert_eq!(ocb.seal(&[0; 16], &mut []), Err(BulkError::Length));
        assert!(Ocb::<Aes128>::new(&[0; 15], &[]).is_err());
    }
}
