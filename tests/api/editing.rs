//! Editing: restoring revisions, minor edits, preview links, authorship.

use serde_json::{Value, json};

use crate::support::{Instance, both, both_empty, time};

const PATH: &str = "/v1/articles/edited";

/// Creates a draft; returns its author's token.
fn draft(api: &Instance) -> String {
    draft_and_author(api).1
}

/// The same, with the author's id.
fn draft_and_author(api: &Instance) -> (String, String) {
    let (id, token) = api.client(&["admin"], &["*"]);
    let draft = json!({
        "slug": "edited", "headline": "First", "organisation": "iopc", "state": "draft",
        "published_at": "2026-01-02T03:04:05Z", "body_html": "<p>First &amp; <b>fore</b>most.</p><p>Then.</p>",
    });
    api.post("/v1/articles", &token, &draft).assert_status(201);
    (id, token)
}

fn report(published_on: &str) -> Value {
    json!({"slug": "r", "title": "One", "published_on": published_on, "publishers": ["iopc"]})
}

fn change(api: &Instance, token: &str, patch: &Value) -> Value {
    api.patch(PATH, token, patch).data()
}

#[test]
fn an_earlier_revision_can_be_restored() {
    both(|api| {
        let token = draft(api);
        change(
            api,
            &token,
            &json!({"state": "published", "headline": "Second", "body_html": null}),
        );
        change(
            api,
            &token,
            &json!({"corrections": [{"at": "2026-11-24T09:00:00Z", "note": "A word."}]}),
        );
        let restore = |revision: i64| {
            let path = format!("{PATH}/restore");
            let body = json!({"revision": revision});
            api.act(&path, &token, &body)
        };
        for missing in [0, 4, 99] {
            restore(missing).problem(422, "validation-failed");
        }
        let data = restore(1).data();
        assert_eq!(
            (&data["headline"], &data["revision"]),
            (&json!("First"), &json!(4))
        );
        assert_eq!(
            data["state"], "published",
            "where it stands does not go back"
        );
        assert_eq!(
            data["corrections"][0]["note"], "A word.",
            "what was said in public stays"
        );
        assert!(data["body_html"].as_str().unwrap().starts_with("<p>First"));
        let report = report("2026-01-02");
        api.post("/v1/reports", &token, &report);
        api.patch("/v1/reports/r", &token, &json!({"title": "Two"}));
        let back = api.act("/v1/reports/r/restore", &token, &json!({"revision": 1}));
        assert_eq!(back.data()["title"], "One");
    });
}

#[test]
fn a_minor_edit_does_not_touch_updated_at() {
    both(|api| {
        let token = draft(api);
        let at = change(api, &token, &json!({"headline": "Second"}))["updated_at"].clone();
        api.clock.set(time("2026-11-24T12:05:00Z"));
        let minor = change(
            api,
            &token,
            &json!({"headline": "Secnod", "is_minor_edit": true}),
        );
        assert_eq!((&minor["updated_at"], &minor["revision"]), (&at, &json!(3)));
        for same in [json!({}), json!({"is_minor_edit": true})] {
            let same = change(api, &token, &same);
            assert_eq!(
                (&same["updated_at"], &same["revision"]),
                (&at, &json!(3)),
                "nothing changed"
            );
        }
        let real = change(api, &token, &json!({"headline": "Third"}));
        assert_eq!(
            real["updated_at"], "2026-11-24T12:05:00Z",
            "the mark holds for one change"
        );
        let history = api.get_as(&token, &format!("{PATH}/history"));
        let marks = history.column("is_minor_edit");
        assert_eq!(
            marks.iter().filter(|mark| *mark == "true").count(),
            1,
            "{marks:?}"
        );
        let report = report("2026-01-02");
        let created = api.post("/v1/reports", &token, &report).json()["data"].clone();
        api.clock.set(time("2026-11-24T12:09:00Z"));
        let patch = json!({"title": "Two", "is_minor_edit": true});
        let edited = api.patch("/v1/reports/r", &token, &patch);
        assert_eq!(edited.json()["data"]["updated_at"], created["updated_at"]);
    });
}

#[test]
fn plain_text_and_an_excerpt_are_derived_from_the_body() {
    both(|api| {
        let token = draft(api);
        let long = "word ".repeat(100);
        let data = change(api, &token, &json!({"state": "published"}));
        assert_eq!(data["excerpt"], "First & foremost. Then.");
        assert!(data.get("body_text").is_none());
        let selected = api.data(&format!("{PATH}?fields=body_text"));
        assert_eq!(selected, json!({"body_text": "First & foremost.\n\nThen."}));
        let list = api.data("/v1/articles?fields=slug,body_text,excerpt&sort=-updated_at&limit=1");
        assert_eq!(list[0]["body_text"], "First & foremost.\n\nThen.");
        assert_eq!(list[0]["excerpt"], "First & foremost. Then.");
        let cut = change(api, &token, &json!({"body_html": format!("<p>{long}</p>")}));
        let excerpt = cut["excerpt"].as_str().unwrap();
        assert!(
            excerpt.ends_with(" word…") && excerpt.chars().count() <= 280,
            "{excerpt}"
        );
        let gone = change(
            api,
            &token,
            &json!({"state": "withdrawn", "withdrawal": {"at": "2026-11-24T09:00:00Z", "reason": "Wrong."}}),
        );
        assert!(gone.get("excerpt").is_none());
    });
}

