//! The draft's objects: CERTS, KEYS and SIGNATURES, each a file with one or more of its kind,
//! armored or not.

use std::{borrow::Cow, io};

use crypto_core::openpgp::{ArmorKind, Certificate, SecretCertificate, armor, dearmor};
use sop::{Load, Result, Save, errors::Error, plumbing::SopRef};
use zeroize::Zeroizing;

use crate::{Sop, errors};

/// Certificates.
pub struct Certs<'s> {
    sop: &'s Sop,
    pub(crate) all: Vec<Certificate>,
    source_name: Option<String>,
}

/// Private keys with their certificates.
pub struct Keys<'s> {
    sop: &'s Sop,
    pub(crate) all: Vec<SecretCertificate>,
    source_name: Option<String>,
}

/// Detached signatures.
pub struct Sigs<'s> {
    sop: &'s Sop,
    /// Signature packets, one after the other.
    pub(crate) packets: Vec<u8>,
    source_name: Option<String>,
}

impl<'s> Certs<'s> {
    pub(crate) fn new(sop: &'s Sop, all: Vec<Certificate>) -> Self {
        let source_name = None;
        Self {
            sop,
            all,
            source_name,
        }
    }
}

impl<'s> Keys<'s> {
    pub(crate) fn new(sop: &'s Sop, all: Vec<SecretCertificate>) -> Self {
        let source_name = None;
        Self {
            sop,
            all,
            source_name,
        }
    }
}

impl<'s> Sigs<'s> {
    pub(crate) fn new(sop: &'s Sop, packets: Vec<u8>) -> Self {
        let source_name = None;
        Self {
            sop,
            packets,
            source_name,
        }
    }
}

impl<'s> SopRef<'s, Sop> for Certs<'s> {
    fn sop(&self) -> &'s Sop {
        self.sop
    }
}

impl<'s> SopRef<'s, Sop> for Keys<'s> {
    fn sop(&self) -> &'s Sop {
        self.sop
    }
}

impl<'s> SopRef<'s, Sop> for Sigs<'s> {
    fn sop(&self) -> &'s Sop {
        self.sop
    }
}

impl<'s> Load<'s, Sop> for Certs<'s> {
    fn from_reader(
        sop: &'s Sop,
        source: &mut (dyn io::Read + Send + Sync),
        source_name: Option<String>,
    ) -> Result<Self> {
        let bytes = read_all(source)?;
        let all = Certificate::parse_keyring(&joined(&bytes)?).map_err(errors::import)?;
        Ok(Self {
            sop,
            all,
            source_name,
        })
    }

    fn source_name(&self) -> Option<&str> {
        self.source_name.as_deref()
    }
}

impl<'s> Load<'s, Sop> for Keys<'s> {
    fn from_reader(
        sop: &'s Sop,
        source: &mut (dyn io::Read + Send + Sync),
        source_name: Option<String>,
    ) -> Result<Self> {
        let bytes = Zeroizing::new(read_all(source)?);
        let packets = Zeroizing::new(joined(&bytes)?.into_owned());
        let all = SecretCertificate::parse_many(&packets).map_err(errors::import)?;
        Ok(Self {
            sop,
            all,
            source_name,
        })
    }

    fn source_name(&self) -> Option<&str> {
        self.source_name.as_deref()
    }
}

impl<'s> Load<'s, Sop> for Sigs<'s> {
    fn from_reader(
        sop: &'s Sop,
        source: &mut (dyn io::Read + Send + Sync),
        source_name: Option<String>,
    ) -> Result<Self> {
        let bytes = read_all(source)?;
        let packets = joined(&bytes)?.to_vec();
        Ok(Self {
            sop,
            packets,
            source_name,
        })
    }

    fn source_name(&self) -> Option<&str> {
        self.source_name.as_deref()
    }
}

impl Save for Certs<'_> {
    fn to_writer(&self, armored: bool, sink: &mut (dyn io::Write + Send + Sync)) -> Result<()> {
        let bytes: Vec<u8> = self.all.iter().flat_map(Certificate::to_bytes).collect();
        write(&bytes, armored, ArmorKind::PublicKey, sink)
    }
}

impl Save for Keys<'_> {
    fn to_writer(&self, armored: bool, sink: &mut (dyn io::Write + Send + Sync)) -> Result<()> {
        let mut bytes = Zeroizing::new(Vec::new());
        for key in &self.all {
            bytes.extend_from_slice(&key.to_bytes());
        }
        write(&bytes, armored, ArmorKind::PrivateKey, sink)
    }
}

impl Save for Sigs<'_> {
    fn to_writer(&self, armored: bool, sink: &mut (dyn io::Write + Send + Sync)) -> Result<()> {
        write(&self.packets, armored, ArmorKind::Signature, sink)
    }
}

fn write(
    bytes: &[u8],
    armored: bool,
    kind: ArmorKind,
    sink: &mut (dyn io::Write + Send + Sync),
) -> Result<()> {
    if armored {
        let armored = armor(bytes, Some(kind)).map_err(|_| Error::UnspecifiedFailure)?;
        sink.write_all(&Zeroizing::new(armored))?;
    } else {
        sink.write_all(bytes)?;
    }
    sink.flush()?;
    Ok(())
}

/// All of an input. What may be a secret is wiped by the caller; the room is large enough for any
/// key, so that growing leaves no copy behind.
pub(crate) fn read_all(source: &mut (dyn io::Read + Send + Sync)) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(1 << 16);
    source.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Binary packets; files made by putting armored ones behind each other are taken apart.
fn joined(bytes: &[u8]) -> Result<Cow<'_, [u8]>> {
    const BEGIN: &[u8] = b"-----BEGIN PGP ";
    if bytes.first().is_some_and(|first| first & 0x80 != 0) {
        return Ok(Cow::Borrowed(bytes));
    }
    let mut starts: Vec<usize> = bytes
        .windows(BEGIN.len())
        .enumerate()
        .filter(|(at, window)| *window == BEGIN && (*at == 0 || bytes.get(at - 1) == Some(&b'\n')))
        .map(|(at, _)| at)
        .collect();
    if starts.is_empty() {
        return Err(Error::BadData);
    }
    starts.push(bytes.len());
    let mut output = Vec::with_capacity(bytes.len());
    for pair in starts.windows(2) {
        let [from, to] = pair else { continue };
        let block = bytes.get(*from..*to).unwrap_or_default();
        output.extend(dearmor(block).map_err(|_| Error::BadData)?);
    }
    Ok(Cow::Owned(output))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn armored_files_may_stand_behind_each_other() {
        let one = armor(&[0xc2, 1, 7], Some(ArmorKind::Signature)).unwrap();
        let two = armor(&[0xc2, 1, 8], Some(ArmorKind::Signature)).unwrap();
        let both = [one.as_slice(), b"\n", &two].concat();
        assert_eq!(joined(&both).unwrap().as_ref(), [0xc2, 1, 7, 0xc2, 1, 8]);
        assert_eq!(joined(&[0xc2, 1, 7]).unwrap().as_ref(), [0xc2, 1, 7]);
        assert!(joined(b"hello").is_err());
        assert!(joined(b"").is_err());
    }
}
