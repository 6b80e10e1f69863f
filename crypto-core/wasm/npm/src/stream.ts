// Messages of any size, in bounded memory.

import * as glue from './glue.js';
import { classified, isDecryptError } from './errors.js';
import { decrypting, encrypting, type DecryptOptions, type EncryptOptions } from './message.js';
import { stopIfAborted } from './request.js';
import {
  chunksOf,
  discard,
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
  return streamOf(source, options, (watched) => encrypted(source, watched));
}

async function* encrypted(
  source: ByteSource | RepeatableSource,
  options: EncryptOptions & ProgressOptions & Watched,
): AsyncGenerator<Piece, void, void> {
  const encryptor = await glue.StreamEncryptor.start(await encrypting(options));
  let finished = false;
  try {
    for await (const chunk of chunksOf(options.open(source), options)) {
      yield (await encryptor.push(chunk)) as Piece;
    }
    finished = true;
    const rest = (await encryptor.finish()) as Piece;
    stopIfAborted(options.signal);
    yield rest;
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
    source,
    options,
    (watched) => decrypted(source, watched, (info) => settle?.resolve(info)),
    (error) => settle?.reject(error),
  );
  return { readable, opened };
}

async function* decrypted(
  source: ByteSource | RepeatableSource,
  options: DecryptOptions & ProgressOptions & Watched,
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
  options: DecryptOptions & ProgressOptions & Watched,
  checked: glue.FirstPass | undefined,
  done: (info: OpenedInfo) => void,
): AsyncGenerator<Piece, void, void> {
  let request: glue.Request;
  try {
    request = await decrypting(options, true);
  } catch (error) {
    checked?.free();
    throw error;
  }
  const decryptor = await glue.StreamDecryptor.start(request, checked);
  let finished = false;
  try {
    for await (const chunk of chunksOf(options.open(source), options)) {
      yield (await decryptor.push(chunk)) as Piece;
    }
    finished = true;
    const content = await decryptor.finish();
    const data = content.data as Piece;
    const told: unknown = content.told;
    content.free();
    stopIfAborted(options.signal);
    yield data;
    done(openedInfoOf(told));
  } finally {
    if (!finished) decryptor.free();
  }
}

async function firstPass(
  source: RepeatableSource,
  options: DecryptOptions & ProgressOptions & Watched,
): Promise<glue.FirstPass> {
  const checker = await glue.StreamChecker.start(await decrypting(options, true));
  let finished = false;
  try {
    // Progress counts the pass that releases.
    const { signal } = options;
    for await (const chunk of chunksOf(options.open(source), { signal })) {
      await checker.push(chunk);
    }
    finished = true;
    return await checker.finish();
  } finally {
    if (!finished) checker.free();
  }
}

/** What a stream's work goes by beside its options. */
interface Watched {
  /** Given when the caller's signal is given, or when the stream is cancelled. */
  signal: AbortSignal;
  /** Begins to read the source. */
  open: typeof open;
}

/** A stream that asks for pieces only when somebody reads. */
function streamOf<O extends ProgressOptions>(
  source: ByteSource | RepeatableSource,
  options: O,
  work: (options: O & Watched) => AsyncGenerator<Piece, void, void>,
  failed: (error: unknown) => void = () => undefined,
): ReadableStream<Piece> {
  const stop = new AbortController();
  let opened = false;
  const pieces = work({
    ...options,
    signal: stop.signal,
    open(source) {
      stopIfAborted(stop.signal);
      opened = true;
      return open(source);
    },
  });
  const caller = options.signal;
  const follow = (): void => stop.abort(caller?.reason);
  let following = false;
  /** Listens to the caller from the first piece on. */
  const begin = (): void => {
    if (following || !caller) return;
    following = true;
    if (caller.aborted) follow();
    else caller.addEventListener('abort', follow, { once: true });
  };
  const end = async (reason: unknown): Promise<void> => {
    caller?.removeEventListener('abort', follow);
    if (!opened) await discard(source, reason).catch(() => undefined);
  };
  return new ReadableStream<Piece>(
    {
      async pull(controller) {
        try {
          begin();
          for (;;) {
            const { done, value } = await pieces.next();
            if (done) {
              caller?.removeEventListener('abort', follow);
              return controller.close();
            }
            if (value.length > 0) return controller.enqueue(value);
          }
        } catch (error) {
          const told = classified(error);
          failed(told);
          void end(told);
          throw told;
        }
      },
      async cancel(reason) {
        const told: unknown = reason ?? new DOMException('the stream was cancelled', 'AbortError');
        failed(told);
        // First of all: what waits for the source is in the way of everything else.
        stop.abort(told);
        await pieces.return();
        await end(told);
      },
    },
    { highWaterMark: 0 },
  );
}
