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
use actix_web::{Error, HttpMessage, HttpResponse, HttpResponseBuilder, ResponseError, web};
use futures_util::FutureExt;
use std::borrow::Cow;
use std::panic::AssertUnwindSafe;
use std::time::Instant;
use url::form_urlencoded;

use super::answer::Freshness;
use super::counters::Counters;
use super::error::{ApiError, Moved};
use super::problem::ProblemCode;
use super::{base_url, conditions};
use crate::http::coding::Coding;
use crate::platform::config::Config;
use crate::platform::mistakes::MistakeCode;

/// The header with the request's id: the one that the client sent, or a new one.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What the middleware needs of a request once its response is ready.
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

/// Marks an error response that is no problem document: OAuth errors have a format of their own.
pub struct OwnErrorFormat;

/// Marks an endless response: it passes through unchanged, chunk by chunk.
pub struct EndlessStream;

/// Marks a page that any site may show in a frame.
pub struct Framed;

/// The middleware. See the module documentation.
pub async fn envelope<B: MessageBody + 'static>(
    config: web::Data<Config>,
    counters: web::Data<Counters>,
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let id = request_id(request.headers());
    let context = RequestContext {
        id: id.to_str().unwrap_or_default().to_owned(),
        method: request.method().clone(),
        version: request.version(),
        path: request.path().to_owned(),
        query: request.query_string().to_owned(),
        base: base_url::of(config.public_url.as_deref(), request.head()),
        conditions: conditions::of(request.headers()),
        started: Instant::now(),
        counters,
    };
    let id = RequestId(context.id.clone());
    request.extensions_mut().insert(id);
    if context.method == Method::HEAD {
        // routing then needs no routes for HEAD; the connection still omits the body
        request.head_mut().method = Method::GET;
    }
    if let Err(refusal) = within_limits(&request, &config) {
        let response = finish(&context, refusal.error_response());
        return Ok(request.into_response(response));
    }
    let failure = match AssertUnwindSafe(next.call(request)).catch_unwind().await {
        Ok(Ok(response)) => {
            let (request, response) = response.map_into_boxed_body().into_parts();
            return Ok(ServiceResponse::new(request, finish(&context, response)));
        }
        Ok(Err(error)) => error.error_response(),
        Err(_panic) => ApiError::internal(&"a handler panicked").error_response(),
    };
    let response = finish(&context, failure);
    Err(InternalError::from_response("response built by the middleware", response).into())
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
    let target = request.uri().path_and_query();
    let (length, longest) = (
        target.map_or(0, |target| target.as_str().len()),
        config.max_url_length,
    );
    if length > longest {
        let detail = format!("The URL has {length} bytes; the maximum is {longest}.");
        return Err(ApiError::new(ProblemCode::UriTooLong, detail));
    }
    let declared = request.headers().get(header::CONTENT_LENGTH);
    let declared = declared.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let limit = match request.path() {
        "/v1/batch" => config.max_batch_bytes,
        _ => config.max_body_bytes,
    };
    if declared.is_some_and(|length| length > limit) {
        return Err(ApiError::body_too_large(limit));
    }
    if Coding::accepted(request).is_none() {
        let detail = "The request accepts none of the supported content codings.";
        return Err(ApiError::new(ProblemCode::NotAcceptable, detail));
    }
    match percent_encoding::percent_decode_str(request.uri().path()).decode_utf8() {
        Ok(path) if !path.chars().any(char::is_control) => Ok(()),
        _ => {
            let detail = "The path is not UTF-8 or contains control characters.";
            Err(ApiError::new(ProblemCode::InvalidPath, detail))
        }
    }
}

fn finish(context: &RequestContext, response: HttpResponse) -> HttpResponse {
    let has_own_format = response.extensions().get::<OwnErrorFormat>().is_some();
    let mut response = match response.status().as_u16() {
        400.. if !has_own_format => as_problem(context, response),
        _ => response,
    };
    if response.extensions().get::<EndlessStream>().is_some() {
        response.headers_mut().remove(header::CONTENT_ENCODING);
    }
    tag_the_coding(&mut response);
    // a cached response serves all clients: the cache evaluates conditional requests itself
    let is_kept = response.extensions().get::<Freshness>().is_some();
    let tag = response.headers().get(header::ETAG);
    if response.status() == StatusCode::OK
        && !is_kept
        && conditions::is_current(&context.conditions, tag, None)
    {
        response = not_modified(&response);
    }
    common_headers(context, &mut response);
    if context.method == Method::HEAD && response.body().size() == BodySize::Stream {
        // the body would be generated only to be discarded, however long it is
        response = response.set_body(BoxBody::new(body::None::new()));
    }
    if context.version < Version::HTTP_11 && response.body().size() == BodySize::Stream {
        // HTTP/1.0 has no chunks: there the end of the connection ends a body of unknown length
        let head = response.head_mut();
        head.no_chunking(true);
        head.set_connection_type(ConnectionType::Close);
    }
    let (status, elapsed) = (response.status().as_u16(), context.started.elapsed());
    context.counters.count_request(status, elapsed);
    tracing::info!(
        method = context.method.as_str(),
        path = context.path,
        status,
        elapsed_ms = elapsed.as_millis() as u64,
        request_id = context.id,
        "request"
    );
    response
}

