//! Successful responses: the JSON body, its entity tag, how long caches may keep it, and its links.

use actix_web::HttpResponse;
use actix_web::http::header::{self, HeaderValue};
use chrono::NaiveDateTime;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::error::ApiError;
use super::page::Page;
use super::problem::Mistake;
use crate::log::validity::Validity;
use crate::log::{Dependencies, Resource};

/// How long a cache may use a response without revalidating it, in seconds.
const MAX_AGE: i64 = 30;
/// The same for shared caches.
const SHARED_MAX_AGE: i64 = 60;
/// How long a cache may serve a stale response while it revalidates it, in seconds.
const STALE_WHILE_REVALIDATE: i64 = 300;

/// How long this server caches a response at most, in seconds. Only the time when a linked page was last visited is
/// known to depend on it, as that is not in the log.
pub const LONGEST: i64 = 60;

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

/// What a response depends on and how long it stays valid.
#[derive(Clone, Debug)]
pub struct Freshness {
    /// When it was read.
    pub now: NaiveDateTime,
    /// The end of the log and the scheduled moments that the read found; `None` if the past was read or a token was
    /// sent: such a response is not cached.
    pub moments: Option<Validity>,
    /// Which changes invalidate the response.
    pub basis: Dependencies,
    /// Whether a token was required or sent: shared caches must not store the response then.
    pub is_private: bool,
}

impl Freshness {
    /// `Cache-Control`: the response never outlives the next scheduled moment.
    pub fn cache_control(&self) -> String {
        if self.is_private {
            return "private, no-store".to_owned();
        }
        self.shared_control(self.now)
    }

    /// `Cache-Control` for a response that is sent later, if it differs then.
    pub fn cache_control_later(&self, now: NaiveDateTime) -> Option<String> {
        let until = self.moments.and_then(|moments| moments.until)?;
        let is_near = (until - now).num_seconds() < SHARED_MAX_AGE + STALE_WHILE_REVALIDATE;
        is_near.then(|| self.shared_control(now))
    }

    /// For how many seconds a copy of the content may be shown elsewhere, however long this server cached the response
    /// before sending it.
    pub fn cache_age(&self) -> i64 {
        let until = self.moments.and_then(|moments| moments.until);
        let left = until.map(|until| (until - self.now).num_seconds() - LONGEST);
        match self.is_private {
            true => 0,
            false => left.unwrap_or(SHARED_MAX_AGE).clamp(0, SHARED_MAX_AGE),
        }
    }

