//! Editorial actions on articles. Each changes the document, with the same preconditions and rights as any other
//! change.

use actix_web::{HttpResponse, post, web};
use chrono::{DateTime, NaiveDateTime, Utc};
use garde::Validate;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::kind::KIND;
use super::views::Article;
use crate::access::{Client, Public};
use crate::http::answer::Item;
use crate::http::body::Body;
use crate::http::error::ApiError;
use crate::log::Writer;
use crate::platform::identity::Key;
use crate::platform::mistakes::MistakeCode;
use crate::platform::time;
use crate::platform::values;
use crate::writing::actions::{self, PublishRequest, WithdrawRequest};
use crate::writing::previews::{self, Preview, PreviewRequest};
use crate::writing::proposals::views::Proposal;
use crate::writing::records;
use crate::writing::revisions::{self, RestoreRequest};

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(publish_article)
        .service(schedule_article)
        .service(withdraw_article)
        .service(correct_article)
        .service(restore_article)
        .service(preview_article);
}

/// When to publish an article.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleRequest {
    /// When the article becomes public.
    #[serde(deserialize_with = "time::time")]
    #[garde(skip)]
    pub at: DateTime<Utc>,
}

/// A correction to publish.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectRequest {
    /// What was wrong, and what is correct, as shown to the public.
    #[garde(custom(values::text(5000)))]
    #[schema(
        min_length = 1,
        max_length = 5000,
        example = "The number of forces was given as 44."
    )]
    pub note: String,
    /// The text before the correction.
    #[serde(default)]
    #[garde(length(chars, max = 5000))]
    #[schema(max_length = 5000, example = "all 44 forces")]
    pub before: Option<String>,
    /// The text after the correction.
    #[serde(default)]
    #[garde(length(chars, max = 5000))]
    #[schema(max_length = 5000, example = "all 43 forces")]
    pub after: Option<String>,
}

/// Publish an article
///
/// Makes the article public now. If it was public before, it keeps its time of publication. An embargo or withdrawal is
/// removed. Requires `If-Match`, `articles:publish` and `articles:write`.
#[utoipa::path(tag = "Articles", params(("id" = String, Path, description = "The id or slug", max_length = 150)), request_body = PublishRequest, responses((status = 200, description = "The published article", body = Item<Article>)))]
#[post("/articles/{id}/publish")]
pub async fn publish_article(
    client: Client,
    key: web::Path<Key>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    actions::read::<PublishRequest>(&body)?;
    let publish = |document: &mut Map<String, Value>, now: NaiveDateTime| {
        let member = |name: &str| document.get(name).and_then(Value::as_str);
        let planned = member("published_at").and_then(|at| at.parse::<DateTime<Utc>>().ok());
        let is_past = planned.is_some_and(|at| at.naive_utc() <= now);
        // an article that is or was public keeps its time of publication
        if member("state") == Some("draft") || !is_past {
            actions::set(document, "published_at", json!(time::in_milliseconds(now)));
        }
        actions::set(document, "state", json!("published"));
        document.shift_remove("embargoed_until");
        document.shift_remove("withdrawal");
    };
    records::act(client, &KIND, key.into_inner(), body, publish).await
}

/// Schedule an article
///
/// The article becomes public at the given time, without further action. An article that is or was public cannot be
/// scheduled. Requires `If-Match`, `articles:publish` and `articles:write`.
#[utoipa::path(tag = "Articles", params(("id" = String, Path, description = "The id or slug", max_length = 150)), request_body = ScheduleRequest, responses((status = 200, description = "The scheduled article", body = Item<Article>)))]
#[post("/articles/{id}/schedule")]
pub async fn schedule_article(
    client: Client,
    key: web::Path<Key>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let request: ScheduleRequest = actions::read(&body)?;
    let published_at = time::in_milliseconds(request.at.naive_utc());
    let schedule = move |document: &mut Map<String, Value>, writer: &mut Writer<'_>| {
        if request.at.naive_utc() <= writer.now() {
            let detail = "The time is past: publish the article instead.";
            return Err(records::mistake(MistakeCode::InPast, "/at", detail));
        }
        actions::set(document, "state", json!("published"));
        actions::set(document, "published_at", json!(published_at));
        document.shift_remove("embargoed_until");
        Ok(())
    };
    records::amend(client, &KIND, key.into_inner(), &body.bytes, schedule).await
}

/// Withdraw an article
///
/// The public then sees only a notice with the reason. Requires `If-Match`, `articles:publish` and `articles:write`.
#[utoipa::path(tag = "Articles", params(("id" = String, Path, description = "The id or slug", max_length = 150)), request_body = WithdrawRequest, responses((status = 200, description = "The withdrawn article", body = Item<Article>)))]
#[post("/articles/{id}/withdraw")]
pub async fn withdraw_article(
    client: Client,
    key: web::Path<Key>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let withdraw = actions::withdrawal(actions::read(&body)?);
    records::act(client, &KIND, key.into_inner(), body, withdraw).await
}

/// Correct an article
///
/// Publishes a correction, with the text before and after. It does not change the body; use `PATCH` for that. Requires
/// `If-Match`, `articles:publish` and `articles:write`.
#[utoipa::path(tag = "Articles", params(("id" = String, Path, description = "The id or slug", max_length = 150)), request_body = CorrectRequest, responses((status = 200, description = "The corrected article", body = Item<Article>)))]
#[post("/articles/{id}/corrections")]
pub async fn correct_article(
    client: Client,
    key: web::Path<Key>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let request: CorrectRequest = actions::read(&body)?;
    let correct = move |document: &mut Map<String, Value>, now: NaiveDateTime| {
        let correction = json!({
            "at": time::in_milliseconds(now),
            "note": request.note,
            "before": request.before,
            "after": request.after,
        });
        let corrections = document.entry("corrections");
        let corrections = corrections.or_insert_with(|| json!([]));
        if let Value::Array(corrections) = corrections {
            corrections.push(correction);
        }
    };
    records::act(client, &KIND, key.into_inner(), body, correct).await
}

/// Restore a revision of an article
///
/// Creates a new revision with the content of an earlier one, so nothing is lost. The slug, state, dates, withdrawal
/// and corrections stay as they are. Requires `If-Match`, `articles:write` and, unless the article is a draft,
/// `articles:publish`. If it brings back co-publishers, it waits for their consent (202).
#[utoipa::path(tag = "Articles", params(("id" = String, Path, description = "The id or slug", max_length = 150)), request_body = RestoreRequest, responses((status = 200, description = "The restored article", body = Item<Article>), (status = 202, description = "Restored once others have approved it: the proposal", body = Item<Proposal>)))]
#[post("/articles/{id}/restore")]
pub async fn restore_article(
    client: Client,
    key: web::Path<Key>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    revisions::restore(client, &KIND, key.into_inner(), body).await
}

/// Create a preview link to an article
///
/// Anyone with the link can read the article before it is public, without a token, until the link expires. Requires
/// `articles:read_drafts` or `articles:write`.
#[utoipa::path(tag = "Articles", params(("id" = String, Path, description = "The id or slug", max_length = 150)), request_body = PreviewRequest, responses((status = 200, description = "The preview link", body = Item<Preview>)))]
#[post("/articles/{id}/preview")]
pub async fn preview_article(
    public: Public,
    key: web::Path<Key>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    previews::preview(public, &KIND, key.into_inner(), &body).await
}
