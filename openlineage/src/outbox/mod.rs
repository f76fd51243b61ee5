//! Events on their way: kept as files until a sink took them.

use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use self::folder::{Folder, Kept};
use crate::event::Event;
use crate::sink::{SendError, Sink, Timeouts};

mod folder;

/// What a delivery may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest time to connect to a receiver.
    pub connect: Duration,
    /// The longest time for one event, connecting included.
    pub request: Duration,
    /// The longest time for sending all events, those kept from earlier included.
    pub total: Duration,
    /// The most events that are kept for later; as many refused ones are kept beside them. The oldest are dropped first.
    pub events: usize,
    /// The most bytes of events that are kept for later, and of refused ones beside them.
    pub bytes: u64,
}

impl Default for Limits {
    /// 2 seconds to connect, 5 for an event, 10 in all; 5000 events or 32 MiB kept.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(2),
            request: Duration::from_secs(5),
            total: Duration::from_secs(10),
            events: 5000,
            bytes: 32 << 20,
        }
    }
}

/// What became of events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delivery {
    /// How many were sent, those kept from earlier included.
    pub sent: usize,
    /// How many are in the outbox now.
    pub kept: usize,
    /// How many the receiver refused for good; they are in the folder `rejected`, each with the answer beside it.
    pub rejected: usize,
    /// How many are lost: beyond the limits, or neither sent nor written to the disk.
    pub dropped: usize,
    /// What went wrong first, for a person.
    pub error: Option<String>,
}

/// A folder of events that were not sent yet. Each is a file; the names sort oldest first.
#[derive(Debug, Clone)]
pub struct Outbox {
    folder: Folder,
}

impl Outbox {
    /// An outbox in the folder, which is made when it's needed.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: Folder::new(folder.into()),
        }
    }

    /// Sends what was kept from earlier and then the events, in order, as far as the limits allow. The rest is kept.
    ///
    /// Events are on the disk before the first is sent, and each leaves it once it was taken: none is lost when the process ends
    /// between. One whose answer did not arrive is sent again, with the same run and type. If another process is sending from this
    /// outbox, the events are kept for it.
    pub fn deliver(&self, sink: &Sink, events: &[Event], limits: &Limits) -> Delivery {
        let mut round = Round {
            sink,
            folder: &self.folder,
            limits,
            end: Instant::now() + limits.total,
            delivery: Delivery::default(),
        };
        let homeless = round.keep(events);
        match self.folder.lock() {
            Ok(Some(_lock)) => round.send_all(homeless),
            Ok(None) => {
                round.note("another process is sending from this outbox".to_owned());
                round.delivery.dropped += homeless.len();
            }
            Err(error) => {
                round.fault("lock", &error);
                // Without a folder nothing is kept either, so there is nothing to be in the way of.
                round.send_unkept(homeless);
            }
        }
        round.close()
    }
}

/// One delivery under way.
struct Round<'a> {
    sink: &'a Sink,
    folder: &'a Folder,
    limits: &'a Limits,
    end: Instant,
    delivery: Delivery,
}

impl<'a> Round<'a> {
    /// Writes the events to the disk; answers with those that could not be.
    fn keep(&mut self, events: &'a [Event]) -> &'a [Event] {
        for (index, event) in events.iter().enumerate() {
            if let Err(error) = self.folder.keep(event.line()) {
                self.fault("write to", &error);
                return &events[index..];
            }
        }
        &[]
    }

    /// Sends what is on the disk, what others lay there meanwhile included, then what could not be written there.
    fn send_all(&mut self, homeless: &[Event]) {
        self.folder.sweep();
        loop {
            let kept = match self.folder.kept() {
                Ok(kept) => kept,
                Err(error) => {
                    self.fault("read", &error);
                    break;
                }
            };
            let before = self.settled();
            if !kept.iter().all(|event| self.send_kept(event)) {
                self.delivery.dropped += homeless.len();
                return;
            }
            if self.settled() == before {
                break;
            }
        }
        self.send_unkept(homeless);
    }

    fn settled(&self) -> usize {
        self.delivery.sent + self.delivery.rejected
    }

    /// Sends one event from the disk. False if the ones after it have to wait.
    fn send_kept(&mut self, event: &Kept) -> bool {
        let line = match self.folder.read(event) {
            Ok(line) => line,
            // Dropped by another process that found too many.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return true,
            // A file that is no event would be in the way of all others for ever.
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return self.reject(event, &error.to_string());
            }
            Err(error) => {
                self.fault("read", &error);
                return true;
            }
        };
        match self.send(&line) {
            Ok(()) => {
                self.delivery.sent += 1;
                self.done(self.folder.remove(event))
            }
            Err(SendError::Never(answer)) => self.reject(event, &answer),
            Err(SendError::Later(error)) => {
                self.note(format!("{}: {error}", self.sink.target()));
                false
            }
        }
    }

    /// Sends events that are not on the disk. What is not taken is lost.
    fn send_unkept(&mut self, events: &[Event]) {
        for (index, event) in events.iter().enumerate() {
            match self.send(event.line()) {
                Ok(()) => self.delivery.sent += 1,
                Err(SendError::Never(error)) => {
                    self.note(format!("{}: {error}", self.sink.target()));
                    self.delivery.dropped += 1;
                }
                Err(SendError::Later(error)) => {
                    self.note(format!("{}: {error}", self.sink.target()));
                    self.delivery.dropped += events.len() - index;
                    return;
                }
            }
        }
    }

    fn send(&self, line: &str) -> Result<(), SendError> {
        let left = self.end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(SendError::Later("no time left".to_owned()));
        }
        let timeouts = Timeouts {
            connect: self.limits.connect,
            request: self.limits.request.min(left),
        };
        self.sink.send(line, timeouts)
    }

    fn reject(&mut self, event: &Kept, answer: &str) -> bool {
        self.delivery.rejected += 1;
        let moved = self.folder.reject(event, answer);
        if let Ok(path) = &moved {
            let target = self.sink.target();
            self.note(format!("{target}: {answer}; see {}", path.display()));
        }
        self.done(moved.map(drop))
    }

    /// A file that can't be taken away ends the round: the next look at the folder would send it again.
    fn done(&mut self, result: io::Result<()>) -> bool {
        match result {
            Ok(()) => true,
            Err(error) => {
                self.fault("take an event from", &error);
                false
            }
        }
    }

    fn fault(&mut self, what: &str, error: &io::Error) {
        let path = self.folder.path().display();
        self.note(format!("can't {what} the outbox {path}: {error}"));
    }

    fn note(&mut self, error: String) {
        tracing::debug!(error, "OpenLineage delivery");
        self.delivery.error.get_or_insert(error);
    }

    /// Drops what is beyond the limits and counts what stays.
    fn close(mut self) -> Delivery {
        match self.folder.trim(self.limits.events, self.limits.bytes) {
            Ok((kept, dropped)) => {
                self.delivery.kept = kept;
                self.delivery.dropped += dropped;
            }
            Err(error) => self.fault("read", &error),
        }
        self.delivery
    }
}
