// The entry points `@letterlock/openpgp` and `@letterlock/openpgp/classic`.

export * from './armor.js';
export { Certificate, checkCertificates, readCertificate, readCertificates } from './certificate.js';
export type { CheckedCertificate } from './certificate.js';
export {
  ArmorError,
  DecryptError,
  EncryptError,
  GenerateError,
  ImportError,
  isArmorError,
  isDecryptError,
  isEncryptError,
  isGenerateError,
  isImportError,
  isLockError,
  isMergeError,
  isOpenPGPError,
  isSignError,
  isUnlockError,
  isVerifyError,
  LockError,
  MergeError,
  OpenPGPError,
  SignError,
  UnlockError,
  VerifyError,
} from './errors.js';
export type {
  ArmorErrorCode,
  DecryptErrorCode,
  EncryptErrorCode,
  GenerateErrorCode,
  ImportErrorCode,
  LockErrorCode,
  MergeErrorCode,
  SignErrorCode,
  UnlockErrorCode,
  VerifyErrorCode,
} from './errors.js';
export { generateKey, PrivateKey, readKey } from './key.js';
export type { GeneratedKey, GenerateOptions, Profile } from './key.js';
export { init_ as init, initNow } from './load.js';
export type { WasmSource } from './load.js';
export { decrypt, decryptMany, encrypt } from './message.js';
export type { DecryptOptions, EncryptOptions, Opened } from './message.js';
export type { VerifyOptions } from './request.js';
export { signDetached, signMessage, signText } from './signing.js';
export type { ArmorOption, SignOptions } from './signing.js';
export type { ByteSource, ProgressOptions, RepeatableSource } from './sources.js';
export { decryptStream, encryptStream } from './stream.js';
export type { DecryptedStream } from './stream.js';
export type {
  BadSignatureCode,
  BatchResult,
  CertificateStatus,
  Data,
  EncryptionSupport,
  Limits,
  OneOrMore,
  OpenedInfo,
  Protection,
  SignatureVerdict,
  UserId,
  Verified,
} from './types.js';
export * from './verifying.js';
