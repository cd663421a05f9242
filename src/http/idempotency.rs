//! `Idempotency-Key`: a request that is sent twice is executed once (draft-ietf-httpapi-idempotency-key-header-07).

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap};
use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use diesel::result::QueryResult;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::http::error::ApiError;
use crate::http::problem;
use crate::platform::db::DbConnection;
use crate::platform::db::schema::idempotency_keys;
use crate::platform::values::hex;

/// How long a response is stored.
const KEPT: TimeDelta = TimeDelta::hours(24);

/// The response to a write, which can be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredResponse {
    /// The status.
    pub status: u16,
    /// The path of the record.
    pub location: Option<String>,
    /// The entity tag of the record.
    pub entity_tag: Option<String>,
    /// The body.
    pub body: String,
    /// Whether it is a stored response, sent again.
    pub is_replayed: bool,
}

impl StoredResponse {
    /// A success without content.
    pub fn no_content() -> Self {
        Self {
            status: 204,
            location: None,
            entity_tag: None,
            body: String::new(),
            is_replayed: false,
        }
    }

    /// The HTTP response.
    pub fn answer(self, base: &str) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        let mut answer = HttpResponse::build(status);
        answer.insert_header((header::CACHE_CONTROL, "private, no-store"));
        if let Some(path) = self.location {
            answer.insert_header((header::LOCATION, format!("{base}{path}")));
        }
        if let Some(tag) = self.entity_tag {
            answer.insert_header((header::ETAG, tag));
        }
        if self.is_replayed {
            answer.insert_header(("Idempotency-Replayed", "true"));
        }
        match self.body.is_empty() {
            true => answer.finish(),
            false => answer.content_type("application/json").body(self.body),
        }
    }
}

/// A request with an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotentRequest {
    /// The client that sent it.
    pub client: String,
    /// The idempotency key.
    pub key: String,
    /// A digest that distinguishes it from other requests.
    pub fingerprint: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = idempotency_keys)]
struct StoredRow {
    fingerprint: String,
    status: i32,
    location: Option<String>,
    entity_tag: Option<String>,
    body: String,
}

impl IdempotentRequest {
    /// The key of a request, with or without the quotation marks of a structured field.
    pub fn key(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
        let Some(value) = headers.get("idempotency-key") else {
            return Ok(None);
        };
        let plain = |key: &&str| {
            (1..=200).contains(&key.len()) && key.bytes().all(|b| (0x20..0x7f).contains(&b))
        };
        let text = value.to_str().ok().map(|text| text.trim_matches('"'));
        match text.filter(plain) {
            Some(key) => Ok(Some(key.to_owned())),
            None => {
                let detail = "An Idempotency-Key has 1 to 200 printable ASCII characters.";
                Err(ApiError::new(&problem::BAD_REQUEST, detail))
            }
        }
    }

    /// A digest that distinguishes requests with the same key.
    pub fn fingerprint(method: &str, path: &str, body: &[u8]) -> String {
        let mut hasher = Sha256::new();
        hasher.update(format!("{method} {path}\n"));
        hasher.update(body);
        hex(&hasher.finalize())
    }

    /// The stored response to this request, if there is one.
    pub fn find(
        &self,
        connection: &mut DbConnection,
        now: NaiveDateTime,
    ) -> Result<Option<StoredResponse>, ApiError> {
        let stored: Option<StoredRow> = idempotency_keys::table
            .find((&self.client, &self.key))
            .filter(idempotency_keys::created_at.gt(now - KEPT))
            .select(StoredRow::as_select())
            .first(connection)
            .optional()?;
        let Some(stored) = stored else {
            return Ok(None);
        };
        if stored.fingerprint != self.fingerprint {
            let detail = "This Idempotency-Key was used for another request.";
            return Err(ApiError::new(&problem::IDEMPOTENCY_MISMATCH, detail));
        }
        Ok(Some(StoredResponse {
            status: u16::try_from(stored.status).unwrap_or(200),
            location: stored.location,
            entity_tag: stored.entity_tag,
            body: stored.body,
            is_replayed: true,
        }))
    }

    /// Stores the response, and deletes those that are a day old.
    pub fn store(
        &self,
        connection: &mut DbConnection,
        finished: &StoredResponse,
        now: NaiveDateTime,
    ) -> QueryResult<()> {
        use idempotency_keys::dsl;
        diesel::delete(dsl::idempotency_keys.filter(dsl::created_at.le(now - KEPT)))
            .execute(connection)?;
        diesel::insert_into(dsl::idempotency_keys)
            .values((
                dsl::client_id.eq(&self.client),
                dsl::key.eq(&self.key),
                dsl::fingerprint.eq(&self.fingerprint),
                dsl::status.eq(i32::from(finished.status)),
                dsl::location.eq(&finished.location),
                dsl::entity_tag.eq(&finished.entity_tag),
                dsl::body.eq(&finished.body),
                dsl::created_at.eq(now),
            ))
            .execute(connection)?;
        Ok(())
    }
}

/// The requests with a key that this node is executing. On another node, a second one waits for the write lock and then
/// finds the stored response.
#[derive(Clone, Default)]
pub struct InFlight(Arc<Mutex<HashSet<(String, String)>>>);

/// A guard for a request in progress, which ends when the guard is dropped.
pub struct Turn {
    running: InFlight,
    key: (String, String),
}

impl InFlight {
    /// Starts a request; an error while another one with the same key is in progress.
    pub fn enter(&self, asked: &IdempotentRequest) -> Result<Turn, ApiError> {
        let key = (asked.client.clone(), asked.key.clone());
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !running.insert(key.clone()) {
            let detail = "A request with this Idempotency-Key is still in progress.";
            let error = ApiError::new(&problem::IDEMPOTENCY_IN_PROGRESS, detail);
            return Err(ApiError {
                retry_after: Some(1),
                ..error
            });
        }
        Ok(Turn {
            running: self.clone(),
            key,
        })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut running = self.running.0.lock();
        if let Ok(running) = &mut running {
            running.remove(&self.key);
        }
    }
}
