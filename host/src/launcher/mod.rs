//! The launcher: fetches, compiles, opens, spawns the sealed child, bounds it, checks what comes back and publishes it.
//!
//! It is the door that every component passes, whatever the command: here the policy is asked for the last time.
//!
//! `lockflight run` uses it in-process for every stage; `lockflight stage run KEY` is the same for one key, for a cluster.

mod bounds;
mod compiling;
mod conversation;
mod door;
mod error;
mod inputs;
mod meter;
mod outputs;
mod ports;
mod process;
mod retry;
mod telling;
#[cfg(test)]
mod tests;

pub use door::Door;
pub use error::{LaunchError, Reason};
pub use process::Cancel;
pub use retry::Waits;
pub use telling::{Event, Telemetry, TimedLine};

use std::{
    os::unix::process::ExitStatusExt,
    path::PathBuf,
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

use self::{
    conversation::{Broke, Conversation},
    inputs::Inputs,
    outputs::{Collected, Outputs},
    process::ChildProcess,
};
use crate::{
    canonical_json,
    digest::Digest,
    engine::{CodeCache, CodeKind},
    job::{CheckAnswer, CheckDocument, JobDocument, StageResult},
    manifest::limits::{Exceeded, Limit, Limits, Whose},
    policy::Policy,
    store::{KeyLock, Published, Store},
    wire::{Ending, GuestLimits, JobFacts, Operation, Order, Scoring},
    world::World,
};

/// What a stage may use and how its code is compiled: everything beside the job document that has no part in the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageOrder {
    /// The stage's limits.
    pub limits: Limits,
    /// How its code is compiled.
    pub code: CodeKind,
}

/// How often a launcher looks whether another run is done with a key.
const LOCK_POLL: Duration = Duration::from_millis(10);

/// A finished `run`.
#[derive(Debug)]
pub struct Launched {
    /// The result.
    pub result: StageResult,
    /// The digest of the result document.
    pub digest: Digest,
    /// When its process was started.
    start: Instant,
    /// What it cost.
    pub telemetry: Telemetry,
    /// What the plugin said.
    pub log: Vec<TimedLine>,
}

/// Starts sealed children against one store.
#[derive(Debug, Clone)]
pub struct Launcher {
    store: Store,
    code: CodeCache,
    exe: PathBuf,
    cancel: Cancel,
    door: Door,
}

/// What a child is started for.
struct Call<'a> {
    operation: Operation,
    world: World,
    /// The plugin's component, or that of each step of the model to apply.
    components: Vec<Digest>,
    order: &'a StageOrder,
    facts: JobFacts,
    inputs: Inputs,
    scoring: Option<Scoring>,
}

/// How a child came out.
struct Finished {
    start: Instant,
    ending: Ending,
    collected: Collected,
    telemetry: Telemetry,
    log: Vec<TimedLine>,
}

impl Launcher {
    /// `exe` is the lockflight binary, which is started again as the child.
    pub fn new(
        store: Store,
        code: CodeCache,
        exe: PathBuf,
        cancel: Cancel,
        policy: Arc<Policy>,
    ) -> Self {
        Launcher {
            store,
            code,
            exe,
            cancel,
            door: Door::new(policy),
        }
    }

    /// What the admin allows.
    pub fn policy(&self) -> &Policy {
        self.door.policy()
    }

    /// Asks a plugin to check its config against the schemas of its inputs, within the limits of every check and what its stage may
    /// spend on its code, both lowered to what the policy allows.
    ///
    /// # Errors
    /// When the child could not be started or ended without an answer.
    pub fn check(
        &self,
        document: &CheckDocument,
        stage: &Limits,
    ) -> Result<CheckAnswer, LaunchError> {
        let inputs = Inputs::of_check(&self.store, document)?;
        let facts = inputs.facts(&document.config, document.seed, document.time, None)?;
        let order = StageOrder {
            limits: self.policy().lowered(&stage.of_check()),
            code: CodeKind::Usual,
        };
        let call = Call {
            operation: Operation::Check,
            world: document.world,
            components: vec![document.component],
            order: &order,
            facts,
            inputs,
            scoring: None,
        };
        let finished = self.call(call, &|_| {})?;
        match finished.ending {
            Ending::Ports(ports) => match ports::sound(ports) {
                Ok(ports) => Ok(CheckAnswer::Ports(ports)),
                Err(reason) => Err(LaunchError::new(reason, finished.telemetry, finished.log)),
            },
            Ending::Problems(mut problems) => {
                bounds::problems(&mut problems);
                Ok(CheckAnswer::Problems(problems))
            }
            other => Err(LaunchError::ended(other, finished.telemetry, finished.log)),
        }
    }