/// Renders a failure as a problem document: our errors as they are, the framework's by their status.
fn as_problem(context: &RequestContext, response: HttpResponse) -> HttpResponse {
    let error = response.extensions().get::<ApiError>().cloned();
    let mut error = error.unwrap_or_else(|| {
        let code = ProblemCode::for_status(response.status().as_u16());
        ApiError::new(code, code.help())
    });
    if let Some(moved) = error.moved.as_deref() {
        match &moved.parameter {
            // a cursor belongs to the filters that it was issued for
            Some(parameter) if context.query.contains("cursor=") => {
                let detail = format!("It is called '{}' now: begin the list anew.", moved.new);
                error = ApiError::parameter(MistakeCode::UnknownReference, parameter, detail);
            }
            _ => return redirect(context, moved),
        }
    }
    let request_id = context.id.as_str();
    if let Some(cause) = &error.cause {
        tracing::error!(request_id, cause = &**cause, "request failed");
    }
    let kept = [
        header::ALLOW,
        header::RETRY_AFTER,
        header::VARY,
        header::WWW_AUTHENTICATE,
    ];
    let mut problem = with_headers_of(&response, error.status_code(), kept);
    problem.insert_header((header::CACHE_CONTROL, "no-store"));
    let document = error.into_document(&context.base, &context.path, request_id);
    let body = serde_json::to_vec(&document).unwrap_or_default();
    problem.content_type("application/problem+json").body(body)
}

/// A response with this status and some headers of another response.
fn with_headers_of(
    response: &HttpResponse,
    status: StatusCode,
    kept: [HeaderName; 4],
) -> HttpResponseBuilder {
    let mut builder = HttpResponse::build(status);
    for name in kept {
        if let Some(value) = response.headers().get(&name) {
            builder.insert_header((name, value.clone()));
        }
    }
    builder
}

/// The segment of a path that names a record: `/v1/articles/{id}`.
const SLUG_PLACE: usize = 3;

/// Redirects to the same path and query under the record's new slug.
fn redirect(context: &RequestContext, moved: &Moved) -> HttpResponse {
    let mut segments: Vec<&str> = context.path.split('/').collect();
    // `/v1/articles/history/history`: other segments may be the same word
    if let Some(slug) = segments
        .get_mut(SLUG_PLACE)
        .filter(|segment| moved.parameter.is_none() && **segment == moved.old)
    {
        *slug = &moved.new;
    }
    let path = segments.join("/");
    let base = &context.base;
    let query = match &moved.parameter {
        Some(parameter) => renamed(&context.query, parameter, moved),
        None => context.query.clone(),
    };
    let separator = if query.is_empty() { "" } else { "?" };
    HttpResponse::PermanentRedirect()
        .insert_header((header::LOCATION, format!("{base}{path}{separator}{query}")))
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .finish()
}

/// The query with the record's new slug in a parameter.
fn renamed(query: &str, parameter: &str, moved: &Moved) -> String {
    let pairs = form_urlencoded::parse(query.as_bytes()).map(|(name, value)| {
        let is_old = name == parameter && value == moved.old.as_str();
        (
            name,
            if is_old {
                Cow::Borrowed(moved.new.as_str())
            } else {
                value
            },
        )
    });
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

/// A strong entity tag differs for each content coding (RFC 9110, 8.8.3.3).
fn tag_the_coding(response: &mut HttpResponse) {
    let headers = response.headers_mut();
    let coding = headers.get(header::CONTENT_ENCODING);
    let coding = coding.and_then(|coding| coding.to_str().ok());
    let coding = coding.filter(|coding| *coding != "identity");
    if let (Some(coding), Some(tag)) = (coding, headers.get(header::ETAG)) {
        let tag = conditions::coded_tag(tag, coding);
        headers.insert(header::ETAG, tag);
    }
}

fn not_modified(response: &HttpResponse) -> HttpResponse {
    let kept = [
        header::ETAG,
        header::CACHE_CONTROL,
        header::VARY,
        header::LINK,
    ];
    with_headers_of(response, StatusCode::NOT_MODIFIED, kept).finish()
}

/// Adds the headers common to all responses. The pages set their own content security policy.
fn common_headers(context: &RequestContext, response: &mut HttpResponse) {
    let is_framed = response.extensions().get::<Framed>().is_some();
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&context.id) {
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
        (header::CROSS_ORIGIN_RESOURCE_POLICY, "cross-origin"),
        // open data: any page may read it; no credentials are ever used
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            "Content-Disposition, ETag, Idempotency-Replayed, Link, Location, Retry-After, Sanitised, WWW-Authenticate, X-Request-Id",
        ),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in fixed {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if is_framed {
        headers.remove(header::X_FRAME_OPTIONS);
    }
    if context.base.starts_with("https://") {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
    }
}
