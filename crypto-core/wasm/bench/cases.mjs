// What is measured: each case has two ways of doing the same, and checks both before it counts.

import * as ours from '@letterlock/openpgp';
import { argon2id, sha256 } from 'hash-wasm';
import * as js from 'openpgp';

import { otherParts } from './other_parts.mjs';
import { locked, people } from './people.mjs';

const KB = 1000;
const MB = 1000 * KB;

/** Incompressible, the same in every run. */
export function noise(length) {
  const bytes = new Uint8Array(length);
  let state = 0x9e3779b9;
  for (let index = 0; index < length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[index] = state;
  }
  return bytes;
}

export function check(condition, what) {
  if (!condition) throw new Error(`${what} did not do its work`);
}

const same = (a, b) => a.length === b.length && a.every((byte, index) => byte === b[index]);

async function readAll(data) {
  if (data instanceof Uint8Array) return data;
  return new Uint8Array(await new Response(data).arrayBuffer());
}

/** All cases up to a size, made one after the other so that memory is given back in between. */
export async function* cases(largest) {
  const sizes = [KB, 100 * KB, MB, 25 * MB].filter((size) => size <= largest);
  const all = await people();
  yield* keys();
  for (const [mode, one] of Object.entries(all)) {
    for (const size of sizes) yield* messages(mode, one, noise(size));
  }
  yield* armors(all['SEIPDv1'], sizes);
  yield* lists(all);
  yield* bulk(all['SEIPDv2 GCM'], sizes.filter((size) => size >= MB));
  yield* otherParts(sizes.filter((size) => size >= MB));
}

async function* keys() {
  const date = new Date();
  for (const [mode, profile, type, config] of [
    ['v4', 'compatible', 'ecc', {}],
    ['v6', 'modern', 'curve25519', { v6Keys: true, aeadProtect: true }],
  ]) {
    yield {
      op: 'generate key', mode, bytes: 0, peer: 'openpgp',
      ours: async () => (await ours.generateKey({ profile, date, userIds: { name: 'Ann', address: 'ann@example.org' } })).key.free(),
      theirs: () => js.generateKey({ type, date, config, userIDs: [{ name: 'Ann', email: 'ann@example.org' }], format: 'object' }),
    };
  }
  const { passphrase, argon2, iterated } = await locked();
  for (const [mode, armored] of [['Argon2', argon2], ['iterated', iterated]]) {
    const ourKey = await ours.readKey(armored);
    const theirKey = await js.readPrivateKey({ armoredKey: armored });
    check(!(await ourKey.unlock(passphrase)).isLocked, 'unlock');
    yield {
      op: 'unlock key', mode, bytes: 0, peer: 'openpgp',
      ours: async () => (await ourKey.unlock(passphrase)).free(),
      theirs: () => js.decryptKey({ privateKey: theirKey, passphrase }),
    };
    if (mode === 'Argon2') {
      // The derivations alone, as many as the key has parts.
      const parts = 1 + theirKey.subkeys.length;
      const options = {
        password: passphrase, salt: noise(16), iterations: 3, parallelism: 4, memorySize: 1 << 16,
        hashLength: 32, outputType: 'binary',
      };
      yield {
        op: 'unlock key', mode, bytes: 0, peer: 'hash-wasm (Argon2 alone)',
        ours: async () => (await ourKey.unlock(passphrase)).free(),
        theirs: async () => {
          for (let part = 0; part < parts; part++) await argon2id(options);
        },
      };
    }
  }
}

