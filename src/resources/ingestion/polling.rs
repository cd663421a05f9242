//! Polls feeds politely: only when they are due, with conditional requests, and with a pause between requests to one
//! server.

use actix_web::mime::Mime;
use chrono::{DateTime, NaiveDateTime, TimeDelta};
use futures_util::{StreamExt, stream};
use reqwest::header::{self, HeaderMap, HeaderName};

use super::queries::{self, FeedState};
use super::reading::{self, ParsedFeed};
use super::{Counts, Feed, Policy, storing};
use crate::log::{Log, Origin};
use crate::platform::clock::Clock;
use crate::platform::crawler::{Crawler, Fetched, PageOutcome, Validators};
use crate::writing::import::ImportError;
use crate::writing::kind::Catalogue;
use crate::writing::proposals::model::INGESTING;

/// The number of feeds to request at the same time.
const CONCURRENT_REQUESTS: usize = 8;
/// The longest pause that a server can request.
const MAX_PAUSE: TimeDelta = TimeDelta::days(1);

/// The result of polling a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PollOutcome {
    /// The feed was read.
    Read(Counts),
    /// The feed has not changed.
    Unchanged,
    /// The feed or its server requested a pause until this time.
    NotDue(NaiveDateTime),
    /// The feed could not be read, for this reason.
    Failed(String),
}

/// The response for a feed, before anything is stored.
struct FetchedFeed {
    validators: Validators,
    /// The pause until the next request.
    pause: TimeDelta,
    /// The feed, `None` if it has not changed, or why it could not be read.
    result: Result<Option<ParsedFeed>, String>,
}

