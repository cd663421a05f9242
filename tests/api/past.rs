//! `as_of`: records and lists as they were, rebuilt from the change log.

use answerable::platform::config::{Config, Secret};
use answerable::platform::derived_folder::{self, DerivedFolder};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{
    Answer, Content, Instance, both, both_empty, database, eventually, kinds, time, with,
};

fn at(api: &Instance, moment: &str) {
    api.clock.set(time(moment));
}

/// A body, a topic and an article created at noon; the article is changed at 13:00 and at 14:00.
fn seed(api: &Instance) {
    at(api, "2026-11-24T12:00:00Z");
    api.import_all(&[
        json!({"type": "organisation", "slug": "body", "name": "The Fictional Body"}),
        json!({"type": "organisation", "slug": "other", "name": "The Other Body"}),
        json!({"type": "topic", "slug": "safety", "name": "Safety"}),
        article("story", "First words", "body"),
    ]);
    at(api, "2026-11-24T13:00:00Z");
    let mut changed = article("story", "Second words", "other");
    changed["topics"] = json!(["safety"]);
    api.import_all(&[
        changed,
        article("second-story", "More", "body"),
        json!({"type": "topic", "slug": "safety", "name": "Public safety"}),
    ]);
    at(api, "2026-11-24T14:00:00Z");
    api.import(article("story", "Third words", "other"));
    at(api, "2026-11-25T09:00:00Z");
}

fn article(slug: &str, headline: &str, organisation: &str) -> Value {
    json!({"type": "article", "slug": slug, "headline": headline, "organisation": organisation,
        "published_at": "2026-11-01T09:00:00Z", "body_html": "<p>Fictional.</p>"})
}

#[test]
fn as_of_shows_a_record_as_it_was_known() {
    both_empty(|api| {
        seed(api);
        let headline = |moment: &str| {
            let path = format!("/v1/articles/story?as_of={moment}");
            api.data(&path)["headline"].clone()
        };
        assert_eq!(headline("2026-11-24T12:00:00Z"), "First words");
        assert_eq!(headline("2026-11-24T12:59:59.999Z"), "First words");
        assert_eq!(headline("2026-11-24T14:00:00%2B01:00"), "Second words");
        assert_eq!(headline("2026-11-24"), "Third words");
        assert_eq!(headline("2026-11-25"), "Third words");
        assert_eq!(headline("2026-11-25T09:01:00Z"), "Third words");
        let then = api.data("/v1/articles/story?as_of=2026-11-24T13:30:00Z&expand=topics");
        assert_eq!(then["organisation"]["slug"], "other");
        assert_eq!(then["topics"][0]["name"], "Public safety");
        assert_eq!(
            (&then["revision"], &then["updated_at"]),
            (&json!(2), &json!("2026-11-24T13:00:00Z"))
        );
        let name = |query: &str| api.data(&format!("/v1/topics/safety{query}"))["name"].clone();
        assert_eq!(name("?as_of=2026-11-24T12:30:00Z"), "Safety");
        assert_eq!(name(""), "Public safety");
    });
}

#[test]
fn before_the_log_and_after_now_as_of_is_an_error() {
    both_empty(|api| {
        let unknown = "as_of=2026-11-24T11:59:59.999Z";
        api.get(&format!("/v1/articles?{unknown}"))
            .assert_status(200); // there is no log yet
        seed(api);
        for path in ["articles", "articles/story", "topics", "obligations"] {
            let problem = api.get(&format!("/v1/{path}?{unknown}"));
            let problem = problem.problem(404, "nothing-known-yet");
            let detail =
                "Nothing was known before 2026-11-24T12:00:00.000Z, when the change log begins.";
            assert_eq!(problem["detail"], detail, "{path}");
            for future in ["2026-11-26", "2026-11-25T09:01:00.001Z"] {
                let problem = api.get(&format!("/v1/{path}?as_of={future}"));
                let problem = problem.problem(400, "invalid-query");
                let error = &problem["errors"][0];
                let expected = json!({"code": "in_future", "parameter": "as_of", "detail": "This is in the future; the time of the server is 2026-11-25T09:00:00.000Z."});
                assert_eq!(*error, expected, "{path}");
            }
        }
    });
}

