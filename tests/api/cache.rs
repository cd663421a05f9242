//! The response cache: fast, and never stale.

use serde_json::{Value, json};
use std::io::Read;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use answerable::platform::config::Config;

use crate::support::contract::{DOCUMENT, parameter_values};
use crate::support::random::Random;
use crate::support::{self, BODY, Content, Instance, Kind, both, both_empty, kinds, setting, time};

const ITEM: &str = "/v1/articles/iopc-welcomes-stalking-super-complaint-responses";
const LIST: &str = "/v1/articles?organisation=iopc&limit=5";
const MATRIX: &str = "/v1/reports/stalking-super-complaint-2024/coverage";

/// Two instances on one database, like two nodes.
fn two_nodes(kind: Kind, content: Content, settings: impl Fn(&mut Config)) -> TwoNodes {
    let (url, folder) = support::database(kind, content);
    let same = |config: &mut Config| {
        config.public_url = Some("https://api.example.org".to_owned());
        config.max_staleness_ms = Config::default().max_staleness_ms;
    };
    TwoNodes {
        one: Instance::start_at(&url, same),
        other: Instance::start_at(&url, |config| {
            same(config);
            settings(config);
        }),
        _folder: folder,
    }
}

struct TwoNodes {
    one: Instance,
    other: Instance,
    _folder: Option<tempfile::TempDir>,
}

#[test]
fn a_cached_response_is_served_without_the_database() {
    both(|api| {
        for path in [
            ITEM,
            LIST,
            MATRIX,
            "/v1/deadlines.ics?report=stalking-super-complaint-2024",
        ] {
            let first = api.get(path);
            let again = || {
                let again = api.get(path);
                assert_eq!(again.bytes, first.bytes, "{path}");
                for name in [
                    "etag",
                    "cache-control",
                    "vary",
                    "content-type",
                    "link",
                    "cache-tag",
                ] {
                    assert_eq!(again.header(name), first.header(name), "{path}: {name}");
                }
                assert_ne!(again.header("x-request-id"), first.header("x-request-id"));
                let head = api.send("HEAD", path, &[]);
                let length = first.bytes.len().to_string();
                assert_eq!((head.status, head.bytes.len()), (200, 0), "{path}");
                assert_eq!(
                    (head.header("content-length"), head.header("etag")),
                    (&*length, first.header("etag"))
                );
                let current = api.get_with(path, &[("if-none-match", first.header("etag"))]);
                assert_eq!((current.status, current.bytes.len()), (304, 0), "{path}");
                assert_eq!(current.header("etag"), first.header("etag"));
                assert_eq!(current.header("vary"), first.header("vary"));
            };
            assert_eq!(api.statements(again), 0, "{path}");
        }
        let other_order = "/v1/articles?limit=5&organisation=iopc";
        assert_eq!(api.get(other_order).bytes, api.get(LIST).bytes);
        assert_eq!(api.statements(|| drop(api.get(other_order))), 0);
    });
}

#[test]
fn each_content_coding_is_encoded_once_and_has_its_own_etag() {
    both(|api| {
        let plain = api.get(LIST);
        assert_eq!(
            (plain.header("content-encoding"), plain.header("vary")),
            ("", "Accept-Encoding")
        );
        let mut tags = vec![plain.header("etag").to_owned()];
        for (accepted, coding) in [
            ("gzip", "gzip"),
            ("br", "br"),
            ("zstd", "zstd"),
            ("gzip, deflate, br, zstd", "br"),
            ("gzip;q=1.0, br;q=0.5", "gzip"),
            ("br;q=0, gzip;q=0, zstd;q=0", ""),
            ("identity, gzip;q=0.5", ""),
            ("deflate", ""),
        ] {
            for turn in 0..2 {
                let headers = [("accept-encoding", accepted)];
                let answer = api.send("GET", LIST, &headers);
                assert_eq!(
                    answer.header("content-encoding"),
                    coding,
                    "{accepted} {turn}"
                );
                assert_eq!(decoded(&answer.bytes, coding), plain.bytes, "{accepted}");
                tags.push(answer.header("etag").to_owned());
                let tag = [headers[0], ("if-none-match", answer.header("etag"))];
                assert_eq!(api.send("GET", LIST, &tag).status, 304, "{accepted}");
                let of_plain = [headers[0], ("if-none-match", plain.header("etag"))];
                let expected = if coding.is_empty() { 304 } else { 200 };
                assert_eq!(
                    api.send("GET", LIST, &of_plain).status,
                    expected,
                    "{accepted}"
                );
            }
        }
        tags.sort();
        tags.dedup();
        assert_eq!(tags.len(), 4, "{tags:?}");
        let none = [("accept-encoding", "identity;q=0, deflate")];
        api.send("GET", LIST, &none).problem(406, "not-acceptable");
    });
}

