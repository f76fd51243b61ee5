//! The fuzz targets of `fuzz/`, each for a moment; `fuzz/README.md` says how to go on for longer.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "../../fuzz/smoke.rs"]
mod smoke;

macro_rules! targets {
    ($($name:ident: $file:literal),* $(,)?) => {
        $(#[path = $file] mod $name;)*

        mod smoked {
            $(#[test] fn $name() { crate::smoke::smoke(stringify!($name), &crate::$name::seeds(), crate::$name::run); })*
        }
    };
}

targets! {
    answer: "../../fuzz/targets/answer.rs",
    block: "../../fuzz/targets/block.rs",
    canonical: "../../fuzz/targets/canonical.rs",
    columns: "../../fuzz/targets/columns.rs",
    component: "../../fuzz/targets/component.rs",
    documents: "../../fuzz/targets/documents.rs",
    lockfile: "../../fuzz/targets/lockfile.rs",
    manifest: "../../fuzz/targets/manifest.rs",
    names: "../../fuzz/targets/names.rs",
    plugin_toml: "../../fuzz/targets/plugin_toml.rs",
    policy: "../../fuzz/targets/policy.rs",
    store: "../../fuzz/targets/store.rs",
    wire: "../../fuzz/targets/wire.rs",
}