#[test]
fn on_asks_for_a_day_and_as_of_for_what_was_known() {
    both_empty(|api| {
        let body = |old: &str| json!({"type": "organisation", "slug": "body", "name": "New Name", "names": [{"name": old, "until": "2020-01-01"}, {"name": "New Name", "from": "2020-01-01"}]});
        let group =
            |members: Value| json!({"type": "group", "slug": "g", "name": "G", "members": members});
        let until = json!({"organisation": "body", "until": "2020-01-01"});
        at(api, "2026-11-24T12:00:00Z");
        api.import_all(&[body("Old Naem"), group(json!([until]))]);
        at(api, "2026-11-24T13:00:00Z");
        let other = json!({"type": "organisation", "slug": "other", "name": "Other"});
        api.import_all(&[
            body("Old Name"),
            other,
            json!({"type": "organisation", "slug": "child", "name": "The Child", "parent": "body"}),
            group(json!([until, {"organisation": "other"}])),
        ]);
        at(api, "2026-11-25T09:00:00Z");
        let noon = "as_of=2026-11-24T12:30:00Z";
        let both = format!("on=2019-12-31&{noon}");
        for (query, name, members) in [
            ("", "New Name", 2),
            ("on=2019-12-31", "Old Name", 2),
            ("on=2020-01-01", "New Name", 1),
            (noon, "New Name", 0),
            (&both, "Old Naem", 1),
        ] {
            for path in ["/v1/organisations/body?", "/v1/organisations?limit=1&"] {
                let found = api.data(&format!("{path}{query}"));
                let found = found.get(0).unwrap_or(&found);
                assert_eq!(found["name"], name, "{path}{query}");
            }
            let group = api.data(&format!("/v1/groups/g?{query}"));
            let member = &group["members"][0]["organisation"];
            assert!(
                member["slug"] != "body" || member["name"] == name,
                "{query}: {member}"
            );
            if !query.contains(noon) {
                let child = api.data(&format!("/v1/organisations/child?{query}"));
                assert_eq!(child["parent"]["name"], name, "{query}");
            }
            assert_eq!(
                group["members"].as_array().unwrap().len(),
                members,
                "{query}"
            );
        }
        for path in [
            "organisations?on=2019-02-30",
            "articles?on=2019-12-31",
            "topics?on=2019-12-31",
        ] {
            let problem = api.get(&format!("/v1/{path}"));
            let problem = problem.problem(400, "invalid-query");
            assert_eq!(problem["errors"][0]["parameter"], "on", "{path}");
            let code = problem["errors"][0]["code"].as_str().unwrap();
            assert_eq!(
                code == "unknown_parameter",
                !path.starts_with("org"),
                "{path}"
            );
        }
    });
}

#[test]
fn a_feed_has_the_items_that_it_had() {
    both_empty(|api| {
        seed(api);
        let noon = "as_of=2026-11-24T12:30:00Z";
        for format in ["json", "rss", "atom"] {
            let feed = |query: &str| api.get(&format!("/v1/feeds/articles.{format}?{query}"));
            let then = feed(noon).assert_status(200);
            for (text, is_then, is_now) in [
                ("First words", true, false),
                ("Third words", false, true),
                ("More", false, true),
            ] {
                assert_eq!(then.text().contains(text), is_then, "{format}: {text}");
                assert_eq!(feed("").text().contains(text), is_now, "{format}: {text}");
            }
        }
        let query = "limit=1&as_of=2026-11-24T13:30:00Z";
        let page: Value =
            serde_json::from_str(&api.get(&format!("/v1/feeds/articles.json?{query}")).text())
                .unwrap();
        let next = page["next_url"].as_str().unwrap();
        let path = next.split_once("/v1/").unwrap().1;
        api.get(&format!("/v1/{path}")).assert_status(200);
        assert!(path.contains("as_of="));
        let mut removed = article("second-story", "More", "body");
        removed["state"] = json!("gone");
        api.import(removed);
        api.advance(TimeDelta::minutes(2));
        let then = "as_of=2026-11-25T09:01:00Z";
        for (query, has_tombstone) in [("", true), (then, false)] {
            let feed = api.get(&format!("/v1/feeds/articles.atom?{query}"));
            assert_eq!(
                feed.text().contains("deleted-entry"),
                has_tombstone,
                "{query}"
            );
        }
        api.get("/v1/feeds/recommendations.atom?as_of=2026-12-24")
            .problem(400, "invalid-query");
    });
}

