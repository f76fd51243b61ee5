//! The plugin as a stage sees it: table and contract in, findings and tables out.
#![allow(clippy::unwrap_used, missing_docs)]
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int32Array, Int64Array, RecordBatch,
    StringArray, TimestampSecondArray,
};
use arrow_schema::{Field, Schema};
use lockflight_contract::{Config, Contract, KINDS};
use lockflight_sdk::Place;
use lockflight_sdk::prelude::*;
use proptest::prelude::*;

/// Six rows: one of every column is odd.
fn birds() -> RecordBatch {
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(Int64Array::from(vec![1, 2, 3, 4, 5, 5]))),
        (
            "species",
            Arc::new(StringArray::from(vec![
                Some("Adelie"),
                Some("Gentoo"),
                None,
                Some("Adelie"),
                Some("adelie"),
                Some("Chinstrap"),
            ])),
        ),
        (
            "mass",
            Arc::new(Float64Array::from(vec![
                Some(3.5),
                Some(5.0),
                Some(4.0),
                None,
                Some(40.0),
                Some(3.0),
            ])),
        ),
        (
            "year",
            Arc::new(Int32Array::from(vec![2007, 2007, 2008, 2009, 2008, 2009])),
        ),
        (
            "born",
            Arc::new(Date32Array::from(vec![
                Some(0),
                Some(10),
                Some(20),
                None,
                Some(30),
                Some(5),
            ])),
        ),
        (
            "seen",
            Arc::new(
                TimestampSecondArray::from(vec![0, 86_400, 100, 200, 300, 400])
                    .with_timezone("UTC"),
            ),
        ),
        (
            "ringed",
            Arc::new(BooleanArray::from(vec![
                true, false, true, true, true, true,
            ])),
        ),
    ];
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, array)| Field::new(*name, array.data_type().clone(), true))
        .collect();
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap()
}

fn job(config: &str, contract: &str, cut: usize) -> Job<Config> {
    let birds = birds();
    let parts = vec![
        birds.slice(0, cut),
        birds.slice(cut, birds.num_rows() - cut),
    ];
    Job::in_memory(config)
        .unwrap()
        .with_blob("contract", contract.as_bytes())
        .with_table("birds", birds.schema(), parts)
}

fn report(contract: &str) -> Report {
    Contract::run(&job("{}", contract, 6)).unwrap()
}

/// The only finding of a contract with one check, given by its keys.
fn finding(keys: &str) -> Finding {
    let mut findings = report(&format!("[[check]]\n{keys}")).findings;
    assert_eq!(findings.len(), 1);
    findings.remove(0)
}

fn output(report: &Report, name: &str) -> RecordBatch {
    let output = report
        .outputs
        .iter()
        .find(|output| output.name == name)
        .unwrap();
    let Content::Table(table) = &output.content else {
        panic!("{name} is a blob")
    };
    match table.written() {
        [] => RecordBatch::new_empty(table.schema().clone()),
        [batch] => batch.clone(),
        more => panic!("{} batches", more.len()),
    }
}

/// The text each problem points at, its message and help.
fn problems(contract: &str) -> Vec<(String, String)> {
    let problems = Contract::check(&job("{}", contract, 6)).unwrap_err().0;
    let read = problems.into_iter().map(|problem| {
        let Place::File(span) = &problem.place else {
            panic!("{problem:?}")
        };
        assert_eq!(span.input, "contract");
        let text = contract[span.start as usize..span.end as usize].to_owned();
        (
            text,
            format!("{}; {}", problem.message, problem.help.unwrap_or_default()),
        )
    });
    read.collect()
}

