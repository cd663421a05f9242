//! Import and export: idempotent, atomic, in any line order, with a pointer for each mistake.

use answerable::log::Resource;
use answerable::writing::import::{OnMistake, Source, Tally};
use serde_json::{Value, json};
use std::fmt::Display;
use std::io::Write;

use crate::support::{
    EXAMPLESHIRE, Instance, OVERSIGHT, assert_includes, both, both_empty, time, total,
};

const BODY: &str = r#"{"type":"organisation","slug":"watch","name":"Exampleshire Watch"}"#;

const REPORT: &str = r#"{"type":"report","slug":"r","title":"Report","published_on":"2025-01-01","publishers":["watch"]}"#;

fn article(slug: &str, more: &str) -> String {
    format!(
        r#"{{"type":"article","slug":"{slug}","headline":"Headline","published_at":"2025-01-01T00:00:00Z","organisation":"watch"{more}}}"#
    )
}

fn changes(api: &Instance) -> i64 {
    api.count("SELECT count(*) AS count FROM changes")
}

/// One record that was changed.
const UPDATED: Tally = Tally {
    created: 0,
    updated: 1,
    unchanged: 0,
};

/// Asserts that documents are refused, first because of this member in this line.
#[track_caller]
fn assert_refused(api: &Instance, documents: impl Display, line: usize, pointer: &str) {
    let mistakes = api.try_import(documents).mistakes;
    let first = (mistakes[0].line, mistakes[0].pointer.as_str());
    assert_eq!(first, (line, pointer), "{mistakes:?}");
}

#[test]
fn importing_the_same_file_twice_changes_nothing() {
    both(|api| {
        let before = (changes(api), api.export());
        api.clock.set(time("2026-12-01T00:00:00Z"));
        for set in [OVERSIGHT, EXAMPLESHIRE] {
            let report = api.import(set);
            for (resource, tally) in &report.tallies {
                assert_eq!((tally.created, tally.updated), (0, 0), "{resource}");
            }
            assert_eq!(total(&report).unchanged, set.lines().count());
        }
        assert_eq!((changes(api), api.export()), before);
    });
}

#[test]
fn line_order_does_not_matter() {
    both_empty(|api| {
        let lines: Vec<&str> = EXAMPLESHIRE.lines().rev().collect();
        api.import(lines.join("\n"));
        assert_eq!(
            api.data("/v1/recommendations/exampleshire-custody-2025-1-1")["parent"]["number"],
            "1"
        );
        assert_eq!(
            api.data("/v1/recommendations/exampleshire-custody-2020-1")["addressed_organisation_count"],
            4
        );
    });
}

#[test]
fn an_export_can_be_imported_elsewhere() {
    both(|api| {
        let documents = api.export();
        assert_eq!(
            documents.lines().count(),
            OVERSIGHT.lines().count() + EXAMPLESHIRE.lines().count()
        );
        both_empty(|other| {
            other.import(&documents);
            assert_eq!(other.export(), documents);
            for path in [
                "/v1/articles?limit=100",
                "/v1/recommendations?limit=100",
                "/v1/groups?limit=100&expand=members",
                "/v1/reports?limit=100",
            ] {
                let without_times = |api: &Instance| {
                    let text = api.get(path).text().replace(&api.base, "");
                    let mut list: Value = serde_json::from_str(&text).unwrap();
                    for record in list["data"].as_array_mut().unwrap() {
                        record.as_object_mut().unwrap().remove("updated_at");
                    }
                    list["data"].clone()
                };
                assert_eq!(without_times(other), without_times(api), "{path}");
            }
        });
    });
}

