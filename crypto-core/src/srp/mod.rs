//! srp
