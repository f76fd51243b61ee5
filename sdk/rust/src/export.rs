//! How a plugin becomes the exports of its world.
use std::any::Any;
use std::cell::RefCell;
use std::io::Write;
use std::marker::PhantomData;
use std::panic::PanicHookInfo;
use std::sync::Once;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::bindings::exports_of::{
    deployer, ingester, monitorer, packager, scorer, trainer, validator,
};
use crate::bindings::{job, types};
use crate::format::lend_schema;
use crate::score::Scorer;
use crate::train::StepPorts;
use crate::{
    BlobWriter, Deploy, Failure, Job, Level, Monitor, Output, Package, Port, Problem, Problems,
    Report, Score, Train, log, state,
};

/// A plugin of world `ingest`: sources become tables; tables are joined, filtered and split.
pub trait Ingest: 'static {
    /// The stage's config. `deny_unknown_fields` makes misspelt keys a problem.
    type Config: DeserializeOwned + JsonSchema;

    /// The outputs this config would make of these inputs, with their schemas as far as they are known.
    ///
    /// # Errors
    /// All that is wrong.
    fn check(job: &Job<Self::Config>) -> Result<Vec<Port>, Problems>;

    /// Does the work.
    ///
    /// # Errors
    /// Why it could not be done.
    fn run(job: &Job<Self::Config>) -> Result<Vec<Output>, Failure>;
}

/// A plugin of world `validate`: a table is checked against expectations.
pub trait Validate: 'static {
    /// The stage's config. `deny_unknown_fields` makes misspelt keys a problem.
    type Config: DeserializeOwned + JsonSchema;

    /// The outputs this config would make of these inputs, with their schemas as far as they are known.
    ///
    /// # Errors
    /// All that is wrong.
    fn check(job: &Job<Self::Config>) -> Result<Vec<Port>, Problems>;

    /// Does the work.
    ///
    /// # Errors
    /// Why it could not be done.
    fn run(job: &Job<Self::Config>) -> Result<Report, Failure>;
}

/// A plugin seen through the generated bindings.
#[derive(Debug)]
pub struct Exported<P>(PhantomData<P>);

impl<P: Ingest> ingester::Guest for Exported<P> {
    fn check() -> Result<Vec<job::Port>, Vec<Problem>> {
        check(P::check)
    }

    fn run() -> Result<Vec<crate::bindings::answers::Output>, Failure> {
        run(P::run)?.into_iter().map(Output::lend).collect()
    }
}

impl<P: Validate> validator::Guest for Exported<P> {
    fn check() -> Result<Vec<job::Port>, Vec<Problem>> {
        check(P::check)
    }

    fn run() -> Result<validator::Report, Failure> {
        let report = run(P::run)?;
        let outputs = report.outputs.into_iter().map(Output::lend);
        Ok(validator::Report {
            findings: report.findings,
            outputs: outputs.collect::<Result<_, _>>()?,
        })
    }
}

impl<P: Train> trainer::Guest for Exported<P> {
    fn check() -> Result<Vec<job::Port>, Vec<Problem>> {
        check(|job| P::check(job).map(StepPorts::into_ports))
    }

    fn run() -> Result<trainer::Fitted, Failure> {
        let fitted = run(P::fit)?;
        let mut blob = BlobWriter::new();
        blob.write_all(&state::frame(&fitted.step))?;
        Ok(trainer::Fitted {
            state: blob.into_host()?,
            takes: lend_schema(&fitted.step.takes()).map_err(Failure::Internal)?,
            gives: lend_schema(&fitted.step.gives()).map_err(Failure::Internal)?,
            outputs: fitted
                .outputs
                .into_iter()
                .map(Output::lend)
                .collect::<Result<_, _>>()?,
        })
    }
}

impl<P: Package> packager::Guest for Exported<P> {
    fn check() -> Result<Vec<job::Port>, Vec<Problem>> {
        check(P::check)
    }

    fn run() -> Result<packager::Artifact, Failure> {
        run(P::run)?.lend()
    }
}

impl<P: Deploy> deployer::Guest for Exported<P> {
    fn check() -> Result<Vec<job::Port>, Vec<Problem>> {
        check(P::check)
    }

    fn run() -> Result<deployer::Decision, Failure> {
        run(P::run)?.lend()
    }
}

impl<P: Monitor> monitorer::Guest for Exported<P> {
    fn check() -> Result<Vec<job::Port>, Vec<Problem>> {
        check(P::check)
    }

    fn run() -> Result<monitorer::Observation, Failure> {
        run(P::run)?.lend()
    }
}

/// A fitted step seen through the generated bindings. Nothing here may call the host, since the world `score` imports no
/// function: neither a log line nor the hook for panics.
#[derive(Debug)]
pub struct ExportedStep<S>(PhantomData<S>);

thread_local! {
    /// The component's scorer, a [`Scorer`] of its step. A static cannot be generic, hence `Any`; a component has one step.
    static SCORER: RefCell<Option<Box<dyn Any>>> = const { RefCell::new(None) };
}

impl<S: Score> scorer::Guest for ExportedStep<S> {
    fn load(part: Vec<u8>, rest: u64) -> Result<(), String> {
        with_scorer(|scorer: &mut Scorer<S>| scorer.load(part, rest))
    }

    fn score(rows: types::Batch) -> Result<types::Batch, String> {
        with_scorer(|scorer: &mut Scorer<S>| scorer.score(rows))
    }
}

fn with_scorer<S: Score, R>(call: impl FnOnce(&mut Scorer<S>) -> R) -> R {
    SCORER.with_borrow_mut(|slot| {
        let scorer = slot.get_or_insert_with(|| Box::new(Scorer::<S>::new()));
        let scorer = scorer.downcast_mut();
        call(scorer.expect("a component exports one step"))
    })
}

