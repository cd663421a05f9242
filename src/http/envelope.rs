//! The outermost middleware: it sees every request first and every response last.
//!
//! It rejects requests that are too large or malformed, assigns the request id, treats `HEAD` as `GET`, turns every
//! failure into a problem document (panics and the framework's own errors too), responds with 304 if the client's copy
//! is current, adds the headers common to all responses, and logs.

use actix_web::body::{self, BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, Method, StatusCode, Version};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, web};
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use super::answer::Freshness;
use super::counters::Counters;
use super::error::ApiError;
use super::problem::{self, Kind, Problem};
use super::{base_url, conditions};
use crate::http::coding::Coding;
use crate::platform::config::Config;

/// The header with the request's id: the one that the client sent, or a new one.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What the middleware remembers of a request until its response is ready.
struct RequestContext {
    counters: web::Data<Counters>,
    id: String,
    method: Method,
    version: Version,
    path: String,
    query: String,
    base: String,
    conditions: HeaderMap,
    started: Instant,
}

/// The id of the current request, for handlers and for the change log.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Marks an error response that already has its final format: OAuth errors have their own.
pub struct Settled;

/// Marks an endless response: it passes through unchanged, chunk by chunk.
pub struct Endless;

/// The middleware. See the module documentation.
pub async fn envelope<B: MessageBody + 'static>(
    config: web::Data<Config>,
    counters: web::Data<Counters>,
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let asked = RequestContext::new(&request, &config, counters);
    request.extensions_mut().insert(RequestId(asked.id.clone()));
    if asked.method == Method::HEAD {
        // routing then needs no routes for HEAD; the connection still omits the body
        request.head_mut().method = Method::GET;
    }
    if let Err(refusal) = within_limits(&request, &config) {
        let response = refusal.error_response_boxed();
        return Ok(request.into_response(finish(&asked, response)));
    }
    match AssertUnwindSafe(next.call(request)).catch_unwind().await {
        Ok(Ok(response)) => {
            let (request, response) = response.into_parts();
            Ok(ServiceResponse::new(
                request,
                finish(&asked, response.map_into_boxed_body()),
            ))
        }
        Ok(Err(error)) => Err(in_error(finish(&asked, error.error_response()))),
        Err(_panic) => {
            let error = ApiError::internal(&"a handler panicked");
            Err(in_error(finish(&asked, error.error_response_boxed())))
        }
    }
}

fn in_error(response: HttpResponse) -> Error {
    InternalError::from_response("response built by the middleware", response).into()
}

impl ApiError {
    fn error_response_boxed(&self) -> HttpResponse {
        actix_web::ResponseError::error_response(self)
    }
}

impl RequestContext {
    fn new(request: &ServiceRequest, config: &Config, counters: web::Data<Counters>) -> Self {
        let id = request_id(request.headers());
        let id = id.to_str().map(str::to_owned).unwrap_or_default();
        Self {
            id,
            method: request.method().clone(),
            version: request.version(),
            path: request.path().to_owned(),
            query: request.query_string().to_owned(),
            base: base_url::of(config.public_url.as_deref(), request.headers()),
            conditions: conditions::of(request.headers()),
            started: Instant::now(),
            counters,
        }
    }
}

/// The request id that the client sent, if it has only plain characters, or a new one.
pub fn request_id(headers: &HeaderMap) -> HeaderValue {
    let is_plain = |id: &&HeaderValue| {
        let plain = |b: &u8| b.is_ascii_alphanumeric() || b"-_.:".contains(b);
        (1..=100).contains(&id.len()) && id.as_bytes().iter().all(plain)
    };
    let given = headers.get(REQUEST_ID).filter(is_plain);
    given.cloned().unwrap_or_else(|| {
        let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
        let id = uuid::Uuid::now_v7().hyphenated().encode_lower(&mut text);
        HeaderValue::from_str(id).unwrap_or(HeaderValue::from_static("-"))
    })
}

/// Rejects a request that is too large, whose path is not valid text, or that accepts no supported content coding.
fn within_limits(request: &ServiceRequest, config: &Config) -> Result<(), ApiError> {
    let length = request
        .uri()
        .path_and_query()
        .map_or(0, |path| path.as_str().len());
    if length > config.max_url_length {
        let detail = format!(
            "The URL has {length} bytes; the maximum is {}.",
            config.max_url_length
        );
        return Err(ApiError::new(&problem::URI_TOO_LONG, detail));
    }
    let declared = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok());
    let limit = match request.path() {
        "/v1/batch" => config.max_batch_bytes,
        _ => config.max_body_bytes,
    };
    if declared
        .and_then(|length| length.parse::<u64>().ok())
        .is_some_and(|length| length > limit)
    {
        let detail = format!("The body may have at most {limit} bytes.");
        return Err(ApiError::new(&problem::PAYLOAD_TOO_LARGE, detail));
    }
    if Coding::accepted(request).is_none() {
        let detail = "The request accepts none of the supported content codings.";
        return Err(ApiError::new(&problem::NOT_ACCEPTABLE, detail));
    }
    let path = percent_encoding::percent_decode_str(request.uri().path()).decode_utf8();
    match path {
        Ok(path) if !path.chars().any(char::is_control) => Ok(()),
        _ => Err(ApiError::new(
            &problem::INVALID_PATH,
            "The path is not UTF-8 or contains control characters.",
        )),
    }
}

