//! Erasure is final: nothing of an erased record is kept, and it does not come back.

use answerable::log::{Log, Origin, verify};
use answerable::platform::config::Config;
use answerable::platform::db::Location;
use answerable::tracking::catalogue::CATALOGUE;
use answerable::writing::import::{self, OnMistake, Source};
use answerable::writing::past::comparing;
use chrono::TimeDelta;
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;

use crate::support::{Content, Instance, Kind, both, both_empty, database, kinds, with};

/// A word that occurs nowhere else.
const SECRET: &str = "zyzzyvasecretword";

fn article(more: Value) -> Value {
    let document = json!({"slug": "a", "headline": SECRET, "organisation": "body", "published_at": "2026-01-02T00:00:00Z"});
    with(document, more)
}

/// Whether the search index in a folder has not followed the log to this entry, or a file of it has a deleted document or
/// belongs to no living segment.
fn keeps_deleted(folder: &Path, newest: i64) -> bool {
    let entries = std::fs::read_dir(folder).unwrap().filter_map(Result::ok);
    let mut folders = entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir());
    let folder = folders.next().unwrap();
    let index = tantivy::Index::open_in_dir(&folder).unwrap();
    let state: Value = serde_json::from_str(&index.load_metas().unwrap().payload.unwrap()).unwrap();
    if state["position"].as_i64().unwrap() < newest {
        return true;
    }
    let segments = index.searchable_segment_metas().unwrap();
    let living: Vec<String> = segments.iter().map(|one| one.id().uuid_string()).collect();
    let files = std::fs::read_dir(&folder).unwrap().filter_map(Result::ok);
    let names = files.map(|file| file.file_name().to_string_lossy().into_owned());
    let is_of_segment = |name: &String| name.len() > 32 && !name.starts_with('.');
    let mut of_segments = names.filter(is_of_segment);
    let is_dead = |name: String| !living.iter().any(|id| name.starts_with(id.as_str()));
    segments.iter().any(|one| one.num_deleted_docs() > 0) || of_segments.any(is_dead)
}

fn file_holds(path: &Path, word: &str) -> bool {
    // a file of the index may be deleted meanwhile
    let bytes = std::fs::read(path).unwrap_or_default();
    bytes
        .windows(word.len())
        .any(|window| window == word.as_bytes())
}

#[test]
fn an_erased_record_does_not_come_back() {
    both_empty(|api| {
        api.import(json!({"type": "organisation", "slug": "body", "name": "A Fictional Body"}));
        let token = api.admin();
        let key = [("idempotency-key", "once")];
        let body = article(json!({}));
        let created = api
            .write("POST", "/v1/articles", &token, &key, &body)
            .assert_status(201);
        let again = api.write("POST", "/v1/articles", &token, &key, &body);
        assert_eq!(
            (again.status, again.header("idempotency-replayed")),
            (201, "true")
        );
        let id = created.json()["data"]["id"].as_str().unwrap().to_owned();
        let erased = api.patch("/v1/articles/a", &token, &json!({"state": "erased"}));
        assert_eq!((erased.status, erased.text().as_str()), (204, ""));
        api.get("/v1/articles/a")
            .problem(451, "unavailable-for-legal-reasons");

        // the stored answer is gone, and the request does not work again
        let again = api.write("POST", "/v1/articles", &token, &key, &body);
        again.problem(422, "validation-failed");
        assert!(!again.text().contains(SECRET));
        let stored = "SELECT count(*) AS count FROM idempotency_keys WHERE body LIKE '%zyzzyva%'";
        assert_eq!(api.count(stored), 0);
        for path in ["/v1/articles/a".to_owned(), format!("/v1/articles/{id}")] {
            let any = [("if-match", "*")];
            for (method, body) in [
                ("PATCH", json!({"state": "published"})),
                ("PUT", body.clone()),
            ] {
                let refused = api.write(method, &path, &token, &any, &body);
                assert!(
                    [422, 451].contains(&refused.status),
                    "{method} {path}: {}",
                    refused.text()
                );
            }
            let refused = api.act(&format!("{path}/publish"), &token, &json!({}));
            refused.problem(451, "unavailable-for-legal-reasons");
        }
        let batch = json!([with(body.clone(), json!({"type": "article"}))]);
        api.post("/v1/batch", &token, &batch)
            .problem(422, "validation-failed");
        let line = with(body, json!({"type": "article"}));
        let (pointer, detail) = api.mistake(line.clone());
        assert_eq!(pointer, "/state");
        assert!(detail.contains("--revive-erased"), "{detail}");
        api.get("/v1/articles/a")
            .problem(451, "unavailable-for-legal-reasons");

        // but if an administrator says so
        let origin = Origin {
            now: api.clock.now(),
            ..Origin::default()
        };
        let source = Source::Memory(vec![line.to_string()]);
        let log: &Log = &api.log;
        let report = import::run(
            log,
            &CATALOGUE,
            origin,
            &source,
            OnMistake::StoreNothing,
            true,
            &|_| (),
        );
        assert!(report.unwrap().stored);
        api.get("/v1/articles/a").assert_status(200);
    });
}

