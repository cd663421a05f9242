//! Writing over HTTP: creating, changing, removing, batches, preconditions, idempotency keys.

use answerable::platform::db::{Sql, count};
use serde_json::{Value, json};
use std::collections::BTreeSet;

use crate::support::{
    Answer, Content, Instance, assert_includes, both, both_empty, eventually, kinds, read, setting,
    texts, time, with,
};

const TOPIC: &str = "/v1/topics/stalking";

fn article(slug: &str) -> Value {
    json!({
        "slug": slug, "headline": "A fictional headline", "published_at": "2026-01-02T03:04:05Z",
        "organisation": "iopc", "topics": ["stalking"], "body_html": "<p>Words.</p><script>x()</script>",
    })
}

#[test]
fn an_article_can_be_created_changed_and_removed() {
    both(|api| {
        let token = api.admin();
        let created = api
            .post("/v1/articles", &token, &article("a-new-one"))
            .assert_status(201);
        assert_eq!(created.header("cache-control"), "private, no-store");
        let record = &created.json()["data"];
        assert_eq!(record["body_html"], "<p>Words.</p>");
        assert_eq!(record["revision"], 1);
        let read = api.get(created.header("location"));
        assert_eq!(&read.data(), record);
        assert_eq!(read.header("etag"), created.header("etag"));

        let patch = json!({"headline": "Another", "topics": null, "summary": "In short."});
        let path = "/v1/articles/a-new-one";
        let matching = |answer: &Answer, method: &str, body: &Value| {
            let tag = ("if-match", answer.header("etag"));
            api.write(method, path, &token, &[tag], body)
        };
        let changed = matching(&created, "PATCH", &patch);
        let record = changed.data();
        let expected = json!({"headline": "Another", "topics": [], "summary": "In short.", "revision": 2, "body_html": "<p>Words.</p>"});
        assert_includes(&record, expected);
        assert_eq!(api.data(path), record);

        let removed = matching(&changed, "DELETE", &Value::Null);
        assert_eq!((removed.status, removed.text().as_str()), (204, ""));
        api.get(path).problem(410, "gone");
        matching(&changed, "DELETE", &Value::Null).problem(410, "gone");
    });
}

#[test]
fn lists_follow_the_links_and_the_time_of_an_article() {
    const REPORT: &str = "stalking-super-complaint-2024";
    const RECOMMENDATION: &str = "stalking-super-complaint-2024-15";
    both(|api| {
        let token = api.admin();
        for (slug, second) in [("older", "01"), ("newer", "02")] {
            let links = json!({
                "published_at": format!("2026-01-02T00:00:{second}Z"), "co_publishers": ["hmicfrs"],
                "reports": [REPORT], "recommendations": [RECOMMENDATION],
            });
            api.post("/v1/articles", &token, &with(article(slug), links))
                .assert_status(201);
        }
        let change = |patch: Value| {
            let any = [("if-match", "*")];
            api.write("PATCH", "/v1/articles/older", &token, &any, &patch)
                .assert_status(200);
        };
        let ours = |filter: &str, value: &str| {
            let list = api.data(&format!("/v1/articles?{filter}={value}"));
            let mut slugs = texts(&list, "slug");
            slugs.retain(|slug| ["older", "newer"].contains(&slug.as_str()));
            slugs
        };
        let filters = [
            ("organisation", "iopc", "organisation", json!("hmicfrs")),
            ("topic", "stalking", "topics", json!([])),
            ("report", REPORT, "reports", json!([])),
            (
                "recommendation",
                RECOMMENDATION,
                "recommendations",
                json!([]),
            ),
        ];
        change(json!({"headline": "Another"}));
        for (filter, value, ..) in &filters {
            assert_eq!(ours(filter, value), ["newer", "older"], "{filter}");
        }
        change(json!({"published_at": "2026-01-02T00:00:03Z"}));
        for (filter, value, ..) in &filters {
            assert_eq!(ours(filter, value), ["older", "newer"], "{filter}");
        }
        change(json!({"co_publishers": []}));
        assert_eq!(ours("organisation", "hmicfrs"), ["newer"]);
        for (filter, value, member, none) in &filters {
            change(json!({*member: none}));
            assert_eq!(ours(filter, value), ["newer"], "{filter}");
        }
    });
}

