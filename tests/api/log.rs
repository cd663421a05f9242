//! The change log: tampering is detected, and erasure is complete.

use answerable::log::verify::{VerificationReport, verify};

use crate::support::{Instance, both};

fn verdict(api: &Instance) -> VerificationReport {
    verify(&api.database).unwrap()
}

/// Runs a statement directly on the database.
fn tamper(api: &Instance, sql: &str) {
    assert!(api.execute(&[sql]) > 0, "{sql} met no row");
}

#[test]
fn an_untouched_log_verifies() {
    both(|api| {
        let before = verdict(api);
        assert_eq!(before.faults, []);
        assert!(before.entries > 140 && before.digest.len() == 64);
        api.import(r#"{"type":"topic","slug":"new-topic","name":"New"}"#);
        let after = verdict(api);
        assert_eq!((after.entries, after.faults.len()), (before.entries + 1, 0));
        assert_ne!(after.digest, before.digest);
    });
}

#[test]
fn tampering_is_detected_at_the_affected_entry() {
    let updates = [
        ("state = '{}'", "state does not match"),
        ("state = NULL", "neither was the record erased"),
        ("state_digest = digest", "was altered"),
        ("digest = state_digest", "was altered"),
        ("actor = 'somebody'", "was altered"),
        ("at = '2020-01-01 00:00:00'", "was altered"),
        ("action = 'updated'", "was altered"),
        ("revision = 7", "revision"),
        (
            "resource_id = '01890a5d-ac96-774b-bcce-b302099a8057'",
            "missing",
        ),
    ]
    .map(|(change, words)| {
        (
            format!("UPDATE changes SET {change} WHERE seq = 20"),
            20,
            words,
        )
    });
    let others = [
        (
            "DELETE FROM changes WHERE seq = 20".to_owned(),
            21,
            "entries 20 to 20 are missing",
        ),
        (
            "DELETE FROM changes WHERE seq > 100".to_owned(),
            101,
            "which is missing",
        ),
        (
            "UPDATE changes SET seq = 9999 WHERE seq = 20".to_owned(),
            9999,
            "entries",
        ),
    ];
    for (sql, seq, words) in updates.into_iter().chain(others) {
        both(|api| {
            tamper(api, &sql);
            let faults = verdict(api).faults;
            let found = faults
                .iter()
                .any(|fault| fault.seq == seq && fault.detail.contains(words));
            assert!(found, "{sql}: {faults:#?}");
        });
    }
}

#[test]
fn erasure_removes_every_earlier_state_and_the_log_still_verifies() {
    both(|api| {
        let article = |body: &str, state: &str| {
            api.import(format!(r#"{{"type":"article","slug":"to-be-erased","headline":"Fictional","published_at":"2025-01-01T00:00:00Z","organisation":"exampleshire-gazette","body_html":"{body}","state":"{state}"}}"#));
        };
        article("<p>marker-of-the-first-state</p>", "published");
        article("<p>marker-of-the-second-state</p>", "published");
        let before = verdict(api);
        article("<p>marker-of-the-third-state</p>", "erased");
        let after = verdict(api);
        assert_eq!(
            (after.entries, after.faults.len()),
            (before.entries + 1, 0),
            "{:?}",
            after.faults
        );
        let left = "SELECT count(*) AS count FROM changes WHERE state LIKE '%marker-of-the%'";
        assert_eq!(api.count(left), 0);
        if let answerable::platform::db::Location::SqliteFile(path) = api.database.location() {
            let mut connection =
                <diesel::SqliteConnection as diesel::Connection>::establish(path).unwrap();
            diesel::connection::SimpleConnection::batch_execute(
                &mut connection,
                "PRAGMA busy_timeout = 10000; PRAGMA wal_checkpoint(TRUNCATE)",
            )
            .unwrap();
            let bytes = std::fs::read(path).unwrap();
            let marker = b"marker-of-the-";
            assert!(
                !bytes.windows(marker.len()).any(|window| window == marker),
                "left in the file"
            );
        }
    });
}

#[test]
fn a_row_changed_behind_the_log_s_back_is_named() {
    use answerable::tracking::catalogue::CATALOGUE;
    use answerable::writing::past::comparing::differences;
    both(|api| {
        let size = answerable::platform::config::Config::default().pool_size();
        let found = || differences(&api.database, &CATALOGUE, size, api.clock.now()).unwrap();
        assert_eq!(found(), []);
        // each change is of a record that no other one changes
        let mut expected = 0;
        for (sql, resource) in [
            (
                "UPDATE topics SET state = 'publishedx' WHERE slug = 'example-custody'",
                "topic",
            ),
            (
                "UPDATE responses SET received_on = NULL WHERE kind = 'full' AND received_on IS NOT NULL",
                "response",
            ),
            (
                "UPDATE articles SET headline = 'Other words' WHERE slug = 'exampleshire-custody-report-published'",
                "article",
            ),
            (
                "DELETE FROM article_topics WHERE article_id = (SELECT min(article_id) FROM article_topics)",
                "article",
            ),
            (
                "UPDATE article_organisations SET published_at = '2020-01-01 00:00:00' WHERE article_id = (SELECT max(id) FROM articles)",
                "article",
            ),
            ("DELETE FROM mandate_represented", "mandate"),
            (
                "UPDATE recommendation_addressed_organisations SET via_group_id = NULL WHERE via_group_id IS NOT NULL",
                "recommendation",
            ),
            (
                "INSERT INTO former_slugs (resource, slug, resource_id, retired_at) SELECT 'article', 'forged', id, created_at FROM articles WHERE slug = 'exampleshire-custody-report-published'",
                "article",
            ),
            (
                "UPDATE recommendation_addressees SET members = '[]' WHERE group_id IS NOT NULL",
                "recommendation",
            ),
            (
                "INSERT INTO report_response_checks (record_id, checked_on) SELECT max(id), '2020-01-01' FROM obligations WHERE id NOT IN (SELECT id FROM obligation_spans WHERE is_answered OR until_on < '9999-12-31')",
                "obligation",
            ),
            (
                "UPDATE obligation_spans SET position = 'not_accepted' WHERE id = (SELECT min(id) FROM obligation_spans WHERE until_on < '9999-12-31')",
                "obligation",
            ),
            (
                "UPDATE obligation_spans SET response_requirement = 'none' WHERE id = (SELECT max(id) FROM obligation_spans WHERE until_on < '9999-12-31')",
                "obligation",
            ),
            (
                "UPDATE obligation_spans SET due_key = '2020-01-02' WHERE is_answered AND id = (SELECT min(id) FROM obligation_spans WHERE is_answered AND id <> (SELECT min(id) FROM obligation_spans WHERE until_on < '9999-12-31') AND id <> (SELECT max(id) FROM obligation_spans WHERE until_on < '9999-12-31'))",
                "obligation",
            ),
            (
                "UPDATE obligation_spans SET is_answered = NOT is_answered WHERE state = 'published'",
                "obligation",
            ),
        ] {
            tamper(api, sql);
            let now = found();
            assert!(now.len() > expected, "{sql}: {now:?}");
            assert!(
                now.iter().any(|one| one.resource.name() == resource),
                "{sql}: {now:?}"
            );
            expected = now.len();
        }
    });
}

#[test]
fn a_lawful_erasure_differs_from_nothing() {
    use answerable::tracking::catalogue::CATALOGUE;
    use answerable::writing::past::comparing::differences;
    both(|api| {
        let size = answerable::platform::config::Config::default().pool_size();
        for list in [
            "responses",
            "action-plans",
            "progress-updates",
            "assessments",
            "mandates",
            "articles",
        ] {
            let id = api
                .get(&format!("/v1/{list}?limit=1"))
                .column("id")
                .remove(0);
            let erased = serde_json::json!({"state": "erased"});
            api.patch(&format!("/v1/{list}/{id}"), &api.admin(), &erased)
                .assert_status(204);
        }
        let found = differences(&api.database, &CATALOGUE, size, api.clock.now()).unwrap();
        assert_eq!(found, []);
    });
}
