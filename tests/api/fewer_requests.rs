//! One request is enough: parts of what a record holds, the record that a list belongs to, the record at an address, and changes
//! that say which pages to renew.

use serde_json::{Value, json};

use crate::support::{Answer, Content, Instance, both_empty, eventually, kinds};

const TEMPLATES: [&str; 4] = [
    "articles=https://site.example/news/{slug}",
    "articles.cy=https://site.example/cy/newyddion/{slug}",
    "recommendations=https://site.example/reports/{report}/no-{number}.html",
    "organisations=https://site.example/bodies?id={slug}",
];

fn article(slug: &str, organisation: &str) -> Value {
    json!({"type": "article", "slug": slug, "headline": "Fictional", "organisation": organisation,
        "published_at": "2026-11-01T09:00:00Z", "original_url": format!("https://www.body.example/{slug}"),
        "body_html": "<p>Words.</p>", "topics": ["t", "u"], "reports": ["r"]})
}

fn seed(api: &Instance) {
    let welsh = json!([{"language": "cy", "name": "Y Corff", "acronym": "YC"}]);
    api.import_all(&[
        json!({"type": "topic", "slug": "t", "name": "T"}),
        json!({"type": "topic", "slug": "u", "name": "U", "other_languages": [{"language": "cy", "name": "Ŵ"}]}),
        json!({"type": "organisation", "slug": "body", "name": "The Body", "acronym": "TB", "other_languages": welsh}),
        json!({"type": "organisation", "slug": "silent", "name": "The Silent Body"}),
        json!({"type": "group", "slug": "all", "name": "All", "definition": "Both", "members": [{"organisation": "body"}, {"organisation": "silent"}]}),
        json!({"type": "report", "slug": "r", "title": "A report", "published_on": "2026-11-01", "publishers": ["body"],
            "other_languages": [{"language": "cy", "title": "Adroddiad"}]}),
        json!({"type": "recommendation", "report": "r", "number": "1", "text": "Do it.", "addressees": ["all", "silent"]}),
        article("story", "body"),
    ]);
}

/// These members of an object, which are texts.
fn members(object: &Value, names: &[&str]) -> Vec<String> {
    let texts = names.iter().map(|name| object[*name].as_str());
    texts.map(|text| text.unwrap().to_owned()).collect()
}

fn with_pages(check: impl Fn(&Instance)) {
    for kind in kinds() {
        let api = Instance::start(kind, Content::Empty, |config| {
            config.page_urls = TEMPLATES.map(str::to_owned).to_vec();
        });
        seed(&api);
        check(&api);
    }
}

#[test]
fn fields_reach_into_what_a_member_holds() {
    both_empty(|api| {
        seed(api);
        let of = |query: &str| api.get(&format!("/v1/articles?{query}")).records()[0].clone();
        let expected = json!({"slug": "story", "organisation": {"name": "The Body"}, "topics": [{"slug": "t"}, {"slug": "u"}]});
        let fields = "fields=slug,organisation.name,topics.slug";
        assert_eq!(of(fields), expected);
        assert_eq!(api.data(&format!("/v1/articles/story?{fields}")), expected);
        let exported = api.get(&format!("/v1/exports/articles.ndjson?{fields}"));
        let exported: Value = serde_json::from_str(exported.text().trim()).unwrap();
        assert_eq!(exported, expected);
        // a part of what is expanded; the whole member, if it is named too; and a part that is not there
        let whole = of("fields=organisation.acronym,topics.parent&expand=organisation");
        let expected = json!({"organisation": {"acronym": "TB"}, "topics": [{}, {}]});
        assert_eq!(whole, expected);
        let both = of("fields=organisation.name,organisation");
        assert_eq!(both["organisation"]["slug"], "body");
        assert_eq!(
            of("fields=organisation.name&lang=cy"),
            json!({"organisation": {"name": "Y Corff"}})
        );
        // a part of a member that is loaded only when it is named
        let recommendation = "/v1/recommendations?expand=addressed_organisations&fields=addressed_organisations.slug";
        let addressed = &api.get(recommendation).records()[0]["addressed_organisations"];
        assert_eq!(*addressed, json!([{"slug": "body"}, {"slug": "silent"}]));
        for (query, words) in [
            ("fields=organisation.nam", "Did you mean 'organisation.name"),
            ("fields=slug.x", "Did you mean 'slug'?"),
            ("fields=organisatio.name", "Did you mean 'organisation'?"),
            ("fields=organisation.parent.name", "Did you mean"),
            ("fields=nothing", "Expected one of: id, slug"),
        ] {
            let answer = api.get(&format!("/v1/articles?{query}"));
            let problem = answer.assert_invalid_query("fields");
            let detail = problem["errors"][0]["detail"].as_str().unwrap();
            assert!(
                detail.contains(words) && !detail.contains("topics.name"),
                "{detail}"
            );
        }
    });
}

