//! `lockflight data`: look at tables and export them.

use std::{collections::BTreeMap, path::PathBuf};

use clap::Subcommand;

use super::{context::Context, data_diff, error::CliError, revision, text};
use crate::{
    diagnostic::did_you_mean,
    digest::Digest,
    job::OutputRecord,
    record::RunRecord,
    run::History,
    store::Store,
    table::{doc::TableDoc, export, show},
};

/// Look at tables and export them.
#[derive(Debug, Subcommand)]
pub enum Data {
    /// Show a table's schema and its first rows
    #[command(
        after_help = "Examples:\n  lockflight data show clean\n  lockflight data show clean.quarantine --rows 50\n  lockflight data show sha256:3f…"
    )]
    Show {
        /// STAGE or STAGE.OUTPUT of the latest run, RUN:STAGE.OUTPUT of another, or a digest
        table: String,
        /// How many rows
        #[arg(short = 'n', long, default_value_t = 10, value_name = "N")]
        rows: u64,
    },
    /// Show what differs between two versions of a table
    Diff(data_diff::Args),
    /// Write a table to a file
    #[command(
        after_help = "Examples:\n  lockflight data export clean --to clean.parquet\n  lockflight data export clean.quarantine --to bad.csv"
    )]
    Export {
        /// STAGE or STAGE.OUTPUT of the latest run, RUN:STAGE.OUTPUT of another, or a digest
        table: String,
        /// The file; its ending says the format: .csv, .parquet or .arrow
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
}

pub fn run(command: &Data, context: &Context) -> Result<u8, CliError> {
    if let Data::Diff(args) = command {
        return data_diff::run(args, context);
    }
    let store = context.store()?;
    match command {
        Data::Diff(_) => unreachable!("it is told apart above"),
        Data::Show { table, rows } => {
            let doc = find(&store, table, context)?;
            let shown = show::table(&store, &doc, *rows, text::width_of_stdout())?;
            text::write_out(format_args!("{shown}"));
        }
        Data::Export { table, to } => {
            let doc = find(&store, table, context)?;
            export::export(&store, &doc, to)?;
            if !context.quiet {
                eprintln!("{}: {}", to.display(), text::rows(doc.rows()));
            }
        }
    }
    Ok(0)
}

/// The table that a user means.
pub(super) fn find(store: &Store, name: &str, context: &Context) -> Result<TableDoc, CliError> {
    let digest = match (name.parse::<Digest>(), name.split_once(':')) {
        (Ok(digest), _) => digest,
        (_, Some((run, table))) => {
            let named = revision::named(run, store, context)?;
            pick(&named.record.id, &made_by(&named.record), table)?
        }
        _ => in_latest_run(store, name)?,
    };
    Ok(store.table(&digest)?)
}

/// The tables that a run made or found.
fn made_by(record: &RunRecord) -> BTreeMap<String, Digest> {
    let outputs = record.stages.iter().flat_map(|stage| {
        let outputs = stage.outputs.iter();
        outputs.filter_map(|(output, made)| match made {
            OutputRecord::Table { digest, .. } => {
                Some((format!("{}.{output}", stage.name), *digest))
            }
            OutputRecord::Blob { .. } => None,
        })
    });
    outputs.collect()
}

/// The tables that a name may mean: those of the latest run and, where it did not get so far, of its pipeline's earlier runs.
fn tables(store: &Store, latest: &RunRecord) -> Result<BTreeMap<String, Digest>, CliError> {
    let mut tables = BTreeMap::new();
    let folder = format!("tables/{}/", latest.pipeline);
    for name in store.refs(folder.trim_end_matches('/'))? {
        if let (Some(table), Some(digest)) =
            (name.as_str().strip_prefix(&folder), store.get_ref(&name)?)
        {
            tables.insert(table.to_owned(), digest);
        }
    }
    tables.extend(made_by(latest));
    Ok(tables)
}

fn in_latest_run(store: &Store, name: &str) -> Result<Digest, CliError> {
    let record = History::new(store).find("latest")?;
    let tables = tables(store, &record)?;
    if tables.is_empty() {
        let record = &record.id;
        return Err(CliError::Usage(format!(
            "run {record} made no tables, and no run of its pipeline did before"
        )));
    }
    pick(&record.id, &tables, name)
}

/// The table of a run that a name means.
fn pick(run: &str, tables: &BTreeMap<String, Digest>, name: &str) -> Result<Digest, CliError> {
    let main = format!("{name}.table");
    if let Some(digest) = tables.get(name).or_else(|| tables.get(&main)) {
        return Ok(*digest);
    }
    let of_stage: Vec<_> = tables
        .iter()
        .filter(|(table, _)| table.starts_with(&format!("{name}.")))
        .collect();
    if let [(_, digest)] = of_stage.as_slice() {
        return Ok(**digest);
    }
    let names = || tables.keys().map(String::as_str);
    let help = did_you_mean(name, names())
        .unwrap_or_else(|| format!("it has {}", names().collect::<Vec<_>>().join(", ")));
    Err(CliError::Usage(format!(
        "run {run} has no table `{name}`; {help}"
    )))
}
