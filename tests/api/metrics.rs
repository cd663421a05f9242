//! What an instance counts of itself, for whoever runs it.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use answerable::platform::db::Error;
use answerable::publishing::search::queries;

use crate::support::{self, Content, Instance, kinds, time};

fn counted(kind: support::Kind) -> Instance {
    Instance::start(kind, Content::Demo, |config| {
        config.metrics_listen = Some("127.0.0.1:0".to_owned());
        config.heartbeat_ms = 100; // by which a stream finds that nobody listens any more
    })
}

/// The samples by name, with labels.
fn samples(api: &Instance) -> HashMap<String, f64> {
    let answer = reqwest::blocking::get(api.metrics.as_deref().unwrap()).unwrap();
    assert_eq!(answer.status(), 200);
    let kind = answer.headers()["content-type"].to_str().unwrap();
    assert!(
        kind.starts_with("application/openmetrics-text; version=1.0.0"),
        "{kind}"
    );
    let text = answer.text().unwrap();
    assert!(text.ends_with("# EOF\n"), "{text}");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap();
            (name.to_owned(), value.parse().unwrap())
        })
        .collect()
}

/// The samples, once one of them has this value.
fn until(api: &Instance, name: &str, value: f64) -> HashMap<String, f64> {
    let start = Instant::now();
    loop {
        let samples = samples(api);
        if samples.get(name) == Some(&value) {
            return samples;
        }
        let waited = start.elapsed();
        assert!(
            waited < Duration::from_secs(20),
            "{name} is not {value}: {samples:?}"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn requests_are_counted_by_status_and_those_from_memory_apart() {
    for kind in kinds() {
        let api = counted(kind);
        let first = samples(&api);
        assert_eq!(first["answerable_http_requests_from_memory_total"], 0.0);
        assert_eq!(first["answerable_cache_entries"], 0.0);
        api.get("/v1/topics");
        api.get("/v1/topics");
        api.get("/v1/topics/none-such");
        let then = samples(&api);
        let of = |status| then[&format!("answerable_http_requests_total{{status=\"{status}\"}}")];
        assert_eq!((of(200), of(404)), (1.0, 1.0));
        assert_eq!(
            then["answerable_http_request_duration_seconds_count"], 2.0,
            "{then:?}"
        );
        assert_eq!(then["answerable_http_requests_from_memory_total"], 1.0);
        assert!(then["answerable_cache_entries"] >= 1.0);
        assert!(then["answerable_cache_size_bytes"] > 1_000.0);
        assert_eq!(then["answerable_ready"], 1.0);
        assert_eq!(then["answerable_database_queue_taken"], 0.0);
        assert_eq!(then["answerable_followers"], 0.0);
        assert_eq!(then["answerable_webhook_deliveries_pending"], 0.0);
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(
            then[&format!("answerable_build{{version=\"{version}\"}}")],
            1.0
        );
    }
}

#[test]
fn the_lag_of_the_search_index_is_told() {
    for kind in kinds() {
        let api = counted(kind);
        api.import(r#"{"type":"topic","slug":"newest","name":"Newest"}"#);
        let newest = api.walk_changes().last().unwrap()["seq"].as_f64().unwrap();
        let then = until(&api, "answerable_search_position", newest);
        assert_eq!(then["answerable_log_position"], newest);
        assert_eq!(then["answerable_search_lag_seconds"], 0.0);
        // a stream that is open is counted, one that has ended is not
        let stream = reqwest::blocking::get(format!("{}/v1/changes/stream", api.base)).unwrap();
        until(&api, "answerable_followers", 1.0);
        drop(stream);
        until(&api, "answerable_followers", 0.0);

        let after = |position: i64| {
            let found = api
                .database
                .read_now(move |c| Ok::<_, Error>(queries::oldest_after(c, position)?));
            found.unwrap()
        };
        let before = after(newest as i64 - 1);
        assert_eq!(before, Some(time(support::NOW).naive_utc()));
        assert_eq!(after(newest as i64), None);
    }
}

#[test]
fn metrics_are_nowhere_else_and_nothing_else_is_beside_them() {
    for kind in kinds() {
        let api = counted(kind);
        api.get("/metrics").problem(404, "not-found");
        let metrics = api.metrics.as_deref().unwrap();
        let beside = metrics.replace("/metrics", "/v1/topics");
        assert_eq!(reqwest::blocking::get(beside).unwrap().status(), 404);
    }
}

#[test]
fn a_database_that_does_not_answer_is_told() {
    for kind in kinds() {
        let api = counted(kind);
        assert_eq!(samples(&api)["answerable_ready"], 1.0);
        // what follows the log may be reading the tables, for which PostgreSQL breaks off one of the two
        let pulled_away = || answerable::platform::db::migrate::revert_all(&api.database).is_ok();
        assert!((0..10).any(|_| pulled_away()));
        let then = samples(&api);
        assert_eq!(then["answerable_ready"], 0.0);
        assert!(!then.contains_key("answerable_search_lag_seconds"));
        assert!(!then.contains_key("answerable_webhook_deliveries_pending"));
    }
}

#[test]
fn the_documents_name_every_metric() {
    let text = std::fs::read_to_string(support::project("docs/operations.md")).unwrap();
    let (_, section) = text.split_once("\n## Metrics\n").unwrap();
    let table = section.lines().filter(|line| line.starts_with("| `"));
    let column = table.map(|line| line.split('|').nth(1).unwrap());
    let names = column.flat_map(|names| names.split('`').skip(1).step_by(2));
    let plain = |name: &str| name.split('{').next().unwrap().to_owned();
    let mut named: Vec<String> = names.map(plain).collect();
    named.push("build".to_owned());
    let api = counted(kinds()[0]);
    api.get("/v1/topics");
    until(&api, "answerable_search_lag_seconds", 0.0);
    let mut served: Vec<String> = samples(&api)
        .keys()
        .map(|name| plain(name.strip_prefix("answerable_").unwrap()))
        .map(
            |name| match name.strip_prefix("http_request_duration_seconds_") {
                Some(_) => "http_request_duration_seconds".to_owned(),
                None => name,
            },
        )
        .collect();
    served.sort();
    served.dedup();
    named.sort();
    assert_eq!(named, served);
}
