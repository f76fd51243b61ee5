//! What a guest writes: validated, re-blocked, made canonical, hashed and written beside the child's own work. No digest of the
//! child's is trusted, and nothing that it can still change is looked at.

use std::{
    collections::{BTreeMap, HashMap},
    sync::mpsc::Receiver,
};

use super::Reason;
use crate::{
    digest::Digest,
    enforcement::{Point, stands},
    job::{Artifact, Decision, Fitted, Observation, OutputRecord, StageResult},
    oci,
    store::{BlobWriter, Publication, Store, StoreError},
    table::{
        raw::{self, RawColumn},
        schema::TableSchema,
        writer::{TableWriter, WriteError},
    },
    wire::{self, Answer, Metric, SchemaNodes},
};

/// How many messages may wait: the child gets this far ahead of the disk.
pub const QUEUE: usize = 4;
/// The most characters of an output's name.
const MAX_NAME: usize = 100;
/// What is said of one that is none.
pub const NAME_RULE: &str = "a name has letters, digits, `-` and `_`";

/// What the conversation passes on.
pub enum OutputMessage {
    TableOpened {
        writer: u32,
        schema: SchemaNodes,
    },
    Rows {
        writer: u32,
        rows: u32,
        columns: Vec<RawColumn>,
    },
    BlobOpened {
        writer: u32,
    },
    Bytes {
        writer: u32,
        bytes: Vec<u8>,
    },
    Dropped {
        writer: u32,
    },
    Metric(Metric),
    Answer(Box<Answer>),
}

/// What went wrong with the outputs.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The plugin wrote what it should not.
    #[error("{0}")]
    Plugin(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<WriteError> for OutputError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Store(error) => OutputError::Store(error),
            WriteError::Misfit(misfit) => OutputError::Plugin(format!(
                "the plugin wrote rows that do not fit their table: {misfit}"
            )),
        }
    }
}

impl From<OutputError> for Reason {
    fn from(error: OutputError) -> Self {
        match error {
            OutputError::Plugin(text) => Reason::Output(text),
            OutputError::Store(error) => Reason::Store(error),
        }
    }
}

/// The files and the result of one call, not yet published.
pub struct Collected {
    pub publication: Publication,
    pub result: StageResult,
}

enum Writer {
    Table(TableSchema, TableWriter),
    Blob(BlobWriter),
}

/// Collects the outputs of one call.
pub struct Outputs {
    publication: Publication,
    writers: HashMap<u32, Writer>,
    result: StageResult,
}

impl Outputs {
    pub fn new(store: &Store) -> Self {
        Outputs {
            publication: store.begin(),
            writers: HashMap::new(),
            result: StageResult::default(),
        }
    }

    /// Works off the queue until the conversation ends.
    ///
    /// # Errors
    /// At the first message that cannot be followed; dropping the receiver then stops the conversation.
    pub fn collect(mut self, queue: Receiver<OutputMessage>) -> Result<Collected, OutputError> {
        for message in queue {
            self.take(message)?;
        }
        Ok(Collected {
            publication: self.publication,
            result: self.result,
        })
    }

    fn take(&mut self, message: OutputMessage) -> Result<(), OutputError> {
        match message {
            OutputMessage::TableOpened { writer, schema } => self.open_table(writer, schema),
            OutputMessage::Rows {
                writer,
                rows,
                columns,
            } => self.write_rows(writer, rows, columns),
            OutputMessage::BlobOpened { writer } => {
                let blob = self.publication.blob_writer()?;
                self.writers.insert(writer, Writer::Blob(blob));
                Ok(())
            }
            OutputMessage::Bytes { writer, bytes } => match self.writers.get_mut(&writer) {
                Some(Writer::Blob(blob)) => Ok(blob.append(&bytes)?),
                _ => Err(unknown(writer)),
            },
            OutputMessage::Dropped { writer } => {
                self.writers.remove(&writer);
                Ok(())
            }
            OutputMessage::Metric(metric) => {
                self.result.metrics.push(metric);
                Ok(())
            }
            OutputMessage::Answer(answer) => self.finish(*answer),
        }
    }

    fn open_table(&mut self, writer: u32, schema: SchemaNodes) -> Result<(), OutputError> {
        let schema = TableSchema::from_nodes(schema.fields, schema.metadata).map_err(|e| {
            OutputError::Plugin(format!(
                "the plugin started a table with a schema that lockflight does not take: {e}"
            ))
        })?;
        let table = TableWriter::new(schema.clone());
        self.writers.insert(writer, Writer::Table(schema, table));
        Ok(())
    }

    fn write_rows(
        &mut self,
        writer: u32,
        rows: u32,
        columns: Vec<RawColumn>,
    ) -> Result<(), OutputError> {
        let Some(Writer::Table(schema, table)) = self.writers.get_mut(&writer) else {
            return Err(unknown(writer));
        };
        let batch = raw::assemble(schema, rows, columns).map_err(|e| {
            OutputError::Plugin(format!(
                "the plugin wrote rows that do not fit their table: {e}"
            ))
        })?;
        Ok(table.write(&batch, &mut self.publication)?)
    }

