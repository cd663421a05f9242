//! Actions on a webhook: test, replay, and rotate the secret.

use actix_web::web::Data;
use actix_web::{HttpResponse, post, web};
use chrono::{DateTime, Utc};
use garde::Validate;
use serde::Deserialize;
use utoipa::ToSchema;

use super::model::{DeliveryRow, OVERLAP};
use super::own::{finished, own, reach};
use super::views::{Webhook, WebhookDelivery};
use super::wake::Wake;
use super::{queries, signing};
use crate::access::{Client, Rights};
use crate::http::answer::Item;
use crate::http::body::Body;
use crate::http::error::ApiError;
use crate::http::idempotency::StoredResponse;
use crate::http::problem::Mistake;
use crate::log::{Writer, entries};
use crate::writing::actions;

/// A request to replay changes.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayRequest {
    /// Changes that became public after this time are sent again.
    #[garde(skip)]
    pub since: DateTime<Utc>,
}

fn of_delivery(row: &DeliveryRow) -> Result<StoredResponse, ApiError> {
    let data = WebhookDelivery::new(row);
    let body = serde_json::to_string(&Item { data }).map_err(|e| ApiError::internal(&e))?;
    Ok(StoredResponse {
        status: 200,
        location: None,
        entity_tag: None,
        body,
        is_replayed: false,
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
    key: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let owner = reach(client.caller())?;
    let work = move |writer: &mut Writer<'_>, _: &Rights| {
        let mut row = own(writer.connection, &key, owner.as_deref())?;
        let no_secret = || ApiError::internal(&"no randomness is available");
        let (now, secret) = (writer.now(), signing::new_secret().ok_or_else(no_secret)?);
        row.previous_secret = Some(std::mem::replace(&mut row.secret, secret));
        row.previous_secret_until = Some(now + OVERLAP);
        queries::update(writer.connection, &mut row, now)?;
        finished(200, &Webhook::with_secret(&row))
    };
    let finished = client.write(b"", work).await?;
    Ok(finished.into_response(&client.base))
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
pub async fn test_webhook(
    client: Client,
    key: web::Path<String>,
    wake: Data<Wake>,
) -> Result<HttpResponse, ApiError> {
    let owner = reach(client.caller())?;
    let work = move |writer: &mut Writer<'_>, _: &Rights| {
        let mut row = own(writer.connection, &key, owner.as_deref())?;
        row.last_position += 1;
        queries::store_position(writer.connection, &row)?;
        let delivery = DeliveryRow::new(&row.id, row.last_position, writer.now())?;
        queries::insert_delivery(writer.connection, &delivery)?;
        of_delivery(&delivery)
    };
    let finished = client.write(b"", work).await?;
    wake.call();
    Ok(finished.into_response(&client.base))
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
    key: web::Path<String>,
    body: Body,
    wake: Data<Wake>,
) -> Result<HttpResponse, ApiError> {
    let owner = reach(client.caller())?;
    let asked: ReplayRequest = actions::read(&body)?;
    let since = crate::platform::clock::truncate(asked.since.naive_utc());
    if since > client.now {
        let detail = "Expected a time in the past.";
        let mistake = Mistake::pointer("invalid_value", "/since", detail);
        return Err(ApiError::validation(vec![mistake]));
    }
    let work = move |writer: &mut Writer<'_>, _: &Rights| {
        let mut row = own(writer.connection, &key, owner.as_deref())?;
        row.stand_at(&entries::end_at(writer.connection, since)?);
        queries::store_position(writer.connection, &row)?;
        let mut finished = finished(200, &Webhook::new(&row))?;
        finished.entity_tag = None;
        Ok(finished)
    };
    let finished = client.write(&body.bytes, work).await?;
    wake.call();
    Ok(finished.into_response(&client.base))
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
    wake: Data<Wake>,
) -> Result<HttpResponse, ApiError> {
    let owner = reach(client.caller())?;
    let work = move |writer: &mut Writer<'_>, _: &Rights| {
        let (key, delivery) = path.into_inner();
        let row = own(writer.connection, &key, owner.as_deref())?;
        let find = |c: &mut _| queries::find_delivery(c, &row.id, &delivery.to_ascii_lowercase());
        let found = find(writer.connection)?.ok_or_else(ApiError::not_found)?;
        queries::send_again(writer.connection, &found.id, writer.now())?;
        let again = find(writer.connection)?.ok_or_else(ApiError::not_found)?;
        of_delivery(&again)
    };
    let finished = client.write(b"", work).await?;
    wake.call();
    Ok(finished.into_response(&client.base))
}
