//! A report's coverage matrix.

use serde_json::{Value, json};

use crate::support::{Content, Instance, both, both_empty, kinds, texts, time, with};

/// The state of each cell, row by row; `None` where nothing was addressed to the organisation.
fn states(coverage: &Value) -> Vec<Vec<Option<String>>> {
    let rows = coverage["rows"].as_array().unwrap().iter();
    rows.map(|row| {
        let cells = row["cells"].as_array().unwrap().iter();
        cells
            .map(|cell| Some(cell.get("response_state")?.as_str()?.to_owned()))
            .collect()
    })
    .collect()
}

fn count(coverage: &Value, state: &str) -> i64 {
    let counts = coverage["totals"]["response_states"].as_array().unwrap();
    let of_state = counts.iter().find(|count| count["state"] == state);
    of_state.unwrap()["count"].as_i64().unwrap()
}

#[test]
fn the_matrix_shows_the_state_of_every_obligation() {
    both(|api| {
        let answer = api.get("/v1/reports/exampleshire-custody-2025/coverage");
        let coverage = answer.data();
        let numbers = texts(&coverage["columns"], "number");
        assert_eq!(numbers, ["1", "1.1", "1.2", "2", "3", "AFI 1"]);
        assert_eq!(
            coverage["columns"][1]["element_of"],
            coverage["columns"][0]["id"]
        );
        assert_eq!(
            texts(&coverage["rows"], "slug"),
            [
                "example-vale-police",
                "exampleshire-ministry-of-safety",
                "exampleshire-police",
                "exampleshire-safety-commissioner"
            ]
        );
        let known = |words: [Option<&str>; 6]| words.map(|word| word.map(str::to_owned)).to_vec();
        let (late, in_time, overdue) = (
            Some("responded_late"),
            Some("responded_on_time"),
            Some("overdue"),
        );
        let shown = states(&coverage);
        assert_eq!(shown[0][0], late.map(str::to_owned));
        assert_eq!(shown[0][3], overdue.map(str::to_owned));
        assert_eq!(
            shown[1],
            known([None, None, None, None, shown[1][4].as_deref(), None])
        );
        assert_eq!(shown[2][0], in_time.map(str::to_owned));
        let totals = &coverage["totals"];
        let all: usize = shown.iter().flatten().flatten().count();
        assert_eq!(totals["addressed"], all);
        let sum: i64 = totals["response_states"]
            .as_array()
            .unwrap()
            .iter()
            .map(|count| count["count"].as_i64().unwrap())
            .sum();
        assert_eq!(sum as usize, all);
        for state in [
            "responded_late",
            "responded_on_time",
            "overdue",
            "not_required",
            "pending",
        ] {
            let cells = shown
                .iter()
                .flatten()
                .flatten()
                .filter(|one| *one == state)
                .count();
            assert_eq!(count(&coverage, state) as usize, cells, "{state}");
        }
        assert_eq!(totals["responded"], 6);
        assert_eq!(totals["collectively_covered"], 1);
        // a cell matches its obligation
        let cell = &coverage["rows"][0]["cells"][0];
        let obligation = api.data(&format!(
            "/v1/obligations/{}",
            cell["obligation"].as_str().unwrap()
        ));
        assert_eq!(obligation["response_state"], cell["response_state"]);
        assert_eq!(obligation["position"]["value"], cell["position"]);
        // filtered to a part of it
        let part = api.data("/v1/reports/exampleshire-custody-2025/coverage?organisation=example-vale-police&recommendation=exampleshire-custody-2025-1");
        assert_eq!(states(&part), [[late.map(str::to_owned)]]);
        api.get("/v1/reports/exampleshire-embargoed-2099/coverage")
            .problem(404, "not-found");
        api.get("/v1/reports/exampleshire-custody-2025/coverage?organisation=nobody")
            .problem(400, "invalid-query");
    });
}

