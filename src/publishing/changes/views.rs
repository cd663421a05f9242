//! What the log's public view is answered with.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use crate::http::as_of::AsOf;
use crate::log::entries::EntryRow;
use crate::log::{MINOR_EDIT, Resource, WITHDRAWN_WITH_REPORT};
use crate::platform::states::PublicationState::{self, Draft, Erased, Gone, Published, Withdrawn};
use crate::tracking::catalogue;

/// What happened, as the public sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ChangeAction {
    /// It became public, or is public with other content.
    Published,
    /// It was withdrawn; the notice stays.
    Withdrawn,
    /// It is not public any more. Remove your copy.
    Removed,
    /// It was removed for legal reasons. Remove your copy.
    Erased,
    /// It was written, and is to become public at its moment. With a token only.
    Scheduled,
    /// It was written, and is not for the public. With a token only.
    Drafted,
}

/// An entry of the change log.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Change {
    /// The number in the log. Numbers follow the order of writing; an entry of a scheduled record comes when its
    /// moment does, after entries with higher numbers.
    #[schema(minimum = 1, maximum = 9007199254740991_i64)]
    pub seq: i64,
    /// When it became public; for those who may see all revisions when it was written.
    pub at: DateTime<Utc>,
    /// What the record is.
    #[serde(rename = "type")]
    pub resource: Resource,
    /// The record's id.
    #[schema(min_length = 36, max_length = 36)]
    pub id: String,
    /// The record's revision.
    #[schema(minimum = 1, maximum = 9007199254740991_i64)]
    pub revision: i64,
    /// What happened.
    pub action: ChangeAction,
    /// Whether the change is of no weight, such as a typing error put right.
    pub is_minor_edit: bool,
    /// The record after the change, as a document of the import format whose links are ids. Absent when the record
    /// is not public any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub data: Option<Map<String, Value>>,
    /// Of a record that was there twice and is removed: the id of the one that stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 36, max_length = 36)]
    pub merged_into: Option<String>,
    /// The client that wrote it. For those who may see all revisions.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    pub actor: Option<String>,
    /// The request that it was written for. For those who may see all revisions.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    pub request_id: Option<String>,
}

impl Change {
    /// The view of an entry. `standing` is how the public finds the record now: what was taken back since is not
    /// shown in older entries either.
    pub fn new(row: EntryRow, standing: Option<PublicationState>) -> Option<Self> {
        let resource = Resource::named(&row.resource)?;
        let mut data = document(&row);
        let then = state(data.as_ref());
        let action = match (standing, then) {
            (Some(Erased), _) => ChangeAction::Erased,
            (Some(Withdrawn), Withdrawn) => ChangeAction::Withdrawn,
            (Some(Published | Withdrawn), Published | Withdrawn) => ChangeAction::Published,
            _ => ChangeAction::Removed,
        };
        let survivor = data
            .as_ref()
            .and_then(|data| data.get("merged_into")?.as_str());
        let merged_into = survivor.map(str::to_owned);
        match (action, standing) {
            (ChangeAction::Removed | ChangeAction::Erased, _) => data = None,
            (_, Some(Withdrawn)) => {
                if let Some(data) = &mut data {
                    let hidden = catalogue::kind(resource).hidden_when_withdrawn;
                    data.retain(|name, _| !hidden.contains(&name.as_str()));
                }
            }
            _ => {}
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

    /// The view of an entry for those who may see all revisions: as it was written, and by whom.
    pub fn unabridged(row: EntryRow) -> Option<Self> {
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

/// The record after a change; withdrawn if that is what it was, though its own state does not say so.
fn document(row: &EntryRow) -> Option<Map<String, Value>> {
    let state = row.state.as_deref()?;
    let mut document: Map<String, Value> = serde_json::from_str(state).ok()?;
    if row.action == WITHDRAWN_WITH_REPORT {
        document.insert("state".to_owned(), Value::from("withdrawn"));
    }
    Some(document)
}

/// The publication state in there; what was erased has none.
fn state(document: Option<&Map<String, Value>>) -> PublicationState {
    let state = document.and_then(|document| document.get("state")?.as_str());
    state.and_then(|state| state.parse().ok()).unwrap_or(Erased)
}

/// The parameters of the change log.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ListChanges {
    /// Only entries of records of this kind; several mean any of them.
    #[serde(rename = "type")]
    #[param(inline, max_items = 50)]
    pub types: Vec<Resource>,
    /// How many entries a page holds.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    pub limit: Option<i64>,
    /// Where to go on; from `page.next` of an answer.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// Where a stream begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StreamStart {
    /// With what comes from now on.
    #[default]
    Now,
    /// With the first entry of the log.
    Start,
}

/// The parameters of the stream.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct StreamChanges {
    /// Only entries of records of this kind; several mean any of them.
    #[serde(rename = "type")]
    #[param(inline, max_items = 50)]
    pub types: Vec<Resource>,
    /// Where to begin, when nothing says where to go on; `now` when absent.
    #[param(inline)]
    pub from: StreamStart,
    /// Where to go on, for those who cannot send `Last-Event-ID`: the id of an event, or a cursor of `/v1/changes`.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// The collections whose records have a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Collection {
    Articles,
    Organisations,
    Groups,
    Topics,
    Reports,
    Recommendations,
    Obligations,
    Responses,
    #[serde(rename = "action-plans")]
    ActionPlans,
    #[serde(rename = "progress-updates")]
    ProgressUpdates,
    Assessments,
}

impl Collection {
    /// The resource in the collection.
    pub fn resource(self) -> Resource {
        match self {
            Self::Articles => Resource::Article,
            Self::Organisations => Resource::Organisation,
            Self::Groups => Resource::Group,
            Self::Topics => Resource::Topic,
            Self::Reports => Resource::Report,
            Self::Recommendations => Resource::Recommendation,
            Self::Obligations => Resource::Obligation,
            Self::Responses => Resource::Response,
            Self::ActionPlans => Resource::ActionPlan,
            Self::ProgressUpdates => Resource::ProgressUpdate,
            Self::Assessments => Resource::Assessment,
        }
    }
}

/// The parameters of a record's history.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ListHistory {
    /// What was known at that moment, or at the end of that day: the first entry is then the record as the public saw it.
    #[param(value_type = Option<String>, example = "2026-01-01")]
    pub as_of: Option<AsOf>,
    /// How many entries a page holds.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    pub limit: Option<i64>,
    /// Where to go on; from `page.next` of an answer.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}
