//! A cached response: its headers, and its body in each content coding, encoded once.

use actix_http::body::{BoxBody, MessageBody};
use actix_http::{Response, StatusCode};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::web::Bytes;
use chrono::{NaiveDateTime, SubsecRound, TimeDelta};
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::sync::OnceCell;

use crate::http::answer::{Freshness, MAX_CACHED_SECONDS};
use crate::http::coding::Coding;
use crate::http::conditions;
use crate::http::envelope::REQUEST_ID;
use crate::log::tail::Tail;

/// For CDNs that purge by tag.
const CACHE_TAG: HeaderName = HeaderName::from_static("cache-tag");
/// The approximate memory that headers take, in bytes.
const HEADERS: usize = 6_144;

/// The response in one content coding.
#[derive(Debug)]
struct Coded {
    headers: HeaderMap,
    /// The headers of a 304, without any that describe a body (RFC 9110, 15.4.5).
    not_modified: HeaderMap,
    body: Bytes,
}

/// The response to one normalised request.
#[derive(Debug)]
pub struct CachedResponse {
    freshness: Freshness,
    last_modified: Option<NaiveDateTime>,
    /// The epoch of the log before it was read.
    epoch: i64,
    /// The position in the log up to which no entry concerns the response.
    position: AtomicI64,
    identity: Coded,
    /// The other codings, once requested; `None` where encoding does not make the body smaller.
    others: [OnceCell<Option<Coded>>; 3],
}

impl CachedResponse {
    /// Splits a handler's response into its parts, or returns it unchanged if it must not be cached. Also returns the
    /// id of the request that it was made for. `epoch` is that of the log before the handler read it.
    pub fn new(
        response: Response<BoxBody>,
        tail: &Tail,
        epoch: i64,
    ) -> Result<(Self, Option<HeaderValue>), Response<BoxBody>> {
        let freshness = response.extensions().get::<Freshness>().cloned();
        let Some((freshness, validity)) = freshness.and_then(|f| f.validity.map(|v| (f, v))) else {
            return Err(response);
        };
        let (response, body) = response.into_parts();
        let body = match body.try_into_bytes() {
            Ok(body) => body,
            Err(body) => return Err(response.set_body(body)),
        };
        let mut headers = response.headers().clone();
        let request_id = headers.remove(REQUEST_ID).next();
        headers.remove(header::CONTENT_ENCODING);
        let vary = headers.get(header::VARY).map(HeaderValue::to_str);
        let vary = match vary {
            Some(Ok(vary)) => HeaderValue::from_str(&format!("{vary}, Accept-Encoding")).ok(),
            _ => Some(HeaderValue::from_static("Accept-Encoding")),
        };
        set(&mut headers, header::VARY, vary);
        let tags = HeaderValue::from_str(&freshness.dependencies.tags()).ok();
        set(&mut headers, CACHE_TAG, tags);
        let since = tail.since(validity.position, freshness.now);
        let since = since.map_or(validity.since, |since| since.max(validity.since));
        let last_modified = whole_second(since, freshness.now);
        let date = last_modified.and_then(conditions::date_value);
        set(&mut headers, header::LAST_MODIFIED, date);
        let response = Self {
            identity: Coded::new(headers, body, Coding::Identity),
            epoch,
            position: AtomicI64::new(validity.position),
            freshness,
            last_modified,
            others: Default::default(),
        };
        Ok((response, request_id))
    }

    /// Whether the response is still valid at `position` of the log and at `now`.
    pub fn holds(&self, tail: &Tail, position: i64, now: NaiveDateTime) -> bool {
        // a position of another epoch may be beyond the end of the log
        if self.epoch != tail.epoch() || tail.followed().is_some_and(|end| position > end) {
            return false;
        }
        let age = now - self.freshness.now;
        let until = self.freshness.validity.and_then(|validity| validity.until);
        let is_expired = age < TimeDelta::zero() || age >= TimeDelta::seconds(MAX_CACHED_SECONDS);
        if is_expired || until.is_some_and(|until| until <= now) {
            return false;
        }
        let known = self.position.load(Ordering::Acquire);
        if known >= position {
            return true;
        }
        if tail.concerns(known, position, &self.freshness.dependencies) {
            return false;
        }
        self.position.fetch_max(position, Ordering::AcqRel);
        true
    }

