//! `lockflight serve`: the endpoints of a pipeline over HTTP.

use std::{net::SocketAddr, path::PathBuf};

use super::{
    context::Context,
    error::CliError,
    limits,
    text::{self, Paint},
};
use crate::{
    endpoint::{EndpointRecord, Endpoints},
    manifest::{self, ByteSize, Limit, Limits, PartialLimits, StageKind, WallTime},
    serve::{Options, ServeLimits, Server},
    store::Store,
};

/// What `serve` takes.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  lockflight serve\n  lockflight serve --listen 127.0.0.1:0 --endpoint demand\n  curl -d '[{\"hour\": 8}]' http://127.0.0.1:8080/predict/demand\n\nThe address is the machine's own unless --listen says otherwise; there is no TLS and no login: put a proxy in front."
)]
pub struct Args {
    /// The manifest, or its folder [default: the nearest lockflight.toml, else all endpoints of the store]
    manifest: Option<PathBuf>,
    /// Where to listen; port 0 takes any free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Serve this endpoint alone; may be given more than once
    #[arg(long = "endpoint", value_name = "NAME")]
    endpoints: Vec<String>,
    /// Sandboxes of each version, which answer side by side [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    sandboxes: Option<u16>,
    /// Requests that wait for each sandbox before others are refused
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..))]
    queue: u16,
    /// Time that a request may take in a sandbox [default: 1s, or less if the policy allows less]
    #[arg(long, value_name = "TIME")]
    deadline: Option<WallTime>,
    /// Memory of a sandbox [default: 512MiB, or less if the policy allows less]
    #[arg(long, value_name = "SIZE")]
    memory: Option<ByteSize>,
    /// The largest body of a request
    #[arg(long, default_value = "8MiB")]
    body: ByteSize,
    /// The most rows of a request
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    rows: u32,
    /// Do not log predictions
    #[arg(long)]
    no_log: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<u8, CliError> {
    let limits = limits(args, context)?;
    let (store, endpoints) = endpoints(args, context)?;
    let launcher = context.launcher(&store)?;
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let body = usize::try_from(args.body.bytes()).unwrap_or(usize::MAX);
    let options = Options {
        address: args.listen,
        limits: ServeLimits {
            sandboxes: args.sandboxes.map_or(processors, usize::from),
            queue: usize::from(args.queue),
            sandbox: limits,
            request: lockflight_oip::Limits {
                rows: args.rows as usize,
                text_bytes: body,
            },
        },
        body,
        log: !args.no_log,
    };
    let server = Server::new(&endpoints, &store.released(), &launcher, &options)?;
    // The models are in memory; `gc` need not wait for a server to end.
    drop((store, launcher));
    let address = server
        .address()
        .map_err(|error| CliError::Failed(error.to_string()))?;
    if !context.quiet {
        listening(address, &endpoints);
    }
    let stopped = server.run()?;
    if !context.quiet {
        text::say!(
            "stopped after {} requests; {} rows logged, {} requests dropped from the log",
            stopped.requests,
            stopped.logged,
            stopped.dropped
        );
    }
    Ok(0)
}

/// What a sandbox may use: the wall time is that of a request.
fn limits(args: &Args, context: &Context) -> Result<Limits, CliError> {
    let limits = |wall, memory| -> PartialLimits {
        limits::named([(Limit::Wall, wall), (Limit::Memory, memory)]).collect()
    };
    let asked = limits(
        args.deadline.map(limits::millis),
        args.memory.map(ByteSize::bytes),
    );
    let preset = limits(Some(1_000), Some(512 << 20));
    limits::allowed(&asked, &preset, &*context.policy()?)
}

/// What is to be served: the deploy stages of a manifest, or those that are named.
fn endpoints(args: &Args, context: &Context) -> Result<(Store, Vec<EndpointRecord>), CliError> {
    // Without a manifest, a store is enough.
    let there = args.manifest.is_some() || manifest::find(&context.folder).is_some();
    let manifest = there
        .then(|| context.manifest(args.manifest.as_deref()))
        .transpose()?;
    let store = match &manifest {
        Some(manifest) => context.store_of(manifest)?,
        None => context.store()?,
    };
    let known = Endpoints::new(&store);
    let names: Vec<String> = match (&manifest, args.endpoints.as_slice()) {
        (None, []) => known
            .list()?
            .into_iter()
            .map(|record| record.name)
            .collect(),
        (Some(manifest), []) => {
            let stages = manifest.stages.iter();
            let deployed = stages.filter(|stage| stage.kind == StageKind::Deploy);
            deployed.map(|stage| stage.name.clone()).collect()
        }
        (_, named) => named.to_vec(),
    };
    if names.is_empty() {
        return Err(CliError::Usage(
            "there is nothing to serve: add [package.NAME] and [deploy.NAME] to the manifest, and run it".into(),
        ));
    }
    let records = names.iter().map(|name| known.find(name));
    let records = records.collect::<Result<_, _>>()?;
    Ok((store, records))
}

fn listening(address: SocketAddr, endpoints: &[EndpointRecord]) {
    let paint = Paint(text::color_on_stdout());
    text::say!("{} http://{address}", paint.bold("serving on"));
    for record in endpoints {
        text::say!(
            "  POST /predict/{}  {}",
            record.name,
            paint.dim(&super::endpoint::served(record))
        );
    }
    text::say!("  GET  /v2/models/NAME, POST /v2/models/NAME/infer: Open Inference Protocol v2");
    text::say!("Ctrl-C stops.");
}