#[test]
fn every_resource_can_be_written() {
    both_empty(|api| {
        let token = api.admin();
        let documents = [
            (
                "topics",
                json!({"slug": "x-topic", "name": "A topic"}),
                "name",
            ),
            (
                "organisations",
                json!({"slug": "x-body", "name": "A fictional body"}),
                "name",
            ),
            (
                "groups",
                json!({"slug": "x-group", "name": "A group", "members": [{"organisation": "x-body"}]}),
                "name",
            ),
            (
                "reports",
                json!({"slug": "x-report", "title": "A report", "published_on": "2026-01-02", "publishers": ["x-body"]}),
                "title",
            ),
            (
                "recommendations",
                json!({"report": "x-report", "number": "1", "text": "Do it.", "addressees": ["x-group"]}),
                "text",
            ),
            (
                "articles",
                json!({"slug": "x-article", "headline": "News", "published_at": "2026-01-02T00:00:00Z", "organisation": "x-body"}),
                "headline",
            ),
        ];
        for (collection, document, member) in &documents {
            let created = api.post(&format!("/v1/{collection}"), &token, document);
            assert_eq!(created.status, 201, "{collection}: {}", created.text());
            let path = format!(
                "/v1/{collection}/{}",
                created.json()["data"]["slug"].as_str().unwrap()
            );
            let again = api.post(&format!("/v1/{collection}"), &token, document);
            again.problem(409, "conflict");
            let patch = json!({*member: "Other words"});
            let changed = api.patch(&path, &token, &patch);
            assert_eq!(
                changed.json()["data"][member],
                "Other words",
                "{}",
                changed.text()
            );
            // putting the original document back, as a script would
            let tag = changed.header("etag").to_owned();
            let put = api
                .write("PUT", &path, &token, &[("if-match", &tag)], document)
                .assert_status(200);
            assert_eq!(put.json()["data"][member], document[member]);
            assert_eq!(api.data(&path), put.json()["data"]);
        }
        for (collection, document, _) in documents.iter().rev() {
            let slug = document["slug"].as_str().unwrap_or("x-report-1");
            let path = format!("/v1/{collection}/{slug}");
            api.delete(&path, &token).assert_status(204);
            api.get(&path).problem(410, "gone");
        }
    });
}

#[test]
fn a_change_requires_a_matching_if_match() {
    both(|api| {
        let token = api.admin();
        let patch = json!({"description": "Changed."});
        let send = |headers: &[(&str, &str)]| api.write("PATCH", TOPIC, &token, headers, &patch);
        send(&[]).problem(428, "precondition-required");
        let problem = send(&[("if-match", "\"r99.0123456789abcdef\"")]);
        let problem = problem.problem(412, "precondition-failed");
        assert!(
            problem["detail"].as_str().unwrap().contains("\"r1\""),
            "{problem}"
        );
        send(&[("if-match", "*"), ("if-none-match", "*")]).problem(412, "precondition-failed");
        // the ETag of a sparse or compressed response identifies the same version
        let sparse = api
            .get(&format!("{TOPIC}?fields=name"))
            .header("etag")
            .to_owned();
        send(&[("if-match", &sparse)]).assert_status(200);
        let packed = api
            .send("GET", TOPIC, &[("accept-encoding", "gzip")])
            .header("etag")
            .to_owned();
        assert!(packed.ends_with("-gzip\""), "{packed}");
        let other = json!({"description": "Changed again."});
        api.write("PATCH", TOPIC, &token, &[("if-match", &packed)], &other)
            .assert_status(200);
        send(&[("if-match", &sparse)]).problem(412, "precondition-failed");
    });
}

