//! What a score stage will make, as far as the checks of the stages that train its model tell.

use std::collections::HashMap;

use super::{
    locked::LockedStage,
    planned::{Binding, Bindings, Planner},
};
use crate::{
    diagnostic::Problem,
    manifest::{Reference, SCORED, Scoring, Spot},
    model::{Flow, Link},
    table::schema::{SchemaError, TableSchema},
    wire::{Port, PortKind, SchemaNodes},
};

/// The schemas of the step that a train stage will fit, as far as they are known before the run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StepPorts {
    /// The columns that it will want.
    pub takes: Option<TableSchema>,
    /// The columns that it will answer.
    pub gives: Option<TableSchema>,
}

impl StepPorts {
    /// Takes the ports `takes` and `gives` out of what a train stage foretells.
    ///
    /// # Errors
    /// With the port whose columns are none of a table.
    pub fn taken_from(ports: &mut Vec<Port>) -> Result<StepPorts, (&'static str, SchemaError)> {
        let mut taken = |name: &'static str| {
            let place = ports.iter().position(|port| port.name == name);
            place.and_then(|place| ports.remove(place).schema)
        };
        let (takes, gives) = (taken("takes"), taken("gives"));
        let schema = |name, nodes: Option<SchemaNodes>| {
            let schema = nodes.map(TableSchema::try_from).transpose();
            schema.map_err(|error| (name, error))
        };
        Ok(StepPorts {
            takes: schema("takes", takes)?,
            gives: schema("gives", gives)?,
        })
    }
}

/// The port under which a score stage is handed its model.
pub const MODEL_PORT: &str = "model";

impl Planner<'_> {
    /// Binds a score stage to its table and the stages of its model, and tells what it will make; none if that is not possible.
    pub(super) fn score(
        &mut self,
        stage: &LockedStage,
        scoring: &Scoring,
        places: &HashMap<&str, usize>,
    ) -> Option<(Bindings, Vec<Port>)> {
        let (binding, table) = self.scored_table(stage, places)?;
        let steps = scoring
            .steps
            .iter()
            .map(|name| self.steps.get(name).cloned())
            .collect::<Option<Vec<_>>>()?;
        let schema = self.scored_schema(stage, scoring, table.as_ref(), &steps)?;
        let model = scoring.steps.iter().map(|name| places[name.as_str()]);
        let bindings = [
            (SCORED.to_owned(), binding),
            (MODEL_PORT.to_owned(), Binding::Model(model.collect())),
        ];
        let port = Port {
            name: SCORED.to_owned(),
            kind: PortKind::Table,
            schema: schema.as_ref().map(Into::into),
        };
        Some((bindings.into(), vec![port]))
    }

    /// What flows into a score stage and, if it is known, under which schema.
    fn scored_table(
        &mut self,
        stage: &LockedStage,
        places: &HashMap<&str, usize>,
    ) -> Option<(Binding, Option<TableSchema>)> {
        let refused = |message: String| {
            stage
                .stage
                .problem(Spot::Port(SCORED), "no-table", message)
                .help("a model passes over the table of an earlier stage")
        };
        let Some(input) = stage.stage.inputs.get(SCORED) else {
            self.problems
                .push(refused(format!("a score stage needs the input `{SCORED}`")));
            return None;
        };
        let (from, output) = match &input.reference {
            Reference::Output { stage, output } => (stage, output.as_deref()),
            Reference::Source(name) => {
                self.problems.push(refused(format!(
                    "{name:?} is a source, which is no table yet"
                )));
                return None;
            }
        };
        let port = self.bind(&stage.stage, SCORED, from, output)?;
        if port.kind == PortKind::Blob {
            let name = &port.name;
            self.problems
                .push(refused(format!("`{from}.{name}` is no table, but a blob")));
            return None;
        }
        let binding = Binding::Output {
            stage: places[from.as_str()],
            output: port.name,
        };
        let schema = port
            .schema
            .and_then(|nodes| TableSchema::try_from(nodes).ok());
        Some((binding, schema))
    }

    /// The schema of the scored table; none within if it is not known before the run, none at all if the model does not fit.
    #[expect(clippy::option_option, reason = "unknown and impossible differ")]
    fn scored_schema(
        &mut self,
        stage: &LockedStage,
        scoring: &Scoring,
        table: Option<&TableSchema>,
        steps: &[StepPorts],
    ) -> Option<Option<TableSchema>> {
        let links: Option<Vec<Link<'_>>> = steps
            .iter()
            .map(|step| {
                Some(Link {
                    takes: step.takes.as_ref()?,
                    gives: step.gives.as_ref()?,
                })
            })
            .collect();
        let (Some(table), Some(links)) = (table, links) else {
            let why = match scoring
                .steps
                .iter()
                .zip(steps)
                .find(|(_, step)| step.takes.is_none() || step.gives.is_none())
            {
                Some((name, _)) => {
                    format!("`{name}` knows what its step takes and gives only after fitting")
                }
                None => "the columns of its table are not known before".to_owned(),
            };
            self.open.push(format!("`{}`: {why}", stage.stage.name));
            return Some(None);
        };
        match Flow::new(table, &links, scoring.keeps) {
            Ok(flow) => Some(Some(flow.output().clone())),
            Err(error) => {
                let message = format!("{}: {}", stage.stage.name, error.message);
                let problem = stage.stage.problem(Spot::Model, "model-misfit", message);
                self.problems.push(problem.maybe_help(error.help));
                None
            }
        }
    }

    /// Takes the ports `takes` and `gives` out of what a train stage foretells.
    pub(super) fn take_step(&mut self, stage: &LockedStage, ports: &mut Vec<Port>) {
        let found = StepPorts::taken_from(ports).unwrap_or_else(|(name, error)| {
            self.problems
                .push(foretold(stage, name, &error.to_string()));
            StepPorts::default()
        });
        self.steps.insert(stage.stage.name.clone(), found);
    }
}

fn foretold(stage: &LockedStage, port: &str, error: &str) -> Problem {
    let text = format!(
        "{}: the plugin foretells `{port}` with columns that lockflight does not take: {error}",
        stage.stage.name
    );
    stage.stage.problem(Spot::Plugin, "plugin-failed", text)
}
