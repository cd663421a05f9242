//! The change log as a stream: the same entries as in the list, each exactly once.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};

use std::sync::Mutex;
use std::time::Duration;

use crate::support::{
    self, Answer, BODY, Content, Instance, both, both_empty, eventually, kinds, time, with,
};

const STREAM: &str = "/v1/changes/stream";

/// An event: its id and the log entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub id: String,
    /// `change` or `log-forked`.
    pub kind: String,
    pub change: Value,
}

/// A subscriber to the stream.
pub struct Reader {
    lines: BufReader<reqwest::blocking::Response>,
    /// The last id sent, with or without an event.
    pub id: String,
}

/// The response to a request for the stream.
fn request(api: &Instance, query: &str, headers: &[(&str, &str)]) -> reqwest::blocking::Response {
    let client = reqwest::blocking::Client::builder()
        .timeout(Duration::from_secs(60)) // a test that waits in vain fails by timeout
        .build()
        .unwrap();
    let mut sent = client.get(format!("{}{STREAM}{query}", api.base));
    for (name, value) in headers {
        sent = sent.header(*name, *value);
    }
    sent.send().unwrap()
}

impl Reader {
    pub fn open(api: &Instance, query: &str) -> Self {
        Self::with_headers(api, query, &[])
    }

    pub fn after(api: &Instance, query: &str, id: &str) -> Self {
        Self::with_headers(api, query, &[("last-event-id", id)])
    }

    fn with_headers(api: &Instance, query: &str, headers: &[(&str, &str)]) -> Self {
        let response = request(api, query, headers);
        assert_eq!(response.status(), 200);
        Self {
            lines: BufReader::new(response),
            id: String::new(),
        }
    }

    /// The next event; `None` once the server has ended the stream.
    pub fn next(&mut self) -> Option<Event> {
        let (mut data, mut kind) = (None, String::new());
        loop {
            let mut line = String::new();
            let read = self.lines.read_line(&mut line).unwrap();
            if read == 0 {
                return None;
            }
            let line = line.trim_end_matches('\n');
            match line.split_once(": ") {
                Some(("id", id)) => self.id = id.to_owned(),
                Some(("event", name)) => kind = name.to_owned(),
                Some(("data", text)) => data = Some(serde_json::from_str(text).unwrap()),
                Some(("retry" | "", _)) => {}
                None if line.is_empty() => {
                    if let Some(change) = data.take() {
                        let id = self.id.clone();
                        return Some(Event { id, kind, change });
                    }
                }
                _ => panic!("what is '{line}'?"),
            }
        }
    }

    fn take(&mut self, count: usize) -> Vec<Event> {
        (0..count).map(|_| self.next().unwrap()).collect()
    }

    /// Reads up to and including the entry of the topic with this slug.
    fn until(&mut self, slug: &str) -> Vec<Event> {
        let mut events = Vec::new();
        loop {
            events.push(self.next().unwrap());
            if events.last().unwrap().change["data"]["slug"] == slug {
                return events;
            }
        }
    }
}

fn changes(events: &[Event]) -> Vec<Value> {
    events.iter().map(|event| event.change.clone()).collect()
}

fn slugs(events: &[Event]) -> Vec<String> {
    let slug = |event: &Event| event.change["data"]["slug"].as_str().unwrap().to_owned();
    events.iter().map(slug).collect()
}

fn article(slug: &str, published_at: &str) -> Value {
    json!({"type": "article", "slug": slug, "headline": "Fictional", "organisation": "body", "published_at": published_at})
}

fn topic(api: &Instance, slug: &str) {
    api.import(json!({"type": "topic", "slug": slug, "name": slug}));
}

fn topics(api: &Instance, slugs: impl Iterator<Item = String>) {
    let topic = |slug: String| json!({"type": "topic", "slug": slug, "name": slug});
    api.import_all(&slugs.map(topic).collect::<Vec<_>>());
}

