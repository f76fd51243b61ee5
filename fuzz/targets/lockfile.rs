//! `lockflight.lock`: any text is a lock file or refused in words, and what was read is written as it is read again.

use std::path::Path;

use lockflight::plan::Lockfile;

/// Whether anything was taken.
pub fn run(data: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(data) else {
        return false;
    };
    let file = Path::new("lockflight.lock");
    match Lockfile::parse(file, text) {
        Ok(lockfile) => {
            let written = lockfile
                .text()
                .expect("no number is larger than it was in TOML");
            let again = Lockfile::parse(file, &written).expect("what was written can be read");
            assert_eq!(again, lockfile);
            assert!(lockfile.differences(&again).is_empty());
            let other = Lockfile::default();
            // The version is not compared: one that is read is never newer.
            let same = lockfile.code == other.code && lockfile.data == other.data;
            assert_eq!(lockfile.differences(&other).is_empty(), same);
            true
        }
        Err(problem) => {
            assert!(problem.is_error());
            assert!(problem.message.starts_with("lockflight.lock is "));
            false
        }
    }
}

pub fn seeds() -> Vec<Vec<u8>> {
    let digest = format!("sha256:{}", "0a".repeat(32));
    let full = "version = 1\n[code]\nabi = 1\nwit = \"D\"\n[code.plugins.csv]\nsource = \"D\"\n[code.plugins.csv.components]\ningest = \"D\"\n\
                score = \"D\"\n[code.plugins.file.components]\ntrain = \"D\"\n[data.rides]\nfile = \"rides.csv\"\ndigest = \"D\"\nbytes = 5\n\
                [data.web]\nurl = \"https://a.org/b?c=d\"\ndigest = \"D\"\nbytes = 9007199254740993\n";
    let own = Lockfile::default().text().expect("its numbers are small");
    [full.replace("\"D\"", &format!("\"{digest}\"")), own]
        .map(String::into_bytes)
        .into()
}
