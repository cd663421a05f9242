//! The pages of the public site: everything that people follow leads there.

use answerable::platform::config::Config;
use serde_json::{Value, json};

use crate::support::{Content, Instance, both_empty, kinds, with};

const TEMPLATES: [&str; 5] = [
    "articles=https://site.example/news/{slug}",
    "articles.cy=https://site.example/cy/newyddion/{slug}",
    "reports=https://site.example/reports/{slug}",
    "recommendations=https://site.example/reports/{report}/{number}",
    "organisations=https://site.example/bodies/{slug}",
];

fn with_pages(check: impl Fn(&Instance)) {
    for kind in kinds() {
        let api = Instance::start(kind, Content::Empty, |config| {
            config.page_urls = TEMPLATES.map(str::to_owned).to_vec();
        });
        seed(&api);
        check(&api);
    }
}

fn article(slug: &str, more: Value) -> Value {
    let article = json!({"type": "article", "slug": slug, "headline": "Fictional", "organisation": "body",
        "published_at": "2026-11-01T09:00:00Z", "original_url": format!("https://www.body.example/{slug}"),
        "body_html": "<p>Words.</p>", "reports": ["r"]});
    with(article, more)
}

fn seed(api: &Instance) {
    api.import_all(&[
        json!({"type": "organisation", "slug": "body", "name": "The Fictional Body"}),
        json!({"type": "organisation", "slug": "other", "name": "The Other Body"}),
        json!({"type": "report", "slug": "r", "title": "R", "published_on": "2026-11-01", "publishers": ["body"]}),
        json!({"type": "recommendation", "report": "r", "number": "AFI 3", "text": "Do it.", "addressees": ["other"],
            "deadlines": [{"kind": "response", "stated_due_on": "2027-01-15"}]}),
        article("story", json!({})),
        article("stori", json!({"language": "cy", "translation_of": "story"})),
    ]);
}

#[test]
fn records_name_their_pages() {
    with_pages(|api| {
        let page = |path: &str| api.data(path)["page_url"].clone();
        assert_eq!(
            page("/v1/articles/story"),
            "https://site.example/news/story"
        );
        assert_eq!(
            page("/v1/articles/stori"),
            "https://site.example/cy/newyddion/stori"
        );
        assert_eq!(page("/v1/reports/r"), "https://site.example/reports/r");
        assert_eq!(
            page("/v1/organisations/body"),
            "https://site.example/bodies/body"
        );
        let recommendation = &api.get("/v1/reports/r/recommendations").records()[0];
        assert_eq!(
            recommendation["page_url"],
            "https://site.example/reports/r/AFI%203"
        );
        let whole = api.data("/v1/articles/story?expand=organisation,reports");
        assert_eq!(
            whole["organisation"]["page_url"],
            "https://site.example/bodies/body"
        );
        assert_eq!(
            whole["reports"][0]["page_url"],
            "https://site.example/reports/r"
        );
        assert_eq!(
            whole["translations"][0]["page_url"],
            "https://site.example/cy/newyddion/stori"
        );
        let lists = api.get("/v1/articles?fields=page_url").records();
        assert_eq!(lists[0].as_object().unwrap().len(), 1);
        let exported = api
            .get("/v1/exports/articles.csv?fields=slug,page_url")
            .text();
        assert!(
            exported.contains("story,https://site.example/news/story"),
            "{exported}"
        );
        let written = api.patch(
            "/v1/articles/story",
            &api.admin(),
            &json!({"headline": "Other"}),
        );
        assert_eq!(
            written.data()["page_url"],
            "https://site.example/news/story"
        );
    });
}

