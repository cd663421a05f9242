//! Unit tests of `platform::html`.
use ammonia::Builder;
use answerable::platform::html::*;
use proptest::prelude::*;

#[test]
fn scripts_are_removed_and_formatting_stays() {
    let html = "<p onclick=\"x()\">A <b>bold</b> <a href=\"javascript:x()\">claim</a><script>x()</script></p>";
    assert_eq!(
        clean(html, None).unwrap(),
        "<p>A <b>bold</b> <a rel=\"noopener noreferrer nofollow\">claim</a></p>"
    );
}

/// What becomes of HTML from a page of a fictional site.
const CLEANED: [(&str, &str); 25] = [
    (
        "<ol type=\"a\" start=\"3\" reversed><li value=\"7\">x</li></ol>",
        "<ol type=\"a\" start=\"3\" reversed=\"\"><li value=\"7\">x</li></ol>",
    ),
    (
        "<p dir=\"RTL\">x</p><p dir=\"up\">y</p>",
        "<p dir=\"rtl\">x</p><p>y</p>",
    ),
    (
        "<time datetime=\"2026-01-02\">today</time>",
        "<time datetime=\"2026-01-02\">today</time>",
    ),
    (
        "<section><address>x</address></section>",
        "<section><address>x</address></section>",
    ),
    (
        "<table><tfoot><tr><td>x</td></tr></tfoot></table>",
        "<table><tfoot><tr><td>x</td></tr></tfoot></table>",
    ),
    ("<pre>\n\n\nx</pre>", "<pre>\n\n\nx</pre>"),
    ("<q cite=\"#x\">x</q>", "<q>x</q>"),
    (
        "<a id=\"content-\" href=\"https://a.example/\">x</a>",
        "<a href=\"https://a.example/\" rel=\"noopener noreferrer nofollow\">x</a>",
    ),
    ("<h2 id=\"a\">x</h2>", "<h2 id=\"content-a\">x</h2>"),
    ("<h2 id=\"content-a\">x</h2>", "<h2 id=\"content-a\">x</h2>"),
    (
        "<h2 id=\"a b\">x</h2><h2 id=\"\">y</h2>",
        "<h2>x</h2><h2>y</h2>",
    ),
    (
        "<a href=\"#a\">x</a>",
        "<a href=\"#content-a\" rel=\"noopener noreferrer nofollow\">x</a>",
    ),
    (
        "<a href=\"#\">x</a>",
        "<a href=\"#\" rel=\"noopener noreferrer nofollow\">x</a>",
    ),
    (
        "<a href=\"/b?c#d\">x</a>",
        "<a href=\"https://site.example/b?c#d\" rel=\"noopener noreferrer nofollow\">x</a>",
    ),
    (
        "<a href=\"../b\">x</a>",
        "<a href=\"https://site.example/b\" rel=\"noopener noreferrer nofollow\">x</a>",
    ),
    (
        "<a href=\"//c.example/\">x</a>",
        "<a href=\"https://c.example/\" rel=\"noopener noreferrer nofollow\">x</a>",
    ),
    (
        "<a href=\"tel:123\">x</a>",
        "<a href=\"tel:123\" rel=\"noopener noreferrer nofollow\">x</a>",
    ),
    (
        "<img src=\"i.png\" alt=\"I\">",
        "<img src=\"https://site.example/news/i.png\" alt=\"I\">",
    ),
    ("x<img alt=\"I > J\">y<img src=\"\">z", "xyz"),
    ("x<img src=\"data:image/png;base64,AA\">y", "xy"),
    (
        "<q cite=\"/c\">x</q><q cite=\"mailto:a@b.example\">y</q>",
        "<q cite=\"https://site.example/c\">x</q><q>y</q>",
    ),
    (
        "<form>First</form><form>second</form>",
        "\nFirst\n\nsecond\n",
    ),
    (
        "<my-box>First</my-box><my-box>second</my-box>",
        "\nFirst\n\nsecond\n",
    ),
    ("<MAIN>First</MAIN>second", "\nFirst\nsecond"),
    ("<p>First</p>second", "<p>First</p>second"),
];

#[test]
fn words_links_and_structure_survive() {
    let page = url::Url::parse("https://site.example/news/first").unwrap();
    for (html, expected) in CLEANED {
        let cleaned = clean(html, Some(&page)).unwrap().into_owned();
        assert_eq!(cleaned, expected, "{html}");
        assert!(!has_relative_links(&cleaned), "{cleaned}");
        assert_eq!(clean(&cleaned, Some(&page)).unwrap(), cleaned, "{html}");
    }
}

