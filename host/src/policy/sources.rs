//! `[sources]` of the policy: which hosts may be asked for data, and at which addresses.
//!
//! ```toml
//! [sources]
//! hosts = ["data.example.com", "*.example.org"]   # https only, unless written http://host:port; nothing without this
//! private = ["127.0.0.1", "10.0.0.0/8"]           # addresses that are not public and granted nevertheless
//! ca = "our-ca.pem"                               # certificates that are trusted besides those of Mozilla's list
//! ```

use std::net::IpAddr;
use std::path::PathBuf;

use serde::Deserialize;
use toml::Spanned;

use super::hosts::HostRule;
use super::network::Network;
use super::{Policy, Refusal};
use crate::manifest::Origin;

/// `[sources]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct SourcesPolicy {
    hosts: Option<Spanned<Vec<HostRule>>>,
    private: Option<Spanned<Vec<Network>>>,
    ca: Option<Spanned<PathBuf>>,
}

impl Policy {
    /// Whether an origin may be asked for data.
    ///
    /// # Errors
    /// When no line says so.
    pub fn may_fetch_from(&self, origin: &Origin) -> Result<(), Refusal> {
        let hosts = self.text.sources.hosts.as_ref();
        let mut rules = hosts.iter().flat_map(|hosts| hosts.get_ref());
        if rules.any(|rule| rule.allows(origin)) {
            return Ok(());
        }
        let line = format!("hosts = [{:?}]", origin.as_rule());
        let present = hosts.map(|hosts| ("hosts", hosts.span()));
        Err(Refusal {
            message: format!("the policy does not let data be fetched from {origin}"),
            help: self.would_need("[sources]", &line, present),
        })
    }

    /// The addresses that are granted although they are not public.
    pub fn granted(&self) -> &[Network] {
        let private = self.text.sources.private.as_ref();
        private.map_or(&[], |private| private.get_ref())
    }

    /// What to do where an address was refused.
    pub fn would_grant(&self, address: IpAddr) -> String {
        let line = format!("private = [\"{}\"]", address.to_canonical());
        let private = self.text.sources.private.as_ref();
        let present = private.map(|private| ("private", private.span()));
        self.would_need("[sources]", &line, present)
    }

    /// The file with further certificates, in PEM; a path is relative to the policy.
    pub fn certificates(&self) -> Option<PathBuf> {
        let ca = self.text.sources.ca.as_ref()?.get_ref();
        Some(match self.path.parent() {
            Some(folder) => folder.join(ca),
            None => ca.clone(),
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
    fn nothing_is_fetched_that_no_line_lists() {
        let none = parse("").unwrap();
        let refused = none.may_fetch_from(&origin("https://a.org/x")).unwrap_err();
        assert!(refused.message.contains("https://a.org"), "{refused:?}");
        let wanted = "[sources]\n  hosts = [\"a.org\"]";
        assert!(refused.help.contains(wanted), "{refused:?}");
        let policy = parse("# hosts\n\n[sources]\nhosts = [\"b.org\"]\n").unwrap();
        policy.may_fetch_from(&origin("https://b.org/x")).unwrap();
        let refused = policy
            .may_fetch_from(&origin("http://b.org:8080/x"))
            .unwrap_err();
        for part in ["policy.toml", "line 4", "hosts = [\"http://b.org:8080\"]"] {
            assert!(refused.help.contains(part), "{refused:?} lacks {part}");
        }
    }

    #[test]
    fn addresses_are_granted_by_line() {
        let policy = parse("[sources]\nprivate = [\"127.0.0.1\"]\nca = \"ca.pem\"\n").unwrap();
        assert_eq!(policy.granted().len(), 1);
        let help = policy.would_grant("::ffff:10.0.0.1".parse().unwrap());
        assert!(
            help.contains("line 2") && help.contains("private = [\"10.0.0.1\"]"),
            "{help}"
        );
        assert_eq!(policy.certificates(), Some(PathBuf::from("ca.pem")));
    }

    #[test]
    fn wrong_lines_are_refused_with_their_number() {
        for text in [
            "[sources]\nhosts = [\"*\"]\n",
            "[sources]\nprivate = [\"localhost\"]\n",
            "[sources]\nhost = []\n",
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains("line 2"), "{error}");
        }
    }
}
