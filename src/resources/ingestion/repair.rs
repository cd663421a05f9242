//! Repairs common errors in feeds: wrong encodings, unescaped `&`, unknown time zone names, and numbers in place of
//! strings. Valid feeds keep their meaning.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use flate2::read::GzDecoder;
use serde_json::Value;
use std::borrow::Cow;
use std::io::Read;

use super::MAX_BYTES;

/// European time zone names, which no standard lists (RFC 5322, 4.3 has only American ones).
const ZONES: [(&str, &str); 3] = [("BST", "+0100"), ("CET", "+0100"), ("CEST", "+0200")];

const CDATA: (&str, &str) = ("<![CDATA[", "]]>");

/// The repaired text of a feed. `charset` is the encoding according to the server.
pub fn repaired(bytes: &[u8], charset: Option<&str>) -> String {
    let text = decoded(&decompressed(bytes), charset);
    match text.starts_with('{') {
        true => with_ids_as_strings(text),
        false => with_time_zones(&with_ampersands(without_declaration(&text))),
    }
}

/// Decompresses a feed, as some servers send gzip without being asked. The result is cut off at the maximum size.
fn decompressed(bytes: &[u8]) -> Cow<'_, [u8]> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Cow::Borrowed(bytes);
    }
    let mut decompressed = Vec::new();
    let read = GzDecoder::new(bytes)
        .take(MAX_BYTES as u64)
        .read_to_end(&mut decompressed);
    match read {
        Ok(_) => Cow::Owned(decompressed),
        Err(_) => Cow::Borrowed(bytes),
    }
}

/// Decodes a feed. The byte order mark, the server and the XML declaration determine the encoding, in this order (RFC
/// 7303, 3.2); the default is UTF-8. Invalid UTF-8 is decoded as Windows-1252, which it usually is.
fn decoded(bytes: &[u8], charset: Option<&str>) -> String {
    let named = |name: &str| Encoding::for_label(name.as_bytes());
    let encoding = Encoding::for_bom(bytes)
        .map(|(encoding, _)| encoding)
        .or_else(|| charset.and_then(named))
        .or_else(|| declared(bytes).and_then(named))
        .unwrap_or(UTF_8);
    if encoding != UTF_8 {
        return encoding.decode(bytes).0.trim_start().to_owned();
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
    }
    text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n'])
        .to_owned()
}

/// The encoding in the XML declaration.
fn declared(bytes: &[u8]) -> Option<&str> {
    let start = &bytes[..bytes.len().min(200)];
    let start = start.utf8_chunks().next()?.valid();
    let declaration = &start[..end_of_declaration(start)];
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    value[1..].split_once(quote).map(|(name, _)| name)
}

/// The end of the XML declaration; 0 if there is none.
fn end_of_declaration(text: &str) -> usize {
    let start = text.len() - text.trim_start().len();
    let is_there = text[start..].starts_with("<?xml ");
    let end = is_there.then(|| text.find("?>")).flatten();
    end.map_or(0, |end| end + 2)
}

/// Removes the XML declaration, as its encoding is that of the bytes, not of the decoded text.
fn without_declaration(text: &str) -> &str {
    &text[end_of_declaration(text)..]
}

/// Escapes each `&` that does not start a character or entity reference.
fn with_ampersands(text: &str) -> String {
    let mut repaired = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (outside, cdata) = rest.split_at(rest.find(CDATA.0).unwrap_or(rest.len()));
        let mut pieces = outside.split('&');
        repaired.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            let ampersand = if begins_reference(piece) {
                "&"
            } else {
                "&amp;"
            };
            repaired.extend([ampersand, piece]);
        }
        let end = cdata.find(CDATA.1).map(|end| end + CDATA.1.len());
        let (inside, further) = cdata.split_at(end.unwrap_or(cdata.len()));
        repaired.push_str(inside);
        rest = further;
    }
    repaired
}

/// Whether the text after an `&` is a name or number followed by `;`.
fn begins_reference(text: &str) -> bool {
    let Some((name, _)) = text.split_once(';') else {
        return false;
    };
    let name = name.strip_prefix('#').unwrap_or(name);
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric())
}

fn with_time_zones(text: &str) -> String {
    let end = |zone: &str| format!(" {zone}</pubDate>");
    let mut text = text.to_owned();
    for (name, offset) in ZONES {
        text = text.replace(&end(name), &end(offset));
    }
    text
}

/// "If an id is presented as a number, a JSON Feed reader must coerce it to a string" (JSON Feed 1.1, items).
fn with_ids_as_strings(text: String) -> String {
    let Ok(mut feed) = serde_json::from_str::<Value>(&text) else {
        return text;
    };
    let items = feed.get_mut("items").and_then(Value::as_array_mut);
    for item in items.into_iter().flatten() {
        if let Some(Value::Number(number)) = item.get("id") {
            item["id"] = Value::from(number.to_string());
        }
    }
    feed.to_string()
}