/** One message each way; both decrypt the same message, which OpenPGP.js wrote. */
async function* messages(mode, one, data) {
  const bytes = data.length;
  const ourEncrypt = () =>
    ours.encrypt(data, { to: one.ourCertificate, signer: one.ourKey, armor: false });
  const theirEncrypt = async () =>
    js.encrypt({
      message: await js.createMessage({ binary: data }),
      encryptionKeys: one.theirCertificate,
      signingKeys: one.theirKey,
      format: 'binary',
      config: one.config,
    });
  const ourDecrypt = (message) =>
    ours.decrypt(message, { keys: one.ourKey, from: one.ourCertificate });
  const theirDecrypt = async (message) => {
    const opened = await js.decrypt({
      message: await js.readMessage({ binaryMessage: message }),
      decryptionKeys: one.theirKey,
      verificationKeys: one.theirCertificate,
      format: 'binary',
    });
    await Promise.all(opened.signatures.map(({ verified }) => verified));
    return opened.data;
  };
  const [ourMessage, theirMessage] = [await ourEncrypt(), await theirEncrypt()];
  const opened = await ourDecrypt(theirMessage);
  check(opened.signature.kind === 'good' && same(opened.data, data), 'decrypt');
  const { container, aead } = opened.protection;
  check(mode === (aead ? `${container} ${aead}` : container), `OpenPGP.js in ${mode}`);
  check(same(await theirDecrypt(ourMessage), data), 'OpenPGP.js');
  check((await ourDecrypt(ourMessage)).protection.container === container, `encrypt in ${mode}`);
  yield { op: 'encrypt+sign', mode, bytes, peer: 'openpgp', ours: ourEncrypt, theirs: theirEncrypt };
  yield {
    op: 'decrypt+verify', mode, bytes, peer: 'openpgp',
    ours: () => ourDecrypt(theirMessage),
    theirs: () => theirDecrypt(theirMessage),
  };
}

async function* armors(one, sizes) {
  for (const size of sizes.filter((size) => size > KB)) {
    // Armor goes around packets: a literal packet of that size will do.
    const packet = new Uint8Array(size + 12);
    packet.set([0xcb, 0xff, 0, 0, 0, 0, 0x62, 0, 0, 0, 0, 0]);
    new DataView(packet.buffer).setUint32(2, size + 6);
    packet.set(noise(size), 12);
    const text = await ours.armor(packet, 'message');
    check(same(await readAll((await js.unarmor(text)).data), packet), 'armor');
    yield {
      op: 'armor', mode: '', bytes: size, peer: 'openpgp',
      ours: () => ours.armor(packet, 'message'),
      theirs: async () => js.armor(js.enums.armor.message, packet),
    };
    yield {
      op: 'dearmor', mode: '', bytes: size, peer: 'openpgp',
      ours: () => ours.dearmor(text),
      theirs: async () => readAll((await js.unarmor(text)).data),
    };
  }
}

async function* lists(all) {
  const date = new Date();
  for (const [mode, one] of [['v4', all['SEIPDv1']], ['v6', all['SEIPDv2 GCM']]]) {
    const armored = one.armoredCertificate;
    // OpenPGP.js verifies nothing when it reads; what both do here is to read a certificate and
    // to say whether it can be encrypted to.
    const theirs = async () => {
      const key = await js.readKey({ armoredKey: armored });
      await key.verifyPrimaryKey(date);
      return key.getEncryptionKey();
    };
    yield {
      op: 'read and check certificate', mode, bytes: armored.length, peer: 'openpgp',
      ours: async () => {
        const certificate = await ours.readCertificate(armored);
        certificate.encryption(date);
        certificate.free();
      },
      theirs,
    };
    const list = Array.from({ length: 200 }, () => armored);
    yield {
      op: 'check 200 certificates', mode, bytes: armored.length * 200, peer: 'openpgp',
      ours: async () => {
        for (const result of await ours.checkCertificates(list, { date })) {
          check(result.ok, 'checkCertificates');
          result.value.certificate.free();
        }
      },
      theirs: () => Promise.all(list.map(theirs)),
    };
    yield* signatures(mode, one);
  }
  for (const [mode, one] of Object.entries(all)) yield* mailbox(mode, one);
}

/** A list of 100 detached signatures over 1 KB each. */
async function* signatures(mode, one) {
  const pairs = await Promise.all(
    Array.from({ length: 100 }, async (_, index) => {
      const data = noise(KB + index);
      return { data, signature: await ours.signDetached(data, { signer: one.ourKey, armor: false }) };
    }),
  );
  yield {
    op: 'verify 100 signatures', mode, bytes: 100 * KB, peer: 'openpgp',
    ours: async () => {
      for (const result of await ours.verifyMany(pairs, { from: one.ourCertificate })) {
        check(result.ok && result.value.signature.kind === 'good', 'verifyMany');
      }
    },
    theirs: () =>
      Promise.all(
        pairs.map(async ({ data, signature }) => {
          const { signatures } = await js.verify({
            message: await js.createMessage({ binary: data }),
            signature: await js.readSignature({ binarySignature: signature }),
            verificationKeys: one.theirCertificate,
          });
          await signatures[0].verified;
        }),
      ),
  };
  const [{ data }] = pairs;
  yield {
    op: 'sign detached', mode, bytes: data.length, peer: 'openpgp',
    ours: () => ours.signDetached(data, { signer: one.ourKey, armor: false }),
    theirs: async () =>
      js.sign({ message: await js.createMessage({ binary: data }), signingKeys: one.theirKey, detached: true, format: 'binary' }),
  };
}

