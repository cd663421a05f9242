//! Obligations: how they are generated from addressees, and their state on a given day.

use answerable::platform::config::Config;
use answerable::tracking::catalogue::CATALOGUE;
use answerable::tracking::obligations::generation::generate_all;
use answerable::writing::past::comparing;
use serde_json::{Value, json};

use crate::support::{Instance, assert_includes, both, both_empty, texts, time, total, with};

const STATES: [&str; 10] = [
    "not_required",
    "pending",
    "extended",
    "holding_reply",
    "not_checked",
    "overdue",
    "responded_on_time",
    "responded_late",
    "responded",
    "responded_withheld",
];

/// A report with one recommendation to a group of three forces, one of them excluded, due under the 56-day rule.
fn seed(api: &Instance) {
    api.import_all(&[
        json!({"type": "organisation", "slug": "watchdog", "name": "The Fictional Watchdog"}),
        json!({"type": "organisation", "slug": "north", "name": "North Force"}),
        json!({"type": "organisation", "slug": "south", "name": "South Force"}),
        json!({"type": "organisation", "slug": "harbour", "name": "Harbour Force"}),
        json!({"type": "group", "slug": "forces", "name": "All forces", "members": [
            {"organisation": "north"}, {"organisation": "south"}, {"organisation": "harbour"}]}),
        report(json!({})),
        recommendation(json!({})),
    ]);
}

fn report(more: Value) -> Value {
    let report = json!({"type": "report", "slug": "r", "title": "R", "published_on": "2026-09-30", "publishers": ["watchdog"]});
    with(report, more)
}

fn recommendation(more: Value) -> Value {
    let document = json!({"type": "recommendation", "report": "r", "number": "1", "text": "Do it.",
        "addressees": ["forces"], "exclusions": ["harbour"], "response_requirement": "statutory",
        "deadlines": [{"kind": "response", "rule": "iopc-28b-response"}, {"kind": "implementation", "stated_due_on": "2027-03-31"}]});
    with(document, more)
}

#[test]
fn each_addressee_has_one_obligation_per_recommendation() {
    both(|api| {
        let all = api.get(
            "/v1/recommendations/stalking-super-complaint-2024-7/obligations?count=exact&limit=100",
        );
        assert_eq!(all.count(), 43);
        let one = api.data("/v1/obligations?recommendation=stalking-super-complaint-2024-7&organisation=essex-police");
        assert_eq!(one.as_array().unwrap().len(), 1);
        let expected = json!({"organisation": {"slug": "essex-police"}, "via_group": {"slug": "all-chief-constables-england-wales"}});
        assert_includes(&one[0], expected);
        let id = one[0]["id"].as_str().unwrap();
        assert_eq!(&id[14..15], "8", "version 8");
        assert_eq!(api.data(&format!("/v1/obligations/{id}")), one[0]);
        let mine = api.get("/v1/organisations/essex-police/obligations?limit=100");
        assert!(mine.column("id").contains(&id.to_owned()));
        let none = "/v1/organisations/essex-police/obligations?organisation=iopc";
        assert_eq!(api.data(none), json!([]));
        api.get("/v1/obligations/01890a5d-ac96-874b-bcce-b302099a8057")
            .problem(404, "not-found");
    });
}

#[test]
fn missing_obligations_are_generated_for_an_older_database() {
    both(|api| {
        let fields = "id,organisation,recommendation,due_on,via_group";
        let all = || api.walk_records(&format!("/v1/obligations?limit=100&fields={fields}"));
        let count = || api.count("SELECT count(*) AS count FROM obligations");
        let before = (all(), count());
        api.execute(&["DELETE FROM obligation_spans WHERE substr(id, 1, 1) > '7'"]);
        assert!(count() < before.1);
        api.write_directly(|writer| generate_all(writer.connection));
        assert_eq!((all(), count()), before);
    });
}

