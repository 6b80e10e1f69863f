// OpenPGP.js as a peer: one job a process, JSON in and out, binary data in base64.
import * as openpgp from 'openpgp';

const binary = (text) => Uint8Array.from(Buffer.from(text, 'base64'));
const text = (bytes) => Buffer.from(bytes).toString('base64');
const readKeys = (armored) => openpgp.readKeys({ armoredKeys: armored });
const publicKeys = async (list) => (await Promise.all((list ?? []).map(readKeys))).flat();
const privateKey = async ({ key, passphrase }) => {
  const read = await openpgp.readPrivateKey({ armoredKey: key });
  return passphrase ? openpgp.decryptKey({ privateKey: read, passphrase }) : read;
};
const verdicts = (signatures) =>
  Promise.all(
    signatures.map(({ verified }) => verified.then(() => 'good').catch((error) => error.message)),
  );

const jobs = {
  async generate({ version, passphrase }) {
    const made = await openpgp.generateKey({
      type: version === 6 ? 'curve25519' : 'ecc',
      userIDs: [{ name: 'Jo', email: 'jo@example.org' }],
      passphrase,
      config: version === 6 ? { v6Keys: true, aeadProtect: true } : {},
    });
    return { ...made, fingerprint: (await openpgp.readKey({ armoredKey: made.publicKey })).getFingerprint() };
  },
  async inspect({ key, now }) {
    const read = await openpgp.readKey({ armoredKey: key });
    await read.verifyPrimaryKey(new Date(now * 1000));
    return { fingerprint: read.getFingerprint(), users: read.getUserIDs() };
  },
  async revoked({ key }) {
    const read = await openpgp.readKey({ armoredKey: key });
    return { revoked: await read.isRevoked() };
  },
  async encrypt({ to, signer, data, passwords, config, armor }) {
    const message = await openpgp.encrypt({
      message: await openpgp.createMessage({ binary: binary(data) }),
      encryptionKeys: await publicKeys(to),
      signingKeys: signer ? [await privateKey(signer)] : [],
      passwords,
      format: armor ? 'armored' : 'binary',
      config,
    });
    return { message: armor ? text(Buffer.from(message)) : text(message) };
  },
  async decrypt({ message, key, from, passwords }) {
    const opened = await openpgp.decrypt({
      message: await openpgp.readMessage({ binaryMessage: binary(message) }),
      decryptionKeys: key ? [await privateKey(key)] : undefined,
      verificationKeys: await publicKeys(from),
      passwords,
      format: 'binary',
    });
    return { data: text(opened.data), signatures: await verdicts(opened.signatures) };
  },
  async signDetached({ signer, data }) {
    return {
      signature: await openpgp.sign({
        message: await openpgp.createMessage({ binary: binary(data) }),
        signingKeys: [await privateKey(signer)],
        detached: true,
      }),
    };
  },
  async verifyDetached({ signature, data, from }) {
    const read = await openpgp.verify({
      message: await openpgp.createMessage({ binary: binary(data) }),
      signature: await openpgp.readSignature({ armoredSignature: signature }),
      verificationKeys: await publicKeys(from),
    });
    return { signatures: await verdicts(read.signatures) };
  },
  async signCleartext({ signer, content }) {
    return {
      message: await openpgp.sign({
        message: await openpgp.createCleartextMessage({ text: content }),
        signingKeys: [await privateKey(signer)],
      }),
    };
  },
  async verifyCleartext({ message, from }) {
    const read = await openpgp.verify({
      message: await openpgp.readCleartextMessage({ cleartextMessage: message }),
      verificationKeys: await publicKeys(from),
    });
    return { content: read.data, signatures: await verdicts(read.signatures) };
  },
};

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { job, ...options } = JSON.parse(Buffer.concat(chunks).toString());
process.stdout.write(JSON.stringify(await jobs[job](options)));
