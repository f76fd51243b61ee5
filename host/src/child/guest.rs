//! What the host keeps for one guest: its facts, its handles, its memory, its half-written lines.

use std::os::fd::OwnedFd;

use wasmtime::component::ResourceTable;

use super::wasi::Wasi;
use crate::{
    enforcement::{Point, stands},
    engine::{Allowance, Limiter},
    walls::Walls,
    wire::{
        Channel, Granted, GuestLimits, GuestUsage, JobFacts, LogLine, Needed, Operation, Order,
        Pace, Said, WireError,
    },
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
    pub(super) limits: GuestLimits,
    pub(super) limiter: Limiter,
    pace: Pace,
    crossings: u64,
    pub(super) wasi: Wasi,
    /// What stands around it.
    walls: Walls,
    writers: u32,
    pub(super) open_blobs: usize,
}

impl Guest {
    pub(super) fn new(channel: Channel, order: &Order) -> Self {
        let mut resources = ResourceTable::new();
        if stands(Point::LimitHandles) {
            resources.set_max_capacity(order.limits.handles as usize);
        }
        Guest {
            channel,
            job: order.job.clone(),
            operation: order.operation,
            resources,
            limits: order.limits,
            limiter: Limiter::new(Allowance {
                memory: order.limits.memory,
                tables: order.limits.tables,
                instances: order.limits.instances as usize,
            }),
            wasi: Wasi::new(order.job.time, order.job.seed),
            walls: Walls::default(),
            pace: Pace::default(),
            crossings: 0,
            writers: 0,
            open_blobs: 0,
        }
    }

    /// Notes the walls that stand now.
    pub(super) fn sealed(&mut self, walls: Walls) {
        self.walls = walls;
    }

    /// Tells the launcher that the guest stands and is about to be called.
    pub(crate) fn started(&mut self) -> wasmtime::Result<()> {
        let walls = self.walls;
        Ok(self.say(&Said::Started { walls })?)
    }

    pub(super) fn say(&mut self, said: &Said) -> Result<(), WireError> {
        self.channel.send(said, &[], None)
    }

    pub(super) fn log(&mut self, line: LogLine) -> Result<(), WireError> {
        self.say(&Said::Log(line))
    }

    /// Tells how far the guest is, unless it told a moment ago.
    pub(super) fn progress(&mut self, done: u64, total: u64) -> Result<(), WireError> {
        match self.pace.is_due(done, total) {
            true => self.say(&Said::Progress { done, total }),
            false => Ok(()),
        }
    }

    /// Counts a call between guest and host.
    pub(crate) fn cross(&mut self) {
        self.crossings += 1;
    }

    /// What the guest has used.
    pub(super) fn usage(&self) -> GuestUsage {
        GuestUsage {
            peak_memory: self.limiter.peak(),
            crossings: self.crossings,
        }
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