fn decoded(bytes: &[u8], coding: &str) -> Vec<u8> {
    let mut decoded = Vec::new();
    match coding {
        "gzip" => flate2::read::GzDecoder::new(bytes).read_to_end(&mut decoded),
        "br" => brotli::Decompressor::new(bytes, 4096).read_to_end(&mut decoded),
        "zstd" => zstd::stream::Decoder::new(bytes)
            .unwrap()
            .read_to_end(&mut decoded),
        _ => bytes.take(u64::MAX).read_to_end(&mut decoded),
    }
    .unwrap();
    decoded
}

#[test]
fn last_modified_is_omitted_until_its_second_has_passed() {
    both(|api| {
        api.clock.set(time("2026-11-25T09:00:00.200Z"));
        let (path, token) = ("/v1/topics/stalking", api.admin());
        let change = |name: &str| {
            let body = json!({"description": name});
            api.patch(path, &token, &body).assert_status(200);
        };
        change("first");
        // more changes may follow within this second, so there is no Last-Modified yet
        assert_eq!(api.get(path).header("last-modified"), "");
        api.clock.set(time("2026-11-25T09:00:00.900Z"));
        change("second");
        api.clock.set(time("2026-11-25T09:00:01Z"));
        let modified = api.get(path).header("last-modified").to_owned();
        assert_eq!(modified, "Wed, 25 Nov 2026 09:00:00 GMT");
        let since = |moment: &str| api.get_with(path, &[("if-modified-since", moment)]).status;
        assert_eq!(since(&modified), 304);
        assert_eq!(since("Wed, 25 Nov 2026 10:00:00 GMT"), 304);
        assert_eq!(since("Wednesday, 25-Nov-26 09:00:00 GMT"), 304);
        assert_eq!(since("Wed Nov 25 09:00:00 2026"), 304);
        assert_eq!(since("Wed, 25 Nov 2026 08:59:59 GMT"), 200);
        assert_eq!(since("yesterday"), 200);
        let both = [
            ("if-modified-since", modified.as_str()),
            ("if-none-match", "\"other\""),
        ];
        assert_eq!(
            api.get_with(path, &both).status,
            200,
            "a tag that is sent decides"
        );
        api.clock.set(time("2026-11-25T09:00:05Z"));
        change("third");
        assert_eq!(since(&modified), 200);
    });
}

#[test]
fn a_scheduled_publication_expires_the_cache_and_sets_last_modified() {
    both_empty(|api| {
        api.import(concat!(
            r#"{"type":"organisation","slug":"body","name":"The Fictional Body"}"#, "\n",
            r#"{"type":"article","slug":"later","headline":"Later","organisation":"body","published_at":"2026-11-24T15:00:00Z"}"#,
        ));
        api.clock.set(time("2026-11-24T14:59:00Z"));
        let before = api.get("/v1/articles");
        assert_eq!(before.column("slug"), [""; 0]);
        assert_eq!(
            before.header("cache-control"),
            "public, max-age=30, s-maxage=60"
        );
        let modified = before.header("last-modified").to_owned();
        // it is served with a shrinking max-age, and no longer once the moment has come
        api.clock.set(time("2026-11-24T14:59:50Z"));
        assert_eq!(
            api.get("/v1/articles").header("cache-control"),
            "public, max-age=10, s-maxage=10"
        );
        assert_eq!(api.statements(|| drop(api.get("/v1/articles"))), 0);
        api.clock.set(time("2026-11-24T15:00:01Z"));
        let since = [("if-modified-since", modified.as_str())];
        let after = api.get_with("/v1/articles", &since);
        assert_eq!(after.column("slug"), ["later"]);
        assert_eq!(
            after.header("last-modified"),
            "Tue, 24 Nov 2026 15:00:00 GMT"
        );
    });
}

