//! Core modules of languages that know WASI preview 1 become components that import the contract alone.

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};

use crate::plugin::wit;
use crate::world::World;

/// The name under which compilers import WASI preview 1.
const PREVIEW1: &str = "wasi_snapshot_preview1";

/// What answers it inside the component: nothing is there, nothing is kept.
const ADAPTER: &str = include_str!("adapter/nowasi.wat");

/// Makes a component for a world of a core module whose imports and exports are named as the canonical ABI names them. The
/// types are those of the contract in this host.
///
/// # Errors
/// With a sentence that says what of the module does not fit.
pub(super) fn component(mut module: Vec<u8>, world: World) -> Result<Vec<u8>, String> {
    let contract = wit::contract();
    let world = contract.world(world);
    embed_component_metadata(
        &mut module,
        &contract.resolve,
        world,
        StringEncoding::UTF8,
        false,
    )
    .map_err(|error| misfit(&format!("{error:#}")))?;
    let adapter = wat::parse_str(ADAPTER).map_err(|error| misfit(&error.to_string()))?;
    let encode = || {
        let mut encoder = ComponentEncoder::default();
        encoder.module(&module)?.adapter(PREVIEW1, &adapter)?;
        encoder.validate(true).encode()
    };
    encode().map_err(|error| misfit(&format!("{error:#}")))
}

fn misfit(error: &str) -> String {
    format!("the module can't be made a component: {error}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fmt::Write as _;

    use super::*;
    use crate::plugin::fit::fit;
    use wasmparser::{Parser, Payload, Validator};

    /// Imports of all functions of preview 1 that the adapter has, as text, and how many there are.
    fn imports(adapter: &[u8]) -> (String, usize) {
        let types = Validator::new().validate_all(adapter).unwrap();
        let (mut text, mut count) = (String::new(), 0);
        for payload in Parser::new(0).parse_all(adapter) {
            let Payload::ExportSection(exports) = payload.unwrap() else {
                continue;
            };
            for export in exports {
                let export = export.unwrap();
                let function = types.as_ref().core_function_at(export.index);
                let function = types[function].unwrap_func();
                let list = |types: &[wasmparser::ValType]| {
                    types.iter().map(|ty| format!(" {ty}")).collect::<String>()
                };
                writeln!(
                    text,
                    "(import \"{PREVIEW1}\" \"{}\" (func (param{}) (result{})))",
                    export.name,
                    list(function.params()),
                    list(function.results())
                )
                .unwrap();
                count += 1;
            }
        }
        (text, count)
    }

    #[test]
    fn all_of_preview_1_is_answered_inside() {
        let (imports, count) = imports(&wat::parse_str(ADAPTER).unwrap());
        assert_eq!(count, 46, "{imports}");
        let all: String = (0..count).map(|index| format!(" {index}")).collect();
        let scorer = "lockflight:model/scorer@0.1.0";
        let module = format!(
            "(module {imports} (memory (export \"memory\") 1) (table funcref (elem{all}))
               (func (export \"cabi_realloc\") (param i32 i32 i32 i32) (result i32) unreachable)
               (func (export \"{scorer}#load\") (param i32 i32 i64) (result i32) unreachable)
               (func (export \"{scorer}#score\") (param i32 i32 i32) (result i32) unreachable))"
        );
        let made = component(wat::parse_str(&module).unwrap(), World::Score).unwrap();
        fit(&made, World::Score).unwrap();
    }

    #[test]
    fn a_module_that_lacks_an_export_is_told_so() {
        let module = wat::parse_str("(module (memory (export \"memory\") 1))").unwrap();
        let error = component(module, World::Score).unwrap_err();
        assert!(error.contains("lockflight:model/scorer@0.1.0"), "{error}");
    }
}
