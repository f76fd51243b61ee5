//! Where data comes from: a file below the manifest's folder, or an address on the web with what is needed to ask there.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use toml::Spanned;
use toml::de::DeValue;
use ureq::http::{HeaderName, HeaderValue};

use super::authored::{self, HEADER_KEYS, SOURCE_KEYS, SOURCE_LIMIT_KEYS};
use super::fields::{Fields, Reader};
use super::invalid::Invalid;
use super::limits::{ByteSize, WallTime};
use super::name;
use super::url::{self, WebUrl};
use crate::diagnostic::Span;
use crate::digest::Digest;
use crate::secret::Secret;

/// Where a source was, as it was written: `file = "…"` or `url = "…"`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// A file, relative to the manifest.
    File(String),
    /// An address, its query included.
    Url(String),
}

impl Place {
    /// The path or the address.
    pub fn as_str(&self) -> &str {
        match self {
            Place::File(text) | Place::Url(text) => text,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Data on the web, and how it is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct WebSource {
    /// Where it is.
    pub url: WebUrl,
    /// What is sent along; no name stands twice.
    pub headers: Vec<Header>,
    /// What the bytes have to be.
    pub sha256: Option<Digest>,
    /// How much and how long.
    pub limits: FetchLimits,
}

impl WebSource {
    /// The names of the secrets that are sent, in the order of the headers.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.headers
            .iter()
            .filter_map(|header| match &header.value {
                Sent::Secret { name, .. } => Some(name.as_str()),
                Sent::Text(_) => None,
            })
    }
}

/// A field that is sent with a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// Its name, in lower case.
    pub name: HeaderName,
    /// Its value.
    pub value: Sent,
}

/// The value of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Sent {
    /// What the manifest says.
    Text(HeaderValue),
    /// A secret of the policy, with a text before it.
    Secret {
        /// `Bearer `, or nothing.
        prefix: &'static str,
        /// The secret's name.
        name: String,
        /// Where the name stands.
        span: Span,
    },
}

/// What one try at a fetch may take, redirects included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FetchLimits {
    /// The bytes of the body.
    pub size: ByteSize,
    /// From looking up the host to the last byte.
    pub time: WallTime,
}

impl FetchLimits {
    /// What holds where the manifest says nothing.
    pub const DEFAULT: FetchLimits = FetchLimits {
        size: ByteSize::of(1 << 30),
        time: WallTime::of(Duration::from_secs(300)),
    };
    /// The lowest accepted values.
    const LOWEST: FetchLimits = FetchLimits {
        size: ByteSize::of(1),
        time: WallTime::of(Duration::from_millis(100)),
    };
}

/// Fields that the host sends by itself, or that would change what an answer means.
const OWN: &[&str] = &[
    "host",
    "connection",
    "content-length",
    "transfer-encoding",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "keep-alive",
    "accept-encoding",
    "range",
    "if-range",
    "if-match",
    "if-none-match",
    "if-modified-since",
    "if-unmodified-since",
];

/// Fields that are secret by their nature.
const SECRET: &[&str] = &["authorization", "proxy-authorization", "cookie"];

/// Reads `[source.NAME]`.
pub(super) fn read(
    reader: &mut Reader,
    name: Spanned<String>,
    value: &Spanned<DeValue<'_>>,
) -> authored::Source {
    let place = place(reader, &name, value);
    authored::Source { name, place }
}

fn place(
    reader: &mut Reader,
    name: &Spanned<String>,
    value: &Spanned<DeValue<'_>>,
) -> Option<authored::Place> {
    let what = format!("[source.{}]", name.get_ref());
    if let DeValue::String(text) = value.get_ref() {
        let key = if text.contains("://") { "url" } else { "file" };
        let help = format!("write {} = {{ {key} = {text:?} }}", name.get_ref());
        reader.wrong_type(&what, "a table", value).help = Some(help);
        return None;
    }
    let table = reader.table(&what, value)?;
    let fields = Fields::new(reader, table, what.clone(), SOURCE_KEYS);
    // Everything is read, so that everything that is wrong is noted.
    let file = fields.string(reader, "file");
    let web = web(reader, &fields);
    let example = "`file = \"…\"`, or `url = \"https://…\"`";
    match fields.one_of(reader, ["file", "url"], name.span(), "data", example)? {
        "file" => {
            for key in ["secret", "headers", "sha256", "limits"] {
                if let Some(span) = fields.key_span(key) {
                    let message = format!("`{key}` goes with `url`, and {what} has a `file`");
                    reader.error(span, "misplaced-key", message).help =
                        Some(format!("leave `{key}` out"));
                }
            }
            file.map(authored::Place::File)
        }
        _ => web.map(authored::Place::Url),
    }
}

/// Hides a user with password where somebody put one into an address: the line is shown, and that is not for the log of a CI system.
/// One that is too short to be hidden is shown.
pub(super) fn hide_userinfo(fields: &Fields<'_, '_>, key: &str) {
    if let Some(DeValue::String(text)) = fields.get(key).map(Spanned::get_ref)
        && let Some(userinfo) = url::userinfo(text)
    {
        let _ = Secret::new(userinfo);
    }
}

/// The address, with what goes with it.
fn web(reader: &mut Reader, fields: &Fields<'_, '_>) -> Option<Spanned<WebSource>> {
    let headers = headers(reader, fields);
    let sha256 = sha256(reader, fields);
    let limits = limits(reader, fields);
    hide_userinfo(fields, "url");
    let url = fields.parsed::<WebUrl>(reader, "url")?;
    let web = WebSource {
        url: url.get_ref().clone(),
        headers,
        sha256,
        limits,
    };
    Some(Spanned::new(url.span(), web))
}

