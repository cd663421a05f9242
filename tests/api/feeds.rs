//! Feeds: one set of items in three formats.

use roxmltree::Document;
use serde_json::{Value, json};
use std::collections::BTreeSet;

use crate::support::contract::DOCUMENT;
use crate::support::{Answer, Instance, both, both_empty, data, time};
use crate::vectors::unpack;

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
    let (holder, item) = match format {
        "rss" => ("channel", "item"),
        _ => ("feed", "entry"),
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
                id: child(node, if format == "rss" { "guid" } else { "id" }).unwrap(),
                title: child(node, "title").unwrap_or_default(),
                link: match format {
                    "rss" => child(node, "link").unwrap(),
                    _ => link(node, "alternate").unwrap(),
                },
                updated: child(node, "updated").unwrap_or_default(),
                content: child(
                    node,
                    if format == "rss" {
                        "encoded"
                    } else {
                        "content"
                    },
                )
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

fn urns(answer: &Answer) -> Vec<String> {
    let ids = answer.column("id").into_iter();
    ids.map(|id| format!("urn:uuid:{id}")).collect()
}

const BODY: &str = r#"{"type":"organisation","slug":"body","name":"The Fictional Body"}"#;

fn article(slug: &str, day: &str) -> Value {
    json!({"type": "article", "slug": slug, "headline": format!("Fictional {slug}"), "organisation": "body",
        "published_at": format!("2026-11-{day}T09:00:00Z"), "body_html": "<p>Nobody <b>did</b> this.</p>"})
}

#[test]
fn a_feed_filters_exactly_like_its_list() {
    let names = |path: &str| -> BTreeSet<String> {
        let parameters = DOCUMENT["paths"][path]["get"]["parameters"].as_array();
        let names = parameters.unwrap().iter().map(|one| one["name"].as_str());
        names.map(|name| name.unwrap().to_owned()).collect()
    };
    let not_taken = ["sort", "fields", "expand", "count", "as_of", "state"];
    for collection in COLLECTIONS {
        let mut expected = names(&format!("/v1/{collection}"));
        not_taken
            .iter()
            .for_each(|name| assert!(expected.remove(*name)));
        for format in FORMATS {
            let path = format!("/v1/feeds/{collection}.{format}");
            assert_eq!(names(&path), expected, "{path}");
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
            let listed = api.get(&format!("/v1/{collection}?{question}&limit=100"));
            if listed.status == 400 {
                panic!("{}", listed.text());
            }
            assert_ne!(all.count(), urns(&listed).len(), "{question}");
            for format in FORMATS {
                let found = page(api, collection, format, &format!("?{question}&limit=100"));
                assert_eq!(ids(&found.items), urns(&listed), "{format} {question}");
            }
        }
        assert_eq!(
            page(api, "articles", "atom", "?organisation=iopc").title,
            "Articles by Independent Office for Police Conduct"
        );
        for parameter in not_taken {
            let answer = api.get(&format!("/v1/feeds/articles.rss?{parameter}=2026-01-01"));
            answer.problem(400, "invalid-query");
            assert_eq!(answer.mistakes()[0].1, "unknown_parameter");
        }
        let answer = api.get("/v1/feeds/articles.atom?organisation=nobody");
        assert_eq!(answer.mistakes()[0].1, "unknown_record");
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
        api.import(&format!("{BODY}\n{}", article("story", "01")));
        let id = api.data("/v1/articles/story")["id"].clone();
        let items = || {
            let of = |format| page(api, "articles", format, "").items.remove(0);
            FORMATS.map(of)
        };
        let first = items();
        for item in &first {
            assert_eq!(item.id, format!("urn:uuid:{}", id.as_str().unwrap()));
            assert_eq!(item.content, "<p>Nobody <b>did</b> this.</p>");
            assert_eq!(
                item.link,
                format!("{}/v1/articles/{}", api.base, id.as_str().unwrap())
            );
        }
        assert_eq!(first[1].updated, "2026-11-01T09:00:00Z");
        assert_eq!(first[1].updated, first[2].updated);
        let change = |body: Value| {
            let path = format!("/v1/articles/{}", id.as_str().unwrap());
            // tokens are valid for ten minutes
            let token = api.admin();
            api.patch(&path, &token, &body).assert_status(200);
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
        let lines: Vec<String> = ["01", "02", "03"]
            .map(|day| article(&format!("story-{day}"), day).to_string())
            .into();
        api.import(&format!("{BODY}\n{}", lines.join("\n")));
        let path = "/v1/articles/story-01";
        let id = format!("urn:uuid:{}", api.data(path)["id"].as_str().unwrap());
        for format in FORMATS {
            let before = page(api, "articles", format, "");
            assert!(ids(&before.items).contains(&id) && before.tombstones.is_empty());
        }
        api.clock.set(time("2026-11-24T13:00:00Z"));
        let body = json!({"reason": "It was not so & \"never\" <b>had</b> been."});
        let withdraw = format!("{path}/withdraw");
        let token = api.admin();
        api.act(&withdraw, &token, &body).assert_status(200);
        for format in FORMATS {
            let after = page(api, "articles", format, "");
            assert_eq!(after.items.len(), 2, "{format}");
            assert!(!ids(&after.items).contains(&id), "{format}");
            let reason = body["reason"].as_str().unwrap().to_owned();
            let told = vec![(id.clone(), "2026-11-24T13:00:00Z".to_owned(), reason)];
            let expected = if format == "atom" { told } else { Vec::new() };
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
        api.act(&publish, &token, &json!({})).assert_status(200);
        let again = page(api, "articles", "atom", "");
        assert!(ids(&again.items).contains(&id) && again.tombstones.is_empty());
    });
}

#[test]
fn a_withdrawn_recommendation_is_a_tombstone_in_atom_only() {
    both(|api| {
        let all = page(api, "recommendations", "atom", "?limit=100");
        let one = api.data("/v1/recommendations/exampleshire-custody-2025-1");
        let id = format!("urn:uuid:{}", one["id"].as_str().unwrap());
        assert!(ids(&all.items).contains(&id));
        api.patch(
            "/v1/recommendations/exampleshire-custody-2025-1",
            &api.admin(),
            &json!({"state": "withdrawn"}),
        )
        .assert_status(200);
        for format in FORMATS {
            let after = page(api, "recommendations", format, "?limit=100");
            assert!(!ids(&after.items).contains(&id), "{format}");
            let told = after.tombstones.iter().any(|(gone, ..)| *gone == id);
            assert_eq!(told, format == "atom", "{format}");
        }
    });
}

#[test]
fn an_item_no_longer_public_leaves_a_tombstone_without_text() {
    both_empty(|api| {
        let slugs = ["stays", "removed", "erased", "taken-back"];
        let mut lines: Vec<String> = slugs.map(|slug| article(slug, "01").to_string()).into();
        let mut never = article("never-public", "01");
        never["state"] = json!("draft");
        lines.extend([never.to_string(), BODY.to_owned()]);
        lines.push(
            json!({"type": "report", "slug": "report", "title": "A fictional report", "published_on": "2026-11-01",
                "publishers": ["body"]})
            .to_string(),
        );
        lines.extend(["1", "2"].map(|number| {
            json!({"type": "recommendation", "report": "report", "number": number, "text": "Do something fictional.",
                "addressees": ["body"]})
            .to_string()
        }));
        api.import(&lines.join("\n"));
        let urn = |path: &str| {
            let id = api.data(path)["id"].clone();
            format!("urn:uuid:{}", id.as_str().unwrap())
        };
        let of = |slug: &str| urn(&format!("/v1/articles/{slug}"));
        let gone = ["removed", "erased", "taken-back"].map(of);
        let recommended =
            ["report-1", "report-2"].map(|slug| urn(&format!("/v1/recommendations/{slug}")));
        let told = |collection: &str, query: &str| {
            let shown = page(api, collection, "atom", query);
            let words = shown.tombstones.iter().map(|(.., words)| words.as_str());
            assert!(words.collect::<String>().is_empty());
            let all = shown.tombstones.into_iter();
            all.map(|(id, when, _)| (id, when)).collect::<Vec<_>>()
        };
        assert_eq!(told("articles", ""), []);
        let mut state = article("never-public", "01");
        for (minute, slug, word) in [
            (1, "removed", "gone"),
            (2, "erased", "erased"),
            (3, "taken-back", "draft"),
            (4, "never-public", "gone"),
        ] {
            api.clock.set(time(&format!("2026-11-24T12:0{minute}:00Z")));
            state["slug"] = json!(slug);
            state["state"] = json!(word);
            api.import(&state);
        }
        let expected: Vec<(String, String)> = gone
            .into_iter()
            .zip(["12:01", "12:02", "12:03"])
            .map(|(id, at)| (id, format!("2026-11-24T{at}:00Z")))
            .rev()
            .collect();
        assert_eq!(told("articles", ""), expected);
        // under any filter: an erased record's properties are no longer known
        assert_eq!(told("articles", "?language=cy&limit=2"), expected[..2]);
        for format in ["rss", "json"] {
            let items = page(api, "articles", format, "").items;
            assert_eq!(ids(&items), [of("stays")], "{format}");
        }
        // once republished it is no longer a tombstone
        api.import(&article("removed", "01"));
        assert_eq!(told("articles", ""), expected[..2]);

        let report = |state: &str| {
            let document = json!({"type": "report", "slug": "report", "title": "A fictional report",
                "published_on": "2026-11-01", "publishers": ["body"], "state": state});
            api.import(&document);
        };
        assert_eq!(told("recommendations", ""), []);
        for state in ["gone", "draft"] {
            report(state);
            let mut found: Vec<String> = told("recommendations", "")
                .into_iter()
                .map(|(id, _)| id)
                .collect();
            found.sort();
            let mut expected = recommended.to_vec();
            expected.sort();
            assert_eq!(found, expected, "{state}");
            report("published");
            assert_eq!(told("recommendations", ""), []);
        }
    });
}

#[test]
fn unpublished_items_stay_out_of_feeds_until_their_publication_time() {
    both_empty(|api| {
        let mut draft = article("draft", "01");
        draft["state"] = json!("draft");
        let scheduled = article("scheduled", "25");
        let mut embargoed = article("embargoed", "02");
        embargoed["embargoed_until"] = json!("2026-11-26T09:00:00Z");
        // a notice must not precede the article it is about
        let mut early = article("early", "27");
        early["state"] = json!("withdrawn");
        early["withdrawal"] = json!({"at": "2026-11-20T09:00:00Z", "reason": "Too early."});
        api.import(&format!(
            "{BODY}\n{draft}\n{scheduled}\n{embargoed}\n{early}"
        ));
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
        let control = api
            .get("/v1/feeds/articles.rss")
            .header("cache-control")
            .to_owned();
        assert_eq!(control, "public, max-age=1, s-maxage=1");
        seen("2026-11-25T09:00:00Z", &["Fictional scheduled"], 0);
        seen("2026-11-26T08:59:59Z", &["Fictional scheduled"], 0);
        seen(
            "2026-11-26T09:00:00Z",
            &["Fictional scheduled", "Fictional embargoed"],
            0,
        );
        seen(
            "2026-11-27T09:00:00Z",
            &["Fictional scheduled", "Fictional embargoed"],
            1,
        );
        // nor with a token: feeds show only public items
        let bearer = format!("Bearer {}", api.admin());
        for format in FORMATS {
            let path = format!("/v1/feeds/articles.{format}");
            let answer = api.get_with(&path, &[("authorization", &bearer)]);
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
                let before = api.database.statements();
                let tag = [("if-none-match", first.header("etag"))];
                let second = api.get_with(&path, &tag);
                assert_eq!((second.status, second.bytes.len()), (304, 0), "{path}");
                assert_eq!(api.get(&path).bytes, first.bytes);
                assert_eq!(api.database.statements(), before, "{path}");
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
        let mut story = article("story", "01");
        story["co_publishers"] = json!(["other"]);
        story["topics"] = json!(["safety"]);
        story["language"] = json!("cy");
        story["summary"] = json!("The gist & more");
        story["attribution"] = json!("The Fictional Body, 2026");
        story["licence"] = json!("OGL-UK-3.0");
        story["original_url"] = json!("https://body.example/story?a=1&b=2");
        api.import(&format!(
            "{BODY}\n{}\n{}\n{story}",
            r#"{"type":"organisation","slug":"other","name":"Another Fictional Body"}"#,
            r#"{"type":"topic","slug":"safety","name":"Safety & more"}"#
        ));
        let feed = api.get("/v1/feeds/articles.json?language=cy").json();
        assert_eq!(feed["language"], "cy");
        let item = &feed["items"][0];
        assert_eq!(item["authors"][0]["name"], "The Fictional Body");
        assert_eq!(item["authors"][1]["name"], "Another Fictional Body");
        assert_eq!(
            (&item["tags"], &item["language"]),
            (&json!(["Safety & more"]), &json!("cy"))
        );
        assert_eq!(item["summary"], "The gist & more");
        assert_eq!(
            item["_answerable"]["attribution"],
            "The Fictional Body, 2026"
        );
        assert_eq!(item["_answerable"]["licence"], "OGL-UK-3.0");
        for (format, words) in [
            (
                "atom",
                [
                    "<author><name>The Fictional Body</name>",
                    "<category term=\"safety\" label=\"Safety &amp; more\"/>",
                    "<entry xml:lang=\"cy\">",
                    "<rights>The Fictional Body, 2026 Licence: OGL-UK-3.0</rights>",
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
                    "<dc:rights>The Fictional Body, 2026 Licence: OGL-UK-3.0</dc:rights>",
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
    if let Some(path) = data("vectors/naughty-strings.tar.gz") {
        let files = unpack(&path);
        let (_, bytes) = files
            .iter()
            .find(|(name, _)| name.ends_with(".json"))
            .unwrap();
        strings.extend(serde_json::from_slice::<Vec<String>>(bytes).unwrap());
    }
    let fits =
        |text: &String| !text.is_empty() && text.chars().count() <= 300 && !text.contains('\0');
    strings.retain(fits);
    both_empty(|api| {
        let mut lines = vec![BODY.to_owned()];
        lines.extend(strings.iter().enumerate().map(|(number, text)| {
            let mut naughty = article(&format!("n{number}"), "01");
            naughty["headline"] = json!(text);
            naughty["summary"] = json!(text);
            naughty["body_html"] = json!(text);
            naughty["attribution"] = json!(text);
            naughty.to_string()
        }));
        api.import(&lines.join("\n"));
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
