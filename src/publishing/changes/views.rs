//! Views and parameters of the change log.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use crate::http::as_of::AsOf;
use crate::log::Resource;
use crate::platform::identity::{RecordId, Slug};

/// What happened to the record, as the public sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ChangeAction {
    /// The record became public, or changed while public.
    Published,
    /// The record was withdrawn; its notice remains.
    Withdrawn,
    /// The record is no longer public. Remove your copy.
    Removed,
    /// The record was removed for legal reasons. Remove your copy.
    Erased,
    /// This revision was removed for legal reasons, and the record stays. Remove your copy of the revision; a later entry
    /// has the record as it is.
    Redacted,
    /// The record was written, and becomes public at its scheduled time. With a token only.
    Scheduled,
    /// The record was written, and is not public. With a token only.
    Drafted,
}

/// An entry of the change log.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Change {
    /// The entry's number in the log, in order of writing. The entry of a scheduled record appears when the record
    /// becomes public, and so after entries with higher numbers.
    #[schema(minimum = 1, maximum = 9007199254740991_i64)]
    pub seq: i64,
    /// When the change became public; with a token that may see all revisions, when it was written.
    pub at: DateTime<Utc>,
    /// The kind of record.
    #[serde(rename = "type")]
    pub resource: Resource,
    /// The id of the record.
    #[schema(value_type = String, min_length = 36, max_length = 36)]
    pub id: RecordId,
    /// The slug of the record then; of what was removed, the last that the public saw. Absent where records have no slugs, of
    /// what was erased, and of recommendations that were removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 150, example = "iopc")]
    pub slug: Option<Slug>,
    /// Its former slugs, whose addresses lead, or led, to it.
    #[schema(value_type = Vec<String>, max_items = 1000)]
    pub former_slugs: Vec<Slug>,
    /// Its page on the public site, or where that was. Present if the setting `page_urls` says where.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        max_length = 2000,
        format = "uri",
        example = "https://site.example/news/first"
    )]
    pub page_url: Option<String>,
    /// The revision of the record.
    #[schema(minimum = 1, maximum = 9007199254740991_i64)]
    pub revision: i64,
    /// What happened.
    pub action: ChangeAction,
    /// Whether the change is minor, such as a corrected typing error.
    pub is_minor_edit: bool,
    /// The record after the change, in the import format. References are as records show them, with names of today; of what the
    /// public may not see, ids. Absent when the record is no longer public.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub data: Option<Map<String, Value>>,
    /// For a duplicate that was removed: the id of the record that remains.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, min_length = 36, max_length = 36)]
    pub merged_into: Option<RecordId>,
    /// The client that wrote it. Only with a token that may see all revisions.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    pub actor: Option<String>,
    /// The id of the request that wrote it. Only with a token that may see all revisions.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    pub request_id: Option<String>,
}

/// What a client that follows the log is told when the log was put back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LogForked {
    /// The newest entry that the client and the log are known to have in common; 0 for none.
    pub last_common: i64,
    /// When that entry was written. Read again what you have read, updated or removed since then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
}

/// The parameters of the change log.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ChangeFilters {
    /// Only entries about this kind of record. Repeat for several.
    #[serde(rename = "type")]
    #[param(inline, max_items = 50)]
    pub types: Vec<Resource>,
}

/// Where the stream starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StreamStart {
    /// With the next change.
    #[default]
    Now,
    /// With the first entry of the log.
    Start,
}

/// The parameters of the stream.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct StreamParams {
    /// Only entries about this kind of record. Repeat for several.
    #[serde(rename = "type")]
    #[param(inline, max_items = 50)]
    pub types: Vec<Resource>,
    /// Where to start when neither `Last-Event-ID` nor `cursor` is given; `now` by default.
    #[param(inline)]
    pub from: StreamStart,
    /// Where to resume, for clients that cannot send `Last-Event-ID`: the id of an event, or a cursor of `/v1/changes`.
    #[param(max_length = 6000)]
    pub cursor: Option<String>,
}

/// The parameters of a record's history.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct HistoryParams {
    /// Only what was known at that moment, or at the end of that day: the first entry is then the record as the public
    /// saw it.
    #[param(value_type = Option<String>)]
    pub as_of: Option<AsOf>,
}
