//! Unit tests of `resources::deadlines::holidays`.
use answerable::resources::deadlines::holidays::*;
use chrono::Days;
use chrono::{Datelike, NaiveDate, Weekday};

/// Easter Sunday by the algorithm of Meeus, Jones and Butcher.
fn easter(year: i32) -> NaiveDate {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let g = (b - (b + 8) / 25 + 1) / 3;
    let h = (19 * a + b - b / 4 - g + 15) % 30;
    let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    NaiveDate::from_ymd_opt(year, (n / 31) as u32, (n % 31 + 1) as u32).unwrap()
}

/// The statutory holidays of a year without proclamations.
fn by_law(year: i32) -> Vec<NaiveDate> {
    let day = |month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
    let monday = |mut from: NaiveDate, forwards: bool| {
        while from.weekday() != Weekday::Mon {
            from = match forwards {
                true => from + Days::new(1),
                false => from - Days::new(1),
            };
        }
        from
    };
    let mut days = vec![
        easter(year) - Days::new(2),
        easter(year) + Days::new(1),
        monday(day(5, 1), true),
        monday(day(5, 31), false),
        monday(day(8, 31), false),
    ];
    for fixed in [day(1, 1), day(12, 25), day(12, 26)] {
        let mut on = fixed;
        while matches!(on.weekday(), Weekday::Sat | Weekday::Sun) || days.contains(&on) {
            on = on + Days::new(1);
        }
        days.push(on);
    }
    days.sort();
    days
}

#[test]
fn the_table_matches_the_statute_except_for_proclamations() {
    let date = |text: &str| text.parse::<NaiveDate>().unwrap();
    let moved = [("2020-05-04", "2020-05-08"), ("2022-05-30", "2022-06-02")];
    let added = ["2022-06-03", "2022-09-19", "2023-05-08"];
    let mut expected: Vec<NaiveDate> = YEARS.flat_map(by_law).collect();
    expected.retain(|day| !moved.iter().any(|(from, _)| date(from) == *day));
    expected.extend(moved.iter().map(|(_, to)| date(to)));
    expected.extend(added.map(date));
    expected.sort();
    assert_eq!(TABLE.keys().copied().collect::<Vec<_>>(), expected);
}
