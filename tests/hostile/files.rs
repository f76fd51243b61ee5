//! Files that are said to be components and are none, or more than that; compiled code that somebody else put into the cache.

use std::borrow::Cow;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::panic::catch_unwind;
use std::path::PathBuf;

use lockflight::plugin::facts::{Facts, SECTION};
use lockflight::plugin::fit::Shape;
use lockflight::world::World;
use wasm_encoder::{CustomSection, Encode, Section};

use super::case::Case;
use super::ground::{Ground, Ran, assert_no_secret, files_below};
use super::{guest, play};

/// A guest that does as it should.
fn right() -> Vec<u8> {
    guest::component("ingest", "")
}

fn ends_with(name: &str, exit: i32, says: &str) -> Case {
    let mut case = Case::new(name, "");
    case.exit = exit;
    case.says.push(says.into());
    case
}

/// A guest that does as it should, with a custom section.
fn with_section(name: &str, data: &[u8]) -> Vec<u8> {
    let mut component = right();
    let section = CustomSection {
        name: name.into(),
        data: Cow::Borrowed(data),
    };
    component.push(section.id());
    section.encode(&mut component);
    component
}

#[test]
fn a_core_module() {
    let case = ends_with("core-module", 2, "it is a core module, not a component");
    play::with(&case, &guest::core_module("ingest", ""));
}

#[test]
fn something_else() {
    for (name, bytes) in [
        ("nothing", &b""[..]),
        ("text", b"#!/bin/sh\ncat ~/secret.txt\n"),
        ("half-a-header", b"\0asm"),
        ("elf", b"\x7fELF\x02\x01\x01"),
    ] {
        play::with(
            &ends_with(name, 2, "`hostile` cannot fill this stage: it is"),
            bytes,
        );
    }
}

/// Reads a component as planning does, and compares it with its world, if that is wanted: it takes ten times as long. The answer
/// does not matter, that there is one does.
fn read(bytes: &[u8], compare: bool, what: &str) {
    let read = catch_unwind(|| {
        let shape = Shape::read(bytes);
        if let (Ok(shape), true) = (shape, compare) {
            let _ = shape.differences(World::Ingest);
        }
        let _ = Facts::read(bytes);
    });
    assert!(read.is_ok(), "{what} makes the host panic");
}

/// In the test's own process, since the binary would take minutes for all of them.
#[test]
fn every_truncation_is_read_without_a_panic() {
    let component = with_section(
        SECTION,
        b"{\"name\":\"x\",\"version\":\"1\",\"world\":\"ingest\"}",
    );
    for length in 0..component.len() {
        read(
            &component[..length],
            true,
            &format!("the first {length} bytes"),
        );
    }
}

/// One bit of each byte, another one from byte to byte.
#[test]
fn every_byte_may_be_flipped_without_a_panic() {
    let component = with_section(
        SECTION,
        b"{\"name\":\"x\",\"version\":\"1\",\"world\":\"ingest\"}",
    );
    for at in 0..component.len() {
        let mut flipped = component.clone();
        flipped[at] ^= 1 << (at % 8);
        read(
            &flipped,
            at % 8 == 0,
            &format!("bit {} of byte {at}", at % 8),
        );
    }
}

/// Through compiling and running too. What still is a component may do anything at all, so only the host is looked at.
#[test]
fn damaged_components_never_harm_the_host() {
    let component = right();
    let step = component.len() / 24;
    let cases = (0..24).map(|n| {
        let mut case = Case::new(&format!("damaged-{n}"), "");
        case.keys
            .push("limits = { wall = \"500ms\", memory = \"16MiB\" }".into());
        case.keys
            .push(format!("description = \"{}\"", n * step + n % step));
        case
    });
    play::all(cases.collect(), |case| {
        let at: usize = case.keys[1].split('"').nth(1).unwrap().parse().unwrap();
        let mut flipped = component.clone();
        flipped[at] ^= 0x10;
        let cut = &component[..at];
        for bytes in [&flipped[..], cut] {
            let ground = Ground::with(case, bytes);
            let ran = ground.lockflight(&["run", "--keep-going"]);
            assert!(
                matches!(ran.exit, 0 | 2 | 3),
                "exit code {}\n{}",
                ran.exit,
                ran.start()
            );
            if ran.says("nothing was run") {
                assert_eq!(
                    ground.lockflight(&["run", "innocent.toml", "--quiet"]).exit,
                    0
                );
            }
            assert_eq!(ground.innocent(), *play::ALONE);
            ground.is_clean();
        }
    });
}

/// 200 MB of a custom section: taken, since a component may be that large, and never held more than once.
#[test]
fn a_component_of_200_mb() {
    let ground = Ground::with(&Case::new("large", ""), &right());
    grow(&ground, 200 << 20);
    let mut case = Case::new("large", "");
    case.exit = 0;
    play::on(&ground, &case);
}

/// A component of 300 GB, most of it a hole: refused by its size, before a byte of it is copied or read.
#[test]
fn a_component_of_300_gb() {
    let ground = Ground::with(&Case::new("huge", ""), &right());
    let file = File::options()
        .write(true)
        .open(ground.folder().join("hostile.wasm"))
        .unwrap();
    file.set_len(300 << 30).unwrap();
    play::on(
        &ground,
        &ends_with("huge", 2, "a component may have 256 MiB"),
    );
}

/// Appends a custom section of so many zero bytes, as a hole.
fn grow(ground: &Ground, bytes: u32) {
    let path = ground.folder().join("hostile.wasm");
    let mut component = fs::read(&path).unwrap();
    let name = b"\x04hole";
    component.push(0);
    (bytes + name.len() as u32).encode(&mut component);
    component.extend_from_slice(name);
    fs::write(&path, &component).unwrap();
    let file = File::options().write(true).open(&path).unwrap();
    file.set_len(component.len() as u64 + u64::from(bytes))
        .unwrap();
}

