//! The arithmetic, generic over group and hash so that RFC 5054's own vectors (1024 bits, SHA-1)
//! run through the very same lines as a login does.
//!
//! The `srp` crate does the exponentiations, `k`, `u` and the proofs. Its one-call functions are
//! not used: they panic on values longer than the modulus, strip leading zeros in variable time
//! and leave secrets in memory.

use crypto_bigint::BoxedUint;
use sha2_011::{Digest, digest::Output};
use srp::{Client, Group as SrpGroup, Server, utils};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::SrpError;

/// A secret number, wiped on drop.
pub(super) type SecretNumber = Zeroizing<BoxedUint>;

/// What both sides compute in the end.
pub(super) struct Agreed<D: Digest> {
    pub(super) key: Zeroizing<Vec<u8>>,
    pub(super) client_proof: Output<D>,
    pub(super) server_proof: Output<D>,
}

/// What goes into the proofs beside the shared secret.
pub(super) struct Transcript<'a> {
    pub(super) identity: &'a str,
    pub(super) salt: &'a [u8],
    pub(super) a_pub: &'a [u8],
    pub(super) b_pub: &'a [u8],
}

/// The modulus, big-endian.
fn modulus<G: SrpGroup>() -> Box<[u8]> {
    G::generator().params().modulus().to_be_bytes()
}

/// A secret exponent from random bytes.
pub(super) fn secret_number(bytes: &[u8]) -> SecretNumber {
    Zeroizing::new(BoxedUint::from_be_slice_vartime(bytes))
}

/// Reads a peer's public value: exactly as long as the modulus, above zero and below it.
///
/// Everything that is zero modulo `N` is refused by this, and nothing else of the crate ever
/// sees a value it would panic on.
pub(super) fn public_number<G: SrpGroup>(bytes: &[u8]) -> Result<BoxedUint, SrpError> {
    let modulus = modulus::<G>();
    // Of equal length, so the order of the byte strings is the order of the numbers.
    if bytes.len() != modulus.len() || bytes >= &*modulus || bytes.iter().all(|byte| *byte == 0) {
        return Err(SrpError::IllegalValue);
    }
    Ok(BoxedUint::from_be_slice_vartime(bytes))
}

/// Reads a stored verifier: a public number that is neither 1 nor `N - 1`.
pub(super) fn verifier_number<G: SrpGroup>(bytes: &[u8]) -> Result<SecretNumber, SrpError> {
    let number = public_number::<G>(bytes).map_err(|_| SrpError::BadVerifier)?;
    let one = BoxedUint::one_with_precision(number.bits_precision());
    let last = BoxedUint::from_be_slice_vartime(&modulus::<G>()).wrapping_sub(&one);
    if number == one || number == last {
        return Err(SrpError::BadVerifier);
    }
    Ok(Zeroizing::new(number))
}

/// `x = H(salt | H(identity | ":" | password))` (RFC 5054, section 2.4).
pub(super) fn private_key<G: SrpGroup, D: Digest>(
    identity: &str,
    password: &[u8],
    salt: &[u8],
) -> SecretNumber {
    let inner = Client::<G, D>::compute_identity_hash(identity.as_bytes(), password);
    Zeroizing::new(Client::<G, D>::compute_x(inner.as_slice(), salt))
}

/// `g^exponent mod N`, padded.
pub(super) fn power_of_g<G: SrpGroup, D: Digest>(exponent: &BoxedUint) -> Vec<u8> {
    Client::<G, D>::new()
        .compute_g_x(exponent)
        .to_be_bytes()
        .into_vec()
}

/// `B = k*v + g^b mod N`, padded (RFC 5054, section 2.5.3).
pub(super) fn server_public<G: SrpGroup, D: Digest>(v: &BoxedUint, b: &BoxedUint) -> Vec<u8> {
    let k = utils::compute_k::<D>(&G::generator());
    Server::<G, D>::new()
        .compute_b_pub(b, &k, v)
        .to_be_bytes()
        .into_vec()
}

/// `u = H(PAD(A) | PAD(B))`, refused when zero (RFC 5054, section 2.6). Both are padded.
pub(super) fn scrambler<G: SrpGroup, D: Digest>(
    a_pub: &[u8],
    b_pub: &[u8],
) -> Result<BoxedUint, SrpError> {
    refuse_zero(utils::compute_u_padded::<D>(&G::generator(), a_pub, b_pub))
}

/// A zero `u` would take the passphrase out of the equation.
pub(super) fn refuse_zero(u: BoxedUint) -> Result<BoxedUint, SrpError> {
    if bool::from(u.is_zero()) {
        return Err(SrpError::IllegalValue);
    }
    Ok(u)
}

/// `S = (B - k*g^x)^(a + u*x) mod N`, padded (RFC 5054, section 2.6).
pub(super) fn client_secret<G: SrpGroup, D: Digest>(
    a: &BoxedUint,
    x: &BoxedUint,
    u: &BoxedUint,
    b_pub: &BoxedUint,
) -> Zeroizing<Vec<u8>> {
    let k = utils::compute_k::<D>(&G::generator());
    let secret = Zeroizing::new(Client::<G, D>::new().compute_premaster_secret(b_pub, &k, x, a, u));
    Zeroizing::new(secret.to_be_bytes().into_vec())
}

/// `S = (A * v^u)^b mod N`, padded (RFC 5054, section 2.6).
pub(super) fn server_secret<G: SrpGroup, D: Digest>(
    b: &BoxedUint,
    v: &BoxedUint,
    u: &BoxedUint,
    a_pub: &BoxedUint,
) -> Zeroizing<Vec<u8>> {
    let secret = Zeroizing::new(Server::<G, D>::new().compute_premaster_secret(a_pub, v, u, b));
    Zeroizing::new(secret.to_be_bytes().into_vec())
}

/// `K`, `M1` and `M2` from the padded shared secret.
pub(super) fn agree<G: SrpGroup, D: Digest>(
    shared: &[u8],
    transcript: &Transcript<'_>,
) -> Agreed<D> {
    let key = Zeroizing::new(utils::compute_hash::<D>(shared).to_vec());
    let client_proof = utils::compute_m1_rfc5054::<D>(
        &G::generator(),
        false,
        transcript.identity.as_bytes(),
        transcript.salt,
        transcript.a_pub,
        transcript.b_pub,
        &key,
    );
    let server_proof = utils::compute_m2::<D>(transcript.a_pub, &client_proof, &key);
    Agreed {
        key,
        client_proof,
        server_proof,
    }
}

/// Compares proofs in constant time; another length is another proof.
pub(super) fn same_proof(ours: &[u8], theirs: &[u8]) -> bool {
    ours.ct_eq(theirs).into()
}
