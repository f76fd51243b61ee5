//! The table of limits as a whole, and sets of limits.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

const README: &str = include_str!("../../../../README.md");

fn bound() -> impl Strategy<Value = Bound> {
    let limit = proptest::sample::select(Limit::ALL.to_vec());
    limit.prop_flat_map(|limit| {
        let (lowest, highest) = limit.facts().range;
        // No time is longer than a year.
        let highest = match limit.notation() {
            Notation::Time => highest.min(365 * 24 * 3600 * SECOND),
            Notation::Size | Notation::Count => highest,
        };
        (lowest..=highest).prop_map(move |value| Bound { limit, value })
    })
}

fn some() -> impl Strategy<Value = PartialLimits> {
    proptest::collection::vec(bound(), 0..8).prop_map(|bounds| bounds.into_iter().collect())
}

#[test]
fn keys_are_kebab_case_and_their_own() {
    let mut keys = Limit::KEYS.to_vec();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), Limit::COUNT);
    for limit in Limit::ALL {
        let key = limit.key();
        assert!(
            key.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'),
            "{key}"
        );
        assert_eq!(Limit::from_key(key), Some(limit));
        assert_eq!(limit.facts().beyond.matches("{}").count(), 1, "{key}");
    }
    assert_eq!(Limit::from_key("walltime"), None);
}

#[test]
fn defaults_are_accepted_and_a_check_has_no_more() {
    for bound in Limits::DEFAULT.iter() {
        assert_eq!(bound.limit.bound(bound.value), Ok(bound));
        let check = Limits::CHECK.get(bound.limit);
        assert!(check <= bound.value, "{:?}", bound.limit);
    }
    assert_eq!(Limits::DEFAULT.unusual().count(), 0);
}

#[test]
fn a_limit_that_follows_another_stands_behind_it() {
    for limit in Limit::ALL {
        if let Preset::As(other) = limit.facts().preset {
            assert!(other < limit);
            assert_eq!(other.notation(), limit.notation());
        }
    }
    let hour: PartialLimits = ["wall=1h".parse().unwrap()].into_iter().collect();
    assert_eq!(hour.or_default().bound(Limit::Cpu).to_string(), "1h");
    assert_eq!(hour.or_default().unusual().count(), 1);
}

#[test]
fn the_readme_lists_them() {
    for limit in Limit::ALL {
        let meaning = limit.meaning().trim();
        let row = format!(
            "| `{}` | {} | {meaning} |",
            limit.key(),
            limit.default_text()
        );
        assert!(README.contains(&row), "README.md lacks\n{row}");
    }
}

#[test]
fn what_is_refused() {
    let message = |text: &str| text.parse::<Bound>().unwrap_err().message;
    assert_eq!(
        message("wall=5ms"),
        "`wall` is 5ms, which is below the lowest limit, 100ms"
    );
    assert_eq!(
        message("call=1GiB"),
        "`call` is 1GiB, which is above the highest limit, 256MiB"
    );
    assert_eq!(message("rows=-1"), "\"-1\" is not a whole number from 0 on");
    assert!(message("rows").contains("KEY=VALUE"));
    assert!(message("row=1").contains("there is no limit `row`"));
}

#[test]
fn what_is_said_of_what_went_beyond() {
    let bound = |text: &str| text.parse::<Bound>().unwrap();
    assert_eq!(
        Exceeded::new(bound("log-lines=100000"), Whose::Stage).to_string(),
        "the plugin wrote more than 100,000 log lines; `limits.log-lines` of this stage is 100000"
    );
    let memory = Exceeded::new(bound("memory=32MiB"), Whose::Stage);
    assert_eq!(
        memory.wanted(100_000_001).had(1 << 20).to_string(),
        "the plugin wanted more than 32MiB of memory: 100,000,001 bytes, after 1MiB at most; `limits.memory` of this stage is 32MiB"
    );
    let check = Exceeded::new(bound("wall=30s"), Whose::Check);
    assert_eq!(
        check.to_string(),
        "the stage took longer than 30s, which is all that a check may use"
    );
    assert_eq!((memory.key(), check.key()), (Some("memory"), None));
    let compile = Exceeded::new(bound("compile=1s"), Whose::Check);
    assert_eq!(compile.key(), Some("compile"));
}

#[test]
fn limits_as_json() {
    let text = serde_json::to_value(Limits::DEFAULT).unwrap();
    assert_eq!(text["wall"], "10m");
    assert_eq!(text["memory"], "1GiB");
    assert_eq!(text["log-lines"], 100_000);
    assert_eq!(text.as_object().unwrap().len(), Limit::COUNT);
    // A record from before there were others, and one from after.
    let read = |text: &str| serde_json::from_str::<Limits>(text);
    let old = read(r#"{"wall":"20m","memory":"1GiB","output":"4GiB"}"#).unwrap();
    assert_eq!(old.bound(Limit::Cpu).to_string(), "20m");
    assert_eq!(old.get(Limit::Rows), Limits::DEFAULT.get(Limit::Rows));
    assert_eq!(read(r#"{"gpu":"1m"}"#).unwrap(), Limits::DEFAULT);
    // `cpu` follows `wall`, also below what a manifest may say.
    let short = read(r#"{"wall":"300ms","memory":"1GiB","output":"4GiB"}"#).unwrap();
    let text = serde_json::to_string(&short).unwrap();
    assert_eq!(read(&text).unwrap(), short);
    assert!(read(r#"{"rows":"1"}"#).is_err());
    assert!(read(r#"{"wall":1}"#).is_err());
}

proptest! {
    #[test]
    fn what_is_shown_is_read_back(bound in bound()) {
        prop_assert_eq!(bound.limit.parse(&bound.to_string()), Ok(bound));
        let text = format!("{}={bound}", bound.limit.key());
        prop_assert_eq!(text.parse(), Ok(bound));
    }

    #[test]
    fn json_is_read_back(some in some()) {
        let limits = some.or_default();
        let text = serde_json::to_string(&limits).unwrap();
        prop_assert_eq!(serde_json::from_str::<Limits>(&text).unwrap(), limits);
    }

    #[test]
    fn lowering_lowers_what_is_above_and_nothing_else(some in some(), highest in some()) {
        let limits = some.or_default();
        let lowered = limits.lowered_to(&highest);
        for limit in Limit::ALL {
            let mut wanted = highest.get(limit).map_or(limits.get(limit), |h| h.min(limits.get(limit)));
            if limit == Limit::Cpu && limits.get(Limit::Cpu) == limits.get(Limit::Wall) {
                wanted = wanted.min(lowered.get(Limit::Wall));
            }
            prop_assert_eq!(lowered.get(limit), wanted);
        }
        prop_assert_eq!(lowered.lowered_to(&highest), lowered);
    }

    #[test]
    fn what_is_set_goes_before_what_is_not(own in some(), pipeline in some()) {
        let limits = own.or(&pipeline).or_default();
        for limit in Limit::ALL {
            if let Some(value) = own.get(limit).or(pipeline.get(limit)) {
                prop_assert_eq!(limits.get(limit), value);
            }
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text: String, limit in proptest::sample::select(Limit::ALL.to_vec())) {
        let _ = (text.parse::<Bound>(), limit.parse(&text));
    }
}
