//! `on`: what was the case on a day, by the dates of the facts.

use serde_json::{Value, json};

use crate::support::{Instance, assert_includes, both_empty, time, with};

const REPORT: &str = "dated-report";

fn report(more: Value) -> Value {
    let document = json!({"type": "report", "slug": REPORT, "title": "Dated", "published_on": "2024-03-01", "publishers": ["watchdog"]});
    with(document, more)
}

/// The newest check by a day.
fn checked_on(api: &Instance, day: &str) -> Option<Value> {
    let list = api.data(&format!("/v1/obligations?organisation=force&on={day}"));
    list[0].get("checked_on").cloned()
}

/// All that happens to one obligation in two years, recorded in one go, but for the first of two checks.
fn seed(api: &Instance) {
    api.clock.set(time("2026-11-24T12:00:00Z"));
    let recommendation = json!({"type": "recommendation", "slug": "dated-1", "report": REPORT, "number": "1", "text": "Do it.", "addressees": ["force"], "response_requirement": "requested", "deadlines": [{"kind": "response", "stated_due_on": "2024-06-01"}]});
    let facts = json!({"type": "obligation", "report": REPORT, "number": "1", "organisation": "force", "checked_on": "2024-06-15", "revisions": [
        {"kind": "response", "change": "correction", "due_on": "2024-06-02", "set_on": "2024-03-20"},
        {"kind": "response", "change": "extension", "due_on": "2024-09-01", "set_on": "2024-05-20"},
        {"kind": "response", "change": "correction", "due_on": "2024-09-02", "set_on": "2024-07-01"},
    ]});
    let body = |slug: &str| json!({"type": "organisation", "slug": slug, "name": slug});
    let force = json!({"names": [{"name": "Old Force", "until": "2025-01-01"}, {"name": "force", "from": "2025-01-01"}]});
    api.import_all(&[
        body("watchdog"),
        with(body("force"), force),
        body("heir"),
        report(json!({})),
        recommendation,
        facts.clone(),
    ]);
    let later = json!({
        "checked_on": "2024-09-10", "transferred_to": "heir", "transferred_on": "2026-02-01",
        "disputes": [{"raised_on": "2025-02-01", "text": "Not so.", "outcome": "It is so.", "decided_on": "2025-03-01"}],
    });
    let response = json!({"type": "response", "report": REPORT, "responder": "force", "covers": [{"number": "1", "position": "accepted"}]});
    api.import_all(&[
        with(facts, later),
        with(response.clone(), json!({"kind": "holding", "published_on": "2024-04-01", "covers": [{"number": "1"}]})),
        with(response, json!({"received_on": "2024-10-05", "published_on": "2024-10-20"})),
        json!({"type": "progress_update", "report": REPORT, "number": "1", "organisation": "force", "status": "in_progress", "as_at": "2024-11", "published_on": "2025-01-15"}),
        json!({"type": "progress_update", "report": REPORT, "number": "1", "organisation": "force", "status": "complete", "as_at": "2026", "published_on": "2026-01-15"}),
        json!({"type": "assessment", "report": REPORT, "number": "1", "organisation": "force", "assessor": "watchdog", "status": "open_acceptable", "as_at": "2025"}),
        json!({"type": "action_plan", "report": REPORT, "organisation": "force", "url": "https://force.example/plan", "first_seen_on": "2024-12-01"}),
    ]);
    api.clock.set(time("2026-11-25T12:00:00Z"));
}

/// From which day on the obligation shows what.
fn expected() -> Vec<(&'static str, Value)> {
    let state = |state: &str| json!({"response_state": state});
    vec![
        (
            "2024-03-01",
            json!({"response_state": "pending", "due_on": "2024-06-02", "implementation": {"status": "unknown"}, "organisation": {"name": "Old Force"}}),
        ),
        (
            "2024-04-01",
            json!({"response_state": "holding_reply", "due_on": "2024-06-02", "has_holding_reply": true}),
        ),
        ("2024-05-19", json!({"due_on": "2024-06-02"})),
        (
            "2024-05-20",
            json!({"response_state": "holding_reply", "due_on": "2024-09-02"}),
        ),
        ("2024-06-15", json!({"checked_on": "2024-06-15"})),
        ("2024-09-02", state("holding_reply")),
        (
            "2024-09-03",
            json!({"response_state": "not_checked", "checked_on": "2024-06-15"}),
        ),
        (
            "2024-09-10",
            json!({"response_state": "overdue", "checked_on": "2024-09-10"}),
        ),
        ("2024-10-04", state("overdue")),
        (
            "2024-10-05",
            json!({"response_state": "responded_late", "answered_on": "2024-10-05", "position": {"value": "accepted"}}),
        ),
        (
            "2024-11-29",
            json!({"implementation": {"status": "unknown"}}),
        ),
        (
            "2024-11-30",
            json!({"implementation": {"status": "in_progress", "as_at": "2024-11"}}),
        ),
        ("2024-12-31", json!({"organisation": {"name": "Old Force"}})),
        ("2025-01-01", json!({"organisation": {"name": "force"}})),
        (
            "2025-02-28",
            json!({"disputes": [{"text": "Not so."}], "assessment": {"status": "not_assessed"}}),
        ),
        (
            "2025-03-01",
            json!({"disputes": [{"outcome": "It is so."}]}),
        ),
        (
            "2025-12-31",
            json!({"assessment": {"status": "open_acceptable", "as_at": "2025"}}),
        ),
        (
            "2026-01-15",
            json!({"implementation": {"status": "complete"}}),
        ),
        ("2026-01-31", state("responded_late")),
        (
            "2026-02-01",
            json!({"response_state": "transferred", "transferred_to": {"slug": "heir"}, "transferred_on": "2026-02-01"}),
        ),
    ]
}

