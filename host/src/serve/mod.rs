//! Serving: every deployed model over HTTP, by the Open Inference Protocol v2 and by a simple way for people.
//!
//! Bodies are taken on the threads of the server; models work on threads of their own ([`pool`]), which read what came together as
//! one table ([`group`]), each under a deadline, in a sandbox that is thrown away when anything goes wrong in it. What was answered is noted in [`log`], off the
//! request's path.

mod group;
pub mod log;
mod model;
mod pool;
mod question;
mod routes;
mod sandbox;

pub use model::{LoadError, ServeLimits, Served};

use std::{
    collections::BTreeMap,
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::net::TcpListener;
use wasmtime::Engine;

use self::log::Log;
use crate::{
    endpoint::EndpointRecord,
    engine::{self, CodeKind},
    launcher::Launcher,
    store::Store,
};

/// How long answers that are under way may take once the server is told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// How a server is set up.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Where it listens; port 0 is any free one.
    pub address: SocketAddr,
    /// What each version of a model may use.
    pub limits: ServeLimits,
    /// The most bytes of a request's body.
    pub body: usize,
    /// Whether predictions are logged.
    pub log: bool,
}

/// Why a server does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// An endpoint cannot be served.
    #[error("the endpoint `{endpoint}` cannot be served: {source}")]
    Load {
        /// Its name.
        endpoint: String,
        /// Why.
        source: Box<LoadError>,
    },
    /// The engine cannot be made.
    #[error("the engine: {0:#}")]
    Engine(wasmtime::Error),
    /// The address cannot be had.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The server failed.
    #[error("the server failed: {0}")]
    Io(#[from] io::Error),
}

impl ServeError {
    /// Whether the policy refuses to serve.
    pub fn is_refused(&self) -> bool {
        match self {
            ServeError::Load { source, .. } => {
                matches!(&**source, LoadError::Compile(error) if error.is_refused())
            }
            _ => false,
        }
    }
}

/// What all requests share.
pub struct State {
    endpoints: BTreeMap<String, Served>,
    log: Option<Log>,
    /// Tells this server's predictions from those of others.
    name: String,
    requests: AtomicU64,
}

/// What a server did until it was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped {
    /// Requests for predictions.
    pub requests: u64,
    /// Rows in the log of predictions.
    pub logged: u64,
    /// Requests that were not logged, since they came too fast or could not be written.
    pub dropped: u64,
}

/// A server whose models are loaded and whose address is taken.
pub struct Server {
    listener: std::net::TcpListener,
    state: Arc<State>,
    engine: Engine,
    body: usize,
}

impl Server {
    /// Loads the models and takes the address.
    ///
    /// # Errors
    /// When a model cannot be loaded or the address is taken.
    pub fn new(
        endpoints: &[EndpointRecord],
        store: &Store,
        launcher: &Launcher,
        options: &Options,
    ) -> Result<Server, ServeError> {
        let listen = |source| ServeError::Listen {
            address: options.address,
            source,
        };
        let listener = std::net::TcpListener::bind(options.address).map_err(listen)?;
        listener.set_nonblocking(true).map_err(listen)?;
        let engine = engine::engine(CodeKind::Serving).map_err(ServeError::Engine)?;
        let clock = Clock::start(&engine);
        let log = options.log.then(|| Log::new(store.clone()));
        let load = |record: &EndpointRecord| {
            let (limits, log) = (&options.limits, log.as_ref());
            let served = Served::load(record, store, launcher, &engine, limits, log);
            match served {
                Ok(served) => Ok((record.name.clone(), served)),
                Err(error) => Err(ServeError::Load {
                    endpoint: record.name.clone(),
                    source: Box::new(error),
                }),
            }
        };
        let endpoints = endpoints.iter().map(load).collect::<Result<_, _>>()?;
        drop(clock);
        let state = State {
            endpoints,
            log,
            name: name(),
            requests: AtomicU64::new(0),
        };
        Ok(Server {
            listener,
            state: Arc::new(state),
            engine,
            body: options.body,
        })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers requests until the process is told to end (SIGINT, SIGTERM); those that are under way are answered, and what is left of
    /// the log is written.
    ///
    /// # Errors
    /// When the system fails.
    pub fn run(self) -> Result<Stopped, ServeError> {
        let clock = Clock::start(&self.engine);
        // The other half of the processors is for the sandboxes.
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(processors.div_ceil(2))
            .enable_io()
            .enable_time()
            .build()?;
        let router = routes::router(Arc::clone(&self.state), self.body);
        runtime.block_on(async {
            let listener = TcpListener::from_std(self.listener)?;
            let versions = self.state.endpoints.values().flat_map(Served::versions);
            for delivery in versions.filter_map(|version| version.delivery()) {
                tokio::spawn(delivery.run());
            }
            let stop = Arc::new(tokio::sync::Notify::new());
            let told = Arc::clone(&stop);
            let server = axum::serve(listener, router).with_graceful_shutdown(async move {
                terminated().await;
                told.notify_one();
            });
            tokio::select! {
                served = server => served,
                // Who keeps a connection open does not keep the server from ending.
                () = async { stop.notified().await; tokio::time::sleep(GRACE).await } => Ok(()),
            }
        })?;
        runtime.shutdown_timeout(Duration::from_secs(1));
        let requests = self.state.requests.load(Ordering::Relaxed);
        let mut stopped = Stopped {
            requests,
            logged: 0,
            dropped: 0,
        };
        if let Some(state) = Arc::into_inner(self.state) {
            state.endpoints.into_values().for_each(Served::close);
            if let Some(log) = state.log {
                (stopped.logged, stopped.dropped) = log.close();
            }
        }
        drop(clock);
        Ok(stopped)
    }
}

async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// Twelve hex digits that no other server has.
fn name() -> String {
    use std::hash::{BuildHasher, Hasher, RandomState};
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_i128(jiff::Timestamp::now().as_nanosecond());
    format!("{:012x}", hasher.finish() & 0xffff_ffff_ffff)
}

/// Moves the epochs of an engine on, on a thread of its own.
struct Clock {
    stop: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Clock {
    fn start(engine: &Engine) -> Clock {
        let stop = Arc::new(AtomicBool::new(false));
        let (engine, stopped) = (engine.clone(), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                std::thread::sleep(sandbox::TICK);
                engine.increment_epoch();
            }
        });
        Clock {
            stop,
            thread: Some(thread),
        }
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It has nothing to panic about.
            let _ = thread.join();
        }
    }
}
