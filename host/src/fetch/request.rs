//! Asking: which host, with which headers and secrets, under whose certificates.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use ureq::http::{HeaderName, HeaderValue, Response};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::transport::{Connector, RustlsConnector, TcpConnector};
use ureq::{Agent, Body, Timeout};

use super::error::FetchError;
use super::guard::{Guard, NotPublic};
use super::memory::Validator;
use crate::enforcement::{Point, stands};
use crate::manifest::{Scheme, Sent, WebSource, WebUrl};
use crate::policy::Policy;
use crate::secret::{Secret, hide};

/// The longest time for finding a host, and for a connection to it with TLS.
const CONNECT: Duration = Duration::from_secs(10);
/// The longest head of an answer, in bytes.
const HEAD: usize = 64 * 1024;
/// What a test waits at most that unplugs `limits.time`.
const UNPLUGGED_TIME: Duration = Duration::from_secs(3600);

/// Asks for one source.
pub(super) struct Asker<'a> {
    policy: &'a Policy,
    source: &'a WebSource,
    /// Trusts Mozilla's list of certificates.
    public: Agent,
    /// Trusts those of the policy.
    private: Option<Agent>,
    secrets: BTreeMap<&'a str, Secret>,
}

/// Where a fetch has got to.
#[derive(Debug)]
pub(super) struct Going {
    /// Who is asked next.
    pub url: WebUrl,
    /// Whether a server named it, and not the manifest.
    is_redirected: bool,
    /// The secrets that are still sent, by name. One that a host on the way may not be told is not sent any more, whatever
    /// comes after it.
    secrets: Vec<String>,
    ends: Instant,
}

impl Going {
    pub fn begin(source: &WebSource) -> Going {
        Going {
            url: source.url.clone(),
            is_redirected: false,
            secrets: source.secrets().map(str::to_owned).collect(),
            ends: Instant::now()
                + match stands(Point::SourceTime) {
                    true => source.limits.time.duration(),
                    false => UNPLUGGED_TIME,
                },
        }
    }

    /// For messages. Addresses that servers name may have a signature in their query.
    pub fn shown(&self) -> String {
        let shown = match self.is_redirected {
            true => self.url.without_query(),
            false => self.url.to_string(),
        };
        hide(&shown).into_owned()
    }
}

impl<'a> Asker<'a> {
    /// Takes the secrets that the source needs from where they are.
    pub fn new(policy: &'a Policy, source: &'a WebSource) -> Result<Asker<'a>, FetchError> {
        let origin = source.url.origin();
        let mut secrets = BTreeMap::new();
        for name in source.secrets() {
            let secret = policy
                .secret(name, origin)
                .map_err(|refusal| FetchError::withheld(name, refusal))?;
            if hide(source.url.as_str()) != source.url.as_str() {
                return Err(FetchError::SecretInUrl(name.to_owned()));
            }
            secrets.insert(name, secret);
        }
        let private = certificates(policy)?;
        Ok(Asker {
            policy,
            source,
            public: agent(policy, RootCerts::WebPki),
            private: private.map(|roots| agent(policy, roots)),
            secrets,
        })
    }

    /// Whatever has connections.
    pub fn agents(&self) -> impl Iterator<Item = &Agent> {
        std::iter::once(&self.public).chain(&self.private)
    }

    /// Asks once.
    pub fn ask(
        &self,
        going: &Going,
        validator: Option<&Validator>,
    ) -> Result<Response<Body>, FetchError> {
        self.policy
            .may_fetch_from(going.url.origin())
            .map_err(FetchError::Refused)?;
        let answer = self.ask_as(&self.public, going, validator);
        match (answer, &self.private) {
            // Nothing has been sent yet: who is asked comes before what.
            (Err(FetchError::Untrusted { issuer: true, .. }), Some(private)) => {
                self.ask_as(private, going, validator)
            }
            (answer, _) => answer,
        }
    }

    fn ask_as(
        &self,
        agent: &Agent,
        going: &Going,
        validator: Option<&Validator>,
    ) -> Result<Response<Body>, FetchError> {
        let left = going.ends.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(self.slow(going));
        }
        let mut request = agent.get(going.url.as_str());
        for (name, value) in self.headers(going)? {
            request = request.header(name, value);
        }
        if let Some(validator) = validator {
            let (name, value) = validator.field();
            request = request.header(name, value);
        }
        request = request.header("accept-encoding", "identity");
        let request = request.config().timeout_global(Some(left)).build();
        request.call().map_err(|error| self.failed(going, error))
    }

    fn headers(&self, going: &Going) -> Result<Vec<(HeaderName, HeaderValue)>, FetchError> {
        let mut headers = Vec::new();
        for header in &self.source.headers {
            let value = match &header.value {
                Sent::Text(text) => text.clone(),
                Sent::Secret { name, .. } if !going.secrets.contains(name) => continue,
                Sent::Secret { prefix, name, .. } => {
                    // Asked again for each host, here where it is sent.
                    self.policy
                        .may_send(name, going.url.origin())
                        .map_err(|refusal| FetchError::withheld(name, refusal))?;
                    let secret = &self.secrets[name.as_str()];
                    let mut value = HeaderValue::from_str(&format!("{prefix}{}", secret.reveal()))
                        .expect("a secret is visible ASCII");
                    value.set_sensitive(true);
                    value
                }
            };
            headers.push((header.name.clone(), value));
        }
        Ok(headers)
    }

    /// The next step after a redirect. Hosts that may not be told a secret are asked without it: that is how redirects to signed
    /// addresses of a storage service work.
    pub fn redirected(&self, going: Going, location: &str) -> Result<Going, FetchError> {
        let refused = |target: String, why: String, help| FetchError::Redirect {
            place: going.shown(),
            target,
            why,
            help,
        };
        let next = match going.url.join(location) {
            Ok(next) => next,
            Err(invalid) => {
                let why = hide(&invalid.message).chars().take(300).collect();
                return Err(refused("what is no address".to_owned(), why, None));
            }
        };
        let target = hide(&next.without_query()).into_owned();
        let (from, to) = (going.url.origin(), next.origin());
        if (from.scheme, to.scheme) == (Scheme::Https, Scheme::Http)
            && stands(Point::SourceDowngrade)
        {
            let why = "from https to http no redirect is followed".to_owned();
            return Err(refused(target, why, None));
        }
        if let Err(refusal) = self.policy.may_fetch_from(to) {
            return Err(refused(target, refusal.message, Some(refusal.help)));
        }
        let mut secrets = going.secrets.clone();
        secrets.retain(|name| self.policy.may_send(name, to).is_ok());
        Ok(Going {
            url: next,
            is_redirected: true,
            secrets,
            ends: going.ends,
        })
    }

    fn slow(&self, going: &Going) -> FetchError {
        FetchError::Slow {
            place: going.shown(),
            limit: self.source.limits.time,
        }
    }

    /// What went wrong before there was an answer.
    fn failed(&self, going: &Going, error: ureq::Error) -> FetchError {
        let place = going.shown();
        let unreachable = |why: String| FetchError::Unreachable {
            place: place.clone(),
            why: hide(&why).into_owned(),
        };
        match error {
            ureq::Error::Timeout(Timeout::Connect | Timeout::Resolve) => {
                unreachable(format!("no connection within {} s", CONNECT.as_secs()))
            }
            ureq::Error::Timeout(_) => self.slow(going),
            ureq::Error::HostNotFound => unreachable("there is no such host".to_owned()),
            ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                untrusted(place, error.to_string())
            }
            ureq::Error::Io(error) => unreachable(error.to_string()),
            ureq::Error::Rustls(error) => untrusted(place, error.to_string()),
            ureq::Error::Tls(error) => untrusted(place, error.to_owned()),
            ureq::Error::Other(why) => match why.downcast::<NotPublic>() {
                Ok(why) => FetchError::NotPublic {
                    host: going.url.origin().host.clone(),
                    address: why.address,
                    what: why.what,
                    help: self.policy.would_grant(why.address),
                },
                Err(other) => unreachable(other.to_string()),
            },
            other => FetchError::Unusable {
                place: place.clone(),
                what: format!("answers with what is no HTTP: {}", hide(&other.to_string())),
                help: None,
            },
        }
    }
}

