//! Bad requests: each gets its documented problem, never a 500, and the server keeps serving.

use actix_web::middleware::from_fn;
use actix_web::{HttpResponse, web};
use answerable::http::problem::ProblemCode;
use strum::IntoEnumIterator;

use crate::lists::LISTS;
use crate::support::{Content, Instance, Kind, both, contract, database, kinds, open_at};

fn assert_alive(api: &Instance) {
    api.get("/v1/articles?limit=1").assert_status(200);
}

#[test]
fn an_unknown_parameter_is_named_with_the_nearest_known_one() {
    both(|api| {
        for path in LISTS {
            let answer = api.get(&format!("{path}?limt=5&colour=red"));
            let problem = answer.problem(400, "invalid-query");
            let expected = [
                ("limt", "unknown_parameter"),
                ("colour", "unknown_parameter"),
            ];
            assert_eq!(
                answer.mistakes(),
                expected.map(|(p, c)| (p.to_owned(), c.to_owned())),
                "{path}"
            );
            assert!(
                problem["errors"][0]["detail"]
                    .as_str()
                    .unwrap()
                    .contains("'limit'"),
                "{problem}"
            );
        }
        for path in [
            "/v1/articles/iopc-welcomes-stalking-super-complaint-responses",
            "/v1/organisations/iopc",
        ] {
            api.get(&format!("{path}?limit=5"))
                .problem(400, "invalid-query");
        }
    });
}

#[test]
fn an_invalid_value_is_reported_with_its_parameter() {
    let bad = [
        ("limit=101", "limit"),
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("limit=ten", "limit"),
        ("limit=99999999999999999999", "limit"),
        ("limit=5&limit=6", "limit"),
        ("limit=", "limit"),
        ("sort=headline", "sort"),
        ("fields=headline,nothing", "fields"),
        ("expand=everything", "expand"),
        ("count=maybe", "count"),
        ("state=gone", "state"),
        ("published_from=yesterday", "published_from"),
        ("published_from=2025-02-30T00:00:00Z", "published_from"),
        ("organisation=nobody-of-that-name", "organisation"),
        ("original_url=not a url", "original_url"),
        ("organisation=%FF", "organisation"),
        ("organisation=a%00b", "organisation"),
    ];
    both(|api| {
        for (query, parameter) in bad {
            let answer = api.get(&format!("/v1/articles?{query}"));
            answer.assert_invalid_query(parameter);
        }
        let many: String = (0..51).map(|n| format!("&organisation=o{n}")).collect();
        api.get(&format!("/v1/articles?{}", &many[1..]))
            .problem(400, "invalid-query");
    });
}

#[test]
fn forged_and_mismatched_cursors_are_rejected() {
    both(|api| {
        let next = api.get("/v1/articles?limit=1").next_page().unwrap();
        let (start, cursor) = next.split_once("cursor=").unwrap();
        for bad in [
            "x",
            "AAAA",
            "%C3%A4",
            "'",
            &"A".repeat(3000),
            &format!("{cursor}A"),
            &cursor[1..],
        ] {
            api.get(&format!("{start}cursor={bad}"))
                .problem(400, "invalid-cursor");
        }
        for place in [0, 10, cursor.len() / 2, cursor.len() - 2] {
            let other = if &cursor[place..=place] == "A" {
                "B"
            } else {
                "A"
            };
            let changed = format!("{}{other}{}", &cursor[..place], &cursor[place + 1..]);
            api.get(&format!("{start}cursor={changed}"))
                .problem(400, "invalid-cursor");
        }
        for other in [
            "/v1/topics?limit=1",
            "/v1/articles?limit=1&sort=updated_at",
            "/v1/articles?limit=1&organisation=iopc",
        ] {
            api.get(&format!("{other}&cursor={cursor}"))
                .problem(400, "cursor-mismatch");
        }
        // the page size may change
        api.get(&format!("/v1/articles?limit=2&cursor={cursor}"))
            .assert_status(200);
    });
}

