//! What a sealed child says: any bytes are messages, or the conversation ends.

use std::io::Write;
use std::os::unix::net::UnixStream;

use lockflight::walls::{Wall, Walls};
use lockflight::wire::{
    GuestUsage,
    Action, Answer, Arm, Artifact, Channel, Decision, Ending, Finding, Layer, LogLevel, LogLine,
    LogSource, Metric, Needed, Observation, Output, Said, Verdict,
};

/// Whether anything was taken.
pub fn run(data: &[u8]) -> bool {
    let (ours, theirs) = UnixStream::pair().expect("there are sockets");
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // The other side may stop to listen before the end.
            let _ = (&theirs).write_all(data);
        });
        let mut channel = Channel::new(ours);
        let mut heard = false;
        while let Ok(frame) = channel.receive::<Said>() {
            heard = true;
            let body = usize::try_from(frame.body).expect("a body has a bound");
            // Nothing is behind a body that is longer than all there is.
            if body > data.len() || channel.read_body(body).is_err() {
                break;
            }
        }
        heard
    })
}

pub fn seeds() -> Vec<Vec<u8>> {
    let line = LogLine {
        source: LogSource::Stderr,
        level: LogLevel::Warn,
        message: "a".into(),
    };
    let metric = Metric {
        name: "rows".into(),
        value: 1.5,
        step: Some(3),
        labels: vec![("a".into(), "b".into())],
    };
    let finding = Finding {
        name: "a".into(),
        subject: "b".into(),
        slice: None,
        verdict: Verdict::Warn,
        value: Some(f64::NAN),
        limit: None,
        rows: 4,
        failed: 2,
        message: String::new(),
        input: None,
        examples: vec![0, 3],
    };
    let answer = Answer {
        findings: vec![finding],
        fitted: None,
        artifact: Some(Artifact {
            artifact_type: "a/b".into(),
            config_type: "a/c".into(),
            config: 3,
            layers: vec![Layer {
                media_type: "text/plain".into(),
                annotations: vec![("key".into(), "value".into())],
                content: 4,
            }],
            annotations: Vec::new(),
        }),
        decision: Some(Decision {
            action: Action::Shift(vec![Arm {
                version: "2".into(),
                weight: 0.05,
            }]),
            reason: "new".into(),
            state: Some(5),
        }),
        observation: Some(Observation {
            verdict: Verdict::Warn,
            state: None,
        }),
        outputs: vec![Output {
            name: "table".into(),
            writer: 7,
        }],
    };
    let said = [
        Said::Started {
            walls: Walls::of(&Wall::ALL),
        },
        Said::Need(Needed::Block { input: 0, block: 1 }),
        Said::Log(line),
        Said::Metric(metric),
        Said::BlobOpened { writer: 7 },
        Said::BlobBytes { writer: 7 },
        Said::Ended {
            ending: Ending::Answer(Box::new(answer)),
            usage: GuestUsage::default(),
        },
    ];
    let each = said.iter().map(|said| frame(said, b"abc"));
    each.clone().chain([each.flatten().collect()]).collect()
}

/// A message as it goes over the socket.
fn frame(said: &Said, body: &[u8]) -> Vec<u8> {
    let header = postcard::to_stdvec(said).expect("messages can be written");
    let mut frame = (header.len() as u32).to_le_bytes().to_vec();
    frame.extend((body.len() as u64).to_le_bytes());
    frame.push(0);
    frame.extend(header);
    frame.extend(body);
    frame
}
