//! Lists of hosts: who may be asked, and who may be told a secret.

use std::{fmt, str::FromStr};

use crate::manifest::{Origin, Scheme, WebUrl};

/// One line of a list: `data.example.com`, `*.example.org`, `localhost:8080`, `http://localhost:8080`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostRule {
    origin: Origin,
    /// Whether the host stands for all below it.
    below: bool,
}

impl HostRule {
    /// Whether the line means this origin.
    pub fn allows(&self, origin: &Origin) -> bool {
        let rule = &self.origin;
        if (rule.scheme, rule.port) != (origin.scheme, origin.port) {
            return false;
        }
        match self.below {
            false => rule.host == origin.host,
            true => origin
                .host
                .strip_suffix(&rule.host)
                .is_some_and(|below| below.len() > 1 && below.ends_with('.')),
        }
    }
}

impl FromStr for HostRule {
    type Err = String;

    fn from_str(text: &str) -> Result<HostRule, String> {
        let wrong = || {
            format!(
                "{text:?} is no host, such as \"data.example.com\", \"*.example.org\", \"localhost:8080\" or \"http://localhost:8080\""
            )
        };
        let (scheme, rest) = match text.split_once("://") {
            Some(("http", rest)) => (Scheme::Http, rest),
            Some(("https", rest)) => (Scheme::Https, rest),
            Some(_) => return Err(wrong()),
            None => (Scheme::Https, text),
        };
        let (below, host) = match rest.strip_prefix("*.") {
            Some(host) => (true, host),
            None => (false, rest),
        };
        if host.is_empty() || host.contains(['/', '?', '#', '@', '*']) {
            return Err(wrong());
        }
        let url: WebUrl = format!("{}://{host}", scheme.name())
            .parse()
            .map_err(|_| wrong())?;
        Ok(HostRule {
            origin: url.origin().clone(),
            below,
        })
    }
}

/// As it may be written.
impl fmt::Display for HostRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Origin { scheme, host, port } = &self.origin;
        let shown = Origin {
            scheme: *scheme,
            host: match self.below {
                true => format!("*.{host}"),
                false => host.clone(),
            },
            port: *port,
        };
        f.write_str(&shown.as_rule())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_line_means_its_host_scheme_and_port() {
        for (rule, url, allowed) in [
            ("a.org", "https://a.org/x", true),
            ("A.org", "https://a.ORG./x", true),
            ("a.org", "http://a.org/x", false),
            ("a.org", "https://a.org:8443/x", false),
            ("a.org", "https://b.a.org/x", false),
            ("a.org", "https://a.org.evil.com/x", false),
            ("a.org:8443", "https://a.org:8443/x", true),
            ("a.org:8443", "https://a.org/x", false),
            ("https://a.org", "https://a.org/x", true),
            ("http://a.org", "http://a.org:80/x", true),
            ("http://a.org", "https://a.org/x", false),
            ("http://localhost:8080", "http://localhost:8080/x", true),
            ("*.a.org", "https://b.a.org/x", true),
            ("*.a.org", "https://c.b.a.org/x", true),
            ("*.a.org", "https://a.org/x", false),
            ("*.a.org", "https://.a.org/x", false),
            ("*.a.org", "https://ba.org/x", false),
            ("[::1]:8080", "https://[::1]:8080/x", true),
        ] {
            let parsed: HostRule = rule.parse().unwrap();
            let url: WebUrl = url.parse().unwrap();
            assert_eq!(parsed.allows(url.origin()), allowed, "{rule} {url}");
            assert_eq!(parsed.to_string().parse(), Ok(parsed), "{rule}");
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for text in [
            "",
            "*",
            "*.",
            "a.*.org",
            "a.org/x",
            "u@a.org",
            "ftp://a.org",
            "a b",
            "http://",
        ] {
            assert!(text.parse::<HostRule>().is_err(), "{text}");
        }
    }
}
