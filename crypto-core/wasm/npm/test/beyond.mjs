// What the README says in a sentence and no example shows.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as openpgp from '@letterlock/openpgp';
import * as classic from '@letterlock/openpgp/classic';
import * as verifying from '@letterlock/openpgp/verify';

const userIds = { name: 'Ann', address: 'ann@example.org' };
const old = await openpgp.generateKey({ userIds, profile: 'compatible' });
const ann = await openpgp.generateKey({ userIds });
const text = 'a line of a long file\n'.repeat(50_000);

const all = async (stream) => new Uint8Array(await new Response(stream).arrayBuffer());
const sealed = (person, armor = false) =>
  all(openpgp.encryptStream(new Blob([text]).stream(), { to: person.certificate, signer: person.key, armor }));

test('SEIPDv1 must be read twice', async () => {
  const message = await sealed(old);
  const options = { keys: old.key, from: old.certificate };
  const once = openpgp.decryptStream(new Blob([message]).stream(), options);
  await assert.rejects(all(once.readable), (error) => openpgp.isDecryptError(error, 'NeedsTwoPasses'));
  await assert.rejects(once.opened);
  for (const source of [new Blob([message]), () => new Blob([message]).stream()]) {
    const { readable, opened } = openpgp.decryptStream(source, options);
    assert.equal(new TextDecoder().decode(await all(readable)), text);
    const { signature, protection } = await opened;
    assert.equal(signature.kind, 'good');
    assert.equal(protection.container, 'SEIPDv1');
  }
});

test('armored streams and whole messages are the same thing', async () => {
  const message = await sealed(ann, true);
  assert.equal((await openpgp.decrypt(message, { keys: ann.key })).text(), text);
  const whole = await openpgp.encrypt(text, { to: ann.certificate });
  const { readable } = openpgp.decryptStream(new Blob([whole]).stream(), { keys: ann.key });
  assert.equal(new TextDecoder().decode(await all(readable)), text);
});

test('a changed stream fails before its end, and says nothing of the change', async () => {
  const message = await sealed(ann);
  message[message.length - 100] ^= 1;
  const { readable, opened } = openpgp.decryptStream(new Blob([message]).stream(), { keys: ann.key });
  await assert.rejects(all(readable), (error) => openpgp.isDecryptError(error, 'Damaged'));
  await assert.rejects(opened, (error) => openpgp.isDecryptError(error, 'Damaged'));
});

test('an abort ends the source and the stream', async () => {
  let cancelled;
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(1 << 16)),
    cancel: (reason) => void (cancelled = reason),
  });
  const stop = new AbortController();
  let bytes = 0;
  const stream = openpgp.encryptStream(endless, {
    to: ann.certificate,
    signal: stop.signal,
    onProgress: (read) => {
      bytes = read;
      if (read > 1 << 20) stop.abort(new Error('enough'));
    },
  });
  await assert.rejects(all(stream), /enough/);
  assert.ok(bytes > 1 << 20);
  assert.match(String(cancelled), /enough/);
});

test('cancelling the result ends the source', async () => {
  let cancelled = false;
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(1 << 16)),
    cancel: () => void (cancelled = true),
  });
  const reader = openpgp.encryptStream(endless, { to: ann.certificate }).getReader();
  await reader.read();
  await reader.cancel();
  assert.ok(cancelled);
});

test('detached signatures over streams are those over data', async () => {
  const signature = await openpgp.signDetached(new Blob([text]).stream(), { signer: ann.key });
  const from = ann.certificate;
  assert.equal((await openpgp.verifyDetached(text, signature, { from })).signature.kind, 'good');
  const verdict = await openpgp.verifyDetached(new Blob([text, '!']).stream(), signature, { from });
  assert.equal(verdict.signature.code, 'Mismatch');
});

test('a freed key cannot be used', async () => {
  const { key, certificate } = await openpgp.generateKey({ userIds });
  key.free();
  await assert.rejects(openpgp.encrypt('', { to: certificate, signer: key }));
});

test('a recipient that cannot be encrypted to is named', async () => {
  const revoked = old.certificate.revoke(old.revocation);
  await assert.rejects(openpgp.encrypt('', { to: [ann.certificate, revoked] }), (error) => {
    assert.ok(openpgp.isEncryptError(error, 'Recipients'));
    assert.deepEqual(error.details.recipients.map((one) => one.fingerprint), [old.certificate.fingerprint]);
    return true;
  });
});

test('post-quantum keys are in the full build alone', async () => {
  const { certificate } = await openpgp.generateKey({ userIds, profile: 'postQuantum' });
  assert.equal(certificate.encryption().postQuantum, true);
  await assert.rejects(classic.generateKey({ userIds, profile: 'postQuantum' }), (error) =>
    classic.isGenerateError(error),
  );
});

test('what one build makes another reads', async () => {
  const { key } = await classic.generateKey({ userIds });
  const shown = await classic.signText('hello', { signer: key });
  const certificate = await verifying.readCertificate(key.certificate.toArmor());
  const read = await verifying.verifyText(shown, { from: certificate });
  assert.equal(read.signature.kind, 'good');
});
