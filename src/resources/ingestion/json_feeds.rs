//! Reads JSON Feed 1.0 and 1.1.

use serde_json::{Map, Value};

use super::Note;
use super::source::{SourceFeed, SourceItem, SourceLink, SourceText};

/// Reads a feed.
///
/// # Errors
/// If this is not JSON, or not a feed.
pub fn read(text: &str) -> Result<SourceFeed, String> {
    let mut feed = SourceFeed::default();
    let items = match serde_json::from_str::<Value>(text) {
        Ok(value) => {
            feed.language = words(value.as_object(), "language");
            let items = value.get("items").and_then(Value::as_array).cloned();
            items.ok_or("this is not a JSON Feed: it has no list of items")?
        }
        Err(error) => {
            feed.notes.push(Note {
                label: format!("line {}", error.line()),
                what: "from here on, the feed is not valid JSON".to_owned(),
            });
            let items = items_until_error(text);
            items.ok_or_else(|| format!("this is not valid JSON (line {})", error.line()))?
        }
    };
    for (index, value) in items.iter().enumerate() {
        match value.as_object() {
            Some(object) => feed.items.push(item(object)),
            None => feed.notes.push(Note {
                label: format!("item {}", index + 1),
                what: "this is not an item, but another value".to_owned(),
            }),
        }
    }
    Ok(feed)
}

/// The items before the first error; `None` if there are none.
fn items_until_error(text: &str) -> Option<Vec<Value>> {
    let (_, list) = text.split_once("\"items\"")?;
    let mut rest = list
        .trim_start()
        .strip_prefix(':')?
        .trim_start()
        .strip_prefix('[')?;
    let mut items = Vec::new();
    loop {
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        let Some(Ok(item)) = values.next() else { break };
        items.push(item);
        rest = &rest[values.byte_offset()..];
        let Some(further) = rest.trim_start().strip_prefix(',') else {
            break;
        };
        rest = further;
    }
    (!items.is_empty()).then_some(items)
}

fn item(object: &Map<String, Value>) -> SourceItem {
    let words = |name: &str| words(Some(object), name);
    let plain = |name: &str| {
        words(name).map(|value| SourceText {
            value,
            ..SourceText::default()
        })
    };
    let html = words("content_html").map(|value| SourceText {
        value,
        is_html: true,
        ..SourceText::default()
    });
    // "url is the URL of the resource", external_url another page that the item is about (JSON Feed 1.1, items)
    let links = [words("url"), words("external_url")];
    SourceItem {
        guid: words("id").unwrap_or_default(),
        is_permalink: true,
        links: links
            .into_iter()
            .flatten()
            .map(|href| SourceLink {
                href,
                ..SourceLink::default()
            })
            .collect(),
        title: plain("title"),
        summary: plain("summary"),
        content: html.or_else(|| plain("content_text")),
        language: words("language"),
        published: words("date_published"),
        updated: words("date_modified"),
    }
}

/// A member that is a text and not empty. "If an id is presented as a number, a JSON Feed reader must coerce it to a string" (JSON
/// Feed 1.1, items).
fn words(object: Option<&Map<String, Value>>, name: &str) -> Option<String> {
    match object?.get(name)? {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
