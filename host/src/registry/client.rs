//! Asking a registry: who asks is shown where that is wanted, and redirects are followed. Source: OCI distribution-spec 1.1.
//!
//! A small client on the one that fetches sources: `oci-client` stands on reqwest and an asynchronous runtime, and its resolver can be
//! replaced but is not asked about addresses that are written as numbers, so that the guard would not hold.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use ureq::http::{HeaderValue, Method, Response, header};
use ureq::{Agent, Body};

use super::auth::{Challenge, TokenAnswer, TokenGiver};
use super::credentials::{Credential, basic};
use super::error::RegistryError;
use super::repository::{Access, read};
use crate::fetch::net::{Net, Unanswered, redirected};
use crate::fetch::{FetchError, cut_off, says, wait};
use crate::manifest::{Origin, Scheme, WebUrl};
use crate::secret::{Secret, hide};

/// How long one request may take, redirects and the body included.
const TIME: Duration = Duration::from_secs(300);
/// How many redirects are followed: to where a registry keeps its blobs.
const MOST_REDIRECTS: usize = 5;
/// The most bytes of an answer with a token.
const MAX_TOKEN: u64 = 64 * 1024;

/// Asks one registry about one repository.
pub(super) struct Client<'a> {
    access: Access<'a>,
    net: Net<'a>,
    /// Who is asked.
    pub origin: &'a Origin,
    /// The registry's name among credentials.
    host: &'a str,
    /// The repository's name.
    name: &'a str,
    /// What is shown to the registry, and to nobody else, once it has asked for it.
    authorization: RefCell<Option<HeaderValue>>,
    /// Whether there are credentials for it, once they were looked for.
    known: Cell<bool>,
}

/// What is asked for.
pub(super) struct Request<'b> {
    /// How.
    pub method: Method,
    /// Where.
    pub url: WebUrl,
    /// What else is said.
    pub headers: Vec<(&'static str, &'b str)>,
    /// What is sent along.
    pub body: Option<&'b [u8]>,
}

/// An answer that is on its way.
pub(super) struct Answer {
    /// Its head, and its body as far as that was not read.
    pub response: Response<Body>,
    /// Who answers, for messages.
    shown: String,
}