#[test]
fn an_obligation_is_shown_as_it_was_on_a_day() {
    both_empty(|api| {
        seed(api);
        let id = api.data("/v1/obligations?organisation=force")[0]["id"].clone();
        let id = id.as_str().unwrap();
        for (day, expected) in expected() {
            let item = api.data(&format!("/v1/obligations/{id}?on={day}"));
            assert_includes(&item, expected);
            let list = api.data(&format!("/v1/obligations?organisation=force&on={day}"));
            assert_eq!(list, json!([item]), "{day}");
            let expanded = api.data(&format!(
                "/v1/obligations/{id}?on={day}&expand=organisation"
            ));
            let name = |one: &Value| one["organisation"]["name"].clone();
            assert_eq!(name(&expanded), name(&item), "{day}");
            let lines = api.get(&format!(
                "/v1/exports/obligations.ndjson?organisation=force&on={day}"
            ));
            let line: Value = serde_json::from_str(lines.text().trim()).unwrap();
            assert_eq!(line, item, "{day}");
            let state = item["response_state"].as_str().unwrap();
            for (asked, count) in [(state, 1), ("responded", 0)] {
                let counted = format!(
                    "/v1/obligations?organisation=force&state={asked}&count=exact&on={day}"
                );
                assert_eq!(api.get(&counted).count(), count, "{counted}");
            }
            let matrix = api.data(&format!(
                "/v1/reports/{REPORT}/coverage?organisation=force&on={day}"
            ));
            assert_eq!(matrix["on"], *day);
            let (row, cell) = (&matrix["rows"][0], &matrix["rows"][0]["cells"][0]);
            assert_eq!(row["name"], item["organisation"]["name"], "{day}");
            for name in [
                "response_state",
                "due_on",
                "answered_on",
                "checked_on",
                "transferred_to",
                "transferred_on",
            ] {
                assert_eq!(cell.get(name), item.get(name), "{day}: {name}");
            }
            assert_eq!(
                cell["implementation_status"], item["implementation"]["status"],
                "{day}"
            );
            assert_eq!(
                cell["assessment_status"], item["assessment"]["status"],
                "{day}"
            );
            let plans = row["action_plans"].as_array().unwrap().len();
            assert_eq!(plans == 1, day >= "2024-12-01", "{day}");
        }
    });
}

#[test]
fn an_obligation_begins_with_its_report_or_its_transfer() {
    both_empty(|api| {
        seed(api);
        let slugs = |day: &str| -> Vec<Value> {
            let list = api.data(&format!("/v1/obligations?on={day}&expand=organisation"));
            let list = list.as_array().unwrap().clone();
            list.iter()
                .map(|one| one["organisation"]["slug"].clone())
                .collect()
        };
        assert!(slugs("2024-02-29").is_empty());
        assert_eq!(slugs("2024-03-01"), ["force"]);
        assert_eq!(slugs("2026-01-31"), ["force"]);
        assert_eq!(slugs("2026-02-01").len(), 2);
        let id = api.data("/v1/obligations?organisation=heir")[0]["id"].clone();
        let heir = format!("/v1/obligations/{}", id.as_str().unwrap());
        api.get(&format!("{heir}?on=2026-01-31"))
            .problem(404, "not-found");
        assert_eq!(
            api.data(&format!("{heir}?on=2026-02-01"))["due_on"],
            "2024-09-02"
        );
        let matrix = api.data(&format!("/v1/reports/{REPORT}/coverage?on=2024-02-29"));
        assert_eq!(
            (&matrix["rows"], &matrix["totals"]["cells"]),
            (&json!([]), &json!(0))
        );
        api.get("/v1/obligations?on=2024-02-30")
            .problem(400, "invalid-query");
    });
}

