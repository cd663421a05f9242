//! What every request costs the database, and what the two databases have in common.

use answerable::platform::db::{Database, Error, Sql, count, migrate};
use answerable::resources::reports::response_checks::derive_all;
use answerable::tracking::obligations::generation::generate_all;
use diesel::RunQueryDsl;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::program;
use crate::support::{
    Content, Instance, Kind, both, both_empty, database, eventually, kinds, open_at, read,
};

#[test]
fn a_request_takes_as_many_statements_whatever_the_page_holds() {
    for kind in kinds() {
        let api = Instance::start(kind, Content::Demo, |config| config.cache_bytes = 0);
        let everything = [
            (
                "/v1/articles",
                "&expand=organisation,co_publishers,topics,reports,recommendations&count=exact",
            ),
            ("/v1/articles", ""),
            ("/v1/organisations", "&expand=parent&count=exact"),
            ("/v1/groups", "&expand=members&count=exact"),
            ("/v1/topics", "&expand=parent&count=exact"),
            ("/v1/reports", "&expand=publishers&count=exact"),
            (
                "/v1/recommendations",
                "&expand=report,addressees&count=exact",
            ),
            ("/v1/reports/exampleshire-custody-2025/recommendations", ""),
            ("/v1/organisations/iopc/articles", ""),
            (
                "/v1/obligations",
                "&on=2025-06-01&expand=organisation&count=exact",
            ),
            ("/v1/organisations", "&on=2015-06-01"),
            ("/v1/groups", "&on=2025-06-01&expand=members"),
        ];
        let cost = |path: &str| {
            api.data(path); // opens the connection, and what it names is remembered
            api.statements(|| drop(api.data(path)))
        };
        for (list, more) in everything {
            let costs = [2, 20, 50, 100].map(|limit| cost(&format!("{list}?limit={limit}{more}")));
            // a page so small that it names nothing of some kind saves the statement for that kind
            assert!(
                costs[0] <= costs[1] && costs[1] == costs[2] && costs[2] == costs[3],
                "{list}{more}: {costs:?}"
            );
            assert!(costs[3] <= 26, "{list}{more}: {costs:?}");
        }
    }
}

#[test]
fn migrations_go_up_down_and_up_again() {
    for kind in kinds() {
        let (url, _folder) = database(kind, Content::Demo);
        let database = open_at(&url);
        let before = tables(kind, &database);
        let reverted = migrate::revert_all(&database).unwrap();
        assert!(!reverted.is_empty());
        assert_eq!(
            tables(kind, &database),
            Vec::<String>::new(),
            "left behind on {kind:?}"
        );
        let mut applied = migrate::run(&database).unwrap();
        applied.reverse();
        assert_eq!(applied, reverted);
        assert_eq!(tables(kind, &database), before);
        assert_eq!(migrate::run(&database).unwrap(), Vec::<String>::new());
    }
}

#[test]
fn a_migration_keeps_the_members_of_addressed_groups() {
    let members = "SELECT recommendation_id || group_id || members AS line FROM recommendation_addressees \
                   WHERE group_id IS NOT NULL ORDER BY 1";
    for kind in kinds() {
        let mut api = Instance::start(kind, Content::Demo, |_| {});
        let before = lines(&api.database, members);
        assert!(before.iter().any(|line| line.contains("\",\"")));
        rerun(
            &mut api,
            kind,
            &[
                "2026-11-29-000002_writing_in_sets",
                "2026-11-29-000004_obligation_spans",
            ],
        );
        assert_eq!(lines(&api.database, members), before);
    }
}

#[test]
fn a_migration_fills_the_links_of_articles() {
    let links = "SELECT id || links || translations AS line FROM articles ORDER BY 1";
    for kind in kinds() {
        let mut api = Instance::start(kind, Content::Demo, |_| {});
        let before = lines(&api.database, links);
        for some in [
            r#"],"topics":["0"#,
            r#""reports":["0"#,
            r#""recommendations":["0"#,
            r#"}["0"#,
        ] {
            assert!(before.iter().any(|line| line.contains(some)), "{some}");
        }
        rerun(&mut api, kind, &["2026-11-29-000003_article_links"]);
        assert_eq!(lines(&api.database, links), before);
    }
}

