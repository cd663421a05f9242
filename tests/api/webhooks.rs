//! Webhooks, with real local receivers: every change arrives, signed and in order, whatever the receivers do.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use answerable::platform::config::Config;

use crate::support::{Answer, Content, Instance, database, eventually, kinds, time};

/// A message as a receiver got it.
#[derive(Clone, Debug)]
pub struct Message {
    headers: HashMap<String, String>,
    text: String,
    pub body: Value,
}

impl Message {
    pub fn id(&self) -> &str {
        &self.headers["webhook-id"]
    }

    /// The id without the digest.
    fn entry(&self) -> &str {
        self.id().rsplit_once('-').unwrap().0
    }

    fn record(&self) -> &str {
        self.body["data"]["id"].as_str().unwrap()
    }

    /// For each signature, whether it was made with this secret.
    fn signed_by(&self, secret: &str) -> Vec<bool> {
        let key = STANDARD
            .decode(secret.strip_prefix("whsec_").unwrap())
            .unwrap();
        let (id, at) = (self.id(), &self.headers["webhook-timestamp"]);
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&key).unwrap();
        mac.update(format!("{id}.{at}.{}", self.text).as_bytes());
        let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        let signatures = self.headers["webhook-signature"].split(' ');
        signatures.map(|one| one == expected).collect()
    }
}

/// How a receiver responds: the status and extra headers.
type Responder = dyn Fn(&Message) -> (u16, String) + Send + Sync;

/// A server that receives messages.
pub struct Receiver {
    url: String,
    received: Arc<Mutex<Vec<Message>>>,
    responder: Arc<Mutex<Arc<Responder>>>,
}

impl Receiver {
    pub fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let received: Arc<Mutex<Vec<Message>>> = Arc::default();
        let accepting: Arc<Responder> = Arc::new(|_| (204, String::new()));
        let responder = Arc::new(Mutex::new(accepting));
        let receiver = Self {
            url,
            received: received.clone(),
            responder: responder.clone(),
        };
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (received, responder) = (received.clone(), responder.clone());
                std::thread::spawn(move || serve(stream.unwrap(), &received, &responder));
            }
        });
        receiver
    }

    fn respond_with(&self, responder: impl Fn(&Message) -> (u16, String) + Send + Sync + 'static) {
        *self.responder.lock().unwrap() = Arc::new(responder);
    }

    fn answer(&self, status: u16) {
        self.respond_with(move |_| (status, String::new()));
    }

    pub fn received(&self) -> Vec<Message> {
        self.received.lock().unwrap().clone()
    }

    /// Waits for at least this many messages.
    #[track_caller]
    pub fn wait(&self, count: usize) -> Vec<Message> {
        eventually(|| {
            let received = self.received();
            (received.len() >= count)
                .then(|| received.clone())
                .ok_or(received)
        })
    }
}