#[test]
fn put_creates_only_with_if_none_match() {
    both(|api| {
        let token = api.admin();
        let document = json!({"name": "Put here"});
        let send = |headers: &[(&str, &str)]| {
            api.write("PUT", "/v1/topics/put-here", &token, headers, &document)
        };
        send(&[("if-match", "*")]).problem(412, "precondition-failed");
        send(&[("if-none-match", "*")]).assert_status(201);
        send(&[("if-none-match", "*")]).problem(412, "precondition-failed");
        send(&[]).problem(428, "precondition-required");
        let same = send(&[("if-match", "*")]);
        assert_eq!(
            (same.status, &same.json()["data"]["revision"]),
            (200, &json!(1)),
            "nothing has changed"
        );
        let other = json!({"slug": "elsewhere", "name": "Put here"});
        api.write(
            "PUT",
            "/v1/topics/put-here",
            &token,
            &[("if-match", "*")],
            &other,
        )
        .problem(422, "validation-failed");
    });
}

#[test]
fn exactly_one_of_several_racing_changes_wins() {
    both(|api| {
        let token = api.admin();
        let tag = api.get(TOPIC).header("etag").to_owned();
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let race = |n: usize| {
                let (token, tag) = (&token, &tag);
                move || {
                    api.write(
                        "PATCH",
                        TOPIC,
                        token,
                        &[("if-match", tag)],
                        &json!({"description": format!("Number {n}")}),
                    )
                    .status
                }
            };
            let threads: Vec<_> = (0..8).map(|n| scope.spawn(race(n))).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        let count = |status| statuses.iter().filter(|s| **s == status).count();
        assert_eq!((count(200), count(412)), (1, 7), "{statuses:?}");
    });
}

#[test]
fn every_invalid_member_is_reported_with_its_pointer() {
    both(|api| {
        let token = api.admin();
        let document = json!({
            "slug": "Not A Slug", "headline": "", "published_at": "yesterday", "organisation": "nobody",
            "topics": ["stalking", "no-such-topic"], "original_url": "ftp://x", "colour": "red", "licence": 7,
        });
        let places = |document: &Value| {
            let refused = api.post("/v1/articles", &token, document);
            let problem = refused.problem(422, "validation-failed");
            let places = texts(&problem["errors"], "pointer").into_iter();
            places
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect::<Vec<_>>()
        };
        assert_eq!(
            places(&document),
            [
                "#/colour",
                "#/headline",
                "#/licence",
                "#/organisation",
                "#/original_url",
                "#/published_at",
                "#/slug",
                "#/topics/1"
            ]
        );
        let missing = places(&json!({"slug": "x"}));
        assert_eq!(missing, ["#/headline", "#/organisation", "#/published_at"]);
        // values that must not even reach PostgreSQL
        let nul = json!({"report": "a\u{0}", "number": "2", "parent_number": "1", "text": [], "addressees": []});
        let problem = api
            .post("/v1/recommendations", &token, &nul)
            .problem(422, "validation-failed");
        assert!(problem.to_string().contains("#/report"), "{problem:#}");
        let nul = json!({"slug": "x", "headline": "", "published_at": "2026-01-01T00:00:00Z", "organisation": "iopc", "reports": ["a\u{0}"]});
        api.post("/v1/articles", &token, &nul)
            .problem(422, "validation-failed");
        let nul = json!({"report": "exampleshire-custody-2025", "number": "", "parent_number": "1\u{0}", "text": "T", "addressees": []});
        api.post("/v1/recommendations", &token, &nul)
            .problem(422, "validation-failed");
    });
}

