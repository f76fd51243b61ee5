//! What a child tries that was taken over. Each answers what came of it: "done" if it got anywhere, else why not. Most do not come
//! to answer: the kernel ends a process that makes a system call which is not on its list.

use std::{
    ffi::CString,
    io,
    os::fd::{AsRawFd, OwnedFd},
};

use libc::{c_int, c_long, syscall};
use lockflight::wire::{Channel, Ending, GuestUsage, LogLevel, LogLine, LogSource, Needed, Said};

/// Tries one thing; it is told its target and has the descriptor of an input.
pub type Attack = fn(&str, &OwnedFd) -> String;

/// What has to come of an attack behind the seal of a guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The kernel ends the process.
    Killed,
    /// It goes on with an error.
    Refused,
}

/// All attacks on the machine: name, what has to come of it, what is tried.
pub const ATTACKS: &[(&str, Outcome, Attack)] = &[
    ("open-to-read", Outcome::Refused, |target, _| {
        open(target, libc::O_RDONLY)
    }),
    ("open-to-write", Outcome::Refused, |target, _| {
        open(target, libc::O_WRONLY)
    }),
    ("create-a-file", Outcome::Refused, |target, _| {
        open(&format!("{target}.new"), libc::O_CREAT | libc::O_WRONLY)
    }),
    ("open-a-folder", Outcome::Refused, |_, _| {
        open("/", libc::O_RDONLY | libc::O_DIRECTORY)
    }),
    ("read-the-launchers-memory", Outcome::Refused, |_, _| {
        open(&format!("/proc/{}/mem", parent()), libc::O_RDWR)
    }),
    (
        "read-the-launchers-environment",
        Outcome::Refused,
        |_, _| open(&format!("/proc/{}/environ", parent()), libc::O_RDONLY),
    ),
    (
        "open-an-input-again-to-write",
        Outcome::Refused,
        |_, input| {
            open(
                &format!("/proc/self/fd/{}", input.as_raw_fd()),
                libc::O_RDWR,
            )
        },
    ),
    ("open-with-openat2", Outcome::Killed, |target, _| {
        let (path, how) = (text(target), [0u64; 3]);
        // SAFETY: a path that ends in zero, and a `struct open_how` of three numbers.
        answer(unsafe {
            syscall(
                libc::SYS_openat2,
                libc::AT_FDCWD,
                path.as_ptr(),
                how.as_ptr(),
                24usize,
            )
        })
    }),
    ("stat-a-file", Outcome::Refused, |target, _| {
        let (path, mut into) = (text(target), [0u8; 512]);
        // SAFETY: a path that ends in zero, and room for more than a `struct statx`.
        answer(unsafe {
            syscall(
                libc::SYS_statx,
                libc::AT_FDCWD,
                path.as_ptr(),
                0,
                0x7ff,
                into.as_mut_ptr(),
            )
        })
    }),
    ("remove-a-file", Outcome::Killed, |target, _| {
        on_path(libc::SYS_unlinkat, target, 0)
    }),
    ("make-a-folder", Outcome::Killed, |target, _| {
        on_path(libc::SYS_mkdirat, &format!("{target}.folder"), 0o777)
    }),
    ("change-a-mode", Outcome::Killed, |target, _| {
        on_path(libc::SYS_fchmodat, target, 0o777)
    }),
    ("read-a-link", Outcome::Refused, |_, _| {
        let (path, mut into) = (text("/proc/self/exe"), [0u8; 512]);
        // SAFETY: a path that ends in zero, and a buffer with its length.
        answer(unsafe {
            syscall(
                libc::SYS_readlinkat,
                libc::AT_FDCWD,
                path.as_ptr(),
                into.as_mut_ptr(),
                into.len(),
            )
        })
    }),
    (
        "change-the-mode-of-an-input",
        Outcome::Killed,
        |_, input| plain(libc::SYS_fchmod, [number(input), 0o777, 0]),
    ),
    ("shorten-an-input", Outcome::Killed, |_, input| {
        plain(libc::SYS_ftruncate, [number(input), 0, 0])
    }),
    ("write-to-an-input", Outcome::Refused, |_, input| {
        // SAFETY: one byte that is there.
        answer(unsafe { syscall(libc::SYS_write, input.as_raw_fd(), b"x".as_ptr(), 1usize) })
    }),
    ("map-an-input-to-write", Outcome::Refused, |_, input| {
        let (writable, shared) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED);
        map(writable, shared, input.as_raw_fd())
    }),
    ("lock-an-input", Outcome::Killed, |_, input| {
        plain(libc::SYS_flock, [number(input), libc::LOCK_EX as c_long, 0])
    }),
    ("use-descriptors-of-others", Outcome::Refused, |_, input| {
        // The socket twice, the two output streams, and the input are its own.
        let own = |fd: &c_int| *fd <= 3 || *fd == input.as_raw_fd();
        let mut byte = 0u8;
        let foreign = (0..4096).filter(|fd| !own(fd)).find(|fd| {
            // SAFETY: room for one byte.
            unsafe { libc::read(*fd, (&raw mut byte).cast(), 1) >= 0 }
        });
        foreign.map_or("error: none is open".into(), |fd| {
            format!("done: read from {fd}")
        })
    }),
    (
        "read-the-environment",
        Outcome::Refused,
        // What is unplugged is handed on to children, in a build for that alone.
        |_, _| match std::env::vars_os().find(|(name, _)| name != "LOCKFLIGHT_UNPLUG") {
            Some(variable) => format!("done: {variable:?}"),
            None => "error: it is empty".into(),
        },
    ),
    ("tcp-socket", Outcome::Killed, |_, _| socket(libc::AF_INET)),
    ("unix-socket", Outcome::Killed, |_, _| socket(libc::AF_UNIX)),
    ("packet-socket", Outcome::Killed, |_, _| {
        socket(libc::AF_PACKET)
    }),
    ("pair-of-sockets", Outcome::Killed, |_, _| {
        let mut pair = [0; 2];
        // SAFETY: room for two descriptors.
        answer(unsafe {
            syscall(
                libc::SYS_socketpair,
                libc::AF_UNIX,
                libc::SOCK_STREAM,
                0,
                pair.as_mut_ptr(),
            )
        })
    }),
    ("connect-its-own-socket", Outcome::Killed, |_, _| {
        plain(libc::SYS_connect, [0, 0, 0])
    }),
    ("fork", Outcome::Killed, |_, _| {
        plain(libc::SYS_clone, [libc::SIGCHLD as c_long, 0, 0])
    }),
    ("start-a-thread", Outcome::Killed, |_, _| {
        plain(
            libc::SYS_clone,
            [
                (libc::CLONE_VM | libc::CLONE_THREAD | libc::CLONE_SIGHAND) as c_long,
                0,
                0,
            ],
        )
    }),
    ("clone3", Outcome::Killed, |_, _| {
        plain(libc::SYS_clone3, [0, 0, 0])
    }),
    ("start-a-program", Outcome::Killed, |_, _| {
        let (path, none) = (text("/bin/sh"), [std::ptr::null::<u8>()]);
        // SAFETY: a path that ends in zero and lists that end in a null pointer.
        answer(unsafe {
            syscall(
                libc::SYS_execve,
                path.as_ptr(),
                none.as_ptr(),
                none.as_ptr(),
            )
        })
    }),
    ("end-the-launcher", Outcome::Killed, |_, _| {
        plain(libc::SYS_kill, [parent(), libc::SIGKILL as c_long, 0])
    }),
    ("signal-the-launchers-thread", Outcome::Killed, |_, _| {
        plain(
            libc::SYS_tgkill,
            [parent(), parent(), libc::SIGKILL as c_long],
        )
    }),
    ("trace-the-launcher", Outcome::Killed, |_, _| {
        plain(
            libc::SYS_ptrace,
            [libc::PTRACE_SEIZE as c_long, parent(), 0],
        )
    }),
    ("read-the-launcher", Outcome::Killed, |_, _| {
        plain(libc::SYS_process_vm_readv, [parent(), 0, 0])
    }),
    ("open-the-launcher", Outcome::Killed, |_, _| {
        plain(libc::SYS_pidfd_open, [parent(), 0, 0])
    }),
    ("raise-a-limit", Outcome::Killed, |_, _| raise_a_limit()),
    ("use-a-capability", Outcome::Killed, |_, _| capabilities()),
    ("be-looked-into", Outcome::Killed, |_, _| {
        is(
            1,
            plain(libc::SYS_prctl, [libc::PR_GET_DUMPABLE as c_long, 0, 0]),
        )
    }),
    ("gain-privileges", Outcome::Killed, |_, _| {
        is(
            0,
            plain(libc::SYS_prctl, [libc::PR_GET_NO_NEW_PRIVS as c_long, 0, 0]),
        )
    }),
    ("become-traceable", Outcome::Killed, |_, _| {
        plain(libc::SYS_prctl, [libc::PR_SET_DUMPABLE as c_long, 1, 0])
    }),
    ("become-another-user", Outcome::Killed, |_, _| {
        plain(libc::SYS_setuid, [0, 0, 0])
    }),
    ("enter-a-namespace", Outcome::Killed, |_, _| {
        plain(libc::SYS_unshare, [libc::CLONE_NEWUSER as c_long, 0, 0])
    }),
    ("mount", Outcome::Killed, |_, _| {
        plain(libc::SYS_mount, [0, 0, 0])
    }),
    ("change-root", Outcome::Killed, |_, _| {
        on_one_path(libc::SYS_chroot, "/")
    }),
    ("io-uring", Outcome::Killed, |_, _| {
        plain(libc::SYS_io_uring_setup, [1, 0, 0])
    }),
    ("bpf", Outcome::Killed, |_, _| {
        plain(libc::SYS_bpf, [0, 0, 0])
    }),
    ("performance-events", Outcome::Killed, |_, _| {
        plain(libc::SYS_perf_event_open, [0, 0, 0])
    }),
    ("keys", Outcome::Killed, |_, _| {
        plain(libc::SYS_keyctl, [0, 0, 0])
    }),
    ("user-faults", Outcome::Killed, |_, _| {
        plain(libc::SYS_userfaultfd, [0, 0, 0])
    }),
    ("memory-file", Outcome::Killed, |_, _| {
        plain(libc::SYS_memfd_create, [c"x".as_ptr() as c_long, 0, 0])
    }),
    ("device-control", Outcome::Refused, |_, _| {
        plain(libc::SYS_ioctl, [0, libc::FIONREAD as c_long, 0])
    }),
    ("map-code", Outcome::Killed, |_, _| {
        map(
            libc::PROT_READ | libc::PROT_EXEC,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
            -1,
        )
    }),
    ("make-memory-code", Outcome::Killed, |_, _| {
        let mut page = [0u8; 8192];
        let aligned = (page.as_mut_ptr() as usize + 4095) & !4095;
        plain(
            libc::SYS_mprotect,
            [
                aligned as c_long,
                4096,
                (libc::PROT_READ | libc::PROT_EXEC) as c_long,
            ],
        )
    }),
];

