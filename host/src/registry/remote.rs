//! A repository of a registry on the web. Source: OCI distribution-spec 1.1.

use ureq::http::Method;

use super::client::{Answer, Client, Request};
use super::error::RegistryError;
use super::reference::Which;
use super::repository::{Keeper, Kept};
use crate::digest::Digest;
use crate::manifest::WebUrl;
use crate::oci::{INDEX_TYPE, MANIFEST_TYPE, MAX_MANIFEST};

/// A repository of a registry.
pub(super) struct Remote<'a> {
    client: Client<'a>,
}

impl<'a> Remote<'a> {
    /// The one that a client asks about.
    pub fn new(client: Client<'a>) -> Remote<'a> {
        Remote { client }
    }

    /// The answer to a question; none if it is that there is no such thing.
    fn get(
        &self,
        path: &str,
        headers: Vec<(&'static str, &str)>,
    ) -> Result<Option<Answer>, RegistryError> {
        let answer = self.client.ask(Request {
            method: Method::GET,
            url: self.client.url(path),
            headers,
            body: None,
        })?;
        match answer.status() {
            200 => Ok(Some(answer)),
            404 => Ok(None),
            _ => Err(self.client.refused(answer)),
        }
    }

    /// Sends what has to be taken, which the status `taken` says.
    fn send(&self, request: Request<'_>, taken: u16) -> Result<Answer, RegistryError> {
        let answer = self.client.ask(request)?;
        match answer.status() == taken {
            true => Ok(answer),
            false => Err(self.client.refused(answer)),
        }
    }

    fn has_blob(&self, digest: &Digest) -> Result<bool, RegistryError> {
        let answer = self.client.ask(Request {
            method: Method::HEAD,
            url: self.client.url(&format!("blobs/{digest}")),
            headers: Vec::new(),
            body: None,
        })?;
        // A registry that keeps its blobs elsewhere says where this one is.
        Ok(answer.status() == 200 || answer.redirect().is_some())
    }

    /// Where a blob may be sent to.
    fn upload(&self) -> Result<WebUrl, RegistryError> {
        let url = self.client.url("blobs/uploads/");
        let begun = Request {
            method: Method::POST,
            url: url.clone(),
            headers: Vec::new(),
            body: Some(&[]),
        };
        let answer = self.send(begun, 202)?;
        let to = answer.location().and_then(|to| url.join(to).ok());
        // Nobody but the registry is shown who publishes.
        let own = to.filter(|to| to.origin() == self.client.origin);
        own.ok_or_else(|| answer.unusable("does not say where on itself the blob is to be sent"))
    }
}

impl Keeper for Remote<'_> {
    fn manifest(&self, which: &Which) -> Result<Option<Kept>, RegistryError> {
        let name = match which {
            Which::Tag(tag) => tag.clone(),
            Which::Digest(digest) => digest.to_string(),
        };
        let path = format!("manifests/{name}");
        let accept = format!("{MANIFEST_TYPE}, {INDEX_TYPE}");
        self.client.cancellable(|| {
            let Some(answer) = self.get(&path, vec![("accept", &accept)])? else {
                return Ok(None);
            };
            let claimed = answer.response.headers().get("docker-content-digest");
            let claimed = claimed.and_then(|digest| digest.to_str().ok()?.parse().ok());
            let bytes = answer.read(MAX_MANIFEST as u64 + 1)?;
            Ok(Some(Kept { bytes, claimed }))
        })
    }

    fn blob(&self, digest: &Digest, limit: u64) -> Result<Option<Vec<u8>>, RegistryError> {
        self.client.cancellable(|| {
            let found = self.get(&format!("blobs/{digest}"), Vec::new())?;
            found.map(|answer| answer.read(limit)).transpose()
        })
    }

    fn put_blob(&self, digest: &Digest, bytes: &[u8]) -> Result<(), RegistryError> {
        self.client.cancellable(|| {
            if self.has_blob(digest)? {
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
            self.send(request, 201).map(drop)
        })
    }

    fn put_manifest(
        &self,
        tag: Option<&str>,
        media_type: &str,
        bytes: &[u8],
    ) -> Result<(), RegistryError> {
        let name = tag.map_or_else(|| Digest::of(bytes).to_string(), str::to_owned);
        self.client.cancellable(|| {
            let request = Request {
                method: Method::PUT,
                url: self.client.url(&format!("manifests/{name}")),
                headers: vec![("content-type", media_type)],
                body: Some(bytes),
            };
            self.send(request, 201).map(drop)
        })
    }
}