#[test]
fn unknown_paths_and_records_are_404() {
    both(|api| {
        for path in [
            "/v1/",
            "/v1/articles/",
            "/v2/articles",
            "/v1/articles/x/y",
            "/index.php",
            "/docs/nothing.js",
            "/problems/none",
        ] {
            api.get(path).problem(404, "not-found");
        }
        for path in [
            "/v1/articles/nobody",
            "/v1/articles/01890a5d-ac96-774b-bcce-b302099a8057",
            "/v1/topics/%F0%9F%90%9D",
            "/v1/articles/..%2F..%2Fetc%2Fpasswd",
            "/v1/organisations/nobody/articles",
            "/v1/reports/nobody/recommendations",
        ] {
            api.get(path).problem(404, "not-found");
        }
    });
}

#[test]
fn an_undecodable_path_is_rejected() {
    both(|api| {
        for path in [
            "/v1/articles/%FF",
            "/v1/articles/a%00b",
            "/v1/articles/%0A",
            "/%C3",
        ] {
            api.send("GET", path, &[]).problem(400, "invalid-path");
        }
        assert_alive(api);
    });
}

#[test]
fn oversized_requests_are_rejected() {
    both(|api| {
        let long = format!("/v1/articles?organisation={}", "a".repeat(20_000));
        api.get(&long).problem(414, "uri-too-long");
        // beyond what the parser accepts
        let refused = |head: String, status: u16, code: &str| {
            let answer = api.send_raw(head.as_bytes());
            let (head, body) = answer
                .split_once("\r\n\r\n")
                .unwrap_or_else(|| panic!("no answer: {answer}"));
            assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{head}");
            assert!(
                head.contains("content-type: application/problem+json"),
                "{head}"
            );
            let problem: serde_json::Value = serde_json::from_str(body).unwrap();
            assert_eq!(
                (problem["code"].as_str(), problem["status"].as_u64()),
                (Some(code), Some(status.into()))
            );
            assert!(
                head.contains(problem["request_id"].as_str().unwrap()),
                "{head}"
            );
        };
        let long = "a".repeat(100_000);
        refused(
            format!("GET /v1/articles?organisation={long} HTTP/1.1\r\nHost: x\r\n\r\n"),
            414,
            "uri-too-long",
        );
        let long = "x".repeat(132_000);
        refused(
            format!("GET /livez HTTP/1.1\r\nHost: x\r\nX-Long: {long}\r\n\r\n"),
            431,
            "headers-too-large",
        );
        refused("nonsense\r\n\r\n".to_owned(), 400, "bad-request");
        assert_alive(api);
    });
}

#[test]
fn an_unsolicited_body_is_rejected_by_size_or_left_unread() {
    both(|api| {
        let head = |method: &str, length: usize| {
            format!(
                "{method} /v1/articles HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
            )
        };
        let mut large = head("POST", 10 << 20).into_bytes();
        large.resize(large.len() + (10 << 20), b' ');
        let answer = api.send_raw(&large);
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer:.300}");
        assert!(answer.contains("payload-too-large"), "{answer:.300}");
        let deep = "[".repeat(100_000);
        let request = format!("{}{deep}", head("POST", deep.len()));
        assert!(api.send_raw(request.as_bytes()).starts_with("HTTP/1.1 401"));
        let request = format!("{}{deep}", head("GET", deep.len()));
        assert!(api.send_raw(request.as_bytes()).starts_with("HTTP/1.1 200"));
        assert_alive(api);
    });
}

#[test]
fn malformed_http_gets_a_4xx_or_no_response() {
    both(|api| {
        for bytes in [&b"nonsense\r\n\r\n"[..], b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00", b"GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"] {
            let answer = api.send_raw(bytes);
            assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.0 4"), "{bytes:?}: {answer:.200}");
        }
        assert_alive(api);
    });
}

#[test]
fn head_options_and_unsupported_methods_follow_the_rfc() {
    both(|api| {
        for path in [
            "/v1/organisations/iopc/articles",
            "/v1/organisations/iopc/names",
            "/livez",
            "/openapi.json",
            "/problems/gone",
        ] {
            for method in ["POST", "PUT", "PATCH", "DELETE", "BREW"] {
                let answer = api.send(method, path, &[]);
                answer.problem(405, "method-not-allowed");
                assert_eq!(
                    answer.header("allow"),
                    "GET, HEAD, OPTIONS",
                    "{method} {path}"
                );
            }
            let options = api.send("OPTIONS", path, &[]);
            assert_eq!(
                (options.status, options.header("allow")),
                (204, "GET, HEAD, OPTIONS"),
                "{path}"
            );
            let (get, head) = (api.get(path), api.send("HEAD", path, &[]));
            assert_eq!((head.status, head.bytes.len()), (get.status, 0), "{path}");
            for name in ["content-type", "etag", "cache-control"] {
                assert_eq!(head.header(name), get.header(name), "{name} of {path}");
            }
            assert_eq!(
                head.header("content-length"),
                get.bytes.len().to_string(),
                "{path}"
            );
        }
        api.send("POST", "/nowhere", &[]).problem(404, "not-found");
        let missing = api.send("HEAD", "/v1/articles/nobody", &[]);
        assert_eq!((missing.status, missing.bytes.len()), (404, 0));
    });
}