/// The attack of this name.
pub fn find(name: &str) -> Option<Attack> {
    ATTACKS
        .iter()
        .find(|(known, ..)| *known == name)
        .map(|(.., attack)| *attack)
}

/// Attacks by words alone.
pub const LIES: &[&str] = &[
    "ask-for-another-input",
    "ask-for-a-block-of-a-file",
    "ask-for-the-code-of-a-step",
    "ask-for-a-state",
    "answer-with-a-writer-it-never-opened",
    "write-without-a-writer",
    "speak-for-the-host",
];

/// Says one of [`LIES`].
pub fn on_the_launcher(name: &str, channel: &mut Channel) -> String {
    let said = match name {
        "ask-for-another-input" => Said::Need(Needed::Blob { input: 7 }),
        "ask-for-a-block-of-a-file" => Said::Need(Needed::Block { input: 0, block: 0 }),
        "ask-for-the-code-of-a-step" => Said::Need(Needed::StepCode { step: 0 }),
        "ask-for-a-state" => Said::Need(Needed::State),
        "write-without-a-writer" => Said::BlobBytes { writer: 9 },
        "answer-with-a-writer-it-never-opened" => Said::Ended {
            ending: Ending::Answer(Box::new(lockflight::wire::Answer {
                outputs: vec![lockflight::wire::Output {
                    name: "table".into(),
                    writer: 9,
                }],
                ..Default::default()
            })),
            usage: GuestUsage::default(),
        },
        "speak-for-the-host" => Said::Log(LogLine {
            source: LogSource::Host,
            level: LogLevel::Info,
            message: "all is well".into(),
        }),
        other => panic!("there is no attack {other}"),
    };
    channel.send(&said, &[], None).unwrap();
    if name == "speak-for-the-host" {
        return "said as a plugin".into();
    }
    match channel.receive_with_fd::<lockflight::wire::Granted>() {
        Ok(_) => "done: it was granted".into(),
        Err(error) => format!("error: {error}"),
    }
}

