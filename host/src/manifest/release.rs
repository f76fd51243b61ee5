//! `[package.*]` and `[deploy.*]`: what is packed with a model, and which package an endpoint serves.

use toml::Spanned;

use super::authored::{Authored, StageBody};
use super::kind::StageKind;
use super::resolve::Resolver;
use super::resolved::{Deploying, Input, Packing, SAMPLE_PORT, SCORED, Scoring, Stage, Task};
use super::through::implied;
use crate::diagnostic::did_you_mean;
use crate::model::Keeps;

/// How many rows go along with a model, for trying it where it is deployed.
pub(super) const SAMPLE_ROWS: u64 = 1000;

impl Resolver {
    /// The task of a package stage.
    pub(super) fn packing(&mut self, body: &StageBody, plugin: String) -> Task {
        let steps = match &body.model {
            Some(name) if self.trained.check(&mut self.reader, "model", name) => {
                self.trained.model(name.get_ref())
            }
            _ => Vec::new(),
        };
        let mut reports: Vec<String> = Vec::new();
        for report in &body.reports {
            if self.is_stage("reports", report, StageKind::Validate)
                && !reports.contains(report.get_ref())
            {
                reports.push(report.get_ref().clone());
            }
        }
        Task::Package(Packing {
            plugin,
            steps,
            reports,
        })
    }

    /// Lets a package stage have rows that its model scored: of the table that is named, else of the one that the model was
    /// trained on, before any step.
    pub(super) fn sample(
        &mut self,
        authored: &Authored,
        stage: &mut Stage,
        body: &StageBody,
    ) -> Option<Stage> {
        let Task::Package(packing) = &stage.task else {
            return None;
        };
        let model = body.model.as_ref()?;
        let trained_on = || {
            let stages = authored.stages.iter();
            let trained = stages
                .filter(|stage| stage.kind == StageKind::Train)
                .find(|stage| stage.name.get_ref() == model.get_ref())?;
            let mut inputs = trained.body.as_ref()?.inputs.iter();
            let table = inputs.find(|(port, _)| port.get_ref() == SCORED)?;
            Some(table.1.clone())
        };
        let written = body.sample.clone().or_else(trained_on);
        let Some(written) = written else {
            if !packing.steps.is_empty() {
                let message = format!(
                    "`{}` has no input `{SCORED}`, so it is not clear which rows go along with its model",
                    model.get_ref()
                );
                let problem = self.reader.error(model.span(), "missing-key", message);
                problem.help = Some("add `sample = \"…\"` with a table".to_owned());
            }
            return None;
        };
        let reference = self.reference(&written)?;
        // What is wrong with it shows at a key of this stage.
        let span = body.sample.as_ref().map_or(model.span(), Spanned::span);
        let table = Input {
            reference,
            span: span.clone(),
        };
        let scoring = Scoring {
            steps: packing.steps.clone(),
            keeps: Keeps::All,
            sample: Some(SAMPLE_ROWS),
        };
        let name = format!("{}.{SAMPLE_PORT}", stage.name);
        let scored = implied(stage, name, table, scoring, &span);
        stage
            .inputs
            .insert(SAMPLE_PORT.to_owned(), Input::scored(&scored, &span));
        Some(scored)
    }

    /// The task of a deploy stage.
    pub(super) fn deploying(&mut self, body: &StageBody, plugin: String) -> Task {
        if let Some(package) = &body.package {
            self.is_stage("package", package, StageKind::Package);
        }
        let package = body.package.as_ref().map(|name| name.get_ref().clone());
        Task::Deploy(Deploying {
            plugin,
            package: package.unwrap_or_default(),
        })
    }

    /// Whether a name is that of a stage of this kind; notes it if not.
    pub(super) fn is_stage(&mut self, key: &str, name: &Spanned<String>, kind: StageKind) -> bool {
        let of_kind = |stage: Option<StageKind>| stage == Some(kind);
        if self
            .names
            .get(name.get_ref())
            .is_some_and(|named| of_kind(named.stage))
        {
            return true;
        }
        let names = self.names.iter();
        let known: Vec<_> = names
            .filter(|(_, named)| of_kind(named.stage))
            .map(|(name, _)| name.as_str())
            .collect();
        let help =
            did_you_mean(name.get_ref(), known.iter().copied()).unwrap_or_else(|| {
                match known.is_empty() {
                    true => format!("the manifest has no [{kind}.NAME]"),
                    false => format!("the {kind} stages are: {}", known.join(", ")),
                }
            });
        let message = format!("`{key}`: there is no {kind} stage {:?}", name.get_ref());
        self.reader
            .error(name.span(), "unknown-stage", message)
            .help = Some(help);
        false
    }
}
