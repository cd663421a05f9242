//! One delivery attempt, and the state of the delivery after it.

use chrono::{NaiveDateTime, TimeDelta};
use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER};
use std::time::Duration;

use super::model::{DeliveryRow, DeliveryState, WebhookRow};
use super::signing;
use crate::http::conditions;
use crate::platform::clock::truncate;
use crate::platform::outbound::{Outbound, OutboundError};

/// The longest `Retry-After` to honour.
const MAX_RETRY_AFTER: TimeDelta = TimeDelta::hours(24);
/// The jitter of retries: each comes later by up to this fraction of its backoff, so that retries after an outage
/// spread out.
const MAX_JITTER: f64 = 0.1;

/// A message to send.
pub struct Message {
    /// The webhook to send to.
    pub webhook: WebhookRow,
    /// The delivery it belongs to.
    pub delivery: DeliveryRow,
    /// The body.
    pub body: String,
    /// The time of sending.
    pub now: NaiveDateTime,
}

/// The outcome of an attempt.
#[derive(Clone, Debug)]
pub struct AttemptOutcome {
    /// The status of the response.
    pub status: Option<u16>,
    /// Why it failed; `None` if it was delivered.
    pub error: Option<String>,
    /// The `Retry-After` of the response.
    pub retry_after: Option<TimeDelta>,
}

impl AttemptOutcome {
    /// An attempt without a response.
    pub fn failed(error: &str) -> Self {
        Self {
            status: None,
            error: Some(error.to_owned()),
            retry_after: None,
        }
    }

    /// Whether the receiver says that it is gone for good.
    pub fn is_gone(&self) -> bool {
        self.status == Some(410)
    }
}

/// Sends a message. `with_http` allows receivers without TLS.
pub async fn send(outbound: &Outbound, message: &Message, with_http: bool) -> AttemptOutcome {
    let url = match Url::parse(&message.webhook.url) {
        Ok(url) if url.scheme() == "https" || with_http => url,
        _ => return AttemptOutcome::failed("the URL is not an https URL"),
    };
    let response = outbound
        .post(&url, headers(message), message.body.clone())
        .await;
    let (status, headers) = match response {
        Ok(response) => response,
        Err(OutboundError::Unreachable(_)) => {
            return AttemptOutcome::failed("no connection, or no answer in time");
        }
        Err(error) => return AttemptOutcome::failed(&error.to_string()),
    };
    let error = match status {
        200..=299 => None,
        300..=399 => Some("redirects are not followed".to_owned()),
        _ => Some("the receiver refused it".to_owned()),
    };
    AttemptOutcome {
        status: Some(status),
        error,
        retry_after: retry_after(&headers, message.now),
    }
}

fn headers(message: &Message) -> HeaderMap {
    let id = message.delivery.message_id();
    let timestamp = message.now.and_utc().timestamp();
    let secrets = message.webhook.secrets(message.now);
    let signatures = signing::signatures(secrets, &id, timestamp, &message.body);
    let all = [
        ("webhook-id", id),
        ("webhook-timestamp", timestamp.to_string()),
        ("webhook-signature", signatures),
        ("content-type", "application/json".to_owned()),
    ];
    let mut headers = HeaderMap::new();
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
    Some(wait.clamp(TimeDelta::zero(), MAX_RETRY_AFTER))
}

/// The state of a delivery after an attempt, and the time of the next one. `retries` are the delays between attempts.
pub fn next_state(
    delivery: &DeliveryRow,
    outcome: &AttemptOutcome,
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
    let wait = wait.mul_f64(1.0 + MAX_JITTER * jitter(delivery));
    let wait = TimeDelta::from_std(wait).unwrap_or(MAX_RETRY_AFTER);
    let wait = wait.max(outcome.retry_after.unwrap_or_default());
    (DeliveryState::Pending, Some(truncate(now + wait)))
}

/// A number between 0 and 1 that differs by delivery and attempt.
fn jitter(delivery: &DeliveryRow) -> f64 {
    let text = format!("{}{}", delivery.id, delivery.attempts);
    let digest = twox_hash::XxHash3_64::oneshot(text.as_bytes());
    f64::from(digest as u32) / f64::from(u32::MAX)
}
