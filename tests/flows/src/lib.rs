//! tests/flows
