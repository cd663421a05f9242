//! Responses, and their effect on obligations.

use serde_json::{Value, json};

use crate::support::{Instance, assert_includes, both, both_empty, lines, time, total, with};

/// A report with two recommendations to a group of two forces, the second with an element, due on 24 November 2026.
fn seed(api: &Instance) {
    let recommendation = |number: &str, more: Value| {
        let document = json!({"type": "recommendation", "report": "r", "number": number, "text": "Do it.",
            "addressees": ["forces"], "deadlines": [{"kind": "response", "stated_due_on": "2026-11-24"}]});
        with(document, more)
    };
    api.import_all(&[
        json!({"type": "organisation", "slug": "watchdog", "name": "The Fictional Watchdog"}),
        json!({"type": "organisation", "slug": "council", "name": "The Fictional Council of Forces"}),
        json!({"type": "organisation", "slug": "north", "name": "North Force"}),
        json!({"type": "organisation", "slug": "south", "name": "South Force"}),
        json!({"type": "group", "slug": "forces", "name": "All forces", "members": [{"organisation": "north"}, {"organisation": "south"}]}),
        json!({"type": "report", "slug": "r", "title": "R", "published_on": "2026-09-30", "publishers": ["watchdog"], "responses_checked_on": "2026-12-01"}),
        recommendation("1", json!({})),
        recommendation("2", json!({})),
        recommendation("2.1", json!({"parent_number": "2"})),
    ]);
    api.clock.set(time("2026-12-02T09:00:00Z"));
}

fn response(more: Value) -> Value {
    let document = json!({"type": "response", "report": "r", "responder": "north", "published_on": "2026-12-01",
        "received_on": "2026-11-20", "covers": [{"number": "1", "position": "accepted", "position_verbatim": "We accept this."}]});
    with(document, more)
}

fn state(api: &Instance, organisation: &str, number: &str) -> Value {
    let path = format!(
        "/v1/obligations?organisation={organisation}&recommendation=r-{}",
        number.replace('.', "-")
    );
    api.data(&path)[0].clone()
}

#[test]
fn a_response_answers_only_the_responder_s_obligations() {
    both_empty(|api| {
        seed(api);
        assert_eq!(state(api, "north", "1")["response_state"], "overdue");
        let first = api.import(response(json!({})));
        assert_eq!(total(&first).created, 1);
        let one = state(api, "north", "1");
        assert_eq!(
            one["position"],
            json!({"value": "accepted", "verbatim": "We accept this."})
        );
        let expected = json!({"response_state": "responded_on_time", "answered_on": "2026-11-20", "is_collectively_covered": false});
        assert_includes(&one, expected);
        // no other addressee's, and no other recommendation's
        assert_eq!(state(api, "south", "1")["response_state"], "overdue");
        assert_eq!(state(api, "north", "2")["response_state"], "overdue");
        // a second import changes nothing; a response is identified by its natural key
        let again = api.import(response(json!({})));
        assert_eq!(total(&again).unchanged, 1);
        let all = api.get("/v1/responses?count=exact");
        assert_eq!(all.count(), 1);
        let shown = all.data()[0].clone();
        assert_eq!(shown["covers"][0]["recommendation"]["number"], "1");
        assert_eq!(
            api.data(&format!("/v1/responses/{}", shown["id"].as_str().unwrap())),
            shown
        );
        for (query, count) in [
            ("report=r", 1),
            ("responder=north", 1),
            ("recommendation=r-1", 1),
            ("kind=full", 1),
            ("responder=south", 0),
            ("recommendation=r-2", 0),
            ("kind=holding", 0),
            ("published_before=2026-12-01", 0),
        ] {
            let found = api.get(&format!("/v1/responses?{query}")).records();
            assert_eq!(found.len(), count, "{query}");
        }
    });
}

#[test]
fn timeliness_is_judged_by_the_day_of_receipt() {
    both_empty(|api| {
        seed(api);
        let after = |more: Value| {
            api.import(response(more));
            state(api, "north", "1")["response_state"].clone()
        };
        assert_eq!(
            after(json!({"received_on": "2026-11-24"})),
            "responded_on_time"
        );
        assert_eq!(
            after(json!({"received_on": "2026-11-25"})),
            "responded_late"
        );
        assert_eq!(after(json!({"received_on": null})), "responded");
        let withheld = json!({"received_on": null, "publication": "withheld", "withheld_reason": "National security", "covers": [{"number": "1", "position": "accepted"}]});
        assert_eq!(after(withheld), "responded_withheld");
        let shown = api.data("/v1/responses")[0].clone();
        assert_eq!(shown["withheld_reason"], "National security");
        assert_eq!(shown["covers"][0].get("position_verbatim"), None);
        let id = shown["id"].as_str().unwrap();
        let path = format!("/v1/responses/{id}");
        api.delete(&path, &api.admin()).assert_status(204);
        assert_eq!(state(api, "north", "1")["response_state"], "overdue");
        api.get(&path).problem(410, "gone");
    });
}

