//! Trying again when the machine was in the way: a child that was lost, a folder that could not be written. What a plugin did itself
//! it would do again.

use std::time::{Duration, Instant};

use super::{Launcher, TimedLine};

/// How long the first wait is; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// How often a wait looks whether the run was cancelled.
const POLL: Duration = Duration::from_millis(50);

impl Launcher {
    /// The outcome of `attempt`, which is made again up to `retry` times while its error is one that `may_pass`; `note` gets a
    /// line for the log each time.
    ///
    /// # Errors
    /// Those of the last attempt.
    pub fn trying<T, E: std::fmt::Display>(
        &self,
        retry: u64,
        mut note: impl FnMut(TimedLine),
        may_pass: impl Fn(&E) -> bool,
        attempt: impl Fn() -> Result<T, E>,
    ) -> Result<T, E> {
        let mut wait = FIRST_WAIT;
        for number in 1..=retry {
            let error = match attempt() {
                Err(error) if may_pass(&error) && !self.cancel.is_cancelled() => error,
                other => return other,
            };
            let line = format!(
                "{error}; trying again ({number} of {retry}) after {} s",
                wait.as_secs()
            );
            note(TimedLine::host(line));
            self.pause(wait);
            wait = (2 * wait).min(LONGEST_WAIT);
        }
        attempt()
    }

    /// Waits, unless the run is cancelled meanwhile.
    fn pause(&self, wait: Duration) {
        let end = Instant::now() + wait;
        while !self.cancel.is_cancelled() && Instant::now() < end {
            std::thread::sleep(POLL);
        }
    }
}
