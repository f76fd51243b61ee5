//! One component in the sealed child: its check and its run on a setup, and what is a fault of the plugin's.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Ground, KitError, arms};
use crate::digest::Digest;
use crate::engine::CodeKind;
use crate::job::{
    ABI, CheckAnswer, CheckDocument, CheckInput, InputDigest, JobDocument, OutputRecord,
    StageResult,
};
use crate::launcher::{LaunchError, Reason, StageOrder};
use crate::manifest::SCORED;
use crate::model::{Flow, Keeps, ModelDoc, Step};
use crate::plan::MODEL_PORT;
use crate::table::schema::TableSchema;
use crate::wire::{Failure, FaultKind, Port, PortKind, Problem, SchemaNodes};
use crate::world::World;

/// A config and inputs.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The config, an object; of a scorer, which has none, that of the stage which plays it.
    pub config: Value,
    /// The inputs by name, in the store; of a scorer the table and its model.
    pub inputs: BTreeMap<String, InputDigest>,
    /// What the call before left, a blob.
    pub state: Option<Digest>,
    /// Where it is from, for messages.
    pub from: String,
}

/// A component and what it is called with.
#[derive(Debug)]
pub struct Bench<'a> {
    /// Store, launcher and limits.
    pub ground: Ground<'a>,
    /// The world that is called.
    pub world: World,
    /// The component, in the store.
    pub component: Digest,
    /// 1 for a plugin that declares `seed`, else 0.
    pub seed: u64,
    /// 1 ns after 1970 for a plugin that declares `time`, else 0.
    pub time: i64,
    /// The JSON Schema of the config, if the component tells.
    pub schema: Option<Value>,
}

/// What a call came to.
#[derive(Debug)]
pub enum Called<T> {
    /// An answer.
    Answer(T),
    /// The plugin said in good order that this cannot be done.
    Refused(String),
    /// What a plugin must never do.
    Fault(Fault),
}

/// A trap, a limit, a fault of its own, an output that is none.
#[derive(Debug)]
pub struct Fault {
    /// The kind, if the sealed child ended it.
    pub kind: Option<FaultKind>,
    /// The host's message.
    pub message: String,
    /// The last of what the plugin said, a traceback as a rule; of one that said nothing where it happened, innermost first.
    pub said: Vec<String>,
}

/// How many lines of what a plugin said are told.
const LAST_LINES: usize = 20;

impl Fault {
    /// The message, and the lines of what the plugin said below it.
    pub fn told(&self) -> String {
        let said = self.said.iter().map(|line| format!("\n  {line}"));
        said.fold(self.message.clone(), |told, line| told + &line)
    }
}

/// The code of a second run, which is compared with a first one. The usual code lets through the bits that this processor gives a NaN,
/// and another kind gives others; so a result that shows them is another one here than elsewhere.
pub const SECOND: CodeKind = CodeKind::OneNanDraft;

/// A run that came to an answer.
#[derive(Debug)]
pub struct Ran {
    /// The result.
    pub result: StageResult,
    /// Its digest: equal for equal results.
    pub digest: Digest,
}

impl Ran {
    /// What it left for the next call.
    pub fn state(&self) -> Option<Digest> {
        let decided = self
            .result
            .decision
            .as_ref()
            .and_then(|decision| decision.state);
        decided.or(self
            .result
            .observation
            .and_then(|observation| observation.state))
    }
}

/// What a check and, if that accepts, a run came to.
#[derive(Debug)]
pub enum Came {
    /// A result as `check` promised it.
    Kept(Box<Ran>),
    /// The plugin said in good order that this cannot be done.
    Refused(String),
    /// A result that is not as promised, and how.
    Broken(String),
    /// A fault in this call.
    Fault(&'static str, Fault),
}

impl Came {
    /// What was wrong, if anything: to refuse is not.
    pub fn wrong(&self) -> Option<String> {
        match self {
            Came::Kept(_) | Came::Refused(_) => None,
            Came::Broken(promise) => Some(promise.clone()),
            Came::Fault(call, fault) => Some(format!("`{call}` ended with: {}", fault.message)),
        }
    }