#[test]
fn filters_sorts_and_counts_work_the_same_with_as_of() {
    both_empty(|api| {
        seed(api);
        let slugs = |query: &str| api.get(&format!("/v1/articles?{query}")).column("slug");
        let noon = "as_of=2026-11-24T12:30:00Z";
        assert_eq!(slugs(&format!("organisation=body&{noon}")), ["story"]);
        assert_eq!(
            slugs(&format!("organisation=other&{noon}")),
            Vec::<String>::new()
        );
        assert_eq!(slugs("organisation=body"), ["second-story"]);
        assert_eq!(slugs("topic=safety&as_of=2026-11-24T13:30:00Z"), ["story"]);
        assert_eq!(slugs("topic=safety"), Vec::<String>::new());
        let counted = api.get(&format!("/v1/articles?count=exact&{noon}"));
        assert_eq!(counted.count(), 1);
        let pages = api.walk("/v1/articles?limit=1&as_of=2026-11-24T13:30:00Z&sort=-updated_at");
        assert_eq!(pages.len(), 2);
        let below = format!("/v1/organisations/body/articles?{noon}");
        assert_eq!(api.get(&below).column("slug"), ["story"]);
        let cursor = pages[0].next_page().unwrap();
        let elsewhere = cursor.replace("13%3A30", "12%3A30");
        assert_ne!(elsewhere, cursor);
        api.get(&elsewhere).problem(400, "cursor-mismatch");
        for bad in ["yesterday", "2026-02-30", "2026-11-24T25:00:00Z", "2026-11"] {
            let answer = api.get(&format!("/v1/articles?as_of={bad}"));
            let problem = answer.problem(400, "invalid-query");
            assert_eq!(problem["errors"][0]["parameter"], "as_of", "{bad}");
        }
    });
}

#[test]
fn as_of_does_not_reveal_retracted_content() {
    both_empty(|api| {
        seed(api);
        let token = api.admin();
        let noon = "as_of=2026-11-24T12:30:00Z";
        let item = format!("/v1/articles/story?{noon}");
        let list = format!("/v1/articles?{noon}");
        assert_eq!(api.get(&list).column("headline"), ["First words"]);
        let change = |body: Value| {
            api.patch("/v1/articles/story", &token, &body)
                .assert_status(200);
        };
        // unrelated writes do not affect the snapshot
        api.import(article("third-story", "Elsewhere", "body"));
        assert_eq!(api.get(&list).column("headline"), ["First words"]);
        change(
            json!({"state": "withdrawn", "withdrawal": {"at": "2026-11-25T09:00:00Z", "reason": "It was wrong."}}),
        );
        let notice = api.data(&item);
        assert_eq!(
            (notice["state"].as_str(), notice.get("body_html")),
            (Some("withdrawn"), None)
        );
        assert_eq!(api.get(&list).column("headline"), Vec::<String>::new());
        change(json!({"state": "draft"}));
        api.get(&item).problem(404, "not-found");
        change(json!({"state": "published", "withdrawal": null}));
        assert_eq!(api.data(&item)["headline"], "First words");
        api.patch("/v1/articles/story", &token, &json!({"state": "erased"}))
            .assert_status(204);
        api.get(&item).problem(451, "unavailable-for-legal-reasons");
        assert!(!api.get(&list).text().contains("First words"));
    });
}

#[test]
fn as_of_redirects_a_later_slug_to_the_one_of_that_time() {
    both_empty(|api| {
        seed(api);
        let token = api.admin();
        let renamed = json!({"slug": "new-name"});
        api.patch("/v1/topics/safety", &token, &renamed)
            .assert_status(200);
        let moved = api
            .get("/v1/topics/new-name?as_of=2026-11-24T12:30:00Z")
            .assert_status(308);
        let there = moved.header("location");
        assert!(
            there.ends_with("/v1/topics/safety?as_of=2026-11-24T12:30:00Z"),
            "{there}"
        );
        assert_eq!(api.data(there)["name"], "Safety");
    });
}

