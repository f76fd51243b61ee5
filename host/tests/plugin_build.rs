//! Builds Rust plugins from folders, as `lockflight plugin build` does. The crates have no dependencies, so that a build takes
//! a second: they export the functions of world `score` by hand.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use lockflight::plugin::build::{BuildError, Outcome, build};
use lockflight::plugin::facts::Facts;
use lockflight::plugin::fresh::{Freshness, fresh};
use lockflight::plugin::inspect::{InspectError, inspect};
use lockflight::plugin::wit::contract;
use lockflight::world::World;
use wit_component::StringEncoding;

const PLUGIN: &str = r#"
name = "echo"
version = "1.2.3"
description = "Answers with what it got."
license = "Apache-2.0"
worlds = ["score"]
declares = ["seed"]
[build]
language = "rust"
"#;

const CARGO: &str = r#"
[package]
name = "echo"
version = "1.2.3"
edition = "2024"
[lib]
crate-type = ["cdylib"]
[features]
score = []
[workspace]
"#;

/// The canonical ABI of world `score`, by hand, and the facts.
const SOURCE: &str = r#"
#[unsafe(link_section = "component-type:score")]
pub static TYPE: [u8; include_bytes!("../type.bin").len()] = *include_bytes!("../type.bin");

#[unsafe(export_name = "lockflight:model/scorer@0.1.0#load")]
extern "C" fn load(_part: *mut u8, _length: usize, _rest: u64) -> usize { 0 }
#[unsafe(export_name = "lockflight:model/scorer@0.1.0#score")]
extern "C" fn score(_rows: u32, _columns: *mut u8, _length: usize) -> usize { 0 }
#[unsafe(export_name = "cabi_realloc")]
extern "C" fn realloc(_old: *mut u8, _size: usize, _align: usize, _new: usize) -> *mut u8 { panic!() }

static FACTS: &str = r!{"config": {"type": "object", "title": "Echo"}}!;
#[unsafe(export_name = "lockflight-facts")]
extern "C" fn facts() -> u64 { (FACTS.as_ptr() as u64) << 32 | FACTS.len() as u64 }
"#;

/// A folder with the plugin, changed by `change`. Tests run side by side on one target folder, so each names its own crate.
fn plugin(krate: &str, change: impl Fn(&Path)) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let put = |path: &str, content: &[u8]| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    };
    let contract = contract();
    let world = contract.world(World::Score);
    let types = wit_component::metadata::encode(
        &contract.resolve,
        world,
        StringEncoding::UTF8,
        None,
        false,
    )
    .unwrap();
    put("plugin.toml", PLUGIN.as_bytes());
    put("Cargo.toml", CARGO.replace("echo", krate).as_bytes());
    put("type.bin", &types);
    put(
        "src/lib.rs",
        SOURCE
            .replace("r!", "r#\"")
            .replace("}}!", "}}\"#")
            .as_bytes(),
    );
    change(folder.path());
    folder
}

fn edit(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{} has no {from}", path.display());
    fs::write(path, text.replace(from, to)).unwrap();
}

fn quietly(folder: &Path) -> Result<Outcome, BuildError> {
    build(folder, false, &|_| {})
}

fn failure(change: impl Fn(&Path)) -> String {
    quietly(plugin("refused", change).path())
        .unwrap_err()
        .to_string()
}

#[test]
fn a_folder_becomes_a_component_with_facts() {
    let folder = plugin("echo", |_| {});
    assert_eq!(fresh(folder.path()).unwrap().1, Freshness::Missing);
    let Outcome::Built(components) = quietly(folder.path()).unwrap() else {
        panic!("built nothing")
    };
    let component = &components[&World::Score];

    let inspection = inspect(&component.path).unwrap();
    assert_eq!(inspection.worlds, [World::Score]);
    assert_eq!(inspection.exports, ["lockflight:model/scorer@0.1.0"]);
    assert_eq!(inspection.digest, component.digest);
    assert!(
        inspection
            .producers
            .iter()
            .any(|producer| producer.name == "rustc"),
        "{:?}",
        inspection.producers
    );
    let facts = Facts::read(&fs::read(&component.path).unwrap())
        .unwrap()
        .unwrap();
    assert_eq!(
        (facts.name.as_str(), facts.version.as_str(), facts.world),
        ("echo", "1.2.3", World::Score)
    );
    assert_eq!(facts.config.unwrap()["title"], "Echo");

    let Freshness::Fresh(found) = fresh(folder.path()).unwrap().1 else {
        panic!("not fresh after the build")
    };
    assert_eq!(found[&World::Score].digest, component.digest);
    assert!(matches!(
        quietly(folder.path()).unwrap(),
        Outcome::UpToDate(_)
    ));
    edit(&folder.path().join("plugin.toml"), "1.2.3", "1.2.4");
    assert_eq!(fresh(folder.path()).unwrap().1, Freshness::Stale);
    assert!(matches!(quietly(folder.path()).unwrap(), Outcome::Built(_)));
}

