//! Publication states: what the public can see, and from when.

use serde_json::{Value, json};

use crate::lists::LISTS;
use crate::support::{Answer, assert_includes, both, both_empty, time, with};

/// Text of fictional records that are unpublished at the time of the tests.
const HIDDEN: [&str; 6] = [
    "erasable-marker-one",
    "exampleshire-draft-note",
    "exampleshire-scheduled-2099",
    "exampleshire-embargoed-note-2099",
    "exampleshire-embargoed-2099",
    "Night cover",
];

/// Asserts that a response contains no text of unpublished records.
#[track_caller]
fn assert_nothing_hidden(answer: &Answer) {
    let text = answer.text();
    assert!(HIDDEN.iter().all(|word| !text.contains(word)), "{text}");
}

#[test]
fn unpublished_records_appear_nowhere() {
    both(|api| {
        let mut seen = 0;
        for list in LISTS {
            for state in ["", "&state=withdrawn"] {
                if !state.is_empty() && api.get(&format!("{list}?limit=1{state}")).status == 400 {
                    continue; // a list of records without publication states
                }
                for page in api.walk(&format!("{list}?limit=100{state}")) {
                    for id in page.column("id") {
                        let collection = list.split('/').nth_back(0).unwrap();
                        assert_nothing_hidden(&api.get(&format!("/v1/{collection}/{id}")));
                        seen += 1;
                    }
                    assert_nothing_hidden(&page);
                }
            }
        }
        assert!(seen > 150, "{seen}");
        for kind in [
            "articles",
            "organisations",
            "recommendations",
            "obligations",
        ] {
            for more in ["", "state=withdrawn", "fields=id,body_html,body_text"] {
                for format in ["ndjson", "csv"] {
                    let export = format!("/v1/exports/{kind}.{format}?{more}");
                    assert_nothing_hidden(&api.get(&export));
                }
            }
        }
        // expanding must not reveal it either
        for path in [
            "/v1/articles?limit=100&expand=organisation,co_publishers,topics,reports,recommendations&fields=slug,organisation,reports,recommendations,body_html",
            "/v1/recommendations?limit=100&expand=report,addressees",
        ] {
            assert_nothing_hidden(&api.get(path));
        }
        for path in [
            "/v1/articles/exampleshire-draft-note",
            "/v1/articles/exampleshire-scheduled-2099",
            "/v1/articles/exampleshire-embargoed-note-2099",
            "/v1/reports/exampleshire-embargoed-2099",
            "/v1/reports/exampleshire-embargoed-2099/recommendations",
            "/v1/recommendations/exampleshire-embargoed-2099-1",
        ] {
            api.get(path).problem(404, "not-found");
        }
        // and a filter must not reveal its existence
        for parameter in [
            "report=exampleshire-embargoed-2099",
            "recommendation=exampleshire-embargoed-2099-1",
        ] {
            let answer = api.get(&format!("/v1/articles?{parameter}"));
            answer.problem(400, "invalid-query");
            assert_eq!(answer.mistakes()[0].1, "unknown_reference");
        }
    });
}

#[test]
fn an_embargo_ends_at_its_time() {
    both(|api| {
        let report = "/v1/reports/exampleshire-embargoed-2099";
        let recommendation = "/v1/recommendations/exampleshire-embargoed-2099-1";
        let article = "/v1/articles/exampleshire-embargoed-note-2099";
        let count = |list: &str| api.get(&format!("{list}?limit=1&count=exact")).count();
        let before = ["/v1/articles", "/v1/reports", "/v1/recommendations"].map(count);
        api.clock.set(time("2098-12-31T23:59:59.999Z"));
        for path in [report, recommendation, article] {
            api.get(path).problem(404, "not-found");
        }
        let control = api.get("/v1/articles").header("cache-control").to_owned();
        assert_eq!(
            control, "public, max-age=0, s-maxage=0",
            "nothing may outlive the embargo"
        );
        api.clock.set(time("2099-01-01T00:00:00Z"));
        for path in [report, recommendation, article] {
            api.get(path).assert_status(200);
        }
        assert_eq!(
            ["/v1/articles", "/v1/reports", "/v1/recommendations"].map(count),
            before.map(|n| n + 1)
        );
        assert!(
            api.get("/v1/articles?limit=100&fields=slug")
                .text()
                .contains("exampleshire-embargoed-note-2099")
        );
        // the scheduled one appears at its own time
        api.get("/v1/articles/exampleshire-scheduled-2099")
            .problem(404, "not-found");
        api.clock.set(time("2099-06-01T09:00:00Z"));
        api.get("/v1/articles/exampleshire-scheduled-2099")
            .assert_status(200);
    });
}

