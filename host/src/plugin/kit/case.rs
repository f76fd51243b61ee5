//! A plugin's own cases: folders with a config, inputs, and what is expected.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use arrow_schema::FieldRef;
use serde_json::{Value, json};

use super::bench::Setup;
use super::files::{self, Types, entries, is_table, name, stem, wrong};
use super::{KitError, arms, generate, scorer};
use crate::digest::Digest;
use crate::job::InputDigest;
use crate::manifest::WINDOW_PORT;
use crate::model::Step;
use crate::store::Store;
use crate::world::World;

/// A case.
#[derive(Debug)]
pub struct Case {
    /// The folder's name.
    pub name: String,
    /// Config and inputs.
    pub setup: Setup,
    /// What should come of it.
    pub expected: Expected,
}

/// What a case should come to. At least one thing is expected.
#[derive(Debug, Default)]
pub struct Expected {
    /// Part of the message of a problem or failure.
    pub problem: Option<String>,
    /// The findings; of each only what the file names.
    pub findings: Option<Vec<Value>>,
    /// Decision, observation or artifact; of it only what the file names.
    pub answer: Option<Value>,
    /// The outputs by name: the file of each.
    pub outputs: BTreeMap<String, PathBuf>,
}

impl Case {
    /// Whether no problem is expected.
    pub fn is_to_succeed(&self) -> bool {
        self.expected.problem.is_none()
    }
}

/// What cases are read for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Their world.
    pub world: World,
    /// Whether cases that name no world are for it.
    pub unnamed: bool,
    /// Of a scorer, what it is to be tried with.
    pub step: Option<&'a Step>,
}

/// Reads the cases of a world: the folders with a `config.json` (of a scorer, which has no config, those with a table), in the order of
/// their names. A folder `WORLD-…` is for that world alone, any other for the plugin's first.
///
/// # Errors
/// When a folder cannot be read, or is no case.
pub fn read(store: &Store, folder: &Path, wanted: Wanted<'_>) -> Result<Vec<Case>, KitError> {
    let mut cases = Vec::new();
    for path in entries(folder)? {
        if path.is_dir() && is_for(&name(&path), wanted) && is_case(&path, wanted.world)? {
            cases.push(case(store, &path, wanted)?);
        }
    }
    Ok(cases)
}

fn is_for(name: &str, wanted: Wanted<'_>) -> bool {
    let named = World::ALL
        .into_iter()
        .find(|world| name.starts_with(&format!("{world}-")));
    named.map_or(wanted.unnamed, |named| named == wanted.world)
}

fn is_case(folder: &Path, world: World) -> Result<bool, KitError> {
    if world != World::Score {
        return Ok(folder.join("config.json").is_file());
    }
    Ok(entries(folder)?.iter().any(|path| is_input(path)))
}

/// The input that `input.csv` stands for.
fn main_input(world: World) -> &'static str {
    match world {
        World::Monitor => WINDOW_PORT,
        World::Deploy => arms::ARMS,
        _ => "table",
    }
}

/// The file with what is expected of the answer beside findings and outputs.
fn answer_file(world: World) -> Option<&'static str> {
    match world {
        World::Packaging => Some("artifact.json"),
        World::Deploy => Some("decision.json"),
        World::Monitor => Some("observation.json"),
        World::Ingest | World::Validate | World::Train | World::Score => None,
    }
}

fn case(store: &Store, folder: &Path, wanted: Wanted<'_>) -> Result<Case, KitError> {
    let from = format!("the case {}", name(folder));
    let setup = match wanted.step {
        Some(step) => of_step(store, folder, step, from)?,
        None => of_stage(store, folder, wanted.world, from)?,
    };
    Ok(Case {
        name: name(folder),
        setup,
        expected: expected(folder, wanted.world)?,
    })
}

fn of_stage(store: &Store, folder: &Path, world: World, from: String) -> Result<Setup, KitError> {
    let config: Value = files::json(&folder.join("config.json"))?.unwrap_or(json!({}));
    if !config.is_object() {
        return Err(wrong(&folder.join("config.json"), "a config is an object"));
    }
    let mut setup = Setup {
        config,
        inputs: inputs(store, folder, world)?,
        state: state(store, folder)?,
        from,
    };
    generate::complete(store, world, &mut setup)?;
    Ok(setup)
}

