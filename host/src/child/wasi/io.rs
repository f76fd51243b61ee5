//! `wasi:io`: output that goes into the log line by line, input that is at its end, polls that let logical time pass.

use wasmtime::component::{ComponentType, Lift, Lower, Resource};

use super::{Functions, Handle};
use crate::{
    child::guest::{Guest, Misuse},
    wire::{LogLevel, LogLine, LogSource},
};

/// How many bytes a guest may write at once.
const WRITE_BYTES: u64 = 1 << 20;
/// The most bytes of a line; a longer one is broken up.
const MAX_LINE: usize = 16 << 10;

/// An output stream: which of the two.
#[derive(Debug, Clone, Copy)]
pub struct Printed(pub LogSource);

/// Joins fragments into lines, since guests write a line in pieces.
#[derive(Debug, Default)]
pub struct Lines {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Lines {
    /// Takes bytes up to the end of a line, or as many as a line may have; returns the line, if that completes one, and the rest.
    fn push<'b>(&mut self, stream: Printed, bytes: &'b [u8]) -> (Option<LogLine>, &'b [u8]) {
        let buffer = self.buffer(stream.0);
        let room = MAX_LINE - buffer.len();
        let (end, next, complete) = match bytes.iter().position(|byte| *byte == b'\n') {
            Some(end) if end <= room => (end, end + 1, true),
            _ if bytes.len() > room => (room, room, true),
            _ => (bytes.len(), bytes.len(), false),
        };
        buffer.extend_from_slice(&bytes[..end]);
        let line = complete.then(|| {
            let line = line(stream.0, buffer);
            buffer.clear();
            line
        });
        (line, &bytes[next..])
    }

    /// Takes what has no end of line yet.
    pub fn unfinished(&mut self) -> Vec<LogLine> {
        [LogSource::Stdout, LogSource::Stderr]
            .into_iter()
            .filter_map(|source| {
                let buffer = std::mem::take(self.buffer(source));
                (!buffer.is_empty()).then(|| line(source, &buffer))
            })
            .collect()
    }

    fn buffer(&mut self, source: LogSource) -> &mut Vec<u8> {
        match source {
            LogSource::Stderr => &mut self.stderr,
            LogSource::Stdout | LogSource::Plugin | LogSource::Host => &mut self.stdout,
        }
    }
}

fn line(source: LogSource, bytes: &[u8]) -> LogLine {
    LogLine {
        source,
        level: match source {
            LogSource::Stderr => LogLevel::Error,
            LogSource::Stdout | LogSource::Plugin | LogSource::Host => LogLevel::Info,
        },
        message: String::from_utf8_lossy(bytes)
            .trim_end_matches('\r')
            .to_string(),
    }
}

/// `wasi:io/streams.stream-error`.
#[derive(Debug, ComponentType, Lower, Lift)]
#[component(variant)]
enum StreamError {
    #[component(name = "last-operation-failed")]
    LastOperationFailed(Resource<Handle>),
    #[component(name = "closed")]
    Closed,
}

type Streamed<T> = Result<T, StreamError>;

/// Writes to an output stream.
fn write(guest: &mut Guest, stream: &Resource<Handle>, bytes: &[u8]) -> wasmtime::Result<()> {
    let Handle::Output(printed) = *guest.resources.get(stream)? else {
        return Err(Misuse("the plugin wrote to something that is no output stream".into()).into());
    };
    // Line by line, so that a million empty lines in one call are never all in memory.
    let mut rest = bytes;
    while !rest.is_empty() {
        let (line, next) = guest.wasi.printed.push(printed, rest);
        if let Some(line) = line {
            guest.log(line)?;
        }
        rest = next;
    }
    Ok(())
}

/// Lets time pass until one of the pollables is ready; says which are.
fn wait(guest: &mut Guest, pollables: &[Resource<Handle>]) -> wasmtime::Result<Vec<u32>> {
    let mut times = Vec::with_capacity(pollables.len());
    for pollable in pollables {
        let Handle::Pollable(time) = *guest.resources.get(pollable)? else {
            return Err(
                Misuse("the plugin waited for something that is no pollable".into()).into(),
            );
        };
        times.push(time);
    }
    let Some(first) = times.iter().copied().min() else {
        return Err(Misuse("the plugin waited for nothing at all".into()).into());
    };
    guest.wasi.clock.advance_to(first);
    let now = guest.wasi.clock.peek();
    Ok((0u32..)
        .zip(times)
        .filter(|(_, time)| *time <= now)
        .map(|(index, _)| index)
        .collect())
}