    /// As [`wrong`](Came::wrong), with what the plugin said on lines of its own.
    pub fn told(&self) -> Option<String> {
        match self {
            Came::Fault(call, fault) => Some(format!("`{call}` ended with: {}", fault.told())),
            other => other.wrong(),
        }
    }
}

impl Bench<'_> {
    /// Asks for the output ports, runs it if there are some, and holds the result against them.
    ///
    /// # Errors
    /// When the host fails.
    pub fn call(&self, setup: &Setup) -> Result<Came, KitError> {
        let ports = match self.check(setup)? {
            Called::Answer(ports) => ports,
            Called::Refused(why) => return Ok(Came::Refused(why)),
            Called::Fault(fault) => return Ok(Came::Fault("check", fault)),
        };
        Ok(match self.run(setup)? {
            Called::Answer(ran) => match self.broken(setup, &ports, &ran.result)? {
                Some(promise) => Came::Broken(promise),
                None => Came::Kept(Box::new(ran)),
            },
            Called::Refused(why) => Came::Refused(why),
            Called::Fault(fault) => Came::Fault("run", fault),
        })
    }

    /// Asks for the output ports.
    ///
    /// # Errors
    /// When the host fails.
    pub fn check(&self, setup: &Setup) -> Result<Called<Vec<Port>>, KitError> {
        if self.world == World::Score {
            return self.flow(setup);
        }
        let mut inputs = BTreeMap::new();
        for (name, input) in &setup.inputs {
            let known = match input {
                InputDigest::Table(digest) => {
                    let table = self.ground.store.table(digest)?;
                    CheckInput::Table(Some(SchemaNodes::from(table.schema())))
                }
                other => CheckInput::Blob(*other.digest()),
            };
            inputs.insert(name.clone(), known);
        }
        let document = CheckDocument {
            abi: ABI,
            operation: "check".into(),
            world: self.world,
            component: self.component,
            config: setup.config.clone(),
            inputs,
            partition: None,
            seed: self.seed,
            time: self.time,
        };
        let answer = self
            .ground
            .launcher
            .check(&document, &self.ground.order.limits);
        match answer {
            Ok(CheckAnswer::Ports(ports)) => Ok(Called::Answer(ports)),
            Ok(CheckAnswer::Problems(problems)) => Ok(Called::Refused(texts(&problems))),
            Err(error) => fault(error),
        }
    }

    /// What a scorer's schemas promise: a scorer has no `check` of its own.
    fn flow(&self, setup: &Setup) -> Result<Called<Vec<Port>>, KitError> {
        let store = self.ground.store;
        let model: ModelDoc = store.document(setup.inputs[MODEL_PORT].digest(), "a model")?;
        let table = store.table(setup.inputs[SCORED].digest())?;
        let links: Vec<_> = model.steps.iter().map(Step::link).collect();
        Ok(match Flow::new(table.schema(), &links, Keeps::Rest) {
            Ok(flow) => Called::Answer(vec![Port {
                name: SCORED.to_owned(),
                kind: PortKind::Table,
                schema: Some(flow.output().into()),
            }]),
            Err(error) => Called::Refused(error.to_string()),
        })
    }

    /// Runs it, past every cache.
    ///
    /// # Errors
    /// When the host fails.
    pub fn run(&self, setup: &Setup) -> Result<Called<Ran>, KitError> {
        self.run_as(setup, self.ground.order.code)
    }

    /// Runs it as code of this kind, past every cache.
    ///
    /// # Errors
    /// When the host fails.
    pub fn run_as(&self, setup: &Setup, code: CodeKind) -> Result<Called<Ran>, KitError> {
        let job = JobDocument {
            abi: ABI,
            world: self.world,
            component: (self.world != World::Score).then_some(self.component),
            config: setup.config.clone(),
            inputs: setup.inputs.clone(),
            partition: None,
            seed: self.seed,
            state: setup.state,
            time: self.time,
        };
        let order = StageOrder {
            code,
            ..*self.ground.order
        };
        // Compared with a digest that nothing has, so that the outputs are published and can be looked into.
        let none = Digest::of(b"");
        let ground = self.ground;
        match ground.launcher.repeat(&job, &order, Some(&none), &|_| {}) {
            Ok(launched) => Ok(Called::Answer(Ran {
                result: launched.result,
                digest: launched.digest,
            })),
            Err(error) => fault(error),
        }
    }

