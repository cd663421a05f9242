//! Batches: many documents in one request.

use actix_web::{HttpResponse, post};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::records;
use crate::access::{Client, Rights};
use crate::http::body::Lines;
use crate::http::error::ApiError;
use crate::http::idempotency::StoredResponse;
use crate::http::problem::ProblemCode;
use crate::log::{Resource, WriteOutcome, Writer};
use crate::writing::import::{LineMistake, Stored};

/// Mounts the endpoint.
pub fn configure(config: &mut ServiceConfig) {
    config.service(store_batch);
}

/// The maximum number of documents in one request.
pub const MAX_DOCUMENTS: usize = 1_000;

/// The result for one document of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchRecord {
    /// The type of the record.
    #[serde(rename = "type")]
    pub resource: Resource,
    /// The id of the record.
    #[schema(min_length = 36, max_length = 36)]
    pub id: String,
    /// The slug of the record.
    #[schema(min_length = 1, max_length = 150)]
    pub slug: String,
    /// Whether the record was created, updated or left unchanged.
    pub outcome: WriteOutcome,
}

/// The result of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchAnswer {
    /// One entry per document, in the order of the request.
    #[schema(max_items = 1000)]
    pub data: Vec<BatchRecord>,
}

impl From<Stored> for BatchRecord {
    fn from(stored: Stored) -> Self {
        Self {
            resource: stored.resource,
            id: stored.id,
            slug: stored.slug,
            outcome: stored.outcome,
        }
    }
}

/// Store a batch
///
/// Stores up to 1,000 documents of any type in the import format, all or nothing. Send a JSON array, or one document
/// per line (`application/x-ndjson`). Documents may refer to each other in any order. A document with a known id or
/// slug changes that record, without `If-Match`; sending the same batch again changes nothing. Errors have pointers
/// such as `#/3/headline`: a member of the document at index 3.
#[utoipa::path(
    tag = "Batch",
    request_body(content((Vec<serde_json::Value> = "application/json"), (String = "application/x-ndjson"))),
    responses((status = 200, description = "The result for each document", body = BatchAnswer))
)]
#[post("/batch")]
pub async fn store_batch(client: Client, body: Lines) -> Result<HttpResponse, ApiError> {
    if body.lines.is_empty() || body.lines.len() > MAX_DOCUMENTS {
        let detail = format!(
            "A batch must have 1 to {MAX_DOCUMENTS} documents; this one has {}.",
            body.lines.len()
        );
        return Err(ApiError::new(ProblemCode::ValidationFailed, detail));
    }
    let lines = body.lines;
    let catalogue = records::catalogue_of(&client)?;
    let work = move |writer: &mut Writer<'_>, rights: &Rights| {
        let place = |mistake: &LineMistake| format!("/{}{}", mistake.line - 1, mistake.pointer);
        let stored = records::store(writer, catalogue, rights, lines, false, &place)?;
        let data = stored.into_iter().map(BatchRecord::from).collect();
        let body =
            serde_json::to_string(&BatchAnswer { data }).map_err(|e| ApiError::internal(&e))?;
        Ok(StoredResponse {
            status: 200,
            location: None,
            entity_tag: None,
            body,
            is_replayed: false,
        })
    };
    let finished = client.write(&body.bytes, work).await?;
    Ok(finished.into_response(&client.base))
}
