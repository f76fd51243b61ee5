//! Why nothing was fetched: what, why, what to do, and whether it may go better another time.

use std::net::IpAddr;
use std::time::Duration;

use thiserror::Error;

use super::patience::Passing;
use crate::digest::Digest;
use crate::manifest::{ByteSize, WallTime};
use crate::policy::NotGranted;
use crate::store::StoreError;

/// Why a source was not fetched. No text of it has a secret: what servers say passes through `secret::hide` first.
#[derive(Debug, Error)]
pub enum FetchError {
    /// The policy does not allow it.
    #[error("{}", .0.message)]
    Refused(NotGranted),
    /// The policy does not allow a secret to be sent, or has none of this name.
    #[error("{}", .refusal.message)]
    Withheld {
        /// The secret.
        name: String,
        /// Why.
        refusal: NotGranted,
    },
    /// All addresses of a host are refused.
    #[error(
        "{host} is at {address}, which is {what}: such addresses are refused unless the policy grants them"
    )]
    NotPublic {
        /// The host.
        host: String,
        /// The first of its addresses.
        address: IpAddr,
        /// What kind of address that is.
        what: &'static str,
        /// What the policy would have to say.
        help: String,
    },
    /// The address in the manifest has a secret in it.
    #[error("the address has the value of the secret `{0}` in it, and manifests are not secret")]
    SecretInUrl(String),
    /// The file with further certificates is of no use.
    #[error("the certificates of the policy cannot be read: {0}")]
    Certificates(String),
    /// Nobody answers.
    #[error("{place} cannot be reached: {why}")]
    Unreachable {
        /// Who was asked.
        place: String,
        /// What the system said.
        why: String,
    },
    /// The other side is not who it should be, or does not speak TLS.
    #[error("{place} cannot be trusted: {why}")]
    Untrusted {
        /// Who was asked.
        place: String,
        /// What is wrong with the certificate.
        why: String,
        /// Whether only the issuer is unknown.
        issuer: bool,
    },
    /// One try took too long.
    #[error("{place} took longer than {limit}, the limit `limits.time` of the source")]
    Slow {
        /// Who was asked.
        place: String,
        /// The limit.
        limit: WallTime,
    },
    /// The body is too large.
    #[error("{place} sends {}, more than {limit}, the limit `limits.size` of the source", said(*.bytes))]
    Large {
        /// Who was asked.
        place: String,
        /// How much it said that it would send; none if it sent more than the limit without a word.
        bytes: Option<u64>,
        /// The limit.
        limit: ByteSize,
    },
    /// The answer is none that has data.
    #[error("{place} answers {status}{}", .says.as_ref().map(|says| format!(": {says}")).unwrap_or_default())]
    Status {
        /// Who was asked.
        place: String,
        /// The status.
        status: u16,
        /// The beginning of the body, where that is a text.
        says: Option<String>,
        /// How long the server asks to wait.
        wait: Option<Duration>,
    },
    /// The connection was lost before the end of the body.
    #[error("{place} was cut off after {bytes} bytes: {why}")]
    CutOff {
        /// Who was asked.
        place: String,
        /// How much had come.
        bytes: u64,
        /// What happened.
        why: String,
    },
    /// The answer cannot be taken for the data.
    #[error("{place} {what}")]
    Unusable {
        /// Who was asked.
        place: String,
        /// What is wrong with the answer.
        what: String,
        /// What to do.
        help: Option<&'static str>,
    },
    /// One redirect after another.
    #[error("{place} redirects again after {most} redirects")]
    Redirects {
        /// Who was asked last.
        place: String,
        /// How many are followed.
        most: usize,
    },
    /// A redirect that is not followed.
    #[error("{place} redirects to {target}: {why}")]
    Redirect {
        /// Who was asked.
        place: String,
        /// Where it redirects to.
        target: String,
        /// Why that is not followed.
        why: String,
        /// What to do.
        help: Option<String>,
    },
    /// The bytes are not those that the manifest wants.
    #[error("{place} has other bytes than `sha256` says: {found}")]
    OtherBytes {
        /// Who was asked.
        place: String,
        /// What came.
        found: Digest,
    },
    /// The command was cancelled meanwhile.
    #[error("cancelled")]
    Cancelled,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn said(bytes: Option<u64>) -> String {
    match bytes {
        Some(bytes) => format!("{bytes} bytes"),
        None => "more and more".to_owned(),
    }
}

