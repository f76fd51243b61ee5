//! Every limit acts: a stage that goes beyond it is ended with its key and value, and the same stage passes when it is raised.
//!
//! A key that is accepted and ignored is the fault to fear here, so the table of limits is gone through and each has to have a case.

use std::fs;

use lockflight::manifest::{Limit, Limits};

use super::harness::{Sandbox, folder};

/// What a stage does, a value of the limit that is too low for it, and one that is enough.
struct Case {
    config: &'static str,
    low: &'static str,
    enough: &'static str,
    world: &'static str,
    /// What the error says beside the key and its value.
    says: &'static str,
}

// Each does something else than the others: what one has done would be another's result.
fn case(config: &'static str, low: &'static str, enough: &'static str, says: &'static str) -> Case {
    Case {
        config,
        low,
        enough,
        world: "ingest",
        says,
    }
}

/// Without a branch for all others: a new limit has no case until somebody writes one.
fn case_of(limit: Limit) -> Case {
    match limit {
        Limit::Wall => case(
            "do = 'turn', amount = 3_000_000_000",
            "'200ms'",
            "'50s'",
            "the stage took longer than 200ms",
        ),
        Limit::Cpu => case(
            "do = 'turn', amount = 8_000_000_000",
            "'1s'",
            "'50s'",
            "the stage used more than 1s of processor time",
        ),
        Limit::Memory => case(
            "do = 'allocate', amount = 20_000_000",
            "'8MiB'",
            "'64MiB'",
            "the plugin wanted more than 8MiB of memory: 2",
        ),
        Limit::Tables => case(
            "amount = 0",
            "3",
            "100_000",
            "the plugin wanted tables of more than 3 elements: ",
        ),
        Limit::Instances => case(
            "amount = 1",
            "1",
            "16",
            "the plugin is made of more than 1 module instances",
        ),
        Limit::Handles => case(
            "do = 'open-writers', amount = 100",
            "50",
            "150",
            "the plugin held more than 50 handles at a time",
        ),
        Limit::Call => case(
            "do = 'hand-over', amount = 2_000_000",
            "'1MiB'",
            "'4MiB'",
            "the plugin handed over more than 1MiB in one call",
        ),
        Limit::Output => case(
            "do = 'write', amount = 2_000_000",
            "'1MiB'",
            "'8MiB'",
            "the plugin wrote more than 1MiB of output: 1",
        ),
        Limit::Rows => case(
            "rows = 1001",
            "1000",
            "1001",
            "the plugin wrote more than 1,000 rows: 1,001",
        ),
        Limit::Batches => case(
            "rows = 200_000",
            "3",
            "4",
            "the plugin wrote more than 3 batches of rows",
        ),
        Limit::Writers => case(
            "do = 'open-writers', amount = 300",
            "200",
            "301",
            "the plugin was writing more than 200 tables and blobs at a time",
        ),
        Limit::LogLines => case(
            "do = 'log', amount = 120_000",
            "100_000",
            "120_000",
            "the plugin wrote more than 100,000 log lines",
        ),
        Limit::Log => case(
            "do = 'log', amount = 1000",
            "'4KiB'",
            "'64KiB'",
            "the plugin wrote more than 4KiB of log: 4,1",
        ),
        Limit::Metrics => case(
            "do = 'measure', amount = 11",
            "10",
            "11",
            "the plugin recorded more than 10 metrics",
        ),
        Limit::Findings => Case {
            world: "validate",
            ..case(
                "do = 'find', amount = 11",
                "9",
                "11",
                "the plugin answered more than 9 findings: 11",
            )
        },
        Limit::Component => case(
            "amount = 2",
            "'2KiB'",
            "'16MiB'",
            "the component is larger than 2KiB: ",
        ),
        Limit::Compile => case(
            "amount = 3",
            "'100ms'",
            "'50s'",
            "compiling the component took longer than 100ms",
        ),
        Limit::CompileMemory => case(
            "amount = 4",
            "'16MiB'",
            "'1GiB'",
            "compiling the component took more than 16MiB of memory",
        ),
    }
}

/// A run of one stage with this limit, by a compiler that has nothing in its cache if it is one of its limits.
fn run(sandbox: &Sandbox, limit: Limit, case: &Case, value: &str) -> (String, i32) {
    let key = limit.key();
    let Case { config, world, .. } = case;
    let manifest = format!(
        "[pipeline]\nname = 'limits'\n[plugins]\nmisbehave = {{ path = '../../plugins/misbehave' }}\n\
         [{world}.it]\nplugin = 'misbehave'\nconfig = {{ {config} }}\nlimits = {{ {key} = {value} }}\n"
    );
    fs::write(sandbox.folder.join("lockflight.toml"), manifest).unwrap();
    let cache = match limit {
        Limit::Compile | Limit::CompileMemory => "XDG_CACHE_HOME=$(mktemp -d -p $HOME) ",
        _ => "",
    };
    let (shown, code) = sandbox.shell(&format!("{cache}lockflight run --quiet"));
    // Messages are broken into lines.
    let words: Vec<_> = shown
        .lines()
        .map(|line| line.trim_start_matches([' ', '│', '×']))
        .flat_map(str::split_whitespace)
        .collect();
    (words.join(" "), code)
}

