use data_encoding::{HEXLOWER, HEXUPPER_PERMISSIVE};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use serde_json::Value;
use sha1_011::Sha1;
use sha2_011::Sha256;
#[allow(deprecated, reason = "RFC 5054's vectors are for this group")]
use srp::groups::G1024;
use srp::groups::G3072;
use zeroize::Zeroizing;

use super::*;
use crate::secret::Secret;

const ALICE: &str = "alice@example.org";
const SALT: [u8; 16] = [9; 16];

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(5054)
}

fn login_secret() -> Secret<[u8; 32]> {
    Secret::new([7; 32])
}

fn verifier() -> Vec<u8> {
    make_verifier(Group::Bits3072, ALICE, &login_secret(), &SALT)
}

fn hex(text: &str) -> Vec<u8> {
    let packed: String = text.split_whitespace().collect();
    HEXUPPER_PERMISSIVE.decode(packed.as_bytes()).unwrap()
}

/// RFC 5054, appendix B, through the same functions as a login, on 1024 bits and SHA-1.
#[test]
#[allow(deprecated)]
fn arithmetic_gives_the_vectors_of_rfc_5054_appendix_b() {
    let salt = hex("BEB25379 D1A8581E B5A72767 3A2441EE");
    let x = math::private_key::<G1024, Sha1>("alice", b"password123", &salt);
    let v = math::power_of_g::<G1024, Sha1>(&x);
    assert_eq!(
        v,
        hex(
            "7E273DE8 696FFC4F 4E337D05 B4B375BE B0DDE156 9E8FA00A 9886D812 9BADA1F1 822223CA
             1A605B53 0E379BA4 729FDC59 F105B478 7E5186F5 C671085A 1447B52A 48CF1970 B4FB6F84
             00BBF4CE BFBB1681 52E08AB5 EA53D15C 1AFF87B2 B9DA6E04 E058AD51 CC72BFC9 033B564E
             26480D78 E955A5E2 9E7AB245 DB2BE315 E2099AFB"
        )
    );
    let a = math::secret_number(&hex(
        "60975527 035CF2AD 1989806F 0407210B C81EDC04 E2762A56 AFD529DD DA2D4393",
    ));
    let b = math::secret_number(&hex(
        "E487CB59 D31AC550 471E81F0 0F6928E0 1DDA08E9 74A004F4 9E61F5D1 05284D20",
    ));
    let a_pub = math::power_of_g::<G1024, Sha1>(&a);
    assert_eq!(
        a_pub,
        hex(
            "61D5E490 F6F1B795 47B0704C 436F523D D0E560F0 C64115BB 72557EC4 4352E890 3211C046
             92272D8B 2D1A5358 A2CF1B6E 0BFCF99F 921530EC 8E393561 79EAE45E 42BA92AE ACED8251
             71E1E8B9 AF6D9C03 E1327F44 BE087EF0 6530E69F 66615261 EEF54073 CA11CF58 58F0EDFD
             FE15EFEA B349EF5D 76988A36 72FAC47B 0769447B"
        )
    );
    let v_number = math::verifier_number::<G1024>(&v).unwrap();
    let b_pub = math::server_public::<G1024, Sha1>(&v_number, &b);
    assert_eq!(
        b_pub,
        hex(
            "BD0C6151 2C692C0C B6D041FA 01BB152D 4916A1E7 7AF46AE1 05393011 BAF38964 DC46A067
             0DD125B9 5A981652 236F99D9 B681CBF8 7837EC99 6C6DA044 53728610 D0C6DDB5 8B318885
             D7D82C7F 8DEB75CE 7BD4FBAA 37089E6F 9C6059F3 88838E7A 00030B33 1EB76840 910440B1
             B27AAEAE EB4012B7 D7665238 A8E3FB00 4B117B58"
        )
    );
    let u = math::scrambler::<G1024, Sha1>(&a_pub, &b_pub).unwrap();
    assert_eq!(
        *u.to_be_bytes_trimmed_vartime(),
        *hex("CE38B959 3487DA98 554ED47D 70A7AE5F 462EF019")
    );
    let shared = hex(
        "B0DC82BA BCF30674 AE450C02 87745E79 90A3381F 63B387AA F271A10D 233861E3 59B48220
         F7C4693C 9AE12B0A 6F67809F 0876E2D0 13800D6C 41BB59B6 D5979B5C 00A172B4 A2A5903A
         0BDCAF8A 709585EB 2AFAFA8F 3499B200 210DCC1F 10EB3394 3CD67FC8 8A2F39A4 BE5BEC4E
         C0A3212D C346D7E4 74B29EDE 8A469FFE CA686E5A",
    );
    let b_number = math::public_number::<G1024>(&b_pub).unwrap();
    let a_number = math::public_number::<G1024>(&a_pub).unwrap();
    let by_client = math::client_secret::<G1024, Sha1>(&a, &x, &u, &b_number);
    let by_server = math::server_secret::<G1024, Sha1>(&b, &v_number, &u, &a_number);
    assert_eq!(*by_client, shared);
    assert_eq!(*by_server, shared);
}

