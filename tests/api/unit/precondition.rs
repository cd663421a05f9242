//! Unit tests of `http::precondition`.
use answerable::http::precondition::*;

#[test]
fn only_the_revision_in_an_etag_counts() {
    for tag in ["\"r7\"", "\"r7.0123456789abcdef\"", "\"r7.0123-gzip\""] {
        assert_eq!(revision_of(tag), Some(7), "{tag}");
    }
    for tag in ["", "r7", "\"7\"", "W/\"r7\"", "\"r\"", "\"r7", "\"rx.1\""] {
        assert_eq!(revision_of(tag), None, "{tag}");
    }
}
