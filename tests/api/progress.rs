//! Progress reported by addressees and assessed by recommenders: two axes that are never merged.

use serde_json::{Value, json};

use crate::support::{Instance, assert_includes, both_empty, time, total, with};

fn seed(api: &Instance) {
    api.import_all(&[
        json!({"type": "organisation", "slug": "watchdog", "name": "The Fictional Watchdog"}),
        json!({"type": "organisation", "slug": "council", "name": "The Fictional Council of Forces"}),
        json!({"type": "organisation", "slug": "north", "name": "North Force"}),
        json!({"type": "organisation", "slug": "south", "name": "South Force"}),
        json!({"type": "report", "slug": "r", "title": "R", "published_on": "2026-09-30", "publishers": ["watchdog"]}),
        json!({"type": "recommendation", "report": "r", "number": "1", "text": "Do it.", "addressees": ["north", "south"]}),
    ]);
}

fn update(more: Value) -> Value {
    let document = json!({"type": "progress_update", "report": "r", "number": "1", "organisation": "north",
        "as_at": "2026-10", "status": "in_progress", "text": "Half of it is done."});
    with(document, more)
}

fn assessment(more: Value) -> Value {
    let document = json!({"type": "assessment", "report": "r", "number": "1", "organisation": "north",
        "assessor": "watchdog", "status": "open_acceptable", "as_at": "2026-11-01", "reasons": "It is under way."});
    with(document, more)
}

fn north(api: &Instance) -> Value {
    api.data("/v1/obligations?organisation=north")[0].clone()
}

#[test]
fn the_newest_update_counts_and_may_regress() {
    both_empty(|api| {
        seed(api);
        assert_eq!(north(api)["implementation"], json!({"status": "unknown"}));
        api.import_all(&[
            update(json!({"as_at": "2026-11-15", "status": "complete"})),
            update(json!({})),
            update(json!({"organisation": "south", "status": "not_started"})),
        ]);
        assert_eq!(
            north(api)["implementation"],
            json!({"status": "complete", "as_at": "2026-11-15"})
        );
        api.import(update(
            json!({"as_at": "2026-11-20", "status": "in_progress"}),
        ));
        assert_eq!(
            north(api)["implementation"]["status"],
            "in_progress",
            "reopened"
        );
        // the recommender has not assessed it: "complete" closes nothing
        assert_eq!(north(api)["assessment"], json!({"status": "not_assessed"}));
        let all = api.get("/v1/progress-updates?organisation=north");
        assert_eq!(all.column("as_at"), ["2026-11-20", "2026-11-15", "2026-10"]);
        assert_eq!(all.data()[0]["is_self_reported"], true);
        let newest = all.column("id").remove(0);
        api.delete(&format!("/v1/progress-updates/{newest}"), &api.admin())
            .assert_status(204);
        assert_eq!(north(api)["implementation"]["status"], "complete");
        let again = api.import(update(json!({})));
        assert_eq!(total(&again).unchanged, 1);
    });
}

#[test]
fn third_party_updates_are_not_self_reported() {
    both_empty(|api| {
        seed(api);
        api.import(update(json!({"author": "council"})));
        let one = api.data("/v1/progress-updates")[0].clone();
        assert_includes(
            &one,
            json!({"author": {"slug": "council"}, "is_self_reported": false}),
        );
        for (author, count) in [("council", 1), ("north", 0)] {
            let found = api
                .get(&format!("/v1/progress-updates?author={author}"))
                .records();
            assert_eq!(found.len(), count, "{author}");
        }
    });
}

#[test]
fn only_a_body_with_standing_can_assess() {
    both_empty(|api| {
        seed(api);
        api.import(assessment(json!({})));
        assert_eq!(
            north(api)["assessment"],
            json!({"status": "open_acceptable", "as_at": "2026-11-01"})
        );
        assert_eq!(north(api)["implementation"]["status"], "unknown");
        let (place, rule) = api.mistake(assessment(json!({"assessor": "council"})));
        assert_eq!(place, "/assessor");
        assert!(rule.contains("a publisher of the report"), "{rule}");
        for (document, pointer) in [
            (
                assessment(json!({"organisation": "council"})),
                "/organisation",
            ),
            (assessment(json!({"status": "not_assessed"})), "/status"),
            (assessment(json!({"as_at": "soon"})), "/as_at"),
            (assessment(json!({"number": "9"})), "/number"),
            (assessment(json!({"recommendation": "r-1"})), "/number"),
            (update(json!({"organisation": "council"})), "/organisation"),
        ] {
            assert_eq!(api.mistake(document).0, pointer);
        }
        // contradicts a recorded response
        let response = json!({"type": "response", "report": "r", "responder": "north", "published_on": "2026-11-01", "covers": [{"number": "1"}]});
        api.import(response);
        let (place, rule) = api.mistake(assessment(json!({"status": "closed_no_response"})));
        assert_eq!(place, "/status");
        assert!(rule.contains("a response is on record"), "{rule}");
        let silent = assessment(json!({"organisation": "south", "status": "closed_no_response"}));
        api.import(silent);
    });
}

