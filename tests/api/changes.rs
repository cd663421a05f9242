//! The public view of the change log: it misses nothing and shows only public records.

use chrono::{SecondsFormat, TimeDelta};
use serde_json::{Value, json};
use std::collections::BTreeMap;

use crate::support::{Content, Instance, both, both_empty, kinds, texts, time};

/// A consumer that rebuilds all records from the log: by id, each in its latest state.
#[derive(Default)]
struct Consumer {
    next: Option<String>,
    records: BTreeMap<String, (String, Value)>,
    seen: usize,
}

impl Consumer {
    /// Reads one page; returns whether more is available now.
    fn step(&mut self, api: &Instance, limit: usize) -> bool {
        let first = format!("/v1/changes?limit={limit}");
        let page = api.get(self.next.as_deref().unwrap_or(&first));
        for change in page.records() {
            self.seen += 1;
            let [id, kind] = ["id", "type"].map(|name| change[name].as_str().unwrap());
            match change.get("data") {
                Some(data) => self
                    .records
                    .insert(id.to_owned(), (kind.to_owned(), with_ids(data))),
                None => self.records.remove(id),
            };
        }
        self.next = page.next_page();
        page.json()["page"]["has_more"] == true
    }

    fn catch_up(&mut self, api: &Instance) {
        while self.step(api, 7) {}
    }
}

/// A document with ids for the records that it names.
fn with_ids(value: &Value) -> Value {
    match value {
        Value::Object(members) if members.contains_key("id") && members.contains_key("slug") => {
            members["id"].clone()
        }
        Value::Object(members) => {
            let members = members.iter();
            members
                .map(|(name, value)| (name.clone(), with_ids(value)))
                .collect()
        }
        Value::Array(values) => values.iter().map(with_ids).collect(),
        other => other.clone(),
    }
}

/// The public records of an export, in the consumer's form.
fn public(api: &Instance) -> BTreeMap<String, (String, Value)> {
    let mut records = BTreeMap::new();
    for line in api.export().lines() {
        let mut document: Value = serde_json::from_str(line).unwrap();
        let members = document.as_object_mut().unwrap();
        let mut take = |name: &str| {
            members
                .shift_remove(name)
                .unwrap()
                .as_str()
                .unwrap()
                .to_owned()
        };
        let (kind, id) = (take("type"), take("id"));
        let collection = format!("{}s", kind.replace('_', "-"));
        let answer = api.get(&format!("/v1/{collection}/{id}"));
        if answer.status != 200 {
            continue;
        }
        if answer.data()["state"] == "withdrawn" {
            // a withdrawn report's records are marked as withdrawn too; a recommendation keeps its text
            members.insert("state".to_owned(), json!("withdrawn"));
            let hidden: &[&str] = match kind.as_str() {
                "recommendation" => &[],
                _ => &["summary", "body_html", "statements"],
            };
            members.retain(|name, _| !hidden.contains(&name.as_str()));
        }
        records.insert(id, (kind, document));
    }
    records
}

#[test]
fn replaying_the_log_yields_the_public_records() {
    both(|api| {
        let mut consumer = Consumer::default();
        consumer.catch_up(api);
        assert!(consumer.seen > 100, "{}", consumer.seen);
        assert_eq!(consumer.records, public(api));
        let seen = consumer.seen;
        consumer.catch_up(api);
        assert_eq!(consumer.seen, seen, "nothing comes twice");
    });
}

