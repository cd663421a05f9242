//! The publisher's word on when a response was received. Everything else in a response is the responder's.

use actix_web::{HttpResponse, post, web};
use chrono::NaiveDate;
use garde::Validate;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::kind::KIND;
use super::views::Response;
use crate::access::{Client, Rights, Scope};
use crate::http::answer::Item;
use crate::http::body::Body;
use crate::http::error::ApiError;
use crate::platform::identity::Key;
use crate::platform::time;
use crate::resources::collection::Collection;
use crate::resources::reports;
use crate::writing::import::ImportOptions;
use crate::writing::{actions, current, records};

/// Mounts the endpoint.
pub fn configure(config: &mut ServiceConfig) {
    config.service(confirm_receipt);
}

/// A request to record when a response was received.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiptRequest {
    /// The day on which it was received.
    #[serde(deserialize_with = "time::day")]
    #[garde(skip)]
    #[schema(example = "2024-11-22")]
    pub received_on: NaiveDate,
}

/// Confirm the receipt of a response
///
/// Records the day on which a response was received, which decides whether it was on time. What the responder itself
/// sends as `received_on` is kept in `claimed_received_on` and decides nothing. Requires `If-Match` and
/// `recommendations:write` for one of the publishers of the report.
#[utoipa::path(tag = "Responses", params(("id" = String, Path, description = "The id", max_length = 150, example = "1524db82-09ee-8111-83a6-9e391483359a")), request_body = ReceiptRequest, responses((status = 200, description = "The changed response", body = Item<Response>)))]
#[post("/responses/{id}/receipt")]
pub async fn confirm_receipt(
    client: Client,
    key: web::Path<Key>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let request: ReceiptRequest = actions::read(&body)?;
    let precondition = client.precondition.clone();
    records::write(
        &client,
        Some(&KIND),
        &body.bytes,
        move |writer, rights, catalogue| {
            let current = current::current(writer, &KIND, &key, rights)?;
            let report = Response::row(writer.connection, current.id)?.report_id;
            let publishers = reports::queries::publishers(writer.connection, report)?;
            rights.require_for(writer.connection, Scope::RecommendationsWrite, &publishers)?;
            precondition.allows_change(current.revision)?;
            let mut document = current.document;
            document.insert("received_on".to_owned(), json!(request.received_on));
            // all rights, because the only change is the day set above
            let rights = Rights::all();
            let options = ImportOptions::of_request(catalogue, &rights);
            records::store_one(writer, &KIND, options, document)
        },
    )
    .await
}
