//! Counts what test runners report.

use std::fmt;

use crate::steps::Failure;

/// What a run of tests came to: the count, and whether the runner is content.
pub type Ran = (Count, Result<(), Failure>);

/// How many tests passed and failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// How many passed.
    pub passed: u64,
    /// How many failed.
    pub failed: u64,
}

impl Count {
    /// Adds another count.
    pub fn add(&mut self, other: Count) {
        self.passed += other.passed;
        self.failed += other.failed;
    }

    /// Adds up what `cargo test` printed: a line for each test program, as in
    /// `test result: ok. 35 passed; 0 failed; 0 ignored; 0 measured; 8 filtered out; finished in 0.19s`.
    pub fn of_cargo(output: &str) -> Self {
        let mut count = Self::default();
        for line in output
            .lines()
            .filter(|line| line.starts_with("test result: "))
        {
            let words: Vec<_> = line.split([' ', ';']).collect();
            let before = |word: &str| {
                let place = words.iter().position(|other| *other == word)?;
                words.get(place.checked_sub(1)?)?.parse().ok()
            };
            count.add(Self {
                passed: before("passed").unwrap_or(0),
                failed: before("failed").unwrap_or(0),
            });
        }
        count
    }

    /// Reads what `python -m unittest` printed: `Ran 7 tests in 0.010s`, then `OK` or `FAILED (failures=1, errors=2)`.
    pub fn of_unittest(output: &str) -> Self {
        let ran: u64 = number_after(output, "\nRan ").unwrap_or(0);
        let verdict = output
            .lines()
            .rev()
            .find(|line| line.starts_with("FAILED"))
            .unwrap_or_default();
        let kinds = ["failures=", "errors=", "unexpected successes="];
        let failed = kinds
            .iter()
            .filter_map(|kind| number_after(verdict, kind))
            .sum();
        let skipped = number_after(output, "skipped=").unwrap_or(0);
        Self {
            passed: ran.saturating_sub(failed + skipped),
            failed,
        }
    }

    /// Reads the end of the TAP that `node --test` printed: `# pass 3` and `# fail 0`.
    pub fn of_tap(output: &str) -> Self {
        Self {
            passed: number_after(output, "\n# pass ").unwrap_or(0),
            failed: number_after(output, "\n# fail ").unwrap_or(0),
        }
    }

    /// Counts the tests in what `go test -v` printed, without their parts: `--- PASS: TestSpans (0.00s)`.
    pub fn of_go(output: &str) -> Self {
        Self::of_lines(output, "--- PASS: ", "--- FAIL: ")
    }

    /// Counts the lines of `sdk/c/test.sh`: `passed: tests/values_test.c`.
    pub fn of_c(output: &str) -> Self {
        Self::of_lines(output, "passed: ", "failed: ")
    }

    fn of_lines(output: &str, passed: &str, failed: &str) -> Self {
        let count = |mark| output.lines().filter(|line| line.starts_with(mark)).count() as u64;
        Self {
            passed: count(passed),
            failed: count(failed),
        }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// The number behind the last `mark` in the text.
fn number_after(text: &str, mark: &str) -> Option<u64> {
    let (_, rest) = text.rsplit_once(mark)?;
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    rest[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_is_added_up() {
        let output = "running 2 tests\ntest result: ok. 35 passed; 0 failed; 1 ignored; 0 measured; 8 filtered out\n\
                      test result: FAILED. 3 passed; 2 failed; 0 ignored\n";
        assert_eq!(
            Count::of_cargo(output),
            Count {
                passed: 38,
                failed: 2
            }
        );
        assert_eq!(
            Count::of_cargo("error: could not compile"),
            Count::default()
        );
    }

    #[test]
    fn unittest_is_read() {
        let output = "...\n----\nRan 7 tests in 0.010s\n\nOK (skipped=2)\n";
        assert_eq!(
            Count::of_unittest(output),
            Count {
                passed: 5,
                failed: 0
            }
        );
        let output = "F.E\n----\nRan 3 tests in 0.010s\n\nFAILED (failures=1, errors=1)\n";
        assert_eq!(
            Count::of_unittest(output),
            Count {
                passed: 1,
                failed: 2
            }
        );
    }

    #[test]
    fn tap_is_read() {
        let output = "ok 1 - a\n1..4\n# tests 4\n# pass 3\n# fail 1\n# cancelled 0\n";
        assert_eq!(
            Count::of_tap(output),
            Count {
                passed: 3,
                failed: 1
            }
        );
    }

    #[test]
    fn lines_are_counted() {
        let output = "=== RUN   TestA\n--- PASS: TestA (0.00s)\n    --- PASS: TestA/part (0.00s)\n--- FAIL: TestB (0.10s)\nFAIL\n";
        let expected = Count {
            passed: 1,
            failed: 1,
        };
        assert_eq!(Count::of_go(output), expected);
        let output = "x.c:3: not so: a\nfailed: tests/a_test.c\npassed: tests/b_test.c\n";
        assert_eq!(Count::of_c(output), expected);
    }

    #[test]
    fn it_reads_as_a_sentence() {
        assert_eq!(
            Count {
                passed: 2,
                failed: 0
            }
            .to_string(),
            "2 passed, 0 failed"
        );
    }
}