#[test]
fn the_stream_delivers_the_same_entries_as_the_list() {
    both(|api| {
        let list = api.walk_changes();
        let events = Reader::open(api, "?from=start").take(list.len());
        assert_eq!(changes(&events), list);
        // event ids and cursors are interchangeable
        for index in [0, list.len() / 2, list.len() - 2] {
            let cursor = &events[index].id;
            let page = api.get(&format!("/v1/changes?limit=1&cursor={cursor}"));
            assert_eq!(page.data()[0], list[index + 1]);
            let next = page.next_page().unwrap();
            let cursor = next.split("cursor=").nth(1).unwrap();
            let mut after = Reader::open(api, &format!("?cursor={cursor}"));
            if let Some(change) = list.get(index + 2) {
                assert_eq!(after.next().unwrap().change, *change);
            }
            let mut again = Reader::after(api, "", &events[index].id);
            assert_eq!(again.next().unwrap().change, events[index + 1].change);
        }
        // filtered by type, in both
        let wanted = "type=report&type=topic&type=report";
        let some: Vec<Value> = list
            .iter()
            .filter(|change| change["type"] == "report" || change["type"] == "topic")
            .cloned()
            .collect();
        assert!(some.len() > 5 && some.len() < list.len());
        let streamed = Reader::open(api, &format!("?from=start&{wanted}")).take(some.len());
        assert_eq!(changes(&streamed), some);
        let polled = api.walk_changes_at(&format!("/v1/changes?limit=3&{wanted}"));
        assert_eq!(polled, some);
        api.get("/v1/changes?type=nothing")
            .problem(400, "invalid-query");
    });
}

#[test]
fn a_page_full_of_scheduled_entries_skips_no_written_entry() {
    both_empty(|api| {
        api.import(BODY);
        api.import_all(&["later-1", "later-2"].map(|slug| article(slug, "2026-11-24T13:00:00Z")));
        let next = api.get("/v1/changes").next_page().unwrap();
        topic(api, "after");
        api.clock.set(time("2026-11-24T13:00:00Z"));
        // the two scheduled entries fill a page of two
        let page = api.get(&format!("{next}&limit=2"));
        assert_eq!(page.records().len(), 2);
        assert_eq!(page.json()["page"]["has_more"], true);
        let page = api.get(&page.next_page().unwrap());
        assert_eq!(page.data()[0]["data"]["slug"], "after");
    });
}

#[test]
fn every_subscriber_sees_concurrent_writes_once_and_in_order() {
    both_empty(|api| {
        let readers: Vec<Reader> = (0..4).map(|_| Reader::open(api, "")).collect();
        let token = api.admin();
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let token = &token;
                scope.spawn(move || {
                    for number in 0..25 {
                        let body = json!({"slug": format!("t-{writer}-{number}"), "name": "T"});
                        api.post("/v1/topics", token, &body).assert_status(201);
                    }
                });
            }
            let late = scope.spawn(|| Reader::open(api, "?from=start").take(100));
            let seen: Vec<_> = readers
                .into_iter()
                .map(|mut reader| scope.spawn(move || reader.take(100)))
                .collect();
            let late = late.join().unwrap();
            for seen in seen {
                assert_eq!(changes(&seen.join().unwrap()), changes(&late));
            }
            let numbers = late
                .iter()
                .map(|event| event.change["seq"].as_i64().unwrap());
            assert!(numbers.eq(1..=100), "{late:?}");
        });
    });
}

#[test]
fn a_reconnecting_subscriber_resumes_where_it_left_off() {
    // new entries are kept in memory only while there is another subscriber
    for others_stay in [true, false] {
        both_empty(|api| {
            let names = |range: std::ops::Range<usize>| range.map(|n| format!("t-{n}"));
            let _other = others_stay.then(|| Reader::open(api, ""));
            topics(api, names(0..30));
            let mut reader = Reader::open(api, "?from=start");
            let mut seen = reader.take(10);
            drop(reader);
            topics(api, names(30..60));
            let mut reader = Reader::after(api, "", &seen.last().unwrap().id);
            seen.extend(reader.take(35));
            drop(reader);
            // the id sent on connecting is as good as an event's
            let id = seen.last().unwrap().id.clone();
            let mut reader = Reader::after(api, "", &id);
            reader.lines.read_line(&mut String::new()).unwrap();
            let mut greeting = String::new();
            reader.lines.read_line(&mut greeting).unwrap();
            assert_eq!(greeting, format!("id: {id}\n"));
            topic(api, "last");
            seen.extend(reader.until("last"));
            let expected: Vec<String> = names(0..60).chain(["last".to_owned()]).collect();
            assert_eq!(slugs(&seen), expected);
            assert_eq!(changes(&seen), api.walk_changes());
        });
    }
}

