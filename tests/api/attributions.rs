//! Attributions: the terms under which articles may be republished.

use serde_json::{Value, json};

use crate::support::{both, both_empty, time};

#[test]
fn every_article_shows_its_licence_and_attribution_and_the_list_counts_them() {
    both(|api| {
        let mut counted = std::collections::BTreeMap::new();
        for page in api.walk("/v1/articles?limit=100") {
            for listed in page.data().as_array().unwrap() {
                let article = api.get(&format!("/v1/articles/{}", listed["id"].as_str().unwrap()));
                let article = article.data();
                assert_eq!(article.get("licence"), listed.get("licence"));
                assert_eq!(article.get("attribution"), listed.get("attribution"));
                let member = |name: &str| article[name].as_str().map(str::to_owned);
                let publisher = article["organisation"]["slug"].as_str().unwrap().to_owned();
                *counted
                    .entry((publisher, member("licence"), member("attribution")))
                    .or_insert(0) += 1;
            }
        }
        let mut told = std::collections::BTreeMap::new();
        for limit in [1, 3, 100] {
            told.clear();
            let mut names = Vec::new();
            for page in api.walk(&format!("/v1/attributions?limit={limit}")) {
                for one in page.data().as_array().unwrap() {
                    names.push(one["organisation"]["name"].as_str().unwrap().to_owned());
                    assert_eq!(one["has_more_terms"], false);
                    for terms in one["terms"].as_array().unwrap() {
                        let member = |name: &str| terms[name].as_str().map(str::to_owned);
                        let publisher = one["organisation"]["slug"].as_str().unwrap().to_owned();
                        let key = (publisher, member("licence"), member("attribution"));
                        assert_eq!(
                            told.insert(key, terms["article_count"].as_i64().unwrap()),
                            None
                        );
                    }
                }
            }
            assert!(names.is_sorted(), "{names:?}");
            assert_eq!(told, counted, "by {limit}");
        }
        let one = api.get("/v1/attributions?organisation=iopc").data();
        assert_eq!(
            (
                one.as_array().unwrap().len(),
                &one[0]["organisation"]["slug"]
            ),
            (1, &json!("iopc"))
        );
        let answer = api.get("/v1/attributions?organisation=nobody");
        answer.problem(400, "invalid-query");
    });
}

#[test]
fn only_public_articles_count_and_terms_are_capped() {
    both_empty(|api| {
        let mut lines =
            vec![json!({"type": "organisation", "slug": "body", "name": "The Fictional Body"})];
        let mut article = |slug: &str, licence: &str, more: Value| {
            let mut article = json!({"type": "article", "slug": slug, "headline": "Fictional", "organisation": "body",
                "published_at": "2026-11-01T09:00:00Z", "licence": licence});
            article
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            lines.push(article);
        };
        article("draft", "draft", json!({"state": "draft"}));
        article(
            "later",
            "later",
            json!({"published_at": "2026-11-25T09:00:00Z"}),
        );
        article("gone", "gone", json!({"state": "gone"}));
        let withdrawal = json!({"at": "2026-11-02T09:00:00Z", "reason": "Not so."});
        article(
            "withdrawn",
            "withdrawn",
            json!({"state": "withdrawn", "withdrawal": withdrawal}),
        );
        let text: Vec<String> = lines.iter().map(Value::to_string).collect();
        api.import(&text.join("\n"));
        assert_eq!(api.get("/v1/attributions").data(), json!([]));
        api.clock.set(time("2026-11-25T09:00:00Z"));
        assert_eq!(
            api.get("/v1/attributions").data()[0]["terms"],
            json!([{"licence": "later", "article_count": 1}])
        );
        let many: Vec<String> = (0..102)
            .map(|n| json!({"type": "article", "slug": format!("n{n}"), "headline": "Fictional", "organisation": "body",
                "published_at": "2026-11-01T09:00:00Z", "attribution": format!("No {n}")}).to_string())
            .collect();
        api.import(&many.join("\n"));
        api.import(r#"{"type":"article","slug":"twice","headline":"Fictional","organisation":"body","published_at":"2026-11-01T09:00:00Z","attribution":"No 7"}"#);
        let one = api.get("/v1/attributions").data();
        assert_eq!(one[0]["terms"].as_array().unwrap().len(), 100);
        assert_eq!(
            one[0]["terms"][0],
            json!({"attribution": "No 7", "article_count": 2})
        );
        assert_eq!(one[0]["has_more_terms"], true);
    });
}
