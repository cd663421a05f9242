//! What testers from outside tried, knowing only the documentation: each attack that once worked.

use serde_json::{Value, json};

use crate::support::{Answer, Instance, both_empty, time, with};

/// Two watchdogs, with a report each and a joint one; two forces, and a council that likes to answer for them. North Force
/// has answered the first report in time.
fn seed(api: &Instance) {
    let body = |slug: &str| json!({"type": "organisation", "slug": slug, "name": format!("The Fictional {slug}")});
    let report = |slug: &str, publishers: Value| json!({"type": "report", "slug": slug, "title": slug, "published_on": "2026-09-01", "publishers": publishers});
    let recommendation = |report: &str| {
        json!({"type": "recommendation", "report": report, "number": "1", "text": "Do it.", "addressees": ["forces"],
        "deadlines": [{"kind": "response", "stated_due_on": "2026-11-30"}]})
    };
    api.import_all(&[
        body("watchdog"),
        body("inspector"),
        body("council"),
        body("north"),
        body("south"),
        json!({"type": "group", "slug": "forces", "name": "All forces", "members": [{"organisation": "north"}, {"organisation": "south"}]}),
        report("r", json!(["watchdog"])),
        report("joint", json!(["watchdog", "inspector"])),
        recommendation("r"),
        recommendation("joint"),
    ]);
}

const OF_PUBLISHERS: [&str; 4] = [
    "recommendations:write",
    "articles:write",
    "articles:publish",
    "assessments:write",
];

fn client(api: &Instance, scopes: &[&str], organisation: &str) -> String {
    api.client(scopes, &[organisation]).1
}

fn respond(api: &Instance, token: &str, more: Value) -> Answer {
    let document = json!({"report": "r", "responder": "north", "published_on": "2026-11-24", "covers": [{"number": "1", "position": "accepted"}]});
    api.post("/v1/responses", token, &with(document, more))
}

fn path_of(answer: Answer) -> String {
    let kind = answer.url.rsplit('/').next().unwrap().to_owned();
    format!("/v1/{kind}/{}", answer.assert_status(201).id())
}

fn obligation(api: &Instance, organisation: &str) -> Value {
    api.data(&format!(
        "/v1/obligations?organisation={organisation}&recommendation=r-1"
    ))[0]
        .clone()
}

#[test]
fn a_publisher_does_not_make_a_public_report_vanish() {
    both_empty(|api| {
        seed(api);
        let north = client(api, &["responses:write"], "north");
        let response = path_of(respond(api, &north, json!({})));
        for (slug, token) in [
            ("r", client(api, &OF_PUBLISHERS, "watchdog")),
            ("joint", client(api, &OF_PUBLISHERS, "inspector")),
        ] {
            let path = format!("/v1/reports/{slug}");
            for state in ["draft", "gone"] {
                api.patch(&path, &token, &json!({ "state": state }))
                    .problem(403, "insufficient-scope");
                let document = json!([{"type": "report", "slug": slug, "title": slug, "published_on": "2026-09-01", "publishers": [match slug { "r" => "watchdog", _ => "inspector" }], "state": state}]);
                let sent = api.post("/v1/batch", &token, &document);
                assert!([403, 422].contains(&sent.status), "{}", sent.text());
            }
            for patch in [
                json!({"published_on": "2026-08-01"}),
                json!({"published_on": "2027-01-01"}),
            ] {
                api.patch(&path, &token, &patch)
                    .problem(422, "validation-failed");
            }
            let embargo = json!({"embargoed_until": "2027-01-01T00:00:00Z"});
            api.patch(&path, &token, &embargo)
                .problem(422, "validation-failed");
            api.get(&path).assert_status(200);
        }
        // withdrawn and made a draft by an administrator, it is still not the publisher's to remove
        let watchdog = client(api, &OF_PUBLISHERS, "watchdog");
        api.withdraw("/v1/reports/r", "It was wrong.")
            .assert_status(200);
        api.patch("/v1/reports/r", &watchdog, &json!({"state": "draft"}))
            .problem(403, "insufficient-scope");
        for change in [json!({"state": "draft"}), json!({"title": "R"})] {
            api.patch("/v1/reports/r", &api.admin(), &change)
                .assert_status(200);
        }
        api.delete("/v1/reports/r", &watchdog)
            .problem(403, "insufficient-scope");
        api.get(&response).problem(404, "not-found");
        // a group that mandates and responses name stays too
        let organisations = client(api, &["organisations:write"], "*");
        api.delete("/v1/groups/forces", &organisations)
            .problem(403, "insufficient-scope");
    });
}

