//! Whom the host connects to: origins that the policy lists, at addresses that the guard lets pass, under certificates that are
//! trusted. All that this crate asks for data or plugins goes through here.

use std::fs;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use ureq::http::Response;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::transport::{Connector, RustlsConnector, TcpConnector};
use ureq::{Agent, Body, Timeout};

use super::error::FetchError;
use super::guard::{Guard, NotPublic};
use crate::enforcement::{Point, stands};
use crate::launcher::Cancel;
use crate::manifest::{Scheme, WebUrl};
use crate::policy::Policy;
use crate::secret::hide;

/// The longest time for finding a host, and for a connection to it with TLS.
const CONNECT: Duration = Duration::from_secs(10);
/// The longest head of an answer, in bytes.
const HEAD: usize = 64 * 1024;
/// How often it is looked whether the command was cancelled.
const POLL: Duration = Duration::from_millis(50);

/// The connections of one command.
pub(crate) struct Net<'a> {
    policy: &'a Policy,
    /// Trusts Mozilla's list of certificates.
    public: Agent,
    /// Trusts those of the policy.
    private: Option<Agent>,
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Unanswered {
    /// The time is over; whoever set it says what that means.
    Slow,
    /// Something else.
    Failed(FetchError),
}

impl From<FetchError> for Unanswered {
    fn from(error: FetchError) -> Unanswered {
        Unanswered::Failed(error)
    }
}

impl<'a> Net<'a> {
    /// What a policy allows.
    pub fn new(policy: &'a Policy) -> Result<Net<'a>, FetchError> {
        let private = certificates(policy)?;
        Ok(Net {
            policy,
            public: agent(policy, RootCerts::WebPki),
            private: private.map(|roots| agent(policy, roots)),
        })
    }

    /// Whatever has connections.
    pub fn agents(&self) -> impl Iterator<Item = &Agent> {
        std::iter::once(&self.public).chain(&self.private)
    }

    /// Sends a request to an address, if the policy lists its origin; `shown` is the address for messages. `request` makes it for an
    /// agent, with the time that is left until `ends`.
    pub fn send(
        &self,
        url: &WebUrl,
        shown: &str,
        ends: Instant,
        request: impl Fn(&Agent, Duration) -> Result<Response<Body>, ureq::Error>,
    ) -> Result<Response<Body>, Unanswered> {
        self.policy
            .may_fetch_from(url.origin())
            .map_err(FetchError::Refused)?;
        let send = |agent| {
            let left = ends.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Unanswered::Slow);
            }
            request(agent, left).map_err(|error| self.failed(url, shown, error))
        };
        match (send(&self.public), &self.private) {
            // Nothing has been sent yet: who is asked comes before what.
            (
                Err(Unanswered::Failed(FetchError::Untrusted { issuer: true, .. })),
                Some(private),
            ) => send(private),
            (answer, _) => answer,
        }
    }

    /// Works until the command is cancelled, which closes the connections.
    pub fn cancellable<T>(&self, cancel: &Cancel, work: impl FnOnce() -> T) -> T {
        let (done, watched) = mpsc::channel::<()>();
        let agents: Vec<Agent> = self.agents().cloned().collect();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                while watched.recv_timeout(POLL) == Err(mpsc::RecvTimeoutError::Timeout) {
                    if cancel.is_cancelled() {
                        agents.into_iter().for_each(Agent::shutdown);
                        return;
                    }
                }
            });
            let outcome = work();
            drop(done);
            outcome
        })
    }

    /// What went wrong before there was an answer.
    fn failed(&self, url: &WebUrl, shown: &str, error: ureq::Error) -> Unanswered {
        let place = shown.to_owned();
        let unreachable = |why: String| FetchError::Unreachable {
            place: shown.to_owned(),
            why: hide(&why).into_owned(),
        };
        let error = match error {
            ureq::Error::Timeout(Timeout::Connect | Timeout::Resolve) => {
                unreachable(format!("no connection within {} s", CONNECT.as_secs()))
            }
            ureq::Error::Timeout(_) => return Unanswered::Slow,
            ureq::Error::HostNotFound => unreachable("there is no such host".to_owned()),
            ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                untrusted(place, error.to_string())
            }
            ureq::Error::Io(error) => unreachable(error.to_string()),
            ureq::Error::Rustls(error) => untrusted(place, error.to_string()),
            ureq::Error::Tls(error) => untrusted(place, error.to_owned()),
            ureq::Error::Other(why) => match why.downcast::<NotPublic>() {
                Ok(why) => FetchError::NotPublic {
                    host: url.origin().host.clone(),
                    address: why.address,
                    what: why.what,
                    help: self.policy.would_grant(why.address),
                },
                Err(other) => unreachable(other.to_string()),
            },
            other => FetchError::Unusable {
                place,
                what: format!("answers with what is no HTTP: {}", hide(&other.to_string())),
                help: None,
            },
        };
        Unanswered::Failed(error)
    }
}

/// Where a redirect leads, if it may be followed; `shown` is the address that redirects, for messages.
pub(crate) fn redirected(
    policy: &Policy,
    from: &WebUrl,
    shown: &str,
    location: &str,
) -> Result<WebUrl, FetchError> {
    let refused = |target: String, why: String, help| FetchError::Redirect {
        place: shown.to_owned(),
        target,
        why,
        help,
    };
    let next = match from.join(location) {
        Ok(next) => next,
        Err(invalid) => {
            let why = hide(&invalid.message).chars().take(300).collect();
            return Err(refused("what is no address".to_owned(), why, None));
        }
    };
    let target = hide(&next.without_query()).into_owned();
    if (from.origin().scheme, next.origin().scheme) == (Scheme::Https, Scheme::Http)
        && stands(Point::SourceDowngrade)
    {
        let why = "from https to http no redirect is followed".to_owned();
        return Err(refused(target, why, None));
    }
    if let Err(refusal) = policy.may_fetch_from(next.origin()) {
        return Err(refused(target, refusal.message, Some(refusal.help)));
    }
    Ok(next)
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
