//! A repository of a registry on the web. Source: OCI distribution-spec 1.1.
//!
//! A small client on the one that fetches sources: `oci-client` stands on reqwest and an asynchronous runtime, and its resolver can be
//! replaced but is not asked about addresses that are written as numbers, so that the guard would not hold.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use ureq::http::{HeaderValue, Method, Response, header};
use ureq::{Agent, Body};

use super::auth::{Challenge, TokenAnswer};
use super::credentials::{Credential, basic};
use super::error::RegistryError;
use super::reference::Which;
use super::repository::{Access, Keeper, Kept, read};
use crate::digest::Digest;
use crate::fetch::net::{Net, Unanswered, redirected};
use crate::fetch::{FetchError, cut_off, says, wait};
use crate::manifest::{Origin, Scheme, WebUrl};
use crate::oci::{INDEX_TYPE, MANIFEST_TYPE, MAX_MANIFEST};
use crate::secret::{Secret, hide};

/// How long one request may take, redirects and the body included.
const TIME: Duration = Duration::from_secs(300);
/// How many redirects are followed: to where a registry keeps its blobs.
const MOST_REDIRECTS: usize = 5;
/// The most bytes of an answer with a token.
const MAX_TOKEN: u64 = 64 * 1024;

/// A repository of a registry.
pub(super) struct Remote<'a> {
    access: Access<'a>,
    net: Net<'a>,
    origin: &'a Origin,
    /// The registry's name among credentials.
    host: &'a str,
    name: &'a str,
    /// What is shown to the registry, and to nobody else, once it has asked for it.
    authorization: RefCell<Option<HeaderValue>>,
    /// Whether there are credentials for it, once they were looked for.
    known: Cell<bool>,
}

/// What is asked for.
struct Request<'b> {
    method: Method,
    url: WebUrl,
    headers: Vec<(&'static str, &'b str)>,
    body: Option<&'b [u8]>,
}

