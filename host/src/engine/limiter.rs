//! The exact memory limit of a guest: one sum over all its memories and tables.

use wasmtime::{Error, ResourceLimiter, Result};

use crate::enforcement::{Point, stands};

/// What a table's element costs on the host, in bytes.
const ELEMENT: u64 = 8;

/// The most memories of a guest, each of which reserves 4 GiB of addresses.
const MEMORIES: usize = 16;
/// The most tables of a guest.
const TABLES: usize = 64;

/// What a guest can have too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grown {
    /// Bytes of memories and tables.
    Memory,
    /// Elements of tables.
    Tables,
}

impl Grown {
    /// Where its limit is enforced.
    const fn point(self) -> Point {
        match self {
            Grown::Memory => Point::LimitMemory,
            Grown::Tables => Point::LimitTables,
        }
    }
}

/// The guest wanted more than it may have.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the guest wanted {wanted} {} of memory, its limit is {limit}", match self.what {
    Grown::Memory => "bytes",
    Grown::Tables => "table elements",
})]
pub struct MemoryExceeded {
    /// What of.
    pub what: Grown,
    /// How much it would have had.
    pub wanted: u64,
    /// How much it may have.
    pub limit: u64,
    /// The most that it had at one time before.
    pub had: u64,
}

/// What a guest may have.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    /// Bytes over all memories and tables.
    pub memory: u64,
    /// Elements over all tables.
    pub tables: u64,
    /// Instances of core modules.
    pub instances: usize,
}

/// Counts what the guest has over all memories and tables; wasmtime's own limits hold for each memory alone.
#[derive(Debug)]
pub struct Limiter {
    allowance: Allowance,
    memory: Level,
    elements: Level,
    /// The growth granted last, bytes and elements, to be taken back if the system then refuses it.
    granted: (u64, u64),
}

/// How much there is of something, and how much there was at most.
#[derive(Debug, Default)]
struct Level {
    used: u64,
    peak: u64,
}

impl Level {
    /// What there would be after a growth.
    fn after(&self, growth: u64, what: Grown, limit: u64) -> Result<u64, MemoryExceeded> {
        let wanted = self.used.saturating_add(growth);
        if wanted > limit && stands(what.point()) {
            return Err(MemoryExceeded {
                what,
                wanted,
                limit,
                had: self.peak,
            });
        }
        Ok(wanted)
    }

    fn set(&mut self, used: u64) {
        self.used = used;
        self.peak = self.peak.max(used);
    }
}

impl Limiter {
    /// With nothing used yet.
    pub fn new(allowance: Allowance) -> Self {
        Limiter {
            allowance,
            memory: Level::default(),
            elements: Level::default(),
            granted: (0, 0),
        }
    }

    /// The most bytes that were in use at one time.
    pub fn peak(&self) -> u64 {
        self.memory.peak
    }

    /// Grants the growth, or ends the guest: an answer of "no" would let a limit bend a result.
    fn grow(&mut self, bytes: u64, elements: u64) -> Result<bool> {
        let Allowance { memory, tables, .. } = self.allowance;
        let elements_after = self.elements.after(elements, Grown::Tables, tables)?;
        let memory_after = self.memory.after(bytes, Grown::Memory, memory)?;
        self.elements.set(elements_after);
        self.memory.set(memory_after);
        self.granted = (bytes, elements);
        Ok(true)
    }

    fn take_back(&mut self, error: Error) -> Result<()> {
        let (bytes, elements) = self.granted;
        self.memory.used -= bytes;
        self.elements.used -= elements;
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
            self.granted = (0, 0);
            return Ok(false);
        }
        self.grow(desired.saturating_sub(current) as u64, 0)
    }

    fn memory_grow_failed(&mut self, error: Error) -> Result<()> {
        if self.granted == (0, 0) {
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
            self.granted = (0, 0);
            return Ok(false);
        }
        let elements = desired.saturating_sub(current) as u64;
        self.grow(elements.saturating_mul(ELEMENT), elements)
    }

    fn table_grow_failed(&mut self, error: Error) -> Result<()> {
        if self.granted == (0, 0) {
            return Ok(());
        }
        self.take_back(error)
    }

    fn instances(&self) -> usize {
        match stands(Point::LimitInstances) {
            true => self.allowance.instances,
            false => usize::MAX,
        }
    }

    // Each memory and table has its module; what they hold is what costs.
    fn memories(&self) -> usize {
        match stands(Point::Memories) {
            true => MEMORIES,
            false => usize::MAX,
        }
    }

    fn tables(&self) -> usize {
        TABLES
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn limiter(memory: u64) -> Limiter {
        Limiter::new(Allowance {
            memory,
            tables: 10,
            instances: 1,
        })
    }

    #[test]
    fn the_sum_over_memories_is_bounded() {
        let mut limiter = limiter(300);
        assert!(limiter.memory_growing(0, 100, None).unwrap());
        assert!(limiter.memory_growing(0, 200, None).unwrap());
        let error = limiter.memory_growing(200, 201, None).unwrap_err();
        assert!(error.is::<MemoryExceeded>());
        assert_eq!(limiter.peak(), 300);
    }

    #[test]
    fn growth_exactly_to_the_limit_is_granted() {
        assert!(limiter(64).memory_growing(0, 64, Some(64)).unwrap());
    }

    #[test]
    fn a_refusal_by_the_system_ends_the_guest_and_is_not_counted() {
        let mut limiter = limiter(100);
        assert!(limiter.memory_growing(0, 60, None).unwrap());
        assert!(limiter.memory_grow_failed(Error::msg("no memory")).is_err());
        assert!(limiter.memory_growing(0, 100, None).unwrap());
    }

    #[test]
    fn growth_over_the_memorys_own_maximum_is_refused_politely() {
        let mut limiter = limiter(1000);
        assert!(!limiter.memory_growing(0, 200, Some(100)).unwrap());
        assert!(
            limiter
                .memory_grow_failed(Error::msg("over maximum"))
                .is_ok()
        );
    }

    #[test]
    fn elements_are_counted_for_themselves_and_as_memory() {
        let mut few = limiter(1000);
        assert!(few.table_growing(0, 10, None).unwrap());
        let error = few.table_growing(10, 11, None).unwrap_err();
        let exceeded = error.downcast_ref::<MemoryExceeded>().unwrap();
        assert_eq!(
            (exceeded.what, exceeded.wanted, exceeded.had),
            (Grown::Tables, 11, 10)
        );
        let error = limiter(79).table_growing(0, 10, None).unwrap_err();
        let exceeded = error.downcast_ref::<MemoryExceeded>().unwrap();
        assert_eq!((exceeded.what, exceeded.wanted), (Grown::Memory, 80));
        assert_eq!(few.peak(), 80);
    }
}
