//! What an edit runs again: exactly the stages that it reaches, whatever the graph. Formatting reaches none.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;

use super::harness::{Sandbox, folder};

/// A pipeline: a source, the stage that reads it, and stages that each add a number to what they take from one or two before them.
#[derive(Debug, Clone)]
struct Pipeline {
    /// By stage: the stages before it, the number, the seed, and whether its plugin is another component that does the same.
    stages: Vec<(Vec<usize>, u32, u32, bool)>,
    first_row: u32,
}

/// A change of one thing.
#[derive(Debug, Clone)]
enum Edit {
    Config(usize),
    Plugin(usize),
    Seed(usize),
    Source,
    Formatting,
}

impl Pipeline {
    fn text(&self, comments: bool) -> String {
        let mut text = String::from(
            "[pipeline]\nname = \"rekeyed\"\n[plugins]\ncsv = { path = \"../../plugins/csv\" }\n\
             prepare = { path = \"../../plugins/prepare\" }\nother = { path = \"other.wasm\" }\n\
             [source.rows]\nfile = \"rows.csv\"\n[ingest.raw]\nplugin = \"csv\"\ninputs = { file = \"rows\" }\n",
        );
        let mut tables: Vec<String> = Vec::new();
        for (index, (before, number, seed, is_other)) in self.stages.iter().enumerate() {
            let name = |stage: &usize| match stage {
                0 => "raw".to_owned(),
                stage => format!("s{}", stage - 1),
            };
            let inputs: Vec<_> = before
                .iter()
                .enumerate()
                .map(|(port, stage)| format!("p{port} = \"{}\"", name(stage)))
                .collect();
            let union = if before.len() > 1 {
                "{ union = [\"p1\"] }, "
            } else {
                ""
            };
            let plugin = if *is_other { "other" } else { "prepare" };
            let mut table = String::new();
            write!(
                table,
                "[ingest.s{index}]\nplugin = \"{plugin}\"\ninputs = {{ {} }}\nseed = {seed}\n\
                 config = {{ from = \"p0\", steps = [{union}{{ derive = {{ v = \"v + {number}\" }} }}] }}\n",
                inputs.join(", ")
            )
            .unwrap();
            tables.push(table);
        }
        if comments {
            // Another order of the tables, other spaces, comments, and the keys of an object the other way round.
            tables.reverse();
            for table in &mut tables {
                *table = table
                    .replace(" = ", "   =  ")
                    .replace("\ninputs", "\n\n# why\ninputs");
            }
        }
        text += &tables.concat();
        text
    }

    fn rows(&self) -> String {
        format!("v\n{}\n2\n3\n", self.first_row)
    }

    /// The stages behind one, by their index in `stages`.
    fn behind(&self, stage: usize) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        for (index, (before, ..)) in self.stages.iter().enumerate() {
            if before
                .iter()
                .any(|b| *b > 0 && (*b - 1 == stage || found.contains(&(*b - 1))))
            {
                found.insert(index);
            }
        }
        found
    }

    fn edited(&self, edit: &Edit) -> Pipeline {
        let mut edited = self.clone();
        match edit {
            Edit::Config(stage) => edited.stages[*stage].1 += 1000,
            Edit::Plugin(stage) => edited.stages[*stage].3 = true,
            Edit::Seed(stage) => edited.stages[*stage].2 += 1,
            Edit::Source => edited.first_row += 1,
            Edit::Formatting => {}
        }
        edited
    }

    /// The stages whose key an edit has to change.
    fn reached(&self, edit: &Edit) -> BTreeSet<String> {
        let name = |stage: usize| format!("s{stage}");
        match edit {
            Edit::Config(stage) => {
                let behind = self.behind(*stage).into_iter();
                behind.chain([*stage]).map(name).collect()
            }
            // What these give is as before, so that what is behind them is left alone.
            Edit::Plugin(stage) | Edit::Seed(stage) => BTreeSet::from([name(*stage)]),
            Edit::Source => {
                let all = (0..self.stages.len()).map(name);
                all.chain(["raw".to_owned()]).collect()
            }
            Edit::Formatting => BTreeSet::new(),
        }
    }
}

fn keys(sandbox: &Sandbox, pipeline: &Pipeline, comments: bool) -> BTreeMap<String, Value> {
    fs::write(
        sandbox.folder.join("lockflight.toml"),
        pipeline.text(comments),
    )
    .unwrap();
    fs::write(sandbox.folder.join("rows.csv"), pipeline.rows()).unwrap();
    let run: Value = serde_json::from_str(&sandbox.lockflight(&["run", "--json"])).unwrap();
    let stages = run["stages"].as_array().unwrap();
    stages
        .iter()
        .map(|stage| {
            (
                stage["name"].as_str().unwrap().to_owned(),
                stage["key"].clone(),
            )
        })
        .collect()
}

fn pipelines() -> impl Strategy<Value = (Pipeline, Edit)> {
    let stage = |index: usize| {
        let before = proptest::collection::btree_set(0..=index, 1..=2.min(index + 1));
        (before, 1..100_u32, 0..3_u32).prop_map(|(before, number, seed)| {
            (before.into_iter().collect::<Vec<_>>(), number, seed, false)
        })
    };
    (1..5_usize)
        .prop_flat_map(move |count| {
            let stages: Vec<_> = (0..count).map(stage).collect();
            let edit = prop_oneof![
                (0..count).prop_map(Edit::Config),
                (0..count).prop_map(Edit::Plugin),
                (0..count).prop_map(Edit::Seed),
                Just(Edit::Source),
                Just(Edit::Formatting),
            ];
            (stages, 1..1000_u32, edit)
        })
        .prop_map(|(stages, first_row, edit)| (Pipeline { stages, first_row }, edit))
}

#[test]
fn an_edit_reaches_exactly_what_depends_on_it() {
    let original = folder("../../examples/bike-demand");
    let sandbox = Sandbox::new(&original, "examples/rekeyed")
        .expect("plugins in Rust can be built everywhere");
    let mut other = fs::read(
        sandbox
            .folder
            .join("../../plugins/prepare/dist/ingest.wasm"),
    )
    .unwrap();
    other.extend(b"\x00\x06\x05other");
    fs::write(sandbox.folder.join("other.wasm"), other).unwrap();
    let config = Config {
        cases: 24,
        failure_persistence: None,
        ..Config::default()
    };
    let checked = TestRunner::new(config).run(&pipelines(), |(pipeline, edit)| {
        let before = keys(&sandbox, &pipeline, false);
        let after = keys(
            &sandbox,
            &pipeline.edited(&edit),
            matches!(edit, Edit::Formatting),
        );
        let changed: BTreeSet<String> = before
            .iter()
            .filter(|(stage, key)| after[*stage] != **key)
            .map(|(stage, _)| stage.clone())
            .collect();
        prop_assert_eq!(changed, pipeline.reached(&edit));
        Ok(())
    });
    checked.unwrap();
}
