//! Two samples side by side.

/// A value with how often it occurs in either sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Run {
    /// The value.
    pub value: f64,
    /// How often it is in the reference.
    pub reference: u64,
    /// How often it is in the window.
    pub window: u64,
}

/// The values that occur in one of two ascending samples or in both, each once, ascending.
pub fn runs<'a>(
    mut reference: &'a [f64],
    mut window: &'a [f64],
) -> impl Iterator<Item = Run> + use<'a> {
    std::iter::from_fn(move || {
        let value = match (reference.first(), window.first()) {
            (Some(left), Some(right)) => left.min(*right),
            (Some(value), None) | (None, Some(value)) => *value,
            (None, None) => return None,
        };
        Some(Run {
            value,
            reference: take(&mut reference, value),
            window: take(&mut window, value),
        })
    })
}

/// Moves the sample on to what is greater, and says how many values that were.
fn take(sample: &mut &[f64], value: f64) -> u64 {
    let count = sample.iter().take_while(|other| **other <= value).count();
    *sample = &sample[count..];
    count as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_comes_once() {
        let found: Vec<_> = runs(&[1.0, 1.0, 3.0], &[0.0, 1.0, 3.0, 4.0, 4.0])
            .map(|run| (run.value, run.reference, run.window))
            .collect();
        assert_eq!(found, [(0.0, 0, 1), (1.0, 2, 1), (3.0, 1, 1), (4.0, 0, 2)]);
        assert_eq!(runs(&[], &[]).count(), 0);
    }
}
