//! The admin's policy: what may run on this machine, with how much, and who may write to remotes. A file that the admin writes and
//! nobody else should be able to.
//!
//! A policy only narrows: what a stage gets is what its plugin needs, the manifest asks for and the policy allows. Only what leaves the
//! machine has to be granted by a line: who writes to remotes, whom data is fetched from ([`sources`]), who is told a secret
//! ([`secrets`]). Each question has one function here, which planning asks (so that a refusal is underlined in the manifest) and the launcher asks again at its door
//! (so that no command goes around it). Nothing of a policy is in any key.

mod grant;
mod hosts;
mod limits;
mod network;
mod plugins;
mod refusal;
pub mod secrets;
pub mod sources;
mod store;
mod walls;
mod wasi;

use std::{
    collections::BTreeMap,
    io::{self, Read},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use serde::Serialize;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

pub use grant::NotGranted;
pub use network::{Network, why_not_public};
pub use refusal::{Line, Refusal};
pub use store::writer;

use self::{
    limits::LimitsPolicy, plugins::PluginsPolicy, secrets::SecretsPolicy, sources::SourcesPolicy,
    store::StorePolicy, walls::WallsPolicy, wasi::WasiPolicy,
};
use crate::{
    diagnostic::{self, Problems},
    digest::Digest,
    enforcement::{Point, stands},
    manifest::{
        Limit, Limits, PartialLimits,
        fields::{Fields, Reader},
    },
    plugin::claims::Claims,
    record::PolicyRecord,
    walls::Walls,
};

/// Where the policy is, unless `LOCKFLIGHT_POLICY` says otherwise.
pub const DEFAULT: &str = "/etc/lockflight/policy.toml";

/// The most bytes of a policy.
const MAX_BYTES: u64 = 1 << 20;

/// The mode bits that let others than the owner write.
const WRITABLE_BY_OTHERS: u32 = 0o022;

/// The tables of a policy.
const TABLES: &[&str] = &[
    "store", "limits", "plugins", "wasi", "walls", "sources", "secrets",
];

/// Why there is no policy to go by.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// It cannot be read.
    #[error("the policy {} cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others than its owner may write to it.
    #[error(
        "the policy {} is not obeyed: its mode is {mode:03o}, so others than its owner may write to it. Take that away with\n\n  \
         chmod go-w {}",
        path.display(),
        path.display()
    )]
    Writable {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It says what this version does not know, or what cannot be.
    #[error(transparent)]
    Invalid(#[from] Problems),
    /// It does not name this writer.
    #[error(
        "{writer:?} may not write to the remote {remote}: remotes are read-only unless the policy names who writes. For that, {} \
         would have to say\n\n  [store]\n  writers = [{writer:?}]\n\nThe name is LOCKFLIGHT_WRITER, or else that of the user.{}",
        path.display(),
        if *there { "" } else { "\nThere is no such file." }
    )]
    NoWriter {
        /// The name.
        writer: String,
        /// The remote.
        remote: String,
        /// The file.
        path: PathBuf,
        /// Whether there is such a file.
        there: bool,
    },
}

/// What the admin allows. The default is what holds without a file: nobody writes to remotes,
/// nothing is fetched and no secret is told, everything else is allowed.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Policy {
    /// Where it is, or would be.
    #[serde(skip)]
    path: PathBuf,
    /// The digest of its bytes; none where there is no file.
    #[serde(skip)]
    digest: Option<Digest>,
    store: StorePolicy,
    limits: LimitsPolicy,
    plugins: PluginsPolicy,
    wasi: WasiPolicy,
    walls: WallsPolicy,
    sources: SourcesPolicy,
    secrets: SecretsPolicy,
}

impl Policy {
    /// Reads this machine's policy. Without a file nothing is restricted, but nobody writes to remotes, and nothing is fetched.
    ///
    /// # Errors
    /// When it cannot be read, others may write to it, or it is wrong.
    pub fn load() -> Result<Policy, PolicyError> {
        let named = std::env::var_os("LOCKFLIGHT_POLICY").filter(|path| !path.is_empty());
        match named {
            Some(path) => Policy::read(Path::new(&path)),
            None => match Policy::read(Path::new(DEFAULT)) {
                Err(PolicyError::Unreadable { source, .. })
                    if source.kind() == io::ErrorKind::NotFound =>
                {
                    Ok(Policy {
                        path: PathBuf::from(DEFAULT),
                        ..Policy::default()
                    })
                }
                read => read,
            },
        }
    }

    /// Reads the policy in a file.
    ///
    /// # Errors
    /// As [`Policy::load`], and when there is no such file.
    pub fn read(path: &Path) -> Result<Policy, PolicyError> {
        let unreadable = |source| PolicyError::Unreadable {
            path: path.to_owned(),
            source,
        };
        let file = std::fs::File::open(path).map_err(unreadable)?;
        // Of the opened file: what is read is what was looked at.
        let mode = file.metadata().map_err(unreadable)?.mode() & 0o7777;
        if mode & WRITABLE_BY_OTHERS != 0 && stands(Point::PolicyFile) {
            return Err(PolicyError::Writable {
                path: path.to_owned(),
                mode,
            });
        }
        let mut bytes = Vec::new();
        (file.take(MAX_BYTES + 1).read_to_end(&mut bytes)).map_err(unreadable)?;
        if bytes.len() as u64 > MAX_BYTES {
            let error = io::Error::other(format!("it is larger than {MAX_BYTES} bytes"));
            return Err(unreadable(error));
        }
        let text = String::from_utf8(bytes).map_err(|_| {
            let error = io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8");
            unreadable(error)
        })?;
        Ok(Policy::parse(path, text)?)
    }

