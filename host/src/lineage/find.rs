//! What a user's word means: a run, a table, a source, a component, a model, a package, an endpoint, a prediction, or a digest.

use super::{
    graph::{Graph, Kind, NodeId},
    names, prediction,
    records::Records,
    releases::Releases,
};
use crate::{
    diagnostic::did_you_mean,
    digest::Digest,
    model::Models,
    record::RunRecord,
    store::{RefName, Store, StoreError},
};

/// The fewest hex digits that may stand for a digest.
const SHORTEST: usize = 8;
/// How many meanings of an ambiguous word are listed.
const LISTED: usize = 10;

/// What a word means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The word as it would be clear to everyone, e.g. `model:weight`.
    pub title: String,
    /// The nodes: one, or the results of a run.
    pub roots: Vec<NodeId>,
}

/// Why a word means nothing, or too much.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// There are no runs.
    #[error("the store has no runs yet: run a pipeline with `lockflight run`")]
    Empty,
    /// Nothing is called so.
    #[error("no run of the store has {word:?}; {help}")]
    Unknown {
        /// The word.
        word: String,
        /// What may help.
        help: String,
    },
    /// Several things are called so.
    #[error("{word:?} may be any of {}; write it so", .meanings.join(", "))]
    Ambiguous {
        /// The word.
        word: String,
        /// What it may mean, each in words that mean nothing else.
        meanings: Vec<String>,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a name is looked for in.
pub struct Finder<'a> {
    /// The store.
    pub store: &'a Store,
    /// Its runs.
    pub records: &'a Records,
    /// Its versions and decisions.
    pub releases: &'a Releases,
}

/// Finds what a word means. A prediction gets its node here: there are too many for all to have one.
///
/// # Errors
/// When it means nothing or several things.
pub fn find(finder: &Finder<'_>, graph: &mut Graph, word: &str) -> Result<Found, FindError> {
    if finder.records.runs.is_empty() {
        return Err(FindError::Empty);
    }
    let (kind, name) = split(word);
    let strong = finder.strong(graph, kind, name)?;
    let found = match strong.is_empty() {
        true => finder.weak(graph, kind, name),
        false => strong,
    };
    match found.as_slice() {
        [] => finder.prediction(graph, kind, name)?,
        [found] => Some(found.clone()),
        _ => return Err(ambiguous(word, &found)),
    }
    .ok_or_else(|| finder.unknown(word))
}

/// A word that says of what kind its thing is, and the rest.
fn split(word: &str) -> (Option<&str>, &str) {
    const KINDS: [&str; 8] = [
        "run",
        "table",
        "source",
        "component",
        "model",
        "package",
        "endpoint",
        "prediction",
    ];
    match word.split_once(':') {
        Some((kind, name)) if KINDS.contains(&kind) => (Some(kind), name),
        _ => match word.strip_prefix("tables/") {
            Some(table) => (Some("table"), table),
            None => (None, word),
        },
    }
}

fn ambiguous(word: &str, found: &[Found]) -> FindError {
    let titles = found.iter().map(|found| found.title.clone());
    let mut meanings: Vec<_> = titles.take(LISTED).collect();
    if found.len() > LISTED {
        meanings.push(format!("{} more", found.len() - LISTED));
    }
    FindError::Ambiguous {
        word: word.to_owned(),
        meanings,
    }
}

impl Finder<'_> {
    /// What is called exactly so.
    fn strong(
        &self,
        graph: &Graph,
        kind: Option<&str>,
        name: &str,
    ) -> Result<Vec<Found>, FindError> {
        let all = &self.records.runs;
        let mut found = Meanings::new(graph, kind);
        if kind.is_none() {
            found.list.extend(of_digest(graph, name)?);
        }
        if let Some((run, rest)) = name.split_once(':')
            && let [run] = self.runs(run).as_slice()
        {
            found.names(std::slice::from_ref(*run), rest, &format!("{}:", run.id));
            return Ok(found.list);
        }
        let exact = match name {
            "latest" => all.last(),
            name => all.iter().find(|run| run.id == name),
        };
        if let Some(run) = exact {
            found.run(run);
        }
        let model = name.strip_suffix("@latest").unwrap_or(name);
        if let Some(digest) = self.model(model)? {
            found.add("model", model, Some(digest));
        } else {
            found.add("model", model, names::model(all, model));
        }
        found.names(all, name, "");
        let versions = self.releases.versions.iter();
        let version = |(model, number): (&str, &str)| {
            let number: u64 = number.parse().ok()?;
            let mut versions = versions.clone();
            versions.find(|version| version.name == model && version.version == number)
        };
        let package = name.rsplit_once('/').and_then(version);
        found.add("package", name, package.map(|version| version.package));
        let endpoint = graph.by_name(Kind::Endpoint, name);
        found.push("endpoint", name, endpoint);
        Ok(found.list)
    }

    /// What a name may mean if nothing is called exactly so: runs by a part of their id, a stage's table, a model's newest version.
    fn weak(&self, graph: &Graph, kind: Option<&str>, name: &str) -> Vec<Found> {
        let mut found = Meanings::new(graph, kind);
        if let Some((run, rest)) = name.split_once(':')
            && let [run] = self.runs(run).as_slice()
        {
            found.stage(std::slice::from_ref(*run), rest, &format!("{}:", run.id));
            return found.list;
        }
        for run in self.runs(name) {
            found.run(run);
        }
        found.stage(&self.records.runs, name, "");
        if kind == Some("package") {
            let mut versions = self.releases.versions.iter().rev();
            let newest = versions.find(|version| version.name == name);
            found.add("package", name, newest.map(|version| version.package));
        }
        found.list
    }

    /// The runs that a user may mean by a part of an id.
    fn runs(&self, name: &str) -> Vec<&RunRecord> {
        let all = &self.records.runs;
        match name {
            "" => Vec::new(),
            "latest" => all.last().into_iter().collect(),
            _ => all
                .iter()
                .filter(|run| run.id.starts_with(name) || run.id.ends_with(name))
                .collect(),
        }
    }

    /// The model that the name means now, as `lockflight model show` takes it.
    fn model(&self, name: &str) -> Result<Option<Digest>, StoreError> {
        if name.parse::<RefName>().is_err() {
            return Ok(None);
        }
        // A record that cannot be read means nothing; the runs may still know the name.
        let latest = Models::new(self.store).latest(name);
        Ok(latest.ok().flatten().map(|record| record.model))
    }

    fn prediction(
        &self,
        graph: &mut Graph,
        kind: Option<&str>,
        name: &str,
    ) -> Result<Option<Found>, FindError> {
        if kind.is_some_and(|kind| kind != "prediction") || !prediction::is_id(name) {
            return Ok(None);
        }
        let found = prediction::find(self.store, self.releases, graph, name)?;
        Ok(found.map(|id| Found {
            title: format!("prediction:{name}"),
            roots: vec![id],
        }))
    }

    fn unknown(&self, word: &str) -> FindError {
        let mut names = names::all(&self.records.runs);
        let versions = self.releases.versions.iter();
        names.extend(versions.map(|v| format!("{}/{}", v.name, v.version)));
        names.extend(self.releases.decisions.iter().map(|(_, d)| d.name.clone()));
        let help = did_you_mean(split(word).1, &names).unwrap_or_else(|| {
            "name a run, a table (STAGE.OUTPUT or RUN:STAGE.OUTPUT), a source or its file, a plugin, a model, a package (NAME/N), \
             an endpoint, the id of a prediction, or a digest; `lockflight show` lists what a run has"
                .to_owned()
        });
        FindError::Unknown {
            word: word.to_owned(),
            help,
        }
    }
}

