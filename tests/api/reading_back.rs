//! What was read can be written: with `PUT` and `PATCH`, changed or not.

use answerable::log::entries;
use answerable::platform::identity::RecordId;
use serde_json::{Value, json};

use crate::support::{Instance, both_empty, time, with};

pub fn seed(api: &Instance) {
    api.clock.set(time("2026-12-02T09:00:00Z"));
    api.import_all(&[
        json!({"type": "organisation", "slug": "watchdog", "name": "The Fictional Watchdog", "language": "en",
            "other_languages": [{"language": "cy", "name": "Y Corff Dychmygol"}]}),
        json!({"type": "organisation", "slug": "north", "name": "North Force", "parent": "watchdog",
            "names": [{"name": "Old North", "until": "2020-01-01"}, {"name": "North Force", "from": "2020-01-01"}]}),
        json!({"type": "organisation", "slug": "south", "name": "South Force", "successors": [{"organisation": "north", "kind": "merged", "on": "2021-01-01"}]}),
        json!({"type": "topic", "slug": "custody", "name": "Custody"}),
        json!({"type": "topic", "slug": "bail", "name": "Bail", "parent": "custody"}),
        json!({"type": "group", "slug": "forces", "name": "Forces", "members": [{"organisation": "south"}, {"organisation": "north", "from": "2019-01-01"}]}),
        json!({"type": "report", "slug": "r", "title": "R", "published_on": "2026-09-30", "publishers": ["watchdog", "north"],
            "attachments": [{"url": "https://watchdog.example/r.pdf", "title": "The report"}]}),
        json!({"type": "recommendation", "report": "r", "number": "1", "text": "Do it.", "addressees": ["forces", "watchdog"], "exclusions": ["south"],
            "deadlines": [{"kind": "response", "stated_due_on": "2026-12-24"}]}),
        json!({"type": "recommendation", "report": "r", "number": "1.1", "parent_number": "1", "text": "A part.", "addressees": ["north"]}),
        json!({"type": "article", "slug": "a", "headline": "A", "organisation": "watchdog", "co_publishers": ["south", "north"], "topics": ["custody", "bail"],
            "reports": ["r"], "recommendations": ["r-1"], "published_at": "2026-11-01T09:00:00Z", "embargoed_until": "2026-11-02T09:00:00Z",
            "body_html": "<p>Text.</p>", "statements": [{"text": "We agree.", "organisation": "north"}, {"text": "So do we.", "organisation": "south"}],
            "images": [{"url": "https://watchdog.example/a.png", "alt": "A", "role": "lead"}]}),
        json!({"type": "article", "slug": "a-cy", "headline": "A", "organisation": "watchdog", "language": "cy", "translation_of": "a",
            "published_at": "2026-11-01T09:00:00Z"}),
        json!({"type": "response", "report": "r", "responder": "north", "published_on": "2026-12-01", "received_on": "2026-11-20",
            "covers": [{"number": "1.1", "text": "Done."}, {"number": "1", "position": "accepted", "position_verbatim": "We accept."}]}),
        json!({"type": "action_plan", "report": "r", "organisation": "north", "url": "https://north.example/plan", "first_seen_on": "2026-11-01",
            "actions": [{"number": "1", "text": "Begin."}, {"number": "1.1", "text": "Go on."}]}),
        json!({"type": "progress_update", "report": "r", "number": "1", "organisation": "north", "status": "in_progress", "as_at": "2026-11",
            "evidence": [{"url": "https://north.example/proof", "title": "Proof"}]}),
        json!({"type": "assessment", "report": "r", "number": "1", "organisation": "north", "assessor": "watchdog", "status": "open_unacceptable", "as_at": "2026-11"}),
        json!({"type": "mandate", "representative": "watchdog", "represents": ["south"], "granted_by": "south", "from": "2026-12-02"}),
    ]);
}

/// One record of each kind that has all operations.
const RECORDS: [&str; 11] = [
    "/v1/organisations/north",
    "/v1/organisations/south",
    "/v1/topics/bail",
    "/v1/groups/forces",
    "/v1/reports/r",
    "/v1/recommendations/r-1",
    "/v1/recommendations/r-1-1",
    "/v1/articles/a",
    "/v1/articles/a-cy",
    "/v1/organisations/watchdog",
    "/v1/topics/custody",
];
const FACTS: [&str; 5] = [
    "responses",
    "action_plans",
    "progress_updates",
    "assessments",
    "mandates",
];

