//! Ingesting the feeds of organisations, from well-behaved servers and others.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;

use answerable::platform::states::PublicationState;
use answerable::resources::ingestion::polling::{self, PollOutcome};
use answerable::resources::ingestion::{Counts, MAX_ITEMS, Policy, queries, reading};
use answerable::tracking::catalogue::CATALOGUE;
use chrono::TimeDelta;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::linked_pages::{Behaviour, Site, crawler};
use crate::support::{Instance, assert_includes, both_empty, data, program, with};
use crate::vectors::unpack;

const RSS: &str = r#"<?xml version="1.0"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>News of the Fictional Watchdog</title><link>https://watchdog.example/</link><language>cy-GB</language>
<item><title>Cells &amp;amp; custody: a &lt;b&gt;first&lt;/b&gt; look</title>
  <link>https://watchdog.example/news/first?utm_source=rss</link><guid isPermaLink="false">guid-1</guid>
  <pubDate>Tue, 03 Mar 2026 12:27:00 +0100</pubDate>
  <description>What &lt;i&gt;the first&lt;/i&gt; says.</description>
  <content:encoded><![CDATA[<p onclick="x()">The body.</p><script>alert(1)</script>]]></content:encoded></item>
<item><title>A second</title><link>/news/second</link><guid>https://watchdog.example/news/second</guid>
  <pubDate>Wed, 04 Mar 2026 00:30:00 GMT</pubDate><description>Short.</description></item>
</channel></rss>"#;

const ATOM: &str = r#"<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
<title>News</title><id>urn:watch</id><updated>2026-03-05T10:00:00Z</updated>
<entry><title type="html">An &lt;em&gt;entry&lt;/em&gt;</title><id>urn:entry:1</id>
  <link rel="self" href="https://watchdog.example/api/1"/><link rel="alternate" href="https://watchdog.example/entry-1"/>
  <published>2026-03-01T09:00:00+02:00</published><updated>2026-03-05T10:00:00Z</updated>
  <content type="html">&lt;p&gt;All of it.&lt;/p&gt;</content></entry></feed>"#;

const JSON: &str = r#"{"version": "https://jsonfeed.org/version/1.1", "title": "News", "items": [
{"id": "7", "url": "https://watchdog.example/json-7", "title": "From JSON", "content_text": "1 < 2 & so on",
 "date_published": "2026-03-06T10:00:00-05:00"}]}"#;

/// Creates an organisation for each path of a site, named after the path.
fn seed(api: &Instance, site: &Site, paths: &[&str]) {
    let documents = paths.iter().map(|path| {let slug = path.trim_start_matches('/').replace(['.', '/', '_'], "-").to_lowercase();
        json!({"type": "organisation", "slug": slug, "name": slug, "feed": format!("{}{path}", site.address)})
    });
    api.import_all(&documents.collect::<Vec<_>>());
}

fn policy(state: PublicationState) -> Policy {
    Policy {
        state,
        ..Policy::drafts()
    }
}

/// Polls all feeds; returns the outcome of each.
fn poll(api: &Instance, policy: &Policy) -> BTreeMap<String, PollOutcome> {
    let feeds = api.read(|c| queries::feeds(c, &[]));
    let (crawler, mut outcomes) = (crawler(), BTreeMap::new());
    let polled = polling::poll(
        &api.log,
        &CATALOGUE,
        &api.clock,
        &crawler,
        feeds,
        policy,
        |feed, outcome| {
            outcomes.insert(feed.slug.to_string(), outcome.clone());
        },
    );
    actix_web::rt::System::new().block_on(polled).unwrap();
    outcomes
}

fn tally(outcome: &PollOutcome) -> (usize, usize, usize) {
    match outcome {
        PollOutcome::Read(tally) => (tally.new, tally.known, tally.refused.len()),
        other => panic!("{other:?}"),
    }
}

/// Ingests a file as the feed of an organisation.
fn read(api: &Instance, slug: &str, text: &str, policy: &Policy) -> Counts {
    let feeds = api.read(|c| queries::feeds(c, &[]));
    let feed = feeds.iter().find(|feed| *feed.slug == *slug).unwrap();
    let (log, clock) = (&api.log, &api.clock);
    match polling::file(log, &CATALOGUE, clock, feed, text.as_bytes(), policy).unwrap() {
        PollOutcome::Read(tally) => tally,
        other => panic!("{other:?}"),
    }
}

/// All articles in a state, by headline.
fn articles(api: &Instance, state: &str) -> BTreeMap<String, Value> {
    let token = api.admin();
    let mut path = format!(
        "/v1/articles?limit=100&state={state}&fields=id,slug,headline,summary,body_html,language,original_url,licence,attribution,published_at,updated_at,organisation,state"
    );
    let mut found = BTreeMap::new();
    loop {
        let page = api.get_as(&token, &path);
        found.extend(page.column("headline").into_iter().zip(page.records()));
        match page.next_page() {
            Some(next) => path = next,
            None => return found,
        }
    }
}

fn organisation(api: &Instance) {
    let watchdog = json!({"type": "organisation", "slug": "watchdog", "name": "The Fictional Watchdog", "feed": "https://watchdog.example/feed.xml"});
    api.import(watchdog);
}

