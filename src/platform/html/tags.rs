//! Where tags end in sanitised HTML.

/// The text after the current tag. A `>` inside an attribute, which is always double-quoted, does not close the tag.
pub fn after_tag(tag: &str) -> &str {
    let mut is_quoted = false;
    let end = tag.bytes().position(|byte| {
        is_quoted ^= byte == b'"';
        byte == b'>' && !is_quoted
    });
    end.and_then(|end| tag.get(end + 1..)).unwrap_or_default()
}