#[test]
fn removing_a_record_says_so() {
    both_empty(|api| {
        api.import(json!({"type": "organisation", "slug": "body", "name": "A Fictional Body"}));
        let token = api.admin();
        for state in ["gone", "erased"] {
            let slug = format!("a-{state}");
            api.post("/v1/articles", &token, &article(json!({"slug": slug})))
                .assert_status(201);
            let path = format!("/v1/articles/{slug}");
            let removed = api.patch(&path, &token, &json!({"state": state}));
            assert_eq!((removed.status, removed.text().as_str()), (204, ""));
            let put = article(json!({"slug": format!("b-{state}"), "state": state}));
            let path = format!("/v1/articles/b-{state}");
            let put = api.write("PUT", &path, &token, &[("if-none-match", "*")], &put);
            assert_eq!(put.status, 204, "{}", put.text());
        }
    });
}

/// An instance with its index in a folder, and articles that one commit has indexed, so that they are in one file: `a` has
/// the secret, the others have not. The past is in another folder, and knows it, too.
fn indexed(kind: Kind, folder: &Path) -> (Instance, String, Option<TempDir>) {
    let (url, file) = database(kind, Content::Empty);
    let (search, past) = (folder.join("search"), folder.join("past"));
    let api: Instance = Instance::start_at(&url, move |config| {
        config.search_folder = Some(search.clone());
        config.past_folder = Some(past.clone());
    });
    api.import(json!({"type": "organisation", "slug": "body", "name": "A Fictional Body"}));
    let token = api.admin();
    let document = |slug: &str, headline: &str| {
        article(
            json!({"type": "article", "slug": slug, "headline": headline, "body_html": format!("<p>{headline}</p>")}),
        )
    };
    // many, so that a single deleted document is no reason to write the file again
    let others = (0..30).map(|n| document(&format!("b-{n}"), "Walrus"));
    let batch: Vec<Value> = std::iter::once(document("a", SECRET))
        .chain(others)
        .collect();
    api.post("/v1/batch", &token, &json!(batch))
        .assert_status(200);
    wait(|| !found(&api).is_empty());
    let before = api.clock.now().and_utc().to_rfc3339().replace('+', "%2B");
    api.advance(TimeDelta::minutes(1));
    let path = format!("/v1/articles/a?as_of={before}");
    assert_eq!(api.data(&path)["headline"], SECRET);
    assert!(holds(&folder.join("past"), SECRET));
    (api, token, file)
}

