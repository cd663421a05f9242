//! The images, attachments and change notes of a content item.

use serde_json::{Value, json};

use super::link::SITE;

/// The images: the one that stands for the page.
pub(super) fn images(details: &Value) -> Vec<Value> {
    let image = &details["image"];
    let Some(url) = address(&image["url"]) else {
        return Vec::new();
    };
    vec![json!({
        "role": "lead",
        "url": url,
        "alt": image["alt_text"].as_str().unwrap_or_default().trim(),
        "caption": text(&image["caption"]),
        "credit": text(&image["credit"]),
        "media_type": media_type(&image["content_type"]),
    })]
}

/// The attachments that have a title and an address.
pub(super) fn attachments(details: &Value) -> Vec<Value> {
    let listed = details["attachments"].as_array().into_iter().flatten();
    let attachments = listed.filter_map(|file| {
        Some(json!({
            "url": address(&file["url"])?,
            "title": text(&file["title"])?,
            "language": text(&file["locale"]),
            "media_type": media_type(&file["content_type"]),
            "pages": file["number_of_pages"].as_i64().filter(|pages| *pages > 0),
            "bytes": file["file_size"].as_i64(),
        }))
    });
    attachments.collect()
}

/// What the publisher says of its changes, the oldest first.
pub(super) fn change_notes(details: &Value) -> Vec<Value> {
    let listed = details["change_history"].as_array().into_iter().flatten();
    let notes = listed.filter_map(|change| {
        let at = change["public_timestamp"].as_str()?;
        Some(json!({"at": at, "note": text(&change["note"])?}))
    });
    let mut notes: Vec<Value> = notes.collect();
    notes.sort_by(|a, b| a["at"].as_str().cmp(&b["at"].as_str()));
    notes
}

fn text(value: &Value) -> Option<&str> {
    let text = value.as_str()?.trim();
    (!text.is_empty()).then_some(text)
}

/// The absolute address; those of HTML attachments are paths.
fn address(value: &Value) -> Option<String> {
    let address = text(value)?;
    Some(match address.starts_with('/') {
        true => format!("{SITE}{address}"),
        false => address.to_owned(),
    })
}

/// The media type without its parameters.
fn media_type(value: &Value) -> Option<String> {
    let kind = text(value)?.split(';').next()?;
    Some(kind.trim().to_ascii_lowercase())
}
