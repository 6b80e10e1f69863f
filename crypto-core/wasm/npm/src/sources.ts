// Where streamed bytes come from.

import { stopIfAborted } from './request.js';

/** A stream of bytes that can be read once. */
export type ByteSource = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/** Something whose bytes can be read again from the start: a `Blob`, a `File`, or a function. */
export type RepeatableSource = Blob | (() => ByteSource);

/** To watch and to stop. */
export interface ProgressOptions {
  /** Stops the work; the stream then fails with the signal's reason. */
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
    yield* source;
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
