//! JSON-LD: articles and organisations in schema.org terms.

use serde_json::{Value, json};

use crate::support::{Instance, assert_includes, both, both_empty};

const ACCEPT: (&str, &str) = ("accept", "application/ld+json");

fn linked(api: &Instance, path: &str) -> Value {
    let answer = api.get_with(path, &[ACCEPT]);
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, "application/ld+json"),
        "{}",
        answer.text()
    );
    answer.json()
}

#[test]
fn an_article_is_described_in_schema_org_terms() {
    both_empty(|api| {
        api.import(concat!(
            r#"{"type":"organisation","slug":"body","name":"The Fictional Body","kind":"oversight_body","homepage":"https://body.example/"}"#, "\n",
            r#"{"type":"organisation","slug":"aid","name":"Fictional Aid","kind":"charity"}"#, "\n",
            r#"{"type":"topic","slug":"safety","name":"Safety"}"#, "\n",
            r#"{"type":"report","slug":"report","title":"The Fictional Report","published_on":"2026-01-02","publishers":["body"]}"#, "\n",
            r#"{"type":"article","slug":"story","headline":"Fictional","summary":"The gist","organisation":"body","co_publishers":["aid"],"topics":["safety"],"reports":["report"],"published_at":"2026-06-30T23:30:00Z","original_url":"https://body.example/story","attribution":"© The Body","licence":"OGL-UK-3.0","body_html":"<p>Words &amp; more.</p>","corrections":[{"at":"2026-07-02T09:00:00Z","note":"It was two."}],"identifiers":[{"scheme":"body","value":"7"}]}"#,
        ));
        let article = linked(api, "/v1/articles/story");
        let record = api.data("/v1/articles/story");
        let urn = |record: &Value| format!("urn:uuid:{}", record["id"].as_str().unwrap());
        let publisher = json!({"@type": "GovernmentOrganization", "@id": urn(&record["organisation"]), "name": "The Fictional Body", "url": "https://body.example/"});
        let correction = json!({"@type": "CorrectionComment", "datePublished": "2026-07-02T09:00:00Z", "text": "It was two."});
        let server = json!({"@type": "Organization", "name": "Answerable", "url": api.base});
        // in full
        assert_eq!(article["publisher"], publisher);
        assert_eq!(article["correction"], json!([correction]));
        assert_eq!(article["sdPublisher"], server);
        let expected = json!({
            "@context": "https://schema.org", "@type": "NewsArticle", "@id": urn(&record),
            "isBasedOn": "https://body.example/story", "articleBody": "Words & more.",
            "datePublished": record["published_at"], "dateModified": record["updated_at"],
            "contributor": [{"@type": "NGO"}], "keywords": ["Safety"], "citation": [{"name": "The Fictional Report"}],
            "license": "OGL-UK-3.0", "creditText": "© The Body",
        });
        assert_includes(&article, expected);
        // a withdrawn article is a notice here too
        api.withdraw("/v1/articles/story", "Not so.");
        let notice = linked(api, "/v1/articles/story");
        assert_eq!(notice["creativeWorkStatus"], "Withdrawn");
        assert_eq!(
            (notice.get("articleBody"), notice.get("description")),
            (None, None)
        );
    });
}

#[test]
fn an_organisation_is_described_with_its_former_names() {
    both(|api| {
        let iopc = linked(api, "/v1/organisations/iopc");
        assert_eq!(iopc["@type"], "GovernmentOrganization");
        assert_eq!(iopc["name"], "Independent Office for Police Conduct");
        let names = iopc["alternateName"].as_array().unwrap();
        assert!(
            names.contains(&json!("Independent Police Complaints Commission")),
            "{iopc}"
        );
        assert!(
            names.contains(&json!("IOPC")) && !names.contains(&iopc["name"]),
            "{iopc}"
        );
        let agency = linked(api, "/v1/organisations/exampleshire-forensic-agency");
        let parent = json!({"@type": "GovernmentOrganization", "name": "Exampleshire Ministry of Public Safety"});
        assert_includes(
            &agency,
            json!({"foundingDate": "2012-07", "parentOrganization": parent}),
        );
        let merged = linked(api, "/v1/organisations/north-exampleshire-constabulary");
        assert_includes(
            &merged,
            json!({"foundingDate": "1968", "dissolutionDate": "2021-04-01"}),
        );
        let charity = linked(api, "/v1/organisations/suzy-lamplugh-trust");
        assert_eq!(charity["@type"], "NGO");
    });
}

#[test]
fn json_and_json_ld_have_separate_etags_and_cache_entries() {
    both(|api| {
        for path in [
            "/v1/articles/exampleshire-custody-report-published",
            "/v1/organisations/iopc",
        ] {
            for _ in 0..2 {
                let plain = api.get(path);
                let other = api.get_with(path, &[ACCEPT]);
                assert_eq!(plain.header("content-type"), "application/json");
                assert_eq!(other.header("content-type"), "application/ld+json");
                assert_eq!(plain.header("vary"), "Accept, Accept-Encoding");
                assert_eq!(other.header("vary"), "Accept, Accept-Encoding");
                assert_ne!(plain.header("etag"), other.header("etag"));
                let tag = ("if-none-match", other.header("etag"));
                api.get_with(path, &[ACCEPT, tag]).assert_status(304);
                api.get_with(path, &[tag]).assert_status(200);
            }
            // JSON for clients that accept anything or prefer JSON
            for accept in [
                "*/*",
                "application/json",
                "application/json, application/ld+json",
            ] {
                let answer = api.get_with(path, &[("accept", accept)]);
                assert_eq!(
                    answer.header("content-type"),
                    "application/json",
                    "{accept}"
                );
            }
            // the ETag of either representation is valid in If-Match
            let tag = api.get_with(path, &[ACCEPT]).header("etag").to_owned();
            api.write(
                "PATCH",
                path,
                &api.admin(),
                &[("if-match", &tag)],
                &json!({}),
            )
            .assert_status(200);
            // the representation has its own members
            let collection = path.split('/').nth(2).unwrap();
            let expand = if collection == "articles" {
                "topics"
            } else {
                "parent"
            };
            for query in ["fields=slug".to_owned(), format!("expand={expand}")] {
                let answer = api.get_with(&format!("{path}?{query}"), &[ACCEPT]);
                answer.problem(400, "invalid-query");
            }
        }
        // unpublished records are hidden in every representation
        for path in [
            "/v1/articles/exampleshire-draft-note",
            "/v1/articles/exampleshire-scheduled-2099",
        ] {
            api.get_with(path, &[ACCEPT]).problem(404, "not-found");
        }
        api.get_with("/v1/articles/exampleshire-erased-notice", &[ACCEPT])
            .problem(451, "unavailable-for-legal-reasons");
    });
}