#[test]
fn a_withdrawn_record_becomes_a_notice() {
    both(|api| {
        let notice = json!({"state": "withdrawn", "withdrawal": {"at": "2022-09-01T10:00:00Z"}});
        let article = api.data("/v1/articles/exampleshire-radio-review-withdrawn");
        assert_includes(&article, notice.clone());
        let reason = article["withdrawal"]["reason"].as_str().unwrap();
        assert!(reason.starts_with("Fictional example"), "{reason}");
        assert_eq!(
            (article.get("body_html"), article.get("summary")),
            (None, None)
        );
        let report = api.data("/v1/reports/exampleshire-radio-2022");
        assert_includes(&report, notice);
        let slugs = |path: &str| api.get(path).column("slug");
        assert!(
            !slugs("/v1/articles?limit=100")
                .contains(&"exampleshire-radio-review-withdrawn".to_owned())
        );
        assert_eq!(
            slugs("/v1/articles?state=withdrawn"),
            ["exampleshire-radio-review-withdrawn"]
        );
        assert_eq!(
            slugs("/v1/reports?state=withdrawn"),
            ["exampleshire-radio-2022"]
        );
    });
}

#[test]
fn removed_records_are_410_or_451_and_keep_no_content() {
    both(|api| {
        api.get("/v1/articles/exampleshire-duplicate-notice")
            .problem(410, "gone");
        api.get("/v1/articles/exampleshire-erased-notice")
            .problem(451, "unavailable-for-legal-reasons");
        let export = api.export();
        let mut lines = export.lines();
        let line = lines
            .find(|line| line.contains("exampleshire-erased-notice"))
            .unwrap();
        let erased: Value = serde_json::from_str(line).unwrap();
        api.get(&format!("/v1/articles/{}", erased["id"].as_str().unwrap()))
            .problem(451, "unavailable-for-legal-reasons");
        assert!(!api.export().contains("erasable-marker-one"));
    });
}