#[test]
fn a_write_invalidates_only_the_responses_it_affects() {
    both(|api| {
        let newest = api.get("/v1/articles?limit=1").column("slug").remove(0);
        let other = format!("/v1/articles/{newest}");
        assert_ne!(other, ITEM);
        for path in [ITEM, LIST, MATRIX, &other] {
            api.get(path);
        }
        let token = api.admin();
        let body = json!({"headline": "Another headline"});
        let answer = api.patch(ITEM, &token, &body).assert_status(200);
        assert_eq!(
            api.statements(|| drop(api.get(MATRIX))),
            0,
            "no article is in the matrix"
        );
        assert_eq!(
            api.statements(|| drop(api.get(&other))),
            0,
            "another article"
        );
        assert_eq!(api.data(ITEM)["headline"], "Another headline");
        assert!(
            api.get("/v1/articles?limit=100")
                .column("headline")
                .contains(&"Another headline".to_owned())
        );
        let id = answer.id();
        assert!(api.get(ITEM).header("cache-tag").ends_with(&id));
        assert!(!api.get(MATRIX).header("cache-tag").contains("articles"));
        assert!(api.get(LIST).header("cache-tag").contains("articles"));
    });
}

#[test]
fn a_page_stays_until_an_article_may_come_on_it_or_a_record_on_it_changes() {
    both_empty(|api| {
        let token = api.admin();
        let organisation = |slug: &str| json!({"type": "organisation", "slug": slug, "name": slug});
        let article = |slug: &str, organisation: &str, day: u32| json!({"type": "article", "slug": slug, "headline": "H", "organisation": organisation, "published_at": format!("2026-10-{day:02}T09:00:00Z"), "original_url": format!("https://example.org/{slug}")});
        api.import_all(&[organisation("north"), organisation("south")]);
        for day in 1..=9 {
            api.import(article(&format!("north-{day}"), "north", day));
        }
        let of_north = "/v1/articles?organisation=north&limit=2";
        let below = "/v1/organisations/north/articles?limit=2";
        let newest = "/v1/articles?limit=2";
        let second = api.get(newest).next_page().unwrap();
        let item = "/v1/articles/north-9";
        let feed = "/v1/feeds/articles.rss?organisation=north&limit=2";
        let embed = "/v1/oembed?url=https://example.org/north-9";
        let paths = [of_north, below, newest, &second, item, feed, embed];
        // the paths that are read again after a write
        let read_after = |write: &dyn Fn()| -> Vec<&str> {
            paths.iter().for_each(|path| drop(api.get(path)));
            write();
            let is_read = |path: &&str| api.statements(|| drop(api.get(path))) > 0;
            paths.into_iter().filter(is_read).collect()
        };
        let import = |document: Value| {
            let write = || drop(api.import(document.clone()));
            read_after(&write)
        };
        assert_eq!(import(article("south-10", "south", 10)), [newest]);
        // beyond both pages, and of others
        assert_eq!(import(article("south-1", "south", 1)), Vec::<&str>::new());
        assert_eq!(import(organisation("west")), Vec::<&str>::new());
        // it comes to the list of another organisation
        assert_eq!(
            import(article("south-10", "north", 10)),
            [of_north, below, newest, feed]
        );
        // an organisation that is named
        let renamed = json!({"type": "organisation", "slug": "north", "name": "North Force"});
        assert_eq!(import(renamed), paths);
        // the last article beyond a page leaves
        for day in 1..=7 {
            let path = format!("/v1/articles/north-{day}");
            api.delete(&path, &token).assert_status(204);
        }
        assert!(api.get(of_north).json()["page"]["has_more"] == true);
        let read = import(article("north-8", "south", 8));
        assert!(read.contains(&of_north), "{read:?}");
        assert!(api.get(of_north).json()["page"]["has_more"] == false);
    });
}

