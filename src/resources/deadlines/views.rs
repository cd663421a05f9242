//! The parameters and views of deadline rules.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::counting::{CountedPeriod, DayLeftOut};
use super::rules::{Counting, DeadlineRule, Unit};
use crate::platform::time;

/// A due date, and how it was computed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DueDate {
    /// The rule.
    #[schema(min_length = 1, max_length = 150, example = "iopc-28b-response")]
    pub rule: String,
    /// The day of the event that starts the period.
    pub from: NaiveDate,
    /// The first day that counts.
    pub first_on: NaiveDate,
    /// The due date: the last day of the period.
    pub due_on: NaiveDate,
    /// The day after the due date.
    pub overdue_from: NaiveDate,
    /// How the days were counted, in words.
    #[schema(
        max_length = 500,
        example = "56 days beginning with 27 September 2024, which is the first day; the last day is 21 November 2024."
    )]
    pub counted: String,
    /// The days of the period that do not count.
    #[schema(max_items = 6000)]
    pub left_out: Vec<DayLeftOut>,
}

impl DueDate {
    /// The view of a computed due date.
    pub fn new(rule: &DeadlineRule, from: NaiveDate, counted: CountedPeriod) -> Self {
        Self {
            rule: rule.id.clone(),
            from,
            first_on: counted.first_on,
            due_on: counted.due_on,
            overdue_from: counted.due_on + Days::new(1),
            counted: in_words(rule, from, &counted),
            left_out: counted.left_out,
        }
    }
}

/// How the days of a period were counted.
pub fn in_words(rule: &DeadlineRule, from: NaiveDate, counted: &CountedPeriod) -> String {
    let day = |day: NaiveDate| day.format("%-d %B %Y").to_string();
    let amount = rule.period.amount;
    let unit = match rule.period.unit {
        Unit::Days => "days",
        Unit::WorkingDays => "working days",
        Unit::Months => "months",
    };
    let (begin, end) = (day(from), day(counted.due_on));
    match rule.counting {
        Counting::InclusiveOfStart if counted.first_on == from => {
            format!(
                "{amount} {unit} beginning with {begin}, which is the first day; the last day is {end}."
            )
        }
        _ => {
            let first = day(counted.first_on);
            format!(
                "{amount} {unit} after {begin}; the first day is {first}, and the last day is {end}."
            )
        }
    }
}

/// The parameters of a due date.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ShowDueDate {
    /// The day of the event that starts the period.
    #[serde(deserialize_with = "time::optional_day")]
    #[param(required = true, value_type = NaiveDate, example = "2024-09-27")]
    pub from: Option<NaiveDate>,
}
