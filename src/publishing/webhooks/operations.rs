//! Actions on a webhook: test, replay, and rotate the secret.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, post, web};
use chrono::{DateTime, Utc};
use garde::Validate;
use serde::Deserialize;
use utoipa::ToSchema;

use super::managing::{act, visible_owner, written};
use super::model::{DeliveryRow, SECRET_OVERLAP};
use super::views::{Webhook, WebhookDelivery};
use super::{queries, signing};
use crate::access::Client;
use crate::http::answer::Item;
use crate::http::body::Body;
use crate::http::error::ApiError;
use crate::http::idempotency::StoredResponse;
use crate::http::problem::Mistake;
use crate::log::entries;
use crate::platform::clock::truncate;
use crate::platform::mistakes::MistakeCode;
use crate::platform::time;
use crate::writing::actions;

/// A request to replay changes.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayRequest {
    /// Changes that became public after this time are sent again.
    #[serde(deserialize_with = "time::time")]
    #[garde(skip)]
    pub since: DateTime<Utc>,
}

fn delivery_response(row: &DeliveryRow) -> Result<StoredResponse, ApiError> {
    let data = WebhookDelivery::new(row);
    let body = serde_json::to_string(&Item { data }).map_err(|e| ApiError::internal(&e))?;
    Ok(StoredResponse {
        status: StatusCode::OK,
        body,
        ..StoredResponse::no_content()
    })
}

/// Rotate the secret of a webhook
///
/// The response has the new secret, which is never shown again. For 24 hours, messages are signed with both secrets, so
/// that the receiver has time to switch. Requires `webhooks:manage`.
#[utoipa::path(
    tag = "Webhooks",
    params(("id" = String, Path, description = "The id", max_length = 150)),
    responses((status = 200, description = "The webhook, with its new secret", body = Item<Webhook>))
)]
#[post("/webhooks/{id}/rotate-secret")]
pub async fn rotate_webhook_secret(
    client: Client,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    act(client, id, b"", |writer, mut webhook| {
        let (now, secret) = (writer.now(), signing::new_secret()?);
        webhook.previous_secret = Some(std::mem::replace(&mut webhook.secret, secret));
        webhook.previous_secret_until = Some(now + SECRET_OVERLAP);
        queries::update(writer.connection, &mut webhook, now)?;
        written(StatusCode::OK, &Webhook::with_secret(&webhook))
    })
    .await
}

/// Test a webhook
///
/// Sends a message of the type `webhook.test`, with the same retries as any other. Its deliveries show the result.
/// Requires `webhooks:manage`.
#[utoipa::path(
    tag = "Webhooks",
    params(("id" = String, Path, description = "The id", max_length = 150)),
    responses((status = 200, description = "The pending delivery", body = Item<WebhookDelivery>))
)]
#[post("/webhooks/{id}/test")]
pub async fn test_webhook(client: Client, id: web::Path<String>) -> Result<HttpResponse, ApiError> {
    act(client, id, b"", |writer, webhook| {
        let delivery = DeliveryRow::new(&webhook.id, webhook.last_position + 1, writer.now())?;
        let deliveries = std::slice::from_ref(&delivery);
        let stays = (&webhook.place(), webhook.fork);
        queries::advance(writer.connection, &webhook, stays, deliveries)?;
        delivery_response(&delivery)
    })
    .await
}

/// Replay changes
///
/// Sends every change that became public after `since` again, with the same `webhook-id` as before. Requires
/// `webhooks:manage`.
#[utoipa::path(
    tag = "Webhooks",
    params(("id" = String, Path, description = "The id", max_length = 150)),
    request_body = ReplayRequest,
    responses((status = 200, description = "The webhook", body = Item<Webhook>))
)]
#[post("/webhooks/{id}/replay")]
pub async fn replay_webhook(
    client: Client,
    id: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    visible_owner(client.caller())?; // a caller without rights learns that before its mistakes
    let request: ReplayRequest = actions::read(&body)?;
    let since = truncate(request.since.naive_utc());
    if since > client.now {
        let detail = "Expected a time in the past.";
        let mistake = Mistake::pointer(MistakeCode::InFuture, "/since", detail);
        return Err(ApiError::validation(vec![mistake]));
    }
    act(client, id, &body.bytes, move |writer, webhook| {
        let place = entries::end_at(writer.connection, since)?;
        queries::advance(writer.connection, &webhook, (&place, webhook.fork), &[])?;
        Ok(StoredResponse {
            entity_tag: None,
            ..written(StatusCode::OK, &Webhook::new(&webhook))?
        })
    })
    .await
}

/// Replay a delivery
///
/// Sends the delivery again at once, whether it was delivered, given up or is waiting for a retry, with the same
/// `webhook-id` as before. Requires `webhooks:manage`.
#[utoipa::path(
    tag = "Webhooks",
    params(
        ("id" = String, Path, description = "The id of the webhook", max_length = 150),
        ("delivery_id" = String, Path, description = "The id of the delivery", max_length = 150)
    ),
    responses((status = 200, description = "The pending delivery", body = Item<WebhookDelivery>))
)]
#[post("/webhooks/{id}/deliveries/{delivery_id}/replay")]
pub async fn replay_webhook_delivery(
    client: Client,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let (id, delivery_id) = path.into_inner();
    let delivery_id = delivery_id.to_ascii_lowercase();
    act(client, id.into(), b"", move |writer, webhook| {
        let found = queries::find_delivery(writer.connection, &webhook.id, &delivery_id)?;
        let mut delivery = found.ok_or_else(ApiError::not_found)?;
        queries::send_again(writer.connection, &mut delivery, writer.now())?;
        delivery_response(&delivery)
    })
    .await
}