#[test]
fn an_embed_by_a_former_address_follows_whoever_takes_it() {
    both_empty(|api| {
        let article = |id: &str, slug: &str, headline: &str| json!({"type": "article", "id": id, "slug": slug, "headline": headline, "organisation": "body", "published_at": "2026-11-01T15:00:00Z"});
        let [one, other] = [
            "01890a5d-ac96-774b-bcce-b302099a8057",
            "01890a5d-ac96-774b-bcce-b302099a8058",
        ];
        api.import(BODY);
        api.import(article(one, "a", "One"));
        api.import(article(one, "b", "One"));
        let embed = format!("/v1/oembed?url={}/v1/articles/a", api.base);
        let title = || api.get(&embed).json()["title"].clone();
        assert_eq!(title(), "One");
        api.import(article(other, "a", "Other"));
        assert_eq!(title(), "Other");
    });
}

#[test]
fn translation_links_follow_the_state_of_either_article() {
    both_empty(|api| {
        let article = |slug: &str, state: &str, original: Option<&str>| {
            let language = original.map_or("en", |_| "cy");
            api.import(json!({"type": "article", "slug": slug, "state": state, "headline": "Fictional", "organisation": "body",
                "published_at": "2026-11-01T15:00:00Z", "language": language, "translation_of": original}));
        };
        api.import(BODY);
        article("original", "draft", None);
        article("translation", "published", Some("original"));
        let original_of = || api.data("/v1/articles/translation")["translation_of"]["slug"].clone();
        let translations = || {
            let original = api.data("/v1/articles/original");
            original["translations"].as_array().unwrap().len()
        };
        assert_eq!(original_of(), Value::Null);
        article("original", "published", None);
        assert_eq!(original_of(), "original");
        assert_eq!(translations(), 1);
        article("translation", "draft", Some("original"));
        assert_eq!(translations(), 0);
        let hidden = api.get_as(&api.admin(), "/v1/articles/translation").id();
        let original = api.get("/v1/articles/original");
        assert!(!original.header("cache-tag").contains(&hidden));
        article("translation", "published", Some("original"));
        assert_eq!(translations(), 1);
        let original = api.get("/v1/articles/original");
        let translation = api.data("/v1/articles/translation");
        let tags: Vec<&str> = original.header("cache-tag").split(',').collect();
        assert!(!tags.contains(&"articles"), "{tags:?}");
        assert!(
            tags.contains(&translation["id"].as_str().unwrap()),
            "{tags:?}"
        );
    });
}

#[test]
fn authorised_requests_bypass_the_cache() {
    both_empty(|api| {
        api.import(concat!(
            r#"{"type":"organisation","slug":"body","name":"The Fictional Body"}"#, "\n",
            r#"{"type":"article","slug":"draft","state":"draft","headline":"Draft","organisation":"body","published_at":"2026-11-01T15:00:00Z"}"#,
        ));
        let token = api.admin();
        for _ in 0..2 {
            let seen = api.get_as(&token, "/v1/articles/draft");
            assert_eq!(
                (seen.status, seen.header("cache-control")),
                (200, "private, no-store")
            );
            assert_eq!(
                (seen.header("cache-tag"), seen.header("last-modified")),
                ("", "")
            );
            api.get("/v1/articles/draft").problem(404, "not-found");
            assert_eq!(api.get("/v1/articles").column("slug"), [""; 0]);
            let list = api.get_as(&token, "/v1/articles");
            assert_eq!(list.header("cache-control"), "private, no-store");
        }
        api.get_with("/v1/articles", &[("authorization", "Bearer wrong")])
            .problem(401, "invalid-token");
        let preview = api.post("/v1/articles/draft/preview", &token, &json!({"minutes": 5}));
        let preview = preview.data();
        api.send("GET", preview["url"].as_str().unwrap(), &[])
            .assert_status(200);
        api.get("/v1/articles/draft").problem(404, "not-found");
    });
}