#[test]
fn a_snapshot_rebuilt_from_the_log_matches_the_live_database() {
    both(|api| {
        let paths = [
            "/v1/articles?limit=100&fields=id,slug,headline,body_html,topics,organisation,co_publishers,reports,updated_at,revision",
            "/v1/articles?state=withdrawn",
            "/v1/reports?limit=100",
            "/v1/recommendations?limit=100&expand=addressed_organisations,addressees",
            "/v1/recommendations?organisation=essex-police&limit=100",
            "/v1/topics?limit=100",
            "/v1/organisations?limit=100",
            "/v1/groups?limit=100&fields=id,slug,name,definition,revision",
            "/v1/recommendations/stalking-super-complaint-2024-15",
            "/v1/obligations?limit=100&expand=organisation",
            "/v1/obligations?state=overdue&state=responded_late",
            "/v1/responses",
            "/v1/action-plans",
            "/v1/progress-updates",
            "/v1/assessments",
        ];
        let moment = "2026-11-24T12:00:00.000Z";
        let live: Vec<Value> = paths.iter().map(|path| api.data(path)).collect();
        at(api, "2026-11-24T12:00:01Z");
        api.import(r#"{"type":"topic","slug":"later","name":"Later"}"#);
        for (path, live) in paths.iter().zip(live) {
            let sign = if path.contains('?') { '&' } else { '?' };
            let then = api.data(&format!("{path}{sign}as_of={moment}"));
            assert_eq!(then, live, "{path}");
        }
    });
}

#[test]
fn concurrent_readers_each_see_their_own_snapshot() {
    both_empty(|api| {
        seed(api);
        std::thread::scope(|scope| {
            for reader in 0..8 {
                scope.spawn(move || {
                    for turn in 0..6 {
                        let hour = 12 + (reader + turn) % 3;
                        let path = format!("/v1/articles/story?as_of=2026-11-24T{hour}:10:00Z");
                        let headline = api.data(&path)["headline"].clone();
                        let words = ["First words", "Second words", "Third words"];
                        assert_eq!(headline, words[hour - 12], "{path}");
                    }
                });
            }
        });
    });
}

#[test]
fn as_of_rejects_bad_tokens_and_keeps_authorised_responses_private() {
    both_empty(|api| {
        seed(api);
        let (client, token) = api.client(&["articles:write"], &["*"]);
        let path = "/v1/articles/story?as_of=2026-11-24T12:30:00Z";
        let read = || api.get_as(&token, path);
        assert_eq!(read().header("cache-control"), "private, no-store");
        assert!(
            answerable::access::clients::revoke(&api.database, &client, api.clock.now()).unwrap()
        );
        read().problem(401, "invalid-token");
    });
}

#[test]
fn a_removed_draft_with_records_below_it_is_not_in_the_past() {
    both_empty(|api| {
        seed(api);
        let organisation = "body";
        let draft = json!({"type": "report", "slug": "r", "title": "R", "published_on": "2026-11-20", "publishers": [organisation], "state": "draft"});
        let recommendation = json!({"type": "recommendation", "report": "r", "number": "1", "text": "Do it.", "addressees": ["other"]});
        let below = json!({"type": "recommendation", "report": "r", "number": "1.1", "text": "Do it.", "addressees": ["other"], "parent_number": "1"});
        api.import_all(&[draft, recommendation, below]);
        at(api, "2026-11-25T10:00:00Z");
        for path in ["recommendations/r-1-1", "recommendations/r-1", "reports/r"] {
            api.delete(&format!("/v1/{path}"), &api.admin())
                .assert_status(204);
        }
        at(api, "2026-11-25T11:00:00Z");
        api.import(article("story", "Fourth words", "other"));
        for moment in ["2026-11-25T09:30:00Z", "2026-11-25T10:00:00Z"] {
            for list in [
                "topics",
                "articles",
                "reports",
                "recommendations",
                "obligations",
            ] {
                api.get(&format!("/v1/{list}?as_of={moment}"))
                    .assert_status(200);
            }
            api.get(&format!("/v1/reports/r?as_of={moment}"))
                .problem(404, "not-found");
        }
    });
}

/// What is shown at a moment of 25 November 2026.
fn then(api: &Instance, path: &str, time: &str) -> Answer {
    let sign = if path.contains('?') { '&' } else { '?' };
    api.get(&format!("{path}{sign}as_of=2026-11-25T{time}Z"))
}

#[test]
fn a_record_that_refers_to_a_removed_draft_stays_in_the_past() {
    both_empty(|api| {
        seed(api);
        let report = |slug: &str, state: &str| json!({"type": "report", "slug": slug, "title": slug, "published_on": "2026-11-20", "publishers": ["body"], "state": state});
        let recommendation = |report: &str, text: &str, more: Value| {
            let document = json!({"type": "recommendation", "report": report, "number": "1", "text": text, "addressees": ["other"]});
            with(document, more)
        };
        api.import_all(&[
            report("r", "published"),
            report("hidden", "draft"),
            recommendation("hidden", "Later.", json!({})),
            recommendation("r", "First.", json!({"supersedes": ["hidden-1"]})),
        ]);
        at(api, "2026-11-25T10:00:00Z");
        for path in ["recommendations/hidden-1", "reports/hidden"] {
            api.delete(&format!("/v1/{path}"), &api.admin())
                .assert_status(204);
        }
        for (hour, text) in [(11, "Second."), (12, "Third.")] {
            at(api, &format!("2026-11-25T{hour}:00:00Z"));
            api.import(recommendation(
                "r",
                text,
                json!({"supersedes": ["hidden-1"]}),
            ));
        }
        at(api, "2026-11-25T13:00:00Z");
        for (time, text) in [
            ("09:00:00", "First."),
            ("11:30:00", "Second."),
            ("12:30:00", "Third."),
        ] {
            assert_eq!(
                then(api, "/v1/recommendations/r-1", time).data()["text"],
                text
            );
            assert_eq!(then(api, "/v1/obligations", time).records().len(), 1);
        }
    });
}

#[test]
fn who_spoke_with_a_mandate_that_was_erased_did_not_answer() {
    both_empty(|api| {
        seed(api);
        let mandate = json!({"type": "mandate", "represents": ["other"], "granted_by": "other", "report": "r", "from": "2026-11-01"});
        let one = with(mandate.clone(), json!({"representative": "body"}));
        api.import_all(&[
            json!({"type": "organisation", "slug": "third", "name": "A Third Body"}),
            json!({"type": "report", "slug": "r", "title": "R", "published_on": "2026-11-01", "publishers": ["body"]}),
            json!({"type": "recommendation", "report": "r", "number": "1", "text": "Do it.", "addressees": ["other"]}),
            one,
        ]);
        let id = api.get("/v1/mandates").records()[0]["id"].clone();
        at(api, "2026-11-25T10:00:00Z");
        api.import(json!({"type": "response", "report": "r", "responder": "body", "kind": "collective", "on_behalf_of": ["other"],
            "published_on": "2026-11-25", "covers": [{"number": "1", "position": "accepted"}]}));
        let state =
            |time: &str| then(api, "/v1/obligations", time).records()[0]["response_state"].clone();
        at(api, "2026-11-25T11:00:00Z");
        assert_eq!(state("10:30:00"), "responded");
        let other = with(mandate, json!({"id": id, "representative": "third"}));
        api.import(other.clone());
        at(api, "2026-11-25T12:00:00Z");
        assert_eq!(state("10:30:00"), "responded");
        api.import(with(other, json!({"state": "erased"})));
        at(api, "2026-11-25T13:00:00Z");
        assert_eq!(state("10:30:00"), "unknown");
    });
}

#[test]
fn a_mandate_recorded_after_the_answer_counts_from_then_on_whatever_is_withdrawn_later() {
    both_empty(|api| {
        seed(api);
        let answer = |responder: &str, number: &str| {
            json!({"type": "response", "report": "r", "responder": responder, "published_on": "2026-11-20",
                "covers": [{"number": number, "position": "accepted"}]})
        };
        api.import_all(&[
            json!({"type": "organisation", "slug": "third", "name": "A Third Body"}),
            json!({"type": "report", "slug": "r", "title": "R", "published_on": "2026-11-01", "publishers": ["body"]}),
            json!({"type": "recommendation", "report": "r", "number": "1", "text": "Do it.", "addressees": ["other"]}),
            json!({"type": "recommendation", "report": "r", "number": "2", "text": "Do it, too.", "addressees": ["third"]}),
            with(answer("body", "1"), json!({"kind": "collective", "on_behalf_of": ["other"]})),
        ]);
        at(api, "2026-11-25T10:00:00Z");
        api.import(json!({"type": "mandate", "represents": ["other"], "granted_by": "other", "representative": "body", "report": "r",
            "from": "2026-11-01"}));
        at(api, "2026-11-25T11:00:00Z");
        api.import(answer("third", "2"));
        at(api, "2026-11-25T12:00:00Z");
        let state = |time: &str| {
            let obligations = then(api, "/v1/obligations?recommendation=r-1", time).records();
            obligations[0]["response_state"].clone()
        };
        let states = || ["09:30:00", "10:30:00", "11:30:00"].map(state);
        let before = states();
        assert_ne!(before[0], before[1]);
        assert_eq!(
            (&before[1], &before[2]),
            (&json!("responded"), &json!("responded"))
        );
        api.import(with(answer("third", "2"), json!({"state": "withdrawn", "withdrawal": {"at": "2020-01-01T00:00:00Z", "reason": "Fictional."}})));
        at(api, "2026-11-25T13:00:00Z");
        assert_eq!(states(), before);
    });
}

#[test]
fn what_is_only_repeated_counts_as_updated_neither_then_nor_today() {
    both_empty(|api| {
        seed(api);
        let report = json!({"type": "report", "slug": "r", "title": "R", "published_on": "2026-11-20", "publishers": ["body"]});
        api.import_all(&[
            with(report.clone(), json!({"state": "draft"})),
            json!({"type": "recommendation", "report": "r", "number": "1", "text": "Do it.", "addressees": ["other"]}),
        ]);
        at(api, "2026-11-25T10:00:00Z");
        api.import(report);
        at(api, "2026-11-25T11:00:00Z");
        for path in [
            "/v1/recommendations/r-1",
            "/v1/obligations?recommendation=r-1",
        ] {
            let updated = |answer: Answer| {
                let data = answer.data();
                let record = data.get(0).unwrap_or(&data);
                record["updated_at"].clone()
            };
            let today = updated(api.get(path));
            assert_eq!(updated(then(api, path, "10:30:00")), today, "{path}");
            assert_eq!(today, "2026-11-25T09:00:00Z");
        }
    });
}

#[test]
fn what_was_withdrawn_since_is_in_lists_of_the_past_in_any_order() {
    both_empty(|api| {
        seed(api);
        let notice = json!({"state": "withdrawn", "withdrawal": {"at": "2026-11-25T09:00:00Z", "reason": "It was wrong."}});
        api.import(with(article("story", "Third words", "other"), notice));
        at(api, "2026-11-25T10:00:00Z");
        for sort in ["published_at", "-published_at", "updated_at", "-updated_at"] {
            let path = format!("/v1/articles?state=withdrawn&count=exact&sort={sort}");
            let list = then(api, &path, "08:00:00");
            assert_eq!(list.column("slug"), ["story"], "{sort}");
        }
    });
}

#[test]
fn a_slug_means_in_the_past_what_the_public_saw_under_it() {
    both_empty(|api| {
        seed(api);
        let report = |slug: &str, more: Value| {
            let document = json!({"type": "report", "slug": slug, "title": "Shown", "published_on": "2026-11-20", "publishers": ["body"]});
            with(document, more)
        };
        let hidden = json!({"title": "Hidden", "state": "draft"});
        api.import_all(&[report("r", json!({})), report("other-r", hidden.clone())]);
        let id = |slug: &str| {
            api.get_as(&api.admin(), &format!("/v1/reports/{slug}"))
                .id()
        };
        let (shown, draft) = (id("r"), id("other-r"));
        at(api, "2026-11-25T10:00:00Z");
        api.import(report("moved", json!({"id": shown})));
        api.import(report("r", with(hidden, json!({"id": draft}))));
        at(api, "2026-11-25T11:00:00Z");
        let then = then(api, "/v1/reports/r", "09:00:00").assert_status(200);
        assert_eq!(then.data()["title"], "Shown");
    });
}

#[test]
fn exports_and_the_calendar_show_the_past() {
    both_empty(|api| {
        seed(api);
        api.import_all(&[
            json!({"type": "report", "slug": "r", "title": "R", "published_on": "2026-11-20", "publishers": ["body"]}),
            json!({"type": "recommendation", "report": "r", "number": "1", "text": "Do it.", "addressees": ["other"],
                "deadlines": [{"kind": "response", "stated_due_on": "2027-01-15"}]}),
        ]);
        at(api, "2026-11-25T10:00:00Z");
        let organisation =
            |name: &str| json!({"type": "organisation", "slug": "other", "name": name});
        api.import(organisation("Another Name"));
        api.import(json!({"type": "obligation", "report": "r", "number": "1", "organisation": "other",
            "revisions": [{"kind": "response", "change": "extension", "due_on": "2027-03-31", "set_on": "2026-11-25"}]}));
        at(api, "2026-11-25T11:00:00Z");
        let ask = |path: &str| {
            // without an ETag, which the OpenAPI document has for all exports
            let path = format!("{path}as_of=2026-11-25T09:00:00Z");
            api.send("GET", &path, &[]).assert_status(200)
        };
        let text = |path: &str| ask(path).text();
        let (now, past) = (
            api.get("/v1/deadlines.ics").text(),
            text("/v1/deadlines.ics?"),
        );
        assert!(
            now.contains("20270331") && !now.contains("20270115"),
            "{now}"
        );
        assert!(
            past.contains("20270115") && !past.contains("20270331"),
            "{past}"
        );
        let (now, past) = (
            api.get("/v1/exports/organisations.csv").text(),
            text("/v1/exports/organisations.csv?"),
        );
        assert!(
            now.contains("Another Name") && !past.contains("Another Name"),
            "{past}"
        );
        let past = text("/v1/exports/obligations.ndjson?");
        assert!(
            past.contains("2027-01-15") && !past.contains("2027-03-31"),
            "{past}"
        );
        let answer = ask("/v1/exports/articles.ndjson?fields=headline&");
        assert_eq!(answer.header("etag"), "");
        api.get("/v1/deadlines.ics?as_of=1999-01-01")
            .problem(404, "nothing-known-yet");
    });
}

#[test]
fn a_preview_is_never_of_the_past() {
    both_empty(|api| {
        seed(api);
        let made = api.post(
            "/v1/articles/story/preview",
            &api.admin(),
            &json!({"minutes": 5}),
        );
        let url = made.data()["url"].as_str().unwrap().to_owned();
        let pass = url.split_once("preview=").unwrap().1;
        let path = format!("/v1/articles/story?preview={pass}&as_of=2026-11-24");
        api.get(&path).assert_invalid_query("as_of");
    });
}

#[test]
fn a_damaged_past_is_built_again() {
    for kind in kinds() {
        let (url, _file) = database(kind, Content::Empty);
        let folder = tempfile::tempdir().unwrap();
        let start = || {
            let past = folder.path().to_path_buf();
            Instance::start_at(&url, move |config| config.past_folder = Some(past.clone()))
        };
        let api = start();
        seed(&api);
        let path = "/v1/articles/story?as_of=2026-11-24T12:30:00Z";
        assert_eq!(api.data(path)["headline"], "First words");
        drop(api);
        // the thread of the past holds the folder until it is closed
        let content = derived_folder::Content {
            suffix: "-past",
            fingerprint: String::new(),
        };
        let lock = || DerivedFolder::lock(folder.path(), &content).unwrap();
        eventually(|| lock().map(drop).ok_or("still open"));
        let files = std::fs::read_dir(folder.path())
            .unwrap()
            .filter_map(Result::ok);
        let mut paths = files.map(|entry| entry.path());
        let file = paths.find(|path| path.is_dir()).unwrap().join("past.db");
        for rest in ["db-wal", "db-shm"] {
            let _ = std::fs::remove_file(file.with_extension(rest));
        }
        let mut bytes = std::fs::read(&file).unwrap();
        let end = bytes.len();
        bytes[4_096..end].fill(0xa5);
        std::fs::write(&file, bytes).unwrap();
        let api = start();
        at(&api, "2026-11-25T09:00:00Z");
        let shown = eventually(|| match api.get(path) {
            answer if answer.status == 200 => Ok(answer.data()),
            answer => Err(answer.text()),
        });
        assert_eq!(shown["headline"], "First words");
    }
}

#[test]
fn folders_that_a_process_has_left_behind_are_removed() {
    let config = Config {
        database: Secret("sqlite::memory:".to_owned()),
        ..Config::default()
    };
    let content = derived_folder::Content {
        suffix: "-left-behind",
        fingerprint: "form".to_owned(),
    };
    let folders = ["locked", "unlocked", "new"]
        .map(|name| std::env::temp_dir().join(format!("answerable-left-behind-{name}")));
    for folder in &folders {
        std::fs::create_dir_all(folder.join("form-1")).unwrap();
    }
    let lock = |number: usize| std::fs::File::create(folders[number].join("in-use")).unwrap();
    let (used, _unused) = (lock(0), lock(1));
    used.try_lock().unwrap();
    DerivedFolder::of(&config, None, &content).unwrap();
    assert_eq!(
        folders.each_ref().map(|folder| folder.exists()),
        [true, false, true]
    );
    drop(used);
    drop(std::fs::File::create(folders[2].join("in-use")).unwrap());
    DerivedFolder::of(&config, None, &content).unwrap();
    assert_eq!(folders.map(|folder| folder.exists()), [false; 3]);
}