#[test]
fn erasing_a_public_record_removes_it_from_every_response() {
    both(|api| {
        let address = "/v1/articles/exampleshire-custody-report-published";
        api.get(address).assert_status(200);
        api.import(r#"{"type":"article","slug":"exampleshire-custody-report-published","headline":"x","published_at":"2025-03-03T10:00:00Z","organisation":"exampleshire-oversight-office","state":"erased"}"#);
        api.get(address)
            .problem(451, "unavailable-for-legal-reasons");
        let welsh = api.data("/v1/articles/exampleshire-cyhoeddi-adroddiad-dalfa");
        assert_eq!(welsh.get("translation_of"), None, "{welsh}");
        assert!(
            !api.get("/v1/articles?limit=100")
                .text()
                .contains("exampleshire-custody-report-published")
        );
    });
}

#[test]
fn an_old_slug_redirects_to_the_new_one() {
    both_empty(|api| {
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        let named = |slug: &str| {
            format!(
                r#"{{"type":"organisation","id":"{id}","slug":"{slug}","name":"Exampleshire Watch"}}"#
            )
        };
        api.import(named("first"));
        api.import(named("second"));
        let answer = api
            .get("/v1/organisations/first?fields=slug&on=2020-01-01")
            .assert_status(308);
        assert_eq!(
            answer.header("location"),
            format!(
                "{}/v1/organisations/second?fields=slug&on=2020-01-01",
                api.base
            )
        );
        let answer = api.get("/v1/organisations/first/articles");
        assert_eq!(
            answer.header("location"),
            format!("{}/v1/organisations/second/articles", api.base)
        );
        assert_eq!(api.data(&format!("/v1/organisations/{id}"))["revision"], 2);
        // also one that is another word of the path
        for word in ["organisations", "history"] {
            api.import(named(word));
            api.import(named("second"));
            let answer = api.get(&format!("/v1/organisations/{word}/history"));
            let target = format!("{}/v1/organisations/second/history", api.base);
            assert_eq!(answer.assert_status(308).header("location"), target);
        }
        // the old slug still works in filters, and may be reused
        api.get("/v1/articles?organisation=second")
            .assert_status(200);
        api.import(r#"{"type":"organisation","slug":"first","name":"Another body"}"#);
        assert_eq!(api.data("/v1/organisations/first")["name"], "Another body");
        // renaming back is possible
        api.import(named("third"));
        api.import(named("second"));
        api.get("/v1/organisations/second").assert_status(200);
        api.get("/v1/organisations/third").assert_status(308);
    });
}

#[test]
fn names_and_members_are_those_of_the_requested_day() {
    both(|api| {
        for (path, name) in [
            (
                "exampleshire-oversight-office",
                "Exampleshire Oversight Office",
            ),
            (
                "exampleshire-oversight-office?on=2019-09-02",
                "Exampleshire Oversight Office",
            ),
            (
                "exampleshire-oversight-office?on=2019-09-01",
                "Exampleshire Complaints Commission",
            ),
            (
                "exampleshire-oversight-office?on=2009-03-31",
                "Exampleshire Complaints Board",
            ),
            (
                "iopc?on=2018-01-07",
                "Independent Police Complaints Commission",
            ),
            (
                "iopc?on=2018-01-08",
                "Independent Office for Police Conduct",
            ),
        ] {
            assert_eq!(
                api.data(&format!("/v1/organisations/{path}"))["name"],
                name,
                "{path}"
            );
        }
        let members = |day: &str| {
            let group = api.data(&format!("/v1/groups/exampleshire-forces?on={day}"));
            let members = group["members"].as_array().unwrap().iter();
            members
                .map(|member| member["organisation"]["slug"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            members("2017-01-01"),
            [
                "north-exampleshire-constabulary",
                "south-exampleshire-constabulary",
                "example-vale-police"
            ]
        );
        assert_eq!(members("2021-03-31").len(), 4);
        assert_eq!(
            members("2021-04-01"),
            [
                "example-harbour-police",
                "exampleshire-police",
                "example-vale-police"
            ]
        );
        assert_eq!(
            members("2024-01-01"),
            ["exampleshire-police", "example-vale-police"]
        );
        let listed = api
            .get("/v1/organisations?on=2016-01-01&limit=100")
            .column("name");
        assert!(listed.contains(&"Independent Police Complaints Commission".to_owned()));
    });
}

#[test]
fn addressees_are_frozen_at_publication() {
    both(|api| {
        let addressed = |slug: &str| api.data(&format!("/v1/recommendations/{slug}"));
        let old = addressed("exampleshire-custody-2020-1");
        let new = addressed("exampleshire-custody-2025-1");
        assert_eq!(old["addressed_organisation_count"], 4);
        assert_eq!(new["addressed_organisation_count"], 2);
        assert_eq!(new["supersedes"][0]["slug"], "exampleshire-custody-2020-1");
        assert_eq!(
            old["superseded_by"][0]["slug"],
            "exampleshire-custody-2025-1"
        );
        // rewriting the group's members, without dates, does not rewrite the addressees
        api.import(r#"{"type":"group","slug":"exampleshire-forces","name":"All Exampleshire forces","members":[{"organisation":"exampleshire-gazette"}]}"#);
        api.import(r#"{"type":"recommendation","report":"exampleshire-custody-2025","number":"1","text":"Amended words.","addressees":["exampleshire-forces"]}"#);
        let now = addressed("exampleshire-custody-2025-1");
        assert_includes(
            &now,
            json!({"text": "Amended words.", "addressed_organisation_count": 2}),
        );
        let addressed_to = |who: &str| {
            api.get(&format!("/v1/recommendations?organisation={who}&limit=100"))
                .column("slug")
        };
        assert!(
            addressed_to("exampleshire-police").contains(&"exampleshire-custody-2025-1".to_owned())
        );
        assert!(addressed_to("exampleshire-gazette").is_empty());
    });
}

#[test]
fn redating_a_report_redates_its_recommendations() {
    both(|api| {
        let first = || {
            api.get(
                "/v1/recommendations?organisation=example-vale-police&sort=published_on&limit=1",
            )
            .column("slug")
        };
        assert_eq!(first(), ["exampleshire-custody-2020-1"]);
        api.import(r#"{"type":"report","slug":"exampleshire-custody-2025","title":"Custody records in Exampleshire: a second look","published_on":"2019-03-03","publishers":["exampleshire-oversight-office"]}"#);
        assert_eq!(
            api.data("/v1/recommendations/exampleshire-custody-2025-1")["published_on"],
            "2019-03-03"
        );
        assert!(first()[0].starts_with("exampleshire-custody-2025"));
    });
}

#[test]
fn erasing_a_record_of_any_type_leaves_no_text_behind() {
    both(|api| {
        let state = r#""state":"erased""#;
        let erased = [
            (
                "topics",
                "example-custody",
                format!(
                    r#"{{"type":"topic","slug":"example-custody","name":"secret-word",{state}}}"#
                ),
            ),
            (
                "groups",
                "exampleshire-watchdogs",
                format!(
                    r#"{{"type":"group","slug":"exampleshire-watchdogs","name":"secret-word","members":[{{"organisation":"iopc"}}],{state}}}"#
                ),
            ),
            (
                "organisations",
                "exampleshire-gazette",
                format!(
                    r#"{{"type":"organisation","slug":"exampleshire-gazette","name":"secret-word","names":[{{"name":"secret-word"}}],{state}}}"#
                ),
            ),
            (
                "recommendations",
                "exampleshire-custody-2025-3",
                format!(
                    r#"{{"type":"recommendation","report":"exampleshire-custody-2025","number":"3","text":"secret-word","addressees":["iopc"],{state}}}"#
                ),
            ),
            (
                "reports",
                "exampleshire-radio-2022",
                format!(
                    r#"{{"type":"report","slug":"exampleshire-radio-2022","title":"secret-word","published_on":"2022-06-14","publishers":["iopc"],{state}}}"#
                ),
            ),
        ];
        for (collection, slug, document) in erased {
            api.import(document);
            api.get(&format!("/v1/{collection}/{slug}"))
                .problem(451, "unavailable-for-legal-reasons");
            assert!(
                !api.get(&format!("/v1/{collection}?limit=100"))
                    .text()
                    .contains(&format!("\"{slug}\"")),
                "{collection}"
            );
        }
        let wordless = json!({"slug": "wordless", "name": "", "state": "erased"});
        api.post("/v1/topics", &api.admin(), &wordless)
            .assert_status(204);
        let documents = api.export();
        assert!(!documents.contains("secret-word"));
        both_empty(|other| {
            other.import(&documents);
            other
                .get("/v1/groups/exampleshire-watchdogs")
                .problem(451, "unavailable-for-legal-reasons");
        });
    });
}

#[test]
fn topics_form_no_circle() {
    both_empty(|api| {
        let topic = |slug: &str, parent: Option<&str>| json!({"type": "topic", "slug": slug, "name": slug, "parent": parent});
        api.import_all(&[
            topic("a", None),
            topic("b", Some("a")),
            topic("c", Some("b")),
        ]);
        let (pointer, detail) = api.mistake(topic("a", Some("c")));
        assert_eq!(
            (pointer.as_str(), detail.as_str()),
            ("/parent", "The topic would be above itself.")
        );
    });
}

/// A caller learns the same of a hidden record as of one that does not exist: status, body and number of mistakes.
#[test]
fn references_to_hidden_records_are_answered_like_those_to_none() {
    both_empty(|api| {
        let hidden = |slug: &str, more: Value| {
            with(
                json!({"type": "report", "slug": slug, "title": "R", "published_on": "2026-01-02", "publishers": ["body"]}),
                more,
            )
        };
        api.import_all(&[
            json!({"type": "organisation", "slug": "body", "name": "A Fictional Body"}),
            json!({"type": "organisation", "slug": "other", "name": "Another Fictional Body"}),
            hidden("draft-one", json!({"state": "draft"})),
            hidden("embargoed", json!({"embargoed_until": "2027-01-02T00:00:00Z"})),
            json!({"type": "recommendation", "report": "draft-one", "number": "1", "text": "T", "addressees": ["other"]}),
            json!({"type": "article", "slug": "draft-two", "headline": "H", "organisation": "body", "published_at": "2026-01-02T00:00:00Z", "state": "draft"}),
        ]);
        let all = [
            "responses:write",
            "recommendations:write",
            "articles:write",
            "articles:publish",
            "mandates:write",
            "assessments:write",
        ];
        let (_, other) = api.client(&all, &["other"]);
        let id = |path: &str, name: &str| {
            let slug = format!("SELECT id FROM {path} WHERE slug = '{name}'");
            let rows: Vec<answerable::platform::identity::RecordId> = api.read(|c| {
                let mut sql = answerable::platform::db::Sql::new("SELECT r.id FROM ");
                sql.push(match path {
                    "reports" => "reports r",
                    "articles" => "articles r",
                    _ => "recommendations r",
                });
                sql.push(" WHERE r.slug = ").bind(name);
                sql.ids(c)
            });
            assert_eq!(rows.len(), 1, "{slug}");
            rows[0].to_string()
        };
        let nothing = "01890a5d-ac96-774b-bcce-b302099a8057".to_owned();
        let response = |report: &str| json!({"report": report, "responder": "other", "published_on": "2026-02-02", "covers": [{"number": "1"}, {"number": "2"}]});
        let recommendation = |report: &str| json!({"report": report, "number": "1", "text": "T", "addressees": ["other"]});
        let update = |of: &str| json!({"recommendation": of, "organisation": "other", "as_at": "2026-02", "status": "complete"});
        let article = |more: Value| {
            with(
                json!({"slug": "mine", "headline": "H", "organisation": "other", "published_at": "2026-01-02T00:00:00Z"}),
                more,
            )
        };
        let mandate = |report: &str| json!({"representative": "body", "represents": ["other"], "granted_by": "other", "report": report, "from": "2026-01-02"});
        let plan = |report: &str| json!({"report": report, "organisation": "other", "url": "https://other.example/plan"});
        type Document<'a> = &'a dyn Fn(&str) -> Value;
        let of_reports: [(&str, Document); 5] = [
            ("responses", &response),
            ("recommendations", &recommendation),
            ("mandates", &mandate),
            ("action-plans", &plan),
            ("articles", &|report: &str| {
                article(json!({"reports": [report]}))
            }),
        ];
        let same = |collection: &str, hidden: (&str, Value), none: (&str, Value)| {
            let send = |(name, body): (&str, Value)| {
                let answer = api.post(&format!("/v1/{collection}"), &other, &body);
                let kind = collection.trim_end_matches('s').replace('-', "_");
                let batch = json!([with(body, json!({"type": kind}))]);
                let batch = api.post("/v1/batch", &other, &batch);
                let plain = |answer: &crate::support::Answer| {
                    let mut body = answer.json();
                    body.as_object_mut().unwrap().shift_remove("request_id");
                    (answer.status, body.to_string().replace(name, "NAME"))
                };
                (plain(&answer), plain(&batch))
            };
            // the same statements run, so that the time it takes tells nothing either
            let path = format!("/v1/{collection}");
            // once a second, a request also reads the signing keys again: the least of several has not
            let cost = |body: &Value| {
                let send = || drop(api.post(&path, &other, body));
                (0..4).map(|_| api.statements(send)).min()
            };
            assert_eq!(cost(&hidden.1), cost(&none.1), "{collection} {}", hidden.0);
            let name = hidden.0.to_owned();
            let (hidden, none) = (send(hidden), send(none));
            assert_eq!(hidden, none, "{collection} {name}");
            assert_eq!(hidden.0.0, 422, "{collection} {name}: {}", hidden.0.1);
        };
        for (collection, body) in of_reports {
            for report in ["draft-one", "embargoed"] {
                let key = id("reports", report);
                same(
                    collection,
                    (report, body(report)),
                    ("no-such-one", body("no-such-one")),
                );
                same(collection, (&key, body(&key)), (&nothing, body(&nothing)));
            }
        }
        let (slug, key) = ("draft-one-1", id("recommendations", "draft-one-1"));
        same(
            "progress-updates",
            (slug, update(slug)),
            ("no-such-one", update("no-such-one")),
        );
        same(
            "progress-updates",
            (&key, update(&key)),
            (&nothing, update(&nothing)),
        );
        let key = id("articles", "draft-two");
        let translation = |of: &str| article(json!({"translation_of": of, "language": "cy"}));
        same(
            "articles",
            ("draft-two", translation("draft-two")),
            ("no-such-one", translation("no-such-one")),
        );
        same(
            "articles",
            (&key, translation(&key)),
            (&nothing, translation(&nothing)),
        );

        // a taken slug cannot be used, and that is all
        for (collection, taken, body) in [
            (
                "articles",
                "draft-two",
                article(json!({"slug": "draft-two"})),
            ),
            (
                "reports",
                "draft-one",
                json!({"slug": "draft-one", "title": "R", "published_on": "2026-01-02", "publishers": ["other"]}),
            ),
        ] {
            let refused = api.post(&format!("/v1/{collection}"), &other, &body);
            let mistakes = refused.problem(422, "validation-failed")["errors"].clone();
            assert_eq!(
                mistakes[0]["detail"], "This slug cannot be used.",
                "{taken}"
            );
            assert_eq!(mistakes.as_array().unwrap().len(), 1);
            // with an id of its own, too
            let body = with(body, json!({"id": "01890a5d-ac96-774b-bcce-b302099a8999"}));
            let refused = api.post(&format!("/v1/{collection}"), &other, &body);
            let mistakes = refused.problem(422, "validation-failed")["errors"].clone();
            assert_eq!(
                mistakes[0]["detail"], "This slug cannot be used.",
                "{taken}"
            );
        }
        // a draft that never was public and is removed never was, nor was its former slug
        let renamed = json!({"slug": "draft-three"});
        api.patch("/v1/articles/draft-two", &api.admin(), &renamed)
            .assert_status(200);
        api.delete("/v1/articles/draft-three", &api.admin())
            .assert_status(204);
        for path in [
            "/v1/articles/draft-three",
            "/v1/articles/draft-two",
            &format!("/v1/articles/{key}"),
        ] {
            api.get(path).problem(404, "not-found");
            api.get_as(&other, path).problem(404, "not-found");
        }
        api.get_as(&api.admin(), "/v1/articles/draft-three")
            .problem(410, "gone");
    });
}

#[test]
fn the_link_of_a_hidden_article_says_only_that_it_cannot_be_used() {
    both_empty(|api| {
        let body = |slug: &str| json!({"type": "organisation", "slug": slug, "name": slug});
        api.import_all(&[body("body"), body("other")]);
        let article = |slug: &str, organisation: &str, url: &str| json!({"slug": slug, "headline": "H", "organisation": organisation, "published_at": "2026-01-02T00:00:00Z", "original_url": url, "state": "draft"});
        let hidden = article("hidden", "body", "https://body.example/news");
        api.post("/v1/articles", &api.admin(), &hidden)
            .assert_status(201);
        let refused = |token: &str, organisation: &str| {
            let same = article("same", organisation, "http://www.body.example/news/");
            let answer = api.post("/v1/articles", token, &same);
            answer.assert_invalid(&["#/original_url"]);
            answer.json()["errors"][0]["detail"].clone()
        };
        let (_, other) = api.client(&["articles:write"], &["other"]);
        assert_eq!(refused(&other, "other"), "This value cannot be used.");
        let (_, own) = api.client(&["articles:write"], &["body"]);
        let told = refused(&own, "body");
        assert!(
            told.as_str().unwrap().starts_with("Another article has"),
            "{told}"
        );
    });
}

#[test]
fn whatever_is_withdrawn_says_when_and_why_on_every_way_in() {
    both_empty(|api| {
        crate::reading_back::seed(api);
        let token = api.admin();
        let record = |collection: &str| {
            let id = api.get(&format!("/v1/{collection}?limit=1")).records()[0]["id"].clone();
            format!("/v1/{collection}/{}", id.as_str().unwrap())
        };
        let update = record("progress-updates");
        for collection in [
            "articles",
            "recommendations",
            "responses",
            "action-plans",
            "progress-updates",
            "assessments",
            "reports",
        ] {
            let path = record(collection);
            for withdrawal in [json!(null), json!({"reason": " \u{200b}"}), json!({})] {
                let patch = json!({"state": "withdrawn", "withdrawal": withdrawal});
                let problem = api
                    .patch(&path, &token, &patch)
                    .problem(422, "validation-failed");
                let pointer = problem["errors"][0]["pointer"].as_str().unwrap();
                assert!(pointer.starts_with("#/withdrawal"), "{path}: {problem}");
            }
            let mut line = api.data(&path);
            line["type"] = json!(collection.trim_end_matches('s').replace('-', "_"));
            line["state"] = json!("withdrawn");
            line.as_object_mut()
                .unwrap()
                .retain(|name, _| name != "withdrawal");
            let problem = api
                .post("/v1/batch", &token, &json!([line.clone()]))
                .problem(422, "validation-failed");
            let errors = problem["errors"].as_array().unwrap();
            assert!(
                errors
                    .iter()
                    .any(|one| one["pointer"] == "#/0/withdrawal" && one["code"] == "required"),
                "{problem}"
            );
            let report = api.try_import(line.to_string());
            assert!(
                report
                    .mistakes
                    .iter()
                    .any(|one| one.pointer == "/withdrawal"),
                "{report:?}"
            );

            // the time is now, unless it is said
            let patch =
                json!({"state": "withdrawn", "withdrawal": {"reason": "It was an example."}});
            let shown = api.patch(&path, &token, &patch).assert_status(200).data();
            let expected = json!({"at": "2026-12-02T09:00:00Z", "reason": "It was an example."});
            assert_eq!(shown["withdrawal"], expected, "{path}");
            assert_eq!(api.data(&path)["withdrawal"], expected, "{path}");
        }
        // once it is in force again, it is not shown as withdrawn
        let published = api.patch(&update, &token, &json!({"state": "published"}));
        assert_eq!(published.assert_status(200).data().get("withdrawal"), None);
        api.assert_log_verifies();
    });
}
