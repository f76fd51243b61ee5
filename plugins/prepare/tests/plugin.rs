//! The plugin as a stage sees it.
#![allow(clippy::unwrap_used, missing_docs)]
mod common;

use arrow_array::{ArrayRef, Int32Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use common::*;
use lockflight_prepare::{Config, Prepare};
use lockflight_sdk::prelude::*;
use std::sync::Arc;

fn rides() -> RecordBatch {
    table(vec![
        (
            "hr",
            texts(&[Some("6am"), Some("11pm"), Some("6am"), None, Some("12pm")]),
        ),
        (
            "season",
            texts(&[
                Some("winter"),
                Some("fall"),
                Some("fall"),
                Some("winter"),
                None,
            ]),
        ),
        (
            "cnt",
            ints(&[Some(139), Some(5), Some(99), Some(332), Some(-1)]),
        ),
        (
            "temp",
            floats(&[Some(6.5), Some(26.0), None, Some(f64::NAN), Some(-0.0)]),
        ),
        ("date", dates(&[15_000, 15_100, 15_200, 15_300, 15_400])),
    ])
}

fn seasons() -> RecordBatch {
    table(vec![
        (
            "name",
            texts(&[Some("fall"), Some("winter"), Some("fall"), None]),
        ),
        ("mark", ints(&[Some(1), Some(2), Some(3), Some(4)])),
        ("cnt", ints(&[Some(10), Some(20), Some(30), Some(40)])),
    ])
}

fn job(config: &str) -> Job<Config> {
    let (rides, seasons) = (rides(), seasons());
    let from = config
        .replacen('{', r#"{"from":"rides","#, 1)
        .replace(",}", "}");
    job_of(&from, &[("rides", &rides), ("seasons", &seasons)], 2)
}

/// With one input and these steps.
fn steps(steps: &str) -> String {
    only(&job(&format!(r#"{{"steps":{steps}}}"#)))
}

#[test]
fn columns_are_selected_dropped_renamed_and_derived() {
    assert_eq!(
        steps(r#"[{"select":["cnt","hr"]},{"limit":3}]"#),
        "cnt hr\n139 6am\n5 11pm\n99 6am"
    );
    assert_eq!(
        steps(
            r#"[{"drop":["temp","hr","date"]},{"rename":{"cnt":"rides","season":"cnt"}},{"limit":1}]"#
        ),
        "cnt rides\nwinter 139"
    );
    // All expressions see the columns before the step; new columns come in the order of their names.
    assert_eq!(
        steps(
            r#"[{"select":["cnt","hr"]},{"derive":{"cnt":"cnt + 1","twice":"cnt * 2","hour":"hour_of(hr)"}},{"limit":2}]"#
        ),
        "cnt hr hour twice\n140 6am 6 278\n6 11pm 23 10"
    );
}

#[test]
fn rows_are_filtered_and_cut() {
    assert_eq!(
        steps(r#"[{"select":["cnt","temp"]},{"filter":"temp < 10 or cnt > 300"}]"#),
        "cnt temp\n139 6.5\n332 NaN\n-1 -0"
    );
    assert_eq!(steps(r#"[{"select":["cnt"]},{"limit":0}]"#), "cnt");
    assert_eq!(
        steps(r#"[{"select":["cnt"]},{"limit":99}]"#)
            .lines()
            .count(),
        6
    );
}

#[test]
fn rows_are_sorted_stably_with_nulls_last() {
    assert_eq!(
        steps(r#"[{"select":["season","cnt"]},{"sort":["-season"]}]"#),
        "season cnt\nwinter 139\nwinter 332\nfall 5\nfall 99\n- -1"
    );
    assert_eq!(
        steps(r#"[{"select":["season","cnt"]},{"sort":["season","-cnt"]}]"#),
        "season cnt\nfall 99\nfall 5\nwinter 332\nwinter 139\n- -1"
    );
    assert_eq!(
        steps(r#"[{"select":["temp"]},{"sort":["temp"]}]"#),
        "temp\n-0\n6.5\n26\nNaN\n-"
    );
}

#[test]
fn duplicates_leave_the_first_or_the_last() {
    assert_eq!(
        steps(r#"[{"select":["hr","cnt"]},{"deduplicate":["hr"]}]"#),
        "hr cnt\n6am 139\n11pm 5\n- 332\n12pm -1"
    );
    assert_eq!(
        steps(r#"[{"select":["hr","cnt"]},{"deduplicate":["hr"],"keep":"last"}]"#),
        "hr cnt\n11pm 5\n6am 99\n- 332\n12pm -1"
    );
    assert_eq!(
        steps(r#"[{"select":["season"]},{"deduplicate":[]}]"#),
        "season\nwinter\nfall\n-"
    );
}

#[test]
fn joins_pair_rows_in_the_order_of_both() {
    let select = r#"{"select":["season","cnt"]},{"rename":{"season":"name"}}"#;
    let joined = |rest: &str| {
        steps(&format!(
            r#"[{select},{{"join":"seasons","on":["name"]{rest}}}]"#
        ))
    };
    assert_eq!(
        joined(r#","suffix":"_right""#),
        "name cnt mark cnt_right\nwinter 139 2 20\nfall 5 1 10\nfall 5 3 30\nfall 99 1 10\nfall 99 3 30\nwinter 332 2 20"
    );
    assert_eq!(
        joined(r#","suffix":"_right","how":"left""#).lines().last(),
        Some("- -1 - -"),
        "null matches nothing"
    );
    assert_eq!(
        joined(r#","how":"semi""#),
        "name cnt\nwinter 139\nfall 5\nfall 99\nwinter 332"
    );
    assert_eq!(joined(r#","how":"anti""#), "name cnt\n- -1");
    assert_eq!(
        steps(r#"[{"select":["season"]},{"join":"seasons","on":{"season":"name"}},{"limit":1}]"#),
        "season mark cnt\nwinter 2 20"
    );
}

#[test]
fn keys_of_different_widths_match() {
    let narrow: ArrayRef = Arc::new(Int32Array::from(vec![5, 99]));
    let narrow = table(vec![("cnt", narrow), ("found", ints(&[Some(1), Some(2)]))]);
    let config = r#"{"from":"rides","steps":[{"select":["cnt"]},{"join":"narrow","on":["cnt"]}]}"#;
    assert_eq!(
        only(&job_of(
            config,
            &[("narrow", &narrow), ("rides", &rides())],
            2
        )),
        "cnt found\n5 1\n99 2"
    );
}

#[test]
fn unions_append_by_name() {
    let more = table(vec![("b", ints(&[Some(9)])), ("a", texts(&[Some("z")]))]);
    let first = Schema::new(vec![
        Field::new("a", DataType::Utf8, false),
        Field::new("b", DataType::Int64, true),
    ]);
    let first =
        RecordBatch::try_new(Arc::new(first), vec![texts(&[Some("x")]), ints(&[None])]).unwrap();
    let config = r#"{"from":"first","steps":[{"union":["more","more"]}]}"#;
    let job = job_of(config, &[("first", &first), ("more", &more)], 1);
    assert_eq!(only(&job), "a b\nx -\nz 9\nz 9");
    assert!(
        Prepare::check(&job).unwrap()[0]
            .schema
            .as_ref()
            .unwrap()
            .field(0)
            .is_nullable()
    );
}

#[test]
fn groups_come_in_the_order_they_begin() {
    assert_eq!(
        steps(
            r#"[{"group":["season"],"aggregate":{
                "n":"count()","temps":"count(temp)","rides":"sum(cnt)","share":"round(sum(cnt) / count(), 1)",
                "least":"min(temp)","most":"max(temp)","begin":"first(hr)","end":"last(hr)","kinds":"count_distinct(hr)"}}]"#
        ),
        "season begin end kinds least most n rides share temps\n\
         winter 6am 6am 1 6.5 NaN 2 471 235.5 2\n\
         fall 11pm 6am 2 26 26 2 104 52 1\n\
         - 12pm 12pm 1 0 0 1 -1 -1 1"
    );
    assert_eq!(
        steps(
            r#"[{"filter":"not is_nan(temp)"},{"aggregate":{
                "mean":"mean(temp)","std":"std(cnt)","median":"median(cnt)","days":"max(date) - min(date)","flag":"mean(cnt > 50)"}}]"#
        ),
        // 6.5, 26, 0 and 139, 5, -1
        "days flag mean median std\n400 0.3333333333333333 10.833333333333334 5 79.15385861304131"
    );
    assert_eq!(
        steps(r#"[{"group":["season"]}]"#),
        "season\nwinter\nfall\n-"
    );
    assert_eq!(
        steps(
            r#"[{"filter":"cnt > 1e6"},{"aggregate":{"n":"count()","sum":"sum(cnt)","mean":"mean(temp)","std":"std(temp)"}}]"#
        ),
        "mean n std sum\n- 0 - -"
    );
    assert_eq!(
        steps(r#"[{"filter":"cnt > 1e6"},{"group":["hr"],"aggregate":{"n":"count()"}}]"#),
        "hr n"
    );
}

#[test]
fn conditions_split_in_their_order() {
    let outputs = outputs(&job(r#"{"steps":[{"select":["cnt","season"]}],
            "split":[{"high":"cnt > 90"},{"fall":"season == 'fall'"},{"others":true}]}"#))
    .unwrap();
    assert_eq!(
        outputs,
        [
            ("high", "cnt season\n139 winter\n99 fall\n332 winter"),
            ("fall", "cnt season\n5 fall"),
            ("others", "cnt season\n-1 -"),
        ]
        .map(|(name, rows)| (name.to_owned(), rows.to_owned()))
    );
}

#[test]
fn empty_outputs_are_allowed_unless_they_are_not() {
    let config = |allow: bool| {
        format!(
            r#"{{"allow-empty":{allow},"steps":[{{"filter":"cnt > 0"}},{{"filter":"cnt > 1000"}},{{"limit":1}}]}}"#
        )
    };
    assert_eq!(only(&job(&config(true))).lines().count(), 1);
    let Err(Failure::Data(message)) = Prepare::run(&job(&config(false))) else {
        panic!("it ran")
    };
    assert_eq!(
        message,
        "the output table is empty: of the 4 rows before steps[1] (filter = \"cnt > 1000\") none is left; \
         allow-empty = true would let it be"
    );
    let split = r#"{"allow-empty":false,"split":[{"a":"cnt > 1000"},{"b":true}]}"#;
    let Err(Failure::Data(message)) = Prepare::run(&job(split)) else {
        panic!("it ran")
    };
    assert!(
        message.contains("output a is empty: no row fulfils"),
        "{message}"
    );
}

#[test]
fn problems_point_at_the_value() {
    for (config, place, message, help) in [
        (
            r#""steps":[{"select":["cnt","tmep"]}]"#,
            "/steps/0/select/1",
            "no column \"tmep\"",
            "did you mean \"temp\"?",
        ),
        (
            r#""steps":[{"select":["cnt","cnt"]}]"#,
            "/steps/0/select/1",
            "listed twice",
            "",
        ),
        (
            r#""steps":[{"select":[]}]"#,
            "/steps/0/select",
            "no column is selected",
            "",
        ),
        (
            r#""steps":[{"drop":["hr","season","cnt","temp","date"]}]"#,
            "/steps/0/drop",
            "no column is left",
            "",
        ),
        (
            r#""steps":[{"rename":{"hr":"cnt"}}]"#,
            "/steps/0/rename/hr",
            "two columns would be called \"cnt\"",
            "",
        ),
        (
            r#""steps":[{"limit":1},{"filter":"cnt >"}]"#,
            "/steps/1/filter",
            "character 6: the text ends where a value should be\n  cnt >\n       ^",
            "",
        ),
        (
            r#""steps":[{"filter":"cnt + 1"}]"#,
            "/steps/0/filter",
            "character 1: a condition is true or false",
            "x != 0",
        ),
        (
            r#""steps":[{"derive":{"a/b":"hour_of(cnt)"}}]"#,
            "/steps/0/derive/a~1b",
            "character 9: hour_of wants a text here",
            "text(x)",
        ),
        (
            r#""steps":[{"drop":["hr"]},{"derive":{"h":"hour_of(hr)"}}]"#,
            "/steps/1/derive/h",
            "no column \"hr\"",
            "",
        ),
        (
            r#""steps":[{}]"#,
            "/steps/0",
            "the step does nothing",
            "select, drop",
        ),
        (
            r#""steps":[{"drop":["hr"],"limit":2}]"#,
            "/steps/0",
            "drop and limit",
            "several steps",
        ),
        (
            r#""steps":[{"drop":["hr"],"on":["cnt"]}]"#,
            "/steps/0/on",
            "belongs to join, not to drop",
            "",
        ),
        (
            r#""steps":[{"limit":1,"keep":"last"}]"#,
            "/steps/0/keep",
            "belongs to deduplicate",
            "",
        ),
        (
            r#""steps":[{"join":"seasons"}]"#,
            "/steps/0/join",
            "does not say on which columns",
            "on = ",
        ),
        (
            r#""steps":[{"join":"seasns","on":["cnt"]}]"#,
            "/steps/0/join",
            "no input \"seasns\"",
            "did you mean \"seasons\"?",
        ),
        (
            r#""steps":[{"join":"seasons","on":["season"]}]"#,
            "/steps/0/on",
            "input \"seasons\" has no column \"season\"",
            "name",
        ),
        (
            r#""steps":[{"join":"seasons","on":{"hr":"mark"}}]"#,
            "/steps/0/on",
            "\"hr\" is text and \"mark\" of the input \"seasons\" is int64",
            "",
        ),
        (
            r#""steps":[{"join":"seasons","on":{"season":"name"}}]"#,
            "/steps/0/join",
            "both have a column \"cnt\"",
            "suffix",
        ),
        (
            r#""steps":[{"join":"seasons","on":{"season":"name"},"suffix":""}]"#,
            "/steps/0/suffix",
            "names of columns already",
            "",
        ),
        (
            r#""steps":[{"sort":[]}]"#,
            "/steps/0/sort",
            "no column to sort by",
            "",
        ),
        (
            r#""steps":[{"sort":["-cnt","cnt"]}]"#,
            "/steps/0/sort/1",
            "listed twice",
            "",
        ),
        (
            r#""steps":[{"deduplicate":["id"]}]"#,
            "/steps/0/deduplicate/0",
            "no column \"id\"",
            "the columns are",
        ),
        (
            r#""steps":[{"union":["seasons"]}]"#,
            "/steps/0/union/0",
            "input \"seasons\" has no column \"hr\"",
            "",
        ),
        (
            r#""steps":[{"group":["season"],"aggregate":{"a":"sum(hr)"}}]"#,
            "/steps/0/aggregate/a",
            "character 5: sum wants numbers; this is text",
            "",
        ),
        (
            r#""steps":[{"group":["season"],"aggregate":{"a":"temp"}}]"#,
            "/steps/0/aggregate/a",
            "has many values in a group",
            "mean(temp)",
        ),
        (
            r#""steps":[{"group":["season"],"aggregate":{"a":"avg(temp)"}}]"#,
            "/steps/0/aggregate/a",
            "no function \"avg\"",
            "did you mean \"mean\"?",
        ),
        (
            r#""steps":[{"group":["season"],"aggregate":{"a":"mean(tmp)"}}]"#,
            "/steps/0/aggregate/a",
            "character 6: there is no column \"tmp\"",
            "\"temp\"",
        ),
        (
            r#""steps":[{"group":["season"],"aggregate":{"season":"count()"}}]"#,
            "/steps/0/aggregate/season",
            "grouped by",
            "",
        ),
        (
            r#""steps":[{"aggregate":{"a":"sum()"}}]"#,
            "/steps/0/aggregate/a",
            "sum takes one value",
            "",
        ),
        (
            r#""steps":[{"aggregate":{"a":"sum(mean(cnt))"}}]"#,
            "/steps/0/aggregate/a",
            "character 5: there is no function \"mean\"",
            "",
        ),
        (
            r#""from":"ride""#,
            "/from",
            "no input \"ride\"",
            "did you mean \"rides\"?",
        ),
        (
            r#""split":[{"train":"dat < date('2011-10-01')"}]"#,
            "/split/0/train",
            "no column \"dat\"",
            "\"date\"",
        ),
        (
            r#""split":[{"a":"cnt > 1"},{"a":"cnt > 2"}]"#,
            "/split/1/a",
            "two outputs \"a\"",
            "",
        ),
        (
            r#""split":[{"a":true},{"b":"cnt > 2"}]"#,
            "/split/0/a",
            "no row is left",
            "end",
        ),
        (
            r#""split":[{"Train":"cnt > 1"}]"#,
            "/split/0/Train",
            "cannot be the name of an output",
            "lower-case",
        ),
        (r#""split":[]"#, "/split", "needs an output", ""),
        (
            r#""split":{"fractions":{"a":0.5,"b":0.4}}"#,
            "/split/fractions",
            "add up to 0.9, not to 1",
            "",
        ),
        (
            r#""split":{"fractions":{"a":0,"b":1}}"#,
            "/split/fractions/a",
            "above 0 and at most 1",
            "",
        ),
        (
            r#""split":{"fractions":{"a":1},"hash":["id"]}"#,
            "/split/hash/0",
            "no column \"id\"",
            "",
        ),
        (
            r#""split":{"fractions":{"a":1},"salt":"x"}"#,
            "/split/salt",
            "belongs to hash",
            "",
        ),
    ] {
        let rides = rides();
        let from = if config.contains("\"from\"") {
            ""
        } else {
            r#""from":"rides","#
        };
        let config = format!("{{{from}{config}}}");
        let found = problems(&job_of(
            &config,
            &[("rides", &rides), ("seasons", &seasons())],
            9,
        ));
        let (at, said, helped) = &found[0];
        assert_eq!(at, place, "{config}: {found:?}");
        assert!(said.contains(message), "{config}: {found:?}");
        assert!(helped.contains(help), "{config}: {found:?}");
    }
}

#[test]
fn configs_that_cannot_be_read_say_where() {
    for (config, place, message) in [
        (
            r#"{"steps":[{"fitler":"x"}]}"#,
            "/steps/0/fitler",
            "there is no key \"fitler\"",
        ),
        (
            r#"{"steps":[{"join":"x","on":5}]}"#,
            "/steps/0/on",
            "a list of columns, or a table",
        ),
        (
            r#"{"steps":[{"join":"x","how":"outer"}]}"#,
            "/steps/0/how",
            "unknown variant \"outer\"",
        ),
        (
            r#"{"split":[{"a":"x","b":"y"}]}"#,
            "/split/0",
            "one output and its condition",
        ),
        (
            r#"{"split":[{"a":3}]}"#,
            "/split/0/a",
            "a condition, or true",
        ),
        (
            r#"{"split":{"fractions":{"a":1},"key":1}}"#,
            "/split/key",
            "there is no key \"key\"",
        ),
        (r#"{"limit":1}"#, "/limit", "there is no key"),
    ] {
        let problems = Job::<Config>::in_memory(config).unwrap_err();
        let problem = &problems.0[0];
        let lockflight_sdk::Place::Config(at) = &problem.place else {
            panic!("{problem:?}")
        };
        assert_eq!(at, place, "{problem:?}");
        assert!(problem.message.contains(message), "{problem:?}");
    }
}

#[test]
fn every_problem_of_the_writing_is_told_at_once() {
    let found = problems(&job(
        r#"{"steps":[{"filter":"a +"},{"derive":{"x":"(1","y":"1 2"}},{}],"split":[{"a":"&&"}]}"#,
    ));
    let places: Vec<_> = found.iter().map(|(place, ..)| place.as_str()).collect();
    assert_eq!(
        places,
        [
            "/steps/2",
            "/steps/0/filter",
            "/steps/1/derive/x",
            "/steps/1/derive/y",
            "/split/0/a"
        ]
    );
}

#[test]
fn what_is_not_known_yet_is_left_open() {
    let job = Job::<Config>::in_memory(r#"{"from":"later","steps":[{"filter":"any > 1"},{"join":"seasons","on":["x"]}],"split":[{"a":"any > 2"},{"b":true}]}"#)
        .unwrap()
        .with_pending(Port::open_table("later"))
        .with_table("seasons", seasons().schema(), vec![]);
    let ports = Prepare::check(&job).unwrap();
    assert_eq!(
        ports
            .iter()
            .map(|port| port.name.as_str())
            .collect::<Vec<_>>(),
        ["a", "b"]
    );
    assert!(ports.iter().all(|port| port.schema.is_none()));
    let wrong = Job::<Config>::in_memory(r#"{"from":"later","steps":[{"filter":"any >"}]}"#)
        .unwrap()
        .with_pending(Port::open_table("later"));
    assert_eq!(problems(&wrong)[0].0, "/steps/0/filter");
    let absent = Job::<Config>::in_memory(r#"{"from":"later","steps":[{"union":["late"]}]}"#)
        .unwrap()
        .with_pending(Port::open_table("later"));
    assert_eq!(problems(&absent)[0].0, "/steps/0/union/0");
    let two = Job::<Config>::in_memory("{}")
        .unwrap()
        .with_table("a", seasons().schema(), vec![])
        .with_table("b", seasons().schema(), vec![]);
    assert!(problems(&two)[0].2.contains("from = \"a\""));
}
