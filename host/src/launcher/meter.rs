//! What a child has used of the limits that the launcher can count itself, without trust in the child.

use crate::{
    enforcement::stands,
    manifest::limits::{Exceeded, Limit, Limits, Whose},
};

/// Counts against limits.
#[derive(Debug)]
pub struct Meter {
    limits: Limits,
    whose: Whose,
    used: [u64; Limit::COUNT],
}

impl Meter {
    /// With nothing used yet.
    pub fn new(limits: Limits, whose: Whose) -> Meter {
        Meter {
            limits,
            whose,
            used: [0; Limit::COUNT],
        }
    }

    /// How much was used.
    pub fn used(&self, limit: Limit) -> u64 {
        self.used[limit as usize]
    }

    /// Counts so much more.
    ///
    /// # Errors
    /// When that is beyond the limit.
    pub fn add(&mut self, limit: Limit, amount: u64) -> Result<(), Exceeded> {
        let had = self.used(limit);
        let wanted = had.saturating_add(amount);
        self.used[limit as usize] = wanted;
        let bound = self.limits.bound(limit);
        if wanted <= bound.value || !stands(limit.point()) {
            return Ok(());
        }
        let exceeded = Exceeded::new(bound, self.whose);
        // Of what comes one by one there is nothing more to say.
        Err(match amount {
            1 => exceeded,
            _ => exceeded.wanted(wanted),
        })
    }

    /// Counts so much less, of what there is at a time.
    pub fn take_back(&mut self, limit: Limit, amount: u64) {
        let used = &mut self.used[limit as usize];
        *used = used.saturating_sub(amount);
    }

    /// That this limit was gone beyond.
    pub fn exceeded(&self, limit: Limit) -> Exceeded {
        Exceeded::new(self.limits.bound(limit), self.whose)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::limits::Bound;

    #[test]
    fn exactly_the_limit_is_granted_and_no_more() {
        let limit = Limit::Rows;
        let limits = Limits::DEFAULT.with(Bound { limit, value: 10 });
        let mut meter = Meter::new(limits, Whose::Stage);
        assert_eq!(meter.add(limit, 4), Ok(()));
        assert_eq!(meter.add(limit, 6), Ok(()));
        assert_eq!(meter.add(limit, 0), Ok(()));
        let exceeded = meter.add(limit, 5);
        assert_eq!(exceeded, Err(meter.exceeded(limit).wanted(15)));
        meter.take_back(limit, 6);
        assert_eq!(meter.add(limit, 1), Ok(()));
        assert_eq!(meter.add(limit, 1), Err(meter.exceeded(limit)));
        assert!(meter.add(limit, u64::MAX).is_err());
    }
}
