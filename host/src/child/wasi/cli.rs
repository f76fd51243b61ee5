//! `wasi:cli` and `wasi:filesystem/preopens`: an empty environment, standard streams, no terminal, no directory.

use wasmtime::component::Resource;

use super::{Exited, Functions, Handle, io::Printed};
use crate::wire::LogSource;

/// Adds the function if it is one of these interfaces'; says whether it was.
pub fn add(into: &mut Functions<'_, '_>, interface: &str, name: &str) -> wasmtime::Result<bool> {
    match (interface, name) {
        ("cli/environment", "get-environment") => {
            into.func_wrap(name, |_, (): ()| Ok((Vec::<(String, String)>::new(),)))
        }
        ("cli/environment", "get-arguments") => {
            into.func_wrap(name, |_, (): ()| Ok((Vec::<String>::new(),)))
        }
        ("cli/environment", "initial-cwd" | "get-initial-cwd") => {
            into.func_wrap(name, |_, (): ()| Ok((None::<String>,)))
        }
        ("cli/exit", "exit") => into.func_wrap(name, |_, (status,): (Result<(), ()>,)| {
            Err::<(), _>(Exited(u8::from(status.is_err())).into())
        }),
        ("cli/exit", "exit-with-code") => {
            into.func_wrap(name, |_, (code,): (u8,)| Err::<(), _>(Exited(code).into()))
        }
        ("cli/stdin", "get-stdin") => give(into, name, || Handle::EmptyInput),
        ("cli/stdout", "get-stdout") => {
            give(into, name, || Handle::Output(Printed(LogSource::Stdout)))
        }
        ("cli/stderr", "get-stderr") => {
            give(into, name, || Handle::Output(Printed(LogSource::Stderr)))
        }
        ("cli/terminal-stdin" | "cli/terminal-stdout" | "cli/terminal-stderr", _) => {
            into.func_wrap(name, |_, (): ()| Ok((None::<Resource<Handle>>,)))
        }
        ("filesystem/preopens", "get-directories") => into.func_wrap(name, |_, (): ()| {
            Ok((Vec::<(Resource<Handle>, String)>::new(),))
        }),
        _ => return Ok(false),
    }?;
    Ok(true)
}

/// A function without parameters that returns a new handle.
fn give(into: &mut Functions<'_, '_>, name: &str, make: fn() -> Handle) -> wasmtime::Result<()> {
    into.func_wrap(name, move |mut store, (): ()| {
        Ok((store.data_mut().resources.push(make())?,))
    })
}
