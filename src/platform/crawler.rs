//! A polite crawler: it identifies itself, obeys `robots.txt` (RFC 9309), pauses between two requests to a server,
//! makes conditional requests, and backs off when told to.

use chrono::{DateTime, Utc};
use reqwest::Url;
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use texting_robots::Robot;
use tokio::sync::OnceCell;
use tokio::time::Instant;
use utoipa::ToSchema;

use crate::platform::outbound::{AGENT, FetchedResponse, Limits, Outbound, OutboundError};
use crate::platform::values::hex;

/// The outcome of a visit.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PageOutcome {
    /// The page exists.
    Found,
    /// The server says that the page does not exist: 404 or 410.
    Gone,
    /// The server denies access: 401, 403 and the like.
    Refused,
    /// The server returned an error.
    Failing,
    /// The server does not exist, does not respond in time, or responds incorrectly.
    Unreachable,
    /// The page is too large to examine.
    TooLarge,
    /// The site's `robots.txt` disallows the visit.
    Disallowed,
    /// The address belongs to a network that is not public.
    NotPublic,
}

/// What a visit found, recorded when it differs from the previous visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Sighting {
    /// When the visit took place.
    #[schema(value_type = String, format = "date-time", max_length = 30)]
    pub seen_at: DateTime<Utc>,
    /// The outcome of the visit.
    pub outcome: PageOutcome,
    /// The HTTP status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 100, maximum = 599)]
    pub http_status: Option<u16>,
    /// The URL that the server redirected to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000, format = "uri")]
    pub redirected_to: Option<String>,
    /// The SHA-256 of the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 64, max_length = 64)]
    pub sha256: Option<String>,
    /// The SHA-256 of an HTML page's text, without markup and scripts, which change with every visit on many sites. It
    /// decides whether the page has changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 64, max_length = 64)]
    pub text_sha256: Option<String>,
    /// The size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 9007199254740991_i64)]
    pub bytes: Option<u64>,
}

impl Sighting {
    /// A visit with this outcome that got no response.
    fn without_response(outcome: PageOutcome, seen_at: DateTime<Utc>) -> Self {
        Self {
            seen_at,
            outcome,
            http_status: None,
            redirected_to: None,
            sha256: None,
            text_sha256: None,
            bytes: None,
        }
    }

    /// Whether both visits found a page and the content differs.
    pub fn has_other_content(&self, before: &Self) -> bool {
        let texts = self.text_sha256.as_ref().zip(before.text_sha256.as_ref());
        let bodies = self.sha256.as_ref().zip(before.sha256.as_ref());
        texts.or(bodies).is_some_and(|(now, before)| now != before)
    }

    /// Whether this differs from what was found before.
    pub fn differs_from(&self, before: &Self) -> bool {
        let response = |one: &Self| (one.outcome, one.http_status, one.redirected_to.clone());
        response(self) != response(before) || self.has_other_content(before)
    }
}

/// The maximum number of redirects to follow.
const MAX_REDIRECTS: usize = 5;
/// The longest pause that a site's `robots.txt` can request.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The validators for a conditional request (RFC 9110, 13.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Validators {
    pub etag: Option<String>,
    pub last_modified: Option<String>,
}

/// The result of a visit.
#[derive(Clone, Debug)]
pub enum Visit {
    /// What was found, with the validators for the next visit.
    Seen(Sighting, Validators),
    /// The server says that the page has not changed.
    Unchanged,
    /// The server asks us to come back later.
    Postponed,
}

/// The result of fetching an address.
#[derive(Debug)]
pub enum Fetched {
    /// The response, and the URL where the redirects ended.
    Response(FetchedResponse, Url),
    /// No response came from this URL, or none was requested.
    Nothing(PageOutcome, Url),
    /// The address is not a URL.
    NoAddress,
}

/// The rules in a site's `robots.txt`, `None` if everything is allowed; or why no page may be visited.
type Robots = Result<Option<Arc<Robot>>, PageOutcome>;

/// The crawler.
pub struct Crawler {
    outbound: Outbound,
    pause: Duration,
    /// When each server may be requested next.
    next_requests: Mutex<HashMap<String, Instant>>,
    robots: Mutex<HashMap<String, Arc<OnceCell<Robots>>>>,
}

impl Crawler {
    /// `pause` is the minimum time between two requests to a server.
    pub fn new(limits: Limits, pause: Duration) -> reqwest::Result<Self> {
        Ok(Self {
            outbound: Outbound::new(limits)?,
            pause,
            next_requests: Mutex::default(),
            robots: Mutex::default(),
        })
    }

    /// Visits a page.
    pub async fn visit(&self, address: &str, known: &Validators, now: DateTime<Utc>) -> Visit {
        match self.fetch(address, known).await {
            Fetched::Response(response, url) => {
                assess(&response, redirected_to(&url, address), now)
            }
            Fetched::Nothing(outcome, url) => {
                let sighting = Sighting {
                    redirected_to: redirected_to(&url, address),
                    ..Sighting::without_response(outcome, now)
                };
                Visit::Seen(sighting, Validators::default())
            }
            Fetched::NoAddress => {
                let sighting = Sighting::without_response(PageOutcome::Unreachable, now);
                Visit::Seen(sighting, Validators::default())
            }
        }
    }

