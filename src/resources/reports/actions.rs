//! Editorial actions on reports. Each changes the document, with the same preconditions and rights as any other change.

use actix_web::{HttpResponse, post, web};
use chrono::NaiveDateTime;
use serde_json::{Map, Value, json};
use utoipa_actix_web::service_config::ServiceConfig;

use super::kind::KIND;
use super::views::Report;
use crate::access::{Client, Public};
use crate::http::answer::Item;
use crate::http::body::Body;
use crate::http::error::ApiError;
use crate::platform::clock::uk_day;
use crate::platform::identity::Key;
use crate::writing::actions::{self, PublishRequest, WithdrawRequest};
use crate::writing::previews::{self, Preview, PreviewRequest};
use crate::writing::proposals::views::Proposal;
use crate::writing::records;
use crate::writing::revisions::{self, RestoreRequest};

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(publish_report)
        .service(withdraw_report)
        .service(restore_report)
        .service(preview_report);
}

/// Publish a report
///
/// Makes the report and its recommendations public now. If it was public before, it keeps its day of publication. An
/// embargo or withdrawal is removed. Requires `If-Match`, `articles:publish` and `recommendations:write`.
#[utoipa::path(tag = "Reports", params(("id" = String, Path, description = "The id or slug", max_length = 150)), request_body = PublishRequest, responses((status = 200, description = "The published report", body = Item<Report>)))]
#[post("/reports/{id}/publish")]
pub async fn publish_report(
    client: Client,
    key: web::Path<Key>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    actions::read::<PublishRequest>(&body)?;
    let publish = |document: &mut Map<String, Value>, now: NaiveDateTime| {
        let today = uk_day(now).to_string();
        let member = |name: &str| document.get(name).and_then(Value::as_str);
        if member("state") == Some("draft") || member("published_on") > Some(today.as_str()) {
            actions::set(document, "published_on", json!(today));
        }
        actions::set(document, "state", json!("published"));
        document.shift_remove("embargoed_until");
        document.shift_remove("withdrawal");
    };
    records::act(client, &KIND, key.into_inner(), body, publish).await
}

/// Withdraw a report
///
/// The public then sees only a notice with the reason. Requires `If-Match`, `articles:publish` and
/// `recommendations:write`.
#[utoipa::path(tag = "Reports", params(("id" = String, Path, description = "The id or slug", max_length = 150)), request_body = WithdrawRequest, responses((status = 200, description = "The withdrawn report", body = Item<Report>)))]
#[post("/reports/{id}/withdraw")]
pub async fn withdraw_report(
    client: Client,
    key: web::Path<Key>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let withdraw = actions::withdrawal(actions::read(&body)?);
    records::act(client, &KIND, key.into_inner(), body, withdraw).await
}

/// Restore a revision of a report
///
/// Creates a new revision with the content of an earlier one, so nothing is lost. The slug, state, dates and withdrawal
/// stay as they are. Requires `If-Match`, `recommendations:write` and, unless the report is a draft,
/// `articles:publish`. If it brings back publishers, it waits for their consent (202).
#[utoipa::path(tag = "Reports", params(("id" = String, Path, description = "The id or slug", max_length = 150)), request_body = RestoreRequest, responses((status = 200, description = "The restored report", body = Item<Report>), (status = 202, description = "Restored once others have approved it: the proposal", body = Item<Proposal>)))]
#[post("/reports/{id}/restore")]
pub async fn restore_report(
    client: Client,
    key: web::Path<Key>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    revisions::restore(client, &KIND, key.into_inner(), body).await
}

/// Create a preview link to a report
///
/// Anyone with the link can read the report before it is public, without a token, until the link expires. The link does
/// not show its recommendations. Requires `articles:read_drafts` or `recommendations:write`.
#[utoipa::path(tag = "Reports", params(("id" = String, Path, description = "The id or slug", max_length = 150)), request_body = PreviewRequest, responses((status = 200, description = "The preview link", body = Item<Preview>)))]
#[post("/reports/{id}/preview")]
pub async fn preview_report(
    public: Public,
    key: web::Path<Key>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    previews::preview(public, &KIND, key.into_inner(), &body).await
}