#[test]
fn a_publisher_does_not_rewrite_what_a_body_said_or_when_it_was_due() {
    both_empty(|api| {
        seed(api);
        let north = client(api, &["responses:write"], "north");
        let watchdog = client(api, &OF_PUBLISHERS, "watchdog");
        let text = |words: &str, position: &str| json!({"covers": [{"number": "1", "position": position, "text": words}]});
        // recorded by the publisher, with words added by the body
        let recorded = path_of(respond(
            api,
            &watchdog,
            json!({"received_on": "2026-11-20"}),
        ));
        api.patch(&recorded, &north, &text("Our words.", "accepted"))
            .assert_status(200);
        for patch in [
            text("Other words.", "accepted"),
            text("Our words.", "not_accepted"),
            json!({"on_behalf_of": ["south"]}),
            json!({"published_on": "2026-11-01"}),
            json!({"state": "withdrawn", "withdrawal": {"at": "2020-01-01T00:00:00Z", "reason": "Fictional."}}),
            json!({"received_on": "2026-11-25"}),
        ] {
            api.patch(&recorded, &watchdog, &patch)
                .problem(422, "validation-failed");
        }
        assert_eq!(
            obligation(api, "north")["response_state"],
            "responded_on_time"
        );
        api.patch(&recorded, &north, &json!({"state": "withdrawn", "withdrawal": {"at": "2020-01-01T00:00:00Z", "reason": "Fictional."}}))
            .assert_status(200);
        let revive = with(
            text("Our words.", "accepted"),
            json!({"state": "published"}),
        );
        api.patch(&recorded, &watchdog, &revive)
            .problem(422, "validation-failed");

        // recorded by the body itself
        let own = path_of(respond(api, &north, json!({"sequence": 2})));
        let id = own.rsplit('/').next().unwrap();
        let correction = json!({"kind": "correction", "corrects": id, "covers": [{"number": "1", "position": "not_accepted"}]});
        respond(api, &watchdog, correction).assert_invalid(&["#/corrects"]);
        api.clock.set(time("2026-12-10T09:00:00Z"));
        let watchdog = client(api, &OF_PUBLISHERS, "watchdog");
        let late = json!({"received_on": "2026-12-09"});
        api.act(&format!("{own}/receipt"), &watchdog, &late)
            .assert_invalid(&["#/received_on"]);
        let north = client(api, &["responses:write"], "north");
        let withheld = json!({"publication": "withheld", "withheld_reason": "No.", "covers": [{"number": "1", "position": "accepted"}]});
        api.patch(&own, &north, &withheld)
            .assert_invalid(&["#/publication"]);
        let deadlines = json!({"deadlines": [{"kind": "response", "stated_due_on": "2026-09-20"}]});
        for patch in [deadlines, json!({"deadlines": []})] {
            api.patch("/v1/recommendations/r-1", &watchdog, &patch)
                .assert_invalid(&["#/deadlines"]);
        }
        assert_eq!(
            obligation(api, "north")["response_state"],
            "responded_on_time"
        );
    });
}

