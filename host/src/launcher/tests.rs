//! A conversation with a child that says anything: it ends, with an answer or with what is wrong.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::LazyLock;

use tempfile::TempDir;

use super::*;
use crate::engine::CodeKind;
use crate::job::{ABI, InputDigest, OutputRecord};
use crate::manifest::{PartialLimits, limits::Bound};
use crate::store::testing::store;
use crate::table::schema::FieldNode;
use crate::walls::{Wall, Walls};
use crate::wire::{
    Answer, Channel, ColumnLayout, Failure, Finding, GuestUsage, LogLevel, LogLine, LogSource,
    Metric, Needed, Output, Said, SchemaNodes, Verdict,
};

#[path = "../../../fuzz/smoke.rs"]
mod smoke;

/// Those that a child of good faith keeps to.
fn limits() -> Limits {
    let limits = ["wall=5s", "memory=1MiB", "output=1MiB"].map(|text| text.parse().unwrap());
    limits.into_iter().collect::<PartialLimits>().or_default()
}

/// A store, and a job with a blob of it as its input.
static JOB: LazyLock<(TempDir, Store, JobDocument)> = LazyLock::new(|| {
    let (dir, store) = store();
    let blob = store.put_blob(b"abc").unwrap();
    let job = JobDocument {
        abi: ABI,
        world: World::Ingest,
        component: Some(blob),
        config: serde_json::json!({}),
        inputs: BTreeMap::from([("file".into(), InputDigest::Blob(blob))]),
        partition: None,
        seed: 0,
        state: None,
        time: 0,
    };
    (dir, store, job)
});

/// What comes of a child that says these bytes.
fn heard(said: &[u8]) -> (Result<Ending, String>, Result<StageResult, String>) {
    heard_within(limits(), &Door::new(Arc::default()), said)
}

/// What comes of a child that says these bytes, under these limits and a policy.
fn heard_within(
    limits: Limits,
    door: &Door,
    said: &[u8],
) -> (Result<Ending, String>, Result<StageResult, String>) {
    let (_, store, job) = &*JOB;
    let inputs = Inputs::of_run(store, job).unwrap();
    let order = Order {
        operation: Operation::Run,
        world: job.world,
        job: inputs.facts(&job.config, 0, 0, None).unwrap(),
        limits: GuestLimits::new(&limits, Whose::Stage),
        code: CodeKind::Usual,
        scoring: None,
    };
    let (ours, theirs) = UnixStream::pair().unwrap();
    let (sender, receiver) = mpsc::sync_channel(outputs::QUEUE);
    let (channel, now) = (Channel::new(ours), Instant::now());
    let bounds = (&limits, Whose::Stage);
    let conversation = Conversation::new(channel, door, &inputs, bounds, now, sender, &|_| {});
    let (heard, collected) = std::thread::scope(|scope| {
        scope.spawn(move || {
            // The launcher may have heard enough before the end.
            let _ = (&theirs).write_all(said);
            let _ = theirs.shutdown(Shutdown::Write);
            std::io::copy(&mut &theirs, &mut std::io::sink())
        });
        let collecting = scope.spawn(|| Outputs::new(store).collect(receiver));
        let heard = conversation.hold(&order, File::open("/dev/null").ok().as_ref(), || {});
        (heard, collecting.join().unwrap())
    });
    let outcome = heard.outcome.map(|(ending, _)| ending);
    (
        outcome.map_err(|broke| broke.to_string()),
        collected
            .map(|collected| collected.result)
            .map_err(|error| error.to_string()),
    )
}

/// A message as it goes over the socket.
fn frame(said: &Said, body: &[u8]) -> Vec<u8> {
    let header = postcard::to_stdvec(said).unwrap();
    let mut frame = (header.len() as u32).to_le_bytes().to_vec();
    frame.extend((body.len() as u64).to_le_bytes());
    frame.push(0);
    frame.extend(header);
    frame.extend(body);
    frame
}

/// All that a child of good faith says: a table, a blob, a question and an answer.
fn good_faith() -> Vec<Vec<u8>> {
    let node = |format: &str, children| FieldNode {
        name: format.into(),
        format: format.into(),
        nullable: true,
        children,
        metadata: Vec::new(),
    };
    let schema = SchemaNodes {
        fields: vec![node("u", 0), node("+w:2", 1), node("f", 0)],
        metadata: Vec::new(),
    };
    let layout = |length, validity, offsets, values| ColumnLayout {
        length,
        validity,
        offsets,
        values,
    };
    let columns = vec![
        layout(1, Some(1), Some(8), 2),
        layout(1, None, None, 0),
        layout(2, None, None, 8),
    ];
    let output = |name: &str, writer| Output {
        name: name.into(),
        writer,
    };
    let answer = Answer {
        outputs: vec![output("table", 1), output("blob", 2)],
        ..Answer::default()
    };
    let body = b"\x01\0\0\0\0\x02\0\0\0ab12345678";
    let ending = Ending::Answer(Box::new(answer));
    vec![
        frame(
            &Said::Started {
                walls: Walls::default(),
            },
            b"",
        ),
        frame(&Said::Need(Needed::Blob { input: 0 }), b""),
        frame(&Said::TableOpened { writer: 1, schema }, b""),
        frame(
            &Said::TableRows {
                writer: 1,
                rows: 1,
                columns,
            },
            body,
        ),
        frame(&Said::BlobOpened { writer: 2 }, b""),
        frame(&Said::BlobBytes { writer: 2 }, b"abc"),
        frame(
            &Said::Ended {
                ending,
                usage: GuestUsage::default(),
            },
            b"",
        ),
    ]
}

