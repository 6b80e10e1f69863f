/// <reference lib="esnext.disposable" preserve="true" />
// Private keys.

import * as glue from './glue.js';
import { Certificate, disposable } from './certificate.js';
import { guarded, guardedAsync } from './errors.js';
import { init_ } from './load.js';
import { bytesOf, listOf, seconds, type Data, type OneOrMore, type UserId } from './types.js';

/**
 * Which kind of key:
 *
 * - `modern`: version 6 (RFC 9580), Ed25519 and X25519.
 * - `postQuantum`: version 6 with ML-KEM-768 and X25519 together (RFC 9980).
 * - `compatible`: version 4, which every software reads, GnuPG 2.2 included.
 */
export type Profile = 'modern' | 'postQuantum' | 'compatible';

/**
 * A private key with its certificate. The key itself stays in the program's memory: there is no
 * way to get it out but locked by a passphrase. It is wiped by {@link free}, or when it is
 * garbage-collected.
 */
export class PrivateKey {
  readonly #handle: glue.PrivateKey;
  #certificate: Certificate | undefined;

  private constructor(handle: glue.PrivateKey) {
    this.#handle = handle;
  }

  /** @internal */
  static of(handle: glue.PrivateKey): PrivateKey {
    return new PrivateKey(handle);
  }

  /** @internal */
  get handle(): glue.PrivateKey {
    return this.#handle;
  }

  /** The primary key's fingerprint: upper-case hexadecimal. */
  get fingerprint(): string {
    return this.certificate.fingerprint;
  }

  /** Whether it needs a passphrase before it can be used. */
  get isLocked(): boolean {
    return this.#handle.isLocked;
  }

  /** The public part, to give away. */
  get certificate(): Certificate {
    return (this.#certificate ??= Certificate.of(this.#handle.certificate));
  }

  /**
   * The same key, unlocked. Stretching the passphrase takes up to a second in which the thread
   * does nothing else: use a worker where people are waiting. Throws an {@link UnlockError}.
   */
  async unlock(passphrase: string): Promise<PrivateKey> {
    return guardedAsync(async () => new PrivateKey(await this.#handle.unlock(passphrase)));
  }

  /** The key in armor, locked by a passphrase: to store or to take elsewhere. Throws a {@link LockError}. */
  async lock(passphrase: string): Promise<string> {
    return guarded(() => this.#handle.lock(passphrase));
  }

  /** An armored revocation of the whole key, to publish when it must not be used any more. Throws a {@link LockError}. */
  makeRevocation(date?: Date): string {
    return guarded(() => this.#handle.makeRevocation(seconds(date)));
  }

  /** The same private key with a newer version of its certificate. Throws a {@link MergeError}. */
  withCertificate(newer: Certificate): PrivateKey {
    return guarded(() => new PrivateKey(this.#handle.withCertificate(newer.handle)));
  }

  /** Wipes the key from memory now. It cannot be used afterwards. */
  free(): void {
    this.#handle.free();
  }

  /** For `using`: the same as {@link free}. */
  declare [Symbol.dispose]: () => void;
}

disposable(PrivateKey.prototype);

/** For whom to make a key, and which. */
export interface GenerateOptions {
  userIds: OneOrMore<UserId>;
  /** `modern`, if left out. */
  profile?: Profile;
  /** When the key begins; now, if left out. */
  date?: Date;
}

/** A fresh key. */
export interface GeneratedKey {
  /** The key, not locked. */
  key: PrivateKey;
  /** Its public part. */
  certificate: Certificate;
  /** An armored revocation: keep it apart. Whoever has it can declare the key void. */
  revocation: string;
}

/** Makes a key that signs and decrypts and does not expire. Throws a {@link GenerateError}. */
export async function generateKey(options: GenerateOptions): Promise<GeneratedKey> {
  await init_();
  const userIds = listOf(options.userIds).flatMap((id) => [id.name, id.address]);
  const made = guarded(() =>
    glue.generateKey(options.profile ?? 'modern', userIds, seconds(options.date)),
  );
  const key = PrivateKey.of(made.key);
  const { revocation } = made;
  made.free();
  return { key, certificate: key.certificate, revocation };
}

/**
 * Reads exactly one private key, armored or binary; unlocks it if a passphrase is given.
 * Throws an {@link ImportError} or an {@link UnlockError}.
 */
export async function readKey(data: Data, options: { passphrase?: string } = {}): Promise<PrivateKey> {
  await init_();
  const key = guarded(() => PrivateKey.of(glue.PrivateKey.parse(bytesOf(data))));
  if (options.passphrase === undefined || !key.isLocked) return key;
  try {
    return await key.unlock(options.passphrase);
  } finally {
    key.free();
  }
}
