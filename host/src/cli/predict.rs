//! `lockflight predict`: a model applied to a file, without a pipeline and without a server.

use std::{io::IsTerminal, path::PathBuf};

use serde_json::json;

use super::{context::Context, error::CliError, limits::LimitArgs, run::cancel_on_signals, text};
use crate::{
    engine::CodeKind,
    launcher::Event,
    model::{Flow, Keeps, ModelDoc, ModelRecord, Models, Step},
    package::Packages,
    run,
    store::Store,
    table::{
        doc::TableDoc,
        export::{self, FileFormat},
        import,
    },
};

/// Apply a model to the rows of a file
///
/// The columns that the model takes are read as its types, the others come along; its answer stands behind them. The rows pass through
/// the same built-in stage as those of a `score` stage, in a sealed child, batch by batch. Both tables stay in the store, so the same
/// file and model are not scored twice.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  lockflight predict --model demand --input october.csv --to predictions.csv\n  lockflight predict --model demand/2 --input october.csv --to predictions.csv\n  lockflight predict --model sha256:3f… --input rows.parquet --to scored.parquet\n  lockflight predict --model demand --input rows.csv --null NA --to scored.arrow --json\n\nExit codes: 0 done, 2 wrong use, file or model, 3 a scorer or the host failed, 130 cancelled."
)]
pub struct Args {
    /// The name of a train stage, NAME/VERSION of a package, or a model's digest
    #[arg(long, value_name = "MODEL")]
    model: String,
    /// The rows: .csv with a header, .parquet or .arrow
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// Where the scored rows go; the ending says the format: .csv, .parquet or .arrow
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// A text that stands for null in a CSV, beside the empty field; may be given several times
    #[arg(long = "null", value_name = "TEXT")]
    nulls: Vec<String>,
    #[command(flatten)]
    limits: LimitArgs,
    /// One JSON document on standard output
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<u8, CliError> {
    // Known before any work is done.
    FileFormat::of(&args.to)?;
    let order = args.limits.order(CodeKind::Usual, &*context.policy()?)?;
    let store = context.store()?;
    let (record, model) = find(&store, &args.model)?;
    cancel_on_signals(&context.cancel)?;
    let mut publication = store.begin();
    let known = model.takes().map_err(misfit)?;
    let rows = import::import(&args.input, known.fields(), &args.nulls, &mut publication)?;
    publication.commit()?;
    let table = store.table(&rows.digest)?;
    fits(&model, &table)?;
    let launcher = context.launcher(&store)?;
    let told = Told::new(args, context);
    let scored = run::predict(&store, &launcher, &model, rows.digest, &order, &|event| {
        told.event(&event);
    });
    let scored = match scored {
        Err(error) if error.is_cancelled() => return Ok(130),
        other => other?,
    };
    export::export(&store, &store.table(&scored.table)?, &args.to)?;
    if args.json {
        let document = json!({
            "model": record.model,
            "input": rows.digest,
            "table": scored.table,
            "key": scored.key,
            "rows": scored.rows,
            "cached": scored.telemetry.is_none(),
            "telemetry": scored.telemetry,
            "file": args.to,
        });
        text::say!("{}", serde_json::to_string_pretty(&document)?);
    } else if !context.quiet {
        let how = match &scored.telemetry {
            Some(cost) => format!("scored in {}", text::seconds(cost.seconds())),
            None => "scored before".into(),
        };
        eprintln!(
            "{}: {}, {how} by {} (sha256:{}…)",
            args.to.display(),
            text::rows(scored.rows),
            record.name,
            record.model.short()
        );
    }
    Ok(0)
}

/// The model of a train stage, of a version such as `demand/3`, or of a digest.
fn find(store: &Store, wanted: &str) -> Result<(ModelRecord, ModelDoc), CliError> {
    let models = Models::new(store);
    if wanted.contains('/') {
        let version = Packages::new(store).find(wanted)?;
        return Ok(models.find(&version.model.to_string())?);
    }
    Ok(models.find(wanted)?)
}

/// Whether the model can be applied to the table: what is wrong is found before a child is started.
fn fits(model: &ModelDoc, table: &TableDoc) -> Result<(), CliError> {
    let links: Vec<_> = model.steps.iter().map(Step::link).collect();
    Flow::new(table.schema(), &links, Keeps::All)
        .map(drop)
        .map_err(misfit)
}

fn misfit(error: crate::model::FlowError) -> CliError {
    CliError::Usage(error.to_string())
}

/// What is told while the rows pass.
struct Told(Option<indicatif::ProgressBar>);

impl Told {
    fn new(args: &Args, context: &Context) -> Told {
        let shown = !args.json && !context.quiet && std::io::stderr().is_terminal();
        Told(shown.then(|| indicatif::ProgressBar::new(0)))
    }

    fn event(&self, event: &Event) {
        let Some(bar) = &self.0 else {
            return;
        };
        match event {
            Event::Compiling => bar.println("compiling the model's scorers, which is done once"),
            Event::Progress { done, total } => {
                bar.set_length(*total);
                bar.set_position(*done);
            }
            Event::Started | Event::Log(_) => {}
        }
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