/// Waits for an event.
fn wait(what: impl Fn() -> bool) {
    let start = Instant::now();
    while !what() {
        assert!(start.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The records that a search for the secret finds.
fn found(api: &Instance) -> Vec<Value> {
    let answer = api.get(&format!("/v1/search?q={SECRET}"));
    match answer.status {
        200 => answer.records(),
        _ => Vec::new(),
    }
}

/// Whether a file below a folder has this text.
fn holds(folder: &Path, text: &str) -> bool {
    let entries = std::fs::read_dir(folder).unwrap().filter_map(Result::ok);
    let mut paths = entries.map(|entry| entry.path());
    paths.any(|path| match path.is_dir() {
        true => holds(&path, text),
        false => file_holds(&path, text),
    })
}

/// Checks that neither the database nor what is derived from it keeps the secret.
fn assert_nothing_kept(api: &Instance, folder: &Path) {
    if let Location::SqliteFile(file) = api.database.location() {
        // without another checkpoint: the write-ahead log is empty already
        for suffix in ["", "-wal"] {
            let file = format!("{file}{suffix}");
            assert!(!file_holds(Path::new(&file), SECRET), "{file}");
        }
    }
    let kept = "SELECT count(*) AS count FROM changes WHERE state LIKE '%zyzzyva%'";
    assert_eq!(api.count(kept), 0);
    wait(|| found(api).is_empty());
    let newest = api.count("SELECT max(seq) AS count FROM changes");
    wait(|| !keeps_deleted(&folder.join("search"), newest));
    wait(|| !holds(&folder.join("past"), SECRET));
}

#[test]
fn no_file_keeps_what_was_erased() {
    for kind in kinds() {
        let folder = tempfile::tempdir().unwrap();
        let (api, token, _file) = indexed(kind, folder.path());
        api.patch("/v1/articles/a", &token, &json!({"state": "erased"}))
            .assert_status(204);
        assert_nothing_kept(&api, folder.path());
    }
}

#[test]
fn the_past_does_not_keep_what_was_erased_of_an_obligation() {
    let report = json!({"type": "report", "slug": "r", "title": "R", "published_on": "2026-01-01", "publishers": ["body"]});
    let about = |slug: &str, more: Value| {
        with(
            json!({"type": "obligation", "report": "r", "number": "1", "organisation": slug}),
            more,
        )
    };
    let recommendation = |exclusions: Value| json!({"type": "recommendation", "report": "r", "number": "1", "text": "Do it.", "addressees": ["north", "south", "west"], "exclusions": exclusions});
    let erase = |slug: &str| about(slug, json!({"state": "erased"}));
    for kind in kinds() {
        let folder = tempfile::tempdir().unwrap();
        let (api, token, _file) = indexed(kind, folder.path());
        api.patch("/v1/articles/a", &token, &json!({"state": "erased"}))
            .assert_status(204);
        let bodies = ["north", "south", "west"]
            .map(|slug| json!({"type": "organisation", "slug": slug, "name": slug}));
        api.import_all(&bodies);
        let notes = bodies
            .iter()
            .map(|body| about(body["slug"].as_str().unwrap(), json!({"note": SECRET})));
        let notes: Vec<Value> = notes.collect();
        api.import_all(&[vec![report.clone(), recommendation(json!([]))], notes].concat());
        let before = api.clock.now().and_utc().to_rfc3339().replace('+', "%2B");
        api.advance(TimeDelta::minutes(1));
        let path = format!("/v1/obligations?as_of={before}");
        assert_eq!(api.data(&path)[2]["note"], SECRET);
        // still addressed; erased, then no longer addressed; the other way round
        api.import_all(&[erase("north"), erase("south")]);
        api.import(recommendation(json!(["south", "west"])));
        api.import(erase("west"));
        let shown = api.get(&path).assert_status(200);
        assert!(!shown.text().contains(SECRET));
        wait(|| !holds(&folder.path().join("past"), SECRET));
    }
}

#[test]
fn no_file_keeps_a_redacted_revision() {
    for kind in kinds() {
        let folder = tempfile::tempdir().unwrap();
        let (api, token, _file) = indexed(kind, folder.path());
        let corrected = json!({"headline": "Penguin", "body_html": "<p>Penguin</p>"});
        api.patch("/v1/articles/a", &token, &corrected)
            .assert_status(200);
        api.act("/v1/articles/a/redactions", &token, &json!({"revision": 1}))
            .assert_status(204);
        assert_nothing_kept(&api, folder.path());
    }
}

#[test]
fn one_revision_is_redacted_and_the_rest_stands() {
    both_empty(|api| {
        api.import(json!({"type": "organisation", "slug": "body", "name": "A Fictional Body"}));
        let mut token = api.admin();
        let headlines = ["First", SECRET, "Third", "Fourth"];
        for (index, headline) in headlines.into_iter().enumerate() {
            let path = "/v1/articles/a";
            match index {
                0 => api.post(
                    "/v1/articles",
                    &token,
                    &article(json!({"headline": headline})),
                ),
                _ => api.patch(path, &token, &json!({"headline": headline})),
            };
            api.advance(TimeDelta::hours(1));
            token = api.admin();
        }
        let path = "/v1/articles/a/redactions";
        let redact =
            |token: &str, revision: i64| api.act(path, token, &json!({"revision": revision}));
        let (_, publisher) = api.client(&["articles:write", "articles:publish"], &["body"]);
        redact(&publisher, 2).problem(403, "insufficient-scope");
        for wrong in [4, 9] {
            redact(&token, wrong).assert_invalid(&["#/revision"]);
        }
        redact(&token, 2).assert_status(204);
        redact(&token, 2).assert_invalid(&["#/revision"]);

        assert_eq!(api.data("/v1/articles/a")["headline"], "Fourth");
        for history in [
            api.get("/v1/articles/a/history"),
            api.get_as(&token, "/v1/articles/a/history"),
        ] {
            let told: Vec<Value> = history.records();
            let told = told
                .iter()
                .map(|change| (change["action"].clone(), change["data"]["headline"].clone()));
            let published = |headline: &str| (json!("published"), json!(headline));
            let expected = [
                published("Fourth"),
                published("Fourth"),
                published("Third"),
                (json!("redacted"), Value::Null),
                published("First"),
            ];
            assert_eq!(told.collect::<Vec<_>>(), expected);
        }
        // subscribers that replay the log do not take the record for removed
        let changes = api.walk_changes();
        let about = changes.iter().filter(|change| change["type"] == "article");
        let actions: Vec<&str> = about
            .map(|change| change["action"].as_str().unwrap())
            .collect();
        assert_eq!(
            actions,
            [
                "published",
                "redacted",
                "published",
                "published",
                "published"
            ]
        );
        assert!(!api.get("/v1/changes").text().contains(SECRET));
        // the past shows the other revisions, and in place of this one the record as it is
        for (at, headline) in [
            ("2026-11-24T12:30:00Z", "First"),
            ("2026-11-24T13:30:00Z", "Fourth"),
            ("2026-11-24T14:30:00Z", "Third"),
        ] {
            let then = api.data(&format!("/v1/articles/a?as_of={at}"));
            assert_eq!(then["headline"], headline, "{at}");
        }
        let restore = json!({"revision": 2});
        api.act("/v1/articles/a/restore", &token, &restore)
            .assert_invalid(&["#/revision"]);
        api.assert_log_verifies();
        let differences = comparing::differences(
            &api.database,
            &CATALOGUE,
            Config::default().pool_size(),
            api.clock.now(),
        );
        assert_eq!(differences.unwrap(), []);
        // one that was removed behind the log's back does not pass for a redacted one
        api.execute(&["UPDATE changes SET state = NULL WHERE seq = 4"]);
        let faults = verify::verify(&api.database).unwrap().faults;
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].seq, 4);
    });
}

/// Checks that the log verifies, and that a replay of it gives the same records.
fn assert_verified(api: &Instance) {
    api.assert_log_verifies();
    let (size, now) = (Config::default().pool_size(), api.clock.now());
    let differences = comparing::differences(&api.database, &CATALOGUE, size, now);
    assert_eq!(differences.unwrap(), []);
}

#[test]
fn what_the_log_keeps_of_erased_records_can_be_read() {
    both(|api| {
        let exported = api.export();
        let mut documents: Vec<Value> = exported
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        documents.reverse(); // what refers to others first
        let mut kinds: Vec<String> = Vec::new();
        for document in documents {
            let report = api.try_import(with(document.clone(), json!({"state": "erased"})));
            let kind = document["type"].as_str().unwrap().to_owned();
            if report.mistakes.is_empty() && !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        assert!(kinds.len() >= 10, "{kinds:?}");
        api.advance(TimeDelta::hours(1));
        let past = api.get("/v1/responses?as_of=2026-11-24T12:00:00Z");
        assert!(past.assert_status(200).records().is_empty());
        let size = Config::default().pool_size();
        comparing::differences(&api.database, &CATALOGUE, size, api.clock.now()).unwrap();
    });
}

/// A report with a recommendation to a group, each stored by itself, an hour apart.
fn stored_one_by_one(api: &Instance) {
    for document in [
        json!({"type": "organisation", "slug": "body", "name": "A Fictional Body"}),
        json!({"type": "group", "slug": "g", "name": "G", "members": [{"organisation": "body"}]}),
        json!({"type": "report", "slug": "r", "title": "First", "published_on": "2026-01-02", "publishers": ["body"]}),
        json!({"type": "recommendation", "report": "r", "number": "1", "text": "Do it.", "addressees": ["g"]}),
        json!({"type": "recommendation", "report": "r", "number": "1.1", "text": "Do it.", "addressees": ["body"], "parent_number": "1", "repeats": ["r-1"]}),
    ] {
        api.import(document);
        api.advance(TimeDelta::hours(1));
    }
}

#[test]
fn what_others_refer_to_can_be_redacted_and_erased() {
    for state in ["redacted", "erased"] {
        both_empty(|api| {
            stored_one_by_one(api);
            let then = "/v1/recommendations?as_of=2026-11-24T16:30:00Z";
            api.get(then).assert_status(200);
            for (path, patch) in [
                ("/v1/recommendations/r-1", json!({"text": "Do it now."})),
                ("/v1/groups/g", json!({"members": []})),
                ("/v1/reports/r", json!({"title": "Second"})),
            ] {
                let token = api.admin();
                match state {
                    "erased" => {
                        let erased = json!({"state": "erased"});
                        api.patch(path, &token, &erased).assert_status(204);
                    }
                    _ => {
                        api.patch(path, &token, &patch).assert_status(200);
                        let redact = json!({"revision": 1});
                        api.act(&format!("{path}/redactions"), &token, &redact)
                            .assert_status(204);
                    }
                }
                assert_verified(api);
                api.get(then).assert_status(200);
                api.get("/v1/organisations?as_of=2026-11-24T16:30:00Z")
                    .assert_status(200);
            }
        });
    }
}

#[test]
fn a_snapshot_of_the_past_forgets_what_was_redacted() {
    both_empty(|api| {
        api.import(json!({"type": "organisation", "slug": "body", "name": "A Fictional Body"}));
        let token = api.admin();
        api.post("/v1/articles", &token, &article(json!({})))
            .assert_status(201);
        api.advance(TimeDelta::minutes(2));
        api.patch("/v1/articles/a", &token, &json!({"headline": "Clean"}))
            .assert_status(200);
        let then = || api.data("/v1/articles/a?as_of=2026-11-24T12:01:00Z")["headline"].clone();
        assert_eq!(then(), SECRET);
        api.act("/v1/articles/a/redactions", &token, &json!({"revision": 1}))
            .assert_status(204);
        assert_eq!(then(), "Clean");
    });
}

#[test]
fn an_erasure_reaches_the_record_that_it_names() {
    both_empty(|api| {
        stored_one_by_one(api);
        let response = |kind: &str| json!({"type": "response", "report": "r", "responder": "body", "published_on": "2026-02-02", "kind": kind, "covers": [{"number": "1", "text": kind}]});
        api.import_all(&[response("full"), response("holding")]);
        api.import(with(response("holding"), json!({"state": "erased"})));
        let left = api.data("/v1/responses");
        assert_eq!(left.as_array().unwrap().len(), 1);
        assert_eq!(left[0]["kind"], "full");
        // the URL that identifies a plan is erased: it is named by its id
        let plan = json!({"type": "action_plan", "report": "r", "organisation": "body", "url": "https://body.example/plan", "title": SECRET});
        api.import(&plan);
        let erased = with(plan, json!({"state": "erased"}));
        assert_eq!(api.mistake(erased.clone()).0, "/id");
        let id = api.data("/v1/action-plans")[0]["id"].clone();
        api.import(with(erased, json!({ "id": id })));
        assert_eq!(api.data("/v1/action-plans"), json!([]));
        // what was recorded on an obligation does not come back either
        let facts = json!({"type": "obligation", "recommendation": "r-1", "organisation": "body", "note": SECRET});
        api.import(&facts);
        api.import(with(facts.clone(), json!({"state": "erased"})));
        assert_eq!(api.mistake(facts).0, "/state");
        let of = api.data("/v1/obligations?recommendation=r-1")[0].clone();
        assert_eq!(of.get("note"), None);
        let path = format!("/v1/obligations/{}", of["id"].as_str().unwrap());
        api.patch(
            &path,
            &api.admin(),
            &json!({"note": "Again.", "state": "published"}),
        )
        .problem(422, "validation-failed");
        assert_verified(api);
    });
}

#[test]
fn a_batch_is_replayed_to_those_who_may_see_its_records() {
    both_empty(|api| {
        let body = |slug: &str| json!({"type": "organisation", "slug": slug, "name": slug});
        api.import_all(&[body("body"), body("other")]);
        let (_, token) = api.client(&["articles:write"], &["body"]);
        let key = [("idempotency-key", "once")];
        let batch = json!([article(json!({"type": "article", "state": "draft"}))]);
        let send = || api.write("POST", "/v1/batch", &token, &key, &batch);
        send().assert_status(200);
        assert_eq!(send().header("idempotency-replayed"), "true");
        api.patch(
            "/v1/articles/a",
            &api.admin(),
            &json!({"organisation": "other"}),
        )
        .assert_status(200);
        send().problem(404, "not-found");
    });
}

#[test]
fn obligations_of_an_erased_recommendation_are_what_the_log_says() {
    both_empty(|api| {
        stored_one_by_one(api);
        api.import_all(&[
            json!({"type": "organisation", "slug": "other", "name": "Another Fictional Body"}),
            json!({"type": "recommendation", "report": "r", "number": "2", "text": "Do it.", "addressees": ["body", "other"]}),
            json!({"type": "response", "report": "r", "responder": "body", "published_on": "2026-02-02", "covers": [{"number": "1"}, {"number": "2"}]}),
            json!({"type": "obligation", "recommendation": "r-2", "organisation": "other", "note": "A note."}),
        ]);
        for number in ["1", "2"] {
            let path = format!("/v1/recommendations/r-{number}");
            api.patch(&path, &api.admin(), &json!({"state": "erased"}))
                .assert_status(204);
            assert_verified(api);
        }
    });
}

#[test]
fn the_name_of_an_erased_organisation_is_in_no_record_of_others() {
    both_empty(|api| {
        stored_one_by_one(api);
        api.import_all(&[
            json!({"type": "organisation", "slug": "other", "name": SECRET}),
            json!({"type": "recommendation", "report": "r", "number": "2", "text": "Do it.", "addressees": ["other"]}),
        ]);
        let obligation = api.data("/v1/obligations?recommendation=r-2")[0].clone();
        let path = format!("/v1/obligations/{}", obligation["id"].as_str().unwrap());
        let other = api.client(&["responses:write"], &["other"]).1;
        let dispute = json!({"text": "It was sent by post."});
        let disputed = api
            .act(&format!("{path}/disputes"), &other, &dispute)
            .data();
        assert_eq!(disputed["disputes"][0]["raised_by"], SECRET);
        // what is read can be written back
        let outcome = json!({"disputes": [with(disputed["disputes"][0].clone(), json!({"outcome": "It was.", "decided_on": "2026-11-24"}))]});
        api.patch(&path, &api.admin(), &outcome).assert_status(200);
        api.patch(
            "/v1/organisations/other",
            &api.admin(),
            &json!({"state": "erased"}),
        )
        .assert_status(204);
        for path in [
            "/v1/changes?limit=100",
            &format!("{path}/history"),
            "/v1/obligations",
        ] {
            assert!(!api.get(path).text().contains(SECRET), "{path}");
        }
        assert!(!api.export().contains(SECRET));
        // nor is it named again, and a dispute of what was erased is not found
        let admin = api.admin();
        let publisher = api
            .client(&["recommendations:write", "articles:publish"], &["body"])
            .1;
        let addressed = json!({"addressees": ["body", "other"]});
        api.patch("/v1/recommendations/r-1-1", &publisher, &addressed)
            .assert_invalid(&["#/addressees/1"]);
        api.patch(
            "/v1/recommendations/r-1-1",
            &admin,
            &json!({"state": "erased"}),
        )
        .assert_status(204);
        let covers = json!({"report": "r", "responder": "body", "published_on": "2026-11-24", "covers": [{"number": "1.1"}]});
        let body = api.client(&["responses:write"], &["body"]).1;
        api.post("/v1/responses", &body, &covers)
            .assert_invalid(&["#/covers/0/number"]);
    });
}

#[test]
fn an_erasure_may_be_sent_with_empty_texts() {
    both_empty(|api| {
        api.import_all(&[
            json!({"type": "organisation", "slug": "body", "name": "The Fictional Body"}),
            json!({"type": "topic", "slug": "t", "name": "T"}),
            with(article(json!({})), json!({"type": "article"})),
        ]);
        let token = api.admin();
        let topic = json!({"type": "topic", "slug": "t", "name": "", "state": "erased"});
        api.import_all(&[topic]);
        api.get("/v1/topics/t")
            .problem(451, "unavailable-for-legal-reasons");
        let article = json!({"type": "article", "slug": "a", "headline": "", "organisation": "body", "published_at": "2026-01-02T00:00:00Z", "state": "erased"});
        api.post("/v1/batch", &token, &json!([article]))
            .assert_status(200);
        api.get("/v1/articles/a")
            .problem(451, "unavailable-for-legal-reasons");
        let published = json!([{"type": "topic", "slug": "u", "name": ""}]);
        api.post("/v1/batch", &token, &published)
            .assert_invalid(&["#/0/name"]);
    });
}
