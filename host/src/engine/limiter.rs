//! The exact memory limit of a guest: one sum over all its memories and tables.

use wasmtime::{Error, ResourceLimiter, Result};

/// What a table's element costs on the host, in bytes.
const ELEMENT: usize = 8;

/// The guest wanted more memory than it may have.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the guest wanted {wanted} bytes of memory, its limit is {limit}")]
pub struct MemoryExceeded {
    /// Bytes it would have had.
    pub wanted: u64,
    /// Bytes it may have.
    pub limit: u64,
}

/// Counts what the guest has over all memories and tables; wasmtime's own limits hold for each memory alone.
#[derive(Debug)]
pub struct Limiter {
    limit: u64,
    used: u64,
    peak: u64,
    /// The growth granted last, to be taken back if the system then refuses it.
    granted: u64,
}

impl Limiter {
    /// A limit in bytes.
    pub fn new(limit: u64) -> Self {
        Limiter {
            limit,
            used: 0,
            peak: 0,
            granted: 0,
        }
    }

    /// The most bytes that were in use at one time.
    pub fn peak(&self) -> u64 {
        self.peak
    }

    /// Grants the growth, or ends the guest: an answer of "no" would let a limit bend a result.
    fn grow(&mut self, bytes: usize) -> Result<bool> {
        let wanted = self.used.saturating_add(bytes as u64);
        if wanted > self.limit {
            return Err(Error::from(MemoryExceeded {
                wanted,
                limit: self.limit,
            }));
        }
        self.granted = bytes as u64;
        self.used = wanted;
        self.peak = self.peak.max(wanted);
        Ok(true)
    }

    fn take_back(&mut self, error: Error) -> Result<()> {
        self.used -= self.granted;
        Err(error.context("the system refused memory within the guest's limit"))
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool> {
        // Growth beyond the memory's own declared maximum fails by the guest's own doing: not a matter of our limit.
        if maximum.is_some_and(|maximum| desired > maximum) {
            self.granted = 0;
            return Ok(false);
        }
        self.grow(desired.saturating_sub(current))
    }

    fn memory_grow_failed(&mut self, error: Error) -> Result<()> {
        if self.granted == 0 {
            return Ok(());
        }
        self.take_back(error)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            self.granted = 0;
            return Ok(false);
        }
        self.grow(desired.saturating_sub(current).saturating_mul(ELEMENT))
    }

    fn table_grow_failed(&mut self, error: Error) -> Result<()> {
        if self.granted == 0 {
            return Ok(());
        }
        self.take_back(error)
    }

    fn instances(&self) -> usize {
        64
    }

    fn memories(&self) -> usize {
        16
    }

    fn tables(&self) -> usize {
        64
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_sum_over_memories_is_bounded() {
        let mut limiter = Limiter::new(300);
        assert!(limiter.memory_growing(0, 100, None).unwrap());
        assert!(limiter.memory_growing(0, 200, None).unwrap());
        let error = limiter.memory_growing(200, 201, None).unwrap_err();
        assert!(error.is::<MemoryExceeded>());
        assert_eq!(limiter.peak(), 300);
    }

    #[test]
    fn growth_exactly_to_the_limit_is_granted() {
        assert!(Limiter::new(64).memory_growing(0, 64, Some(64)).unwrap());
    }

    #[test]
    fn a_refusal_by_the_system_ends_the_guest_and_is_not_counted() {
        let mut limiter = Limiter::new(100);
        assert!(limiter.memory_growing(0, 60, None).unwrap());
        assert!(limiter.memory_grow_failed(Error::msg("no memory")).is_err());
        assert!(limiter.memory_growing(0, 100, None).unwrap());
    }

    #[test]
    fn growth_over_the_memorys_own_maximum_is_refused_politely() {
        let mut limiter = Limiter::new(1000);
        assert!(!limiter.memory_growing(0, 200, Some(100)).unwrap());
        assert!(
            limiter
                .memory_grow_failed(Error::msg("over maximum"))
                .is_ok()
        );
    }
}
