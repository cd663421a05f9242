//! A log that was put back, by a backup that is restored or a replica that lags and is promoted: every follower is told,
//! none keeps what was lost, and no id comes twice.

use answerable::platform::config::Config;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::path::Path;

use crate::stream::Reader;
use crate::support::{Backup, Content, Instance, Kind, both_empty, database, eventually, kinds};
use crate::webhooks::{self, Hook, Receiver};

fn body(slug: &str) -> Value {
    json!({"type": "organisation", "slug": slug, "name": format!("The Fictional {slug}")})
}

fn bodies(api: &Instance, prefix: &str, count: usize) {
    let slugs = (1..=count).map(|n| body(&format!("{prefix}-{n}")));
    api.import_all(&slugs.collect::<Vec<_>>());
}

/// Everybody who follows the log.
struct Followers {
    receiver: Receiver,
    /// The newest state of each record, as a follower keeps it, with the number of the entry.
    records: BTreeMap<String, (i64, Value)>,
    /// The URL with which it goes on.
    next: String,
    stream: Reader,
}

impl Followers {
    fn new(api: &Instance) -> Self {
        let receiver = Receiver::open();
        Hook::new(api, &receiver);
        let mut followers = Self {
            receiver,
            records: BTreeMap::new(),
            next: "/v1/changes".to_owned(),
            stream: Reader::open(api, "?from=start"),
        };
        followers.follow(api);
        followers
    }

    /// Reads the list to its end.
    fn follow(&mut self, api: &Instance) {
        loop {
            let page = api.get(&self.next).assert_status(200);
            for entry in page.records() {
                self.take(&entry);
            }
            self.next = path(page.json()["page"]["next"].as_str().unwrap());
            if page.json()["page"]["has_more"] == false {
                return;
            }
        }
    }

    fn take(&mut self, entry: &Value) {
        let id = entry["id"].as_str().unwrap().to_owned();
        let state = (entry["seq"].as_i64().unwrap(), entry["data"].clone());
        self.records.insert(id, state);
    }

    /// Does what `log-forked` says: all was read in the same moment, so all is read again.
    fn read_again(&mut self, api: &Instance, last_common: i64) {
        for id in self.records.keys().cloned().collect::<Vec<_>>() {
            let answer = api.get(&format!("/v1/organisations/{id}"));
            match answer.status {
                200 => self.records.insert(id, (last_common, answer.data())),
                _ => self.records.remove(&id),
            };
        }
    }

    /// The slugs and names that the follower has.
    fn known(&self) -> Vec<(String, String)> {
        let states = self.records.values().map(|(_, state)| names(state));
        let mut known: Vec<_> = states.collect();
        known.sort();
        known
    }
}

fn names(record: &Value) -> (String, String) {
    let text = |name: &str| record[name].as_str().unwrap().to_owned();
    (text("slug"), text("name"))
}

/// The slugs and names of all organisations.
fn stored(api: &Instance) -> Vec<(String, String)> {
    let mut stored: Vec<_> = api
        .walk_records("/v1/organisations?limit=100")
        .iter()
        .map(names)
        .collect();
    stored.sort();
    stored
}

fn wait_until_ready(api: &Instance) {
    eventually(|| {
        let status = api.send("GET", "/readyz", &[]).status;
        (status == 200).then_some(()).ok_or(status)
    });
}

/// The path of a URL of this API.
fn path(url: &str) -> String {
    url.replace("https://api.example.org", "")
}

/// Waits until the search has found a record.
fn wait_for_search(api: &Instance, name: &str) {
    eventually(|| {
        let answer = api.get(&format!("/v1/search?q={name}"));
        let is_found = answer.status == 200 && !answer.records().is_empty();
        is_found.then_some(()).ok_or(answer.status)
    });
}

/// Waits until no process uses the search index in a folder.
fn wait_for_lock(folder: &Path) {
    let lock = File::open(folder.join("in-use")).unwrap();
    eventually(|| lock.try_lock());
}

/// A database that is put back, while the server is running or not.
fn each(test: impl Fn(Instance, &dyn Fn(Instance, Backup) -> Instance)) {
    for kind in kinds() {
        for is_running in [true, false] {
            println!(
                "--- on {kind:?}, {}",
                if is_running { "running" } else { "stopped" }
            );
            let (url, _file) = database(kind, Content::Empty);
            let index = tempfile::tempdir().unwrap();
            let settings = |config: &mut Config| {
                webhooks::settings(config);
                config.search_folder = Some(index.path().to_owned());
            };
            let put_back = |mut api: Instance, backup: Backup| {
                if is_running {
                    backup.restore();
                    if kind == Kind::Postgresql {
                        return api;
                    }
                    // another file under the server: it takes no more writes, and has to be restarted
                    let answer = api.send("GET", "/v1/organisations?limit=7", &[]);
                    answer.problem(503, "storage-unavailable");
                    api.stop_gracefully();
                    drop(api);
                    wait_for_lock(index.path());
                } else {
                    api.stop_gracefully();
                    drop(api);
                    wait_for_lock(index.path());
                    backup.restore();
                }
                Instance::start_at(&url, settings)
            };
            test(Instance::start_at(&url, settings), &put_back);
        }
    }
}

