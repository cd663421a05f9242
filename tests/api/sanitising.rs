//! HTML is sanitised on every way in, and refused where that would take too long.

use serde_json::{Value, json};

use crate::support::{Answer, Instance, both, program, with};

fn article(slug: &str, body_html: &str) -> Value {
    json!({"slug": slug, "headline": "H", "organisation": "iopc", "published_at": "2026-01-02T00:00:00Z", "body_html": body_html,
        "original_url": format!("https://body.example/news/{slug}")})
}

/// Sends HTML by every way in over HTTP; each takes an article of its own.
fn send(api: &Instance, html: &str) -> Vec<(&'static str, Answer)> {
    let admin = api.admin();
    let line = |slug: &str| with(article(slug, html), json!({"type": "article"}));
    api.post("/v1/articles", &admin, &article("patched", "<p>Old.</p>"))
        .assert_status(201);
    let escaped = line("escaped")
        .to_string()
        .replace("body_html", "body\\u005fhtml");
    let ndjson = format!("{}\n{escaped}\n", line("ndjson"));
    let key = ("authorization", format!("Bearer {admin}"));
    let headers = [
        (key.0, key.1.as_str()),
        ("content-type", "application/x-ndjson"),
    ];
    vec![
        (
            "",
            api.post("/v1/articles", &admin, &article("posted", html)),
        ),
        (
            "",
            api.write(
                "PUT",
                "/v1/articles/put",
                &admin,
                &[("if-none-match", "*")],
                &article("put", html),
            ),
        ),
        (
            "",
            api.patch("/v1/articles/patched", &admin, &json!({"body_html": html})),
        ),
        ("/0", api.post("/v1/batch", &admin, &json!([line("batch")]))),
        (
            "/0 /1",
            api.send_body("POST", "/v1/batch", &headers, ndjson.into_bytes()),
        ),
    ]
}

const WAYS: [&str; 6] = ["posted", "put", "patched", "batch", "ndjson", "escaped"];

#[test]
fn html_is_sanitised_on_every_way_in() {
    both(|api| {
        let html = "<p onclick=x()>One<script>x()</script> <a href='javascript:x()'>two</a></p>";
        for (places, answer) in send(api, html) {
            assert!(answer.status < 300, "{}", answer.text());
            let told = places.split(' ').map(|place| {
                format!("\"{place}/body_html\";elements=\"script\";attributes=\"href onclick\"")
            });
            let told = told.collect::<Vec<_>>().join(", ");
            assert_eq!(answer.header("sanitised"), told);
        }
        let line = with(article("imported", html), json!({"type": "article"})).to_string();
        api.import(line.replace("body_html", "body\\u005fhtml"));
        for slug in WAYS.into_iter().chain(["imported"]) {
            assert_eq!(
                api.data(&format!("/v1/articles/{slug}"))["body_html"],
                "<p>One <a rel=\"noopener noreferrer nofollow\">two</a></p>",
                "{slug}"
            );
        }
        // what a correction or a restoration repeats was sanitised when it was sent
        let admin = api.admin();
        api.patch("/v1/articles/posted", &admin, &json!({"body_html": null}))
            .assert_status(200);
        let restored = api.act(
            "/v1/articles/posted/restore",
            &admin,
            &json!({"revision": 1}),
        );
        assert!(
            restored.data()["body_html"]
                .to_string()
                .contains("One <a rel")
        );
    });
}

