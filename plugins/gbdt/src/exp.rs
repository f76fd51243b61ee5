//! The exponential function, as a formula.
//!
//! The mathematical functions of `std` are the system's, and differ between systems in the last bit; here they would also be
//! called once for each row and round, one value at a time. This one consists of additions and multiplications alone, so that it
//! gives the same bits everywhere and the compiler can compute several values at once.

/// e to the power of `x`, within two units in the last place; arguments beyond ±708 count as ±708.
#[inline]
pub fn exp(x: f64) -> f64 {
    /// Adding and subtracting this rounds to a whole number, which then stands in the last bits.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    /// ln 2 in two parts, the first with zeros at its end: a multiple of it is exact.
    const LN_2: [f64; 2] = [0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10];
    /// 1/13!, 1/12! … 1/0!
    const SERIES: [f64; 14] = [
        1.0 / 6_227_020_800.0,
        1.0 / 479_001_600.0,
        1.0 / 39_916_800.0,
        1.0 / 3_628_800.0,
        1.0 / 362_880.0,
        1.0 / 40_320.0,
        1.0 / 5_040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        1.0 / 2.0,
        1.0,
        1.0,
    ];
    let x = if x > 708.0 { 708.0 } else { x };
    let x = if x < -708.0 { -708.0 } else { x };
    let shifted = x * std::f64::consts::LOG2_E + ROUND;
    let twos = shifted - ROUND;
    let rest = (x - twos * LN_2[0]) - twos * LN_2[1];
    let mut sum = SERIES[0];
    for term in &SERIES[1..] {
        sum = sum * rest + term;
    }
    // Times 2 to the power of `twos`: its whole number is added to the exponent.
    f64::from_bits(sum.to_bits().wrapping_add(shifted.to_bits() << 52))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_exponential_function() {
        for step in -70_000..70_000 {
            let x = f64::from(step) / 100.0 + 0.003;
            let (is, wanted) = (exp(x), x.exp());
            assert!((is / wanted - 1.0).abs() < 5e-16, "{x}: {is} {wanted}");
        }
        assert_eq!(exp(0.0), 1.0);
        assert_eq!(exp(f64::INFINITY), exp(708.0));
        assert_eq!(exp(f64::NEG_INFINITY), exp(-708.0));
    }
}
