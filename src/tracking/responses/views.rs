//! Responses, as returned by the API, and the parameters of their list.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{Publication, ResponseKind, ResponseRow};
use super::queries::{CoverRow, RespondentRow, ResponseParts};
use crate::access::visibility;
use crate::http::references::{NameReference, NumberReference, TitleReference};
use crate::platform::db::Json;
use crate::platform::identity::{Key, RecordId, Slug};
use crate::platform::states::VisibleState;
use crate::platform::time;
use crate::platform::values::Withdrawal;
use crate::resources::media::{Attachment, Image};
use crate::resources::recommendations::views::AddresseeKind;
use crate::tracking::linked_pages::views::LinkedPage;
use crate::tracking::obligations::model::Position;
use crate::tracking::related_records::{Recorder, recorded_at, recorder};

/// A response to a report.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Response {
    /// The id.
    #[schema(
        value_type = String,
        min_length = 36,
        max_length = 36,
        example = "1524db82-09ee-8111-83a6-9e391483359a"
    )]
    pub id: RecordId,
    /// Whether the record is in force or withdrawn.
    pub state: VisibleState,
    /// The report that it responds to.
    pub report: TitleReference,
    /// The responder.
    pub responder: NameReference,
    /// The other organisations that it responds for, and groups as they were on the day of the report.
    #[schema(max_items = 500)]
    pub on_behalf_of: Vec<Respondent>,
    /// The kind of response.
    pub kind: ResponseKind,
    /// The id of the response that it corrects.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, min_length = 36, max_length = 36)]
    pub corrects: Option<RecordId>,
    /// The day it was received; absent if not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2024-11-22")]
    pub received_on: Option<NaiveDate>,
    /// The day of receipt as the responder gives it, which decides nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claimed_received_on: Option<NaiveDate>,
    /// Whether it was received or published before the report was, as a reply to a draft is.
    pub precedes_report: bool,
    /// The day it was published.
    #[schema(example = "2025-01-08")]
    pub published_on: NaiveDate,
    /// Which of the responder's responses of this kind on that day it is.
    #[schema(minimum = 1, maximum = 1000)]
    pub sequence: i32,
    /// How much of it is published.
    pub publication: Publication,
    /// Why it is not published in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    pub withheld_reason: Option<String>,
    /// The recommendations that it covers, with its position on each.
    #[schema(max_items = 1000)]
    pub covers: Vec<Covered>,
    /// The URL at its publisher.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000, format = "uri")]
    pub source_url: Option<String>,
    /// The result of checking that URL, if it was checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub linked_page: Option<LinkedPage>,
    /// The URL of an archived copy.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000, format = "uri")]
    pub archived_url: Option<String>,
    /// The SHA-256 of the source document.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub sha256: Option<String>,
    /// The images. Left out when withdrawn.
    #[schema(max_items = 50)]
    pub images: Vec<Image>,
    /// The files that are published with it. Left out when withdrawn.
    #[schema(max_items = 200)]
    pub attachments: Vec<Attachment>,
    /// When it was recorded here first.
    pub recorded_at: DateTime<Utc>,
    /// Who recorded it first, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded_by: Option<Recorder>,
    /// When and why it was withdrawn, if it was by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawal: Option<Withdrawal>,
    /// The revision, from 1.
    #[schema(minimum = 1, maximum = 9007199254740991_i64)]
    pub revision: i64,
    /// When the record last changed.
    pub updated_at: DateTime<Utc>,
}

/// Who a response is for: an organisation, or a group and with it everybody addressed through it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Respondent {
    /// Whether it is an organisation or a group.
    pub kind: AddresseeKind,
    /// The id of the organisation or group.
    #[schema(value_type = String, min_length = 36, max_length = 36)]
    pub id: RecordId,
    /// The slug.
    #[schema(
        value_type = String,
        min_length = 1,
        max_length = 150,
        example = "all-chief-constables-england-wales"
    )]
    pub slug: Slug,
    /// The name.
    #[schema(max_length = 300)]
    pub name: String,
}

