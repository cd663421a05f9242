//! HTML from outside, made safe before it is stored.

use ammonia::Builder;
use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

/// What may stand in a body: text structure, lists, tables, quotations, images and links. No scripts, styles,
/// forms, frames, classes or event handlers.
static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    builder.url_schemes(HashSet::from(["http", "https", "mailto", "tel"]));
    builder.link_rel(Some("noopener noreferrer nofollow"));
    builder
});

/// `html` with everything removed that could do more than show text and pictures.
pub fn clean(html: &str) -> Cow<'_, str> {
    if !html.contains(['<', '>', '&', '\0']) {
        return Cow::Borrowed(html); // plain text is its own safe HTML
    }
    Cow::Owned(CLEANER.clean(html).to_string())
}

/// The text of `html` without its markup, on one line.
pub fn text(html: &str) -> String {
    let mut spaced = html.to_owned();
    for end in ["</p", "</li", "</div", "</h", "</td", "</th", "<br"] {
        spaced = spaced.replace(end, &format!(" {end}"));
    }
    let bare = Builder::empty().clean(&spaced).to_string();
    let plain = bare
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&nbsp;", " ")
        .replace("&quot;", "\"")
        .replace("&amp;", "&");
    let words: Vec<&str> = plain.split_whitespace().collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_acts_is_removed_and_what_shows_stays() {
        let html = "<p onclick=\"x()\">A <b>bold</b> <a href=\"javascript:x()\">claim</a><script>x()</script></p>";
        assert_eq!(
            clean(html),
            "<p>A <b>bold</b> <a rel=\"noopener noreferrer nofollow\">claim</a></p>"
        );
    }

    #[test]
    fn text_keeps_words_whole_and_paragraphs_apart() {
        let html = "<div><p>See (<a href=\"/x\">the new one</a>) &amp; “<em>old</em>”.</p><p>Re<b>placed</b></p></div>";
        assert_eq!(text(html), "See (the new one) & “old”. Replaced");
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(html in "[ -~]{0,80}") {
            let once = clean(&html).into_owned();
            prop_assert_eq!(clean(&once).into_owned(), once.clone());
        }
    }
}
