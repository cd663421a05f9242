//! Disputes, which an addressee may add to its obligation; everything else is recorded by the recommender.

use actix_web::{HttpResponse, post, web};
use garde::Validate;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::kind::KIND;
use super::queries;
use super::views::Obligation;
use crate::access::{Client, Rights, Scope};
use crate::http::answer::Item;
use crate::http::body::Body;
use crate::http::error::ApiError;
use crate::platform::clock::uk_day;
use crate::platform::identity::Key;
use crate::platform::values;
use crate::writing::import::ImportOptions;
use crate::writing::proposals::views::Proposal;
use crate::writing::recorder::{Capacity, RecordedBy};
use crate::writing::{actions, current, records};

/// Mounts the endpoint.
pub fn configure(config: &mut ServiceConfig) {
    config.service(dispute_obligation);
}

/// A request to dispute an obligation.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DisputeRequest {
    /// What is disputed, and why.
    #[garde(custom(values::text(5000)))]
    #[schema(
        min_length = 1,
        max_length = 5000,
        example = "The response was sent by post on 2 December."
    )]
    pub text: String,
}

/// Dispute an obligation
///
/// Adds a dispute to `disputes`, with today's date and the addressee's name. The recommender records the outcome with
/// `PATCH`. Requires `responses:write` for the addressee. Send an `Idempotency-Key` to retry safely.
#[utoipa::path(tag = "Obligations", params(("id" = String, Path, description = "The id", max_length = 150, example = "760fc6ff-2c4c-8b0b-ad5f-3330977bd9bf")), request_body = DisputeRequest, responses((status = 200, description = "The changed obligation", body = Item<Obligation>), (status = 202, description = "Stored once a publisher of the report has accepted it: the proposal", body = Item<Proposal>)))]
#[post("/obligations/{id}/disputes")]
pub async fn dispute_obligation(
    client: Client,
    key: web::Path<Key>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let request: DisputeRequest = actions::read(&body)?;
    let precondition = client.precondition.clone();
    records::write(
        &client,
        Some(&KIND),
        &body.bytes,
        move |writer, rights, catalogue| {
            let current = current::current(writer, &KIND, &key, rights)?;
            let row =
                queries::find(writer.connection, current.id)?.ok_or_else(ApiError::not_found)?;
            let addressees = std::slice::from_ref(&row.organisation_id);
            rights.require_for(writer.connection, Scope::ResponsesWrite, addressees)?;
            precondition.allows_change(current.revision)?;
            if !row.state.is_shown() {
                return Err(ApiError::not_found());
            }
            // the name of the addressee is not repeated: it may change, or have to be erased
            let now = writer.now();
            let dispute = json!({"raised_on": uk_day(now), "text": request.text});
            let by = RecordedBy {
                capacity: Capacity::Author,
                organisation: Some(row.organisation_id.into()),
                at: now.and_utc(),
            };
            let mut document = current.document;
            let disputes = document.entry("disputes").or_insert_with(|| json!([]));
            if let Value::Array(disputes) = disputes {
                disputes.push(dispute);
            }
            // all rights, because the only change is the dispute added above
            let rights = Rights::all();
            let options = ImportOptions {
                recorder: Some(&by),
                ..ImportOptions::of_request(catalogue, &rights)
            };
            records::store_one(writer, &KIND, options, document)
        },
    )
    .await
}
