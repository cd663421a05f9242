//! The command line: commands, settings, exit codes and output.

use std::io::{BufRead, BufReader, Write};

use std::process::{Child, Command, Stdio};

use crate::support::program::{program, result, run};
use crate::support::{Content, EXAMPLESHIRE, database, kinds};

/// A running server, killed on drop.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_demo_prints_working_urls() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = program(folder.path(), &["demo", "--listen", "127.0.0.1:0"]);
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut demo = Running(command.spawn().unwrap());
    let output = BufReader::new(demo.0.stdout.take().unwrap());
    let mut addresses = Vec::new();
    for line in output.lines() {
        let line = line.unwrap();
        if line.starts_with("Ctrl-C") {
            break;
        }
        if line.trim().starts_with("http://") {
            addresses.push(line.trim().to_owned());
        }
    }
    assert!(addresses.len() >= 8, "{addresses:?}");
    for address in &addresses {
        let answer = reqwest::blocking::get(address).unwrap();
        assert_eq!(answer.status(), 200, "{address}");
        let text = answer.text().unwrap();
        assert!(!text.contains(r#""data":[]"#), "{address} shows nothing");
    }
    // on SIGTERM it stops promptly and leaves nothing behind
    let stopped = Command::new("sh")
        .args(["-c", "kill -TERM \"$0\"", &demo.0.id().to_string()])
        .status()
        .unwrap();
    assert!(stopped.success());
    assert!(demo.0.wait().unwrap().success());
}

#[test]
fn every_command_has_help() {
    let folder = tempfile::tempdir().unwrap();
    let (code, text, _) = run(folder.path(), &["--help"]);
    assert_eq!(code, Some(0));
    for command in [
        "serve", "demo", "migrate", "import", "export", "openapi", "doctor", "verify",
    ] {
        assert!(text.contains(&format!("  {command}")), "{command}");
        let (code, text, _) = run(folder.path(), &[command, "--help"]);
        assert!(
            code == Some(0) && text.contains("Usage: answerable"),
            "{command}"
        );
    }
}

#[test]
fn an_invalid_setting_is_named_and_exits_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let says = |command: &mut Command, wanted: &[&str]| {
        let (code, _, text) = result(command.output().unwrap());
        assert_eq!(code, Some(2), "{text}");
        assert!(wanted.iter().all(|word| text.contains(word)), "{text}");
        assert!(
            !text.contains("stack backtrace") && text.lines().count() < 9,
            "{text}"
        );
    };
    let command = |arguments: &[&str]| program(folder.path(), arguments);
    let with_variable = |name: &str, value: &str, wanted: &[&str]| {
        says(command(&["doctor"]).env(name, value), wanted);
    };
    with_variable("ANSWERABLE_DATABSE", "x", &["'databse'", "'database'"]);
    with_variable("ANSWERABLE_READERS", "many", &["readers", "many"]);
    for (arguments, word) in [
        (["doctor", "--databse", "x"], "--databse"),
        (["doctor", "--database", "postgress://x"], "sqlite:PATH"),
        (["doctor", "--readers", "0"], "readers"),
        (["doctor", "--config", "nothing.toml"], "nothing.toml"),
        (["serve", "--log", "a=b=c"], "log"),
    ] {
        says(&mut command(&arguments), &[word]);
    }
    std::fs::write(
        folder.path().join("answerable.toml"),
        "listn = '127.0.0.1:1'\n",
    )
    .unwrap();
    says(
        &mut command(&["doctor"]),
        &["'listn'", "'listen'", "answerable.toml"],
    );
}

#[test]
fn flags_override_variables_and_variables_override_the_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("answerable.toml"),
        "database = 'sqlite:file.db'\n",
    )
    .unwrap();
    let made = |command: &mut Command| {
        let (code, text, _) = result(command.output().unwrap());
        assert_eq!(code, Some(0), "{text}");
    };
    made(&mut program(folder.path(), &["migrate"]));
    made(program(folder.path(), &["migrate"]).env("ANSWERABLE_DATABASE", "sqlite:variable.db"));
    made(
        program(folder.path(), &["migrate", "--database", "sqlite:flag.db"])
            .env("ANSWERABLE_DATABASE", "sqlite:variable2.db"),
    );
    let there = |name: &str| folder.path().join(name).exists();
    assert_eq!(
        ["file.db", "variable.db", "flag.db", "variable2.db"].map(there),
        [true, true, true, false]
    );
}

#[test]
fn documents_can_be_imported_and_exported() {
    for kind in kinds() {
        let folder = tempfile::tempdir().unwrap();
        let (url, _file) = database(kind, Content::Empty);
        let run = |command: &str, more: &[&str]| {
            let arguments = [&[command, "--database", &url], more].concat();
            run(folder.path(), &arguments)
        };
        std::fs::write(folder.path().join("set.ndjson"), EXAMPLESHIRE).unwrap();
        let (code, text, complaints) = run("import", &["set.ndjson"]);
        assert_eq!((code, complaints.as_str()), (Some(0), ""), "{text}");
        assert!(
            text.contains("articles") && text.contains("13 created"),
            "{text}"
        );
        let (code, text, _) = run("import", &["set.ndjson"]);
        assert!(code == Some(0) && text.contains("13 unchanged"), "{text}");
        let (code, documents, _) = run("export", &[]);
        assert_eq!(
            (code, documents.lines().count()),
            (Some(0), EXAMPLESHIRE.lines().count())
        );
        let (code, topics, _) = run("export", &["--only", "topic"]);
        assert_eq!((code, topics.lines().count()), (Some(0), 4));
        let (code, text, _) = run("verify", &[]);
        assert!(
            code == Some(0) && text.contains("ok    56 entries"),
            "{text}"
        );
        let (code, text, _) = run("doctor", &["--listen", "127.0.0.1:1"]);
        assert!(
            code == Some(0) && text.contains("every migration"),
            "{text}"
        );
    }
}

