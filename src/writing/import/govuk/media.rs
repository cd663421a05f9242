//! The images, attachments and change notes of a content item. What a document has no room for is left out.

use chrono::DateTime;
use serde_json::{Value, json};

use super::link::SITE;
use crate::platform::values;

/// The most attachments of a document.
const MAX_ATTACHMENTS: usize = 200;
/// The most change notes of a document.
const MAX_NOTES: usize = 500;

/// The images: the one that stands for the page.
pub(super) fn images(details: &Value) -> Vec<Value> {
    let image = &details["image"];
    let Some(url) = address(&image["url"]) else {
        return Vec::new();
    };
    vec![json!({
        "role": "lead",
        "url": url,
        "alt": text(&image["alt_text"], 1_000).unwrap_or_default(),
        "caption": text(&image["caption"], 1_000),
        "credit": text(&image["credit"], 300),
        "media_type": media_type(&image["content_type"]),
    })]
}

/// The attachments that have a title and an address.
pub(super) fn attachments(details: &Value) -> Vec<Value> {
    let listed = details["attachments"].as_array().into_iter().flatten();
    let attachments = listed.filter_map(|file| {
        let language = text(&file["locale"], 35);
        Some(json!({
            "url": address(&file["url"])?,
            "title": text(&file["title"], 500)?,
            "language": language.filter(|tag| values::language(tag, &()).is_ok()),
            "media_type": media_type(&file["content_type"]),
            "pages": file["number_of_pages"].as_i64().filter(|pages| (1..=1_000_000).contains(pages)),
            "bytes": file["file_size"].as_i64().filter(|bytes| *bytes >= 0),
        }))
    });
    attachments.take(MAX_ATTACHMENTS).collect()
}

/// What the publisher says of its changes, the oldest first; the latest, if there are too many.
pub(super) fn change_notes(details: &Value) -> Vec<Value> {
    let listed = details["change_history"].as_array().into_iter().flatten();
    let notes = listed.filter_map(|change| {
        let at = DateTime::parse_from_rfc3339(change["public_timestamp"].as_str()?).ok()?;
        Some((at, text(&change["note"], 5_000)?))
    });
    let mut notes: Vec<_> = notes.collect();
    notes.sort_by_key(|(at, _)| *at);
    let latest = notes.split_off(notes.len().saturating_sub(MAX_NOTES));
    let latest = latest.into_iter();
    latest
        .map(|(at, note)| json!({"at": at, "note": note}))
        .collect()
}

/// A text that is not empty and has at most so many characters.
fn text(value: &Value, max: usize) -> Option<&str> {
    let text = value.as_str()?.trim();
    (!text.is_empty() && text.chars().count() <= max).then_some(text)
}

/// The absolute address; those of HTML attachments are paths.
fn address(value: &Value) -> Option<String> {
    let address = text(value, 2_000)?;
    let address = match address.starts_with('/') {
        true => format!("{SITE}{address}"),
        false => address.to_owned(),
    };
    values::web_url(&address, &()).is_ok().then_some(address)
}

/// The media type without its parameters.
fn media_type(value: &Value) -> Option<String> {
    let kind = text(value, 200)?.split(';').next()?;
    let kind = kind.trim().to_ascii_lowercase();
    values::media_type(&kind, &()).is_ok().then_some(kind)
}