#[test]
fn concurrent_requests_for_one_path_are_coalesced() {
    both(|api| {
        // a change to an organisation invalidates the matrix
        let invalidate = |slug: &str| {
            api.import(json!({"type": "organisation", "slug": slug, "name": "The New Body"}));
        };
        let alone = api.statements(|| {
            invalidate("new");
            api.get(MATRIX);
        });
        let crowd = api.statements(|| {
            invalidate("newer");
            std::thread::scope(|scope| {
                for _ in 0..12 {
                    scope.spawn(|| assert_eq!(api.get(MATRIX).status, 200));
                }
            });
        });
        assert!(
            crowd <= alone + 2,
            "{crowd} statements for a crowd, {alone} for one"
        );
    });
}

/// Reads the article's number and the organisation's from a response.
type ReadNumbers = fn(&Value) -> [Option<&Value>; 2];

/// Writers raise a number and record it once the write is acknowledged; a reader must never see a smaller number than
/// the one recorded before its request.
#[test]
fn a_read_started_after_an_acknowledged_write_is_never_stale() {
    both_empty(|api| {
        api.import(concat!(
            r#"{"type":"organisation","slug":"body","name":"0"}"#, "\n",
            r#"{"type":"article","slug":"story","headline":"0","organisation":"body","published_at":"2026-11-01T15:00:00Z"}"#,
        ));
        let token = api.admin();
        let rounds = setting("TEST_WRITES", 60) as u64;
        let acknowledged = [AtomicU64::new(0), AtomicU64::new(0)];
        let is_over = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            let writers = [
                ("/v1/articles/story", "headline"),
                ("/v1/organisations/body", "name"),
            ];
            let writers: Vec<_> = writers
                .into_iter()
                .zip(&acknowledged)
                .map(|((path, member), noted)| {
                    let token = &token;
                    scope.spawn(move || {
                        for number in 1..=rounds {
                            let body = json!({member: number.to_string()});
                            api.patch(path, token, &body).assert_status(200);
                            noted.store(number, Ordering::SeqCst);
                        }
                    })
                })
                .collect();
            let readings: [(&str, ReadNumbers); 4] = [
                ("/v1/articles/story", |data| {
                    [data.get("headline"), data["organisation"].get("name")]
                }),
                ("/v1/articles?organisation=body", |data| {
                    [data[0].get("headline"), data[0]["organisation"].get("name")]
                }),
                ("/v1/organisations/body", |data| [None, data.get("name")]),
                (
                    "/v1/articles?expand=organisation&fields=headline,organisation",
                    |data| [data[0].get("headline"), data[0]["organisation"].get("name")],
                ),
            ];
            let (noted, is_over) = (&acknowledged, &is_over);
            for (path, read) in readings.into_iter().cycle().take(8) {
                scope.spawn(move || {
                    while !is_over.load(Ordering::SeqCst) {
                        let before = noted.each_ref().map(|n| n.load(Ordering::SeqCst));
                        let data = api.send("GET", path, &[]).data();
                        for (seen, before) in read(&data).into_iter().zip(before) {
                            let Some(seen) = seen else { continue };
                            let seen: u64 = seen.as_str().unwrap().parse().unwrap();
                            assert!(seen >= before, "{path} says {seen} after {before}");
                        }
                    }
                });
            }
            let results: Vec<_> = writers.into_iter().map(|writer| writer.join()).collect();
            is_over.store(true, Ordering::SeqCst);
            results.into_iter().for_each(|result| result.unwrap());
        });
    });
}

#[test]
fn writes_by_another_node_are_visible_within_a_second() {
    for kind in kinds() {
        let two = two_nodes(kind, Content::Demo, |_| ());
        for round in 0..3 {
            for path in [ITEM, LIST, MATRIX] {
                two.other.send("GET", path, &[]).assert_status(200);
            }
            let (token, headline) = (two.one.admin(), format!("Headline {round}"));
            let body = json!({"headline": headline});
            two.one.patch(ITEM, &token, &body).assert_status(200);
            assert_eq!(two.one.send("GET", ITEM, &[]).data()["headline"], *headline);
            // not a guess at the machine's speed: a node trusts its view of the log for no longer than this
            std::thread::sleep(Duration::from_secs(1));
            assert_eq!(
                two.other.send("GET", ITEM, &[]).data()["headline"],
                *headline
            );
            let listed = two.other.send("GET", LIST, &[]).column("headline");
            assert!(listed.contains(&headline), "{listed:?}");
        }
    }
}

