//! Guest service `blobs`: reading inputs at any place, writing outputs.

use std::fs::File;
use std::os::unix::fs::FileExt;

use wasmtime::component::Resource;

use super::guest::Guest;
use crate::{wire::Said, world::interfaces::lockflight::data::blobs};

/// The most bytes of one `read`.
const MAX_READ: u32 = 16 << 20;

/// A blob opened by the guest.
#[derive(Debug)]
pub struct Blob {
    file: File,
    size: u64,
}

impl Blob {
    pub(super) fn new(file: File, size: u64) -> Self {
        Blob { file, size }
    }
}

/// A blob that the guest is writing; its bytes are at the launcher.
#[derive(Debug)]
pub struct BlobWriter {
    pub(crate) number: u32,
}

impl blobs::Host for Guest {}

impl blobs::HostBlob for Guest {
    fn size(&mut self, blob: Resource<Blob>) -> wasmtime::Result<u64> {
        Ok(self.resources.get(&blob)?.size)
    }

    fn read(&mut self, blob: Resource<Blob>, offset: u64, len: u32) -> wasmtime::Result<Vec<u8>> {
        let blob = self.resources.get(&blob)?;
        let rest = blob.size.saturating_sub(offset);
        let len = u64::from(len.min(MAX_READ)).min(rest) as usize;
        let mut bytes = vec![0; len];
        blob.file.read_exact_at(&mut bytes, offset)?;
        Ok(bytes)
    }

    fn drop(&mut self, blob: Resource<Blob>) -> wasmtime::Result<()> {
        self.resources.delete(blob)?;
        Ok(())
    }
}

impl blobs::HostBlobWriter for Guest {
    fn new(&mut self) -> wasmtime::Result<Resource<BlobWriter>> {
        let number = self.next_writer();
        self.say(&Said::BlobOpened { writer: number })?;
        Ok(self.resources.push(BlobWriter { number })?)
    }

    fn write(&mut self, writer: Resource<BlobWriter>, bytes: Vec<u8>) -> wasmtime::Result<()> {
        let writer = self.resources.get(&writer)?.number;
        self.channel
            .send(&Said::BlobBytes { writer }, &[&bytes], None)?;
        Ok(())
    }

    fn drop(&mut self, writer: Resource<BlobWriter>) -> wasmtime::Result<()> {
        let writer = self.resources.delete(writer)?.number;
        Ok(self.say(&Said::Dropped { writer })?)
    }
}