    /// Runs a stage and publishes its result under `key`.
    ///
    /// # Errors
    /// When the child could not be started, gave up or was ended, when what it wrote is not what it should be, when publishing
    /// fails, and when the key already has another result.
    pub fn run(
        &self,
        key: &Digest,
        job: &JobDocument,
        order: &StageOrder,
        tell: &(dyn Fn(Event) + Sync),
    ) -> Result<Launched, LaunchError> {
        let (collected, mut launched) = self.collect(job, order, tell)?;
        match collected.publication.commit_result(key, &launched.digest)? {
            Published::New | Published::Same => {}
        }
        let published = launched.start.elapsed().as_secs_f64();
        launched.telemetry.published_seconds = Some(published);
        Ok(launched)
    }

    /// Runs a stage past every cache: what `verify` compares. It publishes no result, and its outputs only if they are others than
    /// `recorded`, if that is given, to be compared with those.
    ///
    /// # Errors
    /// As [`Launcher::run`].
    pub fn repeat(
        &self,
        job: &JobDocument,
        order: &StageOrder,
        recorded: Option<&Digest>,
        tell: &(dyn Fn(Event) + Sync),
    ) -> Result<Launched, LaunchError> {
        let (collected, launched) = self.collect(job, order, tell)?;
        if recorded.is_some_and(|recorded| launched.digest != *recorded) {
            collected.publication.commit()?;
        }
        Ok(launched)
    }

    fn collect(
        &self,
        job: &JobDocument,
        order: &StageOrder,
        tell: &(dyn Fn(Event) + Sync),
    ) -> Result<(Collected, Launched), LaunchError> {
        let inputs = Inputs::of_run(&self.store, job)?;
        let facts = inputs.facts(&job.config, job.seed, job.time, job.partition.clone())?;
        let components = match (&job.component, inputs.model()) {
            (Some(component), None) => vec![*component],
            (None, Some(model)) => model.steps.iter().map(|step| step.scorer).collect(),
            _ => return Err(Reason::Host("a job names a component or a model".into()).into()),
        };
        let call = Call {
            operation: Operation::Run,
            world: job.world,
            components,
            order,
            facts,
            scoring: inputs.scoring(&job.config)?,
            inputs,
        };
        let mut finished = self.call(call, tell)?;
        if !matches!(finished.ending, Ending::Answer(_)) {
            return Err(LaunchError::ended(
                finished.ending,
                finished.telemetry,
                finished.log,
            ));
        }
        let result = std::mem::take(&mut finished.collected.result);
        let document = canonical_json::to_string(&result)?;
        let digest = finished.collected.publication.blob(document.as_bytes())?;
        let launched = Launched {
            result,
            digest,
            start: finished.start,
            telemetry: finished.telemetry,
            log: finished.log,
        };
        Ok((finished.collected, launched))
    }

    /// Waits until no other run works on a key.
    ///
    /// # Errors
    /// When the store fails, or the run was cancelled meanwhile.
    pub fn lock(&self, key: &Digest) -> Result<KeyLock, LaunchError> {
        loop {
            if let Some(lock) = self.store.try_lock_key(key)? {
                return Ok(lock);
            }
            if self.cancel.is_cancelled() {
                return Err(Reason::Cancelled.into());
            }
            std::thread::sleep(LOCK_POLL);
        }
    }