#[test]
fn a_scheduled_record_is_streamed_at_its_time_and_a_draft_never() {
    both_empty(|api| {
        api.import(BODY);
        let mut reader = Reader::open(api, "");
        let mut of_articles = Reader::open(api, "?type=article");
        let store = |slug: &str, state: &str, at: &str| {
            api.import(with(
                article(slug, at),
                json!({"headline": "SECRET", "state": state}),
            ));
        };
        store("later", "published", "2026-11-24T13:00:00Z");
        store("never", "draft", "2026-11-24T09:00:00Z");
        topic(api, "between");
        let before = reader.next().unwrap();
        assert_eq!(slugs(std::slice::from_ref(&before)), ["between"]);
        api.clock.set(time("2026-11-24T13:00:00Z"));
        let mut came = reader.next().unwrap();
        assert_eq!(slugs(&[came.clone()]), ["later"]);
        assert_eq!(of_articles.next().unwrap().change, came.change);
        topic(api, "after");
        assert_eq!(slugs(&[reader.next().unwrap()]), ["after"]);
        // subscribers that were disconnected receive it too, once
        let mut away = Reader::after(api, "", &before.id);
        let later = away.next().unwrap();
        assert_eq!(later.change, came.change);
        assert_eq!(slugs(&[away.next().unwrap()]), ["after"]);
        let mut back = Reader::after(api, "", &later.id);
        assert_eq!(slugs(&[back.next().unwrap()]), ["after"]);
        // an entry retracted before delivery is not sent, though it is still in memory
        store("later", "draft", "2026-11-24T13:00:00Z");
        came = Reader::after(api, "", &before.id).next().unwrap();
        assert_eq!(came.change["action"], "removed");
        assert!(!came.change.to_string().contains("SECRET"), "{came:?}");
        assert_eq!(reader.next().unwrap().change["action"], "removed");
    });
}

#[test]
fn two_nodes_stream_the_same_events() {
    for kind in kinds() {
        let (url, _folder) = support::database(kind, Content::Empty);
        let [one, other] = [(); 2].map(|()| Instance::start_at(&url, |_| ()));
        let mut readers = [Reader::open(&one, ""), Reader::open(&other, "")];
        for number in 0..10 {
            topic([&one, &other][number % 2], &format!("t-{number}"));
        }
        let seen = readers.each_mut().map(|reader| reader.take(10));
        assert_eq!(changes(&seen[0]), changes(&seen[1]));
        assert_eq!(changes(&seen[0]), one.walk_changes());
        // an id from one node is valid on the other
        let id = &seen[0][4].id;
        assert_eq!(
            changes(&Reader::after(&other, "", id).take(5)),
            changes(&seen[1][5..])
        );
    }
}

#[test]
fn the_response_is_neither_buffered_nor_cached() {
    both(|api| {
        let coded = [
            ("accept-encoding", "gzip, br, zstd"),
            ("accept", "text/event-stream"),
        ];
        let response = request(api, "?from=start", &coded);
        let header = |name: &str| {
            let value = response.headers().get(name);
            value.map(|value| value.to_str().unwrap().to_owned())
        };
        for (name, expected) in [
            ("content-type", Some("text/event-stream")),
            ("cache-control", Some("no-store")),
            ("x-accel-buffering", Some("no")),
            ("content-encoding", None),
            ("etag", None),
            ("cache-tag", None),
            ("access-control-allow-origin", Some("*")),
        ] {
            assert_eq!(header(name).as_deref(), expected, "{name}");
        }
        let head = api.send("HEAD", STREAM, &[]);
        assert_eq!(
            (head.status, head.header("content-type")),
            (200, "text/event-stream")
        );
        for (query, code) in [
            ("?cursor=nonsense", "invalid-cursor"),
            ("?from=end", "invalid-query"),
            ("?limit=5", "invalid-query"),
        ] {
            Answer::new(request(api, query, &[])).problem(400, code);
        }
        Answer::new(request(api, "", &[("last-event-id", "nonsense")]))
            .problem(400, "invalid-cursor");
        Answer::new(request(api, "", &[("authorization", "Bearer x")]))
            .problem(401, "invalid-token");
        let options = api.send("OPTIONS", STREAM, &[]);
        assert!(
            options
                .header("access-control-allow-headers")
                .contains("Last-Event-ID")
        );
    });
}

#[test]
fn an_idle_stream_sends_heartbeats_and_moves_the_cursor() {
    for kind in kinds() {
        let api = Instance::start(kind, Content::Empty, |config| config.heartbeat_ms = 100);
        let mut reader = Reader::open(&api, "?type=article");
        let mut line = |start: &str| loop {
            let mut line = String::new();
            assert_ne!(reader.lines.read_line(&mut line).unwrap(), 0, "it ended");
            if let Some(rest) = line.strip_prefix(start) {
                return rest.trim().to_owned();
            }
        };
        let first = line("id: ");
        assert_eq!(line(": "), "still here");
        topic(&api, "of-no-interest");
        // the cursor advances past entries that the filter excludes
        let mut place = line("id: ");
        while place == first {
            place = line("id: ");
        }
        let mut next = Reader::after(&api, "", &place);
        topic(&api, "new");
        assert_eq!(slugs(&[next.next().unwrap()]), ["new"]);
    }
}

