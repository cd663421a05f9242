//! The tags of sanitised HTML.

/// Inline elements. All others separate the words around them.
pub const INLINE: [&str; 30] = [
    "a", "abbr", "acronym", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "i",
    "ins", "kbd", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup",
    "time", "tt", "u", "var", "wbr",
];

/// The text after the current tag. A `>` inside an attribute, which is always double-quoted, does not close the tag.
pub fn after_tag(tag: &str) -> &str {
    let mut is_quoted = false;
    let end = tag.bytes().position(|byte| {
        is_quoted ^= byte == b'"';
        byte == b'>' && !is_quoted
    });
    end.and_then(|end| tag.get(end + 1..)).unwrap_or_default()
}

/// The text before the next tag, the tag, and what comes after it.
pub fn next_tag(html: &str) -> Option<(&str, &str, &str)> {
    let (before, from) = html.split_at(html.find('<')?);
    let after = after_tag(from);
    let tag = &from[..from.len() - after.len()];
    Some((before, tag, after))
}

/// The names and values of a tag's attributes.
pub fn attributes(tag: &str) -> impl Iterator<Item = (&str, &str)> {
    // names and values alternate, as all values are in double quotes
    let mut parts = tag.split('"');
    std::iter::from_fn(move || {
        let (name, value) = (parts.next()?, parts.next()?);
        let name = name.rsplit(' ').next().unwrap_or_default();
        Some((name.trim_end_matches('='), value))
    })
}
