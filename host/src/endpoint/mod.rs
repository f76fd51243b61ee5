//! Endpoints: which versions of a model get what part of the traffic, as a wish that `serve` fulfils, and every decision that led
//! there.

mod arms;
mod record;

pub use arms::{InvalidDecision, after, asked_with, tables};
pub use record::{ArmRecord, Asked, EndpointRecord, Endpoints, EndpointsError};
