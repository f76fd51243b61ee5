//! The sealed child: one guest, one thread from start to exit, no path opened and nothing mapped executable after loading, no
//! store, no network. All it has is the socket that its launcher gave it as standard input.

pub mod blobs;
mod guest;
mod job;
mod probe;
mod sample;
mod score;
pub mod tables;
mod wasi;

pub use guest::{Guest, Misuse};

use std::os::{fd::OwnedFd, unix::net::UnixStream};

use wasmtime::{
    Engine, Store, Trap, WasmBacktrace,
    component::{Component, HasSelf, Linker, ResourceTableError},
};

use crate::{
    enforcement::{Point, stands},
    engine::{self, Grown, MemoryExceeded},
    manifest::limits::{Exceeded, Limit},
    seal,
    wire::{Channel, Ending, Fault, FaultKind, GuestLimits, Order, Said, WireError},
    world::{self, World, interfaces::Services},
};

/// Runs the child to its end. What went wrong with the guest goes over the socket; the error here is for a broken socket only. A
/// panic of the host's own code is printed to the error stream, which the launcher reads.
///
/// # Errors
/// When the launcher is gone or sent something else than an order.
pub fn exec(socket: OwnedFd) -> Result<(), WireError> {
    seal::die_with_parent();
    seal::keep_heap();
    let mut channel = Channel::new(UnixStream::from(socket));
    let (frame, code) = channel.receive_with_fd::<Order>()?;
    let order = frame.header;
    let guest = Guest::new(channel, &order);
    let (mut guest, ending) = match (&order.scoring, code) {
        (Some(scoring), None) => score::run(guest, &order, scoring),
        (None, Some(code)) => run(guest, &order, code),
        (Some(_), Some(_)) | (None, None) => {
            return Err(WireError::Malformed(
                "the order brought no compiled code, or code that it has no use for".into(),
            ));
        }
    };
    guest.flush_output()?;
    let usage = guest.usage();
    match guest.say(&Said::Ended { ending, usage }) {
        Err(error @ WireError::TooLong { .. }) => {
            let ending = Ending::Fault(fault(&error.into(), &guest.limits));
            guest.say(&Said::Ended { ending, usage })?;
        }
        said => said?,
    }
    // The launcher measures the process before it lets it go.
    guest.channel.wait_closed();
    Ok(())
}

/// Loads the code, seals the process and calls the guest.
fn run(guest: Guest, order: &Order, code: OwnedFd) -> (Guest, Ending) {
    let host_fault = |error: wasmtime::Error| {
        Ending::Fault(Fault {
            kind: FaultKind::Host,
            message: format!("{error:#}"),
            frames: Vec::new(),
        })
    };
    let (mut store, component) = match load(guest, order, &code) {
        Ok(loaded) => loaded,
        Err((guest, error)) => return (*guest, host_fault(error)),
    };
    drop(code);
    let called = link(&store, &component).and_then(|linker| {
        store.data_mut().sealed(seal::seal()?);
        match order.world {
            World::Ingest => world::ingest::call(&mut store, &component, &linker, order.operation),
            World::Validate => {
                world::validate::call(&mut store, &component, &linker, order.operation)
            }
            World::Train => world::train::call(&mut store, &component, &linker, order.operation),
            World::Packaging => {
                world::packaging::call(&mut store, &component, &linker, order.operation)
            }
            World::Deploy => world::deploy::call(&mut store, &component, &linker, order.operation),
            World::Monitor => {
                world::monitor::call(&mut store, &component, &linker, order.operation)
            }
            World::Score => wasmtime::bail!("a scorer is called with an order of its own"),
        }
    });
    let limits = store.data().limits;
    let ending = called.unwrap_or_else(|error| Ending::Fault(fault(&error, &limits)));
    (store.into_data(), ending)
}

type Loaded = (Store<Guest>, Component);

fn load(
    guest: Guest,
    order: &Order,
    code: &OwnedFd,
) -> Result<Loaded, (Box<Guest>, wasmtime::Error)> {
    let loaded = seal::limit(&order.limits, std::slice::from_ref(code))
        .and_then(|()| engine::engine(order.code))
        .and_then(|engine| {
            let component = engine::load(&engine, code)?;
            Ok((engine, component))
        });
    match loaded {
        Ok((engine, component)) => Ok((store_of(&engine, guest), component)),
        Err(error) => Err((Box::new(guest), error)),
    }
}

