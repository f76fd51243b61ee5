//! Where an artifact is, as manifests and the command line write it:
//!
//! | written | what it is |
//! |---|---|
//! | `registry.example/team/csv:0.1.0` | a tag in a repository of a registry |
//! | `registry.example/team/csv@sha256:…` | the same by digest; a tag before it is for people |
//! | `./registry/csv:0.1.0` | a tag in an image layout on disk, which a path that begins with `./`, `../` or `/` names |

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::digest::Digest;
use crate::manifest::invalid::Invalid;
use crate::manifest::{Origin, Scheme, WebUrl};

/// The name under which Docker Hub is known, and the host that answers for it.
const HUB: (&str, &str) = ("docker.io", "registry-1.docker.io");
/// The most bytes of a repository's name with its host, as registries have it.
const LONGEST_NAME: usize = 255;
/// The most bytes of a tag. Source: OCI distribution-spec 1.1.
const LONGEST_TAG: usize = 128;
const EXAMPLES: &str = "write e.g. \"registry.example/team/csv:0.1.0\", or \"./registry/csv:0.1.0\" for an image layout on disk";

/// What holds the versions of a plugin.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Place {
    /// A repository of a registry.
    Registry {
        /// Who answers: over https, but for a loopback address, which is spoken to in the clear.
        origin: Origin,
        /// The registry as it was written, which is also its name among credentials.
        host: String,
        /// The repository's name there.
        name: String,
    },
    /// An image layout on disk.
    Folder(PathBuf),
}

/// Which of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Which {
    /// The one that has this tag now.
    Tag(String),
    /// The one with this manifest.
    Digest(Digest),
}

/// One version of a plugin.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reference {
    /// Where it is.
    pub place: Place,
    /// Which one.
    pub which: Which,
}

/// A reference whose version may be left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Where it is.
    pub place: Place,
    /// Which one, if it says so.
    pub which: Option<Which>,
}

impl Written {
    /// With a tag, where there is none.
    ///
    /// # Errors
    /// When that is no tag.
    pub fn or_tag(self, tag: &str) -> Result<Reference, Invalid> {
        let which = match self.which {
            Some(which) => which,
            None => Which::Tag(checked_tag(tag)?),
        };
        Ok(Reference {
            place: self.place,
            which,
        })
    }
}

impl Reference {
    /// With a path on disk relative to a folder.
    #[must_use]
    pub fn below(self, folder: &Path) -> Reference {
        Reference {
            place: match self.place {
                Place::Folder(path) => {
                    Place::Folder(folder.join(path.strip_prefix(".").unwrap_or(&path)))
                }
                registry => registry,
            },
            which: self.which,
        }
    }
}

impl FromStr for Written {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Written, Invalid> {
        let (rest, digest) = match text.rsplit_once('@') {
            Some((rest, digest)) if digest.starts_with("sha256:") => {
                let digest: Digest = digest
                    .parse()
                    .map_err(|error: crate::digest::NotADigest| Invalid::new(error.to_string()))?;
                (rest, Some(digest))
            }
            _ => (text, None),
        };
        let name_from = rest.rfind('/').map_or(0, |slash| slash + 1);
        let (place, tag) = match rest[name_from..].rfind(':') {
            Some(colon) if name_from > 0 => {
                let (place, tag) = rest.split_at(name_from + colon);
                (place, Some(checked_tag(&tag[1..])?))
            }
            _ => (rest, None),
        };
        let place = match is_path(place) {
            true => Place::Folder(PathBuf::from(place)),
            false => registry(place)?,
        };
        let which = digest.map(Which::Digest).or(tag.map(Which::Tag));
        Ok(Written { place, which })
    }
}

impl FromStr for Reference {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Reference, Invalid> {
        let Written { place, which } = text.parse()?;
        let Some(which) = which else {
            let invalid = Invalid::new(format!("{text:?} does not say which version"));
            return Err(invalid.help(format!("write \"{text}:VERSION\", or @sha256:…")));
        };
        Ok(Reference { place, which })
    }
}

/// Whether a text is a path by how it begins.
pub(super) fn is_path(text: &str) -> bool {
    text.starts_with(['/', '.'])
}

