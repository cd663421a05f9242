//! Importing GOV.UK content items.

use answerable::log::Resource;
use answerable::writing::import::{ImportError, OnMistake, Source, govuk};
use serde_json::{Value, json};
use std::path::Path;

use crate::support::{Instance, both_empty, data, lines, time, with};

/// Converts and imports a file or folder; returns the skipped items.
fn import(api: &Instance, path: &Path, publisher: Option<&str>) -> Vec<govuk::Skipped> {
    let mut knows = |resource: Resource, slug: &str| {
        let path = format!("/v1/{}/{slug}", resource.collection());
        Ok::<bool, ImportError>(api.get(&path).status != 404)
    };
    let converted = govuk::convert(path, publisher, &mut knows).unwrap();
    let labels = converted.labels.clone();
    let report = api.import_source(
        &Source::Spooled(converted.documents),
        OnMistake::StoreNothing,
    );
    let mistakes: Vec<String> = report
        .mistakes
        .iter()
        .map(|m| format!("{}: {m}", labels[m.line - 1]))
        .collect();
    assert_eq!(mistakes, Vec::<String>::new());
    converted.skipped
}

fn items() -> Vec<Value> {
    let office = json!({"title": "Exampleshire Office", "base_path": "/government/organisations/exampleshire-office", "content_id": "c-office"});
    let item = |path: &str, more: Value| {
        let item = json!({"base_path": path, "schema_name": "news_article", "title": format!("Page {}", path.chars().take(100).collect::<String>()), "locale": "en",
            "first_published_at": "2020-05-01T09:00:00+01:00", "public_updated_at": "2021-01-01T00:00:00Z",
            "links": {"organisations": [office]}, "details": {"body": "<p>Fictional.</p>"},
        });
        with(item, more)
    };
    let long = format!("/government/news/{}", "very-".repeat(60));
    vec![
        item(
            "/government/news/one",
            json!({"content_id": "c-1", "links": {"organisations": [office, {"title": "Second Office", "base_path": "/government/organisations/second-office"}], "taxons": [{"title": "Custody (example)", "base_path": "/justice/custody"}]}}),
        ),
        item(
            "/government/news/one.cy",
            json!({"content_id": "c-1", "locale": "cy", "title": "Tudalen"}),
        ),
        item(
            "/government/news/withdrawn",
            json!({"withdrawn_notice": {"explanation": "<div class=\"govspeak\"><p>Out of date, see <a href=\"/x\">the new one</a>.</p></div>", "withdrawn_at": "2022-02-03T10:00:00+00:00"}}),
        ),
        item(
            "/government/news/not-withdrawn",
            json!({"withdrawn_notice": {}}),
        ),
        item(
            "/government/news/limited",
            json!({"access_limited": {"users": ["u"]}}),
        ),
        item(
            "/government/news/scheduled",
            json!({"publishing_scheduled_at": "2030-01-01T09:30:00Z"}),
        ),
        item(
            "/government/news/one",
            json!({"content_id": "c-1", "title": "An older copy", "public_updated_at": "2020-06-01T00:00:00Z"}),
        ),
        item(
            "/guidance/in-parts",
            json!({"details": {"parts": [{"title": "First & last", "body": [{"content_type": "text/govspeak", "content": "x"}, {"content_type": "text/html", "content": "<p>Part one.</p>"}]}]}}),
        ),
        item(
            "/government/news/by-id-only",
            json!({"links": {"organisations": ["c-office"]}}),
        ),
        item("/government/news/nobody", json!({"links": {}})),
        item(&long, json!({})),
        item(&format!("{long}x"), json!({})),
        json!({"base_path": "/government/organisations/exampleshire-office", "schema_name": "organisation", "title": "Exampleshire Office", "content_id": "c-office", "details": {"acronym": "EO"}}),
        json!({"base_path": "/gone", "schema_name": "gone", "title": "x"}),
        json!({"base_path": "/no-time", "schema_name": "answer", "title": "x"}),
        json!({"links": {"organisations": []}}),
    ]
}