/// The longest time that a server may ask to wait.
pub(super) const LONGEST_ASKED: Duration = Duration::from_secs(60);

impl FetchError {
    pub(super) fn withheld(name: &str, refusal: NotGranted) -> FetchError {
        FetchError::Withheld {
            name: name.to_owned(),
            refusal,
        }
    }

    /// Whether it is the network or the server, and not what was asked for.
    pub fn is_away(&self) -> bool {
        self.may_pass()
            || matches!(
                self,
                FetchError::Status {
                    status: 429 | 500..=599,
                    ..
                }
            )
    }

    /// The secret that it is about, by name.
    pub fn secret(&self) -> Option<&str> {
        match self {
            FetchError::Withheld { name, .. } => Some(name),
            _ => None,
        }
    }

    /// Its code among problems: whether manifest and policy are to be mended, or something failed.
    pub fn code(&self) -> &'static str {
        match self {
            FetchError::Refused(_)
            | FetchError::Withheld { .. }
            | FetchError::NotPublic { .. }
            | FetchError::SecretInUrl(_)
            | FetchError::Redirect { .. }
            | FetchError::Certificates(_) => "source-refused",
            FetchError::Large { .. } | FetchError::OtherBytes { .. } => "source-unlike",
            FetchError::Store(_) => "store",
            _ => "source-failed",
        }
    }

    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        let text = match self {
            FetchError::Refused(refusal) | FetchError::Withheld { refusal, .. } => {
                return Some(refusal.help.clone());
            }
            FetchError::NotPublic { help, .. } => return Some(help.clone()),
            FetchError::Redirect { help, .. } => return help.clone(),
            FetchError::Unusable { help, .. } => return help.map(str::to_owned),
            FetchError::Status {
                wait: Some(wait), ..
            } if *wait > LONGEST_ASKED => {
                return Some(format!("it asks to be left alone for {} s", wait.as_secs()));
            }
            FetchError::Status {
                status: 401 | 403, ..
            } => {
                "a secret of the policy is sent with `secret` or `headers`; this one was not enough"
            }
            FetchError::SecretInUrl(_) => "send it in a header: `secret = \"NAME\"`, or `headers`",
            FetchError::Untrusted { issuer: true, .. } => {
                "the policy can trust further certificates: `ca = \"FILE\"` in [sources]"
            }
            FetchError::Slow { .. } | FetchError::Large { .. } => {
                "raise the limit if that is how it should be: limits = { size = \"…\", time = \"…\" }"
            }
            FetchError::OtherBytes { .. } => {
                "nothing was stored; if these are the right ones, write their digest into the manifest"
            }
            _ => return None,
        };
        Some(text.to_owned())
    }
}

impl Passing for FetchError {
    fn may_pass(&self) -> bool {
        match self {
            FetchError::Unreachable { .. }
            | FetchError::Slow { .. }
            | FetchError::CutOff { .. } => true,
            FetchError::Status { status, wait, .. } => {
                let passes = matches!(status, 408 | 425 | 429 | 500..=599);
                passes && wait.is_none_or(|wait| wait <= LONGEST_ASKED)
            }
            _ => false,
        }
    }

    fn wait(&self) -> Option<Duration> {
        match self {
            FetchError::Status { wait, .. } => *wait,
            _ => None,
        }
    }

    fn cancelled() -> FetchError {
        FetchError::Cancelled
    }
}
