//! How often a stage tells how far it is: whoever calls `progress` in a tight loop costs its own time, not the launcher's.

use std::time::{Duration, Instant};

/// The shortest time between two messages.
const INTERVAL: Duration = Duration::from_millis(20);

/// Lets one message pass in each interval. Both sides have one: the launcher does not rely on the child's.
#[derive(Debug, Default)]
pub struct Pace {
    last: Option<(Instant, (u64, u64))>,
}

impl Pace {
    /// Whether this much is to be told: something else than what was told last, and not too soon after it.
    pub fn is_due(&mut self, done: u64, total: u64) -> bool {
        self.at(Instant::now(), (done, total))
    }

    fn at(&mut self, now: Instant, told: (u64, u64)) -> bool {
        let due = self.last.is_none_or(|(time, last)| {
            last != told && now.saturating_duration_since(time) >= INTERVAL
        });
        if due {
            self.last = Some((now, told));
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_passes_then_one_in_each_interval() {
        let (mut pace, start) = (Pace::default(), Instant::now());
        let passed = (0..100_u64).filter(|n| {
            let now = start + Duration::from_millis(*n);
            pace.at(now, (*n, 100))
        });
        assert_eq!(passed.collect::<Vec<_>>(), [0, 20, 40, 60, 80]);
    }

    #[test]
    fn what_was_told_is_not_told_again() {
        let (mut pace, start) = (Pace::default(), Instant::now());
        assert!(pace.at(start, (1, 2)));
        assert!(!pace.at(start + 2 * INTERVAL, (1, 2)));
        assert!(pace.at(start + 2 * INTERVAL, (2, 2)));
    }
}
