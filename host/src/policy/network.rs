//! Which addresses are public, and which others are granted.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A stretch of addresses: one (`10.0.0.7`), or those with the same first bits (`10.0.0.0/8`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    /// The first address, in its plain form.
    first: IpAddr,
    /// How many bits are the same.
    bits: u8,
}

impl Network {
    const fn v4(a: u8, b: u8, c: u8, d: u8, bits: u8) -> Network {
        Network {
            first: IpAddr::V4(Ipv4Addr::new(a, b, c, d)),
            bits,
        }
    }

    const fn v6(first: [u16; 8], bits: u8) -> Network {
        let [a, b, c, d, e, f, g, h] = first;
        Network {
            first: IpAddr::V6(Ipv6Addr::new(a, b, c, d, e, f, g, h)),
            bits,
        }
    }

    /// Whether an address, in its plain form, is one of these.
    fn has(&self, address: IpAddr) -> bool {
        match (self.first, address) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                let differ = first.to_bits() ^ address.to_bits();
                differ.leading_zeros() >= u32::from(self.bits)
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                let differ = first.to_bits() ^ address.to_bits();
                differ.leading_zeros() >= u32::from(self.bits)
            }
            _ => false,
        }
    }

    /// Whether it is one address.
    fn is_single(&self) -> bool {
        self.bits == width(self.first)
    }

    /// Whether this grants an address. Those at which clouds hand out their keys have to be named one by one.
    pub fn grants(&self, address: IpAddr) -> bool {
        let address = plain(address);
        self.has(address) && (self.is_single() || !is_metadata(address))
    }
}

fn width(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Network, String> {
        let wrong = || {
            format!("{text:?} is no address or network, such as \"127.0.0.1\" or \"10.0.0.0/8\"")
        };
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().map_err(|_| wrong())?)),
            None => (text, None),
        };
        let written: IpAddr = address.parse().map_err(|_| wrong())?;
        let first = plain(written);
        // The bits of `::ffff:10.0.0.0/104` are counted in the long form.
        let bits = match bits {
            None => width(first),
            Some(bits) => bits
                .checked_sub(width(written) - width(first))
                .ok_or_else(wrong)?,
        };
        let network = Network { first, bits };
        if bits > width(first) || !network.is_first() {
            return Err(wrong());
        }
        Ok(network)
    }
}

impl Network {
    /// Whether no bit is set behind those that are the same: `10.0.0.7/8` may not be what was meant.
    fn is_first(&self) -> bool {
        let zeros = match self.first {
            IpAddr::V4(first) => first.to_bits().trailing_zeros(),
            IpAddr::V6(first) => first.to_bits().trailing_zeros(),
        };
        zeros >= u32::from(width(self.first) - self.bits)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_single() {
            true => write!(f, "{}", self.first),
            false => write!(f, "{}/{}", self.first, self.bits),
        }
    }
}

/// The IPv4 address that an IPv6 address stands for, where it stands for one: mapped (`::ffff:0:0/96`) or translated
/// (`64:ff9b::/96`, RFC 6052).
fn plain(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else {
        return address;
    };
    let translated = v6.segments()[..6] == [0x64, 0xff9b, 0, 0, 0, 0];
    match v6.to_ipv4_mapped() {
        Some(v4) => IpAddr::V4(v4),
        None if translated => IpAddr::V4(Ipv4Addr::from_bits(v6.to_bits() as u32)),
        None => address,
    }
}

/// Addresses at which clouds hand out keys to whoever asks from inside; the last one looks public.
const METADATA: [Network; 5] = [
    Network::v4(169, 254, 169, 254, 32),
    Network::v4(169, 254, 170, 2, 32),
    Network::v4(100, 100, 100, 200, 32),
    Network::v6([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254], 128),
    Network::v4(168, 63, 129, 16, 32),
];

fn is_metadata(address: IpAddr) -> bool {
    METADATA.iter().any(|network| network.has(address))
}

