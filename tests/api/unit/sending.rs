//! Unit tests of `publishing::webhooks::sending`.
use answerable::publishing::webhooks::model::{DeliveryRow, DeliveryState};
use answerable::publishing::webhooks::sending::*;
use chrono::{NaiveDateTime, TimeDelta};
use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER};
use std::time::Duration;

#[test]
fn retries_follow_the_schedule_and_then_give_up() {
    let now = NaiveDateTime::default();
    let retries = [5, 300].map(Duration::from_secs);
    let mut delivery = DeliveryRow::new("w", 1, now).unwrap();
    let failed = |retry_after| AttemptOutcome {
        status: Some(500),
        error: Some("x".to_owned()),
        retry_after,
    };
    let wait = |delivery: &DeliveryRow, outcome| {
        let (state, next) = next_state(delivery, &outcome, &retries, now);
        (state, next.map(|next| (next - now).num_seconds()))
    };
    let (state, first) = wait(&delivery, failed(None));
    assert_eq!(state, DeliveryState::Pending);
    assert!((5..=5).contains(&first.unwrap()), "{first:?}");
    let requested = Some(TimeDelta::seconds(60));
    assert_eq!(wait(&delivery, failed(requested)).1, Some(60));
    delivery.attempts = 1;
    assert!((300..=330).contains(&wait(&delivery, failed(requested)).1.unwrap()));
    delivery.attempts = 2;
    let over = (DeliveryState::GivenUp, None);
    assert_eq!(wait(&delivery, failed(None)), over);
}

#[test]
fn retry_after_is_capped_at_a_day() {
    let now = NaiveDateTime::default() + TimeDelta::hours(1);
    let after = |text: &str| {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_str(text).unwrap());
        retry_after(&headers, now).map(|wait| wait.num_seconds())
    };
    assert_eq!(after("120"), Some(120));
    assert_eq!(after("Thu, 01 Jan 1970 01:02:00 GMT"), Some(120));
    assert_eq!(after("4000000000"), Some(86_400));
    assert_eq!(after("Thu, 01 Jan 2099 00:02:00 GMT"), Some(86_400));
    assert_eq!(after("Thu, 01 Jan 1970 00:02:00 GMT"), Some(0));
    assert_eq!(after("soon"), None);
}