#[test]
fn relative_links_become_absolute_on_every_way_in() {
    both(|api| {
        let html = "<p><a href='/more#top'>more</a> <a href='#note'>1</a> <img src='i.png'></p>";
        for (_, answer) in send(api, html) {
            assert!(answer.status < 300, "{}", answer.text());
        }
        api.import(with(article("imported", html), json!({"type": "article"})));
        for slug in WAYS.into_iter().chain(["imported"]) {
            let body = api.data(&format!("/v1/articles/{slug}"))["body_html"].clone();
            let page = format!("https://body.example/news/{slug}");
            let expected = format!(
                "<p><a href=\"https://body.example/more#top\" rel=\"{REL}\">more</a> \
                 <a href=\"#content-note\" rel=\"{REL}\">1</a> <img src=\"https://body.example/news/i.png\"></p>"
            );
            assert_eq!(body, expected, "{page}");
        }
        // of a page that is known only later
        let admin = api.admin();
        let later = with(article("later", html), json!({"original_url": null}));
        let posted = api
            .post("/v1/articles", &admin, &later)
            .assert_status(201)
            .json();
        assert!(
            posted["data"]["body_html"]
                .to_string()
                .contains("\\\"/more#top"),
            "{posted}"
        );
        let page = json!({"original_url": "https://body.example/news/later"});
        let patched = api
            .patch("/v1/articles/later", &admin, &page)
            .assert_status(200)
            .data();
        assert!(
            patched["body_html"]
                .to_string()
                .contains("https://body.example/more#top"),
            "{patched}"
        );
    });
}

const REL: &str = "noopener noreferrer nofollow";

#[test]
fn html_that_is_too_complex_is_refused_on_every_way_in() {
    both(|api| {
        let html = "<div>".repeat(300);
        let detail = "The HTML is nested more than 200 elements deep.";
        for (place, answer) in send(api, &html) {
            let pointers: Vec<String> = place
                .split(' ')
                .map(|at| format!("#{at}/body_html"))
                .collect();
            let problem =
                answer.assert_invalid(&pointers.iter().map(String::as_str).collect::<Vec<_>>());
            assert_eq!(problem["errors"][0]["detail"], detail);
        }
        let line = with(article("imported", &html), json!({"type": "article"}));
        assert_eq!(
            api.mistake(line),
            ("/body_html".to_owned(), detail.to_owned())
        );
    });
}

#[test]
fn html_is_sanitised_before_the_write_lock_is_taken() {
    both(|api| {
        let admin = api.admin();
        let document = article("deep", &"<div>".repeat(300));
        // it does not wait for this write, which holds the lock
        api.write_directly(|_| {
            api.post("/v1/articles", &admin, &document)
                .assert_invalid(&["#/body_html"]);
            Ok(())
        });
    });
}

#[test]
fn what_was_taken_off_html_is_told() {
    both(|api| {
        let admin = api.admin();
        let clean = "<p id=\"content-a\">One <a href=\"https://body.example/\" rel=\"noopener noreferrer nofollow\">two</a></p>";
        let kept = api.post("/v1/articles", &admin, &article("kept", clean));
        assert_eq!(kept.header("sanitised"), "");
        // a request that is repeated gets the same answer
        let hostile = article("hostile", "<p class=\"a\">x</p><x\"y\u{1f}\r\n>z</x\"y>");
        let send = || {
            api.write(
                "POST",
                "/v1/articles",
                &admin,
                &[("idempotency-key", "once")],
                &hostile,
            )
        };
        let told = "\"/body_html\";elements=\"\";attributes=\"class\"";
        let (first, again) = (send(), send());
        assert_eq!(first.header("sanitised"), told);
        assert_eq!(again.header("sanitised"), told);
        assert_eq!(again.header("idempotency-replayed"), "true");
        let exposed = first.header("access-control-expose-headers").to_owned();
        assert!(
            exposed.is_empty() || exposed.contains("Sanitised"),
            "{exposed}"
        );

        let folder = tempfile::tempdir().unwrap();
        let html = "<div class='a'><script>x('<b>')</script><p class='b' style='c'>One</p></div>";
        let lines = ["one", "two"]
            .map(|slug| with(article(slug, html), json!({"type": "article"})).to_string());
        std::fs::write(folder.path().join("two.ndjson"), lines.join("\n")).unwrap();
        let url = api.url();
        let (code, stdout, stderr) =
            program::run(folder.path(), &["import", "--database", &url, "two.ndjson"]);
        assert_eq!(code, Some(0), "{stderr}");
        assert!(
            stdout.contains("taken off HTML: <script> (2), class (4), style (2)\n"),
            "{stdout}"
        );
    });
}
