//! The assessment, as rows and as a document.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::schema::assessments;
use crate::log::{Recorded, Resource};
use crate::platform::db::{EnumText, Json};
use crate::platform::identity::{Key, RecordId, Slug};
use crate::platform::mistakes::{MistakeCode, broken};
use crate::platform::states::PublicationState;
use crate::platform::values::{self, Withdrawal};
use crate::tracking::obligations::model::AssessmentStatus;
use crate::writing::recorder::RecordedBy;

/// A row of `assessments`.
#[derive(Clone, Debug, Queryable, QueryableByName, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = assessments, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct AssessmentRow {
    /// The id.
    pub id: RecordId,
    /// Same as the id: assessments have no slug.
    pub slug: Slug,
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
    /// The report that makes the recommendation.
    pub report_id: RecordId,
    /// The recommendation.
    pub recommendation_id: RecordId,
    /// The addressee.
    pub organisation_id: RecordId,
    /// The assessor.
    pub assessor_id: RecordId,
    /// The conclusion.
    pub status: EnumText<AssessmentStatus>,
    /// The day, month or year that it applies to.
    pub as_at: String,
    /// The reasons.
    pub reasons: Option<String>,
    /// The URL where it was published.
    pub source_url: Option<String>,
    /// Who recorded it, as JSON, if that is known.
    pub recorded_by: Option<Json<RecordedBy>>,
    /// When and why it was withdrawn, as JSON.
    pub withdrawal: Option<Json<Withdrawal>>,
}

/// An assessment, as in imports and in the change log.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssessmentDocument {
    /// Always `assessment`.
    #[serde(rename = "type", default, skip_serializing)]
    #[garde(skip)]
    pub resource: Option<Resource>,
    /// The id; derived from recommendation, addressee, assessor and `as_at` if absent.
    #[serde(default, skip_serializing)]
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = "uuid", max_length = 36)]
    pub id: Option<uuid::Uuid>,
    /// The report that makes the recommendation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub report: Option<Key>,
    /// The number of the recommendation in the report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(60))), custom(values::number_or_id(&self.report, &self.recommendation)))]
    #[schema(min_length = 1, max_length = 60, example = "7.1")]
    pub number: Option<String>,
    /// The recommendation, by id or slug, instead of report and number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub recommendation: Option<Key>,
    /// The addressee.
    #[garde(skip)]
    pub organisation: Key,
    /// The assessor: a publisher of the report.
    #[garde(skip)]
    pub assessor: Key,
    /// The conclusion.
    #[garde(custom(is_conclusion))]
    pub status: AssessmentStatus,
    /// The day, month or year that it applies to.
    #[garde(custom(values::partial_date))]
    #[schema(min_length = 4, max_length = 10, example = "2025-08-01")]
    pub as_at: String,
    /// The reasons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(50_000))))]
    #[schema(min_length = 1, max_length = 50000)]
    pub reasons: Option<String>,
    /// The URL where it was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::web_url)))]
    #[schema(max_length = 2000, format = "uri")]
    pub source_url: Option<String>,
    /// Who recorded it first. Set by the server; only administrators can carry it over from another instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub recorded_by: Option<RecordedBy>,
    /// When and why it was withdrawn. Required in the state `withdrawn`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(dive, custom(values::reason_if_withdrawn(self.state)))]
    pub withdrawal: Option<Withdrawal>,
    /// The publication state.
    #[serde(default)]
    #[garde(skip)]
    pub state: PublicationState,
}

fn is_conclusion(status: &AssessmentStatus, _: &()) -> garde::Result {
    match status {
        AssessmentStatus::NotAssessed => Err(broken(
            MistakeCode::UnknownValue,
            "An assessment must have a conclusion; obligations without an assessment are not_assessed.",
        )),
        _ => Ok(()),
    }
}

impl AssessmentDocument {
    /// The row for this document, whose links must be ids.
    pub fn row(
        &self,
        id: RecordId,
        report_id: RecordId,
        recorded: Recorded,
    ) -> QueryResult<AssessmentRow> {
        Ok(AssessmentRow {
            id,
            slug: id.into(),
            state: self.state,
            revision: recorded.revision,
            change_seq: recorded.seq,
            created_at: recorded.created_at,
            updated_at: recorded.updated_at,
            report_id,
            recommendation_id: Key::required(self.recommendation.as_ref())?,
            organisation_id: self.organisation.resolved()?,
            assessor_id: self.assessor.resolved()?,
            status: EnumText(self.status),
            as_at: self.as_at.clone(),
            reasons: self.reasons.clone(),
            source_url: self.source_url.clone(),
            recorded_by: self.recorded_by.clone().map(Json::new).transpose()?,
            withdrawal: self.withdrawal.clone().map(Json::new).transpose()?,
        })
    }
}