fn serve(stream: TcpStream, received: &Mutex<Vec<Message>>, responder: &Mutex<Arc<Responder>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    loop {
        let (mut line, mut headers) = (String::new(), HashMap::new());
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        assert!(line.starts_with("POST /hook HTTP/1.1"), "{line}");
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).unwrap();
            match header.trim().split_once(": ") {
                Some((name, value)) => headers.insert(name.to_ascii_lowercase(), value.to_owned()),
                None => break,
            };
        }
        let mut text = vec![0; headers["content-length"].parse().unwrap()];
        reader.read_exact(&mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        let body = serde_json::from_str(&text).unwrap();
        let message = Message {
            headers,
            text,
            body,
        };
        let responder = responder.lock().unwrap().clone();
        let (status, more) = responder(&message);
        received.lock().unwrap().push(message);
        let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\n{more}\r\n");
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

pub fn settings(config: &mut Config) {
    config.webhook_http = true;
    config.webhook_addresses = vec!["127.0.0.1".parse().unwrap()];
    config.webhook_timeout_ms = 30_000; // on a busy machine too, nothing is sent twice
    config.public_url = Some("https://api.example.org".to_owned());
}

fn each(test: impl Fn(&Instance)) {
    for kind in kinds() {
        println!("--- on {kind:?}");
        test(&Instance::start(kind, Content::Empty, settings));
    }
}

/// A registered webhook.
pub struct Hook {
    token: String,
    path: String,
    secret: String,
}

impl Hook {
    /// For all changes.
    pub fn new(api: &Instance, receiver: &Receiver) -> Self {
        Self::with(api, json!({"url": receiver.url}))
    }

    fn with(api: &Instance, document: Value) -> Self {
        let (_, token) = api.client(&["webhooks:manage"], &["*"]);
        let answer = api
            .post("/v1/webhooks", &token, &document)
            .assert_status(201);
        let data = answer.json()["data"].clone();
        Self {
            token,
            path: format!("/v1/webhooks/{}", data["id"].as_str().unwrap()),
            secret: data["secret"].as_str().unwrap().to_owned(),
        }
    }

    fn get(&self, api: &Instance, below: &str) -> Answer {
        api.get_as(&self.token, &format!("{}{below}", self.path))
    }

    fn post(&self, api: &Instance, below: &str, body: Value) -> Value {
        let path = format!("{}{below}", self.path);
        let answer = api.post(&path, &self.token, &body).assert_status(200);
        answer.json()["data"].clone()
    }

    fn change(&self, api: &Instance, patch: Value) -> Answer {
        api.patch(&self.path, &self.token, &patch)
    }

    /// Its deliveries, oldest first.
    fn shown(&self, api: &Instance) -> Vec<Value> {
        let mut deliveries = self.get(api, "/deliveries?limit=100").records();
        deliveries.reverse();
        deliveries
    }

    /// Waits until the oldest delivery has this many attempts.
    #[track_caller]
    fn attempts(&self, api: &Instance, count: usize) -> Vec<Value> {
        eventually(|| {
            let oldest = self.shown(api).into_iter().next().unwrap_or_default();
            let attempts = oldest["attempts"].as_array().cloned().unwrap_or_default();
            (attempts.len() >= count).then_some(attempts).ok_or(oldest)
        })
    }

    /// Waits until the deliveries, oldest first, are in these states.
    #[track_caller]
    fn deliveries(&self, api: &Instance, states: &[&str]) -> Vec<Value> {
        eventually(|| {
            let shown = self.shown(api);
            let states_now = shown.iter().map(|one| one["state"].as_str().unwrap());
            states_now
                .eq(states.iter().copied())
                .then(|| shown.clone())
                .ok_or(shown)
        })
    }
}

fn topic(api: &Instance, slug: &str, name: &str) {
    api.import(json!({"type": "topic", "slug": slug, "name": name}));
}

fn later(api: &Instance, seconds: i64) {
    api.advance(chrono::TimeDelta::seconds(seconds));
}

#[test]
fn a_change_is_delivered_signed_and_without_its_content() {
    each(|api| {
        topic(api, "before", "Before");
        let receiver = Receiver::open();
        let hook = Hook::new(api, &receiver);
        api.import(concat!(
            r#"{"type":"organisation","slug":"body","name":"The Fictional Body"}"#, "\n",
            r#"{"type":"article","slug":"never","state":"draft","headline":"SECRET","organisation":"body","published_at":"2026-11-01T00:00:00Z"}"#, "\n",
            r#"{"type":"article","slug":"later","headline":"SECRET","organisation":"body","published_at":"2026-11-24T12:05:00Z"}"#,
        ));
        topic(api, "between", "Between");
        // a delivery in flight when the clock jumps would be considered lost
        hook.deliveries(api, &["delivered"; 2]);
        api.clock.set(time("2026-11-24T12:05:00Z"));
        let mut received = receiver.wait(3);
        // changes of different records may overtake each other
        received.sort_by_key(|message| message.body["data"]["seq"].as_i64());
        let mut public = api.walk_changes();
        public.sort_by_key(|change| change["seq"].as_i64());
        assert_eq!(received.len() + 1, public.len());
        for (message, change) in received.iter().zip(&public[1..]) {
            let kind = change["type"].as_str().unwrap();
            assert_eq!(message.entry(), format!("change-{}", change["seq"]));
            assert_eq!(message.signed_by(&hook.secret), [true]);
            assert_eq!(message.headers["content-type"], "application/json");
            assert!(message.headers["user-agent"].starts_with("answerable/"));
            assert_eq!(message.body["type"], format!("{kind}.published"));
            assert_eq!(message.body["timestamp"], change["at"]);
            let data = &message.body["data"];
            for member in ["seq", "type", "id", "revision", "action", "is_minor_edit"] {
                assert_eq!(data[member], change[member]);
            }
            let url = data["url"].as_str().unwrap();
            let path = url.strip_prefix("https://api.example.org").unwrap();
            assert_eq!(api.data(path)["id"], change["id"]);
            assert!(!message.text.contains("SECRET") && message.text.len() < 1_000);
        }
        let sent = hook.deliveries(api, &["delivered"; 3]);
        assert_eq!(sent[0]["message_id"], received[0].id());
        assert_eq!(sent[0]["attempts"][0]["status"], 204);
        // deliveries are not in the log, and secrets are not shown again
        assert_eq!(api.walk_changes().len(), 4);
        assert!(!hook.get(api, "").text().contains("whsec_"));
    });
}

#[test]
fn deliveries_are_ordered_per_record_only() {
    each(|api| {
        let receiver = Receiver::open();
        let hook = Hook::new(api, &receiver);
        receiver.respond_with(|message| {
            let is_first = message.body["data"]["seq"] == 1;
            (if is_first { 500 } else { 200 }, String::new())
        });
        topic(api, "a", "A 1");
        topic(api, "b", "B 1");
        topic(api, "a", "A 2");
        topic(api, "c", "C 1");
        assert_eq!(hook.attempts(api, 1)[0]["status"], 500);
        let sent = hook.deliveries(api, &["pending", "delivered", "pending", "delivered"]);
        assert_eq!(sent[2]["attempts"], json!([]));
        receiver.answer(200);
        later(api, 6);
        let sent = hook.deliveries(api, &["delivered"; 4]);
        assert_eq!(sent[0]["attempts"].as_array().unwrap().len(), 2);
        let received = receiver.received();
        let first = received
            .iter()
            .find(|one| one.entry() == "change-1")
            .unwrap();
        let of_a: Vec<&Message> = received
            .iter()
            .filter(|one| one.record() == first.record())
            .collect();
        let ids: Vec<&str> = of_a.iter().map(|one| one.entry()).collect();
        assert_eq!(ids, ["change-1", "change-1", "change-3"]);
        assert_ne!(
            of_a[0].headers["webhook-timestamp"], of_a[1].headers["webhook-timestamp"],
            "signed anew"
        );
        assert_eq!(of_a[1].signed_by(&hook.secret), [true]);
    });
}

#[test]
fn a_delivery_out_of_retries_is_given_up_and_the_next_proceeds() {
    for kind in kinds() {
        let api = &Instance::start(kind, Content::Empty, |config| {
            settings(config);
            config.webhook_retries_s = vec![10, 60];
        });
        let receiver = Receiver::open();
        let hook = Hook::new(api, &receiver);
        receiver.respond_with(|message| match message.body["data"]["revision"] == 1 {
            // a redirect does not count as delivered either
            true => (302, "Location: http://127.0.0.1/\r\n".to_owned()),
            false => (200, String::new()),
        });
        topic(api, "a", "A 1");
        topic(api, "a", "A 2");
        hook.attempts(api, 1);
        later(api, 12);
        hook.attempts(api, 2);
        later(api, 67);
        let sent = hook.deliveries(api, &["given_up", "delivered"]);
        assert_eq!(sent[0]["attempts"].as_array().unwrap().len(), 3);
        assert_eq!(
            sent[0]["attempts"][2]["error"],
            "redirects are not followed"
        );
        assert_eq!(receiver.received().len(), 4);
    }
}

#[test]
fn a_receiver_s_retry_after_is_honoured() {
    each(|api| {
        let receiver = Receiver::open();
        let hook = Hook::new(api, &receiver);
        receiver.respond_with(|_| (503, "Retry-After: 3600\r\n".to_owned()));
        topic(api, "a", "A");
        receiver.wait(1);
        eventually(|| {
            let next = hook.get(api, "/deliveries").data()[0]["next_attempt_at"].clone();
            (next == "2026-11-24T13:00:00Z").then_some(()).ok_or(next)
        });
    });
}

#[test]
fn a_410_disables_the_webhook_until_it_is_re_enabled() {
    each(|api| {
        let receiver = Receiver::open();
        let hook = Hook::new(api, &receiver);
        receiver.answer(410);
        topic(api, "a", "A");
        receiver.wait(1);
        let disabled = eventually(|| {
            let shown = hook.get(api, "").data();
            (shown["is_enabled"] == false)
                .then(|| shown.clone())
                .ok_or(shown)
        });
        let reason = &disabled["disabled_reason"];
        assert!(reason.as_str().unwrap().contains("410"), "{reason}");
        topic(api, "b", "B");
        later(api, 500);
        receiver.answer(200);
        // a delivery to another webhook proves that enough time has passed
        let other = Receiver::open();
        Hook::new(api, &other);
        topic(api, "c", "C");
        other.wait(1);
        assert_eq!(receiver.received().len(), 1);
        let changed = hook.change(api, json!({"is_enabled": true}));
        assert_eq!(
            (changed.status, &changed.json()["data"]["disabled_reason"]),
            (200, &Value::Null)
        );
        hook.deliveries(api, &["delivered"; 3]);
        assert_eq!(receiver.received().len(), 4);
    });
}

#[test]
fn both_secrets_sign_for_a_day_after_rotation() {
    each(|api| {
        let receiver = Receiver::open();
        let hook = Hook::new(api, &receiver);
        let rotated = hook.post(api, "/rotate-secret", Value::Null);
        let new = rotated["secret"].as_str().unwrap().to_owned();
        assert_ne!(new, hook.secret);
        topic(api, "a", "A");
        let received = receiver.wait(1);
        assert_eq!(received[0].signed_by(&new), [true, false]);
        assert_eq!(received[0].signed_by(&hook.secret), [false, true]);
        hook.deliveries(api, &["delivered"]);
        later(api, 86_401);
        topic(api, "b", "B");
        let received = receiver.wait(2);
        assert_eq!(received[1].signed_by(&new), [true]);
    });
}

#[test]
fn a_webhook_receives_only_matching_changes() {
    each(|api| {
        api.import(concat!(
            r#"{"type":"organisation","slug":"north","name":"North Force"}"#, "\n",
            r#"{"type":"organisation","slug":"south","name":"South Force"}"#, "\n",
            r#"{"type":"group","slug":"forces","name":"All Forces","members":[{"organisation":"north"}]}"#,
        ));
        let everything = Receiver::open();
        let [of_topics, of_north] = [(); 2].map(|()| Receiver::open());
        Hook::new(api, &everything);
        Hook::with(api, json!({"url": of_topics.url, "types": ["topic"]}));
        let hook = Hook::with(
            api,
            json!({"url": of_north.url, "organisations": ["north"]}),
        );
        api.import(concat!(
            r#"{"type":"topic","slug":"t","name":"T"}"#, "\n",
            r#"{"type":"organisation","slug":"north","name":"Northern Force"}"#, "\n",
            r#"{"type":"organisation","slug":"south","name":"Southern Force"}"#, "\n",
            r#"{"type":"article","slug":"of-north","headline":"N","organisation":"north","published_at":"2026-11-01T00:00:00Z"}"#, "\n",
            r#"{"type":"article","slug":"of-south","headline":"S","organisation":"south","published_at":"2026-11-01T00:00:00Z"}"#, "\n",
            r#"{"type":"report","slug":"r","title":"R","published_on":"2026-09-30","publishers":["south"]}"#, "\n",
            r#"{"type":"recommendation","report":"r","number":"1","text":"Do it.","addressees":["forces"]}"#, "\n",
            r#"{"type":"recommendation","report":"r","number":"2","text":"Do it.","addressees":["south"]}"#,
        ));
        let all = everything.wait(8);
        assert_eq!(all.len(), 8);
        topic(api, "last", "Last");
        let kinds = |received: &[Message]| {
            let kind = |one: &Message| one.body["data"]["type"].as_str().unwrap().to_owned();
            let mut kinds: Vec<String> = received.iter().map(kind).collect();
            kinds.sort();
            kinds
        };
        assert_eq!(kinds(&of_topics.wait(2)), ["topic", "topic"]);
        everything.wait(9);
        let mut expected = of_north.wait(3);
        assert_eq!(
            kinds(&expected),
            ["article", "organisation", "recommendation"]
        );
        // an erased record no longer says whom it concerned: every webhook that may have a copy is notified
        api.import(r#"{"type":"article","slug":"of-north","headline":"x","organisation":"north","published_at":"2026-11-01T00:00:00Z","state":"erased"}"#);
        expected = of_north.wait(4);
        assert_eq!(expected[3].body["type"], "article.erased");
        // and a record that no longer concerns them is announced once
        let article = |organisation: &str, headline: &str| {
            let article = json!({"type": "article", "slug": "moves", "headline": headline, "organisation": organisation,
                "published_at": "2026-11-01T00:00:00Z"});
            api.import(article);
        };
        for (organisation, headline) in [("north", "A"), ("south", "B"), ("south", "C")] {
            article(organisation, headline);
        }
        everything.wait(13);
        article("north", "D");
        let moved = of_north.wait(7);
        let revision = |one: &Message| one.body["data"]["revision"].as_i64().unwrap();
        assert_eq!(
            moved[4..].iter().map(revision).collect::<Vec<_>>(),
            [1, 2, 4]
        );
        // through a group as well
        everything.wait(14);
        let recommendation = |text: &str, addressee: &str| {
            api.import(json!({"type": "recommendation", "report": "r", "number": "1", "text": text, "addressees": [addressee]}));
        };
        recommendation("Do it.", "south");
        let of = &of_north.wait(8)[7].body["data"];
        assert_eq!(of["type"], "recommendation");
        recommendation("Do it now.", "south");
        everything.wait(16);
        recommendation("Do it.", "forces");
        let revisions: Vec<i64> = of_north.wait(9)[7..].iter().map(revision).collect();
        assert_eq!(revisions, [2, 4]);
        let bad = hook.change(
            api,
            json!({"organisations": ["north", "nowhere", "no\u{0}where"], "types": []}),
        );
        let problem = bad.problem(422, "validation-failed");
        assert_eq!(problem["errors"][0]["pointer"], "#/organisations/1");
        assert_eq!(problem["errors"][1]["pointer"], "#/organisations/2");
    });
}

#[test]
fn forbidden_destinations_receive_nothing() {
    for kind in kinds() {
        let api = &Instance::start(kind, Content::Empty, |config| {
            config.webhook_http = true;
            config.webhook_timeout_ms = 1_000;
        });
        let (_, token) = api.client(&["webhooks:manage"], &["*"]);
        for url in [
            "https://127.0.0.1/",
            "https://10.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://169.254.169.254/latest",
            "https://2130706433/",
            "ftp://example.org/",
            "file:///etc/passwd",
            "https://user:password@example.org/",
            "https://example.org/#here",
            "example.org",
            "",
        ] {
            let refused = api.post("/v1/webhooks", &token, &json!({"url": url}));
            let problem = refused.problem(422, "validation-failed");
            assert_eq!(problem["errors"][0]["pointer"], "#/url", "{url}");
        }
        // a hostname is resolved at every delivery
        let receiver = Receiver::open();
        let url = receiver.url.replace("127.0.0.1", "localhost");
        let hook = Hook::with(api, json!({"url": url}));
        topic(api, "a", "A");
        assert_eq!(
            hook.attempts(api, 1)[0]["error"],
            "the address is not public"
        );
        assert_eq!(receiver.received().len(), 0);
    }
    for kind in kinds() {
        let api = &Instance::start(kind, Content::Empty, |_| ());
        let (_, token) = api.client(&["webhooks:manage"], &["*"]);
        let plain = json!({"url": "http://example.org/"});
        let refused = api.post("/v1/webhooks", &token, &plain);
        refused.problem(422, "validation-failed");
    }
}

#[test]
fn webhooks_can_be_tested_and_deliveries_replayed() {
    each(|api| {
        let receiver = Receiver::open();
        let hook = Hook::new(api, &receiver);
        let test = hook.post(api, "/test", Value::Null);
        let received = receiver.wait(1);
        assert_eq!(received[0].body["type"], "webhook.test");
        assert_eq!(received[0].signed_by(&hook.secret), [true]);
        assert_eq!(test["message_id"], received[0].id());
        topic(api, "a", "A 1");
        later(api, 10);
        let between = api.clock.now().and_utc();
        later(api, 10);
        topic(api, "b", "B 1");
        topic(api, "a", "A 2");
        let sent = hook.deliveries(api, &["delivered"; 4]);
        let first = sent[1]["id"].as_str().unwrap();
        hook.post(api, &format!("/deliveries/{first}/replay"), Value::Null);
        let received = receiver.wait(5);
        let of_it: Vec<&Message> = received
            .iter()
            .filter(|one| one.entry() == "change-1")
            .collect();
        assert_eq!(of_it.len(), 2);
        assert_eq!(of_it[0].body, of_it[1].body);
        let sent = hook.deliveries(api, &["delivered"; 4]);
        assert_eq!(sent[1]["attempts"].as_array().unwrap().len(), 2);
        // everything since a point in time
        hook.post(api, "/replay", json!({"since": between}));
        let received = receiver.wait(7);
        let mut ids: Vec<&str> = received[5..].iter().map(Message::entry).collect();
        ids.sort_unstable();
        assert_eq!(ids, ["change-2", "change-3"]);
        hook.deliveries(api, &["delivered"; 6]);
        let ahead = json!({"since": "2027-01-01T00:00:00Z"});
        let path = format!("{}/replay", hook.path);
        api.post(&path, &hook.token, &ahead)
            .problem(422, "validation-failed");
        let nothing = format!(
            "{}/deliveries/{}/replay",
            hook.path,
            hook.path.rsplit('/').next().unwrap()
        );
        api.post(&nothing, &hook.token, &Value::Null)
            .problem(404, "not-found");
        // the list of deliveries is paginated
        let mut page = hook.get(api, "/deliveries?limit=4&state=delivered");
        let mut seen = page.column("id");
        while let Some(next) = page.next_page() {
            page = api.get_as(&hook.token, &next.replace("https://api.example.org", ""));
            seen.extend(page.column("id"));
        }
        seen.dedup();
        assert_eq!(seen.len(), 6);
    });
}

#[test]
fn a_client_sees_only_its_own_webhooks() {
    each(|api| {
        let receiver = Receiver::open();
        let hook = Hook::with(api, json!({"url": receiver.url, "description": "mine"}));
        let (_, other) = api.client(&["webhooks:manage"], &["*"]);
        let (_, writer) = api.client(&["articles:write"], &["*"]);
        let admin = api.admin();
        let delivery = hook.post(api, "/test", Value::Null);
        let replay = format!("/deliveries/{}/replay", delivery["id"].as_str().unwrap());
        let list = |token: &str| api.get_as(token, "/v1/webhooks");
        assert_eq!(list(&hook.token).column("description"), ["mine"]);
        assert_eq!(list(&other).column("description"), [""; 0]);
        assert_eq!(list(&admin).column("description"), ["mine"]);
        list(&writer).problem(403, "insufficient-scope");
        api.get("/v1/webhooks").problem(401, "unauthenticated");
        let since = json!({"since": "2026-11-24T11:00:00Z"});
        for (method, below, body) in [
            ("GET", "", Value::Null),
            ("GET", "/deliveries", Value::Null),
            ("PATCH", "", json!({"description": "theirs"})),
            ("POST", "/test", Value::Null),
            ("POST", "/replay", since),
            ("POST", "/rotate-secret", Value::Null),
            ("POST", replay.as_str(), Value::Null),
            ("DELETE", "", Value::Null),
        ] {
            let path = format!("{}{below}", hook.path);
            let send = |token: &str| match method {
                "GET" => api.get_as(token, &path),
                _ => api.write(method, &path, token, &[("if-match", "*")], &body),
            };
            send(&other).problem(404, "not-found");
            send(&writer).problem(403, "insufficient-scope");
            let kind = [("content-type", "application/json")];
            api.send_body(method, &path, &kind, b"{}".to_vec())
                .problem(401, "unauthenticated");
            if method != "DELETE" {
                assert_eq!(send(&admin).status, 200, "{method} {below}");
            }
        }
        let stale = [("if-match", "\"r1\"")];
        api.write("PATCH", &hook.path, &hook.token, &stale, &json!({}))
            .problem(412, "precondition-failed");
        api.write("PATCH", &hook.path, &hook.token, &[], &json!({}))
            .problem(428, "precondition-required");
        api.delete(&hook.path, &hook.token).assert_status(204);
        hook.get(api, "").problem(404, "not-found");
        // a revoked client no longer receives anything
        let (id, token) = api.client(&["webhooks:manage"], &["*"]);
        let revoked = Receiver::open();
        api.post("/v1/webhooks", &token, &json!({"url": revoked.url}))
            .assert_status(201);
        answerable::access::clients::revoke(&api.database, &id, api.clock.now()).unwrap();
        Hook::new(api, &receiver);
        let before = receiver.received().len();
        topic(api, "a", "A");
        receiver.wait(before + 1);
        assert_eq!(revoked.received().len(), 0);
    });
}

#[test]
fn a_silent_receiver_does_not_delay_the_others() {
    for kind in kinds() {
        let api = &Instance::start(kind, Content::Empty, |config| {
            settings(config);
            config.webhook_timeout_ms = 1_000;
        });
        let (silent, willing) = (TcpListener::bind("127.0.0.1:0").unwrap(), Receiver::open());
        let url = format!("http://{}/hook", silent.local_addr().unwrap());
        let hook = Hook::with(api, json!({"url": url}));
        Hook::new(api, &willing);
        for number in 0..30 {
            topic(api, &format!("t-{number}"), "T");
        }
        willing.wait(30);
        let error = eventually(|| {
            let shown = hook.shown(api);
            let mut errors = shown.iter().map(|one| &one["attempts"][0]["error"]);
            errors.find(|error| error.is_string()).cloned().ok_or(shown)
        });
        assert_eq!(error, "no connection, or no answer in time");
    }
}

#[test]
fn two_nodes_never_send_the_same_delivery_at_once() {
    for kind in kinds() {
        let (url, _folder) = database(kind, Content::Empty);
        let [one, other] = [(); 2].map(|()| Instance::start_at(&url, settings));
        let receiver = Receiver::open();
        let hook = Hook::new(&one, &receiver);
        let under_way: Arc<Mutex<HashMap<String, usize>>> = Arc::default();
        let twice: Arc<Mutex<Vec<String>>> = Arc::default();
        let (counts, found) = (under_way.clone(), twice.clone());
        receiver.respond_with(move |message| {
            let record = message.record().to_owned();
            let count = {
                let mut counts = counts.lock().unwrap();
                let count = counts.entry(record.clone()).or_default();
                *count += 1;
                *count
            };
            if count > 1 {
                found.lock().unwrap().push(record.clone());
            }
            std::thread::sleep(Duration::from_millis(20));
            *counts.lock().unwrap().get_mut(&record).unwrap() -= 1;
            (200, String::new())
        });
        for number in 0..60 {
            let api = [&one, &other][number % 2];
            topic(api, &format!("t-{}", number % 20), &format!("T {number}"));
        }
        hook.deliveries(&one, &["delivered"; 60]);
        let received = receiver.received();
        assert_eq!(received.len(), 60, "each once");
        assert_eq!(*twice.lock().unwrap(), [""; 0]);
        let mut last: HashMap<&str, i64> = HashMap::new();
        for message in &received {
            let seq = message.body["data"]["seq"].as_i64().unwrap();
            let before = last.insert(message.record(), seq);
            assert!(before.is_none_or(|before| before < seq), "{received:#?}");
        }
    }
}
