//! Lists: every list can be paged through, in order.

use serde_json::{Value, json};

use crate::support::{both, both_empty, time};

/// Every list of the API.
pub const LISTS: [&str; 15] = [
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
    "/v1/mandates",
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

/// Records with every odd time that is accepted, some of which are the same moment, and those that are refused.
const ODD_TIMES: [&str; 12] = [
    "2016-12-31T23:59:59Z",
    "2016-12-31T23:59:60Z",
    "2016-12-31T23:59:60.5Z",
    "2017-01-01T00:00:00Z",
    "2017-01-01T00:00:00.001Z",
    "2017-01-01T00:00:01Z",
    "2016-12-31T18:59:60-05:00",
    "2017-01-01T00:00:00.0019999+00:00",
    "0001-01-01T00:00:00Z",
    "2024-02-29T23:59:59.999999999Z",
    "2026-03-29T01:30:00+00:00",
    "2026-10-25T01:30:00+01:00",
];
const REFUSED_TIMES: [&str; 6] = [
    "2016-12-31T24:00:00Z",
    "9999-12-31T23:59:59-01:00",
    "0000-12-31T23:59:59Z",
    "2016-12-31T23:59:61Z",
    "+10000-01-01T00:00:00Z",
    "2016-12-31T23:59:60",
];

#[test]
fn a_walk_sees_each_of_1000_oddly_timed_records_once() {
    both_empty(|api| {
        let odd = |n: usize| ODD_TIMES[n % ODD_TIMES.len()];
        let day = |n: usize| &odd(n)[..10];
        let mut documents = vec![
            json!({"type": "organisation", "slug": "body", "name": "A Fictional Body"}),
            json!({"type": "organisation", "slug": "force", "name": "A Fictional Force"}),
        ];
        for n in 0..170 {
            let slug = format!("r-{n:03}");
            let url = format!("https://force.example/{n}");
            documents.extend([
                json!({"type": "article", "slug": format!("a-{n:03}"), "headline": "H", "organisation": "body", "published_at": odd(n), "first_published_at": odd(n + 1)}),
                json!({"type": "report", "slug": slug, "title": "R", "published_on": day(n), "publishers": ["body"]}),
                json!({"type": "recommendation", "report": slug, "number": "1", "text": "T", "addressees": ["force"], "stated_due_on": day(n + 5)}),
                json!({"type": "response", "report": slug, "responder": "force", "published_on": day(n + 3), "covers": [{"number": "1"}]}),
                json!({"type": "action_plan", "report": slug, "organisation": "force", "url": url, "first_seen_on": day(n + 7)}),
                json!({"type": "progress_update", "report": slug, "number": "1", "organisation": "force", "as_at": &day(n)[..[4, 7, 10][n % 3]], "status": "complete"}),
            ]);
        }
        assert!(documents.len() > 1_000);
        api.import_all(&documents);
        for time in REFUSED_TIMES {
            let article = json!({"type": "article", "slug": "late", "headline": "H", "organisation": "body", "published_at": time});
            assert_eq!(api.mistake(article).0, "/published_at", "{time}");
        }
        for collection in [
            "articles?sort=published_at",
            "articles?",
            "articles?sort=-updated_at",
            "reports?",
            "recommendations?",
            "responses?",
            "action-plans?",
            "progress-updates?",
            "obligations?",
        ] {
            let walked: Vec<String> = api
                .walk(&format!("/v1/{collection}&limit=1").replace("?&", "?"))
                .iter()
                .flat_map(|page| page.column("id"))
                .collect();
            let distinct: std::collections::BTreeSet<&String> = walked.iter().collect();
            assert_eq!((walked.len(), distinct.len()), (170, 170), "{collection}");
        }
        let times = api.walk_records("/v1/articles?sort=published_at&limit=100");
        let shown = times
            .iter()
            .map(|one| one["published_at"].as_str().unwrap());
        assert!(shown.clone().all(|time| !time.contains(":60")));
        let moments: Vec<chrono::DateTime<chrono::Utc>> =
            shown.map(|time| time.parse().unwrap()).collect();
        assert!(moments.is_sorted(), "{moments:?}");
        // the formats that write times survive them
        for feed in ["rss", "atom", "json"] {
            api.get(&format!("/v1/feeds/articles.{feed}"))
                .assert_status(200);
        }
        for query in ["as_of=0001-01-01", "as_of=2016-12-31T23:59:60Z"] {
            let answer = api.get(&format!("/v1/reports/r-001?{query}"));
            assert!(
                [200, 404].contains(&answer.status),
                "{query}: {}",
                answer.text()
            );
        }
        for query in [
            "published_from=2016-12-31T23:59:60Z",
            "published_before=9999-12-31T23:59:59Z",
        ] {
            api.get(&format!("/v1/articles?{query}")).assert_status(200);
        }
        for query in [
            "published_from=9999-12-31T23:59:59-01:00",
            "published_from=10000-01-01T00:00:00Z",
        ] {
            api.get(&format!("/v1/articles?{query}"))
                .problem(400, "invalid-query");
        }
        for query in [
            "published_from=%2B10000-01-01",
            "published_from=0000-01-01",
            "as_of=%2B10000-01-01",
            "as_of=9999-12-31",
        ] {
            api.get(&format!("/v1/reports?{query}"))
                .problem(400, "invalid-query");
        }
    });
}

#[test]
fn counts_are_of_what_is_shown_after_a_removal() {
    both(|api| {
        let update = api.data("/v1/progress-updates?limit=1")[0].clone();
        let erased = json!({"type": "organisation", "slug": "example-vale-police", "name": "-", "state": "erased"});
        let path = format!(
            "/v1/recommendations/{}",
            update["recommendation"]["slug"].as_str().unwrap()
        );
        for is_erasure in [true, false] {
            match is_erasure {
                true => drop(api.import(&erased)),
                false => drop(api.delete(&path, &api.admin()).assert_status(204)),
            }
            for list in [
                "responses",
                "action-plans",
                "progress-updates",
                "assessments",
                "obligations",
                "mandates",
            ] {
                let whole = api.get(&format!("/v1/{list}?limit=100&count=exact"));
                assert_eq!(
                    whole.count().min(100),
                    whole.records().len(),
                    "{list} after {path}"
                );
            }
            let matrix = api.data("/v1/reports/exampleshire-custody-2025/coverage");
            let rows = matrix["rows"].as_array().unwrap().iter();
            let cells = rows.flat_map(|row| row["cells"].as_array().unwrap());
            let shown = cells.filter(|cell| !cell.is_null()).count();
            assert_eq!(matrix["totals"]["cells"], shown, "{path}");
        }
        let under = api.get("/v1/progress-updates").records();
        let number = &update["recommendation"]["id"];
        assert!(
            under
                .iter()
                .all(|one| &one["recommendation"]["id"] != number)
        );
    });
}

#[test]
fn records_that_are_named_one_by_one_come_in_that_order() {
    both(|api| {
        let slugs = |path: &str| api.get(path).assert_status(200).column("slug");
        let all = slugs("/v1/organisations?limit=100");
        let mut wanted: Vec<String> = all.iter().rev().step_by(3).cloned().collect();
        wanted.truncate(20);
        let query: Vec<String> = wanted.iter().map(|slug| format!("id={slug}")).collect();
        let path = format!("/v1/organisations?{}", query.join("&"));
        assert_eq!(slugs(&path), wanted);
        let mut sorted: Vec<String> = all
            .into_iter()
            .filter(|slug| wanted.contains(slug))
            .collect();
        assert_eq!(slugs(&format!("{path}&sort=name")), sorted);
        sorted.reverse();
        assert_eq!(slugs(&format!("{path}&sort=-name")), sorted);
        // the other order is another answer, also from the cache
        let backwards = query.iter().rev().cloned().collect::<Vec<_>>().join("&");
        let mut reversed = wanted.clone();
        reversed.reverse();
        for _ in 0..2 {
            assert_eq!(slugs(&format!("/v1/organisations?{backwards}")), reversed);
        }
        api.get(&format!("{path}&limit=19"))
            .assert_invalid_query("limit");
        let counted = api.get(&format!("{path}&count=exact&limit=5&sort=name"));
        assert_eq!(counted.json()["page"]["count"], 20);
        let walked = api.walk(&format!("{path}&limit=5&sort=-name"));
        let walked: Vec<String> = walked.iter().flat_map(|page| page.column("slug")).collect();
        assert_eq!(walked, sorted);

        // ids and slugs, once each; what cannot be shown is left out
        let id = api.get("/v1/organisations/iopc").id();
        let missing = uuid::Uuid::now_v7();
        let path =
            format!("/v1/organisations?id=nobody&id={missing}&id=essex-police&id={id}&id=iopc");
        assert_eq!(slugs(&path), ["essex-police", "iopc"]);
        let admin = api.admin();
        api.patch(
            "/v1/organisations/essex-police",
            &admin,
            &json!({"slug": "police-of-essex"}),
        )
        .assert_status(200);
        assert_eq!(slugs(&path), ["police-of-essex", "iopc"]);
        api.patch(
            "/v1/organisations/essex-police",
            &admin,
            &json!({"slug": "essex-police"}),
        );
        assert_eq!(slugs("/v1/organisations?id=nobody"), [""; 0]);

        // with other filters, on every kind
        assert_eq!(
            slugs("/v1/organisations?id=iopc&id=essex-police&kind=police_force").len(),
            1
        );
        for list in [
            "articles",
            "reports",
            "recommendations",
            "topics",
            "groups",
            "obligations",
            "responses",
        ] {
            let ids = api.get(&format!("/v1/{list}?limit=3")).column("id");
            let backwards: Vec<String> = ids.iter().rev().cloned().collect();
            let query: Vec<String> = backwards.iter().map(|id| format!("id={id}")).collect();
            let found = api
                .get(&format!("/v1/{list}?{}", query.join("&")))
                .assert_status(200);
            assert_eq!(found.column("id"), backwards, "{list}");
        }
        // where the path names a record, the query does not
        for below in [
            "/v1/organisations/iopc/articles",
            "/v1/reports/exampleshire-custody-2025/recommendations",
        ] {
            api.get(&format!("{below}?id=iopc"))
                .assert_invalid_query("id");
        }
        let many = |count: usize| "id=a&".repeat(count);
        api.get(&format!("/v1/topics?{}", many(100)))
            .assert_status(200);
        api.get(&format!("/v1/topics?{}", many(101)))
            .assert_invalid_query("id");
    });
}

#[test]
fn topics_are_combined_by_any_or_by_all_of_them() {
    both_empty(|api| {
        let article = |slug: &str, topics: Value| {
            json!({"type": "article", "slug": slug, "headline": slug, "organisation": "body", "topics": topics,
                "published_at": "2026-01-02T09:00:00Z"})
        };
        api.import_all(&[
            json!({"type": "organisation", "slug": "body", "name": "A Fictional Body"}),
            json!({"type": "topic", "slug": "care", "name": "Care"}),
            json!({"type": "topic", "slug": "work", "name": "Work"}),
            article("care-only", json!(["care"])),
            article("work-only", json!(["work"])),
            article("both", json!(["work", "care"])),
        ]);
        let found = |path: &str| {
            let mut slugs = api.get(path).assert_status(200).column("slug");
            slugs.sort();
            slugs.join(" ")
        };
        let all = "every_topic=care&every_topic=work";
        assert_eq!(
            found("/v1/articles?topic=care&topic=work"),
            "both care-only work-only"
        );
        assert_eq!(found(&format!("/v1/articles?{all}")), "both");
        assert_eq!(found("/v1/articles?every_topic=care&topic=work"), "both");
        assert_eq!(
            found(&format!("/v1/organisations/body/articles?{all}")),
            "both"
        );
        let lines = api
            .get(&format!("/v1/exports/articles.ndjson?{all}"))
            .assert_status(200)
            .text();
        assert_eq!(lines.matches("\"slug\":\"both\"").count(), 1, "{lines}");
        assert!(!lines.contains("care-only"), "{lines}");
        let feed = api
            .get(&format!("/v1/feeds/articles.json?{all}"))
            .assert_status(200)
            .json();
        assert_eq!(feed["items"].as_array().unwrap().len(), 1, "{feed}");
        api.get("/v1/articles?every_topic=nobody")
            .assert_invalid_query("every_topic");
    });
}
