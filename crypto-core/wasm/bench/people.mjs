// Keys that both libraries hold, made by OpenPGP.js so that neither is at home.

import * as ours from '@letterlock/openpgp';
import * as js from 'openpgp';

const USER = { name: 'Ann', email: 'ann@example.org' };
const PASSPHRASE = 'correct horse battery staple';

/** RFC 9580, appendix A.4: a key that announces no AEAD but OCB, which all must have. */
const OCB_KEY = `-----BEGIN PGP PRIVATE KEY BLOCK-----

xUsGY4d/4xsAAAAg+U2nu0jWCmHlZ3BqZYfQMxmZu52JGggkLq2EVD34laMAGXKB
exK+cH6NX1hs5hNhIB00TrJmosgv3mg1ditlsLfCsQYfGwoAAABCBYJjh3/jAwsJ
BwUVCg4IDAIWAAKbAwIeCSIhBssYbE8GCaaX5NUt+mxyKwwfHifBilZwj2Ul7Ce6
2azJBScJAgcCAAAAAK0oIBA+LX0ifsDm185Ecds2v8lwgyU2kCcUmKfvBXbAf6rh
RYWzuQOwEn7E/aLwIwRaLsdry0+VcallHhSu4RN6HWaEQsiPlR4zxP/TP7mhfVEe
7XWPxtnMUMtf15OyA51YBMdLBmOHf+MZAAAAIIaTJINn+eUBXbki+PSAld2nhJh/
LVmFsS+60WyvXkQ1AE1gCk95TUR3XFeibg/u/tVY6a//1q0NWC1X+yui3O24wpsG
GBsKAAAALAWCY4d/4wKbDCIhBssYbE8GCaaX5NUt+mxyKwwfHifBilZwj2Ul7Ce6
2azJAAAAAAQBIKbpGG2dWTX8j+VjFM21J0hqWlEg+bdiojWnKfA5AQpWUWtnNwDE
M0g12vYxoWM8Y81W+bHBw805I8kWVkXU6vFOi+HWvv/ira7ofJu16NnoUkhclkUr
k0mXubZvyl4GBg==
-----END PGP PRIVATE KEY BLOCK-----`;

const V6 = { v6Keys: true, aeadProtect: true };

/** A person as both libraries know them. */
async function person(armored) {
  const theirKey = await js.readPrivateKey({ armoredKey: armored });
  const ourKey = await ours.readKey(armored);
  return {
    ourKey,
    ourCertificate: ourKey.certificate,
    theirKey,
    theirCertificate: theirKey.toPublic(),
    armoredCertificate: theirKey.toPublic().armor(),
  };
}

async function made(type, config) {
  const { privateKey } = await js.generateKey({ type, userIDs: [USER], config, format: 'armored' });
  return privateKey;
}

/** Who writes and reads in each mode. `config` makes OpenPGP.js do what the mode says. */
export async function people() {
  return {
    'SEIPDv1': { ...(await person(await made('ecc', {}))), config: {} },
    'SEIPDv2 GCM': { ...(await person(await made('curve25519', V6))), config: { ...V6, preferredAEADAlgorithm: js.enums.aead.gcm } },
    'SEIPDv2 OCB': { ...(await person(OCB_KEY)), config: { ...V6, preferredAEADAlgorithm: js.enums.aead.ocb } },
  };
}

/** Locked keys and how to unlock them. */
export async function locked() {
  const argon2 = { ...V6, s2kType: js.enums.s2k.argon2 };
  const lock = async (type, make, config) => {
    const key = await js.readPrivateKey({ armoredKey: await made(type, make) });
    return (await js.encryptKey({ privateKey: key, passphrase: PASSPHRASE, config })).armor();
  };
  return {
    passphrase: PASSPHRASE,
    argon2: await lock('curve25519', V6, argon2),
    iterated: await lock('ecc', {}, { s2kIterationCountByte: 255 }),
  };
}
