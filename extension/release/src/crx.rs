//! CRX3: the package format of Chromium, a zip behind a signed header
//! (`components/crx_file/crx3.proto` and `crx_verifier.cc` of Chromium).

use anyhow::{Context, Result, bail};
use prost::Message;
use rsa::{
    RsaPrivateKey, RsaPublicKey,
    pkcs1v15::{Signature, SigningKey, VerifyingKey},
    pkcs8::{DecodePublicKey, EncodePublicKey},
    signature::{SignatureEncoding, Signer, Verifier},
};
use sha2::{Digest, Sha256};

const MAGIC: &[u8; 4] = b"Cr24";
const VERSION: u32 = 3;
/// What Chromium itself takes as the largest header.
const LARGEST_HEADER: usize = 1 << 16;
const CONTEXT: &[u8] = b"CRX3 SignedData\x00";

/// `CrxFileHeader` of crx3.proto, with the fields that are used here.
#[derive(Clone, PartialEq, Message)]
struct Header {
    #[prost(message, repeated, tag = "2")]
    sha256_with_rsa: Vec<Proof>,
    #[prost(bytes = "vec", tag = "10000")]
    signed_header_data: Vec<u8>,
}

/// `AsymmetricKeyProof`.
#[derive(Clone, PartialEq, Message)]
struct Proof {
    #[prost(bytes = "vec", tag = "1")]
    public_key: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    signature: Vec<u8>,
}

/// `SignedData`.
#[derive(Clone, PartialEq, Message)]
struct SignedData {
    #[prost(bytes = "vec", tag = "1")]
    crx_id: Vec<u8>,
}

/// What a good CRX says about itself.
pub(crate) struct Checked<'a> {
    /// The extension's id as Chromium writes it.
    pub(crate) id: String,
    /// The zip inside.
    pub(crate) archive: &'a [u8],
}

/// Signs a zip.
///
/// # Errors
/// When the key cannot sign.
pub(crate) fn sign(archive: &[u8], key: &RsaPrivateKey) -> Result<Vec<u8>> {
    let public_key = key.to_public_key().to_public_key_der()?.into_vec();
    let signed_header_data = SignedData {
        crx_id: raw_id(&public_key),
    }
    .encode_to_vec();
    let signature = SigningKey::<Sha256>::new(key.clone())
        .try_sign(&to_sign(&signed_header_data, archive)?)
        .context("the CRX key cannot sign")?
        .to_vec();
    let header = Header {
        sha256_with_rsa: vec![Proof {
            public_key,
            signature,
        }],
        signed_header_data,
    }
    .encode_to_vec();
    let mut crx = Vec::with_capacity(12 + header.len() + archive.len());
    crx.extend_from_slice(MAGIC);
    crx.extend_from_slice(&VERSION.to_le_bytes());
    crx.extend_from_slice(&u32::try_from(header.len())?.to_le_bytes());
    crx.extend_from_slice(&header);
    crx.extend_from_slice(archive);
    Ok(crx)
}

/// Checks every signature of a CRX, and that its id belongs to one of the signing keys.
///
/// # Errors
/// Says which part is wrong.
pub(crate) fn check(crx: &[u8]) -> Result<Checked<'_>> {
    let rest = crx
        .strip_prefix(MAGIC)
        .context("this is no CRX: it does not begin with Cr24")?;
    let (version, rest) = number(rest)?;
    if version != VERSION {
        bail!("this is CRX{version}, not CRX3");
    }
    let (length, rest) = number(rest)?;
    let length = usize::try_from(length)?;
    if length > LARGEST_HEADER {
        bail!("its header is longer than Chromium takes");
    }
    let (header, archive) = rest
        .split_at_checked(length)
        .context("it ends inside its header")?;
    let header = Header::decode(header).context("its header is damaged")?;
    let signed = SignedData::decode(header.signed_header_data.as_slice())
        .context("its signed header is damaged")?;
    if header.sha256_with_rsa.is_empty() {
        bail!("no RSA key signed it");
    }
    let message = to_sign(&header.signed_header_data, archive)?;
    for proof in &header.sha256_with_rsa {
        let key = RsaPublicKey::from_public_key_der(&proof.public_key)
            .context("a key in it is no RSA key")?;
        let signature = Signature::try_from(proof.signature.as_slice())?;
        VerifyingKey::<Sha256>::new(key)
            .verify(&message, &signature)
            .context("a signature is wrong: the package was changed")?;
    }
    if !header
        .sha256_with_rsa
        .iter()
        .any(|proof| raw_id(&proof.public_key) == signed.crx_id)
    {
        bail!("its id belongs to none of the keys that signed it");
    }
    Ok(Checked {
        id: shown_id(&signed.crx_id),
        archive,
    })
}

/// The id of the extension that a key signs, as Chromium writes it: `a` to `p` for 0 to 15.
///
/// # Errors
/// When the key has no DER form.
pub(crate) fn id(key: &RsaPrivateKey) -> Result<String> {
    let public_key = key.to_public_key().to_public_key_der()?;
    Ok(shown_id(&raw_id(public_key.as_bytes())))
}

fn raw_id(public_key: &[u8]) -> Vec<u8> {
    Sha256::digest(public_key)
        .iter()
        .take(16)
        .copied()
        .collect()
}

fn shown_id(raw: &[u8]) -> String {
    raw.iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|nibble| char::from(b'a' + nibble))
        .collect()
}

fn to_sign(signed_header_data: &[u8], archive: &[u8]) -> Result<Vec<u8>> {
    let length = u32::try_from(signed_header_data.len())?;
    Ok([
        CONTEXT,
        length.to_le_bytes().as_slice(),
        signed_header_data,
        archive,
    ]
    .concat())
}

fn number(bytes: &[u8]) -> Result<(u32, &[u8])> {
    let (number, rest) = bytes
        .split_first_chunk::<4>()
        .context("it ends inside its header")?;
    Ok((u32::from_le_bytes(*number), rest))
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]
mod tests {
    use super::*;
    use rand::{SeedableRng, rngs::StdRng};

    fn key() -> RsaPrivateKey {
        // 1024 bits only so that the test is quick.
        RsaPrivateKey::new(&mut StdRng::seed_from_u64(7), 1024).unwrap()
    }

    #[test]
    fn a_signed_package_is_good_and_the_same_each_time() {
        let key = key();
        let crx = sign(b"PK archive", &key).unwrap();
        assert_eq!(crx, sign(b"PK archive", &key).unwrap());
        let checked = check(&crx).unwrap();
        assert_eq!(checked.archive, b"PK archive");
        assert_eq!(checked.id, id(&key).unwrap());
        assert_eq!(checked.id.len(), 32);
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let crx = sign(b"PK archive", &key()).unwrap();
        for position in 0..crx.len() {
            let mut changed = crx.clone();
            changed[position] ^= 1;
            assert!(check(&changed).is_err(), "byte {position}");
        }
    }

    #[test]
    fn half_a_package_is_no_package() {
        let crx = sign(b"PK archive", &key()).unwrap();
        for length in 0..crx.len() {
            assert!(check(&crx[..length]).is_err(), "{length} bytes");
        }
    }
}