/// `secret` and `headers`.
fn headers(reader: &mut Reader, fields: &Fields<'_, '_>) -> Vec<Header> {
    let mut headers = Vec::new();
    let secret = fields.string(reader, "secret");
    if let Some(secret) = secret.and_then(|secret| secret_name(reader, secret)) {
        headers.push(Header {
            name: HeaderName::from_static("authorization"),
            value: Sent::Secret {
                prefix: "Bearer ",
                span: secret.span(),
                name: secret.into_inner(),
            },
        });
    }
    let Some(value) = fields.get("headers") else {
        return headers;
    };
    let Some(table) = reader.table("`headers`", value) else {
        return headers;
    };
    let mut known: BTreeSet<String> = headers.iter().map(|h| h.name.to_string()).collect();
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    for (key, value) in entries {
        let name = match header_name(key.get_ref()) {
            Ok(name) => name,
            Err(invalid) => {
                reader.refuse(key.span(), "invalid-header", invalid);
                continue;
            }
        };
        if !known.insert(name.to_string()) {
            let message = format!("the header `{name}` is sent already");
            reader.error(key.span(), "invalid-header", message).help =
                Some("names of headers are the same in upper and lower case; `secret` sends `Authorization`".to_owned());
            continue;
        }
        if let Some(value) = sent(reader, &name, value) {
            headers.push(Header { name, value });
        }
    }
    headers
}

fn header_name(written: &str) -> Result<HeaderName, Invalid> {
    let name: HeaderName = written
        .parse()
        .map_err(|_| Invalid::new(format!("{written:?} is no name of a header")))?;
    match OWN.contains(&name.as_str()) {
        true => Err(
            Invalid::new(format!("lockflight sets the header `{name}` itself"))
                .help("leave it out"),
        ),
        false => Ok(name),
    }
}

/// A header's value: a text, or `{ secret = "NAME" }`.
fn sent(reader: &mut Reader, name: &HeaderName, value: &Spanned<DeValue<'_>>) -> Option<Sent> {
    match value.get_ref() {
        DeValue::String(_) if SECRET.contains(&name.as_str()) => {
            let message = format!("the header `{name}` is a secret, and manifests are not");
            reader.error(value.span(), "invalid-header", message).help = Some(
                "write { secret = \"NAME\" }, and let the policy say where that secret is"
                    .to_owned(),
            );
            None
        }
        DeValue::String(text) => match HeaderValue::from_str(text) {
            Ok(value) => Some(Sent::Text(value)),
            Err(_) => {
                let message = format!("{text:?} cannot be sent in a header");
                reader.error(value.span(), "invalid-header", message);
                None
            }
        },
        DeValue::Table(table) => {
            let what = format!("the header `{name}`");
            let fields = Fields::new(reader, table, what, HEADER_KEYS);
            fields.require(reader, "secret", value.span(), "secret = \"NAME\"");
            let secret = fields.string(reader, "secret")?;
            let secret = secret_name(reader, secret)?;
            Some(Sent::Secret {
                prefix: "",
                span: secret.span(),
                name: secret.into_inner(),
            })
        }
        _ => {
            let wanted = "a text or { secret = \"NAME\" }";
            reader.wrong_type(&format!("the header `{name}`"), wanted, value);
            None
        }
    }
}

fn secret_name(reader: &mut Reader, secret: Spanned<String>) -> Option<Spanned<String>> {
    match name::check(secret.get_ref()) {
        Ok(()) => Some(secret),
        Err(_) => {
            // What stands here may be the secret itself: it is not repeated in the message.
            reader.error(secret.span(), "invalid-name", "this is no name of a secret").help = Some(
                "a secret is called by its name in the policy, e.g. `warehouse` for [secrets.warehouse]; its value never stands in a manifest"
                    .to_owned(),
            );
            None
        }
    }
}

fn sha256(reader: &mut Reader, fields: &Fields<'_, '_>) -> Option<Digest> {
    let written = fields.string(reader, "sha256")?;
    let text = written.get_ref().to_ascii_lowercase();
    let digest = Digest::from_hex(text.strip_prefix("sha256:").unwrap_or(&text));
    if digest.is_none() {
        let message = format!("{:?} is no SHA-256", written.get_ref());
        reader.error(written.span(), "invalid-value", message).help =
            Some("write its 64 hex digits, as `sha256sum` prints them".to_owned());
    }
    digest
}

fn limits(reader: &mut Reader, fields: &Fields<'_, '_>) -> FetchLimits {
    let default = FetchLimits::DEFAULT;
    let Some(value) = fields.get("limits") else {
        return default;
    };
    let Some(table) = reader.table("`limits`", value) else {
        return default;
    };
    let fields = Fields::new(reader, table, "`limits`".to_owned(), SOURCE_LIMIT_KEYS);
    let (size, time) = (
        limit(reader, &fields, "size", FetchLimits::LOWEST.size),
        limit(reader, &fields, "time", FetchLimits::LOWEST.time),
    );
    FetchLimits {
        size: size.unwrap_or(default.size),
        time: time.unwrap_or(default.time),
    }
}

/// A limit that is not below the lowest one accepted.
fn limit<T>(reader: &mut Reader, fields: &Fields<'_, '_>, key: &str, lowest: T) -> Option<T>
where
    T: std::str::FromStr<Err = Invalid> + PartialOrd + std::fmt::Display,
{
    let written = fields.parsed::<T>(reader, key)?;
    if *written.get_ref() < lowest {
        let message = format!(
            "`{key}` is {}, which is below the lowest limit, {lowest}",
            written.get_ref()
        );
        reader.error(written.span(), "invalid-value", message);
    }
    Some(written.into_inner())
}
