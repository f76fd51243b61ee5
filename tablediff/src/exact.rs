//! Sums of floats without rounding, so that the order of the rows does not show in the result.

/// Bits of a limb. A limb has 64, so that many additions fit before carries have to be passed on.
const LIMB: usize = 32;
/// Limbs for every bit a finite `f64` can have, 2^-1074 to 2^1023, and room for carries.
const LIMBS: usize = 70;
/// The weight of the lowest bit.
const LOWEST: i32 = -1074;
/// Each addition changes a limb by less than 2^32, so a limb holds this many.
const ADDITIONS: u32 = 1 << 30;

/// A sum of finite floats, kept as one long fixed-point number.
#[derive(Debug, Clone)]
pub(crate) struct ExactSum {
    limbs: Box<[i64; LIMBS]>,
    /// Additions since carries were passed on.
    additions: u32,
}

impl Default for ExactSum {
    fn default() -> ExactSum {
        ExactSum {
            limbs: Box::new([0; LIMBS]),
            additions: 0,
        }
    }
}

impl ExactSum {
    /// Adds a number, which must be finite.
    pub fn add(&mut self, number: f64) {
        let bits = number.to_bits();
        let exponent = (bits >> 52 & 0x7ff) as usize;
        let fraction = bits & ((1 << 52) - 1);
        // Numbers below the normal ones have the smallest exponent and no hidden bit.
        let (mantissa, shift) = match exponent {
            0 => (fraction, 0),
            _ => (fraction | 1 << 52, exponent - 1),
        };
        let mut left = u128::from(mantissa) << (shift % LIMB);
        for limb in &mut self.limbs[shift / LIMB..shift / LIMB + 3] {
            let part = (left & 0xffff_ffff) as i64;
            *limb += if number < 0.0 { -part } else { part };
            left >>= LIMB;
        }
        self.additions += 1;
        if self.additions == ADDITIONS {
            self.carry();
        }
    }

    /// The sum divided by a count above 0.
    pub fn mean(&self, count: u64) -> f64 {
        let mut sum = self.clone();
        sum.carry();
        let negative = sum.limbs[LIMBS - 1] < 0;
        if negative {
            sum.limbs.iter_mut().for_each(|limb| *limb = -*limb);
            sum.carry();
        }
        let Some(top) = sum.limbs.iter().rposition(|limb| *limb != 0) else {
            return 0.0;
        };
        // Three limbs are at least 65 bits: more than a float shows.
        let bottom = top.saturating_sub(2);
        let digits = sum.limbs[bottom..=top].iter().rev();
        let leading = digits.fold(0_u128, |digits, limb| digits << LIMB | *limb as u128);
        let mean = scale(
            leading as f64 / count as f64,
            (bottom * LIMB) as i32 + LOWEST,
        );
        let mean = mean.min(f64::MAX);
        if negative { -mean } else { mean }
    }

    /// Brings all limbs but the last, which has the sign, to 0..2^32: the one way to write this sum.
    fn carry(&mut self) {
        let mut carry = 0;
        for limb in &mut self.limbs[..LIMBS - 1] {
            let sum = *limb + carry;
            *limb = sum & 0xffff_ffff;
            carry = sum >> LIMB;
        }
        self.limbs[LIMBS - 1] += carry;
        self.additions = 0;
    }
}

/// `number * 2^exponent`, in steps that are floats themselves.
fn scale(mut number: f64, mut exponent: i32) -> f64 {
    while exponent != 0 {
        let step = exponent.clamp(-1000, 1000);
        number *= f64::from_bits(((1023 + step) as u64) << 52);
        exponent -= step;
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mean(numbers: &[f64]) -> f64 {
        let mut sum = ExactSum::default();
        numbers.iter().for_each(|number| sum.add(*number));
        sum.mean(numbers.len() as u64)
    }

    #[test]
    fn nothing_is_lost() {
        assert_eq!(mean(&[1e308, 1.0, -1e308]), 1.0 / 3.0);
        assert_eq!(mean(&[f64::MAX, f64::MAX]), f64::MAX);
        assert_eq!(mean(&[-f64::MAX, -f64::MAX, -f64::MAX]), -f64::MAX);
        assert_eq!(mean(&[5e-324]), 5e-324);
        assert_eq!(mean(&[0.1; 10]), 0.1);
        assert_eq!(mean(&[-2.5, 1.0]), -0.75);
        assert_eq!(mean(&[-0.0, 0.0]), 0.0);
    }

    proptest! {
        #[test]
        fn one_number_is_its_own_mean(number in -1e300_f64..1e300) {
            prop_assert_eq!(mean(&[number]), number);
        }

        #[test]
        fn the_order_does_not_matter(numbers in proptest::collection::vec(proptest::num::f64::NORMAL, 1..20)) {
            let mut reversed = numbers.clone();
            reversed.reverse();
            prop_assert_eq!(mean(&numbers).to_bits(), mean(&reversed).to_bits());
        }
    }
}
