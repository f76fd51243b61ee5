//! `store check` and `store du`: is everything whole, and what takes the room.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::io::Read;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use super::error::{At, StoreError};
use super::reach::{MAX_DOCUMENT, digests_in, is_table};
use super::{Kind, Store};
use crate::digest::Digest;
use crate::table::doc::TableDoc;

/// The most names listed for something that is broken.
const MAX_REFERRERS: usize = 10;
/// Temporary files that nobody touched for so many seconds belong to a process that was killed.
const STALE_SECONDS: i64 = 24 * 60 * 60;

/// What `Store::check` found.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct CheckReport {
    /// Blobs hashed.
    pub blobs: u64,
    /// Blocks decoded and hashed.
    pub blocks: u64,
    /// Bytes of both.
    pub bytes: u64,
    /// Results read.
    pub results: u64,
    /// Refs read.
    pub refs: u64,
    /// Temporary files of killed processes that were removed.
    pub removed: u64,
    /// Everything that is wrong, by path.
    pub problems: Vec<Problem>,
}

/// Something that is wrong with the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub path: PathBuf,
    /// What is wrong, in a sentence.
    pub message: String,
    /// Results and refs that depend on it, e.g. `refs/runs/latest`; at most 10.
    pub referred_by: Vec<String>,
}

/// Files and their bytes.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Amount {
    /// How many files.
    pub files: u64,
    /// Their length in bytes.
    pub bytes: u64,
}

/// What takes the store's room.
#[derive(Debug, Default, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Usage {
    /// Documents, sources, models.
    pub blobs: Amount,
    /// Rows of tables.
    pub blocks: Amount,
    /// Results of jobs.
    pub results: Amount,
    /// Names.
    pub refs: Amount,
    /// Files that are being written, or were left behind.
    pub temporary: Amount,
    /// The index, the list of verified files, locks: all that can be deleted.
    pub caches: Amount,
}

impl Usage {
    /// Everything together.
    pub fn total(&self) -> Amount {
        let parts = [
            self.blobs,
            self.blocks,
            self.results,
            self.refs,
            self.temporary,
            self.caches,
        ];
        Amount {
            files: parts.iter().map(|part| part.files).sum(),
            bytes: parts.iter().map(|part| part.bytes).sum(),
        }
    }
}

/// A file below a folder of the store.
pub(super) struct Found {
    /// Its name in the store.
    pub name: String,
    /// Its length in bytes.
    pub len: u64,
    /// When it was last written, in seconds since 1970.
    pub modified: i64,
}

impl Store {
    /// Hashes every blob and block again, reads every result and ref, and says what is wrong and what depends on it. Also removes
    /// temporary files older than a day.
    pub fn check(&self) -> Result<CheckReport, StoreError> {
        let mut check = Check {
            store: self,
            report: CheckReport::default(),
            edges: HashMap::new(),
            broken: Vec::new(),
        };
        self.verified.clear(&*self.backend);
        for kind in Kind::ALL {
            check.files(kind)?;
        }
        check.results()?;
        check.refs()?;
        check.sweep()?;
        Ok(check.finish())
    }

    /// Counts files and bytes.
    pub fn du(&self) -> Result<Usage, StoreError> {
        let amount = |folder: &str| -> Result<Amount, StoreError> {
            let files = self.walk(folder)?;
            Ok(Amount {
                files: files.len() as u64,
                bytes: files.iter().map(|file| file.len).sum(),
            })
        };
        let mut usage = Usage {
            blobs: amount("blobs")?,
            blocks: amount("blocks")?,
            results: amount("results")?,
            refs: amount("refs")?,
            temporary: amount("tmp")?,
            caches: amount("locks")?,
        };
        let top = self.backend.list("").at("read", self.path())?;
        for file in top.iter().filter(|file| {
            !file.is_folder && !["format", ".gitignore"].contains(&file.name.as_str())
        }) {
            usage.caches.files += 1;
            usage.caches.bytes += file.len;
        }
        Ok(usage)
    }

    /// All files below a folder, by name.
    pub(super) fn walk(&self, folder: &str) -> Result<Vec<Found>, StoreError> {
        let mut files = Vec::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in self
                .backend
                .list(&folder)
                .at("read", self.backend.path(&folder))?
            {
                let name = format!("{folder}/{}", entry.name);
                match entry.is_folder {
                    true => folders.push(name),
                    false => files.push(Found {
                        name,
                        len: entry.len,
                        modified: entry.modified,
                    }),
                }
            }
        }
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(files)
    }
}

/// Something in the graph of references: a digest, or the name of a result or ref.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Node {
    Digest(Digest),
    Name(String),
}

/// A check on its way.
struct Check<'a> {
    store: &'a Store,
    report: CheckReport,
    /// From what is referred to, to what refers to it.
    edges: HashMap<Digest, BTreeSet<Node>>,
    broken: Vec<(PathBuf, String, Node)>,
}

