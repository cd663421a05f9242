//! Unit tests of `writing::import::govuk`.
use answerable::writing::import::govuk::*;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::Write;

use crate::support::with;

const WITHDRAWN: &str = "2022-02-03T10:00:00Z";

/// A fictional page of the Exampleshire Office.
fn page(path: &str, more: Value) -> Value {
    let page = json!({"base_path": path, "schema_name": "news_article", "title": "Page of Exampleshire", "content_id": path,
        "locale": "en", "first_published_at": "2020-05-01T09:00:00Z", "updated_at": "2021-01-01T00:00:00Z",
        "links": {"organisations": [office("", "en")]},
    });
    with(page, more)
}

fn office(suffix: &str, locale: &str) -> Value {
    let path = format!("/government/organisations/exampleshire-office{suffix}");
    json!({"title": format!("Exampleshire Office ({locale})"), "base_path": path, "locale": locale})
}

/// The documents by type and slug, and the reasons for skipped entries.
fn converted(pages: &[Value]) -> (HashMap<String, Value>, Vec<String>) {
    let mut file = tempfile::Builder::new()
        .suffix(".ndjson")
        .tempfile()
        .unwrap();
    for page in pages {
        writeln!(file, "{page}").unwrap();
    }
    let converted = convert(file.path(), None, &mut |_, slug| Ok(slug == "stored")).unwrap();
    let text = std::fs::read_to_string(converted.documents.path()).unwrap();
    let documents: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(documents.len(), converted.labels.len());
    let key = |document: &Value| {
        let word = |name: &str| document[name].as_str().unwrap().to_owned();
        format!("{} {}", word("type"), word("slug"))
    };
    let documents = documents
        .into_iter()
        .map(|document| (key(&document), document));
    let reasons = converted.skipped.into_iter().map(|skipped| skipped.reason);
    (documents.collect(), reasons.collect())
}

#[test]
fn an_unreadable_time_never_publishes_an_item() {
    let (documents, reasons) = converted(&[
        page("/a", json!({"publishing_scheduled_at": "2030-13-01"})),
        page(
            "/b",
            json!({"withdrawn_notice": {"withdrawn_at": "2022-02-30T10:00:00Z"}}),
        ),
        page(
            "/c",
            json!({"withdrawn_notice": {"explanation": "<p>Unsafe</p>"}}),
        ),
        page("/d", json!({"withdrawn_notice": {}})),
    ]);
    assert_eq!(reasons.len(), 3, "{reasons:?}");
    assert_eq!(
        reasons[0],
        "its publishing_scheduled_at is not a valid time: \"2030-13-01\""
    );
    assert_eq!(documents["article d"].get("state"), None);
    assert_eq!(documents.len(), 2, "with the office: {documents:?}");
}

#[test]
fn a_withdrawn_copy_wins_over_one_of_the_same_age() {
    let notice =
        json!({"withdrawn_notice": {"explanation": "<p>Old.</p>", "withdrawn_at": WITHDRAWN}});
    let pages = [page("/a", json!({})), page("/a", notice)];
    for order in [[0, 1], [1, 0]] {
        let (documents, reasons) = converted(&order.map(|at: usize| pages[at].clone()));
        assert_eq!(documents["article a"]["withdrawal"]["reason"], "Old.");
        assert_eq!(reasons.len(), 1);
    }
}

#[test]
fn a_translation_differs_in_language_and_has_exactly_one_original() {
    let id = |id: &str, locale: &str| json!({"content_id": id, "locale": locale});
    let (documents, _) = converted(&[
        page("/a", id("1", "en")),
        page("/a.cy", id("1", "cy")),
        page("/b", id("2", "en")),
        page("/c", id("2", "en")),
        page("/c.cy", id("2", "cy")),
        page("/hafan", id("3", "cy")),
        page("/hafan.ar", id("3", "ar")),
        page("/stored.cy", id("4", "cy")),
    ]);
    let original = |slug: &str| {
        documents[&format!("article {slug}")]
            .get("translation_of")
            .cloned()
    };
    for (slug, expected) in [
        ("a-cy", "a"),
        ("hafan-ar", "hafan"),
        ("stored-cy", "stored"),
    ] {
        assert_eq!(original(slug), Some(json!(expected)), "{slug}");
    }
    for slug in ["a", "b", "c", "c-cy", "hafan"] {
        assert_eq!(original(slug), None, "{slug}");
    }
}

#[test]
fn a_body_is_one_organisation_across_languages_and_distinct_from_a_topic() {
    let topic = json!({"title": "Exampleshire Office", "base_path": "/exampleshire-office"});
    let (documents, _) = converted(&[
        page(
            "/a.cy",
            json!({"locale": "cy", "links": {"organisations": [office(".cy", "cy")]}}),
        ),
        page(
            "/b",
            json!({"links": {"organisations": [office("", "en")], "taxons": [topic]}}),
        ),
    ]);
    assert_eq!(
        documents["organisation exampleshire-office"]["name"],
        "Exampleshire Office (en)"
    );
    assert_eq!(
        documents["article a-cy"]["organisation"],
        "exampleshire-office"
    );
    assert!(documents.contains_key("topic exampleshire-office"));
    assert_eq!(documents.len(), 4);
}

#[test]
fn foreign_and_unusable_pages_are_skipped() {
    let body = json!({"schema_name": "organisation", "access_limited": {"users": ["u"]}});
    let (documents, reasons) = converted(&[
        page("@example.org/a", json!({})),
        page("/b", json!({"title": "  "})),
        page("/government/organisations/hidden-office", body),
        page("/gone", json!({"schema_name": "gone"})),
        json!({"links": {}}),
    ]);
    assert_eq!((documents.len(), reasons.len()), (0, 5), "{reasons:?}");
}
