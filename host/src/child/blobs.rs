//! Guest service `blobs`: reading inputs at any place, writing outputs.

use std::fs::File;
use std::os::unix::fs::FileExt;

use wasmtime::component::Resource;

use super::guest::{Guest, Misuse};
use crate::{
    enforcement::{Point, stands},
    wire::{Needed, Said},
    world::interfaces::lockflight::data::blobs,
};

/// The most bytes of one `read`.
const MAX_READ: u32 = 16 << 20;

/// The most blobs that the guest may have open at a time: each is a descriptor of the child's.
const MAX_OPEN: usize = 64;

/// A blob opened by the guest.
#[derive(Debug)]
pub struct Blob {
    file: File,
    size: u64,
}

impl Guest {
    /// Opens what the launcher hands over as a blob.
    pub(super) fn open(&mut self, needed: Needed, size: u64) -> wasmtime::Result<Resource<Blob>> {
        if self.open_blobs >= MAX_OPEN && stands(Point::OpenBlobs) {
            return Err(Misuse(format!(
                "the plugin has {MAX_OPEN} blobs open and opened another; it may have no more at a time"
            ))
            .into());
        }
        let file = File::from(self.need(needed)?);
        self.open_blobs += 1;
        Ok(self.resources.push(Blob { file, size })?)
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
        self.open_blobs -= 1;
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