/// What is not public. Source: the IANA registries of special-purpose addresses for IPv4 and IPv6 (RFC 6890 and its updates).
const SPECIAL: [(Network, &str); 22] = [
    (Network::v4(0, 0, 0, 0, 8), "this machine"),
    (Network::v4(10, 0, 0, 0, 8), "a private network"),
    (Network::v4(100, 64, 0, 0, 10), "a carrier's network"),
    (Network::v4(127, 0, 0, 0, 8), "this machine"),
    (Network::v4(169, 254, 0, 0, 16), "link-local"),
    (Network::v4(172, 16, 0, 0, 12), "a private network"),
    (Network::v4(192, 0, 0, 0, 24), "reserved"),
    (Network::v4(192, 0, 2, 0, 24), "for documentation"),
    (Network::v4(192, 88, 99, 0, 24), "reserved"),
    (Network::v4(192, 168, 0, 0, 16), "a private network"),
    (Network::v4(198, 18, 0, 0, 15), "for benchmarks"),
    (Network::v4(198, 51, 100, 0, 24), "for documentation"),
    (Network::v4(203, 0, 113, 0, 24), "for documentation"),
    (Network::v4(224, 0, 0, 0, 4), "multicast"),
    (Network::v4(240, 0, 0, 0, 4), "reserved"),
    (Network::v6([0, 0, 0, 0, 0, 0, 0, 1], 128), "this machine"),
    (
        Network::v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7),
        "unique-local",
    ),
    (Network::v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10), "link-local"),
    (Network::v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8), "multicast"),
    // Teredo, benchmarks, ORCHID and others.
    (Network::v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), "reserved"),
    (
        Network::v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32),
        "for documentation",
    ),
    // An IPv4 address of any kind is in it.
    (Network::v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16), "6to4"),
];

/// All of IPv6 that is given out for the public.
const GLOBAL: Network = Network::v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);
/// In it, for documentation (RFC 9637).
const DOCUMENTATION: Network = Network::v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20);

/// Why an address is not public, in a few words; none if it is.
pub fn why_not_public(address: IpAddr) -> Option<&'static str> {
    let address = plain(address);
    if is_metadata(address) {
        return Some("where a cloud hands out its keys");
    }
    let special = SPECIAL.iter().find(|(network, _)| network.has(address));
    if let Some((_, what)) = special {
        return Some(what);
    }
    match address {
        IpAddr::V6(_) if !GLOBAL.has(address) || DOCUMENTATION.has(address) => Some("reserved"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_public_addresses_are_public() {
        for address in [
            "127.0.0.1",
            "127.8.9.10",
            "0.0.0.0",
            "10.255.0.1",
            "100.64.0.1",
            "100.100.100.200",
            "169.254.169.254",
            "168.63.129.16",
            "172.31.0.1",
            "192.168.1.1",
            "192.0.0.192",
            "198.19.0.1",
            "203.0.113.9",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.1.2.3",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "5f00::1",
        ] {
            assert!(
                why_not_public(address.parse().unwrap()).is_some(),
                "{address}"
            );
        }
        for address in [
            "1.1.1.1",
            "100.63.255.255",
            "100.128.0.1",
            "172.32.0.1",
            "9.255.255.255",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00:1450::1",
            "::ffff:1.1.1.1",
            "64:ff9b::101:101",
            "2001:4860:4860::8888",
        ] {
            assert_eq!(why_not_public(address.parse().unwrap()), None, "{address}");
        }
    }

    #[test]
    fn networks_grant_what_is_in_them() {
        for (network, address, granted) in [
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "::ffff:127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false),
            ("127.0.0.1", "::1", false),
            ("10.0.0.0/8", "10.9.9.9", true),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("::ffff:10.0.0.0/104", "10.9.9.9", true),
            ("fd00::/8", "fd12::1", true),
            ("fd00::/8", "fc12::1", false),
            ("0.0.0.0/0", "10.0.0.1", true),
            ("0.0.0.0/0", "169.254.169.254", false),
            ("169.254.0.0/16", "169.254.169.254", false),
            ("169.254.169.254", "169.254.169.254", true),
            ("::/0", "fd00:ec2::254", false),
        ] {
            let parsed: Network = network.parse().unwrap();
            let found = parsed.grants(address.parse().unwrap());
            assert_eq!(found, granted, "{network} {address}");
        }
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in [
            "",
            "localhost",
            "10.0.0.0/33",
            "10.0.0.1/8",
            "10.0.0.0/",
            "10",
            "::/129",
        ] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
        let shown = ["10.0.0.0/8", "::1", "127.0.0.1"]
            .map(|text| text.parse::<Network>().unwrap().to_string());
        assert_eq!(shown, ["10.0.0.0/8", "::1", "127.0.0.1"]);
    }
}
