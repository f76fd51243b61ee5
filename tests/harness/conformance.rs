//! The conformance kit catches what it is for: a plugin that breaks one rule fails that test and no other.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::harness::Sandbox;

/// What the plugin `misbehave` does wrong, and the only test that has to fail. That two runs differ cannot be planted: nothing in the
/// sandbox gives a plugin anything to differ by.
const FAULTS: &[(&str, &str)] = &[
    ("trap-on-empty", "validate::empty-table"),
    ("trap-on-one-row", "validate::one-row"),
    ("trap-on-nulls", "validate::all-null"),
    ("trap-on-many-batches", "validate::many-batches"),
    ("count-batches", "validate::recut"),
    ("trap-on-bytes", "validate::every-format"),
    ("trap-on-empty-file", "validate::broken-file"),
    ("any-column", "validate::unknown-column"),
    ("any-config", "validate::bad-config"),
];

/// A case of `misbehave` that does this, in a folder of its own.
fn case(folder: &Path, config: &serde_json::Value) {
    let case = folder.join("validate-one");
    fs::create_dir_all(case.join("files")).unwrap();
    fs::write(case.join("config.json"), config.to_string()).unwrap();
    fs::write(case.join("input.csv"), "t,u\na,x\nb,\nc,z\n").unwrap();
    fs::write(case.join("files/notes.txt"), "some text").unwrap();
    fs::write(
        case.join("findings.json"),
        r#"[{"subject": "number", "rows": 3}]"#,
    )
    .unwrap();
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
    assert_eq!(xml.matches("<failure").count(), failed.len(), "{xml}");
    (failed, said)
}

#[test]
fn each_fault_fails_its_rule_and_no_other() {
    let Some(sandbox) = Sandbox::of_scenario("misbehaving-check") else {
        return;
    };
    let cases = sandbox.folder.join("cases");
    case(&cases, &json!({"column": "t"}));
    let (found, said) = failed(&sandbox, &cases);
    assert!(found.is_empty(), "{said}");
    for (fault, rule) in FAULTS {
        case(&cases, &json!({"column": "t", "do": fault}));
        let (found, said) = failed(&sandbox, &cases);
        assert_eq!(found, [*rule], "{fault}\n{said}");
    }
}

/// Whatever depends on a run that works is then not tried, and not said to hold either.
#[test]
fn a_run_that_ends_with_a_fault_fails_what_check_promised() {
    let Some(sandbox) = Sandbox::of_scenario("misbehaving-check") else {
        return;
    };
    let cases = sandbox.folder.join("cases");
    case(&cases, &json!({"do": "report-fault"}));
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
    case(&cases, &json!({}));
    let expected = cases.join("validate-one/findings.json");
    fs::write(expected, r#"[{"subject": "number", "rows": 4}]"#).unwrap();
    let (found, said) = failed(&sandbox, &cases);
    assert_eq!(found, ["validate::case validate-one"]);
    assert!(
        said.contains("- {\"rows\":4,\"subject\":\"number\"}"),
        "{said}"
    );
}
