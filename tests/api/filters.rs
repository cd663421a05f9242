//! Sorts and filters, each compared with the same selection made here from the whole list.

use serde_json::{Value, json};
use std::collections::BTreeSet;

use crate::support::{Content, Instance, both, both_empty, contract, eventually, kinds, with};

fn all_records(api: &Instance, list: &str, more: &str) -> Vec<Value> {
    api.walk_records(&format!("{list}?limit=100{more}"))
}

fn slugs<'a>(records: impl IntoIterator<Item = &'a Value>) -> BTreeSet<String> {
    records
        .into_iter()
        .map(|record| record["slug"].as_str().unwrap().to_owned())
        .collect()
}

/// Every string at a path such as `topics.slug`, through arrays.
fn texts(record: &Value, place: &str) -> Vec<String> {
    let mut values = vec![record.clone()];
    for member in place.split('.') {
        let inner = values.into_iter().map(|value| value[member].clone());
        values = inner
            .flat_map(|value| value.as_array().cloned().unwrap_or_else(|| vec![value]))
            .collect();
    }
    values
        .into_iter()
        .filter_map(|value| value.as_str().map(str::to_owned))
        .collect()
}

#[test]
fn every_sort_sorts() {
    both(|api| {
        for list in [
            "/v1/articles",
            "/v1/organisations",
            "/v1/groups",
            "/v1/topics",
            "/v1/reports",
            "/v1/recommendations",
        ] {
            for sort in contract::parameter_values(list, "sort") {
                let member = sort.trim_start_matches('-');
                let key = |record: &Value| {
                    let text = record[member].as_str().unwrap();
                    match member {
                        "number" => answerable::platform::values::number_key(text),
                        // as people sort them; the demo's names have no accents
                        "name" | "title" => format!("{}\u{1}{text}", text.to_lowercase()),
                        _ => text.to_owned(),
                    }
                };
                let records = all_records(api, list, &format!("&sort={sort}"));
                let keys: Vec<String> = records.iter().map(key).collect();
                let mut sorted = keys.clone();
                sorted.sort();
                if sort.starts_with('-') {
                    sorted.reverse();
                }
                assert_eq!(keys, sorted, "{list} {sort}");
            }
        }
    });
}

#[test]
fn every_value_filter_selects_exactly_the_matching_records() {
    let filters = [
        (
            "/v1/articles",
            "",
            "organisation",
            "organisation.slug,co_publishers.slug",
        ),
        ("/v1/articles", "", "topic", "topics.slug"),
        ("/v1/articles", "", "report", "reports.slug"),
        ("/v1/articles", "", "recommendation", "recommendations.slug"),
        ("/v1/articles", "", "language", "language"),
        ("/v1/articles", "", "original_url", "original_url"),
        ("/v1/organisations", "", "kind", "kind"),
        ("/v1/organisations", "", "parent", "parent.slug"),
        ("/v1/organisations", "", "name", "name,acronym,names.name"),
        ("/v1/groups", "", "member", "members.organisation.slug"),
        ("/v1/topics", "", "parent", "parent.slug"),
        ("/v1/reports", "", "publisher", "publishers.slug"),
        (
            "/v1/reports",
            "",
            "complainant_body",
            "complainant_body.slug",
        ),
        ("/v1/reports", "", "kind", "kind"),
        ("/v1/recommendations", "", "report", "report.slug"),
        (
            "/v1/recommendations",
            "&expand=addressed_organisations",
            "organisation",
            "addressed_organisations.slug",
        ),
        ("/v1/recommendations", "", "kind", "kind"),
        ("/v1/recommendations", "", "theme", "themes"),
        (
            "/v1/recommendations",
            "",
            "response_requirement",
            "response_requirement",
        ),
    ];
    both(|api| {
        for (list, more, parameter, places) in filters {
            let all = all_records(api, list, more);
            let of = |record: &Value| {
                places
                    .split(',')
                    .flat_map(|place| texts(record, place))
                    .collect::<BTreeSet<_>>()
            };
            let values: BTreeSet<String> = all.iter().flat_map(&of).collect();
            assert!(
                !values.is_empty(),
                "{list} {parameter}: nothing to filter by"
            );
            for value in values.iter().take(12) {
                let encoded: String =
                    url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
                let found = api.get(&format!(
                    "{list}?limit=100&count=exact&{parameter}={encoded}"
                ));
                let expected = slugs(all.iter().filter(|record| of(record).contains(value)));
                let counted = (slugs(&found.records()), found.count());
                let count = expected.len();
                assert_eq!(counted, (expected, count), "{list}?{parameter}={value}");
            }
            // several values match any of them
            let two: Vec<&String> = values.iter().take(2).collect();
            if two.len() == 2 && !["name", "original_url"].contains(&parameter) {
                let query = format!("{parameter}={}&{parameter}={}", two[0], two[1]);
                let found = api.get(&format!("{list}?limit=100&{query}"));
                let is_of_either =
                    |record: &&Value| two.iter().any(|value| of(record).contains(*value));
                let expected = slugs(all.iter().filter(is_of_either));
                assert_eq!(slugs(&found.records()), expected, "{list}?{query}");
            }
        }
    });
}

