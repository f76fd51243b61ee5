//! Blobs in and out.
use std::io::{self, Read, Write};
use std::sync::Arc;

use crate::Failure;
use crate::bindings::blobs;

/// How many bytes go over in one call, where the plugin leaves the choice.
const CHUNK: usize = 1 << 20;

/// Bytes to read, at any place and as often as wanted.
#[derive(Debug)]
pub struct Blob {
    source: Source,
}

#[derive(Debug)]
enum Source {
    Host(blobs::Blob),
    Memory(Arc<[u8]>),
}

impl Blob {
    pub(crate) fn from_host(blob: blobs::Blob) -> Blob {
        Blob {
            source: Source::Host(blob),
        }
    }

    pub(crate) fn in_memory(bytes: Arc<[u8]>) -> Blob {
        Blob {
            source: Source::Memory(bytes),
        }
    }

    /// How many bytes.
    pub fn size(&self) -> u64 {
        match &self.source {
            Source::Host(blob) => blob.size(),
            Source::Memory(bytes) => bytes.len() as u64,
        }
    }

    /// Up to `len` bytes from `offset`, at most 16 MiB a call; fewer only at the end.
    pub fn read_at(&self, offset: u64, len: u32) -> Vec<u8> {
        match &self.source {
            Source::Host(blob) => blob.read(offset, len),
            Source::Memory(bytes) => {
                let start = usize::try_from(offset)
                    .unwrap_or(usize::MAX)
                    .min(bytes.len());
                let end = start.saturating_add(len as usize).min(bytes.len());
                bytes[start..end].to_vec()
            }
        }
    }

    /// Reads from the first byte to the last, 1 MiB at a time.
    pub fn reader(&self) -> BlobReader<'_> {
        BlobReader {
            blob: self,
            chunk: Vec::new(),
            used: 0,
            offset: 0,
        }
    }

    /// All bytes.
    pub fn read_all(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(usize::try_from(self.size()).unwrap_or(0));
        let read = self.reader().read_to_end(&mut bytes);
        read.expect("reading a blob cannot fail: faults of the host end the stage");
        bytes
    }

    /// All bytes as text.
    ///
    /// # Errors
    /// [`Failure::Data`] with the place of the first byte that is not UTF-8.
    pub fn read_text(&self) -> Result<String, Failure> {
        String::from_utf8(self.read_all()).map_err(|error| {
            let place = error.utf8_error().valid_up_to();
            Failure::data(format!("the text is not UTF-8 at byte {place}"))
        })
    }
}

/// Reads a blob in order.
#[derive(Debug)]
pub struct BlobReader<'a> {
    blob: &'a Blob,
    chunk: Vec<u8>,
    used: usize,
    offset: u64,
}

impl Read for BlobReader<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.used == self.chunk.len() {
            self.chunk = self.blob.read_at(self.offset, CHUNK as u32);
            self.offset += self.chunk.len() as u64;
            self.used = 0;
        }
        let rest = &self.chunk[self.used..];
        let count = rest.len().min(into.len());
        into[..count].copy_from_slice(&rest[..count]);
        self.used += count;
        Ok(count)
    }
}

/// A blob being written. It becomes an output when it is returned from `run`.
#[derive(Debug)]
pub struct BlobWriter {
    sink: Sink,
    pending: Vec<u8>,
}

#[derive(Debug)]
enum Sink {
    Host(blobs::BlobWriter),
    Memory(Vec<u8>),
}

impl BlobWriter {
    /// Starts an empty blob.
    pub fn new() -> BlobWriter {
        let sink = if cfg!(target_family = "wasm") {
            Sink::Host(blobs::BlobWriter::new())
        } else {
            Sink::Memory(Vec::new())
        };
        BlobWriter {
            sink,
            pending: Vec::new(),
        }
    }

    /// What was written and flushed, for tests outside WebAssembly; inside, the host has it and this is empty.
    pub fn written(&self) -> &[u8] {
        match &self.sink {
            Sink::Host(_) => &[],
            Sink::Memory(bytes) => bytes,
        }
    }

    /// A blob of these bytes.
    ///
    /// # Errors
    /// None in memory; what the host says in WebAssembly ends the stage.
    pub fn of(bytes: &[u8]) -> io::Result<BlobWriter> {
        let mut writer = BlobWriter::new();
        writer.write_all(bytes)?;
        writer.flush()?;
        Ok(writer)
    }

    pub(crate) fn lend_state(state: Option<Vec<u8>>) -> Result<Option<blobs::BlobWriter>, Failure> {
        state
            .map(|state| BlobWriter::of(&state)?.into_host())
            .transpose()
    }

    pub(crate) fn into_host(mut self) -> Result<blobs::BlobWriter, Failure> {
        self.flush()?;
        match self.sink {
            Sink::Host(writer) => Ok(writer),
            Sink::Memory(_) => Err(Failure::internal(
                "a blob in memory cannot leave the plugin",
            )),
        }
    }
}

impl Default for BlobWriter {
    fn default() -> BlobWriter {
        BlobWriter::new()
    }
}

impl Write for BlobWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = bytes.len().min(CHUNK);
        self.pending.extend_from_slice(&bytes[..count]);
        if self.pending.len() >= CHUNK {
            self.flush()?;
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.sink {
            Sink::Host(writer) if !self.pending.is_empty() => writer.write(&self.pending),
            Sink::Host(_) => {}
            Sink::Memory(bytes) => bytes.extend_from_slice(&self.pending),
        }
        self.pending.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let bytes: Vec<u8> = (0..3 * CHUNK + 17).map(|i| (i % 251) as u8).collect();
        let mut writer = BlobWriter::new();
        for part in bytes.chunks(70_001) {
            writer.write_all(part).unwrap();
        }
        writer.flush().unwrap();
        assert_eq!(writer.written(), bytes);
        let blob = Blob::in_memory(bytes.clone().into());
        assert_eq!(blob.read_all(), bytes);
        assert_eq!(blob.size(), bytes.len() as u64);
        assert_eq!(blob.read_at(blob.size() - 1, 10).len(), 1);
        assert!(blob.read_at(u64::MAX, 10).is_empty());
    }

    #[test]
    fn text_that_is_not_utf8_is_refused() {
        let blob = Blob::in_memory((*b"ab\xff").into());
        assert!(matches!(blob.read_text(), Err(Failure::Data(m)) if m.contains("byte 2")));
    }
}
