//! `[secrets.NAME]` of the policy: where a secret is, and whom it may be told.
//!
//! ```toml
//! [secrets.warehouse]
//! env = "WAREHOUSE_TOKEN"        # or: file = "/run/secrets/warehouse"
//! hosts = ["data.example.com"]   # where it may be sent
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;
use toml::Spanned;

use super::hosts::HostRule;
use super::{Policy, Refusal};
use crate::manifest::Origin;
use crate::secret::Secret;

/// `[secrets]`.
pub(super) type SecretsPolicy = BTreeMap<String, Spanned<SecretPolicy>>;

/// `[secrets.NAME]`.
#[derive(Debug, Deserialize)]
#[serde(try_from = "SecretText")]
pub(super) struct SecretPolicy {
    kept: Kept,
    hosts: Option<Spanned<Vec<HostRule>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SecretText {
    env: Option<String>,
    file: Option<PathBuf>,
    hosts: Option<Spanned<Vec<HostRule>>>,
}

/// Where a secret is kept.
#[derive(Debug)]
enum Kept {
    Variable(String),
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

impl TryFrom<SecretText> for SecretPolicy {
    type Error = &'static str;

    fn try_from(text: SecretText) -> Result<SecretPolicy, &'static str> {
        let kept = match (text.env, text.file) {
            (Some(name), None) if is_variable(&name) => Kept::Variable(name),
            (Some(_), None) => return Err("`env` is no name of a variable"),
            (None, Some(path)) => Kept::File(path),
            (Some(_), Some(_)) => return Err("a secret has `env` or `file`, not both"),
            (None, None) => return Err("a secret needs `env` or `file`"),
        };
        Ok(SecretPolicy {
            kept,
            hosts: text.hosts,
        })
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
    pub fn may_send(&self, name: &str, origin: &Origin) -> Result<(), Refusal> {
        let rule = origin.as_rule();
        let header = format!("[secrets.{name}]");
        let Some(secret) = self.text.secrets.get(name) else {
            let variable = name.to_ascii_uppercase().replace('-', "_");
            let lines = format!("env = \"{variable}\"\n  hosts = [{rule:?}]");
            return Err(Refusal {
                message: format!("the policy has no secret `{name}`"),
                help: self.would_need(&header, &lines, None),
            });
        };
        let hosts = secret.get_ref().hosts.as_ref();
        let mut rules = hosts.iter().flat_map(|hosts| hosts.get_ref());
        if rules.any(|rule| rule.allows(origin)) {
            return Ok(());
        }
        let line = format!("hosts = [{rule:?}]");
        let present = match hosts {
            Some(hosts) => ("hosts", hosts.span()),
            None => (header.as_str(), secret.span()),
        };
        Err(Refusal {
            message: format!("the policy does not let the secret `{name}` be sent to {origin}"),
            help: self.would_need(&header, &line, Some(present)),
        })
    }

    /// The value of a secret, if it may be sent to an origin.
    ///
    /// # Errors
    /// When it may not, or is not where the policy says, or cannot be sent.
    pub fn secret(&self, name: &str, origin: &Origin) -> Result<Secret, Refusal> {
        self.may_send(name, origin)?;
        let secret = &self.text.secrets[name];
        let kept = &secret.get_ref().kept;
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
        value.map_err(|why| Refusal {
            message: format!("the secret `{name}` cannot be taken from {kept}: {why}"),
            help: format!(
                "line {} of {} says that it is there",
                self.line_of(secret.span()),
                self.path.display()
            ),
        })
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
            assert!(error.contains("line "), "{error}");
        }
    }
}
