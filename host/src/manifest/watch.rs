//! `[monitor.*]`: which model is watched, on which rows, and what they are compared with.

use toml::Spanned;

use super::authored::{Authored, StageBody};
use super::kind::StageKind;
use super::reference::{Reference, Written};
use super::resolve::Resolver;
use super::resolved::{Input, REFERENCE_PORT, SCORED, Scoring, Stage, Task, WINDOW_PORT, Watching};
use super::through::implied;
use crate::diagnostic::{Span, did_you_mean};
use crate::model::Keeps;

impl Resolver {
    /// The task of a monitor stage.
    pub(super) fn watching(
        &mut self,
        authored: &Authored,
        body: &StageBody,
        plugin: String,
    ) -> Task {
        let (steps, endpoint) = match &body.on {
            Some(on) => self.model_of(authored, on),
            None => (Vec::new(), None),
        };
        // A missing or malformed period is an error already, and the stage is thrown away.
        let every = body.every.as_ref().map(|every| *every.get_ref());
        let every = every.unwrap_or_else(|| "1d".parse().expect("a period"));
        let time = body.replay.as_ref().and_then(|replay| replay.time.as_ref());
        Task::Monitor(Watching {
            plugin,
            every,
            time: time.map(|time| time.get_ref().clone()),
            steps,
            endpoint,
        })
    }

    /// The steps of the model that a name stands for, and the deploy stage if it is one: a train, package or deploy stage.
    fn model_of(
        &mut self,
        authored: &Authored,
        on: &Spanned<String>,
    ) -> (Vec<String>, Option<String>) {
        let body = |name: &str, kind: StageKind| {
            let mut stages = authored.stages.iter();
            let found = stages.find(|stage| stage.kind == kind && stage.name.get_ref() == name);
            found.and_then(|stage| stage.body.as_ref())
        };
        let packed = |name: &str| {
            let model = body(name, StageKind::Package)?.model.as_ref()?;
            Some(model.get_ref().clone())
        };
        let name = on.get_ref();
        let kind = self.names.get(name).and_then(|named| named.stage);
        let (model, endpoint) = match kind {
            Some(StageKind::Train) => (Some(name.clone()), None),
            Some(StageKind::Package) => (packed(name), None),
            Some(StageKind::Deploy) => {
                let package = body(name, StageKind::Deploy).and_then(|body| body.package.as_ref());
                let model = package.and_then(|package| packed(package.get_ref()));
                (model, Some(name.clone()))
            }
            _ => {
                self.nothing_to_watch(on);
                (None, None)
            }
        };
        let steps = model.map(|model| self.trained.model(&model));
        (steps.unwrap_or_default(), endpoint)
    }

    fn nothing_to_watch(&mut self, on: &Spanned<String>) {
        let watched = |kind: Option<StageKind>| {
            matches!(
                kind,
                Some(StageKind::Deploy | StageKind::Package | StageKind::Train)
            )
        };
        let names = self.names.iter().filter(|(_, named)| watched(named.stage));
        let names: Vec<_> = names.map(|(name, _)| name.as_str()).collect();
        let help = did_you_mean(on.get_ref(), names.iter().copied())
            .unwrap_or_else(|| format!("the stages with a model are: {}", names.join(", ")));
        let message = format!(
            "`on`: there is no deploy, package or train stage {:?}",
            on.get_ref()
        );
        self.reader.error(on.span(), "unknown-stage", message).help = Some(help);
    }

    /// Feeds the ports of a monitor: the replayed table and the reference, each behind the model that is watched.
    pub(super) fn watched(&mut self, stage: &mut Stage, body: &StageBody) -> Vec<Stage> {
        let Task::Monitor(watching) = &stage.task else {
            return Vec::new();
        };
        let steps = watching.steps.clone();
        let replay = body
            .replay
            .as_ref()
            .and_then(|replay| replay.table.as_ref());
        let mut scored = Vec::new();
        for (port, key, written) in [
            (WINDOW_PORT, "replay", replay),
            (REFERENCE_PORT, "reference", body.reference.as_ref()),
        ] {
            if let Some(written) = written {
                scored.extend(self.behind_model(stage, &steps, (port, key), written));
            }
        }
        scored
    }

    fn behind_model(
        &mut self,
        stage: &mut Stage,
        steps: &[String],
        (port, key): (&str, &str),
        written: &Spanned<Written>,
    ) -> Option<Stage> {
        let span = written.span();
        let input = Input {
            reference: self.reference(written)?,
            span: span.clone(),
        };
        if steps.is_empty() {
            stage.inputs.insert(port.to_owned(), input);
            return None;
        }
        let scoring = Scoring {
            steps: steps.to_vec(),
            keeps: Keeps::All,
            sample: None,
        };
        let name = format!("{}.{key}", stage.name);
        let scored = implied(stage, name, input, scoring, &span);
        stage
            .inputs
            .insert(port.to_owned(), Input::scored(&scored, &span));
        Some(scored)
    }
}

impl Input {
    /// What a score stage gives, for the key that it stands for.
    pub(super) fn scored(stage: &Stage, span: &Span) -> Input {
        Input {
            reference: Reference::Output {
                stage: stage.name.clone(),
                output: Some(SCORED.to_owned()),
            },
            span: span.clone(),
        }
    }
}
