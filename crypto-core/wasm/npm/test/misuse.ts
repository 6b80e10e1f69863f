// What the types must refuse: each line below fails to compile unless it is an error.

import { decrypt, encrypt, generateKey, isDecryptError } from '@letterlock/openpgp';
import * as verifying from '@letterlock/openpgp/verify';

const { key, certificate } = await generateKey({ userIds: { name: '', address: 'ann@example.org' } });

// @ts-expect-error a certificate decrypts nothing
await decrypt('', { keys: certificate });
// @ts-expect-error a private key is no recipient
await encrypt('', { to: key });
// @ts-expect-error there is no such profile
await generateKey({ userIds: [], profile: 'ancient' });
// @ts-expect-error armored output is text
const bytes: Uint8Array = await encrypt('', { to: certificate });
// @ts-expect-error binary output is bytes
const text: string = await encrypt('', { to: certificate, armor: false });

const { signature } = await decrypt('', {});
// @ts-expect-error only a good signature has a signer
signature.signer;
// @ts-expect-error there is no such verdict
if (signature.kind === 'valid') throw signature;

try {
  throw bytes ?? text;
} catch (error) {
  // @ts-expect-error there is no such code
  isDecryptError(error, 'Nothing');
}
// @ts-expect-error the verifying build has no private keys
verifying.decrypt;
// @ts-expect-error certificates are read, not constructed
new verifying.Certificate();