#[test]
fn a_mandate_that_has_ended_changes_nothing_any_more() {
    both_empty(|api| {
        seed(api);
        let mandate = json!({"type": "mandate", "representative": "council", "represents": ["north"], "granted_by": "north", "from": "2026-09-01", "until": "2026-11-01"});
        let by =
            json!({"capacity": "author", "organisation": "council", "at": "2026-10-01T09:00:00Z"});
        let update = json!({"type": "progress_update", "report": "r", "number": "1", "organisation": "north", "author": "council", "as_at": "2026-09-30", "status": "complete", "recorded_by": by});
        let response = json!({"type": "response", "report": "r", "responder": "council", "kind": "collective", "on_behalf_of": ["north"], "published_on": "2026-10-01", "covers": [{"number": "1", "position": "accepted"}], "recorded_by": by});
        api.import_all(&[mandate, update, response]);
        let before = obligation(api, "north");
        assert_eq!(before["implementation"]["status"], "complete");
        let council = client(api, &["responses:write"], "council");
        let of = |kind: &str| {
            format!(
                "/v1/{kind}/{}",
                api.get(&format!("/v1/{kind}")).column("id")[0]
            )
        };
        let covers = json!({"covers": [{"number": "1", "position": "accepted", "position_verbatim": "We refuse, in fact."}]});
        for (path, patch) in [
            (
                of("progress-updates"),
                json!({"text": "After the mandate."}),
            ),
            (
                of("progress-updates"),
                json!({"status": "no_action_planned"}),
            ),
            (
                of("progress-updates"),
                json!({"state": "withdrawn", "withdrawal": {"at": "2020-01-01T00:00:00Z", "reason": "Fictional."}}),
            ),
            (of("responses"), covers),
            (
                of("responses"),
                json!({"state": "withdrawn", "withdrawal": {"at": "2020-01-01T00:00:00Z", "reason": "Fictional."}}),
            ),
        ] {
            api.patch(&path, &council, &patch)
                .problem(422, "validation-failed");
        }
        assert_eq!(obligation(api, "north"), before);
    });
}

#[test]
fn a_mandate_neither_begins_nor_ends_in_the_past() {
    both_empty(|api| {
        seed(api);
        let north = client(api, &["mandates:write"], "north");
        let council = client(api, &["responses:write"], "council");
        let mandate = |from: &str| json!({"representative": "council", "represents": ["north"], "granted_by": "north", "from": from});
        api.post("/v1/mandates", &north, &mandate("2026-11-23"))
            .assert_invalid(&["#/from"]);
        let granted = path_of(api.post("/v1/mandates", &north, &mandate("2026-11-24")));
        let collective =
            json!({"responder": "council", "kind": "collective", "on_behalf_of": ["north"]});
        respond(api, &council, collective).assert_status(201);
        assert_eq!(
            obligation(api, "north")["response_state"],
            "responded_on_time"
        );
        api.patch(&granted, &north, &json!({"until": "2026-11-24"}))
            .assert_invalid(&["#/until"]);
        api.patch(&granted, &north, &json!({"until": "2026-11-25"}))
            .assert_status(200);
        assert_eq!(
            obligation(api, "north")["response_state"],
            "responded_on_time"
        );
    });
}

#[test]
fn nothing_gets_past_a_report_that_holds_submissions() {
    both_empty(|api| {
        seed(api);
        api.patch(
            "/v1/reports/r",
            &api.admin(),
            &json!({"submissions": "held"}),
        )
        .assert_status(200);
        let (north, council) = (
            client(api, &["responses:write"], "north"),
            client(api, &["responses:write"], "council"),
        );
        let hidden = json!({"responder": "council", "kind": "collective", "on_behalf_of": ["north"], "state": "withdrawn", "withdrawal": {"at": "2020-01-01T00:00:00Z", "reason": "Fictional."}, "publication": "withheld", "withheld_reason": "They are lying."});
        assert_eq!(respond(api, &council, hidden).status, 202);
        let update = json!({"report": "r", "number": "1", "organisation": "north", "as_at": "2026-11", "status": "complete", "state": "withdrawn", "withdrawal": {"at": "2020-01-01T00:00:00Z", "reason": "Fictional."}});
        assert_eq!(
            api.post("/v1/progress-updates", &north, &update).status,
            202
        );
        let batch = json!([with(update, json!({"type": "progress_update"}))]);
        api.post("/v1/batch", &north, &batch)
            .assert_invalid(&["#/0"]);
        assert_eq!(
            api.get("/v1/progress-updates?state=withdrawn").records(),
            [] as [Value; 0]
        );
        // with the withdrawal of one's own word nothing else changes
        let response = respond(
            api,
            &api.admin(),
            json!({"recorded_by": {"capacity": "author", "organisation": "north", "at": "2026-11-20T09:00:00Z"}}),
        );
        let path = path_of(response);
        let smuggled = json!({"state": "withdrawn", "withdrawal": {"at": "2020-01-01T00:00:00Z", "reason": "Fictional."}, "source_url": "https://north.example/unheld"});
        assert_eq!(api.patch(&path, &north, &smuggled).status, 202);
        api.patch(&path, &north, &json!({"state": "withdrawn", "withdrawal": {"at": "2020-01-01T00:00:00Z", "reason": "Fictional."}}))
            .assert_status(200);
    });
}

