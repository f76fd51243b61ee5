//! A model at work in a sandbox of its own: the instances of its steps, their memory bounded and every call under a deadline. One wall
//! stands here, two around batch stages: requests cannot wait for a process to start.

use std::time::Duration;

use arrow_array::RecordBatch;
use wasmtime::{Engine, Store, Trap, component::Component};

use crate::{
    enforcement::{Point, stands},
    engine::{Allowance, Limiter, MemoryExceeded},
    manifest::{Limit, Limits},
    model::{Flow, FlowError, Keeps, Link},
    table::schema::TableSchema,
    world::score::{ScoreError, Scorer},
};

/// How often the clock of all sandboxes ticks: deadlines are kept to this.
pub const TICK: Duration = Duration::from_millis(5);

/// A step of a model, compiled.
#[derive(Clone)]
pub struct StepCode {
    /// Its scorer.
    pub component: Component,
    /// What that loads.
    pub state: Vec<u8>,
    /// The columns it wants.
    pub takes: TableSchema,
    /// The columns it answers.
    pub gives: TableSchema,
}

/// What a sandbox is made of, as often as one is needed.
pub struct Blueprint {
    /// Has epochs: [`TICK`] moves them on.
    pub engine: Engine,
    /// The steps, first to last; never empty.
    pub steps: Vec<StepCode>,
    /// The columns of a request.
    pub takes: TableSchema,
    /// What all steps together may use, and as wall time what a call may take.
    pub limits: Limits,
}

/// Why rows have no answer.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The rows do not fit, or a step refuses them: the sender can mend that.
    #[error("{0}")]
    Rows(String),
    /// A step of the model was ended, or answered what it must not: its author can mend that.
    #[error("{0}")]
    Step(String),
    /// A call took too long.
    #[error("the model took more than {} ms", .0.as_millis())]
    Deadline(Duration),
}

impl From<FlowError> for SandboxError {
    fn from(error: FlowError) -> Self {
        SandboxError::Rows(error.to_string())
    }
}

/// Instances of a model's steps, with their states loaded.
pub struct Sandbox {
    store: Store<Limiter>,
    scorers: Vec<Scorer>,
    flow: Flow,
    deadline: Duration,
}

impl Sandbox {
    /// Instantiates the steps and loads their states.
    ///
    /// # Errors
    /// When a step traps or refuses its state, or the steps do not fit each other.
    pub fn new(blueprint: &Blueprint) -> Result<Sandbox, SandboxError> {
        let links: Vec<Link<'_>> = blueprint.steps.iter().map(StepCode::link).collect();
        let flow = Flow::new(&blueprint.takes, &links, Keeps::All)?;
        let allowance = Allowance {
            memory: blueprint.limits.get(Limit::Memory),
            tables: blueprint.limits.get(Limit::Tables),
            instances: blueprint.limits.get(Limit::Instances) as usize * blueprint.steps.len(),
        };
        let mut store = Store::new(&blueprint.engine, Limiter::new(allowance));
        store.limiter(|limiter| limiter);
        let mut sandbox = Sandbox {
            store,
            scorers: Vec::with_capacity(blueprint.steps.len()),
            flow,
            deadline: blueprint.limits.time(Limit::Wall),
        };
        for (number, step) in blueprint.steps.iter().enumerate() {
            // Loading a large state takes longer than a call may.
            sandbox.wind(LOAD_DEADLINE);
            let failed = |error| failure(number, error, LOAD_DEADLINE);
            let scorer = Scorer::new(&mut sandbox.store, &step.component, step.gives.clone())
                .map_err(|error| failed(error.into()))?;
            let mut rest = step.state.as_slice();
            loop {
                let (part, later) = rest.split_at(rest.len().min(STATE_PART));
                scorer
                    .load(&mut sandbox.store, part, later.len() as u64)
                    .map_err(failed)?;
                rest = later;
                if rest.is_empty() {
                    break;
                }
            }
            sandbox.scorers.push(scorer);
        }
        Ok(sandbox)
    }

    /// The answer to rows of the columns that the model takes: the columns of the last step, a row for a row.
    ///
    /// # Errors
    /// After [`SandboxError::Step`] and [`SandboxError::Deadline`] nothing is known of the sandbox: it has to be made anew.
    pub fn score(&mut self, rows: &RecordBatch) -> Result<RecordBatch, SandboxError> {
        self.wind(self.deadline);
        let (store, scorers, deadline) = (&mut self.store, &self.scorers, self.deadline);
        self.flow.answer(rows, |number, taken| {
            scorers[number]
                .score(&mut *store, taken)
                .map_err(|error| failure(number, error, deadline))
        })
    }

    /// Sets the deadline of the next call.
    fn wind(&mut self, deadline: Duration) {
        let ticks = deadline.as_millis().div_ceil(TICK.as_millis()) as u64;
        // The tick that is under way is not a whole one.
        self.store
            .set_epoch_deadline(match stands(Point::ServeDeadline) {
                true => ticks + 1,
                false => u64::MAX / 2,
            });
    }
}

/// How much of a state a scorer gets at a time.
const STATE_PART: usize = 4 << 20;
/// What loading a step may take.
const LOAD_DEADLINE: Duration = Duration::from_secs(30);

impl StepCode {
    fn link(&self) -> Link<'_> {
        Link {
            takes: &self.takes,
            gives: &self.gives,
        }
    }
}

fn failure(number: usize, error: ScoreError, deadline: Duration) -> SandboxError {
    let step = number + 1;
    match error {
        ScoreError::Rows(text) => SandboxError::Rows(text),
        ScoreError::State(_) | ScoreError::Answer(_) => {
            SandboxError::Step(format!("step {step} of the model: {error}"))
        }
        ScoreError::Ended(error) if error.downcast_ref() == Some(&Trap::Interrupt) => {
            SandboxError::Deadline(deadline)
        }
        ScoreError::Ended(error) => {
            let why = match (
                error.downcast_ref::<MemoryExceeded>(),
                error.downcast_ref::<Trap>(),
            ) {
                (Some(exceeded), _) => exceeded.to_string(),
                (None, Some(trap)) => trap.to_string(),
                (None, None) => format!("{error:#}"),
            };
            SandboxError::Step(format!("step {step} of the model was ended: {why}"))
        }
    }
}
