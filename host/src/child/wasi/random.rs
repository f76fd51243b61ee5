//! `wasi:random`: numbers that follow from the job's seed alone.

use super::Functions;
use crate::child::guest::Misuse;
use crate::enforcement::{Point, stands};

/// The most bytes of one call.
const MAX_BYTES: u64 = 1 << 20;

/// SplitMix64 (Steele, Lea, Flood 2014): well distributed, and every seed starts a stream of its own. Nothing here is secret.
#[derive(Debug)]
pub struct Generator(u64);

impl Generator {
    pub fn new(seed: u64) -> Self {
        Generator(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn bytes(&mut self, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
        bytes
    }
}

/// Adds the function if it is one of these interfaces'; says whether it was.
pub fn add(into: &mut Functions<'_, '_>, interface: &str, name: &str) -> wasmtime::Result<bool> {
    match (interface, name) {
        ("random/random", "get-random-bytes")
        | ("random/insecure", "get-insecure-random-bytes") => {
            into.func_wrap(name, |mut store, (len,): (u64,)| {
                if len > MAX_BYTES && stands(Point::RandomBytes) {
                    return Err(Misuse(format!(
                        "the plugin asked for {len} random bytes; a call may ask for {MAX_BYTES}"
                    ))
                    .into());
                }
                Ok((store.data_mut().wasi.random.bytes(len as usize),))
            })
        }
        ("random/random", "get-random-u64") | ("random/insecure", "get-insecure-random-u64") => {
            into.func_wrap(name, |mut store, (): ()| {
                Ok((store.data_mut().wasi.random.next(),))
            })
        }
        ("random/insecure-seed", _) => into.func_wrap(name, |mut store, (): ()| {
            let random = &mut store.data_mut().wasi.random;
            Ok(((random.next(), random.next()),))
        }),
        _ => return Ok(false),
    }?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_the_published_one() {
        // First outputs of SplitMix64 with seed 0, from the reference implementation (prng.di.unimi.it/splitmix64.c).
        let mut generator = Generator::new(0);
        assert_eq!(generator.next(), 0xe220_a839_7b1d_cdaf);
        assert_eq!(generator.next(), 0x6e78_9e6a_a1b9_65f4);
    }

    #[test]
    fn bytes_follow_the_numbers() {
        assert_eq!(Generator::new(7).bytes(3), Generator::new(7).bytes(8)[..3]);
        assert_ne!(Generator::new(7).bytes(8), Generator::new(8).bytes(8));
    }
}
