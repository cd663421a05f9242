//! One attempt to deliver, and what follows of it.

use chrono::{NaiveDateTime, TimeDelta};
use reqwest::Url;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use std::time::Duration;

use super::model::{DeliveryRow, DeliveryState};
use super::signing;
use crate::http::conditions;
use crate::platform::clock::truncate;
use crate::platform::outbound::{Outbound, Trouble};

/// The longest that a receiver's `Retry-After` is followed.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(24);
/// By which part attempts come later at most than they could, so that those of an outage do not come all at once.
const JITTER: f64 = 0.1;

/// What is to be sent where.
pub struct Message {
    /// The delivery that it is for.
    pub delivery: DeliveryRow,
    /// Where to.
    pub url: String,
    /// What signs.
    pub secrets: Vec<String>,
    /// The body.
    pub body: String,
    /// When it is sent.
    pub now: NaiveDateTime,
}

/// What came of an attempt.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The status of the answer.
    pub status: Option<u16>,
    /// Why it failed; nothing when it was delivered.
    pub error: Option<String>,
    /// How long the receiver wants to be left alone.
    pub retry_after: Option<TimeDelta>,
}

impl Outcome {
    /// There is no answer.
    pub fn failed(error: &str) -> Self {
        Self {
            status: None,
            error: Some(error.to_owned()),
            retry_after: None,
        }
    }

    /// Whether the receiver says that it will never want anything again.
    pub fn is_gone(&self) -> bool {
        self.status == Some(410)
    }
}

/// Sends a message. `takes_http` says whether receivers without TLS may be sent to.
pub async fn send(outbound: &Outbound, message: &Message, takes_http: bool) -> Outcome {
    let url = match Url::parse(&message.url) {
        Ok(url) if url.scheme() == "https" || takes_http => url,
        _ => return Outcome::failed("the address is no https address"),
    };
    let answer = outbound
        .post(&url, headers(message), message.body.clone())
        .await;
    let (status, headers) = match answer {
        Ok(answer) => answer,
        Err(Trouble::Unreachable(_)) => {
            return Outcome::failed("no connection, or no answer in time");
        }
        Err(trouble) => return Outcome::failed(&trouble.to_string()),
    };
    let error = match status {
        200..=299 => None,
        300..=399 => Some("redirects are not followed".to_owned()),
        _ => Some("the receiver refused it".to_owned()),
    };
    Outcome {
        status: Some(status),
        error,
        retry_after: retry_after(&headers, message.now),
    }
}

fn headers(message: &Message) -> HeaderMap {
    let (id, timestamp) = (
        message.delivery.message_id(),
        message.now.and_utc().timestamp(),
    );
    let secrets = message.secrets.iter().map(String::as_str);
    let signatures = signing::signatures(secrets, &id, timestamp, &message.body);
    let mut headers = HeaderMap::new();
    let all = [
        (HeaderName::from_static("webhook-id"), id),
        (
            HeaderName::from_static("webhook-timestamp"),
            timestamp.to_string(),
        ),
        (HeaderName::from_static("webhook-signature"), signatures),
        (CONTENT_TYPE, "application/json".to_owned()),
    ];
    for (name, value) in all {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    headers
}

/// Seconds or a date (RFC 9110, 10.2.3).
pub fn retry_after(headers: &HeaderMap, now: NaiveDateTime) -> Option<TimeDelta> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match text.parse::<u32>() {
        Ok(seconds) => TimeDelta::seconds(seconds.into()),
        Err(_) => conditions::read_date(text)? - now,
    };
    Some(wait.clamp(TimeDelta::zero(), LONGEST_WAIT))
}

/// How a delivery stands after an attempt, and when it is tried again. `retries` are the waits between attempts.
pub fn standing(
    delivery: &DeliveryRow,
    outcome: &Outcome,
    retries: &[Duration],
    now: NaiveDateTime,
) -> (DeliveryState, Option<NaiveDateTime>) {
    if outcome.error.is_none() {
        return (DeliveryState::Delivered, None);
    }
    let failed = usize::try_from(delivery.attempts).unwrap_or(usize::MAX);
    let Some(wait) = retries.get(failed) else {
        return (DeliveryState::GivenUp, None);
    };
    let wait = wait.mul_f64(1.0 + JITTER * spread(delivery));
    let wait = TimeDelta::from_std(wait).unwrap_or(LONGEST_WAIT);
    let wait = wait.max(outcome.retry_after.unwrap_or_default());
    (DeliveryState::Pending, Some(truncate(now + wait)))
}

/// A number from 0 to 1 that differs between deliveries and attempts.
fn spread(delivery: &DeliveryRow) -> f64 {
    let text = format!("{}{}", delivery.id, delivery.attempts);
    let digest = twox_hash::XxHash3_64::oneshot(text.as_bytes());
    f64::from(digest as u32) / f64::from(u32::MAX)
}