#[test]
fn exclusions_and_deadlines_follow_the_recommendation_and_regeneration_is_idempotent() {
    both_empty(|api| {
        seed(api);
        let list = || api.data("/v1/obligations?expand=organisation");
        let before = list();
        let slugs = |list: &Value| -> Vec<String> {
            let of = |one: &Value| one["organisation"]["slug"].as_str().unwrap().to_owned();
            let mut slugs: Vec<String> = list.as_array().unwrap().iter().map(of).collect();
            slugs.sort();
            slugs
        };
        assert_eq!(slugs(&before), ["north", "south"]);
        let first = &before[0];
        let expected = json!({
            "due_on": "2026-11-24",
            "deadlines": [{"computed_due_on": "2026-11-24", "start_on": "2026-09-30"}, {"due_on": "2027-03-31"}],
            "response_requirement": "statutory", "revision": 0, "implementation": {"status": "unknown"},
        });
        assert_includes(first, expected);
        api.clock.set(time("2026-11-24T18:00:00Z"));
        api.import(recommendation(json!({})));
        assert_eq!(list(), before);
        // the stated date wins, and the discrepancy is flagged
        let stated = json!([{"kind": "response", "rule": "iopc-28b-response", "stated_due_on": "2026-11-25"}]);
        api.import(recommendation(json!({"deadlines": stated})));
        let after = list();
        assert_eq!(after[0]["due_on"], "2026-11-25");
        assert_eq!(after[0]["deadlines"][0]["discrepancy"], true);
        assert_eq!(after[0]["id"], before[0]["id"]);
        assert_ne!(after[0]["updated_at"], before[0]["updated_at"]);
        // after correcting the report's date, the rule counts from the right day
        api.import(report(json!({"published_on": "2026-10-01"})));
        assert_eq!(list()[0]["deadlines"][0]["computed_due_on"], "2026-11-25");
        api.import(recommendation(json!({"exclusions": ["harbour", "south"]})));
        assert_eq!(slugs(&list()), ["north"]);
    });
}

#[test]
fn invalid_terms_are_reported_with_their_pointer() {
    both_empty(|api| {
        seed(api);
        let twice = json!({"kind": "response", "stated_due_on": "2026-12-01"});
        for (more, pointer) in [
            (
                json!({"deadlines": [{"kind": "response", "rule": "no-such-rule"}]}),
                "/deadlines/0/rule",
            ),
            (
                json!({"deadlines": [{"kind": "response"}]}),
                "/deadlines/0/stated_due_on",
            ),
            (json!({"deadlines": [twice, twice]}), "/deadlines"),
            (json!({"exclusions": ["nobody"]}), "/exclusions/0"),
        ] {
            assert_eq!(api.mistake(recommendation(more)).0, pointer);
        }
    });
}

#[test]
fn nobody_is_overdue_before_responses_have_been_checked() {
    both_empty(|api| {
        seed(api);
        let state = |at: &str| {
            api.clock.set(time(at));
            let answer = api.get("/v1/obligations?organisation=north");
            (
                answer.data()[0]["response_state"].clone(),
                answer.header("cache-control").to_owned(),
            )
        };
        // a Tuesday in winter: the day ends at the same time in London and UTC
        let (last, control) = state("2026-11-24T23:59:30Z");
        assert_eq!(last, "pending");
        assert_eq!(
            control, "public, max-age=30, s-maxage=30",
            "no cache outlives the day"
        );
        assert_eq!(state("2026-11-25T00:00:00Z").0, "not_checked");
        api.import(report(json!({"responses_checked_on": "2026-11-24"})));
        assert_eq!(
            state("2026-11-25T00:00:00Z").0,
            "not_checked",
            "it was looked for too early"
        );
        api.import(report(json!({"responses_checked_on": "2026-11-25"})));
        assert_eq!(state("2026-11-25T09:00:00Z").0, "overdue");
        let overdue = api.get("/v1/obligations?state=overdue&due_before=2026-12-01&count=exact");
        assert_eq!(overdue.count(), 2);
        api.import(recommendation(json!({"response_requirement": "none"})));
        assert_eq!(state("2026-11-25T09:00:00Z").0, "not_required");
        let then = api.data("/v1/obligations?organisation=north&as_of=2026-11-24");
        assert_eq!(then[0]["response_state"], "pending");
        assert_eq!(then[0]["response_requirement"], "statutory");
    });
}

#[test]
fn deadlines_end_at_london_midnight_in_summer() {
    both_empty(|api| {
        seed(api);
        let due = json!([{"kind": "response", "stated_due_on": "2027-06-30"}]);
        api.import(recommendation(json!({"deadlines": due})));
        for (at, expected) in [
            ("2027-06-30T22:59:59Z", "pending"),
            ("2027-06-30T23:00:00Z", "not_checked"),
        ] {
            api.clock.set(time(at));
            assert_eq!(
                api.data("/v1/obligations")[0]["response_state"],
                expected,
                "{at}"
            );
        }
    });
}

