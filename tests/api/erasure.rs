//! Erasure is final: nothing of an erased record is kept, and it does not come back.

use answerable::log::{Log, Origin};
use answerable::platform::db::Location;
use answerable::tracking::catalogue::CATALOGUE;
use answerable::writing::import::{self, OnMistake, Source};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::support::{Content, Instance, both_empty, database, kinds, with};

/// A word that occurs nowhere else.
const SECRET: &str = "zyzzyvasecretword";

fn article(more: Value) -> Value {
    let document = json!({"slug": "a", "headline": SECRET, "organisation": "body", "published_at": "2026-01-02T00:00:00Z"});
    with(document, more)
}

/// Whether a file in the folder of the search index has a deleted document, or belongs to no living segment.
fn keeps_deleted(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).unwrap().filter_map(Result::ok);
    let mut folders = entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir());
    let folder = folders.next().unwrap();
    let index = tantivy::Index::open_in_dir(&folder).unwrap();
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

#[test]
fn no_file_keeps_what_was_erased() {
    for kind in kinds() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_path_buf();
        let (url, _file) = database(kind, Content::Empty);
        let search = path.clone();
        let api: Instance = Instance::start_at(&url, move |config| {
            config.search_folder = Some(search.clone())
        });
        api.import(json!({"type": "organisation", "slug": "body", "name": "A Fictional Body"}));
        let token = api.admin();
        for slug in ["a", "b"] {
            let headline = if slug == "a" { SECRET } else { "Walrus" };
            let document = article(
                json!({"slug": slug, "headline": headline, "body_html": format!("<p>{headline}</p>")}),
            );
            api.post("/v1/articles", &token, &document)
                .assert_status(201);
        }
        let wait = |what: &dyn Fn() -> bool| {
            let start = Instant::now();
            while !what() {
                assert!(start.elapsed() < Duration::from_secs(60));
                std::thread::sleep(Duration::from_millis(50));
            }
        };
        let found = || api.get(&format!("/v1/search?q={SECRET}&count=exact"));
        wait(&|| found().status == 200 && !found().records().is_empty());
        api.patch("/v1/articles/a", &token, &json!({"state": "erased"}))
            .assert_status(204);
        if let Location::SqliteFile(file) = api.database.location() {
            // without another checkpoint: the write-ahead log is empty already
            for suffix in ["", "-wal"] {
                let file = format!("{file}{suffix}");
                assert!(!file_holds(Path::new(&file), SECRET), "{file}");
            }
        }
        wait(&|| found().records().is_empty());
        wait(&|| !keeps_deleted(&path));
    }
}
