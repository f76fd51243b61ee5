//! World `train`: a table becomes a fitted step of a model.
use arrow_schema::SchemaRef;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::{Failure, Job, Output, Port, Problems, Score};

/// A plugin of world `train`: a table becomes a fitted step of a model.
///
/// The step is scored by the same crate, built for world `score`; see [`Score`].
pub trait Train: 'static {
    /// The stage's config. `deny_unknown_fields` makes misspelt keys a problem.
    type Config: DeserializeOwned + JsonSchema;
    /// What is fitted.
    type Step: Score;

    /// The step's schemas and the further outputs that this config would make of these inputs, as far as they are known.
    ///
    /// Later stages are checked against the answer, and the step that [`fit`](Train::fit) makes has to keep it; so say what is
    /// certain, exactly, and leave open what only the data tells.
    ///
    /// # Errors
    /// All that is wrong.
    fn check(job: &Job<Self::Config>) -> Result<StepPorts, Problems>;

    /// Fits the step. Equal jobs have to give equal states, bit for bit.
    ///
    /// # Errors
    /// Why it could not be done.
    fn fit(job: &Job<Self::Config>) -> Result<Fitted<Self::Step>, Failure>;
}

/// What is known of a step before it is fitted.
#[derive(Clone, Debug, Default)]
pub struct StepPorts {
    /// The columns it will take, in order; none when that is known only after fitting.
    pub takes: Option<SchemaRef>,
    /// The columns it will give, in order; none when that is known only after fitting.
    pub gives: Option<SchemaRef>,
    /// The further outputs, such as a table of feature importance. `takes` and `gives` cannot be their names.
    pub outputs: Vec<Port>,
}

impl StepPorts {
    /// Both schemas are known.
    pub fn known(takes: SchemaRef, gives: SchemaRef) -> StepPorts {
        StepPorts {
            takes: Some(takes),
            gives: Some(gives),
            outputs: Vec::new(),
        }
    }

    /// Neither schema is known before fitting.
    pub fn open() -> StepPorts {
        StepPorts::default()
    }

    /// Adds a further output.
    #[must_use]
    pub fn with(mut self, output: Port) -> StepPorts {
        self.outputs.push(output);
        self
    }

    /// As the contract has it: two ports that stand for the schemas, then the outputs.
    pub(crate) fn into_ports(self) -> Vec<Port> {
        let step = |name, schema: Option<SchemaRef>| match schema {
            Some(schema) => Port::table(name, schema),
            None => Port::open_table(name),
        };
        let mut ports = vec![step("takes", self.takes), step("gives", self.gives)];
        ports.extend(self.outputs);
        ports
    }
}

/// A fitted step, and what else came of fitting it.
#[derive(Debug)]
pub struct Fitted<S> {
    /// The step. Its state, and the schemas it takes and gives, become part of the model.
    pub step: S,
    /// Further outputs.
    pub outputs: Vec<Output>,
}

impl<S> Fitted<S> {
    /// A step alone.
    pub fn new(step: S) -> Fitted<S> {
        Fitted {
            step,
            outputs: Vec::new(),
        }
    }

    /// Adds a further output.
    #[must_use]
    pub fn with(mut self, output: Output) -> Fitted<S> {
        self.outputs.push(output);
        self
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use arrow_schema::Schema;

    use super::*;

    #[test]
    fn the_schemas_come_first_and_may_be_open() {
        let ports = StepPorts {
            takes: Some(Arc::new(Schema::empty())),
            ..StepPorts::open()
        };
        let ports = ports.with(Port::blob("picture")).into_ports();
        let seen: Vec<_> = ports
            .iter()
            .map(|port| (port.name.as_str(), port.schema.is_some()))
            .collect();
        assert_eq!(
            seen,
            [("takes", true), ("gives", false), ("picture", false)]
        );
    }
}
