//! Parameters and views of webhooks, and the messages sent to receivers.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{Attempt, DeliveryRow, DeliveryState, WebhookRow};
use crate::log::Resource;
use crate::log::forks::LogFork;
use crate::platform::identity::{RecordId, Slug};
use crate::publishing::changes::views::{Change, ChangeAction};

/// A webhook.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Webhook {
    /// The id.
    #[schema(min_length = 36, max_length = 36)]
    pub id: String,
    /// The client that owns the webhook.
    #[schema(max_length = 100)]
    pub client: String,
    /// The URL that changes are sent to.
    #[schema(max_length = 2000, format = "uri")]
    pub url: String,
    /// A description of its purpose.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 300)]
    pub description: Option<String>,
    /// Only changes to these kinds of records; empty for all.
    #[schema(max_items = 50)]
    pub types: Vec<Resource>,
    /// Only changes to these organisations and to records that refer to them, by id; empty for all.
    #[schema(value_type = Vec<String>, max_items = 50)]
    pub organisations: Vec<RecordId>,
    /// Whether the webhook is enabled.
    pub is_enabled: bool,
    /// Why the server disabled it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 300)]
    pub disabled_reason: Option<String>,
    /// The signing secret. Shown only on creation and rotation.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        max_length = 100,
        example = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDazfgU0aZp9w="
    )]
    pub secret: Option<String>,
    /// Until when messages are also signed with the previous secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_secret_until: Option<DateTime<Utc>>,
    /// The revision, from 1.
    #[schema(minimum = 1, maximum = 9007199254740991_i64)]
    pub revision: i64,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Webhook {
    /// The view of a row, without the secret.
    pub fn new(row: &WebhookRow) -> Self {
        Self {
            id: row.id.clone(),
            client: row.client_id.clone(),
            url: row.url.clone(),
            description: row.description.clone(),
            types: row.types.to_vec(),
            organisations: row.organisations.to_vec(),
            is_enabled: row.is_enabled,
            disabled_reason: row.disabled_reason.clone(),
            secret: None,
            previous_secret_until: row.previous_secret_until.map(|until| until.and_utc()),
            revision: row.revision,
            created_at: row.created_at.and_utc(),
            updated_at: row.updated_at.and_utc(),
        }
    }

    /// The view with the secret, just after it was created.
    pub fn with_secret(row: &WebhookRow) -> Self {
        Self {
            secret: Some(row.secret.clone()),
            ..Self::new(row)
        }
    }
}

/// A delivery, pending or finished.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WebhookDelivery {
    /// The id.
    #[schema(min_length = 36, max_length = 36)]
    pub id: String,
    /// The value of `webhook-id`: for a change, `change-`, the number of its log entry, and the beginning of that entry's
    /// digest.
    #[schema(max_length = 60, example = "change-144-9b41fd1f5c8e06a2")]
    pub message_id: String,
    /// The number of the log entry; absent for a test or a fork.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 9007199254740991_i64)]
    pub seq: Option<i64>,
    /// The kind of record; absent for a test or a fork.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub resource: Option<Resource>,
    /// The id of the record; absent for a test or a fork.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 36, max_length = 36)]
    pub record: Option<String>,
    /// The state of the delivery.
    pub state: DeliveryState,
    /// The last 20 attempts, oldest first.
    #[schema(max_items = 20)]
    pub attempts: Vec<Attempt>,
    /// The earliest time of the next attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was delivered or given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<DateTime<Utc>>,
}

impl WebhookDelivery {
    /// The view of a row.
    pub fn new(row: &DeliveryRow) -> Self {
        let resource = row.resource.as_deref().and_then(Resource::named);
        Self {
            id: row.id.clone(),
            message_id: row.message_id(),
            seq: row.seq,
            record: resource.map(|_| row.resource_id.clone()),
            resource,
            state: row.state.0,
            attempts: row.attempt_log.to_vec(),
            next_attempt_at: row.next_attempt_at.map(|at| at.and_utc()),
            created_at: row.created_at.and_utc(),
            finished_at: row.finished_at.map(|at| at.and_utc()),
        }
    }
}

