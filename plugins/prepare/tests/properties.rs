//! Steps against the plainest way to do the same; splits whatever the batches are.
#![allow(clippy::unwrap_used, missing_docs)]
mod common;

use std::collections::BTreeMap;

use arrow_array::RecordBatch;
use common::*;
use lockflight_prepare::Config;
use lockflight_sdk::prelude::*;
use proptest::prelude::*;

type Row = (Option<i64>, Option<i64>);

fn pairs(names: [&'static str; 2], rows: &[Row]) -> RecordBatch {
    let (first, second): (Vec<_>, Vec<_>) = rows.iter().copied().unzip();
    table(vec![(names[0], ints(&first)), (names[1], ints(&second))])
}

fn rows(most: usize) -> impl Strategy<Value = Vec<Row>> {
    let value = || prop::option::weighted(0.8, 0_i64..6);
    prop::collection::vec((value(), value()), 0..most)
}

fn lines(shown: &str) -> Vec<String> {
    shown.lines().skip(1).map(str::to_owned).collect()
}

fn text(value: Option<i64>) -> String {
    value.map_or("-".to_owned(), |value| value.to_string())
}

fn run(config: &str, tables: &[(&str, &RecordBatch)], size: usize) -> Vec<String> {
    lines(&only(&job_of(config, tables, size)))
}

/// Which output each id is in.
fn places(job: &Job<Config>) -> BTreeMap<String, String> {
    let mut places = BTreeMap::new();
    for (name, shown) in outputs(job).unwrap() {
        for id in lines(&shown) {
            assert!(
                places.insert(id, name.clone()).is_none(),
                "a row in two outputs"
            );
        }
    }
    places
}

proptest! {
    #[test]
    fn a_join_is_the_naive_join(left in rows(40), right in rows(40), size in 1_usize..9) {
        let (a, b) = (pairs(["k", "x"], &left), pairs(["k", "y"], &right));
        let tables = [("a", &a), ("b", &b)];
        let config = |how: &str| format!(r#"{{"from":"a","steps":[{{"join":"b","on":["k"],"how":"{how}"}}]}}"#);
        let mut inner = Vec::new();
        let mut outer = Vec::new();
        let (mut semi, mut anti) = (Vec::new(), Vec::new());
        for (k, x) in &left {
            let found: Vec<_> = right.iter().filter(|(other, _)| k.is_some() && other == k).collect();
            let line = format!("{} {}", text(*k), text(*x));
            for (_, y) in &found {
                inner.push(format!("{line} {}", text(*y)));
                outer.push(format!("{line} {}", text(*y)));
            }
            if found.is_empty() {
                outer.push(format!("{line} -"));
                anti.push(line);
            } else {
                semi.push(line);
            }
        }
        for (how, expected) in [("inner", inner), ("left", outer), ("semi", semi), ("anti", anti)] {
            prop_assert_eq!(run(&config(how), &tables, size), expected, "{}", how);
        }
    }

    #[test]
    fn steps_are_what_they_are_for_all_rows_at_once(data in rows(60), size in 1_usize..9) {
        let all = pairs(["k", "x"], &data);
        let of = |steps: &str| run(&format!(r#"{{"steps":[{steps}]}}"#), &[("t", &all)], size);
        let line = |row: &Row| format!("{} {}", text(row.0), text(row.1));

        let mut sorted = data.clone();
        // None is less than any value; here it is last.
        sorted.sort_by_key(|(k, x)| (k.is_none(), *k, x.is_none(), x.map(|x| -x)));
        prop_assert_eq!(of(r#"{"sort":["k","-x"]}"#), sorted.iter().map(line).collect::<Vec<_>>());

        let first = |row: usize| data[..row].iter().all(|other| other.0 != data[row].0);
        let last = |row: usize| data[row + 1..].iter().all(|other| other.0 != data[row].0);
        let kept = |keep: &dyn Fn(usize) -> bool| -> Vec<_> { (0..data.len()).filter(|row| keep(*row)).map(|row| line(&data[row])).collect() };
        prop_assert_eq!(of(r#"{"deduplicate":["k"]}"#), kept(&first));
        prop_assert_eq!(of(r#"{"deduplicate":["k"],"keep":"last"}"#), kept(&last));
        prop_assert_eq!(of(r#"{"filter":"x > k"}"#), kept(&|row| matches!(data[row], (Some(k), Some(x)) if x > k)));
        prop_assert_eq!(of(r#"{"limit":7}"#), data.iter().take(7).map(line).collect::<Vec<_>>());

        let groups = (0..data.len()).filter(|row| first(*row)).map(|row| {
            let key = data[row].0;
            let values: Vec<i64> = data.iter().filter(|row| row.0 == key).filter_map(|row| row.1).collect();
            let count = data.iter().filter(|row| row.0 == key).count();
            let sum = (!values.is_empty()).then(|| values.iter().sum());
            let max = values.iter().copied().max();
            let distinct = values.iter().collect::<std::collections::BTreeSet<_>>().len();
            format!("{} {} {distinct} {} {}", text(key), count, text(max), text(sum))
        });
        let aggregate = r#"{"group":["k"],"aggregate":{"a":"count()","b":"count_distinct(x)","c":"max(x)","d":"sum(x)"}}"#;
        prop_assert_eq!(of(aggregate), groups.collect::<Vec<_>>());
    }

    #[test]
    fn a_hash_splits_a_row_alike_whatever_the_others_are(
        ids in prop::collection::btree_set(0_i64..10_000, 1..300),
        more in prop::collection::btree_set(10_000_i64..20_000, 0..100),
        sizes in (1_usize..50, 1_usize..50),
    ) {
        let config = r#"{"split":{"fractions":{"a":0.7,"b":0.3},"hash":["id"]}}"#;
        let of = |ids: Vec<i64>, size| {
            let ids: Vec<_> = ids.into_iter().map(Some).collect();
            places(&job_of(config, &[("t", &table(vec![("id", ints(&ids))]))], size))
        };
        let before = of(ids.iter().copied().collect(), sizes.0);
        let after = of(more.iter().chain(ids.iter().rev()).copied().collect(), sizes.1);
        prop_assert_eq!(before.len(), ids.len());
        for (id, place) in &before {
            prop_assert_eq!(&after[id], place);
        }
    }

    #[test]
    fn chance_gives_exact_shares_whatever_the_batches_are(count in 0_usize..400, sizes in (1_usize..50, 1_usize..50)) {
        let ids: Vec<_> = (0..count as i64).map(Some).collect();
        let all = table(vec![("id", ints(&ids))]);
        let config = r#"{"split":{"fractions":{"a":0.25,"b":0.5,"c":0.25}}}"#;
        let one = places(&job_of(config, &[("t", &all)], sizes.0));
        prop_assert_eq!(&one, &places(&job_of(config, &[("t", &all)], sizes.1)));
        prop_assert_eq!(one.len(), count);
        let of = |name: &str| one.values().filter(|place| *place == name).count();
        let end = |share: f64| (count as f64 * share).round() as usize;
        prop_assert_eq!((of("a"), of("b"), of("c")), (end(0.25), end(0.75) - end(0.25), count - end(0.75)));
    }
}

/// The shares of a hash are right within four standard deviations, and other salts, columns and types do what they should.
#[test]
fn hashes_are_even_and_kept() {
    let ids: Vec<_> = (0..10_000).map(Some).collect();
    let all = table(vec![("id", ints(&ids))]);
    let of = |salt: &str| {
        let config = format!(
            r#"{{"split":{{"fractions":{{"a":0.8,"b":0.2}},"hash":["id"],"salt":"{salt}"}}}}"#
        );
        places(&job_of(&config, &[("t", &all)], 1_000))
    };
    let plain = of("");
    let share = plain.values().filter(|place| *place == "a").count();
    assert!((7_840..=8_160).contains(&share), "{share}");
    let salted = of("other");
    let moved = plain
        .iter()
        .filter(|(id, place)| salted[*id] != **place)
        .count();
    assert!(
        (3_000..=3_400).contains(&moved),
        "{moved}: 2 * 0.8 * 0.2 of all"
    );
    // Splits are kept for years: these must never change.
    let small: Vec<_> = (0..40)
        .map(|id: i64| plain[&id.to_string()].as_str())
        .collect();
    assert_eq!(small.join(""), "aaaaaaaaaaaabababbaababaaaaabbaaaaababaa");
    let words = table(vec![(
        "word",
        texts(&[Some("a"), Some("b"), Some("c"), None, Some(""), Some("ab")]),
    )]);
    let config = r#"{"split":{"fractions":{"x":0.5,"y":0.5},"hash":["word"]}}"#;
    let shown = outputs(&job_of(config, &[("t", &words)], 2)).unwrap();
    assert_eq!(shown[0].1, "word\nb\nc\nab");
}
