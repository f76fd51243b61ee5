//! How a registry wants to be shown who asks: the challenge of its 401. Source: RFC 9110, section 11, and the token protocol of the
//! distribution project.

use serde::Deserialize;
use ureq::http::HeaderMap;

/// What a registry asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Challenge {
    /// User and password with every request.
    Basic,
    /// A token that somebody gives.
    Bearer(TokenGiver),
}

/// Who gives tokens, and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TokenGiver {
    /// Its address, as the registry says it.
    pub realm: String,
    /// For whom.
    pub service: Option<String>,
    /// To do what.
    pub scope: Option<String>,
}

/// What the giver of tokens answers; either name is used.
#[derive(Deserialize)]
pub(super) struct TokenAnswer {
    token: Option<String>,
    access_token: Option<String>,
}

impl TokenAnswer {
    /// The token.
    pub fn token(self) -> Option<String> {
        self.token
            .or(self.access_token)
            .filter(|token| !token.is_empty())
    }
}

impl Challenge {
    /// The challenge in an answer; a token is taken before a password, which it spares. None if there is none that is known.
    pub fn of(headers: &HeaderMap) -> Option<Challenge> {
        let all = headers.get_all("www-authenticate");
        let known: Vec<Challenge> = all
            .iter()
            .filter_map(|value| Challenge::read(value.to_str().ok()?))
            .collect();
        let bearer = |known: &&Challenge| matches!(known, Challenge::Bearer(_));
        known.iter().find(bearer).or(known.first()).cloned()
    }

    fn read(text: &str) -> Option<Challenge> {
        let (scheme, rest) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return Some(Challenge::Basic);
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let parameters = parameters(rest);
        let parameter = |name: &str| {
            let mut parameters = parameters.iter();
            let found = parameters.find(|(known, _)| known.eq_ignore_ascii_case(name))?;
            Some(found.1.clone())
        };
        Some(Challenge::Bearer(TokenGiver {
            realm: parameter("realm")?,
            service: parameter("service"),
            scope: parameter("scope"),
        }))
    }
}

/// `a="b",c=d`, as far as it can be read.
fn parameters(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((name, after)) = rest.split_once('=') {
        let (value, after) = value(after.trim_start());
        let name = name.trim_matches([' ', '\t', ',']);
        found.push((name.to_owned(), value));
        rest = after;
    }
    found
}

/// A value, quoted or not, and what comes after it.
fn value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ']).unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(chars.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn of(values: &[&str]) -> Option<Challenge> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("www-authenticate", value.parse().unwrap());
        }
        Challenge::of(&headers)
    }

    #[test]
    fn challenges_are_read() {
        let bearer = |realm: &str, service: Option<&str>, scope: Option<&str>| {
            Some(Challenge::Bearer(TokenGiver {
                realm: realm.to_owned(),
                service: service.map(str::to_owned),
                scope: scope.map(str::to_owned),
            }))
        };
        let scope = "repository:team/csv:pull,push";
        assert_eq!(
            of(&[&format!(
                r#"Bearer realm="https://a.org/t?x=1",service="r, \"s\"", scope="{scope}""#
            )]),
            bearer("https://a.org/t?x=1", Some("r, \"s\""), Some(scope))
        );
        assert_eq!(
            of(&["bearer service=r,realm=https://a.org/t"]),
            bearer("https://a.org/t", Some("r"), None)
        );
        assert_eq!(of(&["Basic realm=\"r\""]), Some(Challenge::Basic));
        assert_eq!(of(&["BASIC"]), Some(Challenge::Basic));
        assert_eq!(
            of(&["Basic", "Bearer realm=\"x\""]),
            bearer("x", None, None)
        );
        for unknown in [
            "",
            "Negotiate",
            "Bearer",
            "Bearer service=\"x\"",
            "Bearer realm",
        ] {
            assert_eq!(of(&[unknown]), None, "{unknown:?}");
        }
        assert_eq!(of(&[]), None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC*") {
            let _ = Challenge::read(&text);
        }
    }
}
