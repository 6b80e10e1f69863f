//! Sizes in buckets, so that a length tells little about the content.

/// The smallest bucket, in bytes.
const MIN: usize = 256;

/// The bucket of a length: Padmé, which leaks `O(log log n)` bits at a cost below 12 %.
///
/// Saturates at `usize::MAX`'s neighbourhood only for lengths no caller can hold.
pub(super) fn bucket(len: usize) -> usize {
    if len <= MIN {
        return MIN;
    }
    let exponent = len.ilog2();
    let kept = exponent.ilog2() + 1;
    let mask = (1usize << (exponent - kept)) - 1;
    len.checked_add(mask).map_or(len, |sum| sum & !mask)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn small_lengths_share_one_bucket() {
        assert_eq!(bucket(0), 256);
        assert_eq!(bucket(256), 256);
        assert!(bucket(257) > 256);
    }

    proptest! {
        #[test]
        fn a_bucket_holds_its_length_and_wastes_little(len in 257usize..1 << 30) {
            let size = bucket(len);
            prop_assert!(size >= len);
            prop_assert!((size - len) * 100 <= len * 12);
            prop_assert_eq!(bucket(size), size);
        }

        #[test]
        fn there_are_few_buckets(len in 4096usize..1 << 24) {
            // Within one power of two at most 2 * log2(len) sizes exist.
            let step = bucket(len + 1) - len;
            prop_assert!(step <= len / 8);
            prop_assert_eq!(bucket(len) % (1 << (len.ilog2() - (len.ilog2().ilog2() + 1))), 0);
        }
    }
}