fn finish(asked: &RequestContext, response: HttpResponse) -> HttpResponse {
    let is_settled = response.extensions().get::<Settled>().is_some();
    let mut response = match response.status().as_u16() {
        400.. if !is_settled => as_problem(asked, response),
        _ => response,
    };
    if response.extensions().get::<Endless>().is_some() {
        response.headers_mut().remove(header::CONTENT_ENCODING);
        if asked.method == Method::HEAD {
            response = response.set_body(BoxBody::new(())); // it could never be read to its end
        }
    }
    tag_the_coding(&mut response);
    // a cached response serves all clients: the cache evaluates conditional requests itself
    let is_kept = response.extensions().get::<Freshness>().is_some();
    if response.status() == StatusCode::OK && !is_kept && is_current(asked, &response) {
        response = not_modified(response);
    }
    common_headers(asked, &mut response);
    if asked.method == Method::HEAD && response.body().size() == BodySize::Stream {
        // the body would be generated only to be discarded, however long it is
        response = response.set_body(BoxBody::new(body::None::new()));
    }
    if asked.version < Version::HTTP_11 && response.body().size() == BodySize::Stream {
        // HTTP/1.0 has no chunks: there the end of the connection ends a body of unknown length
        response.head_mut().no_chunking(true);
        response
            .head_mut()
            .set_connection_type(ConnectionType::Close);
    }
    let elapsed = asked.started.elapsed();
    asked.counters.answered(response.status().as_u16(), elapsed);
    let elapsed_ms = elapsed.as_millis() as u64;
    let (method, path, status) = (
        asked.method.as_str(),
        asked.path.as_str(),
        response.status().as_u16(),
    );
    tracing::info!(
        method,
        path,
        status,
        elapsed_ms,
        request_id = asked.id.as_str(),
        "request"
    );
    response
}

/// Renders a failure as a problem document: our errors as they are, the framework's by their status.
fn as_problem(asked: &RequestContext, response: HttpResponse) -> HttpResponse {
    let error = response.extensions().get::<ApiError>().cloned();
    if let Some((old, new)) = error.as_ref().and_then(|error| error.moved.as_deref()) {
        return moved(asked, old, new);
    }
    let error = error.unwrap_or_else(|| {
        let kind = Kind::for_status(response.status());
        ApiError::new(kind, kind.help)
    });
    if let Some(cause) = &error.cause {
        let request_id = asked.id.as_str();
        tracing::error!(request_id, cause = &**cause, "request failed");
    }
    let document = Problem {
        kind: format!("{}/problems/{}", asked.base, error.kind.slug),
        title: error.kind.title.to_owned(),
        status: error.kind.status,
        detail: error.detail,
        instance: asked.path.clone(),
        code: error.kind.slug.to_owned(),
        request_id: asked.id.clone(),
        errors: error.mistakes,
    };
    let mut answer = HttpResponse::build(error.kind.status());
    let kept = [
        header::ALLOW,
        header::RETRY_AFTER,
        header::VARY,
        header::WWW_AUTHENTICATE,
    ];
    for name in kept {
        if let Some(value) = response.headers().get(&name) {
            answer.insert_header((name, value.clone()));
        }
    }
    answer.insert_header((header::CACHE_CONTROL, "no-store"));
    let body = serde_json::to_vec(&document).unwrap_or_default();
    answer.content_type("application/problem+json").body(body)
}

/// Redirects to the same path and query under the record's new slug.
fn moved(asked: &RequestContext, old: &str, new: &str) -> HttpResponse {
    let segments: Vec<&str> = asked
        .path
        .split('/')
        .map(|part| if part == old { new } else { part })
        .collect();
    let question = if asked.query.is_empty() { "" } else { "?" };
    let location = format!(
        "{}{}{question}{}",
        asked.base,
        segments.join("/"),
        asked.query
    );
    HttpResponse::PermanentRedirect()
        .insert_header((header::LOCATION, location))
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .finish()
}

/// A strong entity tag differs for each content coding (RFC 9110, 8.8.3.3).
fn tag_the_coding(response: &mut HttpResponse) {
    let headers = response.headers();
    let coding = headers.get(header::CONTENT_ENCODING);
    let coding = coding.and_then(|coding| coding.to_str().ok());
    if let (Some(coding), Some(tag)) = (
        coding.filter(|coding| *coding != "identity"),
        headers.get(header::ETAG),
    ) {
        let tag = conditions::coded_tag(tag, coding);
        response.headers_mut().insert(header::ETAG, tag);
    }
}

fn is_current(asked: &RequestContext, response: &HttpResponse) -> bool {
    let tag = response.headers().get(header::ETAG);
    conditions::is_current(&asked.conditions, tag, None)
}

fn not_modified(mut response: HttpResponse) -> HttpResponse {
    let mut answer = HttpResponse::NotModified();
    let kept = [
        header::ETAG,
        header::CACHE_CONTROL,
        header::VARY,
        header::LINK,
    ];
    for name in kept {
        if let Some(value) = response.headers_mut().remove(&name).next() {
            answer.insert_header((name, value));
        }
    }
    answer.finish()
}

/// Adds the headers common to all responses. The docs page sets its own content security policy.
fn common_headers(asked: &RequestContext, response: &mut HttpResponse) {
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&asked.id) {
        headers.insert(REQUEST_ID, id);
    }
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "cross-origin",
        ),
        // open data: any page may read it; no credentials are ever used
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            "Content-Disposition, ETag, Idempotency-Replayed, Link, Location, Retry-After, WWW-Authenticate, X-Request-Id",
        ),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in fixed {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if asked.base.starts_with("https://") {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
    }
}
