//! Visits to linked pages, against a misbehaving local server.

use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use answerable::platform::crawler::Crawler;
use answerable::platform::db::Error;
use answerable::platform::outbound::{Limits, Outbound, OutboundError};
use answerable::tracking::catalogue::CATALOGUE;
use answerable::tracking::linked_pages::{checking, present, queries};
use chrono::TimeDelta;

use crate::support::{Instance, both, both_empty, with};

/// How the server responds to a path.
#[derive(Clone)]
pub enum Behaviour {
    /// A complete response: status, extra headers, body.
    Respond(u16, &'static str, &'static str),
    /// HTML whose script differs on each request.
    Changing,
    /// A page with a validator, answered with 304 when unchanged.
    Validated,
    /// An endless body.
    Endless,
    /// A body that arrives one byte at a time.
    Slow,
    /// Bytes that are not HTTP.
    Garbage,
    /// A file with a validator, answered with 304 when unchanged.
    File(Vec<u8>),
    /// A file with these extra headers.
    Bytes(&'static str, Vec<u8>),
}

/// A local server.
pub struct Site {
    pub address: String,
    behaviours: Arc<Mutex<HashMap<&'static str, Behaviour>>>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Site {
    pub fn open(behaviours: &[(&'static str, Behaviour)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let site = Self {
            address,
            behaviours: Arc::new(Mutex::new(behaviours.iter().cloned().collect())),
            requests: Arc::default(),
        };
        let (behaviours, requests) = (Arc::clone(&site.behaviours), Arc::clone(&site.requests));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (behaviours, requests) = (Arc::clone(&behaviours), Arc::clone(&requests));
                std::thread::spawn(move || serve(stream.unwrap(), &behaviours, &requests));
            }
        });
        site
    }

    pub fn set(&self, path: &'static str, behaviour: Behaviour) {
        self.behaviours.lock().unwrap().insert(path, behaviour);
    }

    pub fn request_count(&self, path: &str) -> usize {
        let requests = self.requests.lock().unwrap();
        requests.iter().filter(|one| *one == path).count()
    }
}

fn serve(
    stream: TcpStream,
    behaviours: &Mutex<HashMap<&'static str, Behaviour>>,
    requests: &Mutex<Vec<String>>,
) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut line, mut headers) = (String::new(), String::new());
    reader.read_line(&mut line).unwrap();
    while reader.read_line(&mut headers).unwrap() > 2 {}
    let headers = headers.to_ascii_lowercase();
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    assert!(headers.contains("user-agent: answerable/"), "{headers}");
    let count = {
        let mut requests = requests.lock().unwrap();
        requests.push(path.clone());
        requests.len()
    };
    let behaviour = behaviours.lock().unwrap().get(path.as_str()).cloned();
    let mut stream = stream;
    let mut respond = |status: u16, more: &str, body: &[u8]| {
        let head = format!(
            "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {}\r\n{more}\r\n",
            body.len()
        );
        let _ = stream.write_all(&[head.as_bytes(), body].concat());
    };
    let mut validated = |tag: &str, body: &[u8]| {
        let validator = format!("ETag: \"{tag}\"\r\n");
        match headers.contains(&format!("if-none-match: \"{tag}\"")) {
            true => respond(304, &validator, b""),
            false => respond(200, &validator, body),
        }
    };
    match behaviour {
        None => respond(404, "", b"nothing"),
        Some(Behaviour::Respond(status, more, body)) => respond(status, more, body.as_bytes()),
        Some(Behaviour::Changing) => {
            let body = format!(
                "<html><script>token={count}</script><p class='c{count}'>The  plan.</p></html>"
            );
            let media_type = "Content-Type: text/html; charset=utf-8\r\n";
            respond(200, media_type, body.as_bytes());
        }
        Some(Behaviour::Validated) => validated("v1", b"A file."),
        Some(Behaviour::File(body)) => validated("f1", &body),
        Some(Behaviour::Bytes(more, body)) => respond(200, more, &body),
        Some(Behaviour::Garbage) => {
            let _ = stream.write_all(b"\x00\x01 what\r\n\r\n");
        }
        Some(Behaviour::Endless) => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
            while stream.write_all(&[b'x'; 4096]).is_ok() {}
        }
        Some(Behaviour::Slow) => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
            while stream.write_all(b"x").is_ok() {
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    }
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let _ = stream.set_read_timeout(Some(Duration::from_millis(200)));
    let _ = reader.read(&mut [0]);
}

