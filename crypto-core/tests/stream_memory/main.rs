//! Streams need the same memory whatever their length. A counting allocator watches, so this is a
//! program of its own with one test.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    unsafe_code,
    reason = "a test reports a failed expectation by panicking; an allocator is unsafe by nature"
)]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

use crypto_core::{
    bulk::NativeEngine,
    ids::UnixTime,
    openpgp::{
        DecryptRequest, EncryptRequest, Limits, Profile, SecretCertificate, SignatureVerdict,
        StreamChecker, StreamDecryptor, StreamEncryptor, UserId, generate,
    },
};
use futures::executor::block_on;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use zeroize::Zeroizing;

/// Counts what is allocated at a time, and the most there was.
struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Relaxed) + layout.size();
        MOST.fetch_max(now, Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the pointer came from `alloc` with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What is pushed at a time, and what all of it may cost in memory at most.
const PIECE: usize = 1 << 20;
const AT_MOST: usize = 14 << 20;

const TIME: UnixTime = UnixTime(1_790_000_000);

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(1)
}

/// Makes the same message again and again, and hands it on piece by piece.
fn sealed_pieces(key: &SecretCertificate, pieces: usize, armor: bool, mut sink: impl FnMut(&[u8])) {
    let certificate = key.certificate();
    let request = EncryptRequest {
        recipients: &[&certificate],
        passwords: &[],
        signer: Some(key),
        now: TIME,
        armor,
    };
    let plaintext = vec![7; PIECE];
    let (mut stream, mut sealed) = StreamEncryptor::start(&mut rng(), &request).unwrap();
    for _ in 0..pieces {
        block_on(stream.push(&NativeEngine, &plaintext, &mut sealed)).unwrap();
        sink(&sealed);
        sealed.clear();
    }
    block_on(stream.finish(&NativeEngine, &mut sealed)).unwrap();
    sink(&sealed);
}

/// Encrypts and decrypts so many pieces, and returns the most memory that took.
fn passes(profile: Profile, pieces: usize, armor: bool) -> usize {
    let id = UserId::new("Ann", "ann@example.org");
    let key = generate(profile, &[id], TIME, &mut rng()).unwrap().secret;
    let certificate = key.certificate();
    let limits = Limits::for_streams();
    let request = DecryptRequest {
        keys: &[&key],
        passwords: &[],
        verifiers: &[&certificate],
        limits: &limits,
        now: TIME,
    };
    let before = NOW.load(Relaxed);
    MOST.store(before, Relaxed);

    let mut reading = if profile == Profile::Compatible {
        let mut checker = StreamChecker::new(&request);
        sealed_pieces(&key, pieces, armor, |piece| {
            block_on(checker.push(&NativeEngine, piece)).unwrap();
        });
        let checked = block_on(checker.finish(&NativeEngine)).unwrap();
        StreamDecryptor::second_pass(&request, checked)
    } else {
        StreamDecryptor::new(&request)
    };
    let mut output = Zeroizing::new(Vec::new());
    let mut released = 0;
    let expected = vec![7; PIECE];
    sealed_pieces(&key, pieces, armor, |piece| {
        block_on(reading.push(&NativeEngine, piece, &mut output)).unwrap();
        released += output.len();
        assert!(
            output
                .chunks(PIECE)
                .all(|part| part == &expected[..part.len()])
        );
        output.clear();
    });
    let opened = block_on(reading.finish(&NativeEngine, &mut output)).unwrap();
    released += output.len();
    assert_eq!(released, PIECE * pieces);
    assert_eq!(opened.length, released as u64);
    assert!(matches!(opened.signature, SignatureVerdict::Good { .. }));
    MOST.load(Relaxed) - before
}

#[test]
fn memory_does_not_grow_with_the_message() {
    for (profile, pieces, armor) in [
        (Profile::Modern, 32, false),
        (Profile::Modern, 16, true),
        (Profile::Compatible, 16, false),
    ] {
        let most = passes(profile, pieces, armor);
        assert!(most < AT_MOST, "{profile:?}, armor {armor}: {most} bytes");
        // The counter counts.
        assert!(most > PIECE);
    }
}
