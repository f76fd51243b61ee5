//! The one place where host names become addresses: what is not public is refused here, and only what passes is connected to. A name
//! that leads elsewhere a moment later has no effect.

use std::fmt;
use std::net::IpAddr;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use crate::enforcement::{Point, stands};
use crate::policy::{Network, why_not_public};

/// Looks names up, and lets through what is public or granted.
#[derive(Debug)]
pub(super) struct Guard<Names = DefaultResolver> {
    names: Names,
    granted: Vec<Network>,
}

/// No address of a host may be connected to.
#[derive(Debug)]
pub(super) struct NotPublic {
    /// The first of them.
    pub address: IpAddr,
    /// What kind of address it is.
    pub what: &'static str,
}

impl fmt::Display for NotPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {}", self.address, self.what)
    }
}

impl std::error::Error for NotPublic {}

impl Guard {
    pub fn new(granted: &[Network]) -> Guard {
        Guard {
            names: DefaultResolver::default(),
            granted: granted.to_vec(),
        }
    }
}

impl<Names> Guard<Names> {
    /// Why an address may not be connected to.
    fn refuses(&self, address: IpAddr) -> Option<NotPublic> {
        let what = why_not_public(address)?;
        let granted = self.granted.iter().any(|network| network.grants(address));
        (!granted && stands(Point::PolicyPrivate)).then_some(NotPublic { address, what })
    }
}

impl<Names: Resolver> Resolver for Guard<Names> {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.names.resolve(uri, config, timeout)?;
        let mut passed = self.empty();
        let mut refused = None;
        for address in &found {
            match self.refuses(address.ip()) {
                None => passed.push(*address),
                Some(why) => refused = refused.or(Some(why)),
            }
        }
        match refused {
            Some(why) if passed.is_empty() => Err(ureq::Error::Other(Box::new(why))),
            _ => Ok(passed),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::io::Write;
    use std::net::{SocketAddr, TcpListener};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use ureq::Agent;
    use ureq::unversioned::transport::TcpConnector;
    use ureq::unversioned::transport::time::Duration;

    fn resolve(guard: &Guard, uri: &str) -> Result<Vec<String>, String> {
        let config = Agent::config_builder().proxy(None).build();
        let timeout = NextTimeout {
            after: Duration::NotHappening,
            reason: ureq::Timeout::Global,
            per_read: None,
            per_write: None,
        };
        let found = guard.resolve(&uri.parse().unwrap(), &config, timeout);
        match found {
            Ok(found) => Ok(found.iter().map(ToString::to_string).collect()),
            Err(ureq::Error::Other(why)) => Err(why.to_string()),
            Err(other) => panic!("{other}"),
        }
    }

    /// However an address is written: the check is on what it means.
    #[test]
    fn what_is_not_public_is_refused() {
        let guard = Guard::new(&[]);
        for uri in [
            "http://127.0.0.1/",
            "http://localhost/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://127.1/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:a00:1]/",
            "http://169.254.169.254/latest/meta-data/",
            "http://10.0.0.1:8080/",
        ] {
            assert!(resolve(&guard, uri).is_err(), "{uri}");
        }
        assert_eq!(resolve(&guard, "http://1.1.1.1/").unwrap(), ["1.1.1.1:80"]);
    }

    /// Names that lead elsewhere each time that they are looked up.
    #[derive(Debug)]
    struct Rebinding {
        addresses: Vec<SocketAddr>,
        asked: Arc<AtomicUsize>,
    }

    impl Resolver for Rebinding {
        fn resolve(
            &self,
            _: &Uri,
            _: &Config,
            _: NextTimeout,
        ) -> Result<ResolvedSocketAddrs, ureq::Error> {
            let mut found = self.empty();
            found.push(self.addresses[self.asked.fetch_add(1, Ordering::SeqCst)]);
            Ok(found)
        }
    }

    /// The address that was checked is the one that is connected to, and the next request is checked anew.
    #[test]
    fn a_name_that_leads_elsewhere_a_moment_later_has_no_effect() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let first = listener.local_addr().unwrap();
        let inside = TcpListener::bind(("127.0.0.2", first.port())).unwrap();
        let second = inside.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                .unwrap();
        });
        let asked = Arc::new(AtomicUsize::new(0));
        let names = Rebinding {
            addresses: vec![first, second],
            asked: Arc::clone(&asked),
        };
        let guard = Guard {
            names,
            granted: vec!["127.0.0.1".parse().unwrap()],
        };
        let config = Agent::config_builder().proxy(None).max_idle_connections(0);
        let agent = Agent::with_parts(config.build(), TcpConnector::default(), guard);
        let url = format!("http://data.example.com:{}/", first.port());
        assert_eq!(agent.get(&url).call().unwrap().status(), 200);
        server.join().unwrap();
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        let refused = agent.get(&url).call().unwrap_err();
        assert!(matches!(refused, ureq::Error::Other(_)), "{refused}");
        assert_eq!(asked.load(Ordering::SeqCst), 2);
        inside.set_nonblocking(true).unwrap();
        assert!(inside.accept().is_err(), "nobody came");
    }

    #[test]
    fn what_is_granted_passes() {
        let guard = Guard::new(&["127.0.0.1".parse().unwrap()]);
        for uri in ["http://127.0.0.1:81/", "http://localhost:81/"] {
            assert_eq!(resolve(&guard, uri).unwrap(), ["127.0.0.1:81"], "{uri}");
        }
        assert!(resolve(&guard, "http://127.0.0.2/").is_err());
    }
}
