//! Strict parsing of the bodies of writes.

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::collections::HashSet;

use crate::http::error::ApiError;
use crate::http::problem::ProblemCode;
use crate::platform::config::Config;

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
            let expected = ["application/json", "application/merge-patch+json"];
            media_type(&request, &expected)?;
            let limit = limits(&request).map_or(1 << 20, |config| config.max_body_bytes);
            let bytes = read(payload, limit).await?;
            match parse(&bytes)? {
                Value::Object(members) => Ok(Self { members, bytes }),
                _ => Err(ApiError::new(
                    ProblemCode::InvalidJson,
                    "Expected a JSON object.",
                )),
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
            let kind = media_type(&request, &["application/json", "application/x-ndjson"])?;
            let limit = limits(&request).map_or(1 << 24, |config| config.max_batch_bytes);
            let bytes = read(payload, limit).await?;
            let lines = match kind {
                "application/json" => match parse(&bytes)? {
                    Value::Array(documents) => documents.iter().map(Value::to_string).collect(),
                    _ => {
                        let detail = "Expected a JSON array of documents.";
                        return Err(ApiError::new(ProblemCode::InvalidJson, detail));
                    }
                },
                _ => {
                    let text = std::str::from_utf8(&bytes).map_err(|_| not_utf8())?;
                    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
                    lines.map(str::to_owned).collect()
                }
            };
            Ok(Self { lines, bytes })
        })
    }
}

fn limits(request: &HttpRequest) -> Option<&web::Data<Config>> {
    request.app_data::<web::Data<Config>>()
}

fn media_type(request: &HttpRequest, known: &[&'static str]) -> Result<&'static str, ApiError> {
    let sent = request.content_type().to_ascii_lowercase();
    let coded = request.headers().get(header::CONTENT_ENCODING);
    let plain = coded.is_none_or(|coding| coding == "identity");
    let found = known.iter().find(|known| **known == sent);
    found.copied().filter(|_| plain).ok_or_else(|| {
        let detail = format!("Send {}, without a content coding.", known.join(" or "));
        ApiError::new(ProblemCode::UnsupportedMediaType, detail)
    })
}

async fn read(mut payload: Payload, limit: u64) -> Result<Vec<u8>, ApiError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = payload.next().await {
        let cut = |_| ApiError::new(ProblemCode::BadRequest, "The body is incomplete.");
        bytes.extend_from_slice(&chunk.map_err(cut)?);
        if bytes.len() as u64 > limit {
            let detail = format!("The body may have at most {limit} bytes.");
            return Err(ApiError::new(ProblemCode::PayloadTooLarge, detail));
        }
    }
    Ok(bytes)
}

fn parse(bytes: &[u8]) -> Result<Value, ApiError> {
    let text = std::str::from_utf8(bytes).map_err(|_| not_utf8())?;
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let detail = format!("The body is not valid JSON: {error}.");
        ApiError::new(ProblemCode::InvalidJson, detail)
    })?;
    if let Err(error) = serde_json::from_str::<UniqueNames>(text) {
        let detail = format!("The body is ambiguous: {error}.");
        return Err(ApiError::new(ProblemCode::InvalidJson, detail));
    }
    if depth(&value) > MAX_DEPTH {
        let detail = format!("The body is nested more than {MAX_DEPTH} levels deep.");
        return Err(ApiError::new(ProblemCode::InvalidJson, detail));
    }
    Ok(value)
}

fn not_utf8() -> ApiError {
    ApiError::new(ProblemCode::InvalidJson, "The body is not valid UTF-8.")
}

/// The nesting depth. serde_json itself stops at 128, which bounds the recursion.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// JSON without duplicate member names (RFC 7493, 2.3), which would be ambiguous.
struct UniqueNames;

impl<'de> Deserialize<'de> for UniqueNames {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for UniqueNames {
    type Value = Self;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self, A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            if names.contains(&name) {
                let shown: String = name.chars().take(100).collect();
                let detail = format!("the member '{shown}' is duplicated");
                return Err(serde::de::Error::custom(detail));
            }
            names.insert(name);
            members.next_value::<Self>()?;
        }
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }
}
