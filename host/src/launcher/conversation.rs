//! The launcher's side of the conversation with one child, from the order to its last word.

use std::{
    fs::File,
    os::fd::AsFd,
    sync::mpsc::SyncSender,
    time::{Duration, Instant},
};

use super::{
    Event, Reason, StageOrder, TimedLine,
    inputs::{GrantError, Inputs},
    outputs::OutputMessage,
    process::Ended,
};
use crate::{
    store::StoreError,
    table::raw::RawColumn,
    wire::{
        Channel, ColumnLayout, Ending, Granted, LogLevel, LogLine, LogSource, Order, Said,
        WireError,
    },
};

/// The most lines of a stage's log that are kept.
const MAX_LINES: usize = 100_000;
/// The most bytes of a stage's log that are kept.
const MAX_LOG_BYTES: usize = 16 << 20;
/// The most figures that a stage may record.
const MAX_METRICS: usize = 1_000_000;
/// The most bytes of the names and labels of its figures together: they are held in memory until the stage ends.
const MAX_METRIC_BYTES: usize = 64 << 20;
/// The most bytes of a blob that are passed on at a time: few of them wait in memory, however many a guest writes at once.
const PIECE: usize = 1 << 20;

/// What was heard of a child.
pub struct Heard {
    /// How the call ended and the guest's peak memory, or why the conversation broke.
    pub outcome: Result<(Ending, u64), Broke>,
    /// From the start of the process to the call of the guest.
    pub startup: Duration,
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
    #[error("wall time")]
    WallTime(Duration),
    #[error("output")]
    Output(u64),
    #[error("{0}")]
    Abuse(String),
    /// The collector stopped; it knows why.
    #[error("the outputs are refused")]
    Refused,
}

impl Broke {
    /// The reason a user is told, given how the process ended.
    pub fn into_reason(self, ended: &Ended) -> Reason {
        match self {
            Broke::Wire(WireError::Malformed(text)) => Reason::Host(text),
            Broke::Wire(_) => Reason::Died {
                status: ended.status.to_string(),
                stderr: ended.stderr.clone(),
            },
            Broke::Store(error) => Reason::Store(error),
            Broke::WallTime(limit) => Reason::WallTime(limit),
            Broke::Output(limit) => Reason::OutputBytes(limit),
            Broke::Abuse(text) => Reason::Output(text),
            Broke::Refused => Reason::Host("the outputs were refused without a reason".into()),
        }
    }
}

/// One conversation.
pub struct Conversation<'a> {
    channel: Channel,
    inputs: &'a Inputs,
    limits: &'a StageOrder,
    start: Instant,
    outputs: SyncSender<OutputMessage>,
    tell: &'a (dyn Fn(Event) + Sync),
    startup: Duration,
    written: u64,
    metrics: usize,
    metric_bytes: usize,
    log: Vec<TimedLine>,
    log_bytes: usize,
}

impl<'a> Conversation<'a> {
    pub fn new(
        channel: Channel,
        inputs: &'a Inputs,
        limits: &'a StageOrder,
        start: Instant,
        outputs: SyncSender<OutputMessage>,
        tell: &'a (dyn Fn(Event) + Sync),
    ) -> Self {
        Conversation {
            channel,
            inputs,
            limits,
            start,
            outputs,
            tell,
            startup: Duration::ZERO,
            written: 0,
            metrics: 0,
            metric_bytes: 0,
            log: Vec::new(),
            log_bytes: 0,
        }
    }

    /// Gives the order and listens until the child's last word. Dropping the conversation ends the collector's queue.
    pub fn hold(mut self, order: &Order, code: Option<&File>) -> Heard {
        let outcome = self
            .channel
            .send(order, &[], code.map(AsFd::as_fd))
            .map_err(Broke::from)
            .and_then(|()| self.listen());
        Heard {
            outcome,
            startup: self.startup,
            log: self.log,
        }
    }

    fn listen(&mut self) -> Result<(Ending, u64), Broke> {
        loop {
            let rest = self.limits.wall.checked_sub(self.start.elapsed());
            let Some(rest) = rest.filter(|rest| !rest.is_zero()) else {
                return Err(Broke::WallTime(self.limits.wall));
            };
            self.channel.set_timeout(Some(rest))?;
            let heard = self.hear();
            match heard {
                Err(Broke::Wire(WireError::TimedOut)) => {
                    return Err(Broke::WallTime(self.limits.wall));
                }
                Err(broke) => return Err(broke),
                Ok(None) => {}
                Ok(Some(last)) => return Ok(last),
            }
        }
    }