#[test]
fn every_check_of_rows_finds_its_rows() {
    let cases: [(&str, u64, &[u64]); 21] = [
        (
            "kind = 'expression'\nexpression = 'mass < 10 and year <= 2008'",
            6,
            &[3, 4, 5],
        ),
        (
            "kind = 'expression'\nexpression = 'mass * 2 = mass + mass'",
            5,
            &[],
        ),
        ("kind = 'not-null'\ncolumn = 'species'", 6, &[2]),
        ("kind = 'unique'\ncolumn = 'id'", 6, &[4, 5]),
        ("kind = 'unique'\ncolumn = 'id'\nkeep-first = true", 6, &[5]),
        ("kind = 'unique'\ncolumns = ['id', 'year']", 6, &[]),
        (
            "kind = 'unique'\ncolumns = ['species', 'ringed']",
            5,
            &[0, 3],
        ),
        (
            "kind = 'between'\ncolumn = 'mass'\nmin = 3\nmax = 6.5",
            5,
            &[4],
        ),
        (
            "kind = 'between'\ncolumn = 'mass'\nmin = 3\nstrict-min = true",
            5,
            &[5],
        ),
        (
            "kind = 'between'\ncolumn = 'year'\nmin = 2007.5",
            6,
            &[0, 1],
        ),
        (
            "kind = 'between'\ncolumn = 'born'\nmax = 1970-01-21\nstrict-max = true",
            5,
            &[2, 4],
        ),
        (
            "kind = 'between'\ncolumn = 'seen'\nmax = 1970-01-01T12:00:00Z",
            6,
            &[1],
        ),
        (
            "kind = 'in-set'\ncolumn = 'species'\nvalues = ['Adelie', 'Gentoo', 'Chinstrap']",
            5,
            &[4],
        ),
        (
            "kind = 'not-in-set'\ncolumn = 'year'\nvalues = [2009]",
            6,
            &[3, 5],
        ),
        (
            "kind = 'in-set'\ncolumn = 'ringed'\nvalues = [true]",
            6,
            &[1],
        ),
        (
            "kind = 'match-regex'\ncolumn = 'species'\nregex = '^[A-Z]'",
            5,
            &[4],
        ),
        (
            "kind = 'not-match-regex'\ncolumn = 'species'\nregex = '(?i)^ad'",
            5,
            &[0, 3, 4],
        ),
        (
            "kind = 'lengths-between'\ncolumn = 'species'\nmax = 6",
            5,
            &[5],
        ),
        ("kind = 'increasing'\ncolumn = 'year'", 6, &[4]),
        ("kind = 'increasing'\ncolumn = 'id'\nstrict = true", 6, &[5]),
        (
            "kind = 'pair-greater-than'\ncolumn = 'mass'\nthan = 'id'\nor-equal = true",
            5,
            &[5],
        ),
    ];
    for (keys, rows, failed) in cases {
        let finding = finding(keys);
        assert_eq!(finding.examples, failed, "{keys}");
        assert_eq!(
            (finding.rows, finding.failed),
            (rows, failed.len() as u64),
            "{keys}"
        );
        let verdict = if failed.is_empty() {
            Verdict::Pass
        } else {
            Verdict::Fail
        };
        assert_eq!(finding.verdict, verdict, "{keys}");
        assert_eq!(
            finding.value,
            Some((rows - finding.failed) as f64 / rows as f64),
            "{keys}"
        );
    }
}

#[test]
fn every_figure_is_measured() {
    let cases = [
        ("kind = 'min-between'\ncolumn = 'mass'\nmin = 3", 3.0, true),
        (
            "kind = 'max-between'\ncolumn = 'mass'\nmax = 10",
            40.0,
            false,
        ),
        (
            "kind = 'mean-between'\ncolumn = 'mass'\nmin = 11\nmax = 11.2",
            11.1,
            true,
        ),
        (
            "kind = 'sum-between'\ncolumn = 'id'\nmin = 20\nstrict-min = true",
            20.0,
            false,
        ),
        (
            "kind = 'null-share-between'\ncolumn = 'species'\nmax = 0.1",
            1.0 / 6.0,
            false,
        ),
        (
            "kind = 'unique-value-count-between'\ncolumn = 'species'\nmin = 4\nmax = 4",
            4.0,
            true,
        ),
        (
            "kind = 'proportion-of-unique-between'\ncolumn = 'species'\nmin = 0.9",
            0.8,
            false,
        ),
        ("kind = 'row-count-between'\nmin = 1\nmax = 6", 6.0, true),
    ];
    for (keys, value, passes) in cases {
        let finding = finding(keys);
        assert_eq!(finding.value, Some(value), "{keys}");
        assert_eq!(finding.verdict == Verdict::Pass, passes, "{keys}");
        assert!(finding.limit.is_some());
    }
}

