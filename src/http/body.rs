//! Strict parsing of the bodies of writes.

use actix_web::dev::Payload;
use actix_web::http::{Method, header};
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::http::error::ApiError;
use crate::http::problem::ProblemCode;
use crate::platform::config::Config;
use crate::platform::mistakes::{MistakeCode, coded};
use crate::platform::wording;

/// The maximum nesting depth of JSON.
const MAX_DEPTH: usize = 64;

/// A JSON object, with the raw body.
#[derive(Debug)]
pub struct Body {
    /// The members.
    pub members: Map<String, Value>,
    /// The raw body.
    pub bytes: Vec<u8>,
}

/// Several documents, one per line, with the raw body.
#[derive(Debug)]
pub struct Lines {
    /// One document per line.
    pub lines: Vec<String>,
    /// The raw body.
    pub bytes: Vec<u8>,
}

impl FromRequest for Body {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let media_types = ["application/json", "application/merge-patch+json"];
            let bytes = read(payload, config(&request)?.max_body_bytes).await?;
            let is_action = request.method() == Method::POST;
            let is_typed = request.headers().contains_key(header::CONTENT_TYPE);
            if is_action && bytes.is_empty() && !is_typed {
                // an action that needs nothing is asked for without a body
                let members = Map::new();
                return Ok(Self { members, bytes });
            }
            check_media_type(&request, media_types)?;
            match parse(&bytes)? {
                Value::Object(members) => Ok(Self { members, bytes }),
                _ => Err(invalid("Expected a JSON object.")),
            }
        })
    }
}

impl FromRequest for Lines {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let media_types = ["application/json", "application/x-ndjson"];
            let media_type = check_media_type(&request, media_types)?;
            let bytes = read(payload, config(&request)?.max_batch_bytes).await?;
            let lines = if media_type == "application/json" {
                let Value::Array(documents) = parse(&bytes)? else {
                    return Err(invalid("Expected a JSON array of documents."));
                };
                documents.iter().map(Value::to_string).collect()
            } else {
                let lines = utf8(&bytes)?.lines().map(str::trim);
                lines
                    .filter(|line| !line.is_empty())
                    .map(str::to_owned)
                    .collect()
            };
            Ok(Self { lines, bytes })
        })
    }
}

fn config(request: &HttpRequest) -> Result<&Config, ApiError> {
    let config = request.app_data::<web::Data<Config>>();
    config
        .map(|config| &***config)
        .ok_or_else(|| ApiError::internal(&"no settings in the application data"))
}

/// The media type of the body, if it is one of these.
fn check_media_type(
    request: &HttpRequest,
    known: [&'static str; 2],
) -> Result<&'static str, ApiError> {
    let sent = request.content_type().to_ascii_lowercase();
    let coding = request.headers().get(header::CONTENT_ENCODING);
    let is_plain = coding.is_none_or(|coding| coding == "identity");
    let found = known.into_iter().find(|known| is_plain && *known == sent);
    found.ok_or_else(|| {
        let detail = format!("Send {}, without a content coding.", known.join(" or "));
        ApiError::new(ProblemCode::UnsupportedMediaType, detail)
    })
}

async fn read(mut payload: Payload, limit: u64) -> Result<Vec<u8>, ApiError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = payload.next().await {
        let incomplete = |_| ApiError::new(ProblemCode::BadRequest, "The body is incomplete.");
        bytes.extend_from_slice(&chunk.map_err(incomplete)?);
        if bytes.len() as u64 > limit {
            return Err(ApiError::body_too_large(limit));
        }
    }
    Ok(bytes)
}

fn parse(bytes: &[u8]) -> Result<Value, ApiError> {
    let value = unambiguous(utf8(bytes)?).map_err(|error| {
        invalid(match error.is_data() {
            // JSON that is only ambiguous has no mistake of syntax
            true => wording::explain(&error.to_string(), None).1,
            false => format!("The body is not valid JSON: {}.", wording::syntax(&error)),
        })
    })?;
    if depth(&value) > MAX_DEPTH {
        let detail = format!("The body is nested more than {MAX_DEPTH} levels deep.");
        return Err(invalid(detail));
    }
    Ok(value)
}

/// The text, without a byte order mark: a parser may ignore it (RFC 8259, 8.1).
fn utf8(bytes: &[u8]) -> Result<&str, ApiError> {
    let text = std::str::from_utf8(bytes).map_err(|_| invalid("The body is not valid UTF-8."))?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

fn invalid(detail: impl Into<String>) -> ApiError {
    ApiError::new(ProblemCode::InvalidJson, detail)
}

/// The nesting depth. serde_json itself stops at 128, which bounds the recursion.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// Reads JSON in which no member is duplicated.
///
/// # Errors
/// If it is not JSON, or a member is duplicated.
pub fn unambiguous(text: &str) -> serde_json::Result<Value> {
    serde_json::from_str(text).map(|UnambiguousJson(value)| value)
}

/// JSON without duplicate member names (RFC 7493, 2.3), which would be ambiguous.
struct UnambiguousJson(Value);

impl<'de> Deserialize<'de> for UnambiguousJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_any(UnambiguousJsonVisitor)
            .map(Self)
    }
}

struct UnambiguousJsonVisitor;

impl<'de> Visitor<'de> for UnambiguousJsonVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = access.next_key::<String>()? {
            if members.contains_key(&name) {
                let shown: String = name.chars().take(100).collect();
                let detail = format!("The member '{shown}' is there twice.");
                let detail = coded(MistakeCode::DuplicateMember, detail);
                return Err(serde::de::Error::custom(detail));
            }
            let UnambiguousJson(value) = access.next_value()?;
            members.insert(name, value);
        }
        Ok(Value::Object(members))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(UnambiguousJson(item)) = access.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(flag.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }
}
