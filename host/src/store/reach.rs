//! What is reached from a document: the digests that stand in it, what those refer to in turn, and the results of the jobs among
//! them. Whatever is in a digest's place is followed, so this needs to know no document but that of a table.

use std::collections::HashSet;
use std::io::Read;
use std::str::FromStr;

use super::error::{At, StoreError};
use super::{Kind, Store};
use crate::digest::Digest;
use crate::table::doc::{TABLE_KIND, TableDoc};

/// Documents are at most this long; longer blobs are data and refer to nothing.
pub(crate) const MAX_DOCUMENT: u64 = 64 << 20;

/// Something that is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Node {
    /// A blob.
    Blob(Digest),
    /// A block of a table.
    Block(Digest),
    /// The result of a job.
    Result {
        /// The job.
        key: Digest,
        /// The result's document.
        result: Digest,
    },
}

/// What a blob turns out to be.
#[derive(Debug)]
pub enum Look {
    /// It is not there, or not wanted.
    Absent,
    /// It refers to nothing.
    Leaf,
    /// A document, whole.
    Document(Vec<u8>),
}

/// Where blobs and results are looked up.
pub trait Origin {
    /// Why that fails.
    type Error;
    /// Looks at a blob.
    ///
    /// # Errors
    /// When it cannot be read.
    fn look(&mut self, blob: &Digest) -> Result<Look, Self::Error>;
    /// The result of a job, if the digest is a job's and there is one.
    ///
    /// # Errors
    /// When it cannot be read.
    fn result(&mut self, key: &Digest) -> Result<Option<Digest>, Self::Error>;
}

/// A walk over documents. What is referred to comes before what refers to it.
#[derive(Debug, Default)]
pub struct Reach {
    seen: HashSet<Digest>,
    /// Kept without being followed.
    alone: HashSet<Digest>,
    nodes: Vec<Node>,
}

/// What a walk does next.
enum Step {
    Enter(Digest),
    Leave(Node),
}

impl Reach {
    /// Everything reached so far, what is referred to before what refers to it.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Takes what was reached since the last time.
    pub fn take(&mut self) -> Vec<Node> {
        std::mem::take(&mut self.nodes)
    }

    /// Whether a digest was met.
    pub fn has(&self, digest: &Digest) -> bool {
        self.seen.contains(digest) || self.alone.contains(digest)
    }

    /// Keeps a blob without what it refers to; it can still be followed from elsewhere.
    pub fn keep(&mut self, blob: Digest) {
        self.alone.insert(blob);
    }

    /// Follows a blob to all that is reached from it.
    ///
    /// # Errors
    /// When something cannot be read.
    pub fn follow<O: Origin>(&mut self, origin: &mut O, root: Digest) -> Result<(), O::Error> {
        let mut steps = vec![Step::Enter(root)];
        while let Some(step) = steps.pop() {
            match step {
                Step::Leave(node) => self.nodes.push(node),
                Step::Enter(digest) if self.seen.insert(digest) => {
                    self.enter(origin, digest, &mut steps)?;
                }
                Step::Enter(_) => {}
            }
        }
        Ok(())
    }

    fn enter<O: Origin>(
        &mut self,
        origin: &mut O,
        digest: Digest,
        steps: &mut Vec<Step>,
    ) -> Result<(), O::Error> {
        if let Some(result) = origin.result(&digest)? {
            let key = digest;
            steps.push(Step::Leave(Node::Result { key, result }));
            steps.push(Step::Enter(result));
        }
        match origin.look(&digest)? {
            Look::Absent => {}
            Look::Leaf => steps.push(Step::Leave(Node::Blob(digest))),
            Look::Document(bytes) => {
                steps.push(Step::Leave(Node::Blob(digest)));
                match table(&bytes) {
                    Some(table) => {
                        let blocks = table.blocks().map(|block| block.digest);
                        let new = blocks.filter(|block| self.seen.insert(*block));
                        steps.extend(new.map(|block| Step::Leave(Node::Block(block))));
                    }
                    None => steps.extend(digests_in(&bytes).map(Step::Enter)),
                }
            }
        }
        Ok(())
    }
}

/// Looks things up in a store.
#[derive(Debug)]
pub struct Local<'s>(pub &'s Store);

impl Origin for Local<'_> {
    type Error = StoreError;

    fn look(&mut self, blob: &Digest) -> Result<Look, StoreError> {
        let Some(file) = self.0.find(Kind::Blob, blob)? else {
            return Ok(Look::Absent);
        };
        look_at(file).at("read", self.0.backend.path(&Kind::Blob.name(blob)))
    }

    fn result(&mut self, key: &Digest) -> Result<Option<Digest>, StoreError> {
        match self.0.result(key) {
            // A result that cannot be read is as good as none.
            Err(StoreError::Damaged { .. }) => Ok(None),
            result => result,
        }
    }
}

/// Reads a blob as far as it is a document.
pub(super) fn look_at(mut blob: impl Read) -> std::io::Result<Look> {
    let mut bytes = Vec::new();
    blob.by_ref().take(1).read_to_end(&mut bytes)?;
    if bytes != b"{" {
        return Ok(Look::Leaf);
    }
    blob.take(MAX_DOCUMENT).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > MAX_DOCUMENT {
        true => Ok(Look::Leaf),
        false => Ok(Look::Document(bytes)),
    }
}

/// Whether a document is that of a table.
pub(crate) fn is_table(bytes: &[u8]) -> bool {
    bytes.starts_with(format!("{{\"kind\":\"{TABLE_KIND}\"").as_bytes())
}

fn table(bytes: &[u8]) -> Option<TableDoc> {
    let is_one = is_table(bytes);
    is_one.then(|| serde_json::from_slice(bytes).ok()).flatten()
}

/// All digests in a text, wherever they stand.
pub(crate) fn digests_in(bytes: &[u8]) -> impl Iterator<Item = Digest> + '_ {
    const PREFIX: &[u8] = b"sha256:";
    let starts = bytes
        .windows(PREFIX.len())
        .enumerate()
        .filter(|(_, window)| *window == PREFIX);
    starts.filter_map(|(start, _)| {
        let text = bytes.get(start..start + PREFIX.len() + 64)?;
        Digest::from_str(std::str::from_utf8(text).ok()?).ok()
    })
}
