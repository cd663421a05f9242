//! The recommendation as rows and as a document.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::log::{Recorded, Resource};
use crate::platform::db::schema::recommendations;
use crate::platform::db::{Json, Word};
use crate::platform::states::PublicationState;
use crate::platform::values::{self, number_key};
use crate::resources::deadlines::terms::{DeadlineTerms, each_kind_once};

/// A row of `recommendations`.
#[derive(Clone, Debug, Queryable, QueryableByName, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = recommendations, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct RecommendationRow {
    /// The id.
    pub id: String,
    /// The slug.
    pub slug: String,
    /// The publication state.
    pub state: PublicationState,
    /// The revision, from 1.
    pub revision: i64,
    /// The newest entry of the change log.
    pub change_seq: i64,
    /// When it was first stored.
    pub created_at: NaiveDateTime,
    /// When it last changed.
    pub updated_at: NaiveDateTime,
    /// The report that makes it.
    pub report_id: String,
    /// The number in the report.
    pub number: String,
    /// The number in a form that sorts.
    pub number_key: String,
    /// The recommendation that it is an element of.
    pub parent_id: Option<String>,
    /// What kind of finding it is.
    pub kind: String,
    /// The words.
    pub text: String,
    /// Whether `text` repeats the report word for word.
    pub text_is_verbatim: bool,
    /// The gist.
    pub summary: Option<String>,
    /// Marked as urgent or as a priority by the report.
    pub is_priority: bool,
    /// The power it was made under.
    pub legal_basis: Option<String>,
    /// Whether a response is owed.
    pub response_requirement: Option<Word<ResponseRequirement>>,
    /// The day by which the report wants it done or answered.
    pub stated_due_on: Option<NaiveDate>,
    /// Whether several addressees answer together or each.
    pub reply: Option<Word<Reply>>,
    /// The office that it speaks to.
    pub role_addressed: Option<String>,
    /// Where its publisher has it.
    pub source_url: Option<String>,
    /// The day its report was published.
    pub published_on: NaiveDate,
    /// The deadlines that it sets.
    pub deadlines: Json<Vec<DeadlineTerms>>,
}

/// Whether a response is owed.
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
    /// By law.
    Statutory,
    /// Asked for, without a duty in law.
    Requested,
    /// None.
    None,
}

/// Whether several addressees answer together or each for itself.
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
    /// One answer for all.
    Joint,
    /// Each answers.
    Several,
}

