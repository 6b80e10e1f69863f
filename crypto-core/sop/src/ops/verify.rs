//! `verify`, `inline-verify` and `inline-detach`.

use std::{
    io,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use crypto_core::{
    bulk::NativeEngine,
    ids::{Fingerprint, UnixTime},
    openpgp::{Certificate, JudgedSignature, SignatureVerdict, judge_detached, read_signed},
};
use futures::executor::block_on;
use sop::{
    Load, Result,
    errors::Error,
    ops::{self, Ready, SignatureMode, Verification},
};

use super::{Done, certs::unix};
use crate::{Certs, Sigs, Sop, errors, objects::read_all};

/// Whose signatures count, and from when.
pub(crate) struct Verifiers {
    certificates: Vec<Certificate>,
    /// The files that certificates came from.
    sources: Vec<(Fingerprint, String)>,
    not_before: Option<UnixTime>,
    not_after: Option<UnixTime>,
}

impl Verifiers {
    pub(crate) fn new() -> Self {
        Self {
            certificates: Vec::new(),
            sources: Vec::new(),
            not_before: None,
            not_after: None,
        }
    }

    pub(crate) fn add(&mut self, certs: &Certs<'_>) {
        self.certificates.extend_from_slice(&certs.all);
        if let Some(name) = certs.source_name() {
            let named = certs
                .all
                .iter()
                .map(|one| (one.fingerprint(), name.to_owned()));
            self.sources.extend(named);
        }
    }

    pub(crate) fn not_before(&mut self, time: SystemTime) {
        self.not_before = Some(unix(time));
    }

    pub(crate) fn not_after(&mut self, time: SystemTime) {
        self.not_after = Some(unix(time));
    }

    pub(crate) fn certificates(&self) -> Vec<&Certificate> {
        self.certificates.iter().collect()
    }

    /// The good signatures among these, in the draft's form.
    pub(crate) fn verifications(&self, judged: &[JudgedSignature]) -> Result<Vec<Verification>> {
        let mut all = Vec::new();
        for signature in judged {
            let (SignatureVerdict::Good { signer, at, .. }, Some(key)) =
                (&signature.verdict, &signature.key)
            else {
                continue;
            };
            if self.not_before.is_some_and(|from| *at < from)
                || self.not_after.is_some_and(|to| *at > to)
            {
                continue;
            }
            let mode = if signature.text {
                SignatureMode::Text
            } else {
                SignatureMode::Binary
            };
            let time = UNIX_EPOCH + Duration::from_secs(at.0);
            let mut one =
                Verification::new(time, key.as_hex(), signer.as_hex(), mode, None::<&str>)?;
            for (_, name) in self.sources.iter().filter(|(print, _)| print == signer) {
                one.add_signer(name);
            }
            all.push(one);
        }
        Ok(all)
    }

    /// As [`Verifiers::verifications`]; none is an error.
    fn require(&self, judged: &[JudgedSignature]) -> Result<Vec<Verification>> {
        let all = self.verifications(judged)?;
        if all.is_empty() {
            Err(Error::NoSignature)
        } else {
            Ok(all)
        }
    }
}

/// See [`ops::Verify`].
pub(crate) struct Verify<'s> {
    sop: &'s Sop,
    verifiers: Verifiers,
}

impl<'s> Verify<'s> {
    pub(crate) fn new(sop: &'s Sop) -> Self {
        Self {
            sop,
            verifiers: Verifiers::new(),
        }
    }
}

type VerifyVerb<'s> = dyn ops::Verify<'s, Sop, Certs<'s>, Sigs<'s>> + 's;

