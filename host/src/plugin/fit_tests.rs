#![allow(clippy::unwrap_used)]
use super::*;
use crate::plugin::wit;
use wit_component::embed_component_metadata;

/// An empty component of the contract's world, after `change` was made to a file of its text.
fn component(world: &str, file: &str, change: impl Fn(&str) -> String) -> Vec<u8> {
    let changed: Vec<_> = wit::FILES
        .iter()
        .map(|(path, text)| {
            (
                *path,
                if *path == file {
                    change(text)
                } else {
                    (*text).to_owned()
                },
            )
        })
        .collect();
    let files: Vec<_> = changed
        .iter()
        .map(|(path, text)| (*path, text.as_str()))
        .collect();
    let (resolve, packages) = wit::parse(&files).unwrap();
    let package = packages
        .into_iter()
        .find(|id| resolve.packages[*id].worlds.contains_key(world))
        .unwrap();
    let world = resolve.packages[package].worlds[world];
    empty(&resolve, world)
}

fn empty(resolve: &Resolve, world: WorldId) -> Vec<u8> {
    let mut module = wit_component::dummy_module(resolve, world, ManglingAndAbi::Standard32);
    embed_component_metadata(&mut module, resolve, world, StringEncoding::UTF8, false).unwrap();
    ComponentEncoder::default()
        .validate(true)
        .module(&module)
        .unwrap()
        .encode()
        .unwrap()
}

fn unchanged(world: &str) -> Vec<u8> {
    component(world, "", str::to_owned)
}

fn replaced(world: &str, file: &str, from: &str, to: &str) -> Vec<u8> {
    component(world, file, |text| {
        assert!(text.contains(from), "{file} has no {from}");
        text.replace(from, to)
    })
}

fn misfit(component: &[u8], world: World) -> String {
    fit(component, world).unwrap_err().to_string()
}

#[test]
fn a_component_fits_the_world_it_was_made_for_and_no_other() {
    for world in World::ALL {
        assert_eq!(
            Shape::read(&unchanged(world.name())).unwrap().worlds(),
            [world]
        );
    }
    assert_eq!(
        misfit(&unchanged("ingest"), World::Validate),
        "this plugin is for world ingest, not for validate"
    );
}

#[test]
fn a_plugin_of_an_older_text_fits() {
    let older = replaced(
        "validate",
        "job.wit",
        "    progress: func(done: u64, total: u64);\n",
        "",
    );
    assert_eq!(fit(&older, World::Validate), Ok(()));
}

#[test]
fn a_plugin_of_another_patch_version_fits() {
    let files: Vec<_> = wit::FILES
        .iter()
        .map(|(path, text)| (*path, text.replace("@0.1.0", "@0.1.7")))
        .collect();
    let files: Vec<_> = files
        .iter()
        .map(|(path, text)| (*path, text.as_str()))
        .collect();
    let (resolve, packages) = wit::parse(&files).unwrap();
    let world = resolve.packages[packages[2]].worlds["validate"];
    assert_eq!(fit(&empty(&resolve, world), World::Validate), Ok(()));
}

#[test]
fn a_plugin_of_a_later_minor_version_does_not_fit() {
    let files: Vec<_> = wit::FILES
        .iter()
        .map(|(path, text)| (*path, text.replace("@0.1.0", "@0.2.0")))
        .collect();
    let files: Vec<_> = files
        .iter()
        .map(|(path, text)| (*path, text.as_str()))
        .collect();
    let (resolve, packages) = wit::parse(&files).unwrap();
    let world = resolve.packages[packages[2]].worlds["validate"];
    let message = misfit(&empty(&resolve, world), World::Validate);
    assert!(
        message.contains("does not export the interface `lockflight:stage/validator@0.1.0`"),
        "{message}"
    );
    assert!(
        message.contains("imports `lockflight:stage/job@0.2.0`, which this world does not offer"),
        "{message}"
    );
}

