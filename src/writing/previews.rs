//! Preview links, which show an unpublished record to anyone who has the link, for a limited time.

use actix_web::HttpResponse;
use chrono::{DateTime, TimeDelta, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::actions;
use super::kind::Kind;
use crate::access::{Public, lookup};
use crate::http::answer::Item;
use crate::http::body::Body;
use crate::http::error::ApiError;
use crate::platform::identity::Key;

/// A request for a preview link.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewRequest {
    /// How many minutes the link is valid; 60 if absent.
    #[serde(default)]
    #[garde(range(min = 1, max = 1440))]
    #[schema(minimum = 1, maximum = 1440, default = 60, example = 60)]
    pub minutes: Option<i64>,
}

/// A preview link.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Preview {
    /// The link. It shows the current state of the record to anyone who has it.
    #[schema(max_length = 4000, format = "uri")]
    pub url: String,
    /// The record's page on the public site with the same parameter, for a site that passes it on. Present if the setting
    /// `page_urls` says where.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 4000, format = "uri")]
    pub page_url: Option<String>,
    /// When the link expires.
    pub expires_at: DateTime<Utc>,
}

/// Creates a preview link for a record.
///
/// # Errors
/// 401 or 403 if the caller may not see the unpublished record; 404, 410 or 451 if it cannot be shown.
pub async fn preview(
    public: Public,
    kind: &'static Kind,
    key: Key,
    body: &Body,
) -> Result<HttpResponse, ApiError> {
    let rights = public.rights();
    if rights.is_empty() {
        return Err(ApiError::unauthenticated());
    }
    let request: PreviewRequest = actions::read(body)?;
    let (now, pages) = (public.now, public.pages());
    let ((id, page_url), _) = public
        .read(move |c| {
            let id = lookup::for_reading(c, &kind.ownership, &key, &rights, now)?;
            match kind.ownership.may_see(c, &rights, id, now)? {
                true => Ok((
                    id,
                    kind.show_one(c, id, now, pages.clone())?.text("page_url")?,
                )),
                false => Err(kind.ownership.refusal(c, id)?.into()),
            }
        })
        .await?;
    let until = now + TimeDelta::minutes(request.minutes.unwrap_or(60));
    let client = &public.caller()?.client;
    let pass = public.cursors().write_pass(id, client, until)?;
    let with_pass = |url: String| {
        let separator = if url.contains('?') { '&' } else { '?' };
        format!("{url}{separator}preview={pass}")
    };
    let data = Preview {
        url: with_pass(public.addresses().record(kind.resource(), id)),
        page_url: page_url.map(with_pass),
        expires_at: until.and_utc(),
    };
    Ok(HttpResponse::Ok()
        .insert_header(("cache-control", "private, no-store"))
        .json(Item { data }))
}
