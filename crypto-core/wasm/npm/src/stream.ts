// Messages of any size, in constant memory.

import * as glue from './glue.js';
import { classified, isDecryptError } from './errors.js';
import { decrypting, encrypting, type DecryptOptions, type EncryptOptions } from './message.js';
import {
  chunksOf,
  isRepeatable,
  open,
  type ByteSource,
  type ProgressOptions,
  type RepeatableSource,
} from './sources.js';
import { openedInfoOf, type OpenedInfo } from './types.js';

/** What comes after the last byte of a decrypted stream. */
export interface DecryptedStream {
  /** The content, as it is authenticated. */
  readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  /**
   * What is known about the whole, once `readable` was read to its end; rejects as `readable`
   * fails. Until then the content is authenticated encryption, not proven to be signed by
   * anybody.
   */
  opened: Promise<OpenedInfo>;
}

type Piece = Uint8Array<ArrayBuffer>;

/**
 * Signs and encrypts a stream. Armored unless `armor: false`; bytes come out in either case. The
 * stream fails with an {@link EncryptError}, with what the source fails with, or with the
 * signal's reason.
 */
export function encryptStream(
  source: ByteSource | RepeatableSource,
  options: EncryptOptions & ProgressOptions,
): ReadableStream<Piece> {
  return streamOf(encrypted(source, options));
}

async function* encrypted(
  source: ByteSource | RepeatableSource,
  options: EncryptOptions & ProgressOptions,
): AsyncGenerator<Piece, void, void> {
  const encryptor = await glue.StreamEncryptor.start(await encrypting(options));
  let finished = false;
  try {
    for await (const chunk of chunksOf(open(source), options)) {
      yield (await encryptor.push(chunk)) as Piece;
    }
    finished = true;
    yield (await encryptor.finish()) as Piece;
  } finally {
    if (!finished) encryptor.free();
  }
}

/**
 * Decrypts a stream, armored or binary. Only authenticated bytes come out: SEIPDv2 is
 * authenticated chunk by chunk. SEIPDv1 can only be checked at its end, so it must be read twice:
 * give a `Blob`, a `File`, or a function that opens the stream anew; with a stream that can be
 * read once the result fails with a {@link DecryptError} of the code `NeedsTwoPasses`.
 */
export function decryptStream(
  source: ByteSource | RepeatableSource,
  options: DecryptOptions & ProgressOptions,
): DecryptedStream {
  let settle: { resolve(info: OpenedInfo): void; reject(error: unknown): void } | undefined;
  const opened = new Promise<OpenedInfo>((resolve, reject) => (settle = { resolve, reject }));
  // Whoever looks at the stream alone is told there.
  opened.catch(() => undefined);
  const readable = streamOf(
    decrypted(source, options, (info) => settle?.resolve(info)),
    (error) => settle?.reject(error),
  );
  return { readable, opened };
}

async function* decrypted(
  source: ByteSource | RepeatableSource,
  options: DecryptOptions & ProgressOptions,
  done: (info: OpenedInfo) => void,
): AsyncGenerator<Piece, void, void> {
  try {
    yield* onePass(source, options, undefined, done);
  } catch (error) {
    // It is refused before a byte of it was released.
    if (!isDecryptError(classified(error), 'NeedsTwoPasses') || !isRepeatable(source)) throw error;
    const checked = await firstPass(source, options);
    yield* onePass(source, options, checked, done);
  }
}

async function* onePass(
  source: ByteSource | RepeatableSource,
  options: DecryptOptions & ProgressOptions,
  checked: glue.FirstPass | undefined,
  done: (info: OpenedInfo) => void,
): AsyncGenerator<Piece, void, void> {
  const decryptor = await glue.StreamDecryptor.start(await decrypting(options, true), checked);
  let finished = false;
  try {
    for await (const chunk of chunksOf(open(source), options)) {
      yield (await decryptor.push(chunk)) as Piece;
    }
    finished = true;
    const content = await decryptor.finish();
    yield content.data as Piece;
    done(openedInfoOf(content.told));
    content.free();
  } finally {
    if (!finished) decryptor.free();
  }
}

async function firstPass(
  source: RepeatableSource,
  options: DecryptOptions & ProgressOptions,
): Promise<glue.FirstPass> {
  const checker = await glue.StreamChecker.start(await decrypting(options, true));
  let finished = false;
  try {
    // Progress counts the pass that releases.
    const { signal } = options;
    for await (const chunk of chunksOf(open(source), signal ? { signal } : {})) {
      await checker.push(chunk);
    }
    finished = true;
    return await checker.finish();
  } finally {
    if (!finished) checker.free();
  }
}

/** A stream that asks for pieces only when somebody reads. */
function streamOf(
  pieces: AsyncGenerator<Piece, void, void>,
  failed: (error: unknown) => void = () => undefined,
): ReadableStream<Piece> {
  return new ReadableStream<Piece>(
    {
      async pull(controller) {
        try {
          for (;;) {
            const { done, value } = await pieces.next();
            if (done) return controller.close();
            if (value.length > 0) return controller.enqueue(value);
          }
        } catch (error) {
          const told = classified(error);
          failed(told);
          throw told;
        }
      },
      async cancel(reason) {
        failed(reason ?? new DOMException('the stream was cancelled', 'AbortError'));
        await pieces.return();
      },
    },
    { highWaterMark: 0 },
  );
}
