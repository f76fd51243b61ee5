//! The contract as this host knows it: the WIT text, embedded, and its parsed form.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::LazyLock;

use wit_parser::{PackageId, Resolve, SourceMap, WorldId};

use crate::world::World;

/// The files of `wit/`, each with its path in there.
pub const FILES: &[(&str, &str)] = &[
    ("answers.wit", include_str!("../../../wit/answers.wit")),
    ("deploy.wit", include_str!("../../../wit/deploy.wit")),
    (
        "deps/data/data.wit",
        include_str!("../../../wit/deps/data/data.wit"),
    ),
    (
        "deps/model/model.wit",
        include_str!("../../../wit/deps/model/model.wit"),
    ),
    ("ingest.wit", include_str!("../../../wit/ingest.wit")),
    ("job.wit", include_str!("../../../wit/job.wit")),
    ("monitor.wit", include_str!("../../../wit/monitor.wit")),
    ("packaging.wit", include_str!("../../../wit/packaging.wit")),
    ("train.wit", include_str!("../../../wit/train.wit")),
    ("validate.wit", include_str!("../../../wit/validate.wit")),
];

/// The folders of `wit/` that hold a package each, dependencies first; `` is `wit/` itself.
const PACKAGES: [&str; 3] = ["deps/data/", "deps/model/", ""];

/// The parsed contract.
pub struct Contract {
    /// All packages.
    pub resolve: Resolve,
    /// Where each world is in `resolve`.
    pub worlds: BTreeMap<World, WorldId>,
}

impl Contract {
    /// The world's id in `resolve`.
    pub fn world(&self, world: World) -> WorldId {
        self.worlds[&world]
    }

    /// The packages' names with versions, e.g. `lockflight:stage@0.1.0`, sorted.
    pub fn packages(&self) -> Vec<String> {
        let mut names: Vec<_> = self
            .resolve
            .packages
            .iter()
            .map(|(_, package)| package.name.to_string())
            .collect();
        names.sort();
        names
    }
}

/// The embedded contract; parsed once.
pub fn contract() -> &'static Contract {
    static CONTRACT: LazyLock<Contract> = LazyLock::new(|| {
        // The texts are compiled in and a test parses them: what fails here is a build that never passed its tests.
        let (resolve, packages) = parse(FILES).expect("the embedded contract parses");
        let world = |world: World| {
            resolve.select_world(&packages, Some(&qualified(&resolve, &packages, world)))
        };
        let worlds = World::ALL.map(|name| {
            (
                name,
                world(name).expect("the embedded contract declares every world"),
            )
        });
        Contract {
            worlds: worlds.into(),
            resolve,
        }
    });
    &CONTRACT
}

/// A world's name with its package and version, such as `lockflight:stages/ingest@0.1.0`.
pub fn qualified_name(world: World) -> String {
    let contract = contract();
    let id = contract.world(world);
    let package = contract.resolve.worlds[id].package;
    let package = package.expect("every world of the contract is in a package");
    contract.resolve.id_of_name(package, world.name())
}

/// The world's name with its package, which `select_world` wants when there are several packages.
fn qualified(resolve: &Resolve, packages: &[PackageId], world: World) -> String {
    let package = packages
        .iter()
        .find(|id| resolve.packages[**id].worlds.contains_key(world.name()));
    let package = package.expect("the embedded contract declares every world");
    resolve.id_of_name(*package, world.name())
}

/// Parses the three packages from files laid out as in `wit/`: path and text each.
///
/// # Errors
/// With the parser's message, which shows the place.
pub fn parse(files: &[(&str, &str)]) -> Result<(Resolve, Vec<PackageId>), String> {
    let mut resolve = Resolve::new();
    let packages = parse_into(&mut resolve, files)?;
    Ok((resolve, packages))
}

/// As [`parse`], next to packages that the files may refer to.
///
/// # Errors
/// With the parser's message, which shows the place.
pub fn parse_into(resolve: &mut Resolve, files: &[(&str, &str)]) -> Result<Vec<PackageId>, String> {
    let mut packages = Vec::new();
    for folder in PACKAGES {
        let mut sources = SourceMap::new();
        for (path, text) in files {
            if path
                .strip_prefix(folder)
                .is_some_and(|rest| !rest.contains('/'))
            {
                sources.push_str(path, *text);
            }
        }
        let group = sources
            .parse()
            .map_err(|(sources, error)| error.render(&sources))?;
        let package = resolve
            .push_group(group)
            .map_err(|error| resolve.render_error(&error.into()))?;
        packages.push(package);
    }
    Ok(packages)
}

/// Writes the contract's files into `folder`, which is made if need be: what tools of other languages read.
///
/// # Errors
/// When a folder or file can't be written.
pub fn unpack(folder: &Path) -> io::Result<()> {
    super::embedded::unpack(folder, FILES.iter().copied())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_world_is_declared() {
        let contract = contract();
        for world in World::ALL {
            assert_eq!(
                contract.resolve.worlds[contract.world(world)].name,
                world.name()
            );
            assert_eq!(world.name().parse::<World>().unwrap(), world);
        }
        assert_eq!(contract.packages().len(), PACKAGES.len());
        assert!(
            "package"
                .parse::<World>()
                .unwrap_err()
                .to_string()
                .contains("packaging")
        );
    }

    #[test]
    fn unpacks_what_is_in_the_repository() {
        let folder = tempfile::tempdir().unwrap();
        unpack(folder.path()).unwrap();
        let mut resolve = Resolve::new();
        resolve.push_dir(folder.path()).unwrap();
        assert_eq!(resolve.packages.len(), PACKAGES.len());
    }

    #[test]
    fn an_error_in_the_text_names_the_file() {
        let broken: Vec<_> = FILES
            .iter()
            .map(|(path, text)| {
                if *path == "job.wit" {
                    (*path, "package a:b; interface {")
                } else {
                    (*path, *text)
                }
            })
            .collect();
        assert!(parse(&broken).unwrap_err().contains("job.wit"));
    }
}
