//! Bounds: what should hold of a figure.
use std::fmt;
use std::str::FromStr;

/// What should hold of a figure, e.g. `>= 0.7`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bound {
    operator: Operator,
    limit: f64,
}

/// How a figure should stand to the limit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Operator {
    AtLeast,
    AtMost,
    Above,
    Below,
}

impl Operator {
    /// The two signs that begin with another one come first.
    const ALL: [Operator; 4] = [
        Operator::AtLeast,
        Operator::AtMost,
        Operator::Above,
        Operator::Below,
    ];

    const fn sign(self) -> &'static str {
        match self {
            Operator::AtLeast => ">=",
            Operator::AtMost => "<=",
            Operator::Above => ">",
            Operator::Below => "<",
        }
    }

    const fn is_lower_bound(self) -> bool {
        matches!(self, Operator::AtLeast | Operator::Above)
    }

    const fn is_strict(self) -> bool {
        matches!(self, Operator::Above | Operator::Below)
    }
}

impl Bound {
    /// Whether a value is as it should be. NaN never is.
    pub fn holds(self, value: f64) -> bool {
        match self.operator {
            Operator::AtLeast => value >= self.limit,
            Operator::AtMost => value <= self.limit,
            Operator::Above => value > self.limit,
            Operator::Below => value < self.limit,
        }
    }

    /// Whether this one holds of every value of which the other does.
    pub fn follows_from(self, other: Bound) -> bool {
        if self.operator.is_lower_bound() != other.operator.is_lower_bound() {
            return false;
        }
        if self.limit == other.limit {
            return other.operator.is_strict() || !self.operator.is_strict();
        }
        (self.limit < other.limit) == self.operator.is_lower_bound()
    }
}

impl FromStr for Bound {
    type Err = String;

    fn from_str(text: &str) -> Result<Bound, String> {
        let found = Operator::ALL.into_iter().find_map(|operator| {
            let number = text.trim_start().strip_prefix(operator.sign())?;
            Some((operator, number.trim()))
        });
        let Some((operator, number)) = found else {
            return Err(format!(
                "{text:?} is no bound: it begins with none of >=, >, <= and <"
            ));
        };
        match number.parse::<f64>() {
            Ok(limit) if limit.is_finite() => Ok(Bound { operator, limit }),
            _ => Err(format!("{text:?} is no bound: {number:?} is not a number")),
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.operator.sign(), self.limit)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    fn bound(text: &str) -> Bound {
        text.parse().unwrap()
    }

    #[test]
    fn bounds_are_read_and_written() {
        for (text, written) in [
            (">= 0.7", ">= 0.7"),
            (" <=60 ", "<= 60"),
            ("> -1e-3", "> -0.001"),
            ("<0", "< 0"),
        ] {
            assert_eq!(bound(text).to_string(), written);
        }
    }

    #[test]
    fn what_is_no_bound_says_why() {
        for (text, why) in [
            ("0.7", "begins with none"),
            ("=> 0.7", "begins with none"),
            ("", "begins with none"),
            (">= ", "\"\" is not a number"),
            (">== 1", "\"= 1\" is not a number"),
            ("<= 70%", "\"70%\" is not a number"),
            ("> inf", "\"inf\" is not a number"),
            ("> NaN", "\"NaN\" is not a number"),
        ] {
            let error = text.parse::<Bound>().unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn a_limit_is_within_unless_it_is_strict() {
        let holds = |text, value| bound(text).holds(value);
        assert!(holds(">= 1", 1.0) && holds("<= 1", 1.0));
        assert!(!holds("> 1", 1.0) && !holds("< 1", 1.0));
        assert!(holds("> 1", 1.1) && !holds("<= 1", 1.1));
        assert!(!holds(">= 1", f64::NAN) && !holds("<= 1", f64::NAN));
    }

    fn bounds() -> impl Strategy<Value = Bound> {
        (0_usize..4, -3_i8..4).prop_map(|(operator, limit)| Bound {
            operator: Operator::ALL[operator],
            limit: limit.into(),
        })
    }

    proptest! {
        #[test]
        fn what_follows_holds_wherever_the_other_does(one in bounds(), other in bounds()) {
            let values = (-20..20).map(|quarters| f64::from(quarters) / 4.0);
            let follows = values.into_iter().all(|value| one.holds(value) || !other.holds(value));
            prop_assert_eq!(one.follows_from(other), follows);
        }

        #[test]
        fn a_bound_is_what_it_is_written_as(one in bounds()) {
            prop_assert_eq!(one.to_string().parse::<Bound>(), Ok(one));
        }
    }
}