#[test]
fn who_is_named_agrees_to_what_is_said_and_may_leave() {
    both_empty(|api| {
        seed(api);
        let scopes = ["organisations:write", "articles:write", "articles:publish"];
        let (north, south) = (client(api, &scopes, "north"), client(api, &scopes, "south"));
        let successor = |kind: &str, on: &str| json!({"successors": [{"organisation": "south", "kind": kind, "on": on}]});
        let path = "/v1/organisations/north";
        api.patch(path, &api.admin(), &successor("devolved", "2026-01-01"))
            .assert_status(200);
        assert_eq!(
            api.patch(path, &north, &successor("absorbed", "1999"))
                .status,
            202
        );
        let article = json!({"slug": "a", "headline": "H", "organisation": "north", "published_at": "2026-01-02T00:00:00Z", "co_publishers": ["south", "council"]});
        api.post("/v1/articles", &api.admin(), &article)
            .assert_status(201);
        // south leaves, and changes nothing else
        let leave = json!({"co_publishers": ["council"]});
        let more = with(leave.clone(), json!({"headline": "South left"}));
        api.patch("/v1/articles/a", &south, &more)
            .problem(403, "insufficient-scope");
        api.patch("/v1/articles/a", &south, &json!({"co_publishers": []}))
            .problem(403, "insufficient-scope");
        api.patch("/v1/articles/a", &south, &leave)
            .assert_status(200);
        api.patch(path, &south, &json!({"successors": []}))
            .assert_status(200);
        // nor does anybody else take the slug of a record that was renamed
        api.patch("/v1/articles/a", &north, &json!({"slug": "b"}))
            .assert_status(200);
        let taken = json!({"slug": "a", "headline": "Not north's", "organisation": "south", "published_at": "2026-01-02T00:00:00Z"});
        api.post("/v1/articles", &south, &taken)
            .assert_invalid(&["#/slug"]);
        let own = with(taken, json!({"organisation": "north"}));
        api.post("/v1/articles", &north, &own).assert_status(201);
    });
}

#[test]
fn what_a_public_recommendation_asks_for_does_not_change() {
    both_empty(|api| {
        seed(api);
        let watchdog = client(api, &OF_PUBLISHERS, "watchdog");
        let north = client(api, &["responses:write"], "north");
        let later = json!([{"kind": "action_plan_publication", "stated_due_on": "2027-01-01"}]);
        let asks = |more: Value| {
            let document = json!({"report": "r", "number": "2", "text": "Do it.", "addressees": ["north", "south"], "reply": "joint", "deadlines": later});
            with(document, more)
        };
        api.post("/v1/recommendations", &watchdog, &asks(json!({})))
            .assert_status(201);
        respond(
            api,
            &north,
            json!({"covers": [{"number": "2", "position": "accepted"}]}),
        )
        .assert_status(201);
        let due = json!({"kind": "response", "stated_due_on": "2026-06-05"});
        for (patch, pointer) in [
            (json!({"deadlines": [later[0], due]}), "#/deadlines"),
            (json!({"stated_due_on": "2026-06-05"}), "#/stated_due_on"),
            (json!({"reply": "several"}), "#/reply"),
            (json!({"number": "3"}), "#/number"),
            (
                json!({"response_requirement": "statutory"}),
                "#/response_requirement",
            ),
        ] {
            api.patch("/v1/recommendations/r-2", &watchdog, &patch)
                .assert_invalid(&[pointer]);
            api.patch("/v1/recommendations/r-2", &api.admin(), &patch)
                .assert_status(200);
        }
    });
}

