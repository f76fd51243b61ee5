//! Everything of wasmtime behind one door: how the engine is set up, how code is compiled and loaded, how memory is bounded.

mod code_cache;
mod limiter;

pub use code_cache::{
    CodeCache, CodeCacheError, CompileLimit, CompileLimits, Compiled, MAX_COMPONENT, compile_child,
};
pub use limiter::{Allowance, Grown, Limiter, MemoryExceeded};

use std::{os::fd::AsRawFd, path::PathBuf};

use wasmtime::{Config, Engine, OptLevel, component::Component};

/// The version of wasmtime that this host is built with.
pub const WASMTIME_VERSION: &str = wasmtime_environ::VERSION;

/// The settings that a user can choose and that compiled code depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct EngineOptions {
    /// Whether float operations give one NaN only, at 1.5 to 2.6 times the cost of float loops. Without it results are equal bit for
    /// bit on one instruction set; with it, across instruction sets too.
    pub nan_canonical: bool,
    /// Whether code looks at every loop and call if its deadline has come, which slows float loops 2.5 to 4 times: for serving, where
    /// no process can be killed for one request.
    pub epochs: bool,
}

impl EngineOptions {
    /// Those of served models, whose code is interrupted at deadlines.
    pub const SERVING: EngineOptions = EngineOptions {
        nan_canonical: false,
        epochs: true,
    };
}

/// Makes an engine.
///
/// For batch stages there are neither epoch nor fuel checks: a stage that runs too long is killed with its process. Everything that
/// is not deterministic, or that no plugin needs, is off.
///
/// # Errors
/// When this processor cannot run the code that the settings ask for.
pub fn engine(options: EngineOptions) -> wasmtime::Result<Engine> {
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
        .cranelift_opt_level(OptLevel::Speed)
        .cranelift_nan_canonicalization(options.nan_canonical)
        .epoch_interruption(options.epochs)
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
