//! The inputs of a call, opened: what the child is told of them and what it is handed.

use std::fs::File;

use serde_json::Value;

use crate::{
    canonical_json,
    digest::Digest,
    enforcement::{Point, stands},
    job::{CheckDocument, CheckInput, InputDigest, JobDocument, ScoreConfig},
    launcher::{LaunchError, Reason},
    model::{ModelDoc, Step},
    store::{Store, StoreError},
    table::doc::BlockRef,
    wire::{InputContent, InputFacts, JobFacts, Needed, SchemaNodes, Scoring, StepFacts},
};

/// What the document of a model is called when it turns out to be none.
const MODEL: &str = "a model";

/// Why the child does not get what it asked for.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// It was not told of any such thing.
    #[error("the stage's process asked for {0}, which is none of its inputs")]
    Unknown(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The inputs of one call, in the order of their names.
pub struct Inputs {
    store: Store,
    inputs: Vec<Input>,
    state: Option<Digest>,
    /// The model that the built-in stage `score` applies.
    model: Option<ModelDoc>,
    /// The compiled code of each of its steps, once it is there.
    codes: Vec<File>,
}

struct Input {
    name: String,
    kind: Kind,
}

enum Kind {
    /// A table that can be read.
    Table {
        schema: SchemaNodes,
        blocks: Vec<BlockRef>,
    },
    /// A table that an earlier stage has yet to make.
    TableLater(Option<SchemaNodes>),
    /// A blob that can be read.
    Blob { digest: Digest, size: u64 },
    /// A blob that an earlier stage has yet to make.
    BlobLater,
}

impl Inputs {
    /// The inputs of a `run`: all there.
    ///
    /// # Errors
    /// When one is not in the store.
    pub fn of_run(store: &Store, job: &JobDocument) -> Result<Self, StoreError> {
        let mut inputs = Vec::new();
        let mut model = None;
        for (name, digest) in &job.inputs {
            let kind = match digest {
                InputDigest::Table(digest) => table(store, digest)?,
                InputDigest::Blob(digest) => blob(store, digest)?,
                InputDigest::Model(digest) => {
                    model = Some(store.document(digest, MODEL)?);
                    continue;
                }
            };
            inputs.push(Input {
                name: name.clone(),
                kind,
            });
        }
        Ok(Inputs {
            store: store.clone(),
            inputs,
            state: job.state,
            model,
            codes: Vec::new(),
        })
    }

    /// The model to apply.
    pub fn model(&self) -> Option<&ModelDoc> {
        self.model.as_ref()
    }

    /// Takes the compiled code of the model's steps, in their order.
    pub fn bring_codes(&mut self, codes: Vec<File>) {
        self.codes = codes;
    }

    /// What a child that scores is told of the model.
    ///
    /// # Errors
    /// When the config is not that of a `score` stage, or a state is not in the store.
    pub fn scoring(&self, config: &Value) -> Result<Option<Scoring>, LaunchError> {
        let Some(model) = &self.model else {
            return Ok(None);
        };
        let ScoreConfig { keeps, sample } = serde_json::from_value(config.clone())
            .map_err(|error| Reason::Host(format!("the config of a score stage: {error}")))?;
        let step = |step: &Step| {
            Ok(StepFacts {
                takes: (&step.takes).into(),
                gives: (&step.gives).into(),
                state: size(&self.store.open_blob(&step.state)?)?,
            })
        };
        let steps = model
            .steps
            .iter()
            .map(step)
            .collect::<Result<_, StoreError>>()?;
        Ok(Some(Scoring {
            steps,
            keeps,
            sample,
        }))
    }

    /// The inputs of a `check`: schemas, and the blobs that are there already.
    ///
    /// # Errors
    /// When such a blob is not in the store.
    pub fn of_check(store: &Store, document: &CheckDocument) -> Result<Self, StoreError> {
        let inputs = document
            .inputs
            .iter()
            .map(|(name, input)| {
                let kind = match input {
                    CheckInput::Table(schema) => Kind::TableLater(schema.clone()),
                    CheckInput::Blob(digest) => blob(store, digest)?,
                    CheckInput::Later => Kind::BlobLater,
                };
                Ok(Input {
                    name: name.clone(),
                    kind,
                })
            })
            .collect::<Result<_, StoreError>>()?;
        Ok(Inputs {
            store: store.clone(),
            inputs,
            state: None,
            model: None,
            codes: Vec::new(),
        })
    }

    /// What the child is told.
    ///
    /// # Errors
    /// When the config cannot be written as JSON, or the state is not in the store.
    pub fn facts(
        &self,
        config: &Value,
        seed: u64,
        time: i64,
        partition: Option<String>,
    ) -> Result<JobFacts, LaunchError> {
        let state = match &self.state {
            Some(digest) => Some(size(&self.store.open_blob(digest)?)?),
            None => None,
        };
        Ok(JobFacts {
            config: canonical_json::to_string(config)?,
            seed,
            time,
            partition,
            state,
            inputs: self.inputs.iter().map(facts).collect(),
        })
    }

    /// The descriptor that the child asks for.
    ///
    /// # Errors
    /// When the file is missing or corrupt, or there is no such thing.
    pub fn grant(&self, needed: Needed) -> Result<File, GrantError> {
        let input = |index: u32| self.inputs.get(index as usize).map(|input| &input.kind);
        match needed {
            Needed::Block {
                input: index,
                block,
            } => match input(index) {
                Some(Kind::Table { blocks, .. }) if (block as usize) < blocks.len() => {
                    Ok(self.store.open_block(&blocks[block as usize])?)
                }
                _ => nothing(format!("block {block} of input {index}")),
            },
            Needed::Blob { input: index } => match input(index) {
                Some(Kind::Blob { digest, .. }) => Ok(self.store.open_blob(digest)?),
                _ => nothing(format!("blob {index}")),
            },
            Needed::StepCode { step } => match self.codes.get(step as usize) {
                Some(code) => Ok(code.try_clone().map_err(|source| StoreError::Io {
                    action: "open",
                    path: "compiled code".into(),
                    source,
                })?),
                None => nothing(format!("the code of step {step}")),
            },
            Needed::StepState { step } => {
                let steps = self.model.as_ref().map(|model| &model.steps);
                match steps.and_then(|steps| steps.get(step as usize)) {
                    Some(found) => Ok(self.store.open_blob(&found.state)?),
                    None => nothing(format!("the state of step {step}")),
                }
            }
            Needed::State => match &self.state {
                Some(digest) => Ok(self.store.open_blob(digest)?),
                None => nothing("state".into()),
            },
        }
    }
}

/// A child that asks for what it was not told of has been taken over; it gets nothing.
fn nothing(what: String) -> Result<File, GrantError> {
    match stands(Point::Inputs) {
        true => Err(GrantError::Unknown(what)),
        // What it would get is in its order alone; any file shows that it was granted.
        false => Ok(File::open("/dev/null").map_err(|source| StoreError::Io {
            action: "open",
            path: "/dev/null".into(),
            source,
        })?),
    }
}

fn table(store: &Store, digest: &Digest) -> Result<Kind, StoreError> {
    let doc = store.table(digest)?;
    Ok(Kind::Table {
        schema: doc.schema().into(),
        blocks: doc.blocks().cloned().collect(),
    })
}

fn blob(store: &Store, digest: &Digest) -> Result<Kind, StoreError> {
    let file = store.open_blob(digest)?;
    Ok(Kind::Blob {
        digest: *digest,
        size: size(&file)?,
    })
}

fn size(file: &File) -> Result<u64, StoreError> {
    let meta = file.metadata().map_err(|source| StoreError::Io {
        action: "read",
        path: "a blob".into(),
        source,
    })?;
    Ok(meta.len())
}

fn facts(input: &Input) -> InputFacts {
    let (available, content) = match &input.kind {
        Kind::Table { schema, blocks } => (
            true,
            InputContent::Table {
                schema: Some(schema.clone()),
                blocks: blocks.iter().map(|block| u64::from(block.rows)).collect(),
            },
        ),
        Kind::TableLater(schema) => (
            false,
            InputContent::Table {
                schema: schema.clone(),
                blocks: Vec::new(),
            },
        ),
        Kind::Blob { size, .. } => (true, InputContent::Blob { size: *size }),
        Kind::BlobLater => (false, InputContent::Blob { size: 0 }),
    };
    InputFacts {
        name: input.name.clone(),
        available,
        content,
    }
}
