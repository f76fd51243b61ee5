//! The launcher's side of the conversation with one child, from the order to its last word.

use std::{
    collections::HashSet,
    fs::File,
    os::{fd::AsFd, unix::process::ExitStatusExt},
    sync::mpsc::SyncSender,
    time::{Duration, Instant},
};

use super::{
    Door, Event, Reason, TimedLine,
    inputs::{GrantError, Inputs},
    meter::Meter,
    outputs::OutputMessage,
    process::Ended,
};
use crate::{
    enforcement::{Point, stands},
    manifest::limits::{Exceeded, Limit, Limits, Whose},
    policy::Refusal,
    store::StoreError,
    table::raw::RawColumn,
    walls::Walls,
    wire::{
        Channel, ColumnLayout, Ending, Granted, GuestUsage, LogLine, LogSource, Needed, Order,
        Pace, Said, WireError,
    },
};

/// The most bytes of the names and labels of a stage's figures together: they are held in memory until it ends.
const MAX_METRIC_BYTES: usize = 64 << 20;
/// The most bytes of a blob that are passed on at a time: few of them wait in memory, however many a guest writes at once.
const PIECE: usize = 1 << 20;
/// What a test waits at most that unplugs `limits.wall`.
const UNPLUGGED_WALL: Duration = Duration::from_secs(3600);

/// What was heard of a child.
pub struct Heard {
    /// How the call ended and what the guest used, or why the conversation broke.
    pub outcome: Result<(Ending, GuestUsage), Broke>,
    /// Bytes of blocks, blobs and states that were handed over.
    pub bytes_in: u64,
    /// Bytes that the guest wrote.
    pub bytes_out: u64,
    /// From the start of the process to the call of the guest.
    pub startup: Duration,
    /// What stood around the guest.
    pub walls: Walls,
    /// The log.
    pub log: Vec<TimedLine>,
}

/// Why a conversation broke.
#[derive(Debug, thiserror::Error)]
pub enum Broke {
    #[error(transparent)]
    Wire(#[from] WireError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Limit(#[from] Exceeded),
    #[error("{0}")]
    Abuse(String),
    #[error(transparent)]
    Bare(Refusal),
    /// The collector stopped; it knows why.
    #[error("the outputs are refused")]
    Refused,
}

impl Broke {
    /// The reason a user is told, given how the process ended.
    pub fn into_reason(self, ended: &Ended) -> Reason {
        match self {
            Broke::Wire(WireError::Malformed(text)) => Reason::Host(text),
            Broke::Wire(_) if ended.status.signal() == Some(libc::SIGSYS) => Reason::Forbidden,
            Broke::Wire(_) => Reason::Died {
                status: ended.status.to_string(),
                stderr: ended.stderr.clone(),
            },
            Broke::Store(error) => Reason::Store(error),
            Broke::Limit(exceeded) => Reason::Limit(exceeded),
            Broke::Abuse(text) => Reason::Output(text),
            Broke::Bare(refusal) => Reason::Bare(refusal),
            Broke::Refused => Reason::Host("the outputs were refused without a reason".into()),
        }
    }
}

/// One conversation.
pub struct Conversation<'a> {
    channel: Channel,
    door: &'a Door,
    inputs: &'a Inputs,
    meter: Meter,
    wall: Duration,
    start: Instant,
    outputs: SyncSender<OutputMessage>,
    tell: &'a (dyn Fn(Event) + Sync),
    startup: Duration,
    walls: Walls,
    bytes_in: u64,
    /// What the guest is writing now.
    writers: HashSet<u32>,
    pace: Pace,
    metric_bytes: usize,
    log: Vec<TimedLine>,
}

