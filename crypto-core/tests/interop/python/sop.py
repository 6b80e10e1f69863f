"""pysequoia behind the verbs of Stateless OpenPGP that the interoperability matrix uses."""

import argparse
import sys
from pathlib import Path

import pysequoia
from pysequoia import Cert, CipherSuite, EncryptionAlgorithm, Profile, Sig, SignatureMode, Tsk

KINDS = {
    "default": {},
    "rfc9580": {"profile": Profile.RFC9580},
    "rfc9980": {"profile": Profile.RFC9580, "cipher_suite": CipherSuite.MLDSA65_Ed25519},
    "rfc9980-v4": {"encryption_algorithm": EncryptionAlgorithm.MLKEM768_X25519},
    "rsa": {"cipher_suite": CipherSuite.RSA3k},
}


def certs(names):
    return [cert for name in names for cert in Cert.split_file(name)]


def secrets(name):
    return Tsk.from_file(name)


def password(name):
    return Path(name).read_text() if name else None


def verified(result):
    if not result.valid_sigs:
        sys.exit("there is no valid signature")


def generate_key(options):
    key = Tsk.generate("Sequoia <sequoia@example.org>", **KINDS[options.profile])
    return str(key).encode()


def extract_cert(options):
    return str(Tsk.from_bytes(sys.stdin.buffer.read()).extract_certificate()).encode()


def encrypt(options):
    signer = secrets(options.sign_with).signer() if options.sign_with else None
    passwords = [password(options.with_password)] if options.with_password else []
    return pysequoia.encrypt(
        sys.stdin.buffer.read(), certs(options.files), signer=signer, passwords=passwords
    )


def decrypt(options):
    message = sys.stdin.buffer.read()
    known = certs(options.verify_with)
    settings = {"store": lambda ids: known} if known else {}
    if options.with_password:
        opened = pysequoia.decrypt(message, passwords=[password(options.with_password)], **settings)
    else:
        key = secrets(options.files[0])
        opener = key.decryptor(password=password(options.with_key_password))
        opened = pysequoia.decrypt(message, decryptor=opener, **settings)
    if options.verifications_out:
        Path(options.verifications_out).write_text("valid\n" * len(opened.valid_sigs))
    return opened.bytes


MODES = {
    "binary": SignatureMode.INLINE,
    "clearsigned": SignatureMode.CLEAR,
    "detached": SignatureMode.DETACHED,
}


def sign(options):
    mode = MODES[options.form if options.verb == "inline-sign" else "detached"]
    return pysequoia.sign(secrets(options.files[0]).signer(), sys.stdin.buffer.read(), mode=mode)


def verify(options):
    signature, *names = options.files
    known = certs(names)
    verified(
        pysequoia.verify(
            sys.stdin.buffer.read(),
            store=lambda ids: known,
            signature=Sig.from_bytes(Path(signature).read_bytes()),
        )
    )
    return b""


def inline_verify(options):
    known = certs(options.files)
    read = pysequoia.verify(sys.stdin.buffer.read(), store=lambda ids: known)
    verified(read)
    return read.bytes


VERBS = {
    "generate-key": generate_key,
    "extract-cert": extract_cert,
    "encrypt": encrypt,
    "decrypt": decrypt,
    "sign": sign,
    "inline-sign": sign,
    "verify": verify,
    "inline-verify": inline_verify,
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("verb", choices=VERBS)
    parser.add_argument("--profile", default="default")
    parser.add_argument("--as", dest="form", default="binary")
    for name in ["--sign-with", "--with-password", "--with-key-password", "--verifications-out"]:
        parser.add_argument(name)
    parser.add_argument("--verify-with", action="append", default=[])
    parser.add_argument("files", nargs="*")
    options = parser.parse_intermixed_args()
    try:
        output = VERBS[options.verb](options)
    except Exception as problem:  # whatever it is: its first line is the peer's answer
        sys.exit(str(problem).splitlines()[0])
    sys.stdout.buffer.write(output)


main()
