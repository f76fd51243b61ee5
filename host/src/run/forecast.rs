//! What a run would do: which stages it would start, and why. Nothing is started for it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Selection,
    binding::snapshot_name,
    change::{self, Before, Change, Now},
    history::History,
    instance::{self, Instance},
    outcome::StageOutcome,
    recording::stage_record,
    release::Outcomes,
};
use crate::{
    digest::Digest,
    job::{InputDigest, StageResult},
    plan::{Binding, Planned, PlannedStage},
    record::{ComponentRecord, RunRecord, StageRecord},
    store::{Store, StoreError},
};

/// What a run would do.
#[derive(Debug, Serialize)]
pub struct Forecast {
    /// The pipeline's name.
    pub pipeline: String,
    /// The run that it is compared with: the latest of the pipeline.
    pub since: Option<String>,
    /// The stages, in the plan's order.
    pub stages: Vec<StageForecast>,
    /// Stages of that run that the manifest has no more.
    pub removed: Vec<String>,
}

/// What would become of a stage.
#[derive(Debug, Serialize)]
pub struct StageForecast {
    /// Its name.
    pub name: String,
    /// The word before its name in the manifest.
    pub stage: &'static str,
    /// Its plugin; none for the built-in stage `score`.
    pub plugin: Option<String>,
    /// What would become of it.
    #[serde(flatten)]
    pub action: Action,
    /// Its key, if that is known already.
    pub key: Option<Digest>,
    /// What is different since it last had a result.
    pub changes: Vec<Change>,
    /// Its job document, as far as it is known.
    #[serde(skip)]
    pub job: Value,
    /// Its result, if the store has it.
    #[serde(skip)]
    pub result: Option<StageResult>,
    /// The same, as it would be recorded.
    #[serde(skip)]
    pub record: StageRecord,
}

/// What would become of a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "action", rename_all = "kebab-case")]
pub enum Action {
    /// Its result is in the store.
    Cached,
    /// It would start.
    Run,
    /// It would start unless what it waits for comes out as before.
    MayRun,
    /// A closed gate stands before it.
    Blocked {
        /// Whose gate.
        by: String,
    },
    /// It may not start, and has no result.
    LeftOut,
    /// It would fail before it starts.
    Fails {
        /// Why.
        why: String,
    },
}

impl Forecast {
    /// Of a plan.
    ///
    /// # Errors
    /// When the store fails.
    pub fn new(
        plan: &Planned,
        store: &Store,
        selection: &Selection,
    ) -> Result<Forecast, StoreError> {
        let mut forecaster = Forecaster {
            plan,
            store,
            selection,
            earlier: Earlier::of(store, &plan.manifest.name)?,
            known: BTreeMap::new(),
            actions: Vec::new(),
        };
        let mut stages = Vec::with_capacity(plan.stages.len());
        for (index, planned) in plan.stages.iter().enumerate() {
            stages.push(forecaster.stage(index, planned)?);
        }
        let earlier = forecaster.earlier;
        let is_here = |name: &str| plan.stages.iter().any(|s| s.locked.stage.name == name);
        let latest = earlier.runs.first();
        Ok(Forecast {
            pipeline: plan.manifest.name.clone(),
            since: latest.map(|run| run.id.clone()),
            removed: latest
                .into_iter()
                .flat_map(|run| &run.stages)
                .filter(|stage| !is_here(&stage.name))
                .map(|stage| stage.name.clone())
                .collect(),
            stages,
        })
    }

    /// Whether a run would start nothing and find the same stages.
    pub fn is_idle(&self) -> bool {
        let idle = |stage: &StageForecast| {
            matches!(
                stage.action,
                Action::Cached | Action::Blocked { .. } | Action::LeftOut
            )
        };
        self.removed.is_empty() && self.stages.iter().all(idle)
    }
}

struct Forecaster<'a> {
    plan: &'a Planned,
    store: &'a Store,
    selection: &'a Selection,
    earlier: Earlier,
    /// The outcomes of stages that are in the store.
    known: BTreeMap<usize, StageOutcome>,
    actions: Vec<Action>,
}

