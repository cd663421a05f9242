//! Unit tests of `publishing::search::highlights`.
use answerable::publishing::search::highlights::*;
use answerable::publishing::search::query_parser;

#[test]
fn every_form_of_a_word_is_marked() {
    for (typed, text, expected) in [
        (
            "die ",
            "Dying, he died.",
            "<mark>Dying</mark>, he <mark>died</mark>.",
        ),
        (
            "Ystad ",
            "Ystâd, ystad",
            "<mark>Ystâd</mark>, <mark>ystad</mark>",
        ),
        (
            "ether",
            "Æther & ethereal",
            "Æther &amp; <mark>ethereal</mark>",
        ),
        ("aether ", "Æther", "<mark>Æther</mark>"),
        ("skies ", "A sky", "A <mark>sky</mark>"),
        ("警察 ", "警官", "<mark>警</mark>官"),
        ("ystad ", "Ysta\u{302}d", "<mark>Ysta\u{302}d</mark>"),
    ] {
        let mut marks = Highlighter::new(&query_parser::parse(typed).terms);
        for _ in 0..2 {
            let marked = marks.whole(None, text);
            assert_eq!(marked.as_deref(), Some(expected), "{typed}");
        }
    }
    let text = "Yng Nghaerdydd, i Gaerdydd, o Fangor";
    for (typed, expected) in [
        (
            "caerdydd ",
            "Yng <mark>Nghaerdydd</mark>, i <mark>Gaerdydd</mark>, o Fangor",
        ),
        ("bang", "Yng Nghaerdydd, i Gaerdydd, o <mark>Fangor</mark>"),
    ] {
        let mut marks = Highlighter::new(&query_parser::parse(typed).terms);
        assert_eq!(marks.whole(Some("cy"), text).as_deref(), Some(expected));
        assert_eq!(marks.whole(Some("br"), text), None);
    }
}

#[test]
fn an_extract_covers_the_densest_matches() {
    let filler = "nothing of interest ".repeat(20);
    let text = format!("A custody here. {filler} custody and custody <again>. {filler}");
    let mut marks = Highlighter::new(&query_parser::parse("custody ").terms);
    let extract = marks.extract(None, &text).unwrap();
    assert_eq!(extract.matches("<mark>custody</mark>").count(), 2);
    assert!(extract.contains("&lt;again&gt;"), "{extract}");
    assert!(extract.len() < EXTRACT + 60, "{extract}");
    assert_eq!(marks.extract(None, &filler), None);
    // a word longer than an extract
    let long = format!("{} custody", "x".repeat(EXTRACT * 2));
    let extract = marks.extract(None, &long).unwrap();
    assert_eq!(extract, "<mark>custody</mark>");
}
