//! Which webhooks a caller may see, and the response to a change of one.

use super::model::WebhookRow;
use super::queries;
use super::views::Webhook;
use crate::access::{Caller, Scope};
use crate::http::answer::WrittenRecord;
use crate::http::error::ApiError;
use crate::http::idempotency::StoredResponse;
use crate::platform::db::DbConnection;

/// The client whose webhooks the caller may see, or `None` for all.
pub(super) fn reach(caller: &Caller) -> Result<Option<String>, ApiError> {
    caller.rights.require_for_any(Scope::WebhooksManage)?;
    Ok((!caller.rights.is_admin()).then(|| caller.client.clone()))
}

/// The webhook with this id, if the caller may see it.
pub(super) fn own(
    c: &mut DbConnection,
    id: &str,
    owner: Option<&str>,
) -> Result<WebhookRow, ApiError> {
    let found = queries::find(c, &id.to_ascii_lowercase(), owner)?;
    found.ok_or_else(ApiError::not_found)
}

/// The response to a write.
pub(super) fn finished(status: u16, webhook: &Webhook) -> Result<StoredResponse, ApiError> {
    let shown = WrittenRecord::new(webhook, webhook.revision)?;
    Ok(StoredResponse {
        status,
        location: (status == 201).then(|| format!("/v1/webhooks/{}", webhook.id)),
        entity_tag: Some(shown.tag),
        body: shown.body,
        is_replayed: false,
    })
}