#[test]
fn browsers_may_call_the_api_from_any_origin() {
    both(|api| {
        let preflight = [
            ("Origin", "https://example.org"),
            ("Access-Control-Request-Method", "GET"),
            ("Access-Control-Request-Headers", "if-none-match"),
        ];
        let answer = api
            .send("OPTIONS", "/v1/articles", &preflight)
            .assert_status(204);
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert!(
            answer
                .header("access-control-allow-methods")
                .contains("GET")
        );
        assert!(!answer.header("access-control-max-age").is_empty());
        let answer = api.get_with("/v1/articles/nobody", &[("Origin", "https://example.org")]);
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert!(
            answer
                .header("access-control-expose-headers")
                .contains("ETag")
        );
    });
}

#[test]
fn every_response_carries_security_headers_and_a_request_id() {
    both(|api| {
        for path in [
            "/v1/articles",
            "/v1/nothing",
            "/livez",
            "/openapi.json",
            "/v1/articles?limit=x",
        ] {
            let answer = api.get(path);
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(
                answer.header("content-security-policy"),
                "default-src 'none'; frame-ancestors 'none'",
                "{path}"
            );
            assert_eq!(answer.header("x-request-id").len(), 36, "{path}");
        }
        let id = |given: &str| {
            api.get_with("/livez", &[("X-Request-Id", given)])
                .header("x-request-id")
                .to_owned()
        };
        assert_eq!(id("deploy-42.a:1"), "deploy-42.a:1");
        assert_ne!(id("<script>"), "<script>");
        assert_ne!(id(&"a".repeat(101)), "a".repeat(101));
    });
}

#[test]
fn every_problem_type_has_a_page_and_is_listed() {
    both(|api| {
        let listed = api.get("/problems").column("code");
        assert_eq!(
            listed,
            ProblemCode::iter()
                .map(ProblemCode::name)
                .collect::<Vec<_>>()
        );
        for code in ProblemCode::iter() {
            let page = api.data(&format!("/problems/{}", code.name()));
            assert_eq!(
                (page["code"].as_str(), page["status"].as_u64()),
                (Some(code.name()), Some(code.status().into()))
            );
        }
    });
}

#[test]
fn a_failing_statement_is_a_500_that_leaks_nothing() {
    both(|api| {
        // the tables are dropped under the running server; a follower of the log may be reading them, and PostgreSQL
        // then aborts one of the two
        let pulled_away = || answerable::platform::db::migrate::revert_all(&api.database).is_ok();
        assert!((0..10).any(|_| pulled_away()));
        let answer = api.get("/v1/articles");
        let problem = answer.problem(500, "internal");
        assert!(
            !problem.to_string().to_lowercase().contains("table"),
            "{problem}"
        );
        api.get("/livez").assert_status(200);
    });
}

#[test]
fn refusing_every_content_coding_is_406() {
    both(|api| {
        let answer = api.get_with(
            "/v1/articles",
            &[("Accept-Encoding", "identity;q=0, *;q=0")],
        );
        answer.problem(406, "not-acceptable");
    });
}

#[test]
fn a_lost_database_is_503_until_it_returns() {
    if !kinds().contains(&Kind::Postgresql) {
        return;
    }
    let api = Instance::start(Kind::Postgresql, Content::Demo, |_| ());
    api.get("/readyz").assert_status(200);
    let end = "SELECT count(pg_terminate_backend(pid)) AS count FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let end = answerable::platform::db::Sql::new(end);
    let _ = api
        .database
        .read_now::<_, answerable::platform::db::Error>(|c| {
            Ok(answerable::platform::db::count(c, &end)?)
        });
    let answers = [(); 4].map(|()| api.get("/v1/topics?limit=1").status);
    assert!(
        answers.iter().all(|status| [200, 503].contains(status)),
        "{answers:?}"
    );
    assert_eq!(answers.last(), Some(&200), "{answers:?}");
}