/** 50 messages of 2 KB, as a mailbox is opened. */
async function* mailbox(mode, one) {
  const messages = await Promise.all(
    Array.from({ length: 50 }, async (_, index) =>
      js.encrypt({
        message: await js.createMessage({ binary: noise(2 * KB + index) }),
        encryptionKeys: one.theirCertificate,
        signingKeys: one.theirKey,
        format: 'binary',
        config: one.config,
      }),
    ),
  );
  yield {
    op: 'open 50 messages', mode, bytes: 100 * KB, peer: 'openpgp',
    ours: async () => {
      for (const result of await ours.decryptMany(messages, { keys: one.ourKey, from: one.ourCertificate })) {
        check(result.ok && result.value.signature.kind === 'good', 'decryptMany');
      }
    },
    theirs: () =>
      Promise.all(
        messages.map(async (message) => {
          const { signatures } = await js.decrypt({
            message: await js.readMessage({ binaryMessage: message }),
            decryptionKeys: one.theirKey,
            verificationKeys: one.theirCertificate,
            format: 'binary',
          });
          await signatures[0].verified;
        }),
      ),
  };
}

/** Bulk data against what WebCrypto can do with the same bytes in one call after the other. */
async function* bulk(one, sizes) {
  const CHUNK = 256 << 10;
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  const iv = (index) => new Uint8Array(new Uint32Array([index, 0, 0]).buffer);
  const parameters = (index) => ({ name: 'AES-GCM', iv: iv(index), tagLength: 128 });
  for (const size of sizes) {
    const data = noise(size);
    const chunks = Array.from({ length: Math.ceil(size / CHUNK) }, (_, index) => data.subarray(index * CHUNK, (index + 1) * CHUNK));
    const seal = () => Promise.all(chunks.map((chunk, index) => crypto.subtle.encrypt(parameters(index), key, chunk)));
    const sealed = await seal();
    const unsigned = await ours.encrypt(data, { to: one.ourCertificate, armor: false });
    const signed = await ours.encrypt(data, { to: one.ourCertificate, signer: one.ourKey, armor: false });
    const open = () => Promise.all(sealed.map((chunk, index) => crypto.subtle.decrypt(parameters(index), key, chunk)));
    const mode = 'SEIPDv2 GCM';
    yield {
      op: 'encrypt', mode, bytes: size, peer: 'WebCrypto (GCM chunks)',
      ours: () => ours.encrypt(data, { to: one.ourCertificate, armor: false }),
      theirs: seal,
    };
    yield {
      op: 'decrypt', mode, bytes: size, peer: 'WebCrypto (GCM chunks)',
      ours: () => ours.decrypt(unsigned, { keys: one.ourKey }),
      theirs: open,
    };
    yield {
      op: 'encrypt+sign', mode, bytes: size, peer: 'WebCrypto (GCM chunks, SHA-512)',
      ours: () => ours.encrypt(data, { to: one.ourCertificate, signer: one.ourKey, armor: false }),
      theirs: async () => {
        await crypto.subtle.digest('SHA-512', data);
        await seal();
      },
    };
    yield {
      op: 'decrypt+verify', mode, bytes: size, peer: 'WebCrypto (GCM chunks, SHA-512)',
      ours: () => ours.decrypt(signed, { keys: one.ourKey, from: one.ourCertificate }),
      theirs: async () => {
        await open();
        await crypto.subtle.digest('SHA-512', data);
      },
    };
    yield {
      op: 'sign detached', mode: 'v6', bytes: size, peer: 'hash-wasm (SHA-256 alone)',
      ours: () => ours.signDetached(data, { signer: one.ourKey, armor: false }),
      theirs: () => sha256(data),
    };
  }
}