#[test]
fn a_zero_sized_cache_sends_every_request_to_the_database() {
    for kind in kinds() {
        let api = Instance::start(kind, Content::Demo, |config| config.cache_bytes = 0);
        api.get(LIST); // the first one looks up the next scheduled moment
        let alone = api.statements(|| drop(api.get(LIST)));
        assert_eq!(alone, 1);
        let crowd = api.statements(|| {
            std::thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| api.get(LIST));
                }
            });
        });
        assert!(
            crowd >= 8 * alone,
            "{crowd} statements for eight, {alone} for one"
        );
    }
}

/// Applies random changes, and after each compares every path between an instance with a cache and one without.
#[test]
fn cached_responses_always_match_the_database() {
    for kind in kinds() {
        let two = two_nodes(kind, Content::Demo, |config| config.cache_bytes = 0);
        let documents: Vec<Value> = two
            .one
            .export()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let paths = every_path(&two.one, &documents);
        let mut random = Random::new(0x5eed);
        let rounds = setting("TEST_ROUNDS", 10);
        let statements = || [&two.one, &two.other].map(|node| node.database.statements());
        let before = statements();
        for round in 0..rounds {
            for path in &paths {
                assert_same(&two, path, "");
            }
            let mut document = documents[random.index(documents.len())].clone();
            let what = change(&mut document, &mut random, round);
            let report = two.one.try_import(document);
            println!("{what}: {:?}", report.mistakes);
            for path in &paths {
                assert_same(&two, path, &what);
            }
        }
        let [cached, bare] = statements();
        let (cached, bare) = (cached - before[0], bare - before[1]);
        assert!(
            cached * 2 < bare,
            "{cached} statements with a cache, {bare} without"
        );
    }
}

/// Changes a document's text or its state.
fn change(document: &mut Value, random: &mut Random, round: usize) -> String {
    let shown = [
        "name",
        "headline",
        "title",
        "text",
        "summary",
        "position_verbatim",
        "url",
        "description",
    ];
    let kind = document["type"].as_str().unwrap().to_owned();
    let key = document["slug"]
        .as_str()
        .or(document["id"].as_str())
        .unwrap()
        .to_owned();
    let can_hide = ["article", "report", "recommendation"].contains(&kind.as_str());
    if can_hide && random.index(3) == 0 {
        document["state"] = json!("draft");
        return format!("{kind} {key} hidden");
    }
    let members = document.as_object_mut().unwrap();
    if kind == "article" && random.index(2) == 0 {
        let day = format!("2026-{:02}-01T09:00:00Z", 1 + random.index(11));
        members.insert("published_at".to_owned(), json!(day));
        let publisher = ["iopc", "hmicfrs"][random.index(2)];
        members.insert("organisation".to_owned(), json!(publisher));
        if random.index(3) == 0 {
            members.insert("slug".to_owned(), json!(format!("new-{round}")));
            members.remove("id");
            members.remove("original_url");
        }
        return format!("place of {kind} {key}");
    }
    for name in shown {
        if let Some(Value::String(text)) = members.get_mut(name) {
            text.push_str(&format!("-{round}"));
            return format!("{name} of {kind} {key}");
        }
    }
    members.insert(
        "source_url".to_owned(),
        json!(format!("https://example.org/{round}")),
    );
    format!("source of {kind} {key}")
}