/// A crawler that may connect to local servers.
pub fn crawler() -> Crawler {
    let limits = Limits {
        timeout: Duration::from_millis(800),
        max_bytes: 100_000,
        allowed: vec!["127.0.0.1".parse().unwrap()],
    };
    Crawler::new(limits, Duration::from_millis(1)).unwrap()
}

/// Visits all pages a day later; returns how many were postponed.
fn check(api: &Instance) -> usize {
    api.advance(TimeDelta::days(1));
    let now = api.clock.now();
    let pages = api.read(|c| queries::due(c, None, now, now));
    let (crawler, mut postponed) = (crawler(), 0);
    let checked = checking::check(
        &api.log,
        &CATALOGUE,
        &api.clock,
        &crawler,
        pages,
        |_, news| {
            postponed += usize::from(matches!(news, queries::CheckResult::Postponed));
        },
    );
    actix_web::rt::System::new().block_on(checked).unwrap();
    postponed
}

fn seed(api: &Instance, more: &[Value]) {
    let mut documents = vec![
        json!({"type": "organisation", "slug": "watchdog", "name": "The Fictional Watchdog"}),
        json!({"type": "organisation", "slug": "north", "name": "North Force"}),
        json!({"type": "report", "slug": "r", "title": "R", "published_on": "2026-09-30", "publishers": ["watchdog"]}),
        json!({"type": "recommendation", "report": "r", "number": "1", "text": "Do it.", "addressees": ["north"]}),
    ];
    documents.extend_from_slice(more);
    api.import_all(&documents);
}

fn plan(url: &str) -> Value {
    json!({"type": "action_plan", "report": "r", "organisation": "north", "url": url})
}

/// The page of each plan, by the last segment of its URL.
fn pages(api: &Instance) -> HashMap<String, Value> {
    let plans = api.data("/v1/action-plans?limit=100");
    let plans = plans.as_array().unwrap().iter();
    plans
        .map(|plan| {
            let url = plan["url"].as_str().unwrap();
            (
                url.rsplit('/').next().unwrap().to_owned(),
                plan["linked_page"].clone(),
            )
        })
        .collect()
}

#[test]
fn every_visit_ends_and_is_recorded_whatever_the_server_does() {
    both_empty(|api| {
        let elsewhere = Site::open(&[("/there", Behaviour::Respond(200, "", "Moved here."))]);
        let moved: &'static str = format!("Location: {}/there\r\n", elsewhere.address).leak();
        let site = Site::open(&[
            (
                "/robots.txt",
                Behaviour::Respond(200, "", "User-agent: *\nDisallow: /private/\n"),
            ),
            (
                "/page",
                Behaviour::Respond(200, "Content-Type: text/plain\r\n", "The plan."),
            ),
            (
                "/private/page",
                Behaviour::Respond(200, "", "Not for programs."),
            ),
            ("/forbidden", Behaviour::Respond(403, "", "")),
            ("/failing", Behaviour::Respond(500, "", "")),
            ("/moved", Behaviour::Respond(301, moved, "")),
            ("/loop", Behaviour::Respond(302, "Location: /loop\r\n", "")),
            (
                "/inwards",
                Behaviour::Respond(302, "Location: http://10.0.0.1/\r\n", ""),
            ),
            (
                "/file",
                Behaviour::Respond(302, "Location: file:///etc/passwd\r\n", ""),
            ),
            ("/endless", Behaviour::Endless),
            ("/slow", Behaviour::Slow),
            ("/garbage", Behaviour::Garbage),
        ]);
        // nothing listens there any more
        let closed = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let expected = [
            ("page", "found"),
            ("private/page", "disallowed"),
            ("forbidden", "refused"),
            ("failing", "failing"),
            ("gone", "gone"),
            ("moved", "found"),
            ("loop", "unreachable"),
            ("inwards", "not_public"),
            ("file", "not_public"),
            ("endless", "too_large"),
            ("slow", "unreachable"),
            ("garbage", "unreachable"),
        ];
        let mut plans: Vec<Value> = expected
            .iter()
            .map(|(path, _)| plan(&format!("{}/{path}", site.address)))
            .collect();
        plans.push(plan(&format!("http://{closed}/closed")));
        plans.push(plan("http://169.254.169.254/metadata"));
        seed(api, &plans);
        assert_eq!(check(api), 0);
        let plans = api.data("/v1/action-plans?limit=100");
        let outcome = |url: &str| {
            let plan = plans
                .as_array()
                .unwrap()
                .iter()
                .find(|plan| plan["url"] == url)
                .unwrap();
            plan["linked_page"]["outcome"].clone()
        };
        for (path, expected) in expected {
            assert_eq!(
                outcome(&format!("{}/{path}", site.address)),
                expected,
                "{path}"
            );
        }
        assert_eq!(outcome(&format!("http://{closed}/closed")), "unreachable");
        assert_eq!(outcome("http://169.254.169.254/metadata"), "not_public");
        assert_eq!(site.request_count("/robots.txt"), 1);
        assert_eq!(site.request_count("/private/page"), 0);
        let pages = pages(api);
        let snapshot = &pages["moved"]["snapshots"][0];
        assert_eq!(
            snapshot["redirected_to"],
            format!("{}/there", elsewhere.address)
        );
        assert_eq!(pages["gone"]["missing_since"], pages["gone"]["checked_at"]);
        assert_eq!(pages["gone"]["snapshots"][0]["http_status"], 404);
    });
}