#[test]
fn a_mandate_is_ended_by_a_publisher_that_has_left() {
    both_empty(|api| {
        seed(api);
        let scopes = [
            "mandates:write",
            "recommendations:write",
            "articles:publish",
        ];
        let inspector = client(api, &scopes, "inspector");
        let mandate = json!({"representative": "council", "represents": ["north"], "granted_by": "inspector", "from": "2026-10-01", "report": "joint"});
        let path = path_of(api.post("/v1/mandates", &inspector, &mandate));
        api.patch(
            "/v1/reports/joint",
            &inspector,
            &json!({"publishers": ["watchdog"]}),
        )
        .assert_status(200);
        api.patch(&path, &inspector, &json!({"until": "2026-11-25"}))
            .assert_status(200);
        let another = with(mandate, json!({"from": "2026-11-25"}));
        api.post("/v1/mandates", &inspector, &another)
            .assert_invalid(&["#/granted_by"]);
    });
}

#[test]
fn who_wrote_below_a_report_that_is_hidden_again_learns_nothing_of_it() {
    both_empty(|api| {
        seed(api);
        let north = client(api, &["responses:write"], "north");
        let path = path_of(respond(api, &north, json!({})));
        let secret = json!({"state": "draft", "title": "Secret", "slug": "secret"});
        api.patch("/v1/reports/r", &api.admin(), &secret)
            .assert_status(200);
        let history = format!("{path}/history");
        for path in [&path, &history] {
            api.get_as(&north, path).problem(404, "not-found");
            let publisher = client(api, &["responses:write", "articles:read_drafts"], "north");
            api.get_as(&publisher, path).problem(404, "not-found");
        }
        api.patch(&path, &north, &json!({"state": "withdrawn", "withdrawal": {"at": "2020-01-01T00:00:00Z", "reason": "Fictional."}}))
            .problem(404, "not-found");
        api.patch(
            "/v1/reports/secret",
            &api.admin(),
            &json!({"state": "published"}),
        )
        .assert_status(200);
        assert_eq!(api.get_as(&north, &path).data()["report"]["slug"], "secret");
    });
}

#[test]
fn a_responder_withdraws_what_came_before_the_report_too() {
    both_empty(|api| {
        seed(api);
        let (watchdog, north) = (
            client(api, &OF_PUBLISHERS, "watchdog"),
            client(api, &["responses:write"], "north"),
        );
        let early = respond(api, &watchdog, json!({"published_on": "2026-08-01"}));
        let path = path_of(early);
        let moved = json!({"published_on": "2026-07-01"});
        assert_eq!(api.patch(&path, &north, &moved).status, 422);
        api.patch(&path, &north, &json!({"state": "withdrawn", "withdrawal": {"at": "2020-01-01T00:00:00Z", "reason": "Fictional."}}))
            .assert_status(200);
        assert_eq!(obligation(api, "north")["response_state"], "pending");
        // nor does an update get another day
        let update = json!({"report": "r", "number": "1", "organisation": "north", "as_at": "2026-11", "status": "complete", "published_on": "2026-11-20"});
        let path = path_of(api.post("/v1/progress-updates", &north, &update));
        api.patch(&path, &north, &json!({"published_on": "2026-10-02"}))
            .assert_invalid(&["#/published_on"]);
    });
}

#[test]
fn a_publisher_that_has_left_prolongs_no_mandate_and_those_who_stayed_end_it() {
    both_empty(|api| {
        seed(api);
        let scopes = [
            "mandates:write",
            "recommendations:write",
            "articles:publish",
        ];
        let (inspector, watchdog) = (
            client(api, &scopes, "inspector"),
            client(api, &scopes, "watchdog"),
        );
        let mandate = json!({"representative": "council", "represents": ["north"], "granted_by": "inspector", "from": "2026-10-01", "until": "2026-12-20", "report": "joint"});
        let path = path_of(api.post("/v1/mandates", &inspector, &mandate));
        let foreign = with(mandate, json!({"from": "2026-11-25"}));
        api.post("/v1/mandates", &watchdog, &foreign)
            .problem(403, "insufficient-scope");
        let leaves = json!({"publishers": ["watchdog"]});
        api.patch("/v1/reports/joint", &inspector, &leaves)
            .assert_status(200);
        for until in [json!("2027-12-20"), json!(null)] {
            api.patch(&path, &inspector, &json!({ "until": until }))
                .assert_invalid(&["#/until"]);
        }
        api.patch(&path, &watchdog, &json!({"until": "2026-11-25"}))
            .assert_status(200);
        // one that a body granted itself is its own
        let north = client(api, &["mandates:write"], "north");
        let own = json!({"representative": "council", "represents": ["north"], "granted_by": "north", "from": "2026-11-24", "report": "joint"});
        let path = path_of(api.post("/v1/mandates", &north, &own));
        api.patch(&path, &watchdog, &json!({"until": "2026-11-25"}))
            .problem(403, "insufficient-scope");
    });
}

