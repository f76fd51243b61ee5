//! What the child gives up before the guest runs: resource limits now, file system and system calls with the sandbox.

use std::os::fd::{AsFd, OwnedFd};

use rustix::process::{Resource, Rlimit, Signal, set_parent_process_death_signal, setrlimit};

use crate::wire::GuestLimits;

/// What the host's own code may use beside the guest's memory, the compiled code and what a call hands over, in bytes.
const SLACK: u64 = 64 << 20;
/// Open descriptors: the socket, the output streams, a block, a blob, the code of each step of a model and what the loader holds for
/// a moment.
const MAX_FDS: u64 = 96;

/// Ends this process when its launcher ends, however that ends.
pub fn die_with_parent() {
    // Fails on no kernel that lockflight runs on; without it, the launcher's own death would only be seen at the next message.
    let _ = set_parent_process_death_signal(Some(Signal::KILL));
}

/// Lets the heap keep the memory of a batch for the next one. Otherwise glibc returns buffers of this size to the system as soon
/// as they are free, and the kernel clears their pages again for every batch, which takes as long as copying them twice.
pub fn keep_heap() {
    // More than 32 MiB is refused for the first; the second has to stay above the buffers of one batch.
    for (setting, bytes) in [
        (libc::M_MMAP_THRESHOLD, 32 << 20),
        (libc::M_TRIM_THRESHOLD, 64 << 20),
    ] {
        // SAFETY: takes and returns plain numbers. A setting that is refused only costs time.
        unsafe { libc::mallopt(setting, bytes) };
    }
}

/// Sets the resource limits. Never RLIMIT_AS: each linear memory reserves 4 GiB of address space that it does not use.
///
/// # Errors
/// When the system refuses.
pub fn limit(limits: &GuestLimits, codes: &[OwnedFd]) -> wasmtime::Result<()> {
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
    between(
        Resource::Cpu,
        limits.cpu_seconds,
        limits.cpu_seconds.saturating_add(1),
    )?;
    set(Resource::Nofile, MAX_FDS)?;
    set(Resource::Fsize, 0)?;
    set(Resource::Core, 0)?;
    Ok(())
}

/// The last thing before the guest: from here on no path is opened and nothing is mapped executable.
///
/// The place where landlock and seccomp are switched on; everything behind it keeps to the list of system calls they will allow.
pub fn seal() {}

/// The walls that stand around a guest on this machine: WebAssembly's own, the process with its limits.
pub fn walls() -> Vec<&'static str> {
    vec!["wasm", "process", "rlimits"]
}
