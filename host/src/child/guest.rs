//! What the host keeps for one guest: its facts, its handles, its memory, its half-written lines.

use std::os::fd::OwnedFd;

use wasmtime::component::ResourceTable;

use super::wasi::Wasi;
use crate::{
    engine::Limiter,
    wire::{Channel, Granted, JobFacts, LogLine, Needed, Operation, Order, Said, WireError},
};

/// The guest used the contract in a way that the contract forbids; the text says which.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Misuse(pub String);

/// The host's side of one guest.
pub struct Guest {
    pub(super) channel: Channel,
    pub(super) job: JobFacts,
    pub(super) operation: Operation,
    pub(crate) resources: ResourceTable,
    pub(super) limiter: Limiter,
    pub(super) wasi: Wasi,
    writers: u32,
    pub(super) open_blobs: usize,
}

impl Guest {
    pub(super) fn new(channel: Channel, order: &Order) -> Self {
        let mut resources = ResourceTable::new();
        resources.set_max_capacity(super::MAX_HANDLES);
        Guest {
            channel,
            job: order.job.clone(),
            operation: order.operation,
            resources,
            limiter: Limiter::new(order.limits.memory),
            wasi: Wasi::new(order.job.time, order.job.seed),
            writers: 0,
            open_blobs: 0,
        }
    }

    /// Tells the launcher that the guest stands and is about to be called.
    pub(crate) fn started(&mut self) -> wasmtime::Result<()> {
        Ok(self.say(&Said::Started)?)
    }

    pub(super) fn say(&mut self, said: &Said) -> Result<(), WireError> {
        self.channel.send(said, &[], None)
    }

    pub(super) fn log(&mut self, line: LogLine) -> Result<(), WireError> {
        self.say(&Said::Log(line))
    }

    /// Asks the launcher for a file descriptor.
    pub(super) fn need(&mut self, needed: Needed) -> Result<OwnedFd, WireError> {
        self.say(&Said::Need(needed))?;
        let (_, fd) = self.channel.receive_with_fd::<Granted>()?;
        fd.ok_or_else(|| WireError::Malformed("the launcher granted nothing".into()))
    }

    /// The number of the next writer.
    pub(super) fn next_writer(&mut self) -> u32 {
        self.writers += 1;
        self.writers
    }

    /// Passes on what the guest printed without ending the line.
    pub(super) fn flush_output(&mut self) -> Result<(), WireError> {
        for line in self.wasi.unfinished_lines() {
            self.log(line)?;
        }
        Ok(())
    }
}