#[test]
fn one_bad_line_rejects_the_whole_import() {
    both_empty(|api| {
        let lines = [
            BODY.to_owned(),
            String::new(),
            r#"{"type":"organisation","slug":"B A D","name":"","names":[{"name":"x","from":"2018-13"}]}"#.to_owned(),
            "not json".to_owned(),
            article("a", r#","organization":"watch""#),
            article("b", r#","topics":["nothing"],"reports":["no-report"]"#),
            article("c", r#","published_at":"2025-01-01T00:00:00Z""#),
            r#"{"type":"unicorn","slug":"u"}"#.to_owned(),
            article("d", r#","language":"english!","original_url":"ftp://example.org/""#),
            r#"{"type":"recommendation","report":"no-report","number":"1","text":"t","addressees":["watch"]}"#.to_owned(),
        ];
        let report = api.try_import(lines.join("\n"));
        let mut places: Vec<(usize, &str)> = report
            .mistakes
            .iter()
            .map(|m| (m.line, m.pointer.as_str()))
            .collect();
        places.sort_unstable();
        let expected = [
            (3, "/name"),
            (3, "/names/0/from"),
            (3, "/slug"),
            (4, ""),
            (5, "/organization"),
            (6, "/reports/0"),
            (6, "/topics/0"),
            (7, ""),
            (8, "/type"),
            (9, "/language"),
            (9, "/original_url"),
            (10, "/report"),
        ];
        assert_eq!(places, expected, "{:#?}", report.mistakes);
        assert!(!report.stored);
        assert_eq!(changes(api), 0);
    });
}

#[test]
fn keep_going_stores_good_lines_unless_they_reference_bad_ones() {
    both_empty(|api| {
        let lines = [
            BODY.to_owned(),
            article("good", ""),
            r#"{"type":"topic","slug":"bad","name":""}"#.to_owned(),
            r#"{"type":"topic","slug":"below-bad","name":"Below","parent":"bad"}"#.to_owned(),
            article("under-bad", r#","topics":["below-bad"]"#),
        ];
        let source = Source::spool(lines.join("\n").as_bytes()).unwrap();
        let report = api.import_source(&source, OnMistake::KeepGoing);
        assert_eq!(
            (report.stored, report.bad_lines),
            (true, 3),
            "{:#?}",
            report.mistakes
        );
        let made = Tally {
            created: 1,
            ..Tally::default()
        };
        assert_eq!(
            report.tallies.into_iter().collect::<Vec<_>>(),
            [(Resource::Organisation, made), (Resource::Article, made)]
        );
        assert_eq!(api.get("/v1/articles").column("slug"), ["good"]);
    });
}

#[test]
fn only_a_real_change_makes_a_new_revision() {
    both_empty(|api| {
        api.import(format!("{BODY}\n{}", article("a", "")));
        api.clock.set(time("2026-11-25T12:00:00Z"));
        let report = api.import(article("a", r#","summary":"Now with a summary.""#));
        assert_eq!(total(&report), UPDATED);
        let record = api.data("/v1/articles/a");
        assert_includes(
            &record,
            json!({"revision": 2, "updated_at": "2026-11-25T12:00:00Z", "summary": "Now with a summary."}),
        );
        // reordered members and explicit defaults are not a change
        let same = r#"{"summary":"Now with a summary.","organisation":"watch","state":"published","topics":[],"slug":"a","published_at":"2025-01-01T00:00:00.000Z","headline":"Headline","type":"article"}"#;
        let unchanged = Tally {
            unchanged: 1,
            ..Tally::default()
        };
        assert_eq!(total(&api.import(same)), unchanged);
    });
}

#[test]
fn an_original_url_belongs_to_one_article() {
    both_empty(|api| {
        api.import(format!(
            "{BODY}\n{}",
            article(
                "a",
                r#","original_url":"https://www.watch.example/News/1/?utm_source=x#top""#
            )
        ));
        let second = article("b", r#","original_url":"http://watch.example/News/1""#);
        assert_refused(api, second, 1, "/original_url");
        let two = [
            r#","original_url":"https://watch.example/2""#,
            r#","original_url":"https://watch.example/2#x""#,
        ];
        let two = format!("{}\n{}", article("c", two[0]), article("d", two[1]));
        assert_refused(api, two, 2, "/original_url");
        let found = api.get(
            "/v1/articles?original_url=HTTP%3A%2F%2Fwatch.example%2FNews%2F1%2F%3Futm_campaign%3Dy",
        );
        assert_eq!(found.column("slug"), ["a"]);
        assert_eq!(
            api.data("/v1/articles/a")["original_url"],
            "https://www.watch.example/News/1/?utm_source=x#top"
        );
    });
}

#[test]
fn two_lines_for_one_record_are_rejected() {
    both_empty(|api| {
        assert_refused(api, format_args!("{BODY}\n{BODY}"), 2, "/slug");
    });
}

#[test]
fn an_id_is_unique_across_record_types() {
    both(|api| {
        let id = api.data("/v1/organisations/iopc")["id"].clone();
        let line = json!({"type": "topic", "id": id, "slug": "taken", "name": "Taken"});
        assert_refused(api, line, 1, "/id");
        let body = json!({"slug": "taken", "name": "Taken"});
        let path = format!("/v1/topics/{}", id.as_str().unwrap());
        let answer = api.write("PUT", &path, &api.admin(), &[], &body);
        answer.assert_invalid(&["#/id"]);
    });
}

#[test]
fn a_recommendation_is_identified_by_its_number() {
    both_empty(|api| {
        let recommendation = |number: &str, text: &str| {
            format!(
                r#"{{"type":"recommendation","report":"r","number":"{number}","text":"{text}","addressees":["watch"]}}"#
            )
        };
        api.import(
            [
                BODY,
                REPORT,
                &recommendation("10", "x"),
                &recommendation("2a", "x"),
                &recommendation("2", "x"),
            ]
            .join("\n"),
        );
        assert_eq!(
            api.get("/v1/reports/r/recommendations").column("number"),
            ["2", "2a", "10"]
        );
        let again = api.import(recommendation("2a", "y"));
        assert_eq!(total(&again), UPDATED);
        assert_eq!(api.data("/v1/recommendations/r-2a")["text"], "y");
    });
}

#[test]
fn recommendation_numbers_are_unique_within_a_report() {
    both_empty(|api| {
        let recommendation = |slug: &str, number: &str| {
            format!(
                r#"{{"type":"recommendation","slug":"{slug}","report":"r","number":"{number}","text":"x","addressees":["watch"]}}"#
            )
        };
        api.import([BODY, REPORT, &recommendation("a", "1")].join("\n"));
        assert_refused(api, recommendation("b", "1"), 1, "/number");
        let two = [recommendation("c", "2"), recommendation("d", "2")].join("\n");
        assert_refused(api, two, 2, "/number");
        // swapping two numbers takes two steps or is rejected; nothing is stored halfway
        api.import(recommendation("a", "3"));
        assert_eq!(
            api.get("/v1/reports/r/recommendations").column("number"),
            ["3"]
        );
    });
}

#[test]
fn ids_are_case_insensitive() {
    both_empty(|api| {
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        let body = BODY.replace(
            r#""slug""#,
            &format!(r#""id":"{}","slug""#, id.to_uppercase()),
        );
        let by_id = article("a", "").replace(r#""watch""#, &format!(r#""{}""#, id.to_uppercase()));
        api.import(format!("{body}\n{by_id}"));
        assert_eq!(api.data("/v1/articles/a")["organisation"]["id"], id);
    });
}

#[test]
fn html_is_sanitised() {
    both_empty(|api| {
        let body = r#","body_html":"<p onclick=x()>One<script>x()</script> <a href='javascript:x()'>two</a> <img src='https://a.example/i.png' onerror=x()></p>""#;
        api.import(format!("{BODY}\n{}", article("a", body)));
        let stored = api.data("/v1/articles/a")["body_html"].to_string();
        assert!(
            stored.contains("One") && stored.contains("i.png"),
            "{stored}"
        );
        assert!(
            ["script", "onclick", "onerror", "javascript"]
                .iter()
                .all(|word| !stored.contains(word)),
            "{stored}"
        );
    });
}

#[test]
fn gzipped_files_and_byte_order_marks_are_accepted() {
    both_empty(|api| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("set.ndjson.gz");
        let mut packed = flate2::write::GzEncoder::new(
            std::fs::File::create(&path).unwrap(),
            flate2::Compression::fast(),
        );
        packed
            .write_all(format!("\u{feff}{BODY}\r\n\r\n{}\r\n", article("a", "")).as_bytes())
            .unwrap();
        packed.finish().unwrap();
        // two concatenated gzip files, as from `cat a.gz b.gz`
        let end = std::fs::OpenOptions::new()
            .append(true)
            .open(&path)
            .unwrap();
        let mut packed = flate2::write::GzEncoder::new(end, flate2::Compression::fast());
        packed.write_all(article("b", "").as_bytes()).unwrap();
        packed.finish().unwrap();
        let report = api.import_source(&Source::File(path.clone()), OnMistake::StoreNothing);
        assert_eq!(report.mistakes, []);
        assert_eq!(api.get("/v1/articles?limit=2&count=exact").count(), 2);
    });
}

#[test]
fn undecodable_and_too_deeply_nested_lines_are_reported() {
    both_empty(|api| {
        let mut bytes = format!("{BODY}\n").into_bytes();
        bytes.extend(b"{\"type\":\"topic\",\"slug\":\"a\",\"name\":\"\xff\"}\n");
        bytes.extend("[".repeat(50_000).bytes());
        bytes.extend(b"\n{\"type\":\"topic\",\"slug\":\"b\",\"name\":\"a\\u0000b\"}\n");
        bytes.extend(b"{\"type\":\"topic\",\"slug\":\"c\",\"name\":\"\\ud800\"}\n");
        let source = Source::spool(&bytes[..]).unwrap();
        let report = api.import_source(&source, OnMistake::StoreNothing);
        let lines: Vec<usize> = report.mistakes.iter().map(|mistake| mistake.line).collect();
        assert_eq!(lines, [2, 3, 4, 5], "{:#?}", report.mistakes);
    });
}

#[test]
fn the_log_is_gapless_and_hash_chained() {
    both(|api| {
        api.import(BODY);
        #[derive(diesel::QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            seq: i64,
            #[diesel(sql_type = diesel::sql_types::Text)]
            digest: String,
            #[diesel(sql_type = diesel::sql_types::Text)]
            state_digest: String,
            #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Text>)]
            state: Option<String>,
        }
        let sql = answerable::platform::db::Sql::new(
            "SELECT seq, digest, state_digest, state FROM changes ORDER BY seq",
        );
        let rows: Vec<Row> = api.read(|c| diesel::RunQueryDsl::load(sql, c));
        let numbers: Vec<i64> = rows.iter().map(|row| row.seq).collect();
        assert_eq!(numbers, (1..=rows.len() as i64).collect::<Vec<_>>());
        let digests: std::collections::HashSet<&String> =
            rows.iter().map(|row| &row.digest).collect();
        assert_eq!(digests.len(), rows.len());
        for row in rows {
            use sha2::Digest;
            let digest = sha2::Sha256::digest(row.state.unwrap());
            let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(hex, row.state_digest);
        }
    });
}

#[test]
fn duplicate_and_self_references_are_rejected() {
    both_empty(|api| {
        let mistaken = |document: &str, pointer: &str| {
            let report = api.try_import(format!("{BODY}\n{document}"));
            let places: Vec<&str> = report
                .mistakes
                .iter()
                .map(|mistake| &*mistake.pointer)
                .collect();
            assert_eq!(places, [pointer], "{:?}", report.mistakes);
        };
        mistaken(
            r#"{"type":"topic","slug":"t","name":"T","parent":"t"}"#,
            "/parent",
        );
        mistaken(
            r#"{"type":"organisation","slug":"o","name":"O","successors":[{"organisation":"watch","kind":"merged"},{"organisation":"watch","kind":"merged"}]}"#,
            "/successors/1/organisation",
        );
        mistaken(
            &article("a", r#","co_publishers":["watch","watch"]"#),
            "/co_publishers/1",
        );
        mistaken(&article("a", r#","translation_of":"a""#), "/translation_of");
        api.import(format!("{BODY}\n{}", r#"{"type":"group","slug":"g","name":"G","members":[{"organisation":"watch","until":"2010"},{"organisation":"watch","from":"2015"}]}"#));
    });
}