#[test]
fn hostnames_resolving_to_loopback_are_refused() {
    let site = Site::open(&[("/", Behaviour::Respond(200, "", "Within."))]);
    let limits = |allowed| Limits {
        timeout: Duration::from_millis(800),
        max_bytes: 1_000,
        allowed,
    };
    let url = site.address.replace("127.0.0.1", "localhost");
    let get = |limits| {
        let outbound = Outbound::new(limits).unwrap();
        let url = reqwest::Url::parse(&url).unwrap();
        let answer = outbound.get(&url, reqwest::header::HeaderMap::new());
        actix_web::rt::System::new().block_on(answer)
    };
    assert!(matches!(
        get(limits(Vec::new())),
        Err(OutboundError::NotPublic)
    ));
    assert_eq!(site.request_count("/"), 0);
    let allowed = vec!["127.0.0.1".parse().unwrap(), "::1".parse().unwrap()];
    assert_eq!(get(limits(allowed)).unwrap().body, b"Within.");
}

#[test]
fn changed_and_vanished_pages_are_recorded_and_logged() {
    both_empty(|api| {
        let html = |text| Behaviour::Respond(200, "Content-Type: text/html\r\n", text);
        let site = Site::open(&[
            ("/plan", html("<p>We will train 10 officers.</p>")),
            ("/changing", Behaviour::Changing),
            ("/validated", Behaviour::Validated),
        ]);
        let names = ["plan", "changing", "validated"];
        let plans: Vec<Value> = names
            .iter()
            .map(|path| plan(&format!("{}/{path}", site.address)))
            .collect();
        seed(api, &plans);
        check(api);
        let first = api.clock.now();
        let logged = api.walk_changes().len();
        check(api);
        assert_eq!(api.walk_changes().len(), logged, "nothing new, no entry");
        let seen = pages(api);
        for name in names {
            assert_eq!(
                seen[name]["snapshots"].as_array().unwrap().len(),
                1,
                "{name}"
            );
            assert_eq!(
                seen[name]["snapshots"][0]["seen_at"],
                json!(first.and_utc()),
                "{name}"
            );
            assert_eq!(
                seen[name]["checked_at"],
                json!(api.clock.now().and_utc()),
                "{name}"
            );
            assert_eq!(seen[name].get("changed_at"), None, "{name}");
        }
        site.set("/plan", html("<p>We will train 5 officers.</p>"));
        check(api);
        let changed = pages(api)["plan"].clone();
        assert_eq!(changed["changed_at"], json!(api.clock.now().and_utc()));
        assert_ne!(
            changed["snapshots"][0]["text_sha256"],
            changed["snapshots"][1]["text_sha256"]
        );
        let news = api.walk_changes();
        assert_eq!(news.len(), logged + 1);
        assert_eq!(news.last().unwrap()["type"], "action_plan");
        site.set("/plan", Behaviour::Respond(410, "", ""));
        check(api);
        check(api);
        let gone = pages(api)["plan"].clone();
        assert_eq!(gone["outcome"], "gone");
        assert_eq!(gone["missing_since"], gone["snapshots"][0]["seen_at"]);
        assert_eq!(gone["changed_at"], changed["changed_at"]);
        // the matrix shows it, and `as_of` still shows the earlier state
        let row = api.data("/v1/reports/r/coverage")["rows"][0].clone();
        let in_matrix = |row: &Value| {
            let plans = row["action_plans"].as_array().unwrap().clone();
            plans
                .into_iter()
                .find(|one| one["url"].as_str().unwrap().ends_with("/plan"))
                .unwrap()
        };
        assert_eq!(in_matrix(&row)["page_outcome"], "gone");
        let then = first
            .and_utc()
            .to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let row = api.data(&format!("/v1/reports/r/coverage?as_of={then}"))["rows"][0].clone();
        assert_eq!(in_matrix(&row)["page_outcome"], "found");
        assert_eq!(in_matrix(&row).get("page_changed_at"), None);
        // importing the plans again loses none of it
        seed(api, &plans);
        assert_eq!(pages(api)["plan"], gone);
    });
}

