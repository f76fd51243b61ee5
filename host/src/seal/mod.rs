//! What a child gives up before a guest runs: resource limits first, then, once the code is loaded, privileges, the file system, the
//! network and all system calls that it has no use for.
//!
//! The order matters: loading compiled code opens a path and maps it executable, neither of which can be done after [`seal`].

mod file_system;
mod limits;
mod privileges;
mod system_calls;

pub use limits::limit;

use rustix::process::{Signal, set_parent_process_death_signal};

use crate::{
    enforcement::{Point, stands},
    walls::{Wall, Walls},
};

/// Closes every descriptor but the three standard ones: a launcher may have been started with some that are not to be handed on.
///
/// # Safety
/// Nothing in this process may own such a descriptor: for the very start of a process.
pub unsafe fn close_inherited() {
    const FIRST: u32 = 3;
    if !stands(Point::Descriptors) {
        return;
    }
    // SAFETY: as the caller says, nobody in this process has them. Kernels before 5.9 lack the call and leave them open.
    unsafe { libc::syscall(libc::SYS_close_range, FIRST, u32::MAX, 0u32) };
}

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

/// The last thing before the guest: from here on no path is opened, nothing is mapped executable, and whoever takes this process over
/// has the socket, what comes over it, and some forty system calls. Says which walls stand now.
///
/// # Errors
/// When a wall that this kernel offers cannot be built: a guest is not called behind fewer walls than its user was told.
pub fn seal() -> wasmtime::Result<Walls> {
    let mut walls = Walls::of(&[Wall::Wasm, Wall::Process, Wall::Rlimits]);
    privileges::drop_all()?;
    walls.insert(Wall::Privileges);
    let offered = Walls::offered();
    if offered.has(Wall::Landlock) {
        file_system::close()?;
        walls.insert(Wall::Landlock);
    }
    if offered.has(Wall::Seccomp) {
        system_calls::keep_to(system_calls::GUEST)?;
        walls.insert(Wall::Seccomp);
    }
    Ok(walls)
}

/// Closes the file system for a process that compiles code, and all system calls but those of a compiler with its threads.
///
/// # Errors
/// As [`seal`].
pub fn seal_compiler() -> wasmtime::Result<()> {
    privileges::drop_all()?;
    let offered = Walls::offered();
    if offered.has(Wall::Landlock) {
        file_system::close()?;
    }
    if offered.has(Wall::Seccomp) {
        system_calls::keep_to(system_calls::COMPILER)?;
    }
    Ok(())
}
