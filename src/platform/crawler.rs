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

use crate::platform::outbound::{AGENT, FetchedResponse, Limits, Outbound, Trouble};

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
    pub seen_at: chrono::DateTime<chrono::Utc>,
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
    /// Whether both visits found a page and the content differs.
    pub fn has_other_content(&self, before: &Self) -> bool {
        let by_text = self.text_sha256.is_some() && before.text_sha256.is_some();
        match by_text {
            true => self.text_sha256 != before.text_sha256,
            false => {
                self.sha256.is_some() && before.sha256.is_some() && self.sha256 != before.sha256
            }
        }
    }

    /// Whether this differs from what was found before.
    pub fn differs_from(&self, before: &Self) -> bool {
        let standing = |one: &Self| (one.outcome, one.http_status, one.redirected_to.clone());
        standing(self) != standing(before) || self.has_other_content(before)
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
    Same,
    /// The server asks us to come back later.
    PutOff,
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

/// The rules in a site's `robots.txt`.
enum Robots {
    Rules(Box<Robot>),
    Anything,
    Nothing,
    Unreachable(PageOutcome),
}

/// The crawler.
pub struct Crawler {
    outbound: Outbound,
    pause: Duration,
    /// When each server may be requested next.
    turns: Mutex<HashMap<String, Instant>>,
    robots: Mutex<HashMap<String, Arc<OnceCell<Robots>>>>,
}

impl Crawler {
    /// `pause` is the minimum time between two requests to a server.
    pub fn new(limits: Limits, pause: Duration) -> reqwest::Result<Self> {
        Ok(Self {
            outbound: Outbound::new(limits)?,
            pause,
            turns: Mutex::default(),
            robots: Mutex::default(),
        })
    }

    /// Visits a page.
    pub async fn visit(&self, address: &str, known: &Validators, now: DateTime<Utc>) -> Visit {
        match self.fetch(address, known).await {
            Fetched::Response(answer, url) => judge(&answer, &url, address, now),
            Fetched::Nothing(outcome, url) => {
                let sighting = sighting(outcome, None, &url, address, now);
                Visit::Seen(sighting, Validators::default())
            }
            Fetched::NoAddress => Visit::Seen(unreachable(now), Validators::default()),
        }
    }

    /// Fetches an address if the site's `robots.txt` allows it, and follows redirects.
    pub async fn fetch(&self, address: &str, known: &Validators) -> Fetched {
        let Ok(mut url) = Url::parse(address) else {
            return Fetched::NoAddress;
        };
        for hop in 0..=MAX_REDIRECTS {
            let pause = match &*self.robots(&url).await {
                Robots::Unreachable(outcome) => return Fetched::Nothing(*outcome, url),
                Robots::Nothing => return Fetched::Nothing(PageOutcome::Disallowed, url),
                Robots::Rules(rules) if !rules.allowed(url.as_str()) => {
                    return Fetched::Nothing(PageOutcome::Disallowed, url);
                }
                Robots::Rules(rules) => rules.delay.map(asked_for).unwrap_or_default(),
                Robots::Anything => Duration::ZERO,
            };
            self.turn(&url, pause.max(self.pause)).await;
            let headers = if hop == 0 {
                conditions(known)
            } else {
                HeaderMap::new()
            };
            let answer = match self.outbound.get(&url, headers).await {
                Err(trouble) => return Fetched::Nothing(outcome_of(&trouble), url),
                Ok(answer) => answer,
            };
            match next(&answer, &url) {
                Some(further) => url = further,
                None => return Fetched::Response(answer, url),
            }
        }
        Fetched::Nothing(PageOutcome::Unreachable, url)
    }

    /// Waits until the server may be requested again.
    async fn turn(&self, url: &Url, pause: Duration) {
        let server = url.authority().to_owned();
        let at = {
            let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            let at = turns.get(&server).copied().unwrap_or(now).max(now);
            turns.insert(server, at + pause);
            at
        };
        tokio::time::sleep_until(at).await;
    }

    /// The rules in the site's `robots.txt`, which is fetched once.
    async fn robots(&self, url: &Url) -> impl std::ops::Deref<Target = Robots> + use<> {
        let origin = url.origin().ascii_serialization();
        let cell = {
            let mut robots = self.robots.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(robots.entry(origin).or_default())
        };
        cell.get_or_init(|| self.ask_robots(url)).await;
        FetchedRobots(cell)
    }

    async fn ask_robots(&self, url: &Url) -> Robots {
        let Ok(mut at) = url.join("/robots.txt") else {
            return Robots::Unreachable(PageOutcome::Unreachable);
        };
        for _ in 0..=MAX_REDIRECTS {
            self.turn(&at, self.pause).await;
            let answer = match self.outbound.get(&at, HeaderMap::new()).await {
                Err(Trouble::TooLarge) => return Robots::Nothing,
                Err(trouble) => return Robots::Unreachable(outcome_of(&trouble)),
                Ok(answer) => answer,
            };
            if let Some(further) = next(&answer, &at) {
                at = further;
                continue;
            }
            return match answer.status {
                200..=299 => match Robot::new(AGENT, &answer.body) {
                    Ok(rules) => Robots::Rules(Box::new(rules)),
                    Err(_) => Robots::Nothing,
                },
                // RFC 9309, 2.3.1.3 and 2.3.1.4
                400..=499 => Robots::Anything,
                _ => Robots::Nothing,
            };
        }
        Robots::Anything
    }
}

/// A `robots.txt` that has been fetched.
struct FetchedRobots(Arc<OnceCell<Robots>>);

impl std::ops::Deref for FetchedRobots {
    type Target = Robots;

    fn deref(&self) -> &Robots {
        self.0.get().unwrap_or(&Robots::Nothing)
    }
}

fn asked_for(seconds: f32) -> Duration {
    let asked = Duration::try_from_secs_f32(seconds).unwrap_or(LONGEST_PAUSE);
    asked.min(LONGEST_PAUSE)
}

fn conditions(known: &Validators) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut set = |name: HeaderName, value: &Option<String>| {
        let value = value.as_deref().map(HeaderValue::from_str);
        if let Some(Ok(value)) = value {
            headers.insert(name, value);
        }
    };
    set(header::IF_NONE_MATCH, &known.etag);
    set(header::IF_MODIFIED_SINCE, &known.last_modified);
    headers
}

