//! Asking for a source: with which headers and secrets, and where redirects lead.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ureq::http::{HeaderName, HeaderValue, Response};
use ureq::{Agent, Body};

use super::error::FetchError;
use super::memory::Validator;
use super::net::{Net, Unanswered, redirected};
use crate::enforcement::{Point, stands};
use crate::manifest::{Sent, WebSource, WebUrl};
use crate::policy::Policy;
use crate::secret::{Secret, hide};

/// What a test waits at most that unplugs `limits.time`.
const UNPLUGGED_TIME: Duration = Duration::from_secs(3600);

/// Asks for one source.
pub(super) struct Asker<'a> {
    policy: &'a Policy,
    source: &'a WebSource,
    pub net: Net<'a>,
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
        Ok(Asker {
            policy,
            source,
            net: Net::new(policy)?,
            secrets,
        })
    }

    /// Asks once.
    pub fn ask(
        &self,
        going: &Going,
        validator: Option<&Validator>,
    ) -> Result<Response<Body>, FetchError> {
        let headers = self.headers(going)?;
        let ask = |agent: &Agent, left: Duration| {
            let mut request = agent.get(going.url.as_str());
            for (name, value) in &headers {
                request = request.header(name, value);
            }
            if let Some(validator) = validator {
                let (name, value) = validator.field();
                request = request.header(name, value);
            }
            request = request.header("accept-encoding", "identity");
            let request = request.config().timeout_global(Some(left)).build();
            request.call()
        };
        let answer = self.net.send(&going.url, &going.shown(), going.ends, ask);
        answer.map_err(|unanswered| match unanswered {
            Unanswered::Slow => self.slow(going),
            Unanswered::Failed(error) => error,
        })
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
        let next = redirected(self.policy, &going.url, &going.shown(), location)?;
        let mut secrets = going.secrets.clone();
        secrets.retain(|name| self.policy.may_send(name, next.origin()).is_ok());
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
