//! The example pages, opened in a real browser.

use std::process::Command;

use crate::support::{both, project};

/// The page after its scripts have run; nothing where there is no browser, which CI does not accept.
fn rendered(page: &str, query: &str) -> Option<String> {
    let browser = ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(|name| Command::new(name).arg("--version").output().is_ok());
    let Some(browser) = browser else {
        assert!(std::env::var_os("CI").is_none(), "CI needs Chromium");
        println!("SKIPPED: no Chromium here, so that the example pages are not opened");
        return None;
    };
    let profile = tempfile::tempdir().unwrap();
    let address = format!("file://{}?{query}", project(page).display());
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
            "--virtual-time-budget=15000",
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
        let coverage = api
            .get("/v1/reports/exampleshire-custody-2025/coverage")
            .data();
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
        // words from elsewhere are text, not HTML
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