#[test]
fn the_number_of_subscribers_is_limited() {
    for kind in kinds() {
        let api = Instance::start(kind, Content::Empty, |config| {
            config.subscribers = 1;
            config.heartbeat_ms = 100;
        });
        let first = Reader::open(&api, "");
        let refused = Answer::new(request(&api, "", &[]));
        refused.problem(503, "unavailable");
        assert_eq!(refused.header("retry-after"), "5");
        drop(first);
        wait_for_slot(&api);
    }
}

/// Waits until the server has noticed a disconnect.
#[track_caller]
fn wait_for_slot(api: &Instance) {
    eventually(|| {
        let status = request(api, "", &[]).status();
        (status == 200).then_some(()).ok_or(status)
    });
}

/// A subscriber that does not read is disconnected, and the others are served meanwhile.
#[test]
fn a_stalled_subscriber_is_disconnected_without_delaying_the_others() {
    for kind in kinds() {
        let api = Instance::start(kind, Content::Empty, |config| {
            config.subscribers = 2;
            config.write_timeout_ms = 500;
        });
        let mut slow = api.connect();
        write!(slow, "GET {STREAM} HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        // it holds its slot once the response begins
        slow.read_exact(&mut [0; 15]).unwrap();
        let mut quick = Reader::open(&api, "");
        api.import(BODY);
        // more than the connection, the ring and the socket buffers can hold
        let words = format!("<p>{}</p>", "word ".repeat(60_000));
        let count = 45;
        let articles = (0..count).map(|number| {
            let article = article(&format!("a-{number}"), "2026-11-01T00:00:00Z");
            with(article, json!({"body_html": words}))
        });
        api.import_all(&articles.collect::<Vec<_>>());
        let seen = quick.take(count + 1);
        let is_article = |event: &&Event| event.change["type"] == "article";
        assert_eq!(seen.iter().filter(is_article).count(), count);
        wait_for_slot(&api);
    }
}

#[test]
fn the_server_shuts_down_with_streams_open() {
    for kind in kinds() {
        let mut api = Instance::start(kind, Content::Empty, |_| ());
        let mut reader = Reader::open(&api, "");
        topic(&api, "before");
        assert_eq!(slugs(&[reader.next().unwrap()]), ["before"]);
        api.stop_gracefully();
        // a stream cut off halfway would be an error
        assert_eq!(reader.next(), None);
    }
}

/// `tests/subscribers` covers a thousand subscribers on the real server.
#[test]
fn many_subscribers_share_one_database_read() {
    for kind in kinds() {
        let api = Instance::start(kind, Content::Empty, |_| ());
        let crowd: Vec<Mutex<Reader>> = (0..50)
            .map(|_| Mutex::new(Reader::open(&api, "")))
            .collect();
        topic(&api, "first");
        for reader in &crowd {
            assert_eq!(slugs(&[reader.lock().unwrap().next().unwrap()]), ["first"]);
        }
        let alone = Instance::start(kind, Content::Empty, |_| ());
        topic(&alone, "first");
        let without = alone.statements(|| topic(&alone, "second"));
        let with_crowd = api.statements(|| {
            topic(&api, "second");
            for reader in &crowd {
                assert_eq!(slugs(&[reader.lock().unwrap().next().unwrap()]), ["second"]);
            }
        });
        assert_eq!(with_crowd, without);
    }
}

#[test]
fn the_stream_of_a_revoked_client_ends() {
    both(|api| {
        let (id, token) = api.client(&["articles:write"], &["*"]);
        let bearer = format!("Bearer {token}");
        let mut with_token = Reader::with_headers(api, "", &[("authorization", &bearer)]);
        let mut anonymous = Reader::open(api, "");
        api.import(json!({"type": "topic", "slug": "before", "name": "Before"}));
        with_token.until("before");
        answerable::access::clients::revoke(&api.database, &id, api.clock.now()).unwrap();
        assert_eq!(with_token.next(), None);
        // nor does one outlive the key that signed its token
        let (_, token) = api.client(&["articles:write"], &["*"]);
        let bearer = format!("Bearer {token}");
        let mut with_token = Reader::with_headers(api, "", &[("authorization", &bearer)]);
        api.import(json!({"type": "topic", "slug": "meanwhile", "name": "Meanwhile"}));
        with_token.until("meanwhile");
        answerable::access::keys::rotate(&api.database, api.clock.now(), true).unwrap();
        assert_eq!(with_token.next(), None);
        api.import(json!({"type": "topic", "slug": "after", "name": "After"}));
        anonymous.until("after");
    });
}
