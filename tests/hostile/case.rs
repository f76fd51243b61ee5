//! A case: a hostile guest as text and what has to become of it. Several stand in one file; see `README.md`.

use std::fs;
use std::path::Path;

/// A guest and what has to become of the stage that it fills.
#[derive(Debug, Clone)]
pub struct Case {
    /// What it is called: unique in the suite.
    pub name: String,
    /// The world it is made for, as `worlds.wit` has them.
    pub world: String,
    /// The stage's table of the manifest: `ingest`, `validate`, `train`.
    pub kind: String,
    /// Further keys of the stage, e.g. `limits = { wall = "300ms" }`.
    pub keys: Vec<String>,
    /// The exit code of `lockflight run`.
    pub exit: i32,
    /// Texts that the run has to show, on whatever stream.
    pub says: Vec<String>,
    /// Texts that the stage's log has to hold.
    pub logs: Vec<String>,
    /// Texts that must be in neither.
    pub never: Vec<String>,
    /// The body of its core module.
    pub text: String,
}

impl Case {
    /// A case of the world `ingest` that is expected to be ended.
    pub fn new(name: &str, text: &str) -> Case {
        Case {
            name: name.into(),
            world: "ingest".into(),
            kind: "ingest".into(),
            keys: Vec::new(),
            exit: 3,
            says: Vec::new(),
            logs: Vec::new(),
            never: Vec::new(),
            text: text.into(),
        }
    }

    /// The cases of a file in `guests/`.
    pub fn all_of(group: &str) -> Vec<Case> {
        let file = super::folder()
            .join("guests")
            .join(group)
            .with_extension("wat");
        let text = fs::read_to_string(&file).unwrap();
        Case::read(&text, &file)
    }

    fn read(text: &str, file: &Path) -> Vec<Case> {
        let mut cases: Vec<Case> = Vec::new();
        for line in text.lines() {
            if let Some(name) = line.strip_prefix(";; case: ") {
                cases.push(Case::new(name, ""));
                continue;
            }
            // What stands before the first case is about the file.
            let Some(case) = cases.last_mut() else {
                continue;
            };
            if !case.take(line) {
                case.text.push_str(line);
                case.text.push('\n');
            }
        }
        assert!(!cases.is_empty(), "{} has no case", file.display());
        cases
    }

    /// Takes a line of the form `;; key: value`.
    fn take(&mut self, line: &str) -> bool {
        let Some((key, value)) = line
            .strip_prefix(";; ")
            .and_then(|line| line.split_once(": "))
        else {
            return false;
        };
        let value = value.to_owned();
        match key {
            "world" => self.world = value,
            "kind" => self.kind = value,
            "stage" => self.keys.push(value),
            "exit" => self.exit = value.parse().expect("an exit code"),
            "says" => self.says.push(value),
            "logs" => self.logs.push(value),
            "never" => self.never.push(value),
            _ => return false,
        }
        true
    }
}