#[test]
fn two_builds_in_folders_of_other_names_are_equal() {
    let digest = |folder: &Path| match build(folder, true, &|_| {}).unwrap() {
        Outcome::Built(components) => components[&World::Score].digest,
        Outcome::UpToDate(_) => panic!("not forced"),
    };
    assert_eq!(
        digest(plugin("twice", |_| {}).path()),
        digest(plugin("twice", |_| {}).path())
    );
}

#[test]
fn plugins_of_one_name_share_a_target_folder_and_keep_apart() {
    let own = |title: &str| {
        plugin("namesake", |folder| {
            edit(&folder.join("src/lib.rs"), "Echo", title);
        })
    };
    // Both are older than any build, so that the time of a file tells cargo nothing.
    let (one, other) = (own("One"), own("Other"));
    for (folder, title) in [(&one, "One"), (&other, "Other"), (&one, "One")] {
        let Outcome::Built(components) = build(folder.path(), true, &|_| {}).unwrap() else {
            panic!("not forced")
        };
        let component = fs::read(&components[&World::Score].path).unwrap();
        let facts = Facts::read(&component).unwrap().unwrap();
        assert_eq!(facts.config.unwrap()["title"], title);
        assert!(!folder.path().join("target").exists());
    }
}

#[test]
fn what_is_no_plugin_is_refused_with_the_reason() {
    let error = failure(|folder| edit(&folder.join("Cargo.toml"), "\"cdylib\"", "\"rlib\""));
    assert!(
        error.contains("add `[lib] crate-type = [\"cdylib\"]`"),
        "{error}"
    );

    let error = failure(|folder| edit(&folder.join("plugin.toml"), "\"score\"", "\"validate\""));
    assert!(
        error.contains("this plugin is for world score, not for validate"),
        "{error}"
    );

    let error = failure(|folder| {
        edit(
            &folder.join("plugin.toml"),
            "\"score\"",
            "\"score\", \"train\"",
        )
    });
    assert!(
        error.contains("needs a feature for each; `train` is missing"),
        "{error}"
    );

    let error = failure(|folder| {
        edit(
            &folder.join("src/lib.rs"),
            "FACTS.len() as u64",
            "0xffff_ffff",
        )
    });
    assert!(error.contains("they are outside of its memory"), "{error}");

    let error = failure(|folder| {
        edit(
            &folder.join("src/lib.rs"),
            "-> usize { 0 }",
            "-> usize { unsafe { fd_close(0) } }",
        );
        let import = "#[link(wasm_import_module = \"wasi_snapshot_preview1\")]\nunsafe extern \"C\" { fn fd_close(fd: u32) -> usize; }\n";
        let path = folder.join("src/lib.rs");
        fs::write(
            &path,
            format!("{import}{}", fs::read_to_string(&path).unwrap()),
        )
        .unwrap();
    });
    assert!(
        error.contains("imports `fd_close` of WASI preview 1"),
        "{error}"
    );

    let error = failure(|folder| edit(&folder.join("src/lib.rs"), "usize { 0 }", "usize { }"));
    assert!(
        error.contains("`cargo build") && error.contains("failed"),
        "{error}"
    );
}

#[test]
fn a_core_module_is_told_from_a_component() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("core.wasm");
    fs::write(&path, b"\0asm\x01\0\0\0").unwrap();
    let error = inspect(&path).unwrap_err();
    assert!(matches!(error, InspectError::NotAComponent { .. }));
    assert!(
        error.to_string().contains("core module, not a component"),
        "{error}"
    );
}
