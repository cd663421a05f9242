//! What can be done with a report beside writing it: each a change of the document like any other, with the same
//! preconditions and rights.

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
use crate::writing::actions::{self, PublishRequest, WithdrawRequest};
use crate::writing::previews::{self, Preview, PreviewRequest};
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
/// The public sees it, and its recommendations, from today on. Takes `articles:publish` besides
/// `recommendations:write`.
#[utoipa::path(tag = "Reports", params(("id" = String, Path, description = "The id or slug", max_length = 150)), request_body = PublishRequest, responses((status = 200, description = "The report, as it is now", body = Item<Report>)))]
#[post("/reports/{id}/publish")]
pub async fn publish_report(
    client: Client,
    key: web::Path<String>,
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
/// What stays is a notice, with the reason. Takes `articles:publish` besides `recommendations:write`.
#[utoipa::path(tag = "Reports", params(("id" = String, Path, description = "The id or slug", max_length = 150)), request_body = WithdrawRequest, responses((status = 200, description = "The report, as it is now", body = Item<Report>)))]
#[post("/reports/{id}/withdraw")]
pub async fn withdraw_report(
    client: Client,
    key: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let withdraw = actions::withdrawal(actions::read(&body)?);
    records::act(client, &KIND, key.into_inner(), body, withdraw).await
}

/// Restore a revision of a report
///
/// Its content becomes what it was in that revision, as a new revision: nothing is lost. Slug, state, dates and
/// withdrawal stay as they are. Takes `recommendations:write`, and `articles:publish` unless it is a draft.
#[utoipa::path(tag = "Reports", params(("id" = String, Path, description = "The id or slug", max_length = 150)), request_body = RestoreRequest, responses((status = 200, description = "The report, as it is now", body = Item<Report>)))]
#[post("/reports/{id}/restore")]
pub async fn restore_report(
    client: Client,
    key: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    revisions::restore(client, &KIND, key.into_inner(), body).await
}

/// Make a preview link of a report
///
/// For those who are to see it before the public does, without a token. Its recommendations are not shown by the
/// link. Takes a right to see it.
#[utoipa::path(tag = "Reports", params(("id" = String, Path, description = "The id or slug", max_length = 150)), request_body = PreviewRequest, responses((status = 200, description = "The link", body = Item<Preview>)))]
#[post("/reports/{id}/preview")]
pub async fn preview_report(
    public: Public,
    key: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    previews::preview(public, &KIND, key.into_inner(), &body).await
}
