//! The job: config and inputs.
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{Schema, SchemaRef};
use serde::de::DeserializeOwned;

use crate::bindings::job;
pub use crate::bindings::job::PortKind;
use crate::format::{adopt_schema, lend_schema};
use crate::{Blob, Problem, Problems, Table, config, did_you_mean};

/// A named place where data goes in or out.
#[derive(Clone, Debug)]
pub struct Port {
    /// Its name.
    pub name: String,
    /// What passes through it.
    pub kind: PortKind,
    /// A table's schema; none for a blob, and for a table whose schema is not known before the stage ran.
    pub schema: Option<SchemaRef>,
}

impl Port {
    /// A table with a known schema.
    pub fn table(name: impl Into<String>, schema: SchemaRef) -> Port {
        Port {
            name: name.into(),
            kind: PortKind::Table,
            schema: Some(schema),
        }
    }

    /// A table whose schema is known only after the stage ran.
    pub fn open_table(name: impl Into<String>) -> Port {
        Port {
            name: name.into(),
            kind: PortKind::Table,
            schema: None,
        }
    }

    /// A blob.
    pub fn blob(name: impl Into<String>) -> Port {
        Port {
            name: name.into(),
            kind: PortKind::Blob,
            schema: None,
        }
    }

    fn adopt(port: job::Port) -> Port {
        Port {
            name: port.name,
            kind: port.kind,
            schema: port.schema.map(|schema| Arc::new(adopt_schema(&schema))),
        }
    }

    pub(crate) fn lend(self) -> Result<job::Port, Problems> {
        let schema =
            match &self.schema {
                Some(schema) => Some(lend_schema(schema).map_err(|message| {
                    Problem::stage(format!("output {:?}: {message}", self.name))
                })?),
                None => None,
            };
        Ok(job::Port {
            name: self.name,
            kind: self.kind,
            schema,
        })
    }
}

/// An input as a plugin sees it.
#[derive(Clone, Debug)]
pub struct Input {
    /// Name, kind and schema.
    pub port: Port,
    /// Whether it can be opened now: always in `run`; in `check` only blobs that exist before the run.
    pub available: bool,
    data: Data,
}

#[derive(Clone, Debug)]
enum Data {
    Host,
    Table(Arc<[RecordBatch]>),
    Blob(Arc<[u8]>),
}

/// Everything a call gets: the config, typed, and the inputs.
#[derive(Clone, Debug)]
pub struct Job<C> {
    /// The stage's config.
    pub config: C,
    inputs: Vec<Input>,
    /// In memory only; in WebAssembly the host has it.
    state: Option<Arc<[u8]>>,
}

impl<C: DeserializeOwned> Job<C> {
    /// Asks the host.
    pub(crate) fn from_host() -> Result<Job<C>, Problems> {
        let inputs = job::inputs().into_iter().map(|input| Input {
            port: Port::adopt(input.port),
            available: input.available,
            data: Data::Host,
        });
        Ok(Job {
            config: config::read(&job::config())?,
            inputs: inputs.collect(),
            state: None,
        })
    }

    /// A job for a test, with the config as JSON and no inputs yet.
    ///
    /// # Errors
    /// What is wrong with the config, exactly as a user would get it.
    pub fn in_memory(config: &str) -> Result<Job<C>, Problems> {
        Ok(Job {
            config: config::read(config)?,
            inputs: Vec::new(),
            state: None,
        })
    }
}

impl<C> Job<C> {
    /// Adds a table in memory, for a test.
    #[must_use]
    pub fn with_table(self, name: &str, schema: SchemaRef, batches: Vec<RecordBatch>) -> Job<C> {
        self.with(Port::table(name, schema), Data::Table(batches.into()))
    }

    /// Adds a blob in memory, for a test.
    #[must_use]
    pub fn with_blob(self, name: &str, bytes: &[u8]) -> Job<C> {
        self.with(Port::blob(name), Data::Blob(bytes.into()))
    }

    /// Sets what the call before this one left, for a test.
    #[must_use]
    pub fn with_state(mut self, state: &[u8]) -> Job<C> {
        self.state = Some(state.into());
        self
    }

    /// Adds an input that an earlier stage has yet to make, for a test of `check`.
    #[must_use]
    pub fn with_pending(mut self, port: Port) -> Job<C> {
        self = self.with(port, Data::Host);
        self.inputs.last_mut().expect("just added").available = false;
        self
    }

    fn with(mut self, port: Port, data: Data) -> Job<C> {
        self.inputs.push(Input {
            port,
            available: true,
            data,
        });
        self
    }

    /// The inputs, sorted by name.
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// The input of this name.
    ///
    /// # Errors
    /// A problem that says which inputs there are.
    pub fn input(&self, name: &str) -> Result<&Input, Problem> {
        let found = self.inputs.iter().find(|input| input.port.name == name);
        found.ok_or_else(|| {
            let names = || self.inputs.iter().map(|input| input.port.name.as_str());
            let message = if self.inputs.is_empty() {
                format!("the stage needs an input {name:?}, and has none")
            } else {
                let listed: Vec<_> = names().collect();
                format!(
                    "the stage needs an input {name:?}; it has {}",
                    listed.join(", ")
                )
            };
            match did_you_mean(name, names()) {
                Some(guess) => Problem::input(guess, message).help(format!("call it {name:?}")),
                None => Problem::stage(message),
            }
        })
    }