/// The target of a redirect.
fn next(answer: &FetchedResponse, from: &Url) -> Option<Url> {
    let is_redirect = matches!(answer.status, 301 | 302 | 303 | 307 | 308);
    let location = answer.headers.get(header::LOCATION)?.to_str().ok()?;
    is_redirect.then(|| from.join(location).ok()).flatten()
}

fn outcome_of(trouble: &Trouble) -> PageOutcome {
    match trouble {
        Trouble::NotPublic => PageOutcome::NotPublic,
        Trouble::TooLarge => PageOutcome::TooLarge,
        Trouble::Unreachable(_) => PageOutcome::Unreachable,
    }
}

fn unreachable(now: DateTime<Utc>) -> Sighting {
    Sighting {
        seen_at: now,
        outcome: PageOutcome::Unreachable,
        http_status: None,
        redirected_to: None,
        sha256: None,
        text_sha256: None,
        bytes: None,
    }
}

fn sighting(
    outcome: PageOutcome,
    http_status: Option<u16>,
    url: &Url,
    address: &str,
    now: DateTime<Utc>,
) -> Sighting {
    let is_elsewhere = Url::parse(address).is_ok_and(|asked| asked != *url);
    Sighting {
        outcome,
        http_status,
        redirected_to: is_elsewhere.then(|| url.to_string()),
        ..unreachable(now)
    }
}

fn judge(answer: &FetchedResponse, url: &Url, address: &str, now: DateTime<Utc>) -> Visit {
    let text = |name: HeaderName| {
        let value = answer.headers.get(name)?.to_str().ok()?;
        Some(value.to_owned())
    };
    let outcome = match answer.status {
        304 => return Visit::Same,
        429 => return Visit::PutOff,
        503 if answer.headers.contains_key(header::RETRY_AFTER) => return Visit::PutOff,
        200..=299 => PageOutcome::Found,
        404 | 410 => PageOutcome::Gone,
        400..=499 => PageOutcome::Refused,
        _ => PageOutcome::Failing,
    };
    let mut sighting = sighting(outcome, Some(answer.status), url, address, now);
    if outcome != PageOutcome::Found {
        return Visit::Seen(sighting, Validators::default());
    }
    sighting.sha256 = Some(hex(&answer.body));
    sighting.bytes = u64::try_from(answer.body.len()).ok();
    if text(header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/html")) {
        sighting.text_sha256 = Some(hex(text_of(&answer.body).as_bytes()));
    }
    let validators = Validators {
        etag: text(header::ETAG),
        last_modified: text(header::LAST_MODIFIED),
    };
    // after a redirect, the validators belong to another URL
    let validators = match sighting.redirected_to {
        Some(_) => Validators::default(),
        None => validators,
    };
    Visit::Seen(sighting, validators)
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The text of an HTML page, without markup and scripts and with normalised white space.
fn text_of(html: &[u8]) -> String {
    let html = String::from_utf8_lossy(html);
    let text = ammonia::Builder::empty().clean(&html).to_string();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