    /// One message; the last one gives the ending.
    fn hear(&mut self) -> Result<Option<(Ending, u64)>, Broke> {
        let frame = self.channel.receive::<Said>()?;
        self.count(frame.body)?;
        match frame.header {
            Said::Started => {
                self.startup = self.start.elapsed();
                (self.tell)(Event::Started);
            }
            Said::Need(needed) => {
                let file = self.inputs.grant(needed).map_err(|error| match error {
                    GrantError::Store(error) => Broke::Store(error),
                    GrantError::Unknown(_) => Broke::Abuse(error.to_string()),
                })?;
                self.channel.send(&Granted, &[], Some(file.as_fd()))?;
            }
            Said::Log(line) => self.note(line),
            Said::Progress { done, total } => (self.tell)(Event::Progress { done, total }),
            Said::Metric(metric) => {
                self.metrics += 1;
                if self.metrics > MAX_METRICS {
                    return Err(Broke::Abuse(format!(
                        "the plugin recorded more than {MAX_METRICS} figures"
                    )));
                }
                let labels = metric
                    .labels
                    .iter()
                    .map(|(key, value)| key.len() + value.len());
                self.metric_bytes += metric.name.len() + labels.sum::<usize>();
                if self.metric_bytes > MAX_METRIC_BYTES {
                    return Err(Broke::Abuse(format!(
                        "the plugin's figures have more than {} MiB of names and labels",
                        MAX_METRIC_BYTES >> 20
                    )));
                }
                self.pass(OutputMessage::Metric(metric))?;
            }
            Said::TableOpened { writer, schema } => {
                self.pass(OutputMessage::TableOpened { writer, schema })?;
            }
            Said::TableRows {
                writer,
                rows,
                columns,
            } => {
                let columns = self.read_columns(&columns, frame.body)?;
                self.pass(OutputMessage::Rows {
                    writer,
                    rows,
                    columns,
                })?;
            }
            Said::BlobOpened { writer } => self.pass(OutputMessage::BlobOpened { writer })?,
            Said::BlobBytes { writer } => {
                let mut rest = frame.body as usize;
                while rest > 0 {
                    let bytes = self.channel.read_body(rest.min(PIECE))?;
                    rest -= bytes.len();
                    self.pass(OutputMessage::Bytes { writer, bytes })?;
                }
            }
            Said::Dropped { writer } => self.pass(OutputMessage::Dropped { writer })?,
            Said::Ended {
                mut ending,
                peak_memory,
            } => {
                if let Ending::Answer(answer) = &mut ending {
                    self.pass(OutputMessage::Answer(std::mem::take(answer)))?;
                }
                return Ok(Some((ending, peak_memory)));
            }
        }
        Ok(None)
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

    /// Counts what the guest writes against its limit.
    fn count(&mut self, bytes: u64) -> Result<(), Broke> {
        self.written = self.written.saturating_add(bytes);
        if self.written > self.limits.output {
            return Err(Broke::Output(self.limits.output));
        }
        Ok(())
    }

    fn pass(&self, message: OutputMessage) -> Result<(), Broke> {
        self.outputs.send(message).map_err(|_| Broke::Refused)
    }

    fn note(&mut self, line: LogLine) {
        let full = self.log.len() >= MAX_LINES || self.log_bytes >= MAX_LOG_BYTES;
        if full && self.log_bytes == usize::MAX {
            return;
        }
        let line = if full {
            self.log_bytes = usize::MAX;
            LogLine {
                source: LogSource::Host,
                level: LogLevel::Warn,
                message: format!(
                    "(the log ends here: it has {MAX_LINES} lines or {} MiB)",
                    MAX_LOG_BYTES >> 20
                ),
            }
        } else {
            self.log_bytes += line.message.len();
            // The host speaks for itself: a child that was taken over cannot.
            let source = match line.source {
                LogSource::Host => LogSource::Plugin,
                source => source,
            };
            LogLine { source, ..line }
        };
        (self.tell)(Event::Log(line.clone()));
        self.log.push(TimedLine {
            at: self.start.elapsed().as_secs_f64(),
            line,
        });
    }
}
