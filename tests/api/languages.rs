//! Names and titles in several languages, and the versions of an article.

use serde_json::{Value, json};

use crate::support::{Content, Instance, both_empty, kinds, with};

fn seed(api: &Instance) {
    api.import_all(&[
        json!({"type": "organisation", "slug": "body", "name": "The Fictional Body", "acronym": "FB", "names": [
                {"name": "The Older Body", "until": "2020-01-01"}, {"name": "The Fictional Body", "from": "2020-01-01"}],
            "description": "It watches.", "other_languages": [
                {"language": "cy", "name": "Y Corff Dychmygol", "acronym": "CD"},
                {"language": "FR-ca", "name": "L'Organe fictif"}]}),
        json!({"type": "organisation", "slug": "cymru", "name": "Corff y Dyffryn", "language": "cy",
            "other_languages": [{"language": "en", "name": "The Valley Body"}]}),
        json!({"type": "organisation", "slug": "plain", "name": "The Plain Body"}),
        json!({"type": "topic", "slug": "care", "name": "Care", "description": "All of it.",
            "other_languages": [{"language": "cy", "name": "Gofal", "description": "Y cyfan."}]}),
        json!({"type": "group", "slug": "all", "name": "All bodies", "members": [{"organisation": "body"}, {"organisation": "plain"}],
            "other_languages": [{"language": "cy", "name": "Pob corff", "definition": "Y ddau."}]}),
        json!({"type": "report", "slug": "r", "title": "On care", "summary": "Short.", "published_on": "2026-01-05",
            "publishers": ["body"], "other_languages": [{"language": "cy", "title": "Am ofal", "summary": "Byr."}]}),
        json!({"type": "recommendation", "report": "r", "number": "1", "text": "Do it.", "addressees": ["plain", "body"]}),
        article("news", json!({"reports": ["r"]})),
        article("newyddion", json!({"language": "cy", "translation_of": "news"})),
        article("nouvelles", json!({"language": "fr", "translation_of": "news"})),
    ]);
}

fn article(slug: &str, more: Value) -> Value {
    let article = json!({"type": "article", "slug": slug, "headline": slug, "organisation": "body", "topics": ["care"],
        "published_at": "2026-02-01T09:00:00Z", "licence": "OGL-UK-3.0", "body_html": "<p>Words.</p>"});
    with(article, more)
}

fn check(work: impl Fn(&Instance)) {
    both_empty(|api| {
        seed(api);
        work(api);
    });
}

