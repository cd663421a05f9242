//! Deadline rules and due dates, over HTTP.

use serde_json::json;

use crate::support::{both_empty, project};

#[test]
fn rules_cite_their_source_and_explain_their_counting() {
    both_empty(|api| {
        let rules = api.get("/v1/deadline-rules");
        let ids = rules.column("id");
        assert_eq!(ids.len(), 10);
        assert!(ids.is_sorted());
        for id in ids {
            let rule = api.data(&format!("/v1/deadline-rules/{id}"));
            assert_eq!(rule["id"], id);
            assert!(rule["source_url"].as_str().unwrap().starts_with("https://"));
        }
        let due = |rule: &str, from: &str| {
            api.data(&format!("/v1/deadline-rules/{rule}/due?from={from}"))
        };
        let inclusive = due("iopc-28b-response", "2024-09-27");
        assert_eq!(inclusive["due_on"], "2024-11-21");
        assert_eq!(inclusive["overdue_from"], "2024-11-22");
        assert_eq!(
            inclusive["counted"],
            "56 days beginning with 27 September 2024, which is the first day; the last day is 21 November 2024."
        );
        let after = due("super-complaint-report", "2024-09-27");
        assert_eq!(after["due_on"], "2024-11-22");
        assert_eq!(
            after["counted"],
            "56 days after 27 September 2024; the first day is 28 September 2024, and the last day is 22 November 2024."
        );
        let easter = due("super-complaint-ack", "2024-03-28");
        assert_eq!(
            easter["left_out"],
            json!([
                {"on": "2024-03-29", "reason": "Good Friday"},
                {"on": "2024-03-30", "reason": "Saturday"},
                {"on": "2024-03-31", "reason": "Sunday"},
                {"on": "2024-04-01", "reason": "Easter Monday"},
            ])
        );
    });
}

#[test]
fn uncountable_due_dates_are_rejected_with_a_reason() {
    both_empty(|api| {
        let told = |path: &str| {
            let problem = api.get(path).problem(400, "invalid-query");
            let error = &problem["errors"][0];
            let text = |name: &str| error[name].as_str().unwrap().to_owned();
            (text("parameter"), text("code"))
        };
        let expected = |code: &str| ("from".to_owned(), code.to_owned());
        let working = "/v1/deadline-rules/super-complaint-ack/due";
        assert_eq!(told(working), expected("required"));
        assert_eq!(
            told(&format!("{working}?from=2024-02-30")),
            expected("invalid_value")
        );
        assert_eq!(
            told(&format!("{working}?from=2031-01-01")),
            expected("out_of_range")
        );
        let days = "/v1/deadline-rules/ntsb/due?from=";
        assert_eq!(told(&format!("{days}0001-01-01")), expected("out_of_range"));
        assert_eq!(told(&format!("{days}9999-12-31")), expected("out_of_range"));
        for nothing in ["no-such-rule", "no-such-rule/due?from=2024-01-01"] {
            api.get(&format!("/v1/deadline-rules/{nothing}"))
                .problem(404, "not-found");
        }
        api.get("/v1/deadline-rules?limit=3")
            .problem(400, "invalid-query");
    });
}

#[test]
fn an_operator_can_add_rules_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rules.json");
    let run = |rules: &str| {
        std::fs::write(&file, rules).unwrap();
        std::process::Command::new(env!("CARGO_BIN_EXE_answerable"))
            .args([
                "--deadline-rules",
                file.to_str().unwrap(),
                "--database",
                "sqlite::memory:",
                "migrate",
            ])
            .current_dir(folder.path())
            .output()
            .unwrap()
    };
    let shipped = std::fs::read_to_string(project("src/resources/deadlines/rules.json")).unwrap();
    let first: serde_json::Value = serde_json::from_str(&shipped).unwrap();
    let mut own = first[0].clone();
    own["id"] = json!("exampleshire-reply");
    assert!(run(&json!([own]).to_string()).status.success());
    own["period"]["amount"] = json!(0);
    for (rules, words) in [
        (json!([own]).to_string(), "period.amount"),
        (json!([first[0]]).to_string(), "there is already a rule"),
        ("{".to_owned(), "rules.json"),
    ] {
        let output = run(&rules);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn deadlines_are_served_as_a_calendar() {
    crate::support::both(|api| {
        let answer = api.get(
            "/v1/deadlines.ics?organisation=example-vale-police&report=exampleshire-custody-2025",
        );
        assert_eq!(
            answer.header("content-type"),
            "text/calendar; charset=utf-8"
        );
        let text = answer.text().replace("\r\n ", "");
        assert!(
            text.contains("\r\nPRODID:-//Answerable//Answerable//EN\r\n"),
            "{text}"
        );
        assert!(
            text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"),
            "{text}"
        );
        assert!(answer.text().lines().all(|line| line.len() <= 75), "{text}");
        let events: Vec<&str> = text.split("BEGIN:VEVENT").skip(1).collect();
        let of = |number: &str| {
            let word = format!("recommendation {number}\r\n");
            events
                .iter()
                .filter(|event| event.contains(&word.replace(',', "\\,")))
                .copied()
                .collect::<Vec<&str>>()
        };
        assert_eq!(of("1").len(), 0, "it was answered");
        let open = of("2");
        assert_eq!(open.len(), 1, "{text}");
        assert!(
            open[0].contains("DTSTART;VALUE=DATE:20250428\r\n"),
            "{}",
            open[0]
        );
        assert!(
            open[0].contains("DTEND;VALUE=DATE:20250429\r\n"),
            "{}",
            open[0]
        );
        assert!(
            open[0].contains("SUMMARY:Response due: Example Vale Police\\, recommendation 2\r\n"),
            "{}",
            open[0]
        );
        let id = api.get("/v1/obligations?organisation=example-vale-police&recommendation=exampleshire-custody-2025-2").column("id").remove(0);
        assert!(
            open[0].contains(&format!("UID:{id}-response@answerable\r\n")),
            "{}",
            open[0]
        );
        assert!(
            open[0].contains(&format!("/v1/obligations/{id}")),
            "{}",
            open[0]
        );
        let none = api.get("/v1/deadlines.ics?organisation=iopc").text();
        assert!(!none.contains("BEGIN:VEVENT"));
        api.get_with(
            "/v1/deadlines.ics?organisation=iopc",
            &[("if-none-match", "*")],
        )
        .assert_status(304);
        api.get("/v1/deadlines.ics?organisation=nobody")
            .problem(400, "invalid-query");
    });
}
