//! Unit tests of `writing::parsed`.
use answerable::tracking::catalogue::CATALOGUE;
use answerable::writing::parsed::*;
use answerable::writing::violation::Violation;

fn mistakes(line: &str) -> Vec<Violation> {
    Parsed::parse(&CATALOGUE, line).err().unwrap()
}

#[test]
fn each_mistake_has_its_pointer() {
    let line =
        r#"{"type":"organisation","slug":"A B","name":"","names":[{"name":"X","from":"2018-13"}]}"#;
    let places: Vec<String> = mistakes(line).into_iter().map(|one| one.pointer).collect();
    assert_eq!(places, ["/name", "/names/0/from", "/slug"]);
    let both = mistakes(r#"{"type":"topic","slug":"a","nmae":"A"}"#);
    assert_eq!([&*both[0].pointer, &*both[1].pointer], ["/name", "/nmae"]);
    assert_eq!(
        mistakes(r#"{"type":"topic","slug":"a","name":"A\u0000"}"#)[0].pointer,
        "/name"
    );
    assert_eq!(
        mistakes(r#"{"type":"topic","slug":"a","name":"A","state":"draft"}"#)[0].pointer,
        "/state"
    );
    assert_eq!(mistakes(r#"{"type":"unicorn"}"#)[0].pointer, "/type");
    assert_eq!(
        mistakes(r#"{"type":"topic","slug":"a"}"#)[0].pointer,
        "/name"
    );
    let long = format!(
        r#"{{"type":"topic","slug":"a","name":"A","state":"erased","parent":"{}"}}"#,
        "a".repeat(200)
    );
    assert_eq!(mistakes(&long)[0].pointer, "/parent");
    assert_eq!(mistakes("[1]")[0].pointer, "");
    assert_eq!(mistakes(&"[".repeat(100_000))[0].pointer, "");
}