#[test]
fn a_migration_cuts_obligations_into_spans_and_finds_when_responses_were_looked_for() {
    let spans = "SELECT id || ' ' || from_on || ' ' || until_on || ' ' || statements AS line FROM obligation_spans ORDER BY 1";
    let checks =
        "SELECT record_id || ' ' || checked_on AS line FROM report_response_checks ORDER BY 1";
    for kind in kinds() {
        let mut api = Instance::start(kind, Content::Demo, |_| {});
        let all = |api: &Instance| (lines(&api.database, spans), lines(&api.database, checks));
        let before = all(&api);
        assert!(before.0.iter().any(|line| !line.contains("9999-12-31")));
        assert!(!before.1.is_empty());
        rerun(&mut api, kind, &["2026-11-29-000004_obligation_spans"]);
        api.write_directly(|writer| {
            derive_all(writer.connection)?;
            generate_all(writer.connection)
        });
        assert_eq!(all(&api), before);
    }
}

/// Stops the server, whose readers would meet half of a migration; takes migrations back, the newest first, and runs
/// them again.
fn rerun(api: &mut Instance, kind: Kind, names: &[&str]) {
    api.stop_gracefully();
    let run = |name: &str, file: &str| {
        let folder = match kind {
            Kind::Sqlite => "sqlite",
            Kind::Postgresql => "postgresql",
        };
        let path = format!(
            "{}/migrations/{folder}/{name}/{file}",
            env!("CARGO_MANIFEST_DIR")
        );
        let sql = std::fs::read_to_string(path).unwrap();
        let statements: Vec<&str> = sql.trim().split_terminator(";\n").collect();
        api.execute(&statements);
    };
    for name in names.iter().rev() {
        run(name, "down.sql");
    }
    for name in names {
        run(name, "up.sql");
    }
}