#[test]
fn csv_has_the_columns_of_the_parts_that_are_named() {
    both_empty(|api| {
        seed(api);
        let csv = |fields: &str| api.get(&format!("/v1/exports/articles.csv?fields={fields}"));
        assert_eq!(
            csv("slug,organisation.name").text(),
            "slug,organisation_name\r\nstory,The Body\r\n"
        );
        assert_eq!(
            csv("slug,organisation.slug").text(),
            "slug,organisation\r\nstory,body\r\n"
        );
        let topics = csv("slug,topics.name,organisation.acronym").text();
        assert_eq!(
            topics,
            "slug,topics_name,organisation_acronym\r\nstory,T; U,\r\n"
        );
    });
}

#[test]
fn a_list_has_the_record_that_it_belongs_to_beside_it() {
    both_empty(|api| {
        seed(api);
        let of = |path: &str| api.get(path).assert_status(200).json()["of"].clone();
        let obligations = "/v1/recommendations/r-1/obligations?expand=recommendation";
        for (path, name) in [
            (
                "/v1/organisations/body/articles?expand=organisation",
                "body",
            ),
            (
                "/v1/organisations/silent/articles?expand=organisation",
                "silent",
            ),
            (
                "/v1/organisations/silent/articles?expand=organisation&fields=slug&limit=1",
                "silent",
            ),
            (
                "/v1/organisations/silent/obligations?expand=organisation",
                "silent",
            ),
            ("/v1/reports/r/recommendations?expand=report", "r"),
            (obligations, "r-1"),
        ] {
            let record = of(path);
            assert_eq!(record["slug"], name, "{path}");
            assert!(record["revision"].is_i64(), "{path}: {record}");
        }
        assert_eq!(
            of("/v1/organisations/body/articles?expand=topics"),
            Value::Null
        );
        assert_eq!(
            of("/v1/organisations/body/articles?expand=organisation&lang=cy")["name"],
            "Y Corff"
        );
        // it is as current as the list
        api.patch(
            "/v1/organisations/silent",
            &api.admin(),
            &json!({"name": "No longer silent"}),
        )
        .assert_status(200);
        assert_eq!(
            of("/v1/organisations/silent/articles?expand=organisation")["name"],
            "No longer silent"
        );
        assert_eq!(
            of("/v1/organisations/silent/obligations?expand=organisation")["name"],
            "No longer silent"
        );
    });
}

