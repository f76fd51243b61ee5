//! The virtual WASI: what guests made by toolchains of other languages import, answered from the job document alone.
//!
//! About 25 functions of WASI 0.2 work: an empty environment, standard streams that go into the log, a logical clock, seeded
//! random numbers, no directories. Every other `wasi:*` function ends the guest with its name. There is no real clock, no real
//! randomness and no system call behind any of it. (wasmtime-wasi starts threads and reads /proc, which the seal forbids.)

mod cli;
mod clocks;
mod io;
mod random;

use wasmtime::{
    StoreContextMut,
    component::{
        Component, ComponentNamedList, Lift, Linker, LinkerInstance, Lower, Resource, ResourceType,
        types::{ComponentInstance, ComponentItem},
    },
};

use super::guest::Guest;
use crate::wire::LogLine;

/// The guest called a WASI function that lockflight does not give.
#[derive(Debug, thiserror::Error)]
#[error(
    "the plugin called `{0}`, which a sealed stage does not have: no files, no network, no processes; everything it can learn is in its inputs and config"
)]
pub struct NotGiven(String);

/// The guest ended itself.
#[derive(Debug, thiserror::Error)]
#[error("the plugin ended itself with exit code {0} instead of returning a result")]
pub struct Exited(u8);

/// The one host type behind all WASI resources, so that any of them can stand where any other is declared.
#[derive(Debug)]
pub enum Handle {
    /// An input stream without data.
    EmptyInput,
    /// A stream into the log.
    Output(io::Printed),
    /// Something to wait for, ready when the logical clock reaches this time in ns.
    Pollable(u64),
}

/// Functions of an interface, each of which counts its calls.
struct Functions<'i, 'l> {
    into: &'i mut LinkerInstance<'l, Guest>,
}

impl Functions<'_, '_> {
    fn func_wrap<F, P, R>(&mut self, name: &str, function: F) -> wasmtime::Result<()>
    where
        F: Fn(StoreContextMut<'_, Guest>, P) -> wasmtime::Result<R> + Send + Sync + 'static,
        P: ComponentNamedList + Lift + 'static,
        R: ComponentNamedList + Lower + 'static,
    {
        self.into.func_wrap(
            name,
            move |mut store: StoreContextMut<'_, Guest>, given: P| {
                store.data_mut().cross();
                function(store, given)
            },
        )
    }
}

/// The state of the virtual WASI for one guest.
pub struct Wasi {
    clock: clocks::Clock,
    random: random::Generator,
    printed: io::Lines,
}

impl Wasi {
    pub(super) fn new(time: i64, seed: u64) -> Self {
        Wasi {
            clock: clocks::Clock::new(time),
            random: random::Generator::new(seed),
            printed: io::Lines::default(),
        }
    }

    /// What was printed without an end of line.
    pub(super) fn unfinished_lines(&mut self) -> Vec<LogLine> {
        self.printed.unfinished()
    }
}

/// Gives the component every `wasi:*` item that it imports: an answer, or an end with the function's name.
///
/// # Errors
/// When the component declares such an item with another type than WASI's.
pub fn add_to_linker(linker: &mut Linker<Guest>, component: &Component) -> wasmtime::Result<()> {
    let engine = linker.engine().clone();
    for (name, item) in component.component_type().imports(&engine) {
        let Some(interface) = interface_of(name) else {
            continue;
        };
        if let ComponentItem::ComponentInstance(instance) = item.ty {
            let mut into = linker.instance(name)?;
            add_interface(&mut into, &engine, interface, &instance)?;
        }
    }
    Ok(())
}

/// `cli/stdout` of `wasi:cli/stdout@0.2.6`.
fn interface_of(import: &str) -> Option<&str> {
    let rest = import.strip_prefix("wasi:")?;
    Some(rest.split_once('@').map_or(rest, |(path, _)| path))
}

fn add_interface(
    into: &mut LinkerInstance<'_, Guest>,
    engine: &wasmtime::Engine,
    interface: &str,
    declared: &ComponentInstance,
) -> wasmtime::Result<()> {
    for (name, item) in declared.exports(engine) {
        match item.ty {
            ComponentItem::Resource(_) => {
                into.resource(name, ResourceType::host::<Handle>(), |mut store, rep| {
                    let handle = Resource::<Handle>::new_own(rep);
                    store.data_mut().cross();
                    store.data_mut().resources.delete(handle)?;
                    Ok(())
                })?;
            }
            ComponentItem::ComponentFunc(_) => {
                let mut functions = Functions { into: &mut *into };
                let functions = &mut functions;
                let given = cli::add(functions, interface, name)?
                    || clocks::add(functions, interface, name)?
                    || random::add(functions, interface, name)?
                    || io::add(functions, interface, name)?;
                if !given {
                    let function = format!("wasi:{interface}#{name}");
                    into.func_new(name, move |_, _, _, _| {
                        Err(NotGiven(function.clone()).into())
                    })?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}