#[test]
fn a_list_of_values_has_any_length() {
    both_empty(|api| {
        api.import(r#"{"type":"topic","slug":"t-0","name":"T"}"#);
        for length in [0_usize, 1, 3, 1_000, 1_023, 1_024, 1_025, 20_000, 32_766] {
            let mut sql = Sql::new("SELECT count(*) AS count FROM topics WHERE slug IN ");
            sql.list((0..length).map(|n| format!("t-{n}")));
            let found = read(&api.database, |c| count(c, &sql));
            assert_eq!(found, i64::from(length > 0), "{length}");
        }
    });
}

/// Topics as lines of an import.
fn topics(count: usize, run: &str) -> Vec<serde_json::Value> {
    let topic =
        |n| json!({"type": "topic", "slug": format!("{run}-{n}"), "name": format!("{run} {n}")});
    (0..count).map(topic).collect()
}

/// The length of the log of which PostgreSQL has statistics.
fn known(api: &Instance) -> i64 {
    let sql = "SELECT CAST(c.reltuples AS bigint) || '' AS line FROM pg_class c JOIN pg_stats s ON s.tablename = c.relname \
               WHERE c.oid = 'changes'::regclass AND s.attname = 'seq'";
    let lines = lines(&api.database, sql);
    lines.first().map_or(-1, |line| line.parse().unwrap())
}

#[test]
fn the_statistics_of_postgresql_follow_a_growing_log() {
    // SQLite has fixed ones
    for kind in kinds().into_iter().filter(|kind| *kind == Kind::Postgresql) {
        let api = Instance::start(kind, Content::Empty, |_| {});
        // within an import, even if an earlier one was rolled back after they had been collected
        let mut spoilt = topics(600, "imported");
        spoilt.push(
            json!({"type": "article", "slug": "a", "headline": "A", "organisation": "nobody", "published_at": "2026-01-02T03:04:05Z", "body_html": "A"}),
        );
        let spoilt: Vec<String> = spoilt.iter().map(ToString::to_string).collect();
        assert_eq!(
            api.try_import(spoilt.join(
                "
"
            ))
            .mistakes
            .len(),
            1
        );
        assert_eq!(known(&api), -1);
        api.import_all(&topics(600, "imported"));
        assert!(known(&api) >= 500, "{}", known(&api));
        // and while a server follows the log
        for n in 0..7 {
            let batch = topics(100, &format!("batch-{n}"));
            api.post("/v1/batch", &api.admin(), &json!(batch))
                .assert_status(200);
        }
        eventually(|| match known(&api) {
            entries if entries >= 1_000 => Ok(()),
            entries => Err(entries),
        });
    }
}

#[test]
fn statistics_that_cannot_be_collected_keep_nothing_from_being_stored() {
    for kind in kinds().into_iter().filter(|kind| *kind == Kind::Postgresql) {
        let api = Instance::start(kind, Content::Empty, |_| {});
        api.execute(&[
            "CREATE SCHEMA postgres", // comes before that of the tables
            "CREATE FUNCTION fails(text) RETURNS integer IMMUTABLE LANGUAGE plpgsql AS 'BEGIN              IF current_query() LIKE ''ANALYZE%'' THEN RAISE EXCEPTION ''fails''; END IF; RETURN 1; END'",
            "CREATE INDEX failing ON topics (fails(slug))",
        ]);
        api.import_all(&topics(600, "imported"));
        assert_eq!(api.get("/v1/topics?count=exact&limit=1").count(), 600);
    }
}

#[test]
fn nothing_waits_while_statistics_are_collected() {
    use answerable::platform::db::DbConnection;
    for kind in kinds().into_iter().filter(|kind| *kind == Kind::Postgresql) {
        let api = Instance::start(kind, Content::Empty, |_| {});
        // ANALYZE waits for a lock that this test holds
        api.execute(&[
            "CREATE FUNCTION waits(text) RETURNS integer IMMUTABLE LANGUAGE plpgsql AS 'BEGIN \
             IF current_query() LIKE ''ANALYZE%'' THEN PERFORM pg_advisory_xact_lock(1); END IF; RETURN 1; END'",
            "CREATE INDEX waiting ON topics (waits(slug))",
        ]);
        let analyses = || {
            let sql = "SELECT query AS line FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'ANALYZE%' AND wait_event_type = 'Lock'";
            lines(&api.database, sql).len()
        };
        let other = open_at(&api.url());
        let held = |c: &mut DbConnection| {
            Sql::new("SELECT pg_advisory_xact_lock(1)").execute(c)?;
            for n in 0..2 {
                // too few at once to be collected within the write
                let batch = topics(40, &format!("batch-{n}"));
                api.post("/v1/batch", &api.admin(), &json!(batch))
                    .assert_status(200);
            }
            eventually(|| {
                if analyses() == 1 {
                    Ok(())
                } else {
                    Err(analyses())
                }
            });
            api.get("/readyz").assert_status(200);
            let topic = json!({"slug": "meanwhile", "name": "Meanwhile"});
            api.post("/v1/topics", &api.admin(), &topic)
                .assert_status(201);
            assert_eq!(analyses(), 1, "it still waits, and no other has begun");
            Ok::<_, Error>(())
        };
        other.read_now(held).unwrap();
        eventually(|| {
            if known(&api) >= 64 {
                Ok(())
            } else {
                Err(known(&api))
            }
        });
    }
}

#[test]
fn long_texts_are_compressed_by_lz4_where_the_server_has_it() {
    let sql = "SELECT CASE WHEN 'lz4' = ANY (enumvals) THEN 'lz4' ELSE 'pglz' END || ' ' || setting AS line \
               FROM pg_settings WHERE name = 'default_toast_compression'";
    for kind in kinds().into_iter().filter(|kind| *kind == Kind::Postgresql) {
        let api = Instance::start(kind, Content::Empty, |_| {});
        for line in lines(&api.database, sql) {
            let (wanted, setting) = line.split_once(' ').unwrap();
            assert_eq!(wanted, setting);
        }
    }
}

#[test]
fn addressees_are_looked_up_together() {
    both_empty(|api| {
        let slugs: Vec<String> = (0..20).map(|n| format!("body-{n}")).collect();
        let body = |slug: &String| json!({"type": "organisation", "slug": slug, "name": format!("The Fictional {slug}")});
        let mut documents: Vec<serde_json::Value> = slugs.iter().map(body).collect();
        documents.push(json!({"type": "report", "slug": "r", "title": "R", "published_on": "2026-09-01", "publishers": ["body-0"]}));
        api.import_all(&documents);
        let cost = |number: &str, addressees: &[String]| {
            let recommendation =
                json!({"report": "r", "number": number, "text": "T", "addressees": addressees});
            let create = || {
                api.post("/v1/recommendations", &api.admin(), &recommendation)
                    .assert_status(201);
            };
            api.statements(create)
        };
        cost("1", &slugs[..1]); // opens the connection
        let (one, all) = (cost("2", &slugs[..1]), cost("3", &slugs));
        // each link is resolved by a statement, and nothing else
        assert!(all - one <= 19, "{one} and {all} statements");
    });
}

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    line: String,
}

