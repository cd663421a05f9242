//! Requests to addresses that somebody else wrote down. They go to the public internet only, never to this machine or
//! the network around it, and are bounded in time and size.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::HeaderMap;
use reqwest::{Client, Url, redirect};
use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use url::Host;

/// How programs of this kind introduce themselves; `robots.txt` can address them by the first word.
pub const AGENT: &str = "answerable";

/// The bounds of a request.
#[derive(Clone, Debug)]
pub struct Limits {
    /// From the first step to the last byte.
    pub timeout: Duration,
    /// The largest body.
    pub max_bytes: usize,
    /// Addresses that are not public and may be asked all the same.
    pub allowed: Vec<IpAddr>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The address is that of a machine which the public cannot reach, or no web address.
    #[error("the address is not public")]
    NotPublic,
    /// The body is larger than it may be.
    #[error("the answer is too large")]
    TooLarge,
    /// No connection, no HTTP, or not in time.
    #[error("{0}")]
    Unreachable(String),
}

impl From<reqwest::Error> for Trouble {
    fn from(error: reqwest::Error) -> Self {
        let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
        while let Some(one) = cause {
            if one.is::<NotPublic>() {
                return Self::NotPublic;
            }
            cause = one.source();
        }
        Self::Unreachable(error.without_url().to_string())
    }
}

/// Makes requests within its limits. Follows no redirect: that is for the caller, who may have to ask first.
pub struct Outbound {
    client: Client,
    limits: Limits,
}

impl Outbound {
    /// Errors when the system has no certificates to trust.
    pub fn new(limits: Limits) -> reqwest::Result<Self> {
        let allowed = limits.allowed.clone().into();
        let client = Client::builder()
            .user_agent(concat!("answerable/", env!("CARGO_PKG_VERSION")))
            .timeout(limits.timeout)
            .redirect(redirect::Policy::none())
            // a proxy would look names up by itself
            .no_proxy()
            .dns_resolver(Arc::new(PublicOnly { allowed }))
            .build()?;
        Ok(Self { client, limits })
    }

    /// Whether an address may be asked at all, as far as can be said before names are looked up.
    fn check(&self, url: &Url) -> Result<(), Trouble> {
        // what is an address already is not looked up, so that the resolver does not see it
        let is_refused = match url.host() {
            Some(Host::Ipv4(address)) => !may_ask(address.into(), &self.limits.allowed),
            Some(Host::Ipv6(address)) => !may_ask(address.into(), &self.limits.allowed),
            Some(Host::Domain(_)) => false,
            None => true,
        };
        if is_refused || !["http", "https"].contains(&url.scheme()) {
            return Err(Trouble::NotPublic);
        }
        Ok(())
    }

    /// Sends a body to an address; the status and the headers of the answer, whose body is left unread.
    pub async fn post(
        &self,
        url: &Url,
        headers: HeaderMap,
        body: String,
    ) -> Result<(u16, HeaderMap), Trouble> {
        self.check(url)?;
        let request = self.client.post(url.clone()).headers(headers).body(body);
        let answer = request.send().await?;
        Ok((answer.status().as_u16(), answer.headers().clone()))
    }

    /// Gets an address.
    pub async fn get(&self, url: &Url, headers: HeaderMap) -> Result<Answer, Trouble> {
        self.check(url)?;
        let mut answer = self.client.get(url.clone()).headers(headers).send().await?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > self.limits.max_bytes {
                return Err(Trouble::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            body,
        })
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the address is not public")]
struct NotPublic;

/// Looks names up, and refuses those that lead, even by one of their addresses, to where requests may not go. The
/// connection is made to the addresses that were looked at here, so that a second look-up cannot say otherwise.
struct PublicOnly {
    allowed: Arc<[IpAddr]>,
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = Arc::clone(&self.allowed);
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let addresses: Vec<SocketAddr> = found.collect();
            match addresses.iter().all(|one| may_ask(one.ip(), &allowed)) {
                true => Ok(Box::new(addresses.into_iter()) as Addrs),
                false => Err(NotPublic.into()),
            }
        })
    }
}

fn may_ask(address: IpAddr, allowed: &[IpAddr]) -> bool {
    is_public(address) || allowed.contains(&address)
}

/// Whether an address is one of the public internet, by the registries of special addresses
/// (iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry).
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => is_public_v4(mapped),
            None => is_public_v6(address),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || address.is_documentation();
    let reserved = match address.octets() {
        [0 | 240..=255, ..] | [192, 0, 0, _] => true,
        [100, second, ..] => (64..=127).contains(&second), // carriers' own (RFC 6598)
        [198, 18..=19, ..] => true,                        // measurements (RFC 2544)
        [192, 88, 99, _] => true,                          // 6to4 relays (RFC 7526)
        _ => false,
    };
    !special && !reserved
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // of what is given out (2000::/3): protocols, documentation, and 6to4, which wraps other addresses
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x2002, ..] | [0x3fff, ..] => false,
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}
