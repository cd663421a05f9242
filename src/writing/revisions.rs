//! Going back to an earlier revision.

use actix_web::{HttpResponse, post, web};
use garde::Validate;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::body::Body;
use super::desk;
use crate::articles;
use crate::articles::views::Article;
use crate::auth::Client;
use crate::changes::{Resource, Writer, feed};
use crate::http::answer::Item;
use crate::http::error::ApiError;
use crate::reports;
use crate::reports::views::Report;

/// Where to go back to.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreRequest {
    /// The revision, from the record's history.
    #[garde(range(min = 1))]
    #[schema(minimum = 1, maximum = 9007199254740991_i64, example = 1)]
    pub revision: i64,
}

/// What does not go back with the content: where the record stands with the public, and what the public was told.
const STAYS: [&str; 10] = [
    "type",
    "id",
    "slug",
    "state",
    "published_at",
    "published_on",
    "first_published_at",
    "embargoed_until",
    "withdrawal",
    "corrections",
];

/// Restore a revision of an article
///
/// Its content becomes what it was in that revision, as a new revision: nothing is lost. Slug, state, dates,
/// withdrawal and corrections stay as they are. Takes `articles:write`, and `articles:publish` unless it is a draft.
#[utoipa::path(tag = "Articles", params(("id" = String, Path, description = "The id or slug", max_length = 150)), request_body = RestoreRequest, responses((status = 200, description = "The article, as it is now", body = Item<Article>)))]
#[post("/articles/{id}/restore")]
pub async fn restore_article(
    client: Client,
    key: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let show = articles::routes::show;
    restore(client, Resource::Article, key.into_inner(), body, show).await
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
    let show = reports::routes::show;
    restore(client, Resource::Report, key.into_inner(), body, show).await
}

async fn restore(
    client: Client,
    resource: Resource,
    key: String,
    body: Body,
    show: super::Show,
) -> Result<HttpResponse, ApiError> {
    let asked: RestoreRequest = desk::read(&body)?;
    let alter = move |document: &mut Map<String, Value>, writer: &mut Writer<'_>| {
        let id = document.get("id").and_then(Value::as_str);
        let id = id.unwrap_or_default();
        let state = feed::state_at(writer.connection, id, asked.revision)?;
        let then = state.and_then(|state| serde_json::from_str::<Map<_, _>>(&state).ok());
        let Some(mut then) = then else {
            let detail = format!("There is no revision {} to go back to.", asked.revision);
            return Err(super::mistake("unknown_record", "/revision", &detail));
        };
        for name in STAYS {
            then.shift_remove(name);
            if let Some(now) = document.shift_remove(name) {
                then.insert(name.to_owned(), now);
            }
        }
        *document = then;
        Ok(())
    };
    super::amend(client, resource, key, &body.bytes, alter, Some(show)).await
}