#[test]
fn a_child_of_good_faith_is_understood() {
    let (ending, result) = heard(&good_faith().concat());
    assert!(matches!(ending, Ok(Ending::Answer(_))), "{ending:?}");
    let outputs = result.unwrap().outputs;
    assert!(matches!(
        outputs["table"],
        OutputRecord::Table { rows: 1, .. }
    ));
    assert!(matches!(
        outputs["blob"],
        OutputRecord::Blob { bytes: 3, .. }
    ));
}

#[test]
fn no_child_brings_the_launcher_down() {
    let frames = good_faith();
    let blob_first = [&frames[4..6], &frames[..4], &frames[6..]].concat();
    let seeds = [frames.concat(), blob_first.concat()];
    smoke::smoke("conversation", &seeds, |said| {
        let (ending, result) = heard(said);
        if let Err(broke) = &ending {
            assert!(
                !broke.contains("limits.wall"),
                "the child hung up long before"
            );
        }
        ending.is_ok() && result.is_ok()
    });
}

/// A policy that requires a wall that the child may not have.
#[test]
fn a_child_without_a_required_wall_is_not_heard() {
    let text = "[walls]\nrequire = [\"landlock\"]\n".to_owned();
    let policy = Policy::parse(Path::new("policy.toml"), text).unwrap();
    let door = Door::new(Arc::new(policy));
    let hear = |said: &[u8]| heard_within(limits(), &door, said).0;
    let started = |walls: &[Wall]| {
        let walls = Walls::of(walls);
        frame(&Said::Started { walls }, b"")
    };
    let rest = good_faith()[1..].concat();
    let sealed = [started(&[Wall::Wasm, Wall::Landlock]), rest.clone()].concat();
    assert!(matches!(hear(&sealed), Ok(Ending::Answer(_))));
    let bare = started(&[Wall::Wasm, Wall::Seccomp]);
    for said in [bare.clone(), [bare, rest.clone()].concat(), rest] {
        let broke = hear(&said).unwrap_err();
        for part in ["requires the wall landlock", "policy.toml:2"] {
            assert!(broke.contains(part), "{broke} lacks {part}");
        }
    }
    // A guest that was never called had no walls to have.
    let ending = Ending::Failure(Failure::Internal("no such thing".into()));
    let usage = GuestUsage::default();
    let failed = frame(&Said::Ended { ending, usage }, b"");
    assert!(matches!(hear(&failed), Ok(Ending::Failure(_))));
}

/// What a child that says this much has to hear: the launcher counts for itself, whatever the child claims to have counted.
#[test]
fn the_launcher_keeps_its_limits_without_the_childs_help() {
    let log = |source, message: &str| {
        let (level, message) = (LogLevel::Info, message.to_owned());
        frame(
            &Said::Log(LogLine {
                source,
                level,
                message,
            }),
            b"",
        )
    };
    let metric = |name: &str| {
        let metric = Metric {
            name: name.to_owned(),
            value: 1.0,
            step: None,
            labels: Vec::new(),
        };
        frame(&Said::Metric(metric), b"")
    };
    let blob = |writer| frame(&Said::BlobOpened { writer }, b"");
    let schema = SchemaNodes {
        fields: Vec::new(),
        metadata: vec![("k".into(), "v".repeat(2000))],
    };
    let rows = frame(
        &Said::TableRows {
            writer: 1,
            rows: 5,
            columns: Vec::new(),
        },
        b"",
    );
    let finding = Finding {
        name: "small".into(),
        subject: String::new(),
        slice: None,
        verdict: Verdict::Pass,
        value: None,
        limit: None,
        rows: 0,
        failed: 0,
        message: String::new(),
        input: None,
        examples: Vec::new(),
    };
    let answer = Answer {
        findings: vec![finding; 3],
        ..Answer::default()
    };
    let ended = Said::Ended {
        ending: Ending::Answer(Box::new(answer)),
        usage: GuestUsage::default(),
    };
    let cases = [
        (
            "log-lines=1",
            [log(LogSource::Stdout, ""), log(LogSource::Stderr, "")].concat(),
        ),
        (
            "log=3B",
            [log(LogSource::Plugin, "ab"), log(LogSource::Host, "cd")].concat(),
        ),
        ("metrics=1", [metric("a"), metric("b")].concat()),
        ("output=1KiB", metric(&"m".repeat(2000))),
        (
            "output=1KiB",
            frame(&Said::TableOpened { writer: 1, schema }, b""),
        ),
        (
            "output=4B",
            [blob(1), frame(&Said::BlobBytes { writer: 1 }, b"12345")].concat(),
        ),
        ("writers=1", [blob(1), blob(2)].concat()),
        ("rows=4", rows.clone()),
        ("batches=0", rows),
        ("findings=2", frame(&ended, b"")),
    ];
    let open = Door::new(Arc::default());
    for (limit, said) in cases {
        let bound: Bound = limit.parse().unwrap();
        let (ending, _) = heard_within(limits().with(bound), &open, &said);
        let broke = ending.unwrap_err();
        let key = format!("`limits.{}` of this stage is {bound}", bound.limit.key());
        assert!(broke.contains(&key), "{limit}: {broke}");
    }
    // A writer that was dropped makes room, and only once.
    let dropped = frame(&Said::Dropped { writer: 1 }, b"");
    let said = [blob(1), dropped.clone(), dropped.clone(), blob(2)].concat();
    let one = limits().with("writers=1".parse().unwrap());
    let (ending, _) = heard_within(one, &open, &said);
    assert!(!ending.unwrap_err().contains("limits.writers"));
    let said = [blob(1), dropped.clone(), dropped, blob(2), blob(3)].concat();
    let (ending, _) = heard_within(one, &open, &said);
    assert!(ending.unwrap_err().contains("limits.writers"));
}
