//! Lists: every one answers, page by page, in order.

use crate::support::both;

/// Every list of the API.
pub const LISTS: [&str; 8] = [
    "/v1/articles",
    "/v1/organisations",
    "/v1/groups",
    "/v1/topics",
    "/v1/reports",
    "/v1/recommendations",
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
            assert_eq!(whole.json()["page"]["count"], ids.len(), "{path}");
            for limit in [1, 3, 7] {
                let pages = api.walk(&format!("{path}?limit={limit}"));
                let walked: Vec<String> = pages.iter().flat_map(|page| page.column("id")).collect();
                assert_eq!(walked, ids, "{path} by {limit}");
                // and back again
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
