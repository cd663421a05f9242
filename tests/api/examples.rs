//! The example pages, opened in a real browser.

use serde_json::json;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;

use crate::support::{both, both_empty, project};

/// The DOM of one of the project's pages after its scripts have run.
fn rendered(page: &str, query: &str) -> Option<String> {
    opened(&format!("file://{}?{query}", project(page).display()))
}

/// The DOM at a URL after its scripts have run; `None` without a browser, which fails in CI.
fn opened(address: &str) -> Option<String> {
    let browser = ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(|name| Command::new(name).arg("--version").output().is_ok());
    let Some(browser) = browser else {
        assert!(std::env::var_os("CI").is_none(), "CI needs Chromium");
        println!("SKIPPED: no Chromium here, so that the example pages are not opened");
        return None;
    };
    let profile = tempfile::tempdir().unwrap();
    let output = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
        ])
        .args([
            "--disable-component-update",
            "--disable-sync",
            "--virtual-time-budget=20000",
            "--dump-dom",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(address)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn the_matrix_page_shows_the_matrix() {
    both(|api| {
        let page = "examples/matrix/index.html";
        let query = format!("api={}&report=exampleshire-custody-2025", api.base);
        let Some(shown) = rendered(page, &query) else {
            return;
        };
        let coverage = api.data("/v1/reports/exampleshire-custody-2025/coverage");
        let rows = coverage["rows"].as_array().unwrap();
        assert_eq!(
            shown.matches("<th scope=\"row\">").count(),
            rows.len(),
            "{shown}"
        );
        for row in rows {
            assert!(shown.contains(row["name"].as_str().unwrap()));
        }
        let count = |label: &str| shown.matches(&format!("<b>{label}</b>")).count() as u64;
        for (label, state) in [
            ("Overdue", "overdue"),
            ("Replied late", "responded_late"),
            ("Nobody has looked", "not_checked"),
        ] {
            let states = coverage["totals"]["response_states"].as_array().unwrap();
            let of_state = states.iter().find(|one| one["state"] == state).unwrap();
            assert!(count(label) > 0, "{label}");
            assert_eq!(count(label), of_state["count"], "{label}");
        }
        assert!(shown.contains("assessed: open unacceptable"));
        // foreign text is inserted as text, not HTML
        api.import(r#"{"type":"organisation","slug":"example-vale-police","name":"<img src=x onerror=alert(1)>"}"#);
        let renamed = rendered(page, &query).unwrap();
        assert!(
            renamed.contains("&lt;img src=x onerror=alert(1)&gt;") && !renamed.contains("<img"),
            "{renamed}"
        );
        let nowhere = rendered(page, &format!("api={}&report=no-such-report", api.base)).unwrap();
        assert!(
            nowhere.contains("The matrix cannot be shown: There is no such record"),
            "{nowhere}"
        );
    });
}

/// Maps a path to a media type and a body.
type Pages = dyn Fn(&str) -> (&'static str, String) + Send + Sync;

/// Serves pages on a port of their own, and so from another origin than the API.
fn another_origin(pages: Arc<Pages>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let pages = pages.clone();
            // browsers open connections that they may never use
            std::thread::spawn(move || answer(stream, &*pages));
        }
    });
    origin
}

fn answer(mut stream: TcpStream, pages: &Pages) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let Some(path) = head.split(' ').nth(1) else {
        return;
    };
    let (kind, body) = pages(path.split('?').next().unwrap());
    let length = body.len();
    let _ = write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    );
}

/// A page that records what the component shows and how the API responds, and withdraws the article once it is shown.
const WITNESS: &str = r#"<!DOCTYPE html><html lang="en-GB"><body>
<ol id="seen"></ol>
<script>
"use strict";
const seen = document.getElementById("seen");
const note = (text) => seen.append(Object.assign(document.createElement("li"), { textContent: text }));
const ask = window.fetch;
window.fetch = async (...asked) => {
  const answer = await ask(...asked);
  note(`status ${answer.status}`);
  return answer;
};
document.addEventListener("answerable-news", (event) => {
  note(`${event.detail.state}: ${event.target.textContent}`);
  // not immediately: an unchanged response should be seen first
  if (event.detail.state === "ready") setTimeout(() => ask("/withdraw"), 7000);
});
</script>
<answerable-news organisation="body" api="{api}" refresh="5"></answerable-news>
<script src="{api}/embed/1/answerable-news.js"></script>
</body></html>"#;

#[test]
fn embedded_news_disappears_when_it_is_withdrawn() {
    both_empty(|api| {
        api.import(concat!(
            r#"{"type":"organisation","slug":"body","name":"The Fictional Body"}"#, "\n",
            r#"{"type":"article","slug":"story","headline":"<img src=x onerror=alert(1)> Fictional","organisation":"body","published_at":"2026-11-01T09:00:00Z","attribution":"© The Body","original_url":"https://body.example/story"}"#,
        ));
        let (base, token) = (api.base.clone(), api.admin());
        let origin = another_origin(Arc::new(move |path| match path {
            "/" => ("text/html; charset=utf-8", WITNESS.replace("{api}", &base)),
            "/withdraw" => {
                let request = reqwest::blocking::Client::new()
                    .post(format!("{base}/v1/articles/story/withdraw"))
                    .bearer_auth(&token)
                    .header("if-match", "*")
                    .header("content-type", "application/json")
                    .body(json!({"reason": "It was not so."}).to_string());
                ("text/plain", request.send().unwrap().status().to_string())
            }
            _ => ("text/plain", String::new()),
        }));
        let Some(shown) = opened(&origin) else {
            return;
        };
        let seen: Vec<&str> = shown
            .split("<li>")
            .skip(1)
            .filter_map(|line| line.split("</li>").next())
            .collect();
        let story =
            "ready: &lt;img src=x onerror=alert(1)&gt; Fictional 1 November 2026 © The Body";
        let at = |wanted: &str| seen.iter().position(|line| *line == wanted);
        let (ready, current, empty) = (at(story), at("status 304"), at("empty: No news yet."));
        assert!(
            ready.is_some() && ready < current && current < empty,
            "{shown}"
        );
        assert!(!shown.contains("<img") && !shown.contains("href=\"https://body.example/story\""));
        assert!(shown.contains("data-state=\"empty\""), "{shown}");
    });
}
