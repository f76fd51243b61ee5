//! The conformance kit catches what it is for: a plugin that breaks one rule fails that test and no other.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use lockflight::plugin::kit;
use lockflight::world::World;
use serde_json::json;

use super::harness::Sandbox;

/// What the plugin `misbehave` does wrong, and the only rule that has to fail, in every world that can do this wrong.
const FAULTS: &[(&str, &str)] = &[
    ("promise", "check-and-run"),
    ("answer-more", "check-and-run"),
    ("nan-bits", "twice"),
    ("neighbour", "row-wise"),
    ("memory", "repeatable"),
    ("trap-on-empty", "empty-table"),
    ("trap-on-one-row", "one-row"),
    ("trap-on-nulls", "all-null"),
    ("trap-on-many-batches", "many-batches"),
    ("count-batches", "recut"),
    ("trap-on-bytes", "every-format"),
    ("trap-on-empty-file", "broken-file"),
    ("any-column", "unknown-column"),
    ("any-config", "bad-config"),
    ("fill-column", "missing-column"),
    ("trap-on-state", "state"),
    ("misread-state", "bad-state"),
    ("pack-another", "packed-model"),
];

/// The config of a case that looks for this column, and the files of its table and of what is expected.
type Case = (
    &'static str,
    Option<&'static str>,
    &'static [(&'static str, &'static str)],
);

/// A case for every world that has cases of its own here. The scorer is tried with what the trainer made.
const CASES: &[Case] = &[
    (
        "ingest",
        Some("t"),
        &[("input.csv", TEXTS), ("output.csv", "number\n0\n1\n2\n")],
    ),
    (
        "validate",
        Some("t"),
        &[
            ("input.csv", TEXTS),
            ("findings.json", r#"[{"subject": "number", "rows": 3}]"#),
        ],
    ),
    (
        "train",
        Some("n"),
        &[
            ("input.csv", "n,m,t\n1,1,a\n2,1,b\n3,1,\n"),
            ("types.json", r#"{"n": "g", "m": "g"}"#),
            ("findings.json", "[]"),
        ],
    ),
    (
        "packaging",
        None,
        &[(
            "artifact.json",
            r#"{"artifactType": "application/octet-stream"}"#,
        )],
    ),
    (
        "deploy",
        None,
        &[
            ("input.csv", "version,weight\n1,0.75\n2,0.25\n"),
            ("inputs/figures.csv", FIGURES),
            ("decision.json", r#"{"action": "hold"}"#),
        ],
    ),
    (
        "monitor",
        Some("t"),
        &[
            ("input.csv", TEXTS),
            ("observation.json", r#"{"verdict": "pass"}"#),
        ],
    ),
];
const TEXTS: &str = "t,u\na,x\nb,\nc,z\n";
const FIGURES: &str = "version,metric,slice,span,value,count\n1,error_rate,season = winter,1,0.5,10\n2,error_rate,,1,0.25,10\n";

fn write(folder: &Path, case: &Case, mut config: serde_json::Value) {
    let (world, column, files) = case;
    if let Some(column) = column {
        config["column"] = json!(column);
    }
    let folder = folder.join(format!("{world}-one"));
    for part in ["files", "inputs"] {
        fs::create_dir_all(folder.join(part)).unwrap();
    }
    fs::write(folder.join("config.json"), config.to_string()).unwrap();
    fs::write(folder.join("files/notes.txt"), "some text").unwrap();
    for (file, text) in *files {
        fs::write(folder.join(file), text).unwrap();
    }
}

/// The case of `validate` alone.
fn case(folder: &Path, config: serde_json::Value) {
    write(folder, &CASES[1], config);
}

/// The tests that fail, and all that is said.
fn failed(sandbox: &Sandbox, cases: &Path) -> (Vec<String>, String) {
    let plugin = "../../../tests/plugins/misbehave";
    let (said, code) = sandbox.shell(&format!(
        "lockflight plugin test {plugin} --cases {} --junit tests.xml",
        cases.display()
    ));
    let failed: Vec<_> = said
        .lines()
        .filter_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... FAILED"))
        .map(str::to_owned)
        .collect();
    assert_eq!(code, i32::from(!failed.is_empty()), "{said}");
    let summary = format!("{} failed", failed.len());
    assert!(said.contains(&summary), "{said}");
    let xml = fs::read_to_string(sandbox.folder.join("tests.xml")).unwrap();
    assert_eq!(xml.matches("<failure ").count(), failed.len(), "{xml}");
    let ignored = said.matches(" ... ignored: ").count();
    assert_eq!(xml.matches("<skipped ").count(), ignored, "{xml}");
    (failed, said)
}

/// Every rule of every world has a planted fault: what the kit's verdicts name is all of them.
#[test]
fn each_fault_fails_its_rule_and_no_other() {
    let Some(sandbox) = Sandbox::of_scenario("misbehaving-check") else {
        return;
    };
    let cases = sandbox.folder.join("cases");
    let with = |deed: &str| {
        for case in CASES {
            write(&cases, case, json!({ "do": deed }));
        }
        failed(&sandbox, &cases)
    };
    let (found, said) = with("nothing");
    assert!(found.is_empty(), "{said}");
    let mut caught = BTreeSet::new();
    for (deed, rule) in FAULTS {
        let (found, said) = with(deed);
        // What does not keep its promise is no right case either.
        let is_case = |test: &String| *rule == "check-and-run" && test.contains("::case ");
        let found: Vec<_> = found.into_iter().filter(|test| !is_case(test)).collect();
        assert!(!found.is_empty(), "{deed}\n{said}");
        for test in &found {
            assert!(test.ends_with(&format!("::{rule}")), "{deed}\n{said}");
        }
        caught.extend(found);
    }
    let rules: BTreeSet<_> = rules()
        .map(|(world, rule)| format!("{world}::{rule}"))
        .collect();
    assert_eq!(caught, rules);
}

fn rules() -> impl Iterator<Item = (World, &'static str)> {
    let worlds = World::ALL.into_iter();
    worlds.flat_map(|world| kit::rules(world).map(move |rule| (world, rule)))
}

#[test]
fn every_rule_is_in_the_readme() {
    let readme = include_str!("../../plugins/README.md");
    for (world, rule) in rules() {
        let row = format!("| `{rule}` |");
        assert!(readme.contains(&row), "{world}::{rule}");
    }
}

/// Whatever depends on a run that works is then not tried, and not said to hold either.
#[test]
fn a_run_that_ends_with_a_fault_fails_what_check_promised() {
    let Some(sandbox) = Sandbox::of_scenario("misbehaving-check") else {
        return;
    };
    let cases = sandbox.folder.join("cases");
    case(&cases, json!({"do": "report-fault"}));
    let (found, said) = failed(&sandbox, &cases);
    assert_eq!(
        found,
        ["validate::case validate-one", "validate::check-and-run"]
    );
    assert!(said.contains("two and two made five"), "{said}");
    assert!(
        said.contains("test validate::empty-table ... ignored: "),
        "{said}"
    );
}

#[test]
fn a_case_that_comes_otherwise_is_shown() {
    let Some(sandbox) = Sandbox::of_scenario("misbehaving-check") else {
        return;
    };
    let cases = sandbox.folder.join("cases");
    case(&cases, json!({}));
    let expected = cases.join("validate-one/findings.json");
    fs::write(expected, r#"[{"subject": "number", "rows": 4}]"#).unwrap();
    let (found, said) = failed(&sandbox, &cases);
    assert_eq!(found, ["validate::case validate-one"]);
    assert!(
        said.contains("- {\"rows\":4,\"subject\":\"number\"}"),
        "{said}"
    );
}
