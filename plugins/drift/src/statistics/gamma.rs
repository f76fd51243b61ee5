//! The incomplete gamma function.

/// Where the sums stop: what is left is below the precision of a number.
const ENOUGH: f64 = 1e-16;
/// More terms than any argument needs: about √a of them matter.
const MOST_TERMS: u32 = 1_000_000;

/// Q(a, x) = Γ(a, x)/Γ(a) for a > 0, x >= 0: from 1 at x = 0 down to 0. By its power series below x = a + 1 and by its continued
/// fraction (Abramowitz and Stegun 6.5.29 and 6.5.31) above.
pub fn upper(a: f64, x: f64) -> f64 {
    if x == 0.0 {
        return 1.0;
    }
    let front = libm::exp(a * libm::log(x) - x - libm::lgamma(a));
    if x < a + 1.0 {
        1.0 - front * series(a, x)
    } else {
        front * fraction(a, x)
    }
}

/// Σ xⁿ / (a·(a+1)·…·(a+n)).
fn series(a: f64, x: f64) -> f64 {
    let mut term = 1.0 / a;
    let mut sum = term;
    for n in 1..MOST_TERMS {
        term *= x / (a + f64::from(n));
        sum += term;
        if term < sum * ENOUGH {
            break;
        }
    }
    sum
}

/// 1/(x+1-a - 1(1-a)/(x+3-a - 2(2-a)/(x+5-a - …))), from its head on by the method of Lentz. With x > a + 1 no denominator is 0.
fn fraction(a: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - a;
    let mut c = f64::INFINITY;
    let mut d = 1.0 / b;
    let mut value = d;
    for n in 1..MOST_TERMS {
        let n = f64::from(n);
        let numerator = n * (a - n);
        b += 2.0;
        d = 1.0 / (b + numerator * d);
        c = b + numerator / c;
        let factor = c * d;
        value *= factor;
        if (factor - 1.0).abs() < ENOUGH * 4.0 {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::super::golden::close;
    use super::*;

    #[test]
    fn whole_and_half_arguments_have_closed_forms() {
        for x in [0.01, 0.5, 1.0, 1.9, 2.1, 5.0, 30.0, 200.0] {
            close(upper(1.0, x), libm::exp(-x));
            close(upper(0.5, x), libm::erfc(x.sqrt()));
            close(upper(3.0, x), libm::exp(-x) * (1.0 + x + x * x / 2.0));
        }
        assert_eq!(upper(2.0, 0.0), 1.0);
    }

    #[test]
    fn large_arguments_come_to_an_end() {
        let p = upper(50_000.0, 50_000.0);
        assert!((p - 0.5).abs() < 0.01, "{p}");
        assert!(upper(50_000.0, 60_000.0) < 1e-100);
    }
}
