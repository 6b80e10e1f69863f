// Where streamed bytes come from.

import { stopIfAborted } from './request.js';

/** A stream of bytes that can be read once. */
export type ByteSource = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/** Something whose bytes can be read again from the start: a `Blob`, a `File`, or a function. */
export type RepeatableSource = Blob | (() => ByteSource);

/** To watch and to stop. */
export interface ProgressOptions {
  /** Stops the work; the call or the stream then fails with the signal's reason. */
  signal?: AbortSignal;
  /** Called with the number of bytes read so far, at most once for each piece. */
  onProgress?: (bytes: number) => void;
}

/** Pieces are cut to this size, so that no step takes long or much memory. */
const LARGEST_PIECE = 1 << 20;

export function isStream(source: unknown): source is ByteSource {
  return (
    typeof source === 'object' &&
    source !== null &&
    ('getReader' in source || Symbol.asyncIterator in source)
  );
}

export function isRepeatable(source: unknown): source is RepeatableSource {
  return typeof source === 'function' || source instanceof Blob;
}

/** Begins to read from the start. */
export function open(source: ByteSource | RepeatableSource): ByteSource {
  if (typeof source === 'function') return source();
  return source instanceof Blob ? (source.stream() as ReadableStream<Uint8Array>) : source;
}

/** Ends a source that nobody began to read. */
export async function discard(source: ByteSource | RepeatableSource, reason: unknown): Promise<void> {
  if (isRepeatable(source)) return;
  if ('getReader' in source) {
    await source.cancel(reason);
    return;
  }
  await source[Symbol.asyncIterator]().return?.();
  // Node's streams are not ended by an iterator that never began.
  (source as { destroy?: () => unknown }).destroy?.();
}

/** The pieces of a source; ends the source when the reader stops early. */
export async function* chunksOf(
  source: ByteSource,
  { signal, onProgress }: ProgressOptions = {},
): AsyncGenerator<Uint8Array, void, void> {
  let bytes = 0;
  for await (const piece of iterated(source, signal)) {
    for (let start = 0; start < piece.length; start += LARGEST_PIECE) {
      stopIfAborted(signal);
      const part = piece.subarray(start, start + LARGEST_PIECE);
      yield part;
      bytes += part.length;
      onProgress?.(bytes);
    }
  }
  stopIfAborted(signal);
}

/** Safari's and older Chromium's streams are not iterable. */
async function* iterated(
  source: ByteSource,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, void> {
  if (!('getReader' in source)) {
    yield* pulled(source, signal);
    return;
  }
  const reader = source.getReader();
  // A read that waits for ever must not keep an abort waiting.
  const stop = (): void => void reader.cancel(signal?.reason).catch(() => undefined);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for (;;) {
      stopIfAborted(signal);
      const { done, value } = await reader.read();
      stopIfAborted(signal);
      if (done) return;
      yield value;
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    await reader.cancel().catch(() => undefined);
    reader.releaseLock();
  }
}

/** The pieces of an iterable, without waiting for the next one after an abort. */
async function* pulled(
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, void> {
  const iterator = source[Symbol.asyncIterator]();
  let at: 'piece' | 'waiting' | 'end' = 'piece';
  const next = async (): Promise<IteratorResult<Uint8Array, unknown>> => {
    try {
      const result = await iterator.next();
      at = result.done ? 'end' : 'piece';
      return result;
    } catch (error) {
      at = 'end';
      throw error;
    }
  };
  try {
    for (;;) {
      stopIfAborted(signal);
      at = 'waiting';
      const { done, value } = await unlessAborted(next(), signal);
      if (done) return;
      yield value;
    }
  } finally {
    await ended(iterator, at);
  }
}

/** Ends an iterator; one that still waits is told so, but not waited for. */
async function ended(iterator: AsyncIterator<Uint8Array>, at: 'piece' | 'waiting' | 'end'): Promise<void> {
  if (at === 'end') return;
  const ending = iterator.return?.();
  if (at === 'piece') await ending;
  else void Promise.resolve(ending).catch(() => undefined);
}

/** Waits for `work` or for the signal, whichever comes first. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => (stop = () => reject(signal.reason)));
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