    /// Whether everything that this launcher does is to end.
    pub fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    /// Starts a child, talks with it to its end and collects what it wrote.
    fn call(
        &self,
        mut call: Call<'_>,
        tell: &(dyn Fn(Event) + Sync),
    ) -> Result<Finished, LaunchError> {
        self.door.starts(&call.order.limits)?;
        let limits = &call.order.limits;
        let whose = match call.operation {
            Operation::Check => Whose::Check,
            Operation::Run => Whose::Stage,
        };
        let mut codes = Vec::with_capacity(call.components.len());
        let mut compiling: Option<Duration> = None;
        for component in &call.components {
            let code = self.compiled(component, call.order.code, limits, &|| {
                tell(Event::Compiling)
            })?;
            if let Some(took) = code.took {
                *compiling.get_or_insert_default() += took;
            }
            codes.push(code.file);
        }
        // A plugin's code comes with the order; a model's steps are asked for one by one.
        let code = match call.scoring {
            None => codes.pop(),
            Some(_) => None,
        };
        call.inputs.bring_codes(codes);
        tracing::debug!(operation = ?call.operation, world = %call.world, "starting a child");
        let start = Instant::now();
        let (process, channel) = ChildProcess::spawn(&self.exe, &self.cancel)?;
        let order = Order {
            operation: call.operation,
            world: call.world,
            job: call.facts,
            limits: GuestLimits::new(limits, whose),
            code: call.order.code,
            scoring: call.scoring,
        };
        let (sender, receiver) = mpsc::sync_channel(outputs::QUEUE);
        let conversation = Conversation::new(
            channel,
            &self.door,
            &call.inputs,
            (limits, whose),
            start,
            sender,
            tell,
        );
        let mut peak_process_memory = None;
        let (heard, collected) = std::thread::scope(|scope| {
            // The second thread validates, hashes and writes while the child goes on.
            let process = &process;
            let collecting = scope.spawn(move || {
                let collected = Outputs::new(&self.store).collect(receiver);
                if collected.is_err() {
                    // It may not speak again for long, and nothing that it could say would be heard.
                    process.kill();
                }
                collected
            });
            let heard = conversation.hold(&order, code.as_ref(), || {
                peak_process_memory = process.peak_memory();
                // After its last word too: one that was taken over may not go by itself.
                process.kill();
            });
            (heard, collecting.join().expect("collecting does not panic"))
        });
        let ended = process.wait();
        let usage = heard.outcome.as_ref().ok().map(|(_, usage)| *usage);
        let telemetry = Telemetry {
            compile_seconds: compiling.map(|took| took.as_secs_f64()),
            startup_seconds: heard.startup.as_secs_f64(),
            wall_seconds: start.elapsed().as_secs_f64(),
            cpu_seconds: ended.cpu.as_secs_f64(),
            walls: heard.walls,
            published_seconds: None,
            peak_memory: usage.map_or(0, |usage| usage.peak_memory),
            peak_process_memory,
            bytes_in: Some(heard.bytes_in),
            bytes_out: Some(heard.bytes_out),
            crossings: usage.map(|usage| usage.crossings),
        };
        tracing::debug!(status = %ended.status, cost = ?telemetry, "the child ended");
        let fail = |reason| LaunchError::new(reason, telemetry, heard.log.clone());
        if self.cancel.is_cancelled() {
            return Err(fail(Reason::Cancelled));
        }
        // What is wrong with the outputs is the cause even when the child ended otherwise: it was stopped for it.
        let collected = collected.map_err(|e| fail(e.into()))?;
        match heard.outcome {
            Ok((ending, _)) => Ok(Finished {
                start,
                ending,
                collected,
                telemetry,
                log: heard.log,
            }),
            Err(Broke::Wire(_)) if ended.status.signal() == Some(libc::SIGXCPU) => {
                let exceeded = Exceeded::new(limits.bound(Limit::Cpu), whose);
                Err(fail(Reason::Limit(exceeded)))
            }
            Err(broke) => Err(fail(broke.into_reason(&ended))),
        }
    }
}
