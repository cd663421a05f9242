//! Links that show what is not public yet to whoever has them, for a while.

use actix_web::{HttpResponse, post, web};
use chrono::{DateTime, TimeDelta, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use super::{desk, ownership};
use crate::auth::Public;
use crate::changes::Resource;
use crate::http::answer::Item;
use crate::http::error::ApiError;
use crate::lookup;

/// For how long.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewRequest {
    /// How many minutes the link holds; 60 when absent.
    #[serde(default)]
    #[garde(range(min = 1, max = 1440))]
    #[schema(minimum = 1, maximum = 1440, default = 60, example = 60)]
    pub minutes: Option<i64>,
}

/// A link for a while.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Preview {
    /// The link. Whoever has it sees the record as it is when they look.
    #[schema(max_length = 4000, format = "uri")]
    pub url: String,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// Make a preview link of an article
///
/// For those who are to see it before the public does, without a token. Takes a right to see it.
#[utoipa::path(tag = "Articles", params(("id" = String, Path, description = "The id or slug", max_length = 150)), request_body = PreviewRequest, responses((status = 200, description = "The link", body = Item<Preview>)))]
#[post("/articles/{id}/preview")]
pub async fn preview_article(
    public: Public,
    key: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    preview(public, Resource::Article, key.into_inner(), &body).await
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
    preview(public, Resource::Report, key.into_inner(), &body).await
}

async fn preview(
    public: Public,
    resource: Resource,
    key: String,
    body: &Body,
) -> Result<HttpResponse, ApiError> {
    let rights = public.rights();
    if rights.is_empty() {
        return Err(ApiError::unauthenticated());
    }
    let asked: PreviewRequest = desk::read(body)?;
    let now = public.now;
    let (id, _) = public
        .read(move |c| {
            let id = lookup::for_reading(c, resource, &key, &rights, now)?;
            match ownership::may_see(c, &rights, resource, &id)? {
                true => Ok(id),
                false => Err(ownership::refusal(c, resource, &id)?.into()),
            }
        })
        .await?;
    let until = now + TimeDelta::minutes(asked.minutes.unwrap_or(60));
    let pass = public.cursors().write_pass(&id, until)?;
    let collection = resource.collection();
    let data = Preview {
        url: format!("{}/v1/{collection}/{id}?preview={pass}", public.base),
        expires_at: until.and_utc(),
    };
    Ok(HttpResponse::Ok()
        .insert_header(("cache-control", "private, no-store"))
        .json(Item { data }))
}
