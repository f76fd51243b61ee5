//! Addresses of data on the web: `http://` and `https://`, with nothing in them that is secret or would be lost.

use std::fmt;
use std::str::FromStr;

use ureq::http::Uri;

use super::invalid::Invalid;

/// The longest address, in bytes; servers refuse longer ones.
const LONGEST: usize = 8 * 1024;

/// How an address is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// In the clear.
    Http,
    /// Over TLS.
    Https,
}

impl Scheme {
    /// As it stands in an address.
    pub fn name(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }

    /// The port that need not be written.
    pub fn default_port(self) -> u16 {
        match self {
            Scheme::Http => 80,
            Scheme::Https => 443,
        }
    }
}

/// Who answers at an address: scheme, host and port. Source: RFC 6454, section 4.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    /// How it is spoken to.
    pub scheme: Scheme,
    /// The host, in lower case, without a dot at its end; an IPv6 address in brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl Origin {
    /// As a line of the policy names it: a bare host means https at its usual port.
    pub fn as_rule(&self) -> String {
        let port = match self.port == self.scheme.default_port() {
            true => String::new(),
            false => format!(":{}", self.port),
        };
        match self.scheme {
            Scheme::Https => format!("{}{port}", self.host),
            Scheme::Http => format!("http://{}{port}", self.host),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.name(), self.host)?;
        match self.port == self.scheme.default_port() {
            true => Ok(()),
            false => write!(f, ":{}", self.port),
        }
    }
}

/// The address of something on the web.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WebUrl {
    /// As it was written.
    text: String,
    origin: Origin,
    /// The path, which begins with `/`, and the query.
    target: String,
}

impl WebUrl {
    /// Who answers there.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Path and query.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// For messages about addresses that a server named: without the query, which often has a signature in it.
    pub fn without_query(&self) -> String {
        let path = self.target.split('?').next().unwrap_or_default();
        format!("{}{path}", self.origin)
    }

    /// The address that a reference in an answer from here leads to. Source: RFC 3986, section 5.2.
    ///
    /// # Errors
    /// When it is none that can be asked.
    pub fn join(&self, reference: &str) -> Result<WebUrl, Invalid> {
        let reference = reference.split('#').next().unwrap_or_default();
        let (path, query) = match reference.split_once('?') {
            Some((path, query)) => (path, format!("?{query}")),
            None => (reference, String::new()),
        };
        let origin = &self.origin;
        if has_scheme(reference) {
            return reference.parse();
        }
        if reference.starts_with("//") {
            return format!("{}:{reference}", origin.scheme.name()).parse();
        }
        let base = self.target.split('?').next().unwrap_or_default();
        let path = match path {
            "" if query.is_empty() => return format!("{origin}{}", self.target).parse(),
            "" => base.to_owned(),
            absolute if absolute.starts_with('/') => without_dots(absolute),
            relative => {
                let folder = base.rfind('/').map_or("/", |end| &base[..=end]);
                without_dots(&format!("{folder}{relative}"))
            }
        };
        format!("{origin}{path}{query}").parse()
    }
}

/// The user and password in a text that may be an address.
pub(super) fn userinfo(text: &str) -> Option<&str> {
    let authority = text.split("://").nth(1).unwrap_or(text);
    let authority = authority.split(['/', '?', '#']).next()?;
    Some(authority.rsplit_once('@')?.0)
}

/// Whether a reference begins with a scheme. Source: RFC 3986, section 3.1.
fn has_scheme(reference: &str) -> bool {
    let Some((scheme, _)) = reference.split_once(':') else {
        return false;
    };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

/// An absolute path without `.` and `..`. Source: RFC 3986, section 5.2.4.
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut parts = path.split('/').skip(1).peekable();
    while let Some(part) = parts.next() {
        let last = parts.peek().is_none();
        match part {
            "." | ".." => {
                if part == ".." {
                    kept.pop();
                }
                if last {
                    kept.push("");
                }
            }
            part => kept.push(part),
        }
    }
    format!("/{}", kept.join("/"))
}

