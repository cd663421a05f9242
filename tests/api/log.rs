//! The change log: tampering is detected, and erasure is complete.

use answerable::log::Origin;
use answerable::log::verify::{VerificationReport, verify};
use diesel::RunQueryDsl;

use crate::support::{Instance, both, time};

fn verdict(api: &Instance) -> VerificationReport {
    verify(&api.database).unwrap()
}

/// Runs a statement directly on the database.
fn tamper(api: &Instance, sql: &str) {
    let origin = Origin {
        actor: "test".to_owned(),
        request_id: None,
        now: time("2026-11-24T12:00:00Z").naive_utc(),
    };
    let rows = api
        .log
        .write_now::<_, answerable::platform::db::Error>(origin, |writer| {
            Ok(diesel::sql_query(sql).execute(writer.connection)?)
        });
    assert!(rows.unwrap() > 0, "{sql} met no row");
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
    let done = [
        (
            "UPDATE changes SET state = '{}' WHERE seq = 20",
            20,
            "state does not match",
        ),
        (
            "UPDATE changes SET state = NULL WHERE seq = 20",
            20,
            "not erased",
        ),
        (
            "UPDATE changes SET state_digest = digest WHERE seq = 20",
            20,
            "was altered",
        ),
        (
            "UPDATE changes SET digest = state_digest WHERE seq = 20",
            20,
            "was altered",
        ),
        (
            "UPDATE changes SET actor = 'somebody' WHERE seq = 20",
            20,
            "was altered",
        ),
        (
            "UPDATE changes SET at = '2020-01-01 00:00:00' WHERE seq = 20",
            20,
            "was altered",
        ),
        (
            "UPDATE changes SET action = 'updated' WHERE seq = 20",
            20,
            "was altered",
        ),
        (
            "UPDATE changes SET revision = 7 WHERE seq = 20",
            20,
            "revision",
        ),
        (
            "UPDATE changes SET resource_id = '01890a5d-ac96-774b-bcce-b302099a8057' WHERE seq = 20",
            20,
            "missing",
        ),
        (
            "DELETE FROM changes WHERE seq = 20",
            21,
            "entries 20 to 20 are missing",
        ),
        (
            "DELETE FROM changes WHERE seq > 100",
            101,
            "which is missing",
        ),
        (
            "UPDATE changes SET seq = 9999 WHERE seq = 20",
            9999,
            "entries",
        ),
    ];
    for (sql, seq, words) in done {
        both(|api| {
            tamper(api, sql);
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
            api.import(&format!(r#"{{"type":"article","slug":"to-be-erased","headline":"Fictional","published_at":"2025-01-01T00:00:00Z","organisation":"exampleshire-gazette","body_html":"{body}","state":"{state}"}}"#));
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
        let sql = answerable::platform::db::Sql::new(
            "SELECT count(*) AS count FROM changes WHERE state LIKE '%marker-of-the%'",
        );
        let left = api
            .database
            .read_now::<_, answerable::platform::db::Error>(|c| {
                Ok(answerable::platform::db::count(c, &sql)?)
            });
        assert_eq!(left.unwrap(), 0);
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
