//! The two-sample Kolmogorov-Smirnov test.
use std::f64::consts::PI;

use super::runs::runs;

/// Up to this many values in the larger sample the p-value is exact, as in scipy; that is at most 10⁸ steps.
const EXACT: u64 = 10_000;

/// The greatest distance of the distribution functions of two samples.
///
/// It is kept as a whole number, `gap = max |i·m - j·n|` for `i` of `n` values of one sample and `j` of `m` values of the other
/// at or below some value: so the exact p-value does not depend on how a fraction is rounded.
#[derive(Clone, Copy, Debug)]
pub struct Ks {
    gap: u64,
    reference: u64,
    window: u64,
}

impl Ks {
    /// Compares two ascending samples of at least one value each.
    pub fn of(reference: &[f64], window: &[f64]) -> Ks {
        let (n, m) = (reference.len() as u64, window.len() as u64);
        let (mut i, mut j, mut gap) = (0, 0, 0);
        for run in runs(reference, window) {
            i += run.reference;
            j += run.window;
            gap = gap.max((i * m).abs_diff(j * n));
        }
        Ks {
            gap,
            reference: n,
            window: m,
        }
    }

    /// D = sup |F_reference - F_window| (Smirnov 1939): from 0 for the same distribution to 1 for samples that do not overlap.
    pub fn distance(self) -> f64 {
        self.gap as f64 / (self.reference * self.window) as f64
    }

    /// The two-sided p-value, from 0 to 1: how likely a distance of at least D is if both samples come from one continuous
    /// distribution. With ties it is too high rather than too low.
    pub fn p(self) -> f64 {
        let p = match self.reference.max(self.window) <= EXACT {
            true => exact(self.gap, self.reference, self.window),
            false => asymptotic(self.distance(), self.reference, self.window),
        };
        p.clamp(0.0, 1.0)
    }
}

/// P(D >= gap/(n·m)), by lattice paths (Hodges 1957).
///
/// All orders of `n` and `m` values are equally likely. An order is a path from (0, 0) to (n, m); it has a distance of at least D
/// if it comes to a point with |i·m - j·n| >= gap. Of the paths to (i, j) the share i/(i+j) come from (i-1, j), the others from
/// (i, j-1), so the share of paths that were at such a point follows from these two, and is 1 at the points themselves. Only
/// positive numbers are added: small p-values are as precise as large ones. Time is that of the points between, at most n·m;
/// memory is one row of them.
fn exact(gap: u64, n: u64, m: u64) -> f64 {
    if gap == 0 {
        return 1.0;
    }
    let (n, m) = (n.max(m), n.min(m));
    let inverse: Vec<f64> = (0..=n + m).map(|steps| 1.0 / steps as f64).collect();
    // Points that are not written are above the band, where the share is 1.
    let mut row = vec![1.0; m as usize + 1];
    row[0] = 0.0;
    for i in 0..=n {
        let first = (i * m).checked_sub(gap).map_or(0, |below| below / n + 1);
        let last = ((i * m + gap - 1) / n).min(m);
        // Left of the band the share is 1; left of the axis it has no weight.
        let mut left = 1.0;
        for j in first..=last {
            if i + j > 0 {
                let weight = inverse[(i + j) as usize];
                let point = &mut row[j as usize];
                *point = *point * (i as f64 * weight) + left * (j as f64 * weight);
            }
            left = row[j as usize];
        }
    }
    row[m as usize]
}

/// Q(λ) at λ = (√N + 0.12 + 0.11/√N)·D with N = nm/(n+m): Kolmogorov's limit with the correction of Stephens (1970), which is
/// close from N = 4 on.
fn asymptotic(distance: f64, n: u64, m: u64) -> f64 {
    let (n, m) = (n as f64, m as f64);
    let root = (n * m / (n + m)).sqrt();
    kolmogorov((root + 0.12 + 0.11 / root) * distance)
}

