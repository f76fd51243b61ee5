//! Credentials, as `docker login` keeps them: `config.json` in `DOCKER_CONFIG` or `~/.docker`, with helper programs if it names any.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use docker_credential::{CredentialRetrievalError, DockerCredential, get_credential_from_reader};

use super::error::RegistryError;
use crate::printable;
use crate::secret::{Secret, hide};

/// The name of Docker Hub among credentials.
const HUB: &str = "https://index.docker.io/v1/";

/// What a registry is shown.
pub(super) enum Credential {
    /// A user's name and password.
    Password {
        /// The name.
        user: String,
        /// The password.
        password: Secret,
    },
    /// A token for which tokens are given.
    Identity(Secret),
}

impl Credential {
    /// What docker's config has for a registry; none if it has nothing. Starts a helper program if the config names one.
    ///
    /// # Errors
    /// When the config cannot be read, a helper fails, or a value cannot be sent or be hidden.
    pub fn of(host: &str) -> Result<Option<Credential>, RegistryError> {
        let refused = |why: String| RegistryError::Credentials {
            host: host.to_owned(),
            why,
        };
        let Some(path) = path() else {
            return Ok(None);
        };
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(refused(format!("{}: {error}", path.display()))),
        };
        let server = if host == "docker.io" { HUB } else { host };
        let found = match get_credential_from_reader(BufReader::new(file), server) {
            Ok(found) => found,
            Err(CredentialRetrievalError::NoCredentialConfigured) => return Ok(None),
            // How all helpers say so. Source: the errors of docker/docker-credential-helpers.
            Err(CredentialRetrievalError::HelperFailure { stdout, .. })
                if stdout.contains("credentials not found") =>
            {
                return Ok(None);
            }
            Err(CredentialRetrievalError::HelperFailure { helper, stderr, .. }) => {
                let stderr = printable::line(stderr.trim()).into_owned();
                return Err(refused(format!("{helper} failed: {}", hide(&stderr))));
            }
            Err(error) => return Err(refused(format!("{}: {error}", path.display()))),
        };
        let secret = |text: &str| Secret::new(text).map_err(|unfit| refused(unfit.to_string()));
        Ok(Some(match found {
            DockerCredential::UsernamePassword(user, password) => Credential::Password {
                user,
                password: secret(&password)?,
            },
            DockerCredential::IdentityToken(token) => Credential::Identity(secret(&token)?),
        }))
    }
}

/// `Basic …`. Source: RFC 7617.
pub(super) fn basic(user: &str, password: &Secret) -> String {
    let pair = format!("{user}:{}", password.reveal());
    format!("Basic {}", STANDARD.encode(pair))
}

fn path() -> Option<PathBuf> {
    let named = std::env::var_os("DOCKER_CONFIG").filter(|folder| !folder.is_empty());
    let folder = match named {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(std::env::var_os("HOME")?).join(".docker"),
    };
    Some(folder.join("config.json"))
}
