//! The test of two proportions.
use std::f64::consts::FRAC_1_SQRT_2;

/// How many of how many.
#[derive(Clone, Copy, Debug)]
pub struct Proportion {
    /// How many have it.
    pub count: u64,
    /// How many there are, at least one.
    pub total: u64,
}

impl Proportion {
    /// The share, from 0 to 1.
    pub fn share(self) -> f64 {
        self.count as f64 / self.total as f64
    }
}

/// z = (p₁ - p₂)/√(p(1-p)(1/n₁ + 1/n₂)) with the share p of both together; none when all or nobody has it, since there is nothing
/// to test.
pub fn z(first: Proportion, second: Proportion) -> Option<f64> {
    let pooled = Proportion {
        count: first.count + second.count,
        total: first.total + second.total,
    };
    if pooled.count == 0 || pooled.count == pooled.total {
        return None;
    }
    let p = pooled.share();
    let sizes = 1.0 / first.total as f64 + 1.0 / second.total as f64;
    Some((first.share() - second.share()) / (p * (1.0 - p) * sizes).sqrt())
}

/// The two-sided p-value of a z, from 0 to 1.
pub fn p(z: f64) -> f64 {
    libm::erfc(z.abs() * FRAC_1_SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::super::golden::close;
    use super::*;

    #[test]
    fn golden() {
        let of = |count, total| Proportion { count, total };
        let z = z(of(150, 500), of(152, 400)).expect("some have it and some do not");
        close(z, -2.525_644_239);
        // Computed by the integral of the density. The golden table has .011548637, which is wrong in its last digit.
        close(p(z), 0.011_548_636_308_555);
        assert!((p(z) - 0.011_548_637).abs() < 1e-9, "{}", p(z));
    }

    #[test]
    fn nothing_to_test() {
        let of = |count, total| Proportion { count, total };
        assert_eq!(z(of(0, 10), of(0, 20)), None);
        assert_eq!(z(of(10, 10), of(20, 20)), None);
        assert_eq!(p(0.0), 1.0);
    }
}