/// Polls these feeds and stores their new items, in one transaction per feed. `report` is called with each result.
///
/// # Errors
/// If the database cannot be read or written.
pub async fn poll(
    log: &Log,
    catalogue: &'static Catalogue,
    clock: &Clock,
    crawler: &Crawler,
    feeds: Vec<Feed>,
    policy: &Policy,
    mut report: impl FnMut(&Feed, &PollOutcome),
) -> Result<(), ImportError> {
    let now = clock.now();
    let mut due = Vec::new();
    for feed in feeds {
        match feed.due_at {
            Some(due_at) if due_at > now => report(&feed, &PollOutcome::NotDue(due_at)),
            _ => due.push(feed),
        }
    }
    let requests = stream::iter(due).map(|feed| async move {
        let fetched = request(crawler, &feed, now).await;
        (feed, fetched)
    });
    let mut fetched = std::pin::pin!(requests.buffer_unordered(CONCURRENT_REQUESTS));
    while let Some((feed, fetched)) = fetched.next().await {
        let outcome = store(log, catalogue, clock, &feed, fetched, policy.clone()).await?;
        report(&feed, &outcome);
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
) -> Result<PollOutcome, ImportError> {
    match reading::read(bytes, None, feed.url.as_deref()) {
        Err(reason) => Ok(PollOutcome::Failed(reason)),
        Ok(parsed) => log
            .write_now(origin(clock), |writer| {
                storing::store(writer, catalogue, feed, parsed, policy)
            })
            .map(PollOutcome::Read),
    }
}

async fn request(crawler: &Crawler, feed: &Feed, now: NaiveDateTime) -> FetchedFeed {
    let failed = |reason: &str| FetchedFeed {
        validators: Validators::default(),
        pause: TimeDelta::zero(),
        result: Err(reason.to_owned()),
    };
    let Some(address) = feed.url.as_deref() else {
        return failed("the organisation has no feed");
    };
    let known = Validators {
        etag: feed.etag.clone(),
        last_modified: feed.last_modified.clone(),
    };
    let (response, url) = match crawler.fetch(address, &known).await {
        Fetched::Response(response, url) => (response, url),
        Fetched::Nothing(outcome, _) => return failed(reason(outcome)),
        Fetched::NoAddress => return failed("the feed's address is not a URL"),
    };
    let pause = retry_after(&response.headers, now);
    match response.status {
        200 => {}
        304 => {
            // the feed still asks for the pause that it asked for
            let before = feed.due_at.zip(feed.asked_at);
            let before = before.map_or(TimeDelta::zero(), |(due, asked)| due - asked);
            return FetchedFeed {
                validators: known,
                pause: pause.max(before),
                result: Ok(None),
            };
        }
        status => {
            return FetchedFeed {
                pause,
                ..failed(&format!("the server returned {status}"))
            };
        }
    }
    // after a redirect, the validators belong to another URL
    let validators = match reqwest::Url::parse(address).is_ok_and(|address| address == url) {
        true => Validators {
            etag: text(&response.headers, header::ETAG).map(str::to_owned),
            last_modified: text(&response.headers, header::LAST_MODIFIED).map(str::to_owned),
        },
        false => Validators::default(),
    };
    // parsing takes a while, and must not block the requests for other feeds
    let charset = charset(&response.headers);
    let read = move || reading::read(&response.body, charset.as_deref(), Some(url.as_str()));
    match actix_web::web::block(read).await {
        Err(_) => failed("the feed cannot be read"),
        Ok(Err(reason)) => failed(&reason),
        Ok(Ok(parsed)) => FetchedFeed {
            validators,
            pause: parsed.ttl,
            result: Ok(Some(parsed)),
        },
    }
}

async fn store(
    log: &Log,
    catalogue: &'static Catalogue,
    clock: &Clock,
    feed: &Feed,
    fetched: FetchedFeed,
    policy: Policy,
) -> Result<PollOutcome, ImportError> {
    let (feed, now) = (feed.clone(), clock.now());
    log.write(origin(clock), move |writer| {
        let state = FeedState {
            organisation_id: feed.organisation,
            url: feed.url.clone().unwrap_or_default(),
            etag: fetched.validators.etag,
            last_modified: fetched.validators.last_modified,
            asked_at: now,
            due_at: now + fetched.pause,
            trouble: fetched.result.as_ref().err().cloned(),
        };
        queries::save_feed(writer, &state)?;
        Ok(match fetched.result {
            Err(reason) => PollOutcome::Failed(reason),
            Ok(None) => PollOutcome::Unchanged,
            Ok(Some(parsed)) => {
                PollOutcome::Read(storing::store(writer, catalogue, &feed, parsed, &policy)?)
            }
        })
    })
    .await
}

fn origin(clock: &Clock) -> Origin {
    Origin {
        actor: INGESTING.to_owned(),
        now: clock.now(),
        is_large: true,
        ..Origin::default()
    }
}

/// A header that is text.
fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// The encoding according to the server.
fn charset(headers: &HeaderMap) -> Option<String> {
    let content_type: Mime = text(headers, header::CONTENT_TYPE)?.parse().ok()?;
    Some(content_type.get_param("charset")?.to_string())
}

/// The pause that a server requests with `Retry-After`: seconds or a date (RFC 9110, 10.2.3).
fn retry_after(headers: &HeaderMap, now: NaiveDateTime) -> TimeDelta {
    let value = text(headers, header::RETRY_AFTER).unwrap_or_default();
    let pause = match value.trim().parse::<u32>() {
        Ok(seconds) => TimeDelta::seconds(i64::from(seconds)),
        Err(_) => DateTime::parse_from_rfc2822(value.trim())
            .map_or(TimeDelta::zero(), |until| until.naive_utc() - now),
    };
    pause.clamp(TimeDelta::zero(), MAX_PAUSE)
}

fn reason(outcome: PageOutcome) -> &'static str {
    match outcome {
        PageOutcome::TooLarge => "the feed is too large",
        PageOutcome::Disallowed => "the site's robots.txt disallows it",
        PageOutcome::NotPublic => "the feed's address is not on the public internet",
        _ => "the server did not send a valid response in time",
    }
}