impl<'a> Client<'a> {
    /// For the repository `name`. Nobody is asked yet.
    pub fn new(
        access: Access<'a>,
        origin: &'a Origin,
        host: &'a str,
        name: &'a str,
    ) -> Result<Client<'a>, RegistryError> {
        Ok(Client {
            access,
            net: Net::new(access.policy)?,
            origin,
            host,
            name,
            authorization: RefCell::new(None),
            known: Cell::new(false),
        })
    }

    /// The address of something of the repository.
    pub fn url(&self, path: &str) -> WebUrl {
        let url = format!("{}/v2/{}/{path}", self.origin, self.name);
        url.parse()
            .expect("names, tags and digests have no other characters than an address")
    }

    /// Works until the command is cancelled.
    pub fn cancellable<T>(
        &self,
        work: impl FnOnce() -> Result<T, RegistryError>,
    ) -> Result<T, RegistryError> {
        let cancel = self.access.cancel;
        match self.net.cancellable(cancel, work) {
            Err(_) if cancel.is_cancelled() => Err(FetchError::Cancelled.into()),
            outcome => outcome,
        }
    }

    /// Asks, shows who asks if that is wanted, and follows the redirects of what is read.
    pub fn ask(&self, mut request: Request<'_>) -> Result<Answer, RegistryError> {
        let ends = Instant::now() + TIME;
        for _ in 0..=MOST_REDIRECTS {
            let mut answer = self.send(&request, ends)?;
            let is_own = request.url.origin() == self.origin;
            if answer.status() == 401 && is_own && self.authorize(&answer, ends)? {
                answer = self.send(&request, ends)?;
            }
            match answer.redirect() {
                Some(location) if request.method == Method::GET => {
                    request.url =
                        redirected(self.access.policy, &request.url, &answer.shown, location)?;
                }
                _ => return Ok(answer),
            }
        }
        Err(FetchError::Redirects {
            place: shown(&request.url),
            most: MOST_REDIRECTS,
        }
        .into())
    }

    /// The error of an answer that is not the one that was wanted.
    pub fn refused(&self, answer: Answer) -> RegistryError {
        match answer.status() {
            401 | 403 => RegistryError::Denied {
                place: self.host.to_owned(),
                known: self.known.get(),
            },
            status => RegistryError::Fetch(FetchError::Status {
                place: answer.shown,
                status,
                wait: wait(answer.response.headers()),
                says: says(answer.response),
            }),
        }
    }

    /// Sends a request once.
    fn send(&self, request: &Request<'_>, ends: Instant) -> Result<Answer, RegistryError> {
        let is_own = request.url.origin() == self.origin;
        let authorization = self.authorization.borrow().clone().filter(|_| is_own);
        self.sent(&request.url, ends, |agent, left| {
            let mut builder = ureq::http::Request::builder()
                .method(request.method.clone())
                .uri(request.url.as_str())
                .header(header::ACCEPT_ENCODING, "identity");
            for (name, value) in &request.headers {
                builder = builder.header(*name, *value);
            }
            if let Some(authorization) = &authorization {
                builder = builder.header(header::AUTHORIZATION, authorization);
            }
            match request.body {
                None => run(agent, builder.body(())?, left),
                Some(body) => run(agent, builder.body(body)?, left),
            }
        })
    }

    fn sent(
        &self,
        url: &WebUrl,
        ends: Instant,
        request: impl Fn(&Agent, Duration) -> Result<Response<Body>, ureq::Error>,
    ) -> Result<Answer, RegistryError> {
        let shown = shown(url);
        match self.net.send(url, &shown, ends, request) {
            Ok(response) => Ok(Answer { response, shown }),
            Err(Unanswered::Slow) => Err(slow(&shown)),
            Err(Unanswered::Failed(error)) => Err(error.into()),
        }
    }

    /// Gets what the registry wants to be shown; false if there is nothing to show.
    fn authorize(&self, refused: &Answer, ends: Instant) -> Result<bool, RegistryError> {
        let Some(challenge) = Challenge::of(refused.response.headers()) else {
            return Ok(false);
        };
        let credential = Credential::of(self.host)?;
        self.known.set(credential.is_some());
        let value = match (challenge, credential) {
            (Challenge::Basic, Some(Credential::Password { user, password })) => {
                basic(&user, &password)
            }
            (Challenge::Basic, _) => return Ok(false),
            (Challenge::Bearer(giver), credential) => {
                let token = self.token(giver, credential, ends)?;
                format!("Bearer {}", token.reveal())
            }
        };
        let mut value = HeaderValue::from_str(&value).expect("base64 and tokens are visible ASCII");
        value.set_sensitive(true);
        *self.authorization.borrow_mut() = Some(value);
        Ok(true)
    }

    /// A token of whoever the registry says gives them. Its host has to be listed as the registry's is.
    fn token(
        &self,
        giver: TokenGiver,
        credential: Option<Credential>,
        ends: Instant,
    ) -> Result<Secret, RegistryError> {
        let url: WebUrl = giver
            .realm
            .parse()
            .map_err(|_| self.unusable("wants a token from what is no address"))?;
        if (self.origin.scheme, url.origin().scheme) == (Scheme::Https, Scheme::Http) {
            let what = "wants a token from where it would be sent in the clear";
            return Err(self.unusable(what));
        }
        let scope = giver.scope;
        let scope = scope.unwrap_or_else(|| format!("repository:{}:pull", self.name));
        let asked = [
            ("service", giver.service.unwrap_or_default()),
            ("scope", scope),
        ];
        let answer = self.sent(&url, ends, |agent, left| {
            ask_for_token(agent, &url, &asked, credential.as_ref(), left)
        })?;
        if answer.status() != 200 {
            return Err(self.refused(answer));
        }
        let token = serde_json::from_slice(&answer.read(MAX_TOKEN)?).ok();
        let token = token.and_then(TokenAnswer::token);
        let token =
            token.ok_or_else(|| self.unusable("gives no token where it says that one is given"))?;
        Secret::new(&token).map_err(|unfit| RegistryError::Credentials {
            host: self.host.to_owned(),
            why: format!("the token that it gave: {unfit}"),
        })
    }

    fn unusable(&self, what: &str) -> RegistryError {
        unusable(self.host, what)
    }
}

