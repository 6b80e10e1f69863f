// The plain values of the interface, and how they come out of the program.

/** Bytes, or text in UTF-8. */
export type Data = string | Uint8Array;

/** One or several. */
export type OneOrMore<T> = T | readonly T[];

/** A name and a mail address. */
export interface UserId {
  /** May be empty. */
  name: string;
  /** Empty if a certificate's User ID holds none that is well-formed. */
  address: string;
}

/** What a certificate as a whole is good for at a given time. */
export type CertificateStatus =
  | { kind: 'usable' }
  | { kind: 'expired'; at: Date }
  | { kind: 'revoked'; reason: string }
  | { kind: 'notYetValid'; from: Date }
  | { kind: 'unusable'; reason: string };

/** Whether messages can be encrypted to a certificate, and what its holder can read. */
export type EncryptionSupport =
  | { kind: 'possible'; seipdV2: boolean; gcm: boolean; postQuantum: boolean }
  | { kind: 'impossible'; code: 'NotInForce' | 'NoSuitableKey' | 'Other'; reason: string };

/** Why a signature must not be relied upon. */
export type BadSignatureCode =
  | 'Mismatch'
  | 'Expired'
  | 'FromTheFuture'
  | 'KeyNotInForce'
  | 'KeyRevoked'
  | 'NotASigningKey'
  | 'WeakAlgorithm'
  | 'ForSomebodyElse'
  | 'Malformed'
  | 'Other';

/** What is known about who made a text. Only `good` may be shown as signed. */
export type SignatureVerdict =
  | { kind: 'unsigned' }
  /** Signed by the certificate with this fingerprint, at that time. */
  | { kind: 'good'; signer: string; at: Date }
  /** None of the certificates given made it. `issuer` is what the signature claims: no proof. */
  | { kind: 'unknownSigner'; issuer: string }
  | { kind: 'bad'; code: BadSignatureCode; reason: string };

/** The verdict to show, and one for each signature. */
export interface Verified {
  /** The best of `signatures`, or `unsigned`. */
  signature: SignatureVerdict;
  signatures: SignatureVerdict[];
}

/** How a message was encrypted. */
export interface Protection {
  container: 'SEIPDv1' | 'SEIPDv2';
  cipher: 'AES-128' | 'AES-192' | 'AES-256';
  /** For SEIPDv2. */
  aead?: 'EAX' | 'OCB' | 'GCM';
  /** For SEIPDv2, in bytes. */
  chunkLength?: number;
}

/** What opening a message tells beside its content. */
export interface OpenedInfo extends Verified {
  protection: Protection;
  /** The fingerprint of the certificate whose private key opened it; `undefined`: a password. */
  recipient: string | undefined;
}

/**
 * How much work and memory a message may ask for: whole numbers from 0. What is left out keeps
 * its default; there is no way to have no limit.
 */
export interface Limits {
  /** Bytes that may come out of decompression, all layers together; 64 MiB, in streams no limit. */
  decompressed?: number;
  /**
   * How many times the outermost compressed packet may come out of decompression, all layers
   * together, beyond the first MiB; 100. In a stream this holds for what there is so far, and
   * beyond 16 MiB for each piece of it as well.
   */
  compressionRatio?: number;
  /** Layers of compression; 3. */
  nesting?: number;
  /** KiB of memory that Argon2 may use; 262144. */
  s2kMemoryKiB?: number;
  /** Argon2's memory in KiB times its passes, over all passwords tried for one message. */
  s2kWorkKiB?: number;
  /** Session-key packets; 1024. */
  sessionKeys?: number;
  /** Signatures on a message; 32. */
  signatures?: number;
}

/** One of many: a batch never fails as a whole. */
export type BatchResult<T, E extends Error> = { ok: true; value: T } | { ok: false; error: E };

const encoder = new TextEncoder();

/** Text becomes UTF-8. */
export function bytesOf(data: Data): Uint8Array {
  return typeof data === 'string' ? encoder.encode(data) : data;
}

/** UTF-8 becomes text; what is no UTF-8 throws a `TypeError`. */
export function textOf(bytes: Uint8Array): string {
  // A fresh decoder: one that threw may have kept a state.
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** ASCII that the program made. */
export function asciiOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

export function listOf<T>(items: OneOrMore<T> | undefined): readonly T[] {
  if (items === undefined) return [];
  return Array.isArray(items) ? (items as readonly T[]) : [items as T];
}

/** Throws a `RangeError` for an invalid date: the program would take it for 1970. */
export function seconds(date: Date | undefined): number {
  const milliseconds = date?.getTime() ?? Date.now();
  if (Number.isNaN(milliseconds)) throw new RangeError('the date is invalid');
  return Math.floor(milliseconds / 1000);
}

export function dateOf(seconds: number): Date {
  return new Date(seconds * 1000);
}

type Raw<T> = T extends Date ? number : T extends object ? { [K in keyof T]: Raw<T[K]> } : T;

/** The program's seconds become dates. */
export function statusOf(raw: unknown): CertificateStatus {
  const status = raw as Raw<CertificateStatus>;
  switch (status.kind) {
    case 'expired':
      return { kind: 'expired', at: dateOf(status.at) };
    case 'notYetValid':
      return { kind: 'notYetValid', from: dateOf(status.from) };
    default:
      return status;
  }
}

function verdictOf(raw: Raw<SignatureVerdict>): SignatureVerdict {
  return raw.kind === 'good' ? { kind: 'good', signer: raw.signer, at: dateOf(raw.at) } : raw;
}

export function verifiedOf(raw: unknown): Verified {
  const { signature, signatures } = raw as Raw<Verified>;
  return { signature: verdictOf(signature), signatures: signatures.map(verdictOf) };
}

export function openedInfoOf(raw: unknown): OpenedInfo {
  const { protection, recipient } = raw as Raw<OpenedInfo>;
  return { ...verifiedOf(raw), protection, recipient };
}