#[test]
fn every_difference_is_named() {
    let message = misfit(
        &replaced(
            "validate",
            "validate.wit",
            "    /// Does the work.\n    run: func() -> result<report, failure>;\n",
            "",
        ),
        World::Validate,
    );
    assert!(
        message.contains("`lockflight:stage/validator@0.1.0` lacks the function `run`"),
        "{message}"
    );

    let message = misfit(
        &replaced(
            "validate",
            "job.wit",
            "state: func() -> option<blob>;",
            "state: func() -> option<blob>;\nclock: func() -> u64;",
        ),
        World::Validate,
    );
    assert!(
        message.contains(
            "the function `clock` of `lockflight:stage/job@0.1.0`, which this host does not have"
        ),
        "{message}"
    );

    let message = misfit(
        &replaced(
            "validate",
            "job.wit",
            "        available: bool,",
            "        available: bool,\n        size: u64,",
        ),
        World::Validate,
    );
    let expected = "`input` of `lockflight:stage/job@0.1.0` differs: the plugin has `record { port: job.port, available: bool, size: u64 }`";
    assert!(message.contains(expected), "{message}");

    let message = misfit(
        &replaced(
            "validate",
            "job.wit",
            "seed: func() -> u64",
            "seed: func() -> s64",
        ),
        World::Validate,
    );
    assert!(message.contains("`seed` of `lockflight:stage/job@0.1.0` differs: the plugin has `func() -> s64`, the contract `func() -> u64`"), "{message}");
}

#[test]
fn all_differences_are_told_at_once() {
    let both = component("validate", "job.wit", |text| {
        text.replace("seed: func() -> u64", "seed: func() -> s64")
            .replace("time: func() -> s64", "time: func() -> u64")
    });
    let Err(Misfit::Differs { differences, .. }) = fit(&both, World::Validate) else {
        panic!("fits")
    };
    assert_eq!(differences.len(), 2, "{differences:?}");
}

/// The scorer's world with an import of WASI in it.
fn with_wasi(world: &str, file: &str) -> Vec<u8> {
    let mut texts: Vec<_> = wit::FILES.to_vec();
    let changed = texts
        .iter()
        .find(|(path, _)| *path == file)
        .unwrap()
        .1
        .replace(
            &format!("world {world} {{"),
            &format!("world {world} {{\n    import wasi:cli/stdout@0.2.9;"),
        );
    texts.retain(|(path, _)| *path != file);
    texts.push((file, &changed));
    let mut resolve = Resolve::new();
    resolve
        .push_source(
            "cli.wit",
            "package wasi:cli@0.2.9; interface stdout { write: func(text: string); }",
        )
        .unwrap();
    let packages = wit::parse_into(&mut resolve, &texts).unwrap();
    let package = packages
        .into_iter()
        .find(|id| resolve.packages[*id].worlds.contains_key(world))
        .unwrap();
    let world = resolve.packages[package].worlds[world];
    empty(&resolve, world)
}

#[test]
fn a_stage_may_import_wasi_and_a_scorer_may_not() {
    assert_eq!(
        fit(&with_wasi("validate", "validate.wit"), World::Validate),
        Ok(())
    );
    let message = misfit(&with_wasi("score", "deps/model/model.wit"), World::Score);
    assert!(
        message.contains(
            "imports `wasi:cli/stdout@0.2.9`, and a scorer may import no system interface"
        ),
        "{message}"
    );
}

#[test]
fn what_is_no_component_is_named() {
    for (bytes, expected) in [
        (&b"#!/bin/sh"[..], NotAComponent::NotWasm),
        (b"", NotAComponent::NotWasm),
        (b"\0asm\x01\0\0\0", NotAComponent::CoreModule),
    ] {
        assert_eq!(
            fit(bytes, World::Ingest),
            Err(Misfit::NotAComponent(expected))
        );
    }
    let whole = unchanged("ingest");
    let cut = fit(&whole[..whole.len() / 2], World::Ingest);
    assert!(
        matches!(cut, Err(Misfit::NotAComponent(NotAComponent::Damaged(_)))),
        "{cut:?}"
    );
    let (resolve, packages) = wit::parse(wit::FILES).unwrap();
    let package = wit_component::encode(&resolve, packages[0], false).unwrap();
    assert_eq!(
        fit(&package, World::Ingest),
        Err(Misfit::NotAComponent(NotAComponent::WitPackage))
    );
}

/// Found by the fuzz target `component`: the decoder holds that for impossible.
#[test]
fn a_function_with_the_name_of_an_interface_is_refused() {
    let bytes = include_bytes!("../../../fuzz/corpus/component/function-named-as-an-interface");
    let refused = Shape::read(bytes).err().unwrap();
    assert!(matches!(refused, NotAComponent::Damaged(_)), "{refused}");
}