#[test]
fn what_people_follow_leads_to_the_pages() {
    with_pages(|api| {
        let feed = api.get("/v1/feeds/articles.json").json();
        let item = feed["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|item| item["language"] == "en");
        let item = item.unwrap();
        assert_eq!(item["url"], "https://site.example/news/story");
        assert_eq!(
            item["authors"][0]["url"],
            "https://site.example/bodies/body"
        );
        let feed = api.get("/v1/feeds/recommendations.atom").text();
        assert!(
            feed.contains("https://site.example/reports/r/AFI%203"),
            "{feed}"
        );
        let linked = api
            .send(
                "GET",
                "/v1/articles/story",
                &[("accept", "application/ld+json")],
            )
            .json();
        assert_eq!(linked["url"], "https://site.example/news/story");
        assert_eq!(
            linked["citation"][0]["url"],
            "https://site.example/reports/r"
        );
        assert_eq!(
            linked["publisher"]["url"],
            "https://site.example/bodies/body"
        );
        let calendar = api
            .get("/v1/deadlines.ics?due_from=2027-01-01")
            .text()
            .replace("\r\n ", "");
        assert!(
            calendar.contains("URL:https://site.example/reports/r/AFI%203"),
            "{calendar}"
        );
        let embed = api
            .get("/v1/oembed?url=https%3A%2F%2Fsite.example%2Fcy%2Fnewyddion%2Fstori%2F%3Fx%3Dy")
            .json();
        assert_eq!(embed["author_url"], "https://site.example/bodies/body");
        assert!(
            embed["html"]
                .as_str()
                .unwrap()
                .contains("cite=\"https://site.example/cy/newyddion/stori\"")
        );
        api.get("/v1/oembed?url=https%3A%2F%2Fsite.example%2Fnews%2Fnone")
            .assert_status(404);
        let preview = api
            .post("/v1/articles/story/preview", &api.admin(), &json!({}))
            .data();
        let (url, page) = (
            preview["url"].as_str().unwrap(),
            preview["page_url"].as_str().unwrap(),
        );
        let pass = url.split_once("?preview=").unwrap().1;
        assert_eq!(
            page,
            format!("https://site.example/news/story?preview={pass}")
        );
    });
}

#[test]
fn without_the_setting_no_page_is_named() {
    both_empty(|api| {
        seed(api);
        for path in [
            "/v1/articles/story",
            "/v1/organisations/body",
            "/v1/reports/r",
        ] {
            assert!(api.data(path).get("page_url").is_none(), "{path}");
        }
    });
}

#[test]
fn a_template_that_cannot_be_used_is_an_error_at_start() {
    for (template, expected) in [
        ("articles", "expected a collection"),
        (
            "topics=https://site.example/{slug}",
            "'topics' has no pages",
        ),
        (
            "articles=https://site.example/{number}",
            "unknown '{number}'",
        ),
        (
            "articles=https://site.example/news",
            "does not say which record",
        ),
        (
            "articles=ftp://site.example/{slug}",
            "expected a collection",
        ),
        ("articles=/news/{slug}", "expected a collection"),
        (
            "articles.welsh=https://site.example/{slug}",
            "'welsh' is not",
        ),
        (
            "articles=https://site.example/{slug}-{id}-{language}",
            "more than two",
        ),
        (
            "recommendations=https://site.example/{number}",
            "does not say which record",
        ),
        ("articles=https://site.example/{slug", "without a '}'"),
    ] {
        let flags = json!({"page_urls": [template]});
        let flags = flags.as_object().unwrap().clone();
        let error = Config::load(None, flags).unwrap_err().to_string();
        assert!(
            error.starts_with("page_urls: ") && error.contains(expected),
            "{template}: {error}"
        );
    }
}

#[test]
fn a_collection_has_one_template_for_a_language() {
    let both = ["https://a.example/{slug}", "https://b.example/{slug}"];
    for place in ["articles", "articles.cy"] {
        let templates = both.map(|address| format!("{place}={address}"));
        let flags = json!({ "page_urls": templates })
            .as_object()
            .unwrap()
            .clone();
        let error = Config::load(None, flags).unwrap_err().to_string();
        assert!(error.contains("two templates for articles"), "{error}");
    }
}

#[test]
fn one_export_has_what_a_sitemap_says() {
    with_pages(|api| {
        let lines = |query: &str| -> Vec<Value> {
            let text = api.get(&format!("/v1/exports/pages.ndjson{query}")).text();
            text.lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect()
        };
        let pages = lines("");
        let mut ids: Vec<&str> = pages
            .iter()
            .map(|page| page["id"].as_str().unwrap())
            .collect();
        ids.sort_unstable();
        assert!(
            pages
                .iter()
                .map(|page| page["id"].as_str().unwrap())
                .eq(ids)
        );
        let found = |slug: &str| pages.iter().find(|page| page["slug"] == slug).unwrap();
        let story = found("story");
        assert_eq!(
            (&story["collection"], &story["language"]),
            (&json!("articles"), &json!("en"))
        );
        assert_eq!(story["page_url"], "https://site.example/news/story");
        assert_eq!(
            story["translations"][0]["page_url"],
            "https://site.example/cy/newyddion/stori"
        );
        assert_eq!(found("stori")["translations"][0]["slug"], "story");
        assert_eq!(found("r")["page_url"], "https://site.example/reports/r");
        assert_eq!(
            found("body")["page_url"],
            "https://site.example/bodies/body"
        );
        assert_eq!(
            found("r-afi-3")["page_url"],
            "https://site.example/reports/r/AFI%203"
        );
        assert_eq!(pages.len(), 6);
        assert_eq!(lines("?collection=articles&collection=reports").len(), 3);
        assert_eq!(lines("?updated_from=2026-11-30T00:00:00Z").len(), 0);
        // resumed after any of them
        for (number, page) in pages.iter().enumerate() {
            let rest = lines(&format!("?after={}", page["id"].as_str().unwrap()));
            assert_eq!(rest, pages[number + 1..]);
        }
        // a minor edit does not move the time, a real change does, and what is withdrawn has no page
        api.advance(chrono::TimeDelta::minutes(5));
        let time = |slug: &str| {
            lines("")
                .iter()
                .find(|page| page["slug"] == slug)
                .map(|page| page["updated_at"].clone())
        };
        let before = time("story");
        api.import(article(
            "story",
            json!({"headline": "Fictiona1", "is_minor_edit": true}),
        ));
        assert_eq!(time("story"), before);
        api.import(article("story", json!({"headline": "Another"})));
        assert_ne!(time("story"), before);
        let notice = json!({"state": "withdrawn", "withdrawal": {"at": "2026-11-20T09:00:00Z", "reason": "It was wrong."}});
        api.import(article("story", notice));
        assert_eq!(time("story"), None);
        let csv = api.get("/v1/exports/pages.csv?collection=reports").text();
        assert!(
            csv.starts_with("id,collection,slug,page_url,updated_at,language,translations\r\n"),
            "{csv}"
        );
    });
}

#[test]
fn what_was_scheduled_counts_as_changed_when_it_appears() {
    with_pages(|api| {
        let appears = api.clock.now() + chrono::TimeDelta::hours(2);
        let at = appears.and_utc().to_rfc3339();
        api.import(article("later", json!({"published_at": at})));
        api.advance(chrono::TimeDelta::hours(3));
        let since = (appears - chrono::TimeDelta::minutes(1)).and_utc();
        let since = since.format("%Y-%m-%dT%H:%M:%SZ");
        let text = api
            .get(&format!("/v1/exports/pages.ndjson?updated_from={since}"))
            .text();
        let page: Value = serde_json::from_str(text.trim()).unwrap();
        assert_eq!(page["slug"], "later");
        assert_eq!(page["updated_at"].as_str().unwrap()[..16], at[..16]);
    });
}

#[test]
fn a_page_may_be_the_original_of_an_article_with_another_slug() {
    with_pages(|api| {
        let original = json!({"original_url": "https://site.example/news/custody"});
        api.import(article("custody-2026", original));
        let embed = api
            .get("/v1/oembed?url=https%3A%2F%2Fsite.example%2Fnews%2Fcustody")
            .assert_status(200);
        assert!(
            embed
                .text()
                .contains("https://site.example/news/custody-2026"),
            "{}",
            embed.text()
        );
    });
}

#[test]
fn changes_say_where_records_are_and_were_read() {
    with_pages(|api| {
        let admin = api.admin();
        let newest = |path: &str| {
            let id = api.data(path)["id"].as_str().unwrap().to_owned();
            move || {
                let all = api.get("/v1/changes?limit=100").records();
                let of_it = all.into_iter().rfind(|change| change["id"] == *id);
                of_it.unwrap()
            }
        };
        let shown = |change: &Value| {
            let text = |name: &str| change.get(name).map_or("-".to_owned(), Value::to_string);
            [
                text("action"),
                text("slug"),
                text("former_slugs"),
                text("page_url"),
            ]
            .join(" ")
            .replace('"', "")
        };
        let story = newest("/v1/articles/story");
        assert_eq!(
            shown(&story()),
            "published story [] https://site.example/news/story"
        );
        assert_eq!(
            shown(&newest("/v1/articles/stori")()),
            "published stori [] https://site.example/cy/newyddion/stori"
        );
        assert_eq!(
            shown(&newest("/v1/organisations/body")()),
            "published body [] https://site.example/bodies/body"
        );
        let afi = newest("/v1/recommendations/r-afi-3");
        assert_eq!(
            shown(&afi()),
            "published r-afi-3 [] https://site.example/reports/r/AFI%203"
        );
        let response = json!({"report": "r", "responder": "other", "published_on": "2026-11-02", "covers": [{"number": "AFI 3"}]});
        let response = api
            .post("/v1/responses", &admin, &response)
            .assert_status(201);
        assert_eq!(
            shown(&newest(&format!("/v1/responses/{}", response.id()))()),
            "published - [] -"
        );

        let rename = |from: &str, to: &str| {
            api.patch(
                &format!("/v1/articles/{from}"),
                &admin,
                &json!({"slug": to}),
            )
            .assert_status(200);
        };
        rename("story", "tale");
        rename("tale", "legend");
        assert_eq!(
            shown(&story()),
            "published legend [story,tale] https://site.example/news/legend"
        );
        // taken back, with a slug that the public has not seen
        api.patch(
            "/v1/articles/legend",
            &admin,
            &json!({"state": "draft", "slug": "secret"}),
        )
        .assert_status(200);
        let text = api.get("/v1/changes?limit=100").text();
        assert!(!text.contains("secret"), "{text}");
        assert_eq!(
            shown(&story()),
            "removed legend [story,tale] https://site.example/news/legend"
        );
        api.delete("/v1/articles/secret", &admin).assert_status(204);
        let text = api.get("/v1/changes?limit=100").text();
        assert!(!text.contains("secret"), "{text}");

        // nobody saw the slug of a draft that has another when it is published
        api.import(article("first-thought", json!({"state": "draft"})));
        let change = |key: &str, change: Value| {
            api.patch(&format!("/v1/articles/{key}"), &admin, &change)
                .assert_status(200)
        };
        change("first-thought", json!({"slug": "second-thought"}));
        change("second-thought", json!({"state": "published"}));
        assert_eq!(
            shown(&newest("/v1/articles/second-thought")()),
            "published second-thought [] https://site.example/news/second-thought"
        );
        api.get("/v1/articles/first-thought").assert_status(404);

        // what was scheduled, when it has appeared
        api.import(article(
            "later",
            json!({"published_at": "2026-12-20T09:00:00Z"}),
        ));
        api.clock.set(crate::support::time("2026-12-25T00:00:00Z"));
        let later = newest("/v1/articles/later");
        assert_eq!(
            shown(&later()),
            "published later [] https://site.example/news/later"
        );
        let admin = api.admin();
        api.delete("/v1/articles/later", &admin).assert_status(204);
        assert_eq!(
            shown(&later()),
            "removed later [] https://site.example/news/later"
        );

        let stori = newest("/v1/articles/stori");
        api.delete("/v1/articles/stori", &admin).assert_status(204);
        assert_eq!(
            shown(&stori()),
            "removed stori [] https://site.example/cy/newyddion/stori"
        );
    });
}
