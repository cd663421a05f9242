//! Reads JSON Feed 1.0 and 1.1.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::source::{SourceFeed, SourceItem, SourceLink, SourceText};
use super::{Note, RefusedItem};

/// How many errors are passed over.
const MAX_ERRORS: usize = 50;

/// A feed whose items are not read yet.
#[derive(Deserialize)]
struct UnreadFeed<'t> {
    #[serde(default)]
    language: Option<Value>,
    #[serde(borrow)]
    items: Vec<&'t RawValue>,
}

/// Reads a feed.
///
/// # Errors
/// If this is not JSON, or not a feed.
pub fn read(text: &str) -> Result<SourceFeed, String> {
    let mut feed = SourceFeed::default();
    match serde_json::from_str::<UnreadFeed>(text) {
        Ok(unread) => {
            let language = unread.language.as_ref().and_then(Value::as_str);
            feed.language = language.map(str::to_owned);
            for (index, text) in unread.items.into_iter().enumerate() {
                feed.add(|| read_item(index, text));
            }
        }
        Err(error) if error.is_data() => {
            return Err("this is not a JSON Feed: it has no list of items".to_owned());
        }
        Err(error) => {
            read_between_errors(text, &mut feed);
            if feed.items.is_empty() {
                return Err(format!("this is not valid JSON (line {})", error.line()));
            }
        }
    }
    Ok(feed)
}

fn read_item(index: usize, text: &RawValue) -> Result<SourceItem, RefusedItem> {
    let object = serde_json::from_str::<Map<String, Value>>(text.get());
    object.map(|object| item(&object)).map_err(|_| RefusedItem {
        label: format!("item {}", index + 1),
        reason: "it is no JSON object".to_owned(),
    })
}

/// Reads the items that are valid JSON: after an error, those from the next object on.
fn read_between_errors(text: &str, feed: &mut SourceFeed) {
    let Some((_, list)) = text.split_once("\"items\"") else {
        return;
    };
    let list = list.trim_start().trim_start_matches(':').trim_start();
    let Some(mut rest) = list.strip_prefix('[') else {
        return;
    };
    let mut errors = 0;
    for index in 0.. {
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<&RawValue>();
        match values.next() {
            Some(Ok(value)) => {
                rest = &rest[values.byte_offset()..];
                feed.add(|| read_item(index, value));
                let Some(further) = rest.trim_start().strip_prefix(',') else {
                    return;
                };
                rest = further;
            }
            _ => {
                errors += 1;
                let line = text[..text.len() - rest.len()].matches('\n').count() + 1;
                feed.notes.push(Note {
                    label: format!("item {}, line {line}", index + 1),
                    what: "it is not valid JSON".to_owned(),
                });
                let next = rest.find("},").filter(|_| errors < MAX_ERRORS);
                let Some(next) = next else { return };
                rest = &rest[next + 2..];
            }
        }
    }
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
    // `external_url` is another page, which the item is about (JSON Feed 1.1, items)
    let links = words("url");
    SourceItem {
        guid: words("id").unwrap_or_default(),
        is_permalink: true,
        links: links
            .into_iter()
            .map(|href| SourceLink {
                href,
                ..SourceLink::default()
            })
            .collect(),
        title: plain("title"),
        summary: plain("summary"),
        content: html.or_else(|| plain("content_text")),
        language: words("language"),
        published: words("date_published").into_iter().collect(),
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
