//! Guest service `job`: everything the guest can learn, and the log, progress and figures it gives.

use wasmtime::component::Resource;

use super::{
    blobs::Blob,
    guest::{Guest, Misuse},
    tables::Table,
};
use crate::{
    wire::{
        InputContent, InputFacts, LogLevel, LogLine, LogSource, Metric, Needed, Operation, Said,
    },
    world::interfaces::lockflight::{data::types, stage::answers, stage::job},
};

/// The most bytes of one line of the log; the rest is cut off.
const MAX_LINE: usize = 16 << 10;

impl types::Host for Guest {}
impl answers::Host for Guest {}

impl Guest {
    /// The index of an input that the guest may open now.
    fn available(
        &self,
        name: &str,
        kind: &str,
        fits: fn(&InputContent) -> bool,
    ) -> wasmtime::Result<u32> {
        let found = self.job.inputs.iter().position(|input| input.name == name);
        let reason = match found.map(|index| &self.job.inputs[index]) {
            None => {
                let names: Vec<_> = self
                    .job
                    .inputs
                    .iter()
                    .map(|i| format!("`{}`", i.name))
                    .collect();
                let has = if names.is_empty() {
                    "no input".into()
                } else {
                    names.join(", ")
                };
                format!("which the stage does not have; it has {has}")
            }
            Some(input) if !fits(&input.content) => format!("which is no {kind}"),
            Some(input) if !input.available && self.operation == Operation::Check => {
                "which does not exist before the run: `check` has its schema only".into()
            }
            Some(input) if !input.available => "which is not available".into(),
            Some(_) => return Ok(found.expect("just matched") as u32),
        };
        Err(Misuse(format!("the plugin opened the {kind} `{name}`, {reason}")).into())
    }
}

fn port(input: &InputFacts) -> job::Input {
    let (kind, schema) = match &input.content {
        InputContent::Table { schema, .. } => {
            (job::PortKind::Table, schema.clone().map(Into::into))
        }
        InputContent::Blob { .. } => (job::PortKind::Blob, None),
    };
    job::Input {
        port: job::Port {
            name: input.name.clone(),
            kind,
            schema,
        },
        available: input.available,
    }
}

impl job::Host for Guest {
    fn config(&mut self) -> wasmtime::Result<String> {
        Ok(self.job.config.clone())
    }

    fn seed(&mut self) -> wasmtime::Result<u64> {
        Ok(self.job.seed)
    }

    fn time(&mut self) -> wasmtime::Result<i64> {
        Ok(self.job.time)
    }

    fn state(&mut self) -> wasmtime::Result<Option<Resource<Blob>>> {
        let Some(size) = self.job.state else {
            return Ok(None);
        };
        self.open(Needed::State, size).map(Some)
    }

    fn partition(&mut self) -> wasmtime::Result<Option<String>> {
        Ok(self.job.partition.clone())
    }

    fn inputs(&mut self) -> wasmtime::Result<Vec<job::Input>> {
        Ok(self.job.inputs.iter().map(port).collect())
    }

    fn open_table(&mut self, name: String) -> wasmtime::Result<Resource<Table>> {
        let input = self.available(&name, "table", |c| matches!(c, InputContent::Table { .. }))?;
        Ok(self.resources.push(Table { input })?)
    }

    fn open_blob(&mut self, name: String) -> wasmtime::Result<Resource<Blob>> {
        let input = self.available(&name, "blob", |c| matches!(c, InputContent::Blob { .. }))?;
        let InputContent::Blob { size } = self.job.inputs[input as usize].content else {
            wasmtime::bail!("input {input} is no blob");
        };
        self.open(Needed::Blob { input }, size)
    }

    fn log(&mut self, level: job::Level, message: String) -> wasmtime::Result<()> {
        let level = match level {
            job::Level::Trace => LogLevel::Trace,
            job::Level::Debug => LogLevel::Debug,
            job::Level::Info => LogLevel::Info,
            job::Level::Warn => LogLevel::Warn,
            job::Level::Error => LogLevel::Error,
        };
        let message = message[..message.floor_char_boundary(MAX_LINE)].to_string();
        Ok(Guest::log(
            self,
            LogLine {
                source: LogSource::Plugin,
                level,
                message,
            },
        )?)
    }

    fn progress(&mut self, done: u64, total: u64) -> wasmtime::Result<()> {
        Ok(Guest::progress(self, done, total)?)
    }

    fn metric(
        &mut self,
        name: String,
        value: f64,
        step: Option<u64>,
        labels: Vec<(String, String)>,
    ) -> wasmtime::Result<()> {
        Ok(self.say(&Said::Metric(Metric {
            name,
            value,
            step,
            labels,
        }))?)
    }
}
