//! Rust: cargo makes a core module for `wasm32-unknown-unknown`, which has no system interface at all, and `wit-component`
//! makes a component of it. Which world it is for stands in the module, put there by the bindings.

use std::ffi::OsString;
use std::fs;
use std::iter;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;
use serde_json::Value;
use wasmparser::{Parser, Payload};
use wasmtime::{Config, Engine, Linker, Module, OptLevel, Store};
use wit_component::ComponentEncoder;

use super::shared::Shared;
use super::tool::{run, run_loudly};
use super::{BuildError, Made, Order};
use crate::plugin::toolchain::{TARGET, Toolchain};

/// The cargo profile for plugins, if the workspace has one of this name.
const PROFILE: &str = "plugin";

/// The function that a module may export to tell facts that only its code knows: without parameters, it returns the place of
/// a JSON text in memory as `address << 32 | length`.
const FACTS: &str = "lockflight-facts";

/// What `cargo metadata` says; only what is asked here.
#[derive(Deserialize)]
pub(super) struct Metadata {
    packages: Vec<Package>,
    pub(super) target_directory: PathBuf,
    pub(super) workspace_root: PathBuf,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
    features: serde_json::Map<String, Value>,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    path: Option<PathBuf>,
}

impl Metadata {
    /// The names of the workspace's crates.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.packages.iter().map(|package| package.name.as_str())
    }

    /// The folders of the crates that the workspace depends on by a path.
    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        let dependencies = self
            .packages
            .iter()
            .flat_map(|package| &package.dependencies);
        dependencies.filter_map(|dependency| dependency.path.as_deref())
    }
}

/// Builds the folder's package, or the one named, for the order's world.
pub(super) fn build(order: &Order<'_>, package: Option<&str>) -> Result<Made, BuildError> {
    let toolchain = Toolchain::find(order.folder)?;
    let metadata = metadata(order)?;
    let package = find(&metadata, order, package)?;
    let profile = profile(&metadata.workspace_root);
    // Held until the module is read, which the next plugin of that name would write over.
    let shared = Shared::of(order.folder, &metadata, profile)?;
    let (target, remapped) = match &shared {
        // No path of the plugin's is absolute there, and flags that differ would have all compiled again.
        Some(shared) => (shared.target().to_owned(), None),
        // A folder of its own, shared by all plugins of a workspace, so that the tool's build need not wait.
        None => (
            metadata.target_directory.join("guest"),
            Some(metadata.workspace_root.as_path()),
        ),
    };
    let mut cargo = toolchain.cargo_build();
    cargo
        .current_dir(order.folder)
        .arg("--manifest-path")
        .arg(&package.manifest_path)
        .args(["--lib", "--profile", profile])
        .arg("--target-dir")
        .arg(target)
        .arg("--message-format=json-render-diagnostics")
        .arg("--config")
        .arg(flags(remapped));
    if order.spec.worlds.len() > 1 {
        has_feature_for_world(order, package)?;
        cargo.args(["--no-default-features", "--features", order.world.name()]);
    }
    let messages = run_loudly(&mut cargo)?;
    let path = artifact(&messages, package).ok_or_else(|| {
        product(order, format!("package {} has no library for plugins; add `[lib] crate-type = [\"cdylib\"]` to its Cargo.toml", package.name))
    })?;
    let module = fs::read(&path).map_err(BuildError::io(&path))?;
    refuse_wasi(order, &module)?;
    Ok(Made {
        config: config_schema(&module).map_err(|message| product(order, message))?,
        component: encode(&module).map_err(|message| product(order, message))?,
        toolchain: toolchain.describe(),
    })
}

/// Makes cargo write the folder's `Cargo.lock` if there is none, so that it is there when the source is read, and not only
/// after the build.
pub(super) fn lock_dependencies(folder: &Path) -> Result<(), BuildError> {
    if !folder.join("Cargo.lock").exists() {
        let mut cargo = Command::new("cargo");
        run(cargo
            .current_dir(folder)
            .args(["metadata", "--format-version", "1"]))?;
    }
    Ok(())
}

fn product(order: &Order<'_>, message: String) -> BuildError {
    BuildError::Product {
        folder: order.folder.to_owned(),
        message,
    }
}

fn metadata(order: &Order<'_>) -> Result<Metadata, BuildError> {
    let mut cargo = Command::new("cargo");
    cargo
        .current_dir(order.folder)
        .args(["metadata", "--no-deps", "--format-version", "1"]);
    serde_json::from_slice(&run(&mut cargo)?).map_err(|error| {
        product(
            order,
            format!("`cargo metadata` said what could not be read: {error}"),
        )
    })
}

/// The package named, or else the one whose manifest is in the folder.
fn find<'a>(
    metadata: &'a Metadata,
    order: &Order<'_>,
    name: Option<&str>,
) -> Result<&'a Package, BuildError> {
    let manifest = order.folder.join("Cargo.toml");
    let is_meant = |package: &&Package| match name {
        Some(name) => package.name == name,
        None => package.manifest_path == manifest,
    };
    metadata.packages.iter().find(is_meant).ok_or_else(|| {
        let names: Vec<_> = metadata.packages.iter().map(|package| package.name.as_str()).collect();
        product(
            order,
            match name {
                Some(name) => format!("its workspace has no package {name}; it has {}", names.join(", ")),
                None => "the folder's Cargo.toml is a workspace; name the package as `package` under `[build]` of plugin.toml".into(),
            },
        )
    })
}

