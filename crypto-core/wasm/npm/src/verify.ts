// The entry point `@letterlock/openpgp/verify`: certificates and signatures, no private keys.

export * from './armor.js';
export { Certificate, checkCertificates, readCertificate, readCertificates } from './certificate.js';
export type { CheckedCertificate } from './certificate.js';
export {
  ArmorError,
  ImportError,
  isArmorError,
  isImportError,
  isMergeError,
  isOpenPGPError,
  isVerifyError,
  MergeError,
  OpenPGPError,
  VerifyError,
} from './errors.js';
export type { ArmorErrorCode, ImportErrorCode, MergeErrorCode, VerifyErrorCode } from './errors.js';
export { init_ as init, initNow } from './load.js';
export type { WasmSource } from './load.js';
export type { VerifyOptions } from './request.js';
export type { ByteSource, ProgressOptions } from './sources.js';
export type {
  BadSignatureCode,
  BatchResult,
  CertificateStatus,
  Data,
  EncryptionSupport,
  OneOrMore,
  SignatureVerdict,
  UserId,
  Verified,
} from './types.js';
export * from './verifying.js';