#[test]
fn every_limit_acts() {
    let sandbox = Sandbox::new(&folder("limits"), "tests/scenarios/every-limit")
        .expect("plugins in Rust can be built everywhere");
    // `LIMIT` is the key of the only one to try.
    let only = std::env::var("LIMIT").ok();
    let wrong: Vec<_> = Limit::ALL
        .into_iter()
        .filter(|limit| only.as_ref().is_none_or(|only| only == limit.key()))
        .filter_map(|limit| acts(&sandbox, limit).err())
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn acts(sandbox: &Sandbox, limit: Limit) -> Result<(), String> {
    let (key, case) = (limit.key(), case_of(limit));
    let (shown, code) = run(sandbox, limit, &case, case.low);
    let value = case.low.trim_matches('\'').replace('_', "");
    let said = [
        case.says.to_owned(),
        format!("; `limits.{key}` of this stage is {value}"),
        format!("set `limits.{key}` in [{}.it]", case.world),
    ];
    let missing = said.iter().find(|said| !shown.contains(*said));
    if missing.is_some() || !(code == 2 || code == 3) {
        return Err(format!(
            "{key}: exit code {code}, not said: {missing:?}\n{shown}"
        ));
    }
    match run(sandbox, limit, &case, case.enough) {
        (_, 0) => Ok(()),
        (shown, code) => Err(format!("{key}: exit code {code} when raised\n{shown}")),
    }
}

/// A run of one stage that does this, without limits of its own.
fn does(sandbox: &Sandbox, world: &'static str, config: &'static str) -> (String, i32) {
    let case = Case {
        world,
        ..case(config, "", "", "")
    };
    run(sandbox, Limit::Wall, &case, "'1m'")
}

#[test]
fn what_is_in_no_key_is_bounded_too() {
    let sandbox = Sandbox::new(&folder("limits"), "tests/scenarios/beside-limits")
        .expect("plugins in Rust can be built everywhere");
    // A million messages would be a million in the launcher.
    let (shown, code) = does(&sandbox, "ingest", "do = 'progress', amount = 1_000_000");
    assert_eq!(code, 0, "{shown}");
    // More than a message may have is the plugin's fault, not one of lockflight's.
    let (shown, code) = does(
        &sandbox,
        "validate",
        "do = 'long-finding', amount = 70_000_000",
    );
    assert_eq!(code, 3, "{shown}");
    assert!(
        shown.contains("the plugin said too much at once"),
        "{shown}"
    );
    assert!(shown.contains("the plugin breaks its contract"), "{shown}");
}

/// A limit is no part of a key: with any other value of any of them, a finished stage is not run again.
#[test]
fn no_limit_is_in_the_key() {
    let sandbox = Sandbox::new(&folder("limits"), "tests/scenarios/limits-and-keys")
        .expect("plugins in Rust can be built everywhere");
    let manifest = sandbox.folder.join("lockflight.toml");
    let head = "[pipeline]\nname = 'limits'\n[plugins]\nmisbehave = { path = '../../plugins/misbehave' }\n\
                [ingest.it]\nplugin = 'misbehave'\n";
    fs::write(&manifest, head).unwrap();
    let status = || {
        let run = sandbox.lockflight(&["run", "--json"]);
        let run: serde_json::Value = serde_json::from_str(&run).unwrap();
        let stage = &run["stages"][0];
        (stage["status"].clone(), stage["limits"].clone())
    };
    assert_eq!(status().0, "ran");
    for limit in Limit::ALL {
        let value = limit.bound(Limits::DEFAULT.get(limit) / 2).unwrap();
        let key = limit.key();
        fs::write(
            &manifest,
            format!(
                "{head}limits.{key} = {}\n",
                match limit.notation() {
                    lockflight::manifest::limits::Notation::Count => value.to_string(),
                    _ => format!("'{value}'"),
                }
            ),
        )
        .unwrap();
        let (status, limits) = status();
        assert_eq!(status, "cached", "{key}");
        let recorded = &limits[key];
        assert_eq!(recorded.to_string().trim_matches('"'), value.to_string());
    }
}
