//! Trying again what may go better another time.

use std::fmt::Display;
use std::time::Duration;

use crate::launcher::{Cancel, Waits};

/// An error that may pass.
pub(crate) trait Passing: Display {
    /// Whether another try may go better.
    fn may_pass(&self) -> bool;
    /// How long the other side asks to wait.
    fn wait(&self) -> Option<Duration>;
    /// The error of what was cancelled meanwhile.
    fn cancelled() -> Self;
}

/// A try that is made again.
pub(crate) struct Again<'a> {
    /// Why.
    pub error: &'a dyn Display,
    /// The number of the try that follows, from 1.
    pub number: u64,
    /// How long it waits.
    pub wait: Duration,
}

/// Tries up to `retry` times more, until it goes well or its error will not pass. `tell` hears of each further try.
pub(crate) fn patiently<T, E: Passing>(
    retry: u64,
    cancel: &Cancel,
    tell: impl Fn(Again<'_>),
    attempt: impl Fn() -> Result<T, E>,
) -> Result<T, E> {
    let mut waits = Waits::new();
    for number in 1..=retry {
        let error = match attempt() {
            Err(error) if error.may_pass() && !cancel.is_cancelled() => error,
            other => return other,
        };
        let wait = waits.next_wait().max(error.wait().unwrap_or_default());
        tell(Again {
            error: &error,
            number,
            wait,
        });
        cancel.pause(wait);
        if cancel.is_cancelled() {
            return Err(E::cancelled());
        }
    }
    attempt()
}
