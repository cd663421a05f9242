//! Search without words, by date, with facets that several values are chosen of; and what comes first.

use serde_json::{Value, json};

use crate::support::{Instance, both, both_empty, eventually, texts, with};

/// Waits until everything that was written so far is in the index.
fn settle(api: &Instance) {
    let slug = format!("settled-{}", uuid::Uuid::new_v4().simple());
    api.import(json!({"type": "topic", "slug": slug, "name": slug}));
    api.import(json!({"type": "organisation", "slug": slug, "name": slug}));
    eventually(|| {
        let hits = api.get(&format!("/v1/search?q={slug}"));
        match hits.status == 200 && hits.json()["data"][0]["slug"] == slug {
            true => Ok(()),
            false => Err(hits.text()),
        }
    });
}

fn article(slug: &str, more: Value) -> Value {
    let article = json!({"type": "article", "slug": slug, "headline": slug, "organisation": "body",
        "published_at": "2026-02-01T09:00:00Z", "body_html": "<p>Zebra.</p>"});
    with(article, more)
}

fn seed(api: &Instance) {
    let mut records = vec![
        json!({"type": "organisation", "slug": "body", "name": "The Fictional Body", "acronym": "FB"}),
        json!({"type": "organisation", "slug": "other", "name": "The Other Body"}),
        json!({"type": "topic", "slug": "care", "name": "Care"}),
        json!({"type": "topic", "slug": "work", "name": "Work"}),
        json!({"type": "report", "slug": "r", "title": "On zebras", "published_on": "2025-03-31", "publishers": ["body"]}),
        json!({"type": "recommendation", "report": "r", "number": "15", "text": "Count each zebra.", "addressees": ["other"]}),
        json!({"type": "response", "report": "r", "responder": "other", "published_on": "2025-05-01",
            "covers": [{"number": "15", "position": "accepted", "text": "Quaggas were counted instead."}]}),
    ];
    records.extend([
        article("a", json!({"topics": ["care"], "published_at": "2024-12-31T23:59:00Z"})),
        article("b", json!({"topics": ["care", "work"]})),
        article("c", json!({"topics": ["work"], "organisation": "other", "published_at": "2026-06-30T23:30:00Z"})),
    ]);
    api.import_all(&records);
    settle(api);
}

fn slugs(api: &Instance, query: &str) -> Vec<String> {
    texts(&api.data(&format!("/v1/search?{query}")), "slug")
}

/// The values of a facet, with their counts.
fn facet(api: &Instance, query: &str, name: &str) -> String {
    let body = api
        .get(&format!("/v1/search?{query}&facet={name}"))
        .assert_status(200)
        .json();
    let values = body["facets"][0]["values"].as_array().unwrap().iter();
    let values = values.map(|one| format!("{} {}", one["value"].as_str().unwrap(), one["count"]));
    values.collect::<Vec<_>>().join(", ")
}

#[test]
fn filters_alone_list_records_from_the_newest_on() {
    both_empty(|api| {
        seed(api);
        assert_eq!(slugs(api, "type=article"), ["c", "b", "a"]);
        assert_eq!(
            slugs(api, "type=article&sort=published_at"),
            ["a", "b", "c"]
        );
        assert_eq!(
            slugs(api, "q=zebra&type=article&sort=-published_at"),
            ["c", "b", "a"]
        );
        assert_eq!(slugs(api, "topic=care"), ["b", "a"]);
        let body = api.get("/v1/search?topic=care&count=exact").json();
        assert_eq!(
            (&body["page"]["count"], &body["has_all_words"]),
            (&json!(2), &json!(true))
        );
        assert_eq!(body["data"][0].get("title_html"), None);
        // one page after the other
        let walked = api.walk("/v1/search?type=article&limit=1");
        let walked: Vec<String> = walked
            .iter()
            .flat_map(|page| texts(&page.json()["data"], "slug"))
            .collect();
        assert_eq!(walked, ["c", "b", "a"]);
        let all = api.get("/v1/search?count=exact").json();
        assert!(all["page"]["count"].as_i64().unwrap() > 8, "{all}");
        assert_eq!(slugs(api, "q=-other&type=article"), ["c", "b", "a"]);
    });
}

#[test]
fn a_facet_ignores_its_own_filter_only() {
    both_empty(|api| {
        seed(api);
        assert_eq!(facet(api, "type=article", "topic"), "care 2, work 2");
        assert_eq!(
            facet(api, "type=article&topic=care", "topic"),
            "care 2, work 2"
        );
        assert_eq!(
            facet(api, "type=article&topic=care&organisation=other", "topic"),
            "work 1"
        );
        assert_eq!(
            facet(api, "topic=care&organisation=other", "organisation"),
            "body 2"
        );
        assert_eq!(facet(api, "topic=care", "type"), "article 2");
        assert_eq!(
            facet(api, "q=zebra&type=report", "type"),
            "article 3, recommendation 1, report 1"
        );
        // several at once, in the order of the document
        let body = api.get("/v1/search?topic=care&facet=topic,type").json();
        assert_eq!(texts(&body["facets"], "name"), ["type", "topic"]);
    });
}

