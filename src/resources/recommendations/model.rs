//! The row and the document of a recommendation.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::log::{Recorded, Resource};
use crate::platform::clock::stored;
use crate::platform::db::schema::recommendations;
use crate::platform::db::{EnumText, Json};
use crate::platform::identity::{Key, RecordId, Slug};
use crate::platform::states::PublicationState;
use crate::platform::time;
use crate::platform::values::{self, Withdrawal, number_key};
use crate::resources::deadlines::terms::{DeadlineTerms, each_kind_once};

/// A row of `recommendations`.
#[derive(Clone, Debug, Queryable, QueryableByName, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = recommendations, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct RecommendationRow {
    /// The id.
    pub id: RecordId,
    /// The slug.
    pub slug: Slug,
    /// The publication state.
    pub state: PublicationState,
    /// The revision, from 1.
    pub revision: i64,
    /// The number of its latest entry in the change log.
    pub change_seq: i64,
    /// When it was first stored.
    pub created_at: NaiveDateTime,
    /// When it was last changed.
    pub updated_at: NaiveDateTime,
    /// The report that makes it.
    pub report_id: RecordId,
    /// The number in the report.
    pub number: String,
    /// The number as a sort key.
    pub number_key: String,
    /// The recommendation that this one is an element of.
    pub parent_id: Option<RecordId>,
    /// The kind of recommendation.
    pub kind: String,
    /// The text.
    pub text: String,
    /// Whether `text` is verbatim from the report.
    pub text_is_verbatim: bool,
    /// The summary.
    pub summary: Option<String>,
    /// Whether the report marks it as urgent or as a priority.
    pub is_priority: bool,
    /// The legal power under which it was made.
    pub legal_basis: Option<String>,
    /// Whether a response is required.
    pub response_requirement: Option<EnumText<ResponseRequirement>>,
    /// The due date for implementation or a response, as the report states it.
    pub stated_due_on: Option<NaiveDate>,
    /// Whether several addressees respond jointly or each on its own.
    pub reply: Option<EnumText<Reply>>,
    /// The office it is addressed to, such as `chief constable`.
    pub role_addressed: Option<String>,
    /// The recommendation on its publisher's website.
    pub source_url: Option<String>,
    /// The day of the report's publication.
    pub published_on: NaiveDate,
    /// The deadlines that it sets.
    pub deadlines: Json<Vec<DeadlineTerms>>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<NaiveDateTime>,
    /// Why it was withdrawn.
    pub withdrawal_reason: Option<String>,
}

/// Whether a response is required.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
    strum::IntoStaticStr,
    strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ResponseRequirement {
    /// Required by law.
    Statutory,
    /// Requested, without a legal duty to respond.
    Requested,
    /// Neither: the report says that no response is needed.
    None,
    /// Not known.
    Unknown,
}

/// Whether several addressees respond jointly or each on its own.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
    strum::IntoStaticStr,
    strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Reply {
    /// One response for all.
    Joint,
    /// One response from each.
    Several,
}

