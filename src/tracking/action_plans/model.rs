//! The action plan, as rows and as a document.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::schema::action_plans;
use crate::log::{Recorded, Resource};
use crate::platform::db::Json;
use crate::platform::identity::{Key, RecordId, Slug};
use crate::platform::mistakes::{MistakeCode, broken};
use crate::platform::states::PublicationState;
use crate::platform::time;
use crate::platform::values::{self, Withdrawal};
use crate::writing::recorder::RecordedBy;

/// A row of `action_plans`.
#[derive(Clone, Debug, Queryable, QueryableByName, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = action_plans, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct ActionPlanRow {
    /// The id.
    pub id: RecordId,
    /// Same as the id: action plans have no slug.
    pub slug: Slug,
    /// The publication state.
    pub state: PublicationState,
    /// The revision, from 1.
    pub revision: i64,
    /// The newest entry of the change log.
    pub change_seq: i64,
    /// When it was first stored.
    pub created_at: NaiveDateTime,
    /// When the record last changed.
    pub updated_at: NaiveDateTime,
    /// The report that it responds to.
    pub report_id: RecordId,
    /// The organisation whose plan it is.
    pub organisation_id: RecordId,
    /// The URL of the plan.
    pub url: String,
    /// The title.
    pub title: Option<String>,
    /// A sort key: `first_seen_on`, or the first date that both databases can represent.
    pub first_seen_key: NaiveDate,
    /// The day the plan was first seen.
    pub first_seen_on: Option<NaiveDate>,
    /// The day its page last changed.
    pub last_changed_on: Option<NaiveDate>,
    /// The URL of an archived copy.
    pub archived_url: Option<String>,
    /// The actions for each recommendation, as JSON.
    pub actions: Json<Vec<Action>>,
    /// Who recorded it, as JSON, if that is known.
    pub recorded_by: Option<Json<RecordedBy>>,
    /// When and why it was withdrawn, as JSON.
    pub withdrawal: Option<Json<Withdrawal>>,
}

/// An action in a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// The number of the recommendation or element in the report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(60))), custom(values::number_xor_id(&self.recommendation)))]
    #[schema(min_length = 1, max_length = 60, example = "7.1")]
    pub number: Option<String>,
    /// The recommendation, by id or slug, instead of the number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub recommendation: Option<Key>,
    /// What will be done.
    #[garde(custom(values::text(20_000)))]
    #[schema(min_length = 1, max_length = 20000)]
    pub text: String,
    /// The role, not the person, that is responsible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(300))))]
    #[schema(min_length = 1, max_length = 300)]
    pub owner_role: Option<String>,
    /// The target date.
    #[serde(
        default,
        deserialize_with = "time::optional_day",
        skip_serializing_if = "Option::is_none"
    )]
    #[garde(skip)]
    pub target_on: Option<NaiveDate>,
    /// The status in the plan's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(1000))))]
    #[schema(min_length = 1, max_length = 1000)]
    pub status_verbatim: Option<String>,
}

/// An action plan, as in imports and in the change log.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionPlanDocument {
    /// Always `action_plan`.
    #[serde(rename = "type", default, skip_serializing)]
    #[garde(skip)]
    pub resource: Option<Resource>,
    /// The id; derived from report, organisation and URL if absent.
    #[serde(default, skip_serializing)]
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = "uuid", max_length = 36)]
    pub id: Option<uuid::Uuid>,
    /// The report that it responds to.
    #[garde(skip)]
    pub report: Key,
    /// The organisation whose plan it is.
    #[garde(skip)]
    pub organisation: Key,
    /// The URL of the plan.
    #[garde(custom(values::web_url))]
    #[schema(max_length = 2000, format = "uri")]
    pub url: String,
    /// The title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(500))))]
    #[schema(min_length = 1, max_length = 500)]
    pub title: Option<String>,
    /// The day the plan was first seen.
    #[serde(
        default,
        deserialize_with = "time::optional_day",
        skip_serializing_if = "Option::is_none"
    )]
    #[garde(skip)]
    pub first_seen_on: Option<NaiveDate>,
    /// The day its page last changed.
    #[serde(
        default,
        deserialize_with = "time::optional_day",
        skip_serializing_if = "Option::is_none"
    )]
    #[garde(custom(not_before(&self.first_seen_on)))]
    pub last_changed_on: Option<NaiveDate>,
    /// The URL of an archived copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::web_url)))]
    #[schema(max_length = 2000, format = "uri")]
    pub archived_url: Option<String>,
    /// The actions for each recommendation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 1000), dive)]
    #[schema(max_items = 1000)]
    pub actions: Vec<Action>,
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

fn not_before(
    first_seen_on: &Option<NaiveDate>,
) -> impl FnOnce(&Option<NaiveDate>, &()) -> garde::Result + '_ {
    move |changed, _| match changed.zip(*first_seen_on) {
        Some((changed, seen)) if changed < seen => Err(broken(
            MistakeCode::Inconsistent,
            "'last_changed_on' must not be before 'first_seen_on'.",
        )),
        _ => Ok(()),
    }
}

impl ActionPlanDocument {
    /// The row for this document, whose links must be ids.
    ///
    /// # Errors
    /// When the actions cannot be encoded as JSON.
    pub fn row(&self, id: RecordId, recorded: Recorded) -> QueryResult<ActionPlanRow> {
        Ok(ActionPlanRow {
            id,
            slug: id.into(),
            state: self.state,
            revision: recorded.revision,
            change_seq: recorded.seq,
            created_at: recorded.created_at,
            updated_at: recorded.updated_at,
            report_id: self.report.resolved()?,
            organisation_id: self.organisation.resolved()?,
            url: self.url.clone(),
            title: self.title.clone(),
            first_seen_key: self.first_seen_on.unwrap_or_default(),
            first_seen_on: self.first_seen_on,
            last_changed_on: self.last_changed_on,
            archived_url: self.archived_url.clone(),
            actions: Json::new(self.actions.clone())?,
            recorded_by: self.recorded_by.clone().map(Json::new).transpose()?,
            withdrawal: self.withdrawal.clone().map(Json::new).transpose()?,
        })
    }
}
