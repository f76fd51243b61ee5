//! Resource limits: what the kernel lets a child have, whatever its own counters say.

use std::os::fd::{AsFd, OwnedFd};

use rustix::process::{Resource, Rlimit, setrlimit};

use crate::wire::GuestLimits;

/// What the host's own code may use beside the guest's memory and the compiled code, in bytes.
const SLACK: u64 = 64 << 20;
/// Open descriptors: the socket, the output streams, a block, a blob, the code of each step of a model and what the loader holds for
/// a moment.
const MAX_FDS: u64 = 96;

/// Sets the resource limits. Never RLIMIT_AS: each linear memory reserves 4 GiB of address space that it does not use.
///
/// # Errors
/// When the system refuses.
pub fn limit(limits: &GuestLimits, codes: &[OwnedFd]) -> wasmtime::Result<()> {
    let mut code = 0;
    for file in codes {
        code += u64::try_from(rustix::fs::fstat(file.as_fd())?.st_size).unwrap_or(0);
    }
    let set = |resource, value| {
        setrlimit(
            resource,
            Rlimit {
                current: Some(value),
                maximum: Some(value),
            },
        )
    };
    set(
        Resource::Data,
        limits.memory.saturating_add(code).saturating_add(SLACK),
    )?;
    set(Resource::Cpu, limits.cpu_seconds)?;
    set(Resource::Nofile, MAX_FDS)?;
    set(Resource::Fsize, 0)?;
    set(Resource::Core, 0)?;
    // Neither counts for root, which loses its capabilities later; seccomp stops both for everybody.
    set(Resource::Nproc, 0)?;
    set(Resource::Memlock, 0)?;
    Ok(())
}
