//! Feeds of every version and with common defects: the table that tests/feeds-read/compare holds against feedparser.

use answerable::platform::html;
use answerable::resources::ingestion::{MAX_ITEMS, reading};
use serde_json::{Value, json};

/// The bytes of a feed in an encoding.
fn encoded(text: &str, encoding: &str) -> Vec<u8> {
    match encoding {
        "utf-16-le" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        name => {
            let encoding = encoding_rs::Encoding::for_label(name.as_bytes()).unwrap();
            encoding.encode(text).0.into_owned()
        }
    }
}

/// A text without its space.
fn characters(text: &str) -> String {
    text.split_whitespace().collect()
}

#[test]
fn feeds_of_every_version_and_with_common_defects_are_read() {
    let cases: Vec<Value> =
        serde_json::from_str(include_str!("../../feeds-read/cases.json")).unwrap();
    assert!(cases.len() > 100);
    let mut failures = Vec::new();
    for case in &cases {
        let name = case["name"].as_str().unwrap();
        let encoding = case["encoding"].as_str().unwrap_or("utf-8");
        let bytes = encoded(case["feed"].as_str().unwrap(), encoding);
        let feed = match reading::read(&bytes, None, None) {
            Ok(feed) => feed,
            Err(reason) => {
                failures.push(format!("{name}: {reason}"));
                continue;
            }
        };
        let items: Vec<Value> = feed.items.iter().map(|item| match item {
            Err(_) => Value::Null,
            Ok(item) => {
                let body = item.body_html.as_deref().map(html::text);
                let words = body.or(item.summary.clone()).unwrap_or_default();
                json!({"title": item.headline, "link": item.link, "published_at": item.published_at, "language": item.language, "content": characters(&words)})
            }
        }).collect();
        let mut wanted = case["items"].clone();
        for item in wanted.as_array_mut().unwrap() {
            if let Some(content) = item.get_mut("content") {
                *content = characters(content.as_str().unwrap()).into();
            }
        }
        if json!(items) != wanted {
            failures.push(format!(
                "{name}:\n  {wanted} expected\n  {} found",
                json!(items)
            ));
        }
        let told: Vec<&str> = feed.notes.iter().map(|note| note.what.as_str()).collect();
        let told = told.join("; ");
        let mut to_tell = case["told"].as_array().unwrap().iter();
        if !to_tell.all(|part| told.contains(part.as_str().unwrap()))
            || (case["told"] == json!([]) && !told.is_empty())
        {
            failures.push(format!(
                "{name}: {} is to be told, not '{told}'",
                case["told"]
            ));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What takes long if each part looks at all others.
#[test]
fn hostile_feeds_are_read_to_their_end() {
    let count = 50_000;
    let attributes =
        |name: &str| -> String { (0..count).map(|i| format!(" {name}{i}=\"x\"")).collect() };
    let long = "a".repeat(500_000);
    let many = |part: &str| part.repeat(count);
    let feeds = [
        format!("<rss>{}", many("<item>")),
        format!("<rss><item>{}", many("<b>")),
        format!("<rss><item>{}", many("</b>")),
        format!("<rss>{}", many("<!--")),
        format!("<rss>{}", many("<!")),
        format!("<rss>{}", many("<![CDATA[")),
        format!("<rss><item>{}", many("<a b=\"")),
        format!("<rss><item{}/></rss>", attributes("a")),
        format!(
            "<rss{}>{}<item/></rss>",
            attributes("xmlns:a"),
            many("<a:b/>")
        ),
        format!(
            "<feed xml:base=\"http://body.example/{long}\"><entry xml:lang=\"{long}\">{}</entry></feed>",
            many("<a/>")
        ),
        format!(
            "<rss><item><title>{}</title></item></rss>",
            many("&amp;&x;&#0;")
        ),
        format!(
            "<rss><item><title>x</title><pubDate>{}</pubDate></item></rss>",
            many("Mar 4 ")
        ),
        format!("<rss><item>{}</item></rss>", many("<title></title>")),
        format!("{{\"items\": [{}", many("{},")),
    ];
    for feed in feeds {
        let read = reading::read(feed.as_bytes(), None, None);
        let start: String = feed.chars().take(40).collect();
        let feed = read.unwrap_or_else(|reason| panic!("{start}: {reason}"));
        let is_told = !feed.notes.is_empty() || feed.left_out > 0;
        assert!(is_told || feed.items.iter().any(Result::is_err), "{start}");
        assert!(
            feed.notes.len() <= MAX_ITEMS + 20,
            "{start}: {}",
            feed.notes.len()
        );
    }
}

#[test]
fn a_feed_s_language_is_stated_of_the_feed() {
    let read = |feed: &str| {
        let feed = reading::read(feed.as_bytes(), None, None).unwrap();
        feed.items[0].as_ref().unwrap().language.clone()
    };
    let entry = "<entry><title>T</title><id>1</id><updated>2026-03-04T00:30:00Z</updated></entry>";
    let titled = "<title xml:lang='fr'>Veille</title>";
    assert_eq!(read(&format!("<feed>{titled}{entry}</feed>")), None);
    let welsh = format!("<feed xml:lang='cy'>{titled}{entry}</feed>");
    assert_eq!(read(&welsh).as_deref(), Some("cy"));
    let item = "<item><title>T</title><pubDate>Wed, 04 Mar 2026 00:30:00 GMT</pubDate></item>";
    let other = "<list><language>fr</language></list>";
    assert_eq!(
        read(&format!("<rss><channel>{other}{item}</channel></rss>")),
        None
    );
}
