// Errors: one class an operation, with a `code` that says which case it is.

/** Why a certificate or a private key was not taken in. */
export type ImportErrorCode =
  | 'SecretKeyGiven'
  | 'PublicKeyGiven'
  | 'SeveralCertificates'
  | 'TooLarge'
  | 'Malformed'
  | 'Unsupported'
  | 'Altered'
  | 'Other';

/** Why no key was made. */
export type GenerateErrorCode = 'NoUserId' | 'BadUserId' | 'TimeOutOfRange' | 'Other';

/** Why a locked key stayed locked. */
export type UnlockErrorCode =
  | 'WrongPassphrase'
  | 'Altered'
  | 'LimitExceeded'
  | 'Unsupported'
  | 'SecretMissing'
  | 'Other';

/** Why a private key was not written, or not used to revoke. */
export type LockErrorCode = 'Locked' | 'EmptyPassphrase' | 'Other';

/** Why two versions were not merged, or a revocation was not applied. */
export type MergeErrorCode = 'DifferentKeys' | 'NotARevocation' | 'Malformed' | 'Other';

/** Why nothing was signed. */
export type SignErrorCode =
  | 'Locked'
  | 'NotInForce'
  | 'NoSuitableKey'
  | 'Text'
  | 'TimeOutOfRange'
  | 'Platform'
  | 'Other';

/** Why nothing was encrypted. */
export type EncryptErrorCode = 'NoRecipient' | 'Recipients' | 'Sign' | 'Platform' | 'Other';

/** Why nothing was decrypted. */
export type DecryptErrorCode =
  | 'NotForUs'
  | 'WrongPassword'
  | 'Locked'
  | 'Damaged'
  | 'NoIntegrity'
  | 'NotEncrypted'
  | 'Malformed'
  | 'Unsupported'
  | 'LimitExceeded'
  | 'NeedsTwoPasses'
  | 'Platform'
  | 'Other';

/** Why a signature could not be looked at. A wrong signature is a verdict, not an error. */
export type VerifyErrorCode = 'Malformed' | 'TooMany' | 'Platform' | 'Other';

/** Why armor could not be read or made. */
export type ArmorErrorCode = 'Malformed';

/** What all errors of this package have in common. None holds a secret or a plaintext. */
export class OpenPGPError extends Error {
  /** Which case it is; every class documents its own. */
  readonly code: string;
  /** What else the case says. */
  readonly details: unknown;

  constructor(name: string, code: string, message: string, details?: unknown) {
    super(message);
    this.name = name;
    this.code = code;
    this.details = details;
  }
}

/** A certificate or a private key was not taken in. */
export class ImportError extends OpenPGPError {
  declare readonly code: ImportErrorCode;
}

/** No key was made. */
export class GenerateError extends OpenPGPError {
  declare readonly code: GenerateErrorCode;
}

/** A locked key stayed locked. */
export class UnlockError extends OpenPGPError {
  declare readonly code: UnlockErrorCode;
}

/** A private key was not written, or not used to revoke. */
export class LockError extends OpenPGPError {
  declare readonly code: LockErrorCode;
}

/** Two versions were not merged, or a revocation was not applied. */
export class MergeError extends OpenPGPError {
  declare readonly code: MergeErrorCode;
}

/** Nothing was signed. */
export class SignError extends OpenPGPError {
  declare readonly code: SignErrorCode;
}

/** Nothing was encrypted. */
export class EncryptError extends OpenPGPError {
  declare readonly code: EncryptErrorCode;
  /** For `Recipients`: who cannot be encrypted to, and why. For `Sign`: why signing failed. */
  declare readonly details:
    | { recipients: { fingerprint: string; code: string; reason: string }[] }
    | { code: SignErrorCode; message: string }
    | undefined;
}

/**
 * A message was not decrypted, or not to its end. A call for a whole message has then released
 * nothing of it. A stream may have released authenticated bytes before it failed: they are a
 * beginning, with nobody's signature.
 */
export class DecryptError extends OpenPGPError {
  declare readonly code: DecryptErrorCode;
  /** For `NotForUs`, `Locked` and `LimitExceeded`. */
  declare readonly details:
    | { recipients: string[]; password: boolean }
    | { fingerprint: string }
    | { limit: string }
    | undefined;
}

/** A signature could not be looked at. */
export class VerifyError extends OpenPGPError {
  declare readonly code: VerifyErrorCode;
}

/** Armor could not be read or made. */
export class ArmorError extends OpenPGPError {
  declare readonly code: ArmorErrorCode;
}

const classes: Record<string, typeof OpenPGPError> = {
  ImportError,
  GenerateError,
  UnlockError,
  LockError,
  MergeError,
  SignError,
  EncryptError,
  DecryptError,
  VerifyError,
  ArmorError,
};

/** Makes an instance of the right class of what the program threw; leaves the rest alone. */
export function classified(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof OpenPGPError) return error;
  const { name, message, code, details } = error as Error & { code?: unknown; details?: unknown };
  const Class = classes[name];
  return Class && typeof code === 'string' ? new Class(name, code, message, details) : error;
}

/** Runs `work`, and throws what it throws as one of the classes above. */
export function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw classified(error);
  }
}

/** Waits for `work`, and throws what it throws as one of the classes above. */
export async function guardedAsync<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw classified(error);
  }
}

/** True for any error of this package, whichever entry point or copy of it made the error. */
export function isOpenPGPError(error: unknown): error is OpenPGPError {
  return error instanceof Error && error.name in classes && typeof (error as { code?: unknown }).code === 'string';
}

function is<E extends OpenPGPError>(name: string) {
  return (error: unknown, code?: E['code']): error is E =>
    isOpenPGPError(error) && error.name === name && (code === undefined || error.code === code);
}

/** True for an {@link ImportError}, with this `code` if one is given. */
export const isImportError: (error: unknown, code?: ImportErrorCode) => error is ImportError = is('ImportError');
/** True for a {@link GenerateError}, with this `code` if one is given. */
export const isGenerateError: (error: unknown, code?: GenerateErrorCode) => error is GenerateError = is('GenerateError');
/** True for an {@link UnlockError}, with this `code` if one is given. */
export const isUnlockError: (error: unknown, code?: UnlockErrorCode) => error is UnlockError = is('UnlockError');
/** True for a {@link LockError}, with this `code` if one is given. */
export const isLockError: (error: unknown, code?: LockErrorCode) => error is LockError = is('LockError');
/** True for a {@link MergeError}, with this `code` if one is given. */
export const isMergeError: (error: unknown, code?: MergeErrorCode) => error is MergeError = is('MergeError');
/** True for a {@link SignError}, with this `code` if one is given. */
export const isSignError: (error: unknown, code?: SignErrorCode) => error is SignError = is('SignError');
/** True for an {@link EncryptError}, with this `code` if one is given. */
export const isEncryptError: (error: unknown, code?: EncryptErrorCode) => error is EncryptError = is('EncryptError');
/** True for a {@link DecryptError}, with this `code` if one is given. */
export const isDecryptError: (error: unknown, code?: DecryptErrorCode) => error is DecryptError = is('DecryptError');
/** True for a {@link VerifyError}, with this `code` if one is given. */
export const isVerifyError: (error: unknown, code?: VerifyErrorCode) => error is VerifyError = is('VerifyError');
/** True for an {@link ArmorError}, with this `code` if one is given. */
export const isArmorError: (error: unknown, code?: ArmorErrorCode) => error is ArmorError = is('ArmorError');
