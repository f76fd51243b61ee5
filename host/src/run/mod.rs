//! Running a planned pipeline: what is in the store is taken from there, the rest runs in sealed children, independent stages in
//! parallel.

mod alone;
mod binding;
mod budget;
mod change;
pub mod compare;
mod difference;
mod figures;
mod forecast;
pub mod gate;
mod history;
mod instance;
mod model;
mod nondeterminism;
mod outcome;
mod predict;
mod promises;
mod recording;
mod release;
mod retention;
pub mod selection;
mod shared;
mod stored;
pub mod verify;
mod windows;

pub use alone::{Alone, alone};
pub use budget::Budget;
pub use change::{Change, changes_between};
pub(crate) use difference::first_cell;
pub use difference::{Difference, differences};
pub use forecast::{Action, Forecast, StageForecast};
pub use history::{History, HistoryError};
pub use nondeterminism::Nondeterminism;
pub use outcome::{InstanceError, StageOutcome};
pub use predict::{Prediction, predict};
pub use recording::RunReport;
pub use retention::{Retention, pin_name};
pub use selection::{Asked, Selection, UnknownStage};
pub use windows::{MonitorDocument, Walk, Walked};

use std::{
    collections::HashMap,
    sync::{Arc, mpsc},
};

use self::{budget::Running, instance::Instance, recording::Recording, release::Outcomes};
use crate::{
    launcher::{Cancel, Event, Launcher},
    manifest::StageKind,
    plan::{Binding, Planned},
    record::Status,
    store::{Store, StoreError},
};

/// What a result document is called when it turns out to be none.
pub(crate) const RESULT: &str = "the result of a stage";

/// What is told of a run while it goes on; `stage` is an index into [`Planned::stages`].
pub trait Observer: Sync {
    /// A stage is not in the store and is given to a child.
    fn started(&self, stage: usize);
    /// Something happened in a stage.
    fn event(&self, stage: usize, event: Event);
    /// A stage came to its end.
    fn finished(&self, stage: usize, outcome: &StageOutcome);
}

/// What a run needs beside the plan.
pub struct Run<'a> {
    /// The plan.
    pub plan: &'a Planned,
    /// The store.
    pub store: &'a Store,
    /// Starts the children.
    pub launcher: &'a Launcher,
    /// Ends the run.
    pub cancel: &'a Cancel,
    /// How many stages run at a time, and with how much memory.
    pub budget: Budget,
    /// Which stages it may start, and which again.
    pub selection: Selection,
    /// Whether a stage's failure leaves stages that do not depend on it alone; else nothing is started after it.
    pub keep_going: bool,
    /// The run whose data was taken in the place of what the sources are now.
    pub pinned: Option<String>,
    /// Who is told.
    pub observer: &'a dyn Observer,
}