#[test]
fn a_server_asking_to_retry_later_is_left_alone() {
    both_empty(|api| {
        let site = Site::open(&[("/busy", Behaviour::Respond(429, "Retry-After: 60\r\n", ""))]);
        let also = Site::open(&[
            ("/robots.txt", Behaviour::Respond(503, "", "")),
            ("/x", Behaviour::Respond(200, "", "")),
        ]);
        let plans = [
            format!("{}/busy", site.address),
            format!("{}/later", site.address),
            format!("{}/x", also.address),
        ];
        seed(api, &plans.map(|url| plan(&url)));
        assert_eq!(check(api), 2);
        assert_eq!(
            site.requests.lock().unwrap().len(),
            2,
            "robots.txt and one page"
        );
        let pages = pages(api);
        assert_eq!(
            (&pages["busy"], &pages["later"]),
            (&Value::Null, &Value::Null)
        );
        assert_eq!(pages["x"]["outcome"], "disallowed");
        assert_eq!(also.request_count("/x"), 0);
    });
}

#[test]
fn pages_linked_only_by_an_erased_record_are_forgotten() {
    both_empty(|api| {
        let site = Site::open(&[]);
        let (shared, own) = (
            format!("{}/shared", site.address),
            format!("{}/secret-word", site.address),
        );
        let update = |more: Value| {
            let document = json!({"type": "progress_update", "report": "r", "number": "1", "organisation": "north",
                "as_at": "2026-10", "status": "in_progress"});
            with(document, more)
        };
        let evidence = json!({"evidence": [{"url": shared}, {"url": own}]});
        seed(api, &[plan(&shared), update(evidence)]);
        check(api);
        let known = || {
            let urls = vec![shared.as_str(), own.as_str()];
            let pages = api.read(|c| present::by_urls(c, urls, api.clock.now()));
            (pages.contains_key(&shared), pages.contains_key(&own))
        };
        assert_eq!(known(), (true, true));
        api.import(update(json!({"state": "erased"})));
        assert_eq!(known(), (true, false));
    });
}

#[test]
fn evidence_and_sources_are_visited_only_for_public_records() {
    both_empty(|api| {
        let site = Site::open(&[
            ("/minutes", Behaviour::Respond(200, "", "Minutes.")),
            ("/secret", Behaviour::Respond(200, "", "S")),
        ]);
        let (minutes, secret) = (
            format!("{}/minutes", site.address),
            format!("{}/secret", site.address),
        );
        seed(
            api,
            &[
                json!({"type": "report", "slug": "later", "title": "L", "published_on": "2027-09-30", "publishers": ["watchdog"]}),
                json!({"type": "recommendation", "report": "later", "number": "1", "text": "Do it.", "addressees": ["north"]}),
                json!({"type": "progress_update", "report": "r", "number": "1", "organisation": "north", "as_at": "2026-10",
                "status": "in_progress", "source_url": minutes, "evidence": [{"url": minutes, "title": "Minutes"}]}),
                json!({"type": "assessment", "report": "r", "number": "1", "organisation": "north", "assessor": "watchdog",
                "status": "open_acceptable", "as_at": "2026-11-01", "source_url": minutes}),
                json!({"type": "response", "report": "r", "responder": "north", "published_on": "2026-10-01",
                "covers": [{"number": "1", "position": "accepted"}], "source_url": minutes}),
                json!({"type": "action_plan", "report": "later", "organisation": "north", "url": secret}),
            ],
        );
        check(api);
        assert_eq!(
            (
                site.request_count("/minutes"),
                site.request_count("/secret")
            ),
            (1, 0)
        );
        for list in ["progress-updates", "assessments", "responses"] {
            let one = api.data(&format!("/v1/{list}"))[0].clone();
            assert_eq!(one["linked_page"]["outcome"], "found", "{list}");
        }
        let update = api.data("/v1/progress-updates")[0].clone();
        assert_eq!(update["evidence"][0]["linked_page"], update["linked_page"]);
    });
}

#[test]
fn evidence_that_cannot_be_read_is_an_error() {
    both(|api| {
        let now = api.clock.now();
        let due = || {
            api.database
                .read_now(|c| queries::due(c, None, now, now).map_err(Error::from))
        };
        assert!(!due().unwrap().is_empty());
        api.execute(&["UPDATE progress_updates SET evidence = 'not JSON'"]);
        let error = due().err().unwrap().to_string();
        assert!(error.contains("invalid JSON in a column"), "{error}");
    });
}
