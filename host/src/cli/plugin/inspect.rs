//! `lockflight plugin inspect`: what a file or an artifact is, as a plugin.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{CliError, Context};
use crate::plugin::inspect::{self, Inspection};
use crate::printable::line;
use crate::registry::{Access, Reference, Repository};
use crate::world::World;

/// Show what a component is: world, imports, exports, size, digest, static facts, producers
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  lockflight plugin inspect plugins/csv/dist/ingest.wasm\n  lockflight plugin inspect registry.example/team/csv:0.1.0"
)]
pub struct Args {
    /// The file, or the reference of a published plugin
    #[arg(value_name = "FILE|REF")]
    what: String,
    /// Which component of a published plugin that has several
    #[arg(long, value_name = "WORLD")]
    world: Option<World>,
    /// One JSON document on standard output
    #[arg(long)]
    json: bool,
}

/// Prints what a file or an artifact is: for people, or as one JSON document.
pub(super) fn run(args: &Args, context: &Context) -> Result<(), CliError> {
    let inspection = inspected(args, context)?;
    let out = &mut io::stdout().lock();
    let printed = match args.json {
        true => serde_json::to_writer_pretty(&mut *out, &inspection)
            .map_err(io::Error::from)
            .and_then(|()| writeln!(out)),
        false => print(&inspection, out),
    };
    printed.map_err(|error| CliError::Failed(format!("could not print: {error}")))
}

fn inspected(args: &Args, context: &Context) -> Result<Inspection, CliError> {
    let path = Path::new(&args.what);
    let usage = |error: inspect::InspectError| CliError::Usage(error.to_string());
    match args.what.parse::<Reference>() {
        Ok(reference) if !path.exists() => {
            let bytes = fetched(&reference, args.world, context)?;
            inspect::inspect_bytes(&bytes, &PathBuf::from(reference.to_string())).map_err(usage)
        }
        _ => inspect::inspect(path).map_err(usage),
    }
}

/// The bytes of a published component.
fn fetched(
    reference: &Reference,
    world: Option<World>,
    context: &Context,
) -> Result<Vec<u8>, CliError> {
    let policy = context.policy()?;
    let access = Access {
        policy: &policy,
        cancel: &context.cancel,
    };
    let repository = Repository::open(access, &reference.place)?;
    let artifact = repository.artifact(&reference.which)?;
    let worlds = artifact.worlds();
    let wanted = match (world, worlds.as_slice()) {
        (Some(world), _) => world,
        (None, [only]) => *only,
        // It says itself what it is for.
        (None, []) => World::Ingest,
        (None, several) => {
            return Err(CliError::Usage(format!(
                "{reference} has components for the worlds {}; choose one with --world",
                names(several)
            )));
        }
    };
    let layer = repository.layer(&artifact, wanted)?.ok_or_else(|| {
        let has = names(&worlds);
        CliError::Usage(format!(
            "{reference} has no component for the world {wanted}, but for {has}"
        ))
    })?;
    Ok(repository.component(&layer)?)
}

fn names(worlds: &[World]) -> String {
    let names: Vec<_> = worlds.iter().map(|world| world.name()).collect();
    names.join(", ")
}

fn print(inspection: &Inspection, out: &mut dyn Write) -> io::Result<()> {
    if let Some(facts) = &inspection.facts {
        let (name, version) = (line(&facts.name), line(&facts.version));
        writeln!(out, "{name} {version}")?;
        for text in [&facts.description, &facts.license].into_iter().flatten() {
            writeln!(out, "  {}", line(text))?;
        }
        if let Some(owner) = &facts.owner {
            writeln!(out, "  owner {owner}")?;
        }
        let declares: Vec<_> = facts
            .declares
            .iter()
            .map(|declared| declared.name())
            .collect();
        if !declares.is_empty() {
            writeln!(out, "  declares {}", declares.join(" and "))?;
        }
    } else {
        writeln!(
            out,
            "without static facts: not built by `lockflight plugin build`"
        )?;
    }
    let worlds: Vec<_> = inspection.worlds.iter().map(|world| world.name()).collect();
    writeln!(
        out,
        "fits world  {}",
        if worlds.is_empty() {
            "none".into()
        } else {
            worlds.join(", ")
        }
    )?;
    writeln!(out, "digest      {}", inspection.digest)?;
    writeln!(out, "size        {} bytes", inspection.size)?;
    list(out, "imports", inspection.imports.iter().cloned())?;
    list(out, "exports", inspection.exports.iter().cloned())?;
    let made = inspection.producers.iter();
    list(
        out,
        "made with",
        made.map(|tool| format!("{} {} ({})", tool.name, tool.version, tool.role)),
    )?;
    if let Some(config) = inspection
        .facts
        .as_ref()
        .and_then(|facts| facts.config.as_ref())
    {
        writeln!(out, "config, as JSON Schema")?;
        let schema = serde_json::to_string_pretty(config)?;
        schema
            .lines()
            .try_for_each(|text| writeln!(out, "  {}", line(text)))?;
    }
    Ok(())
}

pub(super) fn list(
    out: &mut dyn Write,
    title: &str,
    items: impl Iterator<Item = String>,
) -> io::Result<()> {
    let mut title = title;
    for item in items {
        writeln!(out, "{title:<11} {}", line(&item))?;
        title = "";
    }
    if title.is_empty() {
        Ok(())
    } else {
        writeln!(out, "{title:<11} nothing")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::digest::Digest;
    use crate::plugin::facts::Facts;
    use crate::plugin::inspect::Producer;
    use crate::plugin::spec::Declared;
    use crate::world::World;

    fn text(inspection: &Inspection) -> String {
        let mut out = Vec::new();
        print(inspection, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn an_inspection_reads_well() {
        let inspection = Inspection {
            digest: Digest::of(b""),
            size: 12,
            worlds: vec![World::Validate],
            imports: vec!["a:b/c".into(), "a:b/d".into()],
            exports: vec![],
            facts: Some(Facts {
                name: "outliers".into(),
                version: "0.1.0".into(),
                world: World::Validate,
                owner: Some("data-platform".into()),
                description: Some("Finds rows that stand apart.".into()),
                license: None,
                config: Some(serde_json::json!({"type": "object"})),
                declares: [Declared::Seed, Declared::Time].into(),
            }),
            producers: vec![Producer {
                role: "language".into(),
                name: "Rust".into(),
                version: "".into(),
            }],
        };
        let text = text(&inspection);
        assert!(
            text.starts_with(
                "outliers 0.1.0\n  Finds rows that stand apart.\n  owner data-platform\n  declares seed and time\n"
            ),
            "{text}"
        );
        assert!(
            text.contains("imports     a:b/c\n            a:b/d\nexports     nothing\n"),
            "{text}"
        );
        assert!(
            text.ends_with("config, as JSON Schema\n  {\n    \"type\": \"object\"\n  }\n"),
            "{text}"
        );
    }

    #[test]
    fn a_foreign_component_is_described_too() {
        let inspection = Inspection {
            digest: Digest::of(b""),
            size: 0,
            worlds: vec![],
            imports: vec![],
            exports: vec![],
            facts: None,
            producers: vec![],
        };
        let text = text(&inspection);
        assert!(
            text.contains("without static facts") && text.contains("fits world  none"),
            "{text}"
        );
    }
}
