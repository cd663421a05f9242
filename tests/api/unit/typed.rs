//! Unit tests of `publishing::search::query_parser`.
use answerable::publishing::search::query_parser::*;

#[test]
fn any_query_text_is_split_into_terms() {
    let shown = |typed: &str| {
        let terms = parse(typed).terms.into_iter();
        let shown = terms.map(|term| {
            let marks = [
                (term.is_excluded, "-"),
                (term.is_phrase, "\""),
                (term.is_prefix, "…"),
            ];
            let marks = marks.iter().filter(|(is, _)| *is).map(|(_, mark)| *mark);
            format!("{}{}", marks.collect::<String>(), term.text)
        });
        shown.collect::<Vec<_>>()
    };
    assert_eq!(shown("stalking repl"), ["stalking", "…repl"]);
    assert_eq!(shown("stalking replies "), ["stalking", "replies"]);
    assert_eq!(
        shown("\"all chief constables\" -wales"),
        ["\"all chief constables", "-wales"]
    );
    assert_eq!(shown("\"never closed"), ["\"never closed"]);
    assert_eq!(shown(" -- \" \" * ( field:x"), ["…field:x"]);
    assert_eq!(shown("-"), [] as [&str; 0]);
    assert_eq!(parse(&"word ".repeat(1_000)).terms.len(), MAX_TERMS);
}
