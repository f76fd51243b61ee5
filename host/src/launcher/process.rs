//! The child as a process: started with nothing but a socket, killed by its descriptor, reaped with what it used.

use std::{
    io::{self, Read},
    os::{
        fd::{AsFd, OwnedFd},
        unix::{
            net::UnixStream,
            process::{CommandExt, ExitStatusExt},
        },
    },
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use crate::{
    enforcement::{self, Point, stands},
    wire::Channel,
};

/// The most bytes of a child's error stream that are kept.
const MAX_STDERR: u64 = 64 << 10;

/// Ends all children of a run at once.
#[derive(Debug, Clone, Default)]
pub struct Cancel {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    cancelled: AtomicBool,
    next: AtomicU64,
    children: Mutex<Vec<(u64, OwnedFd)>>,
}

impl Cancel {
    /// Kills every child and lets no further one start.
    pub fn cancel(&self) {
        let children = self
            .shared
            .children
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        self.shared.cancelled.store(true, Ordering::SeqCst);
        for (_, child) in children.iter() {
            // A child that is gone already needs no signal.
            let _ = pidfd_send_signal(child, Signal::KILL);
        }
    }

    /// Whether [`Cancel::cancel`] was called.
    pub fn is_cancelled(&self) -> bool {
        self.shared.cancelled.load(Ordering::SeqCst)
    }

    /// Enters a child; kills it at once when it comes too late.
    fn enter(&self, pidfd: OwnedFd) -> u64 {
        let mut children = self
            .shared
            .children
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if self.is_cancelled() {
            let _ = pidfd_send_signal(&pidfd, Signal::KILL);
        }
        let number = self.shared.next.fetch_add(1, Ordering::SeqCst);
        children.push((number, pidfd));
        number
    }

    fn leave(&self, number: u64) {
        let mut children = self
            .shared
            .children
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        children.retain(|(n, _)| *n != number);
    }
}

/// A sealed child.
pub struct ChildProcess<'c> {
    child: Child,
    pidfd: OwnedFd,
    cancel: &'c Cancel,
    number: u64,
}

/// How a child ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit status.
    pub status: ExitStatus,
    /// What it printed: nothing, unless it panicked.
    pub stderr: String,
    /// The processor time it used.
    pub cpu: Duration,
}

impl<'c> ChildProcess<'c> {
    /// Starts a child: no environment, no open file but the socket and a pipe for its last words.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn spawn(exe: &Path, cancel: &'c Cancel) -> io::Result<(Self, Channel)> {
        let (ours, theirs) = UnixStream::pair()?;
        let mut command = Command::new(exe);
        if stands(Point::Environment) {
            command.env_clear();
        }
        enforcement::hand_on(&mut command);
        let child = command
            .args(["stage", "exec"])
            .stdin(OwnedFd::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            // Ctrl-C on a terminal goes to the launcher alone, which then ends its children itself.
            .process_group(0)
            .spawn()?;
        let pid = Pid::from_child(&child);
        let pidfd = pidfd_open(pid, PidfdFlags::empty())?;
        let number = cancel.enter(pidfd.as_fd().try_clone_to_owned()?);
        let process = ChildProcess {
            child,
            pidfd,
            cancel,
            number,
        };
        Ok((process, Channel::new(ours)))
    }

    /// Kills the child.
    pub fn kill(&self) {
        // One that is gone already needs no signal.
        let _ = pidfd_send_signal(&self.pidfd, Signal::KILL);
    }

    /// The most memory that the child's process had at one time, in bytes; none when it is gone. What `wait4` says of that is no use
    /// here: it counts the memory of the launcher, of which the child is a fork for a moment.
    pub fn peak_memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        peak_memory(&status)
    }

    /// Waits for the end of the child.
    pub fn wait(mut self) -> Ended {
        let mut stderr = String::new();
        if let Some(pipe) = self.child.stderr.take() {
            let mut bytes = Vec::new();
            let _ = pipe.take(MAX_STDERR).read_to_end(&mut bytes);
            stderr = String::from_utf8_lossy(&bytes).into_owned();
        }
        let (status, cpu) = reap(&self.child);
        self.cancel.leave(self.number);
        Ended {
            status,
            stderr,
            cpu,
        }
    }
}

/// The peak of resident memory in bytes, from the text of `/proc/PID/status`.
fn peak_memory(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1024)
}

/// Waits as `Child::wait` does, and learns what the child used, which the standard library does not tell.
fn reap(child: &Child) -> (ExitStatus, Duration) {
    let mut status = 0;
    // SAFETY: all zeroes is a valid rusage.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    loop {
        // SAFETY: both pointers are to live, writable values of the right type.
        let pid =
            unsafe { libc::wait4(child.id().cast_signed(), &raw mut status, 0, &raw mut usage) };
        if pid != -1 || io::Error::last_os_error().kind() != io::ErrorKind::Interrupted {
            break;
        }
    }
    let time = |t: libc::timeval| {
        Duration::from_secs(t.tv_sec.unsigned_abs())
            + Duration::from_micros(t.tv_usec.unsigned_abs())
    };
    (
        ExitStatus::from_raw(status),
        time(usage.ru_utime) + time(usage.ru_stime),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_read_in_bytes() {
        let status = "Name:\tlockflight\nVmPeak:\t9 kB\nVmHWM:\t    2048 kB\nVmRSS:\t1 kB\n";
        assert_eq!(peak_memory(status), Some(2 << 20));
        // A process that is gone but not yet waited for has none.
        assert_eq!(peak_memory("Name:\tlockflight\nState:\tZ (zombie)\n"), None);
    }
}
