#!/usr/bin/env python3
"""Writes vectors.json: SRP-6a over RFC 5054 groups with SHA-256, by Python's own integers.

Nothing of the Rust code is used, so the vectors check it from outside. The numbers N are
RFC 5054, appendix A. Run: python3 generate.py > vectors.json
"""
import hashlib
import json

N3072 = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A0879"
    "8E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B"
    "0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA4836"
    "1C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804"
    "F1746C08CA18217C32905E462E36CE3BE39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6"
    "955817183995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64"
    "ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7ABF5AE8CDB0933D71E8C94E04A25619DCEE3D226"
    "1AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E2"
    "08E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    16,
)
N4096 = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A0879"
    "8E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B"
    "0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA4836"
    "1C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804"
    "F1746C08CA18217C32905E462E36CE3BE39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6"
    "955817183995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64"
    "ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7ABF5AE8CDB0933D71E8C94E04A25619DCEE3D226"
    "1AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E2"
    "08E24FA074E5AB3143DB5BFCE0FD108E4B82D120A92108011A723C12A787E6D788719A10BDBA5B2699C32718"
    "6AF4E23C1A946834B6150BDA2583E9CA2AD44CE8DBBBC2DB04DE8EF92E8EFC141FBECAA6287C59474E6BC05D"
    "99B2964FA090C3A2233BA186515BE7ED1F612970CEE2D7AFB81BDD762170481CD0069127D5B05AA993B4EA98"
    "8D8FDDC186FFB7DC90A6C08F4DF435C934063199FFFFFFFFFFFFFFFF",
    16,
)
GROUPS = {3072: (N3072, 5, 32), 4096: (N4096, 5, 40)}


def digest(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def number(data):
    return int.from_bytes(data, "big")


def case(bits, identity, seed, wanted):
    """One login; `wanted` names the value that shall begin with a zero byte, if any."""
    modulus, generator, secret_len = GROUPS[bits]
    length = bits // 8
    pad = lambda value: value.to_bytes(length, "big")
    salt = digest(seed, b"salt")[:16]
    password = digest(seed, b"password")
    user = identity.encode()
    k = number(digest(pad(modulus), pad(generator)))
    x = number(digest(salt, digest(user, b":", password)))
    v = pow(generator, x, modulus)
    expand = lambda label, i: hashlib.shake_256(seed + label + str(i).encode()).digest(secret_len)
    for i in range(100_000):
        secret_a, secret_b = expand(b"a", i), expand(b"b", i)
        a, b = number(secret_a), number(secret_b)
        big_a = pow(generator, a, modulus)
        big_b = (k * v + pow(generator, b, modulus)) % modulus
        u = number(digest(pad(big_a), pad(big_b)))
        shared = pow(big_a * pow(v, u, modulus), b, modulus)
        first = {"A": pad(big_a), "B": pad(big_b), "S": pad(shared), "": b"\0"}[wanted][0]
        if first == 0:
            break
    assert shared == pow(big_b - k * pow(generator, x, modulus), a + u * x, modulus)
    key = digest(pad(shared))
    mixed = bytes(p ^ q for p, q in zip(digest(pad(modulus)), digest(pad(generator))))
    m1 = digest(mixed, digest(user), salt, pad(big_a), pad(big_b), key)
    m2 = digest(pad(big_a), m1, key)
    return {
        "bits": bits,
        "begins_with_zero": wanted,
        "identity": identity,
        "salt": salt.hex(),
        "login_secret": password.hex(),
        "a": secret_a.hex(),
        "b": secret_b.hex(),
        "verifier": pad(v).hex(),
        "A": pad(big_a).hex(),
        "B": pad(big_b).hex(),
        "M1": m1.hex(),
        "M2": m2.hex(),
    }


print(
    json.dumps(
        [
            case(3072, "alice@example.org", b"one", ""),
            case(3072, "bob@example.org", b"two", "A"),
            case(3072, "carol@example.org", b"three", "B"),
            case(3072, "dörte@example.org", b"four", "S"),
            case(4096, "alice@example.org", b"five", ""),
        ],
        indent=1,
        ensure_ascii=False,
    )
)
