//! Documents of the store and of registries: any JSON is read or refused, and what was read is written as it is read again.

use lockflight::canonical_json::to_string;
use lockflight::endpoint::EndpointRecord;
use lockflight::job::{CheckAnswer, CheckDocument, JobDocument, StageResult};
use lockflight::launcher::TimedLine;
use lockflight::model::{ModelDoc, ModelRecord};
use lockflight::oci;
use lockflight::package::{Lineage, VersionRecord};
use lockflight::plugin::facts::Facts;
use lockflight::record::RunRecord;
use lockflight::registry::Artifact;
use lockflight::run::MonitorDocument;
use lockflight::serve::log::Segment;
use lockflight::store::Move;
use lockflight::table::{BlockRef, TableDoc};
use serde::{Serialize, de::DeserializeOwned};

/// Whether it was any of them.
pub fn run(data: &[u8]) -> bool {
    let job = stable::<JobDocument>(data);
    if let Some(job) = &job {
        job.key().expect("JSON has no float that JSON cannot hold");
    }
    let table = stable::<TableDoc>(data);
    if let Some(table) = &table {
        let sum = |part: fn(&BlockRef) -> u64| table.blocks().map(part).sum::<u64>();
        assert_eq!(table.rows(), sum(|block| block.rows.into()));
        assert_eq!(table.bytes(), sum(|block| block.bytes));
    }
    let model = stable::<ModelDoc>(data);
    if let Some(model) = &model {
        // Columns of several steps may not fit each other.
        let _ = (model.takes(), model.gives());
    }
    let package = stable::<oci::Manifest>(data);
    if let Some(package) = &package {
        assert!(package.bytes() >= package.config.size);
    }
    // Each of them, whatever those before it are.
    let others = [
        stable::<RunRecord>(data).is_some(),
        stable::<StageResult>(data).is_some(),
        stable::<CheckAnswer>(data).is_some(),
        stable::<CheckDocument>(data).is_some(),
        stable::<TimedLine>(data).is_some(),
        stable::<Facts>(data).is_some(),
        stable::<Move>(data).is_some(),
        stable::<ModelRecord>(data).is_some(),
        stable::<VersionRecord>(data).is_some(),
        stable::<Lineage>(data).is_some(),
        stable::<EndpointRecord>(data).is_some(),
        stable::<MonitorDocument>(data).is_some(),
        stable::<Segment>(data).is_some(),
        model.is_some(),
        package.is_some(),
        Artifact::read(data).is_ok(),
    ];
    job.is_some() || table.is_some() || others.contains(&true)
}

/// The document, if it is one.
fn stable<T: DeserializeOwned + Serialize>(data: &[u8]) -> Option<T> {
    let document: T = serde_json::from_slice(data).ok()?;
    let text = to_string(&document).expect("what was read can be written");
    let again: T = serde_json::from_str(&text).expect("what was written can be read");
    assert_eq!(
        to_string(&again).expect("what was read can be written"),
        text
    );
    Some(document)
}

