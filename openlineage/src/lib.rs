//! [OpenLineage](https://openlineage.io) 2-0-2 events of runs, written to a file or sent to a collector.
//!
//! The host fills a [`Run`](data::Run); [`events`] turns it into [`Event`]s, an [`Outbox`] hands them to a [`Sink`], and keeps
//! what could not be sent for the next time.
//!
//! ```
//! use lockflight_openlineage::{Limits, Outbox, Sink, data, events};
//!
//! let now: jiff::Timestamp = "2026-11-23T08:00:00Z".parse().unwrap();
//! let run = data::Run {
//!     id: uuid::Uuid::now_v7(),
//!     namespace: "lockflight://bikes".into(),
//!     pipeline: "demand".into(),
//!     started: now,
//!     finished: now,
//!     outcome: data::Outcome::Completed,
//!     versions: data::Versions { engine: "48.0.0".into(), lockflight: "0.1.0".into() },
//!     commit: None,
//!     stages: Vec::new(),
//! };
//! let folder = tempfile::tempdir().unwrap();
//! let sink = Sink::file(folder.path().join("lineage.ndjson"));
//! let outbox = Outbox::new(folder.path().join("outbox"));
//! let delivery = outbox.deliver(&sink, &events(&run), &Limits::default());
//! assert_eq!((delivery.sent, delivery.kept), (2, 0));
//! ```
//!
//! Delivery never fails a run: what went wrong is said in [`Delivery`].

pub mod data;

mod event;
mod facets;
mod outbox;
mod sink;
mod wire;

pub use event::{Event, events, finished, stage_finished, stage_started, started};
pub use outbox::{Delivery, Limits, Outbox};
pub use sink::{Sink, SinkError};
pub use uuid::Uuid;

/// A new identity of a run, version 7 as the specification recommends.
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}
