//! Unit tests of `http::precondition` and `http::conditions`.
use actix_web::http::header::{self, EntityTag, HeaderMap, HeaderValue};
use answerable::http::conditions::{EntityTags, is_current};
use answerable::http::precondition::*;

#[test]
fn only_the_revision_in_an_etag_counts() {
    let revision = |tag: &str| {
        tag.parse::<EntityTag>()
            .ok()
            .and_then(|tag| revision_of(&tag))
    };
    for tag in ["\"r7\"", "\"r7.0123456789abcdef\"", "\"r7.0123-gzip\""] {
        assert_eq!(revision(tag), Some(7), "{tag}");
    }
    for tag in ["", "r7", "\"7\"", "W/\"r7\"", "\"r\"", "\"r7", "\"rx.1\""] {
        assert_eq!(revision(tag), None, "{tag}");
    }
}

#[test]
fn a_comma_may_stand_inside_an_entity_tag() {
    let mut headers = HeaderMap::new();
    assert_eq!(EntityTags::read(&headers, header::IF_NONE_MATCH), None);
    let sent = HeaderValue::from_static("\"a,b\" , W/\"c\", d, \"e");
    headers.append(header::IF_NONE_MATCH, sent);
    headers.append(header::IF_NONE_MATCH, HeaderValue::from_static("\"f\""));
    for (tag, matches) in [
        ("\"a,b\"", true),
        ("W/\"a,b\"", true),
        ("\"c\"", true),
        ("\"f\"", true),
        ("\"a\"", false),
        ("\"b\"", false),
        ("\"d\"", false),
        ("\"e\"", false),
    ] {
        let tag = HeaderValue::from_static(tag);
        assert_eq!(is_current(&headers, Some(&tag), None), matches, "{tag:?}");
    }
    headers.append(header::IF_NONE_MATCH, HeaderValue::from_static("*"));
    assert!(is_current(
        &headers,
        Some(&HeaderValue::from_static("\"d\"")),
        None
    ));
    assert!(!is_current(&headers, None, None));
}
