//! What clients wrote and were told, and whether that is what is there.

use serde_json::json;
use std::collections::BTreeMap;

use super::disk::Plan;
use crate::support::random::Random;
use crate::support::{Answer, Instance, eventually};

/// How many topics the clients write.
const TOPICS: u64 = 4;

/// A request, and what the client knows of it.
#[derive(Clone, Debug)]
struct Request {
    method: &'static str,
    slug: String,
    /// What it writes; no other request writes it.
    name: String,
    /// The revision that must be the current one.
    base: Option<u64>,
    /// How long its text is, so that some writes take pages that no other touches.
    length: usize,
    key: String,
    outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    /// Stored as this revision.
    Stored(u64),
    /// Refused, for a reason of its own.
    Refused(u16),
    /// It may be stored or not.
    Unknown,
}

impl Request {
    /// Sends it; returns an answer that must not come.
    fn send(&mut self, api: &Instance, token: &str) -> Option<String> {
        let authorization = format!("Bearer {token}");
        let tag = match self.base {
            Some(base) => format!("\"r{base}\""),
            None => "*".to_owned(),
        };
        let media_type = match self.method {
            "PATCH" => "application/merge-patch+json",
            _ => "application/json",
        };
        let mut headers = vec![
            ("authorization", authorization.as_str()),
            ("content-type", media_type),
            ("idempotency-key", self.key.as_str()),
        ];
        let description = "long ".repeat(self.length);
        let (path, body) = match self.method {
            "POST" => (
                "/v1/topics".to_owned(),
                json!({"slug": self.slug, "name": self.name, "description": description}),
            ),
            _ => {
                headers.push(("if-match", tag.as_str()));
                (
                    format!("/v1/topics/{}", self.slug),
                    json!({"name": self.name, "description": description}),
                )
            }
        };
        let answer = api.send_body(self.method, &path, &headers, body.to_string().into_bytes());
        self.outcome = match answer.status {
            200 | 201 => Outcome::Stored(answer.json()["data"]["revision"].as_u64().unwrap()),
            503 => Outcome::Unknown,
            404 | 409 | 412 => Outcome::Refused(answer.status),
            status => return Some(format!("{status}: {}", answer.text())),
        };
        None
    }
}

/// All requests, in the order in which they were sent by each client.
pub struct History {
    seed: usize,
    token: String,
    requests: Vec<Request>,
    wrong: Vec<String>,
}

impl History {
    /// An empty history. What it writes has the seed in its names.
    pub fn new(seed: usize, token: &str) -> Self {
        Self {
            seed,
            token: token.to_owned(),
            requests: Vec::new(),
            wrong: Vec::new(),
        }
    }

    /// Lets two clients send requests, as long as the machine has power.
    pub fn write(&mut self, api: &Instance, plan: &Plan, random: &mut Random, count: usize) {
        let clients: Vec<Vec<Request>> = (0..2)
            .map(|client| (0..count).map(|n| self.next(random, client, n)).collect())
            .collect();
        let done: Vec<(Vec<Request>, Vec<String>)> = std::thread::scope(|scope| {
            let token = self.token.as_str();
            let send = |requests: Vec<Request>| {
                scope.spawn(move || {
                    let mut requests = requests;
                    let sent = requests.iter_mut().take_while(|_| !plan.is_off());
                    let wrong = sent.filter_map(|one| {
                        if one.method == "PATCH" && one.base.is_some() {
                            one.base = revision(api, &one.slug).or(one.base);
                        }
                        one.send(api, token)
                    });
                    let wrong: Vec<String> = wrong.collect();
                    (requests, wrong)
                })
            };
            let threads: Vec<_> = clients.into_iter().map(send).collect();
            threads.into_iter().map(|one| one.join().unwrap()).collect()
        });
        for (requests, wrong) in done {
            self.requests.extend(requests);
            self.wrong.extend(wrong);
        }
    }

    fn next(&self, random: &mut Random, client: usize, n: usize) -> Request {
        let number = self.requests.len() * 100 + client * 50 + n;
        let (method, base) = match random.below(4) {
            0 => ("POST", None),
            1 => ("PATCH", None),
            _ => ("PATCH", Some(1)),
        };
        Request {
            method,
            slug: format!("topic-{}-{}", self.seed, random.below(TOPICS)),
            name: format!("Name {number} of {}", self.seed),
            base,
            length: [0, 0, 200, 950][random.below(4) as usize],
            key: format!("key-{}-{number}", self.seed),
            outcome: Outcome::Unknown,
        }
    }