#[test]
fn a_scheduled_record_appears_at_its_publication_time() {
    both_empty(|api| {
        let token = api.admin();
        let mut consumer = Consumer::default();
        let create = |path: &str, body: Value| {
            api.post(path, &token, &body).assert_status(201);
        };
        create("/v1/organisations", json!({"slug": "body", "name": "B"}));
        let article = json!({"slug": "later", "headline": "First words", "published_at": "2026-11-24T13:00:00Z", "organisation": "body"});
        create("/v1/articles", article);
        create("/v1/topics", json!({"slug": "after", "name": "After"}));
        consumer.catch_up(api);
        assert_eq!(consumer.records.len(), 2, "{:?}", consumer.records);
        let path = "/v1/articles/later";
        let patch = json!({"headline": "Second words"});
        api.patch(path, &token, &patch).assert_status(200);
        create(
            "/v1/articles",
            json!({"slug": "a-draft", "headline": "Draft", "published_at": "2026-01-01T00:00:00Z", "organisation": "body", "state": "draft"}),
        );
        consumer.catch_up(api);
        assert_eq!((consumer.records.len(), consumer.seen), (2, 2));
        api.clock.set(time("2026-11-24T13:00:00Z"));
        let token = api.admin();
        consumer.catch_up(api);
        assert_eq!(
            (consumer.records.len(), consumer.seen),
            (3, 3),
            "the words that were replaced before never come"
        );
        assert_eq!(consumer.records, public(api));
        // a public record that becomes a draft again is removed
        api.patch(path, &token, &json!({"state": "draft"}));
        consumer.catch_up(api);
        assert_eq!(consumer.records.len(), 2);
        // a future date cannot hide a record that was public
        api.patch(path, &token, &json!({"state": "published"}));
        let ahead = json!({"published_at": "2027-01-01T00:00:00Z"});
        let refused = api.patch(path, &token, &ahead);
        refused.assert_invalid(&["#/published_at"]);
    });
}

#[test]
fn recommendations_appear_and_disappear_with_their_report() {
    both_empty(|api| {
        let token = api.admin();
        let batch = json!([
            {"type": "organisation", "slug": "body", "name": "B"},
            {"type": "report", "slug": "r", "title": "R", "published_on": "2026-01-02", "publishers": ["body"], "state": "draft"},
            {"type": "recommendation", "report": "r", "number": "1", "text": "Do it.", "addressees": ["body"]},
        ]);
        api.post("/v1/batch", &token, &batch).assert_status(200);
        let mut consumer = Consumer::default();
        consumer.catch_up(api);
        assert_eq!(consumer.records.len(), 1);
        for (state, count) in [
            ("published", 3),
            ("draft", 1),
            ("published", 3),
            ("gone", 1),
        ] {
            if state == "gone" {
                let recommendation = api.delete("/v1/recommendations/r-1", &token);
                recommendation.assert_status(204); // what hangs on a report is removed first
            }
            let answer = api.patch("/v1/reports/r", &token, &json!({"state": state}));
            assert!(answer.status < 300, "{}", answer.text());
            consumer.catch_up(api);
            assert_eq!(
                consumer.records.len(),
                count,
                "{state}: {:?}",
                consumer.records
            );
            assert_eq!(consumer.records, public(api));
        }
        api.assert_log_verifies();
    });
}

#[test]
fn recommendations_appear_when_their_report_is_released() {
    both_empty(|api| {
        let mut consumer = Consumer::default();
        api.import(
            r#"{"type":"organisation","slug":"body","name":"B"}
{"type":"report","slug":"later","title":"Later","kind":"inspection","published_on":"2026-11-20","publishers":["body"],"state":"draft"}
{"type":"recommendation","report":"later","number":"1","text":"Do it.","addressees":["body"]}"#,
        );
        let report = |patch: Value| {
            api.patch("/v1/reports/later", &api.admin(), &patch)
                .assert_status(200);
        };
        let mut seen = |at: &str| {
            api.clock.set(time(at));
            consumer.catch_up(api);
            assert_eq!(consumer.records, public(api), "{at}");
            consumer.records.len()
        };
        report(json!({"state": "published", "embargoed_until": "2026-11-26T09:00:00Z"}));
        assert_eq!(seen("2026-11-25T09:00:00Z"), 1);
        report(json!({"embargoed_until": "2026-11-28T09:00:00Z"}));
        assert_eq!(seen("2026-11-27T09:00:00Z"), 1, "put off");
        report(json!({"state": "draft"}));
        assert_eq!(seen("2026-11-29T09:00:00Z"), 1, "called off");
        report(json!({"state": "published", "embargoed_until": "2026-11-30T09:00:00Z"}));
        assert_eq!(seen("2026-11-29T10:00:00Z"), 1);
        assert_eq!(seen("2026-11-30T09:00:00Z"), 3);
        report(json!({"state": "draft"}));
        assert_eq!(seen("2026-11-30T10:00:00Z"), 1, "taken back");
    });
}

