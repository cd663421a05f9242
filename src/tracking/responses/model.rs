//! The response, as rows and as a document.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::cover::{Cover, no_text_if};
use super::schema::responses;
use crate::log::{Recorded, Resource};
use crate::platform::db::{EnumText, Json};
use crate::platform::identity::{Key, RecordId, Slug};
use crate::platform::mistakes::{MistakeCode, broken};
use crate::platform::states::PublicationState;
use crate::platform::time;
use crate::platform::values::{self, Withdrawal};
use crate::resources::media::{self, Attachment, Image, Media};
use crate::writing::recorder::RecordedBy;

/// A row of `responses`.
#[derive(Clone, Debug, Queryable, QueryableByName, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = responses, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct ResponseRow {
    /// The id.
    pub id: RecordId,
    /// Same as the id: responses have no slug.
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
    /// The report that it responds to.
    pub report_id: RecordId,
    /// The responder.
    pub responder_id: RecordId,
    /// The kind of response.
    pub kind: EnumText<ResponseKind>,
    /// The response that it corrects.
    pub corrects_id: Option<RecordId>,
    /// The day it was received.
    pub received_on: Option<NaiveDate>,
    /// The day it was published.
    pub published_on: NaiveDate,
    /// How much of it is published.
    pub publication: EnumText<Publication>,
    /// Why it is not published in full.
    pub withheld_reason: Option<String>,
    /// The URL at its publisher.
    pub source_url: Option<String>,
    /// The URL of an archived copy.
    pub archived_url: Option<String>,
    /// The SHA-256 of the source document.
    pub sha256: Option<String>,
    /// Who recorded it, as JSON, if that is known.
    pub recorded_by: Option<Json<RecordedBy>>,
    /// When and why it was withdrawn, as JSON.
    pub withdrawal: Option<Json<Withdrawal>>,
    /// The day of receipt as the responder gives it.
    pub claimed_received_on: Option<NaiveDate>,
    /// Which of the responder's responses of this kind on that day it is, from 1.
    pub sequence: i32,
    /// Its images and attachments, as JSON.
    pub media: Json<Media>,
}

/// The kind of response.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    ToSchema,
    strum::IntoStaticStr,
    strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ResponseKind {
    /// A full response.
    #[default]
    Full,
    /// A holding reply, which announces a full response and does not stop the clock.
    Holding,
    /// One response for several addressees, listed in `on_behalf_of`.
    Collective,
    /// A correction of the earlier response in `corrects`.
    Correction,
}

/// How much of a response is published, in falling order.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
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
pub enum Publication {
    /// All of it.
    #[default]
    Full,
    /// Parts of it.
    Partial,
    /// Only its existence.
    Withheld,
}

