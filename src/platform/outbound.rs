//! HTTP requests to URLs that others supply. They go to the public internet only, never to this machine or its network
//! (server-side request forgery), and are limited in time and size.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::HeaderMap;
use reqwest::{Client, Url, redirect};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use url::Host;

/// The product token of the `User-Agent` header, which `robots.txt` rules can name.
pub const AGENT: &str = "answerable";

/// The limits of a request.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The timeout of the whole request, up to the last byte of the body.
    pub timeout: Duration,
    /// The maximum size of the body.
    pub max_bytes: usize,
    /// Non-public addresses that are allowed nevertheless.
    pub allowed: Vec<IpAddr>,
}

/// A response with its whole body.
#[derive(Debug)]
pub struct FetchedResponse {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// The address is not reachable from the public internet, or is not a web address.
    #[error("the address is not public")]
    NotPublic,
    /// The body exceeds the limit.
    #[error("the response is too large")]
    TooLarge,
    /// The connection failed, the response was not HTTP, or it did not arrive in time.
    #[error("{0}")]
    Unreachable(String),
}

impl From<reqwest::Error> for OutboundError {
    fn from(error: reqwest::Error) -> Self {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
        while let Some(one) = cause {
            if let Some(Self::NotPublic) = one.downcast_ref() {
                return Self::NotPublic;
            }
            cause = one.source();
        }
        Self::Unreachable(error.without_url().to_string())
    }
}

/// An HTTP client with limits. It follows no redirects: the caller does, as it may have to check `robots.txt` first.
pub struct Outbound {
    client: Client,
    limits: Limits,
}

impl Outbound {
    /// A client with these limits.
    ///
    /// # Errors
    /// If the system has no trusted certificates.
    pub fn new(limits: Limits) -> reqwest::Result<Self> {
        let allowed = limits.allowed.clone().into();
        let client = Client::builder()
            .user_agent(concat!("answerable/", env!("CARGO_PKG_VERSION")))
            .timeout(limits.timeout)
            .redirect(redirect::Policy::none())
            // a proxy would resolve names itself
            .no_proxy()
            .dns_resolver(Arc::new(PublicOnly { allowed }))
            .build()?;
        Ok(Self { client, limits })
    }

    fn check(&self, url: &Url) -> Result<(), OutboundError> {
        match may_request(url, &self.limits.allowed) {
            true => Ok(()),
            false => Err(OutboundError::NotPublic),
        }
    }

    /// Posts a body and returns the status and headers of the response, whose body is not read.
    pub async fn post(
        &self,
        url: &Url,
        headers: HeaderMap,
        body: String,
    ) -> Result<(u16, HeaderMap), OutboundError> {
        self.check(url)?;
        let request = self.client.post(url.clone()).headers(headers).body(body);
        let response = request.send().await?;
        Ok((response.status().as_u16(), response.headers().clone()))
    }

    /// Gets a URL and reads the whole body.
    pub async fn get(
        &self,
        url: &Url,
        headers: HeaderMap,
    ) -> Result<FetchedResponse, OutboundError> {
        self.check(url)?;
        let request = self.client.get(url.clone()).headers(headers);
        let mut response = request.send().await?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > self.limits.max_bytes {
                return Err(OutboundError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(FetchedResponse {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body,
        })
    }
}

/// Resolves names, and rejects a name if any of its addresses is disallowed. The connection uses the addresses checked
/// here, so that a second lookup cannot return different ones (DNS rebinding).
struct PublicOnly {
    allowed: Arc<[IpAddr]>,
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = Arc::clone(&self.allowed);
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let addresses: Vec<SocketAddr> = found.collect();
            match addresses.iter().all(|one| is_allowed(one.ip(), &allowed)) {
                true => Ok(Box::new(addresses.into_iter()) as Addrs),
                false => Err(OutboundError::NotPublic.into()),
            }
        })
    }
}

/// Whether a URL may be requested, as far as that can be decided before name resolution. `allowed` are the non-public
/// addresses that are allowed nevertheless.
pub fn may_request(url: &Url, allowed: &[IpAddr]) -> bool {
    // IP addresses are not resolved, so the resolver never sees them
    let is_allowed = match url.host() {
        Some(Host::Ipv4(address)) => is_allowed(address.into(), allowed),
        Some(Host::Ipv6(address)) => is_allowed(address.into(), allowed),
        Some(Host::Domain(_)) => true,
        None => false,
    };
    is_allowed && ["http", "https"].contains(&url.scheme())
}

fn is_allowed(address: IpAddr, allowed: &[IpAddr]) -> bool {
    is_public(address) || allowed.contains(&address)
}

/// Whether an address belongs to the public internet, according to the registries of special-purpose addresses
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
        [100, second, ..] => (64..=127).contains(&second), // carrier-grade NAT (RFC 6598)
        [198, 18..=19, ..] => true,                        // benchmarking (RFC 2544)
        [192, 88, 99, _] => true,                          // 6to4 relays (RFC 7526)
        _ => false,
    };
    !special && !reserved
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // within global unicast (2000::/3): protocol assignments, documentation, and 6to4, which embeds other addresses
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x2002, ..] | [0x3fff, ..] => false,
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}
