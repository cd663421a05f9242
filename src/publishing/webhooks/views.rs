//! What requests for webhooks may say, what they are answered with, and what is sent to receivers.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{Attempt, DeliveryRow, DeliveryState, WebhookRow};
use crate::http::page::Paging;
use crate::log::Resource;
use crate::publishing::changes::views::{Change, ChangeAction};

/// A webhook.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Webhook {
    /// The id.
    #[schema(min_length = 36, max_length = 36)]
    pub id: String,
    /// The client whose it is.
    #[schema(max_length = 100)]
    pub client: String,
    /// Where it sends to.
    #[schema(max_length = 2000, format = "uri")]
    pub url: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 300)]
    pub description: Option<String>,
    /// Only changes of records of these kinds; empty means of all.
    #[schema(max_items = 50)]
    pub types: Vec<Resource>,
    /// Only changes of these organisations and of records that name them, by id; empty means of all.
    #[schema(max_items = 50)]
    pub organisations: Vec<String>,
    /// Whether anything is sent.
    pub is_enabled: bool,
    /// Why it was switched off, when that was not the client's doing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 300)]
    pub disabled_reason: Option<String>,
    /// What signs. Shown when it is made, and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        max_length = 100,
        example = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDazfgU0aZp9w="
    )]
    pub secret: Option<String>,
    /// Until when the secret before signs too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_secret_until: Option<DateTime<Utc>>,
    /// The revision, from 1.
    #[schema(minimum = 1, maximum = 9007199254740991_i64)]
    pub revision: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Webhook {
    /// The view of a row, without its secret.
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

    /// The same with the secret, which was just made.
    pub fn with_secret(row: &WebhookRow) -> Self {
        Self {
            secret: Some(row.secret.clone()),
            ..Self::new(row)
        }
    }
}

/// A delivery, done or to be done.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WebhookDelivery {
    /// The id.
    #[schema(min_length = 36, max_length = 36)]
    pub id: String,
    /// What `webhook-id` says: `change-` and the number of the entry in the log.
    #[schema(max_length = 60, example = "change-144")]
    pub message_id: String,
    /// The number of the entry in the log; absent of a test.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 9007199254740991_i64)]
    pub seq: Option<i64>,
    /// What kind of record was changed; absent of a test.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub resource: Option<Resource>,
    /// The record; absent of a test.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 36, max_length = 36)]
    pub record: Option<String>,
    /// How far it has come.
    pub state: DeliveryState,
    /// The attempts, oldest first; the last 20 of them.
    #[schema(max_items = 20)]
    pub attempts: Vec<Attempt>,
    /// When it is tried again, at the earliest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// When it came about.
    pub created_at: DateTime<Utc>,
    /// When it was delivered or given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<DateTime<Utc>>,
}

impl WebhookDelivery {
    /// The view of a row.
    pub fn new(row: &DeliveryRow) -> Self {
        let name = row.resource.as_deref();
        let resource = Resource::ALL
            .into_iter()
            .find(|resource| Some(resource.name()) == name);
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

/// What a receiver gets.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WebhookMessage {
    /// The kind of record and what happened to it, such as `article.published`; or `webhook.test`.
    #[serde(rename = "type")]
    #[schema(max_length = 60, example = "article.published")]
    pub kind: String,
    /// When it became public; of a test when it was asked for.
    pub timestamp: DateTime<Utc>,
    /// What it is about.
    pub data: WebhookMessageData,
}

/// What was changed. Nothing of its content: that is to be read at `url`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WebhookMessageData {
    /// The number of the entry in the log, as in `/v1/changes`; absent of a test.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 9007199254740991_i64)]
    pub seq: Option<i64>,
    /// What kind of record it is; absent of a test.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub resource: Option<Resource>,
    /// The record; of a test the webhook.
    #[schema(min_length = 36, max_length = 36)]
    pub id: String,
    /// The record's revision; absent of a test.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 9007199254740991_i64)]
    pub revision: Option<i64>,
    /// What happened; absent of a test.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<ChangeAction>,
    /// Whether the change is of no weight; absent of a test.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_minor_edit: Option<bool>,
    /// Of a record that was there twice and is removed: the id of the one that stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 36, max_length = 36)]
    pub merged_into: Option<String>,
    /// Where it is.
    #[schema(max_length = 2000, format = "uri")]
    pub url: String,
}

impl WebhookMessage {
    /// What is said of a change. `base` is where clients reach this API.
    pub fn of(change: Change, base: &str) -> Self {
        let (resource, id) = (change.resource, change.id);
        Self {
            kind: format!("{resource}.{}", <&str>::from(change.action)),
            timestamp: change.at,
            data: WebhookMessageData {
                seq: Some(change.seq),
                resource: Some(resource),
                url: format!("{base}/v1/{}/{id}", resource.collection()),
                id,
                revision: Some(change.revision),
                action: Some(change.action),
                is_minor_edit: Some(change.is_minor_edit),
                merged_into: change.merged_into,
            },
        }
    }

    /// A test of a webhook.
    pub fn test(webhook: &str, at: DateTime<Utc>, base: &str) -> Self {
        Self {
            kind: "webhook.test".to_owned(),
            timestamp: at,
            data: WebhookMessageData {
                seq: None,
                resource: None,
                id: webhook.to_owned(),
                revision: None,
                action: None,
                is_minor_edit: None,
                merged_into: None,
                url: format!("{base}/v1/webhooks/{webhook}"),
            },
        }
    }
}

/// The parameters of the list of webhooks.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ListWebhooks {
    /// How many records a page holds.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    pub limit: Option<i64>,
    /// Where to go on; from `page.next` or `page.prev` of an answer.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

impl ListWebhooks {
    /// The paging parameters.
    pub fn paging(&self) -> Paging<'_> {
        Paging {
            limit: self.limit,
            cursor: self.cursor.as_deref(),
        }
    }
}

/// The parameters of the list of a webhook's deliveries.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ListWebhookDeliveries {
    /// Only those that have come so far.
    #[param(inline)]
    pub state: Option<DeliveryState>,
    /// How many records a page holds.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    pub limit: Option<i64>,
    /// Where to go on; from `page.next` or `page.prev` of an answer.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

impl ListWebhookDeliveries {
    /// The paging parameters.
    pub fn paging(&self) -> Paging<'_> {
        Paging {
            limit: self.limit,
            cursor: self.cursor.as_deref(),
        }
    }
}