#[test]
fn what_decides_for_others_is_not_taken_back() {
    both_empty(|api| {
        seed(api);
        let watchdog = client(api, &OF_PUBLISHERS, "watchdog");
        let south = client(api, &["responses:write"], "south");
        let joint = json!({"report": "r", "number": "2", "text": "Do it.", "addressees": ["north", "south"], "reply": "joint", "deadlines": [{"kind": "response", "stated_due_on": "2026-11-30"}]});
        api.post("/v1/recommendations", &watchdog, &joint)
            .assert_status(201);
        let answer =
            json!({"responder": "south", "covers": [{"number": "2", "position": "accepted"}]});
        respond(api, &south, answer.clone()).assert_status(201);
        let state = |organisation: &str| {
            let path = format!("/v1/obligations?organisation={organisation}&recommendation=r-2");
            api.data(&path)[0]["response_state"].clone()
        };
        assert_eq!(state("north"), "responded_on_time");
        let path = "/v1/recommendations/r-2";
        api.patch(path, &watchdog, &json!({"addressees": ["north"]}))
            .assert_invalid(&["#/addressees"]);
        api.patch(path, &watchdog, &json!({"exclusions": ["south"]}))
            .assert_invalid(&["#/exclusions"]);
        api.patch(
            path,
            &watchdog,
            &json!({"addressees": ["north", "south", "council"]}),
        )
        .assert_status(200);
        // a check that was public, and a withdrawal in the future
        let checked = |on: Value| {
            api.patch(
                "/v1/reports/r",
                &watchdog,
                &json!({"responses_checked_on": on}),
            )
        };
        checked(json!("2026-11-20")).assert_status(200);
        for earlier in [json!("2026-11-10"), json!(null)] {
            checked(earlier).assert_invalid(&["#/responses_checked_on"]);
        }
        let later = json!({"state": "withdrawn", "withdrawal": {"at": "2027-01-01T00:00:00Z", "reason": "Old."}});
        api.patch("/v1/recommendations/r-1", &watchdog, &later)
            .assert_invalid(&["#/withdrawal/at"]);
    });
}

#[test]
fn who_has_transferred_a_joint_obligation_answers_for_nobody() {
    both_empty(|api| {
        seed(api);
        let watchdog = client(api, &OF_PUBLISHERS, "watchdog");
        let joint = json!({"report": "r", "number": "2", "text": "Do it.", "addressees": ["north", "south"], "reply": "joint"});
        api.post("/v1/recommendations", &watchdog, &joint)
            .assert_status(201);
        let of = |organisation: &str| {
            let path = format!("/v1/obligations?organisation={organisation}&recommendation=r-2");
            api.data(&path)[0].clone()
        };
        let path = format!("/v1/obligations/{}", of("south")["id"].as_str().unwrap());
        let transfer = json!({"transferred_to": "council", "transferred_on": "2026-11-10"});
        api.patch(&path, &watchdog, &transfer).assert_status(200);
        let south = client(api, &["responses:write"], "south");
        let answer =
            json!({"responder": "south", "covers": [{"number": "2", "position": "accepted"}]});
        respond(api, &south, answer).assert_status(201);
        for organisation in ["north", "council"] {
            assert_eq!(of(organisation).get("position"), None, "{organisation}");
        }
        let north = client(api, &["responses:write"], "north");
        let answer = json!({"covers": [{"number": "2", "position": "accepted"}]});
        respond(api, &north, answer).assert_status(201);
        assert_eq!(of("council")["position"]["value"], "accepted");
    });
}

