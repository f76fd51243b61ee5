//! `[secrets.NAME]` of the policy: where a secret is, and whom it may be told.
//!
//! ```toml
//! [secrets.warehouse]
//! env = "WAREHOUSE_TOKEN"        # or: file = "/run/secrets/warehouse"
//! hosts = ["data.example.com"]   # where it may be sent
//! ```

use std::{collections::BTreeMap, fmt, path::PathBuf};

use serde::Serialize;
use toml::{Spanned, de::DeValue};

use super::{
    Policy,
    grant::{Hosts, NotGranted},
    refusal::Line,
};
use crate::{
    diagnostic::Span,
    enforcement::{Point, stands},
    manifest::{
        Origin,
        fields::{Fields, Reader},
    },
    secret::Secret,
};

/// `[secrets]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub(super) struct SecretsPolicy {
    named: BTreeMap<String, SecretPolicy>,
}

/// `[secrets.NAME]`.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct SecretPolicy {
    #[serde(flatten)]
    kept: Kept,
    hosts: Option<Hosts>,
    /// Of its header.
    #[serde(skip)]
    line: Line,
}

/// Where a secret is kept.
#[derive(Debug, Clone, PartialEq, Serialize)]
enum Kept {
    #[serde(rename = "env")]
    Variable(String),
    #[serde(rename = "file")]
    File(PathBuf),
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kept::Variable(name) => write!(f, "the environment variable {name}"),
            Kept::File(path) => write!(f, "the file {}", path.display()),
        }
    }
}

impl SecretsPolicy {
    pub fn read(reader: &mut Reader, root: &Fields<'_, '_>) -> SecretsPolicy {
        let entries = root.map(reader, "secrets");
        let named = entries.into_iter().filter_map(|(name, value)| {
            let secret = SecretPolicy::read(reader, &name, value)?;
            Some((name.into_inner(), secret))
        });
        SecretsPolicy {
            named: named.collect(),
        }
    }
}

impl SecretPolicy {
    pub const KEYS: &[&str] = &["env", "file", "hosts"];

    fn read(
        reader: &mut Reader,
        name: &Spanned<String>,
        value: &Spanned<DeValue<'_>>,
    ) -> Option<SecretPolicy> {
        let header = format!("[secrets.{}]", name.get_ref());
        let table = reader.table(&header, value)?;
        let fields = Fields::new(reader, table, header, SecretPolicy::KEYS);
        let hosts = Hosts::read(reader, &fields);
        Some(SecretPolicy {
            kept: Kept::read(reader, &fields, name.span())?,
            hosts,
            line: Line::of(&reader.text, name.span()),
        })
    }
}

impl Kept {
    fn read(reader: &mut Reader, fields: &Fields<'_, '_>, secret: Span) -> Option<Kept> {
        let (env, file) = (fields.string(reader, "env"), fields.string(reader, "file"));
        let (span, message) = match (env, file) {
            (Some(env), None) if is_variable(env.get_ref()) => {
                return Some(Kept::Variable(env.into_inner()));
            }
            (None, Some(file)) => return Some(Kept::File(file.into_inner().into())),
            (Some(env), None) => (env.span(), "`env` is no name of a variable"),
            (Some(_), Some(file)) => (file.span(), "a secret has `env` or `file`, not both"),
            // What is there and no text was noted already.
            (None, None) if fields.get("env").is_some() || fields.get("file").is_some() => {
                return None;
            }
            (None, None) => (secret, "a secret needs `env` or `file`"),
        };
        reader.error(span, "invalid-value", message);
        None
    }
}

/// Whether a text can name a variable of the environment.
fn is_variable(name: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0'])
}

impl Policy {
    /// Whether a secret may be sent to an origin.
    ///
    /// # Errors
    /// When there is no such secret, or no line of it lists the origin.
    pub fn may_send(&self, name: &str, origin: &Origin) -> Result<(), NotGranted> {
        self.sendable(name, origin).map(drop)
    }

    fn sendable(&self, name: &str, origin: &Origin) -> Result<&SecretPolicy, NotGranted> {
        let rule = origin.as_rule();
        let header = format!("[secrets.{name}]");
        let Some(secret) = self.secrets.named.get(name) else {
            let variable = name.to_ascii_uppercase().replace('-', "_");
            let lines = format!("env = \"{variable}\"\n  hosts = [{rule:?}]");
            return Err(NotGranted {
                message: format!("the policy has no secret `{name}`"),
                help: self.would_need(&header, &lines, None),
            });
        };
        let hosts = secret.hosts.as_ref();
        if hosts.is_some_and(|hosts| hosts.have(origin)) || !stands(Point::PolicySecrets) {
            return Ok(secret);
        }
        let line = format!("hosts = [{rule:?}]");
        let present = match hosts {
            Some(hosts) => ("hosts", &hosts.line),
            None => (header.as_str(), &secret.line),
        };
        Err(NotGranted {
            message: format!("the policy does not let the secret `{name}` be sent to {origin}"),
            help: self.would_need(&header, &line, Some(present)),
        })
    }