#[test]
fn an_unreadable_body_is_rejected() {
    both_empty(|api| {
        let authorization = format!("Bearer {}", api.admin());
        let send = |kind: &str, body: &[u8]| {
            let headers = [
                ("content-type", kind),
                ("authorization", authorization.as_str()),
            ];
            api.send_body("POST", "/v1/topics", &headers, body.to_vec())
        };
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(70), "]".repeat(70));
        let deepest = "[".repeat(100_000);
        for body in ["", "{", "[1]", "7", "\u{feff}", &deep, &deepest] {
            send("application/json", body.as_bytes()).problem(400, "invalid-json");
        }
        send("application/json", b"{\"name\":\"\xff\"}").problem(400, "invalid-json");
        for twice in [
            r#"{"slug":"a","name":"A","name":"B"}"#,
            r#"{"slug":"a","n\u0061me":"A","name":"B"}"#,
            r#"{"slug":"a","name":"A","x":[{"name":1,"name":1}]}"#,
        ] {
            let problem = send("application/json", twice.as_bytes()).problem(400, "invalid-json");
            let detail = problem["detail"].as_str().unwrap();
            assert!(detail.contains("'name' is there twice"), "{detail}");
        }
        send("text/plain", b"{}").problem(415, "unsupported-media-type");
        // rejected by its Content-Length: a client that kept sending might miss the response
        let announced = format!(
            "POST /v1/topics HTTP/1.1\r\nhost: x\r\nauthorization: {authorization}\r\ncontent-type: application/json\r\ncontent-length: 2000000\r\nconnection: close\r\n\r\n"
        );
        let refused = api.send_raw(announced.as_bytes());
        assert!(refused.starts_with("HTTP/1.1 413 "), "{refused}");
        assert!(refused.contains("payload-too-large"), "{refused}");
        let nul = send("application/json", br#"{"slug":"a","name":"A\u0000"}"#);
        nul.assert_invalid(&["#/name"]);
    });
}

#[test]
fn a_batch_is_stored_atomically() {
    both(|api| {
        let token = api.admin();
        let good = json!([
            {"type": "recommendation", "report": "batch-report", "number": "1", "text": "Do it.", "addressees": ["batch-body"]},
            {"type": "report", "slug": "batch-report", "title": "R", "published_on": "2026-01-02", "publishers": ["batch-body"]},
            {"type": "organisation", "slug": "batch-body", "name": "A fictional body"},
        ]);
        let answer = api.post("/v1/batch", &token, &good);
        let kinds = answer.column("type");
        assert_eq!(kinds, ["recommendation", "report", "organisation"]);
        assert_eq!(answer.column("outcome"), ["created", "created", "created"]);
        assert_eq!(
            api.data("/v1/recommendations/batch-report-1")["text"],
            "Do it."
        );
        let again = api.post("/v1/batch", &token, &good);
        assert_eq!(
            again.column("outcome"),
            ["unchanged", "unchanged", "unchanged"]
        );

        let bad = json!([
            {"type": "topic", "slug": "batch-topic", "name": "Good"},
            {"type": "topic", "slug": "other-topic", "name": ""},
            {"type": "topic", "slug": "third-topic", "name": "X", "parent": "nothing"},
        ]);
        let refused = api.post("/v1/batch", &token, &bad);
        refused.assert_invalid(&["#/1/name", "#/2/parent"]);
        api.get("/v1/topics/batch-topic").problem(404, "not-found");

        let many: Vec<Value> = (0..1001)
            .map(|n| json!({"type": "topic", "slug": format!("t-{n}"), "name": "T"}))
            .collect();
        api.post("/v1/batch", &token, &json!(many))
            .problem(422, "validation-failed");
        let most = api.post("/v1/batch", &token, &json!(many[..1000]));
        assert_eq!(most.records().len(), 1000);
    });
}

#[test]
fn a_repeated_idempotency_key_is_executed_once() {
    both(|api| {
        let token = api.admin();
        let create = |token: &str, key: &str, slug: &str| {
            api.write(
                "POST",
                "/v1/articles",
                token,
                &[("idempotency-key", key)],
                &article(slug),
            )
        };
        let key = "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"";
        let first = create(&token, key, "once");
        assert_eq!(
            (first.status, first.header("idempotency-replayed")),
            (201, "")
        );
        let again = create(&token, key, "once");
        assert_eq!(
            (again.status, again.header("idempotency-replayed")),
            (201, "true")
        );
        assert_eq!(
            (again.text(), again.header("etag"), again.header("location")),
            (first.text(), first.header("etag"), first.header("location"))
        );
        create(&token, key, "another").problem(422, "idempotency-mismatch");
        // keys are scoped to the client
        create(&api.admin(), key, "once").problem(409, "conflict");
        // failures are not stored: the corrected request may reuse the key
        let topic = |topic: Value| {
            api.write(
                "POST",
                "/v1/topics",
                &token,
                &[("idempotency-key", "second")],
                &topic,
            )
        };
        topic(json!({"slug": "s"})).problem(422, "validation-failed");
        topic(json!({"slug": "s", "name": "S"})).assert_status(201);
        // the key expires after a day
        api.clock.set(time("2026-11-25T12:00:01Z"));
        let token = api.admin();
        create(&token, "second", "once").problem(409, "conflict");
        create(&token, "", "x").problem(400, "bad-request");
    });
}

