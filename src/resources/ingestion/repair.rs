//! Decodes feeds, and repairs what would mislead the parser. Valid feeds keep their meaning.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use flate2::read::GzDecoder;
use std::borrow::Cow;
use std::io::Read;

use super::MAX_BYTES;

const CDATA: (&str, &str) = ("<![CDATA[", "]]>");

/// The repaired text of a feed. `charset` is the encoding according to the server.
pub fn repaired(bytes: &[u8], charset: Option<&str>) -> String {
    let text = decoded(&decompressed(bytes), charset);
    match text.starts_with('{') {
        true => text,
        false => with_angle_brackets(without_declaration(&text)),
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
/// 7303, 3.2); the default is UTF-8. Where they are wrong and the bytes leave no doubt, the bytes count.
fn decoded(bytes: &[u8], charset: Option<&str>) -> String {
    let named = |name: &str| Encoding::for_label(name.trim().as_bytes());
    let encoding = Encoding::for_bom(bytes)
        .map(|(encoding, _)| encoding)
        .or_else(|| in_two_bytes(bytes))
        .or_else(|| charset.and_then(named))
        .or_else(|| declared(bytes).and_then(named))
        .filter(|encoding| !is_utf_8_after_all(bytes, encoding))
        .unwrap_or(UTF_8);
    if encoding != UTF_8 {
        return encoding.decode(bytes).0.trim_start().to_owned();
    }
    // what is not UTF-8 is usually Windows-1252
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
    }
    text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n'])
        .to_owned()
}

/// UTF-16 without a byte order mark, by its first character, which is a `<` or a `{`.
fn in_two_bytes(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [0, b'<' | b'{', ..] => Some(UTF_16BE),
        [b'<' | b'{', 0, ..] => Some(UTF_16LE),
        _ => None,
    }
}

/// Whether a text is UTF-8 although another encoding is stated: what is not ASCII is hardly ever valid UTF-8 by chance.
fn is_utf_8_after_all(bytes: &[u8], encoding: &'static Encoding) -> bool {
    let is_utf_16 = [UTF_16BE, UTF_16LE].contains(&encoding);
    let is_claimed = is_utf_16
        && !bytes
            .iter()
            .take(4)
            .any(|byte| matches!(byte, 0 | 0xfe | 0xff));
    let is_utf_8 = || !bytes.is_ascii() && std::str::from_utf8(bytes).is_ok();
    is_claimed || is_utf_8()
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

/// Escapes each `<` that does not begin a tag, a comment, a section or a declaration.
fn with_angle_brackets(text: &str) -> String {
    let mut repaired = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (outside, cdata) = rest.split_at(rest.find(CDATA.0).unwrap_or(rest.len()));
        let mut pieces = outside.split('<');
        repaired.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            let begins = piece
                .starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '/' | '!' | '?'));
            repaired.extend([if begins { "<" } else { "&lt;" }, piece]);
        }
        // what is cut off ends with the feed
        let end = cdata.find(CDATA.1).map(|end| end + CDATA.1.len());
        if let Some(unclosed) = unclosed(outside, &cdata[..end.unwrap_or(cdata.len())]) {
            let (inside, further) = cdata.split_at(unclosed);
            repaired.extend([inside, CDATA.1]);
            rest = further;
            continue;
        }
        let (inside, further) = cdata.split_at(end.unwrap_or(cdata.len()));
        repaired.push_str(inside);
        rest = further;
    }
    repaired
}

/// Where a section ought to end that is not closed: before the end of its element, if the end of the item follows. `before` is what
/// comes before it.
fn unclosed(before: &str, section: &str) -> Option<usize> {
    let name = &before[before.rfind('<')? + 1..];
    let name = name.split(|c: char| c.is_whitespace() || c == '>').next()?;
    let end = section.find(&format!("</{name}>"))?;
    let follows = ["</item", "</entry"]
        .iter()
        .any(|end_tag| section[end..].contains(end_tag));
    (!name.is_empty() && follows).then_some(end)
}