/// Writes every combination of a row's values directly: each state filter finds exactly the rows in that state.
#[test]
fn a_state_filter_matches_exactly_the_obligations_in_that_state() {
    both(|api| {
        let statements = [
            "UPDATE obligation_spans SET is_withheld = FALSE, has_holding_reply = FALSE, due_on = '2024-12-01', due_key = '2024-12-01'",
            "UPDATE obligation_spans SET is_answered = (substr(id, 2, 1) < '8'), is_receipt_known = (substr(id, 1, 1) < '8')",
            "UPDATE obligation_spans SET answered_on = '2024-11-22' WHERE is_answered",
            "UPDATE obligation_spans SET is_answered = TRUE, answered_on = '2025-01-08' WHERE substr(id, 2, 1) < '4'",
            "UPDATE obligation_spans SET is_withheld = TRUE WHERE is_answered AND substr(id, 3, 1) < '3'",
            "UPDATE obligation_spans SET due_on = NULL, due_key = '9999-12-31' WHERE substr(id, 4, 1) < '3'",
            "UPDATE obligation_spans SET due_on = '2030-01-01', due_key = '2030-01-01' WHERE substr(id, 4, 1) > 'c'",
            "UPDATE obligation_spans SET has_holding_reply = TRUE WHERE substr(id, 5, 1) < '8'",
            "UPDATE obligation_spans SET is_extended = TRUE WHERE substr(id, 6, 1) < '6'",
            "UPDATE obligation_spans SET checked_on = '2026-01-01' WHERE substr(id, 7, 1) < '9'",
            "UPDATE obligation_spans SET response_requirement = 'none' WHERE substr(id, 8, 1) < '3'",
        ];
        api.execute(&statements);
        let count = |query: &str| {
            let page = api.get(&format!("/v1/obligations?limit=1&count=exact{query}"));
            page.count()
        };
        let mut sum = 0;
        for state in STATES {
            let of_state = count(&format!("&state={state}"));
            assert!(of_state > 0, "none is {state}");
            sum += of_state;
            for page in api.walk(&format!(
                "/v1/obligations?limit=100&state={state}&fields=response_state"
            )) {
                let shown = page.column("response_state");
                assert!(
                    shown.iter().all(|shown| shown == state),
                    "{state}: {shown:?}"
                );
            }
        }
        assert_eq!(sum, count(""));
        let both = count("&state=overdue&state=pending");
        assert_eq!(both, count("&state=overdue") + count("&state=pending"));
    });
}

#[test]
fn obligations_of_a_draft_report_are_hidden() {
    both_empty(|api| {
        seed(api);
        let id = api.get("/v1/obligations").column("id").remove(0);
        api.import(report(json!({"state": "draft"})));
        assert_eq!(api.get("/v1/obligations?count=exact").count(), 0);
        api.get(&format!("/v1/obligations/{id}"))
            .problem(404, "not-found");
        api.import(report(json!({})));
        api.get(&format!("/v1/obligations/{id}")).assert_status(200);
        api.import(recommendation(json!({"state": "withdrawn", "withdrawal": {"at": "2026-11-24T12:00:00Z", "reason": "Fictional."}})));
        assert_eq!(api.data("/v1/obligations"), json!([]));
        api.get(&format!("/v1/obligations/{id}")).assert_status(200);
        api.import(recommendation(json!({"state": "gone"})));
        api.get(&format!("/v1/obligations/{id}"))
            .problem(410, "gone");
    });
}