#[test]
fn a_panic_is_a_500_with_a_request_id() {
    async fn panics() -> HttpResponse {
        panic!("on purpose")
    }
    let config = answerable::platform::config::Config {
        database: answerable::platform::config::Secret("sqlite::memory:".to_owned()),
        ..Default::default()
    };
    let database = crate::support::open(&config);
    let app =
        answerable::app::App::new(config, database, answerable::platform::clock::Clock::System)
            .unwrap();
    actix_web::rt::System::new().block_on(async {
        let service = actix_web::test::init_service(
            actix_web::App::new()
                .configure(|config| app.share(config))
                .route("/panic", web::get().to(panics))
                .wrap(from_fn(answerable::http::envelope::envelope)),
        );
        let service = service.await;
        let request = actix_web::test::TestRequest::get()
            .uri("/panic")
            .to_request();
        let answer = match actix_web::test::try_call_service(&service, request).await {
            Ok(answer) => answer.into_parts().1,
            Err(error) => error.error_response(),
        };
        assert_eq!(answer.status(), 500);
        assert_eq!(
            answer.headers().get("content-type").unwrap(),
            "application/problem+json"
        );
        assert!(answer.headers().contains_key("x-request-id"));
    });
}

#[test]
fn a_node_with_pending_migrations_is_not_ready() {
    for kind in kinds() {
        let (url, _folder) = database(kind, Content::Empty);
        answerable::platform::db::migrate::revert_all(&open_at(&url)).unwrap();
        let api = Instance::start_at(&url, |_| ());
        api.get("/livez").assert_status(200);
        for path in ["/readyz", "/v1/articles"] {
            let answer = api.get(path);
            let problem = answer.problem(503, "unavailable");
            assert!(
                problem["detail"]
                    .as_str()
                    .unwrap()
                    .contains("answerable migrate"),
                "{problem}"
            );
            assert_eq!(answer.header("retry-after"), "10");
        }
    }
}

#[test]
fn a_busy_database_answers_503_and_recovers() {
    for kind in kinds() {
        let api = Instance::start(kind, Content::Demo, |config| {
            config.readers = 1;
            config.database_wait_ms = 50;
        });
        let database = api.database.clone();
        let (started, has_started) = std::sync::mpsc::channel();
        let (finish, may_finish) = std::sync::mpsc::channel::<()>();
        let holder = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let held = database.read::<_, answerable::platform::db::Error>(move |_| {
                    started.send(()).unwrap();
                    may_finish.recv().unwrap();
                    Ok(())
                });
                held.await.unwrap();
            });
        });
        has_started.recv().unwrap();
        let answer = api.get("/v1/articles");
        answer.problem(503, "unavailable");
        assert!(!answer.header("retry-after").is_empty());
        finish.send(()).unwrap();
        holder.join().unwrap();
        assert_alive(&api);
    }
}

#[test]
fn no_documented_parameter_causes_a_5xx() {
    // every documented path, with nonsense in each of its query parameters
    both(|api| {
        let paths = contract::DOCUMENT["paths"].as_object().unwrap();
        for (path, item) in paths {
            let path = path.replace("{slug}", "gone").replace(
                "{id}",
                if path.contains("/reports") {
                    "exampleshire-custody-2025"
                } else {
                    "iopc"
                },
            );
            for parameter in item["get"]["parameters"].as_array().into_iter().flatten() {
                let name = parameter["name"].as_str().unwrap();
                if parameter["in"] != "query" {
                    continue;
                }
                for value in [
                    "'",
                    "%25",
                    "%F0%9F%90%9D",
                    "9999-99-99",
                    "-1",
                    "NaN",
                    "null",
                    "%22%3E%3Cscript%3E",
                    "0",
                    "a:b",
                    "%E2%80%AE",
                ] {
                    let answer = api.get(&format!("{path}?{name}={value}"));
                    // the oEmbed specification requires 501 for an unknown format
                    let is_specified = answer.status == 501 && path == "/v1/oembed";
                    assert!(
                        answer.status < 500 || is_specified,
                        "{path}?{name}={value}: {}",
                        answer.text()
                    );
                }
            }
        }
    });
}
