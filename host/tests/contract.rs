//! Holds the contract in `wit/` to its rules: it parses, every item says what it is, plugins of every language can speak it,
//! and a published text is never broken by a later one.
//!
//! A version is published by copying `wit/` to `wit/published/<version>/`. From then on, a text of the same version has to be
//! the same, and a compatible one may only add imports. `tests/published.rs` runs components made for it.
#![allow(clippy::unwrap_used)]

#[path = "../../tests/harness/contract_text.rs"]
mod contract_text;

use std::fs;
use std::path::{Path, PathBuf};

use contract_text::{Text, parsed, read};
use lockflight::plugin::wit::{FILES, contract};
use lockflight::world::World;
use wit_parser::{Function, Handle, Resolve, Type, TypeDefKind, TypeOwner, WorldId, WorldItem};

fn wit() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit")
}

fn world(resolve: &Resolve, world: World) -> WorldId {
    let mut worlds = resolve
        .worlds
        .iter()
        .filter(|(_, candidate)| candidate.name == world.name());
    worlds.next().unwrap().0
}

#[test]
fn the_host_holds_the_text_of_the_repository() {
    let mut embedded: Text = FILES
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect();
    embedded.sort();
    assert_eq!(embedded, read(&wit()));
}

#[test]
fn every_item_says_what_it_is() {
    let mut silent = Vec::new();
    let resolve = &contract().resolve;
    let mut check = |docs: &wit_parser::Docs, item: String| {
        if docs
            .contents
            .as_deref()
            .unwrap_or_default()
            .trim()
            .is_empty()
        {
            silent.push(item);
        }
    };
    for (_, package) in &resolve.packages {
        check(&package.docs, package.name.to_string());
    }
    for (_, world) in &resolve.worlds {
        check(&world.docs, format!("world {}", world.name));
    }
    for (_, interface) in &resolve.interfaces {
        let name = interface.name.as_deref().unwrap();
        check(&interface.docs, format!("interface {name}"));
        for function in interface.functions.values() {
            check(&function.docs, format!("{name}.{}", function.name));
        }
        for (own, id) in &interface.types {
            let definition = &resolve.types[*id];
            let item = format!("{name}.{own}");
            match &definition.kind {
                TypeDefKind::Type(_) => continue,
                TypeDefKind::Record(record) => {
                    record
                        .fields
                        .iter()
                        .for_each(|field| check(&field.docs, format!("{item}.{}", field.name)));
                }
                TypeDefKind::Variant(variant) => {
                    variant
                        .cases
                        .iter()
                        .for_each(|case| check(&case.docs, format!("{item}.{}", case.name)));
                }
                TypeDefKind::Enum(cases) => {
                    cases
                        .cases
                        .iter()
                        .for_each(|case| check(&case.docs, format!("{item}.{}", case.name)));
                }
                _ => {}
            }
            check(&definition.docs, item);
        }
    }
    assert_eq!(silent, [""; 0]);
}

#[test]
fn every_language_can_speak_it() {
    let resolve = &contract().resolve;
    for (_, definition) in &resolve.types {
        let refused = matches!(
            definition.kind,
            TypeDefKind::Map(..)
                | TypeDefKind::FixedLengthList(..)
                | TypeDefKind::Future(_)
                | TypeDefKind::Stream(_)
        );
        assert!(
            !refused,
            "{:?} is a type that not every language has",
            definition.name
        );
        if let TypeDefKind::List(Type::Id(id)) = definition.kind {
            assert!(!is_borrow(resolve, id), "a list of borrows");
        }
    }
    for world in World::ALL {
        for item in resolve.worlds[contract().world(world)].exports.values() {
            let WorldItem::Interface { id, .. } = item else {
                panic!("{world} exports something bare")
            };
            for function in resolve.interfaces[*id].functions.values() {
                assert!(
                    !function.kind.is_async(),
                    "{world}: {} is async",
                    function.name
                );
                // QuickJS can't give a borrowed handle back at the end of an exported call.
                assert!(
                    !borrows(resolve, function),
                    "{world}: {} borrows",
                    function.name
                );
            }
        }
    }
}

fn borrows(resolve: &Resolve, function: &Function) -> bool {
    function
        .params
        .iter()
        .any(|parameter| matches!(parameter.ty, Type::Id(id) if is_borrow(resolve, id)))
}