fn checked_tag(text: &str) -> Result<String, Invalid> {
    let first = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let other = |c: char| first(c) || c == '.' || c == '-';
    match text.starts_with(first) && text.chars().all(other) && text.len() <= LONGEST_TAG {
        true => Ok(text.to_owned()),
        false => Err(Invalid::new(format!(
            "{text:?} is no tag: up to {LONGEST_TAG} letters, digits, and `_.-` behind the first"
        ))),
    }
}

/// `registry.example:5000/team/csv`.
fn registry(text: &str) -> Result<Place, Invalid> {
    let wrong = |why: &str| Invalid::new(format!("{text:?} {why}")).help(EXAMPLES);
    if let Some((scheme, rest)) = text.split_once("://") {
        let help = match scheme {
            "oci" | "docker" | "http" | "https" => format!("write {rest:?}"),
            _ => EXAMPLES.to_owned(),
        };
        return Err(Invalid::new(format!("{text:?} begins with a scheme")).help(help));
    }
    if text.contains('@') {
        // What stands before it may be a password: it is not repeated.
        let message = "a reference has a user or password in it, and manifests are not secret";
        let help = "`docker login` keeps them where they are looked for";
        return Err(Invalid::new(message).help(help));
    }
    let Some((host, name)) = text.split_once('/') else {
        return Err(wrong("names no registry"));
    };
    if host != "localhost" && !host.contains(['.', ':']) {
        return Err(wrong(&format!(
            "names no registry: {host:?} is no host, since it has no dot and no port"
        )));
    }
    let (answers, name) = match host == HUB.0 {
        // What has no owner there belongs to the library.
        true if !name.contains('/') => (HUB.1, format!("library/{name}")),
        true => (HUB.1, name.to_owned()),
        false => (host, name.to_owned()),
    };
    if host.len() + name.len() >= LONGEST_NAME || !name.split('/').all(is_part) {
        return Err(wrong(&format!(
            "names no repository: {name:?} has other characters than lower case letters, digits, and single signs between them"
        )));
    }
    Ok(Place::Registry {
        origin: origin(answers).ok_or_else(|| wrong(&format!("names no registry: {host:?}")))?,
        host: host.to_owned(),
        name,
    })
}

/// Who answers for a host. Loopback is spoken to in the clear, as docker does: nobody else hears it.
fn origin(host: &str) -> Option<Origin> {
    let at = |scheme: Scheme| {
        let url: WebUrl = format!("{}://{host}/", scheme.name()).parse().ok()?;
        let is_whole = url.target() == "/";
        is_whole.then(|| url.origin().clone())
    };
    let origin = at(Scheme::Https)?;
    match is_loopback(&origin.host) {
        true => at(Scheme::Http),
        false => Some(origin),
    }
}