#[test]
fn csv_has_one_line_per_cell_and_no_formulas() {
    both(|api| {
        let name = r#"=HYPERLINK("x","Vale")"#;
        let renamed = json!({"type": "organisation", "slug": "example-vale-police", "name": name});
        api.import(renamed);
        let path = "/v1/reports/exampleshire-custody-2025/coverage";
        let json = api.get(path);
        let csv = api.get(&format!("{path}?format=csv"));
        assert_eq!(
            csv.header("content-type"),
            "text/csv; charset=utf-8; header=present"
        );
        assert!(csv.header("vary").to_lowercase().contains("accept"));
        assert_eq!(
            api.get_with(path, &[("accept", "text/csv")]).text(),
            csv.text()
        );
        assert_ne!(csv.header("etag"), json.header("etag"));
        let text = csv.text();
        let lines: Vec<&str> = text.trim_end().split("\r\n").collect();
        let cells = json.data()["totals"]["addressed"].as_i64().unwrap();
        assert_eq!(lines.len() as i64, cells + 1);
        assert!(lines[0].starts_with("report,recommendation,number,"));
        assert!(text.contains("\"'=HYPERLINK("), "{text}");
        assert!(
            text.contains(",responded_late,2025-06-16,false,not_accepted,"),
            "{text}"
        );
    });
}

#[test]
fn the_matrix_as_of_a_past_day_shows_what_was_known_then() {
    both_empty(|api| {
        let report = |more: Value| {
            let report = json!({"type": "report", "slug": "r", "title": "R", "published_on": "2026-09-30", "publishers": ["watchdog"]});
            with(report, more)
        };
        api.clock.set(time("2026-10-01T09:00:00Z"));
        api.import_all(&[
            json!({"type": "organisation", "slug": "watchdog", "name": "The Fictional Watchdog"}),
            json!({"type": "organisation", "slug": "north", "name": "North Force", "names": [{"name": "Northern Force", "until": "2026-10"}]}),
            json!({"type": "organisation", "slug": "south", "name": "South Force"}),
            report(json!({})),
            json!({"type": "recommendation", "report": "r", "number": "1", "text": "Do it.", "addressees": ["north", "south"], "deadlines": [{"kind": "response", "stated_due_on": "2026-11-24"}]}),
        ]);
        api.clock.set(time("2026-11-20T09:00:00Z"));
        let response = json!({"type": "response", "report": "r", "responder": "north", "received_on": "2026-11-19", "published_on": "2026-11-20", "covers": [{"number": "1", "position": "accepted"}]});
        api.import(response);
        api.clock.set(time("2026-12-01T09:00:00Z"));
        api.import(report(json!({"responses_checked_on": "2026-12-01"})));
        let at = |query: &str| {
            let coverage = api.data(&format!("/v1/reports/r/coverage{query}"));
            states(&coverage)
                .into_iter()
                .flatten()
                .flatten()
                .collect::<Vec<String>>()
        };
        assert_eq!(at(""), ["responded_on_time", "overdue"]);
        assert_eq!(
            at("?as_of=2026-11-30"),
            ["responded_on_time", "not_checked"]
        );
        assert_eq!(at("?as_of=2026-11-24"), ["responded_on_time", "pending"]);
        assert_eq!(at("?as_of=2026-11-19"), ["pending", "pending"]);
        api.get("/v1/reports/r/coverage?as_of=2026-09-30")
            .problem(404, "nothing-known-yet");
        let then = api.data("/v1/reports/r/coverage?as_of=2026-11-19");
        assert_eq!(then["as_at"], "2026-11-19T23:59:59.999Z");
        assert_eq!(then["rows"][0]["name_as_published"], "Northern Force");
    });
}

#[test]
fn the_statement_count_is_independent_of_the_matrix_size() {
    for kind in kinds() {
        let api = Instance::start(kind, Content::Demo, |_| ());
        let statements = |path: &str| {
            api.get(path);
            api.statements(|| drop(api.get(path)))
        };
        for query in ["", "?on=2026-01-01"] {
            let path = |report: &str| format!("/v1/reports/{report}/coverage{query}");
            let small = statements(&path("exampleshire-custody-2020"));
            let large = statements(&path("stalking-super-complaint-2024"));
            assert_eq!(small, large, "{kind:?}{query}");
            assert!(small < 14, "{small}");
        }
    }
}
