//! What others name is not removed, and what is removed can come back.

use serde_json::{Value, json};

use crate::support::{Instance, both_empty, time, with};

fn seed(api: &Instance) {
    api.clock.set(time("2026-12-02T09:00:00Z"));
    api.import_all(&[
        json!({"type": "organisation", "slug": "watchdog", "name": "The Fictional Watchdog"}),
        json!({"type": "organisation", "slug": "double", "name": "The Fictional Watch-dog"}),
        json!({"type": "organisation", "slug": "unit", "name": "A Unit", "parent": "double"}),
        json!({"type": "organisation", "slug": "north", "name": "North Force"}),
        json!({"type": "organisation", "slug": "other", "name": "Another Body"}),
        json!({"type": "group", "slug": "forces", "name": "Forces", "members": [{"organisation": "north"}]}),
        json!({"type": "topic", "slug": "custody", "name": "Custody"}),
        json!({"type": "topic", "slug": "cells", "name": "Cells", "parent": "custody"}),
        json!({"type": "report", "slug": "r", "title": "R", "published_on": "2026-09-30", "publishers": ["watchdog"]}),
        json!({"type": "report", "slug": "lone", "title": "Lone", "published_on": "2026-09-30", "publishers": ["other"]}),
        json!({"type": "recommendation", "report": "r", "number": "1", "text": "Do it.", "addressees": ["forces"]}),
        json!({"type": "article", "slug": "a", "headline": "A", "organisation": "double", "co_publishers": ["watchdog"], "topics": ["custody"],
            "reports": ["r"], "published_at": "2026-11-01T09:00:00Z"}),
        json!({"type": "article", "slug": "b", "headline": "B", "organisation": "double", "published_at": "2026-11-02T09:00:00Z"}),
        json!({"type": "article", "slug": "secret", "headline": "S", "organisation": "other", "co_publishers": ["double"], "state": "draft",
            "published_at": "2026-11-02T09:00:00Z"}),
    ]);
}

