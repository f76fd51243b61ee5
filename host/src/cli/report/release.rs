//! Packages that a run made, and what was decided about endpoints.

use lockflight_report::data::{Endpoint, Package};

use super::gather::Told;
use crate::{
    cli::endpoint::action,
    endpoint::Endpoints,
    package::{Contents, ContentsError, Packages, columns},
    store::StoreError,
    table::schema::TableSchema,
};

pub(super) fn packages(told: &Told<'_>) -> Result<Vec<Package>, StoreError> {
    let versions = Packages::new(told.store).list()?;
    let mut packages = Vec::new();
    for (_, result) in told.stages() {
        let Some(artifact) = result.artifact else {
            continue;
        };
        let contents = match Contents::read(told.store, &artifact.manifest) {
            Ok(contents) => contents,
            Err(ContentsError::Store(error)) => return Err(error),
            // A run records no package that holds no model.
            Err(_) => continue,
        };
        let version = versions.iter().find(|v| v.package == artifact.manifest);
        let layers = contents.manifest.layers.iter().map(|layer| {
            let file = layer
                .annotation("org.cncf.model.filepath")
                .unwrap_or("a layer");
            (file.to_owned(), layer.size, layer.digest.to_string())
        });
        packages.push(Package {
            name: version
                .map(|v| format!("{}/{}", v.name, v.version))
                .unwrap_or_default(),
            digest: artifact.manifest.to_string(),
            bytes: artifact.bytes,
            layers: layers.collect(),
            takes: contents
                .model
                .takes()
                .map(|takes| shown(&takes))
                .unwrap_or_default(),
            gives: shown(contents.model.gives()),
        });
    }
    Ok(packages)
}

fn shown(schema: &TableSchema) -> Vec<(String, String, bool)> {
    let columns = columns(schema).into_iter();
    columns.map(|c| (c.name, c.data_type, c.nullable)).collect()
}

/// The decisions of the run's deploy stages; the shares are those that they led to.
pub(super) fn endpoints(told: &Told<'_>) -> Result<Vec<Endpoint>, StoreError> {
    let known = Endpoints::new(told.store);
    let mut endpoints = Vec::new();
    for (stage, result) in told.stages() {
        let Some(decision) = &result.decision else {
            continue;
        };
        let history = known.history(&stage.name)?;
        let led_to = history.iter().find(|record| Some(record.key) == stage.key);
        let arms = led_to.into_iter().flat_map(|record| {
            let arms = record.arms.iter();
            arms.map(|arm| (format!("{}/{}", record.model, arm.version), arm.weight))
        });
        endpoints.push(Endpoint {
            name: stage.name.clone(),
            arms: arms.collect(),
            decision: action(&decision.action),
            reason: decision.reason.clone(),
        });
    }
    Ok(endpoints)
}