/// The rows of a scorer's case are of the types that its step takes.
fn of_step(store: &Store, folder: &Path, step: &Step, from: String) -> Result<Setup, KitError> {
    let found = entries(folder)?;
    let rows = found.iter().find(|path| is_input(path));
    let rows = rows.expect("a case of a scorer has a table");
    let table = files::table(store, rows, step.takes.fields())?;
    scorer::setup(store, step, &table, from)?.ok_or_else(|| {
        let takes = step.takes.fields().iter();
        let takes: Vec<_> = takes.map(|field| field.name().as_str()).collect();
        wrong(
            rows,
            format!("the step takes the columns {}", takes.join(", ")),
        )
    })
}

fn is_input(path: &Path) -> bool {
    stem(path) == "input" && is_table(path)
}

fn inputs(
    store: &Store,
    folder: &Path,
    world: World,
) -> Result<BTreeMap<String, InputDigest>, KitError> {
    let path = folder.join("types.json");
    let types: Types = files::json(&path)?.unwrap_or_default();
    let types = files::fields(&path, &types)?;
    let table = |port: &str, path: &Path| {
        let known = known(world, port, &types);
        files::table(store, path, &known).map(InputDigest::Table)
    };
    let mut inputs = BTreeMap::new();
    for path in entries(folder)? {
        if is_input(&path) {
            let port = main_input(world);
            inputs.insert(port.to_owned(), table(port, &path)?);
        }
    }
    for path in entries(&folder.join("inputs"))? {
        if !is_table(&path) {
            return Err(wrong(
                &path,
                "a table is .csv, .arrow or .parquet; other files go into `files/`",
            ));
        }
        inputs.insert(stem(&path), table(&stem(&path), &path)?);
    }
    for path in entries(&folder.join("files"))? {
        let blob = store.put_blob(&files::bytes(&path)?)?;
        inputs.insert(stem(&path), InputDigest::Blob(blob));
    }
    Ok(inputs)
}

/// The columns of an input whose types are known: those that the world sets, or those that the case says.
fn known(world: World, port: &str, types: &[FieldRef]) -> Vec<FieldRef> {
    match (world, arms::schema(port)) {
        (World::Deploy, Some(schema)) => schema.fields().to_vec(),
        _ => types.to_vec(),
    }
}

/// The file `state`, with any ending.
fn state(store: &Store, folder: &Path) -> Result<Option<Digest>, KitError> {
    let found = entries(folder)?;
    let state = found
        .iter()
        .find(|path| path.is_file() && stem(path) == "state");
    let bytes = state.map(|path| files::bytes(path)).transpose()?;
    Ok(bytes.map(|bytes| store.put_blob(&bytes)).transpose()?)
}

