/// <reference lib="esnext.disposable" preserve="true" />
// Public certificates.

import * as glue from './glue.js';
import { classified, guarded, ImportError, type OpenPGPError } from './errors.js';
import { init_ } from './load.js';
import {
  bytesOf,
  dateOf,
  seconds,
  statusOf,
  type BatchResult,
  type CertificateStatus,
  type Data,
  type EncryptionSupport,
  type UserId,
} from './types.js';

/**
 * A public certificate: keys, User IDs and the self-signatures that bind them. Every
 * self-signature in it has been verified; whether it is in force is what {@link status} says.
 *
 * Its memory is given back when it is garbage-collected, or at once by {@link free}.
 */
export class Certificate {
  readonly #handle: glue.Certificate;
  #fingerprint: string | undefined;
  #userIds: readonly UserId[] | undefined;

  private constructor(handle: glue.Certificate) {
    this.#handle = handle;
  }

  /** @internal */
  static of(handle: glue.Certificate): Certificate {
    return new Certificate(handle);
  }

  /** @internal */
  get handle(): glue.Certificate {
    return this.#handle;
  }

  /** The primary key's fingerprint: upper-case hexadecimal, 40 digits (v4) or 64 (v6). */
  get fingerprint(): string {
    return (this.#fingerprint ??= this.#handle.fingerprint);
  }

  /** The version of the key's format. */
  get version(): 4 | 6 {
    return this.fingerprint.length === 64 ? 6 : 4;
  }

  /** When the primary key was made. */
  get created(): Date {
    return dateOf(this.#handle.created);
  }

  /** When it ends by itself, if ever. */
  get expires(): Date | undefined {
    const end = this.#handle.expires;
    return end === undefined ? undefined : dateOf(end);
  }

  /** Names and addresses that a valid self-signature binds and none revokes, the primary first. */
  get userIds(): readonly UserId[] {
    return (this.#userIds ??= Object.freeze(this.#handle.userIds as UserId[]));
  }

  /** Whether one of {@link userIds} has this mail address; ASCII letters match in either case. */
  hasAddress(address: string): boolean {
    const wanted = asciiLower(address);
    return wanted !== '' && this.userIds.some((id) => asciiLower(id.address) === wanted);
  }

  /** What the certificate as a whole is good for; now, if no date is given. */
  status(date?: Date): CertificateStatus {
    return statusOf(this.#handle.status(seconds(date)));
  }

  /** Whether messages can be encrypted to it, and what its holder can read. */
  encryption(date?: Date): EncryptionSupport {
    return this.#handle.encryption(seconds(date)) as EncryptionSupport;
  }

  /** The armored form. */
  toArmor(): string {
    return this.#handle.toArmor();
  }

  /** The binary form. */
  toBytes(): Uint8Array<ArrayBuffer> {
    return this.#handle.toBytes() as Uint8Array<ArrayBuffer>;
  }

  /** The same without the certifications that others made: what a directory should publish. */
  withoutForeign(): Certificate {
    return new Certificate(this.#handle.withoutForeign());
  }

  /**
   * Takes over what another version of the same certificate knows; nothing is ever lost.
   * Throws a {@link MergeError}.
   */
  merge(other: Certificate): Certificate {
    return guarded(() => new Certificate(this.#handle.merge(other.#handle)));
  }

  /** Applies a revocation, armored or binary. Throws a {@link MergeError}. */
  revoke(revocation: Data): Certificate {
    return guarded(() => new Certificate(this.#handle.revoke(bytesOf(revocation))));
  }

  /** Gives the memory back now. The certificate cannot be used afterwards. */
  free(): void {
    this.#handle.free();
  }

  /** For `using`: the same as {@link free}. */
  declare [Symbol.dispose]: () => void;
}

/** Lets `using` free a class's objects, where the language knows `Symbol.dispose`. */
export function disposable(prototype: { free(): void }): void {
  if (typeof Symbol.dispose === 'symbol') {
    Object.defineProperty(prototype, Symbol.dispose, { value: prototype.free });
  }
}

disposable(Certificate.prototype);

function asciiLower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Reads exactly one public certificate, armored or binary. Throws an {@link ImportError}. */
export async function readCertificate(data: Data): Promise<Certificate> {
  await init_();
  return guarded(() => Certificate.of(glue.Certificate.parse(bytesOf(data))));
}

/** Reads all certificates of a keyring, armored or binary. Throws an {@link ImportError}. */
export async function readCertificates(data: Data): Promise<Certificate[]> {
  await init_();
  return guarded(() => glue.Certificate.parseMany(bytesOf(data)).map(Certificate.of));
}

/** A certificate that was read, and what it is good for. */
export interface CheckedCertificate {
  certificate: Certificate;
  status: CertificateStatus;
  encryption: EncryptionSupport;
}

/** Reads and checks many certificates in one call; the results are in the same order. */
export async function checkCertificates(
  certificates: readonly Data[],
  options: { date?: Date } = {},
): Promise<BatchResult<CheckedCertificate, ImportError>[]> {
  await init_();
  const raw = glue.checkCertificates(certificates.map(bytesOf), seconds(options.date));
  return results(raw, ({ certificate, status, encryption }) => ({
    certificate: Certificate.of(certificate as glue.Certificate),
    status: statusOf(status),
    encryption: encryption as EncryptionSupport,
  }));
}

/** What the program tells of each item of a batch. */
export function results<T, E extends OpenPGPError>(
  raw: readonly unknown[],
  value: (item: Record<string, unknown>) => T,
): BatchResult<T, E>[] {
  return (raw as Record<string, unknown>[]).map((item) =>
    item['error'] === undefined
      ? { ok: true, value: value(item) }
      : { ok: false, error: classified(item['error']) as E },
  );
}