pub fn seeds() -> Vec<Vec<u8>> {
    let digest = format!("sha256:{}", "0a".repeat(32));
    [
        r#"{"abi":1,"component":"D","config":{"a":{"x":[1,2.5]}},"inputs":{"t":{"table":"D"},"f":{"blob":"D"}},"partition":null,"seed":0,"state":null,"time":0,"world":"validate"}"#,
        r#"{"abi":1,"operation":"check","component":"D","config":{},"inputs":{"t":{"table":{"fields":[{"children":0,"format":"g","metadata":[],"name":"a","nullable":true}],"metadata":[]}},"f":"later"},"partition":"p","seed":0,"time":0,"world":"ingest"}"#,
        r#"{"kind":"lockflight.table/1","partitions":[{"blocks":[{"bytes":24,"digest":"D","rows":3},{"bytes":24,"digest":"D","rows":3}],"name":null,"rows":6}],"schema":{"fields":[{"children":1,"format":"+w:2","metadata":[],"name":"a","nullable":true},{"children":0,"format":"g","metadata":[],"name":"","nullable":true}],"metadata":[["k","v"]]}}"#,
        r#"{"findings":[{"examples":[1],"failed":1,"input":null,"limit":"< 1","message":"m","name":"n","rows":2,"slice":null,"subject":"s","value":"NaN","verdict":"fail"}],"metrics":[{"labels":[["a","b"]],"name":"m","step":1,"value":0.1}],"outputs":{"t":{"bytes":3,"digest":"D","kind":"table","rows":1},"b":{"bytes":3,"digest":"D","kind":"blob"}}}"#,
        r#"{"ports":[{"kind":"table","name":"t","schema":null}]}"#,
        r#"{"problems":[{"help":null,"message":"m","place":{"file":{"end":4,"input":"f","start":2}}},{"help":"h","message":"m","place":"stage"}]}"#,
        r#"{"format":1,"steps":[{"gives":{"fields":[{"children":0,"format":"g","metadata":[],"name":"p","nullable":false}],"metadata":[]},"scorer":"D","state":"D","takes":{"fields":[{"children":0,"format":"g","metadata":[],"name":"x","nullable":true}],"metadata":[]}}]}"#,
        r#"{"artifactType":"a/b+json","config":{"digest":"D","mediaType":"application/json","size":2},"layers":[{"annotations":{"a":"b"},"digest":"D","mediaType":"text/plain","size":3}],"mediaType":"application/vnd.oci.image.manifest.v1+json","schemaVersion":2}"#,
        r#"{"config":{"digest":"D","mediaType":"application/vnd.wasm.config.v0+json","size":2},"layers":[{"digest":"D","mediaType":"application/wasm","size":3}],"schemaVersion":2}"#,
        r#"{"manifests":[{"annotations":{"dev.lockflight.world":"train"},"digest":"D","mediaType":"application/vnd.oci.image.manifest.v1+json","platform":{"architecture":"wasm","os":"wasip2"},"size":3}],"mediaType":"application/vnd.oci.image.index.v1+json","schemaVersion":2}"#,
        r#"{"bytes":7,"model":"D","name":"n","package":"D","pipeline":"p","run":"r","stage":"s","time":"2026-11-25T00:00:00Z","version":1}"#,
        r#"{"dropped":0,"endpoint":"e","from":"2026-11-25T00:00:00Z","rows":3,"table":"D","to":"2026-11-25T00:00:01Z"}"#,
        r#"{"at":0.5,"level":"info","message":"m","source":"stdout"}"#,
        r#"{"at":"2026-01-02T03:04:05.678Z","name":"runs/latest","previous":null,"target":"D"}"#,
        r#"{"name":"a","version":"0.1.0","world":"train","config":{"type":"object"},"declares":["seed","time"]}"#,
        r#"{"finished":"f","git":{"commit":"c","dirty":false},"host":{"arch":"a","engine":"48","lockflight":"0.1.0","walls":["seccomp"]},"id":"i","manifest":"D","outcome":"gate-closed","pipeline":"p","sources":{"s":{"bytes":1,"digest":"D","file":"f"}},"stages":[{"component":{"digest":"D","name":"n","version":"v"},"error":null,"gate":{"closed_by":[0],"open":false,"rule":"no-fail"},"inputs":{"t":{"from":"a.b","table":"D"}},"key":"D","limits":{"memory":"1GiB","output":"1GiB","wall":"1h"},"log":{"digest":"D","lines":1,"run":"i"},"name":"n","nan_canonical":false,"outputs":{},"plugin":"p","repeatable":true,"result":"D","status":"ran","telemetry":{"compile_seconds":0.1,"cpu_seconds":0.2,"peak_memory":1,"startup_seconds":0.3,"wall_seconds":0.4},"world":"validate"}],"started":"s"}"#,
    ]
    .map(|text| text.replace("\"D\"", &format!("\"{digest}\"")).into_bytes())
    .into()
}