    fn finish(&mut self, answer: Answer) -> Result<(), OutputError> {
        let mut outputs = BTreeMap::new();
        for output in answer.outputs {
            if !is_name(&output.name) && stands(Point::OutputNames) {
                return Err(OutputError::Plugin(format!(
                    "the plugin returned an output named {:?}; {NAME_RULE}",
                    output.name
                )));
            }
            let record = match self.writers.remove(&output.writer) {
                Some(Writer::Table(_, table)) => {
                    let written = table.finish(&mut self.publication)?;
                    OutputRecord::Table {
                        digest: written.digest,
                        rows: written.rows,
                        bytes: written.bytes,
                    }
                }
                Some(Writer::Blob(blob)) => {
                    let (digest, bytes) = blob.finish(&mut self.publication)?;
                    OutputRecord::Blob { digest, bytes }
                }
                None => return Err(unknown(output.writer)),
            };
            if outputs.insert(output.name.clone(), record).is_some() && stands(Point::OutputTwice) {
                return Err(OutputError::Plugin(format!(
                    "the plugin returned two outputs named `{}`",
                    output.name
                )));
            }
        }
        self.result.outputs = outputs;
        self.result.findings = answer.findings;
        self.result.fitted = answer
            .fitted
            .map(|fitted| self.fitted(fitted))
            .transpose()?;
        self.result.artifact = answer
            .artifact
            .map(|artifact| self.artifact(artifact))
            .transpose()?;
        self.result.decision = answer
            .decision
            .map(|decision| self.decision(decision))
            .transpose()?;
        self.result.observation = answer
            .observation
            .map(|observation| self.observation(&observation))
            .transpose()?;
        Ok(())
    }

    /// Finishes a blob that is no output.
    fn blob(&mut self, writer: u32) -> Result<(Digest, u64), OutputError> {
        match self.writers.remove(&writer) {
            Some(Writer::Blob(blob)) => Ok(blob.finish(&mut self.publication)?),
            _ => Err(unknown(writer)),
        }
    }

    fn artifact(&mut self, artifact: wire::Artifact) -> Result<Artifact, OutputError> {
        let refused = |error: oci::InvalidArtifact| OutputError::Plugin(error.to_string());
        let config = self.blob(artifact.config)?;
        let config = oci::Descriptor::new(artifact.config_type, config, Vec::new());
        let layers = artifact.layers.into_iter().map(|layer| {
            let content = self.blob(layer.content)?;
            oci::Descriptor::new(layer.media_type, content, layer.annotations).map_err(refused)
        });
        let layers = layers.collect::<Result<Vec<_>, OutputError>>()?;
        let manifest = oci::Manifest::new(
            Some(artifact.artifact_type),
            config.map_err(refused)?,
            layers,
            artifact.annotations,
        )
        .map_err(refused)?;
        let text = manifest.to_json();
        Ok(Artifact {
            manifest: self.publication.blob(text.as_bytes())?,
            bytes: manifest.bytes() + text.len() as u64,
        })
    }

    fn decision(&mut self, decision: wire::Decision) -> Result<Decision, OutputError> {
        Ok(Decision {
            action: decision.action,
            reason: decision.reason,
            state: self.state(decision.state)?,
        })
    }

    fn observation(&mut self, seen: &wire::Observation) -> Result<Observation, OutputError> {
        Ok(Observation {
            verdict: seen.verdict,
            state: self.state(seen.state)?,
        })
    }

    fn state(&mut self, writer: Option<u32>) -> Result<Option<Digest>, OutputError> {
        let written = writer.map(|writer| self.blob(writer)).transpose()?;
        Ok(written.map(|(digest, _)| digest))
    }

    fn fitted(&mut self, fitted: wire::Fitted) -> Result<Fitted, OutputError> {
        let schema = |what: &str, nodes: SchemaNodes| {
            TableSchema::try_from(nodes).map_err(|e| {
                OutputError::Plugin(format!(
                    "the plugin fitted a step that {what} what lockflight does not take: {e}"
                ))
            })
        };
        let (takes, gives) = (
            schema("takes", fitted.takes)?,
            schema("gives", fitted.gives)?,
        );
        let (state, bytes) = self.blob(fitted.state)?;
        Ok(Fitted {
            state,
            bytes,
            takes,
            gives,
        })
    }
}

fn unknown(writer: u32) -> OutputError {
    OutputError::Plugin(format!(
        "the stage's process spoke of a writer {writer} that it never opened"
    ))
}

/// Whether an output may be called this.
pub fn is_name(name: &str) -> bool {
    (1..=MAX_NAME).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}
