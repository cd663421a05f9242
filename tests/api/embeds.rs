//! Embedding in other sites: oEmbed.

use base64::Engine;
use serde_json::{Value, json};
use sha2::{Digest, Sha256, Sha384};

use crate::support::contract::parameter_names;
use crate::support::{Answer, Instance, assert_includes, both, both_empty, project, time, with};
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
            json!({"type": "article", "slug": format!("n{number}"), "headline": text, "attribution": text, "original_url": format!("https://x.example/{number}"), "organisation": "body", "published_at": "2026-01-01T00:00:00Z"})
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
            let page = api.get(&format!(
                "/v1/embeds/news?limit=1&original_url=https%3A%2F%2Fx.example%2F{number}"
            ));
            let page = page.assert_status(200).text();
            let item = page.split("<ul>").nth(1).unwrap();
            let parts = item.split('<').skip(1);
            let names: Vec<&str> = parts
                .map(|tag| tag.split([' ', '>']).next().unwrap())
                .collect();
            let expected = [
                "li", "a", "/a", "p", "time", "/time", "/p", "p", "/p", "/li", "/ul", "/main",
                "/body", "/html",
            ];
            assert_eq!(names, expected, "{text}: {page}");
            let own = format!("blockquote cite=\"https://x.example/{number}\"");
            assert!(tags[0].starts_with(&own), "{html}");
        }
    });
}

const SCRIPT: &str = "/embed/1/answerable-news.js";

#[test]
fn the_script_is_served_for_ever_with_the_hash_of_the_docs() {
    both_empty(|api| {
        let answer = api.get(SCRIPT).assert_status(200);
        for (name, value) in [
            ("content-type", "text/javascript; charset=utf-8"),
            ("cache-control", "public, max-age=31536000, immutable"),
            ("access-control-allow-origin", "*"),
            ("cross-origin-resource-policy", "cross-origin"),
            ("x-content-type-options", "nosniff"),
        ] {
            assert_eq!(answer.header(name), value, "{name}");
        }
        let tag = answer.header("etag").to_owned();
        assert!(!tag.is_empty());
        api.get_with(SCRIPT, &[("if-none-match", &tag)])
            .assert_status(304);
        let source = std::fs::read(project("src/publishing/embeds/answerable-news.js")).unwrap();
        assert_eq!(answer.bytes, source);
        let hash = Sha384::digest(&source);
        let hash = format!(
            "sha384-{}",
            base64::engine::general_purpose::STANDARD.encode(hash)
        );
        let docs = std::fs::read_dir(project("docs")).unwrap();
        let docs = docs.map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
        let docs: String = docs
            .map(|text| String::from_utf8_lossy(&text).into_owned())
            .collect();
        let named = docs.split("sha384-").skip(1);
        let named: Vec<&str> = named
            .map(|rest| rest.split(['"', '`', '\'', ' ']).next().unwrap())
            .collect();
        let named: Vec<&str> = named.into_iter().filter(|hash| *hash != "…").collect();
        assert!(
            !named.is_empty(),
            "docs name no hash of {SCRIPT}: it is {hash}"
        );
        for one in named {
            assert_eq!(
                format!("sha384-{one}"),
                hash,
                "docs name another hash than that of {SCRIPT}"
            );
        }
        for nothing in [
            "/embed/2/answerable-news.js",
            "/embed/1/",
            "/embed/1/other.js",
        ] {
            api.get(nothing).problem(404, "not-found");
        }
    });
}

