//! The answer of an endpoint: looked up by its id in the log of predictions.

use arrow_array::{Array, RecordBatch, StringArray, TimestampMicrosecondArray, UInt64Array};

use super::{
    graph::{Graph, Kind, NodeId},
    releases::Releases,
};
use crate::{
    serve::log::{self, COLUMNS, Segment},
    store::{Store, StoreError},
    table::scan::Scan,
};

/// A row of the log.
struct Logged {
    endpoint: String,
    version: u64,
    /// In microseconds since 1970.
    time: i64,
}

/// Whether a word looks as a server names predictions: hex digits and a number.
pub(super) fn is_id(word: &str) -> bool {
    let is_hex = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_hexdigit());
    word.rsplit_once('-')
        .is_some_and(|(server, number)| is_hex(server) && number.parse::<u64>().is_ok())
}

/// The node of a prediction, behind the package of the version that answered.
pub(super) fn find(
    store: &Store,
    releases: &Releases,
    graph: &mut Graph,
    id: &str,
) -> Result<Option<NodeId>, StoreError> {
    for name in store.refs("logs")? {
        let Some(endpoint) = name.as_str().strip_prefix("logs/") else {
            continue;
        };
        let segments = match log::segments(store, endpoint) {
            Ok(segments) => segments,
            Err(error) => {
                graph.notes.push(format!("{name} is left out: {error}"));
                continue;
            }
        };
        for segment in segments.iter().rev() {
            match in_segment(store, segment, id) {
                Ok(Some(logged)) => return Ok(Some(add(releases, graph, id, &logged))),
                Ok(None) => {}
                Err(error) => graph
                    .notes
                    .push(format!("a part of {name} is left out: {error}")),
            }
        }
    }
    Ok(None)
}

fn in_segment(store: &Store, segment: &Segment, id: &str) -> Result<Option<Logged>, StoreError> {
    let table = store.table(&segment.table)?;
    for rows in Scan::new(store, &table) {
        if let Some((version, time)) = in_rows(&rows?, id) {
            return Ok(Some(Logged {
                endpoint: segment.endpoint.clone(),
                version,
                time,
            }));
        }
    }
    Ok(None)
}

/// The version and the time of a prediction; none if it is not here, or this is no log.
fn in_rows(rows: &RecordBatch, id: &str) -> Option<(u64, i64)> {
    let [time, prediction, _, _, version] = COLUMNS;
    let column = |name| rows.column_by_name(name).map(|column| column.as_any());
    let ids = column(prediction)?.downcast_ref::<StringArray>()?;
    let row = (0..ids.len()).find(|row| ids.value(*row) == id)?;
    let versions = column(version)?.downcast_ref::<UInt64Array>()?;
    let times = column(time)?.downcast_ref::<TimestampMicrosecondArray>()?;
    Some((versions.value(row), times.value(row)))
}

fn add(releases: &Releases, graph: &mut Graph, id: &str, logged: &Logged) -> NodeId {
    let node_id = graph.named(Kind::Prediction, id);
    let node = graph.node_mut(node_id);
    let at = jiff::Timestamp::from_microsecond(logged.time);
    node.time = at.ok().map(|at| at.to_string());
    node.about(&format!(
        "answered by version {} of {}",
        logged.version, logged.endpoint
    ));
    let decisions = releases.decisions.iter();
    let model = { decisions }.rfind(|(_, decided)| decided.name == logged.endpoint);
    let version = model.and_then(|(_, decided)| {
        let mut versions = releases.versions.iter();
        versions.find(|v| v.name == decided.model && v.version == logged.version)
    });
    match version {
        Some(version) => {
            let package = graph.content(Kind::Package, version.package);
            graph.connect(package, node_id, "version");
        }
        None => graph.notes.push(format!(
            "version {} of {} has no record, so what the prediction was made from is not known",
            logged.version, logged.endpoint
        )),
    }
    node_id
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Float64Array};
    use jiff::Timestamp;

    use super::*;
    use crate::{
        digest::Digest,
        endpoint::{Asked, EndpointRecord, Endpoints},
        job::Decision,
        lineage::{Finder, Records, build, find, testing::Runs},
        package::{Packages, VersionRecord},
        serve::log::{Log, Noted},
        wire::Action,
    };

    fn answered(runs: &Runs, id: &str) {
        let log = Log::new(runs.store.clone());
        let logger = log.logger("scales", 1);
        let column = |name| {
            let values: ArrayRef = Arc::new(Float64Array::from(vec![1.0]));
            RecordBatch::try_from_iter([(name, values)]).unwrap()
        };
        let noted = Noted {
            id: id.into(),
            request: None,
            time: 7,
        };
        logger.note(vec![(noted, 1)], column("x"), column("prediction"));
        drop(logger);
        assert_eq!(log.close(), (1, 0));
    }

    #[test]
    fn a_prediction_leads_to_its_package_and_model() {
        let mut runs = Runs::new();
        let run = runs.small("bikes", "a", 1);
        let version = VersionRecord {
            name: "demand".into(),
            version: 0,
            package: Digest::of(b"package"),
            bytes: 1,
            model: Digest::of(b"model"),
            stage: "release".into(),
            pipeline: "bikes".into(),
            run: run.clone(),
            time: "2026-11-25T00:00:00Z".into(),
        };
        let at = Timestamp::UNIX_EPOCH;
        Packages::new(&runs.store).enter(version, at).unwrap();
        let decided = EndpointRecord {
            name: "scales".into(),
            model: "demand".into(),
            pipeline: "bikes".into(),
            run,
            time: "2026-11-25T00:00:00Z".into(),
            key: Digest::of(b"key"),
            asked: Asked {
                arms: Vec::new(),
                state: None,
            },
            decision: Decision {
                action: Action::Hold,
                reason: "so".into(),
                state: None,
            },
            arms: Vec::new(),
        };
        Endpoints::new(&runs.store).enter(&decided, at).unwrap();
        answered(&runs, "0a1b2c3d4e5f-0");
        let records = Records::read(&runs.store).unwrap();
        let releases = Releases::read(&runs.store).unwrap();
        let mut graph = build(&runs.store, &records, &releases);
        let finder = Finder {
            store: &runs.store,
            records: &records,
            releases: &releases,
        };
        assert!(find(&finder, &mut graph, "0a1b2c3d4e5f-1").is_err());
        let found = find(&finder, &mut graph, "0a1b2c3d4e5f-0").unwrap();
        let [prediction] = found.roots.as_slice() else {
            panic!("one node");
        };
        let from = |id: NodeId| graph.edges_to(id).next().unwrap().from;
        let package = from(*prediction);
        assert_eq!(graph.node(package).names, ["demand/1"]);
        assert_eq!(graph.node(from(package)).kind, Kind::Model);
        let about = &graph.node(*prediction).about;
        assert_eq!(about[0], "answered by version 1 of scales");
    }
}