/// Vectors made by `testdata/generate.py`, which shares no code with us. They freeze the login:
/// whoever changes them locks every account out.
#[test]
fn logins_give_the_frozen_vectors() {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("testdata/vectors.json")).unwrap();
    assert_eq!(vectors.len(), 5);
    for vector in &vectors {
        let field = |name: &str| {
            HEXLOWER
                .decode(vector[name].as_str().unwrap().as_bytes())
                .unwrap()
        };
        let group = match vector["bits"].as_u64().unwrap() {
            3072 => Group::Bits3072,
            4096 => Group::Bits4096,
            other => panic!("{other} bits"),
        };
        let identity = vector["identity"].as_str().unwrap();
        let secret = Secret::new(field("login_secret").try_into().unwrap());
        let salt = field("salt");
        assert_eq!(
            make_verifier(group, identity, &secret, &salt),
            field("verifier")
        );
        let (client, a_pub) = ClientHandshake::with_secret(group, &field("a"));
        assert_eq!(a_pub, field("A"));
        let (server, b_pub) =
            ServerHandshake::with_secret(group, &field("verifier"), Zeroizing::new(field("b")))
                .unwrap();
        assert_eq!(b_pub, field("B"));
        let zero = vector["begins_with_zero"].as_str().unwrap();
        assert!(matches!(zero, "" | "S") || field(zero)[0] == 0);

        let proof = client.answer(identity, &secret, &salt, &b_pub).unwrap();
        assert_eq!(proof.proof(), field("M1"));
        let (m2, _) = server
            .check(identity, &salt, &a_pub, proof.proof())
            .unwrap();
        assert_eq!(m2, field("M2"));
        proof.verify_server(&m2).unwrap();
    }
}

#[test]
fn both_sides_share_a_session_and_nobody_else_does() {
    let mut rng = rng();
    let login = |rng: &mut ChaCha20Rng| {
        let (client, a_pub) = ClientHandshake::start(Group::Bits3072, rng);
        let (server, b_pub) = ServerHandshake::start(Group::Bits3072, &verifier(), rng).unwrap();
        let proof = client
            .answer(ALICE, &login_secret(), &SALT, &b_pub)
            .unwrap();
        let (m2, theirs) = server.check(ALICE, &SALT, &a_pub, proof.proof()).unwrap();
        (proof.verify_server(&m2).unwrap(), theirs)
    };
    let (client, server) = login(&mut rng);
    let (other, _) = login(&mut rng);
    let sealed = server.seal_grant(b"token", &mut rng);
    assert_eq!(*client.open_grant(&sealed).unwrap(), b"token");
    assert_eq!(other.open_grant(&sealed), Err(SrpError::CannotOpen));
    for position in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[position] ^= 1;
        assert_eq!(client.open_grant(&changed), Err(SrpError::CannotOpen));
    }
    assert_eq!(client.open_grant(&sealed[..23]), Err(SrpError::CannotOpen));
}

#[test]
fn another_passphrase_identity_or_salt_fails_at_the_proof() {
    let mut rng = rng();
    let wrong = Secret::new([8; 32]);
    for (identity, secret, salt) in [
        (ALICE, &wrong, SALT),
        ("mallory@example.org", &login_secret(), SALT),
        (ALICE, &login_secret(), [1; 16]),
    ] {
        let (client, a_pub) = ClientHandshake::start(Group::Bits3072, &mut rng);
        let (server, b_pub) =
            ServerHandshake::start(Group::Bits3072, &verifier(), &mut rng).unwrap();
        let proof = client.answer(identity, secret, &salt, &b_pub).unwrap();
        let result = server.check(ALICE, &SALT, &a_pub, proof.proof());
        assert_eq!(result.unwrap_err(), SrpError::WrongProof);
    }
}

