//! Embedding in other sites: oEmbed.

use serde_json::{Value, json};

use crate::support::{Answer, Instance, assert_includes, both, both_empty, time, with};
use crate::vectors::{fits_a_headline, naughty_strings};

const STORY: &str = "exampleshire-custody-report-published";

fn embed(api: &Instance, url: &str, more: &str) -> Answer {
    let url: String = url::form_urlencoded::byte_serialize(url.as_bytes()).collect();
    api.get(&format!("/v1/oembed?url={url}{more}"))
}

fn story(more: Value) -> Value {
    let story = json!({
        "type": "article", "slug": "story", "headline": "Fictional & <b>bold</b>", "organisation": "body",
        "published_at": "2026-06-30T23:30:00Z", "original_url": "https://www.body.example/story/?utm_source=x",
        "attribution": "© The Body", "body_html": "<p>Words.</p>",
    });
    with(story, more)
}

fn seed(api: &Instance) {
    api.import_all(&[
        json!({"type": "organisation", "slug": "body", "name": "The Fictional Body", "kind": "oversight_body", "homepage": "https://body.example/"}),
        story(json!({})),
    ]);
}

#[test]
fn an_article_can_be_embedded_by_any_of_its_urls() {
    both_empty(|api| {
        seed(api);
        let id = api.get("/v1/articles/story").id();
        api.import(story(json!({"id": id, "slug": "tale"})));
        let first = embed(api, &format!("{}/v1/articles/{id}", api.base), "");
        assert_eq!(first.header("content-type"), "application/json");
        let shown = first.json();
        let expected = json!({"version": "1.0", "type": "rich", "title": "Fictional & <b>bold</b>", "author_name": "The Fictional Body"});
        assert_includes(&shown, expected);
        assert_eq!(
            shown["html"],
            // the date is London's
            "<blockquote cite=\"https://www.body.example/story/?utm_source=x\" lang=\"en\"><p><a href=\"https://www.body.example/story/?utm_source=x\" rel=\"noopener noreferrer nofollow\">Fictional &amp; &lt;b&gt;bold&lt;/b&gt;</a></p><p>The Fictional Body, 1 July 2026</p><p>© The Body</p></blockquote>"
        );
        for url in [
            format!("{}/v1/articles/tale", api.base),
            // its former slug
            format!("{}/v1/articles/story", api.base),
            format!("{}/v1/articles/tale?fields=headline#top", api.base),
            "http://body.example/story".to_owned(),
            "https://www.body.example/story/?utm_source=y".to_owned(),
        ] {
            assert_eq!(embed(api, &url, "&format=json").json(), shown, "{url}");
        }
        // the record links to its embed
        let link = api.get("/v1/articles/tale").header("link").to_owned();
        let address = link.strip_prefix('<').and_then(|link| link.split_once('>'));
        let (address, rest) = address.unwrap();
        assert_eq!(
            rest,
            "; rel=\"alternate\"; type=\"application/json+oembed\""
        );
        assert_eq!(api.get(address).json(), shown);
    });
}

#[test]
fn an_article_is_found_by_an_original_url_that_looks_like_a_recommendation() {
    both_empty(|api| {
        seed(api);
        let url = format!("{}/v1/recommendations/no-such-one", api.base);
        embed(api, &url, "").problem(404, "not-found");
        let more = json!({"slug": "tale", "headline": "Fictional tale", "original_url": url});
        api.import(story(more));
        let shown = embed(api, &url, "").json();
        assert_eq!(shown["title"], "Fictional tale");
    });
}

#[test]
fn a_recommendation_embed_quotes_its_text() {
    both(|api| {
        let url = format!(
            "{}/v1/recommendations/exampleshire-custody-2025-1",
            api.base
        );
        let record = api.data(&url);
        let shown = embed(api, &url, "").json();
        let title = record["report"]["title"].as_str().unwrap();
        assert_eq!(shown["title"], format!("Recommendation 1: {title}"));
        let words: String = record["text"].as_str().unwrap().chars().take(40).collect();
        assert!(shown["html"].as_str().unwrap().contains(&words), "{shown}");
        let link = api.get(&url).header("link").to_owned();
        assert!(link.contains("application/json+oembed"), "{link}");
    });
}

#[test]
fn an_embed_never_exceeds_the_requested_size() {
    both_empty(|api| {
        seed(api);
        let url = format!("{}/v1/articles/story", api.base);
        for (more, size) in [
            ("", Some((600, 200))),
            ("&maxwidth=10001&maxheight=2147483647", Some((600, 200))),
            ("&maxwidth=400&dnt=1", Some((400, 200))),
            ("&maxheight=150", Some((600, 150))),
            ("&maxwidth=200&maxheight=100", Some((200, 100))),
            ("&maxwidth=199", None),
            ("&maxheight=99", None),
            ("&maxwidth=1&maxheight=1", None),
        ] {
            let shown = embed(api, &url, more).json();
            let seen = (shown["width"].as_i64(), shown["height"].as_i64());
            assert_eq!(
                seen,
                (size.map(|size| size.0), size.map(|size| size.1)),
                "{more}"
            );
            let kind = if size.is_some() { "rich" } else { "link" };
            assert_eq!(shown["type"], kind, "{more}");
            assert_eq!(shown.get("html").is_some(), size.is_some(), "{more}");
        }
        for (more, parameter, code) in [
            ("&maxwidth=0", "maxwidth", "out_of_range"),
            ("&maxheight=-1", "maxheight", "out_of_range"),
            ("&maxwidth=2147483648", "maxwidth", "out_of_range"),
            ("&maxwidth=wide", "maxwidth", "wrong_type"),
        ] {
            let answer = embed(api, &url, more);
            answer.problem(400, "invalid-query");
            assert_eq!(answer.mistakes(), [(parameter.to_owned(), code.to_owned())]);
        }
    });
}

