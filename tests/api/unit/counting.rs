//! Unit tests of `resources::deadlines::counting`.
use answerable::platform::clock::start_of_uk_day;
use answerable::resources::deadlines::counting::*;
use answerable::resources::deadlines::holidays;
use answerable::resources::deadlines::rules::{self, Counting, DeadlineRule, Period, Unit};
use chrono::{Days, NaiveDate};
use proptest::prelude::*;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn due_on(rule: &str, from: &str) -> String {
    let rule = rules::find(rule).unwrap();
    due(rule, date(from)).unwrap().due_on.to_string()
}

#[test]
fn fifty_six_days_may_include_or_exclude_the_start() {
    assert_eq!(due_on("iopc-28b-response", "2024-09-27"), "2024-11-21");
    assert_eq!(due_on("super-complaint-report", "2024-09-27"), "2024-11-22");
}

#[test]
fn weekends_and_bank_holidays_are_not_working_days() {
    // Maundy Thursday is the first day; then come Good Friday, a weekend and Easter Monday
    assert_eq!(due_on("super-complaint-ack", "2024-03-28"), "2024-04-05");
    // a Saturday: the first working day is Monday
    assert_eq!(due_on("super-complaint-ack", "2024-06-01"), "2024-06-07");
    let rule = rules::find("super-complaint-ack").unwrap();
    let easter = due(rule, date("2024-03-28")).unwrap();
    let reasons: Vec<&str> = easter.left_out.iter().map(|day| day.reason).collect();
    assert_eq!(
        reasons,
        ["Good Friday", "Saturday", "Sunday", "Easter Monday"]
    );
    for unknown in ["2028-12-28", "2017-12-30"] {
        assert_eq!(
            due(rule, date(unknown)),
            Err(CountingError::HolidaysUnknown),
            "{unknown}"
        );
    }
}

#[test]
fn months_end_on_the_same_day_or_the_last_of_the_month() {
    assert_eq!(due_on("select-committee", "2024-12-31"), "2025-02-28");
    assert_eq!(due_on("select-committee", "2023-12-31"), "2024-02-29");
    assert_eq!(due_on("covid-inquiry", "2024-07-18"), "2025-01-18");
    let mut inclusive = rules::find("select-committee").unwrap().clone();
    inclusive.counting = Counting::InclusiveOfStart;
    let until = |from: &str| due(&inclusive, date(from)).unwrap().due_on.to_string();
    assert_eq!(until("2024-03-01"), "2024-04-30");
    assert_eq!(until("2024-12-31"), "2025-02-28");
    let far = rules::find("ntsb").unwrap();
    assert_eq!(due(far, date("2200-01-01")), Err(CountingError::OutOfRange));
}

prop_compose! {
    fn a_day(from: i32, until: i32)(year in from..=until, ordinal in 1u32..=365) -> NaiveDate {
        NaiveDate::from_yo_opt(year, ordinal).unwrap()
    }
}

prop_compose! {
    fn a_rule(unit: Unit, most: u32)(amount in 1..=most, inclusive in any::<bool>()) -> DeadlineRule {
        DeadlineRule {
            period: Period { amount, unit },
            counting: if inclusive { Counting::InclusiveOfStart } else { Counting::AfterStart },
            ..rules::find("ntsb").unwrap().clone()
        }
    }
}

proptest! {
    // leap days and days with clock changes are ordinary days
    #[test]
    fn a_period_of_days_has_that_many_days(rule in a_rule(Unit::Days, 3_660), from in a_day(1900, 2199)) {
        let counted = due(&rule, from).unwrap();
        let days = counted.first_on.iter_days().take_while(|day| *day <= counted.due_on).count();
        prop_assert_eq!(days, rule.period.amount as usize);
        let is_inclusive = rule.counting == Counting::InclusiveOfStart;
        prop_assert_eq!((counted.first_on - from).num_days(), i64::from(!is_inclusive));
    }

    #[test]
    fn a_period_of_working_days_has_that_many_working_days(rule in a_rule(Unit::WorkingDays, 60), from in a_day(2018, 2027)) {
        let counted = due(&rule, from).unwrap();
        let worked = from.iter_days().take_while(|day| *day <= counted.due_on)
            .filter(|day| holidays::day_off_reason(*day).is_none())
            .filter(|day| rule.counting == Counting::InclusiveOfStart || *day > from)
            .count();
        prop_assert_eq!(worked, rule.period.amount as usize);
        prop_assert_eq!(holidays::day_off_reason(counted.due_on), None);
    }

    #[test]
    fn a_later_start_is_never_due_earlier(rule in a_rule(Unit::Months, 24), from in a_day(1900, 2198)) {
        let next = due(&rule, from + Days::new(1)).unwrap().due_on;
        prop_assert!(due(&rule, from).unwrap().due_on <= next);
    }

    #[test]
    fn the_last_moment_of_a_due_date_is_still_that_day(from in a_day(2000, 2100)) {
        let rule = rules::find("iopc-28b-response").unwrap();
        let due_on = due(rule, from).unwrap().due_on;
        let next = start_of_uk_day(due_on + Days::new(1));
        prop_assert_eq!(rule.day(next - chrono::TimeDelta::milliseconds(1)), due_on);
        prop_assert_eq!(rule.day(next), due_on + Days::new(1));
    }
}