/// A store with the guest's limits.
fn store_of(engine: &Engine, guest: Guest) -> Store<Guest> {
    let limits = guest.limits;
    let mut store = Store::new(engine, guest);
    store.limiter(|guest| &mut guest.limiter);
    if stands(Point::LimitCall) {
        store.set_hostcall_fuel(limits.call as usize);
    }
    if stands(Point::LimitHandles) {
        store.set_max_component_handles(limits.handles as usize);
    }
    store
}

fn link(store: &Store<Guest>, component: &Component) -> wasmtime::Result<Linker<Guest>> {
    let mut linker = Linker::new(store.engine());
    // Called once for each call of a service.
    Services::add_to_linker::<_, HasSelf<Guest>>(&mut linker, |guest: &mut Guest| {
        guest.cross();
        guest
    })?;
    wasi::add_to_linker(&mut linker, component)?;
    Ok(linker)
}

/// Names what ended the guest.
fn fault(error: &wasmtime::Error, limits: &GuestLimits) -> Fault {
    let frames = error
        .downcast_ref::<WasmBacktrace>()
        .map(|trace| {
            trace
                .frames()
                .iter()
                .filter_map(|frame| frame.func_name().map(readable))
                .take(32)
                .collect()
        })
        .unwrap_or_default();
    let (kind, message) = if let Some(exceeded) = exceeded(error, limits) {
        (FaultKind::Limit(exceeded), exceeded.to_string())
    } else if let Some(misuse) = error.downcast_ref::<Misuse>() {
        (FaultKind::Misuse, misuse.to_string())
    } else if let Some(call) = error.downcast_ref::<wasi::NotGiven>() {
        (FaultKind::Wasi, call.to_string())
    } else if let Some(exit) = error.downcast_ref::<wasi::Exited>() {
        (FaultKind::Trap, exit.to_string())
    } else if let Some(trap) = error.downcast_ref::<Trap>() {
        (FaultKind::Trap, trap.to_string())
    } else if let Some(WireError::TooLong { .. }) = error.downcast_ref::<WireError>() {
        (
            FaultKind::Misuse,
            format!("the plugin said too much at once: {error:#}"),
        )
    } else if error.downcast_ref::<WireError>().is_some() {
        (FaultKind::Host, said(error))
    } else {
        (FaultKind::Misuse, said(error))
    };
    Fault {
        kind,
        message,
        frames,
    }
}

/// The limit that the guest went beyond, if that is what ended it. wasmtime says three of them by their text alone; a test for each
/// key in `tests/limits.rs` holds that text.
fn exceeded(error: &wasmtime::Error, limits: &GuestLimits) -> Option<Exceeded> {
    if let Some(exceeded) = error.downcast_ref::<MemoryExceeded>() {
        let limit = match exceeded.what {
            Grown::Memory => Limit::Memory,
            Grown::Tables => Limit::Tables,
        };
        let reached = limits.exceeded(limit, exceeded.limit);
        return Some(reached.wanted(exceeded.wanted).had(exceeded.had));
    }
    if let Some(ResourceTableError::Full) = error.downcast_ref() {
        return Some(limits.exceeded(Limit::Handles, limits.handles));
    }
    let (limit, value) = match error.root_cause().to_string() {
        text if text.contains("store handle limit exceeded") => (Limit::Handles, limits.handles),
        text if text.contains("fuel allocated for hostcalls") => (Limit::Call, limits.call),
        text if text.contains("instance count too high") => (Limit::Instances, limits.instances),
        _ => return None,
    };
    Some(limits.exceeded(limit, value))
}

/// The error with its causes, but without the backtrace that stands among them: the frames have it.
fn said(error: &wasmtime::Error) -> String {
    let backtrace = error
        .downcast_ref::<WasmBacktrace>()
        .map(|trace| trace.to_string());
    error
        .chain()
        .map(|cause| cause.to_string())
        .filter(|text| Some(text) != backtrace.as_ref())
        .collect::<Vec<_>>()
        .join(": ")
}

/// A function's name without its mangling.
fn readable(name: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(name))
}