#[test]
fn an_idempotency_key_in_flight_is_not_executed_twice() {
    both(|api| {
        let token = api.admin();
        let statuses: Vec<(u16, String)> = std::thread::scope(|scope| {
            let send = || {
                let key = [("idempotency-key", "k")];
                let answer = api.write("POST", "/v1/articles", &token, &key, &article("raced"));
                (
                    answer.status,
                    answer.header("idempotency-replayed").to_owned(),
                )
            };
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(send)).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        let made = statuses
            .iter()
            .filter(|(status, replayed)| *status == 201 && replayed.is_empty())
            .count();
        let known = statuses
            .iter()
            .all(|(status, _)| [201, 409].contains(status));
        assert!(made == 1 && known, "{statuses:?}");
    });
}

#[test]
fn concurrent_writers_leave_no_gap_in_the_log() {
    for kind in kinds() {
        let api = Instance::start(kind, Content::Demo, |config| {
            config.workers = 2;
            config.database_wait_ms = 60_000;
        });
        let token = api.admin();
        let per_writer = setting("TEST_WRITES", 10);
        std::thread::scope(|scope| {
            for writer in 0..16 {
                let (api, token) = (&api, &token);
                scope.spawn(move || {
                    for n in 0..per_writer {
                        let slug = format!("w-{writer}-{n}");
                        let answer =
                            api.post("/v1/topics", token, &json!({"slug": slug, "name": "T"}));
                        assert_eq!(answer.status, 201, "{}", answer.text());
                    }
                });
            }
        });
        let verdict = answerable::log::verify::verify(&api.database).unwrap();
        assert_eq!(verdict.faults, []);
        println!("{kind:?}: {} entries without a gap", verdict.entries);
    }
}

#[test]
fn writes_that_wait_are_committed_together_and_fail_alone() {
    const TOPICS: usize = 12;
    for kind in kinds() {
        let api = Instance::start(kind, Content::Demo, |config| {
            config.database_wait_ms = 60_000
        });
        let token = api.admin();
        let topic = |slug: &str| json!({"type": "topic", "slug": slug, "name": "T"});
        let answers = std::thread::scope(|scope| {
            let (api, token) = (&api, &token);
            // they wait for this write, which holds the lock
            let senders = api.write_directly(|_| {
                let mut senders = Vec::new();
                for n in 0..TOPICS {
                    // every third is stored in part before it fails, every fourth is sent twice
                    let mut batch = vec![topic(&format!("t-{n}"))];
                    if n % 3 == 0 {
                        batch.push(with(
                            topic(&format!("u-{n}")),
                            json!({"parent": format!("u-{n}")}),
                        ));
                    }
                    for _ in 0..1 + usize::from(n % 4 == 1) {
                        let batch = json!(batch);
                        senders
                            .push(scope.spawn(move || (n, api.post("/v1/batch", token, &batch))));
                    }
                }
                let all = senders.len();
                eventually(|| match api.log.waiting() {
                    waiting if waiting == all => Ok(()),
                    waiting => Err(waiting),
                });
                Ok(senders)
            });
            let answers = senders.into_iter().map(|sender| sender.join().unwrap());
            answers.collect::<Vec<_>>()
        });
        assert_eq!(answers.len(), TOPICS + 3);
        for (n, answer) in answers {
            let expected = if n % 3 == 0 { 422 } else { 200 };
            assert_eq!(answer.status, expected, "{n}: {}", answer.text());
            let stored = api.get(&format!("/v1/topics/t-{n}")).status;
            assert_eq!(stored, if n % 3 == 0 { 404 } else { 200 }, "{n}");
        }
        api.assert_log_verifies();
        assert_eq!(api.log.waiting(), 0);
    }
}

#[test]
fn articles_that_wait_are_stored_as_one() {
    const ARTICLES: usize = 20;
    for kind in kinds() {
        let api = Instance::start(kind, Content::Demo, |config| {
            config.database_wait_ms = 60_000
        });
        let token = api.admin();
        // creates articles while the lock is held; returns the answers in order, and the number of statements
        let create = |run: &str, articles: &[Value]| {
            let mut before = 0;
            let answers: Vec<Answer> = std::thread::scope(|scope| {
                let senders = api.write_directly(|_| {
                    let (api, token) = (&api, &token);
                    let senders = articles.iter().enumerate().map(|(n, article)| {
                        let key = format!("{run}-{n}");
                        scope.spawn(move || {
                            let key = [("idempotency-key", key.as_str())];
                            api.write("POST", "/v1/articles", token, &key, article)
                        })
                    });
                    let senders: Vec<_> = senders.collect();
                    eventually(|| match api.log.waiting() {
                        waiting if waiting == articles.len() => Ok(()),
                        waiting => Err(waiting),
                    });
                    before = api.database.statements();
                    Ok(senders)
                });
                let senders = senders.into_iter();
                senders.map(|sender| sender.join().unwrap()).collect()
            });
            (answers, api.database.statements() - before)
        };
        let articles = |run: &str| -> Vec<Value> {
            let slugs = (0..ARTICLES).map(|n| format!("{run}-{n}"));
            slugs.map(|slug| article(&slug)).collect()
        };
        let (answers, statements) = create("first", &articles("first"));
        // fewer than three for each
        assert!(statements < 3 * ARTICLES as u64, "{statements} statements");
        for (n, answer) in answers.iter().enumerate() {
            assert_eq!(answer.status, 201, "{}", answer.text());
            let created = &answer.json()["data"];
            assert_eq!(created["slug"], format!("first-{n}"));
            assert_eq!(&api.get(answer.header("location")).data(), created);
        }
        let mut sql = Sql::new(
            "SELECT count(DISTINCT c.request_id) AS count FROM changes c JOIN articles a ON a.id = c.resource_id WHERE a.slug LIKE ",
        );
        sql.bind("first-%");
        let requests = read(&api.database, |c| count(c, &sql));
        assert_eq!(requests, ARTICLES as i64, "each has its own");
        // the same again is replayed, not executed
        let (replayed, _) = create("first", &articles("first"));
        for (first, again) in answers.iter().zip(&replayed) {
            assert_eq!(again.header("idempotency-replayed"), "true");
            assert_eq!(again.text(), first.text());
        }
        // those that cannot be stored do not keep the others from it
        let mut some_wrong = articles("second");
        some_wrong[3]["organisation"] = json!("nobody");
        some_wrong[5]["slug"] = json!("first-5");
        some_wrong[7] = some_wrong[8].clone();
        let (answers, _) = create("second", &some_wrong);
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!((statuses[3], statuses[5]), (422, 409));
        let mut twins = [statuses[7], statuses[8]];
        twins.sort_unstable();
        assert_eq!(twins, [201, 409]);
        let created = statuses.iter().filter(|status| **status == 201).count();
        assert_eq!(created, ARTICLES - 3, "{statuses:?}");
        api.assert_log_verifies();
    }
}

#[test]
fn an_article_passes_through_the_editorial_actions() {
    both(|api| {
        let draft = with(article("on-the-desk"), json!({"state": "draft"}));
        let path = "/v1/articles/on-the-desk";
        // tokens are valid for ten minutes
        let act =
            |action: &str, body: Value| api.act(&format!("{path}/{action}"), &api.admin(), &body);
        let created = api.post("/v1/articles", &api.admin(), &draft).json();
        assert_eq!(created["data"]["state"], "draft");
        let at = "2026-11-24T12:30:00Z";
        let planned = act("schedule", json!({"at": at})).data();
        assert_includes(&planned, json!({"state": "scheduled", "published_at": at}));
        api.get(path).problem(404, "not-found");
        let listed = api.get("/v1/articles").column("slug");
        assert!(!listed.contains(&"on-the-desk".to_owned()));
        api.clock.set(time(at));
        assert_eq!(
            api.data(path)["state"],
            "published",
            "without anybody doing more"
        );
        let correction = json!({"note": "A word was wrong.", "before": "a", "after": "b"});
        let corrected = act("corrections", correction.clone()).data();
        assert_eq!(
            corrected["corrections"],
            json!([with(correction, json!({"at": at}))])
        );
        let reason = json!({"reason": "It was wrong."});
        let withdrawn = act("withdraw", reason.clone()).data();
        assert_includes(
            &withdrawn,
            json!({"state": "withdrawn", "withdrawal": reason}),
        );
        assert!(withdrawn.get("body_html").is_none());
        let back = act("publish", json!({})).data();
        assert_includes(&back, json!({"state": "published", "published_at": at}));
        assert!(back.get("withdrawal").is_none() && back["body_html"] == "<p>Words.</p>");
        let later = act("schedule", json!({"at": "2027-01-01T00:00:00Z"}));
        later.problem(422, "validation-failed");
        act("publish", json!({"colour": "red"})).assert_invalid(&["#/colour"]);
        let unconditional = api.post(&format!("{path}/publish"), &api.admin(), &json!({}));
        unconditional.problem(428, "precondition-required");
    });
}

#[test]
fn times_have_years_of_four_digits() {
    const DAYS: &[&str] = &["+10000-01-01", "0000-12-31", "-0001-01-01"];
    const TIMES: &[&str] = &["9999-12-31T23:59:59-05:00", "0001-01-01T00:30:00+01:00"];
    let members: [(&str, &[&str]); 7] = [
        (
            "articles",
            &[
                "published_at",
                "first_published_at",
                "updated_at",
                "embargoed_until",
            ],
        ),
        (
            "reports",
            &["published_on", "embargoed_until", "responses_checked_on"],
        ),
        ("recommendations", &["stated_due_on"]),
        ("responses", &["published_on", "received_on"]),
        ("action-plans", &["first_seen_on", "last_changed_on"]),
        ("progress-updates", &["published_on"]),
        ("obligations", &["checked_on"]),
    ];
    both(|api| {
        let token = api.admin();
        for (collection, names) in members {
            let list = format!("/v1/{collection}?limit=1");
            let path = format!("/v1/{collection}/{}", api.get(&list).column("id")[0]);
            for name in names {
                let values = if name.ends_with("_on") { DAYS } else { TIMES };
                for value in values {
                    let patch =
                        Value::Object([(name.to_string(), json!(value))].into_iter().collect());
                    let problem = api
                        .patch(&path, &token, &patch)
                        .problem(422, "validation-failed");
                    let pointers = texts(&problem["errors"], "pointer");
                    assert!(
                        pointers.contains(&format!("#/{name}")),
                        "{path} {patch} {problem}"
                    );
                }
            }
        }
        let far = json!({"published_at": "9999-12-31T23:59:59Z"});
        let first = api
            .get("/v1/articles?limit=1&sort=published_at")
            .column("id")[0]
            .clone();
        assert_eq!(
            api.patch(&format!("/v1/articles/{first}"), &token, &far)
                .status,
            422
        ); // it has been public
        let article = json!({"slug": "far", "headline": "Far", "published_at": "9999-12-31T23:59:59.999Z", "organisation": "iopc"});
        assert_eq!(api.post("/v1/articles", &token, &article).status, 201);
        api.get("/v1/articles/far").problem(404, "not-found");
    });
}
