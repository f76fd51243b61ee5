//! Where everything came from, by digest.

use std::collections::BTreeMap;

use lockflight_report::data::Lineage;

use crate::record::RunRecord;

type Row = (String, String, String);

pub(super) fn lineage(record: &RunRecord) -> Vec<Lineage> {
    let table = |title: &str, rows: Vec<Row>| Lineage {
        title: title.to_owned(),
        rows,
    };
    vec![
        table("Sources", sources(record)),
        table("Code", code(record)),
        table("Keys and results", results(record)),
        table("Data", data(record)),
    ]
}

fn sources(record: &RunRecord) -> Vec<Row> {
    let manifest = (
        "manifest".to_owned(),
        "the pipeline".to_owned(),
        record.manifest.to_string(),
    );
    let sources = record.sources.iter().map(|(name, source)| {
        (
            name.clone(),
            source.place.to_string(),
            source.digest.to_string(),
        )
    });
    std::iter::once(manifest).chain(sources).collect()
}

/// Every component once, with the stages that it worked for.
fn code(record: &RunRecord) -> Vec<Row> {
    let mut code: BTreeMap<String, (String, Vec<&str>)> = BTreeMap::new();
    for stage in &record.stages {
        let components = [("", &stage.component), (" (scorer)", &stage.scorer)];
        for (part, component) in components {
            if let Some(component) = component {
                let title = format!("{} {}{part}", component.name, component.version);
                let used = code
                    .entry(component.digest.to_string())
                    .or_insert((title, Vec::new()));
                used.1.push(&stage.name);
            }
        }
    }
    let mut rows: Vec<Row> = code
        .into_iter()
        .map(|(digest, (title, stages))| (title, stages.join(", "), digest))
        .collect();
    rows.sort();
    rows
}

fn results(record: &RunRecord) -> Vec<Row> {
    let mut rows = Vec::new();
    for stage in &record.stages {
        let parts = [
            ("key", stage.key),
            ("result", stage.result),
            ("model", stage.model),
        ];
        for (what, digest) in parts {
            rows.extend(digest.map(|d| (stage.name.clone(), what.to_owned(), d.to_string())));
        }
    }
    rows
}

fn data(record: &RunRecord) -> Vec<Row> {
    let outputs = record.stages.iter().flat_map(|stage| {
        stage.outputs.iter().map(|(name, output)| {
            let title = format!("{}.{name}", stage.name);
            (title, output.kind().to_owned(), output.digest().to_string())
        })
    });
    outputs.collect()
}
