//! Exports: all public records of a type, complete or resumed, to fast and slow clients.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use answerable::platform::config::Config;

use crate::support::contract::{parameter_names, parameter_values};
use crate::support::{
    Answer, Content, Instance, both, both_empty, eventually, kinds, program, project,
};

const KINDS: [&str; 4] = [
    "articles",
    "organisations",
    "recommendations",
    "obligations",
];

/// The number of records an export reads at a time.
const PAGE: usize = 500;

fn lines_of(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let text = answer.text();
    assert!(text.is_empty() || text.ends_with('\n'), "{text}");
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn id(record: &Value) -> &str {
    record["id"].as_str().unwrap()
}

/// The records of a list, ordered by id.
fn listed(api: &Instance, path: &str) -> Vec<Value> {
    let mut records = api.walk_records(path);
    records.sort_by(|one, other| id(one).cmp(id(other)));
    records
}

/// Parses CSV into column names and rows.
fn table(text: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let owned = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
    let names = owned(reader.headers().unwrap());
    let rows = reader.records().map(|record| owned(&record.unwrap()));
    (names, rows.collect())
}

fn first_cells(text: &str) -> Vec<String> {
    let rows = table(text).1.into_iter();
    rows.map(|mut row| row.swap_remove(0)).collect()
}

#[test]
fn an_export_equals_a_walk_of_its_list() {
    both(|api| {
        let mut seen = 0;
        for (kind, filter) in [
            ("articles", ""),
            ("articles", "organisation=iopc"),
            ("articles", "organisation=iopc&organisation=hmicfrs"),
            ("articles", "organisation=iopc&topic=stalking"),
            ("articles", "topic=stalking&language=en"),
            ("articles", "report=stalking-super-complaint-2024"),
            ("articles", "state=withdrawn"),
            (
                "articles",
                "published_from=2024-10-01T00:00:00Z&updated_before=2025-06-01T00:00:00Z",
            ),
            (
                "articles",
                "fields=id,headline,body_html,body_text,organisation",
            ),
            ("organisations", ""),
            ("organisations", "kind=police_force&fields=id,names"),
            (
                "organisations",
                "name=Independent%20Police%20Complaints%20Commission",
            ),
            ("organisations", "identifier=police-force-register:essex"),
            ("recommendations", ""),
            ("recommendations", "organisation=essex-police"),
            ("recommendations", "state=withdrawn"),
            (
                "recommendations",
                "published_from=2024-01-01&due_before=2026-01-01",
            ),
            ("obligations", ""),
            ("obligations", "organisation=essex-police&state=overdue"),
            (
                "obligations",
                "report=exampleshire-custody-2025&fields=id,due_on,response_state",
            ),
        ] {
            let path = format!("/v1/exports/{kind}.ndjson?{filter}");
            let answer = api.get(&path);
            let exported = lines_of(&answer);
            assert_eq!(
                exported,
                listed(api, &format!("/v1/{kind}?limit=100&{filter}")),
                "{path}"
            );
            assert_eq!(answer.header("content-type"), "application/x-ndjson");
            let name = format!("attachment; filename=\"{kind}.ndjson\"");
            assert_eq!(answer.header("content-disposition"), name);
            seen += exported.len();

            let rows = api.get(&path.replace(".ndjson", ".csv"));
            let (names, rows) = table(&rows.text());
            assert_eq!(names[0], "id");
            let ids: Vec<&str> = rows.iter().map(|row| &*row[0]).collect();
            assert_eq!(ids, exported.iter().map(id).collect::<Vec<_>>(), "{path}");
        }
        assert!(seen > 300, "{seen}");
    });
}

#[test]
fn addressed_organisations_are_exported_when_selected() {
    both(|api| {
        let fields = "fields=id,addressed_organisations";
        let exported = lines_of(&api.get(&format!("/v1/exports/recommendations.ndjson?{fields}")));
        let list = "/v1/recommendations?limit=100&expand=addressed_organisations";
        assert_eq!(exported, listed(api, &format!("{list}&{fields}")));
        let one = "/v1/exports/recommendations.csv?organisation=essex-police&fields=addressed_organisations";
        let (names, rows) = table(&api.get(one).text());
        assert_eq!(names, ["addressed_organisations"]);
        assert!(rows.len() > 1);
        let is_named = |row: &Vec<String>| row[0].split("; ").any(|slug| slug == "essex-police");
        assert!(rows.iter().all(is_named), "{rows:?}");
    });
}

#[test]
fn an_export_accepts_exactly_the_filters_of_its_list() {
    for kind in KINDS {
        let mut of_list = parameter_names(&format!("/v1/{kind}"));
        for of_pages in ["sort", "expand", "count", "limit", "cursor", "lang", "id"] {
            assert!(of_list.remove(of_pages), "{kind} {of_pages}");
        }
        of_list.insert("after");
        for format in ["ndjson", "csv"] {
            let names = parameter_names(&format!("/v1/exports/{kind}.{format}"));
            let mut expected = of_list.clone();
            if format == "csv" {
                expected.insert("bom");
            }
            assert_eq!(names, expected, "{kind} {format}");
        }
    }
    both(|api| {
        for (query, parameter) in [
            ("limit=5", "limit"),
            ("expand=topics", "expand"),
            ("state=draft", "state"),
            ("after=iopc", "after"),
            ("after=01890a5d", "after"),
            ("organisation=nobody", "organisation"),
        ] {
            let answer = api.get(&format!("/v1/exports/articles.csv?{query}"));
            answer.assert_invalid_query(parameter);
        }
        api.get("/v1/exports/topics.csv").problem(404, "not-found");
    });
}

/// The column names that docs/exports.md lists for a type.
fn documented(kind: &str) -> Vec<String> {
    let text = std::fs::read_to_string(project("docs/exports.md")).unwrap();
    let start = format!("`{kind}.csv`: ");
    let line = text.lines().find(|line| line.starts_with(&start)).unwrap();
    let names = line[start.len()..].split('`').skip(1).step_by(2);
    names.map(str::to_owned).collect()
}

#[test]
fn csv_columns_match_the_docs_and_cover_every_member() {
    both(|api| {
        for kind in KINDS {
            let (names, rows) = table(&api.get(&format!("/v1/exports/{kind}.csv")).text());
            assert_eq!(names, documented(kind), "{kind}");
            assert!(!rows.is_empty());
            // every selectable member has a column, and selecting it returns only that column
            for word in parameter_values(&format!("/v1/exports/{kind}.csv"), "fields") {
                let only = api.get(&format!("/v1/exports/{kind}.csv?fields={word}"));
                let (names, _) = table(&only.text());
                assert!((1..=2).contains(&names.len()), "{kind} {word}: {names:?}");
            }
        }
    });
}

/// Imports made-up articles whose ids are in the order of their numbers.
fn seed(api: &Instance, numbers: std::ops::Range<usize>, body: &str) {
    let mut documents =
        vec![json!({"type": "organisation", "slug": "watchdog", "name": "The Fictional Watchdog"})];
    documents.extend(numbers.map(|number| {
        json!({
            "type": "article", "slug": format!("article-{number}"), "headline": format!("Number {number}\nof many; \"quoted\", ½"),
            "published_at": "2026-01-02T03:04:05Z", "organisation": "watchdog", "body_html": body,
            "id": format!("01890a5d-ac96-774b-bcce-{number:012}"),
        })
    }));
    api.import_all(&documents);
}

#[test]
fn an_interrupted_export_resumes_with_each_record_once() {
    both_empty(|api| {
        let count = 2 * PAGE + 7;
        seed(api, 0..count, "");
        for format in ["ndjson", "csv"] {
            for filter in ["", "&organisation=watchdog"] {
                let path = format!("/v1/exports/articles.{format}?language=en{filter}");
                let whole = api.get(&path).text();
                let ids: Vec<String> = match format {
                    "csv" => first_cells(&whole),
                    _ => lines_of(&api.get(&path))
                        .iter()
                        .map(|line| id(line).to_owned())
                        .collect(),
                };
                assert_eq!(ids.len(), count);
                for cut in [1, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE, count - 1, count] {
                    let at = match ids.get(cut) {
                        Some(next) => whole.find(next.as_str()).unwrap(),
                        None => whole.len(),
                    };
                    // in JSON the id is not the first thing on the line
                    let at = whole[..at].rfind('\n').map_or(0, |end| end + 1);
                    let rest = api.get(&format!("{path}&after={}", ids[cut - 1]));
                    assert_eq!(
                        format!("{}{}", &whole[..at], rest.text()),
                        whole,
                        "{format} {cut}"
                    );
                    if format == "csv" {
                        assert_eq!(
                            rest.header("content-type"),
                            "text/csv; charset=utf-8; header=absent"
                        );
                    }
                }
            }
        }
        // records added meanwhile appear once, and withdrawn ones no longer
        let first = lines_of(&api.get("/v1/exports/articles.ndjson"));
        seed(api, count..count + 3, "");
        let last = id(first.last().unwrap());
        let rest = lines_of(&api.get(&format!("/v1/exports/articles.ndjson?after={last}")));
        assert_eq!(rest.len(), 3);
    });
}

/// Sends a request and reads only the head of the response.
fn open(api: &Instance, path: &str) -> (TcpStream, String) {
    let mut stream = api.connect();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    (stream, String::from_utf8(head).unwrap())
}

/// Runs a test on instances with these settings, with an export larger than the socket buffers.
fn with_large_export(settings: impl Fn(&mut Config), test: impl Fn(&Instance)) {
    for kind in kinds() {
        let api = Instance::start(kind, Content::Empty, &settings);
        seed(&api, 0..1_000, &"made-up words ".repeat(2_000));
        test(&api);
    }
}

/// Settings that allow one export at a time.
fn one_at_a_time(config: &mut Config) {
    config.max_exports = 1;
    config.export_wait_ms = 30_000;
}

const LONG: &str = "/v1/exports/articles.ndjson?fields=id,body_html";

/// Requests a short export until the slot is free.
fn wait_for_slot(api: &Instance) {
    eventually(|| {
        let answer = api.get("/v1/exports/organisations.csv");
        (answer.status == 200).then_some(()).ok_or(answer.text())
    });
}

#[test]
fn concurrent_exports_are_limited_and_a_disconnect_frees_a_slot() {
    with_large_export(one_at_a_time, |api| {
        for _ in 0..3 {
            let (client, head) = open(api, LONG);
            assert!(head.starts_with("HTTP/1.1 200"), "{head}");
            let refused = api.get("/v1/exports/organisations.csv");
            refused.problem(503, "unavailable");
            assert_eq!(refused.header("retry-after"), "30");
            // the rest of the API is unaffected
            api.get("/v1/articles").assert_status(200);
            drop(client);
            wait_for_slot(api);
        }
        // neither these nor a completed export keep the slot
        for _ in 0..2 {
            let whole = api.get(LONG);
            assert_eq!(lines_of(&whole).len(), 1_000);
            let head = api.send("HEAD", LONG, &[]);
            assert_eq!((head.status, head.bytes.len()), (200, 0));
            api.get_with(LONG, &[("if-none-match", whole.header("etag"))])
                .assert_status(304);
            api.get("/v1/exports/articles.csv?organisation=nobody")
                .problem(400, "invalid-query");
        }
    });
}

#[test]
fn a_stalled_export_is_cut_off_and_detectably_incomplete() {
    let settings = |config: &mut Config| {
        config.max_exports = 1;
        config.export_wait_ms = 300;
    };
    with_large_export(settings, |api| {
        let (mut client, _) = open(api, LONG);
        wait_for_slot(api);
        let mut rest = Vec::new();
        let _ = client.read_to_end(&mut rest);
        assert!(!rest.is_empty());
        let rest = String::from_utf8_lossy(&rest);
        assert!(
            !rest.ends_with("0\r\n\r\n"),
            "it must not look like the end"
        );
    });
}

/// The decoded chunks of a response, which ends without trailers (RFC 9112, 7.1).
fn chunks(stream: &mut impl BufRead) -> Vec<u8> {
    let line = |stream: &mut dyn BufRead| {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        line.strip_suffix("\r\n").unwrap().to_owned()
    };
    let mut content = Vec::new();
    loop {
        let size = usize::from_str_radix(&line(stream), 16).unwrap();
        if size == 0 {
            break;
        }
        let mut chunk = vec![0; size];
        stream.read_exact(&mut chunk).unwrap();
        content.extend(chunk);
        assert_eq!(line(stream), "");
    }
    assert_eq!(line(stream), "");
    content
}

#[test]
fn a_complete_export_ends_with_its_last_chunk() {
    both_empty(|api| {
        seed(api, 0..2 * PAGE + 7, "");
        let path = "/v1/exports/articles.csv";
        let plain = api.get(path);
        let last = "after=01890a5d-ac96-774b-bcce-000000001000";
        let mut stream = BufReader::new(api.connect());
        // on one connection, so that each response must end where HTTP says it does
        for (path, coding) in [
            (path.to_owned(), "identity"),
            (path.to_owned(), "gzip"),
            (format!("{path}?{last}"), "identity"),
            (format!("{path}?language=cy"), "identity"),
            (path.replace("csv", "ndjson") + "?language=cy", "identity"),
        ] {
            let request = format!(
                "GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: {coding}\r\n\r\n"
            );
            stream.get_mut().write_all(request.as_bytes()).unwrap();
            let lines = stream.by_ref().lines().map(Result::unwrap);
            let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            assert_eq!(head[0], "HTTP/1.1 200 OK");
            let is_chunked = |line: &&String| *line == "transfer-encoding: chunked";
            assert_eq!(head.iter().filter(is_chunked).count(), 1, "{head:?}");
            assert!(!head.iter().any(|line| line.starts_with("content-length")));
            let content = chunks(&mut stream);
            match coding {
                "gzip" => assert!(content.len() < plain.bytes.len()),
                _ => assert_eq!(content, api.get(&path).bytes, "{path}"),
            }
        }
    });
}

#[test]
fn an_export_over_http_1_0_ends_with_the_connection() {
    both(|api| {
        let path = "/v1/exports/articles.ndjson";
        let whole = api.get(path);
        let mut stream = api.connect();
        write!(
            stream,
            "GET {path} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, content) = answer.split_once("\r\n\r\n").unwrap();
        assert!(!head.contains("chunked"));
        assert_eq!(content, whole.text());
    });
}

#[test]
fn a_slow_client_does_not_hold_a_database_connection() {
    let settings = |config: &mut Config| config.readers = 1;
    with_large_export(settings, |api| {
        let clients = [(); 3].map(|()| open(api, LONG));
        for number in 0..20 {
            api.data(&format!("/v1/articles/article-{number}"));
        }
        drop(clients);
    });
}

#[test]
fn csv_cells_are_never_formulas_and_round_trip() {
    both_empty(|api| {
        let texts = [
            "=HYPERLINK(\"https://example.org\",\"x\")",
            "+44 20 7946 0000",
            "-1",
            "@SUM(A1:A9)",
            "＝1+1",
            "Plain; with 'quotes', \"others\", and a comma",
            "Two\nlines",
            "½ Ffôn 🚓",
        ];
        let mut documents = vec![
            json!({"type": "organisation", "slug": "w", "name": "=W()", "acronym": "@w",
                "identifiers": [{"scheme": "a", "value": "1"}, {"scheme": "b", "value": "2"}]}),
        ];
        for (number, text) in texts.iter().enumerate() {
            documents.push(json!({"type": "article", "slug": format!("a-{number}"), "headline": text, "summary": text,
                    "published_at": "2026-01-02T00:00:00Z", "organisation": "w",
                    "statements": [{"text": text, "speaker": "Somebody Made-Up"}],
                    "corrections": if number == 0 { json!([{"at": "2026-01-03T00:00:00Z", "note": "=1"}]) } else { json!([]) }}));
        }
        api.import_all(&documents);
        let records = lines_of(&api.get("/v1/exports/articles.ndjson"));
        let text = api.get("/v1/exports/articles.csv").text();
        assert!(text.contains("\r\n"));
        let (names, rows) = table(&text);
        let column = |name: &str| names.iter().position(|other| other == name).unwrap();
        assert_eq!((rows.len(), records.len()), (texts.len(), texts.len()));
        for (row, record) in rows.iter().zip(&records) {
            for cell in row {
                let dangerous = ['=', '+', '-', '@', '\t', '\r', '\n', '＝'];
                assert!(!cell.starts_with(dangerous), "{cell}");
            }
            let headline = record["headline"].as_str().unwrap();
            let cell = &row[column("headline")];
            let unmarked = cell.strip_prefix('\'').unwrap_or(cell);
            assert_eq!(unmarked, headline);
            assert_eq!(row[column("organisation")], "w");
            assert_eq!(row[column("organisation_name")], "'=W()");
            let statements: Value = serde_json::from_str(&row[column("statements")]).unwrap();
            assert_eq!(statements, record["statements"]);
            assert_eq!(row[column("topics")], "");
        }
        let (names, rows) = table(&api.get("/v1/exports/organisations.csv").text());
        let column = |name: &str| names.iter().position(|other| other == name).unwrap();
        assert_eq!(rows[0][column("identifiers")], "a:1; b:2");
        assert_eq!(rows[0][column("acronym")], "'@w");
    });
}

#[test]
fn an_export_s_etag_holds_until_the_next_write_and_links_to_the_log() {
    both(|api| {
        let path = "/v1/exports/articles.ndjson";
        let first = api.get(path);
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with("W/\""), "{tag}");
        assert_eq!(first.header("cache-control"), "public, no-cache");
        let condition = [("if-none-match", tag.as_str())];
        api.get_with(path, &condition).assert_status(304);
        let coded = api.send("GET", path, &[("accept-encoding", "gzip")]);
        assert_eq!(coded.header("content-encoding"), "gzip");
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(&*coded.bytes)
            .read_to_end(&mut plain)
            .unwrap();
        assert_eq!(plain, first.bytes);

        let link = first.header("link");
        let follow = link.trim_start_matches('<').split('>').next().unwrap();
        assert!(link.ends_with("; rel=\"monitor\""), "{link}");
        assert_eq!(api.data(follow), json!([]));
        api.import(json!({"type": "article", "slug": "late", "headline": "Late", "published_at": "2026-01-02T00:00:00Z", "organisation": "iopc"}));
        api.get_with(path, &condition).assert_status(200);
        assert_eq!(api.data(follow).as_array().unwrap().len(), 1);
        assert_eq!(lines_of(&api.get(path)).len(), lines_of(&first).len() + 1);
        // a scheduled moment changes the ETag too
        let tag = api.get(path).header("etag").to_owned();
        api.clock.set(crate::support::time("2099-01-01T00:00:00Z"));
        let later = api.get_with(path, &[("if-none-match", &tag)]);
        assert!(later.text().contains("exampleshire-embargoed-note-2099"));
        // a token reveals nothing more, and keeps the response out of caches
        let own = api.get_as(&api.admin(), path);
        assert_eq!(own.header("cache-control"), "private, no-store");
        assert_eq!(own.bytes, later.bytes);
    });
}

#[test]
fn the_export_command_writes_what_the_endpoint_returns() {
    both(|api| {
        let folder = tempfile::tempdir().unwrap();
        let url = api.url();
        let run = |arguments: &str| {
            let mut all = vec!["export", "--database", &url];
            all.extend(arguments.split(' '));
            program::run(folder.path(), &all)
        };
        for kind in KINDS {
            for format in ["ndjson", "csv"] {
                let (code, text, stderr) = run(&format!("--format {format} --type {kind}"));
                assert_eq!(code, Some(0), "{stderr}");
                // the state of an obligation depends on the day, and the command does not use the test's clock
                if kind != "obligations" {
                    let answer = api.get(&format!("/v1/exports/{kind}.{format}"));
                    assert_eq!(text, answer.text(), "{kind} {format}");
                }
            }
        }
        let (_, _, stderr) = run("--format csv --type articles --output a.csv");
        let written = std::fs::read(folder.path().join("a.csv")).unwrap();
        let count = table(&String::from_utf8_lossy(&written)).1.len();
        let wanted = format!("{count} records in a.csv\n");
        assert!(stderr.ends_with(&wanted), "{stderr}");
        let filter = "organisation=iopc&fields=id,headline";
        let (_, text, _) = run(&format!("--format csv --type articles --filter {filter}"));
        let answer = api.get(&format!("/v1/exports/articles.csv?{filter}"));
        assert_eq!(text, answer.text());
        let (_, marked, _) = run(&format!(
            "--format csv --type articles --filter bom=true&{filter}"
        ));
        assert_eq!(marked, format!("\u{feff}{text}"));
        for (arguments, wanted) in [
            ("--format csv", "require --type"),
            ("--type articles", "--type requires --format"),
            (
                "--format csv --type articles --filter org=x",
                "Did you mean 'organisation'?",
            ),
            (
                "--format csv --type articles --filter organisation=x",
                "no organisation",
            ),
            (
                "--format ndjson --type articles --filter bom=true",
                "Unknown parameter 'bom'",
            ),
        ] {
            let (code, _, stderr) = run(arguments);
            assert_eq!(code, Some(2), "{arguments}: {stderr}");
            assert!(stderr.contains(wanted), "{stderr}");
        }
    });
}

#[test]
fn csv_begins_with_a_byte_order_mark_on_wish() {
    const MARK: &[u8] = "\u{feff}".as_bytes();
    both(|api| {
        let coverage = "/v1/reports/exampleshire-custody-2025/coverage?format=csv";
        let exports = KINDS.map(|kind| format!("/v1/exports/{kind}.csv?"));
        for path in exports.iter().map(String::as_str).chain([coverage]) {
            let plain = api.get(path.trim_end_matches('?')).bytes;
            assert!(!plain.starts_with(MARK), "{path}");
            let of = |value: &str| {
                let answer = api.get(&format!("{path}&bom={value}").replace("?&", "?"));
                assert!(
                    answer
                        .header("content-type")
                        .starts_with("text/csv; charset=utf-8")
                );
                answer.assert_status(200).bytes.clone()
            };
            assert_eq!(of("true"), [MARK, &plain].concat(), "{path}");
            assert_eq!(of("false"), plain, "{path}");
        }
        // the parts of an export can be put together: only the first has it
        let ids = api.get("/v1/organisations?limit=3").column("id");
        let rest = api.get(&format!(
            "/v1/exports/organisations.csv?bom=true&after={}",
            ids[0]
        ));
        assert!(!rest.bytes.starts_with(MARK));
        for (path, code) in [
            ("/v1/exports/articles.ndjson?bom=true", "unknown_parameter"),
            ("/v1/exports/articles.csv?bom=yes", "wrong_type"),
            (
                "/v1/reports/exampleshire-custody-2025/coverage?bom=true",
                "does_not_apply",
            ),
            (
                "/v1/reports/exampleshire-custody-2025/coverage?bom=1&format=csv",
                "wrong_type",
            ),
        ] {
            let answer = api.get(path);
            answer.problem(400, "invalid-query");
            assert_eq!(
                answer.mistakes(),
                [("bom".to_owned(), code.to_owned())],
                "{path}"
            );
        }
    });
}
