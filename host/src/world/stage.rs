//! What the worlds of the lifecycle have in common: two functions without parameters, `check` and `run`.

/// Generates the bindings of a stage's world and its function `call`.
macro_rules! stage_world {
    ($world:literal, $instance:ident, $interface:ident, $answer:expr) => {
        mod bindings {
            #![allow(missing_docs)] // Generated from WIT, which documents every item.
            wasmtime::component::bindgen!({
                path: "../wit",
                world: $world,
                imports: { default: trappable },
                with: {
                    "lockflight:data": crate::world::interfaces::lockflight::data,
                    "lockflight:stage/job": crate::world::interfaces::lockflight::stage::job,
                    "lockflight:stage/answers": crate::world::interfaces::lockflight::stage::answers,
                },
            });
        }

        /// Instantiates a plugin of this world and calls it.
        ///
        /// # Errors
        /// When the guest traps or is ended by the host.
        pub fn call(
            store: &mut wasmtime::Store<crate::child::Guest>,
            component: &wasmtime::component::Component,
            linker: &wasmtime::component::Linker<crate::child::Guest>,
            operation: crate::wire::Operation,
        ) -> wasmtime::Result<crate::wire::Ending> {
            use crate::wire::{Ending, Operation};
            let instance = bindings::$instance::instantiate(&mut *store, component, linker)?;
            store.data_mut().started()?;
            store.data_mut().cross();
            let plugin = instance.$interface();
            match operation {
                Operation::Check => Ok(crate::world::interfaces::checked(
                    plugin.call_check(&mut *store)?,
                )),
                Operation::Run => match plugin.call_run(&mut *store)? {
                    Ok(answered) => Ok(Ending::Answer(Box::new($answer(store.data_mut(), answered)?))),
                    Err(failure) => Ok(Ending::Failure(failure.into())),
                },
            }
        }
    };
}

pub(super) use stage_world;
