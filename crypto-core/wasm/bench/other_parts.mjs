// What the core has beside OpenPGP: stretching passphrases, hashes, sealed objects.

import initMeasured, * as measured from '#measured';
import { argon2id, sha256, sha512 } from 'hash-wasm';
import sodium from 'libsodium-wrappers';

import { check, noise } from './cases.mjs';

const COUNT = 10_000;
const LENGTH = 1000;

/** In the program for measuring alone: the package does not offer them. */
export async function* otherParts(sizes) {
  await initMeasured({ module_or_path: new URL('/measured/glue_bg.wasm', location.href) });
  await sodium.ready;
  yield* stretching();
  for (const bytes of sizes) {
    const data = noise(bytes);
    for (const [bits, theirs] of [[256, sha256], [512, sha512]]) {
      yield {
        op: 'hash', mode: `SHA-${bits}`, bytes, peer: 'hash-wasm',
        ours: () => measured.hash(bits, data),
        theirs: () => theirs(data),
      };
    }
  }
  yield* objects();
}

async function* stretching() {
  const password = 'correct horse battery staple';
  const salt = noise(16);
  // libsodium-wrappers has it in its larger build only.
  const row = { op: 'Argon2id', mode: '64 MiB, 3 passes', bytes: 0, ours: async () => measured.stretch(password) };
  const options = {
    password, salt, iterations: 3, parallelism: 1, memorySize: 1 << 16, hashLength: 32, outputType: 'binary',
  };
  yield { ...row, peer: 'hash-wasm', theirs: () => argon2id(options) };
}

/** What libsodium offers for the same: a key an object, XChaCha20-Poly1305, bound to its name. */
async function* objects() {
  const vault = new measured.Objects(COUNT, LENGTH);
  vault.seal();
  check(vault.open() === COUNT, 'the vault');
  const master = sodium.crypto_kdf_keygen();
  const content = new Uint8Array(LENGTH).fill(0x42);
  const names = Array.from({ length: COUNT }, (_, index) => `message-${index}`);
  const keyOf = (index) => sodium.crypto_kdf_derive_from_key(32, index, 'objects_', master);
  const seal = () =>
    names.map((name, index) => {
      const nonce = sodium.randombytes_buf(24);
      const bytes = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(content, name, null, nonce, keyOf(index));
      return { nonce, bytes };
    });
  const open = ({ nonce, bytes }, index) =>
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, bytes, names[index], nonce, keyOf(index));
  const sealed = seal();
  const row = { mode: 'XChaCha20-Poly1305', bytes: COUNT * LENGTH, peer: 'libsodium' };
  yield { ...row, op: 'seal 10,000 objects', ours: async () => vault.seal(), theirs: async () => seal() };
  yield { ...row, op: 'open 10,000 objects', ours: async () => vault.open(), theirs: async () => sealed.map(open) };
}