#[test]
fn what_looks_like_an_image_in_an_attribute_is_no_image() {
    let html = "<p title=\"<img\">say \" hi<b>x</b> \" onmouseover=alert(1) x=\"</p>";
    let cleaned = clean(html, None).unwrap();
    let text = "say \" hi<b>x</b> \" onmouseover=alert(1) x=\"</p>";
    assert!(cleaned.ends_with(text), "{cleaned}");
    assert_eq!(cleaned, Builder::default().clean(html).to_string());
    assert_eq!(clean("<img alt=\" src=\">", None).unwrap(), "");
}

#[test]
fn without_a_page_relative_links_stay() {
    let html = "<a href=\"/b\" rel=\"noopener noreferrer nofollow\">x</a>";
    assert_eq!(clean(html, None).unwrap(), html);
    assert!(has_relative_links(html));
    let words = "<p title=\" href=\">a href=&quot;b&quot;</p>";
    assert!(!has_relative_links(&clean(words, None).unwrap()));
}

#[test]
fn text_keeps_words_whole_and_paragraphs_apart() {
    let html = "<div><p>See (<a href=\"/x\">the new one</a>) &amp; “<em>old</em>”.</p><p>Re<b>placed</b></p></div>";
    assert_eq!(
        text(&clean(html, None).unwrap()),
        "See (the new one) & “old”. Replaced"
    );
}

#[test]
fn an_excerpt_ends_with_a_whole_word() {
    assert_eq!(excerpt("One two three", 13), "One two three");
    assert_eq!(excerpt("One two three", 12), "One two…");
    assert_eq!(excerpt("Önetwothree", 5), "Önet…");
}

proptest! {
    #[test]
    fn an_excerpt_of_html_is_that_of_its_text(
        html in "([a-é ]|\\n|&amp;|<b>|</b>|<p title=\"x > y\">|</p>|<br>){0,40}",
        limit in 1_usize..30,
    ) {
        prop_assert_eq!(excerpt_of(&html, limit), excerpt(&text(&html), limit));
        let words = text(&html);
        prop_assert_eq!(words.split_whitespace().collect::<Vec<_>>().join(" "), words.clone());
    }
}

/// The same text by way of the sanitiser, which is slower.
fn sanitiser_text(html: &str) -> String {
    let bare = Builder::empty().clean(html).to_string();
    decode(&bare)
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect()
}

const MEGABYTE: usize = 1_000_000;

/// A megabyte of `beginning` and then `part` again and again.
fn much(beginning: &str, part: &str) -> String {
    let parts = (MEGABYTE - beginning.len()) / part.len();
    format!("{beginning}{}", part.repeat(parts))
}

#[test]
fn ordinary_html_of_a_megabyte_is_sanitised() {
    let sentence =
        "Police forces should review what they record, and publish how often they do &amp; why. ";
    let paragraph = format!(
        "<p>{} <a href=\"https://example.org/a?b=c&amp;d=e\" title=\"{sentence}\">more</a><br>",
        sentence.repeat(3)
    );
    let cells = "<tr><td>The fictional county of Exampleshire</td><td class=\"number\">1,234&nbsp;456</td><td><b>5</b> %</td></tr>\n";
    let item =
        "<li>One unclosed item of a list, with <em>words</em> and <strong>more words</strong>.";
    let symbols = "£5 – “ten” € — café: naïve, £6; ".repeat(4);
    for html in [
        much("", &paragraph),
        much("<table><tbody>", cells),
        much("<ul>", item),
        much("<div>".repeat(100).as_str(), &paragraph),
        much("", &format!("<h2>{symbols}</h2><p>{symbols}</p>")),
        much("", "Words without any markup; a &lt; b. "),
        much(
            "",
            "<blockquote><p>One</p><p>&#1575;&#1604;&#1593;&#1585;</p></blockquote>",
        ),
    ] {
        let start: String = html.chars().take(60).collect();
        assert_eq!(clean(&html, None).err(), None, "{start}");
    }
}