/// The message sent to a receiver.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WebhookMessage {
    /// The event type: the kind of record and the action, such as `article.published`; `log.forked` if the log was put
    /// back to an earlier state; or `webhook.test`.
    #[serde(rename = "type")]
    #[schema(max_length = 60, example = "article.published")]
    pub kind: String,
    /// When the change became public; for a fork, when it was found; for a test, when it was requested.
    pub timestamp: DateTime<Utc>,
    /// The change.
    pub data: WebhookMessageData,
}

/// A change, without content: read that at `url`.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct WebhookMessageData {
    /// The number of the log entry, as in `/v1/changes`; absent for a test or a fork.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 9007199254740991_i64)]
    pub seq: Option<i64>,
    /// The kind of record; absent for a test or a fork.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub resource: Option<Resource>,
    /// The id of the record; for a test or a fork, of the webhook.
    #[schema(min_length = 36, max_length = 36)]
    pub id: String,
    /// For a fork: the newest entry that the log is known to have kept; 0 for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 9007199254740991_i64)]
    pub last_common: Option<i64>,
    /// For a fork: when that entry was written. Read again each record that you have read, updated or removed since then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
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
    /// The record's revision; absent for a test or a fork.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 9007199254740991_i64)]
    pub revision: Option<i64>,
    /// What happened; absent for a test or a fork.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<ChangeAction>,
    /// Whether the change is a minor edit; absent for a test or a fork.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_minor_edit: Option<bool>,
    /// For a duplicate that was removed: the id of the record that remains.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, min_length = 36, max_length = 36)]
    pub merged_into: Option<RecordId>,
    /// The URL of the record; for a fork, of the entries that follow.
    #[schema(max_length = 12000, format = "uri")]
    pub url: String,
}

impl WebhookMessage {
    /// The message about a change. `base` is the public base URL of this API.
    pub fn of(change: Change, base: &str) -> Self {
        let (resource, id) = (change.resource, change.id);
        Self {
            kind: format!("{resource}.{}", <&str>::from(change.action)),
            timestamp: change.at,
            data: WebhookMessageData {
                seq: Some(change.seq),
                resource: Some(resource),
                url: format!("{base}/v1/{}/{id}", resource.collection()),
                id: id.to_string(),
                slug: change.slug,
                former_slugs: change.former_slugs,
                page_url: change.page_url,
                revision: Some(change.revision),
                action: Some(change.action),
                is_minor_edit: Some(change.is_minor_edit),
                merged_into: change.merged_into,
                last_common: None,
                since: None,
            },
        }
    }

    /// The message about a fork of the log. The last common entry was written at `since`; `next` is the URL of the entries
    /// that follow.
    pub fn fork(webhook: &str, fork: &LogFork, since: Option<DateTime<Utc>>, next: String) -> Self {
        Self {
            kind: "log.forked".to_owned(),
            timestamp: fork.found_at.and_utc(),
            data: WebhookMessageData {
                id: webhook.to_owned(),
                last_common: Some(fork.last_common),
                since,
                url: next,
                ..WebhookMessageData::default()
            },
        }
    }

    /// A test message.
    pub fn test(webhook: &str, at: DateTime<Utc>, base: &str) -> Self {
        Self {
            kind: "webhook.test".to_owned(),
            timestamp: at,
            data: WebhookMessageData {
                id: webhook.to_owned(),
                url: format!("{base}/v1/webhooks/{webhook}"),
                ..WebhookMessageData::default()
            },
        }
    }
}

/// The parameters of the list of a webhook's deliveries.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct DeliveryFilters {
    /// Only deliveries in this state.
    #[param(inline)]
    pub state: Option<DeliveryState>,
}
