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

/// Every time and day that is read is read by `platform::time`, so that none is outside the years 0001 to 9999.
#[test]
fn every_time_that_is_read_is_read_strictly() {
    let mut checked = 0;
    for (path, text) in sources("src") {
        // a struct that is read refuses unknown members
        for item in text.split("#[serde(deny_unknown_fields").skip(1) {
            let body = item.split("\n}\n").next().unwrap();
            // the attributes of a member stand between it and the member before
            for member in body.split("\n    pub ").collect::<Vec<_>>().windows(2) {
                let (attributes, declared) = (member[0].rsplit(",\n").next().unwrap(), member[1]);
                let (_, kind) = declared.split_once(": ").unwrap_or_default();
                let kind = kind.trim_start_matches("Option<").replace("chrono::", "");
                if ["DateTime<Utc>", "NaiveDate,", "NaiveDate>"]
                    .iter()
                    .any(|name| kind.starts_with(name))
                {
                    let name = declared.lines().next().unwrap();
                    let how = member[0].split("pub ").last().unwrap();
                    let is_strict = attributes.contains("\"time::") || how.contains("\"time::");
                    assert!(is_strict, "{}: {name}", path.display());
                    checked += 1;
                }
            }
        }
    }
    assert!(checked >= 50, "{checked}");
}

#[test]
fn times_and_days_are_read_as_rfc_3339_writes_them() {
    use answerable::platform::time::{parse, parse_day};
    for (text, expected) in [
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00+00:00"),
        ("2016-12-31T23:59:60.5Z", "2017-01-01T00:00:00.500+00:00"),
        ("2016-06-30T19:48:60+01:00", "2016-06-30T18:49:00+00:00"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+00:00"),
        ("9999-12-31T23:59:59.9999Z", "9999-12-31T23:59:59.999+00:00"),
        ("2026-02-28t09:00:00z", "2026-02-28T09:00:00+00:00"),
    ] {
        assert_eq!(parse(text).unwrap().to_rfc3339(), expected, "{text}");
    }
    for text in [
        "2026-01-01T24:00:00Z",
        "2026-01-01 12:00:00Z",
        "2025-01-01T00:00:00\u{2212}01:00",
        "9999-12-31T23:59:59-01:00",
        "9999-12-31T23:59:60Z",
        "0001-01-01T00:30:00+01:00",
        "0000-12-31T23:59:59Z",
        "+10000-01-01T00:00:00Z",
        "2026-01-01T09:00:61Z",
        "2026-01-01T09:00Z",
        "2026-01-01T09:00:00",
        "2026-02-29T00:00:00Z",
        "",
    ] {
        assert_eq!(parse(text), None, "{text}");
    }
    assert_eq!(parse_day("2024-02-29").unwrap().to_string(), "2024-02-29");
    for text in [
        "2026-1-1",
        "+2026-01-01",
        "0000-01-01",
        "10000-01-01",
        "-001-01-01",
        "2026-02-29",
        "2026-01-01T",
        " 2026-01-01",
    ] {
        assert_eq!(parse_day(text), None, "{text}");
    }
}
