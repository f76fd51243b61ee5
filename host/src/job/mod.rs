//! The job document, whose digest is the cache key, and the result document stored under it.

mod document;
pub mod figure;
mod result;

pub use document::{ABI, CheckDocument, CheckInput, InputDigest, JobDocument, ScoreConfig};
pub use result::{
    Artifact, CheckAnswer, Decision, Fitted, Observation, OutputRecord, StageResult, Window,
};