    fn shared_control(&self, now: NaiveDateTime) -> String {
        let until = self.moments.and_then(|moments| moments.until);
        let left = until.map(|until| (until - now).num_seconds().max(0));
        match left {
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

impl Freshness {
    /// The same for a response that neither shows this resource nor depends on it.
    pub fn without(mut self, resource: Resource) -> Self {
        self.basis = self.basis.without(resource);
        self
    }

    /// The same for a response with this basis.
    pub fn from(mut self, basis: Dependencies) -> Self {
        self.basis = basis;
        self
    }
}

/// Responds with one record. `fields` names the members to keep; empty keeps all.
pub fn item<T: Serialize>(
    record: &T,
    revision: i64,
    fields: &[&str],
    freshness: Freshness,
) -> Result<HttpResponse, ApiError> {
    let body = if fields.is_empty() {
        serde_json::to_vec(&Borrowed { data: record })
    } else {
        select(record, fields).and_then(|data| serde_json::to_vec(&Borrowed { data: &data }))
    }
    .map_err(|e| ApiError::internal(&e))?;
    let tag = item_tag(revision, &body);
    finish(body, &tag, freshness, None)
}

/// Responds with bytes of a media type.
pub fn text(
    body: Vec<u8>,
    media_type: &'static str,
    freshness: Freshness,
) -> Result<HttpResponse, ApiError> {
    let tag = body_tag(&body);
    let mut response = finish(body, &tag, freshness, None)?;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    Ok(response)
}

/// Responds with one page of records as bytes of a media type.
pub fn text_page(
    body: Vec<u8>,
    media_type: &'static str,
    page: &Page,
    freshness: Freshness,
) -> Result<HttpResponse, ApiError> {
    let mut response = text(body, media_type, freshness)?;
    if let Some(links) = link_header(page).and_then(|links| HeaderValue::from_str(&links).ok()) {
        response.headers_mut().insert(header::LINK, links);
    }
    Ok(response)
}

/// Responds with bytes of a media type that was negotiated by `Accept`.
pub fn chosen(
    body: Vec<u8>,
    media_type: &'static str,
    freshness: Freshness,
) -> Result<HttpResponse, ApiError> {
    Ok(by_accept(text(body, media_type, freshness)?))
}

/// Marks a response as varying with `Accept`.
pub fn by_accept(mut response: HttpResponse) -> HttpResponse {
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("Accept"));
    response
}

/// Responds with one record as linked data, for requests whose `Accept` asks for it.
pub fn linked_data<T: Serialize>(
    record: &T,
    revision: i64,
    freshness: Freshness,
) -> Result<HttpResponse, ApiError> {
    let body = serde_json::to_vec(record).map_err(|e| ApiError::internal(&e))?;
    let tag = item_tag(revision, &body);
    let mut response = finish(body, &tag, freshness, None)?;
    let headers = response.headers_mut();
    let media_type = HeaderValue::from_static("application/ld+json");
    headers.insert(header::CONTENT_TYPE, media_type);
    Ok(by_accept(response))
}

/// Rejects the parameters that select members, as linked data has its own. `asked` says of each whether it was sent.
pub fn no_selection(asked: [(&str, bool); 2]) -> Result<(), ApiError> {
    let mistakes: Vec<Mistake> = asked
        .into_iter()
        .filter(|(_, is_sent)| *is_sent)
        .map(|(name, _)| {
            let detail =
                "Linked data has its own members: omit this parameter, or ask for application/json.";
            Mistake::parameter("invalid_value", name, detail)
        })
        .collect();
    match mistakes.is_empty() {
        true => Ok(()),
        false => Err(ApiError::query(mistakes)),
    }
}

/// The entity tag of anything other than a single record.
fn body_tag(body: &[u8]) -> String {
    format!("\"{:016x}\"", twox_hash::XxHash3_64::oneshot(body))
}

/// The entity tag of one record: the revision, which a write compares, and a hash that distinguishes its
/// representations.
fn item_tag(revision: i64, body: &[u8]) -> String {
    format!(
        "\"r{revision}.{:016x}\"",
        twox_hash::XxHash3_64::oneshot(body)
    )
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
        let body = serde_json::to_string(&Borrowed { data: record })
            .map_err(|e| ApiError::internal(&e))?;
        let tag = item_tag(revision, body.as_bytes());
        Ok(Self { body, tag })
    }
}

/// Responds with one page of records, in a body with further facts about the list.
pub fn list_with<T: Serialize>(
    body: &T,
    page: &Page,
    freshness: Freshness,
) -> Result<HttpResponse, ApiError> {
    let body = serde_json::to_vec(body).map_err(|e| ApiError::internal(&e))?;
    let tag = body_tag(&body);
    finish(body, &tag, freshness, link_header(page))
}

/// Responds with one page of records. `fields` names the members to keep; empty keeps all.
pub fn list<T: Serialize>(
    records: Vec<T>,
    page: Page,
    fields: &[&str],
    freshness: Freshness,
) -> Result<HttpResponse, ApiError> {
    let links = link_header(&page);
    let body = if fields.is_empty() {
        serde_json::to_vec(&List {
            data: records,
            page,
        })
    } else {
        let data = records
            .iter()
            .map(|record| select(record, fields))
            .collect::<Result<Vec<_>, _>>();
        data.and_then(|data| serde_json::to_vec(&List { data, page }))
    }
    .map_err(|e| ApiError::internal(&e))?;
    let tag = body_tag(&body);
    finish(body, &tag, freshness, links)
}

#[derive(Serialize)]
struct Borrowed<'a, T> {
    data: &'a T,
}

/// The record with only the named members: it is serialised once, and they are cut out of the text.
pub fn select<T: Serialize>(record: &T, fields: &[&str]) -> serde_json::Result<Box<RawValue>> {
    let text = serde_json::to_string(record)?;
    let members: Members<'_> = serde_json::from_str(&text)?;
    let kept = members.0.iter().filter(|(name, _)| fields.contains(name));
    let mut selection = String::with_capacity(text.len());
    for (name, value) in kept {
        selection.push(if selection.is_empty() { '{' } else { ',' });
        selection.extend(["\"", name, "\":", value.get()]);
    }
    selection.push_str(if selection.is_empty() { "{}" } else { "}" });
    RawValue::from_string(selection)
}

/// The members of an object, in order and unparsed. Their names are Rust identifiers, so none contains an escape.
struct Members<'a>(Vec<(&'a str, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::with_capacity(32);
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Read)
    }
}

fn link_header(page: &Page) -> Option<String> {
    let relation =
        |url: &Option<String>, name| url.as_ref().map(|url| format!("<{url}>; rel=\"{name}\""));
    let links: Vec<String> = [relation(&page.next, "next"), relation(&page.prev, "prev")]
        .into_iter()
        .flatten()
        .collect();
    (!links.is_empty()).then(|| links.join(", "))
}

fn finish(
    body: Vec<u8>,
    tag: &str,
    freshness: Freshness,
    links: Option<String>,
) -> Result<HttpResponse, ApiError> {
    let mut response = HttpResponse::Ok();
    response
        .insert_header((
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        ))
        .insert_header((header::ETAG, tag))
        .insert_header((header::CACHE_CONTROL, freshness.cache_control()));
    if let Some(links) = links {
        response.insert_header((header::LINK, links));
    }
    if freshness.moments.is_some() && !freshness.is_private {
        // the cache takes over here, and compresses the body once for all clients
        response.insert_header((header::CONTENT_ENCODING, "identity"));
        response.extensions_mut().insert(freshness);
    }
    Ok(response.body(body))
}