#[test]
fn schemas_are_checked() {
    let columns =
        "kind = 'columns'\nnames = ['id', 'species', 'mass', 'year', 'born', 'seen', 'ringed']\n";
    assert_eq!(
        finding(&format!("{columns}exact = true\nordered = true")).verdict,
        Verdict::Pass
    );
    let odd =
        finding("kind = 'columns'\nnames = ['species', 'id', 'sex']\nexact = true\nordered = true");
    assert_eq!(
        odd.message,
        "missing: sex; unexpected: mass, year, born, seen, ringed; in another order: id, species"
    );
    assert_eq!(
        finding("kind = 'of-type'\ncolumn = 'year'\ntype = 'int32'").verdict,
        Verdict::Pass
    );
    let wrong = finding("kind = 'of-type'\ncolumn = 'year'\ntype = 'int64'\nseverity = 'warn'");
    assert_eq!(
        (wrong.verdict, wrong.message.as_str()),
        (Verdict::Warn, "year is int32, not int64")
    );
}

#[test]
fn a_list_of_columns_gives_a_finding_each_in_order() {
    let report = report(
        "[[check]]\nkind = 'not-null'\ncolumn = ['species', 'mass']\n[[check]]\nkind = 'unique'\ncolumn = 'id'\n",
    );
    let subjects: Vec<_> = report
        .findings
        .iter()
        .map(|f| (f.name.as_str(), f.subject.as_str()))
        .collect();
    assert_eq!(
        subjects,
        [
            ("not-null", "species"),
            ("not-null", "mass"),
            ("unique", "id")
        ]
    );
    assert_eq!(report.findings[0].input.as_deref(), Some("birds"));
    assert_eq!(
        report.findings[0].message,
        "1 of 6 rows have a species that is null"
    );
}

#[test]
fn few_bad_rows_pass_and_are_set_aside_all_the_same() {
    let contract = "
        [[check]]
        kind = 'between'
        column = 'mass'
        max = 10
        mostly = 0.8
        [[check]]
        kind = 'in-set'
        column = 'species'
        values = ['Adelie', 'Gentoo', 'Chinstrap']
        mostly = 0.8
        [[check]]
        kind = 'unique'
        column = 'id'
        severity = 'warn'
    ";
    for cut in 0..6 {
        let report = Contract::run(&job("{}", contract, cut)).unwrap();
        let verdicts: Vec<_> = report
            .findings
            .iter()
            .map(|finding| finding.verdict)
            .collect();
        assert_eq!(verdicts, [Verdict::Pass, Verdict::Pass, Verdict::Warn]);
        let message = "1 of 5 rows have a mass that is not <= 10; 80 % pass, 80 % have to";
        assert_eq!(report.findings[0].message, message);
        let quarantine = output(&report, "quarantine");
        assert_eq!(quarantine.num_rows(), 1);
        assert_eq!(
            quarantine["reason"].as_string::<i32>().value(0),
            "mass is not <= 10; species is not in the set 'Adelie', 'Gentoo', 'Chinstrap'"
        );
    }
    let table = output(&report(contract), "table");
    let birds = birds();
    assert_eq!(table.slice(0, 4), birds.slice(0, 4));
    assert_eq!(table.slice(4, 1), birds.slice(5, 1));
}

