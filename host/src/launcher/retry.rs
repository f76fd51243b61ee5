//! Trying again when the machine was in the way: a child that was lost, a folder that could not be written. What a plugin did itself
//! it would do again.

use std::time::{Duration, Instant};

use super::{Cancel, Launcher, TimedLine};

/// How long the first wait is; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// How often a wait looks whether the run was cancelled.
const POLL: Duration = Duration::from_millis(50);

/// The waits between tries, each twice as long as the one before.
#[derive(Debug)]
pub struct Waits(Duration);

impl Waits {
    /// Begins with the shortest.
    pub fn new() -> Waits {
        Waits(FIRST_WAIT)
    }

    /// How long to wait now.
    pub fn next_wait(&mut self) -> Duration {
        let wait = self.0;
        self.0 = (2 * wait).min(LONGEST_WAIT);
        wait
    }
}

impl Default for Waits {
    fn default() -> Waits {
        Waits::new()
    }
}

impl Cancel {
    /// Waits, unless it is cancelled meanwhile.
    pub fn pause(&self, wait: Duration) {
        let end = Instant::now() + wait;
        while !self.is_cancelled() && Instant::now() < end {
            std::thread::sleep(POLL);
        }
    }
}

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
        let mut waits = Waits::new();
        for number in 1..=retry {
            let error = match attempt() {
                Err(error) if may_pass(&error) && !self.cancel.is_cancelled() => error,
                other => return other,
            };
            let wait = waits.next_wait();
            let line = format!(
                "{error}; trying again ({number} of {retry}) after {} s",
                wait.as_secs()
            );
            note(TimedLine::host(line));
            self.cancel.pause(wait);
        }
        attempt()
    }
}