fn is_borrow(resolve: &Resolve, id: wit_parser::TypeId) -> bool {
    matches!(
        resolve.types[id].kind,
        TypeDefKind::Handle(Handle::Borrow(_))
    )
}

#[test]
fn only_the_scorer_reaches_nothing() {
    let resolve = &contract().resolve;
    for world in World::ALL {
        let imports = &resolve.worlds[contract().world(world)].imports;
        let functions = imports.values().filter_map(|item| match item {
            WorldItem::Interface { id, .. } => Some(resolve.interfaces[*id].functions.len()),
            WorldItem::Function(_) => Some(1),
            WorldItem::Type { .. } => None,
        });
        assert_eq!(
            functions.sum::<usize>() == 0,
            world == World::Score,
            "{world}"
        );
    }
    let owned_by_worlds = resolve
        .types
        .iter()
        .filter(|(_, ty)| matches!(ty.owner, TypeOwner::World(_)));
    assert_eq!(
        owned_by_worlds.count(),
        0,
        "types belong to interfaces, where other packages can use them"
    );
}

/// Checks that plugins made for `old` go on working with a host that has `new`.
fn keeps(old: &Text, new: &Text) -> Result<(), String> {
    let versions = |text: &Text| -> Vec<String> {
        parsed(text)
            .packages
            .iter()
            .map(|(_, package)| package.name.to_string())
            .collect()
    };
    if versions(old) == versions(new) {
        return if old == new {
            Ok(())
        } else {
            Err("the text has changed, and its versions have not".into())
        };
    }
    for name in World::ALL {
        let (mut both, newer) = (parsed(old), parsed(new));
        let older = world(&both, name);
        let newer_world = world(&newer, name);
        let remap = both.merge(newer).map_err(|error| format!("{error:#}"))?;
        let newer = remap
            .map_world(newer_world, Default::default())
            .map_err(|error| error.to_string())?;
        wit_component::semver_check(both, older, newer)
            .map_err(|error| format!("world {name}: {error:#}"))?;
    }
    Ok(())
}

#[test]
fn no_published_text_is_broken() {
    for entry in fs::read_dir(wit().join("published")).unwrap() {
        let folder = entry.unwrap().path();
        if let Err(error) = keeps(&read(&folder), &read(&wit())) {
            panic!(
                "plugins of {} would no longer work: {error}",
                folder.display()
            );
        }
    }
}

/// The present text as a later version, with a change.
fn later(file: &str, from: &str, to: &str) -> Text {
    let mut text = read(&wit());
    let (_, changed) = text.iter_mut().find(|(path, _)| path == file).unwrap();
    assert!(changed.contains(from), "{file} has no {from}");
    *changed = changed.replacen(from, to, 1);
    text.iter_mut()
        .for_each(|(_, text)| *text = text.replace("@0.1.0", "@0.1.1"));
    text
}

#[test]
fn what_a_host_offers_may_grow() {
    let old = read(&wit());
    assert_eq!(keeps(&old, &old), Ok(()));
    let more = later(
        "job.wit",
        "    seed: func() -> u64;",
        "    seed: func() -> u64;\n    attempt: func() -> u32;",
    );
    assert_eq!(keeps(&old, &more), Ok(()));
}

#[test]
fn what_a_plugin_relies_on_may_not_change() {
    let old = read(&wit());
    for (what, file, from, to) in [
        (
            "another export",
            "validate.wit",
            "    run: func()",
            "    explain: func() -> string;\n    run: func()",
        ),
        (
            "a field more",
            "job.wit",
            "        available: bool,",
            "        available: bool,\n        size: u64,",
        ),
        (
            "a case more",
            "answers.wit",
            "        inconclusive,",
            "        inconclusive,\n        skipped,",
        ),
        (
            "another parameter",
            "job.wit",
            "progress: func(done: u64,",
            "progress: func(unit: string, done: u64,",
        ),
        ("an import less", "job.wit", "    seed: func() -> u64;", ""),
    ] {
        let error = keeps(&old, &later(file, from, to));
        assert!(error.is_err(), "{what} was let through");
    }
    let mut silently = later(
        "job.wit",
        "    seed: func() -> u64;",
        "    seed: func() -> u64;\n    attempt: func() -> u32;",
    );
    silently
        .iter_mut()
        .for_each(|(_, text)| *text = text.replace("@0.1.1", "@0.1.0"));
    assert!(
        keeps(&old, &silently)
            .unwrap_err()
            .contains("versions have not")
    );
}
