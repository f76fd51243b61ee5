#![allow(clippy::unwrap_used)]
use proptest::prelude::*;

use super::*;

fn fault(text: &str) -> (String, std::ops::Range<usize>, String) {
    let fault = Condition::parse(text).unwrap_err();
    (
        fault.message,
        fault.span.start..fault.span.end,
        fault.help.unwrap_or_default(),
    )
}

fn figures(text: &str) -> Vec<String> {
    match Condition::parse(text).unwrap() {
        Condition::Figures(figures) => figures.figures().iter().map(Figure::to_string).collect(),
        Condition::Verdicts(verdicts) => panic!("{text:?} is {verdicts:?}"),
    }
}

#[test]
fn words_are_read_and_written() {
    for word in Verdicts::ALL {
        let condition = Condition::parse(word.word()).unwrap();
        assert_eq!(condition, Condition::Verdicts(word));
        assert_eq!(condition.to_string(), word.word());
    }
    assert_eq!(serde_json::to_value(Gate::default()).unwrap(), "no-fail");
}

#[test]
fn wrong_words_name_the_choices() {
    let (message, span, help) = fault("nofail");
    assert_eq!(
        message,
        r#"`gate` cannot be "nofail": it is one of "no-fail", "no-warn", "none", or a condition such as "r2 >= 0.8""#
    );
    assert_eq!((span, help.as_str()), (0..6, r#"did you mean "no-fail"?"#));
}

#[test]
fn figures_are_named_in_all_ways_and_listed_once() {
    assert_eq!(figures("r2 >= 0.8"), ["r2"]);
    assert_eq!(
        figures("r2 >= 0.8 and lowest(r2, 'season') >= r2 - 20% and `not-null` = 1"),
        ["r2", "lowest(r2, 'season')", "`not-null`"]
    );
    assert_eq!(
        figures(
            "abs(highest(subject(mae, 'baseline'), 'season')) < 9 or subject(slice(mae, \"season = it's\"), 'x') < 2"
        ),
        [
            "highest(subject(mae, 'baseline'), 'season')",
            "slice(subject(mae, 'x'), 'season = it''s')"
        ]
    );
}

#[test]
fn faults_point_at_their_characters() {
    let cases = [
        ("r2 >", "", 4..4),
        ("r2 >= 'a'", "", 0..9),
        ("r2 + 1", "", 0..6),
        (
            "lowst(r2, 'season') > 0",
            "there is no function \"lowst\"",
            0..5,
        ),
        (
            "0.5 < lowest(r2)",
            "lowest takes a figure and a text, not one thing alone",
            6..16,
        ),
        (
            "lowest(r2, season) > 0",
            "this has to be a text in quotes, as in lowest(r2, 'season')",
            11..17,
        ),
        (
            "lowest(1 + 1, 'season') > 0",
            "this has to be the name of a figure",
            7..12,
        ),
        (
            "lowest(slice(r2, 'a = b'), 'c') > 0",
            "the slice of this figure is chosen already",
            0..6,
        ),
        (
            "subject(subject(r2, 'a'), 'b') > 0",
            "a figure has one subject",
            0..7,
        ),
        (
            "1 < 2",
            "this names no figure, so it is always the same",
            0..5,
        ),
        ("sqqrt(r2) > 0", "there is no function \"sqqrt\"", 0..5),
    ];
    for (text, message, span) in cases {
        let (said, at, _) = fault(text);
        assert!(message.is_empty() || said == message, "{text}: {said}");
        assert_eq!(at, span, "{text}: {said}");
    }
    assert_eq!(
        fault("lowst(r2, 'season') > 0").2,
        "did you mean \"lowest\"?"
    );
    assert_eq!(fault("sqqrt(r2) > 0").2, "did you mean \"sqrt\"?");
}

#[test]
fn conditions_hold_or_do_not() {
    let Condition::Figures(condition) = Condition::parse("a > 1 and (b is null or b > 1)").unwrap()
    else {
        panic!("it is over figures");
    };
    assert!(condition.holds(&[Some(2.0), None]));
    assert!(condition.holds(&[Some(2.0), Some(2.0)]));
    assert!(!condition.holds(&[Some(2.0), Some(1.0)]));
    assert!(!condition.holds(&[None, None]));
    assert!(!condition.holds(&[Some(f64::NAN), None]));
}

proptest! {
    /// However a condition is written, what its figures are shown as is read as the same figures.
    #[test]
    fn figures_are_written_as_they_are_read(name in "[a-z][a-z0-9_-]{0,6}", subject in prop::option::of("\\PC{0,6}"), slice in "\\PC{0,8}", part in 0..4) {
        let part = match part {
            0 => Part::All,
            1 => Part::Slice(slice),
            2 => Part::Lowest(slice),
            _ => Part::Highest(slice),
        };
        let figure = Figure { name, subject, part };
        let text = format!("{figure} > 0");
        match Condition::parse(&text) {
            Ok(Condition::Figures(figures)) => prop_assert_eq!(figures.figures(), &[figure]),
            other => prop_assert!(false, "{}: {:?}", text, other),
        }
    }

    #[test]
    fn no_text_is_too_odd(text in "(?s).{0,40}", glue in "(lowest|subject|slice)\\(r2, '.{0,8}'?\\)? ?(>|and|or)? ?[0-9%]{0,3}") {
        let _ = Condition::parse(&text);
        let _ = Condition::parse(&glue);
    }
}
