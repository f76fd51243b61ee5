//! Resource limits: what the kernel lets a child have, whatever its own counters say.

use std::os::fd::{AsFd, OwnedFd};

use rustix::process::{Resource, Rlimit, setrlimit};

use crate::{
    enforcement::{Point, stands},
    wire::GuestLimits,
};

/// What the host's own code may use beside the guest's memory, the compiled code and what a call hands over, in bytes.
const SLACK: u64 = 64 << 20;
/// Open descriptors: the socket, the output streams, a block, a blob, the code of each step of a model and what the loader holds for
/// a moment.
const MAX_FDS: u64 = 96;

/// Sets the resource limits. Never RLIMIT_AS: each linear memory reserves 4 GiB of address space that it does not use.
///
/// # Errors
/// When the system refuses.
pub fn limit(limits: &GuestLimits, codes: &[OwnedFd]) -> wasmtime::Result<()> {
    if !stands(Point::Rlimits) {
        return Ok(());
    }
    let mut code = 0;
    for file in codes {
        code += u64::try_from(rustix::fs::fstat(file.as_fd())?.st_size).unwrap_or(0);
    }
    let between = |resource, current, maximum| {
        let (current, maximum) = (Some(current), Some(maximum));
        setrlimit(resource, Rlimit { current, maximum })
    };
    let set = |resource, value| between(resource, value, value);
    set(
        Resource::Data,
        [limits.memory, code, limits.call, SLACK]
            .into_iter()
            .fold(0, u64::saturating_add),
    )?;
    // At the first the process ends with SIGXCPU, by which the launcher knows what ended it; at the second with SIGKILL.
    if stands(Point::LimitCpu) {
        between(
            Resource::Cpu,
            limits.cpu_seconds,
            limits.cpu_seconds.saturating_add(1),
        )?;
    }
    set(Resource::Nofile, MAX_FDS)?;
    set(Resource::Fsize, 0)?;
    set(Resource::Core, 0)?;
    // Neither counts for root, which loses its capabilities later; seccomp stops both for everybody.
    set(Resource::Nproc, 0)?;
    set(Resource::Memlock, 0)?;
    Ok(())
}
