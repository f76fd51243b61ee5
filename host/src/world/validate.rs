//! World `validate`: a table is checked against expectations.

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
        world: "lockflight:stage/validate",
        imports: { default: trappable },
        with: {
            "lockflight:data": crate::world::interfaces::lockflight::data,
            "lockflight:stage/job": crate::world::interfaces::lockflight::stage::job,
            "lockflight:stage/answers": crate::world::interfaces::lockflight::stage::answers,
        },
    });
}

/// Instantiates a validate plugin and calls it.
///
/// # Errors
/// When the guest traps or is ended by the host.
pub fn call(
    store: &mut Store<Guest>,
    component: &Component,
    linker: &Linker<Guest>,
    operation: Operation,
) -> wasmtime::Result<Ending> {
    let instance = bindings::Validate::instantiate(&mut *store, component, linker)?;
    store.data_mut().started()?;
    let plugin = instance.lockflight_stage_validator();
    match operation {
        Operation::Check => Ok(interfaces::checked(plugin.call_check(&mut *store)?)),
        Operation::Run => match plugin.call_run(&mut *store)? {
            Ok(report) => Ok(Ending::Answer(Answer {
                findings: report.findings.into_iter().map(Into::into).collect(),
                outputs: interfaces::outputs(store.data_mut(), report.outputs)?,
            })),
            Err(failure) => Ok(Ending::Failure(failure.into())),
        },
    }
}
