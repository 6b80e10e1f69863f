//! crypto-core/webcrypto
