//! `lockflight package`: the versions of models, as packages that other tools read.

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::json;

use super::{
    context::Context,
    error::CliError,
    text::{self, Paint},
};
use crate::{
    oci::Descriptor,
    package::{self, Contents, PART, Packages, VersionRecord},
    store::Store,
};

/// Look at packages and write them out.
#[derive(Debug, Subcommand)]
pub enum Package {
    /// List every version of every model
    #[command(
        after_help = "Examples:\n  lockflight package list\n  lockflight package list --json"
    )]
    List {
        /// One JSON document on standard output
        #[arg(long)]
        json: bool,
    },
    /// Show one package: its layers, the model in it, and which run made it
    #[command(
        after_help = "Examples:\n  lockflight package show demand\n  lockflight package show demand/2\n  lockflight package show demand/2 --manifest"
    )]
    Show {
        /// A model's name (its newest version), NAME/VERSION, or the digest of a package
        package: String,
        /// One JSON document on standard output
        #[arg(long, conflicts_with = "manifest")]
        json: bool,
        /// The OCI manifest as it is, byte for byte
        #[arg(long)]
        manifest: bool,
    },
    /// Write a package as an OCI image layout, which skopeo, oras and crane read
    #[command(
        after_help = "Examples:\n  lockflight package export demand --to demand.oci\n  skopeo copy oci:demand.oci:2 docker://registry.example/demand:2"
    )]
    Export {
        /// A model's name (its newest version), NAME/VERSION, or the digest of a package
        package: String,
        /// The folder: a new one, or a layout that gets one package more
        #[arg(long, value_name = "DIR")]
        to: PathBuf,
        /// The tag in the layout [default: the version]
        #[arg(long)]
        tag: Option<String>,
    },
}

pub fn run(command: &Package, context: &Context) -> Result<u8, CliError> {
    let store = context.store()?;
    match command {
        Package::List { json } => list(&store, *json),
        Package::Show {
            package,
            json,
            manifest,
        } => show(&store, package, *json, *manifest),
        Package::Export { package, to, tag } => {
            let record = Packages::new(&store).find(package)?;
            let contents = Contents::read(&store, &record.package)?;
            let tag = tag.clone().unwrap_or_else(|| record.version.to_string());
            check_tag(&tag)?;
            package::export(&store, &contents, &tag, to)?;
            text::say!(
                "{}/{} is in {} as {tag}, {} in {} layers",
                record.name,
                record.version,
                to.display(),
                text::bytes(record.bytes),
                contents.manifest.layers.len()
            );
            Ok(0)
        }
    }
}

/// As the OCI distribution specification has it.
fn check_tag(tag: &str) -> Result<(), CliError> {
    let sign = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let fits = (1..=128).contains(&tag.len())
        && tag.bytes().next().is_some_and(sign)
        && tag.bytes().all(|b| sign(b) || b == b'.' || b == b'-');
    match fits {
        true => Ok(()),
        false => Err(CliError::Usage(format!(
            "{tag:?} is no tag: it has up to 128 letters, digits, `_`, `.` and `-`, and begins with none of the last two"
        ))),
    }
}

fn list(store: &Store, as_json: bool) -> Result<u8, CliError> {
    let records = Packages::new(store).list()?;
    if as_json {
        text::say!("{}", serde_json::to_string_pretty(&records)?);
        return Ok(0);
    }
    let name = |record: &VersionRecord| format!("{}/{}", record.name, record.version);
    let names = records.iter().map(|record| name(record).chars().count());
    let width = names.max().unwrap_or(0);
    for record in &records {
        text::say!(
            "{}  sha256:{}…  {:>9}  {} · run {}",
            text::pad(&name(record), width),
            record.package.short(),
            text::bytes(record.bytes),
            record.pipeline,
            record.run
        );
    }
    Ok(0)
}

fn show(store: &Store, wanted: &str, as_json: bool, manifest: bool) -> Result<u8, CliError> {
    let record = Packages::new(store).find(wanted)?;
    if manifest {
        use std::io::Write;
        let bytes = store.blob(&record.package)?;
        std::io::stdout()
            .write_all(&bytes)
            .map_err(|error| CliError::Failed(error.to_string()))?;
        return Ok(0);
    }
    let contents = Contents::read(store, &record.package)?;
    if as_json {
        let document = json!({
            "record": record, "manifest": contents.manifest, "model": contents.model,
        });
        text::say!("{}", serde_json::to_string_pretty(&document)?);
        return Ok(0);
    }
    let paint = Paint(text::color_on_stdout());
    text::say!(
        "{} {}/{}",
        paint.bold("package"),
        record.name,
        record.version
    );
    let line = |name: &str, value: &str| text::say!("  {}  {value}", text::pad(name, 9));
    line("digest", &record.package.to_string());
    line("type", contents.manifest.kind());
    line("size", &text::bytes(record.bytes));
    line("model", &record.model.to_string());
    line("stage", &record.stage);
    line("pipeline", &record.pipeline);
    line("run", &record.run);
    line("made", &record.time);
    text::say!("\n{}", paint.bold("layers"));
    for layer in &contents.manifest.layers {
        text::say!("  {:>9}  {}", text::bytes(layer.size), title(layer));
        text::say!(
            "             {}",
            paint.dim(&format!("{}  {}", layer.digest, layer.media_type))
        );
    }
    Ok(0)
}

/// What a layer is called: the file that it is, and what it is to lockflight.
fn title(layer: &Descriptor) -> String {
    let file = ["org.cncf.model.filepath", "org.opencontainers.image.title"]
        .into_iter()
        .find_map(|key| layer.annotation(key));
    let title = match (file, layer.annotation(PART)) {
        (Some(file), Some(part)) => format!("{file} ({part})"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => "a layer without name".to_owned(),
    };
    crate::printable::line(&title).to_string()
}