/// The newest state of a record in the log.
fn stored(api: &Instance, path: &str) -> Value {
    let id = RecordId::parse(api.data(path)["id"].as_str().unwrap()).unwrap();
    let newest = api.read(|c| entries::newest(c, id)).unwrap();
    json!(newest.document().unwrap())
}

fn paths(api: &Instance) -> Vec<String> {
    let facts = FACTS.iter().map(|name| {
        let collection = format!("/v1/{}", name.replace('_', "-"));
        let id = api.get(&collection).records()[0]["id"]
            .as_str()
            .unwrap()
            .to_owned();
        format!("{collection}/{id}")
    });
    RECORDS
        .iter()
        .map(ToString::to_string)
        .chain(facts)
        .collect()
}

#[test]
fn a_record_that_is_sent_back_as_it_was_read_changes_nothing() {
    both_empty(|api| {
        seed(api);
        let token = api.admin();
        for path in paths(api) {
            let before = (api.data(&path), stored(api, &path));
            for expand in ["", "?expand=organisation"] {
                let read = api.get(&format!("{path}{expand}"));
                if read.status != 200 {
                    continue; // has no such expansion
                }
                let read = read.data();
                let answer = api.patch(&path, &token, &read).assert_status(200);
                assert_eq!(answer.data(), before.0, "{path}");
                if path.contains("/organisations/") || RECORDS.contains(&path.as_str()) {
                    let put = api
                        .write("PUT", &path, &token, &[("if-match", "*")], &read)
                        .assert_status(200);
                    assert_eq!(put.data(), before.0, "{path}");
                }
            }
            assert_eq!(stored(api, &path), before.1, "{path}");
        }
        api.assert_log_verifies();
    });
}

#[test]
fn only_what_is_changed_in_what_was_read_is_changed() {
    both_empty(|api| {
        seed(api);
        let token = api.admin();
        let put = |path: &str, document: &Value| {
            api.write("PUT", path, &token, &[("if-match", "*")], document)
        };

        // an entry of a list of references is left out, the rest stays as it was
        let mut article = api.data("/v1/articles/a");
        article["co_publishers"]
            .as_array_mut()
            .unwrap()
            .retain(|one| one["slug"] == "north");
        article["topics"]
            .as_array_mut()
            .unwrap()
            .push(json!({"slug": "custody"}));
        article["topics"]
            .as_array_mut()
            .unwrap()
            .retain(|one| one["slug"] != "bail");
        article["topics"].as_array_mut().unwrap().truncate(1);
        article["statements"][1]["text"] = json!("So do we, now.");
        let changed = put("/v1/articles/a", &article).assert_status(200).data();
        assert_eq!(changed["co_publishers"].as_array().unwrap().len(), 1);
        assert_eq!(changed["co_publishers"][0]["slug"], "north");
        assert_eq!(changed["topics"][0]["slug"], "custody");
        assert_eq!(changed["statements"][1]["text"], "So do we, now.");
        assert_eq!(changed["statements"][1]["organisation"]["slug"], "south");
        assert_eq!(changed["statements"][0]["organisation"]["slug"], "north");
        // what no read shows stays
        let stored_now = stored(api, "/v1/articles/a");
        assert!(
            stored_now.to_string().contains("embargoed_until"),
            "{stored_now}"
        );

        // entries change places, and one changes
        let mut group = api.data("/v1/groups/forces");
        group["members"].as_array_mut().unwrap().reverse();
        group["members"][0]["from"] = json!("2018-01-01");
        let changed = put("/v1/groups/forces", &group).assert_status(200).data();
        let north = changed["members"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["organisation"]["slug"] == "north");
        assert_eq!(north.unwrap()["from"], "2018-01-01", "{changed}");

        // a part of a response, with the reference as it is shown
        let path = format!(
            "/v1/responses/{}",
            api.get("/v1/responses").records()[0]["id"]
                .as_str()
                .unwrap()
        );
        let mut response = api.data(&path);
        response["covers"][0]["text"] = json!("Done in November.");
        let changed = api
            .patch(&path, &token, &json!({"covers": response["covers"]}))
            .assert_status(200)
            .data();
        assert_eq!(changed["covers"], response["covers"]);

        // the exclusions of a recommendation, which no read shows, stay
        let recommendation = with(
            api.data("/v1/recommendations/r-1"),
            json!({"text": "Do it soon."}),
        );
        put("/v1/recommendations/r-1", &recommendation).assert_status(200);
        assert!(
            stored(api, "/v1/recommendations/r-1")
                .to_string()
                .contains("exclusions")
        );
    });
}