#[test]
fn every_follower_of_a_log_that_was_put_back_is_told() {
    each(|api, put_back| {
        bodies(&api, "kept", 20);
        let mut followers = Followers::new(&api);
        let backup = Backup::of(&api.url());
        wait_until_ready(&api);
        bodies(&api, "lost", 3);
        api.import(
            json!({"type": "organisation", "slug": "kept-1", "name": "A name that is lost"}),
        );
        followers.follow(&api);
        let lost_ids: Vec<String> = followers
            .receiver
            .wait(4)
            .iter()
            .map(|one| one.id().to_owned())
            .collect();
        wait_for_search(&api, "lost");
        // it has not read any entry that will be lost, but what it was shown depends on them
        let early = path(
            api.get("/v1/changes?limit=5").json()["page"]["next"]
                .as_str()
                .unwrap(),
        );
        assert_eq!(followers.known(), stored(&api));
        let id = api.data("/v1/organisations/lost-1")["id"]
            .as_str()
            .unwrap()
            .to_owned();
        let mut events: Vec<_> = (0..24).map(|_| followers.stream.next().unwrap()).collect();
        assert_eq!(
            events.pop().unwrap().change["data"]["name"],
            "A name that is lost"
        );
        let last_id = followers.stream.id.clone();

        let api = put_back(api, backup);
        eventually(|| {
            let answer = api.send("GET", &format!("/v1/organisations/{id}"), &[]);
            (answer.status == 404).then_some(()).ok_or(answer.status)
        });
        let problem = api.get(&early).problem(409, "log-forked");
        assert!(problem["since"].is_string(), "{problem}");
        let mut resumed = Reader::after(&api, "", early.split_once("cursor=").unwrap().1);
        assert_eq!(resumed.next().unwrap().kind, "log-forked");
        assert_eq!(resumed.next().unwrap().change["seq"], 6);
        // the same numbers again
        bodies(&api, "new", 6);

        let problem = api.get(&followers.next).problem(409, "log-forked");
        let last_common = problem["last_common"].as_i64().unwrap();
        assert!((1..=20).contains(&last_common), "{problem}");
        followers.read_again(&api, last_common);
        followers.next = path(problem["next"].as_str().unwrap());
        followers.follow(&api);
        assert_eq!(followers.known(), stored(&api));

        // on the stream: one that was open ends with the server or goes on
        let told = followers.stream.next();
        assert!(told.is_none_or(|event| event.kind == "log-forked"));
        let mut again = Reader::after(&api, "", &last_id);
        let first = again.next().unwrap();
        assert_eq!(first.kind, "log-forked");
        let last_common = first.change["last_common"].as_i64().unwrap();
        let after: Vec<i64> = (last_common + 1..=26).collect();
        let seen = (0..after.len()).map(|_| again.next().unwrap());
        let seen: Vec<i64> = seen
            .map(|event| event.change["seq"].as_i64().unwrap())
            .collect();
        assert_eq!(seen, after);

        // receivers of webhooks
        eventually(|| {
            api.advance(chrono::TimeDelta::seconds(40)); // attempts that were under way have ended
            let received = followers.receiver.received();
            (received.len() >= 4 + 1 + 6).then_some(()).ok_or(received)
        });
        let received = followers.receiver.received();
        let fork = &received[4];
        assert_eq!(fork.body["type"], "log.forked");
        assert!(fork.body["data"]["last_common"].as_i64().unwrap() <= 20);
        let next = path(fork.body["data"]["url"].as_str().unwrap());
        api.get(&next).assert_status(200);
        let ids: HashSet<&str> = received.iter().map(|one| one.id()).collect();
        assert_eq!(ids.len(), 11, "an id came twice: {lost_ids:?}, {ids:?}");
        // the search index has what the log has now
        wait_for_search(&api, "new");
        let found = api.get("/v1/search?q=lost&count=exact");
        assert_eq!(found.count(), 0, "{}", found.text());
        api.assert_log_verifies();
    });
}