/// What a component says about itself is text of strangers: deep, large, wrong, or pointing elsewhere.
#[test]
fn bombs_in_the_facts() {
    let facts = |config: &str| {
        format!("{{\"name\":\"x\",\"version\":\"1\",\"world\":\"ingest\",\"config\":{config}}}")
    };
    let deep = "{\"not\":".repeat(100_000) + "{}" + &"}".repeat(100_000);
    let wide = format!("[{}0]", "0,".repeat(100_000));
    for (name, section) in [
        ("deep", facts(&deep)),
        ("wide", facts(&wide)),
        (
            "reference",
            facts("{\"$ref\":\"file:///proc/self/environ\"}"),
        ),
        (
            "reference-over-http",
            facts("{\"$ref\":\"http://127.0.0.1:1/schema.json\"}"),
        ),
        ("reference-to-itself", facts("{\"$ref\":\"#\"}")),
        ("pattern", facts("{\"pattern\":\"(a*)*b\"}")),
        ("no-json", "{".into()),
        (
            "other-world",
            "{\"name\":\"x\",\"version\":\"1\",\"world\":\"deploy\"}".into(),
        ),
        (
            "escapes",
            "{\"name\":\"\\u001b[2Jx\",\"version\":\"\\n::error::1\",\"world\":\"ingest\"}".into(),
        ),
    ] {
        let mut case = Case::new(name, "");
        case.exit = 0;
        let ground = Ground::with(&case, &with_section(SECTION, section.as_bytes()));
        play::on(&ground, &case);
        let ran = ground.lockflight(&["plugin", "inspect", "hostile.wasm"]);
        assert!(ran.exit == 0 || ran.exit == 2, "{name}: {}", ran.start());
        assert!(!ran.shown.contains('\u{1b}'), "{name}: {}", ran.start());
        assert!(!ran.shown.contains("\n::error"), "{name}: {}", ran.start());
        assert_no_secret(ran.shown.as_bytes(), name);
    }
}

/// A ground whose hostile stage ran as it should with a cache of its own, and the file with its compiled code.
fn compiled() -> (Ground, PathBuf) {
    let ground = Ground::with(&Case::new("forged", ""), &right()).own_cache();
    assert_eq!(ground.lockflight(&["run", "--quiet"]).exit, 0);
    let digest = lockflight::digest::Digest::of(&right()).hex();
    let file = files_below(ground.cache())
        .into_iter()
        .find(|file| file.to_string_lossy().contains(&digest))
        .expect("compiled code");
    (ground, file)
}

fn again(ground: &Ground) -> Ran {
    let ran = ground.lockflight(&["run", "--force", "hostile", "--keep-going"]);
    assert_no_secret(ran.shown.as_bytes(), "what is shown");
    assert_eq!(ground.innocent(), *play::ALONE);
    ground.is_clean();
    ran
}

/// Code that is none in the place of compiled code: the stage fails, or the code is made again; nothing else happens.
#[test]
fn forged_code() {
    let (ground, file) = compiled();
    let code = fs::read(&file).unwrap();
    let mut flipped = code.clone();
    flipped[20] ^= 1;
    for forged in [
        &b""[..],
        b"\x7fELF",
        &right(),
        &code[..code.len() / 2],
        &flipped,
    ] {
        fs::remove_file(&file).unwrap();
        fs::write(&file, forged).unwrap();
        let ran = again(&ground);
        assert!(matches!(ran.exit, 0 | 3), "{}", ran.start());
    }
    fs::remove_file(&file).unwrap();
    assert_eq!(again(&ground).exit, 0);
}

/// A file of compiled code that others may write to, or that is a link, is not taken; it is made again.
#[test]
fn code_of_others() {
    let (ground, file) = compiled();
    let forged = ground.home().join("forged.cwasm");
    fs::write(&forged, "no code at all").unwrap();
    fs::remove_file(&file).unwrap();
    symlink(&forged, &file).unwrap();
    assert_eq!(again(&ground).exit, 0, "a link was followed");
    assert_eq!(fs::read(&forged).unwrap(), b"no code at all");

    fs::remove_file(&file).unwrap();
    fs::write(&file, "no code at all").unwrap();
    fs::set_permissions(&file, Permissions::from_mode(0o666)).unwrap();
    assert_eq!(
        again(&ground).exit,
        0,
        "a file that all may write to was taken"
    );

    if chown(&file, Some(12_345), None).is_ok() {
        assert_eq!(again(&ground).exit, 0, "a file of another user was taken");
    }
}

/// A folder of compiled code that others may write to is refused as a whole, also behind a link.
#[test]
fn a_cache_of_others() {
    let (ground, file) = compiled();
    let folder = file.parent().unwrap().to_path_buf();
    let refused = |why: &str| {
        let ran = again(&ground);
        assert!(
            ran.exit != 0 && ran.says("only loaded from a private folder"),
            "{why}: {}",
            ran.start()
        );
    };
    fs::set_permissions(&folder, Permissions::from_mode(0o777)).unwrap();
    refused("all may write to it");
    fs::set_permissions(&folder, Permissions::from_mode(0o700)).unwrap();
    let moved = ground.home().join("code");
    fs::rename(&folder, &moved).unwrap();
    symlink(&moved, &folder).unwrap();
    fs::set_permissions(&moved, Permissions::from_mode(0o777)).unwrap();
    refused("all may write to what the link leads to");
    fs::set_permissions(&moved, Permissions::from_mode(0o700)).unwrap();
    if chown(&moved, Some(12_345), None).is_ok() {
        refused("it is another user's");
    }
}
