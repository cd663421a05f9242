//! The bank holidays of England and Wales, as a table. Substitute days are in it, the days that they stand for are
//! not. Source: the Banking and Financial Dealings Act 1971, schedule 1, the common law holidays, and the royal
//! proclamations of single days; as the government lists them at <https://www.gov.uk/bank-holidays>.

use chrono::{Datelike, NaiveDate, Weekday};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The years that the table holds whole.
pub const YEARS: std::ops::RangeInclusive<i32> = 2018..=2028;

#[derive(Deserialize)]
struct Holiday {
    on: NaiveDate,
    name: String,
}

/// The bank holidays of England and Wales, by day.
#[allow(clippy::expect_used)] // it is compiled in, and every test of a deadline reads it
pub static TABLE: LazyLock<BTreeMap<NaiveDate, String>> = LazyLock::new(|| {
    let days = serde_json::from_str(include_str!("bank-holidays.json"));
    let days: Vec<Holiday> = days.expect("bank-holidays.json is read");
    days.into_iter().map(|day| (day.on, day.name)).collect()
});

/// Why nobody works on a day; `None` on a working day.
pub fn why_off(day: NaiveDate) -> Option<&'static str> {
    match day.weekday() {
        Weekday::Sat => Some("Saturday"),
        Weekday::Sun => Some("Sunday"),
        _ => TABLE.get(&day).map(String::as_str),
    }
}
