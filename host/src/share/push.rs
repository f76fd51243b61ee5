//! Sending runs to a remote.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{ResultConflict, SHARED, ShareError, VersionConflict, is_version, moves, same_package};
use crate::{
    digest::Digest,
    job::OutputRecord,
    package::VersionRecord,
    record::RunRecord,
    run::History,
    store::{
        Kind, Move, RefName, Store,
        reach::{Local, Node, Reach},
        remote::{Remote, RemoteError},
        sharded,
    },
};

/// Blocks that are sent at once.
const SENDERS: usize = 8;

/// Sends runs of a store to a remote.
#[derive(Clone, Copy)]
pub struct Push<'a> {
    /// The store.
    pub store: &'a Store,
    /// The remote.
    pub remote: &'a dyn Remote,
}

/// What is to be sent.
#[derive(Debug, Default)]
pub struct Sending {
    runs: Vec<String>,
    /// What is referred to before what refers to it.
    nodes: Vec<Node>,
    refs: Vec<(RefName, Vec<Move>)>,
    bytes: u64,
}

/// What was sent, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sent {
    /// The runs.
    pub runs: Vec<String>,
    /// Blobs and blocks that the remote lacked.
    pub files: u64,
    /// Their length in bytes.
    pub bytes: u64,
    /// Results that the remote lacked.
    pub results: u64,
    /// Names that moved.
    pub refs: Vec<String>,
}

/// The member of a record that says which run it belongs to.
#[derive(Deserialize)]
struct OfRun {
    run: String,
}

impl Push<'_> {
    /// Finds out what the remote lacks of these runs, or of all if none is named, and whether it contradicts any of it.
    ///
    /// # Errors
    /// When a run is not known, something of it is missing, the remote has other results or versions, or one of both fails.
    pub fn plan(&self, wanted: &[String]) -> Result<Sending, ShareError> {
        let there = ids(&self.remote.refs("runs")?);
        let here = ids(&self.store.refs("runs")?);
        let history = History::new(self.store);
        let runs: BTreeSet<String> = match wanted {
            [] => here.difference(&there).cloned().collect(),
            named => {
                let found = named.iter().map(|name| Ok(history.find(name)?.id));
                found.collect::<Result<_, ShareError>>()?
            }
        };
        let mut reach = Reach::default();
        let mut records = Vec::new();
        for id in &runs {
            // An id that is no name was made up elsewhere, and no ref has it.
            let name = format!("runs/{id}").parse().ok();
            let digest = name.map(|name| self.store.get_ref(&name)).transpose()?;
            if let Some(digest) = digest.flatten() {
                reach.follow(&mut Local(self.store), digest)?;
                let record = self.store.document(&digest, "the record of a run")?;
                self.whole(&record)?;
                records.push(record);
            }
        }
        let shared: BTreeSet<&String> = runs.iter().chain(&there).collect();
        let refs = self.refs(&shared, &here, &mut reach)?;
        let mut sending = Sending {
            runs: runs.into_iter().collect(),
            refs,
            ..Sending::default()
        };
        for node in reach.take() {
            self.add(node, &mut sending, &records)?;
        }
        Ok(sending)
    }

    /// Refuses a run whose results are neither here nor there, as after a pull of the records alone from another remote.
    fn whole(&self, record: &RunRecord) -> Result<(), ShareError> {
        for stage in &record.stages {
            let outputs = stage.outputs.values().map(OutputRecord::digest);
            for digest in outputs.chain(stage.result) {
                if !self.store.has_blob(&digest)? && !self.remote.holds_blob(&digest)? {
                    let (name, place) = (Kind::Blob.name(&digest), self.remote.place());
                    return Err(ShareError::Incomplete { name, place });
                }
            }
        }
        Ok(())
    }

    /// The moves of shared names that the remote lacks, and that are about something that it has or gets.
    fn refs(
        &self,
        shared: &BTreeSet<&String>,
        here: &BTreeSet<String>,
        reach: &mut Reach,
    ) -> Result<Vec<(RefName, Vec<Move>)>, ShareError> {
        let mut moved = Vec::new();
        for folder in SHARED {
            for name in self.store.refs(folder)? {
                let (head, there) = (self.store.ref_head(&name)?, self.remote.ref_head(&name)?);
                if head == there {
                    continue;
                }
                let theirs = moves::remote(self.remote, there)?;
                let mut missing = Vec::new();
                for made in moves::lacking(&moves::local(self.store, head)?, &theirs) {
                    if !self.belongs(&made.target, shared, here, reach)? {
                        continue;
                    }
                    if is_version(&name)
                        && let Some(known) = theirs.first()
                    {
                        self.same_version(&name, &made.target, &known.target)?;
                        continue;
                    }
                    reach.follow(&mut Local(self.store), made.target)?;
                    missing.push(made);
                }
                if !missing.is_empty() {
                    moved.push((name, missing));
                }
            }
        }
        Ok(moved)
    }

    /// Whether what a name points at is shared: it is part of a run that is sent, or the record of something that a shared run made.
    fn belongs(
        &self,
        target: &Digest,
        shared: &BTreeSet<&String>,
        here: &BTreeSet<String>,
        reach: &Reach,
    ) -> Result<bool, ShareError> {
        if reach.has(target) {
            return Ok(true);
        }
        if !self.store.has_blob(target)? {
            return Ok(false);
        }
        let record = self.store.document::<OfRun>(target, "a record of a run's");
        // What a run made that was let go since belongs to nobody else.
        Ok(record.is_ok_and(|of| shared.contains(&of.run) || !here.contains(&of.run)))
    }

    /// Refuses another package under the name of a version.
    fn same_version(
        &self,
        name: &RefName,
        here: &Digest,
        there: &Digest,
    ) -> Result<(), ShareError> {
        let here: VersionRecord = self.store.document(here, "a version")?;
        let bytes = self.remote.blob(there)?.unwrap_or_default();
        let there: VersionRecord =
            serde_json::from_slice(&bytes).map_err(|error| RemoteError::Damaged {
                place: self.remote.place(),
                name: name.to_string(),
                problem: format!("it is no version of a model: {error}"),
            })?;
        match same_package(&here, &there) {
            true => Ok(()),
            false => Err(ShareError::VersionConflict(Box::new(VersionConflict {
                name: name.to_string(),
                place: self.remote.place(),
                there: there.package,
                there_run: there.run,
                here: here.package,
                here_run: here.run,
            }))),
        }
    }

    /// Notes what the remote lacks.
    fn add(
        &self,
        node: Node,
        sending: &mut Sending,
        records: &[RunRecord],
    ) -> Result<(), ShareError> {
        let (kind, digest) = match node {
            Node::Blob(digest) => (Kind::Blob, digest),
            Node::Block(digest) => (Kind::Block, digest),
            Node::Result { key, result } => {
                match self.remote.result(&key)? {
                    Some(there) if there == result => {}
                    Some(there) => return Err(self.conflict(key, there, result, records)),
                    None => sending.nodes.push(node),
                }
                return Ok(());
            }
        };
        let name = kind.name(&digest);
        if self.remote.holds(&name)? {
            return Ok(());
        }
        let there = match kind {
            Kind::Blob => self.store.has_blob(&digest)?,
            Kind::Block => self.store.has_block(&digest)?,
        };
        if !there {
            let place = self.remote.place();
            return Err(ShareError::Incomplete { name, place });
        }
        sending.bytes += self.store.size(kind, &digest)?;
        sending.nodes.push(node);
        Ok(())
    }

    fn conflict(
        &self,
        key: Digest,
        there: Digest,
        here: Digest,
        records: &[RunRecord],
    ) -> ShareError {
        let mut stages = records.iter().flat_map(|record| &record.stages);
        let stage = stages.find(|stage| stage.key == Some(key));
        ShareError::ResultConflict(Box::new(ResultConflict {
            place: self.remote.place(),
            stage: stage.map_or("a window of a monitor".to_owned(), |stage| {
                stage.name.clone()
            }),
            key,
            there,
            here,
        }))
    }

    /// Sends it: files, then results, then names.
    ///
    /// # Errors
    /// When the remote or the store fails, or somebody else sent something that contradicts it meanwhile. What was sent is of use and
    /// is not sent again.
    pub fn send(&self, sending: &Sending) -> Result<Sent, ShareError> {
        let mut results = BTreeMap::new();
        let mut blobs = Vec::new();
        let mut blocks = Vec::new();
        for node in &sending.nodes {
            match node {
                Node::Blob(digest) => blobs.push(digest),
                Node::Block(digest) => blocks.push(digest),
                Node::Result { key, result } => {
                    results.insert(*key, *result);
                }
            }
        }
        // Blocks refer to nothing and are most of the bytes; what refers to them waits for all of them.
        self.side_by_side(&blocks)?;
        for digest in blobs {
            let mut file = self.store.open_blob(digest)?;
            self.remote.put_file(&Kind::Blob.name(digest), &mut file)?;
        }
        for (key, result) in &results {
            if let Some(there) = self.remote.put_result(key, result)?
                && there != *result
            {
                return Err(self.conflict(*key, there, *result, &[]));
            }
        }
        for (name, made) in &sending.refs {
            moves::append(self.remote, name, made)?;
        }
        Ok(sending.sum())
    }
}