fn parent() -> c_long {
    PARENT.with(|parent| *parent)
}

thread_local! {
    /// The launcher's process, as `play` has learnt it before the seal.
    static PARENT: c_long = c_long::from(std::os::unix::process::parent_id().cast_signed());
}

/// Learns what can only be learnt before the seal.
pub fn prepare() {
    PARENT.with(|_| ());
}

fn text(path: &str) -> CString {
    CString::new(path).unwrap()
}

fn number(fd: &OwnedFd) -> c_long {
    c_long::from(fd.as_raw_fd())
}

fn answer(returned: c_long) -> String {
    match returned {
        -1 => format!("error: {}", io::Error::last_os_error()),
        value => format!("done: {value}"),
    }
}

fn plain(call: c_long, arguments: [c_long; 3]) -> String {
    let [a, b, c] = arguments;
    // SAFETY: where these calls take pointers they get null, which the kernel refuses, or one to memory that lives on.
    answer(unsafe { syscall(call, a, b, c, 0, 0, 0) })
}

fn open(path: &str, flags: c_int) -> String {
    let path = text(path);
    // SAFETY: a path that ends in zero.
    answer(unsafe {
        syscall(
            libc::SYS_openat,
            libc::AT_FDCWD,
            path.as_ptr(),
            flags,
            0o666,
        )
    })
}

