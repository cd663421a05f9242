//! The shape of records: members, `fields`, `expand`, links between records, ETags.

use serde_json::{Value, json};
use std::collections::BTreeSet;

use crate::support::contract::{self, parameter_values};
use crate::support::{assert_includes, both, texts};

const ITEMS: [(&str, &str); 6] = [
    ("/v1/articles", "exampleshire-custody-report-published"),
    ("/v1/organisations", "exampleshire-oversight-office"),
    ("/v1/groups", "exampleshire-forces"),
    ("/v1/topics", "example-custody"),
    ("/v1/reports", "exampleshire-custody-2025"),
    ("/v1/recommendations", "exampleshire-custody-2025-1"),
];

fn members(record: &Value) -> BTreeSet<String> {
    record.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn fields_accepts_every_member_and_nothing_else() {
    for (list, _) in ITEMS {
        let name = contract::DOCUMENT["paths"][list]["get"]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].as_str().unwrap();
        let record = name.rsplit('_').next().unwrap();
        let schema = &contract::DOCUMENT["components"]["schemas"][record]["properties"];
        let documented: BTreeSet<String> = members(schema);
        for path in [list.to_owned(), format!("{list}/{{id}}")] {
            let fields = parameter_values(&path, "fields").into_iter();
            let fields = fields.filter(|field| !field.contains('.'));
            let fields: BTreeSet<String> = fields.map(str::to_owned).collect();
            assert_eq!(fields, documented, "{path}");
        }
    }
}

#[test]
fn fields_selects_the_members_of_lists_and_items() {
    both(|api| {
        for (list, slug) in ITEMS {
            let item = format!("{list}/{slug}");
            let whole = api.data(&item);
            let fields = parameter_values(list, "fields").into_iter();
            for field in fields.filter(|field| !field.contains('.')) {
                let one = api.data(&format!("{item}?fields={field}"));
                // members shown only on request
                if field != "body_text" {
                    assert_eq!(one.get(field), whole.get(field), "{item}?fields={field}");
                }
                assert!(members(&one).len() <= 1, "{one}");
                let listed = api.data(&format!("{list}?limit=100&fields={field}"));
                for record in listed.as_array().unwrap() {
                    assert!(
                        members(record).is_empty()
                            || members(record) == BTreeSet::from([field.to_owned()]),
                        "{record}"
                    );
                }
            }
            let two = api.data(&format!("{item}?fields=slug,id"));
            assert_eq!(
                members(&two),
                BTreeSet::from(["id".to_owned(), "slug".to_owned()])
            );
            assert_eq!(api.data(&format!("{item}?fields=slug&fields=id")), two);
        }
    });
}

#[test]
fn lists_include_bodies_only_on_request() {
    both(|api| {
        let slug = "exampleshire-custody-report-published";
        let body = |path: &str| {
            let data = api.data(path);
            let records = data.as_array().cloned().unwrap_or_else(|| vec![data]);
            records
                .into_iter()
                .find(|record| record["slug"] == slug)
                .unwrap()["body_html"]
                .clone()
        };
        assert!(body(&format!("/v1/articles/{slug}")).is_string());
        assert_eq!(body("/v1/articles?limit=100"), Value::Null);
        assert!(body("/v1/articles?limit=100&fields=slug,body_html").is_string());
    });
}

#[test]
fn expand_replaces_references_with_full_records() {
    both(|api| {
        for (list, slug) in ITEMS {
            for expansion in parameter_values(list, "expand") {
                let item = format!("{list}/{slug}");
                let plain = api.data(&item);
                let expanded = api.data(&format!("{item}?expand={expansion}"));
                let references = |record: &Value| match &record[expansion] {
                    Value::Array(several) => several.clone(),
                    Value::Null => Vec::new(),
                    one => vec![one.clone()],
                };
                let (short, long) = (references(&plain), references(&expanded));
                if expansion == "addressed_organisations" {
                    // this list can be long, so it is included only on request
                    assert_eq!(
                        (short.len(), long.len() as u64),
                        (0, plain["addressed_organisation_count"].as_u64().unwrap())
                    );
                    assert_eq!(long[0]["slug"], "example-vale-police", "{long:?}");
                    continue;
                }
                assert_eq!(short.len(), long.len(), "{item}?expand={expansion}");
                for (short, long) in short.iter().zip(&long) {
                    // memberships and addressees nest the record beside their own members
                    let named = |reference: &Value| {
                        let inner = reference.get("organisation").or(reference.get("group"));
                        inner.unwrap_or(reference).clone()
                    };
                    let (short, long) = (named(short), named(long));
                    assert_eq!(short["id"], long["id"]);
                    assert!(
                        long["revision"].is_number(),
                        "{item}?expand={expansion}: {long}"
                    );
                }
                // everything else is unchanged
                let (mut rest, mut expected) = (expanded.clone(), plain.clone());
                rest.as_object_mut().unwrap().remove(expansion);
                expected.as_object_mut().unwrap().remove(expansion);
                assert_eq!(rest, expected, "{item}?expand={expansion}");
                let listed = api
                    .get(&format!("{list}?limit=100&expand={expansion}"))
                    .records();
                let same = listed.iter().find(|record| record["slug"] == slug).unwrap();
                assert_eq!(
                    same[expansion], expanded[expansion],
                    "{list}?expand={expansion}"
                );
            }
        }
    });
}

