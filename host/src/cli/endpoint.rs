//! `lockflight endpoint`: which versions of a model get what part of the traffic, and why.

use clap::Subcommand;

use super::{
    context::Context,
    error::CliError,
    text::{self, Paint},
};
use crate::{
    endpoint::{EndpointRecord, Endpoints},
    printable,
    store::Store,
    wire::Action,
};

/// Look at endpoints.
#[derive(Debug, Subcommand)]
pub enum Endpoint {
    /// List the endpoints and what they serve
    #[command(
        after_help = "Examples:\n  lockflight endpoint list\n  lockflight endpoint list --json"
    )]
    List {
        /// One JSON document on standard output
        #[arg(long)]
        json: bool,
    },
    /// Show one endpoint: its versions, their shares of the traffic, and every decision so far
    #[command(
        after_help = "Examples:\n  lockflight endpoint show demand\n  lockflight endpoint show demand --json"
    )]
    Show {
        /// The name of a deploy stage
        endpoint: String,
        /// One JSON document on standard output
        #[arg(long)]
        json: bool,
    },
}

pub fn run(command: &Endpoint, context: &Context) -> Result<u8, CliError> {
    let store = context.store()?;
    match command {
        Endpoint::List { json } => list(&store, *json),
        Endpoint::Show { endpoint, json } => show(&store, endpoint, *json),
    }
}

fn list(store: &Store, as_json: bool) -> Result<u8, CliError> {
    let records = Endpoints::new(store).list()?;
    if as_json {
        text::say!("{}", serde_json::to_string_pretty(&records)?);
        return Ok(0);
    }
    let names = records.iter().map(|record| record.name.chars().count());
    let width = names.max().unwrap_or(0);
    for record in &records {
        text::say!("{}  {}", text::pad(&record.name, width), served(record));
    }
    Ok(0)
}

fn show(store: &Store, name: &str, as_json: bool) -> Result<u8, CliError> {
    let endpoints = Endpoints::new(store);
    let record = endpoints.find(name)?;
    let history = endpoints.history(name)?;
    if as_json {
        text::say!("{}", serde_json::to_string_pretty(&history)?);
        return Ok(0);
    }
    let paint = Paint(text::color_on_stdout());
    text::say!("{} {}", paint.bold("endpoint"), record.name);
    text::say!("  pipeline  {}", record.pipeline);
    text::say!("\n{}", paint.bold("versions"));
    for arm in &record.arms {
        text::say!(
            "  {:>5}  {}/{}  {}",
            share(arm.weight),
            record.model,
            arm.version,
            paint.dim(&arm.package.to_string())
        );
    }
    text::say!("\n{}", paint.bold("decisions, the newest first"));
    for decided in &history {
        text::say!(
            "  {}  {}: {}",
            decided.time,
            action(&decided.decision.action),
            printable::line(&decided.decision.reason)
        );
        text::say!("  {}", paint.dim(&format!("run {}", decided.run)));
    }
    Ok(0)
}

/// What an endpoint serves, in a few words.
pub(super) fn served(record: &EndpointRecord) -> String {
    let arms = record.arms.iter().filter(|arm| arm.weight > 0.0);
    let parts: Vec<_> = arms
        .map(|arm| format!("{} {}/{}", share(arm.weight), record.model, arm.version))
        .collect();
    match parts.is_empty() {
        true => "nothing".to_owned(),
        false => parts.join(" · "),
    }
}

/// A decision in a word or two.
pub(super) fn action(action: &Action) -> String {
    match action {
        Action::Hold => "hold".to_owned(),
        Action::Pause => "pause".to_owned(),
        Action::Promote(version) => format!("promote {}", printable::line(version)),
        Action::RollBack(version) => format!("roll back {}", printable::line(version)),
        Action::Shift(arms) => {
            let arms = arms
                .iter()
                .map(|arm| format!("{} to {}", share(arm.weight), printable::line(&arm.version)));
            format!("shift {}", arms.collect::<Vec<_>>().join(", "))
        }
    }
}

fn share(weight: f64) -> String {
    let percent = (weight * 1000.0).round() / 10.0;
    format!("{percent} %")
}
