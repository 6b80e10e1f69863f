// OpenPGP.js behind the verbs of Stateless OpenPGP that the interoperability matrix uses.
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import * as openpgp from 'openpgp';

const string = { type: 'string' };
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    profile: { ...string, default: 'default' },
    as: { ...string, default: 'binary' },
    'sign-with': string,
    'with-password': string,
    'with-key-password': string,
    'verifications-out': string,
    'verify-with': { ...string, multiple: true, default: [] },
  },
});
const [verb, ...files] = positionals;
const input = () => readFileSync(0);
const text = (name) => readFileSync(name, 'utf8');

const certs = async (names) =>
  (await Promise.all(names.map((name) => openpgp.readKeys({ armoredKeys: text(name) })))).flat();
const secret = async (name) => {
  const key = await openpgp.readPrivateKey({ armoredKey: text(name) });
  const lock = options['with-key-password'];
  return lock ? openpgp.decryptKey({ privateKey: key, passphrase: text(lock) }) : key;
};
const passwords = () => (options['with-password'] ? [text(options['with-password'])] : undefined);
// All signatures must verify.
const verified = async (signatures) => {
  if (signatures.length === 0) throw new Error('there is no signature');
  await Promise.all(signatures.map((one) => one.verified));
};

const verbs = {
  async 'generate-key'() {
    const kinds = {
      default: { type: 'ecc' },
      rsa: { type: 'rsa', rsaBits: 3072 },
      rfc9580: { type: 'curve25519', config: { v6Keys: true, aeadProtect: true } },
    };
    const made = await openpgp.generateKey({
      userIDs: [{ name: 'Jo', email: 'jo@example.org' }],
      ...(kinds[options.profile] ?? { type: options.profile }),
    });
    return made.privateKey;
  },
  async 'extract-cert'() {
    const key = await openpgp.readPrivateKey({ armoredKey: input().toString() });
    return key.toPublic().armor();
  },
  async encrypt() {
    return openpgp.encrypt({
      message: await openpgp.createMessage({ binary: new Uint8Array(input()) }),
      encryptionKeys: await certs(files),
      signingKeys: options['sign-with'] ? [await secret(options['sign-with'])] : [],
      passwords: passwords(),
    });
  },
  async decrypt() {
    const opened = await openpgp.decrypt({
      message: await openpgp.readMessage({ armoredMessage: input().toString() }),
      decryptionKeys: files.length ? [await secret(files[0])] : undefined,
      verificationKeys: await certs(options['verify-with']),
      passwords: passwords(),
      format: 'binary',
    });
    if (options['verifications-out']) {
      await verified(opened.signatures);
      writeFileSync(options['verifications-out'], 'valid\n');
    }
    return opened.data;
  },
  async sign() {
    return openpgp.sign({
      message: await openpgp.createMessage({ binary: new Uint8Array(input()) }),
      signingKeys: [await secret(files[0])],
      detached: true,
    });
  },
  async verify() {
    const [signature, ...names] = files;
    const read = await openpgp.verify({
      message: await openpgp.createMessage({ binary: new Uint8Array(input()) }),
      signature: await openpgp.readSignature({ armoredSignature: text(signature) }),
      verificationKeys: await certs(names),
    });
    await verified(read.signatures);
    return '';
  },
  async 'inline-sign'() {
    const data = input();
    return openpgp.sign({
      message:
        options.as === 'clearsigned'
          ? await openpgp.createCleartextMessage({ text: data.toString() })
          : await openpgp.createMessage({ binary: new Uint8Array(data) }),
      signingKeys: [await secret(files[0])],
    });
  },
  async 'inline-verify'() {
    const message = input().toString();
    const clear = message.startsWith('-----BEGIN PGP SIGNED MESSAGE-----');
    const read = await openpgp.verify({
      message: clear
        ? await openpgp.readCleartextMessage({ cleartextMessage: message })
        : await openpgp.readMessage({ armoredMessage: message }),
      verificationKeys: await certs(files),
      format: clear ? 'utf8' : 'binary',
    });
    await verified(read.signatures);
    return read.data;
  },
};

try {
  process.stdout.write(await verbs[verb]());
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