#[test]
fn html_that_takes_too_long_is_refused() {
    let many = |name: &str| (0..101).map(|i| format!(" {name}{i}")).collect::<String>();
    let formatting: String = (0..90).map(|i| format!("<b id={i}>")).collect();
    for (html, limit) in [
        (much("", "<div>"), TooComplex::Depth),
        (much("", "<ul><li>"), TooComplex::Depth),
        (much("", "<dl><dd>"), TooComplex::Depth),
        (much("", "<selectedcontent>"), TooComplex::Depth),
        (much("", "<table><tr><td>"), TooComplex::Depth),
        (much("", "<svg><title>"), TooComplex::Depth),
        ("<div>".repeat(MAX_DEPTH + 1), TooComplex::Depth),
        (much("", "<p>x"), TooComplex::Elements),
        (much("", "<a><p></a></p>"), TooComplex::Elements),
        (much(&formatting, "<p></p>"), TooComplex::Elements),
        (much(&formatting, "<b id=1><p></b>"), TooComplex::Elements),
        (much(&"<span>".repeat(150), "</x>"), TooComplex::Elements),
        (much("<table>", "x<tr>"), TooComplex::Elements),
        (much("", "&"), TooComplex::Elements),
        (much(&"&".repeat(100_000), "x"), TooComplex::Elements),
        (much("<a title='", "&") + "'>x", TooComplex::Elements),
        (
            much("<table>", "&&&&&&&&&&&&&&&&<tr>"),
            TooComplex::Elements,
        ),
        (format!("<p{}>", many("a")), TooComplex::Attributes),
        (format!("</p{}>", many("a")), TooComplex::Attributes),
        (format!("<p x='>'{}>", many("\"=")), TooComplex::Attributes),
        (format!("<p{}>", many("x='>'a")), TooComplex::Attributes),
        (
            format!("<textarea><a x=\"</textarea><svg><title><b{}>", many("a")),
            TooComplex::Attributes,
        ),
    ] {
        let start: String = html.chars().take(60).collect();
        assert_eq!(clean(&html, None).err(), Some(limit), "{start}");
    }
    assert!(clean(&"<div>".repeat(MAX_DEPTH), None).is_ok());
    let title = "word ".repeat(1_000);
    assert!(
        clean(
            &format!("<p{} title=\"{title}\">", many("a").split_at(100).0),
            None
        )
        .is_ok()
    );
}

proptest! {
    #[test]
    fn text_matches_the_sanitiser_s_words(html in r#"(<(p|b|/p|a title="[<>&]"|img src="http://x">|br)|[ a-z&;<>"]){0,30}"#) {
        let clean = clean(&html, None).unwrap();
        let words: String = text(&clean).chars().filter(|c| !c.is_whitespace()).collect();
        prop_assert_eq!(words, sanitiser_text(&clean));
    }

    #[test]
    fn cleaning_is_idempotent(html in "[ -~]{0,80}") {
        let once = clean(&html, None).unwrap().into_owned();
        prop_assert_eq!(clean(&once, None).unwrap().into_owned(), once.clone());
    }

    #[test]
    fn what_was_cleaned_does_not_change(
        html in r##"(</?(p|section|form|main|svg|math|style|template|table|caption|tr|td|li|ol|a|img|my-box|title|option|select|pre|blockquote|object|h1|h2|q)>?|[ >/="'<&;#\n]| (id|href|src|cite|dir|title)="?|content-|javascript:|/b|[a-z ]){0,40}"##,
    ) {
        let page = url::Url::parse("https://site.example/news/first").unwrap();
        for page in [None, Some(&page)] {
            let once = clean(&html, page).unwrap().into_owned();
            prop_assert_eq!(clean(&once, page).unwrap().into_owned(), once.clone(), "{}", html);
            prop_assert!(page.is_none() || !has_relative_links(&once), "{}", once);
        }
    }
}

#[test]
fn printed_text_has_its_paragraphs_and_lines() {
    for (html, text) in [
        ("<p>One\n two</p><p>Three</p>", "One two\n\nThree"),
        ("<h2>A</h2><p>b<br>c</p>d", "A\n\nb\nc\n\nd"),
        (
            "<ul><li>a</li><li>b &amp; <b>c</b>d</li></ul>e",
            "a\nb & cd\n\ne",
        ),
        (
            "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>",
            "a b\nc",
        ),
        (
            "a <img alt=\"x\" src=\"https://x.example/\">b<hr>c",
            "a b\n\nc",
        ),
        ("<p></p><div> <p> </p></div>", ""),
        ("no markup", "no markup"),
    ] {
        assert_eq!(printed(html), text, "{html}");
    }
}

#[test]
fn a_plain_text_becomes_html_with_its_paragraphs() {
    for (text, html) in [
        ("one & <b>", "one &amp; &lt;b&gt;"),
        ("one\ntwo\r\n\r\n\n three ", "<p>one<br>two</p><p>three</p>"),
        ("\n\n", ""),
    ] {
        assert_eq!(from_text(text), html, "{text:?}");
    }
    let text = "one\n\ntwo\nthree";
    assert_eq!(printed(&from_text(text)), text);
    assert_eq!(directed("<p>x</p>".into(), "cy"), "<p>x</p>");
    let directed = directed("<p>x</p>".into(), "ur");
    assert_eq!(directed, "<div lang=\"ur\" dir=\"rtl\"><p>x</p></div>");
    assert_eq!(clean(&directed, None).unwrap(), directed);
}
