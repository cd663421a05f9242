//! Unit tests of `resources::deadlines::terms`.
use answerable::resources::deadlines::rules::DeadlineKind;
use answerable::resources::deadlines::terms::*;
use chrono::NaiveDate;

#[test]
fn a_stated_due_date_wins_and_discrepancies_are_flagged() {
    let date = |text: &str| text.parse::<NaiveDate>().unwrap();
    let published = date("2024-09-27");
    let terms = |rule: &str, stated: Option<&str>| DeadlineTerms {
        kind: DeadlineKind::Response,
        rule: Some(rule.to_owned()),
        start_on: None,
        stated_due_on: stated.map(date),
    };
    let same = Deadline::new(
        &terms("super-complaint-report", Some("2024-11-22")),
        published,
    );
    assert!(!same.discrepancy);
    let other = Deadline::new(&terms("iopc-28b-response", Some("2024-11-22")), published);
    assert_eq!(other.computed_due_on, Some(date("2024-11-21")));
    assert!(other.discrepancy);
    assert_eq!(other.due_on, Some(date("2024-11-22")));
    let counted = Deadline::new(&terms("iopc-28b-response", None), published);
    assert_eq!(counted.due_on, Some(date("2024-11-21")));
    let alone = of_recommendation(&[], Some(date("2025-01-31")), published);
    assert_eq!((alone.len(), alone[0].kind), (1, DeadlineKind::Response));
    let unknown = Deadline::new(&terms("super-complaint-ack", None), date("2031-01-01"));
    assert_eq!(unknown.due_on, None);
}