fn details(problem: &Value) -> Vec<String> {
    let errors = problem["errors"].as_array().unwrap().iter();
    errors
        .map(|one| one["detail"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn what_others_name_is_not_removed_on_any_way_in() {
    both_empty(|api| {
        seed(api);
        let token = api.admin();
        let expected: [(&str, &[&str]); 5] = [
            (
                "/v1/organisations/watchdog",
                &["1 report names it: 'r'.", "1 article names it: 'a'."],
            ),
            (
                "/v1/organisations/north",
                &[
                    "1 group names it: 'forces'.",
                    "1 recommendation names it: 'r-1'.",
                ],
            ),
            ("/v1/groups/forces", &["1 recommendation names it: 'r-1'."]),
            (
                "/v1/topics/custody",
                &["1 topic names it: 'cells'.", "1 article names it: 'a'."],
            ),
            (
                "/v1/reports/r",
                &[
                    "1 recommendation names it: 'r-1'.",
                    "1 article names it: 'a'.",
                ],
            ),
        ];
        for (path, details_of) in expected {
            let problem = api.delete(path, &token).problem(409, "in-use");
            assert_eq!(details(&problem), details_of, "{path}");
            assert!(
                problem["errors"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .all(|one| one["code"] == "in_use")
            );
            assert!(
                problem["detail"].as_str().unwrap().contains("merged_into"),
                "{problem}"
            );
            api.get(path).assert_status(200);
            // as a change, as a whole document, in a batch, in an import
            api.patch(path, &token, &json!({"state": "gone"}))
                .problem(409, "in-use");
            let whole = with(api.data(path), json!({"state": "gone"}));
            api.write("PUT", path, &token, &[("if-match", "*")], &whole)
                .problem(409, "in-use");
            let kind = path.split('/').nth(2).unwrap().trim_end_matches('s');
            let id = api.data(path)["id"].clone();
            let mut line = stored(api, path);
            line["type"] = json!(kind);
            line["id"] = id;
            line["state"] = json!("gone");
            api.post("/v1/batch", &token, &json!([line]))
                .problem(409, "in-use");
            let report = api.try_import(line.to_string());
            assert!(!report.stored && !report.mistakes.is_empty(), "{report:?}");
        }
        api.assert_log_verifies();
        // with what names it in the same batch
        let gone = |kind: &str, slug: &str, more: Value| {
            with(json!({"type": kind, "slug": slug, "state": "gone"}), more)
        };
        let batch = json!([
            gone("topic", "custody", json!({"name": "Custody"})),
            gone("topic", "cells", json!({"name": "Cells"})),
            gone(
                "article",
                "a",
                json!({"headline": "A", "organisation": "double"})
            ),
        ]);
        api.post("/v1/batch", &token, &batch).assert_status(200);
        api.get("/v1/topics/custody").problem(410, "gone");
    });
}

/// The document of a record as it was imported.
fn stored(api: &Instance, path: &str) -> Value {
    let mut shown = api.data(path);
    let slug = shown["slug"].clone();
    let members = shown.as_object_mut().unwrap();
    members
        .retain(|name, _| ["name", "title", "published_on", "publishers"].contains(&name.as_str()));
    members.insert("slug".to_owned(), slug);
    shown
}

#[test]
fn drafts_that_name_a_record_keep_it_and_only_those_who_may_see_them_learn_which() {
    both_empty(|api| {
        seed(api);
        api.import(json!({"type": "article", "slug": "draft", "headline": "D", "organisation": "double", "reports": ["lone"], "state": "draft"}));
        let (_, token) = api.client(&["recommendations:write", "articles:publish"], &["other"]);
        let refused = api.delete("/v1/reports/lone", &token);
        refused.problem(403, "insufficient-scope");
        assert!(!refused.text().contains("article"), "{}", refused.text());
        let problem = api
            .delete("/v1/reports/lone", &api.admin())
            .problem(409, "in-use");
        assert_eq!(details(&problem), ["1 article names it: 'draft'."]);
        api.import(json!({"type": "report", "slug": "next", "title": "N", "published_on": "2026-09-30", "publishers": ["other"]}));
        api.delete("/v1/reports/lone?merged_into=next", &api.admin())
            .assert_status(204);
        let draft = api.get_as(&api.admin(), "/v1/articles/draft").data();
        assert_eq!(draft["reports"][0]["slug"], "next");
    });
}

#[test]
fn a_merger_moves_what_names_the_record_and_no_answer_contradicts_another() {
    both_empty(|api| {
        seed(api);
        let token = api.admin();
        // what was recommended to a body stays with it
        let problem = api
            .delete("/v1/organisations/north?merged_into=watchdog", &token)
            .problem(409, "in-use");
        assert_eq!(details(&problem)[0], "1 group names it: 'forces'.");
        let before = api.data("/v1/articles/b")["updated_at"].clone();
        api.delete("/v1/organisations/double?merged_into=watchdog", &token)
            .assert_status(204);
        let list = "/v1/articles?organisation=watchdog&count=exact";
        let answer = api.get(list).json();
        let slugs: Vec<&str> = answer["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["slug"].as_str().unwrap())
            .collect();
        assert_eq!(slugs, ["b", "a"]);
        assert_eq!(answer["page"]["count"], 2, "{answer}");
        assert_eq!(
            api.data("/v1/articles/b")["organisation"]["slug"],
            "watchdog"
        );
        assert_eq!(api.data("/v1/articles/b")["updated_at"], before);
        assert_eq!(
            api.data("/v1/organisations/unit")["parent"]["slug"],
            "watchdog"
        );
        // which published it with the other: now it alone
        assert_eq!(api.data("/v1/articles/a")["co_publishers"], json!([]));
        // the old address leads to the survivor, and nothing new names the old body
        assert_eq!(api.get("/v1/organisations/double").status, 308);
        for name in [
            json!("double"),
            api.get_as(&token, "/v1/changes")
                .records()
                .iter()
                .find(|one| one["slug"] == "double")
                .unwrap()["id"]
                .clone(),
        ] {
            let article = json!({"slug": "c", "headline": "C", "organisation": name, "published_at": "2026-11-02T09:00:00Z"});
            let problem = api
                .post("/v1/articles", &token, &article)
                .assert_invalid(&["#/organisation"]);
            assert_eq!(problem["errors"][0]["code"], "unknown_reference");
        }
        api.assert_log_verifies();
    });
}

#[test]
fn a_removal_is_undone_by_one_who_may_on_every_way() {
    both_empty(|api| {
        seed(api);
        let token = api.admin();
        let document = json!({"slug": "other-topic", "name": "Other"});
        api.post("/v1/topics", &token, &document).assert_status(201);
        let (_, none) = api.client(&["articles:write"], &["other"]);
        for way in ["PUT", "batch", "import"] {
            api.delete("/v1/topics/other-topic", &token)
                .assert_status(204);
            api.get("/v1/topics/other-topic").problem(410, "gone");
            let put = |token: &str| {
                api.write(
                    "PUT",
                    "/v1/topics/other-topic",
                    token,
                    &[("if-match", "*")],
                    &document,
                )
            };
            assert!([403, 410].contains(&put(&none).status));
            let line = with(document.clone(), json!({"type": "topic"}));
            match way {
                "PUT" => drop(put(&token).assert_status(200)),
                "batch" => drop(
                    api.post("/v1/batch", &token, &json!([line]))
                        .assert_status(200),
                ),
                _ => drop(api.import(line)),
            }
            assert_eq!(api.data("/v1/topics/other-topic")["name"], "Other");
        }
        api.assert_log_verifies();
    });
}

/// What does not agree with the log.
fn differences(api: &Instance) -> usize {
    use answerable::tracking::catalogue::CATALOGUE;
    let size = answerable::platform::config::Config::default().pool_size();
    let found = answerable::writing::past::comparing::differences(
        &api.database,
        &CATALOGUE,
        size,
        api.clock.now(),
    );
    found.unwrap().len()
}

#[test]
fn minor_edits_and_mergers_agree_with_the_log() {
    both_empty(|api| {
        seed(api);
        api.clock.set(time("2026-12-03T09:00:00Z"));
        let edit = json!({"headline": "Edited", "is_minor_edit": true});
        api.patch("/v1/articles/b", &api.admin(), &edit)
            .assert_status(200);
        assert_eq!(differences(api), 0);
        api.clock.set(time("2026-12-04T09:00:00Z"));
        api.delete(
            "/v1/organisations/double?merged_into=watchdog",
            &api.admin(),
        )
        .assert_status(204);
        assert_eq!(differences(api), 0);
        assert_eq!(
            api.data("/v1/articles/b")["updated_at"],
            "2026-11-02T09:00:00Z"
        );
    });
}

#[test]
fn an_organisation_that_only_a_text_names_is_named() {
    both_empty(|api| {
        seed(api);
        let token = api.admin();
        api.import_all(&[
            json!({"type": "organisation", "slug": "speaker", "name": "A Speaker"}),
            json!({"type": "organisation", "slug": "left-out", "name": "Left out"}),
            json!({"type": "article", "slug": "own", "headline": "O", "organisation": "watchdog", "co_publishers": ["other"],
                "published_at": "2026-11-02T09:00:00Z"}),
            json!({"type": "article", "slug": "quotes", "headline": "Q", "organisation": "watchdog", "published_at": "2026-11-02T09:00:00Z",
                "statements": [{"text": "We agree.", "organisation": "speaker"}]}),
            json!({"type": "recommendation", "report": "r", "number": "2", "text": "Do it.", "addressees": ["forces"], "exclusions": ["left-out"]}),
        ]);
        let problem = api
            .delete("/v1/organisations/speaker", &token)
            .problem(409, "in-use");
        assert_eq!(details(&problem), ["1 article names it: 'quotes'."]);
        let problem = api
            .delete("/v1/organisations/left-out", &token)
            .problem(409, "in-use");
        assert_eq!(details(&problem), ["1 recommendation names it: 'r-2'."]);
        // a table names it in another article
        api.patch(
            "/v1/articles/own",
            &token,
            &json!({"co_publishers": ["speaker"]}),
        )
        .assert_status(200);
        api.delete("/v1/organisations/speaker?merged_into=watchdog", &token)
            .assert_status(204);
        let article = api.data("/v1/articles/quotes");
        assert_eq!(article["statements"][0]["organisation"]["slug"], "watchdog");
    });
}

#[test]
fn a_removal_that_is_sent_again_lets_nothing_name_what_was_removed() {
    both_empty(|api| {
        seed(api);
        let token = api.admin();
        let gone = json!({"type": "topic", "slug": "cells", "name": "Cells", "state": "gone"});
        let article = json!({"type": "article", "slug": "c", "headline": "C", "organisation": "watchdog", "topics": ["cells"],
            "published_at": "2026-11-02T09:00:00Z"});
        api.post("/v1/batch", &token, &json!([gone]))
            .assert_status(200);
        for batch in [json!([gone, article]), json!([article, gone])] {
            api.post("/v1/batch", &token, &batch).problem(409, "in-use");
        }
        api.get("/v1/articles/c").problem(404, "not-found");
    });
}

#[test]
fn mergers_go_neither_in_circles_nor_into_what_is_not_public() {
    both_empty(|api| {
        seed(api);
        let token = api.admin();
        let gone = |slug: &str, into: &str| json!({"type": "topic", "slug": slug, "name": slug, "state": "gone", "merged_into": into});
        let circle = json!([gone("cells", "custody"), gone("custody", "cells")]);
        api.post("/v1/batch", &token, &circle)
            .problem(422, "validation-failed");
        api.delete("/v1/articles/a?merged_into=b", &token)
            .assert_status(204);
        api.delete("/v1/articles/b?merged_into=a", &token)
            .assert_invalid(&["#/merged_into"]);
        // a report that an article names into a draft
        api.import_all(&[
            json!({"type": "report", "slug": "draft", "title": "D", "published_on": "2026-09-30", "publishers": ["other"], "state": "draft"}),
            json!({"type": "article", "slug": "d", "headline": "D", "organisation": "watchdog", "reports": ["lone"], "published_at": "2026-11-02T09:00:00Z"}),
        ]);
        api.delete("/v1/reports/lone?merged_into=draft", &token)
            .assert_invalid(&["#/merged_into"]);
        // what cannot name the other one is named, not as if it were in the request
        let problem = api
            .delete("/v1/topics/custody?merged_into=cells", &token)
            .problem(409, "in-use");
        assert_eq!(
            problem["errors"][0]["pointer"], "#/merged_into",
            "{problem}"
        );
        assert_eq!(api.get("/v1/topics/custody").status, 200);
    });
}

#[test]
fn a_merger_and_a_removed_draft_are_undone_by_putting_the_record_again() {
    both_empty(|api| {
        seed(api);
        let token = api.admin();
        api.import(json!({"type": "topic", "slug": "twin", "name": "Twin"}));
        api.delete("/v1/topics/twin?merged_into=cells", &token)
            .assert_status(204);
        assert_eq!(api.get("/v1/topics/twin").status, 308);
        let put = |headers: &[(&str, &str)]| {
            api.write(
                "PUT",
                "/v1/topics/twin",
                &token,
                headers,
                &json!({"name": "Twin"}),
            )
        };
        put(&[("if-none-match", "*")]).problem(412, "precondition-failed");
        put(&[("if-match", "*")]).assert_status(200);
        assert_eq!(api.data("/v1/topics/twin")["name"], "Twin");

        let (_, own) = api.client(&["recommendations:write", "articles:publish"], &["other"]);
        let draft = json!({"slug": "mine", "title": "Mine", "published_on": "2026-09-30", "publishers": ["other"], "state": "draft"});
        let put =
            |headers: &[(&str, &str)]| api.write("PUT", "/v1/reports/mine", &own, headers, &draft);
        put(&[]).assert_status(201);
        api.delete("/v1/reports/mine", &own).assert_status(204);
        put(&[("if-match", "*")]).assert_status(200);
    });
}
