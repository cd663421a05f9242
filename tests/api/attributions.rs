//! Attributions: the terms under which articles may be republished.

use serde_json::{Value, json};

use crate::support::{BODY, both, both_empty, time, with};

#[test]
fn every_article_shows_its_licence_and_attribution_and_the_list_counts_them() {
    both(|api| {
        let mut counted = std::collections::BTreeMap::new();
        for page in api.walk("/v1/articles?limit=100") {
            for listed in page.records() {
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
        let mut listed_counts = std::collections::BTreeMap::new();
        for limit in [1, 3, 100] {
            listed_counts.clear();
            let mut names = Vec::new();
            for page in api.walk(&format!("/v1/attributions?limit={limit}")) {
                for one in page.records() {
                    names.push(one["organisation"]["name"].as_str().unwrap().to_owned());
                    assert_eq!(one["has_more_terms"], false);
                    for terms in one["terms"].as_array().unwrap() {
                        let member = |name: &str| terms[name].as_str().map(str::to_owned);
                        let publisher = one["organisation"]["slug"].as_str().unwrap().to_owned();
                        let key = (publisher, member("licence"), member("attribution"));
                        assert_eq!(
                            listed_counts.insert(key, terms["article_count"].as_i64().unwrap()),
                            None
                        );
                    }
                }
            }
            assert!(names.is_sorted(), "{names:?}");
            assert_eq!(listed_counts, counted, "by {limit}");
        }
        let one = api.data("/v1/attributions?organisation=iopc");
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
        let article = |slug: &str, more: Value| {
            let article = json!({"type": "article", "slug": slug, "headline": "Fictional", "organisation": "body",
                "published_at": "2026-11-01T09:00:00Z"});
            with(article, more)
        };
        let withdrawal = json!({"at": "2026-11-02T09:00:00Z", "reason": "Not so."});
        api.import(BODY);
        api.import_all(&[
            article("draft", json!({"licence": "draft", "state": "draft"})),
            article(
                "later",
                json!({"licence": "later", "published_at": "2026-11-25T09:00:00Z"}),
            ),
            article("gone", json!({"licence": "gone", "state": "gone"})),
            article(
                "withdrawn",
                json!({"licence": "withdrawn", "state": "withdrawn", "withdrawal": withdrawal}),
            ),
        ]);
        assert_eq!(api.data("/v1/attributions"), json!([]));
        api.clock.set(time("2026-11-25T09:00:00Z"));
        assert_eq!(
            api.data("/v1/attributions")[0]["terms"],
            json!([{"licence": "later", "article_count": 1}])
        );
        let numbered = |n| article(&format!("n{n}"), json!({"attribution": format!("No {n}")}));
        api.import_all(&(0..102).map(numbered).collect::<Vec<_>>());
        api.import(article("twice", json!({"attribution": "No 7"})));
        let one = api.data("/v1/attributions");
        assert_eq!(one[0]["terms"].as_array().unwrap().len(), 100);
        assert_eq!(
            one[0]["terms"][0],
            json!({"attribution": "No 7", "article_count": 2})
        );
        assert_eq!(one[0]["has_more_terms"], true);
    });
}