impl fmt::Display for WebUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for WebUrl {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<WebUrl, Invalid> {
        const EXAMPLE: &str = "write for example \"https://data.example.com/rides.csv\"";
        // A text with a password in it is not repeated.
        if userinfo(text).is_some() {
            let invalid = Invalid::new("the address has a user or password in it");
            return Err(invalid.help(
                "manifests are not secret: leave it out, and name a secret of the policy with `secret = \"NAME\"` or in `headers`",
            ));
        }
        let refuse = |why: &str| Invalid::new(format!("{text:?} is no address: {why}"));
        if text.len() > LONGEST {
            return Err(Invalid::new(format!(
                "the address has more than {LONGEST} characters"
            )));
        }
        if text.contains('#') {
            return Err(refuse("what follows `#` is never sent to a server").help("leave it out"));
        }
        if let Some(odd) = text.chars().find(|c| !c.is_ascii_graphic()) {
            let why = format!("{odd:?} cannot stand in one");
            return Err(refuse(&why).help("write it percent-encoded; a host in its ASCII form"));
        }
        let uri: Uri = text
            .parse()
            .map_err(|error| refuse(&format!("{error}")).help(EXAMPLE))?;
        let scheme = match uri.scheme_str() {
            Some("https") => Scheme::Https,
            Some("http") => Scheme::Http,
            Some(_) => return Err(refuse("only https and http can be fetched").help(EXAMPLE)),
            None => return Err(refuse("it does not begin with https://").help(EXAMPLE)),
        };
        let host = uri.host().unwrap_or_default().to_ascii_lowercase();
        let host = host.strip_suffix('.').unwrap_or(&host).to_owned();
        if host.is_empty() {
            return Err(refuse("it names no host").help(EXAMPLE));
        }
        let behind = uri.host().map_or(0, str::len);
        let port = match uri.authority().map(|all| &all.as_str()[behind..]) {
            None | Some("") => scheme.default_port(),
            Some(port) => port
                .strip_prefix(':')
                .and_then(|port| port.parse().ok())
                .filter(|port| *port > 0)
                .ok_or_else(|| refuse("its port is none").help(EXAMPLE))?,
        };
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        let target = match target.starts_with('/') {
            true => target.to_owned(),
            false => format!("/{target}"),
        };
        Ok(WebUrl {
            text: text.to_owned(),
            origin: Origin { scheme, host, port },
            target,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn url(text: &str) -> WebUrl {
        text.parse().unwrap()
    }

    #[test]
    fn addresses_are_taken_apart() {
        for (text, origin, rule, target) in [
            ("https://a.org", "https://a.org", "a.org", "/"),
            ("https://A.Org./x?y=1", "https://a.org", "a.org", "/x?y=1"),
            ("https://a.org:443?y", "https://a.org", "a.org", "/?y"),
            ("http://a.org:80/", "http://a.org", "http://a.org", "/"),
            (
                "http://[::1]:8080/x",
                "http://[::1]:8080",
                "http://[::1]:8080",
                "/x",
            ),
            (
                "https://a.org:8443/x",
                "https://a.org:8443",
                "a.org:8443",
                "/x",
            ),
        ] {
            let url = url(text);
            assert_eq!(url.origin().to_string(), origin);
            assert_eq!(url.origin().as_rule(), rule);
            assert_eq!((url.target(), url.as_str()), (target, text));
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for (text, part) in [
            ("rides.csv", "does not begin with https://"),
            ("/rides.csv", "does not begin with https://"),
            ("ftp://a.org/x", "only https and http"),
            ("file:///etc/passwd", "no address"),
            ("https://", "no address"),
            ("https:///x", "no address"),
            ("https://a.org/x#y", "never sent"),
            ("https://a.org/a b", "' ' cannot stand"),
            ("https://bücher.de/", "cannot stand"),
            ("https://a.org:0/", "port"),
            ("https://a.org:99999/", "port"),
            ("https://a.org:/", "port"),
        ] {
            let invalid = text.parse::<WebUrl>().unwrap_err();
            assert!(invalid.message.contains(part), "{text}: {invalid}");
        }
    }

    #[test]
    fn a_password_is_refused_and_not_repeated() {
        for text in [
            "https://u:hunter2@a.org/",
            "hunter2@a.org",
            "https://hunter2@a.org",
        ] {
            let invalid = text.parse::<WebUrl>().unwrap_err().to_string();
            assert!(invalid.contains("user or password"), "{invalid}");
            assert!(!invalid.contains("hunter2"), "{invalid}");
        }
        // Behind the host it is part of the path.
        assert!("https://a.org/@scope/x".parse::<WebUrl>().is_ok());
    }

    #[test]
    fn references_lead_where_the_standard_says() {
        let base = url("https://a.org/b/c/d;p?q");
        for (reference, expected) in [
            ("g", "https://a.org/b/c/g"),
            ("./g/", "https://a.org/b/c/g/"),
            ("/g", "https://a.org/g"),
            ("//g.org/x", "https://g.org/x"),
            ("?y", "https://a.org/b/c/d;p?y"),
            ("g?y#s", "https://a.org/b/c/g?y"),
            ("", "https://a.org/b/c/d;p?q"),
            (".", "https://a.org/b/c/"),
            ("..", "https://a.org/b/"),
            ("../../../g", "https://a.org/g"),
            ("http://h.org:1/x", "http://h.org:1/x"),
            ("g:8", ""),
        ] {
            let found = base.join(reference).map(|url| url.text).unwrap_or_default();
            assert_eq!(found, expected, "{reference}");
        }
        assert!(base.join("https://u:p@h.org/").is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text: String, reference: String) {
            let _ = text.parse::<WebUrl>();
            let _ = url("https://a.org/b/c").join(&reference);
        }
    }
}