#[test]
fn withdrawals_translations_and_embargoes_survive_conversion() {
    both_empty(|api| {
        let folder = tempfile::tempdir().unwrap();
        for (number, item) in items().iter().enumerate() {
            std::fs::write(
                folder.path().join(format!("{number:02}.json")),
                item.to_string(),
            )
            .unwrap();
        }
        std::fs::write(folder.path().join("99.json"), "{").unwrap();
        let skipped = import(api, folder.path(), Some("exampleshire-office"));
        assert_eq!(skipped.len(), 5, "{skipped:?}");

        let one = api.data("/v1/articles/news-one");
        assert_eq!(one["headline"], "Page /government/news/one");
        assert_eq!(
            (one["published_at"].as_str(), one["updated_at"].as_str()),
            (Some("2020-05-01T08:00:00Z"), Some("2021-01-01T00:00:00Z"))
        );
        assert_eq!(
            (
                &one["organisation"]["slug"],
                &one["co_publishers"][0]["name"]
            ),
            (&json!("exampleshire-office"), &json!("Second Office"))
        );
        assert_eq!(one["topics"][0]["slug"], "justice-custody");
        assert_eq!(
            one["original_url"],
            "https://www.gov.uk/government/news/one"
        );
        assert_eq!(
            (
                &one["translations"][0]["language"],
                &one["translations"][0]["slug"]
            ),
            (&json!("cy"), &json!("news-one-cy"))
        );
        let welsh = api.data("/v1/articles/news-one-cy");
        assert_eq!(
            (&welsh["language"], &welsh["translation_of"]["slug"]),
            (&json!("cy"), &json!("news-one"))
        );

        let withdrawn = api.data("/v1/articles/news-withdrawn");
        assert_eq!(
            withdrawn["withdrawal"],
            json!({"at": "2022-02-03T10:00:00Z", "reason": "Out of date, see the new one."})
        );
        assert_eq!(
            api.data("/v1/articles/news-not-withdrawn")["state"],
            "published"
        );

        api.get("/v1/articles/news-limited")
            .problem(404, "not-found");
        api.get("/v1/articles/news-scheduled")
            .problem(404, "not-found");
        api.clock.set(time("2030-01-01T09:30:00Z"));
        api.get("/v1/articles/news-scheduled").assert_status(200);
        api.get("/v1/articles/news-limited")
            .problem(404, "not-found");

        let parts = api.data("/v1/articles/guidance-in-parts");
        assert_eq!(
            parts["body_html"],
            "<h2>First &amp; last</h2>\n<p>Part one.</p>"
        );
        assert_eq!(
            api.data("/v1/articles/news-by-id-only")["organisation"]["acronym"],
            Value::Null
        );
        assert_eq!(
            api.data("/v1/organisations/exampleshire-office")["acronym"],
            "EO"
        );
        let long = api.get("/v1/articles?limit=100&fields=slug").column("slug");
        assert_eq!(
            long.iter()
                .filter(|slug| slug.starts_with("news-very-very"))
                .count(),
            2
        );
        // a second import changes nothing, and an archive or NDJSON equals the folder
        let before = api.export();
        let path = folder.path().join("items.ndjson");
        std::fs::write(&path, lines(&items())).unwrap();
        import(api, &path, Some("exampleshire-office"));
        assert_eq!(api.export(), before);
    });
}

#[test]
fn real_content_items_are_imported_correctly() {
    let Some(path) = data("articles/govuk-content-items.tar.gz") else {
        return;
    };
    both_empty(|api| {
        api.import(
            r#"{"type":"organisation","slug":"test-publisher","name":"Publisher of the test"}"#,
        );
        let skipped = import(api, &path, Some("test-publisher"));
        // 390 items and 8 schemas: each becomes a record or is skipped with a reason
        let articles = api
            .export()
            .lines()
            .filter(|line| line.contains(r#""type":"article""#))
            .count();
        assert_eq!((articles, skipped.len()), (293, 98));
        let withdrawn = api.walk_records("/v1/articles?state=withdrawn&limit=100");
        assert_eq!(withdrawn.len(), 14);
        for article in &withdrawn {
            let reason = article["withdrawal"]["reason"].as_str().unwrap();
            assert!(
                !reason.is_empty()
                    && !reason.contains('<')
                    && article["withdrawal"]["at"].is_string(),
                "{article}"
            );
        }
        let languages: Vec<String> = ["cy", "ar", "es", "ur"]
            .iter()
            .map(|language| {
                api.get(&format!("/v1/articles?language={language}&count=exact"))
                    .count()
                    .to_string()
            })
            .collect();
        assert!(languages.iter().all(|count| count != "0"), "{languages:?}");
    });
}
