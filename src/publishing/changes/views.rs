//! Views and parameters of the change log.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use crate::http::as_of::AsOf;
use crate::log::entries::EntryRow;
use crate::log::{MINOR_EDIT, Resource, WITHDRAWN_WITH_REPORT};
use crate::platform::identity::RecordId;
use crate::platform::states::PublicationState::{self, Draft, Erased, Gone, Published, Withdrawn};
use crate::tracking::catalogue;

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
    /// The revision of the record.
    #[schema(minimum = 1, maximum = 9007199254740991_i64)]
    pub revision: i64,
    /// What happened.
    pub action: ChangeAction,
    /// Whether the change is minor, such as a corrected typing error.
    pub is_minor_edit: bool,
    /// The record after the change, in the import format, with ids for links. Absent when the record is no longer
    /// public.
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

impl Change {
    /// The public view of an entry. `current` is the record's public state now: if the record was taken back since, its
    /// older entries do not show it either.
    pub fn new(row: EntryRow, current: Option<PublicationState>) -> Option<Self> {
        let resource = Resource::named(&row.resource)?;
        let mut data = document(&row);
        let action = match (current, state(data.as_ref())) {
            (Some(Erased), _) => ChangeAction::Erased,
            (Some(Withdrawn), Withdrawn) => ChangeAction::Withdrawn,
            (Some(Published | Withdrawn), Published | Withdrawn) => ChangeAction::Published,
            _ => ChangeAction::Removed,
        };
        let survivor = data
            .as_ref()
            .and_then(|data| data.get("merged_into")?.as_str());
        let merged_into = survivor.and_then(RecordId::parse);
        if matches!(action, ChangeAction::Removed | ChangeAction::Erased) {
            data = None;
        } else if let (Some(Withdrawn), Some(data)) = (current, &mut data) {
            let hidden = catalogue::kind(resource).hidden_when_withdrawn;
            data.retain(|name, _| !hidden.contains(&name.as_str()));
        }
        Some(Self {
            seq: row.seq,
            at: row.public_from.unwrap_or(row.at).and_utc(),
            resource,
            id: row.resource_id,
            revision: row.revision,
            action,
            is_minor_edit: row.action == MINOR_EDIT,
            data,
            merged_into,
            actor: None,
            request_id: None,
        })
    }

    /// The view of an entry with a token that may see all revisions: as it was written, and by which client.
    pub fn as_written(row: EntryRow) -> Option<Self> {
        let data = document(&row);
        let is_ahead = row.public_from.is_none_or(|from| from > row.at);
        let action = match state(data.as_ref()) {
            Published | Withdrawn if is_ahead => ChangeAction::Scheduled,
            Published => ChangeAction::Published,
            Withdrawn => ChangeAction::Withdrawn,
            Draft => ChangeAction::Drafted,
            Gone => ChangeAction::Removed,
            Erased => ChangeAction::Erased,
        };
        let at = row.at.and_utc();
        let (actor, request_id) = (Some(row.actor.clone()), row.request_id.clone());
        let view = Self::new(row, None)?;
        Some(Self {
            at,
            action,
            data,
            actor,
            request_id,
            ..view
        })
    }
}

/// The record after a change. If its report's withdrawal withdrew it, its own `state` does not say so; set it here.
fn document(row: &EntryRow) -> Option<Map<String, Value>> {
    let state = row.state.as_deref()?;
    let mut document: Map<String, Value> = serde_json::from_str(state).ok()?;
    if row.action == WITHDRAWN_WITH_REPORT {
        document.insert("state".to_owned(), Value::from("withdrawn"));
    }
    Some(document)
}

/// The publication state of a document; erased records have none.
fn state(document: Option<&Map<String, Value>>) -> PublicationState {
    let state = document.and_then(|document| document.get("state")?.as_str());
    state.and_then(|state| state.parse().ok()).unwrap_or(Erased)
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
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// The name of a collection whose records have a history: that of any resource.
pub struct CollectionName;

impl PartialSchema for CollectionName {
    fn schema() -> RefOr<Schema> {
        let names = Resource::ALL.map(Resource::collection);
        let schema = ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .enum_values(Some(names));
        schema.build().into()
    }
}

impl ToSchema for CollectionName {}

/// The parameters of a record's history.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct HistoryParams {
    /// Only what was known at that moment, or at the end of that day: the first entry is then the record as the public
    /// saw it.
    #[param(value_type = Option<String>, example = "2026-01-01")]
    pub as_of: Option<AsOf>,
}