fn is_loopback(host: &str) -> bool {
    let number = host.trim_start_matches('[').trim_end_matches(']');
    let address = number.parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// A part of a repository's name: letters and digits, with `.`, `_`, `__` or dashes between them. Source: OCI distribution-spec 1.1.
fn is_part(part: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let mut runs = part.as_bytes().chunk_by(|a, b| letter(*a) == letter(*b));
    let sign = |run: &[u8]| matches!(run, b"." | b"_" | b"__") || run.iter().all(|b| *b == b'-');
    !part.is_empty()
        && part.bytes().next().is_some_and(letter)
        && part.bytes().last().is_some_and(letter)
        && runs.all(|run| letter(run[0]) || sign(run))
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Registry { host, name, .. } => write!(f, "{host}/{name}"),
            Place::Folder(path) => path.display().fmt(f),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.which {
            Which::Tag(tag) => write!(f, "{}:{tag}", self.place),
            Which::Digest(digest) => write!(f, "{}@{digest}", self.place),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const DIGEST: &str = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

    fn place(text: &str) -> (String, String) {
        match text.parse::<Written>().unwrap().place {
            Place::Registry { origin, name, .. } => (origin.to_string(), name),
            Place::Folder(path) => ("a folder".to_owned(), path.display().to_string()),
        }
    }

    #[test]
    fn places_are_told_apart() {
        for (text, origin, name) in [
            ("ghcr.io/team/csv:1", "https://ghcr.io", "team/csv"),
            ("r.example:8443/csv:1", "https://r.example:8443", "csv"),
            ("localhost/csv:1", "http://localhost", "csv"),
            ("localhost:5000/csv:1", "http://localhost:5000", "csv"),
            ("127.0.0.1:5000/a/b:1", "http://127.0.0.1:5000", "a/b"),
            ("[::1]:5000/csv:1", "http://[::1]:5000", "csv"),
            ("10.0.0.1:5000/csv:1", "https://10.0.0.1:5000", "csv"),
            (
                "docker.io/team/csv:1",
                "https://registry-1.docker.io",
                "team/csv",
            ),
            (
                "docker.io/csv:1",
                "https://registry-1.docker.io",
                "library/csv",
            ),
            ("./registry/csv:1", "a folder", "./registry/csv"),
            ("../csv:1", "a folder", "../csv"),
            ("/srv/a:b/csv:1", "a folder", "/srv/a:b/csv"),
        ] {
            assert_eq!(place(text), (origin.to_owned(), name.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_digest_wins_over_a_tag() {
        let which = |text: &str| text.parse::<Written>().unwrap().which;
        let digest = DIGEST.parse().unwrap();
        assert_eq!(which("r.example/a:1"), Some(Which::Tag("1".to_owned())));
        assert_eq!(which("r.example:80/a"), None);
        for text in ["r.example/a", "r.example/a:1", "./a", "./a:1"] {
            let text = format!("{text}@{DIGEST}");
            assert_eq!(which(&text), Some(Which::Digest(digest)), "{text}");
        }
        let shown = format!("r.example/a:1@{DIGEST}")
            .parse::<Reference>()
            .unwrap();
        assert_eq!(shown.to_string(), format!("r.example/a@{DIGEST}"));
    }

    #[test]
    fn what_is_no_reference_is_refused_in_words() {
        for (text, part) in [
            ("", "names no registry"),
            ("csv:1", "names no registry"),
            ("team/csv:1", "has no dot and no port"),
            ("oci://r.example/csv:1", "begins with a scheme"),
            ("r.example/Csv:1", "names no repository"),
            ("r.example/a//b:1", "names no repository"),
            ("r.example/a-:1", "names no repository"),
            ("r.example/a___b:1", "names no repository"),
            ("r.example/csv:", "is no tag"),
            ("r.example/csv:-1", "is no tag"),
            ("r.example:x/csv:1", "names no registry"),
            ("u:p@r.example/csv:1", "a user or password"),
            ("r.example/csv", "which version"),
            ("./csv", "which version"),
            ("r.example/csv@sha256:12", "not a digest"),
        ] {
            let invalid = text.parse::<Reference>().unwrap_err();
            assert!(invalid.message.contains(part), "{text}: {invalid}");
        }
        assert!("r.example/a.b/c_d/e__f/g--h:1".parse::<Reference>().is_ok());
    }

    #[test]
    fn a_version_can_be_filled_in() {
        let written = |text: &str| text.parse::<Written>().unwrap();
        let filled = written("r.example/csv").or_tag("0.1.0").unwrap();
        assert_eq!(filled.to_string(), "r.example/csv:0.1.0");
        let kept = written("r.example/csv:1").or_tag("0.1.0").unwrap();
        assert_eq!(kept.to_string(), "r.example/csv:1");
    }

    #[test]
    fn paths_are_below_the_manifest() {
        let below = |text: &str| {
            text.parse::<Reference>()
                .unwrap()
                .below(Path::new("/a"))
                .to_string()
        };
        assert_eq!(below("./r/csv:1"), "/a/r/csv:1");
        assert_eq!(below("../r/csv:1"), "/a/../r/csv:1");
        assert_eq!(below("/r/csv:1"), "/r/csv:1");
        assert_eq!(below("r.example/csv:1"), "r.example/csv:1");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text: String) {
            if let Ok(reference) = text.parse::<Reference>() {
                proptest::prop_assert_eq!(reference.to_string().parse::<Reference>().unwrap(), reference);
            }
        }
    }
}
