//! Runs tests and says so as libtest does, which whoever counts tests understands.

use std::{panic, process::ExitCode, time::Instant};

/// A test with its name.
pub struct Test {
    /// What it shows.
    pub name: String,
    /// Panics if it is not so.
    pub run: Box<dyn Fn() + panic::RefUnwindSafe>,
}

/// Runs those whose names have one of the filters in them, or all.
pub fn run(tests: &[Test], arguments: &[String]) -> ExitCode {
    let filters: Vec<&String> = arguments.iter().filter(|a| !a.starts_with('-')).collect();
    let is_meant = |test: &&Test| {
        filters.is_empty() || filters.iter().any(|filter| test.name.contains(*filter))
    };
    if arguments.iter().any(|argument| argument == "--list") {
        tests
            .iter()
            .filter(is_meant)
            .for_each(|test| println!("{}: test", test.name));
        return ExitCode::SUCCESS;
    }
    let start = Instant::now();
    let meant: Vec<&Test> = tests.iter().filter(is_meant).collect();
    println!("\nrunning {} tests", meant.len());
    let mut failed = 0;
    for test in &meant {
        let is_ok = panic::catch_unwind(&test.run).is_ok();
        failed += usize::from(!is_ok);
        let verdict = if is_ok { "ok" } else { "FAILED" };
        println!("test {} ... {verdict}", test.name);
    }
    let verdict = if failed == 0 { "ok" } else { "FAILED" };
    println!(
        "\ntest result: {verdict}. {} passed; {failed} failed; 0 ignored; 0 measured; {} filtered out; finished in {:.2}s\n",
        meant.len() - failed,
        tests.len() - meant.len(),
        start.elapsed().as_secs_f64()
    );
    match failed {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::from(101),
    }
}