#[test]
fn a_preview_link_of_a_report_lists_its_recommendations() {
    both_empty(|api| {
        seed(api);
        let token = api.admin();
        api.import_all(&[
            json!({"type": "report", "slug": "d", "title": "D", "published_on": "2026-11-02", "publishers": ["body"], "state": "draft"}),
            json!({"type": "recommendation", "report": "d", "number": "1", "text": "Do that.", "addressees": ["body"]}),
        ]);
        let list = "/v1/reports/d/recommendations";
        api.get(list).problem(404, "not-found");
        let link = api.post("/v1/reports/d/preview", &token, &json!({"minutes": 5}));
        let link = link.data()["url"].as_str().unwrap().to_owned();
        let pass = link.split_once("preview=").unwrap().1;
        let shown = api
            .get(&format!("{list}?preview={pass}&expand=report"))
            .assert_status(200);
        assert_eq!(shown.records()[0]["text"], "Do that.");
        assert!(shown.header("cache-control").contains("no-store"));
        api.get(list).problem(404, "not-found");
        // it opens nothing else
        api.get(&format!("/v1/reports/r/recommendations?preview={pass}"))
            .problem(404, "not-found");
        api.get(&format!("/v1/recommendations?preview={pass}"))
            .assert_invalid_query("preview");
        api.get(&format!("/v1/organisations/body/articles?preview={pass}"))
            .assert_invalid_query("preview");
        let past = api.get(&format!("{list}?preview={pass}&as_of=2026-11-23"));
        past.assert_invalid_query("as_of");
        let code =
            |answer: Answer| answer.assert_invalid_query("preview")["errors"][0]["code"].clone();
        assert_eq!(
            code(api.get(&format!("{list}?preview={pass}x"))),
            "invalid_value"
        );
        api.advance(chrono::TimeDelta::minutes(6));
        assert_eq!(code(api.get(&format!("{list}?preview={pass}"))), "expired");
        assert_eq!(
            code(api.get(&format!("/v1/reports/d/coverage?preview={pass}"))),
            "expired"
        );
    });
}

#[test]
fn a_lookup_finds_the_record_at_an_address() {
    with_pages(|api| {
        let token = api.admin();
        let rename = |path: &str, slug: &str| {
            api.patch(path, &token, &json!({"slug": slug}))
                .assert_status(200)
        };
        rename("/v1/articles/story", "tale");
        rename("/v1/reports/r", "s");
        api.import_all(&[json!({"type": "article", "slug": "stori", "headline": "H", "organisation": "body", "language": "cy",
            "published_at": "2026-11-01T09:00:00Z"})]);
        let found = |url: &str| {
            let url: String = url::form_urlencoded::byte_serialize(url.as_bytes()).collect();
            api.get(&format!("/v1/lookup?url={url}"))
        };
        let tale = "https://site.example/news/tale";
        let first = "https://site.example/reports/s/no-1.html";
        let body = "https://site.example/bodies?id=body";
        for (url, kind, slug, page, redirects) in [
            ("/news/tale", "article", "tale", Some(tale), false),
            ("/news/tale/", "article", "tale", Some(tale), false),
            ("/news/story", "article", "tale", Some(tale), true),
            (
                "https://site.example/news/story?utm=x#top",
                "article",
                "tale",
                Some(tale),
                true,
            ),
            (
                "https://www.body.example/story",
                "article",
                "tale",
                Some(tale),
                true,
            ),
            (
                "/cy/newyddion/stori",
                "article",
                "stori",
                Some("https://site.example/cy/newyddion/stori"),
                false,
            ),
            (
                "/news/stori",
                "article",
                "stori",
                Some("https://site.example/cy/newyddion/stori"),
                true,
            ),
            (
                "/reports/s/no-1.html",
                "recommendation",
                "r-1",
                Some(first),
                false,
            ),
            (
                "/reports/r/no-1.html",
                "recommendation",
                "r-1",
                Some(first),
                true,
            ),
            ("/bodies?id=body", "organisation", "body", Some(body), false),
            ("/v1/topics/t", "topic", "t", None, false),
            ("/v1/groups/all", "group", "all", None, false),
            (
                &format!("{}/v1/articles/story", api.base),
                "article",
                "tale",
                Some(tale),
                true,
            ),
        ] {
            let answer = found(url).assert_status(200);
            let data = answer.data();
            assert_eq!(members(&data, &["type", "slug"]), [kind, slug], "{url}");
            assert_eq!(data["page_url"].as_str(), page, "{url}");
            assert_eq!(
                data["redirect_to"].as_str(),
                page.filter(|_| redirects),
                "{url}"
            );
            let shown = api.get(data["url"].as_str().unwrap()).assert_status(200);
            assert_eq!(shown.data()["id"], data["id"], "{url}");
        }
        // however the address is written
        for url in [
            "https://SITE.example/news/tale",
            "http://www.site.example:80/news/tale",
            "/news/t%61le",
            "/news/tale?utm_source=x#top",
            "/bodies?utm_source=x&id=body",
            "/reports/s/no-1.html/",
        ] {
            assert_eq!(found(url).data().get("redirect_to"), None, "{url}");
        }
        // an address that the site had before, by its path alone
        api.import_all(&[json!({"type": "article", "slug": "moved", "headline": "H", "organisation": "body",
            "published_at": "2026-11-01T09:00:00Z", "original_url": "https://site.example/2019/old.html"})]);
        assert_eq!(
            found("/2019/old.html").data()["redirect_to"],
            "https://site.example/news/moved"
        );
        for url in [
            "/news/nothing",
            "/reports/s/no-2.html",
            "/reports/x/no-1.html",
            "/news/",
            "/v1/obligations/x",
            "/",
            "https://elsewhere.example/",
        ] {
            found(url).problem(404, "not-found");
        }
        found("mailto:x").assert_invalid_query("url");
        api.get("/v1/lookup").assert_invalid_query("url");
        // what is not public, withdrawn or removed
        api.patch("/v1/articles/stori", &token, &json!({"state": "draft"}))
            .assert_status(200);
        found("/cy/newyddion/stori").problem(404, "not-found");
        api.withdraw("/v1/articles/tale", "Wrong.")
            .assert_status(200);
        assert_eq!(found("/news/tale").data()["slug"], "tale");
        api.delete("/v1/articles/tale", &token).assert_status(204);
        found("/news/tale").problem(410, "gone");
    });
}

