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

/** A source that gives one piece and then nothing, and knows how it was ended. */
const stalled = {
  stream(first) {
    let ended, waits;
    const waiting = new Promise((resolve) => (waits = resolve));
    const source = new ReadableStream({
      pull(controller) {
        if (first) controller.enqueue(first);
        else {
          waits();
          return new Promise(() => undefined);
        }
        first = undefined;
      },
      cancel: (reason) => void (ended = { reason }),
    }, { highWaterMark: 0 });
    return { source, waiting, ended: () => ended };
  },
  iterable(first) {
    let ended, waits;
    const waiting = new Promise((resolve) => (waits = resolve));
    const source = {
      [Symbol.asyncIterator]: () => ({
        next() {
          const value = first;
          first = undefined;
          if (value) return Promise.resolve({ done: false, value });
          waits();
          return new Promise(() => undefined);
        },
        // As a generator's: behind the next piece.
        return() {
          ended = {};
          return first === undefined ? new Promise(() => undefined) : Promise.resolve({ done: true });
        },
      }),
    };
    return { source, waiting, ended: () => ended };
  },
};

const working = {
  encryptStream: (source, more) => ({
    readable: openpgp.encryptStream(source, { to: ann.certificate, ...more }),
  }),
  decryptStream: (source, more) => openpgp.decryptStream(source, { keys: ann.key, ...more }),
};
const ours = { message: 'our reason' };
const beginning = {
  encryptStream: new TextEncoder().encode(text),
  decryptStream: (await sealed(ann)).slice(0, 1 << 19),
};

for (const [name, begin] of Object.entries(working)) {
  for (const [kind, make] of Object.entries(stalled)) {
    test(`${name} of a waiting source (${kind}) can be cancelled`, { timeout: 20_000 }, async () => {
      const { source, waiting, ended } = make(beginning[name]);
      const { readable, opened } = begin(source);
      const reader = readable.getReader();
      const pieces = (async () => {
        while (!(await reader.read()).done);
      })();
      await waiting;
      await reader.cancel(new Error('our reason'));
      await pieces;
      if (opened) await assert.rejects(opened, ours);
      assert.ok(ended());
      if (kind === 'stream') assert.equal(ended().reason.message, 'our reason');
    });

    test(`${name} of a waiting source (${kind}) can be aborted`, { timeout: 20_000 }, async () => {
      const { source, waiting, ended } = make(beginning[name]);
      const stop = new AbortController();
      const { readable, opened } = begin(source, { signal: stop.signal });
      const read = all(readable);
      read.catch(() => undefined);
      await waiting;
      stop.abort(new Error('our reason'));
      await assert.rejects(read, ours);
      if (opened) await assert.rejects(opened, ours);
      assert.ok(ended());
    });

    test(`${name} of a source (${kind}) that nobody read is ended by either`, { timeout: 20_000 }, async () => {
      for (const abort of [false, true]) {
        const { source, ended } = make(beginning[name]);
        const stop = new AbortController();
        const { readable, opened } = begin(source, { signal: stop.signal });
        if (abort) {
          stop.abort(new Error('our reason'));
          await assert.rejects(all(readable), ours);
        } else {
          await readable.cancel(new Error('our reason'));
        }
        if (opened) await assert.rejects(opened, ours);
        assert.ok(ended());
      }
    });
  }
}

test('an abort while the last bytes are made is heard', async () => {
  const message = await sealed(ann);
  const { encrypt, decrypt } = crypto.subtle;
  for (const [name, bytes] of [['encryptStream', beginning.encryptStream], ['decryptStream', message]]) {
    const stop = new AbortController();
    let over = false;
    async function* source() {
      yield bytes;
      over = true;
    }
    let calls = 0;
    const watched = (work) =>
      function (...args) {
        if (over) {
          calls += 1;
          stop.abort(new Error('our reason'));
        }
        return work.apply(crypto.subtle, args);
      };
    Object.assign(crypto.subtle, { encrypt: watched(encrypt), decrypt: watched(decrypt) });
    try {
      const { readable, opened } = working[name](source(), { signal: stop.signal });
      await assert.rejects(all(readable), ours, name);
      if (opened) await assert.rejects(opened, ours);
      assert.ok(calls > 0);
    } finally {
      delete crypto.subtle.encrypt;
      delete crypto.subtle.decrypt;
    }
  }
});

test('an abort stops the signing and the judging of whole data', async () => {
  const signature = await openpgp.signDetached(text, { signer: ann.key });
  for (const call of [
    (signal) => openpgp.signDetached(text, { signer: ann.key, signal }),
    (signal) => openpgp.verifyDetached(text, signature, { from: ann.certificate, signal }),
  ]) {
    await assert.rejects(call(AbortSignal.abort(new Error('our reason'))), ours);
    const stop = new AbortController();
    const called = call(stop.signal);
    stop.abort(new Error('our reason'));
    await assert.rejects(called, ours);
  }
});

test('an invalid date is refused, and no limit can be taken away', async () => {
  const date = new Date(NaN);
  assert.throws(() => ann.certificate.status(date), RangeError);
  assert.throws(() => ann.key.makeRevocation(date), RangeError);
  await assert.rejects(openpgp.generateKey({ userIds, date }), RangeError);
  await assert.rejects(openpgp.signText('', { signer: ann.key, date }), RangeError);
  await assert.rejects(openpgp.encrypt('', { to: ann.certificate, date }), RangeError);
  await assert.rejects(openpgp.decrypt('', { keys: ann.key, date }), RangeError);
  const message = await openpgp.encrypt('hello', { to: ann.certificate });
  for (const signatures of [NaN, -1, Infinity, 1.5]) {
    await assert.rejects(openpgp.decrypt(message, { keys: ann.key, limits: { signatures } }), RangeError);
  }
  for (const limits of [{ signatures: '1' }, { signatures: null }, { nothing: 1 }]) {
    await assert.rejects(openpgp.decrypt(message, { keys: ann.key, limits }), TypeError);
  }
  const opened = await openpgp.decrypt(message, { keys: ann.key, limits: { signatures: 1 } });
  assert.equal(opened.text(), 'hello');
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
