//! The time of day, as the browser knows it.

use crypto_core::ids::UnixTime;
use mail_client::ports::Clock;

/// `Date.now()`.
#[derive(Clone, Copy, Debug, Default)]
pub struct WebClock;

impl Clock for WebClock {
    fn now(&self) -> UnixTime {
        // Saturates: a clock before 1970 reads as 1970.
        UnixTime((js_sys::Date::now() / 1000.0) as u64)
    }
}
