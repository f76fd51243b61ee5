//! Why an artifact was not fetched or published.

use std::time::Duration;

use super::artifact::NoPlugin;
use crate::digest::Digest;
use crate::fetch::FetchError;
use crate::fetch::patience::Passing;
use crate::oci::LayoutError;

/// Why an artifact was not fetched or published. No text of it has a secret: what servers say passes through `secret::hide` first.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The policy refuses it, or nobody answers as they should.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// One request took too long.
    #[error("{place} took longer than {} s", limit.as_secs())]
    Slow {
        /// Who was asked.
        place: String,
        /// How long a request may take.
        limit: Duration,
    },
    /// There is no such repository, tag or blob.
    #[error("{place} has no {what}")]
    NotThere {
        /// Who was asked.
        place: String,
        /// What was asked for.
        what: String,
    },
    /// Nobody is let in, or not with these credentials.
    #[error("{place} lets nobody in {}", if *known { "with the credentials that docker's config has for it" } else { "without credentials" })]
    Denied {
        /// Who was asked, without a scheme: the name of the credentials.
        place: String,
        /// Whether there are credentials.
        known: bool,
    },
    /// There are credentials that cannot be used.
    #[error("the credentials for {host} cannot be used: {why}")]
    Credentials {
        /// Whose they are.
        host: String,
        /// Why.
        why: String,
    },
    /// The bytes are not those of the digest.
    #[error("{place} sends other bytes for {wanted}: {found}")]
    OtherBytes {
        /// Who was asked.
        place: String,
        /// What was asked for.
        wanted: Digest,
        /// What came.
        found: Digest,
    },
    /// A blob has not the size that its manifest says.
    #[error("{place} sends {} bytes for {digest} than the {size} that its manifest says", if *more { "more" } else { "fewer" })]
    OtherSize {
        /// Who was asked.
        place: String,
        /// The blob.
        digest: Digest,
        /// What the manifest says.
        size: u64,
        /// Whether there are more.
        more: bool,
    },
    /// It is larger than it may be.
    #[error("{place} has {what} of more than {limit} bytes")]
    Large {
        /// Who was asked.
        place: String,
        /// What is large.
        what: &'static str,
        /// The most bytes.
        limit: u64,
    },
    /// It is no plugin.
    #[error("{reference} is no plugin: {why}")]
    NoPlugin {
        /// What was asked for.
        reference: String,
        /// What it is instead.
        why: NoPlugin,
    },
    /// The tag stands for another artifact already.
    #[error("{reference} is there already, as {found}")]
    Taken {
        /// The tag.
        reference: String,
        /// What it stands for.
        found: Digest,
    },
    /// What is published gets a tag.
    #[error("{0} is published under a tag, not under a digest")]
    ByDigest(String),
    /// A layout on disk cannot be read or written.
    #[error(transparent)]
    Layout(#[from] LayoutError),
}

impl RegistryError {
    /// Its code among problems: whether manifest and policy are to be mended, or something failed.
    pub fn code(&self) -> &'static str {
        match self {
            RegistryError::Fetch(error) if error.code() == "source-refused" => "plugin-refused",
            RegistryError::Fetch(_)
            | RegistryError::Slow { .. }
            | RegistryError::OtherBytes { .. }
            | RegistryError::OtherSize { .. } => "plugin-unfetched",
            RegistryError::NotThere { .. } => "plugin-missing",
            _ => "plugin-refused",
        }
    }

    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            RegistryError::Fetch(error) => error.help(),
            RegistryError::Denied { place, known } => Some(match known {
                true => format!(
                    "`docker login {place}` takes others; what is not there and what may not be seen often look alike"
                ),
                false => format!(
                    "`docker login {place}` keeps them in ~/.docker/config.json, where they are looked for"
                ),
            }),
            RegistryError::Credentials { host, .. } => Some(format!(
                "`docker login {host}` takes others, or take them out of docker's config.json"
            )),
            RegistryError::OtherBytes { .. } | RegistryError::OtherSize { .. } => {
                Some("nothing was stored".to_owned())
            }
            RegistryError::Taken { .. } => {
                Some("publish it as another version, or move the tag with --force".to_owned())
            }
            _ => None,
        }
    }
}

impl Passing for RegistryError {
    fn may_pass(&self) -> bool {
        match self {
            RegistryError::Fetch(error) => error.may_pass(),
            RegistryError::Slow { .. } => true,
            _ => false,
        }
    }

    fn wait(&self) -> Option<Duration> {
        match self {
            RegistryError::Fetch(error) => error.wait(),
            _ => None,
        }
    }

    fn cancelled() -> RegistryError {
        RegistryError::Fetch(FetchError::Cancelled)
    }
}
