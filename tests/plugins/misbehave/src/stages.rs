//! The worlds at the end of the lifecycle: packs the parts of a model as they are, holds every traffic, finds every window right.

use lockflight_sdk::prelude::*;
use lockflight_sdk::{BlobWriter, PortKind};

use crate::deed::Deed;
use crate::{Config, Misbehave, check};

/// What is left for the next call.
const LEFT: &[u8] = b"left for the next call";
/// What the host finds the parts of a model by.
const PART: &str = "dev.lockflight.part";
/// The media type of everything.
const BYTES: &str = "application/octet-stream";

fn run(job: &Job<Config>) -> Result<(), Failure> {
    job.config.deed.in_run(job.config.amount)?;
    job.config.deed.with_inputs(job)?;
    job.config.deed.with_state(job.state().as_ref(), LEFT);
    Ok(())
}

impl Package for Misbehave {
    type Config = Config;

    fn check(job: &Job<Config>) -> Result<Vec<Port>, Problems> {
        check(job, Vec::new())
    }

    fn run(job: &Job<Config>) -> Result<Artifact, Failure> {
        run(job)?;
        let ports = job.inputs().iter().map(|input| &input.port);
        let blobs = ports.filter(|port| port.kind == PortKind::Blob);
        let layers = blobs.map(|port| {
            let mut bytes = job.blob(&port.name)?.read_all();
            if job.config.deed == Deed::PackAnother && port.name == "document" {
                // The same JSON, but no longer the same bytes.
                bytes.push(b' ');
            }
            let part = port.name.rsplit('.').next().unwrap_or_default();
            Ok(Layer {
                media_type: BYTES.into(),
                annotations: vec![(PART.into(), part.into())],
                content: BlobWriter::of(&bytes)?,
            })
        });
        Ok(Artifact {
            artifact_type: BYTES.into(),
            config_type: BYTES.into(),
            config: BlobWriter::of(b"{}")?,
            layers: layers.collect::<Result<_, Failure>>()?,
            annotations: Vec::new(),
        })
    }
}

impl Deploy for Misbehave {
    type Config = Config;

    fn check(job: &Job<Config>) -> Result<Vec<Port>, Problems> {
        check(job, Vec::new())
    }

    fn run(job: &Job<Config>) -> Result<Decision, Failure> {
        run(job)?;
        Ok(Decision::new(Action::Hold, "all is well").with_state(LEFT))
    }
}

impl Monitor for Misbehave {
    type Config = Config;

    fn check(job: &Job<Config>) -> Result<Vec<Port>, Problems> {
        check(job, Vec::new())
    }

    fn run(job: &Job<Config>) -> Result<Observation, Failure> {
        run(job)?;
        let finding = Finding::new("small", "number").judged(Verdict::Pass, "all is well");
        Ok(Observation::of([finding]).with_state(LEFT))
    }
}