#[test]
fn ranges_include_their_start_and_exclude_their_end() {
    let ranges = [
        ("/v1/articles", "published", "published_at"),
        ("/v1/articles", "updated", "updated_at"),
        ("/v1/reports", "published", "published_on"),
        ("/v1/recommendations", "published", "published_on"),
        ("/v1/recommendations", "due", "stated_due_on"),
    ];
    both(|api| {
        for (list, name, member) in ranges {
            let all = all_records(api, list, "");
            let mut values: Vec<&str> = all
                .iter()
                .filter_map(|record| record[member].as_str())
                .collect();
            values.sort_unstable();
            let (low, high) = (values[values.len() / 3], values[values.len() * 2 / 3]);
            let query = format!("{name}_from={low}&{name}_before={high}");
            let found = api.get(&format!("{list}?limit=100&{query}"));
            let is_within = |at: &str| low <= at && at < high;
            let expected = all
                .iter()
                .filter(|record| record[member].as_str().is_some_and(is_within));
            assert_eq!(slugs(&found.records()), slugs(expected), "{list}?{query}");
        }
    });
}

#[test]
fn identifiers_and_references_match_with_their_scheme() {
    both(|api| {
        let found = |path: &str| api.get(path).column("slug");
        assert_eq!(
            found("/v1/organisations?identifier=exampleshire-register:EX-0100"),
            ["exampleshire-police"]
        );
        assert!(found("/v1/organisations?identifier=other:EX-0100").is_empty());
        assert_eq!(
            found("/v1/reports?reference=exampleshire-oversight:EOO/2025/3"),
            ["exampleshire-custody-2025"]
        );
        api.get("/v1/reports?reference=EOO")
            .problem(400, "invalid-query");
        assert_eq!(
            found("/v1/organisations?name=Independent%20Police%20Complaints%20Commission"),
            ["iopc"]
        );
        let group = found("/v1/recommendations?group=exampleshire-forces&limit=100");
        assert!(
            group.len() >= 4
                && group
                    .iter()
                    .all(|slug| slug.starts_with("exampleshire-custody")),
            "{group:?}"
        );
    });
}

#[test]
fn different_filters_are_combined_with_and() {
    both(|api| {
        let all = all_records(api, "/v1/articles", "");
        let found = api.data("/v1/articles?limit=100&organisation=iopc&topic=stalking&published_from=2024-12-01T00:00:00Z");
        let expected = all.iter().filter(|record| {
            let has = |place: &str, value: &str| texts(record, place).contains(&value.to_owned());
            (has("organisation.slug", "iopc") || has("co_publishers.slug", "iopc"))
                && has("topics.slug", "stalking")
                && record["published_at"].as_str().unwrap() >= "2024-12-01"
        });
        let expected = slugs(expected);
        assert!(!expected.is_empty());
        assert_eq!(slugs(found.as_array().unwrap()), expected);
    });
}

#[test]
fn nested_lists_equal_the_filtered_lists() {
    both(|api| {
        let pairs = [
            (
                "/v1/organisations/iopc/articles?limit=100",
                "/v1/articles?limit=100&organisation=iopc",
            ),
            (
                "/v1/reports/exampleshire-custody-2025/recommendations?limit=100",
                "/v1/recommendations?limit=100&sort=number&report=exampleshire-custody-2025",
            ),
        ];
        for (below, filtered) in pairs {
            assert_eq!(api.data(below), api.data(filtered), "{below}");
        }
    });
}