/// A recommendation, as imported and as stored in the change log.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecommendationDocument {
    /// Always `recommendation`.
    #[serde(rename = "type", default, skip_serializing)]
    #[garde(skip)]
    pub resource: Option<Resource>,
    /// The id. Assigned if absent.
    #[serde(default, skip_serializing)]
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = "uuid", max_length = 36)]
    pub id: Option<uuid::Uuid>,
    /// The slug. Default: the report's slug and the number.
    #[serde(default)]
    #[garde(inner(custom(values::slug)))]
    #[schema(
        value_type = Option<String>,
        min_length = 1,
        max_length = 150,
        pattern = "^[a-z0-9_]+(-[a-z0-9_]+)*$"
    )]
    pub slug: Option<Slug>,
    /// The report that makes it, by id or slug.
    #[garde(skip)]
    pub report: Key,
    /// The number in the report.
    #[garde(custom(values::text(60)))]
    #[schema(min_length = 1, max_length = 60)]
    pub number: String,
    /// The number, in the same report, of the recommendation that this one is an element of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(60))))]
    #[schema(min_length = 1, max_length = 60)]
    pub parent_number: Option<String>,
    /// The id of that recommendation, resolved from the number.
    #[serde(skip)]
    #[garde(skip)]
    pub parent_id: Option<Key>,
    /// The kind of recommendation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::token)))]
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9][a-z0-9_.-]*$")]
    pub kind: Option<String>,
    /// The text.
    #[garde(custom(values::text(50_000)))]
    #[schema(min_length = 1, max_length = 50000)]
    pub text: String,
    /// Whether `text` is verbatim from the report.
    #[serde(default = "yes")]
    #[garde(skip)]
    pub text_is_verbatim: bool,
    /// The summary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = 5000))]
    #[schema(max_length = 5000)]
    pub summary: Option<String>,
    /// Its themes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 50), inner(custom(values::token)))]
    #[schema(max_items = 50)]
    pub themes: Vec<String>,
    /// Whether the report marks it as urgent or as a priority.
    #[serde(default)]
    #[garde(skip)]
    pub is_priority: bool,
    /// The legal power under which it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(500))))]
    #[schema(min_length = 1, max_length = 500)]
    pub legal_basis: Option<String>,
    /// Whether a response is required.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub response_requirement: Option<ResponseRequirement>,
    /// The due date for implementation or a response, as the report states it.
    #[serde(
        default,
        deserialize_with = "time::optional_day",
        skip_serializing_if = "Option::is_none"
    )]
    #[garde(skip)]
    pub stated_due_on: Option<NaiveDate>,
    /// The deadlines that it sets. If empty, `stated_due_on` is the deadline for a response.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 6), dive, custom(each_kind_once))]
    #[schema(max_items = 6)]
    pub deadlines: Vec<DeadlineTerms>,
    /// Whether several addressees respond jointly or each on its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub reply: Option<Reply>,
    /// The office it is addressed to, such as `chief constable`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(200))))]
    #[schema(min_length = 1, max_length = 200)]
    pub role_addressed: Option<String>,
    /// The addressees: organisations and groups, by id or slug.
    #[garde(length(max = 500))]
    #[schema(max_items = 500)]
    pub addressees: Vec<Key>,
    /// Members of the groups to whom it is not addressed, by id or slug.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 500))]
    #[schema(max_items = 500)]
    pub exclusions: Vec<Key>,
    /// Earlier recommendations that it supersedes, by id or slug.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 100))]
    #[schema(max_items = 100)]
    pub supersedes: Vec<Key>,
    /// Earlier recommendations that it repeats, by id or slug.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 100))]
    #[schema(max_items = 100)]
    pub repeats: Vec<Key>,
    /// The recommendation on its publisher's website.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::web_url)))]
    #[schema(max_length = 2000, format = "uri")]
    pub source_url: Option<String>,
    /// When and why it was withdrawn. Required in the state `withdrawn`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(dive, custom(values::reason_if_withdrawn(self.state)))]
    pub withdrawal: Option<Withdrawal>,
    /// The publication state.
    #[serde(default)]
    #[garde(skip)]
    pub state: PublicationState,
    /// For a removed duplicate: the record that remains, by id or slug. Requires the state `gone`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub merged_into: Option<Key>,
}

fn yes() -> bool {
    true
}

impl RecommendationDocument {
    /// The slug of a recommendation that is imported without one.
    pub fn default_slug(report_slug: &str, number: &str) -> String {
        let number = slug::slugify(number);
        let room = 149usize.saturating_sub(number.len());
        let report: String = report_slug.chars().take(room).collect();
        format!("{}-{number}", report.trim_end_matches('-'))
            .trim_matches('-')
            .to_owned()
    }

    /// The row for this document, with its links resolved to ids.
    ///
    /// # Errors
    /// If a value cannot be serialised as JSON.
    pub fn row(
        &self,
        id: RecordId,
        slug: &Slug,
        published_on: NaiveDate,
        recorded: Recorded,
    ) -> QueryResult<RecommendationRow> {
        let withdrawal = self.withdrawal.as_ref();
        Ok(RecommendationRow {
            id,
            slug: slug.to_owned(),
            state: self.state,
            revision: recorded.revision,
            change_seq: recorded.seq,
            created_at: recorded.created_at,
            updated_at: recorded.updated_at,
            report_id: self.report.resolved()?,
            number: self.number.clone(),
            number_key: number_key(&self.number),
            parent_id: Key::optional(self.parent_id.as_ref())?,
            kind: self
                .kind
                .clone()
                .unwrap_or_else(|| "recommendation".to_owned()),
            text: self.text.clone(),
            text_is_verbatim: self.text_is_verbatim,
            summary: self.summary.clone(),
            is_priority: self.is_priority,
            legal_basis: self.legal_basis.clone(),
            response_requirement: self.response_requirement.map(EnumText),
            stated_due_on: self.stated_due_on,
            reply: self.reply.map(EnumText),
            role_addressed: self.role_addressed.clone(),
            source_url: self.source_url.clone(),
            published_on,
            deadlines: Json::new(self.deadlines.clone())?,
            withdrawn_at: withdrawal.map(|withdrawal| stored(withdrawal.at)),
            withdrawal_reason: withdrawal.map(|withdrawal| withdrawal.reason.clone()),
        })
    }
}
