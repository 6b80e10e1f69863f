//! How often somebody may ask.

use std::collections::HashMap;

/// A bucket that refills: so many at once, so many a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// At once.
    pub burst: f64,
    /// A second.
    pub per_second: f64,
}

/// Calls of the client API by one site.
pub const API_CALLS: Rate = Rate {
    burst: 120.0,
    per_second: 20.0,
};
/// Calls of one site that cost much or open something.
pub const API_HEAVY: Rate = Rate {
    burst: 12.0,
    per_second: 0.5,
};
/// Addresses of one site that are looked for at their own domains.
pub const LOOKUPS: Rate = Rate {
    burst: 120.0,
    per_second: 0.2,
};
/// Pages of ours that one site may open.
pub const OPENINGS: Rate = Rate {
    burst: 2.0,
    per_second: 1.0 / 60.0,
};
/// New frames of one site.
pub const FRAMES: Rate = Rate {
    burst: 150.0,
    per_second: 3.0,
};
/// Other heights of one frame: enough for a person who opens and closes what is in it.
pub const HEIGHTS: Rate = Rate {
    burst: 40.0,
    per_second: 0.1,
};
/// Messages of one content script.
pub const CONTENT: Rate = Rate {
    burst: 2000.0,
    per_second: 200.0,
};

/// One bucket for each key.
#[derive(Debug)]
pub struct Limiter {
    rate: Rate,
    /// What is left, and when that was so, in milliseconds.
    buckets: HashMap<String, (f64, u64)>,
}

/// More keys than that are forgotten at once: full buckets are worth nothing.
const KEYS: usize = 1000;

impl Limiter {
    /// Full buckets for everybody.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Self {
            rate,
            buckets: HashMap::new(),
        }
    }

    /// Forgets a key that comes no more.
    pub fn forget(&mut self, key: &str) {
        self.buckets.remove(key);
    }

    /// Takes one from the bucket of a key; false when it is empty. `now` in milliseconds.
    pub fn allows(&mut self, key: &str, now: u64) -> bool {
        if self.buckets.len() > KEYS {
            self.buckets.clear();
        }
        let (left, at) = self
            .buckets
            .entry(key.to_owned())
            .or_insert((self.rate.burst, now));
        let seconds = now.saturating_sub(*at) as f64 / 1000.0;
        *left = (*left + seconds * self.rate.per_second).min(self.rate.burst);
        *at = now;
        if *left < 1.0 {
            return false;
        }
        *left -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate {
        burst: 3.0,
        per_second: 2.0,
    };

    #[test]
    fn a_burst_is_allowed_and_then_the_rate() {
        let mut limiter = Limiter::new(RATE);
        let taken = (0..5).filter(|_| limiter.allows("a", 1000)).count();
        assert_eq!(taken, 3);
        assert!(!limiter.allows("a", 1400));
        assert!(limiter.allows("a", 1500));
        assert!(!limiter.allows("a", 1500));
        let later = (0..5).filter(|_| limiter.allows("a", 60_000)).count();
        assert_eq!(later, 3, "a bucket holds no more than a burst");
    }

    #[test]
    fn one_site_does_not_spend_what_another_has() {
        let mut limiter = Limiter::new(RATE);
        while limiter.allows("https://a.example", 0) {}
        assert!(limiter.allows("https://b.example", 0));
    }

    #[test]
    fn a_clock_that_goes_back_gives_nothing() {
        let mut limiter = Limiter::new(RATE);
        while limiter.allows("a", 10_000) {}
        assert!(!limiter.allows("a", 0));
    }
}
