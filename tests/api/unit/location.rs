//! Unit tests of `platform::db::location`.
use answerable::platform::db::location::*;

#[test]
fn a_url_without_a_known_scheme_is_rejected() {
    for url in [
        "answerable.db",
        "postgress://host/db",
        "mysql://host/db",
        "sqlite:",
        "",
    ] {
        assert!(Location::parse(url).is_err(), "{url}");
    }
}

#[test]
fn the_password_is_redacted() {
    let location = Location::parse("postgres://user:secret@db.example:5432/oversight").unwrap();
    assert_eq!(location.to_string(), "postgres://db.example/oversight");
    assert!(!format!("{location:?}").contains("secret"));
}