#[test]
fn years_and_months_are_those_of_the_united_kingdom() {
    both_empty(|api| {
        seed(api);
        // 23:30 UTC on 30 June is July in summer time
        assert_eq!(facet(api, "type=article", "year"), "2026 2, 2024 1");
        assert_eq!(
            facet(api, "type=article", "month"),
            "2026-07 1, 2026-02 1, 2024-12 1"
        );
        assert_eq!(
            facet(api, "type=article&year=2024", "year"),
            "2026 2, 2024 1"
        );
        assert_eq!(slugs(api, "month=2026-07"), ["c"]);
        assert_eq!(
            slugs(
                api,
                "year=2024&year=2025&sort=published_at&type=article&type=report"
            ),
            ["a", "r"]
        );
        for wrong in [
            "year=24",
            "year=20255",
            "year=0000",
            "month=2024-13",
            "month=2024",
        ] {
            let (name, _) = wrong.split_once('=').unwrap();
            api.get(&format!("/v1/search?{wrong}"))
                .assert_invalid_query(name);
        }
    });
}

#[test]
fn all_values_of_a_facet_are_reached_in_pages() {
    both_empty(|api| {
        seed(api);
        let topics = (0..45).map(
            |n| json!({"type": "topic", "slug": format!("t-{n:02}"), "name": format!("T {n}")}),
        );
        let mut records: Vec<Value> = topics.collect();
        records.extend(
            (0..45).map(|n| article(&format!("n-{n}"), json!({"topics": [format!("t-{n:02}")]}))),
        );
        api.import_all(&records);
        settle(api);
        let body = api
            .get("/v1/search?type=article&topic=care&facet=topic,type&limit=5")
            .json();
        let (topic, of_type) = (&body["facets"][1], &body["facets"][0]);
        assert_eq!(
            (&topic["has_more"], &of_type["has_more"]),
            (&json!(true), &json!(false))
        );
        assert_eq!(topic["values"].as_array().unwrap().len(), 20);
        let url = topic["url"].as_str().unwrap();
        assert!(
            url.ends_with("/v1/search/facets/topic?topic=care&type=article"),
            "{url}"
        );
        let pages = api.walk(&format!("{url}&limit=20"));
        let values: Vec<Value> = pages
            .iter()
            .flat_map(|page| page.json()["data"].as_array().unwrap().clone())
            .collect();
        assert_eq!(values.len(), 47);
        let first = format!("{} {}", values[0]["value"], values[0]["count"]);
        assert!(
            ["\"care\" 2", "\"work\" 2"].contains(&first.as_str()),
            "{first}"
        );
        let mut known: Vec<&str> = values
            .iter()
            .map(|one| one["value"].as_str().unwrap())
            .collect();
        known.sort_unstable();
        known.dedup();
        assert_eq!(known.len(), 47);
        let counted = api.get(&format!("{url}&count=exact")).json();
        assert_eq!(counted["page"]["count"], 47);
        api.get("/v1/search/facets/colour?type=article")
            .assert_status(404);
    });
}

#[test]
fn an_exact_name_or_acronym_comes_first_whatever_the_size() {
    both_empty(|api| {
        seed(api);
        let mut records: Vec<Value> = (0..300)
            .map(|n| article(&format!("fb-{n}"), json!({"headline": "FB FB FB and the fictional body", "summary": "FB ".repeat(50)})))
            .collect();
        records.extend((0..20).map(|n| json!({"type": "organisation", "slug": format!("fb-body-{n}"), "name": format!("FB {n} The Fictional Body FB")})));
        api.import_all(&records);
        settle(api);
        for query in [
            "q=FB",
            "q=fb",
            "q=the%20fictional%20body",
            "q=The+F%C3%ADctional+Body+",
        ] {
            assert_eq!(slugs(api, query)[0], "body", "{query}");
        }
        for query in ["name=fb", "name=FB", "name=the%20f%C3%ADctional%20body"] {
            let listed = texts(&api.data(&format!("/v1/organisations?{query}")), "slug");
            assert_eq!(slugs(api, query), listed, "{query}");
        }
        let suggested = texts(&api.data("/v1/search/suggestions?q=fb"), "slug");
        assert_eq!(suggested[0], "body");
        assert_eq!(slugs(api, "q=on%20zebras")[0], "r");
    });
}

#[test]
fn hits_have_titles_that_say_what_they_are() {
    both_empty(|api| {
        seed(api);
        let title = |query: &str| api.data(&format!("/v1/search?{query}"))[0]["title"].clone();
        assert_eq!(
            title("q=zebra&type=recommendation"),
            "Recommendation 15: On zebras"
        );
        assert_eq!(title("q=quaggas"), "Response (The Other Body): On zebras");
        let hit = &api.data("/v1/search?q=zebra&type=recommendation")[0];
        assert_eq!(
            hit["title_html"],
            "Recommendation 15: On <mark>zebras</mark>"
        );
    });
}

