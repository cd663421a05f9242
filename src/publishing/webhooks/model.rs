//! Rows and documents of webhooks and deliveries.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use diesel::result::QueryResult;
use garde::Validate;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;

use super::schema::{webhook_deliveries, webhooks};
use crate::log::Resource;
use crate::log::entries::LogPosition;
use crate::platform::db::{EnumText, Json};
use crate::platform::identity::{Key, RecordId};
use crate::platform::time;
use crate::platform::values;

/// How long the previous secret still signs after a rotation.
pub const SECRET_OVERLAP: TimeDelta = TimeDelta::hours(24);
/// The most webhooks per client.
pub const MAX_WEBHOOKS: i64 = 100;
/// How much longer a lease is than an attempt can take.
pub const LEASE_MARGIN: Duration = Duration::from_secs(2);
/// How many attempts of a delivery to keep: the newest.
const KEPT_ATTEMPTS: usize = 20;

/// A webhook, as written by a client.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookDocument {
    /// The URL to send to: `https`, on the public internet.
    #[garde(custom(values::text(2000)))]
    #[schema(
        min_length = 1,
        max_length = 2000,
        format = "uri",
        example = "https://example.org/hooks/answerable"
    )]
    pub url: String,
    /// A description of its purpose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = 300))]
    #[schema(max_length = 300, example = "The newsroom's site")]
    pub description: Option<String>,
    /// Only changes to these kinds of records; absent or empty for all.
    #[serde(default)]
    #[garde(length(max = 50))]
    #[schema(max_items = 50)]
    pub types: Vec<Resource>,
    /// Only changes to these organisations and to records that refer to them, by id or slug; absent or empty for all.
    #[serde(default)]
    #[garde(length(max = 50))]
    #[schema(value_type = Vec<String>, max_items = 50, example = json!(["iopc"]))]
    pub organisations: Vec<Key>,
    /// Whether the webhook is enabled. Changes made while it is disabled are sent once it is enabled again.
    #[serde(default = "enabled")]
    #[garde(skip)]
    #[schema(default = true)]
    pub is_enabled: bool,
}

fn enabled() -> bool {
    true
}

/// A row of `webhooks`. Holds secrets, so it has no `Debug`.
#[derive(Clone, Queryable, QueryableByName, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = webhooks, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct WebhookRow {
    /// The id.
    pub id: String,
    /// The client that owns it.
    pub client_id: String,
    /// Its revision, from 1.
    pub revision: i64,
    /// The URL to send to.
    pub url: String,
    /// A description of its purpose.
    pub description: Option<String>,
    /// The kinds of records it is about; empty for all.
    pub types: Json<Vec<Resource>>,
    /// The ids of the organisations it is about; empty for all.
    pub organisations: Json<Vec<RecordId>>,
    /// Whether it is enabled.
    pub is_enabled: bool,
    /// Why the server disabled it.
    pub disabled_reason: Option<String>,
    /// The signing secret.
    pub secret: String,
    /// The previous signing secret.
    pub previous_secret: Option<String>,
    /// Until when the previous secret signs too.
    pub previous_secret_until: Option<NaiveDateTime>,
    /// Its position in the log, with the next two; see [`LogPosition`].
    pub place_seq: i64,
    /// See [`LogPosition`].
    pub place_moment: NaiveDateTime,
    /// See [`LogPosition`].
    pub place_tie: i64,
    /// The number of its newest delivery.
    pub last_position: i64,
    /// The number of the newest fork of the log that it was told of.
    pub fork: i64,
    /// When it was created.
    pub created_at: NaiveDateTime,
    /// When it was last changed.
    pub updated_at: NaiveDateTime,
}

impl WebhookRow {
    /// Its position in the log.
    pub fn place(&self) -> LogPosition {
        LogPosition {
            seq: self.place_seq,
            moment: self.place_moment,
            tie: self.place_tie,
        }
    }

    /// The secrets that sign at this moment.
    pub fn secrets(&self, now: NaiveDateTime) -> impl Iterator<Item = &str> {
        let still_signs = self.previous_secret_until.is_some_and(|until| now < until);
        let previous = self.previous_secret.as_deref().filter(|_| still_signs);
        std::iter::once(self.secret.as_str()).chain(previous)
    }

