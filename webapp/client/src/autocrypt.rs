//! Autocrypt, level 1: keys in header fields.
//!
//! The field travels unprotected, so the attacker is everybody on the way. A key that came so is
//! used when nothing better is known, is replaced by a newer one only as long as it was never
//! used, and afterwards only offered.

use base64::engine::{Engine, general_purpose::STANDARD as BASE64};
use crypto_core::openpgp::Certificate;

use crate::{
    account::normalize_address, client::Client, error::ClientError, keys::ImportOutcome,
    people::KeySource, ports::Platform, seen::SeenKey, sites::Ring,
};

/// The longest value that is read or written, in characters (Autocrypt 1.1, section 2.1.1, limits
/// the key to about 10 KiB).
const MAX_VALUE: usize = 10_240;

/// What a field says.
#[derive(Debug)]
struct Field {
    address: String,
    certificate: Certificate,
}

impl Field {
    /// Reads a value (section 2.1). `None` when it is not valid, or demands what is not known: an
    /// attribute without `_` in front is critical.
    fn parse(value: &str) -> Option<Self> {
        if value.len() > MAX_VALUE {
            return None;
        }
        let (mut address, mut data) = (None, None);
        for attribute in value.split(';') {
            if attribute.trim().is_empty() {
                continue;
            }
            let (name, text) = attribute.split_once('=')?;
            match name.trim().to_ascii_lowercase().as_str() {
                "addr" if address.is_none() => address = Some(normalize_address(text)?),
                "keydata" if data.is_none() => data = Some(text),
                "prefer-encrypt" => {}
                other if other.starts_with('_') => {}
                _ => return None,
            }
        }
        let data: String = data?.chars().filter(|c| !c.is_whitespace()).collect();
        let certificate = Certificate::parse(&BASE64.decode(data.as_bytes()).ok()?).ok()?;
        let address = address?;
        certificate.has_address(&address).then_some(Self {
            address,
            certificate,
        })
    }
}

impl<P: Platform> Client<P> {
    /// The value of the `Autocrypt` header field for mail from this address; `None` when no key
    /// in use names it, or when it is too large for a header.
    ///
    /// # Errors
    /// [`ClientError::Locked`], [`ClientError::NotFound`] for the ring.
    pub fn autocrypt_header(&self, ring: &Ring, from: &str) -> Result<Option<String>, ClientError> {
        let session = self.open_session()?;
        session.check_ring(ring)?;
        let Some(address) = normalize_address(from) else {
            return Ok(None);
        };
        let own = session.own_certificate_for(ring, &address, self.now());
        Ok(own
            .map(|certificate| {
                let data = BASE64.encode(certificate.without_foreign().to_bytes());
                format!("addr={address}; prefer-encrypt=mutual; keydata={data}")
            })
            .filter(|value| value.len() <= MAX_VALUE))
    }

    /// Takes note of a received field. `value` has at most 10,240 characters, `from` is the
    /// address in From, `date` is the message's, Unix seconds; a date in the future counts as now.
    ///
    /// # Errors
    /// [`ClientError::BadInput`] for a field that is not valid or names another address.
    pub async fn process_autocrypt(
        &self,
        ring: &Ring,
        value: &str,
        from: &str,
        date: u64,
    ) -> Result<ImportOutcome, ClientError> {
        let session = self.open_session()?;
        session.check_ring(ring)?;
        let invalid = || ClientError::BadInput("The Autocrypt field is not valid.".into());
        let field = Field::parse(value).ok_or_else(invalid)?;
        let address = normalize_address(from).ok_or_else(invalid)?;
        if field.address != address {
            return Err(invalid());
        }
        if session
            .own_certificate_for(ring, &address, self.now())
            .is_some()
        {
            return Ok(ImportOutcome::Unchanged);
        }
        let source = KeySource::Autocrypt;
        if session.contact(ring, &address)?.is_some() {
            return self
                .meet(&session, ring, &address, &field.certificate, source)
                .await;
        }
        let at = date.min(self.now().0);
        let (certificate, outcome) = match self.seen_key(&session, ring, &address).await? {
            None => (field.certificate, ImportOutcome::New),
            Some((_, known)) if known.fingerprint() == field.certificate.fingerprint() => {
                let merged = known.merge(&field.certificate).unwrap_or(field.certificate);
                if merged == known {
                    return Ok(ImportOutcome::Unchanged);
                }
                (merged, ImportOutcome::Updated)
            }
            Some((seen, _)) if seen.at >= at => return Ok(ImportOutcome::Unchanged),
            Some(_) => (field.certificate, ImportOutcome::Updated),
        };
        let seen = SeenKey {
            certificate: certificate.to_bytes(),
            source,
            at,
        };
        self.save_seen(&session, ring, &address, &seen).await?;
        Ok(outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::{Field, MAX_VALUE};
    use base64::engine::{Engine, general_purpose::STANDARD as BASE64};
    use crypto_core::{
        ids::UnixTime,
        openpgp::{Profile, UserId, generate},
    };
    use rand::SeedableRng;

    fn data() -> String {
        let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(3);
        let ids = [UserId::new("", "ann@example.org")];
        let key = generate(Profile::Compatible, &ids, UnixTime(1_790_000_000), &mut rng);
        BASE64.encode(key.unwrap().secret.certificate().to_bytes())
    }

    #[test]
    fn a_field_is_read_as_the_specification_has_it() {
        let data = data();
        let folded = data
            .as_bytes()
            .chunks(60)
            .map(|c| String::from_utf8_lossy(c).into_owned())
            .collect::<Vec<_>>()
            .join("\r\n ");
        for value in [
            format!("addr=ann@example.org; keydata={data}"),
            format!("addr=Ann@Example.org; prefer-encrypt=mutual; _x=y; keydata={folded}"),
        ] {
            assert_eq!(Field::parse(&value).unwrap().address, "ann@example.org");
        }
    }

    #[test]
    fn anything_else_is_no_field() {
        let data = data();
        for value in [
            String::new(),
            format!("addr=ann@example.org; critical=1; keydata={data}"),
            format!("addr=ann@example.org; addr=bob@example.org; keydata={data}"),
            format!("addr=bob@example.org; keydata={data}"),
            format!("keydata={data}"),
            "addr=ann@example.org; keydata=AAAA".to_owned(),
            "addr=ann@example.org; keydata=!".to_owned(),
            format!(
                "addr=ann@example.org; _x={}; keydata={data}",
                "y".repeat(MAX_VALUE)
            ),
        ] {
            assert!(Field::parse(&value).is_none(), "{value}");
        }
    }
}