#[test]
fn a_preview_link_shows_a_draft_until_it_expires() {
    both(|api| {
        let token = draft(api);
        let preview = |token: &str, path: &str, body: Value| {
            api.post(&format!("{path}/preview"), token, &body)
        };
        let link_of = |made: &Value| {
            let (_, rest) = made["url"].as_str().unwrap().split_once("/v1/").unwrap();
            format!("/v1/{rest}")
        };
        let made = preview(&token, PATH, json!({"minutes": 5})).data();
        assert_eq!(made["expires_at"], "2026-11-24T12:05:00Z");
        let link = link_of(&made);
        let shown = api.get(&link);
        assert_eq!(
            (shown.status, &shown.data()["state"]),
            (200, &json!("draft"))
        );
        assert_eq!(shown.header("cache-control"), "private, no-store");
        // valid for this record only, and only unmodified
        let pass = link.split_once("preview=").unwrap().1;
        api.get(PATH).problem(404, "not-found");
        assert_eq!(
            api.get(&format!("{PATH}?preview={pass}")).status,
            200,
            "by its slug too"
        );
        let other = api.get("/v1/articles?limit=1").column("slug").remove(0);
        api.get(&format!("/v1/articles/{other}?preview={pass}"))
            .problem(404, "not-found");
        api.get(&format!("{link}x")).problem(400, "invalid-query");
        let cursor = api.get("/v1/articles?limit=1").next_page().unwrap();
        let cursor = cursor.split_once("cursor=").unwrap().1;
        api.get(&format!("{PATH}?preview={cursor}"))
            .problem(400, "invalid-query");
        let (_, stranger) = api.client(&["articles:write"], &["exampleshire-police"]);
        let other = format!("/v1/articles/{other}");
        preview(&stranger, PATH, json!({})).problem(404, "not-found");
        preview(&stranger, &other, json!({})).problem(403, "insufficient-scope");
        preview(&token, PATH, json!({"minutes": 1441})).problem(422, "validation-failed");
        // the link shows what its maker may see
        let (_, writer) = api.client(&["articles:write"], &["iopc"]);
        let narrow = link_of(&preview(&writer, PATH, json!({})).data());
        for (organisation, status) in [("hmicfrs", 404), ("iopc", 200)] {
            api.patch(PATH, &token, &json!({ "organisation": organisation }))
                .assert_status(200);
            api.get(&narrow).assert_status(status);
        }
        api.clock.set(time("2026-11-24T12:05:00Z"));
        api.get(&link).problem(400, "invalid-query");
        let report = report("2027-01-02");
        let token = api.admin();
        api.post("/v1/reports", &token, &report);
        let link = link_of(&preview(&token, "/v1/reports/r", json!({})).data());
        assert_eq!(api.data(&link)["state"], "scheduled");
        api.delete("/v1/reports/r", &token).assert_status(204);
        api.get(&link).problem(410, "gone");
    });
}

#[test]
fn authorised_clients_see_every_revision_and_its_author() {
    both(|api| {
        let (id, token) = draft_and_author(api);
        change(
            api,
            &token,
            &json!({"published_at": "2026-11-24T13:00:00Z", "state": "published"}),
        );
        let path = format!("{PATH}/history");
        api.get(&path).problem(404, "not-found");
        let (_, stranger) = api.client(&["articles:write"], &["exampleshire-police"]);
        api.get_as(&stranger, &path).problem(404, "not-found");
        let history = api.get_as(&token, &path);
        assert_eq!(history.column("action"), ["scheduled", "drafted"]);
        assert_eq!(history.column("actor"), [id.clone(), id]);
        assert!(history.column("request_id").iter().all(|id| !id.is_empty()));
        api.clock.set(time("2026-11-24T13:00:00Z"));
        let public = api.get(&path);
        assert_eq!(public.column("action"), ["published"]);
        assert!(!public.text().contains("actor") && !public.text().contains("request_id\":\""));
        let (_, stranger) = api.client(&["articles:write"], &["exampleshire-police"]);
        assert_eq!(
            api.get_as(&stranger, &path).json()["data"],
            public.json()["data"]
        );
    });
}

#[test]
fn a_preview_link_of_a_report_shows_its_matrix_too() {
    both_empty(|api| {
        api.import_all(&[
            json!({"type": "organisation", "slug": "body", "name": "A Fictional Body"}),
            json!({"type": "report", "slug": "r", "title": "R", "published_on": "2026-01-02", "publishers": ["body"], "state": "draft"}),
            json!({"type": "recommendation", "report": "r", "number": "1", "text": "Do it.", "addressees": ["body"]}),
        ]);
        let matrix = "/v1/reports/r/coverage";
        api.get(matrix).problem(404, "not-found");
        let link = api
            .post(
                "/v1/reports/r/preview",
                &api.admin(),
                &json!({"minutes": 5}),
            )
            .data()["url"]
            .as_str()
            .unwrap()
            .to_owned();
        let pass = link.split_once("preview=").unwrap().1;
        let answer = api
            .get(&format!("{matrix}?preview={pass}"))
            .assert_status(200);
        assert!(
            answer.header("cache-control").contains("private"),
            "{}",
            answer.header("cache-control")
        );
        let shown = answer.data();
        assert_eq!(shown["columns"][0]["text"], "Do it.", "{shown}");
        assert_eq!(shown["rows"][0]["slug"], "body", "{shown}");
        api.get(matrix).problem(404, "not-found");
        api.get(&format!("{matrix}?preview={pass}x"))
            .assert_invalid_query("preview");
        api.get(&format!("{matrix}?preview={pass}&as_of=2026-01-03"))
            .assert_invalid_query("as_of");
        api.get(&format!("/v1/reports/other/coverage?preview={pass}"))
            .problem(404, "not-found");
    });
}
