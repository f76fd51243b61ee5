//! What an endpoint serves: its versions, each loaded from its package into a pool of sandboxes, and which of them a request gets.

use std::{
    io::Read,
    sync::{Arc, Mutex, PoisonError},
};

use lockflight_oip::{ColumnError, Columns, Limits as RequestLimits};
use wasmtime::Engine;

use super::{
    log::{self, Log, Logger},
    pool::{Delivery, Pool},
    question::Signature,
    sandbox::{Blueprint, SandboxError, StepCode},
};
use crate::{
    endpoint::{ArmRecord, EndpointRecord},
    engine::{self, CodeCacheError},
    launcher::{LaunchError, Launcher},
    manifest::Limits,
    model::FlowError,
    package::{Contents, ContentsError},
    store::{Store, StoreError},
};

/// What each version of a model may use.
#[derive(Debug, Clone, Copy)]
pub struct ServeLimits {
    /// How many sandboxes it has: as many requests are answered at a time.
    pub sandboxes: usize,
    /// How many requests may wait for each sandbox.
    pub queue: usize,
    /// What a sandbox may use, as the limits of a stage: wall time is that of one request, memory is that of all steps together.
    pub sandbox: Limits,
    /// How much a request may bring.
    pub request: RequestLimits,
}

/// Why a model cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Its package is none.
    #[error(transparent)]
    Package(#[from] ContentsError),
    /// Requests cannot bring what it takes, or answers what it gives.
    #[error(transparent)]
    Columns(#[from] ColumnError),
    /// Its steps do not fit each other.
    #[error(transparent)]
    Flow(#[from] FlowError),
    /// A step cannot be compiled.
    #[error(transparent)]
    Compile(#[from] LaunchError),
    /// Compiled code cannot be loaded.
    #[error("compiled code cannot be loaded: {0:#}")]
    Code(wasmtime::Error),
    /// A sandbox cannot be made.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// The cache of compiled code failed.
    #[error(transparent)]
    Cache(#[from] CodeCacheError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Its log would have a column twice.
    #[error(
        "the log of predictions would have two columns {0:?}; rename the model's, or serve with --no-log"
    )]
    Unloggable(String),
    /// The endpoint gives no version any traffic.
    #[error("no version of it has any traffic")]
    NoTraffic,
}

/// A version of a model at work.
pub struct Version {
    /// Its number, counted under the model's name.
    pub number: u64,
    /// What its requests are read by, and its answers written by.
    pub signature: Arc<Signature>,
    pool: Pool,
    delivery: Mutex<Option<Delivery>>,
}

/// An endpoint at work.
pub struct Served {
    /// Its name: that of the deploy stage.
    pub name: String,
    /// The versions with traffic, each with the sum of the shares up to its own; the last sum is 1.
    versions: Vec<(f64, Arc<Version>)>,
}

impl Served {
    /// Loads every version that has traffic.
    ///
    /// # Errors
    /// When one cannot be loaded, or there is none.
    pub fn load(
        record: &EndpointRecord,
        store: &Store,
        launcher: &Launcher,
        engine: &Engine,
        limits: &ServeLimits,
        log: Option<&Log>,
    ) -> Result<Served, LoadError> {
        let mut sum = 0.0;
        let mut versions = Vec::new();
        for arm in record.arms.iter().filter(|arm| arm.weight > 0.0) {
            sum += arm.weight;
            let logger = log.map(|log| log.logger(&record.name, arm.version));
            let name = &record.name;
            let version =
                Version::load(name, arm, store, launcher, engine, limits, logger.as_ref())?;
            versions.push((sum, Arc::new(version)));
        }
        match versions.last_mut() {
            None => Err(LoadError::NoTraffic),
            Some((sum, _)) => {
                *sum = 1.0;
                Ok(Served {
                    name: record.name.clone(),
                    versions,
                })
            }
        }
    }

    /// The version for the next request, by a number from 0 to 1.
    pub fn pick(&self, at: f64) -> &Arc<Version> {
        let found = self.versions.iter().find(|(sum, _)| at < *sum);
        let last = self.versions.last();
        &found.or(last).expect("an endpoint has a version").1
    }

    /// The version of this number.
    pub fn version(&self, number: u64) -> Option<&Arc<Version>> {
        let mut versions = self.versions();
        versions.find(|version| version.number == number)
    }

    /// All versions with traffic, oldest first.
    pub fn versions(&self) -> impl Iterator<Item = &Arc<Version>> {
        self.versions.iter().map(|(_, version)| version)
    }

    /// Answers what has been asked, and ends.
    pub fn close(self) {
        for (_, version) in self.versions {
            // A connection that outlived its time may hold a version; its sandboxes end with the process.
            if let Some(version) = Arc::into_inner(version) {
                version.pool.close();
            }
        }
    }
}

impl Version {
    fn load(
        endpoint: &str,
        arm: &ArmRecord,
        store: &Store,
        launcher: &Launcher,
        engine: &Engine,
        limits: &ServeLimits,
        logger: Option<&Logger>,
    ) -> Result<Version, LoadError> {
        let contents = Contents::read(store, &arm.package)?;
        let takes = contents.model.takes()?;
        if logger.is_some()
            && let Some(column) = log::clash(takes.arrow(), contents.model.gives().arrow())
        {
            return Err(LoadError::Unloggable(column));
        }
        let steps = contents.model.steps.iter().map(|step| {
            let code = launcher.served(&step.scorer, &limits.sandbox)?;
            let mut state = Vec::new();
            store
                .open_blob(&step.state)?
                .read_to_end(&mut state)
                .map_err(|source| StoreError::Io {
                    action: "read",
                    path: "the state of a step".into(),
                    source,
                })?;
            Ok(StepCode {
                component: engine::load(engine, &code.file).map_err(LoadError::Code)?,
                state,
                takes: step.takes.clone(),
                gives: step.gives.clone(),
            })
        });
        let blueprint = Blueprint {
            engine: engine.clone(),
            steps: steps.collect::<Result<_, LoadError>>()?,
            takes: takes.clone(),
            limits: limits.sandbox,
        };
        let signature = Arc::new(Signature {
            endpoint: endpoint.to_owned(),
            version: arm.version.to_string(),
            package: arm.package.to_string(),
            takes: Columns::new(Arc::clone(takes.arrow()))?,
            gives: Columns::new(Arc::clone(contents.model.gives().arrow()))?,
            limits: limits.request,
        });
        let (pool, delivery) = Pool::new(
            Arc::new(blueprint),
            &signature,
            limits.sandboxes,
            limits.queue,
            logger,
        )?;
        Ok(Version {
            number: arm.version,
            signature,
            pool,
            delivery: Mutex::new(Some(delivery)),
        })
    }

    /// What brings its answers, once.
    pub fn delivery(&self) -> Option<Delivery> {
        let mut delivery = self.delivery.lock().unwrap_or_else(PoisonError::into_inner);
        delivery.take()
    }

    /// The pool of its sandboxes.
    pub fn pool(&self) -> &Pool {
        &self.pool
    }
}