    /// Reads the text of the policy at `path`, which is for messages alone.
    ///
    /// # Errors
    /// With everything that is wrong.
    pub fn parse(path: &Path, text: String) -> Result<Policy, Problems> {
        let digest = Digest::of(text.as_bytes());
        let text = diagnostic::text(path.display().to_string(), text);
        let (root, errors) = DeTable::parse_recoverable(text.inner());
        let mut reader = Reader::new(&text);
        reader.syntax(&errors);
        let mut policy = Policy {
            path: path.to_owned(),
            digest: Some(digest),
            ..Policy::default()
        };
        if errors.is_empty() {
            policy.tables(&mut reader, root.get_ref());
        }
        Problems::judge(reader.problems)?;
        Ok(policy)
    }

    fn tables(&mut self, reader: &mut Reader, root: &DeTable<'_>) {
        let fields = Fields::new(reader, root, "the policy".to_owned(), TABLES);
        self.store = table(
            reader,
            &fields,
            "store",
            StorePolicy::KEYS,
            StorePolicy::fields,
        );
        self.limits = LimitsPolicy::read(reader, &fields);
        self.plugins = table(
            reader,
            &fields,
            "plugins",
            PluginsPolicy::KEYS,
            PluginsPolicy::fields,
        );
        self.wasi = table(
            reader,
            &fields,
            "wasi",
            WasiPolicy::KEYS,
            WasiPolicy::fields,
        );
        self.walls = table(
            reader,
            &fields,
            "walls",
            WallsPolicy::KEYS,
            WallsPolicy::fields,
        );
        self.sources = table(
            reader,
            &fields,
            "sources",
            SourcesPolicy::KEYS,
            SourcesPolicy::fields,
        );
        self.secrets = SecretsPolicy::read(reader, &fields);
    }

    /// Where it is, or would be if there was one.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is a file.
    pub fn is_there(&self) -> bool {
        self.digest.is_some()
    }

    /// What a run record says of it; none where there is no file.
    pub fn record(&self) -> Option<PolicyRecord> {
        let path = std::path::absolute(&self.path).unwrap_or_else(|_| self.path.clone());
        self.digest.map(|digest| PolicyRecord {
            path: path.display().to_string(),
            digest,
        })
    }

    /// What it says, table by table, for people.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("store", self.store.to_string()),
            ("limits", self.limits.to_string()),
            ("plugins", self.plugins.to_string()),
            ("wasi", self.wasi.to_string()),
            ("walls", self.walls.to_string()),
            ("sources", self.sources.to_string()),
            ("secrets", self.secrets.to_string()),
        ]
    }

    /// Whether a writer may push to remotes; `remote` is for the message.
    ///
    /// # Errors
    /// When it may not.
    pub fn may_write(&self, writer: &str, remote: &str) -> Result<(), PolicyError> {
        match self.store.names(writer) || !stands(Point::PolicyWriters) {
            true => Ok(()),
            false => Err(PolicyError::NoWriter {
                writer: writer.to_owned(),
                remote: remote.to_owned(),
                path: self.path.clone(),
                there: self.is_there(),
            }),
        }
    }

    /// The limits that a stage gets: what is asked for must be allowed, what is not asked for is lowered to what is.
    ///
    /// # Errors
    /// With each limit that is asked for and beyond the highest.
    pub fn limits(
        &self,
        wished: &Limits,
        is_asked: impl Fn(Limit) -> bool,
    ) -> Result<Limits, BTreeMap<Limit, Refusal>> {
        self.limits.allow(wished, is_asked)
    }

    /// Limits that nobody asks for now, such as those of a recorded run: each lowered to the highest that is allowed.
    pub fn lowered(&self, limits: &Limits) -> Limits {
        limits.lowered_to(self.limits.highest())
    }

    /// The highest that may be asked for; what is not set is unbounded.
    pub fn highest(&self) -> &PartialLimits {
        self.limits.highest()
    }

    /// Whether a component may run at all.
    ///
    /// # Errors
    /// When it is denied, or others alone are allowed.
    pub fn may_run(&self, component: &Claims) -> Result<(), Refusal> {
        self.plugins.allow(component)
    }

    /// Whether a component may import what it imports.
    ///
    /// # Errors
    /// When it imports a WASI package that is not allowed.
    pub fn may_import(&self, component: &Claims) -> Result<(), Refusal> {
        self.wasi.allow(component)
    }

    /// Whether anything is asked of components: else nobody has to read one.
    pub fn asks_of_components(&self) -> bool {
        self.plugins.asks() || self.wasi.asks()
    }

    /// Whether enough walls stand around a guest.
    ///
    /// # Errors
    /// When one is missing that has to.
    pub fn demands(&self, walls: Walls) -> Result<(), Refusal> {
        self.walls.demand(walls)
    }

    /// Whether a file source may be read: `folder` is that of the manifest, `file` where the opened file lies, without links.
    ///
    /// # Errors
    /// When it lies in none of the folders that are allowed.
    pub fn may_read(&self, folder: &Path, file: &Path) -> Result<(), Refusal> {
        self.sources.allow(folder, file)
    }
}

/// Reads a table; its default, which restricts nothing, where there is none.
fn table<'a, 'i, T: Default>(
    reader: &mut Reader,
    root: &Fields<'a, 'i>,
    name: &str,
    keys: &[&str],
    read: impl Fn(&mut Reader, &Fields<'a, 'i>, &Spanned<DeValue<'i>>) -> T,
) -> T {
    let Some(value) = root.get(name) else {
        return T::default();
    };
    match reader.table(&format!("`{name}`"), value) {
        Some(table) => {
            let fields = Fields::new(reader, table, format!("[{name}]"), keys);
            read(reader, &fields, value)
        }
        None => T::default(),
    }
}

#[cfg(test)]
mod tests;
