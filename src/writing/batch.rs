//! Batches: many documents in one request.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, post};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::kind::Catalogue;
use super::{records, sanitising};
use crate::access::{Client, Rights};
use crate::http::body::Lines;
use crate::http::error::ApiError;
use crate::http::idempotency::StoredResponse;
use crate::http::problem::ProblemCode;
use crate::log::Writer;
use crate::writing::import::{self, BatchRecord, ImportOptions, LineMistake, Source};

/// Mounts the endpoint.
pub fn configure(config: &mut ServiceConfig) {
    config.service(store_batch);
}

/// The maximum number of documents in one request.
pub const MAX_DOCUMENTS: usize = 1_000;

/// The result of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchAnswer {
    /// One entry per document, in the order of the request.
    #[schema(max_items = 1000)]
    pub data: Vec<BatchRecord>,
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
    let catalogue = **client.app_data::<&'static Catalogue>()?;
    let (lines, sanitised) = sanitising::batch(catalogue, body.lines).await?;
    let store = move |writer: &mut Writer<'_>, rights: &Rights, catalogue: &Catalogue| {
        let pointer = |mistake: &LineMistake| format!("/{}{}", mistake.line - 1, mistake.pointer);
        let options = ImportOptions::of_request(catalogue, rights);
        let report = import::within(writer, &Source::Memory(lines), options, &|_| ());
        let mut data = report
            .map_err(|error| error.into_response(catalogue, pointer))?
            .records;
        data.sort_by_key(|record| record.line);
        let body = serde_json::to_string(&BatchAnswer { data });
        Ok(StoredResponse {
            status: StatusCode::OK,
            body: body.map_err(|e| ApiError::internal(&e))?,
            ..StoredResponse::no_content()
        })
    };
    let response = records::write(&client, None, &body.bytes, store).await?;
    Ok(sanitised.tell(response))
}
