//! Everything of wasmtime behind one door: how the engine is set up, how code is compiled and loaded, how memory is bounded.

mod code_cache;
mod limiter;

pub use code_cache::{
    CodeCache, CodeCacheError, CompileLimit, CompileLimits, Compiled, MAX_COMPONENT, compile_child,
};
pub use limiter::{Allowance, Grown, Limiter, MemoryExceeded};

use std::{os::fd::AsRawFd, path::PathBuf};

use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use wasmtime::{Config, Engine, OptLevel, component::Component};

/// The version of wasmtime that this host is built with.
pub const WASMTIME_VERSION: &str = wasmtime_environ::VERSION;

/// The kinds of code that a component is compiled to. All but [`CodeKind::Serving`] run in a process that is killed when its time is
/// over; code that looks for its deadline itself runs float loops 2.5 to 4 times slower.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ValueEnum,
)]
pub enum CodeKind {
    /// What stages run, unless they ask for more. Results are equal bit for bit on one instruction set.
    Usual,
    /// Float operations give one NaN only, at 1.5 to 2.6 times the cost of float loops: results are equal across instruction sets too.
    OneNan,
    /// As [`CodeKind::OneNan`], and not optimized: compiled a fifth sooner, for a run that is only compared with another.
    OneNanDraft,
    /// For served models, whose code looks at every loop and call if its deadline has come: no process can be killed for one request.
    Serving,
}

impl CodeKind {
    /// For a stage that asks for one NaN, or does not.
    pub const fn of_stage(nan_canonical: bool) -> CodeKind {
        match nan_canonical {
            true => CodeKind::OneNan,
            false => CodeKind::Usual,
        }
    }
}

/// Makes an engine.
///
/// For batch stages there are neither epoch nor fuel checks: a stage that runs too long is killed with its process. Everything that
/// is not deterministic, or that no plugin needs, is off.
///
/// # Errors
/// When this processor cannot run such code.
pub fn engine(kind: CodeKind) -> wasmtime::Result<Engine> {
    let one_nan = matches!(kind, CodeKind::OneNan | CodeKind::OneNanDraft);
    let level = match kind {
        CodeKind::OneNanDraft => OptLevel::None,
        CodeKind::Usual | CodeKind::OneNan | CodeKind::Serving => OptLevel::Speed,
    };
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        .concurrency_support(false)
        .wasm_threads(false)
        .shared_memory(false)
        .wasm_gc(false)
        .gc_support(false)
        .wasm_exceptions(false)
        .wasm_relaxed_simd(false)
        .wasm_memory64(false)
        // Components made of several modules (QuickJS) need more than one memory; the limiter bounds their sum.
        .wasm_multi_memory(true)
        .wasm_simd(true)
        .cranelift_opt_level(level)
        .cranelift_nan_canonicalization(one_nan)
        .epoch_interruption(kind == CodeKind::Serving)
        .max_wasm_stack(1 << 20);
    Engine::new(&config)
}

/// Maps compiled code, which this engine has to agree with.
///
/// # Errors
/// When it is of another engine.
pub fn load(engine: &Engine, code: &impl AsRawFd) -> wasmtime::Result<Component> {
    let path = PathBuf::from(format!("/proc/self/fd/{}", code.as_raw_fd()));
    // SAFETY: all compiled code is made by this program's own compiler and kept in a cache folder that no one else can write to; a
    // child is handed nothing else by its launcher.
    unsafe { Component::deserialize_file(engine, path) }
}
