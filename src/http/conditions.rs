//! Conditional requests: whether the client's copy is still good (RFC 9110, 13.2.2).

use actix_web::http::header::{self, HeaderMap, HeaderValue, HttpDate, TryIntoHeaderValue};
use chrono::NaiveDateTime;

/// The headers of a request that make it conditional.
pub fn of(request: &HeaderMap) -> HeaderMap {
    let mut conditions = HeaderMap::new();
    for name in [header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE] {
        for value in request.get_all(&name) {
            conditions.append(name.clone(), value.clone());
        }
    }
    conditions
}

/// The tag of an answer in a content coding: a strong one differs for each (RFC 9110, 8.8.3.3).
pub fn coded_tag(tag: &HeaderValue, coding: &str) -> HeaderValue {
    let plain = tag.to_str().unwrap_or_default().trim_end_matches('"');
    let coded = HeaderValue::from_str(&format!("{plain}-{coding}\""));
    coded.unwrap_or_else(|_| tag.clone())
}

/// Whether to answer 304. A list of tags is compared weakly (RFC 9110, 13.1.2); a date counts only where no tag was
/// sent, and an unreadable one not at all (13.1.3).
pub fn is_current(
    request: &HeaderMap,
    tag: Option<&HeaderValue>,
    last_modified: Option<NaiveDateTime>,
) -> bool {
    if request.contains_key(header::IF_NONE_MATCH) {
        let Some(tag) = tag.and_then(|tag| tag.to_str().ok()) else {
            return false;
        };
        let tag = tag.trim_start_matches("W/");
        let sent = request.get_all(header::IF_NONE_MATCH);
        return sent
            .filter_map(|sent| sent.to_str().ok())
            .flat_map(|sent| sent.split(','))
            .map(str::trim)
            .any(|one| one == "*" || one.trim_start_matches("W/") == tag);
    }
    let (Some(since), Some(last_modified)) =
        (request.get(header::IF_MODIFIED_SINCE), last_modified)
    else {
        return false;
    };
    since
        .to_str()
        .ok()
        .and_then(read_date)
        .is_some_and(|since| last_modified <= since)
}

/// A time as HTTP writes it (RFC 9110, 5.6.7), with the two obsolete forms.
pub fn read_date(text: &str) -> Option<NaiveDateTime> {
    let date: HttpDate = text.parse().ok()?;
    let at: std::time::SystemTime = date.into();
    let at: chrono::DateTime<chrono::Utc> = at.into();
    Some(at.naive_utc())
}

/// The same the other way.
pub fn date_value(at: NaiveDateTime) -> Option<HeaderValue> {
    let at: std::time::SystemTime = at.and_utc().into();
    HttpDate::from(at).try_into_value().ok()
}
