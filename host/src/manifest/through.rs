//! `through` and `model`: which steps make a model, and the score stages that `through` stands for.

use std::collections::BTreeMap;

use toml::Spanned;

use super::authored::{Authored, StageBody};
use super::config::Config;
use super::fields::Reader;
use super::kind::StageKind;
use super::reference::Reference;
use super::resolved::{Input, Places, SCORED, Scoring, Stage, Task};
use crate::diagnostic::{Span, did_you_mean};
use crate::model::Keeps;

/// The train stages, each with those that it names under `through`.
pub(super) struct TrainStages(BTreeMap<String, Vec<String>>);

impl TrainStages {
    pub fn of(authored: &Authored) -> Self {
        let trained = authored
            .stages
            .iter()
            .filter(|stage| stage.kind == StageKind::Train)
            .map(|stage| {
                let through = stage.body.iter().flat_map(|body| &body.through);
                let names = through.map(|name| name.get_ref().clone()).collect();
                (stage.name.get_ref().clone(), names)
            });
        TrainStages(trained.collect())
    }

    /// The steps of a stage's model: those it was trained through, in order and each once, and its own at the end. In a circle,
    /// which the order of the stages brings to light, each stage is there once.
    pub fn model(&self, stage: &str) -> Vec<String> {
        let mut steps = Vec::new();
        self.collect(stage, &mut Vec::new(), &mut steps);
        steps
    }

    fn collect(&self, stage: &str, path: &mut Vec<String>, steps: &mut Vec<String>) {
        let known = |names: &[String]| names.iter().any(|name| name == stage);
        if known(path) || known(steps) {
            return;
        }
        path.push(stage.to_owned());
        for before in self.0.get(stage).into_iter().flatten() {
            self.collect(before, path, steps);
        }
        path.pop();
        steps.push(stage.to_owned());
    }

    /// Whether there is such a train stage; notes it if not.
    pub fn check(&self, reader: &mut Reader, key: &str, name: &Spanned<String>) -> bool {
        if self.0.contains_key(name.get_ref()) {
            return true;
        }
        let message = format!("`{key}`: there is no train stage {:?}", name.get_ref());
        let names = self.0.keys().map(String::as_str);
        let help = did_you_mean(name.get_ref(), names.clone()).unwrap_or_else(|| {
            match names.collect::<Vec<_>>().join(", ") {
                none if none.is_empty() => "the manifest has no [train.NAME]".to_owned(),
                all => format!("the train stages are: {all}"),
            }
        });
        reader.error(name.span(), "unknown-model", message).help = Some(help);
        false
    }

    /// The task of a score stage. A score stage has one input, the table that its model passes over.
    pub fn scoring(&self, reader: &mut Reader, body: &StageBody) -> Task {
        let others = body.inputs.iter().map(|(port, _)| port);
        for port in others.filter(|port| port.get_ref() != SCORED) {
            let message = format!(
                "a score stage has one input, `{SCORED}`, and no {:?}",
                port.get_ref()
            );
            let help = format!("write inputs = {{ {SCORED} = \"…\" }}");
            reader.error(port.span(), "unknown-port", message).help = Some(help);
        }
        let steps = match &body.model {
            Some(name) if self.check(reader, "model", name) => self.model(name.get_ref()),
            _ => Vec::new(),
        };
        Task::Score(Scoring {
            steps,
            keeps: Keeps::All,
            sample: None,
        })
    }

    /// Lets a train stage read what its tables become behind the steps it is trained through: the score stages that make that.
    pub fn expand(&self, reader: &mut Reader, stage: &mut Stage, body: &StageBody) -> Vec<Stage> {
        let Some(span) = &body.through_span else {
            return Vec::new();
        };
        let mut known = true;
        for name in &body.through {
            known &= self.check(reader, "through", name);
            if *name.get_ref() == stage.name {
                let message = format!("`{}` cannot be trained through itself", stage.name);
                reader.error(name.span(), "cycle", message);
                known = false;
            }
        }
        if !known || body.through.is_empty() {
            return Vec::new();
        }
        let mut steps = self.model(&stage.name);
        steps.retain(|step| *step != stage.name);
        let mut scoring = Vec::new();
        let main = |port: &str| port == SCORED;
        for (port, input) in &mut stage.inputs {
            if let Reference::Source(_) = input.reference {
                continue;
            }
            let name = match main(port) {
                true => format!("{}.through", stage.name),
                false => format!("{}.through.{port}", stage.name),
            };
            let behind = Reference::Output {
                stage: name.clone(),
                output: Some(SCORED.to_owned()),
            };
            let table = Input {
                reference: std::mem::replace(&mut input.reference, behind),
                span: input.span.clone(),
            };
            scoring.push((name, table));
        }
        if scoring.is_empty() {
            let message = "`through` has nothing to work on: no input of the stage is a table of another stage";
            reader.error(span.clone(), "nothing-through", message).help =
                Some(format!("write inputs = {{ {SCORED} = \"…\" }}"));
        }
        stage.through.clone_from(&steps);
        scoring
            .into_iter()
            .map(|(name, table)| {
                let scoring = Scoring {
                    steps: steps.clone(),
                    keeps: Keeps::Rest,
                    sample: None,
                };
                implied(stage, name, table, scoring, span)
            })
            .collect()
    }
}

/// A score stage that a key of another stage stands for, such as `through`: under the limits of that stage, and its problems at the
/// key.
pub(super) fn implied(
    stage: &Stage,
    name: String,
    table: Input,
    scoring: Scoring,
    span: &Span,
) -> Stage {
    Stage {
        name,
        kind: StageKind::Score,
        description: None,
        task: Task::Score(scoring),
        through: Vec::new(),
        inputs: BTreeMap::from([(SCORED.to_owned(), table)]),
        files: BTreeMap::new(),
        config: serde_json::json!({}),
        seed: 0,
        gate: None,
        limits: stage.limits,
        nan: stage.nan,
        repeatable: true,
        retry: stage.retry,
        places: Places {
            text: stage.places.text.clone(),
            header: span.clone(),
            plugin: span.clone(),
            gate: Vec::new(),
            model: Some(span.clone()),
            config: Config::default(),
            limits: stage.places.limits.clone(),
        },
    }
}