impl Push<'_> {
    /// Sends blocks, several at a time: what takes long is to wait for the remote's disk.
    fn side_by_side(&self, blocks: &[&Digest]) -> Result<(), ShareError> {
        let send = |blocks: &[&Digest]| {
            blocks.iter().try_for_each(|digest| {
                let mut file = self.store.open_block_of(digest)?;
                self.remote.put_file(&Kind::Block.name(digest), &mut file)?;
                Ok(())
            })
        };
        let share = blocks.len().div_ceil(SENDERS).max(1);
        std::thread::scope(|scope| {
            let threads: Vec<_> = blocks
                .chunks(share)
                .map(|blocks| scope.spawn(move || send(blocks)))
                .collect();
            threads
                .into_iter()
                .try_for_each(|thread| thread.join().expect("sending does not panic"))
        })
    }
}

impl Sending {
    /// Whether the remote has everything.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty() && self.refs.is_empty()
    }

    /// What it comes to.
    pub fn sum(&self) -> Sent {
        let is_result = |node: &&Node| matches!(node, Node::Result { .. });
        let results = self.nodes.iter().filter(is_result).count() as u64;
        Sent {
            runs: self.runs.clone(),
            files: self.nodes.len() as u64 - results,
            bytes: self.bytes,
            results,
            refs: self.refs.iter().map(|(name, _)| name.to_string()).collect(),
        }
    }

    /// The files that it sends, by their names.
    pub fn files(&self) -> impl Iterator<Item = String> + '_ {
        self.nodes.iter().map(|node| match node {
            Node::Blob(digest) => Kind::Blob.name(digest),
            Node::Block(digest) => Kind::Block.name(digest),
            Node::Result { key, .. } => sharded("results", key),
        })
    }
}

/// The ids of runs, by their refs.
fn ids(refs: &[RefName]) -> BTreeSet<String> {
    let ids = refs
        .iter()
        .filter_map(|name| name.as_str().strip_prefix("runs/"));
    ids.map(str::to_owned).collect()
}