#[test]
fn what_the_server_computes_is_named_when_it_is_changed() {
    both_empty(|api| {
        seed(api);
        let token = api.admin();
        for (path, member, value) in [
            ("/v1/articles/a", "revision", json!(99)),
            ("/v1/articles/a", "excerpt", json!("Another.")),
            ("/v1/reports/r", "recommendation_count", json!(99)),
            ("/v1/organisations/north", "predecessors", json!([])),
            (
                "/v1/recommendations/r-1",
                "published_on",
                json!("2020-01-01"),
            ),
        ] {
            let document = with(api.data(path), json!({member: value}));
            for method in ["PUT", "PATCH"] {
                let answer = api.write(method, path, &token, &[("if-match", "*")], &document);
                let problem = answer.assert_invalid(&[&format!("#/{member}")]);
                assert_eq!(problem["errors"][0]["code"], "computed", "{problem}");
            }
        }
        // an unknown member is named, whatever its value
        for value in [json!(null), json!(1)] {
            let answer = api.patch("/v1/articles/a", &token, &json!({"colour": value}));
            let problem = answer.assert_invalid(&["#/colour"]);
            assert_eq!(problem["errors"][0]["code"], "unknown_member", "{problem}");
        }
        // references are written as they are shown
        let organisation = api.data("/v1/articles/a?fields=organisation")["organisation"].clone();
        for reference in [organisation, json!({"slug": "watchdog"}), json!("watchdog")] {
            let document = json!({"slug": "b", "headline": "B", "organisation": reference, "published_at": "2026-11-01T09:00:00Z"});
            let exists = api.get("/v1/articles/b").status == 200;
            let headers: &[(&str, &str)] = match exists {
                true => &[("if-match", "*")],
                false => &[],
            };
            let answer = api.write("PUT", "/v1/articles/b", &token, headers, &document);
            assert!(answer.status < 300, "{}", answer.text());
            assert_eq!(
                api.data("/v1/articles/b")["organisation"]["slug"],
                "watchdog"
            );
        }
    });
}

#[test]
fn what_a_notice_hides_stays_and_a_withdrawal_below_a_withdrawn_report_is_meant() {
    both_empty(|api| {
        seed(api);
        let token = api.admin();
        let withdraw = json!({"reason": "It was an example."});
        for path in ["/v1/articles/a", "/v1/reports/r"] {
            api.act(&format!("{path}/withdraw"), &token, &withdraw)
                .assert_status(200);
            let before = stored(api, path);
            let read = api.data(path);
            api.write("PUT", path, &token, &[("if-match", "*")], &read)
                .assert_status(200);
            assert_eq!(stored(api, path), before, "{path}");
        }
        // the report is withdrawn, and so is what is shown of this recommendation: now it is by itself
        let path = "/v1/recommendations/r-1-1";
        assert_eq!(api.data(path)["state"], "withdrawn");
        let patch = json!({"state": "withdrawn", "withdrawal": withdraw});
        api.patch(path, &token, &patch).assert_status(200);
        api.act("/v1/reports/r/publish", &token, &json!({}))
            .assert_status(200);
        assert_eq!(api.data(path)["state"], "withdrawn");
        assert_eq!(api.data("/v1/recommendations/r-1")["state"], "published");
    });
}

#[test]
fn an_obligation_that_is_sent_back_as_it_was_read_gets_no_entry() {
    both_empty(|api| {
        api.import_all(&[
            json!({"type": "organisation", "slug": "body", "name": "The Fictional Body"}),
            json!({"type": "report", "slug": "r", "title": "R", "published_on": "2026-01-02", "publishers": ["body"]}),
            json!({"type": "recommendation", "report": "r", "number": "1", "text": "Do it.", "addressees": ["body"]}),
        ]);
        let token = api.admin();
        let before = api.get("/v1/obligations").records()[0].clone();
        let path = format!("/v1/obligations/{}", before["id"].as_str().unwrap());
        let count = || api.count("SELECT count(*) AS count FROM changes");
        let entries = count();
        for body in [api.data(&path), json!({})] {
            let answer = api.patch(&path, &token, &body).assert_status(200);
            assert_eq!(answer.data()["revision"], before["revision"]);
        }
        assert_eq!(count(), entries);
        let noted = api.patch(&path, &token, &json!({"note": "Fictional."}));
        assert_eq!(noted.assert_status(200).data()["note"], "Fictional.");
        assert_eq!(count(), entries + 1);
        // and back again
        let blank = api.patch(&path, &token, &json!({"note": null}));
        assert_eq!(blank.assert_status(200).data().get("note"), None);
        assert_eq!(count(), entries + 2);
        api.assert_log_verifies();
    });
}