impl<'s> ops::Verify<'s, Sop, Certs<'s>, Sigs<'s>> for Verify<'s> {
    fn not_before(mut self: Box<Self>, time: SystemTime) -> Box<VerifyVerb<'s>> {
        self.verifiers.not_before(time);
        self
    }

    fn not_after(mut self: Box<Self>, time: SystemTime) -> Box<VerifyVerb<'s>> {
        self.verifiers.not_after(time);
        self
    }

    fn certs(mut self: Box<Self>, certs: &Certs<'s>) -> Result<Box<VerifyVerb<'s>>> {
        self.verifiers.add(certs);
        Ok(self)
    }

    fn signatures<'sigs>(
        self: Box<Self>,
        signatures: &'sigs Sigs<'s>,
    ) -> Result<Box<dyn ops::VerifySignatures<'sigs> + 'sigs>>
    where
        's: 'sigs,
    {
        Ok(Box::new(VerifySignatures {
            now: self.sop.now,
            verifiers: self.verifiers,
            packets: signatures.packets.clone(),
        }))
    }
}

struct VerifySignatures {
    now: UnixTime,
    verifiers: Verifiers,
    packets: Vec<u8>,
}

impl ops::VerifySignatures<'_> for VerifySignatures {
    fn data(self: Box<Self>, data: &mut (dyn io::Read + Send + Sync)) -> Result<Vec<Verification>> {
        let data = read_all(data)?;
        let certificates = self.verifiers.certificates();
        let judged = block_on(judge_detached(
            &NativeEngine,
            &data,
            &self.packets,
            &certificates,
            self.now,
        ))
        .map_err(errors::verify)?;
        self.verifiers.require(&judged)
    }
}

/// See [`ops::InlineVerify`].
pub(crate) struct InlineVerify<'s> {
    sop: &'s Sop,
    verifiers: Verifiers,
}

impl<'s> InlineVerify<'s> {
    pub(crate) fn new(sop: &'s Sop) -> Self {
        Self {
            sop,
            verifiers: Verifiers::new(),
        }
    }
}

type InlineVerifyVerb<'s> = dyn ops::InlineVerify<'s, Sop, Certs<'s>> + 's;

impl<'s> ops::InlineVerify<'s, Sop, Certs<'s>> for InlineVerify<'s> {
    fn not_before(mut self: Box<Self>, time: SystemTime) -> Box<InlineVerifyVerb<'s>> {
        self.verifiers.not_before(time);
        self
    }

    fn not_after(mut self: Box<Self>, time: SystemTime) -> Box<InlineVerifyVerb<'s>> {
        self.verifiers.not_after(time);
        self
    }

    fn certs(mut self: Box<Self>, certs: &Certs<'s>) -> Result<Box<InlineVerifyVerb<'s>>> {
        self.verifiers.add(certs);
        Ok(self)
    }

    fn message<'d>(
        self: Box<Self>,
        data: &'d mut (dyn io::Read + Send + Sync),
    ) -> Result<Box<dyn Ready<Vec<Verification>> + 'd>>
    where
        's: 'd,
    {
        let message = read_all(data)?;
        let mut reading = block_on(read_signed(
            &NativeEngine,
            &message,
            &self.verifiers.certificates(),
            &crate::limits(),
            self.sop.now,
        ))
        .map_err(errors::verify)?;
        let result = self.verifiers.require(&reading.signatures)?;
        Ok(Box::new(Done {
            bytes: std::mem::take(&mut *reading.data),
            result,
        }))
    }
}

/// See [`ops::InlineDetach`].
pub(crate) struct InlineDetach<'s>(pub(crate) &'s Sop);

impl<'s> ops::InlineDetach<'s, Sigs<'s>> for InlineDetach<'s> {
    fn message<'d>(
        self: Box<Self>,
        data: &'d mut (dyn io::Read + Send + Sync),
    ) -> Result<Box<dyn Ready<Sigs<'s>> + 'd>>
    where
        's: 'd,
    {
        let message = read_all(data)?;
        let limits = crate::limits();
        let reading = read_signed(&NativeEngine, &message, &[], &limits, self.0.now);
        let mut reading = block_on(reading).map_err(errors::verify)?;
        if reading.signatures.is_empty() {
            return Err(Error::BadData);
        }
        Ok(Box::new(Done {
            bytes: std::mem::take(&mut *reading.data),
            result: Sigs::new(self.0, reading.signature_packets),
        }))
    }
}
