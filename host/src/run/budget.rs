//! How much may run at a time.

use std::collections::HashMap;

/// The stages that run now and the memory each may use, in bytes.
pub(super) type Running = HashMap<usize, u64>;

/// The bound on what runs at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Stages at a time, at least 1.
    pub jobs: usize,
    /// Bytes over the memory limits of all that run. A single stage with a higher limit runs alone.
    pub memory: u64,
}

impl Budget {
    /// As many stages as there are processors, in four fifths of the machine's memory.
    pub fn of_machine() -> Self {
        let meminfo = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
        Budget {
            jobs: std::thread::available_parallelism().map_or(1, usize::from),
            memory: total_memory(&meminfo).map_or(u64::MAX, |total| total / 5 * 4),
        }
    }

    pub(super) fn has_room(&self, running: &Running, memory: u64) -> bool {
        let used: u64 = running.values().sum();
        running.is_empty()
            || (running.len() < self.jobs && used.saturating_add(memory) <= self.memory)
    }
}

/// The machine's memory in bytes, from the text of `/proc/meminfo`.
fn total_memory(meminfo: &str) -> Option<u64> {
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_read_in_bytes() {
        assert_eq!(total_memory("MemFree: 1 kB\n"), None);
        assert_eq!(
            total_memory("MemTotal:       2048 kB\nMemFree: 1 kB\n"),
            Some(2 << 20)
        );
    }

    #[test]
    fn jobs_and_memory_both_bound() {
        let budget = Budget {
            jobs: 2,
            memory: 100,
        };
        let running = |memory: &[u64]| memory.iter().copied().enumerate().collect::<Running>();
        assert!(budget.has_room(&running(&[40]), 60));
        assert!(!budget.has_room(&running(&[40]), 61));
        assert!(!budget.has_room(&running(&[1, 1]), 1));
    }

    #[test]
    fn a_stage_that_wants_more_than_all_runs_alone() {
        let budget = Budget {
            jobs: 2,
            memory: 100,
        };
        assert!(budget.has_room(&Running::new(), 500));
    }
}