    /// Fetches an address if the site's `robots.txt` allows it, and follows redirects.
    pub async fn fetch(&self, address: &str, known: &Validators) -> Fetched {
        let Ok(mut url) = Url::parse(address) else {
            return Fetched::NoAddress;
        };
        for hop in 0..=MAX_REDIRECTS {
            let rules = match self.robots(&url).await {
                Ok(Some(rules)) if !rules.allowed(url.as_str()) => Err(PageOutcome::Disallowed),
                rules => rules,
            };
            let delay = match rules {
                Ok(rules) => rules.and_then(|rules| rules.delay).map(crawl_delay),
                Err(outcome) => return Fetched::Nothing(outcome, url),
            };
            self.wait(&url, delay.unwrap_or_default().max(self.pause))
                .await;
            let headers = match hop {
                0 => conditions(known),
                _ => HeaderMap::new(),
            };
            let response = match self.outbound.get(&url, headers).await {
                Err(error) => return Fetched::Nothing(outcome_of(&error), url),
                Ok(response) => response,
            };
            match redirect_target(&response, &url) {
                Some(target) => url = target,
                None => return Fetched::Response(response, url),
            }
        }
        Fetched::Nothing(PageOutcome::Unreachable, url)
    }

    /// Waits until the server may be requested again.
    async fn wait(&self, url: &Url, pause: Duration) {
        let at = {
            let next_requests = self.next_requests.lock();
            let mut next_requests = next_requests.unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            let next = next_requests
                .entry(url.authority().to_owned())
                .or_insert(now);
            let at = now.max(*next);
            *next = at + pause;
            at
        };
        tokio::time::sleep_until(at).await;
    }

    /// The rules in the site's `robots.txt`, which is fetched once.
    async fn robots(&self, url: &Url) -> Robots {
        let origin = url.origin().ascii_serialization();
        let cell = {
            let mut robots = self.robots.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(robots.entry(origin).or_default())
        };
        let rules = cell.get_or_init(|| self.fetch_robots(url)).await;
        rules.clone()
    }

    async fn fetch_robots(&self, url: &Url) -> Robots {
        let mut url = url
            .join("/robots.txt")
            .map_err(|_| PageOutcome::Unreachable)?;
        for _ in 0..=MAX_REDIRECTS {
            self.wait(&url, self.pause).await;
            let response = match self.outbound.get(&url, HeaderMap::new()).await {
                Err(OutboundError::TooLarge) => return Err(PageOutcome::Disallowed),
                Err(error) => return Err(outcome_of(&error)),
                Ok(response) => response,
            };
            if let Some(target) = redirect_target(&response, &url) {
                url = target;
                continue;
            }
            return match response.status {
                200..=299 => match Robot::new(AGENT, &response.body) {
                    Ok(rules) => Ok(Some(Arc::new(rules))),
                    Err(_) => Err(PageOutcome::Disallowed),
                },
                // RFC 9309, 2.3.1.3 and 2.3.1.4
                400..=499 => Ok(None),
                _ => Err(PageOutcome::Disallowed),
            };
        }
        Ok(None)
    }
}

fn crawl_delay(seconds: f32) -> Duration {
    let delay = Duration::try_from_secs_f32(seconds).unwrap_or(LONGEST_PAUSE);
    delay.min(LONGEST_PAUSE)
}

fn conditions(known: &Validators) -> HeaderMap {
    let conditions = [
        (header::IF_NONE_MATCH, &known.etag),
        (header::IF_MODIFIED_SINCE, &known.last_modified),
    ];
    let valid = conditions.into_iter().filter_map(|(name, value)| {
        let value = HeaderValue::from_str(value.as_deref()?).ok()?;
        Some((name, value))
    });
    valid.collect()
}

fn redirect_target(response: &FetchedResponse, from: &Url) -> Option<Url> {
    let is_redirect = matches!(response.status, 301 | 302 | 303 | 307 | 308);
    let location = response.headers.get(header::LOCATION)?.to_str().ok()?;
    is_redirect.then(|| from.join(location).ok()).flatten()
}

fn outcome_of(error: &OutboundError) -> PageOutcome {
    match error {
        OutboundError::NotPublic => PageOutcome::NotPublic,
        OutboundError::TooLarge => PageOutcome::TooLarge,
        OutboundError::Unreachable(_) => PageOutcome::Unreachable,
    }
}

/// The URL where the redirects ended, if that is not the address requested.
fn redirected_to(url: &Url, address: &str) -> Option<String> {
    let is_elsewhere = Url::parse(address).is_ok_and(|requested| requested != *url);
    is_elsewhere.then(|| url.to_string())
}

fn assess(response: &FetchedResponse, redirected_to: Option<String>, now: DateTime<Utc>) -> Visit {
    let text = |name: HeaderName| {
        let value = response.headers.get(name)?.to_str().ok()?;
        Some(value.to_owned())
    };
    let outcome = match response.status {
        304 => return Visit::Unchanged,
        429 => return Visit::Postponed,
        503 if response.headers.contains_key(header::RETRY_AFTER) => return Visit::Postponed,
        200..=299 => PageOutcome::Found,
        404 | 410 => PageOutcome::Gone,
        400..=499 => PageOutcome::Refused,
        _ => PageOutcome::Failing,
    };
    let mut sighting = Sighting {
        http_status: Some(response.status),
        redirected_to,
        ..Sighting::without_response(outcome, now)
    };
    let mut validators = Validators::default();
    if outcome == PageOutcome::Found {
        sighting.sha256 = Some(hex(&Sha256::digest(&response.body)));
        sighting.bytes = Some(response.body.len() as u64);
        if text(header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/html")) {
            sighting.text_sha256 = Some(hex(&Sha256::digest(text_of(&response.body))));
        }
        // after a redirect, the validators belong to another URL
        if sighting.redirected_to.is_none() {
            validators.etag = text(header::ETAG);
            validators.last_modified = text(header::LAST_MODIFIED);
        }
    }
    Visit::Seen(sighting, validators)
}

/// The text of an HTML page, without markup and scripts and with normalised white space.
fn text_of(html: &[u8]) -> String {
    let html = String::from_utf8_lossy(html);
    let text = ammonia::Builder::empty().clean(&html).to_string();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
