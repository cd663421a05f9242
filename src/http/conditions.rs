//! Conditional requests: whether the client's cached response is still current (RFC 9110, 13.2.2).

use actix_web::http::header::{
    self, EntityTag, HeaderMap, HeaderName, HeaderValue, HttpDate, TryIntoHeaderValue,
};
use chrono::NaiveDateTime;

/// The entity tags in a precondition header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntityTags {
    /// `*`: any version.
    Any,
    /// These versions.
    Listed(Vec<EntityTag>),
}

impl EntityTags {
    /// Parses a header, which may be repeated; `None` if it is absent. What is not an entity tag matches nothing.
    pub fn read(headers: &HeaderMap, name: HeaderName) -> Option<Self> {
        if !headers.contains_key(&name) {
            return None;
        }
        let mut tags = Vec::new();
        let values = headers.get_all(name);
        for value in values.filter_map(|value| value.to_str().ok()) {
            // a comma may stand inside a tag (RFC 9110, 8.8.3), which actix-web's parser of lists does not allow for
            let mut is_inside = false;
            let items = value.split(|c| {
                is_inside ^= c == '"';
                c == ',' && !is_inside
            });
            for item in items.map(str::trim) {
                if item == "*" {
                    return Some(Self::Any);
                }
                tags.extend(item.parse::<EntityTag>());
            }
        }
        Some(Self::Listed(tags))
    }
}

/// The precondition headers of a request.
pub fn of(request: &HeaderMap) -> HeaderMap {
    let mut conditions = HeaderMap::new();
    for name in [header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE] {
        for value in request.get_all(&name) {
            conditions.append(name.clone(), value.clone());
        }
    }
    conditions
}

/// The entity tag of a response in a content coding. Strong tags differ for each coding (RFC 9110, 8.8.3.3).
pub fn coded_tag(tag: &HeaderValue, coding: &str) -> HeaderValue {
    let plain = tag.to_str().unwrap_or_default().trim_end_matches('"');
    let coded = HeaderValue::from_str(&format!("{plain}-{coding}\""));
    coded.unwrap_or_else(|_| tag.clone())
}

/// Whether to return 304. `If-None-Match` uses weak comparison (RFC 9110, 13.1.2). `If-Modified-Since` is ignored if it
/// is invalid or `If-None-Match` is present (13.1.3).
pub fn is_current(
    request: &HeaderMap,
    tag: Option<&HeaderValue>,
    last_modified: Option<NaiveDateTime>,
) -> bool {
    if let Some(sent) = EntityTags::read(request, header::IF_NONE_MATCH) {
        let tag = tag.and_then(|tag| tag.to_str().ok()?.parse::<EntityTag>().ok());
        return tag.is_some_and(|tag| match sent {
            EntityTags::Any => true,
            EntityTags::Listed(tags) => tags.iter().any(|one| one.weak_eq(&tag)),
        });
    }
    let since = request.get(header::IF_MODIFIED_SINCE);
    let since = since.and_then(|since| read_date(since.to_str().ok()?));
    since
        .zip(last_modified)
        .is_some_and(|(since, last_modified)| last_modified <= since)
}

/// Parses an HTTP date (RFC 9110, 5.6.7), including the two obsolete formats.
pub fn read_date(text: &str) -> Option<NaiveDateTime> {
    let date: HttpDate = text.parse().ok()?;
    let at: std::time::SystemTime = date.into();
    let at: chrono::DateTime<chrono::Utc> = at.into();
    Some(at.naive_utc())
}

/// Formats an HTTP date.
pub fn date_value(at: NaiveDateTime) -> Option<HeaderValue> {
    let at: std::time::SystemTime = at.and_utc().into();
    HttpDate::from(at).try_into_value().ok()
}
