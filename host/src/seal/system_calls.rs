//! Seccomp: the system calls that a sealed process keeps. Any other ends it at once, with SIGSYS.

use std::collections::BTreeMap;

use libc::c_long;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, apply_filter,
};

use crate::enforcement::{Point, stands};

/// Which calls are kept.
pub struct Kept {
    /// Allowed whatever the arguments.
    free: &'static [c_long],
    /// Whether threads may be started.
    threads: bool,
}

/// Of a child with a guest, once its code is loaded: what reads and writes open descriptors, memory that is not executable, and the
/// end. No path, no socket, no process, no clock but the reading of it.
pub const GUEST: Kept = Kept {
    free: BASIC,
    threads: false,
};

/// Of a compiler, from its start on.
pub const COMPILER: Kept = Kept {
    free: BASIC,
    threads: true,
};

const BASIC: &[c_long] = &[
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_pread64,
    libc::SYS_readv,
    libc::SYS_writev,
    libc::SYS_recvmsg,
    libc::SYS_sendmsg,
    libc::SYS_recvfrom,
    libc::SYS_sendto,
    libc::SYS_close,
    libc::SYS_lseek,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_brk,
    libc::SYS_sigaltstack,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_futex,
    libc::SYS_sched_yield,
    libc::SYS_clock_gettime,
    libc::SYS_getrandom,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_restart_syscall,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

/// What threads need: to be started, named, given a place in memory, and told how many there may be.
const THREADS: &[c_long] = &[
    libc::SYS_set_robust_list,
    libc::SYS_rseq,
    libc::SYS_sched_getaffinity,
    libc::SYS_prctl,
];

/// What libraries try and can do without: they get "not permitted" for an answer and the process goes on.
const REFUSED: &[c_long] = &[
    libc::SYS_openat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_readlinkat,
    libc::SYS_ioctl,
    libc::SYS_fcntl,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_open,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_stat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_readlink,
];

/// Keeps this thread, and all that it starts, to these system calls.
///
/// # Errors
/// When the kernel refuses.
pub fn keep_to(kept: Kept) -> wasmtime::Result<()> {
    if !stands(Point::Seccomp) {
        return Ok(());
    }
    let any = Vec::new;
    let mut rules: BTreeMap<c_long, Vec<SeccompRule>> = BTreeMap::new();
    rules.extend(kept.free.iter().map(|call| (*call, any())));
    rules.extend(REFUSED.iter().map(|call| (*call, any())));
    // Memory of the guest and the heap, never code.
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        rules.insert(call, vec![where_bits(2, libc::PROT_EXEC as u64, 0)?]);
    }
    // How a process ends that finds itself broken: a signal to itself.
    let own = u64::from(std::process::id());
    rules.insert(libc::SYS_tgkill, vec![where_is(0, own)?]);
    if kept.threads {
        rules.extend(THREADS.iter().map(|call| (*call, any())));
        // `clone3` hides its flags from filters: refused as unknown, so that the C library falls back to `clone`.
        rules.insert(libc::SYS_clone3, any());
        let threads_only = (libc::CLONE_THREAD | libc::CLONE_VM) as u64;
        rules.insert(
            libc::SYS_clone,
            vec![where_bits(0, threads_only, threads_only)?],
        );
    }
    let unknown: BTreeMap<_, _> = [(libc::SYS_clone3, any())].into();
    let refused: BTreeMap<_, _> = REFUSED.iter().map(|call| (*call, any())).collect();
    // Of several filters the kernel takes the strictest answer.
    install(
        unknown,
        SeccompAction::Allow,
        SeccompAction::Errno(libc::ENOSYS as u32),
    )?;
    install(
        refused,
        SeccompAction::Allow,
        SeccompAction::Errno(libc::EPERM as u32),
    )?;
    install(rules, SeccompAction::KillProcess, SeccompAction::Allow)
}

fn where_bits(argument: u8, mask: u64, bits: u64) -> wasmtime::Result<SeccompRule> {
    rule(argument, SeccompCmpOp::MaskedEq(mask), bits)
}

fn where_is(argument: u8, value: u64) -> wasmtime::Result<SeccompRule> {
    rule(argument, SeccompCmpOp::Eq, value)
}

fn rule(argument: u8, how: SeccompCmpOp, value: u64) -> wasmtime::Result<SeccompRule> {
    let condition = SeccompCondition::new(argument, SeccompCmpArgLen::Qword, how, value)?;
    Ok(SeccompRule::new(vec![condition])?)
}

fn install(
    rules: BTreeMap<c_long, Vec<SeccompRule>>,
    otherwise: SeccompAction,
    then: SeccompAction,
) -> wasmtime::Result<()> {
    let filter = SeccompFilter::new(rules, otherwise, then, std::env::consts::ARCH.try_into()?)?;
    apply_filter(&BpfProgram::try_from(filter)?)?;
    Ok(())
}