#[test]
fn a_bad_line_is_reported_and_exits_with_1() {
    let folder = tempfile::tempdir().unwrap();
    let mut import = program(folder.path(), &["import", "--database", "sqlite:x.db", "-"]);
    import.stdin(Stdio::piped());
    let mut child = import
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = "{\"type\":\"topic\",\"slug\":\"good\",\"name\":\"Good\"}\n\n{\"type\":\"topic\",\"slug\":\"bad\",\"name\":1}\n";
    let mut input = child.stdin.take().unwrap();
    input.write_all(lines.as_bytes()).unwrap();
    drop(input);
    let (code, output, complaints) = result(child.wait_with_output().unwrap());
    assert_eq!(code, Some(1));
    assert!(complaints.contains("-:3: /name: "), "{complaints}");
    assert!(output.contains("nothing was stored"), "{output}");
    std::fs::write(folder.path().join("x.ndjson"), lines).unwrap();
    let import = |arguments: &[&str]| {
        let arguments = [&["import", "--database", "sqlite:x.db"], arguments].concat();
        run(folder.path(), &arguments)
    };
    let (code, output, _) = import(&["--keep-going", "x.ndjson"]);
    assert!(code == Some(1) && output.contains("1 created"), "{output}");
    let (code, _, complaints) = import(&["missing.ndjson"]);
    assert!(
        code == Some(1) && complaints.contains("missing.ndjson"),
        "{complaints}"
    );
}

#[test]
fn the_doctor_reports_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let doctor = |arguments: &[&str]| {
        run(
            folder.path(),
            &[&["doctor", "--database"], arguments].concat(),
        )
    };
    let (code, text, _) = doctor(&["sqlite:none.db", "--listen", "127.0.0.1:1"]);
    assert!(
        code == Some(1) && text.contains("WRONG database: sqlite:none.db does not exist"),
        "{text}"
    );
    assert!(!folder.path().join("none.db").exists());
    let (code, text, _) = doctor(&["postgres://user:secret@127.0.0.1:1/x"]);
    assert!(
        code == Some(1) && text.contains("WRONG database") && !text.contains("secret"),
        "{text}"
    );
}

#[test]
fn linked_pages_can_be_checked_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, error) = run(folder.path(), &["check-links"]);
    let expected = "0 visited, 0 new or changed, 0 postponed\n";
    assert_eq!(
        (code, out.as_str(), error.as_str()),
        (Some(0), expected, "")
    );
    let (code, _, error) = run(folder.path(), &["check-links", "--report", "none"]);
    assert_eq!(code, Some(2));
    assert!(
        error.contains("--report: there is no public report 'none'"),
        "{error}"
    );
    let documents = r#"{"type": "organisation", "slug": "watchdog", "name": "The Fictional Watchdog"}
{"type": "report", "slug": "r", "title": "R", "published_on": "2026-09-30", "publishers": ["watchdog"]}
{"type": "recommendation", "report": "r", "number": "1", "text": "Do it.", "addressees": ["watchdog"]}
{"type": "action_plan", "report": "r", "organisation": "watchdog", "url": "http://127.0.0.1:9/plan"}"#;
    std::fs::write(folder.path().join("r.ndjson"), documents).unwrap();
    assert_eq!(run(folder.path(), &["import", "r.ndjson"]).0, Some(0));
    let (code, out, _) = run(folder.path(), &["check-links", "--report", "r"]);
    let expected = "first visit: not_public\thttp://127.0.0.1:9/plan\n1 visited, 1 new or changed, 0 postponed\n";
    assert_eq!((code, out.as_str()), (Some(0), expected));
    // it has just been visited
    let (_, out, _) = run(folder.path(), &["check-links"]);
    assert!(out.starts_with("0 visited"), "{out}");
}

#[test]
fn a_port_in_use_is_reported_and_exits_with_1() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, _, text) = run(
        folder.path(),
        &["serve", "--database", "sqlite:x.db", "--listen", &address],
    );
    assert!(
        code == Some(1) && text.contains(&address) && text.contains("--listen"),
        "{text}"
    );
}

#[test]
fn the_openapi_command_prints_the_committed_document() {
    let folder = tempfile::tempdir().unwrap();
    let (code, text, _) = run(folder.path(), &["openapi"]);
    assert_eq!(code, Some(0));
    assert!(
        text == include_str!("../../openapi/openapi.json"),
        "run `cargo run -- openapi > openapi/openapi.json`"
    );
}

#[test]
fn a_token_is_for_the_server_that_serves_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let database = ["--database", "sqlite:served.db"];
    let arguments = ["serve", "--listen", "127.0.0.1:0"];
    let mut command = program(folder.path(), &[&arguments[..], &database[..]].concat());
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut server = Running(command.spawn().unwrap());
    let output = BufReader::new(server.0.stderr.take().unwrap());
    let mut lines = output.lines().map_while(Result::ok);
    let base = lines.find_map(|line| {
        let (_, address) = line.split_once("listening on ")?;
        Some(address.split_whitespace().next().unwrap().to_owned())
    });
    let grant = ["token", "--scope", "admin", "--organisation", "*"];
    let (code, token, text) = run(folder.path(), &[&grant[..], &database[..]].concat());
    assert_eq!(code, Some(0), "{text}");
    let answer = reqwest::blocking::Client::new()
        .get(format!("{}/v1/proposals", base.unwrap()))
        .bearer_auth(token.trim())
        .send()
        .unwrap();
    assert_eq!(answer.status(), 200, "{}", answer.text().unwrap());
}
