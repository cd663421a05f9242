//! Lists: every list can be paged through, in order.

use crate::support::{both, time};

/// Every list of the API.
pub const LISTS: [&str; 14] = [
    "/v1/articles",
    "/v1/organisations",
    "/v1/groups",
    "/v1/topics",
    "/v1/reports",
    "/v1/recommendations",
    "/v1/responses",
    "/v1/action-plans",
    "/v1/progress-updates",
    "/v1/assessments",
    "/v1/organisations/essex-police/obligations",
    "/v1/recommendations/stalking-super-complaint-2024-7/obligations",
    "/v1/organisations/iopc/articles",
    "/v1/reports/exampleshire-custody-2025/recommendations",
];

#[test]
fn a_walk_sees_each_record_once_whatever_the_page_size() {
    both(|api| {
        for path in LISTS {
            let whole = api.get(&format!("{path}?limit=100&count=exact"));
            let ids = whole.column("id");
            assert!(!ids.is_empty(), "{path}");
            assert_eq!(whole.count(), ids.len(), "{path}");
            for limit in [1, 3, 7] {
                let pages = api.walk(&format!("{path}?limit={limit}"));
                let walked: Vec<String> = pages.iter().flat_map(|page| page.column("id")).collect();
                assert_eq!(walked, ids, "{path} by {limit}");
                // and backwards
                let mut back = Vec::new();
                let mut page = pages.last().unwrap().previous_page();
                while let Some(address) = page {
                    let answer = api.get(&address);
                    back.splice(0..0, answer.column("id"));
                    page = answer.previous_page();
                }
                let last = pages.last().unwrap().column("id").len();
                assert_eq!(back, ids[..ids.len() - last], "{path} back by {limit}");
            }
        }
    });
}

#[test]
fn a_walk_sees_each_row_once_while_rows_are_inserted() {
    use proptest::test_runner::{Config, TestRunner};
    both(|api| {
        let mut runner = TestRunner::new(Config {
            cases: 6,
            failure_persistence: None,
            ..Config::default()
        });
        let rounds = std::cell::Cell::new(0);
        let strategy = (
            1_i64..9,
            proptest::collection::vec(-400_i64..400, 1..12),
            proptest::bool::ANY,
        );
        let result = runner.run(&strategy, |(limit, days, ascending)| {
            rounds.set(rounds.get() + 1);
            let round = rounds.get();
            let sort = if ascending { "published_at" } else { "-published_at" };
            let before = api.get("/v1/articles?limit=100&fields=slug").column("slug");
            let mut seen: Vec<String> = Vec::new();
            let mut next = Some(format!("/v1/articles?limit={limit}&sort={sort}&fields=slug"));
            let mut days = days.into_iter().enumerate();
            while let Some(page) = next {
                let answer = api.get(&page);
                seen.extend(answer.column("slug"));
                if let Some((number, offset)) = days.next() {
                    let at = time("2024-12-01T00:00:00Z") + chrono::Duration::days(offset);
                    api.import(serde_json::json!({"type": "article", "slug": format!("r{round}-{number}"), "headline": "Inserted", "published_at": at, "organisation": "iopc"}));
                }
                next = answer.next_page();
            }
            let mut once = seen.clone();
            once.sort();
            once.dedup();
            proptest::prop_assert_eq!(once.len(), seen.len(), "a row twice");
            proptest::prop_assert!(before.iter().all(|slug| seen.contains(slug)), "a row was left out");
            Ok(())
        });
        result.unwrap();
    });
}