#[test]
fn every_deadline_revision_is_kept() {
    both_empty(|api| {
        seed(api);
        let (_, watchdog) = api.client(&["recommendations:write"], &["watchdog"]);
        let (_, force) = api.client(&["responses:write", "recommendations:write"], &["north"]);
        let before = api.data("/v1/obligations?organisation=north")[0].clone();
        let path = format!("/v1/obligations/{}", before["id"].as_str().unwrap());
        let extension = json!({"kind": "response", "change": "extension", "due_on": "2026-12-15", "set_on": "2026-11-20", "by": "The Fictional Watchdog", "reason": "Asked for in time."});
        let patch = |token: &str, document: &Value| api.patch(&path, token, document);
        let first = json!({"revisions": [extension]});
        patch(&force, &first).problem(403, "insufficient-scope");
        let tag = api.get(&path).header("etag").to_owned();
        api.write("PATCH", &path, &watchdog, &[("if-match", &tag)], &first)
            .assert_status(200);
        api.write("PATCH", &path, &watchdog, &[("if-match", &tag)], &first)
            .problem(412, "precondition-failed");
        let after = api.data(&path);
        assert_includes(
            &after,
            json!({"due_on": "2026-12-15", "response_state": "extended", "revision": 1}),
        );
        assert_eq!(after["deadlines"][0]["computed_due_on"], "2026-11-24");
        assert_eq!(
            after["deadlines"][0]["revisions"][0]["reason"],
            "Asked for in time."
        );
        assert_eq!(
            api.data("/v1/obligations?organisation=south")[0]["due_on"],
            "2026-11-24"
        );
        // a slippage recorded after the due date moves it as well
        api.clock.set(time("2027-04-02T12:00:00Z"));
        let (_, watchdog) = api.client(&["recommendations:write"], &["watchdog"]);
        let slippage = json!({"kind": "implementation", "change": "slippage", "due_on": "2027-06-30", "set_on": "2027-04-02"});
        let both = json!({"revisions": [extension, slippage]});
        patch(&watchdog, &both).assert_status(200);
        assert_eq!(api.data(&path)["deadlines"][1]["due_on"], "2027-06-30");
        patch(&watchdog, &json!({"revisions": []})).assert_invalid(&["#/revisions"]);
        for (more, words) in [
            (
                json!({"set_on": "2026-11-25"}),
                "must be set by the deadline",
            ),
            (json!({"due_on": "2026-11-24"}), "to a later day"),
            (
                json!({"kind": "acknowledgement"}),
                "sets no deadline of this kind",
            ),
        ] {
            let revisions = json!({"revisions": [with(extension.clone(), more)]});
            let problem = patch(&api.admin(), &revisions).assert_invalid(&["#/revisions/0"]);
            let detail = problem["errors"][0]["detail"].as_str().unwrap();
            assert!(detail.contains(words), "{detail}");
        }
        assert_eq!(
            api.get(&format!("{path}/history")).column("revision"),
            ["2", "1"]
        );
        // regeneration loses nothing
        api.import(recommendation(json!({"text": "Do it now."})));
        assert_eq!(api.data(&path)["due_on"], "2026-12-15");
        api.assert_log_verifies();
        let again = total(&api.import(api.export()));
        assert_eq!((again.created, again.updated), (0, 0));
        api.clock.set(time("2026-11-26T09:00:00Z"));
        api.import(r#"{"type":"topic","slug":"later","name":"Later"}"#);
        let then = api.data(&format!("{path}?as_of=2026-11-25"));
        assert_eq!(then["due_on"], "2026-12-15");
        let matrix = api.data("/v1/reports/r/coverage?as_of=2026-11-25");
        assert_eq!(matrix["rows"][0]["cells"][0]["due_on"], "2026-12-15");
    });
}

#[test]
fn an_addressee_disputes_and_the_recommender_decides() {
    both_empty(|api| {
        seed(api);
        let id = |organisation: &str| {
            let list = api.get(&format!("/v1/obligations?organisation={organisation}"));
            list.column("id").remove(0)
        };
        let place = format!("/v1/obligations/{}/disputes", id("north"));
        let (_, north) = api.client(&["responses:write"], &["north"]);
        let (_, south) = api.client(&["responses:write"], &["south"]);
        let (_, watchdog) = api.client(&["recommendations:write"], &["watchdog"]);
        let words = json!({"text": "It was sent by post."});
        let send = |token: &str| api.act(&place, token, &words);
        send(&south).problem(403, "insufficient-scope");
        // the recommender cannot dispute on behalf of the addressee
        send(&watchdog).problem(403, "insufficient-scope");
        let dispute = send(&north).data()["disputes"][0].clone();
        let expected = json!({"raised_by": "North Force", "text": "It was sent by post."});
        assert_includes(&dispute, expected);
        assert_eq!(dispute.get("outcome"), None);
        assert_eq!(send(&north).data()["disputes"].as_array().unwrap().len(), 2);
        // the addressee can neither resolve nor remove disputes
        let item = format!("/v1/obligations/{}", id("north"));
        let patch = |token: &str, body: &Value| api.patch(&item, token, body);
        patch(&north, &json!({"disputes": []})).problem(403, "insufficient-scope");
        let decision = json!({"outcome": "It was not received.", "decided_on": "2026-12-01"});
        api.clock.set(time("2026-12-01T12:00:00Z"));
        let (_, watchdog) = api.client(&["recommendations:write"], &["watchdog"]);
        let decided = json!({"disputes": [with(dispute, decision)]});
        let shown = patch(&watchdog, &decided).data();
        assert_eq!(shown["disputes"][0]["outcome"], "It was not received.");
        let history = api.get(&format!("{item}/history"));
        assert_eq!(history.records().len(), 3);
    });
}

#[test]
fn checks_disputes_and_transfers_are_recorded() {
    both_empty(|api| {
        seed(api);
        api.clock.set(time("2026-12-01T09:00:00Z"));
        let record = |organisation: &str, more: Value| {
            let document = json!({"type": "obligation", "report": "r", "number": "1", "organisation": organisation});
            with(document, more)
        };
        let state = |organisation: &str| {
            let list = api.data(&format!("/v1/obligations?organisation={organisation}"));
            list[0]["response_state"].clone()
        };
        assert_eq!(
            (state("north"), state("south")),
            (json!("not_checked"), json!("not_checked"))
        );
        let dispute = json!({"raised_on": "2026-12-01", "raised_by": "North Force", "text": "It was sent by post."});
        api.import(record(
            "north",
            json!({"checked_on": "2026-12-01", "disputes": [dispute], "note": "Fictional."}),
        ));
        assert_eq!(
            (state("north"), state("south")),
            (json!("overdue"), json!("not_checked"))
        );
        let shown = api.data("/v1/obligations?organisation=north")[0].clone();
        assert_includes(
            &shown,
            json!({"disputes": [{"raised_by": "North Force"}], "note": "Fictional."}),
        );
        // Harbour Force succeeds South Force: the old cell stays
        let transfer = json!({"transferred_to": "harbour", "transferred_on": "2026-12-01"});
        api.import(record("south", transfer));
        let south = api.data("/v1/obligations?organisation=south")[0].clone();
        assert_eq!(south["transferred_to"]["slug"], "harbour");
        assert_eq!(state("south"), "transferred");
        assert_eq!(state("harbour"), "not_checked");
        let matrix = api.data("/v1/reports/r/coverage");
        assert_eq!(
            texts(&matrix["rows"], "slug"),
            ["harbour", "north", "south"]
        );
        let refused = |document: Value| api.mistake(document).0;
        assert_eq!(refused(record("watchdog", json!({}))), "/organisation");
        let open = with(dispute, json!({"outcome": "Upheld."}));
        assert_eq!(
            refused(record("north", json!({"disputes": [open]}))),
            "/disputes/0/outcome"
        );
        // it has no publication state of its own: its recommendation would still show it
        for state in ["draft", "withdrawn", "gone"] {
            assert_eq!(refused(record("north", json!({"state": state}))), "/state");
        }
        let erased = record("north", json!({"state": "erased", "note": "secret-word"}));
        api.import(erased);
        let list = api.data("/v1/obligations?organisation=north");
        assert_eq!(
            (list[0].get("note"), &list[0]["response_state"]),
            (None, &json!("not_checked"))
        );
        assert!(!api.export().contains("secret-word"));
    });
}

#[test]
fn on_time_requires_a_deadline_and_unknown_is_not_not_required() {
    both_empty(|api| {
        let recommendation = |number: &str, more: Value| {
            let document = json!({"type": "recommendation", "report": "r", "number": number, "text": "Do it.", "addressees": ["north"]});
            with(document, more)
        };
        api.import_all(&[
            json!({"type": "organisation", "slug": "watchdog", "name": "The Fictional Watchdog"}),
            json!({"type": "organisation", "slug": "north", "name": "North Force"}),
            json!({"type": "report", "slug": "r", "title": "R", "published_on": "2026-09-30", "publishers": ["watchdog"]}),
            recommendation("1", json!({})),
            recommendation("2", json!({"response_requirement": "none"})),
            recommendation("3", json!({"response_requirement": "requested"})),
            recommendation("4", json!({"response_requirement": "unknown"})),
        ]);
        let states = || {
            let list = api.get("/v1/reports/r/coverage").data();
            let cells = list["rows"][0]["cells"].as_array().unwrap().iter();
            let states = cells.map(|cell| cell["response_state"].as_str().unwrap().to_owned());
            states.collect::<Vec<_>>()
        };
        assert_eq!(states(), ["unknown", "not_required", "pending", "unknown"]);
        let covers: Vec<Value> = (1..=4)
            .map(|n| json!({"number": n.to_string(), "position": "accepted"}))
            .collect();
        let response = json!({"type": "response", "report": "r", "responder": "north", "received_on": "2026-10-01", "published_on": "2026-10-01", "covers": covers});
        api.import(response);
        assert_eq!(states(), ["responded"; 4]);
        assert_eq!(
            api.get("/v1/obligations?state=responded_on_time&count=exact")
                .count(),
            0
        );
        assert_eq!(
            api.get("/v1/obligations?state=responded&count=exact")
                .count(),
            4
        );
    });
}

#[test]
fn a_transferred_obligation_counts_once() {
    both_empty(|api| {
        seed(api);
        api.clock.set(time("2026-12-01T09:00:00Z"));
        let record = |organisation: &str, more: Value| {
            let document = json!({"type": "obligation", "report": "r", "number": "1", "organisation": organisation});
            with(document, more)
        };
        let totals = || api.data("/v1/reports/r/coverage")["totals"].clone();
        let addressed = totals()["addressed"].as_i64().unwrap();
        let to = |slug: &str| json!({"transferred_to": slug, "transferred_on": "2026-12-01"});
        let extension = json!({"kind": "response", "change": "extension", "due_on": "2026-12-15", "set_on": "2026-11-20"});
        let refused = |more: Value| api.mistake(record("south", more)).0;
        assert_eq!(refused(to("south")), "/transferred_to");
        assert_eq!(
            refused(json!({"transferred_to": "harbour"})),
            "/transferred_on"
        );
        api.import(record(
            "south",
            with(
                to("harbour"),
                json!({"revisions": [extension], "checked_on": "2026-12-01"}),
            ),
        ));
        let of = |slug: &str| api.data(&format!("/v1/obligations?organisation={slug}"))[0].clone();
        assert_includes(
            &of("south"),
            json!({"response_state": "transferred", "transferred_to": {"slug": "harbour"}, "transferred_on": "2026-12-01"}),
        );
        // the new one carries the deadline, extension included
        assert_includes(
            &of("harbour"),
            json!({"response_state": "extended", "due_on": "2026-12-15"}),
        );
        assert_includes(
            &totals(),
            json!({"cells": addressed + 1, "transferred": 1, "addressed": addressed}),
        );
        assert_eq!(
            api.get("/v1/obligations?state=transferred&count=exact")
                .count(),
            1
        );
        let calendar = |slug: &str| {
            api.get(&format!("/v1/deadlines.ics?organisation={slug}"))
                .text()
        };
        assert!(
            !calendar("south").contains("BEGIN:VEVENT"),
            "{}",
            calendar("south")
        );
        assert!(calendar("harbour").contains("DTSTART;VALUE=DATE:20261215"));
        let csv = api.get("/v1/reports/r/coverage?format=csv").text();
        assert!(csv.contains(",harbour,2026-12-01"), "{csv}");
        // it does not come back
        let back = record("harbour", to("south"));
        assert_eq!(api.mistake(back).0, "/transferred_to");
    });
}

#[test]
fn withdrawn_recommendations_stay_in_the_matrix_with_their_reason() {
    both_empty(|api| {
        seed(api);
        let before = api.data("/v1/reports/r/coverage");
        let cells = before["totals"]["cells"].as_i64().unwrap();
        let (_, watchdog) = api.client(&["recommendations:write"], &["watchdog"]);
        api.patch(
            "/v1/recommendations/r-1",
            &watchdog,
            &json!({"state": "withdrawn"}),
        )
        .problem(422, "validation-failed");
        let reason = json!({"reason": "It was made by mistake."});
        api.act("/v1/recommendations/r-1/withdraw", &watchdog, &reason)
            .assert_status(200);
        let shown = api.data("/v1/recommendations/r-1");
        assert_eq!(shown["withdrawal"]["reason"], "It was made by mistake.");
        let after = api.data("/v1/reports/r/coverage");
        let column = after["columns"]
            .as_array()
            .unwrap()
            .iter()
            .find(|column| column["number"] == "1")
            .unwrap();
        assert_eq!(column["withdrawal"]["reason"], "It was made by mistake.");
        let withdrawn = after["totals"]["withdrawn"].as_i64().unwrap();
        assert!(withdrawn > 0);
        assert_includes(
            &after["totals"],
            json!({"cells": cells, "addressed": cells - withdrawn}),
        );
        assert_eq!(
            api.get("/v1/obligations?state=withdrawn&count=exact")
                .count() as i64,
            withdrawn
        );
        assert!(
            api.get("/v1/obligations")
                .records()
                .iter()
                .all(|one| one["response_state"] != "withdrawn")
        );
        // with the report, all of them
        api.withdraw("/v1/reports/r", "Replaced.");
        let all = api.data("/v1/reports/r/coverage");
        assert_eq!(all["withdrawal"]["reason"], "Replaced.");
        assert_includes(
            &all["totals"],
            json!({"cells": cells, "withdrawn": cells, "addressed": 0}),
        );
        assert!(
            !api.get("/v1/deadlines.ics?organisation=north")
                .text()
                .contains("BEGIN:VEVENT")
        );
    });
}

#[test]
fn addressees_come_back_with_an_exclusion_or_a_direct_address_taken_back() {
    both_empty(|api| {
        seed(api);
        let list = || {
            let mut names: Vec<String> = api
                .get("/v1/recommendations/r-1/obligations")
                .records()
                .iter()
                .map(|one| one["organisation"]["slug"].as_str().unwrap().to_owned())
                .collect();
            names.sort();
            names
        };
        let before = list();
        api.import(recommendation(json!({"exclusions": ["north"]})));
        assert!(!list().contains(&"north".to_owned()));
        api.import(recommendation(json!({})));
        assert_eq!(list(), before);
        let both = json!({"addressees": ["north", "forces"]});
        api.import(recommendation(both));
        api.import(recommendation(json!({})));
        assert_eq!(list(), before);
    });
}

#[test]
fn a_closed_obligation_leaves_the_calendar() {
    both_empty(|api| {
        seed(api);
        let events = || {
            api.get("/v1/deadlines.ics?organisation=north")
                .text()
                .matches("BEGIN:VEVENT")
                .count()
        };
        assert!(events() > 0);
        let assessment = json!({"type": "assessment", "report": "r", "number": "1", "organisation": "north", "assessor": "watchdog", "status": "closed_superseded", "as_at": "2026-11"});
        api.import(assessment);
        let open = api
            .get("/v1/obligations?organisation=north")
            .records()
            .into_iter();
        let open = open
            .filter(|one| one["assessment"]["status"] == "not_assessed")
            .count();
        assert_eq!(open, 0, "the seed has one recommendation");
        assert_eq!(events(), 0);
    });
}

#[test]
fn an_addressee_that_is_taken_back_stays_on_record() {
    both_empty(|api| {
        seed(api);
        api.import(json!({"type": "organisation", "slug": "west", "name": "West Force"}));
        let of = |slug: &str, at: &str| {
            let rows = ["", "&state=withdrawn"]
                .map(|state| api.data(&format!("/v1/obligations?organisation={slug}{at}{state}")));
            let mut rows = rows.iter().filter_map(|rows| rows.get(0));
            rows.next().cloned().unwrap_or_default()
        };
        assert_eq!(of("north", "")["response_state"], "pending");
        api.clock.set(time("2026-11-24T15:00:00Z"));
        // one is excluded, the others are replaced with another body
        api.import(recommendation(json!({"exclusions": ["harbour", "north"]})));
        assert_eq!(of("north", "")["response_state"], "withdrawn");
        assert_eq!(of("harbour", ""), Value::Null, "it never was addressed");
        api.clock.set(time("2026-11-24T18:00:00Z"));
        api.import(recommendation(
            json!({"addressees": ["west"], "exclusions": []}),
        ));
        for (slug, state) in [
            ("north", "withdrawn"),
            ("south", "withdrawn"),
            ("west", "pending"),
        ] {
            assert_eq!(of(slug, "")["response_state"], state, "{slug}");
        }
        let totals = api.data("/v1/reports/r/coverage")["totals"].clone();
        assert_includes(&totals, json!({"cells": 3, "withdrawn": 2, "addressed": 1}));
        // the past and a replay of the log agree
        for (at, states) in [
            ("2026-11-24T13:00:00Z", ["pending", "pending"]),
            ("2026-11-24T16:00:00Z", ["withdrawn", "pending"]),
        ] {
            let at = format!("&as_of={at}");
            let then = ["north", "south"].map(|slug| of(slug, &at)["response_state"].clone());
            assert_eq!(then, states.map(Value::from), "{at}");
        }
        assert_same_as_replayed(api);
        // addressed again, it owes again
        api.import(recommendation(
            json!({"addressees": ["west", "north"], "exclusions": []}),
        ));
        assert_eq!(of("north", "")["response_state"], "pending");
        // in a draft nobody is told anything
        api.import(with(
            report(json!({"slug": "d"})),
            json!({"state": "draft"}),
        ));
        let draft = |addressee: &str| {
            recommendation(json!({"report": "d", "addressees": [addressee], "exclusions": []}))
        };
        api.import(draft("south"));
        api.import(draft("west"));
        api.import(report(json!({"slug": "d"})));
        let under = "/v1/obligations?report=d";
        assert_eq!(api.data(under).as_array().unwrap().len(), 1);
        // what is withdrawn now had its addressees too
        let withdrawn = json!({"addressees": ["west"], "exclusions": [], "state": "withdrawn", "withdrawal": {"at": "2026-11-24T18:00:00Z", "reason": "It was wrong."}});
        api.import(recommendation(withdrawn));
        assert_same_as_replayed(api);
    });
}

/// Checks that a replay of the log gives the same records.
fn assert_same_as_replayed(api: &Instance) {
    let (size, now) = (Config::default().pool_size(), api.clock.now());
    let differences = comparing::differences(&api.database, &CATALOGUE, size, now);
    assert_eq!(differences.unwrap(), []);
}

#[test]
fn a_transfer_that_is_taken_back_takes_those_after_it_along() {
    both_empty(|api| {
        seed(api);
        api.import(json!({"type": "organisation", "slug": "west", "name": "West Force"}));
        let record = |organisation: &str, more: Value| {
            let document = json!({"type": "obligation", "report": "r", "number": "1", "organisation": organisation});
            with(document, more)
        };
        let to = |slug: &str| json!({"transferred_to": slug, "transferred_on": "2026-11-20"});
        // in any order
        api.import_all(&[
            record("harbour", to("west")),
            record("south", to("harbour")),
        ]);
        let state = |slug: &str| {
            let rows = ["", "&state=withdrawn"]
                .map(|state| api.data(&format!("/v1/obligations?organisation={slug}{state}")));
            let row = rows.iter().find_map(|rows| rows.get(0));
            row.map_or(Value::Null, |row| row["response_state"].clone())
        };
        let states = || ["south", "harbour", "west"].map(state);
        assert_eq!(states(), ["transferred", "transferred", "pending"]);
        api.import(record("south", json!({})));
        assert_eq!(states(), ["pending", "withdrawn", "withdrawn"]);
        let early = json!({"transferred_to": "west", "transferred_on": "2026-09-29"});
        assert_eq!(api.mistake(record("south", early)).0, "/transferred_on");
        assert_same_as_replayed(api);
    });
}

/// The lines of the calendar, unfolded.
fn calendar(api: &Instance, query: &str) -> String {
    let answer = api.get(&format!("/v1/deadlines.ics?{query}"));
    let text = answer.assert_status(200).text();
    assert!(text.lines().all(|line| line.len() <= 75), "{text}");
    text.replace("\r\n ", "")
}

#[test]
fn an_event_says_what_was_recommended_and_how_its_day_was_counted() {
    both_empty(|api| {
        seed(api);
        api.import_all(&[
            recommendation(json!({"text": "Do it; now,\r\nor say why."})),
            json!({"type": "organisation", "slug": "south", "name": "South, Force"}),
            json!({"type": "obligation", "report": "r", "number": "1", "organisation": "south", "revisions": [
                {"kind": "response", "change": "extension", "due_on": "2026-12-15", "set_on": "2026-11-20", "by": "The Fictional Watchdog", "reason": "It was asked for."}]}),
        ]);
        let shown = calendar(api, "organisation=south&report=r");
        let title = "Deadlines of recommendations to South\\, Force – R";
        for line in [
            format!("\r\nNAME;VALUE=TEXT:{title}\r\n"),
            format!("\r\nX-WR-CALNAME:{title}\r\n"),
        ] {
            assert!(shown.contains(&line), "no {line:?} in {shown}");
        }
        let events: Vec<&str> = shown.split("BEGIN:VEVENT").skip(1).collect();
        assert_eq!(events.len(), 2, "{shown}");
        assert_eq!(shown.matches("\r\nTRANSP:TRANSPARENT\r\n").count(), 2);
        let of = |kind: &str| *events.iter().find(|event| event.contains(kind)).unwrap();
        let id = api
            .get("/v1/obligations?organisation=south")
            .column("id")
            .remove(0);
        let page = format!("{}/v1/obligations/{id}", api.base);
        let response = of("-response@");
        let description = format!(
            "\r\nDESCRIPTION:R\\n\\nDo it\\; now\\,\\nor say why.\\n\\nResponse to a recommendation of the IOPC (Police Reform Act 2002\\, Schedule 3\\, paragraph 28B): 56 days beginning with 30 September 2026\\, which is the first day\\; the last day is 24 November 2026.\\nExtended on 20 November 2026 by The Fictional Watchdog to 15 December 2026: It was asked for.\\n\\n{page}\r\n"
        );
        assert!(response.contains(&description), "{response}");
        assert!(response.contains("DTSTART;VALUE=DATE:20261215"));
        let implementation = of("-implementation@");
        assert!(
            implementation.contains("\\nThe source states 31 March 2027.\\n"),
            "{implementation}"
        );
        assert!(!shown.contains("VALARM"));
        assert!(calendar(api, "").contains("\r\nX-WR-CALNAME:Deadlines of recommendations\r\n"));
    });
}

#[test]
fn events_have_an_alarm_if_one_is_asked_for() {
    both_empty(|api| {
        seed(api);
        for (asked, trigger) in [
            ("P7D", "-P7D"),
            ("P2W", "-P14D"),
            ("P1D", "-P1D"),
            ("P366D", "-P366D"),
            ("P52W", "-P364D"),
        ] {
            let shown = calendar(api, &format!("organisation=south&alarm={asked}"));
            let alarms: Vec<&str> = shown.split("BEGIN:VALARM").skip(1).collect();
            assert_eq!(alarms.len(), 2, "{shown}");
            for line in [
                "\r\nACTION:DISPLAY\r\n".to_owned(),
                format!("\r\nTRIGGER:{trigger}\r\n"),
                "\r\nDESCRIPTION:".to_owned(),
            ] {
                assert!(
                    alarms.iter().all(|alarm| alarm.contains(&line)),
                    "no {line:?} in {shown}"
                );
            }
            assert!(alarms.iter().any(|alarm| {
                alarm.contains("DESCRIPTION:Response due: South Force\\, recommendation 1\r\n")
            }));
        }
        // the same request has the same response, on every node
        let token = api.admin();
        let fresh = || api.get_as(&token, "/v1/deadlines.ics?alarm=P7D").bytes;
        let first = fresh();
        std::thread::sleep(std::time::Duration::from_millis(1_100));
        assert_eq!(fresh(), first);
        for wrong in [
            "P0D", "P367D", "P53W", "P9999D", "-P7D", "P7", "7D", "PD", "P+7D", "PT7H", "P7DT1H",
            "P1M", "week",
        ] {
            let wrong: String = url::form_urlencoded::byte_serialize(wrong.as_bytes()).collect();
            let answer = api.get(&format!("/v1/deadlines.ics?alarm={wrong}"));
            let problem = answer.problem(400, "invalid-query");
            assert_eq!(
                answer.mistakes(),
                [("alarm".to_owned(), "invalid_value".to_owned())]
            );
            let detail = problem["errors"][0]["detail"].as_str().unwrap();
            assert!(detail.contains("from P1D to P366D"), "{detail}");
        }
    });
}