#[test]
fn responses_are_found_by_their_words_while_they_are_public() {
    both_empty(|api| {
        seed(api);
        let hits = api.data("/v1/search?q=quaggas");
        assert_eq!(
            (&hits[0]["type"], &hits[0]["report"]["slug"]),
            (&json!("response"), &json!("r"))
        );
        assert!(
            hits[0]["extract_html"]
                .as_str()
                .unwrap()
                .contains("<mark>Quaggas</mark>")
        );
        let id = hits[0]["id"].as_str().unwrap().to_owned();
        for filter in [
            "organisation=other",
            "report=r",
            "recommendation=r-15",
            "kind=full",
            "year=2025",
            "type=response",
        ] {
            assert_eq!(
                slugs(api, &format!("q=quaggas&{filter}")),
                [id.as_str()],
                "{filter}"
            );
        }
        assert_eq!(slugs(api, "q=quaggas&organisation=body"), [""; 0]);
        let admin = api.admin();
        api.act(
            "/v1/reports/r/withdraw",
            &admin,
            &json!({"reason": "Mistaken."}),
        )
        .assert_status(200);
        assert_eq!(slugs(api, "q=quaggas"), [""; 0]);
        settle(api);
        let body = api.get("/v1/search?q=quaggas&count=exact").json();
        assert_eq!(body["page"]["count"], 0, "{body}");
        assert_eq!(body["has_all_words"], false);
    });
}

#[test]
fn beginnings_of_words_are_found_in_bodies() {
    both_empty(|api| {
        seed(api);
        api.import_all(&[
            article(
                "stem",
                json!({"body_html": "<p>About discrimination in Exampleshire.</p>"}),
            ),
            article(
                "zh",
                json!({"language": "zh", "body_html": "<p>警察回应</p>"}),
            ),
            article(
                "ko",
                json!({"language": "ko", "body_html": "<p>경찰청장</p>"}),
            ),
            article(
                "he",
                json!({"language": "he", "body_html": "<p>דובר צה\"ל הודיע על מש\u{5f4}ט</p>"}),
            ),
            article(
                "marks",
                json!({"language": "he", "body_html": "<p>רס\u{201c}ן ג\u{5f3}ורג\u{5f3}</p>"}),
            ),
            article(
                "curly",
                json!({"language": "he", "body_html": "<p>מנכ\u{201d}ל ו\u{201c}אחר\u{201d}</p>"}),
            ),
        ]);
        settle(api);
        for (typed, slug) in [
            ("discr", "stem"),
            ("discriminati", "stem"),
            ("discrimination", "stem"),
            ("警", "zh"),
            ("경", "ko"),
            ("הו", "he"),
            ("צה\"ל", "he"),
            ("צה\u{5f4}ל", "he"),
            ("צה\u{201d}ל", "he"),
            ("צהל", "he"),
            ("\"דובר צה\"ל\"", "he"),
            ("מנכ\"ל", "curly"),
            ("מנכ\u{201d}ל", "curly"),
            ("אחר", "curly"),
            ("רס\"ן", "marks"),
            ("ג'ורג'", "marks"),
            ("ג\u{2019}ורג\u{2019}", "marks"),
        ] {
            let typed_in: String = url::form_urlencoded::byte_serialize(typed.as_bytes()).collect();
            assert_eq!(slugs(api, &format!("q={typed_in}")), [slug], "{typed}");
        }
        let hit = &api.data("/v1/search?q=discriminati")[0];
        assert!(
            hit["extract_html"]
                .as_str()
                .unwrap()
                .contains("<mark>discrimination</mark>")
        );
        assert_eq!(
            slugs(api, "q=discriminatory"),
            [""; 0],
            "no beginning of it"
        );
    });
}

#[test]
fn has_all_words_is_said_only_of_results_that_have_them() {
    both_empty(|api| {
        seed(api);
        let long = format!("q={}", "zebra+".repeat(30));
        for (query, is_true) in [
            ("q=zebra", true),
            ("q=zebra+each", true),
            ("q=zeb", true),
            ("q=zebra+unknownword", false),
            ("q=fictonal", false),
            ("q=nothinglikeit", false),
            (&long, false),
        ] {
            let body = api
                .get(&format!("/v1/search?{query}"))
                .assert_status(200)
                .json();
            assert_eq!(body["has_all_words"], is_true, "{query}: {body}");
        }
    });
}

#[test]
fn a_filter_that_cannot_match_a_type_is_refused() {
    both(|api| {
        settle(api);
        for (query, parameter) in [
            ("type=organisation&topic=stalking", "topic"),
            ("type=article&theme=victims", "theme"),
            ("type=article&type=report&topic=stalking", "topic"),
            ("type=organisation&year=2024", "year"),
            ("type=recommendation&language=en", "language"),
        ] {
            for path in ["/v1/search?q=a&", "/v1/search?", "/v1/search/facets/type?"] {
                let answer = api.get(&format!("{path}{query}")).assert_status(400);
                let mistake = &answer.json()["errors"][0];
                assert_eq!(
                    (&mistake["parameter"], &mistake["code"]),
                    (&json!(parameter), &json!("does_not_apply")),
                    "{query}"
                );
            }
        }
    });
}
