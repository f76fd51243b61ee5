//! Choosing rows and features by chance that is the same every time.

/// What may be chosen in a round; each combination of seed, round and purpose is a stream of its own.
#[derive(Clone, Copy, Debug)]
pub struct Sampler {
    state: u64,
}

impl Sampler {
    /// The stream of this seed, round and purpose.
    pub fn new(seed: u64, round: u64, purpose: u64) -> Sampler {
        Sampler {
            state: mix(mix(mix(seed) ^ round) ^ purpose),
        }
    }

    /// A number that looks random, and depends on the stream and the index alone.
    pub fn at(&self, index: u64) -> u64 {
        mix(self.state ^ index)
    }

    /// Whether this index is among a share of all.
    pub fn has(&self, index: u64, share: f64) -> bool {
        // The upper 53 bits, as a number from 0 up to 1.
        ((self.at(index) >> 11) as f64) < share * (1_u64 << 53) as f64
    }

    /// A share of the numbers below `count`, at least one, ascending.
    pub fn some_of(&self, count: usize, share: f64) -> Vec<usize> {
        let wanted = ((count as f64 * share).round() as usize).clamp(1, count.max(1));
        let mut all: Vec<usize> = (0..count).collect();
        all.sort_by_key(|index| (self.at(*index as u64), *index));
        all.truncate(wanted);
        all.sort_unstable();
        all
    }
}

/// The step and the finishing of splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_splitmix64() {
        // The first number of the generator that begins with 0.
        assert_eq!(mix(0), 0xe220_a839_7b1d_cdaf);
    }

    #[test]
    fn a_share_is_taken_and_another_in_the_next_round() {
        let taken = |round| -> Vec<u64> {
            let sampler = Sampler::new(7, round, 0);
            (0..10_000).filter(|row| sampler.has(*row, 0.3)).collect()
        };
        assert!((2_800..3_200).contains(&taken(0).len()));
        assert_eq!(taken(0), taken(0));
        assert_ne!(taken(0), taken(1));
        let sampler = Sampler::new(7, 0, 0);
        assert!((0..100).all(|row| sampler.has(row, 1.0)));
        assert_eq!(sampler.some_of(10, 0.5).len(), 5);
        assert_eq!(sampler.some_of(10, 0.01).len(), 1);
        assert_eq!(sampler.some_of(3, 1.0), [0, 1, 2]);
    }
}