#[test]
fn every_page_is_found_whatever_the_templates() {
    for templates in [
        vec![
            "articles=https://s.example/{language}/{slug}",
            "organisations=https://s.example/organisations/{slug}",
        ],
        vec![
            "articles=https://s.example/{slug}",
            "organisations=https://s.example/{slug}",
            "recommendations=https://s.example/{slug}",
        ],
        vec![
            "articles=https://s.example/news/{id}-{slug}",
            "recommendations=https://s.example/{report}-{number}",
        ],
        vec![
            "articles=https://S.example:443/{slug}-{id}",
            "organisations=https://münchen.example/{id}.{slug}",
        ],
        vec![
            "articles=https://s.example/p?type=news&id={id}",
            "organisations=https://s.example/p?type=body&id={slug}",
        ],
        vec![
            "articles=https://s.example/app#/news/{slug}",
            "reports=https://s.example/{slug}-{slug}?r={id}",
        ],
    ] {
        let api = Instance::start(kinds()[0], Content::Empty, |config| {
            config.page_urls = templates.iter().map(|&text| text.to_owned()).collect();
        });
        seed(&api);
        api.import_all(&[json!({"type": "recommendation", "report": "r", "number": "1-2", "text": "Do more.", "addressees": ["silent"]})]);
        let mut seen = 0;
        for list in ["articles", "organisations", "reports", "recommendations"] {
            for record in api.get(&format!("/v1/{list}?fields=id,page_url")).records() {
                let Some(page) = record.get("page_url") else {
                    continue;
                };
                let page = page.as_str().unwrap();
                let url: String = url::form_urlencoded::byte_serialize(page.as_bytes()).collect();
                let found = api
                    .get(&format!("/v1/lookup?url={url}"))
                    .assert_status(200)
                    .data();
                assert_eq!(found["id"], record["id"], "{page}");
                assert_eq!(found.get("redirect_to"), None, "{page}");
                seen += 1;
            }
        }
        assert!(seen > 1, "{templates:?}");
    }
}