impl Forecaster<'_> {
    fn stage(&mut self, index: usize, planned: &PlannedStage) -> Result<StageForecast, StoreError> {
        let stage = &planned.locked.stage;
        let (action, instance) = self.action(index, planned);
        let mut changes = Vec::new();
        if self.selection.again(index) {
            changes.push(Change::Forced);
        }
        let now = self.now(planned, instance.as_ref());
        let before = self.earlier.stage(&stage.name);
        match before {
            None => changes.push(Change::New),
            Some((before, run)) => {
                let before = Before {
                    stage: before,
                    run,
                    job: change::job(self.store, before),
                };
                let different = change::changes(&before, &now, self.store);
                let is_same = different.is_empty() && action == Action::Run;
                changes.extend(different);
                if is_same && !self.selection.again(index) {
                    changes.push(change::no_result(&before));
                }
            }
        }
        if matches!(action, Action::Run | Action::MayRun) {
            changes.extend(self.waits(planned));
        }
        let outcome = self.known.get(&index).cloned();
        let mut outcome = outcome.unwrap_or_else(StageOutcome::left_out);
        if let Some(instance) = &instance {
            outcome.inputs = instance.inputs().clone();
        }
        let forecast = StageForecast {
            job: now.job,
            record: stage_record(planned, &outcome),
            result: outcome.result,
            name: stage.name.clone(),
            stage: stage.kind.label(),
            plugin: stage.plugin().map(str::to_owned),
            key: instance.map(|instance| *instance.key()),
            action: action.clone(),
            changes,
        };
        self.actions.push(action);
        Ok(forecast)
    }

    fn action(&mut self, index: usize, planned: &PlannedStage) -> (Action, Option<Instance>) {
        let may_start = self.selection.may_start(index);
        let mut open = false;
        for from in planned.bindings.values().flat_map(Binding::stages) {
            let name = || self.plan.stages[from].locked.stage.name.clone();
            match (&self.actions[from], self.known.get(&from)) {
                (_, Some(outcome)) if !outcome.lets_pass() => {
                    return (Action::Blocked { by: name() }, None);
                }
                (Action::Cached | Action::Run, Some(_)) => {}
                (Action::Blocked { by }, _) => {
                    return (Action::Blocked { by: by.clone() }, None);
                }
                (Action::LeftOut, _) if may_start => {
                    let why = format!("needs `{}`, which is left out and has no result", name());
                    return (Action::Fails { why }, None);
                }
                _ => open = true,
            }
        }
        // What stands behind a package is told in it.
        let behind = self.plan.behind(index);
        let outcomes: Outcomes<'_> = self
            .known
            .iter()
            .filter(|(known, _)| behind.contains(known))
            .map(|(known, outcome)| (*known, outcome))
            .collect();
        if open || outcomes.len() < behind.len() {
            let action = match may_start {
                true => Action::MayRun,
                false => Action::LeftOut,
            };
            return (action, None);
        }
        let instance = match Instance::new(self.plan, planned, &outcomes, self.store) {
            Ok(instance) => instance,
            Err(outcome) => return (fails(&outcome), None),
        };
        let found = instance.look_up(self.store);
        let action = match &found {
            Err(outcome) => fails(outcome),
            _ if self.selection.again(index) => Action::Run,
            Ok(Some(_)) => Action::Cached,
            Ok(None) if may_start => Action::Run,
            Ok(None) => Action::LeftOut,
        };
        // A stage that runs again gives what it gave, so that what is behind it is known.
        if let Ok(Some(outcome)) = found {
            self.known.insert(index, outcome);
        }
        (action, Some(instance))
    }

    /// The stages that it waits for, which run before it.
    fn waits(&self, planned: &PlannedStage) -> Option<Change> {
        let mut before: Vec<usize> = planned
            .bindings
            .values()
            .flat_map(Binding::stages)
            .filter(|from| matches!(self.actions[*from], Action::Run | Action::MayRun))
            .filter(|from| !self.known.contains_key(from))
            .collect();
        before.sort_unstable();
        before.dedup();
        let name = |from: usize| self.plan.stages[from].locked.stage.name.clone();
        let stages: Vec<String> = before.into_iter().map(name).collect();
        (!stages.is_empty()).then_some(Change::Waits { stages })
    }

    /// The stage as it is now; whole if its inputs are known.
    fn now(&self, planned: &PlannedStage, instance: Option<&Instance>) -> Now {
        let component = planned.locked.component();
        let names = match instance {
            Some(instance) => instance
                .inputs()
                .iter()
                .map(|(port, input)| (port.clone(), input.from.clone()))
                .collect(),
            None => open_names(self.plan, planned),
        };
        Now {
            job: match instance {
                Some(instance) => serde_json::from_str(instance.text()).unwrap_or_default(),
                None => open_job(planned),
            },
            component: component.map(|component| ComponentRecord {
                digest: component.digest,
                name: component.name.clone(),
                version: component.version.clone(),
            }),
            names,
            whole: instance.is_some(),
        }
    }
}

/// What is known of a job whose inputs are not: its component, its config and what is snapshotted.
fn open_job(planned: &PlannedStage) -> Value {
    let stage = &planned.locked.stage;
    let inputs = planned.bindings.iter().filter_map(|(port, binding)| {
        let Binding::Snapshot(snapshot) = binding else {
            return None;
        };
        Some((port, InputDigest::Blob(snapshot.digest)))
    });
    let inputs: BTreeMap<_, _> = inputs.collect();
    json!({
        "component": planned.locked.component().map(|component| component.digest),
        "config": instance::config(stage),
        "inputs": inputs,
    })
}

fn open_names(plan: &Planned, planned: &PlannedStage) -> BTreeMap<String, String> {
    let name = |(port, binding): (&String, &Binding)| {
        let name = match binding {
            Binding::Snapshot(_) => snapshot_name(planned, port),
            other => {
                let from = other.stages().first().copied();
                from.map(|from| plan.stages[from].locked.stage.name.clone())
                    .unwrap_or_default()
            }
        };
        (port.clone(), name)
    };
    planned.bindings.iter().map(name).collect()
}

fn fails(outcome: &StageOutcome) -> Action {
    Action::Fails {
        why: outcome
            .error
            .as_ref()
            .map_or_else(String::new, |error| error.to_string()),
    }
}

/// The runs of a pipeline, the newest first, as far back as a stage is looked for.
struct Earlier {
    runs: Vec<RunRecord>,
}

/// How many runs are looked at.
const SEARCH: usize = 20;

impl Earlier {
    fn of(store: &Store, pipeline: &str) -> Result<Earlier, StoreError> {
        let runs = History::new(store).latest_runs_of(pipeline, SEARCH)?;
        Ok(Earlier { runs })
    }

    /// The newest run in which the stage had a key, so that it could have had a result.
    fn stage(&self, name: &str) -> Option<(&StageRecord, &str)> {
        self.runs.iter().find_map(|run| {
            let stage = run.stage(name).filter(|stage| stage.key.is_some())?;
            Some((stage, run.id.as_str()))
        })
    }
}