#[test]
fn the_server_must_prove_itself() {
    let mut rng = rng();
    for forge in [
        |_: &[u8], _: Vec<u8>| Vec::new(),
        |m1: &[u8], _: Vec<u8>| m1.to_vec(),
        |_: &[u8], m2: Vec<u8>| m2[..31].to_vec(),
        |_: &[u8], m2: Vec<u8>| [m2, vec![0]].concat(),
        |_: &[u8], m2: Vec<u8>| m2.iter().map(|byte| byte ^ 0x80).collect(),
    ] {
        let (client, a_pub) = ClientHandshake::start(Group::Bits3072, &mut rng);
        let (server, b_pub) =
            ServerHandshake::start(Group::Bits3072, &verifier(), &mut rng).unwrap();
        let proof = client
            .answer(ALICE, &login_secret(), &SALT, &b_pub)
            .unwrap();
        let (m2, _) = server.check(ALICE, &SALT, &a_pub, proof.proof()).unwrap();
        let forged = forge(proof.proof(), m2);
        assert_eq!(
            proof.verify_server(&forged).unwrap_err(),
            SrpError::WrongProof
        );
    }
}

/// Zero, the modulus, the modulus plus one, all ones, and every wrong length.
fn illegal_values() -> Vec<Vec<u8>> {
    let modulus = srp_modulus();
    // The last eight bytes of N are 0xFF: one more carries into the ninth.
    let mut above = modulus.clone();
    above[376..].fill(0);
    above[375] += 1;
    vec![
        vec![],
        vec![0],
        vec![1],
        vec![0; 384],
        modulus.clone(),
        above,
        vec![0xFF; 384],
        [vec![0], modulus.clone()].concat(),
        [modulus.clone(), vec![0]].concat(),
        vec![1; 300],
        vec![1; 383],
        vec![1; 385],
        vec![1; 768],
        vec![1; 100_000],
    ]
}

fn srp_modulus() -> Vec<u8> {
    use srp::Group as _;
    G3072::generator()
        .params()
        .modulus()
        .to_be_bytes()
        .into_vec()
}

#[test]
fn illegal_values_of_the_server_are_refused_before_the_crate_sees_them() {
    let mut rng = rng();
    for b_pub in illegal_values() {
        let (client, _) = ClientHandshake::start(Group::Bits3072, &mut rng);
        let result = client.answer(ALICE, &login_secret(), &SALT, &b_pub);
        assert_eq!(result.unwrap_err(), SrpError::IllegalValue);
    }
}

#[test]
fn illegal_values_of_the_client_are_refused_before_the_crate_sees_them() {
    let mut rng = rng();
    for a_pub in illegal_values() {
        let (server, _) = ServerHandshake::start(Group::Bits3072, &verifier(), &mut rng).unwrap();
        let result = server.check(ALICE, &SALT, &a_pub, &[0; 32]);
        assert_eq!(result.unwrap_err(), SrpError::IllegalValue);
    }
}

#[test]
fn a_proof_of_the_wrong_length_is_a_wrong_proof() {
    let mut rng = rng();
    for length in [0, 31, 33, 1_000_000] {
        let (_, a_pub) = ClientHandshake::start(Group::Bits3072, &mut rng);
        let (server, _) = ServerHandshake::start(Group::Bits3072, &verifier(), &mut rng).unwrap();
        let result = server.check(ALICE, &SALT, &a_pub, &vec![0; length]);
        assert_eq!(result.unwrap_err(), SrpError::WrongProof);
    }
}

#[test]
fn a_zero_scrambler_is_refused() {
    let zero = crypto_bigint::BoxedUint::zero_with_precision(256);
    assert_eq!(math::refuse_zero(zero).unwrap_err(), SrpError::IllegalValue);
    let one = crypto_bigint::BoxedUint::one_with_precision(256);
    assert!(math::refuse_zero(one).is_ok());
}