    /// Where the result is not what `check` promised, or decides what no endpoint can follow.
    fn broken(
        &self,
        setup: &Setup,
        ports: &[Port],
        result: &StageResult,
    ) -> Result<Option<String>, KitError> {
        if let Some(decision) = &result.decision
            && let Some(invalid) = arms::invalid(self.ground.store, setup, &decision.action)?
        {
            return Ok(Some(invalid.to_string()));
        }
        for port in ports {
            let step = match (port.name.as_str(), &result.fitted) {
                ("takes", Some(fitted)) => Some(&fitted.takes),
                ("gives", Some(fitted)) => Some(&fitted.gives),
                _ => None,
            };
            if let Some(found) = step {
                if promised(port).is_some_and(|promised| promised != *found) {
                    return Ok(Some(format!(
                        "`check` promised another schema of `{}`",
                        port.name
                    )));
                }
                continue;
            }
            let what = match (port.kind, result.outputs.get(&port.name)) {
                (_, None) => Some("`run` did not return it".to_owned()),
                (PortKind::Blob, Some(OutputRecord::Blob { .. })) => None,
                (PortKind::Table, Some(OutputRecord::Table { digest, .. })) => {
                    let table = self.ground.store.table(digest)?;
                    promised(port)
                        .is_some_and(|promised| promised != *table.schema())
                        .then(|| "`run` returned it with another schema".to_owned())
                }
                (_, Some(other)) => Some(format!("`run` returned it as a {}", other.kind())),
            };
            if let Some(what) = what {
                return Ok(Some(format!(
                    "`check` promised the output `{}`, and {what}",
                    port.name
                )));
            }
        }
        let unknown = result
            .outputs
            .keys()
            .find(|name| ports.iter().all(|port| port.name != **name));
        Ok(unknown.map(|name| {
            format!("`run` returned the output `{name}`, which `check` did not promise")
        }))
    }
}

fn promised(port: &Port) -> Option<TableSchema> {
    let schema = port.schema.as_ref()?;
    TableSchema::from_nodes(schema.fields.clone(), schema.metadata.clone()).ok()
}

/// What problems say, in one line.
fn texts(problems: &[Problem]) -> String {
    let texts: Vec<_> = problems
        .iter()
        .map(|problem| problem.message.as_str())
        .collect();
    texts.join("; ")
}

/// A call without an answer: the plugin's doing, or else an error of the host.
fn fault<T>(error: LaunchError) -> Result<Called<T>, KitError> {
    let kind = match &*error.reason {
        Reason::Failure(Failure::Config(_) | Failure::Data(_)) => {
            return Ok(Called::Refused(error.to_string()));
        }
        Reason::Fault(fault) => Some(fault.kind),
        Reason::Failure(Failure::Internal(_))
        | Reason::Limit(_)
        | Reason::Died { .. }
        | Reason::Forbidden
        | Reason::Output(_) => None,
        _ => return Err(error.into()),
    };
    Ok(Called::Fault(Fault {
        kind,
        message: error.to_string(),
        said: said(&error),
    }))
}

fn said(error: &LaunchError) -> Vec<String> {
    let skipped = error.log.len().saturating_sub(LAST_LINES);
    let log = error.log[skipped..].iter().map(|line| &line.line.message);
    let lines: Vec<String> = log
        .flat_map(|message| message.trim_end().lines())
        .map(str::to_owned)
        .collect();
    match &*error.reason {
        Reason::Fault(fault) if lines.is_empty() => {
            fault.frames.iter().take(LAST_LINES).cloned().collect()
        }
        _ => lines,
    }
}