    /// The only input of a kind, whatever its name.
    ///
    /// # Errors
    /// A problem when there is none or more than one.
    pub fn only(&self, kind: PortKind) -> Result<&Input, Problem> {
        let word = match kind {
            PortKind::Table => "table",
            PortKind::Blob => "file",
        };
        let mut of_kind = self.inputs.iter().filter(|input| input.port.kind == kind);
        match (of_kind.next(), of_kind.next()) {
            (Some(input), None) => Ok(input),
            (None, _) => Err(Problem::stage(format!(
                "the stage needs a {word} as its input"
            ))),
            (Some(_), Some(second)) => {
                let name = &second.port.name;
                Err(Problem::input(
                    name,
                    format!("the stage takes one {word} only"),
                ))
            }
        }
    }

    /// Opens a table.
    ///
    /// # Errors
    /// A problem when there is no such input or it is a blob.
    pub fn table(&self, name: &str) -> Result<Table, Problem> {
        let input = self.input(name)?;
        match &input.data {
            Data::Table(batches) => {
                let schema = input
                    .port
                    .schema
                    .clone()
                    .unwrap_or_else(|| Arc::new(Schema::empty()));
                Ok(Table::in_memory(schema, batches.clone()))
            }
            Data::Host if input.port.kind == PortKind::Table && input.available => {
                Ok(Table::from_host(job::open_table(name)))
            }
            _ => Err(unavailable(input, "table")),
        }
    }

    /// Opens a blob.
    ///
    /// # Errors
    /// A problem when there is no such input or it is a table.
    pub fn blob(&self, name: &str) -> Result<Blob, Problem> {
        let input = self.input(name)?;
        match &input.data {
            Data::Blob(bytes) => Ok(Blob::in_memory(bytes.clone())),
            Data::Host if input.port.kind == PortKind::Blob && input.available => {
                Ok(Blob::from_host(job::open_blob(name)))
            }
            _ => Err(unavailable(input, "file")),
        }
    }

    /// The seed of all randomness; 0 unless `plugin.toml` declares `seed`.
    pub fn seed(&self) -> u64 {
        if cfg!(target_family = "wasm") {
            job::seed()
        } else {
            0
        }
    }

    /// The logical time in ns since 1970-01-01T00:00:00Z; 0 unless `plugin.toml` declares `time`. It never moves in a call.
    pub fn time(&self) -> i64 {
        if cfg!(target_family = "wasm") {
            job::time()
        } else {
            0
        }
    }

    /// What the last call returned as its state, in stages that keep one; none for the first.
    pub fn state(&self) -> Option<Blob> {
        if cfg!(target_family = "wasm") {
            job::state().map(Blob::from_host)
        } else {
            self.state.clone().map(Blob::in_memory)
        }
    }

    /// The partition this call works on, if the table has any.
    pub fn partition(&self) -> Option<String> {
        if cfg!(target_family = "wasm") {
            job::partition()
        } else {
            None
        }
    }
}

fn unavailable(input: &Input, wanted: &str) -> Problem {
    let message = match (input.available, input.port.kind) {
        (false, _) => format!("the {wanted} does not exist before the run"),
        (true, PortKind::Table) => format!("this is a table; the stage needs a {wanted} here"),
        (true, PortKind::Blob) => format!("this is a file; the stage needs a {wanted} here"),
    };
    Problem::input(&input.port.name, message)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Place;

    fn job() -> Job<serde_json::Value> {
        Job::in_memory("{}")
            .unwrap()
            .with_blob("contract", b"x")
            .with_table("table", Arc::new(Schema::empty()), vec![])
            .with_pending(Port::open_table("later"))
    }

    #[test]
    fn inputs_are_found_by_name_or_kind() {
        let job = job();
        assert_eq!(job.blob("contract").unwrap().read_all(), b"x");
        assert_eq!(job.table("table").unwrap().rows(), 0);
        assert_eq!(job.only(PortKind::Blob).unwrap().port.name, "contract");
        assert!(job.only(PortKind::Table).is_err());
    }

    #[test]
    fn what_cannot_be_opened_says_why() {
        let job = job();
        assert!(
            job.table("contract")
                .unwrap_err()
                .message
                .contains("this is a file")
        );
        assert!(
            job.table("later")
                .unwrap_err()
                .message
                .contains("before the run")
        );
        let near = job.table("tabel").unwrap_err();
        assert!(matches!(near.place, Place::Input(name) if name == "table"));
        assert!(
            job.blob("x")
                .unwrap_err()
                .message
                .contains("it has contract, table, later")
        );
    }
}