/// The things that a name may mean, each once.
struct Meanings<'g> {
    graph: &'g Graph,
    kind: Option<&'g str>,
    list: Vec<Found>,
}

impl<'g> Meanings<'g> {
    fn new(graph: &'g Graph, kind: Option<&'g str>) -> Self {
        Meanings {
            graph,
            kind,
            list: Vec::new(),
        }
    }

    fn push(&mut self, kind: &str, name: &str, id: Option<NodeId>) {
        let wanted = self.kind.is_none_or(|wanted| wanted == kind);
        let Some(id) = id.filter(|_| wanted) else {
            return;
        };
        let roots = vec![id];
        if self.list.iter().all(|found| found.roots != roots) {
            let title = format!("{kind}:{name}");
            self.list.push(Found { title, roots });
        }
    }

    fn add(&mut self, kind: &str, name: &str, digest: Option<Digest>) {
        let id = digest.and_then(|digest| self.graph.by_digest(&digest));
        self.push(kind, name, id);
    }

    /// Everything in these runs that is called exactly so; `of` says which run that is.
    fn names(&mut self, runs: &[RunRecord], name: &str, of: &str) {
        let full = format!("{of}{name}");
        self.add("table", &full, names::table(runs, name));
        self.add("source", &full, names::source(runs, name));
        self.add("component", &full, names::component(runs, name));
        if !of.is_empty() {
            self.add("model", &full, names::model(runs, name));
        }
    }

    /// The table that a stage's name stands for.
    fn stage(&mut self, runs: &[RunRecord], name: &str, of: &str) {
        if let Some((table, digest)) = names::table_of_stage(runs, name) {
            self.add("table", &format!("{of}{table}"), Some(digest));
        }
    }

    fn run(&mut self, run: &RunRecord) {
        if self.kind.is_some_and(|kind| kind != "run") {
            return;
        }
        let keys = run.stages.iter().filter_map(|stage| stage.key);
        let roots: Vec<_> = keys.filter_map(|key| self.graph.by_digest(&key)).collect();
        let title = format!("run:{}", run.id);
        if self.list.iter().all(|found| found.title != title) {
            self.list.push(Found { title, roots });
        }
    }
}

/// What a digest, or the beginning of one, stands for.
fn of_digest(graph: &Graph, word: &str) -> Result<Vec<Found>, FindError> {
    let (hex, is_digest) = match word.strip_prefix("sha256:") {
        Some(hex) => (hex.trim_end_matches('…'), true),
        None => (word, false),
    };
    let digits = hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if !digits || hex.len() < SHORTEST {
        return match is_digest {
            true => Err(FindError::Unknown {
                word: word.to_owned(),
                help: format!(
                    "a digest is sha256: and 64 lower-case hex digits, of which the first {SHORTEST} or more are enough"
                ),
            }),
            false => Ok(Vec::new()),
        };
    }
    let mut found = Vec::new();
    for id in graph.ids() {
        let node = graph.node(id);
        let digests = node.digest.iter().chain(&node.also);
        if let Some(digest) = { digests }.find(|digest| digest.hex().starts_with(hex)) {
            found.push(Found {
                title: format!("{digest} ({})", node.kind.word()),
                roots: vec![id],
            });
        }
    }
    Ok(found)
}

#[cfg(test)]
#[path = "find_tests.rs"]
mod tests;
