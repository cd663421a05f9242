//! Successful responses: the JSON body, its entity tag, how long caches may keep it, and its links.

use actix_web::HttpResponse;
use actix_web::http::header::{self, HeaderValue};
use chrono::NaiveDateTime;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::to_raw_value;
use twox_hash::XxHash3_64;
use utoipa::ToSchema;

use super::error::ApiError;
use super::page::Page;
use super::problem::Mistake;
use super::selection::select;
use crate::log::validity::Validity;
use crate::log::{Dependencies, Resource};
use crate::platform::mistakes::MistakeCode;

const JSON: &str = "application/json";

/// How long a cache may use a response without revalidating it, in seconds.
const MAX_AGE: i64 = 30;
/// The same for shared caches.
const SHARED_MAX_AGE: i64 = 60;
/// How long a cache may serve a stale response while it revalidates it, in seconds.
const STALE_WHILE_REVALIDATE: i64 = 300;

/// How long this server caches a response at most, in seconds. Only the time when a linked page was last visited is
/// known to depend on it, as that is not in the log.
pub const MAX_CACHED_SECONDS: i64 = 60;

/// One record.
#[derive(Debug, Serialize, ToSchema)]
pub struct Item<T> {
    /// The record.
    pub data: T,
}

/// One page of records.
#[derive(Debug, Serialize, ToSchema)]
pub struct List<T> {
    /// The records.
    #[schema(max_items = 100)]
    pub data: Vec<T>,
    /// The position of this page in its list.
    pub page: Page,
}

/// One page of the records that belong to another record.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListOf<T, R> {
    /// The records.
    #[schema(max_items = 100)]
    pub data: Vec<T>,
    /// The position of this page in its list.
    pub page: Page,
    /// The record that they belong to, if `expand` names it and it is public.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(no_recursion)]
    pub of: Option<R>,
}

/// What a response depends on and how long it stays valid.
#[derive(Clone, Debug)]
pub struct Freshness {
    /// When it was read.
    pub now: NaiveDateTime,
    /// The end of the log and the scheduled moments that the read found; `None` if the past was read or a token was
    /// sent: such a response is not cached.
    pub validity: Option<Validity>,
    /// Which changes invalidate the response.
    pub dependencies: Dependencies,
    /// Whether a token was required or sent: shared caches must not store the response then.
    pub is_private: bool,
}

impl Freshness {
    /// The same for a response that neither shows this resource nor depends on it.
    pub fn without(mut self, resource: Resource) -> Self {
        self.dependencies = self.dependencies.without(resource);
        self
    }

    /// The same for a response with these dependencies.
    pub fn with_dependencies(mut self, dependencies: Dependencies) -> Self {
        self.dependencies = dependencies;
        self
    }

    /// `Cache-Control`: the response never outlives the next scheduled moment.
    pub fn cache_control(&self) -> String {
        match self.is_private {
            true => "private, no-store".to_owned(),
            false => self.public_cache_control(self.now),
        }
    }

    /// `Cache-Control` for a response that is sent later, if it differs then.
    pub fn cache_control_later(&self, now: NaiveDateTime) -> Option<String> {
        let left = self.seconds_left(now)?;
        (left < SHARED_MAX_AGE + STALE_WHILE_REVALIDATE).then(|| self.public_cache_control(now))
    }

    /// For how many seconds a copy of the content may be shown elsewhere, however long this server cached the response
    /// before sending it.
    pub fn cache_age(&self) -> i64 {
        let left = self.seconds_left(self.now);
        let left = left.map_or(SHARED_MAX_AGE, |left| left - MAX_CACHED_SECONDS);
        match self.is_private {
            true => 0,
            false => left.clamp(0, SHARED_MAX_AGE),
        }
    }

    /// The seconds to the next scheduled moment, if there is one.
    fn seconds_left(&self, now: NaiveDateTime) -> Option<i64> {
        let until = self.validity?.until?;
        Some((until - now).num_seconds().max(0))
    }

    fn public_cache_control(&self, now: NaiveDateTime) -> String {
        match self.seconds_left(now) {
            Some(left) if left < SHARED_MAX_AGE + STALE_WHILE_REVALIDATE => {
                let (max_age, shared) = (left.min(MAX_AGE), left.min(SHARED_MAX_AGE));
                format!("public, max-age={max_age}, s-maxage={shared}")
            }
            _ => format!(
                "public, max-age={MAX_AGE}, s-maxage={SHARED_MAX_AGE}, stale-while-revalidate={STALE_WHILE_REVALIDATE}"
            ),
        }
    }
}

/// Responds with one record. `fields` names the members to keep; empty keeps all.
pub fn item<T: Serialize>(
    record: &T,
    revision: i64,
    fields: &[&str],
    freshness: Freshness,
) -> Result<HttpResponse, ApiError> {
    let body = match fields {
        [] => to_json(&Item { data: record })?,
        _ => to_json(&Item {
            data: select(record, fields).map_err(|e| ApiError::internal(&e))?,
        })?,
    };
    let tag = item_tag(revision, &body);
    Ok(respond(body, JSON, &tag, freshness))
}

/// Responds with one record as linked data, for requests whose `Accept` asks for it.
pub fn linked_data<T: Serialize>(
    record: &T,
    revision: i64,
    freshness: Freshness,
) -> Result<HttpResponse, ApiError> {
    let body = to_json(record)?;
    let tag = item_tag(revision, &body);
    Ok(vary_by_accept(respond(
        body,
        "application/ld+json",
        &tag,
        freshness,
    )))
}