#[test]
fn every_refused_embed_returns_a_specific_problem() {
    both(|api| {
        let own = |path: &str| format!("{}/v1/{path}", api.base);
        for url in [
            own("articles/there-is-none"),
            own("articles/exampleshire-draft-note"),
            own("articles/exampleshire-scheduled-2099"),
            own("articles/exampleshire-embargoed-note-2099"),
            own("recommendations/exampleshire-embargoed-2099-1"),
            own("organisations/iopc"),
            own("articles"),
            own("articles/x/y"),
            "https://nowhere.example/".to_owned(),
            format!("https://elsewhere.example/v1/articles/{STORY}"),
        ] {
            embed(api, &url, "").problem(404, "not-found");
        }
        let withdrawn = own("articles/exampleshire-radio-review-withdrawn");
        embed(api, &withdrawn, "").problem(410, "gone");
        embed(api, &own("articles/exampleshire-duplicate-notice"), "").problem(410, "gone");
        embed(api, &own("articles/exampleshire-erased-notice"), "")
            .problem(451, "unavailable-for-legal-reasons");
        embed(api, &own(&format!("articles/{STORY}")), "&format=xml")
            .problem(501, "not-implemented");
        for (query, code) in [("", "required"), ("?url=nothing", "not_a_url")] {
            let answer = api.get(&format!("/v1/oembed{query}"));
            answer.problem(400, "invalid-query");
            assert_eq!(answer.mistakes(), [("url".to_owned(), code.to_owned())]);
        }
    });
}

#[test]
fn an_embed_goes_with_its_article_and_expires_at_the_next_publication() {
    both_empty(|api| {
        seed(api);
        let url = format!("{}/v1/articles/story", api.base);
        assert_eq!(embed(api, &url, "").json()["cache_age"], 60);
        api.import(r#"{"type":"article","slug":"later","headline":"Later","organisation":"body","published_at":"2026-11-24T15:00:00Z"}"#);
        // cache_age never exceeds the time left, in cached responses either
        for moment in ["14:57:00", "14:58:30", "14:59:00", "14:59:30", "14:59:59"] {
            api.clock.set(time(&format!("2026-11-24T{moment}Z")));
            let left = time("2026-11-24T15:00:00Z").naive_utc() - api.clock.now();
            for _ in 0..2 {
                let age = embed(api, &url, "").json()["cache_age"].as_i64().unwrap();
                assert!(
                    (0..=left.num_seconds().min(60)).contains(&age),
                    "{age} at {moment}"
                );
            }
        }
        api.withdraw("/v1/articles/story", "It was not so.");
        embed(api, &url, "").problem(410, "gone");
        embed(api, "https://body.example/story", "").problem(410, "gone");
        assert_eq!(api.get("/v1/articles/story").header("link"), "");
    });
}

/// Whatever an article contains, its embed holds only the elements of a quotation, and nothing that executes.
#[test]
fn article_content_cannot_script_the_embed() {
    let mut strings: Vec<String> = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "javascript:alert(1)",
        "</blockquote><iframe src=https://x.example>",
    ]
    .map(str::to_owned)
    .into();
    strings.extend(naughty_strings().unwrap_or_default());
    strings.retain(|text| !text.trim().is_empty() && fits_a_headline(text));
    both_empty(|api| {
        let mut lines =
            vec![json!({"type": "organisation", "slug": "body", "name": "<svg onload=alert(1)>"})];
        lines.extend(strings.iter().enumerate().map(|(number, text)| {
            json!({"type": "article", "slug": format!("n{number}"), "headline": text, "attribution": text, "organisation": "body", "published_at": "2026-01-01T00:00:00Z"})
        }));
        api.import_all(&lines);
        for (number, text) in strings.iter().enumerate() {
            let shown = embed(api, &format!("{}/v1/articles/n{number}", api.base), "").json();
            let html = shown["html"].as_str().unwrap();
            let tags: Vec<&str> = html.split('<').skip(1).collect();
            let names = tags.iter().map(|tag| tag.split([' ', '>']).next().unwrap());
            let expected = [
                "blockquote",
                "p",
                "a",
                "/a",
                "/p",
                "p",
                "/p",
                "p",
                "/p",
                "/blockquote",
            ];
            assert_eq!(names.collect::<Vec<_>>(), expected, "{text}: {html}");
            let own = format!(" cite=\"{}/v1/articles/", api.base);
            assert!(tags[0].starts_with(&format!("blockquote{own}")), "{html}");
        }
    });
}
