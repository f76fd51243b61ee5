//! Hostile plugins against the `lockflight` binary: `tests/hostile/README.md` says how a case is written and what is asserted of each.
#![allow(clippy::unwrap_used)]

#[path = "hostile/batches.rs"]
mod batches;
#[path = "harness/by_hand.rs"]
mod by_hand;
#[path = "hostile/case.rs"]
mod case;
#[path = "hostile/files.rs"]
mod files;
#[path = "hostile/ground.rs"]
mod ground;
#[path = "hostile/guest.rs"]
mod guest;
#[path = "hostile/layout.rs"]
mod layout;
#[path = "hostile/play.rs"]
mod play;
#[path = "hostile/sources.rs"]
mod sources;

use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/hostile"))
}

/// A test for each file in `guests/`, and one that none was forgotten.
macro_rules! guests {
    ($($group:ident,)*) => {
        $(#[test] fn $group() { play::group(stringify!($group)); })*

        #[test]
        fn every_file_of_guests_is_listed() {
            let mut found: Vec<_> = std::fs::read_dir(folder().join("guests"))
                .unwrap()
                .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
                .collect();
            found.sort();
            assert_eq!(found, [$(stringify!($group)),*]);
        }
    };
}

guests! {
    answers,
    exhaustion,
    floods,
    handles,
    innocent,
    offers,
    realloc,
    scorers,
    slow,
    wasi,
}
