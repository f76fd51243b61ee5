//! Types of two WIT packages as text: short enough to show, exact enough to compare.
//!
//! A named type is shown by its name (`job.port` is the type `port` of the interface `job`), so the text of a definition says
//! nothing of the types it mentions; whoever compares two packages compares each definition on its own.

use wit_parser::{Function, Handle, Resolve, Type, TypeDefKind, TypeId, TypeOwner};

/// What a named type is, e.g. `record { name: string, kind: job.port-kind }`; for a `use` of another, that one's name.
pub fn definition(resolve: &Resolve, id: TypeId) -> String {
    structure(resolve, &resolve.types[id].kind)
}

/// A function's parameters and result, e.g. `func(level: job.level, message: string)`.
pub fn signature(resolve: &Resolve, function: &Function) -> String {
    let parameters = function
        .params
        .iter()
        .map(|parameter| format!("{}: {}", parameter.name, name(resolve, &parameter.ty)));
    let parameters = parameters.collect::<Vec<_>>().join(", ");
    let kind = if function.kind.is_async() {
        "async func"
    } else {
        "func"
    };
    match &function.result {
        Some(result) => format!("{kind}({parameters}) -> {}", name(resolve, result)),
        None => format!("{kind}({parameters})"),
    }
}

/// A function's name as a person would say it: `table.scan` for `[method]table.scan`, `table.constructor` for
/// `[constructor]table`.
pub fn function_name(name: &str) -> String {
    match name.strip_prefix("[constructor]") {
        Some(resource) => format!("{resource}.constructor"),
        None => name.rsplit(']').next().unwrap_or(name).to_owned(),
    }
}

fn name(resolve: &Resolve, ty: &Type) -> String {
    match ty {
        Type::Id(id) => named(resolve, *id),
        Type::Bool => "bool".into(),
        Type::U8 => "u8".into(),
        Type::U16 => "u16".into(),
        Type::U32 => "u32".into(),
        Type::U64 => "u64".into(),
        Type::S8 => "s8".into(),
        Type::S16 => "s16".into(),
        Type::S32 => "s32".into(),
        Type::S64 => "s64".into(),
        Type::F32 => "f32".into(),
        Type::F64 => "f64".into(),
        Type::Char => "char".into(),
        Type::String => "string".into(),
        Type::ErrorContext => "error-context".into(),
    }
}

fn named(resolve: &Resolve, id: TypeId) -> String {
    let definition = &resolve.types[id];
    if let TypeDefKind::Type(meant) = &definition.kind {
        return name(resolve, meant);
    }
    let Some(own) = &definition.name else {
        return structure(resolve, &definition.kind);
    };
    let interface = match definition.owner {
        TypeOwner::Interface(interface) => resolve.interfaces[interface].name.as_deref(),
        TypeOwner::World(_) | TypeOwner::None => None,
    };
    interface.map_or_else(|| own.clone(), |interface| format!("{interface}.{own}"))
}

fn structure(resolve: &Resolve, kind: &TypeDefKind) -> String {
    let of = |ty: &Type| name(resolve, ty);
    let maybe = |ty: &Option<Type>| ty.as_ref().map_or_else(|| "_".into(), of);
    match kind {
        TypeDefKind::Record(record) => braced(
            "record",
            record
                .fields
                .iter()
                .map(|field| format!("{}: {}", field.name, of(&field.ty))),
        ),
        TypeDefKind::Variant(variant) => braced(
            "variant",
            variant.cases.iter().map(|case| match &case.ty {
                Some(ty) => format!("{}({})", case.name, of(ty)),
                None => case.name.clone(),
            }),
        ),
        TypeDefKind::Enum(cases) => {
            braced("enum", cases.cases.iter().map(|case| case.name.clone()))
        }
        TypeDefKind::Flags(flags) => {
            braced("flags", flags.flags.iter().map(|flag| flag.name.clone()))
        }
        TypeDefKind::Tuple(tuple) => format!(
            "tuple<{}>",
            tuple.types.iter().map(of).collect::<Vec<_>>().join(", ")
        ),
        TypeDefKind::Option(ty) => format!("option<{}>", of(ty)),
        TypeDefKind::Result(result) => {
            format!("result<{}, {}>", maybe(&result.ok), maybe(&result.err))
        }
        TypeDefKind::List(ty) => format!("list<{}>", of(ty)),
        TypeDefKind::FixedLengthList(ty, length) => format!("list<{}, {length}>", of(ty)),
        TypeDefKind::Map(key, value) => format!("map<{}, {}>", of(key), of(value)),
        TypeDefKind::Future(ty) => format!("future<{}>", maybe(ty)),
        TypeDefKind::Stream(ty) => format!("stream<{}>", maybe(ty)),
        TypeDefKind::Handle(Handle::Own(id)) => named(resolve, *id),
        TypeDefKind::Handle(Handle::Borrow(id)) => format!("borrow<{}>", named(resolve, *id)),
        TypeDefKind::Resource => "resource".into(),
        TypeDefKind::Type(ty) => of(ty),
        TypeDefKind::Unknown => "unknown".into(),
    }
}

fn braced(word: &str, parts: impl Iterator<Item = String>) -> String {
    format!("{word} {{ {} }}", parts.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::plugin::wit::contract;

    fn interface(name: &str) -> &'static wit_parser::Interface {
        let mut interfaces = contract()
            .resolve
            .interfaces
            .iter()
            .map(|(_, interface)| interface);
        interfaces
            .find(|interface| interface.name.as_deref() == Some(name))
            .unwrap()
    }

    #[test]
    fn types_are_shown_as_in_wit() {
        let of = |name: &str, ty: &str| definition(&contract().resolve, interface(name).types[ty]);
        assert_eq!(of("job", "port-kind"), "enum { table, blob }");
        assert_eq!(
            of("job", "port"),
            "record { name: string, kind: job.port-kind, schema: option<types.schema> }"
        );
        assert_eq!(
            of("job", "schema"),
            "types.schema",
            "a `use` is what it names"
        );
        assert_eq!(
            of("answers", "content"),
            "variant { table(tables.table-writer), blob(blobs.blob-writer) }"
        );
        assert_eq!(of("blobs", "blob"), "resource");
    }

    #[test]
    fn functions_are_shown_as_in_wit() {
        let of = |name: &str, function: &str| {
            signature(&contract().resolve, &interface(name).functions[function])
        };
        assert_eq!(
            of("scorer", "load"),
            "func(part: list<u8>, rest: u64) -> result<_, string>"
        );
        assert_eq!(
            of("blobs", "[method]blob.size"),
            "func(self: borrow<blobs.blob>) -> u64"
        );
        assert_eq!(of("job", "log"), "func(level: job.level, message: string)");
        assert_eq!(function_name("[method]table.scan"), "table.scan");
        assert_eq!(
            function_name("[constructor]table-writer"),
            "table-writer.constructor"
        );
        assert_eq!(function_name("log"), "log");
    }
}
