//! The deadline rules: the built-in ones and the operator's.

use chrono::NaiveDate;
use garde::Validate;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::{LazyLock, OnceLock};
use utoipa::ToSchema;

use crate::platform::mistakes::{MistakeCode, broken};
use crate::platform::values;

/// A rule for when something is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeadlineRule {
    /// The id, by which deadlines refer to the rule.
    #[garde(custom(values::slug))]
    #[schema(
        min_length = 1,
        max_length = 150,
        pattern = "^[a-z0-9_]+(-[a-z0-9_]+)*$",
        example = "iopc-28b-response"
    )]
    pub id: String,
    /// The display name.
    #[garde(custom(values::text(300)))]
    #[schema(min_length = 1, max_length = 300)]
    pub name: String,
    /// What is due.
    #[garde(skip)]
    pub kind: DeadlineKind,
    /// The length of the period.
    #[garde(dive)]
    pub period: Period,
    /// Which day is the first of the period.
    #[garde(skip)]
    pub counting: Counting,
    /// The event that starts the period.
    #[garde(custom(values::text(300)))]
    #[schema(min_length = 1, max_length = 300)]
    pub start_event: String,
    /// The time zone in which days are counted, as an IANA name.
    #[garde(custom(is_time_zone))]
    #[schema(min_length = 1, max_length = 60, example = "Europe/London")]
    pub time_zone: String,
    /// The legal or other basis of the rule.
    #[garde(custom(values::text(500)))]
    #[schema(min_length = 1, max_length = 500)]
    pub legal_basis: String,
    /// The text of the basis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::web_url)))]
    #[schema(max_length = 2000, format = "uri")]
    pub source_url: Option<String>,
    /// A note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = 2000))]
    #[schema(max_length = 2000)]
    pub note: Option<String>,
}

/// What is due by a deadline.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    strum::IntoStaticStr,
    strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DeadlineKind {
    /// An acknowledgement of receipt.
    Acknowledgement,
    /// A response.
    Response,
    /// The publication of an action plan.
    ActionPlanPublication,
    /// The implementation of the recommendation.
    Implementation,
    /// A progress update.
    ProgressUpdate,
    /// The publication of the response by its recipient.
    PublicationOfResponse,
}

/// A length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// The number of units.
    #[garde(range(min = 1, max = 3_660))]
    #[schema(minimum = 1, maximum = 3660, example = 56)]
    pub amount: u32,
    /// The unit.
    #[garde(skip)]
    pub unit: Unit,
}

/// The unit of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Calendar days.
    Days,
    /// Days other than Saturdays, Sundays and bank holidays of England and Wales.
    WorkingDays,
    /// Calendar months.
    Months,
}

/// Which day is the first of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Counting {
    /// The day of the event ("56 days beginning with the day on which …").
    InclusiveOfStart,
    /// The day after the event ("within 56 days of …").
    AfterStart,
}

fn is_time_zone(name: &str, _: &()) -> garde::Result {
    match name.parse::<chrono_tz::Tz>() {
        Ok(_) => Ok(()),
        Err(_) => Err(broken(
            MistakeCode::UnknownValue,
            "Expected an IANA time zone name, such as Europe/London.",
        )),
    }
}

impl DeadlineRule {
    /// The calendar day at `now`, in the rule's time zone.
    pub fn day(&self, now: chrono::NaiveDateTime) -> NaiveDate {
        let zone = self.time_zone.parse::<chrono_tz::Tz>();
        let zone = zone.unwrap_or(chrono_tz::Europe::London);
        now.and_utc().with_timezone(&zone).date_naive()
    }
}

/// The built-in rules.
#[allow(clippy::expect_used)] // compiled in, and read by every test of deadlines
pub static BUILT_IN: LazyLock<Vec<DeadlineRule>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("rules.json")).expect("rules.json is valid")
});
/// The built-in rules and those of the operator.
static EXTENDED: OnceLock<Vec<DeadlineRule>> = OnceLock::new();

/// All rules.
pub fn all() -> &'static [DeadlineRule] {
    EXTENDED.get().unwrap_or(&BUILT_IN)
}

/// The rule with this id.
pub fn find(id: &str) -> Option<&'static DeadlineRule> {
    all().iter().find(|rule| rule.id == id)
}

/// Adds the rules in the operator's file, a JSON array, until the process ends.
///
/// # Errors
/// If the file cannot be read, or a rule in it is invalid.
pub fn extend(file: &Path) -> anyhow::Result<()> {
    let name = file.display();
    let text = std::fs::read_to_string(file)
        .map_err(|e| anyhow::anyhow!("cannot read the deadline rules in {name}: {e}"))?;
    let added =
        read(&text).map_err(|e| anyhow::anyhow!("invalid deadline rules in {name}: {e}"))?;
    // a second file has no effect: the command line reads its settings once
    let _ = EXTENDED.set([BUILT_IN.clone(), added].concat());
    Ok(())
}

/// Parses and validates the operator's rules.
///
/// # Errors
/// If the text is not a JSON array of valid rules, or an id is already taken.
pub fn read(text: &str) -> anyhow::Result<Vec<DeadlineRule>> {
    let added: Vec<DeadlineRule> = serde_json::from_str(text)?;
    anyhow::ensure!(added.len() <= 80, "at most 80 rules can be added");
    let mut ids: Vec<&str> = BUILT_IN.iter().map(|rule| rule.id.as_str()).collect();
    for rule in &added {
        rule.validate()
            .map_err(|report| anyhow::anyhow!("in '{}': {report}", rule.id))?;
        anyhow::ensure!(
            !ids.contains(&rule.id.as_str()),
            "there is already a rule '{}'",
            rule.id
        );
        ids.push(&rule.id);
    }
    Ok(added)
}
