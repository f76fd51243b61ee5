//! Rows in files, split by the hash of their key so that rows with the same key are in the same part.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use twox_hash::XxHash64;

use crate::chunk::{Chunk, OVERHEAD, Record};
use crate::error::{DiffError, Side};

/// How many parts rows are split into. Twice as many files are open while splitting.
const PARTS: u64 = 32;
/// Buffer of each file in bytes.
const BUFFER: usize = 32 * 1024;
/// The most rows of a chunk that is read back.
const CHUNK_ROWS: usize = 65_536;
/// Number, length of the key and length of the values, 8 bytes each, before both.
const HEADER: usize = 24;

/// Splits rows into parts. The files are deleted when it or what it becomes is dropped.
pub(crate) struct Splitter {
    directory: TempDir,
    seed: u64,
    old: Vec<Writer>,
    new: Vec<Writer>,
}

impl Splitter {
    /// Splits into a directory of its own within `scratch`, by a hash with this seed.
    pub fn new(scratch: &Path, seed: u64) -> Result<Splitter, DiffError> {
        let directory = tempfile::Builder::new()
            .prefix("tablediff-")
            .tempdir_in(scratch)
            .map_err(failed("make a directory in", scratch))?;
        let writers = |side| {
            let path = |part| directory.path().join(format!("{side}-{part}"));
            (0..PARTS).map(|part| Writer::new(path(part))).collect()
        };
        Ok(Splitter {
            seed,
            old: writers(Side::Old),
            new: writers(Side::New),
            directory,
        })
    }

    /// Appends a row of this version to its part.
    pub fn write(&mut self, side: Side, record: Record<'_>) -> Result<(), DiffError> {
        let hash = XxHash64::oneshot(self.seed, record.key);
        let writers = match side {
            Side::Old => &mut self.old,
            Side::New => &mut self.new,
        };
        writers[(hash % PARTS) as usize].write(record, hash)
    }

    /// Ends writing.
    pub fn finish(self) -> Result<Parts, DiffError> {
        let mut parts = Vec::with_capacity(self.old.len());
        for (old, new) in self.old.into_iter().zip(self.new) {
            parts.push(Part {
                old: old.finish()?,
                new: new.finish()?,
            });
        }
        Ok(Parts {
            _directory: self.directory,
            parts,
        })
    }
}

/// All parts.
pub(crate) struct Parts {
    _directory: TempDir,
    pub parts: Vec<Part>,
}

/// The rows of both versions whose keys fell into one part.
pub(crate) struct Part {
    old: PartFile,
    new: PartFile,
}

impl Part {
    /// Bytes that joining it in memory takes.
    pub fn size(&self) -> usize {
        self.old.size.saturating_add(self.new.size)
    }

    /// Whether splitting it again is of no use: all its keys have the same hash, so they are the same.
    pub fn has_one_key(&self) -> bool {
        match (self.old.hash, self.new.hash) {
            (Hash::Many, _) | (_, Hash::Many) => false,
            (Hash::One(old), Hash::One(new)) => old == new,
            _ => true,
        }
    }

    /// The rows of one version.
    pub fn load(&self, side: Side) -> Result<Vec<Chunk>, DiffError> {
        let mut chunks: Vec<Chunk> = Vec::new();
        self.each(side, |record| {
            if chunks.last().is_none_or(|chunk| chunk.len() == CHUNK_ROWS) {
                chunks.push(Chunk::default());
            }
            if let Some(chunk) = chunks.last_mut() {
                chunk.push(record);
            }
            Ok(())
        })?;
        Ok(chunks)
    }

    /// Hands over the rows of one version, in the order in which they were written.
    pub fn each(
        &self,
        side: Side,
        mut take: impl FnMut(Record<'_>) -> Result<(), DiffError>,
    ) -> Result<(), DiffError> {
        let part = match side {
            Side::Old => &self.old,
            Side::New => &self.new,
        };
        if part.rows == 0 {
            return Ok(());
        }
        let file = File::open(&part.path).map_err(failed("open", &part.path))?;
        let mut reader = BufReader::with_capacity(BUFFER, file);
        let mut bytes = Vec::new();
        for _ in 0..part.rows {
            let record = read(&mut reader, &mut bytes).map_err(failed("read", &part.path))?;
            take(record)?;
        }
        Ok(())
    }

    /// Deletes the files before the others are done with.
    pub fn delete(self) -> Result<(), DiffError> {
        for part in [self.old, self.new] {
            if part.rows > 0 {
                std::fs::remove_file(&part.path).map_err(failed("delete", &part.path))?;
            }
        }
        Ok(())
    }
}

/// The hashes of the keys in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hash {
    None,
    One(u64),
    Many,
}

impl Hash {
    fn and(self, hash: u64) -> Hash {
        match self {
            Hash::None => Hash::One(hash),
            Hash::One(first) if first == hash => self,
            _ => Hash::Many,
        }
    }
}

/// The rows of one version in a part.
struct PartFile {
    path: PathBuf,
    rows: u64,
    size: usize,
    hash: Hash,
}

/// Writes a [`PartFile`]; the file is made with the first row.
struct Writer {
    file: Option<BufWriter<File>>,
    part: PartFile,
}

impl Writer {
    fn new(path: PathBuf) -> Writer {
        Writer {
            file: None,
            part: PartFile {
                path,
                rows: 0,
                size: 0,
                hash: Hash::None,
            },
        }
    }

    fn write(&mut self, record: Record<'_>, hash: u64) -> Result<(), DiffError> {
        let part = &mut self.part;
        if self.file.is_none() {
            let file = File::create_new(&part.path).map_err(failed("make", &part.path))?;
            self.file = Some(BufWriter::with_capacity(BUFFER, file));
        }
        if let Some(file) = &mut self.file {
            append(file, record).map_err(failed("write", &part.path))?;
        }
        part.rows += 1;
        part.size += record.key.len() + record.values.len() + OVERHEAD;
        part.hash = part.hash.and(hash);
        Ok(())
    }

    fn finish(self) -> Result<PartFile, DiffError> {
        if let Some(mut file) = self.file {
            file.flush().map_err(failed("write", &self.part.path))?;
        }
        Ok(self.part)
    }
}

fn append(file: &mut impl Write, record: Record<'_>) -> io::Result<()> {
    let mut header = [0; HEADER];
    header[..8].copy_from_slice(&record.row.to_le_bytes());
    header[8..16].copy_from_slice(&(record.key.len() as u64).to_le_bytes());
    header[16..].copy_from_slice(&(record.values.len() as u64).to_le_bytes());
    file.write_all(&header)?;
    file.write_all(record.key)?;
    file.write_all(record.values)
}

fn read<'a>(file: &mut impl Read, bytes: &'a mut Vec<u8>) -> io::Result<Record<'a>> {
    let row = number(file)?;
    let [key, values] = [number(file)?, number(file)?].map(|length| length as usize);
    bytes.resize(key + values, 0);
    file.read_exact(bytes)?;
    let (key, values) = bytes.split_at(key);
    Ok(Record { row, key, values })
}

fn number(file: &mut impl Read) -> io::Result<u64> {
    let mut bytes = [0; 8];
    file.read_exact(&mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}

fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> DiffError {
    let path = path.to_owned();
    move |source| DiffError::Scratch {
        doing,
        path,
        source,
    }
}