#[test]
fn addressee_and_recommender_write_only_their_own_axis() {
    both_empty(|api| {
        seed(api);
        let (_, addressee) = api.client(&["responses:write"], &["north"]);
        let (_, recommender) = api.client(
            &["assessments:write", "recommendations:write"],
            &["watchdog"],
        );
        let plain = |mut document: Value| {
            document.as_object_mut().unwrap().shift_remove("type");
            document
        };
        let (update, assessment) = (plain(update(json!({}))), plain(assessment(json!({}))));
        let post = |path: &str, token: &str, document: &Value| api.post(path, token, document);
        post("/v1/assessments", &addressee, &assessment).problem(403, "insufficient-scope");
        post("/v1/progress-updates", &recommender, &update).problem(403, "insufficient-scope");
        post("/v1/progress-updates", &addressee, &update).assert_status(201);
        let done = post("/v1/assessments", &recommender, &assessment).assert_status(201);
        assert_eq!(done.json()["data"]["obligation"], north(api)["id"]);
        // an addressee cannot assess as the recommender
        let (_, both) = api.client(&["responses:write", "assessments:write"], &["north"]);
        post(
            "/v1/assessments",
            &both,
            &with(assessment, json!({"as_at": "2026-11-02"})),
        )
        .problem(403, "insufficient-scope");
    });
}

#[test]
fn the_matrix_shows_every_axis_as_of_its_day() {
    both_empty(|api| {
        seed(api);
        api.import(update(json!({})));
        api.clock.set(time("2026-11-26T09:00:00Z"));
        api.import_all(&[
            update(json!({"as_at": "2026-11-25", "status": "complete"})),
            assessment(json!({"as_at": "2026-11-26", "status": "closed_implemented"})),
        ]);
        let cell = |query: &str| {
            api.data(&format!("/v1/reports/r/coverage?organisation=north{query}"))["rows"][0]["cells"][0]
                .clone()
        };
        let now = json!({
            "implementation_status": "complete", "implementation_as_at": "2026-11-25",
            "assessment_status": "closed_implemented", "assessment_as_at": "2026-11-26",
        });
        assert_includes(&cell(""), now);
        let then =
            json!({"implementation_status": "in_progress", "assessment_status": "not_assessed"});
        assert_includes(&cell("&as_of=2026-11-25"), then);
        for (query, count) in [
            ("implementation_status=complete", 1),
            ("implementation_status=unknown", 1),
            ("assessment_status=closed_implemented", 1),
        ] {
            let found = api.get(&format!("/v1/obligations?{query}"));
            assert_eq!(found.column("id").len(), count, "{query}");
        }
        api.assert_log_verifies();
        let again = total(&api.import(api.export()));
        assert_eq!((again.created, again.updated), (0, 0));
    });
}

#[test]
fn the_matrix_links_to_published_action_plans() {
    both_empty(|api| {
        seed(api);
        let plan = |more: Value| {
            let document = json!({"type": "action_plan", "report": "r", "organisation": "north", "url": "https://north.example/plan",
                "first_seen_on": "2026-10-01", "actions": [{"number": "1", "text": "We do it.", "target_on": "2026-12-31"}]});
            with(document, more)
        };
        api.import(plan(json!({})));
        let shown = api.data("/v1/action-plans?organisation=north")[0].clone();
        assert_eq!(shown["actions"][0]["recommendation"]["number"], "1");
        assert_eq!(shown["actions"][0]["target_on"], "2026-12-31");
        let rows = api.data("/v1/reports/r/coverage")["rows"].clone();
        assert_eq!(
            rows[0]["action_plans"],
            json!([{"id": shown["id"], "url": "https://north.example/plan"}])
        );
        assert_eq!(rows[1]["action_plans"], json!([]));
        // a changed page is still the same record, and the matrix of a past day still shows the plan
        api.clock.set(time("2026-11-26T09:00:00Z"));
        api.import(plan(json!({"last_changed_on": "2026-11-26"})));
        assert_eq!(api.get("/v1/action-plans?count=exact").count(), 1);
        let then = api.data("/v1/reports/r/coverage?as_of=2026-11-25");
        assert_eq!(then["rows"][0]["action_plans"][0]["id"], shown["id"]);
        for (more, pointer) in [
            (json!({"organisation": "council"}), "/organisation"),
            (json!({"url": "ftp://north.example"}), "/url"),
            (json!({"last_changed_on": "2026-09-30"}), "/last_changed_on"),
            (
                json!({"actions": [{"number": "9", "text": "T"}]}),
                "/actions/0/number",
            ),
            (json!({"actions": [{"text": "T"}]}), "/actions/0/number"),
        ] {
            assert_eq!(api.mistake(plan(more.clone())).0, pointer, "{more}");
        }
        let (_, south) = api.client(&["responses:write"], &["south"]);
        let (_, north) = api.client(&["responses:write"], &["north"]);
        let path = format!("/v1/action-plans/{}", shown["id"].as_str().unwrap());
        let patch = json!({"title": "Our plan"});
        api.patch(&path, &south, &patch)
            .problem(403, "insufficient-scope");
        assert_eq!(api.patch(&path, &north, &patch).data()["title"], "Our plan");
        let withdrawn = api.patch(&path, &north, &json!({"state": "withdrawn", "withdrawal": {"at": "2020-01-01T00:00:00Z", "reason": "Fictional."}}));
        assert_eq!(withdrawn.data()["actions"], json!([]));
        let erased = api.patch(&path, &api.admin(), &json!({"state": "erased"}));
        assert!(erased.status < 500, "{}", erased.text());
        api.assert_log_verifies();
    });
}
