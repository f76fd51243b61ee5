//! What the canonical ABI says of the contract's types, as code of the SDKs that does not compile if their types differ. The
//! SDKs write those types by hand, to have their own names for them; this keeps them from going out of date.

#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use wit_parser::{SizeAlign, Type, TypeDefKind};

use crate::plugin::wit;

/// A fact of one type of the contract.
enum Fact {
    /// How many bytes a value has.
    Size(usize),
    /// Where a field begins.
    Field { name: String, offset: usize },
    /// Where a variant's payload begins.
    Payload(usize),
    /// A case's number.
    Case { name: String, number: usize },
}

/// Records that no function passes: they say which columns a table has.
const COLUMNS_ONLY: [&str; 1] = ["figure"];

/// All records, variants and enums of the contract with their facts, sorted by name.
fn facts() -> Vec<(String, Vec<Fact>)> {
    let resolve = &wit::contract().resolve;
    let mut sizes = SizeAlign::default();
    sizes.fill(resolve).unwrap();
    let mut all: Vec<_> = resolve
        .types
        .iter()
        .filter(|(_, ty)| {
            ty.name
                .as_deref()
                .is_none_or(|name| !COLUMNS_ONLY.contains(&name))
        })
        .filter_map(|(id, ty)| {
            let facts = facts_of(&sizes, &ty.kind, &Type::Id(id))?;
            Some((ty.name.clone()?, facts))
        })
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

fn facts_of(sizes: &SizeAlign, kind: &TypeDefKind, ty: &Type) -> Option<Vec<Fact>> {
    let mut facts = vec![Fact::Size(sizes.size(ty).size_wasm32())];
    let case = |(number, name): (usize, &String)| Fact::Case {
        name: name.clone(),
        number,
    };
    match kind {
        TypeDefKind::Record(record) => {
            let offsets = sizes.field_offsets(record.fields.iter().map(|field| &field.ty));
            facts.extend(
                offsets
                    .iter()
                    .zip(&record.fields)
                    .map(|((offset, _), field)| Fact::Field {
                        name: field.name.clone(),
                        offset: offset.size_wasm32(),
                    }),
            );
        }
        TypeDefKind::Variant(variant) => {
            let payloads = variant.cases.iter().map(|case| case.ty.as_ref());
            let offset = sizes.payload_offset(variant.tag(), payloads);
            facts.push(Fact::Payload(offset.size_wasm32()));
            facts.extend(
                variant
                    .cases
                    .iter()
                    .map(|case| &case.name)
                    .enumerate()
                    .map(case),
            );
        }
        TypeDefKind::Enum(cases) => {
            facts.extend(
                cases
                    .cases
                    .iter()
                    .map(|case| &case.name)
                    .enumerate()
                    .map(case),
            );
        }
        _ => return None,
    }
    Some(facts)
}

fn c() -> String {
    let mut text = String::from(
        "/* The layout of the contract's types, made from wit/ by a test of the host (LOCKFLIGHT_BLESS=1 writes it anew). */\n\
         #ifdef __wasm__\n",
    );
    for (name, facts) in facts() {
        let ty = format!("lf_{}", name.replace('-', "_"));
        for fact in facts {
            let (left, right) = match fact {
                Fact::Size(size) => (format!("sizeof({ty})"), size),
                Fact::Field { name, offset } => (
                    format!("offsetof({ty}, {})", name.replace('-', "_")),
                    offset,
                ),
                Fact::Payload(offset) => (format!("offsetof({ty}, as)"), offset),
                Fact::Case { name, number } => {
                    let case = format!("{ty}_{name}").replace('-', "_").to_uppercase();
                    (case, number)
                }
            };
            writeln!(text, "_Static_assert({left} == {right}, \"{name}\");").unwrap();
        }
    }
    text + "#endif\n"
}

/// `media-type` as Go writes it, e.g. `MediaType`.
fn camel(name: &str) -> String {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    name.split('-').map(capital).collect()
}

fn go() -> String {
    let mut text = String::from(
        "// Code generated from wit/ by a test of the host (LOCKFLIGHT_BLESS=1 writes it anew). DO NOT EDIT.\n\n\
         package abi\n\nimport \"unsafe\"\n\n\
         // An array whose length differs on both sides does not compile.\n",
    );
    for (name, facts) in facts() {
        let ty = camel(&name);
        for fact in facts {
            let (left, right) = match fact {
                Fact::Size(size) => (format!("unsafe.Sizeof({ty}{{}})"), size),
                Fact::Field { name, offset } => (
                    format!("unsafe.Offsetof({ty}{{}}.{})", camel(&name)),
                    offset,
                ),
                Fact::Payload(offset) => (format!("unsafe.Offsetof({ty}{{}}.Payload)"), offset),
                Fact::Case { name, number } => (format!("{ty}{}", camel(&name)), number),
            };
            if left.starts_with("unsafe.Sizeof") && right == 1 {
                // An enum: a number.
                continue;
            }
            writeln!(text, "var _ [{right}]struct{{}} = [{left}]struct{{}}{{}}").unwrap();
        }
    }
    text
}

/// Holds a file of the repository against what it should be, or writes it.
fn is_up_to_date(path: &str, text: &str) {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    if std::env::var_os("LOCKFLIGHT_BLESS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        text,
        "{} does not belong to wit/; LOCKFLIGHT_BLESS=1 writes it anew",
        path.display()
    );
}

#[test]
fn the_layouts_are_those_of_the_contract() {
    is_up_to_date("sdk/c/src/layout.h", &c());
    is_up_to_date("sdk/go/internal/abi/layout.go", &go());
}
