//! Metrics for operators.

use std::collections::HashMap;

use answerable::publishing::search::queries;

use crate::support::{self, Content, Instance, eventually, kinds, time};

fn start_with_metrics(kind: support::Kind) -> Instance {
    Instance::start(kind, Content::Demo, |config| {
        config.metrics_listen = Some("127.0.0.1:0".to_owned());
        config.heartbeat_ms = 100; // a stream notices a closed connection at the next heartbeat
    })
}

/// The samples by name and labels.
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

fn each(test: impl Fn(&Instance)) {
    for kind in kinds() {
        test(&start_with_metrics(kind));
    }
}

/// Waits until a sample has this value; returns all samples.
fn until(api: &Instance, name: &str, value: f64) -> HashMap<String, f64> {
    eventually(|| {
        let samples = samples(api);
        let is_reached = samples.get(name) == Some(&value);
        is_reached
            .then(|| samples.clone())
            .ok_or((name, value, samples))
    })
}

#[test]
fn requests_are_counted_by_status_and_cache_hits_separately() {
    each(|api| {
        let first = samples(api);
        assert_eq!(first["answerable_http_requests_from_memory_total"], 0.0);
        assert_eq!(first["answerable_cache_entries"], 0.0);
        api.get("/v1/topics");
        api.get("/v1/topics");
        api.get("/v1/topics/none-such");
        let then = samples(api);
        let of = |status| then[&format!("answerable_http_requests_total{{status=\"{status}\"}}")];
        assert_eq!((of(200), of(404)), (1.0, 1.0));
        for (name, value) in [
            ("http_request_duration_seconds_count", 2.0),
            ("http_requests_from_memory_total", 1.0),
            ("ready", 1.0),
            ("database_queue_taken", 0.0),
            ("subscribers", 0.0),
            ("webhook_deliveries_pending", 0.0),
            (
                concat!("build{version=\"", env!("CARGO_PKG_VERSION"), "\"}"),
                1.0,
            ),
        ] {
            assert_eq!(
                then[&format!("answerable_{name}")],
                value,
                "{name}: {then:?}"
            );
        }
        assert!(then["answerable_cache_entries"] >= 1.0);
        assert!(then["answerable_cache_size_bytes"] > 1_000.0);
    });
}

#[test]
fn the_search_index_lag_is_reported() {
    each(|api| {
        api.import(r#"{"type":"topic","slug":"newest","name":"Newest"}"#);
        let newest = api.walk_changes().last().unwrap()["seq"].as_f64().unwrap();
        let then = until(api, "answerable_search_position", newest);
        assert_eq!(then["answerable_log_position"], newest);
        until(api, "answerable_search_lag_seconds", 0.0);
        // open streams are counted, closed ones are not
        let stream = reqwest::blocking::get(format!("{}/v1/changes/stream", api.base)).unwrap();
        until(api, "answerable_subscribers", 1.0);
        drop(stream);
        until(api, "answerable_subscribers", 0.0);

        let after = |position: i64| api.read(|c| queries::oldest_after(c, position));
        let before = after(newest as i64 - 1);
        assert_eq!(before, Some(time(support::NOW).naive_utc()));
        assert_eq!(after(newest as i64), None);
    });
}

#[test]
fn metrics_and_the_api_are_served_on_separate_listeners() {
    each(|api| {
        api.get("/metrics").problem(404, "not-found");
        let metrics = api.metrics.as_deref().unwrap();
        let beside = metrics.replace("/metrics", "/v1/topics");
        assert_eq!(reqwest::blocking::get(beside).unwrap().status(), 404);
    });
}

#[test]
fn a_failing_database_is_reported_as_not_ready() {
    each(|api| {
        assert_eq!(samples(api)["answerable_ready"], 1.0);
        // a follower of the log may be reading the tables, and PostgreSQL then aborts one of the two
        let pulled_away = || answerable::platform::db::migrate::revert_all(&api.database).is_ok();
        assert!((0..10).any(|_| pulled_away()));
        let then = samples(api);
        assert_eq!(then["answerable_ready"], 0.0);
        assert!(!then.contains_key("answerable_search_lag_seconds"));
        assert!(!then.contains_key("answerable_webhook_deliveries_pending"));
    });
}

#[test]
fn the_docs_name_every_metric() {
    let text = std::fs::read_to_string(support::project("docs/operations.md")).unwrap();
    let (_, section) = text.split_once("\n## Metrics\n").unwrap();
    let table = section.lines().filter(|line| line.starts_with("| `"));
    let column = table.map(|line| line.split('|').nth(1).unwrap());
    let names = column.flat_map(|names| names.split('`').skip(1).step_by(2));
    let plain = |name: &str| name.split('{').next().unwrap().to_owned();
    let mut named: Vec<String> = names.map(plain).collect();
    named.push("build".to_owned());
    let api = &start_with_metrics(kinds()[0]);
    api.get("/v1/topics");
    until(api, "answerable_search_lag_seconds", 0.0);
    let mut served: Vec<String> = samples(api)
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
