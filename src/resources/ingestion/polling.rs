//! Polls feeds politely: only when they are due, with conditional requests, and with a pause between requests to one
//! server.

use actix_web::mime::Mime;
use chrono::{DateTime, NaiveDateTime, TimeDelta};
use futures_util::{StreamExt, stream};
use reqwest::header::{self, HeaderMap};

use super::queries::{self, FeedState};
use super::reading::{self, Reading};
use super::{Counts, Feed, Policy, storing};
use crate::log::{Log, Origin};
use crate::platform::clock::Clock;
use crate::platform::crawler::{Crawler, Fetched, PageOutcome, Validators};
use crate::writing::import::Error;
use crate::writing::kind::Catalogue;

/// The number of feeds to request at the same time.
const AT_ONCE: usize = 8;
/// The longest pause that a server can request.
const LONGEST_REST: TimeDelta = TimeDelta::days(1);

/// The result of polling a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PollOutcome {
    /// The feed was read.
    Read(Counts),
    /// The feed has not changed.
    Same,
    /// The feed or its server requested a pause until this time.
    NotDue(NaiveDateTime),
    /// The feed could not be read, for this reason.
    Failed(String),
}

/// The response for a feed, before anything is stored.
struct Found {
    validators: Validators,
    /// The pause until the next request.
    rest: TimeDelta,
    result: Result<Option<Reading>, String>,
}

/// Polls these feeds and stores their new items, in one transaction per feed. `told` is called with each result.
///
/// # Errors
/// If the database cannot be read or written.
pub async fn poll(
    log: &Log,
    catalogue: &'static Catalogue,
    clock: &Clock,
    visitor: &Crawler,
    feeds: Vec<Feed>,
    policy: &Policy,
    mut told: impl FnMut(&Feed, &PollOutcome),
) -> Result<(), Error> {
    let now = clock.now();
    let (due, resting): (Vec<Feed>, Vec<Feed>) = feeds
        .into_iter()
        .partition(|feed| feed.due_at.is_none_or(|due_at| due_at <= now));
    for feed in &resting {
        told(feed, &PollOutcome::NotDue(feed.due_at.unwrap_or(now)));
    }
    let asked = stream::iter(due).map(|feed| async move {
        let found = ask(visitor, &feed, now).await;
        (feed, found)
    });
    let mut asked = std::pin::pin!(asked.buffer_unordered(AT_ONCE));
    while let Some((feed, found)) = asked.next().await {
        let outcome = store(log, catalogue, clock, &feed, found, policy.clone()).await?;
        told(&feed, &outcome);
    }
    Ok(())
}

/// Stores the items of a file as if it were the organisation's feed.
///
/// # Errors
/// If the database cannot be read or written.
pub fn file(
    log: &Log,
    catalogue: &'static Catalogue,
    clock: &Clock,
    feed: &Feed,
    bytes: &[u8],
    policy: &Policy,
) -> Result<PollOutcome, Error> {
    match reading::read(bytes, None, feed.url.as_deref()) {
        Err(trouble) => Ok(PollOutcome::Failed(trouble)),
        Ok(reading) => log
            .write_now(origin(clock), |writer| {
                storing::store(writer, catalogue, feed, reading, policy)
            })
            .map(PollOutcome::Read),
    }
}

async fn ask(visitor: &Crawler, feed: &Feed, now: NaiveDateTime) -> Found {
    let failed = |trouble: String| Found {
        validators: Validators::default(),
        rest: TimeDelta::zero(),
        result: Err(trouble),
    };
    let Some(address) = feed.url.as_deref() else {
        return failed("the organisation has no feed".to_owned());
    };
    let (answer, url) = match visitor.fetch(address, &feed.validators).await {
        Fetched::Response(answer, url) => (answer, url),
        Fetched::Nothing(outcome, _) => return failed(sentence(outcome).to_owned()),
        Fetched::NoAddress => return failed("the feed's address is not a URL".to_owned()),
    };
    let text = |name| {
        let value = answer.headers.get(name)?.to_str().ok()?;
        Some(value.to_owned())
    };
    let rest = rest(&answer.headers, now);
    if answer.status == 304 {
        return Found {
            validators: feed.validators.clone(),
            rest,
            result: Ok(None),
        };
    }
    if answer.status != 200 {
        let trouble = format!("the server returned {}", answer.status);
        return Found {
            rest,
            ..failed(trouble)
        };
    }
    // after a redirect, the validators belong to another URL
    let is_here = reqwest::Url::parse(address).is_ok_and(|asked| asked == url);
    let validators = match is_here {
        true => Validators {
            etag: text(header::ETAG),
            last_modified: text(header::LAST_MODIFIED),
        },
        false => Validators::default(),
    };
    // parsing takes a while, and must not block the requests for other feeds
    let (base, charset) = (url.to_string(), charset(&answer.headers));
    let read = move || reading::read(&answer.body, charset.as_deref(), Some(&base));
    let read = actix_web::web::block(read).await;
    match read.unwrap_or_else(|_| Err("the feed cannot be read".to_owned())) {
        Err(trouble) => failed(trouble),
        Ok(reading) => Found {
            validators,
            rest: reading.ttl,
            result: Ok(Some(reading)),
        },
    }
}

async fn store(
    log: &Log,
    catalogue: &'static Catalogue,
    clock: &Clock,
    feed: &Feed,
    found: Found,
    policy: Policy,
) -> Result<PollOutcome, Error> {
    let (feed, now) = (feed.clone(), clock.now());
    log.write(origin(clock), move |writer| {
        let state = FeedState {
            organisation_id: feed.organisation.clone(),
            url: feed.url.clone().unwrap_or_default(),
            etag: found.validators.etag,
            last_modified: found.validators.last_modified,
            asked_at: now,
            due_at: now + found.rest,
            trouble: found.result.as_ref().err().cloned(),
        };
        queries::remember_feed(writer, &state)?;
        Ok(match found.result {
            Err(trouble) => PollOutcome::Failed(trouble),
            Ok(None) => PollOutcome::Same,
            Ok(Some(reading)) => {
                PollOutcome::Read(storing::store(writer, catalogue, &feed, reading, &policy)?)
            }
        })
    })
    .await
}

fn origin(clock: &Clock) -> Origin {
    Origin {
        actor: "ingest".to_owned(),
        request_id: None,
        now: clock.now(),
    }
}

/// The encoding according to the server.
fn charset(headers: &HeaderMap) -> Option<String> {
    let content_type = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let content_type: Mime = content_type.parse().ok()?;
    content_type
        .get_param("charset")
        .map(|charset| charset.to_string())
}

/// The pause that a server requests with `Retry-After`: seconds or a date (RFC 9110, 10.2.3).
fn rest(headers: &HeaderMap, now: NaiveDateTime) -> TimeDelta {
    let asked = headers
        .get(header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok());
    let rest = asked.and_then(|asked| match asked.trim().parse::<u32>() {
        Ok(seconds) => Some(TimeDelta::seconds(i64::from(seconds))),
        Err(_) => {
            let at = DateTime::parse_from_rfc2822(asked.trim()).ok()?;
            Some(at.naive_utc() - now)
        }
    });
    rest.unwrap_or_default()
        .clamp(TimeDelta::zero(), LONGEST_REST)
}

fn sentence(outcome: PageOutcome) -> &'static str {
    match outcome {
        PageOutcome::TooLarge => "the feed is too large",
        PageOutcome::Disallowed => "the site's robots.txt disallows it",
        PageOutcome::NotPublic => "the feed's address is not on the public internet",
        _ => "the server did not send a valid response in time",
    }
}
