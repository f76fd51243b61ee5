//! Hides secrets in texts, for the whole process: as they are, percent-encoded, escaped as in JSON or HTML, and in base64.

use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use regex::Regex;

use crate::enforcement::{Point, stands};

/// What stands in a secret's place.
pub(super) const SHOWN: &str = "[secret]";

/// One for each secret of this process.
static PATTERNS: RwLock<Vec<Pattern>> = RwLock::new(Vec::new());
/// Whether there is any: most processes never have one.
static ANY: AtomicBool = AtomicBool::new(false);

struct Pattern {
    secret: String,
    regex: Regex,
}

/// Hides this value from now on.
pub(super) fn learn(secret: &str) {
    let mut patterns = PATTERNS.write().unwrap_or_else(PoisonError::into_inner);
    if patterns.iter().any(|known| known.secret == secret) {
        return;
    }
    patterns.push(Pattern {
        secret: secret.to_owned(),
        regex: pattern(secret),
    });
    // A secret may be a part of another one, which then has to be hidden first.
    patterns.sort_by_key(|pattern| std::cmp::Reverse(pattern.secret.len()));
    ANY.store(true, Ordering::Release);
}

/// The text without any secret of this process.
pub fn hide(text: &str) -> Cow<'_, str> {
    if !ANY.load(Ordering::Acquire) || !stands(Point::SecretsHidden) {
        return Cow::Borrowed(text);
    }
    let patterns = PATTERNS.read().unwrap_or_else(PoisonError::into_inner);
    let mut hidden = Cow::Borrowed(text);
    for pattern in patterns.iter() {
        if let Cow::Owned(changed) = pattern.regex.replace_all(&hidden, SHOWN) {
            hidden = Cow::Owned(changed);
        }
    }
    hidden
}

/// Finds a value in all forms in which it may stand in a text. Every character may be escaped by itself, whatever escaped it.
fn pattern(secret: &str) -> Regex {
    let mut pattern: String = secret.bytes().map(escaped).collect();
    for core in base64_cores(secret.as_bytes()) {
        pattern.push('|');
        pattern.push_str(&regex::escape(&core));
        let url_safe = core.replace('+', "-").replace('/', "_");
        if url_safe != core {
            pattern.push('|');
            pattern.push_str(&regex::escape(&url_safe));
        }
    }
    regex::RegexBuilder::new(&pattern)
        .unicode(false)
        // Each character of a secret of 8 KiB has some forms.
        .size_limit(256 << 20)
        .build()
        .expect("it is made of escaped characters")
}

/// One character as it is, as `%2b`, `\u002b`, `\/`, `&#43;`, `&#x2b;` or an entity of HTML.
fn escaped(byte: u8) -> String {
    let plain = regex::escape(&char::from(byte).to_string());
    let entity = match byte {
        b'&' => "|&amp;",
        b'<' => "|&lt;",
        b'>' => "|&gt;",
        b'"' => "|&quot;",
        b'\'' => "|&apos;",
        _ => "",
    };
    format!(
        r"(?:\\?{plain}|%(?i:{byte:02x})|\\u(?i:00{byte:02x})|&#0*{byte};|&#(?i:x0*{byte:x});{entity})"
    )
}

/// The characters of base64 that these bytes alone decide, for each place at which they may begin in what is encoded: before them may
/// stand a user's name, say.
fn base64_cores(bytes: &[u8]) -> Vec<String> {
    let core = |before: usize| {
        let mut all = vec![0; before];
        all.extend_from_slice(bytes);
        let first = (8 * before).div_ceil(6);
        let last = 8 * all.len() / 6;
        let encoded = STANDARD_NO_PAD.encode(&all);
        encoded[first..last].to_owned()
    };
    (0..3).map(core).collect()
}

/// Hides secrets in what is written through it; a secret that is written in two pieces is not found.
#[derive(Debug)]
pub struct HidingWriter<W>(pub W);

impl<W: Write> Write for HidingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if ANY.load(Ordering::Acquire) {
            let text = String::from_utf8_lossy(bytes);
            self.0.write_all(hide(&text).as_bytes())?;
            return Ok(bytes.len());
        }
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_secret_is_hidden_in_all_its_forms() {
        learn("t0k+n/with=\"marks\"&<i>");
        let before = ["", "u:", "us:", "use:"];
        let mut texts: Vec<String> = before
            .iter()
            .map(|before| STANDARD_NO_PAD.encode(format!("{before}t0k+n/with=\"marks\"&<i>")))
            .collect();
        let url_safe = texts[0].replace('+', "-").replace('/', "_");
        texts.extend([
            url_safe,
            "t0k+n/with=\"marks\"&<i>".to_owned(),
            "t0k%2Bn%2Fwith%3D%22marks%22%26%3Ci%3E".to_owned(),
            "t0k%2bn/with=%22marks%22&%3ci%3e".to_owned(),
            serde_json::to_string("t0k+n/with=\"marks\"&<i>").unwrap(),
            r#"t0k\u002Bn\/with=\"marks\"\u0026<i>"#.to_owned(),
            "t0k&#43;n&#x2F;with=&quot;marks&#34;&amp;&lt;i&gt;".to_owned(),
        ]);
        for text in texts {
            let hidden = hide(&text);
            assert!(hidden.contains(SHOWN), "{text}: {hidden}");
            assert!(hidden.len() <= SHOWN.len() + 8, "{text}: {hidden}");
        }
        assert!(matches!(hide("nothing of it"), Cow::Borrowed(_)));
    }

    #[test]
    fn the_longer_of_two_is_hidden_first() {
        learn("abcdefgh-1");
        learn("abcdefgh-1-and-more");
        assert_eq!(hide("<abcdefgh-1-and-more>"), "<[secret]>");
        assert_eq!(hide("<abcdefgh-1>"), "<[secret]>");
    }

    #[test]
    fn a_long_secret_can_be_hidden() {
        let long: String = (0..8192)
            .map(|n| char::from(b'a' + (n % 26) as u8))
            .collect();
        learn(&long);
        assert_eq!(hide(&format!("<{long}>")), "<[secret]>");
    }

    #[test]
    fn what_is_written_is_hidden() {
        learn("written-secret");
        let mut out = HidingWriter(Vec::new());
        out.write_all(b"a written-secret b\n").unwrap();
        assert_eq!(out.0, b"a [secret] b\n");
    }
}
