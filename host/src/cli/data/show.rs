//! `lockflight data show` and `data export`.

use std::{collections::BTreeMap, path::Path};

use super::{CliError, Context, revision, text};
use crate::{
    diagnostic::did_you_mean,
    digest::Digest,
    job::OutputRecord,
    record::RunRecord,
    run::History,
    store::Store,
    table::{doc::TableDoc, export, show},
};

pub fn show(table: &str, rows: u64, context: &Context) -> Result<u8, CliError> {
    let store = context.store()?;
    let doc = find(&store, table, context)?;
    let shown = show::table(&store, &doc, rows, text::width_of_stdout())?;
    text::write_out(format_args!("{shown}"));
    Ok(0)
}

pub fn export(table: &str, to: &Path, context: &Context) -> Result<u8, CliError> {
    let store = context.store()?;
    let doc = find(&store, table, context)?;
    export::export(&store, &doc, to)?;
    if !context.quiet {
        eprintln!("{}: {}", to.display(), text::rows(doc.rows()));
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
