//! What the endpoints of webhooks share: which webhooks a caller may see, and how one is changed.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};

use super::model::WebhookRow;
use super::queries;
use super::views::Webhook;
use super::wake::Wake;
use crate::access::{Caller, Client, Rights, Scope};
use crate::http::answer::WrittenRecord;
use crate::http::error::ApiError;
use crate::http::idempotency::StoredResponse;
use crate::log::Writer;
use crate::platform::db::DbConnection;

/// The client whose webhooks the caller may see, or `None` for all.
pub(super) fn visible_owner(caller: &Caller) -> Result<Option<String>, ApiError> {
    caller.rights.require_for_any(Scope::WebhooksManage)?;
    Ok((!caller.rights.is_admin()).then(|| caller.client.clone()))
}

/// The webhook with this id, if the caller may see it.
pub(super) fn find(
    c: &mut DbConnection,
    id: &str,
    owner: Option<&str>,
) -> Result<WebhookRow, ApiError> {
    let found = queries::find(c, &id.to_ascii_lowercase(), owner)?;
    found.ok_or_else(ApiError::not_found)
}

/// Runs `work` on the webhook with this id in one transaction, and wakes the task that sends deliveries.
pub(super) async fn act(
    client: Client,
    id: web::Path<String>,
    body: &[u8],
    work: impl FnOnce(&mut Writer<'_>, WebhookRow) -> Result<StoredResponse, ApiError> + Send + 'static,
) -> Result<HttpResponse, ApiError> {
    let (owner, wake) = (visible_owner(client.caller())?, client.app_data::<Wake>()?);
    let work = move |writer: &mut Writer<'_>, _: &Rights| {
        let webhook = find(writer.connection, &id, owner.as_deref())?;
        work(writer, webhook)
    };
    let response = client.write(body, work).await?;
    wake.notify();
    Ok(response.into_response(&client.base))
}

/// The response to a write.
pub(super) fn written(status: StatusCode, webhook: &Webhook) -> Result<StoredResponse, ApiError> {
    let record = WrittenRecord::new(webhook, webhook.revision)?;
    Ok(StoredResponse {
        status,
        location: (status == StatusCode::CREATED).then(|| format!("/v1/webhooks/{}", webhook.id)),
        entity_tag: Some(record.tag),
        body: record.body,
        is_replayed: false,
    })
}
