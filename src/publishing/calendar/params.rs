//! The parameters of the calendar.

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer};
use std::fmt;
use utoipa::IntoParams;

use crate::http::as_of::AsOf;
use crate::platform::identity::Key;
use crate::platform::mistakes::{MistakeCode, coded};
use crate::platform::time;

/// The parameters of the calendar.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct CalendarFilters {
    /// Only obligations of these organisations, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["essex-police"]))]
    pub organisation: Vec<Key>,
    /// Only obligations under these reports, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["stalking-super-complaint-2024"]))]
    pub report: Vec<Key>,
    /// With a response due on or after this day.
    #[serde(deserialize_with = "time::optional_day")]
    #[param(example = "2024-11-01")]
    pub due_from: Option<NaiveDate>,
    /// With a response due before this day.
    #[serde(deserialize_with = "time::optional_day")]
    #[param(example = "2026-01-01")]
    pub due_before: Option<NaiveDate>,
    /// Remind this long before each day: days (`P7D`) or weeks (`P2W`), from one day to 366 days. Without it, there are no
    /// alarms.
    #[param(value_type = Option<String>, min_length = 3, max_length = 5, pattern = "^P[0-9]{1,3}[DW]$", example = "P7D")]
    pub alarm: Option<Alarm>,
    /// Show what was known at the end of this day, or at this time.
    #[param(value_type = Option<String>)]
    pub as_of: Option<AsOf>,
}

/// How many days before a day its alarm goes off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alarm {
    days: u16,
}

/// The earliest alarm: a leap year before.
const MAX_DAYS: u16 = 366;

impl Alarm {
    /// Reads a duration in days or weeks (ISO 8601).
    fn parse(text: &str) -> Option<Self> {
        let (number, days) = match text.strip_prefix('P')? {
            duration if duration.ends_with('D') => (duration.strip_suffix('D')?, 1),
            duration => (duration.strip_suffix('W')?, 7),
        };
        let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
        let days = number.parse::<u16>().ok()?.checked_mul(days)?;
        (is_number && number.len() <= 3 && (1..=MAX_DAYS).contains(&days)).then_some(Self { days })
    }
}

/// As a duration before something (RFC 5545, 3.3.6).
impl fmt::Display for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "-P{}D", self.days)
    }
}

impl<'de> Deserialize<'de> for Alarm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            serde::de::Error::custom(coded(
                MistakeCode::InvalidValue,
                "Expected a number of days or weeks such as P7D or P2W, from P1D to P366D.",
            ))
        })
    }
}
