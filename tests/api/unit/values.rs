//! Unit tests of `platform::values`.
use crate::architecture::sources;
use answerable::platform::values::*;

#[test]
fn numbers_sort_naturally() {
    let mut numbers = vec!["10", "7.10", "AFI 12", "7", "7.2", "AFI 3", "2a", "2"];
    numbers.sort_by_key(|n| number_key(n));
    assert_eq!(
        numbers,
        ["2", "2a", "7", "7.2", "7.10", "10", "AFI 3", "AFI 12"]
    );
}

#[test]
fn partial_dates_are_validated_and_compared() {
    for good in ["2018", "2018-01", "2018-01-08", "2024-02-29"] {
        assert!(partial_date(good, &()).is_ok(), "{good}");
    }
    for bad in [
        "",
        "18",
        "2018-13",
        "2018-1",
        "2018-02-30",
        "2018-01-8",
        "20180108",
        "2018-1-08",
    ] {
        assert!(partial_date(bad, &()).is_err(), "{bad}");
    }
    assert!(covers(Some("2018-01"), None, "2018-01-01"));
    assert!(!covers(None, Some("2018-01"), "2018-01-01"));
    assert!(covers(None, Some("2018-01"), "2017-12-31"));
}

#[test]
fn slugs_are_validated() {
    for good in ["iopc", "a-1", "stalking-super-complaint-2024"] {
        assert!(slug(good, &()).is_ok(), "{good}");
    }
    for bad in [
        "",
        "-a",
        "a-",
        "a--b",
        "A",
        "a b",
        "é",
        "01890a5d-ac96-774b-bcce-b302099a8057",
        &"a".repeat(151),
    ] {
        assert!(slug(bad, &()).is_err(), "{bad}");
    }
}

#[test]
fn every_time_in_a_document_has_a_year_of_four_digits() {
    let mut checked = 0;
    for (path, text) in sources("src") {
        // the rules of a member stand between it and the member before
        for member in text.split("\n    pub ").collect::<Vec<_>>().windows(2) {
            let (rules, declared) = (member[0].rsplit(",\n").next().unwrap(), member[1]);
            let (_, kind) = declared.split_once(": ").unwrap_or_default();
            let is_time = [
                "DateTime<Utc>",
                "NaiveDate,",
                "Option<DateTime<Utc>>",
                "Option<NaiveDate>",
            ];
            if rules.contains("#[garde(") && is_time.iter().any(|name| kind.starts_with(name)) {
                let name = declared.lines().next().unwrap();
                assert!(
                    rules.contains("four_digit_year"),
                    "{}: {name}",
                    path.display()
                );
                checked += 1;
            }
        }
    }
    assert!(checked >= 24, "{checked}");
}
