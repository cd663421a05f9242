//! Feeds: one set of items in three formats.

use roxmltree::Document;
use serde_json::{Value, json};
use std::collections::BTreeSet;

use crate::support::contract::parameter_names;
use crate::support::{Answer, BODY, Instance, assert_includes, both, both_empty, time, with};
use crate::vectors::{fits_a_headline, naughty_strings};

const FORMATS: [&str; 3] = ["rss", "atom", "json"];
const COLLECTIONS: [&str; 2] = ["articles", "recommendations"];

/// A feed item in any format. RSS has no time of the last change.
#[derive(Clone, Debug, PartialEq)]
struct Item {
    id: String,
    title: String,
    link: String,
    updated: String,
    content: String,
}

/// A page of a feed.
struct Page {
    items: Vec<Item>,
    /// Tombstones: id, time and reason.
    tombstones: Vec<(String, String, String)>,
    next: Option<String>,
    title: String,
}

fn read(format: &str, answer: &Answer) -> Page {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let media_type = match format {
        "json" => "application/feed+json".to_owned(),
        other => format!("application/{other}+xml; charset=utf-8"),
    };
    assert_eq!(answer.header("content-type"), media_type);
    if format == "json" {
        return read_json(&answer.json());
    }
    let text = answer.text();
    let document = Document::parse(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let child = |node: roxmltree::Node<'_, '_>, name: &str| {
        let found = node
            .children()
            .find(|child| child.tag_name().name() == name);
        found.and_then(|child| child.text().map(str::to_owned))
    };
    let [holder, item, id, content] = match format {
        "rss" => ["channel", "item", "guid", "encoded"],
        _ => ["feed", "entry", "id", "content"],
    };
    let all = || document.descendants();
    let holder = all().find(|node| node.has_tag_name(holder) || node.tag_name().name() == holder);
    let holder = holder.unwrap();
    let items = holder
        .children()
        .filter(|node| node.tag_name().name() == item);
    let link = |node: roxmltree::Node<'_, '_>, relation: &str| {
        let links = node
            .children()
            .filter(|child| child.tag_name().name() == "link");
        let mut links = links.filter(|link| link.attribute("rel") == Some(relation));
        links.find_map(|link| link.attribute("href").map(str::to_owned))
    };
    let tombstones = all().filter(|node| node.tag_name().name() == "deleted-entry");
    Page {
        items: items
            .map(|node| Item {
                id: child(node, id).unwrap(),
                title: child(node, "title").unwrap_or_default(),
                link: match format {
                    "rss" => child(node, "link").unwrap(),
                    _ => link(node, "alternate").unwrap(),
                },
                updated: child(node, "updated").unwrap_or_default(),
                content: child(node, content)
                    .or(child(node, "description"))
                    .unwrap_or_default(),
            })
            .collect(),
        tombstones: tombstones
            .map(|node| {
                let attribute = |name| node.attribute(name).unwrap().to_owned();
                let reason = child(node, "comment").unwrap_or_default();
                (attribute("ref"), attribute("when"), reason)
            })
            .collect(),
        next: link(holder, "next"),
        title: child(holder, "title").unwrap(),
    }
}

fn read_json(feed: &Value) -> Page {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let items = feed["items"].as_array().unwrap().iter();
    Page {
        items: items
            .map(|item| Item {
                id: text(&item["id"]),
                title: text(&item["title"]),
                link: text(&item["url"]),
                updated: text(&item["date_modified"]),
                content: text(item.get("content_html").unwrap_or(&item["content_text"])),
            })
            .collect(),
        tombstones: Vec::new(),
        next: feed["next_url"].as_str().map(str::to_owned),
        title: text(&feed["title"]),
    }
}

/// Fetches a feed page in a format.
fn page(api: &Instance, collection: &str, format: &str, query: &str) -> Page {
    let path = format!("/v1/feeds/{collection}.{format}{query}");
    read(format, &api.get(&path))
}

fn ids(items: &[Item]) -> Vec<String> {
    items.iter().map(|item| item.id.clone()).collect()
}

fn urn(api: &Instance, path: &str) -> String {
    format!("urn:uuid:{}", api.get(path).id())
}

fn urns(answer: &Answer) -> Vec<String> {
    let ids = answer.column("id").into_iter();
    ids.map(|id| format!("urn:uuid:{id}")).collect()
}

fn article(slug: &str, day: &str) -> Value {
    json!({"type": "article", "slug": slug, "headline": format!("Fictional {slug}"), "organisation": "body",
        "published_at": format!("2026-11-{day}T09:00:00Z"), "body_html": "<p>Nobody <b>did</b> this.</p>"})
}

#[test]
fn a_feed_filters_exactly_like_its_list() {
    let not_taken = ["sort", "fields", "expand", "count", "state", "lang", "id"];
    for collection in COLLECTIONS {
        let mut expected = parameter_names(&format!("/v1/{collection}"));
        assert!(not_taken.iter().all(|name| expected.remove(name)));
        for format in FORMATS {
            let path = format!("/v1/feeds/{collection}.{format}");
            assert_eq!(parameter_names(&path), expected, "{path}");
        }
    }
    both(|api| {
        let questions = [
            ("articles", "organisation=iopc"),
            (
                "articles",
                "organisation=iopc&organisation=hmicfrs&topic=stalking",
            ),
            ("articles", "topic=stalking"),
            ("articles", "report=exampleshire-custody-2025"),
            (
                "articles",
                "recommendation=stalking-super-complaint-2024-15",
            ),
            ("articles", "language=cy"),
            ("articles", "original_url=https%3A%2F%2Fnowhere.example%2F"),
            ("articles", "published_from=2025-01-01T00:00:00Z"),
            ("articles", "published_before=2025-01-01T00:00:00Z"),
            ("articles", "updated_from=2025-01-01T00:00:00Z"),
            ("articles", "updated_before=2025-01-01T00:00:00Z"),
            ("recommendations", "report=stalking-super-complaint-2024"),
            ("recommendations", "organisation=essex-police"),
            ("recommendations", "group=exampleshire-forces"),
            ("recommendations", "kind=recommendation"),
            ("recommendations", "theme=accountability"),
            ("recommendations", "response_requirement=statutory"),
            ("recommendations", "published_from=2025-01-01"),
            ("recommendations", "published_before=2025-01-01"),
            ("recommendations", "due_from=2025-01-01"),
            ("recommendations", "due_before=2025-01-01"),
        ];
        for (collection, question) in questions {
            let all = api.get(&format!("/v1/{collection}?limit=100&count=exact"));
            let listed = urns(&api.get(&format!("/v1/{collection}?{question}&limit=100")));
            assert_ne!(all.count(), listed.len(), "{question}");
            for format in FORMATS {
                let found = page(api, collection, format, &format!("?{question}&limit=100"));
                assert_eq!(ids(&found.items), listed, "{format} {question}");
            }
        }
        assert_eq!(
            page(api, "articles", "atom", "?organisation=iopc").title,
            "Articles by Independent Office for Police Conduct"
        );
        for parameter in not_taken {
            let value = if parameter == "lang" {
                "cy"
            } else {
                "2026-01-01"
            };
            let answer = api.get(&format!("/v1/feeds/articles.rss?{parameter}={value}"));
            answer.problem(400, "invalid-query");
            assert_eq!(answer.mistakes()[0].1, "unknown_parameter");
        }
        let answer = api.get("/v1/feeds/articles.atom?organisation=nobody");
        assert_eq!(answer.mistakes()[0].1, "unknown_reference");
    });
}

#[test]
fn a_walk_sees_each_item_once_in_every_format() {
    both(|api| {
        for collection in COLLECTIONS {
            let listed = urns(&api.get(&format!("/v1/{collection}?limit=100")));
            assert!(listed.len() > 10);
            for format in FORMATS {
                for limit in [1, 4, 100] {
                    let (mut walked, mut gone) = (Vec::new(), BTreeSet::new());
                    let mut path = Some(format!("/v1/feeds/{collection}.{format}?limit={limit}"));
                    while let Some(address) = path {
                        let answer = api.get(&address);
                        let page = read(format, &answer);
                        assert!(page.items.len() <= limit, "{address}");
                        let linked = answer.header("link");
                        let in_header = page.next.as_ref();
                        assert!(in_header.is_none_or(|next| linked.contains(next.as_str())));
                        walked.extend(page.items);
                        gone.extend(page.tombstones.into_iter().map(|(id, ..)| id));
                        path = page.next;
                    }
                    assert_eq!(ids(&walked), listed, "{collection} {format} by {limit}");
                    let withdrawn = api.get(&format!("/v1/{collection}?state=withdrawn&limit=100"));
                    let withdrawn: BTreeSet<String> = match format {
                        "atom" => urns(&withdrawn).into_iter().collect(),
                        _ => BTreeSet::new(),
                    };
                    assert_eq!(gone, withdrawn, "{collection} {format} by {limit}");
                }
            }
        }
    });
}

#[test]
fn item_ids_are_stable_and_minor_edits_do_not_touch_updated() {
    both_empty(|api| {
        api.import(format!("{BODY}\n{}", article("story", "01")));
        let id = api.get("/v1/articles/story").id();
        let items = || {
            let of = |format| page(api, "articles", format, "").items.remove(0);
            FORMATS.map(of)
        };
        let first = items();
        for item in &first {
            assert_eq!(item.id, format!("urn:uuid:{id}"));
            assert_eq!(item.content, "<p>Nobody <b>did</b> this.</p>");
            assert_eq!(item.link, format!("{}/v1/articles/{id}", api.base));
        }
        assert_eq!(first[1].updated, "2026-11-01T09:00:00Z");
        assert_eq!(first[1].updated, first[2].updated);
        let change = |body: Value| {
            let path = format!("/v1/articles/{id}");
            // tokens are valid for ten minutes
            api.patch(&path, &api.admin(), &body).assert_status(200);
        };
        api.clock.set(time("2026-11-24T13:00:00Z"));
        change(json!({"headline": "Fictional storey", "is_minor_edit": true}));
        let minor = items();
        assert_eq!(minor[1].title, "Fictional storey");
        assert_eq!(
            minor.clone().map(|item| item.updated),
            first.clone().map(|item| item.updated)
        );
        api.clock.set(time("2026-11-24T14:00:00Z"));
        change(
            json!({"headline": "Another", "slug": "another", "original_url": "https://body.example/another"}),
        );
        let real = items();
        assert_eq!(real[1].updated, "2026-11-24T14:00:00Z");
        assert_eq!(real[1].updated, real[2].updated);
        for item in real {
            assert_eq!(item.id, first[0].id);
            assert_eq!(
                (&*item.title, &*item.link),
                ("Another", "https://body.example/another")
            );
        }
    });
}

#[test]
fn a_withdrawn_article_is_a_tombstone_in_atom_only() {
    both_empty(|api| {
        api.import(BODY);
        api.import_all(&["01", "02", "03"].map(|day| article(&format!("story-{day}"), day)));
        let path = "/v1/articles/story-01";
        let id = urn(api, path);
        for format in FORMATS {
            let before = page(api, "articles", format, "");
            assert!(ids(&before.items).contains(&id) && before.tombstones.is_empty());
        }
        api.clock.set(time("2026-11-24T13:00:00Z"));
        let reason = "It was not so & \"never\" <b>had</b> been.";
        api.withdraw(path, reason);
        for format in FORMATS {
            let after = page(api, "articles", format, "");
            assert_eq!(after.items.len(), 2, "{format}");
            assert!(!ids(&after.items).contains(&id), "{format}");
            let at = "2026-11-24T13:00:00Z".to_owned();
            let expected = match format {
                "atom" => vec![(id.clone(), at, reason.to_owned())],
                _ => Vec::new(),
            };
            assert_eq!(after.tombstones, expected, "{format}");
        }
        // though the oldest, it is on the first page; a filter that it does not match leaves it out
        let first = page(api, "articles", "atom", "?limit=1");
        assert_eq!((first.items.len(), &first.tombstones[0].0), (1, &id));
        let later = "?published_from=2026-11-02T00:00:00Z";
        assert!(page(api, "articles", "atom", later).tombstones.is_empty());
        assert!(
            !api.get("/v1/feeds/articles.atom")
                .text()
                .contains("Fictional story-01")
        );
        // and back
        let publish = format!("{path}/publish");
        api.act(&publish, &api.admin(), &json!({}))
            .assert_status(200);
        let again = page(api, "articles", "atom", "");
        assert!(ids(&again.items).contains(&id) && again.tombstones.is_empty());
    });
}

#[test]
fn a_withdrawn_recommendation_is_a_tombstone_in_atom_only() {
    both(|api| {
        let all = page(api, "recommendations", "atom", "?limit=100");
        let path = "/v1/recommendations/exampleshire-custody-2025-1";
        let id = urn(api, path);
        assert!(ids(&all.items).contains(&id));
        api.withdraw(path, "Fictional.").assert_status(200);
        for format in FORMATS {
            let after = page(api, "recommendations", format, "?limit=100");
            assert!(!ids(&after.items).contains(&id), "{format}");
            let is_tombstone = after.tombstones.iter().any(|(gone, ..)| *gone == id);
            assert_eq!(is_tombstone, format == "atom", "{format}");
        }
    });
}

#[test]
fn an_item_no_longer_public_leaves_a_tombstone_without_text() {
    both_empty(|api| {
        let report = |state: &str| {
            api.import(
                json!({"type": "report", "slug": "report", "title": "A fictional report",
                "published_on": "2026-11-01", "publishers": ["body"], "state": state}),
            );
        };
        let article = |slug: &str, state: &str| {
            api.import(with(article(slug, "01"), json!({"state": state})));
        };
        api.import(BODY);
        for slug in ["stays", "removed", "erased", "taken-back"] {
            article(slug, "published");
        }
        article("never-public", "draft");
        report("published");
        api.import_all(&["1", "2"].map(|number| {
            json!({"type": "recommendation", "report": "report", "number": number, "text": "Do something fictional.",
                "addressees": ["body"]})
        }));
        let of = |slug: &str| urn(api, &format!("/v1/articles/{slug}"));
        let gone = ["removed", "erased", "taken-back"].map(of);
        let mut recommended =
            ["report-1", "report-2"].map(|slug| urn(api, &format!("/v1/recommendations/{slug}")));
        recommended.sort();
        let tombstones = |collection: &str, query: &str| {
            let shown = page(api, collection, "atom", query);
            let words = shown.tombstones.iter().map(|(.., words)| words.as_str());
            assert!(words.collect::<String>().is_empty());
            let all = shown.tombstones.into_iter();
            all.map(|(id, when, _)| (id, when)).collect::<Vec<_>>()
        };
        assert_eq!(tombstones("articles", ""), []);
        for (minute, slug, state) in [
            (1, "removed", "gone"),
            (2, "erased", "erased"),
            (3, "taken-back", "draft"),
            (4, "never-public", "gone"),
        ] {
            api.clock.set(time(&format!("2026-11-24T12:0{minute}:00Z")));
            article(slug, state);
        }
        let expected: Vec<(String, String)> = gone
            .into_iter()
            .zip(["12:01", "12:02", "12:03"])
            .map(|(id, at)| (id, format!("2026-11-24T{at}:00Z")))
            .rev()
            .collect();
        assert_eq!(tombstones("articles", ""), expected);
        // under any filter: an erased record's properties are no longer known
        assert_eq!(
            tombstones("articles", "?language=cy&limit=2"),
            expected[..2]
        );
        for format in ["rss", "json"] {
            let items = page(api, "articles", format, "").items;
            assert_eq!(ids(&items), [of("stays")], "{format}");
        }
        // once republished it is no longer a tombstone
        article("removed", "published");
        assert_eq!(tombstones("articles", ""), expected[..2]);

        assert_eq!(tombstones("recommendations", ""), []);
        report("draft");
        let found = tombstones("recommendations", "").into_iter();
        let mut found: Vec<String> = found.map(|(id, _)| id).collect();
        found.sort();
        assert_eq!(found, recommended);
        report("published");
        assert_eq!(tombstones("recommendations", ""), []);
    });
}

#[test]
fn unpublished_items_stay_out_of_feeds_until_their_publication_time() {
    both_empty(|api| {
        let withdrawal = json!({"at": "2026-11-20T09:00:00Z", "reason": "Too early."});
        api.import(BODY);
        api.import_all(&[
            with(article("draft", "01"), json!({"state": "draft"})),
            article("scheduled", "25"),
            with(
                article("embargoed", "02"),
                json!({"embargoed_until": "2026-11-26T09:00:00Z"}),
            ),
            // a notice must not precede the article it is about
            with(
                article("early", "27"),
                json!({"state": "withdrawn", "withdrawal": withdrawal}),
            ),
        ]);
        let seen = |moment: &str, expected: &[&str], gone: usize| {
            api.clock.set(time(moment));
            for format in FORMATS {
                // the second is served from the cache
                for _ in 0..2 {
                    let shown = page(api, "articles", format, "");
                    let titles: Vec<&str> =
                        shown.items.iter().map(|item| item.title.as_str()).collect();
                    assert_eq!(titles, expected, "{format} at {moment}");
                    let gone = if format == "atom" { gone } else { 0 };
                    assert_eq!(shown.tombstones.len(), gone, "{format} at {moment}");
                }
            }
        };
        seen("2026-11-24T12:00:00Z", &[], 0);
        seen("2026-11-25T08:59:59Z", &[], 0);
        let feed = api.get("/v1/feeds/articles.rss");
        let control = "public, max-age=1, s-maxage=1";
        assert_eq!(feed.header("cache-control"), control);
        seen("2026-11-25T09:00:00Z", &["Fictional scheduled"], 0);
        seen("2026-11-26T08:59:59Z", &["Fictional scheduled"], 0);
        let both = ["Fictional scheduled", "Fictional embargoed"];
        seen("2026-11-26T09:00:00Z", &both, 0);
        seen("2026-11-27T09:00:00Z", &both, 1);
        // nor with a token: feeds show only public items
        let token = api.admin();
        for format in FORMATS {
            let answer = api.get_as(&token, &format!("/v1/feeds/articles.{format}"));
            assert_eq!(answer.header("cache-control"), "private, no-store");
            assert!(!answer.text().contains("draft"), "{format}");
        }
    });
}

#[test]
fn a_conditional_fetch_is_304_without_touching_the_database() {
    both(|api| {
        for collection in COLLECTIONS {
            for format in FORMATS {
                let path = format!("/v1/feeds/{collection}.{format}?limit=3");
                let first = api.get(&path);
                let again = || {
                    let tag = [("if-none-match", first.header("etag"))];
                    let second = api.get_with(&path, &tag);
                    assert_eq!((second.status, second.bytes.len()), (304, 0), "{path}");
                    assert_eq!(api.get(&path).bytes, first.bytes);
                };
                assert_eq!(api.statements(again), 0, "{path}");
                assert_eq!(first.header("vary"), "Accept-Encoding");
            }
        }
        let path = "/v1/feeds/articles.atom";
        let tag = api.get(path).header("etag").to_owned();
        api.import(r#"{"type":"topic","slug":"stalking","name":"Stalking, renamed"}"#);
        let again = api
            .get_with(path, &[("if-none-match", &tag)])
            .assert_status(200);
        assert!(again.text().contains("Stalking, renamed"));
    });
}

#[test]
fn every_format_carries_publishers_topics_language_and_rights() {
    both_empty(|api| {
        let more = json!({
            "co_publishers": ["other"], "topics": ["safety"], "language": "cy", "summary": "The gist & more",
            "attribution": "The Fictional Body, 2026", "licence": "OGL-UK-3.0",
            "original_url": "https://body.example/story?a=1&b=2",
        });
        api.import(BODY);
        api.import_all(&[
            json!({"type": "organisation", "slug": "other", "name": "Another Fictional Body"}),
            json!({"type": "topic", "slug": "safety", "name": "Safety & more"}),
            with(article("story", "01"), more),
        ]);
        let feed = api.get("/v1/feeds/articles.json?language=cy").json();
        let item = json!({
            "authors": [{"name": "The Fictional Body"}, {"name": "Another Fictional Body"}],
            "tags": ["Safety & more"], "language": "cy", "summary": "The gist & more",
            "_answerable": {"attribution": "The Fictional Body, 2026", "licence": "OGL-UK-3.0"},
        });
        assert_includes(&feed, json!({"language": "cy", "items": [item]}));
        for (format, words) in [
            (
                "atom",
                [
                    "<author><name>The Fictional Body</name>",
                    "<category term=\"safety\" label=\"Safety &amp; more\"/>",
                    "<entry xml:lang=\"cy\">",
                    "<rights>The Fictional Body, 2026 Trwydded: OGL-UK-3.0</rights>",
                    "<link rel=\"alternate\" href=\"https://body.example/story?a=1&amp;b=2\"/>",
                    "<summary>The gist &amp; more</summary>",
                ],
            ),
            (
                "rss",
                [
                    "<dc:creator>Another Fictional Body</dc:creator>",
                    "<category>Safety &amp; more</category>",
                    "<dc:language>cy</dc:language>",
                    "<dc:rights>The Fictional Body, 2026 Trwydded: OGL-UK-3.0</dc:rights>",
                    "<link>https://body.example/story?a=1&amp;b=2</link>",
                    // a description is HTML inside XML
                    "<description>The gist &amp;amp; more</description>",
                ],
            ),
        ] {
            let text = api.get(&format!("/v1/feeds/articles.{format}")).text();
            for word in words {
                assert!(text.contains(word), "{format} has no {word}: {text}");
            }
        }
    });
}

/// With naughty strings as headline, summary and body, feeds stay well formed and keep what XML can express.
#[test]
fn naughty_strings_leave_feeds_well_formed() {
    let mut strings: Vec<String> = (0..=0x20u8)
        .map(|c| format!("control {}", c as char))
        .collect();
    strings.extend(
        [
            "]]>",
            "<![CDATA[",
            "\u{fffe}\u{ffff}\u{85}",
            "&amp;&#0;",
            "<?x?>",
        ]
        .map(str::to_owned),
    );
    strings.extend(naughty_strings().unwrap_or_default());
    strings.retain(|text| fits_a_headline(text));
    both_empty(|api| {
        let articles = strings.iter().enumerate().map(|(number, text)| {
            let more =
                json!({"headline": text, "summary": text, "body_html": text, "attribution": text});
            with(article(&format!("n{number}"), "01"), more)
        });
        api.import(BODY);
        api.import_all(&articles.collect::<Vec<_>>());
        let sayable = |text: &str| -> String {
            let forbidden = |c: char| matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
            text.replace(forbidden, "")
        };
        for format in FORMATS {
            let mut titles = Vec::new();
            let mut path = Some(format!("/v1/feeds/articles.{format}?limit=100"));
            while let Some(address) = path {
                let page = read(format, &api.get(&address));
                titles.extend(page.items.into_iter().map(|item| item.title));
                path = page.next;
            }
            let mut expected: Vec<String> = match format {
                "json" => strings.clone(),
                _ => strings.iter().map(|text| sayable(text)).collect(),
            };
            titles.sort();
            expected.sort();
            assert_eq!(titles, expected, "{format}");
        }
    });
}