    /// Waits until the server stores something again, without a restart.
    pub fn wait_until_healed(&mut self, api: &Instance) {
        let mut request = Request {
            method: "POST",
            slug: format!("healed-{}", self.seed),
            name: format!("Healed {}", self.seed),
            base: None,
            length: 0,
            key: format!("healed-{}", self.seed),
            outcome: Outcome::Unknown,
        };
        eventually(|| {
            let wrong = request.send(api, &self.token);
            match (&request.outcome, wrong) {
                (Outcome::Stored(_), None) => Ok(()),
                seen => Err(format!("{seen:?}")),
            }
        });
        self.requests.push(request);
    }

    /// Sends the requests again whose outcome is unknown, with the same keys.
    pub fn repeat_those_without_answer(&mut self, api: &Instance) {
        for request in &mut self.requests {
            // a busy machine may answer 503 some more times
            let mut attempts = 0;
            while request.outcome == Outcome::Unknown && attempts < 100 {
                self.wrong.extend(request.send(api, &self.token));
                attempts += 1;
            }
            if request.outcome == Outcome::Unknown {
                self.wrong.push(format!("still no answer: {request:?}"));
            }
        }
    }

    /// Compares what the clients were told with the histories of the topics; returns what is wrong.
    /// `next` is the URL of the log after what was compared before.
    pub fn compare(&self, api: &Instance, next: &mut String) -> Vec<String> {
        let mut wrong = self.wrong.clone();
        let mut stored: BTreeMap<(String, u64), String> = BTreeMap::new();
        let changes = api.send("GET", &format!("{next}&limit=100"), &[]);
        if changes.status != 200 {
            wrong.push(format!("the log: {}", changes.text()));
            return wrong;
        }
        for entry in changes.records() {
            let text = |name: &str| entry["data"][name].as_str().unwrap().to_owned();
            let revision = entry["revision"].as_u64().unwrap();
            if stored
                .insert((text("slug"), revision), text("name"))
                .is_some()
            {
                wrong.push(format!("revision {revision} of {} twice", text("slug")));
            }
        }
        for request in &self.requests {
            let of_it = stored.iter().filter(|(_, name)| **name == request.name);
            let found: Vec<&(String, u64)> = of_it.map(|(place, _)| place).collect();
            let is_right = match (&request.outcome, found.as_slice()) {
                (Outcome::Stored(revision), [place]) => {
                    let follows = request.base.is_none_or(|base| base + 1 == *revision);
                    **place == (request.slug.clone(), *revision) && follows
                }
                (Outcome::Refused(_), []) => true,
                _ => false,
            };
            if !is_right {
                wrong.push(format!("{request:?} is at {found:?}"));
            }
        }
        for name in stored.values() {
            if !self.requests.iter().any(|request| request.name == *name) {
                wrong.push(format!("nobody wrote '{name}'"));
            }
        }
        for ((slug, revision), name) in &stored {
            let is_newest = !stored.contains_key(&(slug.clone(), revision + 1));
            let shown = api.send("GET", &format!("/v1/topics/{slug}"), &[]);
            if is_newest && (shown.status != 200 || shown.data()["name"] != **name) {
                wrong.push(format!("{slug} is shown as {}", shown.text()));
            }
        }
        *next = path_of(&changes);
        wrong
    }
}

/// The path of the next page, at the default size of a page.
fn path_of(page: &Answer) -> String {
    let next = page.json()["page"]["next"].as_str().unwrap().to_owned();
    let path = next.splitn(4, '/').last().unwrap();
    format!(
        "/{}",
        path.replace("limit=100&", "").replace("&limit=100", "")
    )
}

/// The current revision of a topic, if the server tells.
fn revision(api: &Instance, slug: &str) -> Option<u64> {
    let answer = api.send("GET", &format!("/v1/topics/{slug}"), &[]);
    match answer.status {
        200 => answer.json()["data"]["revision"].as_u64(),
        _ => None,
    }
}
