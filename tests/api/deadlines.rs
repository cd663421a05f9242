//! Deadline rules and due dates, over HTTP.

use serde_json::json;

use crate::support::{assert_includes, both, both_empty, program, project};

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
        assert_includes(
            &inclusive,
            json!({"due_on": "2024-11-21", "overdue_from": "2024-11-22"}),
        );
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
        for (query, code) in [
            ("super-complaint-ack/due", "required"),
            ("super-complaint-ack/due?from=2024-02-30", "not_a_time"),
            ("super-complaint-ack/due?from=2031-01-01", "out_of_range"),
            ("ntsb/due?from=0001-01-01", "out_of_range"),
            ("ntsb/due?from=9999-12-31", "out_of_range"),
        ] {
            let answer = api.get(&format!("/v1/deadline-rules/{query}"));
            answer.problem(400, "invalid-query");
            let expected = [("from".to_owned(), code.to_owned())];
            assert_eq!(answer.mistakes()[..1], expected, "{query}");
        }
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
        let arguments = [
            "--deadline-rules",
            file.to_str().unwrap(),
            "--database",
            "sqlite::memory:",
            "migrate",
        ];
        let (code, _, stderr) = program::run(folder.path(), &arguments);
        (code, stderr)
    };
    let shipped = std::fs::read_to_string(project("src/resources/deadlines/rules.json")).unwrap();
    let first: serde_json::Value = serde_json::from_str(&shipped).unwrap();
    let mut own = first[0].clone();
    own["id"] = json!("exampleshire-reply");
    assert_eq!(run(&json!([own]).to_string()).0, Some(0));
    own["period"]["amount"] = json!(0);
    for (rules, words) in [
        (json!([own]).to_string(), "period.amount"),
        (json!([first[0]]).to_string(), "there is already a rule"),
        ("{".to_owned(), "rules.json"),
    ] {
        let (code, stderr) = run(&rules);
        assert_eq!(code, Some(2), "{stderr}");
        assert!(stderr.contains(words), "{stderr}");
    }
}

#[test]
fn deadlines_are_served_as_a_calendar() {
    both(|api| {
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
            let of_it = events.iter().filter(|event| event.contains(&word));
            of_it.copied().collect::<Vec<&str>>()
        };
        assert_eq!(of("1").len(), 0, "it was answered");
        let open = of("2");
        assert_eq!(open.len(), 1, "{text}");
        let id = api.get("/v1/obligations?organisation=example-vale-police&recommendation=exampleshire-custody-2025-2").column("id").remove(0);
        for line in [
            "DTSTART;VALUE=DATE:20250428\r\n",
            "DTEND;VALUE=DATE:20250429\r\n",
            "SUMMARY:Response due: Example Vale Police\\, recommendation 2\r\n",
            &format!("UID:{id}-response@answerable\r\n"),
            &format!("/v1/obligations/{id}"),
        ] {
            assert!(open[0].contains(line), "no {line:?} in {}", open[0]);
        }
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