/// A recommendation as it is imported and as the change log keeps it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecommendationDocument {
    /// Always `recommendation`.
    #[serde(rename = "type", default, skip_serializing)]
    #[garde(skip)]
    pub resource: Option<Resource>,
    /// The id; given out when absent.
    #[serde(default, skip_serializing)]
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = "uuid", max_length = 36)]
    pub id: Option<uuid::Uuid>,
    /// The slug; made of the report's slug and the number when absent.
    #[serde(default)]
    #[garde(inner(custom(values::slug)))]
    #[schema(
        min_length = 1,
        max_length = 150,
        pattern = "^[a-z0-9_]+(-[a-z0-9_]+)*$"
    )]
    pub slug: Option<String>,
    /// The report that makes it.
    #[garde(skip)]
    pub report: String,
    /// The number in the report.
    #[garde(length(chars, min = 1, max = 60))]
    #[schema(min_length = 1, max_length = 60)]
    pub number: String,
    /// The number of the recommendation that it is an element of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, min = 1, max = 60))]
    #[schema(min_length = 1, max_length = 60)]
    pub parent_number: Option<String>,
    /// The id of that recommendation; found by the number.
    #[serde(skip)]
    #[garde(skip)]
    pub parent_id: Option<String>,
    /// What kind of finding it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::token)))]
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9][a-z0-9_.-]*$")]
    pub kind: Option<String>,
    /// The words.
    #[garde(length(chars, min = 1, max = 50_000))]
    #[schema(min_length = 1, max_length = 50000)]
    pub text: String,
    /// Whether `text` repeats the report word for word.
    #[serde(default = "yes")]
    #[garde(skip)]
    pub text_is_verbatim: bool,
    /// The gist.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = 5000))]
    #[schema(max_length = 5000)]
    pub summary: Option<String>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 50), inner(custom(values::token)))]
    #[schema(max_items = 50)]
    pub themes: Vec<String>,
    /// Marked as urgent or as a priority by the report.
    #[serde(default)]
    #[garde(skip)]
    pub is_priority: bool,
    /// The power it was made under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500)]
    pub legal_basis: Option<String>,
    /// Whether a response is owed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub response_requirement: Option<ResponseRequirement>,
    /// The day by which the report wants it done or answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub stated_due_on: Option<NaiveDate>,
    /// The deadlines that it sets. Without any, `stated_due_on` is the one for the response.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 6), dive, custom(each_kind_once))]
    #[schema(max_items = 6)]
    pub deadlines: Vec<DeadlineTerms>,
    /// Whether several addressees answer together or each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub reply: Option<Reply>,
    /// The office that it speaks to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    pub role_addressed: Option<String>,
    /// Who was told: organisations and groups.
    #[garde(length(max = 500))]
    #[schema(max_items = 500)]
    pub addressees: Vec<String>,
    /// Of the groups' members, those to whom it is not addressed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 500))]
    #[schema(max_items = 500)]
    pub exclusions: Vec<String>,
    /// Earlier recommendations whose place it takes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 100))]
    #[schema(max_items = 100)]
    pub supersedes: Vec<String>,
    /// Earlier recommendations that it says again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 100))]
    #[schema(max_items = 100)]
    pub repeats: Vec<String>,
    /// Where its publisher has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::web_url)))]
    #[schema(max_length = 2000, format = "uri")]
    pub source_url: Option<String>,
    /// The publication state.
    #[serde(default)]
    #[garde(skip)]
    pub state: PublicationState,
    /// Of a removed record that was there twice: the one that stays. Needs the state `gone`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub merged_into: Option<String>,
}

fn yes() -> bool {
    true
}

impl RecommendationDocument {
    /// The slug that a recommendation gets when it brings none.
    pub fn default_slug(report_slug: &str, number: &str) -> String {
        let number = slug::slugify(number);
        let room = 149usize.saturating_sub(number.len());
        let report: String = report_slug.chars().take(room).collect();
        format!("{}-{number}", report.trim_end_matches('-'))
            .trim_matches('-')
            .to_owned()
    }

    /// The row for this document, whose links are ids by now.
    pub fn row(
        &self,
        id: &str,
        slug: &str,
        published_on: NaiveDate,
        recorded: Recorded,
    ) -> QueryResult<RecommendationRow> {
        Ok(RecommendationRow {
            id: id.to_owned(),
            slug: slug.to_owned(),
            state: self.state,
            revision: recorded.revision,
            change_seq: recorded.seq,
            created_at: recorded.created_at,
            updated_at: recorded.updated_at,
            report_id: self.report.clone(),
            number: self.number.clone(),
            number_key: number_key(&self.number),
            parent_id: self.parent_id.clone(),
            kind: self
                .kind
                .clone()
                .unwrap_or_else(|| "recommendation".to_owned()),
            text: self.text.clone(),
            text_is_verbatim: self.text_is_verbatim,
            summary: self.summary.clone(),
            is_priority: self.is_priority,
            legal_basis: self.legal_basis.clone(),
            response_requirement: self.response_requirement.map(Word),
            stated_due_on: self.stated_due_on,
            reply: self.reply.map(Word),
            role_addressed: self.role_addressed.clone(),
            source_url: self.source_url.clone(),
            published_on,
            deadlines: Json::new(self.deadlines.clone())?,
        })
    }
}