#[test]
fn the_page_to_frame_shows_the_latest_news_without_scripts() {
    both_empty(|api| {
        seed(api);
        api.import_all(&[
            story(json!({"slug": "newyddion", "original_url": null, "headline": "Stori", "language": "cy", "published_at": "2026-07-02T09:00:00Z", "attribution": null})),
            story(json!({"slug": "akhbar", "original_url": null, "headline": "خبر", "language": "ar", "published_at": "2026-07-03T09:00:00Z", "attribution": null})),
            story(json!({"slug": "draft", "original_url": null, "headline": "A draft", "state": "draft"})),
        ]);
        let answer = api
            .get("/v1/embeds/news?organisation=body")
            .assert_status(200);
        let page = answer.text();
        for part in [
            "<!DOCTYPE html>\n<html lang=\"en\" dir=\"ltr\">",
            "<title>Articles by The Fictional Body</title>",
            "<main>\n<h1>Articles by The Fictional Body</h1>\n<ul>",
            "<meta name=\"color-scheme\" content=\"light dark\">",
            "<li lang=\"en\" dir=\"ltr\"><a href=\"https://www.body.example/story/?utm_source=x\" target=\"_blank\" rel=\"noopener noreferrer\">Fictional &amp; &lt;b&gt;bold&lt;/b&gt;</a><p>The Fictional Body, <time datetime=\"2026-07-01\">1 July 2026</time></p><p>© The Body</p></li>",
            "<li lang=\"cy\" dir=\"ltr\">",
            "<time datetime=\"2026-07-02\">2 Gorffennaf 2026</time>",
            "<li lang=\"ar\" dir=\"rtl\">",
        ] {
            assert!(page.contains(part), "no {part} in {page}");
        }
        assert!(
            !page.contains("A draft") && !page.contains("<script"),
            "{page}"
        );
        let style = page
            .split("<style>")
            .nth(1)
            .unwrap()
            .split("</style>")
            .next()
            .unwrap();
        let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(style));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'"
        );
        assert_eq!(answer.header("content-security-policy"), policy);
        assert_eq!(answer.header("x-frame-options"), "");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        let cached = api.get("/v1/embeds/news?organisation=body");
        assert_eq!(
            (
                cached.header("content-security-policy"),
                cached.header("x-frame-options")
            ),
            (&*policy, "")
        );
        assert_eq!(api.get("/v1/articles").header("x-frame-options"), "DENY");
        let welsh = api.get("/v1/embeds/news?language=cy").text();
        for part in [
            "<html lang=\"cy\" dir=\"ltr\">",
            "<h1>Erthyglau – Cymraeg</h1>",
            "Stori",
        ] {
            assert!(welsh.contains(part), "no {part} in {welsh}");
        }
        assert_eq!(welsh.matches("<li").count(), 1);
        let none = api
            .get("/v1/embeds/news?language=cy&published_before=2020-01-01T00:00:00Z")
            .text();
        assert!(
            none.contains("<p>Dim newyddion eto.</p>") && !none.contains("<ul>"),
            "{none}"
        );
    });
}

#[test]
fn the_page_to_frame_takes_the_filters_of_the_list_and_goes_with_its_articles() {
    let mut expected = parameter_names("/v1/articles");
    for name in [
        "sort", "fields", "expand", "count", "state", "lang", "id", "cursor", "as_of",
    ] {
        assert!(expected.remove(name), "{name}");
    }
    assert_eq!(parameter_names("/v1/embeds/news"), expected);
    both_empty(|api| {
        seed(api);
        let more = (1..=24).map(|n| story(json!({"slug": format!("s-{n}"), "original_url": null, "headline": format!("Story {n}"), "published_at": format!("2026-01-{n:02}T09:00:00Z")})));
        api.import_all(&more.collect::<Vec<_>>());
        let items = |query: &str| {
            api.get(&format!("/v1/embeds/news?{query}"))
                .assert_status(200)
                .text()
                .matches("<li")
                .count()
        };
        assert_eq!((items(""), items("limit=1"), items("limit=20")), (5, 1, 20));
        for (query, parameter, code) in [
            ("limit=0", "limit", "out_of_range"),
            ("limit=21", "limit", "out_of_range"),
            ("limit=x", "limit", "wrong_type"),
            ("state=draft", "state", "unknown_parameter"),
            ("cursor=x", "cursor", "unknown_parameter"),
            ("organisation=nobody", "organisation", "unknown_reference"),
            ("language=xx", "language", "not_a_language"),
        ] {
            let answer = api.get(&format!("/v1/embeds/news?{query}"));
            answer.problem(400, "invalid-query");
            assert_eq!(answer.mistakes(), [(parameter.to_owned(), code.to_owned())]);
        }
        let first = || api.get("/v1/embeds/news?limit=1").text();
        assert!(first().contains("Fictional &amp;"));
        api.withdraw("/v1/articles/story", "It was not so.");
        assert!(first().contains("Story 24"), "{}", first());
        let tag = api.get("/v1/embeds/news").header("etag").to_owned();
        api.get_with("/v1/embeds/news", &[("if-none-match", &tag)])
            .assert_status(304);
    });
}