type Check<C> = fn(&Job<C>) -> Result<Vec<Port>, Problems>;

fn check<C: DeserializeOwned>(check: Check<C>) -> Result<Vec<job::Port>, Vec<Problem>> {
    log_panics();
    let ports = Job::from_host().and_then(|job| check(&job));
    let lent = ports.and_then(|ports| ports.into_iter().map(Port::lend).collect());
    lent.map_err(|problems: Problems| problems.0)
}

fn run<C: DeserializeOwned, R>(run: fn(&Job<C>) -> Result<R, Failure>) -> Result<R, Failure> {
    log_panics();
    run(&Job::from_host()?)
}

/// A panic ends the stage in a trap without a word; this puts its message and place into the log first.
fn log_panics() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        std::panic::set_hook(Box::new(|info: &PanicHookInfo<'_>| {
            let place = info
                .location()
                .map_or(String::new(), |at| format!(" at {at}"));
            let message = info.payload_as_str().unwrap_or("no message");
            log(
                Level::Error,
                &format!("the plugin panicked{place}: {message}"),
            );
        }));
    });
}

/// The static facts of a plugin, a JSON document `{"config": <JSON Schema>}`, as address << 32 | length of its UTF-8 text.
/// The builder calls it once on the core module, before that is made into a component.
pub fn facts<C: JsonSchema>() -> u64 {
    let document = facts_document::<C>().into_bytes().leak();
    ((document.as_ptr() as u64) << 32) | document.len() as u64
}

fn facts_document<C: JsonSchema>() -> String {
    serde_json::json!({ "config": schemars::schema_for!(C) }).to_string()
}

/// Exports a plugin: `export!(MyPlugin: validate)`, with the world's name in lower case. Does nothing outside WebAssembly.
///
/// Once in a component: a crate for two worlds puts each under the Cargo feature of that name, since
/// `lockflight plugin build` builds one component for each.
///
/// ```
/// # use lockflight_sdk::prelude::*;
/// # struct Trainer;
/// # struct Step;
/// # impl Train for Trainer {
/// #     type Config = ();
/// #     type Step = Step;
/// #     fn check(_: &Job<()>) -> Result<StepPorts, Problems> { Ok(StepPorts::open()) }
/// #     fn fit(_: &Job<()>) -> Result<Fitted<Step>, Failure> { Ok(Fitted::new(Step)) }
/// # }
/// # impl Score for Step {
/// #     const VERSION: u32 = 1;
/// #     fn takes(&self) -> arrow_schema::SchemaRef { arrow_schema::Schema::empty().into() }
/// #     fn gives(&self) -> arrow_schema::SchemaRef { arrow_schema::Schema::empty().into() }
/// #     fn save(&self) -> Vec<u8> { vec![] }
/// #     fn load(_: &[u8]) -> Result<Step, String> { Ok(Step) }
/// #     fn score(&self, _: &arrow_array::RecordBatch) -> Result<Vec<arrow_array::ArrayRef>, String> { Ok(vec![]) }
/// # }
/// # mod exports { use super::*;
/// #[cfg(feature = "train")]
/// lockflight_sdk::export!(Trainer: train);
/// #[cfg(feature = "score")]
/// lockflight_sdk::export!(Step: score);
/// # }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! export {
    ($plugin:ty: ingest) => {
        $crate::export!(@world $plugin, ingest, Ingest, export_ingest_bindings);
    };
    ($plugin:ty: validate) => {
        $crate::export!(@world $plugin, validate, Validate, export_validate_bindings);
    };
    ($plugin:ty: train) => {
        $crate::export!(@world $plugin, train, Train, export_train_bindings);
    };
    ($plugin:ty: packaging) => {
        $crate::export!(@world $plugin, packaging, Package, export_packaging_bindings);
    };
    ($plugin:ty: deploy) => {
        $crate::export!(@world $plugin, deploy, Deploy, export_deploy_bindings);
    };
    ($plugin:ty: monitor) => {
        $crate::export!(@world $plugin, monitor, Monitor, export_monitor_bindings);
    };
    ($step:ty: score) => {
        #[cfg(target_family = "wasm")]
        const _: () = {
            // No `lockflight-facts`: a scorer has no config, its state is all it gets.
            type Exported = $crate::export::ExportedStep<$step>;
            $crate::bindings::score::export_score_bindings!(Exported with_types_in $crate::bindings::score);
        };
        #[cfg(not(target_family = "wasm"))]
        const _: () = {
            fn implements<S: $crate::Score>() {}
            let _ = implements::<$step>;
        };
    };
    (@world $plugin:ty, $world:ident, $stage:ident, $bindings:ident) => {
        #[cfg(target_family = "wasm")]
        const _: () = {
            type Exported = $crate::export::Exported<$plugin>;
            $crate::bindings::$world::$bindings!(Exported with_types_in $crate::bindings::$world);

            #[unsafe(export_name = "lockflight-facts")]
            extern "C" fn facts() -> u64 {
                $crate::export::facts::<<$plugin as $crate::$stage>::Config>()
            }
        };
        #[cfg(not(target_family = "wasm"))]
        const _: () = {
            fn implements<P: $crate::$stage>() {}
            let _ = implements::<$plugin>;
        };
    };
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[derive(serde::Deserialize, JsonSchema)]
    #[allow(dead_code)]
    struct Config {
        /// The column to look at.
        column: String,
    }

    #[test]
    fn facts_hold_the_schema_of_the_config() {
        let facts: serde_json::Value = serde_json::from_str(&facts_document::<Config>()).unwrap();
        let column = facts.pointer("/config/properties/column").unwrap();
        assert_eq!(column["type"], "string");
        assert_eq!(column["description"], "The column to look at.");
    }
}
