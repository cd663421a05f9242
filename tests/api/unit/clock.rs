//! Unit tests of `platform::clock`.
use answerable::platform::clock::*;

#[test]
fn a_london_summer_day_starts_at_11_pm_utc() {
    let start =
        |y, m, d| start_of_uk_day(chrono::NaiveDate::from_ymd_opt(y, m, d).unwrap()).to_string();
    assert_eq!(start(2024, 9, 27), "2024-09-26 23:00:00");
    assert_eq!(start(2024, 11, 22), "2024-11-22 00:00:00");
}