impl Check<'_> {
    fn files(&mut self, kind: Kind) -> Result<(), StoreError> {
        for Found { name, len, .. } in self.store.walk(kind.folder())? {
            let path = self.store.backend.path(&name);
            let Some(digest) = digest_of_name(kind.folder(), &name) else {
                self.broken.push((
                    path,
                    "the file's name is not a digest".to_owned(),
                    Node::Name(name),
                ));
                continue;
            };
            let mut file = match self.store.backend.open(&name) {
                Ok(file) => file,
                Err(error) => {
                    self.broken.push((
                        path,
                        format!("it cannot be read: {error}"),
                        Node::Digest(digest),
                    ));
                    continue;
                }
            };
            match self.store.hash(kind, &digest, &mut file) {
                Ok(()) => {}
                Err(StoreError::Corrupt {
                    expected, found, ..
                }) => {
                    let message = format!("corrupt: expected {expected}, found {found}");
                    self.broken.push((path, message, Node::Digest(digest)));
                    continue;
                }
                Err(StoreError::Io { source, .. }) => {
                    self.broken.push((
                        path,
                        format!("it cannot be read: {source}"),
                        Node::Digest(digest),
                    ));
                    continue;
                }
                Err(error) => return Err(error),
            }
            self.report.bytes += len;
            match kind {
                Kind::Blob => {
                    self.report.blobs += 1;
                    self.document(digest, len, file)?;
                }
                Kind::Block => self.report.blocks += 1,
            }
        }
        Ok(())
    }

    /// Follows the digests in a blob that is a JSON document; a table's blocks have to be there.
    fn document(
        &mut self,
        digest: Digest,
        len: u64,
        file: std::fs::File,
    ) -> Result<(), StoreError> {
        if len > MAX_DOCUMENT {
            return Ok(());
        }
        let mut bytes = Vec::new();
        let name = Kind::Blob.name(&digest);
        file.take(MAX_DOCUMENT)
            .read_to_end(&mut bytes)
            .at("read", self.store.backend.path(&name))?;
        if bytes.first() != Some(&b'{') {
            return Ok(());
        }
        for target in digests_in(&bytes) {
            self.edges
                .entry(target)
                .or_default()
                .insert(Node::Digest(digest));
        }
        if is_table(&bytes)
            && let Ok(table) = serde_json::from_slice::<TableDoc>(&bytes)
        {
            for block in table.blocks() {
                self.require(Kind::Block, block.digest)?;
            }
        }
        Ok(())
    }

    /// Notes a file that something needs and that is not there.
    fn require(&mut self, kind: Kind, digest: Digest) -> Result<(), StoreError> {
        if self.store.find(kind, &digest)?.is_none() {
            let path = self.store.backend.path(&kind.name(&digest));
            let missing = (
                path,
                format!("the {} is missing", kind.word()),
                Node::Digest(digest),
            );
            if !self.broken.contains(&missing) {
                self.broken.push(missing);
            }
        }
        Ok(())
    }

    fn results(&mut self) -> Result<(), StoreError> {
        for Found { name, .. } in self.store.walk("results")? {
            let shown = match digest_of_name("results", &name) {
                Some(key) => format!("results/{key}"),
                None => name.clone(),
            };
            self.report.results += 1;
            self.pointer(&name, shown)?;
        }
        Ok(())
    }

    fn refs(&mut self) -> Result<(), StoreError> {
        for Found { name, .. } in self.store.walk("refs")? {
            self.report.refs += 1;
            self.pointer(&name, name.clone())?;
        }
        Ok(())
    }

    fn pointer(&mut self, name: &str, shown: String) -> Result<(), StoreError> {
        match self.store.pointer(name) {
            Ok(Some(target)) => {
                self.edges
                    .entry(target)
                    .or_default()
                    .insert(Node::Name(shown));
                self.require(Kind::Blob, target)
            }
            Ok(None) => Ok(()),
            Err(StoreError::Damaged { path, problem }) => {
                self.broken.push((path, problem, Node::Name(shown)));
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn sweep(&mut self) -> Result<(), StoreError> {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        for file in self.store.walk("tmp")? {
            let is_stale = i64::try_from(now).is_ok_and(|now| now - file.modified > STALE_SECONDS);
            if is_stale && self.store.backend.remove(&file.name).is_ok() {
                self.report.removed += 1;
            }
        }
        Ok(())
    }

    fn finish(mut self) -> CheckReport {
        let broken = std::mem::take(&mut self.broken);
        let problems = broken.into_iter().map(|(path, message, node)| {
            let referred_by = self.roots(node);
            Problem {
                path,
                message,
                referred_by,
            }
        });
        let problems: BTreeMap<PathBuf, Problem> = problems
            .map(|problem| (problem.path.clone(), problem))
            .collect();
        self.report.problems = problems.into_values().collect();
        self.report
    }

    /// The results and refs from which a node is reached, nearest first.
    fn roots(&self, node: Node) -> Vec<String> {
        let mut roots = Vec::new();
        let mut seen = HashSet::from([node.clone()]);
        let mut queue = VecDeque::from([node]);
        while let Some(node) = queue.pop_front() {
            let Node::Digest(digest) = node else { continue };
            for referrer in self.edges.get(&digest).into_iter().flatten() {
                if !seen.insert(referrer.clone()) {
                    continue;
                }
                if let Node::Name(name) = referrer {
                    roots.push(name.clone());
                    if roots.len() == MAX_REFERRERS {
                        return roots;
                    }
                }
                queue.push_back(referrer.clone());
            }
        }
        roots
    }
}

/// The digest that a name such as `blobs/ab/cdef…` stands for.
pub(super) fn digest_of_name(folder: &str, name: &str) -> Option<Digest> {
    let rest = name.strip_prefix(folder)?.strip_prefix('/')?;
    let (shard, rest) = rest.split_once('/')?;
    (shard.len() == 2).then(|| Digest::from_hex(&format!("{shard}{rest}")))?
}

#[cfg(test)]
mod tests;
