//! Reads times and days. Every way in uses these functions, so that each stored time is one that RFC 3339 can write, and
//! that sorts as text as it does in time.

use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat, TimeDelta, Timelike, Utc};
use serde::de::{Deserialize, Deserializer, Error};

use super::clock::truncate;
use super::mistakes::{MistakeCode, coded};

/// The last date that both databases and every client can represent.
pub const LAST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(9999, 12, 31) {
    Some(day) => day,
    None => NaiveDate::MAX,
};

/// The first and the last year.
const YEARS: std::ops::RangeInclusive<i32> = 1..=9999;

/// A leap second begins as this many nanoseconds in the second before it.
const LEAP: u32 = 1_000_000_000;

/// A time in the years 0001 to 9999 in UTC, in milliseconds. A leap second becomes the next second, since SQLite compares
/// times as text and many clients know no second 60.
pub fn normal(at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let at = match at.nanosecond().checked_sub(LEAP) {
        Some(rest) => at.with_nanosecond(rest)? + TimeDelta::seconds(1),
        None => at,
    };
    let at = truncate(at.naive_utc()).and_utc();
    YEARS.contains(&chrono::Datelike::year(&at)).then_some(at)
}

/// Reads a time as RFC 3339 writes it.
pub fn parse(text: &str) -> Option<DateTime<Utc>> {
    // chrono also reads a space, and the minus sign of typographers
    let is_plain = text.is_ascii() && matches!(text.as_bytes().get(10), Some(b'T' | b't'));
    let at = DateTime::parse_from_rfc3339(text)
        .ok()
        .filter(|_| is_plain)?;
    normal(at.with_timezone(&Utc))
}

/// Reads a day as RFC 3339 writes it (`full-date`), in the years 0001 to 9999.
pub fn parse_day(text: &str) -> Option<NaiveDate> {
    let digits = |part: &str, length: usize| {
        let is_number = part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| part.parse::<u32>().ok()).flatten()
    };
    let (year, rest) = text.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    let year = i32::try_from(digits(year, 4)?).ok()?;
    let day = NaiveDate::from_ymd_opt(year, digits(month, 2)?, digits(day, 2)?)?;
    YEARS.contains(&year).then_some(day)
}

/// Deserialises a time.
///
/// # Errors
/// If the text is no time.
pub fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| {
        D::Error::custom(coded(
            MistakeCode::NotATime,
            "Expected a time such as 2026-01-31T09:00:00Z, in the years 0001 to 9999.",
        ))
    })
}

/// Deserialises a time, if there is one.
///
/// # Errors
/// If the text is no time.
pub fn optional_time<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<DateTime<Utc>>, D::Error> {
    Ok(Option::<Timed>::deserialize(deserializer)?.map(|timed| timed.0))
}

/// A time as text, to the millisecond.
pub fn in_milliseconds(at: NaiveDateTime) -> String {
    at.and_utc().to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Deserialises a day.
///
/// # Errors
/// If the text is no day.
pub fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_day(&text).ok_or_else(|| {
        D::Error::custom(coded(
            MistakeCode::NotATime,
            "Expected a day such as 2026-01-31, in the years 0001 to 9999.",
        ))
    })
}

/// Deserialises a day, if there is one.
///
/// # Errors
/// If the text is no day.
pub fn optional_day<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<NaiveDate>, D::Error> {
    Ok(Option::<Dated>::deserialize(deserializer)?.map(|dated| dated.0))
}

#[derive(serde::Deserialize)]
struct Timed(#[serde(deserialize_with = "time")] DateTime<Utc>);

#[derive(serde::Deserialize)]
struct Dated(#[serde(deserialize_with = "day")] NaiveDate);