    /// The value of a secret, if it may be sent to an origin.
    ///
    /// # Errors
    /// When it may not, or is not where the policy says, or cannot be sent.
    pub fn secret(&self, name: &str, origin: &Origin) -> Result<Secret, NotGranted> {
        let SecretPolicy { kept, line, .. } = self.sendable(name, origin)?;
        let read = match kept {
            Kept::Variable(variable) => match std::env::var(variable) {
                Ok(value) => Ok(value),
                Err(std::env::VarError::NotPresent) => Err("it is not set".to_owned()),
                // The error has the value in it.
                Err(std::env::VarError::NotUnicode(_)) => Err("it is no text".to_owned()),
            },
            Kept::File(path) => std::fs::read_to_string(path).map_err(|error| error.to_string()),
        };
        let value = read.and_then(|text| Secret::new(&text).map_err(|unfit| unfit.to_string()));
        value.map_err(|why| NotGranted {
            message: format!("the secret `{name}` cannot be taken from {kept}: {why}"),
            help: format!(
                "line {} of {} says that it is there",
                line.number(),
                self.path.display()
            ),
        })
    }
}

impl fmt::Display for SecretsPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.named.is_empty() {
            return f.write_str("none");
        }
        let secrets: Vec<_> = self
            .named
            .iter()
            .map(|(name, secret)| {
                let hosts = secret.hosts.as_ref().map(Hosts::names).unwrap_or_default();
                match hosts.as_slice() {
                    [] => format!("{name} for nobody"),
                    hosts => format!("{name} for {}", hosts.join(", ")),
                }
            })
            .collect();
        f.write_str(&secrets.join("; "))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::tests::parse;
    use super::*;
    use crate::manifest::WebUrl;

    fn origin(url: &str) -> Origin {
        url.parse::<WebUrl>().unwrap().origin().clone()
    }

    #[test]
    fn a_secret_is_told_to_whom_its_line_lists() {
        let policy = parse(
            "[sources]\nhosts = [\"a.org\", \"b.org\"]\n\n[secrets.one]\nenv = \"ONE\"\nhosts = [\"a.org\"]\n\n[secrets.two]\nenv = \"TWO\"\n",
        )
        .unwrap();
        let (a, b) = (origin("https://a.org/"), origin("https://b.org/"));
        policy.may_send("one", &a).unwrap();
        for (name, origin, parts) in [
            ("one", &b, ["line 6", "[secrets.one]", "b.org"]),
            ("two", &a, ["line 8", "[secrets.two]", "a.org"]),
            ("three", &a, ["[secrets.three]", "env = \"THREE\"", "a.org"]),
        ] {
            let refused = policy.may_send(name, origin).unwrap_err();
            for part in parts {
                assert!(refused.help.contains(part), "{refused:?} lacks {part}");
            }
        }
    }

    #[test]
    fn a_secret_is_read_where_the_policy_says() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("token");
        std::fs::write(&file, "of-a-file-1234\n").unwrap();
        let text = format!(
            "[secrets.here]\nfile = {file:?}\nhosts = [\"a.org\"]\n\n[secrets.gone]\nfile = \"/none\"\nhosts = [\"a.org\"]\n\n\
             [secrets.unset]\nenv = \"LOCKFLIGHT_NO_SUCH_VARIABLE\"\nhosts = [\"a.org\"]\n"
        );
        let policy = parse(&text).unwrap();
        let a = origin("https://a.org/");
        assert_eq!(
            policy.secret("here", &a).unwrap().reveal(),
            "of-a-file-1234"
        );
        for (name, parts) in [
            ("gone", ["/none", "No such file", "line 5"]),
            (
                "unset",
                ["LOCKFLIGHT_NO_SUCH_VARIABLE", "not set", "line 9"],
            ),
        ] {
            let refused = policy.secret(name, &a).unwrap_err();
            let shown = format!("{} {}", refused.message, refused.help);
            for part in parts {
                assert!(shown.contains(part), "{shown} lacks {part}");
            }
        }
    }

    #[test]
    fn a_secret_is_kept_in_one_place() {
        for text in [
            "[secrets.x]\nhosts = []\n",
            "[secrets.x]\nenv = \"X\"\nfile = \"/x\"\n",
            "[secrets.x]\nenv = \"\"\n",
            "[secrets.x]\nvalue = \"shown\"\n",
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains("policy.toml:"), "{error}");
        }
    }
}
