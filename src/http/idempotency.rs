//! `Idempotency-Key`: a request that is sent twice is executed once (draft-ietf-httpapi-idempotency-key-header-07).

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use diesel::result::QueryResult;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::http::error::ApiError;
use crate::http::problem::ProblemCode;
use crate::http::schema::idempotency_keys;
use crate::platform::db::{DbConnection, insert_all};
use crate::platform::identity::RecordId;
use crate::platform::values::hex;

/// How long a response is stored.
const KEPT: TimeDelta = TimeDelta::hours(24);

/// The response to a write, which can be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredResponse {
    /// The status.
    pub status: StatusCode,
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
            status: StatusCode::NO_CONTENT,
            location: None,
            entity_tag: None,
            body: String::new(),
            is_replayed: false,
        }
    }

    /// The HTTP response.
    pub fn into_response(self, base: &str) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        response.insert_header((header::CACHE_CONTROL, "private, no-store"));
        if let Some(path) = self.location {
            response.insert_header((header::LOCATION, format!("{base}{path}")));
        }
        if let Some(tag) = self.entity_tag {
            response.insert_header((header::ETAG, tag));
        }
        if self.is_replayed {
            response.insert_header(("Idempotency-Replayed", "true"));
        }
        match self.body.is_empty() {
            true => response.finish(),
            false => response.content_type("application/json").body(self.body),
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

impl IdempotentRequest {
    /// The key of a request, with or without the quotation marks of a structured field.
    pub fn key(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
        let Some(value) = headers.get("idempotency-key") else {
            return Ok(None);
        };
        let text = value.to_str().ok().map(|text| text.trim_matches('"'));
        match text {
            Some(key)
                if (1..=200).contains(&key.len())
                    && key.bytes().all(|b| (0x20..0x7f).contains(&b)) =>
            {
                Ok(Some(key.to_owned()))
            }
            _ => {
                let detail = "An Idempotency-Key has 1 to 200 printable ASCII characters.";
                Err(ApiError::new(ProblemCode::BadRequest, detail))
            }
        }
    }

    /// The request, told apart from others with the same key by its method, path and body.
    pub fn new(request: &HttpRequest, body: &[u8], client: &str, key: &str) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(format!("{} {}\n", request.method(), request.uri()));
        hasher.update(body);
        Self {
            client: client.to_owned(),
            key: key.to_owned(),
            fingerprint: hex(&hasher.finalize()),
        }
    }

    /// The stored response to this request, if there is one.
    pub fn find(
        &self,
        connection: &mut DbConnection,
        now: NaiveDateTime,
    ) -> Result<Option<StoredResponse>, ApiError> {
        use idempotency_keys::dsl;
        type Row = (String, i32, Option<String>, Option<String>, String);
        let stored: Option<Row> = dsl::idempotency_keys
            .find((&self.client, &self.key))
            .filter(dsl::created_at.gt(now - KEPT))
            .select((
                dsl::fingerprint,
                dsl::status,
                dsl::location,
                dsl::entity_tag,
                dsl::body,
            ))
            .first(connection)
            .optional()?;
        let Some((fingerprint, status, location, entity_tag, body)) = stored else {
            return Ok(None);
        };
        if fingerprint != self.fingerprint {
            let detail = "This Idempotency-Key was used for another request.";
            return Err(ApiError::new(ProblemCode::IdempotencyMismatch, detail));
        }
        let code = u16::try_from(status).map(StatusCode::from_u16);
        let Ok(Ok(status)) = code else {
            return Err(ApiError::internal(&format!("stored status {status}")));
        };
        Ok(Some(StoredResponse {
            status,
            location,
            entity_tag,
            body,
            is_replayed: true,
        }))
    }
}

/// Whether a response to any of these requests, or to another one with the key of one, may be stored.
///
/// # Errors
/// If the database cannot be read.
pub fn is_any_used(
    connection: &mut DbConnection,
    requests: &[&IdempotentRequest],
) -> QueryResult<bool> {
    use idempotency_keys::dsl;
    let Some(first) = requests.first() else {
        return Ok(false);
    };
    let keys = requests.iter().map(|request| &request.key);
    let used: Vec<String> = dsl::idempotency_keys
        .filter(dsl::client_id.eq(&first.client))
        .filter(dsl::key.eq_any(keys))
        .select(dsl::key)
        .limit(1)
        .load(connection)?;
    Ok(!used.is_empty())
}

/// Stores responses, and deletes those that are a day old.
///
/// # Errors
/// If the database cannot be written.
pub fn store(
    connection: &mut DbConnection,
    answered: &[(&IdempotentRequest, &StoredResponse)],
    now: NaiveDateTime,
) -> QueryResult<()> {
    use idempotency_keys::dsl;
    if answered.is_empty() {
        return Ok(());
    }
    diesel::delete(dsl::idempotency_keys.filter(dsl::created_at.le(now - KEPT)))
        .execute(connection)?;
    let rows = answered.iter().map(|(request, response)| {
        (
            dsl::client_id.eq(&request.client),
            dsl::key.eq(&request.key),
            dsl::fingerprint.eq(&request.fingerprint),
            dsl::status.eq(i32::from(response.status.as_u16())),
            dsl::location.eq(&response.location),
            dsl::entity_tag.eq(&response.entity_tag),
            dsl::body.eq(&response.body),
            dsl::created_at.eq(now),
        )
    });
    insert_all(connection, dsl::idempotency_keys, rows.collect())
}

/// The requests with a key that this node is executing. On another node, a second one waits for the write lock and then
/// finds the stored response.
#[derive(Clone, Default)]
pub struct InFlight(Arc<Mutex<HashSet<(String, String)>>>);

/// A request in progress, until this guard is dropped.
pub struct InFlightGuard {
    in_flight: InFlight,
    key: (String, String),
}

impl InFlight {
    /// Starts a request; an error while another one with the same key is in progress.
    pub fn start(&self, request: &IdempotentRequest) -> Result<InFlightGuard, ApiError> {
        let key = (request.client.clone(), request.key.clone());
        if !self.lock().insert(key.clone()) {
            let detail = "A request with this Idempotency-Key is still in progress.";
            let error = ApiError::new(ProblemCode::IdempotencyInProgress, detail);
            return Err(error.with_retry_after(1));
        }
        Ok(InFlightGuard {
            in_flight: self.clone(),
            key,
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<(String, String)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for InFlightGuard {
    fn drop(&mut self) {
        self.in_flight.lock().remove(&self.key);
    }
}

/// Replaces the bodies of the stored responses that show this record by what it has become.
///
/// # Errors
/// If the database cannot be written.
pub fn replace(connection: &mut DbConnection, id: &str, body: &str) -> QueryResult<()> {
    use idempotency_keys::dsl;
    let shows = format!("{{\"data\":{{\"id\":\"{id}\",%");
    diesel::update(dsl::idempotency_keys.filter(dsl::body.like(shows)))
        .set(dsl::body.eq(body))
        .execute(connection)
        .map(drop)
}

/// Deletes the stored responses that mention a record, which was erased.
///
/// # Errors
/// If the database cannot be written.
pub fn forget(connection: &mut DbConnection, id: RecordId) -> QueryResult<()> {
    use idempotency_keys::dsl;
    let mention = format!("%{id}%");
    let mentioned = dsl::body
        .like(&mention)
        .or(dsl::location.assume_not_null().like(&mention));
    diesel::delete(dsl::idempotency_keys.filter(mentioned)).execute(connection)?;
    Ok(())
}