#[test]
fn an_id_and_a_slug_return_the_same_record() {
    both(|api| {
        for (list, slug) in ITEMS {
            let by_slug = api.get(&format!("{list}/{slug}"));
            let id = by_slug.id();
            let by_id = api.get(&format!("{list}/{id}"));
            assert_eq!(by_id.bytes, by_slug.bytes);
            assert_eq!(by_id.header("etag"), by_slug.header("etag"));
            assert_eq!(
                api.get(&format!("{list}/{}", id.to_uppercase())).bytes,
                by_slug.bytes
            );
        }
    });
}

#[test]
fn an_article_has_every_member_of_its_document() {
    both(|api| {
        let article = api.data("/v1/articles/exampleshire-custody-report-published");
        let expected = json!({
            "organisation": {"slug": "exampleshire-oversight-office"},
            "co_publishers": [{"slug": "exampleshire-inspectorate"}],
            "topics": [{"name": "Custody records (example)"}],
            "statements": [{"office": "Chief Overseer"}, {"office": "Chief Inspector"}, {"speaker": null}],
            "reports": [{"title": "Custody records in Exampleshire: a second look"}],
            "published_at": "2025-03-03T10:00:00Z",
        });
        assert_includes(&article, expected);
        assert_eq!(
            article["translations"],
            json!([{"id": article["translations"][0]["id"], "slug": "exampleshire-cyhoeddi-adroddiad-dalfa", "language": "cy"}])
        );
        assert_eq!(article["recommendations"].as_array().unwrap().len(), 4);
        let corrected = api.data("/v1/articles/exampleshire-cell-inspection-figures");
        assert_eq!(corrected["corrections"][0]["before"], "16 of 20");
        let welsh = api.data("/v1/articles/exampleshire-cyhoeddi-adroddiad-dalfa");
        assert_eq!(
            welsh["translation_of"]["slug"],
            "exampleshire-custody-report-published"
        );
    });
}

#[test]
fn a_recommendation_shows_its_elements_and_its_parent() {
    both(|api| {
        let parent = api.data("/v1/recommendations/exampleshire-custody-2025-1");
        assert_eq!(texts(&parent["elements"], "number"), ["1.1", "1.2"]);
        let element = api.data("/v1/recommendations/exampleshire-custody-2025-1-2");
        assert_eq!(element["parent"]["number"], "1");
        let report = api.get("/v1/reports/exampleshire-custody-2025/recommendations?sort=number");
        assert_eq!(
            report.column("number"),
            ["1", "1.1", "1.2", "2", "3", "AFI 1"]
        );
    });
}

#[test]
fn a_matching_etag_gets_304() {
    both(|api| {
        for path in [
            "/v1/articles?limit=3",
            "/v1/organisations/iopc",
            "/openapi.json",
        ] {
            let first = api.get(path);
            let tag = first.header("etag");
            assert!(tag.starts_with('"'), "{tag}");
            for sent in [
                tag.to_owned(),
                format!("W/{tag}"),
                format!("\"other\", {tag}"),
                "*".to_owned(),
            ] {
                let again = api.get_with(path, &[("If-None-Match", &sent)]);
                assert_eq!((again.status, again.bytes.len()), (304, 0), "{path} {sent}");
                assert_eq!(again.header("etag"), tag);
                assert_eq!(again.header("cache-control"), first.header("cache-control"));
            }
            api.get_with(path, &[("If-None-Match", "\"other\"")])
                .assert_status(200);
        }
        let before = api.get("/v1/articles?limit=3").header("etag").to_owned();
        api.import(r#"{"type":"article","slug":"new","headline":"New","published_at":"2026-11-24T11:00:00Z","organisation":"iopc"}"#);
        api.get_with("/v1/articles?limit=3", &[("If-None-Match", &before)])
            .assert_status(200);
    });
}

#[test]
fn responses_are_compressed_as_negotiated() {
    both(|api| {
        let path = "/v1/articles?limit=20";
        let plain = api.get(path);
        assert_eq!(plain.header("content-encoding"), "");
        for coding in ["gzip", "br", "zstd"] {
            let accepted = ("Accept-Encoding", coding);
            let answer = api.send("GET", path, &[accepted]);
            assert_eq!(answer.header("content-encoding"), coding);
            assert!(answer.bytes.len() * 2 < plain.bytes.len());
            assert_ne!(
                answer.header("etag"),
                plain.header("etag"),
                "a strong tag is of one coding"
            );
            assert!(
                answer
                    .header("vary")
                    .to_lowercase()
                    .contains("accept-encoding")
            );
            let tag = ("If-None-Match", answer.header("etag"));
            api.send("GET", path, &[accepted, tag]).assert_status(304);
        }
    });
}

#[test]
fn records_match_their_snapshots() {
    // after an intended change: INSTA_UPDATE=always cargo test records_match
    both(|api| {
        for (list, slug) in ITEMS {
            let text = api
                .get(&format!("{list}/{slug}"))
                .text()
                .replace(&api.base, "");
            let record: Value = serde_json::from_str(&without_ids(&text)).unwrap();
            let name = list.trim_start_matches("/v1/");
            insta::assert_json_snapshot!(name, record["data"]);
        }
    });
}

/// Removes ids, which differ between databases.
fn without_ids(text: &str) -> String {
    let parts = text.split(r#""id":""#);
    let rest = parts.map(|part| {
        part.split_once('"')
            .filter(|(id, _)| id.len() == 36)
            .map_or(part, |(_, rest)| rest)
    });
    rest.collect::<Vec<_>>().join(r#""id":"(id)""#)
}