#[test]
fn retracted_content_is_scrubbed_from_earlier_entries() {
    both(|api| {
        let token = api.admin();
        let article = json!({"slug": "x", "headline": "H", "summary": "SECRET", "body_html": "<p>SECRET</p>", "published_at": "2026-01-01T00:00:00Z", "organisation": "iopc"});
        let id = api.post("/v1/articles", &token, &article).id();
        let all = || {
            let changes = api.walk_changes().into_iter();
            json!(
                changes
                    .filter(|change| change["id"] == *id)
                    .collect::<Vec<_>>()
            )
        };
        let actions = |changes: &Value| texts(changes, "action");
        let first = all()[0]["data"]["body_html"].to_string();
        assert!(first.contains("SECRET"), "{first}");
        let withdrawal = json!({"state": "withdrawn", "withdrawal": {"at": "2026-11-24T12:00:00Z", "reason": "It was wrong."}});
        api.patch("/v1/articles/x", &token, &withdrawal);
        let changes = all();
        assert_eq!(actions(&changes).last().unwrap(), "withdrawn");
        assert!(!changes.to_string().contains("SECRET"), "{changes:#?}");
        assert!(!api.get("/v1/articles/x/history").text().contains("SECRET"));
        api.delete("/v1/articles/x", &token);
        let changes = all();
        assert!(
            actions(&changes).iter().all(|action| action == "removed")
                && !changes.to_string().contains("headline")
        );
        api.get("/v1/articles/x/history").problem(410, "gone");
        api.import(r#"{"type":"article","slug":"x","headline":"x","published_at":"2026-01-01T00:00:00Z","organisation":"iopc","state":"erased"}"#);
        assert_eq!(actions(&all()).last().unwrap(), "erased");
        api.assert_log_verifies();
    });
}

#[test]
fn history_lists_revisions_newest_first_and_honours_as_of() {
    both(|api| {
        for (n, day) in (0..5).zip(["12:00:00", "13:00:00", "14:00:00", "15:00:00", "16:00:00"]) {
            api.clock.set(time(&format!("2026-11-24T{day}Z")));
            let token = api.admin();
            let patch = json!({"description": format!("Words {n}")});
            api.patch("/v1/topics/stalking", &token, &patch);
        }
        for (query, expected) in [
            ("limit=2", &["Words 4", "Words 3"][..]),
            ("as_of=2026-11-24T14:30:00Z&limit=1", &["Words 2"]),
        ] {
            let entries = api
                .get(&format!("/v1/topics/stalking/history?{query}"))
                .records();
            let words: Vec<&Value> = entries
                .iter()
                .map(|one| &one["data"]["description"])
                .collect();
            assert_eq!(words, expected, "{query}");
        }
        for (as_of, status, code) in [
            ("2020-01-01T00:00:00Z", 404, "nothing-known-yet"),
            ("2030-01-01", 400, "invalid-query"),
        ] {
            api.get(&format!("/v1/topics/stalking/history?as_of={as_of}"))
                .problem(status, code);
        }
        let entries = api.walk_records("/v1/topics/stalking/history?limit=2");
        let revisions = entries
            .iter()
            .map(|entry| entry["revision"].as_i64().unwrap());
        assert!(revisions.eq((1..=6).rev()), "{entries:?}");
        for missing in ["unicorns/stalking", "topics/no-such-topic"] {
            api.get(&format!("/v1/{missing}/history"))
                .problem(404, "not-found");
        }
    });
}

#[test]
fn a_consumer_keeps_up_with_concurrent_writers() {
    for kind in kinds() {
        let api = Instance::start(kind, Content::Demo, |config| {
            config.workers = 2;
            config.database_wait_ms = 60_000;
        });
        let token = api.admin();
        let mut consumer = Consumer::default();
        std::thread::scope(|scope| {
            let writers: Vec<_> = (0..4)
                .map(|writer| {
                    let (api, token) = (&api, &token);
                    scope.spawn(move || {
                        for n in 0..15 {
                            let slug = format!("w-{writer}-{}", n % 5);
                            let path = format!("/v1/topics/{slug}");
                            let answer = match n % 3 {
                                0 => api.post("/v1/batch", token, &json!([{"type": "topic", "slug": slug, "name": format!("T{n}")}])),
                                1 => api.patch(&path, token, &json!({"name": format!("P{n}")})),
                                _ => api.delete(&path, token),
                            };
                            assert!([200, 201, 204, 404, 410].contains(&answer.status), "{}", answer.text());
                        }
                    })
                })
                .collect();
            // a consumer restarted with only its records and the URL of the next page
            while !writers.iter().all(|writer| writer.is_finished()) {
                consumer.step(&api, 3);
                consumer = Consumer {
                    ..std::mem::take(&mut consumer)
                };
            }
        });
        consumer.catch_up(&api);
        assert_eq!(consumer.records, public(&api));
    }
}

#[test]
fn a_merged_duplicate_redirects_to_its_survivor() {
    both_empty(|api| {
        let token = api.admin();
        api.import(concat!(
            r#"{"type":"organisation","slug":"body","name":"The Body"}"#,
            "\n",
            r#"{"type":"organisation","slug":"the-body","name":"Body, The"}"#,
            "\n",
            r#"{"type":"topic","slug":"elsewhere","name":"Elsewhere"}"#,
        ));
        let id = |slug: &str| api.data(&format!("/v1/organisations/{slug}"))["id"].clone();
        let (stays, goes) = (id("body"), id("the-body"));
        let remove = |survivor: &str| {
            let path = format!("/v1/organisations/the-body?merged_into={survivor}");
            api.delete(&path, &token)
        };
        for wrong in ["nobody", "elsewhere", "the-body"] {
            remove(wrong).assert_invalid(&["#/merged_into"]);
        }
        remove("body").assert_status(204);
        for key in ["the-body", goes.as_str().unwrap()] {
            let moved = api
                .get(&format!("/v1/organisations/{key}?fields=name"))
                .assert_status(308);
            assert!(
                moved
                    .header("location")
                    .ends_with("/v1/organisations/body?fields=name")
            );
        }
        let moved = api
            .get("/v1/articles?organisation=the-body")
            .assert_status(308);
        assert!(
            moved
                .header("location")
                .ends_with("/v1/articles?organisation=body")
        );
        let last = api.walk_changes().pop().unwrap();
        assert_eq!((&last["action"], &last["id"]), (&json!("removed"), &goes));
        assert_eq!((&last["merged_into"], last.get("data")), (&stays, None));
        // restored as a record of its own
        let open = r#"{"type":"organisation","slug":"the-body","name":"Body, The"}"#;
        api.import(open.replace("}", r#","state":"gone"}"#));
        api.get("/v1/organisations/the-body").problem(410, "gone");
        api.import(open);
        api.get("/v1/organisations/the-body").assert_status(200);
        let contradiction = open.replace("}", r#","merged_into":"body"}"#);
        let report = api.try_import(contradiction);
        assert_eq!(report.mistakes[0].pointer, "/merged_into");
    });
}

#[test]
fn a_merge_does_not_reveal_an_unpublished_survivor() {
    both_empty(|api| {
        let token = api.admin();
        let article = |slug: &str, state: &str| {
            format!(
                r#"{{"type":"article","slug":"{slug}","headline":"H","organisation":"body","published_at":"2026-01-01T00:00:00Z","state":"{state}"}}"#
            )
        };
        api.import(format!(
            "{}\n{}\n{}",
            r#"{"type":"organisation","slug":"body","name":"B"}"#,
            article("copy", "published"),
            article("secret", "draft")
        ));
        let path = "/v1/articles/copy?merged_into=secret";
        api.delete(path, &token).assert_status(204);
        api.get("/v1/articles/copy").problem(410, "gone");
        let last = api.walk_changes().pop().unwrap();
        assert_eq!(
            (&last["action"], last.get("merged_into")),
            (&json!("removed"), None)
        );
        api.import(article("secret", "published"));
        api.get("/v1/articles/copy").assert_status(308);
        let removed = api
            .walk_changes()
            .into_iter()
            .rfind(|change| change["action"] == "removed");
        assert!(removed.unwrap().get("merged_into").is_some());
    });
}

#[test]
fn an_unreadable_entry_is_an_error_never_a_removal() {
    both(|api| {
        let slug = &api.get("/v1/articles?limit=1").column("slug")[0];
        let paths = [
            "/v1/changes?type=article".to_owned(),
            format!("/v1/articles/{slug}/history"),
        ];
        for state in ["substr(state, 1, 40)", "'{\"state\":\"unheard-of\"}'"] {
            api.execute(&[&format!(
                "UPDATE changes SET state = {state} WHERE resource = 'article'"
            )]);
            for path in &paths {
                api.get(path).problem(500, "internal");
            }
        }
        let moment = api
            .clock
            .now()
            .and_utc()
            .to_rfc3339_opts(SecondsFormat::Millis, true);
        api.advance(TimeDelta::days(1));
        api.import(r#"{"type":"article","slug":"later","headline":"Later","published_at":"2026-11-25T00:00:00Z","organisation":"iopc"}"#);
        api.get(&format!("/v1/articles?as_of={moment}"))
            .problem(500, "internal");
    });
}

#[test]
fn what_is_written_while_a_report_is_taken_back_is_not_in_the_log() {
    both_empty(|api| {
        api.import_all(&[
            json!({"type": "organisation", "slug": "body", "name": "The Fictional Body"}),
            json!({"type": "report", "slug": "r", "title": "R", "published_on": "2026-01-05", "publishers": ["body"]}),
            json!({"type": "recommendation", "report": "r", "number": "1", "text": "First.", "addressees": ["body"]}),
        ]);
        let admin = api.admin();
        let id = api.get("/v1/recommendations/r-1").id();
        let patch = |path: &str, change: serde_json::Value| {
            api.patch(path, &admin, &change).assert_status(200);
        };
        patch("/v1/reports/r", json!({"state": "draft"}));
        let path = format!("/v1/recommendations/{id}");
        patch(
            &path,
            json!({"text": "Hidden wording.", "slug": "hidden-slug", "number": "1h"}),
        );
        let log = || api.get("/v1/changes?limit=100").text();
        assert!(
            !log().contains("hidden") && !log().contains("Hidden"),
            "{}",
            log()
        );
        patch(
            &path,
            json!({"text": "Final.", "slug": "r-one", "number": "1"}),
        );
        patch("/v1/reports/r", json!({"state": "published"}));
        assert_eq!(api.data(&path)["text"], "Final.");
        let history = api.get(&format!("{path}/history")).text();
        assert!(
            history.contains("Final.") && history.contains("First."),
            "{history}"
        );
        for text in [history, log()] {
            assert!(!text.contains("idden"), "{text}");
        }
        api.get("/v1/recommendations/hidden-slug")
            .assert_status(404);
        api.assert_log_verifies();
    });
}