#[test]
fn outputs_are_as_check_said() {
    let contract = "[[check]]\nkind = 'not-null'\ncolumn = 'mass'\n";
    let ports = Contract::check(&job("{}", contract, 6)).unwrap();
    let report = report(contract);
    for port in ports {
        assert_eq!(Some(output(&report, &port.name).schema()), port.schema);
    }
    let off = job(r#"{"quarantine":false}"#, contract, 6);
    assert!(Contract::check(&off).unwrap().is_empty());
    assert!(Contract::run(&off).unwrap().outputs.is_empty());
    let taken = job(r#"{"reason-column":"mass"}"#, contract, 6);
    let problem = Contract::check(&taken).unwrap_err().0.remove(0);
    assert!(matches!(problem.place, Place::Config(pointer) if pointer == "/reason-column"));
}

#[test]
fn a_column_without_values_passes_and_has_no_mean() {
    let empty: ArrayRef = Arc::new(Float64Array::from(vec![None, None]));
    let batch = RecordBatch::try_from_iter([("x", empty)]).unwrap();
    let contract = "[[check]]\nkind = 'between'\ncolumn = 'x'\nmin = 0\nmostly = 0.5\n[[check]]\nkind = 'mean-between'\ncolumn = 'x'\nmin = 0\n";
    let job = Job::<Config>::in_memory("{}")
        .unwrap()
        .with_blob("contract", contract.as_bytes())
        .with_table("t", batch.schema(), vec![batch]);
    let findings = Contract::run(&job).unwrap().findings;
    assert_eq!(findings[0].verdict, Verdict::Pass);
    assert_eq!(findings[1].verdict, Verdict::Inconclusive);
}

#[test]
fn all_problems_come_at_once_with_their_place() {
    let contract = "
        [[check]]
        kind = 'not-nul'
        [[check]]
        kind = 'not-null'
        column = ['specis', 'mass']
        [[check]]
        kind = 'between'
        column = 'species'
        min = 3
        [[check]]
        kind = 'match-regex'
        column = 'species'
        regex = '('
        mostyl = 0.5
        [[check]]
        kind = 'in-set'
        column = 'year'
        values = [2007, 'x']
        severity = 'bad'
        mostly = 1.5
        [[check]]
        kind = 'mean-between'
        column = 'species'
        [[check]]
        kind = 'of-type'
        column = 'year'
        type = 'int23'
        [[check]]
        kind = 'pair-greater-than'
        column = 'born'
        than = 'seen'
        [other]
    ";
    let found = problems(contract);
    let expect = [
        ("'not-nul'", "did you mean \"not-null\"?"),
        ("'specis'", "did you mean \"species\"?"),
        ("3", "\"species\", which is text"),
        ("'('", "unclosed group"),
        ("mostyl", "did you mean \"mostly\"?"),
        ("'x'", "\"year\", which is int32"),
        ("'bad'", "it is warn or fail"),
        ("1.5", "a share from 0 to 1"),
        ("'int23'", "did you mean \"int32\"?"),
        ("'seen'", "date and timestamp[s, UTC] cannot be compared"),
        ("other", "a list of [[check]]"),
    ];
    for (text, message) in expect {
        assert!(
            found
                .iter()
                .any(|(at, what)| at == text && what.contains(message)),
            "{text}: {message}\n{found:#?}"
        );
    }
    assert!(
        found
            .iter()
            .any(|(_, what)| what.contains("min or max is missing")),
        "{found:#?}"
    );
    assert_eq!(found.len(), expect.len() + 1, "{found:#?}");
}

#[test]
fn broken_toml_and_empty_contracts_are_problems() {
    let found = problems("[[check]]\nkind = \n");
    assert_eq!(found.len(), 1);
    assert!(problems("# nothing\n")[0].1.contains("holds no [[check]]"));
}

#[test]
fn missing_inputs_are_problems() {
    let nothing = Job::<Config>::in_memory("{}").unwrap();
    assert_eq!(Contract::check(&nothing).unwrap_err().0.len(), 2);
    let birds = birds();
    let pending = Job::<Config>::in_memory("{}")
        .unwrap()
        .with_blob(
            "contract",
            b"[[check]]\nkind = 'not-null'\ncolumn = 'any'\n",
        )
        .with_pending(Port::open_table("table"));
    assert!(
        Contract::check(&pending).is_ok(),
        "columns cannot be known yet"
    );
    let known = Job::<Config>::in_memory("{}")
        .unwrap()
        .with_blob(
            "contract",
            b"[[check]]\nkind = 'not-null'\ncolumn = 'any'\n",
        )
        .with_pending(Port::table("table", birds.schema()));
    assert!(Contract::check(&known).is_err());
}

#[test]
fn a_type_is_checked_beside_a_check_of_other_columns() {
    let contract = "[[check]]\nkind = 'of-type'\ncolumn = 'ringed'\ntype = 'bool'\n\
                    [[check]]\nkind = 'not-null'\ncolumn = 'id'\n";
    let report = Contract::run(&job("{}", contract, 3)).unwrap();
    let verdicts: Vec<_> = report.findings.iter().map(|f| f.verdict).collect();
    assert_eq!(verdicts, [Verdict::Pass, Verdict::Pass]);
}

#[test]
fn a_condition_is_its_own_reason_and_its_faults_are_shown_at_the_character() {
    let report = report("[[check]]\nkind = 'expression'\nexpression = 'mass < 10'");
    let reasons = output(&report, "quarantine");
    let reasons = reasons
        .column_by_name("reason")
        .unwrap()
        .as_string::<i32>()
        .value(0)
        .to_owned();
    assert!(reasons.contains("mass < 10 is not true"), "{reasons}");
    for (wrong, message) in [
        ("mass <", "character 7"),
        ("maas < 3", "did you mean \"mass\""),
        ("mass + 1", "character 1"),
        ("species < 3", "character"),
    ] {
        let contract = format!("[[check]]\nkind = 'expression'\nexpression = '{wrong}'");
        let found = problems(&contract);
        assert_eq!(found.len(), 1);
        assert!(found[0].1.contains(message), "{wrong}: {found:?}");
    }
}

#[test]
fn the_documentation_names_every_kind() {
    let readme = include_str!("../README.md");
    for kind in KINDS {
        assert!(
            readme.contains(&format!("| `{kind}` |")),
            "{kind} is not in the README"
        );
    }
}

proptest! {
    #[test]
    fn every_row_is_in_one_of_the_tables(
        masses in prop::collection::vec(prop::option::of(-5.0..5.0_f64), 1..200),
        min in -5.0..5.0_f64,
        cut in 0_usize..200,
    ) {
        let column: ArrayRef = Arc::new(Float64Array::from(masses.clone()));
        let batch = RecordBatch::try_from_iter([("mass", column)]).unwrap();
        let cut = cut.min(masses.len());
        let contract = format!("[[check]]\nkind = 'between'\ncolumn = 'mass'\nmin = {min:?}\n[[check]]\nkind = 'not-null'\ncolumn = 'mass'");
        let job = Job::<Config>::in_memory("{}").unwrap()
            .with_blob("contract", contract.as_bytes())
            .with_table("t", batch.schema(), vec![batch.slice(0, cut), batch.slice(cut, masses.len() - cut)]);
        let report = Contract::run(&job).unwrap();
        let column = |name: &str| -> Vec<Option<f64>> {
            let output = report.outputs.iter().find(|output| output.name == name).unwrap();
            let Content::Table(table) = &output.content else { unreachable!() };
            table.written().iter().flat_map(|batch| batch.f64("mass").unwrap().iter().collect::<Vec<_>>()).collect()
        };
        let good = |mass: &&Option<f64>| mass.is_some_and(|mass| mass >= min);
        prop_assert_eq!(column("table"), masses.iter().filter(good).copied().collect::<Vec<_>>());
        prop_assert_eq!(column("quarantine"), masses.iter().filter(|mass| !good(mass)).copied().collect::<Vec<_>>());
    }

    #[test]
    fn any_text_is_a_contract_or_a_problem(text in "(\\[\\[check\\]\\]\n|kind = |column = |'unique'|'mass'|\"|'|[a-z=\\[\\]{}., 0-9\n]){0,40}") {
        if let Err(problems) = Contract::check(&job("{}", &text, 3)) {
            for problem in problems.0 {
                if let Place::File(span) = problem.place {
                    prop_assert!(span.start <= span.end && span.end as usize <= text.len());
                }
            }
        }
    }
}