/// A recommendation that a response covers. For a withdrawn response, only the reference.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Covered {
    /// The recommendation or element.
    pub recommendation: NumberReference,
    /// The position, as one of the values of this API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// The position in the response's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000)]
    pub position_verbatim: Option<String>,
    /// Who mapped those words to the position.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    pub mapped_by: Option<String>,
    /// What the response says, in its own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 50000)]
    pub text: Option<String>,
    /// The page of the response.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 60)]
    pub page: Option<String>,
}

impl Response {
    /// The view of a row, which takes its covers and respondents out of the parts; `None` if its report or responder is
    /// not public.
    pub fn new(row: ResponseRow, parts: &mut ResponseParts) -> Option<Self> {
        let report = parts.reports.get(&row.report_id)?;
        let mut respondents = parts.respondents.remove(&row.id)?.into_iter();
        let responder = respondents
            .next()
            .filter(|first| first.id == row.responder_id)?;
        let covers = parts.covers.remove(&row.id).unwrap_or_default().into_iter();
        let state = visibility::state_below(report.state, row.state);
        let is_shown = state == VisibleState::Published;
        let page = row.source_url.as_ref().and_then(|url| parts.pages.get(url));
        let media = row.media.into_inner().if_shown(is_shown);
        Some(Self {
            report: report.reference(),
            responder: NameReference {
                id: responder.id,
                slug: responder.slug,
                name: responder.name,
            },
            on_behalf_of: respondents.map(Respondent::from).collect(),
            kind: row.kind.0,
            covers: covers.map(|cover| Covered::new(cover, is_shown)).collect(),
            state,
            publication: row.publication.0,
            id: row.id,
            corrects: row.corrects_id,
            precedes_report: row.received_on.unwrap_or(row.published_on) < report.published_on,
            received_on: row.received_on,
            claimed_received_on: row.claimed_received_on,
            published_on: row.published_on,
            sequence: row.sequence,
            withheld_reason: row.withheld_reason,
            linked_page: page.cloned(),
            source_url: row.source_url,
            archived_url: row.archived_url,
            sha256: row.sha256,
            images: media.images,
            attachments: media.attachments,
            recorded_at: recorded_at(row.recorded_by.as_ref(), row.created_at),
            recorded_by: recorder(row.recorded_by.as_ref(), &parts.recorders),
            withdrawal: row
                .withdrawal
                .filter(|_| row.state.is_withdrawn())
                .map(Json::into_inner),
            revision: row.revision,
            updated_at: row.updated_at.and_utc(),
        })
    }
}

impl From<RespondentRow> for Respondent {
    fn from(row: RespondentRow) -> Self {
        Self {
            kind: match row.organisation_id {
                Some(_) => AddresseeKind::Organisation,
                None => AddresseeKind::Group,
            },
            id: row.id,
            slug: row.slug,
            name: row.name,
        }
    }
}

impl Covered {
    fn new(row: CoverRow, is_shown: bool) -> Self {
        Self {
            recommendation: NumberReference {
                id: row.recommendation_id,
                slug: row.recommendation_slug,
                number: row.number,
            },
            position: row.position.map(|value| value.0).filter(|_| is_shown),
            position_verbatim: row.position_verbatim.filter(|_| is_shown),
            mapped_by: row.mapped_by.filter(|_| is_shown),
            text: row.text.filter(|_| is_shown),
            page: row.page.filter(|_| is_shown),
        }
    }
}

/// The filters of the list of responses.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ResponseFilters {
    /// Only responses to these reports, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["stalking-super-complaint-2024"]))]
    pub report: Vec<Key>,
    /// Only responses that cover these recommendations, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["stalking-super-complaint-2024-7"]))]
    pub recommendation: Vec<Key>,
    /// Only responses by these organisations, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["essex-police"]))]
    pub responder: Vec<Key>,
    /// Only responses of these kinds. Repeat for several.
    #[param(inline, max_items = 50)]
    pub kind: Vec<ResponseKind>,
    /// Published on or after this day.
    #[serde(deserialize_with = "time::optional_day")]
    #[param(example = "2024-01-01")]
    pub published_from: Option<NaiveDate>,
    /// Published before this day.
    #[serde(deserialize_with = "time::optional_day")]
    #[param(example = "2026-01-01")]
    pub published_before: Option<NaiveDate>,
    /// Published responses, or withdrawn ones.
    #[param(inline)]
    pub state: VisibleState,
}
