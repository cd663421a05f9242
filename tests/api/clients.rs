//! What browsers, libraries and proxies send, or expect to find.

use serde_json::json;
use std::io::{Read, Write};
use std::sync::mpsc;

use crate::support::{Content, Instance, both, kinds};

#[test]
fn a_byte_order_mark_before_json_is_skipped() {
    both(|api| {
        let bearer = format!("Bearer {}", api.admin());
        let send = |path: &str, kind: &str, body: String| {
            let headers = [("authorization", bearer.as_str()), ("content-type", kind)];
            api.send_body(
                "POST",
                path,
                &headers,
                format!("\u{feff}{body}").into_bytes(),
            )
        };
        let topic = |slug: &str| json!({"type": "topic", "slug": slug, "name": slug});
        send("/v1/topics", "application/json", topic("one").to_string()).assert_status(201);
        let list = json!([topic("two")]).to_string();
        send("/v1/batch", "application/json", list).assert_status(200);
        let lines = format!("{}\n{}\n", topic("three"), topic("four"));
        send("/v1/batch", "application/x-ndjson", lines).assert_status(200);
        for slug in ["one", "two", "three", "four"] {
            api.get(&format!("/v1/topics/{slug}")).assert_status(200);
        }
        api.import(format!("\u{feff}{}", topic("five")));
        api.get("/v1/topics/five").assert_status(200);
    });
}

#[test]
fn a_target_in_absolute_form_makes_the_links() {
    both(|api| {
        // twice: the second response may come from the cache
        for _ in 0..2 {
            let answer = api.send_raw(
                b"GET http://api.watch.example/v1/articles?limit=1 HTTP/1.1\r\nHost: other.example\r\nConnection: close\r\n\r\n",
            );
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
            assert!(
                answer.contains("\"next\":\"http://api.watch.example/v1/articles?"),
                "{answer}"
            );
        }
        let other = api.get_with("/v1/articles?limit=1", &[("host", "other.example")]);
        assert!(
            other
                .next_page()
                .unwrap()
                .starts_with("http://other.example/")
        );
    });
}

#[test]
fn the_head_of_a_stream_has_no_length() {
    both(|api| {
        for path in ["/v1/exports/articles.ndjson", "/v1/changes/stream"] {
            let head = format!("HEAD {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            let answer = api.send_raw(head.as_bytes()).to_ascii_lowercase();
            assert!(answer.starts_with("http/1.1 200"), "{answer}");
            assert!(!answer.contains("content-length"), "{answer}");
        }
        let head = api.send("HEAD", "/v1/articles", &[]);
        let length = api.get("/v1/articles").text().len().to_string();
        assert_eq!(head.header("content-length"), length);
    });
}

#[test]
fn a_page_on_another_origin_may_send_what_browsers_and_libraries_add() {
    both(|api| {
        let asked = [
            ("origin", "https://site.example"),
            ("access-control-request-method", "GET"),
        ];
        let preflight = api.send("OPTIONS", "/v1/articles", &asked);
        let allowed = preflight
            .header("access-control-allow-headers")
            .to_ascii_lowercase();
        let allowed: Vec<&str> = allowed.split(", ").collect();
        let docs = std::fs::read_to_string(crate::support::project("docs/api.md")).unwrap();
        for header in [
            "Accept",
            "Accept-Language",
            "Authorization",
            "Cache-Control",
            "Content-Type",
            "Idempotency-Key",
            "If-Match",
            "If-Modified-Since",
            "If-None-Match",
            "Last-Event-ID",
            "Pragma",
            "X-Request-Id",
            "X-Requested-With",
            "baggage",
            "traceparent",
            "tracestate",
        ] {
            assert!(
                allowed.contains(&header.to_ascii_lowercase().as_str()),
                "{header}"
            );
            assert!(docs.contains(&format!("`{header}`")), "{header}");
        }
        assert_eq!(allowed.len(), 16, "{allowed:?}");
        let exposed = preflight.header("access-control-expose-headers").to_owned();
        for header in exposed.split(", ") {
            assert!(docs.contains(&format!("`{header}`")), "{header}");
        }
    });
}

#[test]
fn an_idle_connection_is_closed_after_the_time_that_is_set() {
    for kind in kinds() {
        let api = Instance::start(kind, Content::Demo, |config| {
            config.keep_alive_ms = 100;
            config.header_timeout_ms = 3_000;
        });
        let (closed, ends) = mpsc::channel();
        std::thread::scope(|scope| {
            for (name, request) in [
                ("used", "GET /v1/topics HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                ("never used", ""),
            ] {
                let (mut stream, closed) = (api.connect(), closed.clone());
                scope.spawn(move || {
                    stream.write_all(request.as_bytes()).unwrap();
                    stream.read_to_end(&mut Vec::new()).unwrap();
                    closed.send(name).unwrap();
                });
            }
        });
        assert_eq!(ends.try_iter().collect::<Vec<_>>(), ["used", "never used"]);
    }
}
