//! Feeds a target with its seeds and with mutations of them: on any compiler, for a short and fixed time, from a fixed seed.
//!
//! `LOCKFLIGHT_FUZZ_SECONDS` makes it longer, `LOCKFLIGHT_FUZZ_SEED` (a number) takes other inputs, `LOCKFLIGHT_FUZZ_INPUT`
//! names a file that is overwritten with every input before it is tried, for what ends the process without a word.
//! `LOCKFLIGHT_FUZZ_REPLAY` names a file that is the only input. `LOCKFLIGHT_FUZZ_CORPUS` names a folder to write the seeds to instead, for cargo-fuzz. The files in `fuzz/corpus` are inputs too.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// The most bytes of an input.
const MAX_LEN: usize = 1 << 16;
/// An input that takes longer is a fault: none of them is large.
const TOO_SLOW: Duration = Duration::from_secs(20);

/// Calls the target with every seed, which it has to take, then with mutations until the time is over. A panic shows the input.
pub fn smoke(name: &str, seeds: &[Vec<u8>], target: fn(&[u8]) -> bool) {
    if let Ok(corpus) = env::var("LOCKFLIGHT_FUZZ_CORPUS") {
        return write(&Path::new(&corpus).join(name), seeds);
    }
    if let Ok(file) = env::var("LOCKFLIGHT_FUZZ_REPLAY") {
        attempt(&fs::read(file).expect("the file can be read"), target);
        return;
    }
    let number = |name| {
        env::var(name)
            .ok()
            .and_then(|text| text.parse::<u64>().ok())
    };
    let seconds = number("LOCKFLIGHT_FUZZ_SECONDS");
    let time = seconds.map_or(Duration::from_millis(300), Duration::from_secs);
    let mut random = Random(number("LOCKFLIGHT_FUZZ_SEED").unwrap_or(1) | 1);
    let start = Instant::now();
    for seed in seeds {
        assert!(
            attempt(seed, target),
            "b\"{}\" is no seed",
            seed.escape_ascii()
        );
    }
    // What fuzzing found to be of interest; a target may refuse it.
    let kept = corpus(name);
    for input in &kept {
        attempt(input, target);
    }
    let inputs = [seeds, &kept].concat();
    while start.elapsed() < time {
        attempt(&mutated(&inputs, &mut random), target);
    }
}

/// The committed inputs of a target, in the order of their names.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = crates
        .ancestors()
        .map(|folder| folder.join("fuzz/corpus"))
        .find(|folder| folder.is_dir())
        .expect("the corpus is part of the repository");
    // A target without a folder has its seeds alone.
    let Ok(entries) = fs::read_dir(folder.join(name)) else {
        return Vec::new();
    };
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("the folder can be listed").path())
        .collect();
    files.sort();
    let read = |file: &PathBuf| fs::read(file).expect("the corpus can be read");
    files.iter().map(read).collect()
}

fn write(folder: &Path, seeds: &[Vec<u8>]) {
    fs::create_dir_all(folder).expect("the folder can be made");
    for (number, seed) in seeds.iter().enumerate() {
        fs::write(folder.join(format!("seed-{number}")), seed).expect("a seed can be written");
    }
}

fn attempt(input: &[u8], target: fn(&[u8]) -> bool) -> bool {
    struct Shown<'a>(&'a [u8]);
    impl Drop for Shown<'_> {
        fn drop(&mut self) {
            if thread::panicking() {
                eprintln!("the input was b\"{}\"", self.0.escape_ascii());
            }
        }
    }
    if let Ok(file) = env::var("LOCKFLIGHT_FUZZ_INPUT") {
        fs::write(file, input).expect("the input can be kept");
    }
    let _shown = Shown(input);
    let start = Instant::now();
    let taken = target(input);
    assert!(start.elapsed() < TOO_SLOW, "an input took too long");
    taken
}

/// A seed with a few changes.
fn mutated(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = random.pick(seeds).clone();
    // Mostly few changes, so that what is behind them is reached.
    for _ in 0..1 << random.below(5) {
        change(&mut bytes, seeds, random);
    }
    bytes.truncate(MAX_LEN);
    bytes
}

fn change(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut Random) {
    const TELLING: [u8; 12] = [
        0, 1, 2, 0x7f, 0x80, 0xff, b'"', b'\n', b'-', b'9', b'.', b'/',
    ];
    let at = random.below(bytes.len() + 1);
    let piece = at..at + random.below(bytes.len() - at + 1).min(1 << random.below(8));
    match random.below(8) {
        0 => drop(bytes.drain(piece)),
        1 => {
            let copy = bytes[piece].to_vec();
            let to = random.below(bytes.len() + 1);
            bytes.splice(to..to, copy);
        }
        2 => {
            let other = random.pick(seeds);
            let from = random.below(other.len() + 1);
            let until = from
                + random
                    .below(other.len() - from + 1)
                    .min(1 << random.below(8));
            let end = if random.below(2) == 0 { at } else { piece.end };
            bytes.splice(at..end, other[from..until].iter().copied());
        }
        3 => bytes[piece].fill(*random.pick(&TELLING)),
        4 => bytes.insert(at, *random.pick(&TELLING)),
        5 => bytes.insert(at, random.next() as u8),
        kind => {
            if let Some(byte) = bytes.get_mut(at) {
                match kind {
                    6 => *byte ^= 1 << random.below(8),
                    _ => *byte = byte.wrapping_add(random.below(9) as u8).wrapping_sub(4),
                }
            }
        }
    }
}

/// xorshift64* (Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled").
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32
    }

    fn below(&mut self, end: usize) -> usize {
        self.next() as usize % end
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}