#[test]
fn lang_chooses_names_and_says_which_language_it_is() {
    check(|api| {
        let body = api.data("/v1/organisations/body?lang=cy");
        assert_eq!(body["name"], "Y Corff Dychmygol");
        assert_eq!(body["acronym"], "CD");
        assert_eq!(body["description"], "It watches.", "not known in Welsh");
        assert_eq!(body["language"], "cy");
        assert_eq!(body["other_languages"].as_array().unwrap().len(), 2);
        for (lang, name, language) in [
            ("cy-GB", "Y Corff Dychmygol", "cy"),
            ("CY", "Y Corff Dychmygol", "cy"),
            ("fr-CA", "L'Organe fictif", "fr-CA"),
            ("fr", "The Fictional Body", "en"),
            ("en", "The Fictional Body", "en"),
            ("de", "The Fictional Body", "en"),
        ] {
            let body = api.data(&format!("/v1/organisations/body?lang={lang}"));
            assert_eq!(
                (&body["name"], &body["language"]),
                (&json!(name), &json!(language)),
                "{lang}"
            );
        }
        let own = api.data("/v1/organisations/cymru");
        assert_eq!(
            (&own["name"], &own["language"]),
            (&json!("Corff y Dyffryn"), &json!("cy"))
        );
        let english = api.data("/v1/organisations/cymru?lang=en");
        assert_eq!(english["name"], "The Valley Body");
        let named = |path: &str, member: &str| {
            let list = api.data(path);
            let names = list.as_array().unwrap().iter();
            names
                .map(|one| one[member].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(named("/v1/topics?lang=cy", "name"), ["Gofal"]);
        assert_eq!(named("/v1/topics?lang=cy", "description"), ["Y cyfan."]);
        assert_eq!(
            named("/v1/groups?lang=cy&fields=definition", "definition"),
            ["Y ddau."]
        );
        assert_eq!(named("/v1/reports?lang=cy", "title"), ["Am ofal"]);
        assert_eq!(named("/v1/reports?lang=cy", "summary"), ["Byr."]);
        assert_eq!(named("/v1/reports", "title"), ["On care"]);
        // in the order of their own names
        assert_eq!(
            named("/v1/organisations?lang=cy", "name"),
            ["Corff y Dyffryn", "Y Corff Dychmygol", "The Plain Body"]
        );
    });
}

#[test]
fn lang_reaches_every_place_that_names_a_record() {
    check(|api| {
        let paths = [
            "/v1/articles/news?lang=cy",
            "/v1/articles?lang=cy",
            "/v1/articles?lang=cy&expand=organisation&expand=reports",
            "/v1/organisations/body/articles?lang=cy",
            "/v1/topics/care?lang=cy",
            "/v1/groups/all?lang=cy&expand=members",
            "/v1/reports/r?lang=cy",
            "/v1/reports/r?lang=cy&expand=publishers",
            "/v1/recommendations/r-1?lang=cy",
            "/v1/recommendations/r-1?lang=cy&expand=report&expand=addressed_organisations",
            "/v1/reports/r/recommendations?lang=cy",
            "/v1/obligations?lang=cy",
            "/v1/reports/r/coverage?lang=cy",
        ];
        for path in paths {
            let english = api
                .get(&path.replace("lang=cy&", "").replace("?lang=cy", ""))
                .assert_status(200)
                .text();
            let text = api.get(path).assert_status(200).text();
            for (name, welsh) in [
                ("\"The Fictional Body\"", "\"Y Corff Dychmygol\""),
                ("\"On care\"", "\"Am ofal\""),
                ("\"Care\"", "\"Gofal\""),
            ] {
                // whole records keep their dated names as they are
                let count = |text: &str, name: &str| text.matches(&format!(":{name}")).count();
                let is_whole = text.contains("\"other_languages\"");
                assert!(is_whole || count(&text, name) == 0, "{path}: {text}");
                let expected = count(&english, name) > 0;
                assert!(
                    !expected || count(&text, welsh) > 0,
                    "{path}: {name}: {text}"
                );
            }
        }
        let csv = api
            .get("/v1/reports/r/coverage?lang=cy&format=csv")
            .assert_status(400);
        assert_eq!(csv.json()["errors"][0]["parameter"], "lang");
    });
}

#[test]
fn a_name_of_another_day_stays_in_the_language_it_is_known_in() {
    check(|api| {
        let then = api.data("/v1/organisations/body?lang=cy&on=2019-06-01");
        assert_eq!(
            (&then["name"], &then["language"]),
            (&json!("The Older Body"), &json!("en"))
        );
        let now = api.data("/v1/organisations/body?lang=cy&on=2021-06-01");
        assert_eq!(
            (&now["name"], &now["language"]),
            (&json!("Y Corff Dychmygol"), &json!("cy"))
        );
    });
}

#[test]
fn names_in_other_languages_find_their_organisation() {
    check(|api| {
        let found = api.data("/v1/organisations?name=y%20corff%20dychmygol");
        assert_eq!(found[0]["slug"], "body");
        let names = found[0]["names"].as_array().unwrap();
        assert_eq!(names.len(), 2, "dated names only: {names:?}");
        crate::support::eventually(|| {
            let hits = api.get("/v1/search?q=dychmygol").json();
            match hits["data"][0]["slug"] == "body" {
                true => Ok(()),
                false => Err(hits.to_string()),
            }
        });
        let hits = api.data("/v1/search?q=ofal&type=report");
        assert_eq!(hits[0]["slug"], "r");
        let suggested = api.data("/v1/search/suggestions?q=dychm");
        assert_eq!(suggested[0]["slug"], "body");
    });
}

#[test]
fn a_version_lists_its_siblings() {
    check(|api| {
        let versions = |slug: &str| {
            let article = api.data(&format!("/v1/articles/{slug}"));
            let all = article["translations"].as_array().unwrap().iter();
            let all = all.chain(article.get("translation_of"));
            let mut tags: Vec<String> = all
                .map(|one| one["language"].as_str().unwrap().to_owned())
                .collect();
            tags.sort_unstable();
            tags.join(" ")
        };
        let all = || ["news", "newyddion", "nouvelles"].map(versions);
        assert_eq!(all(), ["cy fr", "en fr", "cy en"]);
        let admin = api.admin();
        // twice, as the second answer may come from the cache
        for _ in 0..2 {
            assert_eq!(versions("newyddion"), "en fr");
        }
        api.patch(
            "/v1/articles/nouvelles",
            &admin,
            &json!({"translation_of": null}),
        )
        .assert_status(200);
        assert_eq!(all(), ["cy", "en", ""]);
        api.patch(
            "/v1/articles/nouvelles",
            &admin,
            &json!({"translation_of": "news"}),
        )
        .assert_status(200);
        assert_eq!(all(), ["cy fr", "en fr", "cy en"]);
        let more = article(
            "noticias",
            json!({"language": "es", "translation_of": "news"}),
        );
        api.post("/v1/articles", &admin, &more).assert_status(201);
        assert_eq!(
            all(),
            ["cy es fr", "en es fr", "cy en es"].map(|tags| {
                let mut tags: Vec<&str> = tags.split(' ').collect();
                tags.sort_unstable();
                tags.join(" ")
            })
        );
        api.delete("/v1/articles/noticias", &admin)
            .assert_status(204);
        assert_eq!(all(), ["cy fr", "en fr", "cy en"]);
        api.assert_log_verifies();
    });
}

#[test]
fn embeds_and_feeds_write_in_the_language_of_the_record() {
    check(|api| {
        let html = |slug: &str| {
            let url = format!("{}/v1/articles/{slug}", api.base);
            let url: String = url::form_urlencoded::byte_serialize(url.as_bytes()).collect();
            api.get(&format!("/v1/oembed?url={url}"))
                .assert_status(200)
                .json()["html"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        for (slug, source) in [
            ("news", "The Fictional Body, 1 February 2026"),
            ("newyddion", "Y Corff Dychmygol, 1 Chwefror 2026"),
            ("nouvelles", "The Fictional Body, 1 février 2026"),
        ] {
            assert!(html(slug).contains(source), "{}", html(slug));
        }
        let rss = api
            .get("/v1/feeds/articles.rss?language=cy&organisation=body")
            .text();
        for part in [
            "Erthyglau gan Y Corff Dychmygol",
            "Trwydded: OGL-UK-3.0",
            "Gofal",
        ] {
            assert!(rss.contains(part), "{part}: {rss}");
        }
        api.import(r#"{"type":"report","slug":"adroddiad","title":"Adroddiad","language":"cy","published_on":"2026-01-06","publishers":["body"]}
{"type":"recommendation","report":"adroddiad","number":"2","text":"Gwnewch hyn.","addressees":["plain"]}"#);
        let atom = api.get("/v1/feeds/recommendations.atom").text();
        for part in [
            "Argymhelliad 2: Adroddiad",
            "Recommendation 1: On care",
            "Y Corff Dychmygol",
            "The Fictional Body",
        ] {
            assert!(atom.contains(part), "{part}: {atom}");
        }
    });
}

#[test]
fn a_language_is_registered_and_has_one_form() {
    check(|api| {
        let slugs = |language: &str| {
            let list = api.data(&format!("/v1/articles?language={language}"));
            list.as_array().unwrap().len()
        };
        assert_eq!((slugs("CY"), slugs("cy"), slugs("pt-br")), (1, 1, 0));
        for wrong in ["welsh", "xx", "en_GB", "e", "qq", "x-aaaaaaaaa"] {
            for path in [
                "/v1/articles?language=",
                "/v1/articles?lang=",
                "/v1/search?q=a&language=",
                "/v1/feeds/articles.rss?language=",
            ] {
                let answer = api.get(&format!("{path}{wrong}")).assert_status(400);
                let mistake = &answer.json()["errors"][0];
                assert_eq!(mistake["code"], "not_a_language", "{path}{wrong}");
                assert!(
                    mistake["detail"]
                        .as_str()
                        .unwrap()
                        .contains("registered language tag")
                );
            }
        }
        let admin = api.admin();
        let post = |path: &str, document: Value| api.post(path, &admin, &document);
        let article = article("stori", json!({"language": "CY-gb"}));
        post("/v1/articles", article).assert_status(201);
        assert_eq!(api.data("/v1/articles/stori")["language"], "cy-GB");
        assert_eq!(slugs("cy-gb"), 1);
        let texts = |language: &str| json!({"language": language, "name": "N"});
        for (path, document, pointer) in [
            (
                "/v1/topics",
                json!({"slug": "t", "name": "T", "language": "xx"}),
                "#/language",
            ),
            (
                "/v1/topics",
                json!({"slug": "t", "name": "T", "other_languages": [texts("en")]}),
                "#/other_languages",
            ),
            (
                "/v1/groups",
                json!({"slug": "t", "name": "T", "other_languages": [texts("cy"), texts("CY")]}),
                "#/other_languages",
            ),
            (
                "/v1/organisations",
                json!({"slug": "t", "name": "T", "other_languages": [texts("welsh")]}),
                "#/other_languages/0/language",
            ),
        ] {
            let answer = post(path, document).assert_status(422);
            assert_eq!(
                answer.json()["errors"][0]["pointer"],
                pointer,
                "{}",
                answer.text()
            );
        }
    });
}

#[test]
fn what_is_withdrawn_shows_no_summary_in_any_language() {
    check(|api| {
        let admin = api.admin();
        api.act(
            "/v1/reports/r/withdraw",
            &admin,
            &json!({"reason": "Mistaken."}),
        )
        .assert_status(200);
        for path in [
            "/v1/reports/r",
            "/v1/reports/r?lang=cy",
            "/v1/articles/news?expand=reports&lang=cy",
        ] {
            let text = api.get(path).assert_status(200).text();
            assert!(
                !text.contains("Byr.") && !text.contains("Short."),
                "{path}: {text}"
            );
        }
        assert_eq!(api.data("/v1/reports/r?lang=cy")["title"], "Am ofal");
    });
}

#[test]
fn pages_are_those_of_the_language() {
    for kind in kinds() {
        let api = Instance::start(kind, Content::Empty, |config| {
            config.page_urls = [
                "organisations=https://site.example/bodies/{slug}",
                "organisations.cy=https://site.example/cy/cyrff/{slug}",
            ]
            .map(str::to_owned)
            .to_vec();
        });
        seed(&api);
        for (path, page) in [
            ("/v1/organisations/body", "https://site.example/bodies/body"),
            (
                "/v1/organisations/body?lang=cy",
                "https://site.example/cy/cyrff/body",
            ),
            (
                "/v1/organisations/plain?lang=cy",
                "https://site.example/bodies/plain",
            ),
        ] {
            assert_eq!(api.data(path)["page_url"], page, "{path}");
        }
    }
}

#[test]
fn titles_of_feeds_say_what_was_asked_for() {
    check(|api| {
        api.import_all(&[
            json!({"type": "topic", "slug": "work", "name": "Work"}),
            json!({"type": "recommendation", "report": "r", "number": "2", "text": "Do more.", "addressees": ["all"],
                "kind": "area_for_improvement", "themes": ["use-of-force"], "response_requirement": "statutory"}),
        ]);
        let title = |path: &str| {
            let feed = api
                .get(&format!("/v1/feeds/{path}"))
                .assert_status(200)
                .json();
            feed["title"].as_str().unwrap().to_owned()
        };
        for (query, expected) in [
            ("", "Articles"),
            (
                "organisation=body&organisation=plain",
                "Articles by The Fictional Body, The Plain Body",
            ),
            ("topic=care&topic=work", "Articles – Care, Work"),
            (
                "every_topic=care&every_topic=work",
                "Articles – Care + Work",
            ),
            (
                "organisation=body&report=r",
                "Articles by The Fictional Body – On care",
            ),
            ("recommendation=r-1", "Articles – Recommendation 1: On care"),
            ("language=en", "Articles – English"),
            ("language=en&language=cy", "Articles – English, Cymraeg"),
            ("language=ur", "Articles – ur"),
            (
                "language=cy&topic=care&recommendation=r-1",
                "Erthyglau – Gofal – Argymhelliad 1: Am ofal – Cymraeg",
            ),
            (
                "language=cy-GB&organisation=body&report=r",
                "Erthyglau gan Y Corff Dychmygol – Am ofal – Cymraeg (cy-GB)",
            ),
        ] {
            assert_eq!(
                title(&format!("articles.json?{query}")),
                expected,
                "{query}"
            );
        }
        for (query, expected) in [
            ("", "Recommendations"),
            (
                "organisation=body&report=r",
                "Recommendations to The Fictional Body – On care",
            ),
            ("group=all", "Recommendations – All bodies"),
            (
                "kind=area_for_improvement&theme=use-of-force",
                "Recommendations – area for improvement – use of force",
            ),
            (
                "response_requirement=statutory",
                "Recommendations – statutory",
            ),
        ] {
            assert_eq!(
                title(&format!("recommendations.json?{query}")),
                expected,
                "{query}"
            );
        }
    });
}

#[test]
fn the_title_and_language_of_a_feed_are_in_every_format() {
    check(|api| {
        let feed = |format: &str| {
            api.get(&format!("/v1/feeds/articles.{format}?language=cy&report=r"))
                .text()
        };
        let title = "Erthyglau – Am ofal – Cymraeg";
        let rss = feed("rss");
        assert!(rss.contains(&format!("<title>{title}</title>")), "{rss}");
        assert!(rss.contains("<language>cy</language>"), "{rss}");
        let atom = feed("atom");
        assert!(atom.contains(&format!("<title>{title}</title>")), "{atom}");
        assert!(atom.contains("xml:lang=\"cy\""), "{atom}");
        let json: Value = serde_json::from_str(&feed("json")).unwrap();
        assert_eq!(
            (&json["title"], &json["language"]),
            (&json!(title), &json!("cy"))
        );
        // a title goes with what it names, and takes no more statements for more names
        let cached = feed("rss");
        api.import(json!({"type": "report", "slug": "r", "title": "On care", "published_on": "2026-01-05", "publishers": ["body"],
            "other_languages": [{"language": "cy", "title": "Gofal da"}]}));
        assert!(cached.contains("Am ofal") && feed("rss").contains("Gofal da"));
        api.import_all(
            &(0..30)
                .map(|n| json!({"type": "topic", "slug": format!("t-{n}"), "name": "T"}))
                .collect::<Vec<_>>(),
        );
        let of = |query: &str| {
            let path = format!("/v1/feeds/articles.json?{query}");
            api.get(&path);
            let token = api.admin();
            api.statements(|| {
                api.get_as(&token, &path).assert_status(200);
            })
        };
        let many: String = (0..30).map(|n| format!("topic=t-{n}&")).collect();
        assert!(
            of(&many) <= of("topic=t-1") + 29,
            "one look-up for each more topic"
        );
    });
}

/// An article and a recommendation in Arabic, with two paragraphs each.
fn right_to_left(api: &Instance) {
    api.import_all(&[
        article("akhbar", json!({"language": "ar", "headline": "خبر خيالي", "summary": "ملخص"})),
        article("bila-nass", json!({"language": "ar", "headline": "خبر آخر", "summary": "سطر\n\nآخر", "body_html": null})),
        json!({"type": "report", "slug": "taqrir", "title": "تقرير", "language": "ar", "published_on": "2026-01-06", "publishers": ["body"]}),
        json!({"type": "recommendation", "report": "taqrir", "number": "1", "text": "افعل هذا.\n\nثم ذاك.", "addressees": ["plain"]}),
    ]);
}

#[test]
fn what_is_written_from_right_to_left_says_so_wherever_it_is_published() {
    check(|api| {
        right_to_left(api);
        let (open, close) = ("<div lang=\"ar\" dir=\"rtl\">", "</div>");
        let item = |collection: &str, id: &str| {
            let feed = api.get(&format!("/v1/feeds/{collection}.json")).json();
            let items = feed["items"].as_array().unwrap().clone();
            let of = |item: &&Value| item["title"].as_str().unwrap().contains(id);
            items.iter().find(of).unwrap().clone()
        };
        let html = |words: &str| json!(format!("{open}{words}{close}"));
        assert_eq!(
            item("articles", "خيالي")["content_html"],
            html("<p>Words.</p>")
        );
        assert_eq!(
            item("articles", "آخر")["content_html"],
            html("<p>سطر</p><p>آخر</p>")
        );
        assert_eq!(item("articles", "آخر")["content_text"], "سطر\n\nآخر");
        let recommended = item("recommendations", "تقرير");
        assert_eq!(
            recommended["content_html"],
            html("<p>افعل هذا.</p><p>ثم ذاك.</p>")
        );
        assert_eq!(item("articles", "news")["content_html"], "<p>Words.</p>");
        let escaped = |words: &str| words.replace('<', "&lt;").replace('>', "&gt;");
        for collection in ["articles", "recommendations"] {
            for format in ["rss", "atom"] {
                let feed = api.get(&format!("/v1/feeds/{collection}.{format}")).text();
                let feed = feed.replace("&quot;", "\"");
                assert!(
                    feed.contains(&escaped(open)),
                    "{collection} {format}: {feed}"
                );
            }
        }
        let atom = api
            .get("/v1/feeds/articles.atom")
            .text()
            .replace("&quot;", "\"");
        let summary = format!("<summary type=\"html\">{}ملخص", escaped(open));
        assert!(atom.contains(&summary), "{atom}");
        assert!(atom.matches("<content").count() == atom.matches("<entry").count());
        for (kind, slug, quoted) in [
            ("articles", "akhbar", "<p>ملخص</p>"),
            (
                "recommendations",
                "taqrir-1",
                "<p>افعل هذا.</p><p>ثم ذاك.</p>",
            ),
        ] {
            let shown = api
                .get(&format!("/v1/oembed?url={}/v1/{kind}/{slug}", api.base))
                .json();
            let shown = shown["html"].as_str().unwrap();
            assert!(shown.contains(" lang=\"ar\" dir=\"rtl\">"), "{shown}");
            assert!(shown.contains(quoted) || kind == "articles", "{shown}");
        }
        for (slug, direction) in [("akhbar", "rtl"), ("news", "ltr")] {
            let path = format!("/v1/articles/{slug}");
            assert_eq!(api.data(&path)["text_direction"], direction);
            let linked = api
                .get_with(&path, &[("accept", "application/ld+json")])
                .json();
            assert_eq!(
                linked["rdf:direction"] == "rtl",
                direction == "rtl",
                "{linked}"
            );
        }
    });
}
