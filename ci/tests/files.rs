//! Appending to the files of a CI system.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::PathBuf;

use lockflight_ci::files::{FileError, append_outputs, append_summary, room};
use lockflight_ci::markdown::STEP_SUMMARY_BYTES;

fn fresh(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("ci-{name}-{}", std::process::id()));
    let _ = fs::remove_file(&path);
    path
}

#[test]
fn what_is_there_stays_and_counts() {
    let path = fresh("summary");
    assert_eq!(room(&path), STEP_SUMMARY_BYTES);
    append_summary(&path, "## A\n").unwrap();
    append_summary(&path, "## B").unwrap();
    append_summary(&path, "## C\n").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "## A\n\n## B\n\n## C\n");
    assert_eq!(room(&path), STEP_SUMMARY_BYTES - 17 - 2);
    fs::remove_file(&path).unwrap();
}

#[test]
fn a_summary_without_room_is_not_written() {
    let path = fresh("full");
    fs::write(&path, vec![b'a'; STEP_SUMMARY_BYTES - 10]).unwrap();
    let error = append_summary(&path, "123456789").unwrap_err();
    assert!(matches!(
        error,
        FileError::Full {
            size: 9,
            room: 8,
            ..
        }
    ));
    assert!(error.to_string().starts_with(&path.display().to_string()));
    append_summary(&path, "12345678").unwrap();
    assert_eq!(
        fs::metadata(&path).unwrap().len(),
        STEP_SUMMARY_BYTES as u64
    );
    assert_eq!(room(&path), 0);
    fs::remove_file(&path).unwrap();
}

#[test]
fn outputs_begin_on_a_line_of_their_own() {
    let path = fresh("outputs");
    fs::write(&path, "other=1").unwrap();
    append_outputs(&path, "run=a\n").unwrap();
    append_outputs(&path, "run=b\n").unwrap();
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "other=1\nrun=a\nrun=b\n"
    );
    fs::remove_file(&path).unwrap();
}

#[test]
fn an_error_names_the_file() {
    let path = fresh("nowhere").join("inside");
    let error = append_outputs(&path, "a=b\n").unwrap_err();
    assert!(error.to_string().contains("nowhere"), "{error}");
}
