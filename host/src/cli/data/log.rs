//! `lockflight data log`: the versions of a table or source.

use super::{CliError, Context, text};
use crate::{
    lineage::{
        LogError, Records, Versions,
        versions::{Changed, Column, Maker, User, Version},
    },
    printable,
};

/// How many columns of a kind, and how many causes, are listed before the rest is counted.
const LISTED: usize = 8;

/// List the versions of a table or source over all runs, the newest first
///
/// Of each: when it came about and in which run, how large it is, what made it, what is different since the version before and why,
/// and which stages used it.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  lockflight data log clean\n  lockflight data log clean.quarantine -n 3\n  lockflight data log demand/clean.table --json\n  lockflight data log source:rides"
)]
pub struct Args {
    /// STAGE, STAGE.OUTPUT, or a source or its file; PIPELINE/NAME where several pipelines have it
    name: String,
    /// How many versions [default: all]
    #[arg(short = 'n', long = "limit", value_name = "N")]
    limit: Option<usize>,
    /// One JSON document on standard output
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<u8, CliError> {
    let store = context.store()?;
    let records = Records::read(&store)?;
    let mut found = Versions::of(&store, &records, &args.name)?;
    let all = found.versions.len();
    found.versions.truncate(args.limit.unwrap_or(all));
    if args.json {
        text::say!("{}", serde_json::to_string_pretty(&found)?);
        return Ok(0);
    }
    let paint = text::Paint(text::color_on_stdout());
    let s = if all == 1 { "" } else { "s" };
    text::say!(
        "{} {} of {}: {all} version{s}",
        found.kind,
        paint.bold(&found.name),
        found.pipeline
    );
    for version in &found.versions {
        text::say!("\n{}", head(version));
        for (what, value) in lines(version, &found.pipeline) {
            let line = format!("  {}  {}", text::pad(what, 8), printable::line(&value));
            text::say!("{}", line.trim_end());
        }
    }
    if found.versions.len() < all {
        text::say!("\n… and {} before", all - found.versions.len());
    }
    for note in &found.notes {
        text::say!("\nnote: {}", printable::line(note));
    }
    Ok(0)
}

impl From<LogError> for CliError {
    fn from(error: LogError) -> Self {
        match error {
            LogError::Store(error) => error.into(),
            other => CliError::Usage(other.to_string()),
        }
    }
}

/// The digest and the size.
fn head(version: &Version) -> String {
    let mut parts = Vec::new();
    parts.extend(version.rows.map(text::rows));
    parts.extend(version.columns.map(columns));
    parts.extend(version.bytes.map(text::bytes));
    format!("{}  {}", version.digest, parts.join(", "))
        .trim_end()
        .to_owned()
}

fn columns(number: u64) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{} column{s}", text::count(number))
}

/// What is said of a version, by line.
fn lines(version: &Version, pipeline: &str) -> Vec<(&'static str, String)> {
    let mut lines = vec![("when", version.time.clone())];
    if let Some(run) = &version.run {
        let commit = version.git.as_ref().map(|git| {
            let short: String = git.commit.chars().take(10).collect();
            format!(", commit {short}{}", if git.dirty { "+" } else { "" })
        });
        lines.push(("run", format!("{run}{}", commit.unwrap_or_default())));
    }
    lines.extend(version.file.clone().map(|file| ("file", file)));
    lines.extend(version.url.clone().map(|url| ("url", url)));
    if let Some(maker) = &version.made_by {
        lines.push(("made by", made_by(maker)));
        lines.extend(maker.key.map(|key| ("key", key.to_string())));
    }
    if let Some(changed) = &version.changed {
        let mut name = "changed";
        for text in differences(changed) {
            lines.push((std::mem::take(&mut name), text));
        }
        let mut name = "because";
        for text in reasons(changed) {
            lines.push((std::mem::take(&mut name), text));
        }
    }
    if !version.used_by.is_empty() {
        let users = version.used_by.iter().map(|user| used_by(user, pipeline));
        lines.push(("used by", users.collect::<Vec<_>>().join(", ")));
    }
    lines
}

fn made_by(maker: &Maker) -> String {
    let mut text = maker.stage.clone();
    if let (Some(component), Some(digest)) = (&maker.component, &maker.digest) {
        text.push_str(&format!(" with {component} sha256:{}…", digest.short()));
    }
    text
}

fn differences(changed: &Changed) -> Vec<String> {
    let named = |column: &Column| format!("{} ({})", column.name, column.data_type);
    let mut lines = Vec::new();
    match changed.rows {
        Some(0) | None => {}
        Some(rows) => {
            let more = if rows > 0 { "more" } else { "fewer" };
            lines.push(format!("{} {more}", text::rows(rows.unsigned_abs())));
        }
    }
    let added: Vec<_> = changed.added.iter().map(named).collect();
    let removed: Vec<_> = changed.removed.iter().map(named).collect();
    let retyped = changed
        .retyped
        .iter()
        .map(|(old, new)| format!("{}: {} -> {}", new.name, old.data_type, new.data_type));
    for (what, list) in [
        ("columns added", added),
        ("columns removed", removed),
        ("columns retyped", retyped.collect()),
    ] {
        if !list.is_empty() {
            lines.push(format!("{what}: {}", some(list).join(", ")));
        }
    }
    if lines.is_empty() {
        lines.push("values, or the order of rows or columns".to_owned());
    }
    lines
}

fn reasons(changed: &Changed) -> Vec<String> {
    let causes: Vec<_> = changed.because.iter().map(ToString::to_string).collect();
    match causes.is_empty() {
        true => vec!["not known: the jobs are equal, or not in the store".to_owned()],
        false => some(causes),
    }
}

fn some(mut texts: Vec<String>) -> Vec<String> {
    let more = texts.len().saturating_sub(LISTED);
    if more > 0 {
        texts.truncate(LISTED);
        texts.push(format!("and {more} more"));
    }
    texts
}

fn used_by(user: &User, pipeline: &str) -> String {
    let stage = match user.pipeline == pipeline {
        true => user.stage.clone(),
        false => format!("{}/{}", user.pipeline, user.stage),
    };
    match user.runs.as_slice() {
        [run] => format!("{stage} in run {run}"),
        runs => format!("{stage} in {} runs", runs.len()),
    }
}
