//! What is wrong with a config or a table, and how a person learns of it.
#![allow(clippy::unwrap_used, missing_docs)]
mod support;

use lockflight_features::{Config, Trainer};
use lockflight_sdk::prelude::*;
use lockflight_sdk::{PortKind, Train};
use support::*;

/// The only problem of some steps.
fn problem(steps: &str) -> (String, String, String) {
    let config = format!(r#"{{"target":"cnt","steps":{steps}}}"#);
    let mut found = problems(&config, &rides());
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

/// Holds the only problem of some steps to its place, and to words of its message or help.
fn assert_problem(steps: &str, pointer: &str, words: &[&str]) {
    let (at, message, help) = problem(steps);
    assert_eq!(at, pointer, "{message}");
    for word in words {
        let said = message.contains(word) || help.contains(word);
        assert!(said, "{word:?} is not in {message:?} nor in {help:?}");
    }
}

#[test]
fn a_step_is_one_key_and_every_key_is_known() {
    assert_problem("[]", "/steps", &["no steps"]);
    assert_problem("[{}]", "/steps/0", &["exactly one key", "one-hot"]);
    assert_problem(
        r#"[{"drop":["id"],"scale":["hum"]}]"#,
        "/steps/0",
        &["exactly one key"],
    );
    assert_problem(
        r#"[{"onehot":["season"]}]"#,
        "/steps/0/onehot",
        &["did you mean \"one-hot\""],
    );
    assert_problem(
        r#"[{"scale":{"columns":["hum"],"wiht":"robust"}}]"#,
        "/steps/0/scale/wiht",
        &["did you mean \"with\""],
    );
    assert_problem(
        r#"[{"scale":{"columns":["hum"],"with":"minmax"}}]"#,
        "/steps/0/scale/with",
        &["expected one of \"standard\", \"min-max\", \"robust\""],
    );
    assert_problem(
        r#"[{"scale":"hum"}]"#,
        "/steps/0/scale",
        &["a list of columns, or a table"],
    );
}

#[test]
fn numbers_are_in_their_ranges() {
    let cases = [
        (
            r#"{"bin":{"columns":["hum"],"with":"width"}}"#,
            "bin/with",
            "needs `bins`",
        ),
        (
            r#"{"bin":{"columns":["hum"],"with":"width","bins":1}}"#,
            "bin/bins",
            "2 to 1000",
        ),
        (
            r#"{"bin":{"columns":["hum"],"with":"width","edges":[1]}}"#,
            "bin/edges",
            "only",
        ),
        (
            r#"{"bin":{"columns":["hum"],"with":"edges"}}"#,
            "bin/with",
            "needs `edges`",
        ),
        (
            r#"{"bin":{"columns":["hum"],"with":"edges","edges":[2,1]}}"#,
            "bin/edges",
            "greater than the one before",
        ),
        (
            r#"{"bin":{"columns":["hum"],"with":"edges","edges":[1],"bins":2}}"#,
            "bin/bins",
            "one range more",
        ),
        (
            r#"{"target-mean":{"columns":["season"],"folds":1}}"#,
            "target-mean/folds",
            "2 to 100",
        ),
        (
            r#"{"target-mean":{"columns":["season"],"smoothing":-1}}"#,
            "target-mean/smoothing",
            "0 or more",
        ),
        (
            r#"{"target-mean":{"columns":["season"],"key":[]}}"#,
            "target-mean/key",
            "no columns",
        ),
        (
            r#"{"impute":{"columns":["hum"],"with":"constant"}}"#,
            "impute/with",
            "needs a `value`",
        ),
        (
            r#"{"impute":{"columns":["hum"],"with":"mean","value":1}}"#,
            "impute/value",
            "only a constant",
        ),
        (
            r#"{"impute":{"columns":["hum"],"with":"constant","value":"x"}}"#,
            "impute/value",
            "no value of type float64",
        ),
        (
            r#"{"impute":{"columns":["wind"],"with":"constant","value":256}}"#,
            "impute/value",
            "256 is no value of type uint8",
        ),
        (r#"{"drop":[]}"#, "drop", "no columns"),
        (r#"{"scale":["hum","hum"]}"#, "scale/1", "named twice"),
        (
            r#"{"impute":{"columns":["hum","hum"],"with":"mean"}}"#,
            "impute/columns/1",
            "named twice",
        ),
    ];
    for (step, pointer, words) in cases {
        assert_problem(
            &format!("[{step}]"),
            &format!("/steps/0/{pointer}"),
            &[words],
        );
    }
}

#[test]
fn columns_have_to_be_there_and_of_a_fitting_type() {
    assert_problem(
        r#"[{"scale":["humm"]}]"#,
        "/steps/0/scale/0",
        &["no column \"humm\"", "did you mean \"hum\""],
    );
    assert_problem(
        r#"[{"scale":["season"]}]"#,
        "/steps/0/scale/0",
        &["column \"season\" is text", "numbers", "derive"],
    );
    assert_problem(
        r#"[{"impute":{"columns":["hum","day"],"with":"mean"}}]"#,
        "/steps/0/impute/columns/1",
        &["is date", "most-frequent"],
    );
    assert_problem(
        r#"[{"one-hot":["hum"]}]"#,
        "/steps/0/one-hot/0",
        &["is float64", "bin first"],
    );
    assert_problem(
        r#"[{"target-mean":{"columns":["season"],"key":["idd"]}}]"#,
        "/steps/0/target-mean/key/0",
        &["did you mean \"id\""],
    );
    // Gone is something else than never there.
    assert_problem(
        r#"[{"one-hot":["season"]},{"ordinal":["season"]}]"#,
        "/steps/1/ordinal/0",
        &["any more", "step 1 (one-hot)"],
    );
    assert_problem(
        r#"[{"one-hot":["season"]},{"scale":["season=fall"]}]"#,
        "/steps/1/scale/0",
        &["lists its `categories`"],
    );
}

#[test]
fn an_expression_is_checked_to_the_character() {
    assert_problem(
        r#"[{"derive":{"late":"hour_of(seasn) > 17"}}]"#,
        "/steps/0/derive/late",
        &["character 9", "no column \"seasn\"", "        ^^^^^"],
    );
    assert_problem(
        r#"[{"derive":{"x":"hum + season"}}]"#,
        "/steps/0/derive/x",
        &["character", "^"],
    );
    assert_problem(
        r#"[{"derive":{"x":"hum +"}}]"#,
        "/steps/0/derive/x",
        &["character 6"],
    );
    assert_problem(r#"[{"derive":{}}]"#, "/steps/0/derive", &["no columns"]);
    assert_problem(
        r#"[{"derive":{"a/b":"nix"}}]"#,
        "/steps/0/derive/a~1b",
        &["nix"],
    );
    // Within a step all expressions see the columns before it.
    assert_problem(
        r#"[{"derive":{"a":"hum","b":"a + 1"}}]"#,
        "/steps/0/derive/b",
        &["no column \"a\""],
    );
}

#[test]
fn one_mistake_is_one_problem() {
    let steps = r#"[{"derive":{"hour":"hour_off(season)"}},{"derive":{"late":"hour > 5"}},{"scale":["hour","late"]},{"drop":["hour"]}]"#;
    assert_problem(steps, "/steps/0/derive/hour", &["hour_of"]);
    let both = problems(
        r#"{"steps":[{"scale":["season","nix"]},{"ordinal":["hum"]}]}"#,
        &rides(),
    );
    let at: Vec<_> = both.iter().map(|(at, ..)| at.as_str()).collect();
    assert_eq!(
        at,
        ["/steps/0/scale/0", "/steps/0/scale/1", "/steps/1/ordinal/0"]
    );
}

#[test]
fn names_that_clash_are_seen_before_the_run() {
    assert_problem(
        r#"[{"derive":{"hum":"temp * 2"}}]"#,
        "/steps/0/derive/hum",
        &["a column \"hum\" already", "another name"],
    );
    // Of columns that pass by, too, and of the target.
    assert_problem(
        r#"[{"derive":{"id":"temp * 2"}}]"#,
        "/steps/0/derive/id",
        &["already"],
    );
    assert_problem(
        r#"[{"derive":{"cnt":"temp * 2"}}]"#,
        "/steps/0/derive/cnt",
        &["already"],
    );
    assert_problem(
        r#"[{"derive":{"hum_missing":"1"}},{"impute":{"columns":["hum"],"with":"mean","indicator":true}}]"#,
        "/steps/1/impute/columns/0",
        &["\"hum_missing\" already"],
    );
    assert_problem(
        r#"[{"derive":{"season=fall":"1"}},{"one-hot":{"columns":["season"],"categories":{"season":["fall"]}}}]"#,
        "/steps/1/one-hot/columns/0",
        &["\"season=fall\" already"],
    );
    // What only the data tell is seen while fitting.
    let config = r#"{"steps":[{"derive":{"season=fall":"1"}},{"one-hot":["season"]}]}"#;
    let message = failure(config, &rides());
    assert_eq!(
        message,
        "step 2 (one-hot), column \"season\": there is a column \"season=fall\" already"
    );
}

#[test]
fn categories_that_are_given_have_to_make_sense() {
    let with = |categories: &str| {
        format!(r#"[{{"ordinal":{{"columns":["season"],"categories":{categories}}}}}]"#)
    };
    let at = "/steps/0/ordinal/categories";
    assert_problem(
        &with(r#"{"season":[]}"#),
        &format!("{at}/season"),
        &["no categories"],
    );
    assert_problem(
        &with(r#"{"season":["fall",1]}"#),
        &format!("{at}/season/1"),
        &["1 is no value of type text"],
    );
    assert_problem(
        &with(r#"{"season":["fall","fall"]}"#),
        &format!("{at}/season"),
        &["\"fall\" is there twice"],
    );
    assert_problem(
        &with(r#"{"seson":["fall"]}"#),
        &format!("{at}/seson"),
        &["none of the step's columns", "did you mean \"season\""],
    );
}

#[test]
fn the_target_stays_out_of_the_model() {
    for step in [
        r#"{"drop":["cnt"]}"#,
        r#"{"scale":["cnt"]}"#,
        r#"{"target-mean":["cnt"]}"#,
    ] {
        let (_, message, _) = problem(&format!("[{step}]"));
        assert!(message.contains("is the target"), "{message}");
    }
    assert_problem(
        r#"[{"derive":{"x":"cnt + 1"}}]"#,
        "/steps/0/derive/x",
        &["is the target"],
    );
    let key = r#"[{"target-mean":{"columns":["season"],"key":["cnt"]}}]"#;
    assert_problem(key, "/steps/0/target-mean/key/0", &["is the target"]);
    let found = |config| problems(config, &rides()).remove(0);
    let (at, _, help) = found(r#"{"target":"cn","steps":[{"scale":["hum"]}]}"#);
    assert_eq!(
        (at.as_str(), help.as_str()),
        ("/target", "did you mean \"cnt\"?")
    );
    let (at, message, _) = found(r#"{"steps":[{"target-mean":["season"]}]}"#);
    assert_eq!(
        (at.as_str(), message.as_str()),
        ("/steps/0/target-mean", "this needs a target")
    );
    let (at, message, help) = found(r#"{"target":"season","steps":[{"target-mean":["wind"]}]}"#);
    assert!(at == "/target" && message.contains("is text") && help.contains("positive"));
    let (at, ..) = found(r#"{"target":"cnt","positive":"yes","steps":[{"scale":["hum"]}]}"#);
    assert_eq!(at, "/positive");
    let (at, ..) = found(r#"{"positive":"yes","steps":[{"scale":["hum"]}]}"#);
    assert_eq!(at, "/positive");
}

#[test]
fn a_column_that_only_passes_by_is_not_dropped_here() {
    assert_problem(
        r#"[{"drop":["id"]}]"#,
        "/steps/0/drop/0",
        &["make the model ask for it", "`ignore`"],
    );
    assert_eq!(
        names(&through(
            r#"[{"derive":{"next":"id + 1"}},{"drop":["id"]}]"#,
            &rides()
        )),
        ["next"]
    );
}

#[test]
fn without_a_schema_the_config_alone_is_checked() {
    let check = |steps: &str| {
        let job = Job::<Config>::in_memory(&format!(r#"{{"steps":{steps}}}"#)).unwrap();
        Trainer::check(&job.with_pending(Port::open_table("table")))
    };
    let ports = check(r#"[{"scale":["anything"]}]"#).unwrap();
    assert!(ports.takes.is_none() && ports.gives.is_none());
    assert_eq!(
        (ports.outputs[0].name.as_str(), ports.outputs[0].kind),
        ("fitted", PortKind::Table)
    );
    assert_eq!(
        check(r#"[{"derive":{"a":"1 +"}},{"drop":[]}]"#)
            .unwrap_err()
            .0
            .len(),
        2
    );
    let job = Job::<Config>::in_memory(r#"{"steps":[{"scale":["x"]}]}"#).unwrap();
    assert!(
        Trainer::check(&job).unwrap_err().0[0]
            .message
            .contains("needs an input \"table\"")
    );
}

#[test]
fn gives_is_known_unless_the_data_decide() {
    let gives = |steps: &str| {
        let job = job(&format!(r#"{{"steps":{steps}}}"#), &rides());
        Trainer::check(&job).unwrap().gives
    };
    assert!(gives(r#"[{"ordinal":["season"]},{"scale":["hum"]}]"#).is_some());
    assert!(gives(r#"[{"one-hot":["season"]}]"#).is_none());
    assert!(
        gives(r#"[{"one-hot":{"columns":["season"],"categories":{"season":["fall"]}}}]"#).is_some()
    );
}