impl<'a> Conversation<'a> {
    pub fn new(
        channel: Channel,
        door: &'a Door,
        inputs: &'a Inputs,
        (limits, whose): (&Limits, Whose),
        start: Instant,
        outputs: SyncSender<OutputMessage>,
        tell: &'a (dyn Fn(Event) + Sync),
    ) -> Self {
        Conversation {
            channel,
            door,
            inputs,
            meter: Meter::new(*limits, whose),
            wall: match stands(Point::LimitWall) {
                true => limits.time(Limit::Wall),
                false => UNPLUGGED_WALL,
            },
            start,
            outputs,
            tell,
            startup: Duration::ZERO,
            walls: Walls::default(),
            bytes_in: 0,
            writers: HashSet::new(),
            pace: Pace::default(),
            metric_bytes: 0,
            log: Vec::new(),
        }
    }

    /// Gives the order and listens until the child's last word; `end` is called after that, while the child still waits to be let
    /// go. Dropping the conversation ends the collector's queue.
    pub fn hold(mut self, order: &Order, code: Option<&File>, end: impl FnOnce()) -> Heard {
        let outcome = self
            .channel
            .send(order, &[], code.map(AsFd::as_fd))
            .map_err(Broke::from)
            .and_then(|()| self.listen());
        end();
        Heard {
            outcome,
            bytes_in: self.bytes_in,
            bytes_out: self.meter.used(Limit::Output),
            startup: self.startup,
            walls: self.walls,
            log: self.log,
        }
    }

    fn listen(&mut self) -> Result<(Ending, GuestUsage), Broke> {
        loop {
            let rest = self.wall.checked_sub(self.start.elapsed());
            let Some(rest) = rest.filter(|rest| !rest.is_zero()) else {
                return Err(self.meter.exceeded(Limit::Wall).into());
            };
            self.channel.set_timeout(Some(rest))?;
            let heard = self.hear();
            match heard {
                Err(Broke::Wire(WireError::TimedOut)) => {
                    return Err(self.meter.exceeded(Limit::Wall).into());
                }
                Err(broke) => return Err(broke),
                Ok(None) => {}
                Ok(Some(last)) => return Ok(last),
            }
        }
    }

    /// One message; the last one gives the ending.
    fn hear(&mut self) -> Result<Option<(Ending, GuestUsage)>, Broke> {
        let frame = self.channel.receive::<Said>()?;
        self.meter.add(Limit::Output, frame.body)?;
        match frame.header {
            Said::Started { walls } => {
                self.walls = walls;
                self.hold_walls()?;
                self.startup = self.start.elapsed();
                (self.tell)(Event::Started);
            }
            Said::Need(needed) => {
                let file = self.inputs.grant(needed).map_err(|error| match error {
                    GrantError::Store(error) => Broke::Store(error),
                    GrantError::Unknown(_) => Broke::Abuse(error.to_string()),
                })?;
                if !matches!(needed, Needed::StepCode { .. }) {
                    self.bytes_in += file.metadata().map_or(0, |meta| meta.len());
                }
                self.channel.send(&Granted, &[], Some(file.as_fd()))?;
            }
            Said::Log(line) => self.note(line)?,
            Said::Progress { done, total } => {
                if self.pace.is_due(done, total) {
                    (self.tell)(Event::Progress { done, total });
                }
            }
            Said::Metric(metric) => {
                self.meter.add(Limit::Metrics, 1)?;
                self.meter.add(Limit::Output, frame.length)?;
                let labels = metric
                    .labels
                    .iter()
                    .map(|(key, value)| key.len() + value.len());
                self.metric_bytes += metric.name.len() + labels.sum::<usize>();
                if self.metric_bytes > MAX_METRIC_BYTES && stands(Point::MetricNames) {
                    return Err(Broke::Abuse(format!(
                        "the plugin's figures have more than {} MiB of names and labels",
                        MAX_METRIC_BYTES >> 20
                    )));
                }
                self.pass(OutputMessage::Metric(metric))?;
            }
            Said::TableOpened { writer, schema } => {
                self.meter.add(Limit::Output, frame.length)?;
                self.open(writer)?;
                self.pass(OutputMessage::TableOpened { writer, schema })?;
            }
            Said::TableRows {
                writer,
                rows,
                columns,
            } => {
                self.meter.add(Limit::Batches, 1)?;
                self.meter.add(Limit::Rows, u64::from(rows))?;
                let columns = self.read_columns(&columns, frame.body)?;
                self.pass(OutputMessage::Rows {
                    writer,
                    rows,
                    columns,
                })?;
            }
            Said::BlobOpened { writer } => {
                self.open(writer)?;
                self.pass(OutputMessage::BlobOpened { writer })?;
            }
            Said::BlobBytes { writer } => {
                let mut rest = frame.body as usize;
                loop {
                    let bytes = self.channel.read_body(rest.min(PIECE))?;
                    rest -= bytes.len();
                    self.pass(OutputMessage::Bytes { writer, bytes })?;
                    if rest == 0 {
                        break;
                    }
                }
            }
            Said::Dropped { writer } => {
                if self.writers.remove(&writer) {
                    self.meter.take_back(Limit::Writers, 1);
                }
                self.pass(OutputMessage::Dropped { writer })?;
            }
            Said::Ended { mut ending, usage } => {
                // Only a guest that was called answers, and before that the walls were told.
                if matches!(
                    ending,
                    Ending::Answer(_) | Ending::Ports(_) | Ending::Problems(_)
                ) {
                    self.hold_walls()?;
                }
                if let Ending::Answer(answer) = &mut ending {
                    let findings = answer.findings.len() as u64;
                    self.meter.add(Limit::Findings, findings)?;
                    self.pass(OutputMessage::Answer(std::mem::take(answer)))?;
                }
                return Ok(Some((ending, usage)));
            }
        }
        Ok(None)
    }

