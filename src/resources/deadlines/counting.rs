//! Computes the last day of a period.

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::Serialize;
use utoipa::ToSchema;

use super::holidays;
use super::rules::{Counting, DeadlineRule, Unit};

/// The years in which a period can start.
pub const YEARS: std::ops::RangeInclusive<i32> = 1900..=2199;

/// The last day of a period, and how it was computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedPeriod {
    /// The last day of the period.
    pub due_on: NaiveDate,
    /// The first day that counts.
    pub first_on: NaiveDate,
    /// The days in between that do not count.
    pub left_out: Vec<DayLeftOut>,
}

/// A day that does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DayLeftOut {
    /// The day.
    pub on: NaiveDate,
    /// The reason: Saturday, Sunday, or the name of the bank holiday.
    #[schema(max_length = 200, example = "Good Friday")]
    pub reason: &'static str,
}

/// Why a due date cannot be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CountingError {
    /// The start of the period is out of range.
    #[error("only dates from 1900 to 2199 are supported")]
    OutOfRange,
    /// The period includes days outside the table of bank holidays.
    #[error("bank holidays are known only for 2018 to 2028")]
    HolidaysUnknown,
}

/// The due date by a rule, for an event on the day `from`.
///
/// # Errors
/// If `from` is out of range, or the bank holidays of the period are not known.
pub fn due(rule: &DeadlineRule, from: NaiveDate) -> Result<CountedPeriod, CountingError> {
    if !YEARS.contains(&from.year()) {
        return Err(CountingError::OutOfRange);
    }
    let amount = rule.period.amount;
    let tomorrow = from + Days::new(1);
    let first_on = match rule.counting {
        Counting::InclusiveOfStart => from,
        Counting::AfterStart => tomorrow,
    };
    let due_on = match rule.period.unit {
        Unit::WorkingDays => return working_days(first_on, amount),
        Unit::Days => first_on + Days::new(u64::from(amount) - 1),
        Unit::Months => {
            let same_day = from + Months::new(amount);
            // a month without that day ends on its last day, which is then the due date
            match rule.counting {
                Counting::InclusiveOfStart if same_day.day() == from.day() => {
                    same_day - Days::new(1)
                }
                _ => same_day,
            }
        }
    };
    Ok(CountedPeriod {
        due_on,
        first_on,
        left_out: Vec::new(),
    })
}

fn working_days(first_on: NaiveDate, amount: u32) -> Result<CountedPeriod, CountingError> {
    let (mut left_out, mut remaining) = (Vec::new(), amount);
    let (mut day, mut first_working_day) = (first_on, None);
    loop {
        if !holidays::YEARS.contains(&day.year()) {
            return Err(CountingError::HolidaysUnknown);
        }
        match holidays::day_off_reason(day) {
            Some(reason) => left_out.push(DayLeftOut { on: day, reason }),
            None => {
                first_working_day.get_or_insert(day);
                remaining -= 1;
            }
        }
        if remaining == 0 {
            return Ok(CountedPeriod {
                due_on: day,
                first_on: first_working_day.unwrap_or(first_on),
                left_out,
            });
        }
        day = day + Days::new(1);
    }
}