    /// Whether the body is available in this coding.
    pub fn has(&self, coding: Coding) -> bool {
        self.other(coding).is_none_or(|cell| cell.initialized())
    }

    /// Encodes the body in this coding, once, on a blocking thread.
    pub async fn make(&self, coding: Coding) {
        let Some(cell) = self.other(coding) else {
            return;
        };
        cell.get_or_init(|| async {
            let body = self.identity.body.clone();
            let encoded = actix_web::web::block(move || coding.encode(&body)).await;
            let encoded = encoded.ok()?.ok()?;
            if encoded.len() >= self.identity.body.len() {
                return None;
            }
            let headers = self.identity.headers.clone();
            Some(Coded::new(headers, encoded.into(), coding))
        })
        .await;
    }

    /// The response to a request.
    pub fn respond(
        &self,
        coding: Coding,
        request: &HeaderMap,
        now: NaiveDateTime,
        request_id: HeaderValue,
    ) -> Response<BoxBody> {
        let other = self.other(coding).and_then(|cell| cell.get());
        let coded = other.and_then(Option::as_ref).unwrap_or(&self.identity);
        let tag = coded.headers.get(header::ETAG);
        let (status, headers, body) = match conditions::is_current(request, tag, self.last_modified)
        {
            true => (StatusCode::NOT_MODIFIED, &coded.not_modified, Bytes::new()),
            false => (StatusCode::OK, &coded.headers, coded.body.clone()),
        };
        let mut response = Response::with_body(status, BoxBody::new(body));
        *response.headers_mut() = headers.clone();
        let headers = response.headers_mut();
        headers.insert(REQUEST_ID, request_id);
        if let Some(control) = self.freshness.cache_control_later(now)
            && let Ok(control) = HeaderValue::from_str(&control)
        {
            headers.insert(header::CACHE_CONTROL, control);
        }
        response
    }

    /// The memory it takes, in bytes.
    pub fn bytes(&self) -> u64 {
        let others = self.others.iter().filter_map(OnceCell::get).flatten();
        let size = |coded: &Coded| (coded.body.len() + HEADERS) as u64;
        let dependencies = self.freshness.dependencies.bytes();
        size(&self.identity) + others.map(size).sum::<u64>() + dependencies
    }

    fn other(&self, coding: Coding) -> Option<&OnceCell<Option<Coded>>> {
        match coding {
            Coding::Identity => None,
            Coding::Brotli => self.others.first(),
            Coding::Gzip => self.others.get(1),
            Coding::Zstd => self.others.get(2),
        }
    }
}

impl Coded {
    fn new(mut headers: HeaderMap, body: Bytes, coding: Coding) -> Self {
        if coding != Coding::Identity {
            let encoding = HeaderValue::from_static(coding.name());
            headers.insert(header::CONTENT_ENCODING, encoding);
            let tag = headers.get(header::ETAG);
            let tag = tag.map(|tag| conditions::coded_tag(tag, coding.name()));
            set(&mut headers, header::ETAG, tag);
        }
        let mut not_modified = HeaderMap::new();
        for name in [
            header::ETAG,
            header::CACHE_CONTROL,
            header::VARY,
            header::ACCESS_CONTROL_ALLOW_ORIGIN,
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
        ] {
            set(&mut not_modified, name.clone(), headers.get(&name).cloned());
        }
        Self {
            headers,
            not_modified,
            body,
        }
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: Option<HeaderValue>) {
    if let Some(value) = value {
        headers.insert(name, value);
    }
}

/// `Last-Modified` has a resolution of a second, so it is omitted during the second of a change, in which more may
/// follow.
fn whole_second(at: NaiveDateTime, now: NaiveDateTime) -> Option<NaiveDateTime> {
    let second = at.trunc_subsecs(0);
    (second < now.trunc_subsecs(0)).then_some(second)
}