fn assert_same(two: &TwoNodes, path: &str, after: &str) {
    let [cached, bare] = [&two.one, &two.other].map(|node| node.send("GET", path, &[]));
    assert_eq!(cached.status, bare.status, "{path} after {after}");
    if cached.status != 200 {
        return;
    }
    let content = |answer: &support::Answer| {
        if !answer.header("content-type").ends_with("json") {
            return Value::String(answer.text());
        }
        let mut content = answer.json();
        // the time of the matrix: the instance without a cache recomputes it at each write
        content["data"]
            .as_object_mut()
            .map(|data| data.remove("as_at"));
        // the change log's cursor contains the time
        content["page"]
            .as_object_mut()
            .filter(|_| path.contains("changes"))
            .map(|page| page.remove("next"));
        content
    };
    assert_eq!(content(&cached), content(&bare), "{path} after {after}");
}

/// The paths of all lists, with and without expansions, and of some records of each resource with their nested lists.
fn every_path(api: &Instance, documents: &[Value]) -> Vec<String> {
    let mut paths = Vec::new();
    for (path, operations) in DOCUMENT["paths"].as_object().unwrap() {
        let is_json = operations["get"]["responses"]["200"]["content"]
            .get("application/json")
            .is_some();
        let is_kept = is_json || path.starts_with("/v1/feeds/") || path == "/v1/embeds/news";
        let is_left_out = path.contains("deadline-rules")
            || ["/v1/oembed", "/v1/lookup"].contains(&path.as_str())
            || path.starts_with("/v1/webhooks") // not public
            || path.starts_with("/v1/proposals")
            || path.ends_with("/related"); // each node has its own index, which follows the log at its own pace
        if !path.starts_with("/v1/") || !is_kept || is_left_out {
            continue;
        }
        let mut queries = vec![String::new()];
        let expansions = parameter_values(path, "expand").into_iter();
        queries.extend(expansions.map(|word| format!("?expand={word}")));
        for filled in filled(api, path, documents) {
            paths.extend(queries.iter().map(|query| format!("{filled}{query}")));
        }
    }
    for article in documents
        .iter()
        .filter(|one| one["type"] == "article")
        .take(3)
    {
        let slug = article["slug"].as_str().unwrap();
        for path in ["oembed", "lookup"] {
            let url = format!("https://api.example.org/v1/articles/{slug}");
            paths.push(format!("/v1/{path}?url={url}"));
        }
    }
    for feed in [
        "articles.rss?organisation=iopc&limit=2",
        "articles.json?limit=3",
    ] {
        paths.push(format!("/v1/feeds/{feed}"));
    }
    paths.push("/v1/embeds/news?organisation=iopc&limit=2".to_owned());
    for list in [
        "/v1/articles?limit=3",
        "/v1/articles?sort=published_at&limit=3",
        "/v1/articles?organisation=iopc&count=exact&limit=2",
        "/v1/articles?organisation=iopc&limit=2",
        "/v1/articles?sort=updated_at&limit=3",
    ] {
        let mut pages = vec![list.to_owned()];
        let path_of = |url: String| url.replace("https://api.example.org", "");
        let read = |path: &String| api.send("GET", path, &[]);
        while let Some(next) = read(&pages[pages.len() - 1]).next_page() {
            pages.push(path_of(next));
        }
        let back = read(&pages[pages.len() - 1]).previous_page().map(path_of);
        paths.extend(pages.into_iter().chain(back));
    }
    assert!(paths.len() > 60, "{paths:?}");
    paths
}

fn filled(api: &Instance, path: &str, documents: &[Value]) -> Vec<String> {
    let path = &*path.replace("{facet_name}", "topic");
    if !path.contains('{') {
        return vec![path.to_owned()];
    }
    let collections = match path.contains("{collection}") {
        true => vec!["articles", "organisations", "reports"],
        false => vec![path.split('/').nth(2).unwrap()],
    };
    let mut filled = Vec::new();
    for collection in collections {
        let list = format!("/v1/{collection}?limit=100");
        let ids = api.send("GET", &list, &[]).column("id");
        assert!(!documents.is_empty() && !ids.is_empty(), "{collection}");
        for id in [&ids[0], &ids[ids.len() / 2]] {
            filled.push(path.replace("{collection}", collection).replace("{id}", id));
        }
    }
    filled
}
