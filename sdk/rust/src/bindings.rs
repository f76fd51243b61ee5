//! The generated bindings of each world. The interfaces that all worlds share are generated once, with `ingest`.
#![allow(missing_docs, clippy::all, clippy::undocumented_unsafe_blocks)]

/// World `ingest`, and the interfaces every world imports.
pub mod ingest {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "lockflight:stage/ingest@0.1.0",
        generate_all,
        pub_export_macro: true,
        export_macro_name: "export_ingest_bindings",
        default_bindings_module: "lockflight_sdk::bindings::ingest",
    });
}

/// World `validate`.
pub mod validate {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "lockflight:stage/validate@0.1.0",
        with: {
            "lockflight:data/types@0.1.0": crate::bindings::ingest::lockflight::data::types,
            "lockflight:data/tables@0.1.0": crate::bindings::ingest::lockflight::data::tables,
            "lockflight:data/blobs@0.1.0": crate::bindings::ingest::lockflight::data::blobs,
            "lockflight:stage/job@0.1.0": crate::bindings::ingest::lockflight::stage::job,
            "lockflight:stage/answers@0.1.0": crate::bindings::ingest::lockflight::stage::answers,
        },
        pub_export_macro: true,
        export_macro_name: "export_validate_bindings",
        default_bindings_module: "lockflight_sdk::bindings::validate",
    });
}

/// World `train`.
pub mod train {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "lockflight:stage/train@0.1.0",
        with: {
            "lockflight:data/types@0.1.0": crate::bindings::ingest::lockflight::data::types,
            "lockflight:data/tables@0.1.0": crate::bindings::ingest::lockflight::data::tables,
            "lockflight:data/blobs@0.1.0": crate::bindings::ingest::lockflight::data::blobs,
            "lockflight:stage/job@0.1.0": crate::bindings::ingest::lockflight::stage::job,
            "lockflight:stage/answers@0.1.0": crate::bindings::ingest::lockflight::stage::answers,
        },
        pub_export_macro: true,
        export_macro_name: "export_train_bindings",
        default_bindings_module: "lockflight_sdk::bindings::train",
    });
}

/// World `packaging`.
pub mod packaging {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "lockflight:stage/packaging@0.1.0",
        with: {
            "lockflight:data/types@0.1.0": crate::bindings::ingest::lockflight::data::types,
            "lockflight:data/tables@0.1.0": crate::bindings::ingest::lockflight::data::tables,
            "lockflight:data/blobs@0.1.0": crate::bindings::ingest::lockflight::data::blobs,
            "lockflight:stage/job@0.1.0": crate::bindings::ingest::lockflight::stage::job,
            "lockflight:stage/answers@0.1.0": crate::bindings::ingest::lockflight::stage::answers,
        },
        pub_export_macro: true,
        export_macro_name: "export_packaging_bindings",
        default_bindings_module: "lockflight_sdk::bindings::packaging",
    });
}

/// World `deploy`.
pub mod deploy {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "lockflight:stage/deploy@0.1.0",
        with: {
            "lockflight:data/types@0.1.0": crate::bindings::ingest::lockflight::data::types,
            "lockflight:data/tables@0.1.0": crate::bindings::ingest::lockflight::data::tables,
            "lockflight:data/blobs@0.1.0": crate::bindings::ingest::lockflight::data::blobs,
            "lockflight:stage/job@0.1.0": crate::bindings::ingest::lockflight::stage::job,
            "lockflight:stage/answers@0.1.0": crate::bindings::ingest::lockflight::stage::answers,
        },
        pub_export_macro: true,
        export_macro_name: "export_deploy_bindings",
        default_bindings_module: "lockflight_sdk::bindings::deploy",
    });
}

/// World `monitor`.
pub mod monitor {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "lockflight:stage/monitor@0.1.0",
        with: {
            "lockflight:data/types@0.1.0": crate::bindings::ingest::lockflight::data::types,
            "lockflight:data/tables@0.1.0": crate::bindings::ingest::lockflight::data::tables,
            "lockflight:data/blobs@0.1.0": crate::bindings::ingest::lockflight::data::blobs,
            "lockflight:stage/job@0.1.0": crate::bindings::ingest::lockflight::stage::job,
            "lockflight:stage/answers@0.1.0": crate::bindings::ingest::lockflight::stage::answers,
        },
        pub_export_macro: true,
        export_macro_name: "export_monitor_bindings",
        default_bindings_module: "lockflight_sdk::bindings::monitor",
    });
}

/// World `score`. It shares types with the other worlds and no function.
pub mod score {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "lockflight:model/score@0.1.0",
        with: {
            "lockflight:data/types@0.1.0": crate::bindings::ingest::lockflight::data::types,
        },
        pub_export_macro: true,
        export_macro_name: "export_score_bindings",
        default_bindings_module: "lockflight_sdk::bindings::score",
    });
}

pub use ingest::lockflight::data::{blobs, tables, types};
pub use ingest::lockflight::stage::{answers, job};

/// The exports of every world.
pub mod exports_of {
    pub use super::deploy::exports::lockflight::stage::deployer;
    pub use super::ingest::exports::lockflight::stage::ingester;
    pub use super::monitor::exports::lockflight::stage::monitorer;
    pub use super::packaging::exports::lockflight::stage::packager;
    pub use super::score::exports::lockflight::model::scorer;
    pub use super::train::exports::lockflight::stage::trainer;
    pub use super::validate::exports::lockflight::stage::validator;
}
