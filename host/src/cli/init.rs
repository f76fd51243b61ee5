//! `lockflight init`: a manifest, a contract and a folder drafted from data, that runs.

use std::{
    fs, io,
    io::Read,
    path::{Path, PathBuf},
};

use super::{check, context::Context, error::CliError, progress::Silent, text};
use crate::{
    diagnostic::{Problem, did_you_mean},
    digest::Digest,
    init::{self, Dialect, Draft, EXAMPLE, Profile, Shipped},
    job::OutputRecord,
    manifest::{self, FILE_NAME},
    record::Outcome,
    run::{Budget, Run, Selection, StageOutcome},
    store::Store,
    world::World,
};

/// How much of a file its dialect is guessed from.
const BEGINNING: u64 = 256 << 10;

/// Draft a manifest and a contract from data, in this folder, that run at once. Nothing that is there already is touched.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  lockflight init rides.csv\n  lockflight -C new-folder init ../rides.csv --name rides\n  lockflight init            from the only CSV file of the folder, or from example data"
)]
pub struct Args {
    /// Delimited text with a header; one that is not below this folder is copied to data/
    file: Option<PathBuf>,
    /// The pipeline's name [default: made of the file's]
    #[arg(long)]
    name: Option<String>,
    /// The folder with the plugins that come with lockflight [default: plugins/ beside this program or above it]
    #[arg(long, value_name = "DIR")]
    plugins: Option<PathBuf>,
}

pub fn run(args: &Args, context: &Context) -> Result<u8, CliError> {
    let data = Data::find(args.file.as_deref(), &context.folder)?;
    let draft = draft(args, &data)?;
    for file in [
        FILE_NAME,
        draft.contract.as_str(),
        "plugins/csv.wasm",
        "plugins/contract.wasm",
    ] {
        refuse_existing(&context.folder.join(file))?;
    }
    if !data.stays() {
        refuse_existing(&context.folder.join(&draft.file))?;
    }
    let shipped = Shipped::find(args.plugins.as_deref())?;
    // Everything is made and tried in a folder of its own: the user's has all of it or nothing.
    let trial = tempfile::Builder::new()
        .prefix(".lockflight-init-")
        .tempdir_in(&context.folder)?;
    furnish(trial.path(), &draft, &data, &shipped)?;
    let profile = profile(trial.path(), &draft, context)?;
    fs::write(trial.path().join(&draft.contract), init::contract(&profile))?;
    fs::write(trial.path().join(FILE_NAME), init::manifest(&draft, true))?;
    tried(trial.path(), context)?;
    let made = settle(trial.path(), &context.folder, &draft, &data)?;
    if !context.quiet {
        report(&profile, &draft, &made);
    }
    Ok(0)
}

/// The data to draft from.
enum Data {
    /// A file below the folder, relative to it.
    Here(PathBuf),
    /// A file elsewhere.
    Elsewhere(PathBuf),
    /// None at hand: the example.
    Example,
}

impl Data {
    fn find(named: Option<&Path>, folder: &Path) -> Result<Self, CliError> {
        let Some(named) = named else {
            return Self::only(folder);
        };
        let file = named.canonicalize().map_err(|error| {
            let near = neighbours(named);
            let help = named
                .file_name()
                .and_then(|name| did_you_mean(&name.to_string_lossy(), &near));
            CliError::Usage(format!(
                "{}: {error}{}",
                named.display(),
                help.map(|help| format!("; {help}")).unwrap_or_default()
            ))
        })?;
        if !file.is_file() {
            return Err(CliError::Usage(format!("{} is no file", named.display())));
        }
        Ok(match file.strip_prefix(folder) {
            Ok(below) => Data::Here(below.to_owned()),
            Err(_) => Data::Elsewhere(file),
        })
    }