impl Answer {
    /// Its status.
    pub fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// Where it leads.
    pub fn location(&self) -> Option<&str> {
        let location = self.response.headers().get(header::LOCATION);
        location.and_then(|location| location.to_str().ok())
    }

    /// Where it leads, if it has no more to say than that.
    pub fn redirect(&self) -> Option<&str> {
        match self.status() {
            301 | 302 | 303 | 307 | 308 => self.location(),
            _ => None,
        }
    }

    /// Its body, to its end or its limit.
    pub fn read(self, limit: u64) -> Result<Vec<u8>, RegistryError> {
        let body = self.response.into_body();
        let reader = body.into_with_config().limit(u64::MAX).reader();
        let mut counted = Counted { reader, read: 0 };
        read(&mut counted, limit).map_err(|error| {
            match cut_off(&self.shown, counted.read, &error) {
                Some(error) => error.into(),
                None => slow(&self.shown),
            }
        })
    }

    /// The error of an answer that says something else than it should.
    pub fn unusable(&self, what: &str) -> RegistryError {
        unusable(&self.shown, what)
    }
}

/// With a password, or without anything, as the registries of docker want it; with an identity token as OAuth 2 does. Source: the
/// token protocol of the distribution project.
fn ask_for_token(
    agent: &Agent,
    url: &WebUrl,
    asked: &[(&'static str, String)],
    credential: Option<&Credential>,
    left: Duration,
) -> Result<Response<Body>, ureq::Error> {
    if let Some(Credential::Identity(token)) = credential {
        let mut form = asked.to_vec();
        form.push(("grant_type", "refresh_token".to_owned()));
        form.push(("client_id", "lockflight".to_owned()));
        form.push(("refresh_token", token.reveal().to_owned()));
        let post = agent.post(url.as_str()).config().timeout_global(Some(left));
        return post.build().send_form(form);
    }
    let mut get = agent.get(url.as_str());
    for (name, value) in asked {
        get = get.query(name, value);
    }
    if let Some(Credential::Password { user, password }) = credential {
        get = get.header(header::AUTHORIZATION, basic(user, password));
    }
    get.config().timeout_global(Some(left)).build().call()
}

fn run<S: ureq::AsSendBody>(
    agent: &Agent,
    request: ureq::http::Request<S>,
    left: Duration,
) -> Result<Response<Body>, ureq::Error> {
    let request = agent.configure_request(request);
    agent.run(request.timeout_global(Some(left)).build())
}

/// An address for messages: the queries that registries name have signatures in them.
fn shown(url: &WebUrl) -> String {
    hide(&url.without_query()).into_owned()
}

fn slow(shown: &str) -> RegistryError {
    RegistryError::Slow {
        place: shown.to_owned(),
        limit: TIME,
    }
}

fn unusable(place: &str, what: &str) -> RegistryError {
    RegistryError::Fetch(FetchError::Unusable {
        place: place.to_owned(),
        what: what.to_owned(),
        help: None,
    })
}

/// Counts what came before a fault.
struct Counted<R> {
    reader: R,
    read: u64,
}

impl<R: std::io::Read> std::io::Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let len = self.reader.read(into)?;
        self.read += len as u64;
        Ok(len)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::path::Path;

    use super::*;
    use crate::launcher::Cancel;
    use crate::policy::Policy;
    use crate::registry::{Place, Reference};

    /// Whoever listens on the way would read a password.
    #[test]
    fn no_token_is_asked_for_in_the_clear() {
        let text = "[sources]\nhosts = [\"r.example\", \"http://r.example\"]\n".to_owned();
        let policy = Policy::parse(Path::new("policy.toml"), text).unwrap();
        let reference: Reference = "r.example/csv:1".parse().unwrap();
        let Place::Registry { origin, host, name } = &reference.place else {
            panic!("{reference}")
        };
        let access = Access {
            policy: &policy,
            cancel: &Cancel::default(),
        };
        let client = Client::new(access, origin, host, name).unwrap();
        let giver = TokenGiver {
            realm: "http://r.example/token".to_owned(),
            service: None,
            scope: None,
        };
        let error = client
            .token(giver, None, Instant::now() + TIME)
            .unwrap_err();
        assert!(error.to_string().contains("in the clear"), "{error}");
    }
}