#[test]
fn each_item_becomes_one_draft_that_matches_the_feed() {
    both_empty(|api| {
        let file = |text: &str| Behaviour::File(text.as_bytes().to_vec());
        let site = Site::open(&[
            ("/rss.xml", file(RSS)),
            ("/atom.xml", file(ATOM)),
            ("/feed.json", file(JSON)),
        ]);
        seed(api, &site, &["/rss.xml", "/atom.xml", "/feed.json"]);
        let outcomes = poll(api, &Policy::drafts());
        assert_eq!(tally(&outcomes["rss-xml"]), (2, 0, 0));
        assert_eq!(tally(&outcomes["atom-xml"]), (1, 0, 0));
        assert_eq!(tally(&outcomes["feed-json"]), (1, 0, 0));
        assert_eq!(api.data("/v1/articles"), json!([]));

        let drafts = articles(api, "draft");
        assert_eq!(drafts.len(), 4, "{drafts:#?}");
        let first = &drafts["Cells & custody: a first look"];
        let expected = json!({
            "summary": "What the first says.", "body_html": "<p>The body.</p>", "published_at": "2026-03-03T11:27:00Z",
            "original_url": "https://watchdog.example/news/first?utm_source=rss", "language": "cy-GB",
            "organisation": {"slug": "rss-xml"},
        });
        assert_includes(first, expected);
        assert_eq!(first.get("licence"), None);
        // relative to the page that links to the feed
        let second = format!("{}/news/second", site.address);
        assert_eq!(drafts["A second"]["original_url"], second);
        let expected = json!({
            "original_url": "https://watchdog.example/entry-1", "published_at": "2026-03-01T07:00:00Z",
            "updated_at": "2026-03-05T10:00:00Z", "body_html": "<p>All of it.</p>",
        });
        assert_includes(&drafts["An entry"], expected);
        let expected =
            json!({"body_html": "1 &lt; 2 &amp; so on", "published_at": "2026-03-06T15:00:00Z"});
        assert_includes(&drafts["From JSON"], expected);

        // first a 304, then a full response: neither changes anything
        let before = api.export();
        let again = poll(api, &Policy::drafts());
        assert!(again.values().all(|one| *one == PollOutcome::Unchanged));
        assert_eq!(site.request_count("/rss.xml"), 2);
        site.set("/rss.xml", Behaviour::Respond(200, "", RSS));
        let again = poll(api, &policy(PublicationState::Published));
        assert_eq!(tally(&again["rss-xml"]), (0, 2, 0));
        assert_eq!(api.export(), before);
    });
}

#[test]
fn published_items_carry_the_operator_s_licence_and_reach_the_log() {
    both_empty(|api| {
        organisation(api);
        let policy = Policy {
            state: PublicationState::Published,
            licence: Some("OGL-UK-3.0".to_owned()),
            attribution: Some("The Fictional Watchdog".to_owned()),
            updates: true,
        };
        let tally = read(api, "watchdog", RSS, &policy);
        assert_eq!((tally.new, tally.refused), (2, vec![]));
        let article = &api.data("/v1/articles?limit=1")[0];
        let expected = json!({"licence": "OGL-UK-3.0", "attribution": "The Fictional Watchdog"});
        assert_includes(article, expected);
        let history = format!("/v1/articles/{}/history", article["id"].as_str().unwrap());
        let history = api.get_as(&api.admin(), &history);
        assert_eq!(history.data()[0]["actor"], "ingest", "{}", history.text());
    });
}

fn item(guid: &str, link: &str, title: &str, more: &str) -> String {
    let element = |start: &str, text: &str, end: &str| match text {
        "" => String::new(),
        text => format!("{start}{text}{end}"),
    };
    let guid = element("<guid isPermaLink='false'>", guid, "</guid>");
    let link = element("<link>", link, "</link>");
    format!(
        "<item>{guid}{link}<title>{title}</title><pubDate>Tue, 03 Mar 2026 12:27:00 GMT</pubDate>{more}</item>"
    )
}

fn rss(items: &[String]) -> String {
    format!(
        "<rss version='2.0'><channel><title>T</title>{}</channel></rss>",
        items.concat()
    )
}