    /// The only CSV file of the folder and of `data/` in it.
    fn only(folder: &Path) -> Result<Self, CliError> {
        let mut found = Vec::new();
        for below in ["", "data"] {
            let Ok(entries) = fs::read_dir(folder.join(below)) else {
                continue;
            };
            for entry in entries {
                let path = Path::new(below).join(entry?.file_name());
                let csv = path
                    .extension()
                    .is_some_and(|end| end.eq_ignore_ascii_case("csv"));
                if csv && folder.join(&path).is_file() {
                    found.push(path);
                }
            }
        }
        found.sort();
        match found.as_slice() {
            [] => Ok(Data::Example),
            [only] => Ok(Data::Here(only.clone())),
            several => {
                let names: Vec<_> = several
                    .iter()
                    .map(|path| path.display().to_string())
                    .collect();
                Err(CliError::Usage(format!(
                    "there are several CSV files here; name one of {}",
                    names.join(", ")
                )))
            }
        }
    }

    fn stays(&self) -> bool {
        matches!(self, Data::Here(_))
    }

    /// What the file is called, without its ending.
    fn stem(&self) -> String {
        match self {
            Data::Here(path) | Data::Elsewhere(path) => path
                .file_stem()
                .map(|stem| stem.to_string_lossy().into_owned())
                .unwrap_or_default(),
            Data::Example => "visitors".to_owned(),
        }
    }

    /// Where the manifest finds it.
    fn place(&self) -> String {
        match self {
            Data::Here(path) => path.display().to_string(),
            Data::Elsewhere(path) => {
                let name = path.file_name().unwrap_or_default();
                format!("data/{}", name.to_string_lossy())
            }
            Data::Example => "data/visitors.csv".to_owned(),
        }
    }

