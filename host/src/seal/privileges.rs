//! Privileges: what a process has because of whose it is.

use rustix::{
    io::Errno,
    process::{DumpableBehavior, set_dumpable_behavior},
    thread::{
        CapabilitySet, CapabilitySets, clear_ambient_capability_set,
        remove_capability_from_bounding_set, set_capabilities, set_no_new_privs,
    },
};

use crate::enforcement::{Point, stands};

/// Gives up all capabilities, which only root has, and every way to gain some; keeps other processes of the same user from looking
/// into this one.
///
/// # Errors
/// When the kernel refuses.
pub fn drop_all() -> wasmtime::Result<()> {
    if stands(Point::NoNewPrivileges) {
        set_no_new_privs(true)?;
    }
    if stands(Point::Capabilities) {
        drop_capabilities()?;
    }
    if stands(Point::Undumpable) {
        set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    }
    Ok(())
}

fn drop_capabilities() -> wasmtime::Result<()> {
    for capability in CapabilitySet::all().iter() {
        match remove_capability_from_bounding_set(capability) {
            // Whoever is not root has none to remove, and an older kernel does not know all.
            Ok(()) | Err(Errno::PERM | Errno::INVAL) => {}
            Err(error) => return Err(error.into()),
        }
    }
    match clear_ambient_capability_set() {
        Ok(()) | Err(Errno::INVAL) => {}
        Err(error) => return Err(error.into()),
    }
    let none = CapabilitySets {
        effective: CapabilitySet::empty(),
        permitted: CapabilitySet::empty(),
        inheritable: CapabilitySet::empty(),
    };
    Ok(set_capabilities(None, none)?)
}