#[test]
fn only_who_may_publish_agrees_to_be_named_in_public() {
    both_empty(|api| {
        seed(api);
        let watchdog = client(api, &OF_PUBLISHERS, "watchdog");
        let drafts = client(api, &["recommendations:write"], "inspector");
        let publishing = client(
            api,
            &["recommendations:write", "articles:publish"],
            "inspector",
        );
        let report = json!({"slug": "both", "title": "T", "published_on": "2026-11-01", "publishers": ["watchdog", "inspector"]});
        let waiting = api.post("/v1/reports", &watchdog, &report);
        let path = format!("/v1/proposals/{}/accept", waiting.assert_status(202).id());
        api.act(&path, &drafts, &json!({}))
            .problem(404, "not-found");
        api.act(&path, &publishing, &json!({})).assert_status(200);
        let leaves = json!({"publishers": ["watchdog"]});
        api.patch("/v1/reports/both", &drafts, &leaves)
            .problem(403, "insufficient-scope");
        api.patch("/v1/reports/both", &publishing, &leaves)
            .assert_status(200);
        // nor is a recommendation of others marked as superseded
        let own = client(api, &OF_PUBLISHERS, "council");
        let report = json!({"slug": "own", "title": "T", "published_on": "2026-11-01", "publishers": ["council"]});
        api.post("/v1/reports", &own, &report).assert_status(201);
        let newer = json!({"report": "own", "number": "1", "text": "T", "addressees": ["north"], "repeats": ["r-1"]});
        let supersedes = with(newer.clone(), json!({"supersedes": ["r-1"]}));
        api.post("/v1/recommendations", &own, &supersedes)
            .assert_invalid(&["#/supersedes/0"]);
        let own_newer = json!({"report": "r", "number": "9", "text": "T", "addressees": ["north"], "supersedes": ["r-1"]});
        api.post("/v1/recommendations", &watchdog, &own_newer)
            .assert_status(201);
        api.post("/v1/recommendations", &own, &newer)
            .assert_status(201);
    });
}

#[test]
fn recommendations_of_one_batch_may_supersede_each_other() {
    both_empty(|api| {
        seed(api);
        let watchdog = client(api, &OF_PUBLISHERS, "watchdog");
        // the first half names the line that follows, the second the one before
        let superseded = |n: usize| match n {
            1..=30 => vec![format!("n-{}", n + 1)],
            31 => Vec::new(),
            _ => vec![format!("n-{}", n - 1)],
        };
        let line = |n| {
            json!({"type": "recommendation", "slug": format!("n-{n}"), "report": "r", "number": format!("{}", 100 + n),
                "text": "T", "addressees": ["north"], "supersedes": superseded(n)})
        };
        let batch: Vec<Value> = (1..=60).map(line).collect();
        let statements = api.statements(|| {
            api.post("/v1/batch", &watchdog, &json!(batch))
                .assert_status(200);
        });
        // however they refer to each other, each is checked once
        assert!(statements < 60 * 12, "{statements}");
        for n in 1..=60 {
            let stored = api.data(&format!("/v1/recommendations/n-{n}"));
            let named = stored["supersedes"].as_array().unwrap().iter();
            let named: Vec<&str> = named.map(|one| one["slug"].as_str().unwrap()).collect();
            assert_eq!(named, superseded(n));
            assert_eq!(stored["addressed_organisation_count"], 1);
        }
        let owed = api.get("/v1/obligations?organisation=north&report=r&count=exact");
        assert_eq!(owed.count(), 61);
        // but not one of a report of others, which the client may not create
        let own = client(api, &OF_PUBLISHERS, "council");
        let report = json!({"slug": "own", "title": "T", "published_on": "2026-11-01", "publishers": ["council"]});
        api.post("/v1/reports", &own, &report).assert_status(201);
        let newer = json!({"type": "recommendation", "slug": "newer", "report": "own", "number": "1",
            "text": "T", "addressees": ["north"], "supersedes": ["theirs"]});
        let theirs = json!({"type": "recommendation", "slug": "theirs", "report": "r", "number": "999",
            "text": "T", "addressees": ["north"]});
        for batch in [json!([newer, theirs]), json!([theirs, newer])] {
            let refused = api.post("/v1/batch", &own, &batch);
            assert_eq!(refused.status, 403, "{}", refused.text());
        }
        api.get("/v1/recommendations/newer")
            .problem(404, "not-found");
    });
}