    fn beginning(&self) -> io::Result<String> {
        let path = match self {
            Data::Here(path) | Data::Elsewhere(path) => path,
            Data::Example => return Ok(EXAMPLE.to_owned()),
        };
        let mut bytes = Vec::new();
        fs::File::open(path)?
            .take(BEGINNING)
            .read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// The names of the files beside a file that is not there.
fn neighbours(file: &Path) -> Vec<String> {
    let parent = match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.collect()
}

fn draft(args: &Args, data: &Data) -> Result<Draft, CliError> {
    let stem = init::slug(&data.stem());
    let name = args.name.clone().unwrap_or_else(|| stem.clone());
    manifest::name::check_pipeline(&name)
        .map_err(|invalid| CliError::Usage(format!("--name: {}", invalid.message)))?;
    let taken = ["raw", "clean"].contains(&stem.as_str());
    Ok(Draft {
        contract: format!("{name}.contract.toml"),
        source: if taken { format!("{stem}-data") } else { stem },
        file: data.place(),
        dialect: Dialect::guess(&data.beginning()?),
        name,
    })
}

fn refuse_existing(path: &Path) -> Result<(), CliError> {
    match path.symlink_metadata() {
        Ok(_) => Err(CliError::Usage(format!(
            "{} is there already; nothing was written",
            path.display()
        ))),
        Err(_) => Ok(()),
    }
}

/// Puts data, plugins and a manifest that only reads into the trial folder.
fn furnish(trial: &Path, draft: &Draft, data: &Data, shipped: &Shipped) -> Result<(), CliError> {
    let place = trial.join(&draft.file);
    if let Some(parent) = place.parent() {
        fs::create_dir_all(parent)?;
    }
    match data {
        Data::Example => fs::write(&place, EXAMPLE)?,
        // A link costs nothing where both are on one file system.
        Data::Here(path) => fs::hard_link(path, &place).or_else(|_| copied(path, &place))?,
        Data::Elsewhere(path) => copied(path, &place)?,
    }
    fs::create_dir_all(trial.join("plugins"))?;
    for (plugin, world) in [("csv", World::Ingest), ("contract", World::Validate)] {
        let component = shipped.component(plugin, world)?;
        copied(&component, &trial.join(format!("plugins/{plugin}.wasm")))?;
    }
    fs::write(trial.join(FILE_NAME), init::manifest(draft, false))?;
    Ok(())
}

fn copied(from: &Path, to: &Path) -> io::Result<()> {
    fs::copy(from, to).map(drop)
}

/// Lets the drafted manifest read the data, as every run will, and looks at what comes of it.
fn profile(trial: &Path, draft: &Draft, context: &Context) -> Result<Profile, CliError> {
    let (manifest, _) = manifest::load(&trial.join(FILE_NAME))?;
    let store = Store::open(&trial.join(".lockflight"))?;
    let launcher = context.launcher(&store)?;
    let unreadable = |why: &str| {
        CliError::Usage(format!(
            "{} cannot be read as a table: {why}; nothing was written",
            draft.file
        ))
    };
    // The problems point into a manifest that the user has never seen: what they say is enough.
    let plan = check::planned(manifest, &store, context, &launcher).map_err(|problems| {
        let messages: Vec<_> = problems.iter().map(said).collect();
        unreadable(&messages.join("; "))
    })?;
    let report = Run {
        plan: &plan,
        store: &store,
        launcher: &launcher,
        cancel: &context.cancel,
        budget: Budget::of_machine(),
        selection: Selection::all(&plan),
        keep_going: false,
        pinned: None,
        observer: &Silent,
    }
    .run()?;
    let raw = report.outcomes.first();
    match raw.and_then(table_of) {
        Some(digest) if report.record.outcome == Outcome::Done => {
            Ok(Profile::of(&store, &store.table(&digest)?)?)
        }
        _ => {
            let why = raw.and_then(|outcome| outcome.error.as_ref());
            Err(unreadable(
                &why.map_or_else(String::new, ToString::to_string),
            ))
        }
    }
}

/// What a problem says without its place; of a refusal the line of the policy too.
fn said(problem: &Problem) -> String {
    match &problem.help {
        Some(line) if problem.code.starts_with("policy-") => {
            format!("{}: {line}", problem.message)
        }
        _ => problem.message.clone(),
    }
}

fn table_of(outcome: &StageOutcome) -> Option<Digest> {
    match outcome.result.as_ref()?.outputs.get("table")? {
        OutputRecord::Table { digest, .. } => Some(*digest),
        OutputRecord::Blob { .. } => None,
    }
}

/// Checks what was drafted, as the first run will.
fn tried(trial: &Path, context: &Context) -> Result<(), CliError> {
    let (manifest, _) = manifest::load(&trial.join(FILE_NAME))?;
    let store = Store::open(&trial.join(".lockflight"))?;
    let launcher = context.launcher(&store)?;
    check::planned(manifest, &store, context, &launcher)?;
    Ok(())
}

/// Moves everything to where it belongs, the manifest last. Gives what was made.
fn settle(
    trial: &Path,
    folder: &Path,
    draft: &Draft,
    data: &Data,
) -> Result<Vec<String>, CliError> {
    let mut made = Vec::new();
    if !data.stays() {
        made.push(draft.file.clone());
    }
    made.extend([
        "plugins/csv.wasm".to_owned(),
        "plugins/contract.wasm".to_owned(),
    ]);
    made.push(draft.contract.clone());
    made.push(FILE_NAME.to_owned());
    for file in &made {
        let place = folder.join(file);
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::rename(trial.join(file), place)?;
    }
    Ok(made)
}

fn report(profile: &Profile, draft: &Draft, made: &[String]) {
    let columns = profile.columns.len();
    text::say!(
        "{}: {}, {columns} column{}",
        draft.file,
        text::rows(profile.rows),
        if columns == 1 { "" } else { "s" }
    );
    for file in made {
        text::say!("  made {file}");
    }
    text::say!("\nNext");
    let edit = format!("edit {}", draft.contract);
    let commands = [
        (
            "lockflight run",
            "read the data and hold it against the contract",
        ),
        ("lockflight data show clean", "look at the rows that passed"),
        (edit.as_str(), "say what has to hold"),
    ];
    let width = commands.iter().map(|(command, _)| command.len()).max();
    for (command, what) in commands {
        text::say!("  {}  {what}", text::pad(command, width.unwrap_or(0)));
    }
    text::say!("\nKeep `.lockflight/` out of version control: it holds results.");
}