fn lines(database: &Database, sql: &'static str) -> Vec<String> {
    let rows = read(database, |c| Sql::new(sql).load::<Line>(c));
    rows.into_iter().map(|row| row.line).collect()
}

fn tables(kind: Kind, database: &Database) -> Vec<String> {
    lines(
        database,
        match kind {
            Kind::Sqlite => {
                "SELECT name AS line FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY name"
            }
            Kind::Postgresql => {
                "SELECT table_name::text AS line FROM information_schema.tables WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%' ORDER BY table_name COLLATE \"C\""
            }
        },
    )
}

/// Otherwise SQLite plans a statement again whenever another value is bound to it: see `.cargo/config.toml`.
#[test]
fn the_bundled_sqlite_plans_a_statement_once() {
    let (url, _folder) = database(Kind::Sqlite, Content::Empty);
    let options = lines(
        &open_at(&url),
        "SELECT compile_options AS line FROM pragma_compile_options",
    );
    assert!(options.contains(&"ENABLE_QPSG".to_owned()), "{options:?}");
}

#[test]
fn an_update_is_prepared_once() {
    use answerable::platform::db::schema::organisations::dsl as o;
    use answerable::platform::db::update;
    use diesel::connection::InstrumentationEvent;
    use diesel::{Connection, ExpressionMethods};
    both(|api| {
        let prepared = Arc::new(AtomicUsize::new(0));
        let counted = prepared.clone();
        api.write_directly(|writer| {
            let count = move |event: InstrumentationEvent<'_>| {
                let is_new = matches!(event, InstrumentationEvent::CacheQuery { sql, .. } if sql.starts_with("UPDATE"));
                counted.fetch_add(usize::from(is_new), Ordering::Relaxed);
            };
            writer.connection.set_instrumentation(count);
            for name in ["One", "Two", "Three"] {
                let all = diesel::update(o::organisations).set(o::name.eq(name));
                update(writer.connection, all)?;
            }
            Ok(())
        });
        assert_eq!(api.data("/v1/organisations?limit=1")[0]["name"], "Three");
        assert_eq!(prepared.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn the_two_schemas_are_equal() {
    if !kinds().contains(&Kind::Postgresql) {
        return; // runs where PostgreSQL is tested
    }
    let schema = |kind: Kind| {
        let (url, _folder) = database(kind, Content::Empty);
        let database = open_at(&url);
        let columns = lines(
            &database,
            match kind {
                Kind::Sqlite => {
                    "SELECT m.name || '.' || c.name || ' ' || lower(c.type) || CASE c.\"notnull\" WHEN 1 THEN ' not null' ELSE '' END AS line \
                 FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY 1"
                }
                Kind::Postgresql => {
                    "SELECT (table_name || '.' || column_name || ' ' || CASE data_type WHEN 'timestamp without time zone' THEN 'timestamp' ELSE data_type END || CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END) COLLATE \"C\" AS line \
                 FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%' AND table_name <> 'obligations' ORDER BY 1"
                }
            },
        );
        let indexes = lines(
            &database,
            match kind {
                Kind::Sqlite => {
                    "SELECT m.name || ' ' || l.name || ' ' || (SELECT group_concat(i.name, ',') FROM (SELECT name FROM pragma_index_info(l.name) ORDER BY seqno) i) AS line \
                 FROM sqlite_schema m JOIN pragma_index_list(m.name) l WHERE m.type = 'table' AND l.origin = 'c' ORDER BY 1"
                }
                Kind::Postgresql => {
                    "SELECT (t.relname || ' ' || i.relname || ' ' || (SELECT string_agg(a.attname, ',' ORDER BY k.place) FROM unnest(x.indkey) WITH ORDINALITY k(number, place) JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number)) COLLATE \"C\" AS line \
                 FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace \
                 WHERE n.nspname = 'public' AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.oid) ORDER BY 1"
                }
            },
        );
        (columns, indexes)
    };
    let (sqlite, postgresql) = (schema(Kind::Sqlite), schema(Kind::Postgresql));
    assert!(sqlite.0.len() > 100 && sqlite.1.len() > 40);
    assert_eq!(sqlite, postgresql);
}

#[test]
fn a_stored_id_that_is_none_is_an_error() {
    both(|api| {
        let ids = |sql| {
            api.database
                .read_now(|c| Sql::new(sql).ids(c).map_err(Error::from))
        };
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        let found = ids("SELECT '01890a5d-ac96-774b-bcce-b302099a8057' AS id").unwrap();
        assert_eq!(found.iter().map(|id| id.as_str()).collect::<Vec<_>>(), [id]);
        let error = ids("SELECT 'iopc' AS id").unwrap_err().to_string();
        assert!(error.contains("'iopc' is not an id"), "{error}");
    });
}

#[test]
fn a_database_that_cannot_be_written_says_so_and_heals() {
    for kind in kinds() {
        let api = Instance::start(kind, Content::Demo, |_| {});
        let token = api.admin();
        let topic =
            |slug: &str| json!({"slug": slug, "name": "T", "description": "Words. ".repeat(500)});
        let warnings = || {
            api.get("/readyz").json()["warnings"]
                .as_array()
                .unwrap()
                .len()
        };
        assert_eq!(warnings(), 0);
        // the file may not grow; the session becomes like one of a replica
        let (spoil, mend) = match kind {
            Kind::Sqlite => (
                "PRAGMA max_page_count = 1",
                "PRAGMA max_page_count = 1000000000",
            ),
            Kind::Postgresql => ("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", ""),
        };
        let run = |sql: &str| {
            api.write_directly(|writer| diesel::sql_query(sql).execute(writer.connection))
        };
        run(spoil);
        let refused = (0..100).find_map(|n| {
            let answer = api.post("/v1/topics", &token, &topic(&format!("t-{n}")));
            (answer.status != 201).then_some((n, answer))
        });
        let (n, answer) = refused.unwrap();
        answer.problem(503, "storage-unavailable");
        assert_eq!(answer.header("retry-after"), "10");
        let path = format!("/v1/topics/t-{n}");
        api.get(&path).problem(404, "not-found");
        api.get("/v1/topics").assert_status(200);
        assert_eq!(warnings(), 1);
        if !mend.is_empty() {
            run(mend);
        }
        api.post("/v1/topics", &token, &topic(&format!("t-{n}")))
            .assert_status(201);
        assert_eq!(warnings(), 0);
        api.assert_log_verifies();
    }
}

#[test]
fn a_database_of_a_newer_or_another_program_is_not_ready() {
    for kind in kinds() {
        let api = Instance::start(kind, Content::Demo, |_| {});
        api.get("/readyz").assert_status(200);
        let spoilt = [
            (
                "INSERT INTO __diesel_schema_migrations (version) VALUES ('29991231000001')",
                "DELETE FROM __diesel_schema_migrations WHERE version = '29991231000001'",
            ),
            (
                "UPDATE settings SET value = value || '_other' WHERE name LIKE 'migration.20261129000001%'",
                "UPDATE settings SET value = replace(value, '_other', '') WHERE name LIKE 'migration.%'",
            ),
        ];
        for (spoil, mend) in spoilt {
            assert_eq!(api.execute(&[spoil]), 1);
            let problem = api.get("/readyz").problem(503, "unavailable");
            let detail = problem["detail"].as_str().unwrap();
            assert!(detail.contains("use the newer program"), "{detail}");
            let restarted = Instance::start_at(&api.url(), |_| {});
            restarted.get("/v1/topics").problem(503, "unavailable");
            restarted.get("/readyz").problem(503, "unavailable");
            let folder = tempfile::tempdir().unwrap();
            let arguments = ["export", "--database", &api.url()];
            let (code, _, error) = program::run(folder.path(), &arguments);
            assert_eq!(code, Some(1));
            assert!(error.contains("use the newer program"), "{error}");
            assert!(api.execute(&[mend]) > 0);
            api.get("/readyz").assert_status(200);
        }
    }
}
