//! `[sources]`: where the data of `[source.NAME]` may come from.
//!
//! ```toml
//! [sources]
//! folders = ["data", "/srv/landing"]              # where files may lie; anywhere below the manifest's folder without this
//! hosts = ["data.example.com", "*.example.org"]   # https only, unless written http://host:port; nothing is fetched without this
//! private = ["127.0.0.1", "10.0.0.0/8"]           # addresses that are not public and granted nevertheless
//! ca = "our-ca.pem"                               # certificates that are trusted besides those of Mozilla's list
//! ```

use std::{
    fmt,
    net::IpAddr,
    path::{Path, PathBuf},
};

use serde::{Serialize, Serializer};
use toml::{Spanned, de::DeValue};

use super::{
    Policy,
    grant::{self, Hosts, NotGranted},
    network::Network,
    refusal::{Line, Refusal},
};
use crate::enforcement::{Point, stands};
use crate::manifest::{
    Origin,
    fields::{Fields, Reader},
};

/// Where sources may lie, and who may be asked for them.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct SourcesPolicy {
    folders: Option<Folders>,
    hosts: Option<Hosts>,
    private: Option<Private>,
    /// Relative to the policy.
    ca: Option<PathBuf>,
}

/// Absolute, or relative to the manifest's folder.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
struct Folders {
    list: Vec<PathBuf>,
    #[serde(skip)]
    line: Line,
}

#[derive(Debug, Clone, PartialEq)]
struct Private {
    networks: Vec<Network>,
    line: Line,
}

impl Serialize for Private {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.networks.iter().map(ToString::to_string))
    }
}

impl SourcesPolicy {
    pub const KEYS: &[&str] = &["folders", "hosts", "private", "ca"];

    pub fn fields(
        reader: &mut Reader,
        fields: &Fields<'_, '_>,
        _: &Spanned<DeValue<'_>>,
    ) -> SourcesPolicy {
        SourcesPolicy {
            folders: Folders::read(reader, fields),
            hosts: Hosts::read(reader, fields),
            private: grant::list(reader, fields, "private")
                .map(|(networks, line)| Private { networks, line }),
            ca: fields
                .string(reader, "ca")
                .map(|ca| PathBuf::from(ca.into_inner())),
        }
    }

    pub fn allow(&self, manifest: &Path, file: &Path) -> Result<(), Refusal> {
        let Some(Folders { list, line }) = &self.folders else {
            return Ok(());
        };
        // A folder that is not there has no files.
        let mut real = list
            .iter()
            .filter_map(|folder| manifest.join(folder).canonicalize().ok());
        match real.any(|folder| file.starts_with(folder)) || !stands(Point::PolicyFolders) {
            true => Ok(()),
            false => {
                let message = format!(
                    "the file lies in none of the folders that the policy allows for sources: {}",
                    file.display()
                );
                Err(Refusal::by(line, message))
            }
        }
    }
}

impl Folders {
    fn read(reader: &mut Reader, fields: &Fields<'_, '_>) -> Option<Folders> {
        let line = Line::of(&reader.text, fields.key_span("folders")?);
        let folders = fields.strings(reader, "folders");
        for folder in folders.iter().filter(|folder| folder.get_ref().is_empty()) {
            let problem = reader.error(folder.span(), "invalid-value", "this names no folder");
            problem.help = Some("`.` is the manifest's folder".to_owned());
        }
        let list = folders.into_iter().map(Spanned::into_inner);
        Some(Folders {
            list: list.map(PathBuf::from).collect(),
            line,
        })
    }
}

impl Policy {
    /// Whether an origin may be asked for data.
    ///
    /// # Errors
    /// When no line says so.
    pub fn may_fetch_from(&self, origin: &Origin) -> Result<(), NotGranted> {
        let hosts = self.sources.hosts.as_ref();
        if hosts.is_some_and(|hosts| hosts.have(origin)) || !stands(Point::PolicyHosts) {
            return Ok(());
        }
        let line = format!("hosts = [{:?}]", origin.as_rule());
        let present = hosts.map(|hosts| ("hosts", &hosts.line));
        Err(NotGranted {
            message: format!("the policy does not let data be fetched from {origin}"),
            help: self.would_need("[sources]", &line, present),
        })
    }

    /// The addresses that are granted although they are not public.
    pub fn granted(&self) -> &[Network] {
        let private = self.sources.private.as_ref();
        private.map_or(&[], |private| &private.networks)
    }

    /// What to do where an address was refused.
    pub fn would_grant(&self, address: IpAddr) -> String {
        let line = format!("private = [\"{}\"]", address.to_canonical());
        let private = self.sources.private.as_ref();
        let present = private.map(|private| ("private", &private.line));
        self.would_need("[sources]", &line, present)
    }

    /// The file with further certificates, in PEM; a path is relative to the policy.
    pub fn certificates(&self) -> Option<PathBuf> {
        let ca = self.sources.ca.as_ref()?;
        Some(match self.path.parent() {
            Some(folder) => folder.join(ca),
            None => ca.clone(),
        })
    }
}

impl fmt::Display for SourcesPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.folders.as_ref().map(|folders| &folders.list) {
            None => f.write_str("files anywhere below the manifest's folder")?,
            Some(folders) if folders.is_empty() => f.write_str("no files")?,
            Some(folders) => {
                let folders: Vec<_> = folders.iter().map(|f| f.display().to_string()).collect();
                write!(f, "files below {}", folders.join(", "))?;
            }
        }
        let hosts = self.hosts.as_ref().map(Hosts::names).unwrap_or_default();
        match hosts.as_slice() {
            [] => f.write_str("; nothing from the web")?,
            hosts => write!(f, "; from the web {}", hosts.join(", "))?,
        }
        if let Some(Private { networks, .. }) = &self.private
            && !networks.is_empty()
        {
            let networks: Vec<_> = networks.iter().map(ToString::to_string).collect();
            write!(f, ", also at {}", networks.join(", "))?;
        }
        match &self.ca {
            Some(ca) => write!(f, ", trusting {} too", ca.display()),
            None => Ok(()),
        }
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
            assert!(error.contains("policy.toml:2"), "{error}");
        }
    }
}