impl Run<'_> {
    /// Runs the pipeline to its end and records it.
    ///
    /// # Errors
    /// When the record cannot be written. A stage that fails is no error here: the report has it.
    pub fn run(&self) -> Result<RunReport, StoreError> {
        let recording = Recording::begin(
            self.plan,
            self.store,
            self.pinned.clone(),
            self.launcher.policy().record(),
        );
        let outcomes = self.stages(&recording);
        recording.finish(outcomes)
    }

    fn stages(&self, recording: &Recording<'_>) -> Vec<StageOutcome> {
        let count = self.plan.stages.len();
        let mut state = State {
            outcomes: (0..count).map(|_| None).collect(),
            waiting: (0..count).collect(),
            running: HashMap::new(),
        };
        std::thread::scope(|scope| {
            let (sender, receiver) = mpsc::channel();
            loop {
                self.start_what_can(&mut state, recording, |index, instance| {
                    let sender = sender.clone();
                    scope.spawn(move || {
                        let tell = |event| self.observer.event(index, event);
                        // The receiver outlives every thread of the scope.
                        let _ =
                            sender.send((index, instance.launch(self.store, self.launcher, &tell)));
                    });
                });
                if state.running.is_empty() {
                    break;
                }
                let (index, outcome) = receiver.recv().expect("a running stage holds a sender");
                state.running.remove(&index);
                self.finish(&mut state, index, outcome, recording);
            }
        });
        state
            .outcomes
            .into_iter()
            .map(|outcome| outcome.map_or_else(StageOutcome::cancelled, Arc::unwrap_or_clone))
            .collect()
    }

    /// Settles every stage that needs no child, and starts those that the budget has room for.
    fn start_what_can(
        &self,
        state: &mut State,
        recording: &Recording<'_>,
        mut spawn: impl FnMut(usize, Instance),
    ) {
        let mut index = 0;
        while index < state.waiting.len() {
            let stage = state.waiting[index];
            match self.next_step(state, stage) {
                Step::Wait => index += 1,
                Step::Settled(outcome) => {
                    state.waiting.remove(index);
                    self.finish(state, stage, *outcome, recording);
                    // It may have been what an earlier one in the list waited for.
                    index = 0;
                }
                Step::Start(instance) => {
                    state.waiting.remove(index);
                    state.running.insert(stage, instance.memory());
                    self.observer.started(stage);
                    spawn(stage, *instance);
                }
            }
        }
    }

    fn finish(
        &self,
        state: &mut State,
        stage: usize,
        outcome: StageOutcome,
        recording: &Recording<'_>,
    ) {
        let outcome = recording.release(&self.plan.stages[stage], outcome);
        let name = &self.plan.stages[stage].locked.stage.name;
        tracing::info!(stage = %name, status = ?outcome.status, key = ?outcome.key.map(|key| key.to_string()), "settled");
        self.observer.finished(stage, &outcome);
        state.outcomes[stage] = Some(Arc::new(outcome));
    }

    fn next_step(&self, state: &State, stage: usize) -> Step {
        if self.cancel.is_cancelled() {
            return Step::Settled(Box::new(StageOutcome::cancelled()));
        }
        let planned = &self.plan.stages[stage];
        let may_start = self.selection.may_start(stage);
        let mut outcomes = Outcomes::new();
        for from in planned.bindings.values().flat_map(Binding::stages) {
            match &state.outcomes[from] {
                None => return Step::Wait,
                Some(outcome) if outcome.status == Status::Skipped && !may_start => {
                    return Step::Settled(Box::new(StageOutcome::left_out()));
                }
                Some(outcome) if !outcome.lets_pass() => {
                    let name = &self.plan.stages[from].locked.stage.name;
                    return Step::Settled(Box::new(StageOutcome::blocked(name, outcome)));
                }
                Some(outcome) => {
                    outcomes.insert(from, outcome);
                }
            }
        }
        // What stands behind a package is told in it; all of it has run, since what was just looked at has.
        if matches!(
            planned.locked.stage.kind,
            StageKind::Package | StageKind::Deploy
        ) {
            let behind = self.plan.behind(stage).into_iter();
            let known = behind.filter_map(|index| Some((index, state.outcomes[index].as_deref()?)));
            outcomes.extend(known);
        }
        let again = self.selection.again(stage);
        let instance = match Instance::new(self.plan, planned, &outcomes, self.store) {
            Ok(instance) => instance.again(again),
            Err(outcome) => return Step::Settled(outcome),
        };
        let known = match again {
            true => Ok(None),
            false => instance.look_up(self.store),
        };
        match known {
            Err(outcome) => Step::Settled(outcome),
            Ok(Some(outcome)) => Step::Settled(Box::new(outcome)),
            Ok(None) if !may_start => Step::Settled(Box::new(StageOutcome::left_out())),
            Ok(None) if let Some(failed) = self.stopped_by(state) => {
                Step::Settled(Box::new(StageOutcome::not_started(failed)))
            }
            Ok(None) if self.budget.has_room(&state.running, instance.memory()) => {
                Step::Start(Box::new(instance))
            }
            Ok(None) => Step::Wait,
        }
    }

    /// The stage whose failure ends the run, if there is one.
    fn stopped_by(&self, state: &State) -> Option<&str> {
        if self.keep_going {
            return None;
        }
        let failed = state.outcomes.iter().position(|outcome| {
            outcome
                .as_ref()
                .is_some_and(|outcome| outcome.status == Status::Failed)
        })?;
        Some(&self.plan.stages[failed].locked.stage.name)
    }
}

/// Where a run stands.
struct State {
    outcomes: Vec<Option<Arc<StageOutcome>>>,
    /// In topological order.
    waiting: Vec<usize>,
    running: Running,
}

/// What can be done with a stage.
enum Step {
    Wait,
    Settled(Box<StageOutcome>),
    Start(Box<Instance>),
}

impl StageOutcome {
    /// Whether the stages behind it may go on.
    pub fn lets_pass(&self) -> bool {
        matches!(self.status, Status::Ran | Status::Cached)
            && self.gate.as_ref().is_none_or(|gate| gate.open)
    }
}