fn expected(folder: &Path, world: World) -> Result<Expected, KitError> {
    let problem = files::text(&folder.join("problem.txt"))?.map(|text| text.trim().to_owned());
    if problem.as_ref().is_some_and(String::is_empty) {
        return Err(wrong(
            &folder.join("problem.txt"),
            "it is empty, and so would be in any message",
        ));
    }
    let mut outputs = BTreeMap::new();
    for path in entries(folder)? {
        if stem(&path) == "output" && is_table(&path) {
            outputs.insert("table".to_owned(), path);
        }
    }
    for path in entries(&folder.join("outputs"))? {
        if !files::is_types(&path) {
            outputs.insert(stem(&path), path);
        }
    }
    let answer = answer_file(world).map(|file| files::json(&folder.join(file)));
    let expected = Expected {
        problem,
        findings: files::json(&folder.join("findings.json"))?,
        answer: answer.transpose()?.flatten(),
        outputs,
    };
    // What a train case fits is looked at by the cases of the scorer.
    if world != World::Train
        && expected.problem.is_none()
        && expected.findings.is_none()
        && expected.answer.is_none()
        && expected.outputs.is_empty()
    {
        let answer = answer_file(world).map_or(String::new(), |file| format!("{file}, "));
        return Err(wrong(
            folder,
            format!(
                "nothing is expected: add output.csv, outputs/NAME.csv, findings.json, {answer}or problem.txt"
            ),
        ));
    }
    Ok(expected)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs;

    use super::*;
    use crate::store::testing::store;
    use crate::table::schema::TableSchema;

    fn cases(store: &Store, folder: &Path, world: World) -> Result<Vec<Case>, KitError> {
        let wanted = Wanted {
            world,
            unnamed: world != World::Train,
            step: None,
        };
        read(store, &folder.join("tests"), wanted)
    }

    fn written(files: &[(&str, &str)]) -> (tempfile::TempDir, Store) {
        let (dir, store) = store();
        for (file, text) in files {
            let path = dir.path().join("tests").join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        (dir, store)
    }

    #[test]
    fn a_case_has_inputs_files_and_what_is_expected() {
        let (dir, store) = written(&[
            ("a/config.json", "{\"x\": 1}"),
            ("a/types.json", "{\"n\": \"l\"}"),
            ("a/input.csv", "n,t\n1,a\n"),
            ("a/inputs/other.csv", "t\nb\n"),
            ("a/files/contract.toml", "x"),
            ("a/findings.json", "[]"),
            ("train-b/config.json", "{}"),
            ("train-b/problem.txt", " no\n"),
            ("cases/other.txt", "no case"),
        ]);
        let found = cases(&store, dir.path(), World::Validate).unwrap();
        assert_eq!(found.len(), 1);
        let names: Vec<_> = found[0].setup.inputs.keys().collect();
        assert_eq!(names, ["contract", "other", "table"]);
        let table = store
            .table(found[0].setup.inputs["table"].digest())
            .unwrap();
        let types: Vec<_> = table
            .schema()
            .to_nodes()
            .into_iter()
            .map(|node| node.format)
            .collect();
        assert_eq!(types, ["l", "u"]);
        let found = cases(&store, dir.path(), World::Train).unwrap();
        assert_eq!(found[0].expected.problem.as_deref(), Some("no"));
    }

    #[test]
    fn a_case_that_expects_nothing_is_refused() {
        let (dir, store) = written(&[("a/config.json", "{}")]);
        let error = cases(&store, dir.path(), World::Ingest).unwrap_err();
        assert!(error.to_string().contains("nothing is expected"), "{error}");
    }

    #[test]
    fn a_deploy_case_has_arms_of_the_types_that_the_world_sets() {
        let (dir, store) = written(&[
            ("deploy-a/config.json", "{}"),
            ("deploy-a/input.csv", "version,weight\n1,1\n"),
            ("deploy-a/state.json", "{}"),
            ("deploy-a/decision.json", r#"{"action": "hold"}"#),
        ]);
        let found = cases(&store, dir.path(), World::Deploy).unwrap();
        let setup = &found[0].setup;
        let names: Vec<_> = setup.inputs.keys().collect();
        assert_eq!(names, ["arms", "figures"]);
        assert_eq!(found[0].expected.answer, Some(json!({"action": "hold"})));
        assert_eq!(setup.state, Some(Digest::of(b"{}")));
        let arms = store.table(setup.inputs["arms"].digest()).unwrap();
        assert_eq!(*arms.schema(), arms::schema("arms").unwrap());
    }

    #[test]
    fn a_scorers_case_has_rows_of_the_types_that_its_step_takes() {
        let (dir, store) = written(&[
            ("score-a/input.csv", "t,x\na,1\n"),
            ("score-a/output.csv", "y\n2\n"),
            ("score-b/input.csv", "t\na\n"),
            ("score-b/output.csv", "y\n2\n"),
        ]);
        let numbers =
            |name| TableSchema::from_nodes(generate::nodes(name, "g"), Vec::new()).unwrap();
        let step = Step {
            scorer: Digest::of(b"scorer"),
            state: Digest::of(b"state"),
            takes: numbers("x"),
            gives: numbers("y"),
        };
        let of = |name: &str| {
            of_step(
                &store,
                &dir.path().join("tests").join(name),
                &step,
                name.to_owned(),
            )
        };
        let setup = of("score-a").unwrap();
        let table = store.table(setup.inputs["table"].digest()).unwrap();
        assert_eq!(*table.schema(), step.takes);
        let error = of("score-b").unwrap_err().to_string();
        assert!(error.ends_with("the step takes the columns x"), "{error}");
    }
}