    /// Holds the walls that the child reports against the policy.
    fn hold_walls(&self) -> Result<(), Broke> {
        self.door.stands(self.walls).map_err(Broke::Bare)
    }

    fn read_columns(
        &mut self,
        layout: &[ColumnLayout],
        body: u64,
    ) -> Result<Vec<RawColumn>, Broke> {
        let lengths = |c: &ColumnLayout| {
            u64::from(c.validity.unwrap_or(0))
                + u64::from(c.offsets.unwrap_or(0))
                + u64::from(c.values)
        };
        let total: u64 = layout.iter().map(lengths).sum();
        if total != body {
            return Err(WireError::Malformed(format!(
                "a batch of {total} bytes came in a body of {body}"
            ))
            .into());
        }
        let mut read = |length: u32| self.channel.read_body(length as usize);
        layout
            .iter()
            .map(|c| {
                Ok(RawColumn {
                    length: c.length,
                    validity: c.validity.map(&mut read).transpose()?,
                    offsets: c.offsets.map(&mut read).transpose()?,
                    values: read(c.values)?,
                })
            })
            .collect()
    }

    /// Notes that the guest begins to write something.
    fn open(&mut self, writer: u32) -> Result<(), Broke> {
        if self.writers.insert(writer) {
            self.meter.add(Limit::Writers, 1)?;
        }
        Ok(())
    }

    fn pass(&self, message: OutputMessage) -> Result<(), Broke> {
        self.outputs.send(message).map_err(|_| Broke::Refused)
    }

    fn note(&mut self, line: LogLine) -> Result<(), Broke> {
        self.meter.add(Limit::LogLines, 1)?;
        self.meter.add(Limit::Log, line.message.len() as u64)?;
        // The host speaks for itself: a child that was taken over cannot.
        let source = match line.source {
            LogSource::Host if stands(Point::LogSource) => LogSource::Plugin,
            source => source,
        };
        let line = LogLine { source, ..line };
        (self.tell)(Event::Log(line.clone()));
        self.log.push(TimedLine {
            at: self.start.elapsed().as_secs_f64(),
            line,
        });
        Ok(())
    }
}
