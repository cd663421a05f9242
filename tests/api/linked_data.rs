//! JSON-LD: articles and organisations in schema.org terms.

use serde_json::{Value, json};

use crate::support::{Instance, both, both_empty};

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
        assert_eq!(article["@context"], "https://schema.org");
        assert_eq!(article["@type"], "NewsArticle");
        assert_eq!(article["@id"], urn(&record));
        assert_eq!(article["isBasedOn"], "https://body.example/story");
        assert_eq!(article["articleBody"], "Words & more.");
        assert_eq!(article["datePublished"], record["published_at"]);
        assert_eq!(article["dateModified"], record["updated_at"]);
        assert_eq!(
            article["publisher"],
            json!({"@type": "GovernmentOrganization", "@id": urn(&record["organisation"]), "name": "The Fictional Body", "url": "https://body.example/"})
        );
        assert_eq!(article["contributor"][0]["@type"], "NGO");
        assert_eq!(article["keywords"], json!(["Safety"]));
        assert_eq!(article["citation"][0]["name"], "The Fictional Report");
        assert_eq!(
            article["correction"],
            json!([{"@type": "CorrectionComment", "datePublished": "2026-07-02T09:00:00Z", "text": "It was two."}])
        );
        assert_eq!(article["license"], "OGL-UK-3.0");
        assert_eq!(article["creditText"], "© The Body");
        assert_eq!(
            article["sdPublisher"],
            json!({"@type": "Organization", "name": "Answerable", "url": api.base})
        );
        // a withdrawn article is a notice here too
        let token = api.admin();
        let withdraw = "/v1/articles/story/withdraw";
        api.act(withdraw, &token, &json!({"reason": "Not so."}));
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
        assert_eq!(agency["foundingDate"], "2012-07");
        assert_eq!(
            agency["parentOrganization"]["@type"],
            "GovernmentOrganization"
        );
        assert_eq!(
            agency["parentOrganization"]["name"],
            "Exampleshire Ministry of Public Safety"
        );
        let merged = linked(api, "/v1/organisations/north-exampleshire-constabulary");
        assert_eq!(
            (&merged["foundingDate"], &merged["dissolutionDate"]),
            (&json!("1968"), &json!("2021-04-01"))
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
