//! What happens when a clock is wrong.

use answerable::log::ahead;
use answerable::platform::clock::Clock;
use answerable::platform::db::{Error, time as database_time};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{Content, Instance, Kind, both_empty, database, kinds, time};

fn article(slug: &str, state: &str) -> Value {
    json!({"slug": slug, "headline": slug, "organisation": "body", "published_at": "2026-01-02T00:00:00Z", "state": state})
}

fn body() -> Value {
    json!({"type": "organisation", "slug": "body", "name": "A Fictional Body"})
}

#[test]
fn one_write_by_a_clock_a_year_ahead_hides_no_other() {
    both_empty(|api| {
        api.import(body());
        let now = api.clock.now().and_utc();
        api.clock.set(now + TimeDelta::days(365));
        let token = api.admin();
        api.post("/v1/articles", &token, &article("ahead", "published"))
            .assert_status(201);
        // a subscriber read on while the clock was ahead
        let far = api.get("/v1/changes?limit=100").next_page();
        api.clock.set(now + TimeDelta::seconds(1));
        let token = api.admin();
        let later = api.post("/v1/articles", &token, &article("later", "draft"));
        later.assert_status(201);
        api.act("/v1/articles/later/publish", &token, &json!({}))
            .assert_status(200);
        let shown = api.data("/v1/articles/later");
        assert_eq!(shown["headline"], "later");
        let stamp = time("2026-11-24T12:00:01Z").to_rfc3339();
        assert_eq!(
            shown["updated_at"].as_str().unwrap().replace('Z', "+00:00"),
            stamp
        );
        let names = |changes: Vec<Value>| -> Vec<String> {
            let names = changes
                .iter()
                .filter_map(|change| change["data"]["headline"].as_str());
            names.map(str::to_owned).collect()
        };
        assert_eq!(names(api.walk_changes()), ["later"]);
        if let Some(far) = far {
            assert_eq!(
                names(api.walk_changes_at(&far)),
                ["later"],
                "a cursor from the future reads on"
            );
        }

        // it is told, and mended
        let warnings = || api.get("/readyz").json()["warnings"].clone();
        assert!(
            warnings()[0]
                .as_str()
                .unwrap()
                .contains("answerable mend-clock")
        );
        let at = api.clock.now();
        let mended = api.write_directly(move |writer| ahead::mend(writer.connection, at));
        assert_eq!((mended, warnings()), (1, json!([])));
        api.import(json!({"type": "topic", "slug": "t", "name": "A topic"})); // in place of a restart
        assert_eq!(names(api.walk_changes()), ["ahead", "later"]);
        api.assert_log_verifies();
    });
}

#[test]
fn a_clock_set_back_stops_nothing() {
    both_empty(|api| {
        api.import(body());
        let now = api.clock.now().and_utc();
        let token = api.admin();
        api.post("/v1/articles", &token, &article("first", "published"))
            .assert_status(201);
        api.clock.set(now - TimeDelta::minutes(5));
        let token = api.admin();
        api.post("/v1/articles", &token, &article("second", "draft"))
            .assert_status(201);
        api.act("/v1/articles/second/publish", &token, &json!({}))
            .assert_status(200);
        api.get("/v1/articles/second").assert_status(200);
        assert_eq!(api.get("/v1/articles?count=exact").count(), 2);
        api.assert_log_verifies();
    });
}

#[test]
fn the_clock_of_a_shared_database_counts_for_all_nodes() {
    if !kinds().contains(&Kind::Postgresql) {
        return;
    }
    let (url, _file) = database(Kind::Postgresql, Content::Empty);
    // the clocks of two machines: one is 20 s ahead, the other 20 s behind
    let right = Instance::start_at(&url, |_| ());
    let of_database = right.read(|c| {
        let clock = Clock::shared(Clock::System);
        Ok::<_, Error>(database_time::synchronise(c, &clock)?.unwrap())
    });
    let machine = |seconds: i64| Clock::fixed(of_database.and_utc() + TimeDelta::seconds(seconds));
    let start = |seconds: i64| {
        let clock = database_time::clock(&right.database, machine(seconds)).unwrap();
        Instance::start_with(&url, clock, |_| ())
    };
    let (ahead, behind) = (start(20), start(-20));
    let drift = |node: &Instance| (node.clock.now() - of_database).abs();
    assert!(drift(&ahead) < TimeDelta::seconds(10) && drift(&behind) < TimeDelta::seconds(10));
    ahead.import(body());
    for (writer, reader, slug) in [(&ahead, &behind, "one"), (&behind, &ahead, "two")] {
        let token = writer.admin();
        writer
            .post("/v1/articles", &token, &article(slug, "draft"))
            .assert_status(201);
        let path = format!("/v1/articles/{slug}");
        writer
            .act(&format!("{path}/publish"), &token, &json!({}))
            .assert_status(200);
        writer.get(&path).assert_status(200);
        // the other node polls the log, and the clock with it
        reader.get("/readyz").assert_status(200);
        reader.get(&path).assert_status(200);
    }
}