impl<'a> Remote<'a> {
    /// The one of this name. Nobody is asked yet.
    pub fn new(
        access: Access<'a>,
        origin: &'a Origin,
        host: &'a str,
        name: &'a str,
    ) -> Result<Remote<'a>, RegistryError> {
        Ok(Remote {
            access,
            net: Net::new(access.policy)?,
            origin,
            host,
            name,
            authorization: RefCell::new(None),
            known: Cell::new(false),
        })
    }

    fn url(&self, path: &str) -> WebUrl {
        let url = format!("{}/v2/{}/{path}", self.origin, self.name);
        url.parse()
            .expect("names, tags and digests have no other characters than an address")
    }

    fn cancellable<T>(
        &self,
        work: impl FnOnce() -> Result<T, RegistryError>,
    ) -> Result<T, RegistryError> {
        let cancel = self.access.cancel;
        match self.net.cancellable(cancel, work) {
            Err(_) if cancel.is_cancelled() => Err(FetchError::Cancelled.into()),
            outcome => outcome,
        }
    }

    /// The answer to a question; none if it is that there is no such thing.
    fn get(
        &self,
        path: &str,
        headers: Vec<(&'static str, &str)>,
        limit: u64,
    ) -> Result<Option<(Response<()>, Vec<u8>)>, RegistryError> {
        self.cancellable(|| {
            let request = Request {
                method: Method::GET,
                url: self.url(path),
                headers,
                body: None,
            };
            let ends = Instant::now() + TIME;
            let shown = shown(&request.url);
            let response = self.ask(request, ends)?;
            match response.status().as_u16() {
                200 => {
                    let (head, body) = response.into_parts();
                    let bytes = self.body(&shown, body, limit)?;
                    Ok(Some((Response::from_parts(head, ()), bytes)))
                }
                404 => Ok(None),
                _ => Err(self.refused(&shown, response)),
            }
        })
    }

    /// The body of an answer, to its end or its limit.
    fn body(&self, shown: &str, body: Body, limit: u64) -> Result<Vec<u8>, RegistryError> {
        let reader = body.into_with_config().limit(u64::MAX).reader();
        let mut counted = Counted { reader, read: 0 };
        read(&mut counted, limit).map_err(|error| match cut_off(shown, counted.read, &error) {
            Some(error) => error.into(),
            None => slow(shown),
        })
    }

    /// Asks, shows who asks if that is wanted, and follows redirects.
    fn ask(&self, mut request: Request<'_>, ends: Instant) -> Result<Response<Body>, RegistryError> {
        for _ in 0..=MOST_REDIRECTS {
            let mut response = self.send(&request, ends)?;
            let is_own = request.url.origin() == self.origin;
            if response.status() == 401 && is_own && self.authorize(&response, ends)? {
                response = self.send(&request, ends)?;
            }
            let location = response.headers().get(header::LOCATION);
            match (response.status().as_u16(), location) {
                (301 | 302 | 303 | 307 | 308, Some(location)) if request.method == Method::GET => {
                    let location = location.to_str().unwrap_or_default();
                    let from = shown(&request.url);
                    request.url = redirected(self.access.policy, &request.url, &from, location)?;
                }
                _ => return Ok(response),
            }
        }
        Err(FetchError::Redirects {
            place: shown(&request.url),
            most: MOST_REDIRECTS,
        }
        .into())
    }

    /// Sends a request once.
    fn send(&self, request: &Request<'_>, ends: Instant) -> Result<Response<Body>, RegistryError> {
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
    ) -> Result<Response<Body>, RegistryError> {
        let shown = shown(url);
        let answer = self.net.send(url, &shown, ends, request);
        answer.map_err(|unanswered| match unanswered {
            Unanswered::Slow => slow(&shown),
            Unanswered::Failed(error) => error.into(),
        })
    }

    /// Gets what the registry wants to be shown; false if there is nothing to show.
    fn authorize(&self, refused: &Response<Body>, ends: Instant) -> Result<bool, RegistryError> {
        let Some(challenge) = Challenge::of(refused.headers()) else {
            return Ok(false);
        };
        let credential = Credential::of(self.host)?;
        self.known.set(credential.is_some());
        let value = match (challenge, credential) {
            (Challenge::Basic, Some(Credential::Password { user, password })) => {
                basic(&user, &password)
            }
            (Challenge::Basic, _) => return Ok(false),
            (
                Challenge::Bearer {
                    realm,
                    service,
                    scope,
                },
                credential,
            ) => {
                let scope = scope.unwrap_or_else(|| format!("repository:{}:pull", self.name));
                let asked = [("service", service.unwrap_or_default()), ("scope", scope)];
                let token = self.token(&realm, &asked, credential, ends)?;
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
        realm: &str,
        asked: &[(&'static str, String)],
        credential: Option<Credential>,
        ends: Instant,
    ) -> Result<Secret, RegistryError> {
        let unusable = |what: &str| FetchError::Unusable {
            place: self.host.to_owned(),
            what: what.to_owned(),
            help: None,
        };
        let url: WebUrl = realm
            .parse()
            .map_err(|_| unusable("wants a token from what is no address"))?;
        if (self.origin.scheme, url.origin().scheme) == (Scheme::Https, Scheme::Http) {
            return Err(unusable("wants a token from where it would be sent in the clear").into());
        }
        let response = self.sent(&url, ends, |agent, left| match &credential {
            Some(Credential::Identity(token)) => {
                let mut form = asked.to_vec();
                form.push(("grant_type", "refresh_token".to_owned()));
                form.push(("client_id", "lockflight".to_owned()));
                form.push(("refresh_token", token.reveal().to_owned()));
                let post = agent.post(url.as_str()).config().timeout_global(Some(left));
                post.build().send_form(form)
            }
            other => {
                let mut get = agent.get(url.as_str());
                for (name, value) in asked {
                    get = get.query(name, value);
                }
                if let Some(Credential::Password { user, password }) = other {
                    get = get.header(header::AUTHORIZATION, basic(user, password));
                }
                get.config().timeout_global(Some(left)).build().call()
            }
        })?;
        let shown = shown(&url);
        if response.status() != 200 {
            return Err(self.refused(&shown, response));
        }
        let bytes = self.body(&shown, response.into_body(), MAX_TOKEN)?;
        let answer = serde_json::from_slice(&bytes).ok();
        let token = answer.and_then(TokenAnswer::token);
        let token = token.ok_or_else(|| unusable("gives no token where it says that one is given"))?;
        Secret::new(&token).map_err(|unfit| RegistryError::Credentials {
            host: self.host.to_owned(),
            why: format!("the token that it gave: {unfit}"),
        })
    }

    /// An answer that is none.
    fn refused(&self, shown: &str, response: Response<Body>) -> RegistryError {
        match response.status().as_u16() {
            401 | 403 => RegistryError::Denied {
                place: self.host.to_owned(),
                known: self.known.get(),
            },
            status => RegistryError::Fetch(FetchError::Status {
                place: shown.to_owned(),
                status,
                wait: wait(response.headers()),
                says: says(response),
            }),
        }
    }

    /// Sends what has to be taken.
    fn put(&self, request: Request<'_>, taken: u16) -> Result<Response<Body>, RegistryError> {
        let shown = shown(&request.url);
        let response = self.ask(request, Instant::now() + TIME)?;
        match response.status().as_u16() == taken {
            true => Ok(response),
            false => Err(self.refused(&shown, response)),
        }
    }

    /// Where a blob may be sent to.
    fn upload(&self) -> Result<WebUrl, RegistryError> {
        let url = self.url("blobs/uploads/");
        let begun = Request {
            method: Method::POST,
            url: url.clone(),
            headers: Vec::new(),
            body: Some(&[]),
        };
        let response = self.put(begun, 202)?;
        let location = response.headers().get(header::LOCATION);
        let location = location.and_then(|location| location.to_str().ok());
        let to = location.and_then(|location| url.join(location).ok());
        // Nobody but the registry is shown who publishes.
        let own = to.filter(|to| to.origin() == self.origin);
        own.ok_or_else(|| {
            RegistryError::Fetch(FetchError::Unusable {
                place: shown(&url),
                what: "does not say where on itself the blob is to be sent".to_owned(),
                help: None,
            })
        })
    }
}

impl Keeper for Remote<'_> {
    fn manifest(&self, which: &Which) -> Result<Option<Kept>, RegistryError> {
        let name = match which {
            Which::Tag(tag) => tag.clone(),
            Which::Digest(digest) => digest.to_string(),
        };
        let accept = format!("{MANIFEST_TYPE}, {INDEX_TYPE}");
        let limit = MAX_MANIFEST as u64 + 1;
        let found = self.get(
            &format!("manifests/{name}"),
            vec![("accept", &accept)],
            limit,
        )?;
        Ok(found.map(|(head, bytes)| Kept {
            claimed: head
                .headers()
                .get("docker-content-digest")
                .and_then(|digest| digest.to_str().ok()?.parse().ok()),
            bytes,
        }))
    }

    fn blob(&self, digest: &Digest, limit: u64) -> Result<Option<Vec<u8>>, RegistryError> {
        let found = self.get(&format!("blobs/{digest}"), Vec::new(), limit)?;
        Ok(found.map(|(_, bytes)| bytes))
    }

    fn put_blob(&self, digest: &Digest, bytes: &[u8]) -> Result<(), RegistryError> {
        self.cancellable(|| {
            let there = Request {
                method: Method::HEAD,
                url: self.url(&format!("blobs/{digest}")),
                headers: Vec::new(),
                body: None,
            };
            if self.ask(there, Instant::now() + TIME)?.status() == 200 {
                return Ok(());
            }
            let to = self.upload()?;
            let joined = if to.target().contains('?') { '&' } else { '?' };
            let url = format!("{}{joined}digest={digest}", to.as_str());
            let request = Request {
                method: Method::PUT,
                url: url.parse().expect("a digest can stand in an address"),
                headers: vec![("content-type", "application/octet-stream")],
                body: Some(bytes),
            };
            self.put(request, 201).map(drop)
        })
    }

    fn put_manifest(
        &self,
        tag: Option<&str>,
        media_type: &str,
        bytes: &[u8],
    ) -> Result<(), RegistryError> {
        let name = tag.map_or_else(|| Digest::of(bytes).to_string(), str::to_owned);
        self.cancellable(|| {
            let request = Request {
                method: Method::PUT,
                url: self.url(&format!("manifests/{name}")),
                headers: vec![("content-type", media_type)],
                body: Some(bytes),
            };
            self.put(request, 201).map(drop)
        })
    }
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