/// Responds with one page of records. `fields` names the members to keep; empty keeps all.
pub fn list<T: Serialize>(
    records: Vec<T>,
    page: Page,
    fields: &[&str],
    freshness: Freshness,
) -> Result<HttpResponse, ApiError> {
    if fields.is_empty() {
        let list = List {
            data: records,
            page,
        };
        return list_with(&list, &list.page, freshness);
    }
    let selections = records.iter().map(|record| select(record, fields));
    let list = List {
        data: selections
            .collect::<Result<Vec<_>, _>>()
            .map_err(|e| ApiError::internal(&e))?,
        page,
    };
    list_with(&list, &list.page, freshness)
}

/// Responds with one page of records that belong to another one; with that one too, if there is its JSON.
pub fn list_of<T: Serialize>(
    records: Vec<T>,
    page: Page,
    of: Option<Value>,
    fields: &[&str],
    freshness: Freshness,
) -> Result<HttpResponse, ApiError> {
    if of.is_none() {
        return list(records, page, fields, freshness);
    }
    let data = records.iter().map(|record| match fields {
        [] => to_raw_value(record),
        _ => select(record, fields),
    });
    let data = data
        .collect::<Result<Vec<_>, _>>()
        .map_err(|e| ApiError::internal(&e))?;
    let list = ListOf { data, page, of };
    list_with(&list, &list.page, freshness)
}

/// Responds with one page of records, in a body with further facts about the list.
pub fn list_with<T: Serialize>(
    body: &T,
    page: &Page,
    freshness: Freshness,
) -> Result<HttpResponse, ApiError> {
    Ok(text_page(to_json(body)?, JSON, page, freshness))
}

/// Responds with JSON that is neither a record nor a page of records.
pub fn json<T: Serialize>(body: &T, freshness: Freshness) -> Result<HttpResponse, ApiError> {
    Ok(text(to_json(body)?, JSON, freshness))
}

/// Responds with one page of records as bytes of a media type.
pub fn text_page(
    body: Vec<u8>,
    media_type: &'static str,
    page: &Page,
    freshness: Freshness,
) -> HttpResponse {
    let mut response = text(body, media_type, freshness);
    let relations = [("next", &page.next), ("prev", &page.prev)].into_iter();
    let links: Vec<String> = relations
        .filter_map(|(name, url)| Some(format!("<{}>; rel=\"{name}\"", url.as_ref()?)))
        .collect();
    if !links.is_empty()
        && let Ok(links) = HeaderValue::from_str(&links.join(", "))
    {
        response.headers_mut().insert(header::LINK, links);
    }
    response
}

/// Responds with bytes of a media type.
pub fn text(body: Vec<u8>, media_type: &'static str, freshness: Freshness) -> HttpResponse {
    let tag = format!("\"{:016x}\"", XxHash3_64::oneshot(&body));
    respond(body, media_type, &tag, freshness)
}

/// Marks a response as varying with `Accept`.
pub fn vary_by_accept(mut response: HttpResponse) -> HttpResponse {
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("Accept"));
    response
}

/// Rejects the parameters that select members, as linked data has its own. Each comes with whether it was sent.
pub fn reject_selection(parameters: [(&str, bool); 3]) -> Result<(), ApiError> {
    let detail =
        "Linked data has its own members: omit this parameter, or ask for application/json.";
    let sent = parameters.into_iter().filter(|(_, is_sent)| *is_sent);
    let mistakes: Vec<Mistake> = sent
        .map(|(name, _)| Mistake::parameter(MistakeCode::DoesNotApply, name, detail))
        .collect();
    match mistakes.is_empty() {
        true => Ok(()),
        false => Err(ApiError::query(mistakes)),
    }
}

fn to_json<T: Serialize>(value: &T) -> Result<Vec<u8>, ApiError> {
    serde_json::to_vec(value).map_err(|e| ApiError::internal(&e))
}

/// The entity tag of one record: the revision, which a write compares, and a hash that distinguishes its
/// representations.
fn item_tag(revision: i64, body: &[u8]) -> String {
    format!("\"r{revision}.{:016x}\"", XxHash3_64::oneshot(body))
}

fn respond(
    body: Vec<u8>,
    media_type: &'static str,
    tag: &str,
    freshness: Freshness,
) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, media_type))
        .insert_header((header::ETAG, tag))
        .insert_header((header::CACHE_CONTROL, freshness.cache_control()));
    if freshness.validity.is_some() && !freshness.is_private {
        // the cache takes over here, and compresses the body once for all clients
        response.insert_header((header::CONTENT_ENCODING, "identity"));
        response.extensions_mut().insert(freshness);
    }
    response.body(body)
}

/// A record after a write: the body of the response and its entity tag.
#[derive(Clone, Debug)]
pub struct WrittenRecord {
    /// The body.
    pub body: String,
    /// The entity tag.
    pub tag: String,
}

impl WrittenRecord {
    /// Shows the whole record.
    pub fn new<T: Serialize>(record: &T, revision: i64) -> Result<Self, ApiError> {
        let body = serde_json::to_string(&Item { data: record });
        let body = body.map_err(|e| ApiError::internal(&e))?;
        let tag = item_tag(revision, body.as_bytes());
        Ok(Self { body, tag })
    }

    /// A member of the record that is a text, if it has it.
    pub fn text(&self, member: &str) -> Result<Option<String>, ApiError> {
        let body: Value = serde_json::from_str(&self.body).map_err(|e| ApiError::internal(&e))?;
        let text = body["data"][member].as_str();
        Ok(text.map(str::to_owned))
    }
}