/// An answer that is of use to the attacker, or none.
fn is(wanted: c_long, answer: String) -> String {
    match answer == format!("done: {wanted}") {
        true => answer,
        false => format!("error: the answer was {answer:?}"),
    }
}

/// Sets limits to a value above those of the seal: where there are none, that lowers them, which everybody may.
fn raise_a_limit() -> String {
    let above = [
        (libc::RLIMIT_DATA, 1u64 << 50),
        (libc::RLIMIT_CPU, 1 << 40),
        (libc::RLIMIT_NOFILE, 200),
        (libc::RLIMIT_FSIZE, 1 << 50),
        (libc::RLIMIT_NPROC, 1),
        (libc::RLIMIT_MEMLOCK, 4096),
    ];
    let raised = above.into_iter().find(|(resource, value)| {
        let limit = [*value, *value];
        // SAFETY: a `struct rlimit64` of two numbers, and nowhere to write the old one.
        unsafe { syscall(libc::SYS_prlimit64, 0, *resource, limit.as_ptr(), 0) == 0 }
    });
    raised.map_or("error: none can be raised".into(), |(resource, _)| {
        format!("done: limit {resource}")
    })
}

/// Which capabilities this process has.
fn capabilities() -> String {
    // Version 3 of the interface, this process.
    let (header, mut sets) = ([0x2008_0522u32, 0], [0u32; 6]);
    // SAFETY: a `struct __user_cap_header_struct`, and room for two `struct __user_cap_data_struct` of three numbers.
    let asked = unsafe { syscall(libc::SYS_capget, header.as_ptr(), sets.as_mut_ptr()) };
    match (asked, sets) {
        (0, [0, 0, 0, 0, 0, 0]) => "error: there is none".into(),
        _ => answer(asked),
    }
}

fn on_path(call: c_long, path: &str, last: c_int) -> String {
    let path = text(path);
    // SAFETY: a path that ends in zero.
    answer(unsafe { syscall(call, libc::AT_FDCWD, path.as_ptr(), last) })
}

fn on_one_path(call: c_long, path: &str) -> String {
    let path = text(path);
    // SAFETY: a path that ends in zero.
    answer(unsafe { syscall(call, path.as_ptr()) })
}

fn socket(family: c_int) -> String {
    plain(
        libc::SYS_socket,
        [c_long::from(family), libc::SOCK_STREAM as c_long, 0],
    )
}

fn map(protection: c_int, flags: c_int, file: c_int) -> String {
    // SAFETY: a new mapping, of which nothing is read.
    answer(unsafe { syscall(libc::SYS_mmap, 0, 4096usize, protection, flags, file, 0) })
}
