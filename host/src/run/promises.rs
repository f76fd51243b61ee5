//! What a stage's check foretold, and its result held against that.

use super::outcome::InstanceError;
use crate::{
    digest::Digest,
    enforcement::{Point, stands},
    job::{OutputRecord, StageResult},
    package::Contents,
    plan::StepPorts,
    store::Store,
    table::schema::TableSchema,
    wire::{Port, PortKind},
};

/// What was foretold.
pub(super) struct Promises {
    /// The outputs.
    pub ports: Vec<Port>,
    /// The step that it will fit, of a train stage.
    pub step: Option<StepPorts>,
    /// The model that has to be in the artifact, of a package stage.
    pub packs: Option<Digest>,
}

impl Promises {
    /// Whether the outputs are those that the plugin's check foretold: the stages behind this one were checked against them.
    pub fn hold(&self, store: &Store, result: &StageResult) -> Result<(), InstanceError> {
        if !stands(Point::CheckKept) {
            return Ok(());
        }
        for port in &self.ports {
            let broken = |what: String| {
                Err(InstanceError::BrokenPromise(format!(
                    "the plugin's check promised the output `{}`, {what}; its author can mend that",
                    port.name
                )))
            };
            match (port.kind, result.outputs.get(&port.name)) {
                (PortKind::Table, Some(OutputRecord::Table { digest, .. })) => {
                    let Some(promised) = &port.schema else {
                        continue;
                    };
                    let table = store.table(digest)?;
                    let promised =
                        TableSchema::from_nodes(promised.fields.clone(), promised.metadata.clone());
                    if promised.is_ok_and(|promised| promised != *table.schema()) {
                        return broken("and its run returned it with another schema".into());
                    }
                }
                (PortKind::Blob, Some(OutputRecord::Blob { .. })) => {}
                (_, Some(other)) => {
                    return broken(format!("and its run returned it as a {}", other.kind()));
                }
                (_, None) => return broken("and its run did not return it".into()),
            }
        }
        if let Some(model) = self.packs {
            let artifact = result.artifact.ok_or_else(|| {
                InstanceError::BrokenPromise("a package stage has to make an artifact".into())
            })?;
            Contents::read(store, &artifact.manifest)?.hold(model)?;
        }
        self.hold_step(result)
    }

    /// Whether the fitted step is the one that the check foretold.
    fn hold_step(&self, result: &StageResult) -> Result<(), InstanceError> {
        let (Some(promised), Some(fitted)) = (&self.step, &result.fitted) else {
            return Ok(());
        };
        let sides = [
            ("takes", &promised.takes, &fitted.takes),
            ("gives", &promised.gives, &fitted.gives),
        ];
        match sides
            .into_iter()
            .find(|(_, promised, fitted)| promised.as_ref().is_some_and(|p| p != *fitted))
        {
            Some((side, ..)) => Err(InstanceError::BrokenPromise(format!(
                "the plugin's check promised a step that {side} other columns than the one it fitted; its author can mend that"
            ))),
            None => Ok(()),
        }
    }
}
