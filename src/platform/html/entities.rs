//! Characters that have a meaning in HTML.

use std::borrow::Cow;

/// Escapes text for use in HTML, between tags and in quoted attributes.
pub fn escape(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('"', "&quot;");
    escaped.replace('<', "&lt;").replace('>', "&gt;")
}

/// Decodes the entities that occur in sanitised HTML.
pub fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let decoded = text
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&nbsp;", " ")
        .replace("&quot;", "\"")
        .replace("&amp;", "&");
    Cow::Owned(decoded)
}
