//! What package, deploy and monitor stages are handed beside the outputs of stages: parts of a model, an endpoint's arms, windows.

use std::collections::{BTreeMap, HashMap};

use super::{
    locked::LockedStage,
    planned::{Binding, Bindings, Planner},
};
use crate::{
    endpoint,
    job::CheckInput,
    manifest::{Packing, Spot, Task, WINDOW_PORT, Watching},
    table::{schema::TableSchema, windows::is_time},
};

/// The ports of a package stage that stand for one thing each.
const PACKAGE_PORTS: [&str; 3] = ["model", "document", "lineage"];

impl Planner<'_> {
    /// Adds what the stage's task brings to its inputs; false if that is not possible.
    pub(super) fn bring(
        &mut self,
        stage: &LockedStage,
        places: &HashMap<&str, usize>,
        bindings: &mut Bindings,
        inputs: &mut BTreeMap<String, CheckInput>,
    ) -> bool {
        type Brought = (Vec<(String, CheckInput)>, Option<(&'static str, Binding)>);
        let (brought, binding): Brought = match &stage.stage.task {
            Task::Plugin(_) | Task::Score(_) => return true,
            Task::Package(packing) => {
                let ports = package_ports(packing).into_iter();
                let ports = ports.map(|port| (port, CheckInput::Later));
                let binding = self.packed(packing, places);
                (ports.collect(), binding.map(|binding| ("model", binding)))
            }
            Task::Deploy(deploying) => {
                let tables = endpoint::tables().into_iter();
                let tables = tables.map(|(name, schema)| {
                    (name.to_owned(), CheckInput::Table(Some((&schema).into())))
                });
                let package = self.sound(&deploying.package, places);
                let binding = package.map(Binding::Artifact);
                (tables.collect(), binding.map(|binding| ("arms", binding)))
            }
            Task::Monitor(watching) => return self.watch(stage, watching, inputs),
        };
        let mut free = true;
        for (port, input) in brought {
            if inputs.insert(port.clone(), input).is_some() {
                let message = format!(
                    "the port {port:?} is fed by lockflight in a {} stage",
                    stage.stage.kind
                );
                let problem = stage
                    .stage
                    .problem(Spot::Port(&port), "duplicate-port", message);
                self.problems
                    .push(problem.help("give the file another name"));
                free = false;
            }
        }
        // One binding stands for all of these ports; what they hold is known once its stages have run.
        let Some((port, binding)) = binding else {
            return false;
        };
        bindings.insert(port.to_owned(), binding);
        free
    }

    /// The index of a stage that was checked and found sound.
    fn sound(&self, name: &str, places: &HashMap<&str, usize>) -> Option<usize> {
        let checked = self.ports.contains_key(name);
        places.get(name).copied().filter(|_| checked)
    }

    fn packed(&self, packing: &Packing, places: &HashMap<&str, usize>) -> Option<Binding> {
        let all = |names: &[String]| -> Option<Vec<usize>> {
            names.iter().map(|name| self.sound(name, places)).collect()
        };
        Some(Binding::Package {
            steps: all(&packing.steps)?,
            reports: all(&packing.reports)?,
        })
    }

    /// Holds the window's table against the column that cuts it. Without a replay its columns are those of the log of predictions,
    /// which no run reads.
    fn watch(
        &mut self,
        stage: &LockedStage,
        watching: &Watching,
        inputs: &mut BTreeMap<String, CheckInput>,
    ) -> bool {
        let window = inputs.get(WINDOW_PORT);
        let (Some(time), Some(CheckInput::Table(Some(nodes)))) = (&watching.time, window) else {
            inputs
                .entry(WINDOW_PORT.to_owned())
                .or_insert(CheckInput::Table(None));
            return true;
        };
        let Ok(schema) = TableSchema::try_from(nodes.clone()) else {
            return true;
        };
        let refused = |message: String, help: String| {
            let problem = stage
                .stage
                .problem(Spot::Port(WINDOW_PORT), "no-time", message);
            problem.help(help)
        };
        let problem = match schema.index_of(time).map(|index| &schema.fields()[index]) {
            None => refused(
                format!("the replayed table has no column {time:?}"),
                "`time` in `replay` names the column with the time of a row".to_owned(),
            ),
            Some(field) if is_time(field.data_type()) => return true,
            Some(field) => refused(
                format!(
                    "the column {time:?} is {}, which is no time",
                    crate::table::show::type_name(field.data_type())
                ),
                "windows are cut by a date or a timestamp".to_owned(),
            ),
        };
        self.problems.push(problem);
        false
    }
}

fn package_ports(packing: &Packing) -> Vec<String> {
    let steps = 1..=packing.steps.len();
    let steps = steps.flat_map(|n| [format!("step-{n}.scorer"), format!("step-{n}.state")]);
    let reports = packing.reports.iter().map(|name| format!("report.{name}"));
    let fixed = PACKAGE_PORTS.map(str::to_owned).into_iter();
    fixed.chain(steps).chain(reports).collect()
}