#[test]
fn the_link_header_matches_the_page_links() {
    both(|api| {
        let first = api.get("/v1/articles?limit=5&topic=stalking&count=exact");
        let next = first.next_page().unwrap();
        assert_eq!(first.header("link"), format!("<{next}>; rel=\"next\""));
        assert!(next.contains("topic=stalking") && next.contains("limit=5"));
        let second = api.get(&next);
        let (prev, next) = (second.previous_page().unwrap(), second.next_page());
        assert!(
            second
                .header("link")
                .contains(&format!("<{prev}>; rel=\"prev\"")),
            "{}",
            second.header("link")
        );
        assert_eq!(second.count(), first.count());
        assert_eq!(
            next.is_some(),
            second.json()["page"]["has_more"].as_bool().unwrap()
        );
        assert_eq!(api.data(&prev), first.data());
    });
}

#[test]
fn urls_in_responses_use_the_configured_public_url() {
    for kind in kinds() {
        let api = Instance::start(kind, Content::Demo, |config| {
            config.public_url = Some("https://api.watch.example/oversight/".to_owned());
        });
        let page = api.get_with("/v1/articles?limit=1", &[("Host", "evil.example")]);
        assert!(
            page.next_page()
                .unwrap()
                .starts_with("https://api.watch.example/oversight/v1/articles?")
        );
        assert!(page.header("strict-transport-security").contains("max-age"));
        let problem = api.get("/v1/articles/nobody").json();
        assert_eq!(
            problem["type"],
            "https://api.watch.example/oversight/problems/not-found"
        );
    }
}

#[test]
fn a_former_slug_in_a_parameter_redirects_to_the_new_one() {
    both_empty(|api| {
        let body = |slug: &str| json!({"type": "organisation", "slug": slug, "name": slug});
        let article = json!({"type": "article", "slug": "story", "headline": "Story", "organisation": "old", "published_at": "2026-11-01T09:00:00Z"});
        let merged = json!({"type": "organisation", "slug": "twin", "name": "Twin"});
        api.import_all(&[body("old"), merged.clone(), article]);
        let id = api.get("/v1/organisations/old").id();
        api.import(with(body("new"), json!({"id": id})));
        api.import(with(merged, json!({"state": "gone", "merged_into": "new"})));
        eventually(|| {
            let answer = api.get("/v1/search?q=story");
            (answer.status != 503).then_some(()).ok_or(answer.text())
        });
        for (path, rest) in [
            ("/v1/articles", "limit=5&organisation=X&fields=id"),
            ("/v1/articles", "organisation=new&organisation=X"),
            ("/v1/organisations", "parent=X"),
            ("/v1/recommendations", "organisation=X"),
            ("/v1/obligations", "organisation=X"),
            ("/v1/groups", "member=X"),
            ("/v1/reports", "publisher=X"),
            ("/v1/responses", "responder=X"),
            ("/v1/feeds/articles.atom", "organisation=X"),
            ("/v1/embeds/news", "limit=5&organisation=X"),
            ("/v1/deadlines.ics", "due_from=2026-01-01&organisation=X"),
            ("/v1/exports/articles.ndjson", "organisation=X"),
            ("/v1/search", "q=a+b&organisation=X"),
            ("/v1/attributions", "organisation=X"),
        ] {
            for former in ["old", "twin"] {
                let asked = format!("{path}?{}", rest.replace('X', former));
                let answer = api.get(&asked).assert_status(308);
                let wanted = format!("{}{path}?{}", api.base, rest.replace('X', "new"));
                assert_eq!(answer.header("location"), wanted, "{asked}");
                let to = wanted.strip_prefix(&api.base).unwrap();
                api.send("GET", to, &[]).assert_status(200);
            }
        }
        // a slug that never was is still an error, whatever else is named
        let mixed = api.get("/v1/articles?organisation=old&organisation=none");
        assert_eq!(mixed.mistakes()[0].1, "unknown_reference");
    });
}