#[test]
fn relative_links_in_items_are_those_of_their_page() {
    let feed = |items: &str| {
        format!(
            r#"<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>N</title>{items}</channel></rss>"#
        )
    };
    let rss = |more: &str, base: &str| {
        feed(&format!(
            r#"<item><title>T</title>{more}<pubDate>Wed, 04 Mar 2026 00:30:00 GMT</pubDate>
            <content:encoded{base}><![CDATA[<p><img src="i.png"></p>]]></content:encoded></item>"#
        ))
    };
    let atom = |base: &str| {
        format!(
            r#"<feed xmlns="http://www.w3.org/2005/Atom"><title>N</title><id>urn:n</id><updated>2026-03-05T10:00:00Z</updated>
            <entry><title>T</title><id>urn:e</id><link href="https://watchdog.example/news/first"/><updated>2026-03-05T10:00:00Z</updated>
            <content type="html"{base}>&lt;p&gt;&lt;img src="i.png"&gt;&lt;/p&gt;</content></entry></feed>"#
        )
    };
    let link = "<link>https://watchdog.example/news/first</link>";
    for (text, expected) in [
        (rss(link, ""), "https://watchdog.example/news/i.png"),
        (
            rss(link, r#" xml:base="https://images.example/a/""#),
            "https://images.example/a/i.png",
        ),
        (
            rss("<guid>7</guid>", ""),
            "https://feeds.example/watchdog/i.png",
        ),
        (atom(""), "https://watchdog.example/news/i.png"),
        (
            atom(r#" xml:base="https://images.example/a/""#),
            "https://images.example/a/i.png",
        ),
        (atom(r#" xml:base="/b/""#), "https://feeds.example/b/i.png"),
    ] {
        let feed = Some("https://feeds.example/watchdog/rss.xml");
        let read = reading::read(text.as_bytes(), None, feed).unwrap();
        let item = read.items[0].as_ref().unwrap();
        let expected = format!("<p><img src=\"{expected}\"></p>");
        assert_eq!(item.body_html.as_deref(), Some(expected.as_str()), "{text}");
    }
}

#[test]
fn items_are_never_duplicated_and_local_changes_are_kept() {
    both_empty(|api| {
        organisation(api);
        let known = json!({"type": "article", "slug": "by-hand", "headline": "By hand", "published_at": "2026-03-01T00:00:00Z",
            "organisation": "watchdog", "original_url": "http://www.watchdog.example/known/"});
        api.import(&known);
        let published = policy(PublicationState::Published);
        let link = |name: &str| format!("https://watchdog.example/{name}");
        let items = [
            item("g1", &link("one"), "One", ""),
            item("g2", &link("two"), "Two", ""),
            item("g3", "", "Three", ""),
            item("", "", "Four", ""),
            item("", &link("five"), "Five", ""),
            // duplicates within the feed, by guid and by link
            item("g1", &link("one-elsewhere"), "One", ""),
            item(
                "",
                &format!("{}?utm_medium=rss#top", link("two")),
                "Two",
                "",
            ),
            // already created by hand
            item("g9", &link("known"), "Known", ""),
        ];
        let tally = read(api, "watchdog", &rss(&items), &published);
        assert_eq!((tally.new, tally.known, tally.refused), (5, 3, vec![]));
        assert_eq!(articles(api, "published").len(), 6);

        // edited, removed and erased locally
        let token = api.admin();
        let found = articles(api, "published");
        let place =
            |headline: &str| format!("/v1/articles/{}", found[headline]["id"].as_str().unwrap());
        let change = |headline: &str, patch: Value| {
            api.patch(&place(headline), &token, &patch)
                .assert_status(200);
        };
        change(
            "One",
            json!({"headline": "One, put right", "original_url": null}),
        );
        change(
            "Two",
            json!({"state": "withdrawn", "withdrawal": {"at": "2026-03-09T00:00:00Z", "reason": "Wrong."}}),
        );
        api.delete(&place("Three"), &token).assert_status(204);
        api.import(with(known, json!({"state": "erased"})));
        let before = api.export();
        // the feed repeats all of it with different text
        let items = [
            item("g1", &link("one-moved"), "One, in other words", ""),
            item("g2-new", &link("two"), "Two, in other words", ""),
            item("g3", &link("three-moved"), "Three", ""),
            item("", "", "Four", ""),
            item("", &link("five"), "Five!", ""),
            item("g9", &link("known-moved"), "Known", ""),
            item("other", &link("known"), "Known by its link", ""),
        ];
        let kept = Policy {
            updates: false,
            ..published
        };
        let tally = read(api, "watchdog", &rss(&items), &kept);
        assert_eq!((tally.new, tally.known, tally.refused), (0, 7, vec![]));
        assert_eq!(api.export(), before);
    });
}

#[test]
fn several_items_with_one_link_and_their_own_ids_are_several_articles() {
    both_empty(|api| {
        organisation(api);
        let link = "https://watchdog.example/news";
        let items = [
            item("a", link, "One", ""),
            item("b", &format!("{link}#two"), "Two", ""),
            item("c", &format!("{link}/three"), "Three", ""),
        ];
        let published = policy(PublicationState::Published);
        let tally = read(api, "watchdog", &rss(&items), &published);
        assert_eq!((tally.new, tally.known, tally.refused), (3, 0, vec![]));
        let told: Vec<&str> = tally.notes.iter().map(|note| note.label.as_str()).collect();
        assert_eq!(told, ["One", "Two"], "{:?}", tally.notes);
        let found = articles(api, "published");
        assert_eq!(found["One"]["original_url"], Value::Null);
        assert_eq!(found["Three"]["original_url"], format!("{link}/three"));
        let tally = read(api, "watchdog", &rss(&items), &published);
        assert_eq!((tally.new, tally.known, tally.refused), (0, 3, vec![]));
    });
}

#[test]
fn items_that_change_revise_their_articles() {
    both_empty(|api| {
        organisation(api);
        let published = policy(PublicationState::Published);
        let feed = |texts: &[(&str, &str)]| {
            let item = |(id, title): &(&str, &str)| {
                item(id, &format!("https://watchdog.example/{id}"), title, "")
            };
            rss(&texts.iter().map(item).collect::<Vec<_>>())
        };
        let first = feed(&[("1", "One"), ("2", "Two"), ("3", "Three"), ("4", "Four")]);
        assert_eq!(read(api, "watchdog", &first, &published).new, 4);
        let token = api.admin();
        let found = articles(api, "published");
        let path =
            |headline: &str| format!("/v1/articles/{}", found[headline]["slug"].as_str().unwrap());
        let patch = |headline: &str, patch: Value| {
            api.patch(&path(headline), &token, &patch)
                .assert_status(200);
        };
        patch("One", json!({"licence": "CC-BY-4.0"}));
        patch("Two", json!({"headline": "Two, edited here"}));
        patch(
            "Four",
            json!({"state": "withdrawn", "withdrawal": {"at": "2026-03-09T00:00:00Z", "reason": "Wrong."}}),
        );
        let counts = |tally: &Counts| (tally.new, tally.updated, tally.proposed, tally.known);

        let changed = feed(&[
            ("1", "One, corrected"),
            ("2", "Two, corrected"),
            ("4", "Four, corrected"),
        ]);
        let before = api.export();
        let kept = Policy {
            updates: false,
            ..published.clone()
        };
        assert_eq!(
            counts(&read(api, "watchdog", &changed, &kept)),
            (0, 0, 0, 3)
        );
        assert_eq!(api.export(), before);
        let tally = read(api, "watchdog", &changed, &published);
        assert_eq!(counts(&tally), (0, 1, 1, 1), "{tally:?}");
        // what nobody has edited here is revised, and keeps what was added here
        let one = api.data(&path("One"));
        assert_includes(
            &one,
            json!({"headline": "One, corrected", "licence": "CC-BY-4.0", "revision": 3}),
        );
        assert_eq!(api.data(&path("Two"))["headline"], "Two, edited here");
        assert_eq!(api.data(&path("Three"))["headline"], "Three"); // vanished from the feed
        assert_eq!(
            counts(&read(api, "watchdog", &changed, &published)),
            (0, 0, 0, 3)
        );

        // what was edited here gets a proposal; a newer one takes its place
        let again = feed(&[("1", "One, corrected"), ("2", "Two, corrected again")]);
        assert_eq!(
            counts(&read(api, "watchdog", &again, &published)),
            (0, 0, 1, 1)
        );
        let pending = api.get_as(&token, "/v1/proposals").records();
        assert_eq!(pending.len(), 1, "{pending:?}");
        assert_includes(
            &pending[0],
            json!({"awaits": "review", "state": "pending", "record": found["Two"]["id"]}),
        );
        let accept = format!(
            "/v1/proposals/{}/accept",
            pending[0]["id"].as_str().unwrap()
        );
        api.post(&accept, &token, &json!({})).assert_status(200);
        assert_eq!(api.data(&path("Two"))["headline"], "Two, corrected again");
        // accepted, it is the text of the item, which goes on
        let last = feed(&[("2", "Two, at last")]);
        assert_eq!(
            counts(&read(api, "watchdog", &last, &published)),
            (0, 1, 0, 0)
        );
        assert_eq!(api.data(&path("Two"))["headline"], "Two, at last");
    });
}

#[test]
fn a_bad_item_is_reported_and_the_rest_are_stored() {
    both_empty(|api| {
        organisation(api);
        let long = "word ".repeat(250_000);
        let items = [
            item("1", "", "Good", ""),
            "<item><title>Undated</title><link>https://watchdog.example/undated</link></item>"
                .to_owned(),
            item("3", "", "", ""),
            item("4", "javascript:alert(1)", "No web address", ""),
            item(
                "5",
                "",
                "",
                "<description>Words that make a headline, as there is none of its own.</description>",
            ),
            item("6", "", &"long ".repeat(100), ""),
            item(
                "7",
                "",
                "Too long",
                &format!("<description>{long}</description>"),
            ),
            item(
                "8",
                "",
                "Dated oddly",
                "<pubDate>the day before yesterday</pubDate>",
            )
            .replace("<pubDate>Tue, 03 Mar 2026 12:27:00 GMT</pubDate>", ""),
            item("9", "", "日本語", ""),
            item(
                "10",
                "",
                "Too deep",
                &format!("<description>{}</description>", "&lt;div&gt;".repeat(300)),
            ),
        ];
        let tally = read(
            api,
            "watchdog",
            &rss(&items),
            &policy(PublicationState::Published),
        );
        let reasons = ["time of publication", "no title", "/body_html", "nested"];
        let is_explained = |reason: &str| reasons.iter().any(|words| reason.contains(words));
        let refused = &tally.refused;
        assert!(
            refused.iter().all(|one| is_explained(&one.reason)),
            "{refused:?}"
        );
        let labels: Vec<&str> = refused.iter().map(|one| one.label.as_str()).collect();
        assert_eq!(
            labels,
            ["Undated", "item 3", "Dated oddly", "Too deep", "Too long"]
        );
        assert_eq!(tally.new, 5);
        let found = articles(api, "published");
        assert_eq!(found["No web address"]["original_url"], Value::Null);
        assert!(found.contains_key("Words that make a headline, as there is none of its own."));
        assert!(
            found
                .keys()
                .any(|headline| headline.starts_with("long long") && headline.ends_with('…'))
        );

        // more items than are read
        let many: Vec<String> = (0..MAX_ITEMS + 3)
            .map(|number| item(&format!("m{number}"), "", &format!("Number {number}"), ""))
            .collect();
        let tally = read(api, "watchdog", &rss(&many), &Policy::drafts());
        assert_eq!((tally.new, tally.left_out), (MAX_ITEMS, 3));
    });
}

#[test]
fn common_feed_defects_are_repaired() {
    let bytes = |text: &str| text.chars().map(|c| c as u8).collect::<Vec<u8>>();
    let titled = |title: &str| rss(&[item("1", "", title, "")]);
    let declared = |encoding: &str, title: &str| {
        format!(
            "<?xml version='1.0' encoding='{encoding}'?>{}",
            titled(title)
        )
    };
    let bst = titled("From 10:00 BST").replace("12:27:00 GMT", "12:27:00 BST");
    let utf_16 = declared("utf-16", "Cŵn");
    let utf_16 = std::iter::once(0xfeff).chain(utf_16.encode_utf16());
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(titled("Packed").as_bytes()).unwrap();
    let latin_1 = "Content-Type: text/xml; charset=ISO-8859-1\r\n";
    let numbered = JSON.replace("\"7\"", "7").replace("From JSON", "Numbered");
    let feeds: [(&str, &str, Vec<u8>, &str); 10] = [
        (
            "/declared.xml",
            "",
            bytes(&declared("iso-8859-1", "Né")),
            "Né",
        ),
        ("/served.xml", latin_1, bytes(&titled("Né")), "Né"),
        ("/both.xml", latin_1, bytes(&declared("utf-8", "Né")), "Né"),
        (
            "/wrong.xml",
            "",
            [
                b"<?xml version='1.0' encoding='utf-8'?>".to_vec(),
                bytes(&titled("The force\u{92}s caf\u{c3}\u{a9}")),
            ]
            .concat(),
            "The force’s café",
        ),
        (
            "/utf16.xml",
            "",
            utf_16.flat_map(u16::to_le_bytes).collect(),
            "Cŵn",
        ),
        (
            "/bare.xml",
            "",
            titled("Law & order &amp; R&D; <![CDATA[A & B]]> &#233;").into(),
            "Law & order & R&D; A & B é",
        ),
        (
            "/named.xml",
            "",
            titled("Twenty&nbsp;pounds&hellip;").into(),
            "Twenty pounds…",
        ),
        ("/bst.xml", "", bst.into(), "From 10:00 BST"),
        (
            "/packed.xml",
            "Content-Encoding: gzip\r\n",
            packed.finish().unwrap(),
            "Packed",
        ),
        ("/numbered.json", "", numbered.into(), "Numbered"),
    ];
    both_empty(|api| {
        let behaviours = feeds
            .each_ref()
            .map(|(path, headers, body, _)| (*path, Behaviour::Bytes(headers, body.clone())));
        let site = Site::open(&behaviours);
        seed(api, &site, &feeds.each_ref().map(|feed| feed.0));
        let outcomes = poll(api, &policy(PublicationState::Published));
        for (path, _, _, headline) in &feeds {
            let slug = path.trim_start_matches('/').replace('.', "-");
            assert_eq!(tally(&outcomes[&slug]), (1, 0, 0), "{path}");
            let list = api.get(&format!("/v1/articles?organisation={slug}"));
            assert_eq!(list.data()[0]["headline"], *headline, "{path}");
            if *path == "/bst.xml" {
                assert_eq!(list.data()[0]["published_at"], "2026-03-03T11:27:00Z");
            }
        }
        // a numeric id equals its digits as a string
        site.set(
            "/numbered.json",
            Behaviour::File(JSON.replace("From JSON", "Numbered").into()),
        );
        assert_eq!(
            tally(&poll(api, &Policy::drafts())["numbered-json"]),
            (0, 1, 0)
        );
    });
}

#[test]
fn a_failing_feed_is_reported_and_the_others_continue() {
    both_empty(|api| {
        let elsewhere = Site::open(&[("/moved.xml", Behaviour::File(RSS.into()))]);
        let moved: &'static str = format!("Location: {}/moved.xml\r\n", elsewhere.address).leak();
        let page: &'static str = "<!doctype html><html><body><p>Our news.</p></body></html>";
        let paths = [
            ("/good.xml", Behaviour::File(ATOM.into())),
            ("/moved.xml", Behaviour::Respond(301, moved, "")),
            ("/failing.xml", Behaviour::Respond(500, "", "")),
            ("/gone.xml", Behaviour::Respond(410, "", "")),
            (
                "/busy.xml",
                Behaviour::Respond(503, "Retry-After: 600\r\n", ""),
            ),
            ("/endless.xml", Behaviour::Endless),
            ("/slow.xml", Behaviour::Slow),
            ("/garbage.xml", Behaviour::Garbage),
            ("/page.xml", Behaviour::Respond(200, "", page)),
            (
                "/cut.xml",
                Behaviour::File(RSS.as_bytes()[..RSS.len() / 2].to_vec()),
            ),
            ("/private/feed.xml", Behaviour::File(RSS.into())),
        ];
        let site = Site::open(&paths);
        site.set(
            "/robots.txt",
            Behaviour::Respond(200, "", "User-agent: *\nDisallow: /private/\n"),
        );
        seed(
            api,
            &site,
            &paths.iter().map(|(path, _)| *path).collect::<Vec<_>>(),
        );
        let inside = json!({"type": "organisation", "slug": "inside", "name": "Inside", "feed": "http://10.0.0.1/feed.xml"});
        api.import(inside);
        let outcomes = poll(api, &Policy::drafts());
        let failed = |slug: &str, words: &str| match &outcomes[slug] {
            PollOutcome::Failed(trouble) => assert!(trouble.contains(words), "{slug}: {trouble}"),
            other => panic!("{slug}: {other:?}"),
        };
        assert_eq!(tally(&outcomes["good-xml"]), (1, 0, 0));
        assert_eq!(tally(&outcomes["moved-xml"]), (2, 0, 0));
        failed("failing-xml", "returned 500");
        failed("gone-xml", "returned 410");
        failed("busy-xml", "returned 503");
        failed("endless-xml", "too large");
        failed("slow-xml", "in time");
        failed("garbage-xml", "valid response");
        failed("page-xml", "not an RSS");
        // the item at the end has lost its date
        assert_eq!(tally(&outcomes["cut-xml"]), (0, 0, 1));
        failed("private-feed-xml", "robots.txt");
        failed("inside", "public internet");
        assert_eq!(site.request_count("/private/feed.xml"), 0);

        // a server that sent Retry-After is left alone until then
        let outcomes = poll(api, &Policy::drafts());
        assert!(matches!(outcomes["busy-xml"], PollOutcome::NotDue(_)));
        assert_eq!(site.request_count("/busy.xml"), 1);
        api.advance(TimeDelta::seconds(600));
        site.set("/busy.xml", Behaviour::Respond(200, "", JSON));
        assert_eq!(tally(&poll(api, &Policy::drafts())["busy-xml"]), (1, 0, 0));
        // so is a feed that declares a TTL
        let lasting: &'static str = RSS.replace("<language>", "<ttl>60</ttl><language>").leak();
        site.set("/busy.xml", Behaviour::Respond(200, "", lasting));
        poll(api, &Policy::drafts());
        assert!(matches!(
            poll(api, &Policy::drafts())["busy-xml"],
            PollOutcome::NotDue(_)
        ));
        api.advance(TimeDelta::hours(1));
        assert_eq!(tally(&poll(api, &Policy::drafts())["busy-xml"]).0, 0);
    });
}

#[test]
fn deep_nesting_and_entity_bombs_terminate() {
    let nested = |open: &str, close: &str| {
        let count = 60_000;
        format!("{}x{}", open.repeat(count), close.repeat(count))
    };
    let xhtml = nested("<b>", "</b>");
    let atom = format!(
        "<feed xmlns='http://www.w3.org/2005/Atom'><id>i</id><entry><id>e</id><title>T</title><updated>2026-03-05T10:00:00Z</updated><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>{xhtml}</div></content></entry></feed>"
    );
    let html = rss(&[item(
        "1",
        "",
        "T",
        &format!(
            "<description>{}</description>",
            html_escape(&nested("<b>", "</b>"))
        ),
    )]);
    let entities =
        "<!DOCTYPE rss [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]>";
    let bomb = format!("{entities}{}", rss(&[item("1", "", "&b;", "")]));
    let json = format!(
        "{{\"version\": \"https://jsonfeed.org/version/1\", \"title\": \"T\", \"items\": {}}}",
        nested("[", "]")
    );
    for text in [atom, html, bomb, json, nested("<a>", "</a>")] {
        // valid or not, reading it terminates
        let _ = reading::read(text.as_bytes(), None, Some("https://watchdog.example/"));
    }
}

fn html_escape(text: &str) -> String {
    text.replace('<', "&lt;").replace('>', "&gt;")
}

/// Real feeds and deliberately difficult ones: each yields items or an error that explains why not.
#[test]
fn real_feeds_yield_items_or_a_clear_error_and_nothing_twice() {
    let (Some(fixtures), Some(scotland)) = (
        data("feeds/feed-rs-fixtures.tar.gz"),
        data("feeds/gov-scot-news-2017.rss.xml"),
    ) else {
        return;
    };
    let mut files: Vec<(&'static str, Vec<u8>)> =
        vec![("/gov-scot.xml", std::fs::read(scotland).unwrap())];
    for (path, bytes) in unpack(&fixtures) {
        let name = path.rsplit('/').next().unwrap();
        if [".xml", ".json"]
            .iter()
            .any(|ending| name.ends_with(ending))
        {
            files.push((format!("/{name}").leak(), bytes));
        }
    }
    assert!(files.len() > 60, "{}", files.len());
    both_empty(|api| {
        let behaviours: Vec<_> = files
            .iter()
            .map(|(path, bytes)| (*path, Behaviour::File(bytes.clone())))
            .collect();
        let site = Site::open(&behaviours);
        let paths: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
        seed(api, &site, &paths);
        let outcomes = poll(api, &policy(PublicationState::Published));
        assert_eq!(outcomes.len(), files.len());
        let (mut new, mut failed) = (0, 0);
        for (slug, outcome) in &outcomes {
            match outcome {
                PollOutcome::Read(tally) => {
                    new += tally.new;
                    for refused in &tally.refused {
                        println!("{slug}: {refused:?}");
                        assert!(!refused.label.is_empty() && !refused.reason.is_empty());
                    }
                }
                PollOutcome::Failed(trouble) => {
                    println!("{slug}: {trouble}");
                    failed += 1;
                }
                other => panic!("{slug}: {other:?}"),
            }
        }
        println!("{} feeds: {new} articles, {failed} no feeds", files.len());
        assert!(new > 80, "{new}");
        assert!(failed < 8, "{failed}");
        let scot = &api.data("/v1/articles?organisation=gov-scot-xml")[0];
        assert_eq!(scot["published_at"], "2017-06-27T11:27:00Z");
        assert!(scot["summary"].as_str().unwrap().contains("£4.8 million"));

        // once with validators, once without
        let before = api.export();
        for outcome in poll(api, &policy(PublicationState::Published)).values() {
            assert!(
                matches!(
                    outcome,
                    PollOutcome::Unchanged | PollOutcome::Failed(_) | PollOutcome::NotDue(_)
                ),
                "{outcome:?}"
            );
        }
        api.advance(TimeDelta::days(2));
        for (path, bytes) in &files {
            site.set(path, Behaviour::File([bytes.as_slice(), b"\n"].concat()));
        }
        let renewed = api.execute(&["UPDATE ingested_feeds SET etag = NULL"]);
        assert_eq!(renewed, files.len());
        for (slug, outcome) in poll(api, &policy(PublicationState::Published)) {
            if let PollOutcome::Read(tally) = outcome {
                assert_eq!(tally.new, 0, "{slug}");
            }
        }
        assert_eq!(api.export(), before);
    });
}

#[test]
fn the_ingest_command_reports_each_feed() {
    both_empty(|api| {
        let site = Site::open(&[
            ("/good.xml", Behaviour::File(ATOM.into())),
            ("/failing.xml", Behaviour::Respond(500, "", "")),
        ]);
        seed(api, &site, &["/good.xml", "/failing.xml"]);
        let folder = tempfile::tempdir().unwrap();
        let undated = rss(&["<item><title>Undated</title></item>".to_owned()]);
        for (name, text) in [
            ("feed.xml", RSS),
            ("undated.xml", &undated),
            ("page.html", "<html></html>"),
        ] {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let url = api.url();
        let run = |arguments: &[&str]| {
            let options = [
                "ingest",
                "--database",
                &url,
                "--allow-address",
                "127.0.0.1",
                "--pause",
                "1",
            ];
            program::run(folder.path(), &[&options, arguments].concat())
        };
        let address = &site.address;
        let (code, stdout, stderr) = run(&[]);
        assert_eq!(code, Some(1));
        assert_eq!(
            stdout,
            format!(
                "good-xml: 1 new, 0 updated, 0 to review, 0 known, 0 refused ({address}/good.xml)\n"
            )
        );
        assert_eq!(
            stderr,
            format!("failing-xml: the server returned 500 ({address}/failing.xml)\n")
        );
        let expected = format!("good-xml: nothing new ({address}/good.xml)\n");
        let (code, stdout, _) = run(&["--organisation", "good-xml", "--once"]);
        assert_eq!((code, stdout), (Some(0), expected));

        let from = |file: &str| {
            run(&[
                "--organisation",
                "failing-xml",
                "--file",
                file,
                "--as",
                "published",
            ])
        };
        let expected = format!(
            "failing-xml: 2 new, 0 updated, 0 to review, 0 known, 0 refused ({address}/failing.xml)\n"
        );
        let (code, stdout, _) = from("feed.xml");
        assert_eq!((code, stdout), (Some(0), expected));
        assert_eq!(api.get("/v1/articles?count=exact").count(), 2);
        let (code, stdout, stderr) = from("undated.xml");
        assert_eq!(code, Some(1), "{stdout}");
        assert!(
            stderr.contains("\"Undated\": it has no time of publication"),
            "{stderr}"
        );
        let (code, _, stderr) = from("page.html");
        assert_eq!(code, Some(1));
        assert!(
            stderr.starts_with("failing-xml: this is not an RSS, Atom or JSON feed"),
            "{stderr}"
        );
        for (arguments, wanted) in [
            ("--organisation nobody", 2),
            ("--file feed.xml", 2),
            (
                "--file feed.xml --organisation good-xml --organisation failing-xml",
                2,
            ),
            ("--file nowhere.xml --organisation good-xml", 1),
            ("--every 0", 2),
            ("--file feed.xml --organisation good-xml --max-bytes 10", 1),
        ] {
            let (code, _, stderr) = run(&arguments.split(' ').collect::<Vec<_>>());
            assert_eq!(code, Some(wanted), "{arguments}: {stderr}");
        }
    });
}

#[test]
fn what_is_not_the_feed_s_to_change_stays() {
    both_empty(|api| {
        organisation(api);
        api.import(json!({"type": "organisation", "slug": "other", "name": "The Other Body", "feed": "https://other.example/feed.xml"}));
        let published = policy(PublicationState::Published);
        let page = |name: &str| format!("https://watchdog.example/{name}");
        let feed = |word: &str| {
            let names = ["shared", "moved", "removed", "erased", "merged", "kept"];
            let item = |name: &&str| item(name, &page(name), &format!("{name} {word}"), "");
            rss(&names.iter().map(item).collect::<Vec<_>>())
        };
        assert_eq!(read(api, "watchdog", &feed("first"), &published).new, 6);
        let found = articles(api, "published");
        let id = |name: &str| {
            found[&format!("{name} first")]["id"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        let token = api.admin();
        let place = |name: &str| format!("/v1/articles/{}", id(name));
        api.patch(&place("moved"), &token, &json!({"organisation": "other"}))
            .assert_status(200);
        api.delete(&place("removed"), &token).assert_status(204);
        api.import(
            json!({"type": "article", "id": id("erased"), "slug": "erased", "headline": "Erased", "organisation": "watchdog", "published_at": "2026-03-03T12:27:00Z", "state": "erased"}),
        );
        api.delete(
            &format!("{}?merged_into={}", place("merged"), id("kept")),
            &token,
        )
        .assert_status(204);

        // another organisation's feed has the same page: its article is not changed, at any poll
        let before = api.export();
        let theirs = rss(&[item("shared", &page("shared"), "Hostile", "")]);
        let theirs_without_ids = rss(&[item("", &page("shared"), "Hostile", "")]);
        for text in [&theirs, &theirs, &theirs_without_ids, &theirs_without_ids] {
            let tally = read(api, "other", text, &published);
            assert_eq!(
                (tally.new, tally.updated, tally.proposed, tally.known),
                (0, 0, 0, 1)
            );
        }
        assert_eq!(api.export(), before);

        let tally = read(api, "watchdog", &feed("second"), &published);
        assert_eq!(
            (tally.new, tally.updated, tally.proposed),
            (0, 2, 0),
            "{tally:?}"
        );
        let again = read(api, "watchdog", &feed("second"), &published);
        assert_eq!(
            (again.new, again.updated, again.proposed, again.known),
            (0, 0, 0, 6)
        );
        let now = articles(api, "published");
        assert!(now.contains_key("shared second") && now.contains_key("kept second"));
        assert!(now.contains_key("moved first"));
        assert_eq!(
            api.get_as(&token, "/v1/proposals").records(),
            Vec::<Value>::new()
        );
        assert_eq!(now.len(), 3, "{:?}", now.keys());
    });
}

#[test]
fn a_proposal_of_a_feed_takes_the_right_to_publish_and_outlives_other_edits() {
    both_empty(|api| {
        organisation(api);
        let published = policy(PublicationState::Published);
        let feed = |title: &str| rss(&[item("1", "https://watchdog.example/1", title, "")]);
        read(api, "watchdog", &feed("One"), &published);
        let token = api.admin();
        let slug = articles(api, "published")["One"]["slug"]
            .as_str()
            .unwrap()
            .to_owned();
        let path = format!("/v1/articles/{slug}");
        let patch = |patch: Value| api.patch(&path, &token, &patch).assert_status(200);
        patch(json!({"headline": "Edited"}));
        assert_eq!(read(api, "watchdog", &feed("Two"), &published).proposed, 1);
        let accept = || {
            let pending = api.get_as(&token, "/v1/proposals").records();
            assert_eq!(pending.len(), 1, "{pending:?}");
            format!(
                "/v1/proposals/{}/accept",
                pending[0]["id"].as_str().unwrap()
            )
        };
        let writer = api.client(&["articles:write"], &["watchdog"]).1;
        api.post(&accept(), &writer, &json!({}))
            .problem(404, "not-found");
        // another edit: the proposal is made again
        patch(json!({"licence": "CC-BY-4.0"}));
        api.post(&accept(), &token, &json!({}))
            .problem(409, "conflict");
        assert_eq!(read(api, "watchdog", &feed("Two"), &published).proposed, 1);
        let publisher = api
            .client(&["articles:write", "articles:publish"], &["watchdog"])
            .1;
        api.post(&accept(), &publisher, &json!({}))
            .assert_status(200);
        assert_includes(
            &api.data(&path),
            json!({"headline": "Two", "licence": "CC-BY-4.0"}),
        );
        // an editor who types the new text in needs no proposal any more
        patch(json!({"headline": "Edited again"}));
        assert_eq!(
            read(api, "watchdog", &feed("Three"), &published).proposed,
            1
        );
        patch(json!({"headline": "Three"}));
        assert_eq!(read(api, "watchdog", &feed("Three"), &published).known, 1);
        assert_eq!(
            api.get_as(&token, "/v1/proposals").records(),
            Vec::<Value>::new()
        );
        // withdrawn and published again, it follows the feed
        patch(
            json!({"state": "withdrawn", "withdrawal": {"at": "2026-03-09T00:00:00Z", "reason": "Wrong."}}),
        );
        assert_eq!(read(api, "watchdog", &feed("Four"), &published).known, 1);
        api.act(&format!("{path}/publish"), &token, &json!({}));
        assert_eq!(read(api, "watchdog", &feed("Four"), &published).updated, 1);
        // one item after the other with the same link, as some feeds have them
        let next = rss(&[
            item("2", "https://watchdog.example/1", "Another", "").replace("03 Mar", "05 Mar")
        ]);
        let tally = read(api, "watchdog", &next, &published);
        assert_eq!((tally.new, tally.notes.len()), (1, 1), "{tally:?}");
        assert_eq!(api.data(&path)["headline"], "Four");
    });
}

#[test]
fn other_rules_for_links_are_told() {
    both_empty(|api| {
        organisation(api);
        let article = |number: u8| {
            json!({"type": "article", "slug": format!("a{number}"), "headline": "A", "organisation": "watchdog",
            "published_at": "2026-03-01T00:00:00Z", "original_url": format!("https://watchdog.example/?page={number}&sid={number}")})
        };
        api.import_all(&[article(1), article(2)]);
        let folder = tempfile::tempdir().unwrap();
        let url = api.url();
        let run = |command: &str, parameters: &str| {
            program::run(
                folder.path(),
                &[
                    command,
                    "--database",
                    &url,
                    "--tracking-parameters",
                    parameters,
                ],
            )
        };
        let (code, _, stderr) = run("migrate", "sid");
        assert_eq!(code, Some(0), "{stderr}");
        // a command with another list would mix the links
        let (code, _, stderr) = run("verify", "page");
        assert_eq!(code, Some(1), "{stderr}");
        assert!(stderr.contains("tracking_parameters"), "{stderr}");
        assert_eq!(run("verify", "sid").0, Some(0));
        // two articles that would have one link are named, and nothing changes
        let (code, _, stderr) = run("migrate", "page,sid");
        assert_eq!(code, Some(1), "{stderr}");
        assert!(stderr.contains("have the same link"), "{stderr}");
        assert_eq!(run("verify", "sid").0, Some(0));
    });
}
