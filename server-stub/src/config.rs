//! What an operator decides, and the bounds that keep one visitor from using up the machine.

use std::{fmt, num::NonZeroU32, path::PathBuf, sync::Arc, time::Duration};

use crypto_core::ids::UnixTime;

/// Everything the server is told when it starts.
///
/// ```
/// use server_stub::Config;
/// let config = Config::new("/var/lib/letterlock", "example.org");
/// assert_eq!(config.domains, ["example.org"]);
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    /// The directory that holds `letterlock.db` and `server.key`; made if it is missing.
    pub data: PathBuf,
    /// The domains addresses are given out in, lower case; the first is the main one.
    pub domains: Vec<String>,
    /// The built webmail (`dist/webmail`), served under `/`.
    pub webmail: Option<PathBuf>,
    /// The address people reach this server under, such as `https://mail.example.org`, for the
    /// URLs in the JMAP session. Without it they are made from the request's `Host`.
    pub public_url: Option<String>,
    /// True when anybody may make an account.
    pub registration_open: bool,
    /// How long a login lasts, in seconds.
    pub session_seconds: u64,
    /// True when a reverse proxy in front sets `X-Forwarded-For`; its last entry then counts as
    /// the peer for rate limits, and URLs made from `Host` begin with `https`. Never set this
    /// without such a proxy.
    pub behind_proxy: bool,
    /// Bounds of size and number.
    pub limits: Limits,
    /// Bounds of frequency.
    pub rates: Rates,
    /// Where the time comes from.
    pub clock: Clock,
}

impl Config {
    /// A server for one domain with the usual bounds, open to registration.
    pub fn new(data: impl Into<PathBuf>, domain: impl AsRef<str>) -> Self {
        Self {
            data: data.into(),
            domains: vec![domain.as_ref().to_ascii_lowercase()],
            webmail: None,
            public_url: None,
            registration_open: true,
            session_seconds: 24 * 60 * 60,
            behind_proxy: false,
            limits: Limits::default(),
            rates: Rates::default(),
            clock: Clock::system(),
        }
    }
}

/// Bounds of size and number. Sizes are bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest message, and the largest upload.
    pub message_size: usize,
    /// The largest JMAP request.
    pub jmap_request_size: usize,
    /// The largest body of the plain HTTP routes.
    pub api_request_size: usize,
    /// Method calls in one JMAP request.
    pub calls_in_request: usize,
    /// Ids in one `/get`.
    pub objects_in_get: usize,
    /// Records in one `/set`.
    pub objects_in_set: usize,
    /// JMAP requests of one account at the same time.
    pub concurrent_requests: usize,
    /// Uploads of one account at the same time.
    pub concurrent_uploads: usize,
    /// Open push streams of one account.
    pub push_streams: usize,
    /// Requests in work for everybody together.
    pub requests_in_flight: usize,
    /// Open connections.
    pub connections: usize,
    /// Logins that wait for their second step.
    pub handshakes: usize,
    /// Uploaded bytes in memory for one account.
    pub uploads_per_account: usize,
    /// Uploaded bytes in memory for everybody together.
    pub uploads_total: usize,
    /// How long an upload stays, in seconds.
    pub upload_seconds: u64,
    /// Stored mail of one account.
    pub mail_quota: u64,
    /// Sealed objects of one account.
    pub object_quota: u64,
    /// Mailboxes of one account.
    pub mailboxes: usize,
    /// Recipients of one message.
    pub recipients: usize,
    /// How long a request may be in work.
    pub request_time: Duration,
    /// How long a body may pause between two pieces.
    pub body_pause: Duration,
    /// How long a whole body may take.
    pub body_time: Duration,
    /// How long a connection may take to send a request's head.
    pub head_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        const MIB: usize = 1024 * 1024;
        Self {
            message_size: 50 * MIB,
            jmap_request_size: 10 * MIB,
            api_request_size: MIB,
            calls_in_request: 32,
            objects_in_get: 1000,
            objects_in_set: 1000,
            concurrent_requests: 8,
            concurrent_uploads: 4,
            push_streams: 16,
            requests_in_flight: 256,
            connections: 2048,
            handshakes: 10_000,
            uploads_per_account: 150 * MIB,
            uploads_total: 600 * MIB,
            upload_seconds: 60 * 60,
            mail_quota: 2 * 1024 * MIB as u64,
            object_quota: 256 * MIB as u64,
            mailboxes: 500,
            recipients: 100,
            request_time: Duration::from_secs(60),
            body_pause: Duration::from_secs(15),
            body_time: Duration::from_secs(300),
            head_time: Duration::from_secs(15),
        }
    }
}

/// How often something may happen: at once up to `burst` times, then once every `every`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many at once.
    pub burst: NonZeroU32,
    /// Time until one more is allowed.
    pub every: Duration,
}

impl Rate {
    /// Makes a rate; a burst of zero counts as one.
    pub const fn new(burst: u32, every: Duration) -> Self {
        let burst = match NonZeroU32::new(burst) {
            Some(burst) => burst,
            None => NonZeroU32::MIN,
        };
        Self { burst, every }
    }
}

/// Bounds of frequency.
///
/// A peer is an IPv4 address or an IPv6 network of 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Login attempts for one address, known or not.
    pub login_per_address: Rate,
    /// Login attempts of one peer.
    pub login_per_peer: Rate,
    /// Login attempts of everybody together.
    pub login_total: Rate,
    /// Registrations of one peer; also what bounds asking whether an address is taken.
    pub register_per_peer: Rate,
    /// Look-ups in the directory by one account.
    pub lookup_per_account: Rate,
    /// WKD and HKP requests of one peer.
    pub directory_per_peer: Rate,
    /// Authenticated requests of one account.
    pub requests_per_account: Rate,
    /// Messages sent by one account.
    pub submissions_per_account: Rate,
}

impl Default for Rates {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            login_per_address: Rate::new(20, seconds(6)),
            login_per_peer: Rate::new(100, seconds(1)),
            login_total: Rate::new(1000, Duration::from_millis(10)),
            register_per_peer: Rate::new(20, seconds(10)),
            lookup_per_account: Rate::new(200, Duration::from_millis(500)),
            directory_per_peer: Rate::new(120, Duration::from_millis(500)),
            // A first synchronisation downloads a few hundred messages a second.
            requests_per_account: Rate::new(5000, Duration::from_millis(2)),
            submissions_per_account: Rate::new(300, seconds(5)),
        }
    }
}

impl Rates {
    /// Bounds that no test reaches by accident.
    pub fn generous() -> Self {
        let rate = Rate::new(1_000_000, Duration::from_millis(1));
        Self {
            login_per_address: rate,
            login_per_peer: rate,
            login_total: rate,
            register_per_peer: rate,
            lookup_per_account: rate,
            directory_per_peer: rate,
            requests_per_account: rate,
            submissions_per_account: rate,
        }
    }
}

/// Where the time comes from; tests hand in their own.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> UnixTime + Send + Sync>);

impl Clock {
    /// The clock of this machine.
    pub fn system() -> Self {
        Self::new(|| {
            // A clock before 1970 reads as 1970: certificates are then not yet valid.
            let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            UnixTime(since.map_or(0, |elapsed| elapsed.as_secs()))
        })
    }

    /// A clock that asks a function.
    pub fn new(now: impl Fn() -> UnixTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// Seconds since 1970.
    pub fn now(&self) -> UnixTime {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