/// Adds the function if it is one of these interfaces'; says whether it was.
pub fn add(into: &mut Functions<'_, '_>, interface: &str, name: &str) -> wasmtime::Result<bool> {
    match interface {
        "io/streams" => streams(into, name),
        "io/poll" => poll(into, name),
        "io/error" if name == "[method]error.to-debug-string" => {
            into.func_wrap(name, |_, (_,): (Resource<Handle>,)| {
                Ok((String::from("closed"),))
            })?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

fn streams(into: &mut Functions<'_, '_>, name: &str) -> wasmtime::Result<bool> {
    match name {
        "[method]output-stream.check-write" => into
            .func_wrap(name, |_, (_,): (Resource<Handle>,)| {
                Ok((Streamed::Ok(WRITE_BYTES),))
            }),
        "[method]output-stream.write" | "[method]output-stream.blocking-write-and-flush" => into
            .func_wrap(
                name,
                |mut store, (stream, bytes): (Resource<Handle>, Vec<u8>)| {
                    write(store.data_mut(), &stream, &bytes)?;
                    Ok((Streamed::Ok(()),))
                },
            ),
        "[method]output-stream.flush" | "[method]output-stream.blocking-flush" => {
            into.func_wrap(name, |_, (_,): (Resource<Handle>,)| Ok((Streamed::Ok(()),)))
        }
        "[method]input-stream.read" | "[method]input-stream.blocking-read" => {
            into.func_wrap(name, |_, (_, _): (Resource<Handle>, u64)| {
                Ok((Streamed::<Vec<u8>>::Err(StreamError::Closed),))
            })
        }
        "[method]output-stream.subscribe" | "[method]input-stream.subscribe" => {
            into.func_wrap(name, |mut store, (_,): (Resource<Handle>,)| {
                Ok((store.data_mut().resources.push(Handle::Pollable(0))?,))
            })
        }
        _ => return Ok(false),
    }?;
    Ok(true)
}

fn poll(into: &mut Functions<'_, '_>, name: &str) -> wasmtime::Result<bool> {
    match name {
        "poll" => into.func_wrap(name, |mut store, (pollables,): (Vec<Resource<Handle>>,)| {
            Ok((wait(store.data_mut(), &pollables)?,))
        }),
        "[method]pollable.block" => into.func_wrap(name, |mut store, (pollable,): (Resource<Handle>,)| {
            wait(store.data_mut(), &[pollable])?;
            Ok(())
        }),
        "[method]pollable.ready" => into.func_wrap(name, |mut store, (pollable,): (Resource<Handle>,)| {
            let guest = store.data_mut();
            let now = guest.wasi.clock.now();
            let ready = matches!(guest.resources.get(&pollable)?, Handle::Pollable(time) if *time <= now);
            Ok((ready,))
        }),
        _ => return Ok(false),
    }?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All lines that these bytes complete.
    fn push(lines: &mut Lines, stream: LogSource, mut bytes: &[u8]) -> Vec<String> {
        let mut found = Vec::new();
        while !bytes.is_empty() {
            let (line, rest) = lines.push(Printed(stream), bytes);
            found.extend(line.map(|line| line.message));
            bytes = rest;
        }
        found
    }

    fn unfinished(lines: &mut Lines) -> Vec<String> {
        let lines = lines.unfinished().into_iter();
        lines.map(|line| line.message).collect()
    }

    #[test]
    fn fragments_become_lines() {
        let mut lines = Lines::default();
        assert!(push(&mut lines, LogSource::Stdout, b"hel").is_empty());
        assert_eq!(push(&mut lines, LogSource::Stderr, b"oh\n"), ["oh"]);
        assert_eq!(
            push(&mut lines, LogSource::Stdout, b"lo\r\n\nend"),
            ["hello", ""]
        );
        assert_eq!(unfinished(&mut lines), ["end"]);
        assert!(unfinished(&mut lines).is_empty());
    }

    #[test]
    fn an_endless_line_is_broken_up() {
        let mut lines = Lines::default();
        let got = push(&mut lines, LogSource::Stdout, &vec![b'x'; MAX_LINE * 2 + 1]);
        assert_eq!(got.len(), 2);
        assert!(got.iter().all(|line| line.len() == MAX_LINE));
        assert_eq!(unfinished(&mut lines), ["x"]);
    }

    #[test]
    fn a_line_that_is_just_as_long_as_one_may_be_is_one() {
        let mut lines = Lines::default();
        let mut text = vec![b'x'; MAX_LINE];
        text.extend(b"\ny\n");
        let got = push(&mut lines, LogSource::Stdout, &text);
        assert_eq!((got.len(), got[1].as_str()), (2, "y"));
        // The same byte by byte, as an interpreter prints.
        let mut again = Lines::default();
        let bytes = text.chunks(1);
        let single: Vec<_> = bytes
            .flat_map(|byte| push(&mut again, LogSource::Stdout, byte))
            .collect();
        assert_eq!(single, got);
    }
}
