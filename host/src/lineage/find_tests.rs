#![allow(clippy::unwrap_used)]
use super::*;
use crate::lineage::{build, testing::Runs};

fn look_up(runs: &Runs, word: &str) -> Result<(String, Vec<String>), String> {
    let records = Records::read(&runs.store).unwrap();
    let releases = Releases::read(&runs.store).unwrap();
    let mut graph = build(&runs.store, &records, &releases);
    let finder = Finder {
        store: &runs.store,
        records: &records,
        releases: &releases,
    };
    let found = find(&finder, &mut graph, word).map_err(|error| error.to_string())?;
    let names = found.roots.iter().map(|id| {
        let node = graph.node(*id);
        format!("{} {}", node.kind.word(), node.names[0])
    });
    Ok((found.title, names.collect()))
}

fn root(runs: &Runs, word: &str) -> String {
    look_up(runs, word).unwrap().1.join(" ")
}

#[test]
fn words_mean_what_the_newest_run_has() {
    let mut runs = Runs::new();
    assert!(look_up(&runs, "raw").unwrap_err().contains("no runs yet"));
    let first = runs.small("bikes", "a", 1);
    let second = runs.small("bikes", "b", 1);
    for word in [
        "clean",
        "clean.table",
        "tables/bikes/clean.table",
        "bikes/clean.table",
        "table:clean.table",
    ] {
        assert_eq!(root(&runs, word), "table clean.table", "{word}");
    }
    assert_eq!(root(&runs, "birds"), "source birds");
    assert_eq!(root(&runs, "birds.csv"), "source birds");
    for word in ["doer", "do", "do 1.0.0", "component:do"] {
        assert_eq!(root(&runs, word), "component do 1.0.0");
    }
    let all = "result raw result clean";
    for word in ["latest", second.as_str(), "0002", "run:latest"] {
        assert_eq!(root(&runs, word), all, "{word}");
    }
    let of_run = |run: &str| look_up(&runs, &format!("{run}:clean")).unwrap();
    assert_eq!(of_run("0001").0, format!("table:{first}:clean.table"));
    assert_eq!(of_run("latest").0, format!("table:{second}:clean.table"));
}

#[test]
fn digests_may_be_shortened() {
    let mut runs = Runs::new();
    runs.small("bikes", "a", 1);
    let digest = Digest::of(b"a");
    for word in [
        digest.to_string(),
        digest.hex(),
        digest.short(),
        format!("sha256:{}…", digest.short()),
    ] {
        assert_eq!(root(&runs, &word), "source birds", "{word}");
    }
    let short = look_up(&runs, "sha256:ab").unwrap_err();
    assert!(short.contains("first 8 or more"), "{short}");
    let none = Digest::of(b"none").to_string();
    assert!(
        look_up(&runs, &none)
            .unwrap_err()
            .contains("no run of the store has")
    );
}

#[test]
fn unknown_and_ambiguous_words_are_refused() {
    let mut runs = Runs::new();
    runs.small("bikes", "a", 1);
    runs.small("bikes", "b", 1);
    let near = look_up(&runs, "clena.table").unwrap_err();
    assert_eq!(
        near,
        "no run of the store has \"clena.table\"; did you mean \"clean.table\"?"
    );
    assert!(look_up(&runs, "source:clean").is_err());
    let both = look_up(&runs, "20270115").unwrap_err();
    assert!(both.contains("may be any of run:20270115-"), "{both}");
}