#[test]
fn a_holding_reply_does_not_stop_the_clock() {
    both_empty(|api| {
        seed(api);
        let holding = json!({"kind": "holding", "published_on": "2026-11-10", "received_on": null, "covers": [{"number": "1"}]});
        api.import(response(holding));
        let one = state(api, "north", "1");
        assert_eq!(
            (&one["response_state"], &one["has_holding_reply"]),
            (&json!("overdue"), &json!(true))
        );
        api.clock.set(time("2026-11-20T09:00:00Z"));
        assert_eq!(state(api, "north", "1")["response_state"], "holding_reply");
        assert_eq!(state(api, "south", "1")["response_state"], "pending");
    });
}

#[test]
fn a_body_s_own_response_overrides_a_collective_one() {
    both_empty(|api| {
        seed(api);
        let collective = response(
            json!({"responder": "council", "kind": "collective", "on_behalf_of": ["forces"],
            "covers": [{"number": "1", "position": "accepted_in_principle"}, {"number": "2.1"}]}),
        );
        api.import(&collective);
        for force in ["north", "south"] {
            let one = state(api, force, "1");
            assert_eq!(one["is_collectively_covered"], true);
            assert_eq!(one["position"]["value"], "accepted_in_principle");
            assert_eq!(
                state(api, force, "2")["response_state"],
                "overdue",
                "the element is not the whole"
            );
            assert_eq!(
                state(api, force, "2.1")["response_state"],
                "responded_on_time"
            );
        }
        let own = json!({"published_on": "2026-12-02", "received_on": null, "covers": [{"number": "1", "position": "not_accepted"}]});
        api.import(response(own));
        let north = state(api, "north", "1");
        assert_eq!(north["position"]["value"], "not_accepted");
        assert_eq!(
            (&north["is_collectively_covered"], &north["answered_on"]),
            (&json!(false), &json!("2026-11-20"))
        );
        // a later response without a position keeps the earlier position
        let silent = json!({"kind": "full", "published_on": "2026-12-03", "received_on": null, "covers": [{"number": "1"}]});
        api.import(response(silent));
        assert_eq!(
            state(api, "north", "1")["position"]["value"],
            "not_accepted"
        );
        // and a cover removed from the response no longer counts
        api.import(with(collective, json!({"covers": [{"number": "1"}]})));
        assert_eq!(state(api, "south", "2.1")["response_state"], "overdue");
        assert_eq!(state(api, "south", "1").get("position"), None);
    });
}

#[test]
fn invalid_responses_are_rejected_with_pointer_and_rule() {
    both_empty(|api| {
        seed(api);
        let refused = |more: Value| api.mistake(response(more));
        for (more, pointer) in [
            (json!({"covers": []}), "/covers"),
            (
                json!({"covers": [{"position": "accepted"}]}),
                "/covers/0/number",
            ),
            (json!({"covers": [{"number": "9"}]}), "/covers/0/number"),
            (
                json!({"covers": [{"number": "1", "position": "maybe"}]}),
                "/covers/0/position",
            ),
            (json!({"received_on": "2026-12-02"}), "/received_on"),
            (json!({"publication": "partial"}), "/withheld_reason"),
            (
                json!({"publication": "withheld", "withheld_reason": "National security"}),
                "/covers",
            ),
            (json!({"kind": "collective"}), "/kind"),
            (json!({"kind": "correction"}), "/kind"),
            (json!({"sha256": "AB"}), "/sha256"),
            (json!({"responder": "nobody"}), "/responder"),
            (
                json!({"corrects": "01890a5d-ac96-774b-bcce-b302099a8057", "kind": "correction"}),
                "/corrects",
            ),
        ] {
            assert_eq!(refused(more.clone()).0, pointer, "{more}");
        }
        let (place, detail) = refused(json!({"responder": "watchdog"}));
        assert_eq!(place, "/covers/0");
        assert!(
            detail.contains("not addressed to the responder"),
            "{detail}"
        );
        let twice = lines(&[response(json!({})), response(json!({}))]);
        let report = api.try_import(twice);
        assert_eq!((report.mistakes[0].line, report.stored), (2, false));
        assert_eq!(state(api, "north", "1")["response_state"], "overdue");
    });
}