#[test]
fn a_verifier_of_another_group_or_without_a_secret_is_refused() {
    let one = [vec![0; 383], vec![1]].concat();
    let mut last = srp_modulus();
    *last.last_mut().unwrap() -= 1;
    let other_group = make_verifier(Group::Bits4096, ALICE, &login_secret(), &SALT);
    for bad in [one, last, other_group].into_iter().chain(illegal_values()) {
        assert_eq!(
            check_verifier(Group::Bits3072, &bad),
            Err(SrpError::BadVerifier)
        );
        let result = ServerHandshake::start(Group::Bits3072, &bad, &mut rng());
        assert_eq!(result.unwrap_err(), SrpError::BadVerifier);
    }
    check_verifier(Group::Bits3072, &verifier()).unwrap();
}

#[test]
fn a_fake_verifier_is_stable_and_works_like_a_real_one() {
    let mut rng = rng();
    for group in [Group::Bits3072, Group::Bits4096] {
        let fake = fake_verifier(group, &[1; 32]);
        assert_eq!(fake, fake_verifier(group, &[1; 32]));
        assert_ne!(fake, fake_verifier(group, &[2; 32]));
        check_verifier(group, &fake).unwrap();
        let (client, a_pub) = ClientHandshake::start(group, &mut rng);
        let (server, b_pub) = ServerHandshake::start(group, &fake, &mut rng).unwrap();
        assert_eq!(b_pub.len(), group.byte_len());
        let proof = client
            .answer(ALICE, &login_secret(), &SALT, &b_pub)
            .unwrap();
        let result = server.check(ALICE, &SALT, &a_pub, proof.proof());
        assert_eq!(result.unwrap_err(), SrpError::WrongProof);
    }
}

#[test]
fn a_stored_handshake_goes_on_where_it_stood() {
    let mut rng = rng();
    let (client, a_pub) = ClientHandshake::start(Group::Bits3072, &mut rng);
    let (server, b_pub) = ServerHandshake::start(Group::Bits3072, &verifier(), &mut rng).unwrap();
    let stored = server.to_bytes();
    let server = ServerHandshake::from_bytes(stored.expose()).unwrap();
    let proof = client
        .answer(ALICE, &login_secret(), &SALT, &b_pub)
        .unwrap();
    let (m2, _) = server.check(ALICE, &SALT, &a_pub, proof.proof()).unwrap();
    proof.verify_server(&m2).unwrap();

    for end in [0, 1, 2, 33, 34, 500, stored.expose().len() - 1] {
        assert!(ServerHandshake::from_bytes(&stored.expose()[..end]).is_err());
    }
    let longer = [stored.expose().as_slice(), &[0]].concat();
    assert!(ServerHandshake::from_bytes(&longer).is_err());
}

/// Where no value begins with a zero byte, the crate's own one-call functions agree with ours.
#[test]
fn the_crate_itself_agrees() {
    let mut rng = rng();
    let a = [0x55; 32];
    let (client, a_pub) = ClientHandshake::with_secret(Group::Bits3072, &a);
    let (_, b_pub) = ServerHandshake::start(Group::Bits3072, &verifier(), &mut rng).unwrap();
    assert!(a_pub[0] != 0 && b_pub[0] != 0);
    let theirs = srp::Client::<G3072, Sha256>::new()
        .process_reply(&a, ALICE.as_bytes(), login_secret().expose(), &SALT, &b_pub)
        .unwrap();
    let ours = client
        .answer(ALICE, &login_secret(), &SALT, &b_pub)
        .unwrap();
    assert_eq!(ours.proof(), theirs.proof());
}

#[test]
fn debug_shows_no_secret() {
    let mut rng = rng();
    let (client, _) = ClientHandshake::start(Group::Bits3072, &mut rng);
    let (server, b_pub) = ServerHandshake::start(Group::Bits3072, &verifier(), &mut rng).unwrap();
    let shown = format!("{client:?} {server:?}");
    assert_eq!(
        shown,
        "ClientHandshake { group: Bits3072, .. } ServerHandshake { group: Bits3072, .. }"
    );
    let proof = client
        .answer(ALICE, &login_secret(), &SALT, &b_pub)
        .unwrap();
    assert_eq!(format!("{proof:?}"), "ClientProof(..)");
}