    /// The document that describes it.
    pub fn document(&self) -> WebhookDocument {
        WebhookDocument {
            url: self.url.clone(),
            description: self.description.clone(),
            types: self.types.to_vec(),
            organisations: self.organisations.iter().copied().map(Key::from).collect(),
            is_enabled: self.is_enabled,
        }
    }

    /// Applies a document.
    ///
    /// # Errors
    /// When a list cannot be written as JSON.
    pub fn describe(&mut self, document: WebhookDocument) -> QueryResult<()> {
        if document.is_enabled && !self.is_enabled {
            self.disabled_reason = None;
        }
        self.url = document.url;
        self.description = document.description;
        self.types = Json::new(document.types)?;
        self.organisations = Json::new(Key::all(&document.organisations)?)?;
        self.is_enabled = document.is_enabled;
        Ok(())
    }
}

/// The state of a delivery.
#[derive(
    Clone,
    Copy,
    Debug,
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
pub enum DeliveryState {
    /// Waiting for its first attempt, or for a retry.
    Pending,
    /// Accepted by the receiver.
    Delivered,
    /// The last retry failed.
    GivenUp,
}

/// One attempt to deliver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Attempt {
    /// When the attempt was made.
    #[serde(deserialize_with = "time::time")]
    #[schema(value_type = String, format = "date-time", max_length = 30)]
    pub at: chrono::DateTime<chrono::Utc>,
    /// The HTTP status of the response, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 100, maximum = 599)]
    pub status: Option<u16>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    pub error: Option<String>,
}

/// A row of `webhook_deliveries`.
#[derive(Clone, Debug, Queryable, QueryableByName, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = webhook_deliveries, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct DeliveryRow {
    /// The id.
    pub id: String,
    /// The webhook.
    pub webhook_id: String,
    /// The position in the order of the webhook's deliveries.
    pub position: i64,
    /// The log entry; none for a test or a fork.
    pub seq: Option<i64>,
    /// The beginning of its digest.
    pub digest: Option<String>,
    /// The number of the fork of the log that it tells of.
    pub fork: Option<i64>,
    /// The kind of record.
    pub resource: Option<String>,
    /// The record; for a test or a fork, the delivery itself.
    pub resource_id: String,
    /// The state.
    pub state: EnumText<DeliveryState>,
    /// The number of attempts.
    pub attempts: i32,
    /// When the next attempt is due.
    pub next_attempt_at: Option<NaiveDateTime>,
    /// Until when a node holds the lease.
    pub leased_until: Option<NaiveDateTime>,
    /// The kept attempts, oldest first.
    pub attempt_log: Json<Vec<Attempt>>,
    /// When it was created.
    pub created_at: NaiveDateTime,
    /// When it was delivered or given up.
    pub finished_at: Option<NaiveDateTime>,
}

impl DeliveryRow {
    /// A new delivery, due at once.
    pub fn new(webhook: &str, position: i64, now: NaiveDateTime) -> QueryResult<Self> {
        let id = uuid::Uuid::now_v7().to_string();
        Ok(Self {
            resource_id: id.clone(),
            id,
            webhook_id: webhook.to_owned(),
            position,
            seq: None,
            digest: None,
            fork: None,
            resource: None,
            state: EnumText(DeliveryState::Pending),
            attempts: 0,
            next_attempt_at: Some(now),
            leased_until: None,
            attempt_log: Json::new(Vec::new())?,
            created_at: now,
            finished_at: None,
        })
    }

    /// The value of `webhook-id`: the same for every attempt, and for every webhook that hears of the same change. A log
    /// that is put back goes on with the same numbers, but no digest comes twice.
    pub fn message_id(&self) -> String {
        let digest = self.digest.as_deref().unwrap_or_default();
        match (self.seq, self.fork) {
            (Some(seq), _) => format!("change-{seq}-{digest}"),
            (None, Some(_)) => format!("fork-{}", self.id),
            (None, None) => format!("test-{}", self.id),
        }
    }

    /// The attempts with this one added.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn logged(&self, attempt: Attempt) -> QueryResult<Json<Vec<Attempt>>> {
        let mut log = self.attempt_log.to_vec();
        log.push(attempt);
        log.drain(..log.len().saturating_sub(KEPT_ATTEMPTS));
        Json::new(log)
    }
}