/// A response, as in imports and in the change log.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResponseDocument {
    /// Always `response`.
    #[serde(rename = "type", default, skip_serializing)]
    #[garde(skip)]
    pub resource: Option<Resource>,
    /// The id; derived from report, responder, day, kind and sequence if absent.
    #[serde(default, skip_serializing)]
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = "uuid", max_length = 36)]
    pub id: Option<uuid::Uuid>,
    /// The report that it responds to.
    #[garde(skip)]
    pub report: Key,
    /// The responder, an organisation.
    #[garde(skip)]
    pub responder: Key,
    /// The other organisations that it responds for, and groups as they were on the day of the report.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 500))]
    #[schema(max_items = 500)]
    pub on_behalf_of: Vec<Key>,
    /// The kind of response.
    #[serde(default)]
    #[garde(custom(members_of_kind(self)))]
    pub kind: ResponseKind,
    /// The id of the response that it corrects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub corrects: Option<Key>,
    /// The day it was received, which decides whether it was on time. A publisher of the report sets or confirms it; what
    /// the responder itself sends is kept in `claimed_received_on`.
    #[serde(
        default,
        deserialize_with = "time::optional_day",
        skip_serializing_if = "Option::is_none"
    )]
    #[garde(skip)]
    pub received_on: Option<NaiveDate>,
    /// The day of receipt as the responder gives it. It decides nothing.
    #[serde(
        default,
        deserialize_with = "time::optional_day",
        skip_serializing_if = "Option::is_none"
    )]
    #[garde(skip)]
    pub claimed_received_on: Option<NaiveDate>,
    /// The day it was published.
    #[serde(deserialize_with = "time::day")]
    #[garde(skip)]
    pub published_on: NaiveDate,
    /// Which of the responder's responses of this kind on that day it is; 1 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(range(min = 2, max = 1000)))]
    #[schema(minimum = 2, maximum = 1000)]
    pub sequence: Option<i32>,
    /// How much of it is published.
    #[serde(default)]
    #[garde(skip)]
    pub publication: Publication,
    /// Why it is not published in full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(custom(reason_unless_full(self.publication)), inner(custom(values::text(2000))))]
    #[schema(min_length = 1, max_length = 2000)]
    pub withheld_reason: Option<String>,
    /// The recommendations that it covers, with its position on each.
    #[garde(length(min = 1, max = 1000), custom(no_text_if(self.publication == Publication::Withheld)), dive)]
    #[schema(min_items = 1, max_items = 1000)]
    pub covers: Vec<Cover>,
    /// The URL at its publisher.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::web_url)))]
    #[schema(max_length = 2000, format = "uri")]
    pub source_url: Option<String>,
    /// The URL of an archived copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::web_url)))]
    #[schema(max_length = 2000, format = "uri")]
    pub archived_url: Option<String>,
    /// The SHA-256 of the source document, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::sha256_hex)))]
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub sha256: Option<String>,
    /// The images, whose files stay where they are published.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 50), custom(media::one_lead), custom(no_files_if_withheld(self.publication)), dive)]
    #[schema(max_items = 50)]
    pub images: Vec<Image>,
    /// The files that are published with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 200), custom(no_files_if_withheld(self.publication)), dive)]
    #[schema(max_items = 200)]
    pub attachments: Vec<Attachment>,
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

fn no_files_if_withheld<T>(publication: Publication) -> impl FnOnce(&Vec<T>, &()) -> garde::Result {
    move |files, _| match publication == Publication::Withheld && !files.is_empty() {
        true => Err(broken(
            MistakeCode::Inconsistent,
            "A withheld response must not have files.",
        )),
        false => Ok(()),
    }
}

fn members_of_kind(
    document: &ResponseDocument,
) -> impl FnOnce(&ResponseKind, &()) -> garde::Result + '_ {
    move |kind, _| match kind {
        // what was erased does not say on whose behalf it was
        _ if document.state == PublicationState::Erased => Ok(()),
        ResponseKind::Collective if document.on_behalf_of.is_empty() => Err(broken(
            MistakeCode::Required,
            "A collective response requires on_behalf_of.",
        )),
        ResponseKind::Correction if document.corrects.is_none() => Err(broken(
            MistakeCode::Required,
            "A correction requires corrects.",
        )),
        _ => Ok(()),
    }
}

fn reason_unless_full(
    publication: Publication,
) -> impl FnOnce(&Option<String>, &()) -> garde::Result {
    move |reason, _| match publication != Publication::Full && reason.is_none() {
        true => Err(broken(
            MistakeCode::Required,
            "Required unless publication is full.",
        )),
        false => Ok(()),
    }
}

impl ResponseDocument {
    /// The row for this document, whose links must be ids.
    pub fn row(&self, id: RecordId, recorded: Recorded) -> QueryResult<ResponseRow> {
        Ok(ResponseRow {
            id,
            slug: id.into(),
            state: self.state,
            revision: recorded.revision,
            change_seq: recorded.seq,
            created_at: recorded.created_at,
            updated_at: recorded.updated_at,
            report_id: self.report.resolved()?,
            responder_id: self.responder.resolved()?,
            kind: EnumText(self.kind),
            corrects_id: Key::optional(self.corrects.as_ref())?,
            received_on: self.received_on,
            published_on: self.published_on,
            publication: EnumText(self.publication),
            withheld_reason: self.withheld_reason.clone(),
            source_url: self.source_url.clone(),
            archived_url: self.archived_url.clone(),
            sha256: self.sha256.clone(),
            claimed_received_on: self.claimed_received_on,
            sequence: self.sequence.unwrap_or(1),
            media: Json::new(Media::of(&self.images, &self.attachments))?,
            recorded_by: self.recorded_by.clone().map(Json::new).transpose()?,
            withdrawal: self.withdrawal.clone().map(Json::new).transpose()?,
        })
    }
}
