//! Unit tests of `platform::html`.
use ammonia::Builder;
use answerable::platform::html::*;
use proptest::prelude::*;

#[test]
fn scripts_are_removed_and_formatting_stays() {
    let html = "<p onclick=\"x()\">A <b>bold</b> <a href=\"javascript:x()\">claim</a><script>x()</script></p>";
    assert_eq!(
        clean(html),
        "<p>A <b>bold</b> <a rel=\"noopener noreferrer nofollow\">claim</a></p>"
    );
}

#[test]
fn text_keeps_words_whole_and_paragraphs_apart() {
    let html = "<div><p>See (<a href=\"/x\">the new one</a>) &amp; “<em>old</em>”.</p><p>Re<b>placed</b></p></div>";
    assert_eq!(text(&clean(html)), "See (the new one) & “old”. Replaced");
}

#[test]
fn an_excerpt_ends_with_a_whole_word() {
    assert_eq!(excerpt("One two three", 13), "One two three");
    assert_eq!(excerpt("One two three", 12), "One two…");
    assert_eq!(excerpt("Önetwothree", 5), "Önet…");
}

/// The same text by way of the sanitiser, which is slower.
fn sanitiser_text(html: &str) -> String {
    let bare = Builder::empty().clean(html).to_string();
    decode(&bare)
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect()
}

proptest! {
    #[test]
    fn text_matches_the_sanitiser_s_words(html in r#"(<(p|b|/p|a title="[<>&]"|img src="http://x">|br)|[ a-z&;<>"]){0,30}"#) {
        let clean = clean(&html);
        let words: String = text(&clean).chars().filter(|c| !c.is_whitespace()).collect();
        prop_assert_eq!(words, sanitiser_text(&clean));
    }

    #[test]
    fn cleaning_is_idempotent(html in "[ -~]{0,80}") {
        let once = clean(&html).into_owned();
        prop_assert_eq!(clean(&once).into_owned(), once.clone());
    }
}
