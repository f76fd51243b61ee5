//! Components and plugin folders made by hand, from core modules in the text format: no language's toolchain stands between.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use lockflight::digest::Digest;
use lockflight::plugin::fresh;
use serde_json::json;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::{Resolve, WorldId};

/// A component of a world around a core module.
///
/// # Panics
/// When the module is none of that world: a fault of the test.
pub fn component(mut module: Vec<u8>, resolve: &Resolve, world: WorldId) -> Vec<u8> {
    embed_component_metadata(&mut module, resolve, world, StringEncoding::UTF8, false).unwrap();
    ComponentEncoder::default()
        .module(&module)
        .and_then(|encoder| encoder.encode())
        .unwrap_or_else(|error| panic!("no component comes of this: {error:#}"))
}

/// Makes a folder a plugin that was built and is fresh: its component for each world.
pub fn plugin(folder: &Path, components: &[(&str, &[u8])]) {
    let name = folder.file_name().unwrap().to_str().unwrap();
    let worlds: Vec<_> = components.iter().map(|(world, _)| world).collect();
    let dist = folder.join("dist");
    fs::create_dir_all(&dist).unwrap();
    fs::write(
        folder.join("plugin.toml"),
        format!("name = {name:?}\nversion = \"0.1.0\"\nworlds = {worlds:?}\ndeclares = []\n\n[build]\nlanguage = \"rust\"\n"),
    )
    .unwrap();
    let built: serde_json::Map<_, _> = components
        .iter()
        .map(|(world, component)| {
            let file = dist.join(world).with_extension("wasm");
            fs::write(&file, component).unwrap();
            ((*world).to_owned(), recorded(&file, component))
        })
        .collect();
    let (source, _) = fresh::fresh(folder).unwrap();
    let record = json!({ "source": source, "toolchain": "by hand", "components": built });
    fs::write(dist.join("build.json"), record.to_string()).unwrap();
}

/// A built file as the record of a build names it.
fn recorded(file: &Path, component: &[u8]) -> serde_json::Value {
    let stat = fs::metadata(file).unwrap();
    json!({
        "digest": Digest::of(component),
        "size": stat.size(),
        "mtime_ns": stat.mtime() * 1_000_000_000 + stat.mtime_nsec(),
        "inode": stat.ino(),
    })
}