fn untrusted(place: String, why: String) -> FetchError {
    FetchError::Untrusted {
        issuer: why.contains("UnknownIssuer"),
        why: hide(&why).into_owned(),
        place,
    }
}

/// An agent that follows nothing by itself, asks no proxy, and connects only where the guard lets it.
fn agent(policy: &Policy, roots: RootCerts) -> Agent {
    let tls = TlsConfig::builder().root_certs(roots).build();
    let config = Agent::config_builder()
        .tls_config(tls)
        .proxy(None)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .user_agent(concat!("lockflight/", env!("CARGO_PKG_VERSION")))
        .timeout_resolve(Some(CONNECT))
        .timeout_connect(Some(CONNECT))
        .max_response_header_size(HEAD)
        // A connection that is used again would not be checked again.
        .max_idle_connections(0)
        .build();
    let connector = ().chain(TcpConnector::default()).chain(RustlsConnector::default());
    Agent::with_parts(config, connector, Guard::new(policy.granted()))
}

/// The certificates of the policy.
fn certificates(policy: &Policy) -> Result<Option<RootCerts>, FetchError> {
    let Some(path) = policy.certificates() else {
        return Ok(None);
    };
    let wrong = |why: String| FetchError::Certificates(format!("{}: {why}", path.display()));
    let pem = fs::read(&path).map_err(|error| wrong(error.to_string()))?;
    let mut certificates: Vec<Certificate<'static>> = Vec::new();
    for item in parse_pem(&pem) {
        match item {
            Ok(PemItem::Certificate(certificate)) => certificates.push(certificate),
            Ok(_) => {}
            Err(error) => return Err(wrong(error.to_string())),
        }
    }
    match certificates.is_empty() {
        true => Err(wrong("it has no certificate in PEM".to_owned())),
        false => Ok(Some(RootCerts::new_with_certs(&certificates))),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::path::Path;

    use super::*;
    use crate::manifest::source::FetchLimits;

    /// Whoever listens on the way could send a request to where it reads along.
    #[test]
    fn no_redirect_leads_from_https_to_http() {
        let text = "[sources]\nhosts = [\"a.org\", \"http://a.org\"]\n".to_owned();
        let policy = Policy::parse(Path::new("policy.toml"), text).unwrap();
        let source = WebSource {
            url: "https://a.org/x".parse().unwrap(),
            headers: Vec::new(),
            sha256: None,
            limits: FetchLimits::DEFAULT,
        };
        let asker = Asker::new(&policy, &source).unwrap();
        let redirected = |to| asker.redirected(Going::begin(&source), to);
        assert!(redirected("https://a.org/y").is_ok());
        let refused = redirected("http://a.org/y").unwrap_err();
        assert!(
            matches!(&refused, FetchError::Redirect { why, .. } if why.contains("https to http"))
        );
    }
}
