//! The table of bank holidays of England and Wales, with substitute days in place of the days that they replace.
//! Source: the Banking and Financial Dealings Act 1971, schedule 1, common law holidays, and royal proclamations of
//! single days, as listed by the government at <https://www.gov.uk/bank-holidays>.

use chrono::{Datelike, NaiveDate, Weekday};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The years that the table covers in full.
pub const YEARS: std::ops::RangeInclusive<i32> = 2018..=2028;

#[derive(Deserialize)]
struct Holiday {
    on: NaiveDate,
    name: String,
}

/// The bank holidays of England and Wales, by day.
#[allow(clippy::expect_used)] // compiled in, and read by every test of deadlines
pub static TABLE: LazyLock<BTreeMap<NaiveDate, String>> = LazyLock::new(|| {
    let days = serde_json::from_str(include_str!("bank-holidays.json"));
    let days: Vec<Holiday> = days.expect("bank-holidays.json is valid");
    days.into_iter().map(|day| (day.on, day.name)).collect()
});

/// Why a day is not a working day; `None` for a working day.
pub fn day_off_reason(day: NaiveDate) -> Option<&'static str> {
    match day.weekday() {
        Weekday::Sat => Some("Saturday"),
        Weekday::Sun => Some("Sunday"),
        _ => TABLE.get(&day).map(String::as_str),
    }
}