#[test]
fn a_sqlite_file_that_is_gone_takes_no_more_writes_and_heals() {
    if !kinds().contains(&Kind::Sqlite) {
        return;
    }
    let api = Instance::start(Kind::Sqlite, Content::Empty, |_| {});
    let token = api.admin();
    let create = |slug: &str| {
        let topic = json!({"slug": slug, "name": "A topic"});
        api.write("POST", "/v1/topics", &token, &[], &topic)
    };
    let url = api.url();
    let path = Path::new(url.strip_prefix("sqlite:").unwrap());
    create("before").assert_status(201);
    let backup = Backup::of(&api.url());
    create("lost").assert_status(201);
    // moved away: nothing is created in its place
    let moved = path.with_extension("moved");
    std::fs::rename(path, &moved).unwrap();
    create("refused").problem(503, "storage-unavailable");
    let ready = api.send("GET", "/readyz", &[]);
    ready.problem(503, "unavailable");
    assert!(!path.exists());
    // and back again
    std::fs::rename(&moved, path).unwrap();
    eventually(|| {
        let answer = create("after");
        (answer.status == 201).then_some(()).ok_or(answer.status)
    });
    api.get("/v1/topics/lost").assert_status(200);
    // something else is there for a while
    std::fs::rename(path, &moved).unwrap();
    std::fs::create_dir(path).unwrap();
    create("refused").problem(503, "storage-unavailable");
    std::fs::remove_dir(path).unwrap();
    std::fs::rename(&moved, path).unwrap();
    eventually(|| {
        let answer = create("again");
        (answer.status == 201).then_some(()).ok_or(answer.status)
    });
    // replaced: nothing more is read or written before a restart
    let log = std::fs::read(path.with_extension("db-wal")).unwrap();
    assert!(!log.is_empty(), "what was written is still there");
    backup.restore();
    create("refused").problem(503, "storage-unavailable");
    api.get("/v1/topics?limit=9")
        .problem(503, "storage-unavailable");
    let ready = api.send("GET", "/readyz", &[]);
    ready.problem(503, "unavailable");
    let restarted = Instance::start_at(&url, |_| {});
    assert_eq!(restarted.data("/v1/topics").as_array().unwrap().len(), 1);
    restarted.assert_log_verifies();
}

#[test]
fn the_last_common_entry_is_found_near_the_fork() {
    both_empty(|api| {
        bodies(api, "body", 600);
        let next = api.get("/v1/changes?limit=100");
        let mut page = next;
        while page.json()["page"]["has_more"] == true {
            page = api.get(&page.next_page().unwrap());
        }
        let next = page.next_page().unwrap();
        for (left, at_least) in [(599, 592), (590, 576), (510, 256), (250, 1), (0, 0)] {
            api.execute(&[&format!("DELETE FROM changes WHERE seq > {left}")]);
            let problem = api.get(&next).problem(409, "log-forked");
            let last_common = problem["last_common"].as_i64().unwrap();
            assert!(
                (at_least..=left).contains(&last_common),
                "{left}: {problem}"
            );
        }
    });
}

#[test]
fn a_stream_misses_nothing_when_a_cursor_shows_the_fork() {
    for kind in kinds() {
        let (url, _file) = database(kind, Content::Empty);
        // each start has a search index of its own, so that only the cursor shows what was lost
        let start = || {
            Instance::start_at(&url, |config| {
                webhooks::settings(config);
                config.search_folder = Some(unused());
            })
        };
        let mut api = start();
        bodies(&api, "kept", 6);
        let backup = Backup::of(&url);
        wait_until_ready(&api);
        bodies(&api, "lost", 4);
        let next = path(
            api.get("/v1/changes").json()["page"]["next"]
                .as_str()
                .unwrap(),
        );
        api.stop_gracefully();
        drop(api);
        backup.restore();

        let api = start();
        let mut streams = [Reader::open(&api, ""), Reader::open(&api, "?from=start")];
        for _ in 0..6 {
            streams[1].next().unwrap();
        }
        api.get(&next).problem(409, "log-forked");
        eventually(|| {
            (api.log.tail().epoch() == 1)
                .then_some(())
                .ok_or("not noticed")
        });
        for n in 1..=3 {
            bodies(&api, &format!("new{n}"), 1);
        }
        for stream in &mut streams {
            let seen = (0..3).map(|_| stream.next().unwrap());
            let seen: Vec<i64> = seen
                .map(|event| event.change["seq"].as_i64().unwrap())
                .collect();
            assert_eq!(seen, [7, 8, 9]);
        }
    }
}

#[test]
fn a_fork_whose_record_was_lost_too_is_recorded_again() {
    both_empty(|api| {
        bodies(api, "body", 3);
        bodies(api, "lost", 2);
        let next = api.get("/v1/changes").next_page().unwrap();
        api.execute(&["DELETE FROM changes WHERE seq > 3"]);
        let epoch = |number: i64| {
            let seen = || api.count("SELECT coalesce(max(number), 0) AS count FROM log_forks");
            eventually(|| {
                let found = (api.log.tail().epoch(), seen());
                (found == (number, number)).then_some(()).ok_or(found)
            });
        };
        epoch(1);
        // once it is known, a cursor that shows it takes no write lock
        let refused = api.statements(|| drop(api.get(&next).problem(409, "log-forked")));
        assert_eq!(refused, 6);
        // the same copy once more
        api.execute(&["DELETE FROM log_forks"]);
        epoch(2);
    });
}

/// A folder that is not there yet.
fn unused() -> std::path::PathBuf {
    let folder = tempfile::tempdir().unwrap();
    folder.path().to_owned()
}