#[test]
fn a_body_can_submit_only_its_own_responses() {
    both_empty(|api| {
        seed(api);
        let (_, north) = api.client(&["responses:write"], &["north"]);
        let (_, south) = api.client(&["responses:write"], &["south"]);
        let (_, watchdog) = api.client(&["recommendations:write"], &["watchdog"]);
        let mut document = response(json!({}));
        document.as_object_mut().unwrap().shift_remove("type");
        for other in [&south, &watchdog] {
            let refused = api.post("/v1/responses", other, &document);
            refused.problem(403, "insufficient-scope");
        }
        let created = api
            .post("/v1/responses", &north, &document)
            .assert_status(201);
        api.post("/v1/responses", &north, &document)
            .problem(409, "conflict");
        let path = created.header("location");
        let path = path[path.find("/v1/").unwrap()..].to_owned();
        let patch = json!({"received_on": "2026-11-21"});
        let headers = [("if-match", created.header("etag"))];
        api.write("PATCH", &path, &south, &headers, &patch)
            .problem(403, "insufficient-scope");
        let patched = api.write("PATCH", &path, &north, &headers, &patch);
        assert_eq!(patched.data()["received_on"], "2026-11-21");
        let history = api.get(&format!("{path}/history"));
        assert_eq!(history.column("revision"), ["2", "1"]);
        // moving it to another responder requires the right for both
        let given = json!({"responder": "south"});
        api.patch(&path, &north, &given)
            .problem(403, "insufficient-scope");
    });
}

#[test]
fn responses_appear_and_disappear_with_their_report_and_stay_in_its_past() {
    both_empty(|api| {
        seed(api);
        api.import(response(json!({})));
        let id = api.get("/v1/responses").column("id").remove(0);
        let report = |state: &str| json!({"type": "report", "slug": "r", "title": "R", "published_on": "2026-09-30", "publishers": ["watchdog"], "responses_checked_on": "2026-12-01", "state": state});
        api.clock.set(time("2026-12-03T09:00:00Z"));
        api.import(report("draft"));
        api.get(&format!("/v1/responses/{id}"))
            .problem(404, "not-found");
        assert_eq!(api.data("/v1/responses"), json!([]));
        let last = |api: &Instance| {
            let changes = api.walk_changes();
            let of_it = changes.iter().rfind(|change| change["id"] == *id);
            of_it.unwrap()["action"].clone()
        };
        assert_eq!(last(api), "removed");
        api.import(report("published"));
        assert_eq!(last(api), "published");
        api.get(&format!("/v1/responses/{id}")).assert_status(200);
        assert_eq!(
            state(api, "north", "1")["response_state"],
            "responded_on_time"
        );
        let then = "/v1/obligations?organisation=north&recommendation=r-1&as_of=2026-12-01";
        assert_eq!(
            api.data(then)[0]["response_state"],
            "overdue",
            "the response was not known yet"
        );
    });
}

#[test]
fn responses_round_trip_through_export_and_import() {
    both(|api| {
        seed(api);
        api.import(response(
            json!({"covers": [{"number": "2.1", "text": "Done."}]}),
        ));
        let exported = api.export();
        assert!(exported.contains(r#""type":"response""#));
        let again = total(&api.import(exported));
        assert_eq!((again.created, again.updated), (0, 0));
        api.assert_log_verifies();
    });
}

#[test]
fn a_joint_reply_by_one_answers_for_all() {
    both_empty(|api| {
        seed(api);
        let reply = |reply: &str| {
            let one = json!({"type": "recommendation", "report": "r", "number": "1", "text": "Do it.", "addressees": ["forces"],
                "reply": reply, "deadlines": [{"kind": "response", "stated_due_on": "2026-11-24"}]});
            api.import(one);
            let states = ["north", "south"].map(|force| state(api, force, "1"));
            states.map(|one| json!([one["response_state"], one["is_collectively_covered"]]))
        };
        api.import(response(json!({})));
        let answered = json!(["responded_on_time", false]);
        let (silent, covered) = (
            json!(["overdue", false]),
            json!(["responded_on_time", true]),
        );
        assert_eq!(reply("several"), [answered.clone(), silent]);
        assert_eq!(reply("joint"), [answered, covered]);
    });
}