#[test]
fn changes_name_what_a_record_refers_to() {
    both_empty(|api| {
        seed(api);
        let token = api.admin();
        let data = |kind: &str| {
            let changes = api
                .get(&format!("/v1/changes?type={kind}&limit=100"))
                .records();
            changes.last().unwrap()["data"].clone()
        };
        let id = |path: &str| api.data(path)["id"].clone();
        let body = json!({"id": id("/v1/organisations/body"), "slug": "body", "name": "The Body"});
        let story = data("article");
        assert_eq!(story["organisation"], body);
        assert_eq!(members(&story["topics"][1], &["slug", "name"]), ["u", "U"]);
        assert_eq!(
            members(&story["reports"][0], &["slug", "title"]),
            ["r", "A report"]
        );
        let group = &data("recommendation")["addressees"][0];
        assert_eq!(members(group, &["slug", "name"]), ["all", "All"]);
        assert_eq!(data("group")["members"][0]["organisation"], body);
        let history = api.get("/v1/articles/story/history").records();
        assert_eq!(history[0]["data"]["organisation"], body);
        let as_written = api.get_as(&token, "/v1/articles/story/history").records();
        assert_eq!(as_written[0]["data"]["organisation"], body);
        // by the name of today
        api.patch(
            "/v1/organisations/body",
            &token,
            &json!({"name": "Renamed", "slug": "renamed"}),
        )
        .assert_status(200);
        assert_eq!(
            members(&data("article")["organisation"], &["slug", "name"]),
            ["renamed", "Renamed"]
        );
        // what was read is written back, and changes nothing
        let mut line = data("article");
        line["type"] = json!("article");
        line["id"] = id("/v1/articles/story");
        let before = api.get("/v1/articles/story").header("etag").to_owned();
        api.import_all(&[line]);
        assert_eq!(api.get("/v1/articles/story").header("etag"), before);
        // what is not public stays an id
        let report = id("/v1/reports/r");
        api.patch("/v1/reports/r", &token, &json!({"state": "draft"}))
            .assert_status(200);
        assert_eq!(data("article")["reports"], json!([report]));
    });
}

#[test]
fn search_names_records_in_a_language() {
    both_empty(|api| {
        seed(api);
        eventually(|| {
            let found = api.get("/v1/search?q=fictional&type=article");
            let is_found = found.status == 200 && found.records().len() == 1;
            if is_found { Ok(()) } else { Err(found.text()) }
        });
        let first = |query: &str| api.get(&format!("/v1/search?{query}")).json();
        let found = first("q=fictional&type=article&lang=cy&facet=topic,organisation");
        assert_eq!(found["data"][0]["organisation"]["name"], "Y Corff");
        let labels = |facet: &Value| -> Vec<String> {
            let values = facet["values"].as_array().unwrap().iter();
            values
                .map(|value| value["label"].as_str().unwrap().to_owned())
                .collect()
        };
        let all: Vec<Vec<String>> = found["facets"]
            .as_array()
            .unwrap()
            .iter()
            .map(labels)
            .collect();
        assert_eq!(all, [vec!["Y Corff"], vec!["T", "Ŵ"]]);
        let body = &first("q=TB&type=organisation&lang=cy")["data"][0];
        assert_eq!(
            members(body, &["title", "title_language", "language"]),
            ["Y Corff", "cy", "en"]
        );
        let recommendation = &first("q=do&type=recommendation&lang=cy")["data"][0];
        assert!(
            recommendation["title"]
                .as_str()
                .unwrap()
                .ends_with("Adroddiad"),
            "{recommendation}"
        );
        let values = api
            .get("/v1/search/facets/organisation?q=fictional&type=article&lang=cy")
            .records();
        assert_eq!(values[0]["label"], "Y Corff");
        let suggested = api.get("/v1/search/suggestions?q=The+Bo&lang=cy").json();
        let suggested = suggested["data"].as_array().unwrap();
        assert!(
            suggested.iter().any(|one| one["title"] == "Y Corff"),
            "{suggested:?}"
        );
        let own = &first("q=TB&type=organisation&lang=de")["data"][0];
        assert_eq!(members(own, &["title", "language"]), ["The Body", "en"]);
    });
}
