//! The rules: those that come with the program, and the operator's.

use chrono::NaiveDate;
use garde::Validate;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::{LazyLock, OnceLock};
use utoipa::ToSchema;

use crate::platform::values;

/// Says by when something is owed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeadlineRule {
    /// The name that deadlines refer to it by.
    #[garde(custom(values::slug))]
    #[schema(
        min_length = 1,
        max_length = 150,
        pattern = "^[a-z0-9_]+(-[a-z0-9_]+)*$",
        example = "iopc-28b-response"
    )]
    pub id: String,
    /// What it is about, for people.
    #[garde(length(chars, min = 1, max = 300))]
    #[schema(min_length = 1, max_length = 300)]
    pub name: String,
    /// What is owed.
    #[garde(skip)]
    pub kind: DeadlineKind,
    /// How long there is time.
    #[garde(dive)]
    pub period: Period,
    /// Which day is counted first.
    #[garde(skip)]
    pub counting: Counting,
    /// What begins the period.
    #[garde(length(chars, min = 1, max = 300))]
    #[schema(min_length = 1, max_length = 300)]
    pub start_event: String,
    /// Where the days begin and end, by its name in the time zone database (IANA).
    #[garde(custom(known_time_zone))]
    #[schema(min_length = 1, max_length = 60, example = "Europe/London")]
    pub time_zone: String,
    /// The law, or whatever else it rests on.
    #[garde(length(chars, min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500)]
    pub legal_basis: String,
    /// Where that can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::web_url)))]
    #[schema(max_length = 2000, format = "uri")]
    pub source_url: Option<String>,
    /// What else is to be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = 2000))]
    #[schema(max_length = 2000)]
    pub note: Option<String>,
}

/// What is owed by a day.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    ToSchema,
    strum::IntoStaticStr,
    strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DeadlineKind {
    /// A word that it was received.
    Acknowledgement,
    /// The answer.
    Response,
    /// A plan, made public.
    ActionPlanPublication,
    /// What was recommended, done.
    Implementation,
    /// A word on how far it is.
    ProgressUpdate,
    /// The answer, made public by whoever received it.
    PublicationOfResponse,
}

/// A length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// How many.
    #[garde(range(min = 1, max = 3_660))]
    #[schema(minimum = 1, maximum = 3660, example = 56)]
    pub amount: u32,
    /// Of what.
    #[garde(skip)]
    pub unit: Unit,
}

/// What a period is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Calendar days.
    Days,
    /// Days that are no Saturday, Sunday or bank holiday of England and Wales.
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
    /// The day after it ("within 56 days of …").
    AfterStart,
}

fn known_time_zone(name: &str, _: &()) -> garde::Result {
    let known = name.parse::<chrono_tz::Tz>();
    known.map(|_| ()).map_err(|_| {
        garde::Error::new("expected a name of the time zone database, such as Europe/London")
    })
}

impl DeadlineRule {
    /// The day at a moment, where the rule counts.
    pub fn day(&self, now: chrono::NaiveDateTime) -> NaiveDate {
        let zone = self.time_zone.parse::<chrono_tz::Tz>();
        let zone = zone.unwrap_or(chrono_tz::Europe::London);
        now.and_utc().with_timezone(&zone).date_naive()
    }
}

/// The rules that are shipped.
#[allow(clippy::expect_used)] // it is compiled in, and every test of a deadline reads it
pub static SHIPPED: LazyLock<Vec<DeadlineRule>> =
    LazyLock::new(|| serde_json::from_str(include_str!("rules.json")).expect("rules.json is read"));
static WITH_THE_OPERATOR_S: OnceLock<Vec<DeadlineRule>> = OnceLock::new();

/// All rules, by their ids.
pub fn all() -> &'static [DeadlineRule] {
    WITH_THE_OPERATOR_S.get().unwrap_or(&SHIPPED)
}

/// The rule with this id.
pub fn find(id: &str) -> Option<&'static DeadlineRule> {
    all().iter().find(|rule| rule.id == id)
}

/// Adds the rules in the operator's file, a JSON array, for as long as the process runs.
pub fn extend(file: &Path) -> anyhow::Result<()> {
    let name = file.display();
    let text = std::fs::read_to_string(file)
        .map_err(|e| anyhow::anyhow!("the deadline rules {name} cannot be read: {e}"))?;
    let added = read(&text).map_err(|e| anyhow::anyhow!("the deadline rules {name}: {e}"))?;
    let mut rules = SHIPPED.clone();
    rules.extend(added);
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    // a second file is not heard: the command line reads its settings once
    let _ = WITH_THE_OPERATOR_S.set(rules);
    Ok(())
}

/// Reads and checks the operator's rules.
pub fn read(text: &str) -> anyhow::Result<Vec<DeadlineRule>> {
    let added: Vec<DeadlineRule> = serde_json::from_str(text)?;
    anyhow::ensure!(added.len() <= 80, "at most 80 rules can be added");
    let mut ids: Vec<&str> = SHIPPED.iter().map(|rule| rule.id.as_str()).collect();
    for rule in &added {
        rule.validate()
            .map_err(|report| anyhow::anyhow!("in '{}': {report}", rule.id))?;
        anyhow::ensure!(
            !ids.contains(&rule.id.as_str()),
            "there is a rule '{}' already",
            rule.id
        );
        ids.push(&rule.id);
    }
    Ok(added)
}