fn has_feature_for_world(order: &Order<'_>, package: &Package) -> Result<(), BuildError> {
    if package.features.contains_key(order.world.name()) {
        return Ok(());
    }
    let world = order.world;
    let message = format!(
        "it is for several worlds, so its Cargo.toml needs a feature for each; `{world}` is missing"
    );
    Err(product(order, message))
}

/// The workspace's profile for plugins if it has one, else the usual one.
fn profile(workspace: &Path) -> &'static str {
    let text = fs::read_to_string(workspace.join("Cargo.toml")).unwrap_or_default();
    let manifest: toml::Table = text.parse().unwrap_or_default();
    let declared = manifest
        .get("profile")
        .is_some_and(|profiles| profiles.get(PROFILE).is_some());
    if declared { PROFILE } else { "release" }
}

/// A cargo setting with the compiler's flags. They let it use SIMD, which the engine has switched on, and keep this machine's
/// paths out of the module: those stand in the messages of panics, and would make two builds of one source differ.
fn flags(workspace: Option<&Path>) -> OsString {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    let paths = [(home.as_deref(), "/cargo"), (workspace, "/workspace")]
        .into_iter()
        .filter_map(|(from, to)| Some(format!("--remap-path-prefix={}={to}", from?.to_str()?)));
    let flags = iter::once("-Ctarget-feature=+simd128".to_owned()).chain(paths);
    let flags: Vec<_> = flags.map(toml::Value::String).collect();
    format!("target.{TARGET}.rustflags = {}", toml::Value::Array(flags)).into()
}

/// Finds the package's module in the messages of cargo, one JSON document a line.
fn artifact(messages: &[u8], package: &Package) -> Option<PathBuf> {
    #[derive(Deserialize)]
    struct Message {
        reason: String,
        manifest_path: Option<PathBuf>,
        #[serde(default)]
        filenames: Vec<PathBuf>,
    }
    let messages = messages
        .split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice::<Message>(line).ok());
    messages
        .filter(|message| {
            message.reason == "compiler-artifact"
                && message.manifest_path.as_ref() == Some(&package.manifest_path)
        })
        .flat_map(|message| message.filenames)
        .find(|path| {
            path.extension()
                .is_some_and(|extension| extension == "wasm")
        })
}

/// A module of our target asks for no system; one that does was made so by a dependency.
fn refuse_wasi(order: &Order<'_>, module: &[u8]) -> Result<(), BuildError> {
    for payload in Parser::new(0).parse_all(module) {
        let Ok(Payload::ImportSection(imports)) = payload else {
            continue;
        };
        for import in imports.into_imports().flatten() {
            if import.module == "wasi_snapshot_preview1" {
                let message = format!(
                    "it imports `{}` of WASI preview 1, which no stage has; a dependency calls the system",
                    import.name
                );
                return Err(product(order, message));
            }
        }
    }
    Ok(())
}

fn encode(module: &[u8]) -> Result<Vec<u8>, String> {
    let encoded = ComponentEncoder::default()
        .validate(true)
        .module(module)
        .and_then(|encoder| encoder.encode());
    encoded.map_err(|error| format!("the module can't be made a component: {error:#}"))
}

/// Asks the module for the JSON Schema of its config; none if it does not export [`FACTS`].
fn config_schema(module: &[u8]) -> Result<Option<Value>, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Told {
        config: Option<Value>,
    }
    let Some(text) =
        told(module).map_err(|error| format!("asking it for its facts failed: {error:#}"))?
    else {
        return Ok(None);
    };
    let told: Told = serde_json::from_slice(&text)
        .map_err(|error| format!("its facts are no proper JSON: {error}"))?;
    Ok(told.config)
}

/// Runs the module's [`FACTS`], with nothing at hand: whatever it calls of the host traps.
fn told(module: &[u8]) -> wasmtime::Result<Option<Vec<u8>>> {
    let engine = Engine::new(Config::new().cranelift_opt_level(OptLevel::None))?;
    let module = Module::new(&engine, module)?;
    if module.get_export(FACTS).is_none() {
        return Ok(None);
    }
    let mut linker = Linker::new(&engine);
    linker.define_unknown_imports_as_traps(&module)?;
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module)?;
    let place = instance
        .get_typed_func::<(), u64>(&mut store, FACTS)?
        .call(&mut store, ())?;
    let memory = instance
        .get_memory(&mut store, "memory")
        .ok_or_else(|| wasmtime::Error::msg("it exports no memory"))?;
    let (address, length) = ((place >> 32) as usize, (place & 0xffff_ffff) as usize);
    let text = memory
        .data(&store)
        .get(address..)
        .and_then(|rest| rest.get(..length));
    text.map(|text| Some(text.to_vec()))
        .ok_or_else(|| wasmtime::Error::msg("they are outside of its memory"))
}
