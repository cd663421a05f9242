//! Unit tests of `http::answer`.
use answerable::http::answer::*;
use answerable::log::Dependencies;
use answerable::log::validity::Validity;

#[test]
fn no_response_stays_fresh_past_the_next_scheduled_moment() {
    let now = chrono::NaiveDate::from_ymd_opt(2026, 1, 1)
        .unwrap()
        .and_hms_opt(0, 0, 0)
        .unwrap();
    let control = |left: Option<i64>| {
        Freshness {
            now,
            validity: Some(Validity {
                position: 1,
                since: now,
                until: left.map(|left| now + chrono::TimeDelta::seconds(left)),
            }),
            dependencies: Dependencies::EVERYTHING,
            is_private: false,
        }
        .cache_control()
    };
    assert_eq!(
        control(None),
        "public, max-age=30, s-maxage=60, stale-while-revalidate=300"
    );
    assert_eq!(control(Some(10)), "public, max-age=10, s-maxage=10");
    assert_eq!(control(Some(100)), "public, max-age=30, s-maxage=60");
    assert_eq!(control(Some(3600)), control(None));
}
