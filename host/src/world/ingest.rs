//! World `ingest`: sources become tables.

use wasmtime::{
    Store,
    component::{Component, Linker},
};

use super::interfaces;
use crate::{
    child::Guest,
    wire::{Answer, Ending, Operation},
};

mod bindings {
    #![allow(missing_docs)] // Generated from WIT, which documents every item.
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "lockflight:stage/ingest",
        imports: { default: trappable },
        with: {
            "lockflight:data": crate::world::interfaces::lockflight::data,
            "lockflight:stage/job": crate::world::interfaces::lockflight::stage::job,
            "lockflight:stage/answers": crate::world::interfaces::lockflight::stage::answers,
        },
    });
}

/// Instantiates an ingest plugin and calls it.
///
/// # Errors
/// When the guest traps or is ended by the host.
pub fn call(
    store: &mut Store<Guest>,
    component: &Component,
    linker: &Linker<Guest>,
    operation: Operation,
) -> wasmtime::Result<Ending> {
    let instance = bindings::Ingest::instantiate(&mut *store, component, linker)?;
    store.data_mut().started()?;
    let plugin = instance.lockflight_stage_ingester();
    match operation {
        Operation::Check => Ok(interfaces::checked(plugin.call_check(&mut *store)?)),
        Operation::Run => match plugin.call_run(&mut *store)? {
            Ok(outputs) => Ok(Ending::Answer(Answer {
                findings: Vec::new(),
                outputs: interfaces::outputs(store.data_mut(), outputs)?,
            })),
            Err(failure) => Ok(Ending::Failure(failure.into())),
        },
    }
}
