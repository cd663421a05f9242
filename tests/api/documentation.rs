//! The README and docs are executable: their commands and URLs work as described.

use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::{both, contract, eventually, program, project};

const BASE: &str = "http://127.0.0.1:8080";

/// The README and the docs, with their names.
fn documents() -> Vec<(String, String)> {
    let mut paths = vec![project("README.md")];
    let docs = std::fs::read_dir(project("docs"))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    paths.extend(docs.filter(|path| path.extension().is_some_and(|ending| ending == "md")));
    assert!(paths.len() > 3);
    let read = |path: PathBuf| {
        (
            path.display().to_string(),
            std::fs::read_to_string(&path).unwrap(),
        )
    };
    paths.into_iter().map(read).collect()
}

/// The commands in a document's `sh` blocks; a trailing backslash continues the line.
fn commands(text: &str) -> Vec<String> {
    let blocks = text
        .split("```sh\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next());
    let lines = blocks.flat_map(|block| {
        let joined = block.replace("\\\n", " ");
        joined
            .lines()
            .map(str::trim)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    });
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect()
}

#[test]
fn every_url_in_the_docs_responds_as_documented() {
    both(|api| {
        let mut requested = 0;
        eventually(|| {
            let answer = api.get("/v1/search?q=force");
            (answer.status != 503).then_some(()).ok_or(answer.text())
        });
        for (name, text) in documents() {
            let today = api.clock.now().date().to_string();
            for line in text.replace("$(date -u +%F)", &today).lines() {
                for start in line.match_indices(BASE).map(|(start, _)| start) {
                    let end = line[start..]
                        .find([' ', '"', '\'', ')', '`', '>', '<', '|'])
                        .map_or(line.len(), |end| start + end);
                    let path = line[start + BASE.len()..end].trim_end_matches(['.', ',', ';']);
                    let wanted = line
                        .rsplit_once("# ")
                        .and_then(|(_, status)| status.trim().parse().ok())
                        .unwrap_or(200);
                    let answer = api.send("GET", path, &[]);
                    assert_eq!(answer.status, wanted, "{name}: {path}: {}", answer.text());
                    if !path.starts_with("/docs") {
                        contract::check("get", path, &answer);
                    }
                    requested += 1;
                }
            }
        }
        assert!(requested > 20, "{requested} addresses");
    });
}

#[test]
fn every_command_in_the_docs_runs() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(project("demo"), folder.path().join("demo")).unwrap();
    let mut run_here = 0;
    for (name, text) in documents() {
        for line in commands(&text) {
            let line = line.split(" # ").next().unwrap_or_default().trim();
            let ours = line
                .strip_prefix("cargo run -- ")
                .or(line.strip_prefix("answerable "));
            let ours = ours.or(line.strip_prefix("cargo run --release -- "));
            match ours {
                Some(arguments) => {
                    run(folder.path(), arguments, &name);
                    run_here += 1;
                }
                None => assert_known(line, &name),
            }
        }
    }
    assert!(run_here > 8, "{run_here} commands");
}

/// Other programs are not run here: CI runs cargo and, through tests/clients/run, the client generators; curl's URLs
/// are requested above, and the rest needs a server.
fn assert_known(line: &str, name: &str) {
    let known = [
        "cargo ",
        "curl ",
        "docker ",
        "git ",
        "npx ",
        "pipx ",
        "pg_dump ",
        "pg_restore ",
        "sqlite3 ",
        "createdb ",
        "bash .ci/run",
        ".ci/run",
        "scripts/",
        "export ANSWERABLE_",
        "psql ",
        "openssl ",
    ];
    assert!(
        known.iter().any(|start| line.starts_with(start)),
        "{name}: what is this? {line}"
    );
    if let Some(script) = line.split(' ').find(|word| word.starts_with("scripts/")) {
        assert!(project(script).exists(), "{name}: {line}");
    }
}

fn run(folder: &Path, arguments: &str, name: &str) {
    if arguments.contains("postgres://") || arguments.contains("sqlite3") {
        return parses(folder, arguments, name); // its database is not available here
    }
    let program = env!("CARGO_BIN_EXE_answerable");
    let serves = arguments.starts_with("serve") || arguments.starts_with("demo");
    let line = format!("'{program}' {arguments}");
    if !serves {
        let output = Command::new("sh")
            .args(["-c", &line])
            .current_dir(folder)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "{name}: {arguments}: {text}{}",
            String::from_utf8_lossy(&output.stdout)
        );
        return;
    }
    // on a free port; killed once it has printed its address
    let listen = if arguments.contains("--listen") {
        ""
    } else {
        "--listen 127.0.0.1:0"
    };
    let line = format!("exec {line} {listen} 2>&1");
    let mut command = Command::new("sh");
    command
        .args(["-c", &line])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let lines = std::io::BufReader::new(child.stdout.take().unwrap()).lines();
    let mut output = String::new();
    let listens = lines.map_while(Result::ok).any(|line| {
        output.push_str(&line);
        line.contains("http://127.0.0.1:")
    });
    let _ = child.kill();
    let _ = child.wait();
    assert!(listens, "{name}: {arguments}: {output}");
}

/// Checks only that the flags are known.
fn parses(folder: &Path, arguments: &str, name: &str) {
    let mut words: Vec<&str> = arguments
        .split_whitespace()
        .map(|word| word.trim_matches('\''))
        .collect();
    words.push("--help");
    let (code, _, errors) = program::run(folder, &words);
    assert_eq!(code, Some(0), "{name}: {arguments}: {errors}");
}

#[test]
fn links_between_the_docs_resolve() {
    let mut documents = documents();
    for name in [
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "CHANGELOG.md",
        "demo/README.md",
        "benches/README.md",
    ] {
        documents.push((
            name.to_owned(),
            std::fs::read_to_string(project(name)).unwrap(),
        ));
    }
    for (name, text) in documents {
        let folder = project(&name).parent().unwrap().to_owned();
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            if !link.contains("://") && !link.starts_with('#') && !link.starts_with("mailto:") {
                let path = folder.join(link.split('#').next().unwrap());
                assert!(path.exists(), "{name} links to {link}");
            }
        }
    }
}

#[test]
fn the_documented_write_commands_work() {
    let has_curl = Command::new("curl").arg("--version").output().is_ok();
    if !has_curl {
        println!("skipped: curl is not here");
        return;
    }
    both(|api| {
        let token = api.admin();
        let pages = ["docs/writing.md", "docs/following.md"];
        let text = pages.map(|page| std::fs::read_to_string(project(page)).unwrap());
        let text = text.join("\n");
        let blocks = text.split("```bash\n").skip(1);
        let lines = blocks
            .filter_map(|rest| rest.split("```").next())
            .flat_map(str::lines);
        let mut run = 0;
        for line in lines {
            let (command, status) = line.rsplit_once(" # ").unwrap();
            let output = Command::new("sh")
                .args([
                    "-c",
                    &command.replacen("curl", "curl -s -o /dev/null -w '%{http_code}'", 1),
                ])
                .env("API", &api.base)
                .env("TOKEN", &token)
                .env("no_proxy", "*")
                .output()
                .unwrap();
            assert_eq!(
                String::from_utf8_lossy(&output.stdout),
                status.trim(),
                "{line}"
            );
            run += 1;
        }
        assert!(run > 20, "{run} commands");
    });
}