#[test]
fn what_is_known_of_a_day_changes_and_what_was_known_stays() {
    both_empty(|api| {
        seed(api);
        let path = format!("/v1/obligations?report={REPORT}&organisation=force&on=2024-10-01");
        let state = |query: &str| api.data(&format!("{path}{query}"))[0]["response_state"].clone();
        assert_eq!(state(""), "overdue");
        api.clock.set(time("2026-11-26T12:00:00Z"));
        let early = json!({"type": "response", "report": REPORT, "responder": "force", "published_on": "2024-05-01", "received_on": "2024-04-28", "covers": [{"number": "1", "position": "noted"}]});
        api.import(&early);
        assert_eq!(state(""), "responded_on_time");
        assert_eq!(state("&as_of=2026-11-25"), "overdue");
        api.clock.set(time("2026-11-27T12:00:00Z"));
        // a check that is taken back was none
        let correct = |checked: &str| {
            let facts = json!({"type": "obligation", "report": REPORT, "number": "1", "organisation": "force", "checked_on": checked});
            api.import(&facts);
        };
        correct("2024-06-15");
        let checked = |day: &str| checked_on(api, day);
        assert_eq!(checked("2024-09-10"), Some(json!("2024-06-15")));
        correct("2024-09-12");
        assert_eq!(
            [checked("2024-09-11"), checked("2024-09-12")],
            ["2024-06-15", "2024-09-12"].map(|day| Some(json!(day)))
        );
        api.assert_log_verifies();
    });
}

#[test]
fn the_last_day_of_the_calendar_is_a_day_like_any_other() {
    both_empty(|api| {
        seed(api);
        let list = api.data("/v1/obligations?on=9999-12-31");
        assert_eq!(list, api.data("/v1/obligations?on=9999-12-30"));
        assert_eq!(list.as_array().unwrap().len(), 2);
    });
}

#[test]
fn nobody_passes_on_an_obligation_before_it_has_it() {
    both_empty(|api| {
        seed(api);
        api.import(json!({"type": "organisation", "slug": "late", "name": "late"}));
        let on = |day: &str| json!({"type": "obligation", "report": REPORT, "number": "1", "organisation": "heir", "transferred_to": "late", "transferred_on": day});
        api.import(on("2025-06-01"));
        let how_many = |day: &str| {
            api.get(&format!("/v1/obligations?on={day}&expand=organisation"))
                .data()
                .as_array()
                .unwrap()
                .len()
        };
        assert_eq!([how_many("2026-01-31"), how_many("2026-02-01")], [1, 3]);
        api.import(report(json!({"published_on": "2026-03-01"})));
        assert_eq!([how_many("2026-02-28"), how_many("2026-03-01")], [0, 3]);
    });
}

#[test]
fn a_check_that_was_redacted_or_erased_counts_no_more() {
    both_empty(|api| {
        seed(api);
        for day in ["2024-03-10", "2024-03-20", "2024-11-01"] {
            api.import(report(json!({"responses_checked_on": day})));
        }
        let checked = |day: &str| checked_on(api, day);
        assert_eq!(checked("2024-03-15"), Some(json!("2024-03-10")));
        let path = format!("/v1/reports/{REPORT}");
        api.act(
            &format!("{path}/redactions"),
            &api.admin(),
            &json!({"revision": 2}),
        )
        .assert_status(204);
        assert_eq!(
            [checked("2024-03-15"), checked("2024-03-20")],
            [None, Some(json!("2024-03-20"))]
        );
        api.assert_log_verifies();
        let gone = json!({"type": "obligation", "report": REPORT, "number": "1", "organisation": "force", "state": "erased"});
        api.import(gone);
        assert_eq!(checked("2024-06-20"), Some(json!("2024-03-20")));
        api.assert_log_verifies();
    });
}

#[test]
fn what_was_extended_stays_extended_when_it_is_corrected() {
    both_empty(|api| {
        seed(api);
        let recommendation = json!({"type": "recommendation", "report": REPORT, "number": "2", "text": "Do it.", "addressees": ["heir"], "deadlines": [{"kind": "response", "stated_due_on": "2027-01-01"}]});
        let facts = json!({"type": "obligation", "report": REPORT, "number": "2", "organisation": "heir", "revisions": [
            {"kind": "response", "change": "extension", "due_on": "2027-03-01", "set_on": "2026-02-10"},
            {"kind": "response", "change": "correction", "due_on": "2027-03-02", "set_on": "2026-03-10"},
        ]});
        api.import_all(&[recommendation, facts]);
        let state = |query: &str| {
            let list = api.data(&format!(
                "/v1/obligations?organisation=heir&due_from=2027-01-01{query}"
            ));
            list[0]["response_state"].clone()
        };
        assert_eq!(state("&on=2026-02-09"), "pending");
        assert_eq!(state("&on=2026-02-10"), "extended");
        assert_eq!(state(""), "extended");
    });
}