/// Kolmogorov's Q(λ) = 2 Σ (-1)^(k-1) e^(-2k²λ²), and for small λ, where that converges slowly, the same as
/// 1 - √(2π)/λ Σ e^(-(2k-1)²π²/(8λ²)). From 1 at 0 down to 0.
fn kolmogorov(lambda: f64) -> f64 {
    if lambda < 0.05 {
        // The difference to 1 is below the least positive number.
        return 1.0;
    }
    if lambda < 1.0 {
        let term = |k: u32| {
            let odd = f64::from(2 * k - 1);
            libm::exp(-odd * odd * PI * PI / (8.0 * lambda * lambda))
        };
        let sum: f64 = (1..=5).map(term).sum();
        return 1.0 - (2.0 * PI).sqrt() / lambda * sum;
    }
    let term = |k: u32| {
        let sign = if k % 2 == 1 { 2.0 } else { -2.0 };
        let k = f64::from(k);
        sign * libm::exp(-2.0 * k * k * lambda * lambda)
    };
    (1..=6).map(term).sum()
}

#[cfg(test)]
mod tests {
    use super::super::golden::{close, reference, window};
    use super::*;

    #[test]
    fn golden() {
        let ks = Ks::of(&reference(), &window());
        close(ks.distance(), 0.152);
        close(ks.p(), 6.106_976_766_482_976e-5);
    }

    #[test]
    fn the_limit_is_near_the_exact_value() {
        let ks = Ks::of(&reference(), &window());
        // scipy's, by the exact distribution of one sample: 6.0675e-5.
        let p = asymptotic(ks.distance(), 500, 400);
        assert!((p / 6.067_5e-5 - 1.0).abs() < 0.05, "{p:e}");
        for gap in [2_000_000, 3_000_000, 5_000_000] {
            let exact = exact(gap, 9000, 8000);
            let near = asymptotic(gap as f64 / 72e6, 9000, 8000);
            assert!((near / exact - 1.0).abs() < 0.1, "{near:e} {exact:e}");
        }
    }

    #[test]
    fn both_series_of_kolmogorov_agree() {
        // Known: Q(1) = 0.26999967..., Q(0.5) = 0.96394524...
        close(kolmogorov(1.0), 0.269_999_671_677_354_56);
        close(kolmogorov(1.0 - 1e-13), 0.269_999_671_677_354_56);
        assert!((kolmogorov(0.5) - 0.963_945_243_664_875).abs() < 1e-9);
        assert_eq!(kolmogorov(0.0), 1.0);
        assert_eq!(kolmogorov(100.0), 0.0);
    }

    /// Goes through all orders.
    fn counted(gap: u64, n: u64, m: u64) -> f64 {
        let steps = n + m;
        let (mut all, mut far) = (0, 0);
        for path in 0_u32..1 << steps {
            if u64::from(path.count_ones()) != n {
                continue;
            }
            all += 1;
            let (mut i, mut j, mut most) = (0, 0, 0);
            for step in 0..steps {
                match path >> step & 1 {
                    1 => i += 1,
                    _ => j += 1,
                }
                most = most.max((i * m).abs_diff(j * n));
            }
            far += u32::from(most >= gap);
        }
        f64::from(far) / f64::from(all)
    }

    #[test]
    fn the_exact_value_is_that_of_all_orders() {
        for (n, m) in [(1, 1), (4, 4), (3, 5), (7, 4), (6, 9), (1, 8)] {
            for gap in 1..=n * m {
                let (is, counted) = (exact(gap, n, m), counted(gap, n, m));
                assert!(
                    (is - counted).abs() < 1e-12,
                    "{n} {m} {gap}: {is} {counted}"
                );
            }
        }
    }

    #[test]
    fn samples_apart_and_alike() {
        let apart = Ks::of(&[1.0, 2.0], &[3.0, 4.0]);
        assert_eq!(apart.distance(), 1.0);
        close(apart.p(), 1.0 / 3.0);
        let alike = Ks::of(&[1.0, 2.0], &[1.0, 1.0, 2.0, 2.0]);
        assert_eq!((alike.distance(), alike.p()), (0.0, 1.0));
    }
}
