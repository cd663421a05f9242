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
    let report = json!({"type": "report", "slug": "r", "title": "R", "published_on": "2026-09-30", "publishers": ["watchdog"]});
    api.import_all(&[
        json!({"type": "organisation", "slug": "watchdog", "name": "The Fictional Watchdog"}),
        json!({"type": "organisation", "slug": "council", "name": "The Fictional Council of Forces"}),
        json!({"type": "organisation", "slug": "north", "name": "North Force"}),
        json!({"type": "organisation", "slug": "south", "name": "South Force"}),
        json!({"type": "group", "slug": "forces", "name": "All forces", "members": [{"organisation": "north"}, {"organisation": "south"}]}),
        report.clone(),
        recommendation("1", json!({})),
        recommendation("2", json!({})),
        recommendation("2.1", json!({"parent_number": "2"})),
    ]);
    api.clock.set(time("2026-12-01T09:00:00Z"));
    api.import(with(report, json!({"responses_checked_on": "2026-12-01"})));
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
            json!({"value": "accepted", "verbatim": "We accept this.", "by": one["organisation"]})
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
        let mandate = json!({"type": "mandate", "representative": "council", "represents": ["forces"], "granted_by": "watchdog", "report": "r", "from": "2026-10-01"});
        api.import(mandate);
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
        let silent = json!({"kind": "full", "published_on": "2026-12-02", "sequence": 2, "received_on": null, "covers": [{"number": "1"}]});
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
            (json!({"received_on": "2026-12-03"}), "/received_on"),
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
        let refused = api.post("/v1/responses", &south, &document);
        refused.problem(403, "insufficient-scope");
        let created = api
            .post("/v1/responses", &north, &document)
            .assert_status(201);
        api.post("/v1/responses", &north, &document)
            .problem(409, "conflict");
        let path = created.header("location");
        let path = path[path.find("/v1/").unwrap()..].to_owned();
        let patch = json!({"received_on": "2026-11-21"});
        let headers = [("if-match", created.header("etag"))];
        // nor can a publisher change what the responder recorded
        for other in [&south, &watchdog] {
            api.write("PATCH", &path, other, &headers, &patch)
                .problem(403, "insufficient-scope");
        }
        let patched = api.write("PATCH", &path, &north, &headers, &patch);
        assert_eq!(patched.data()["claimed_received_on"], "2026-11-21");
        let history = api.get(&format!("{path}/history"));
        assert_eq!(history.column("revision"), ["2", "1"]);
        // it does not become another responder's
        let given = json!({"responder": "south"});
        api.patch(&path, &north, &given)
            .problem(422, "validation-failed");
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

/// Creates a response over HTTP, which takes no `type`.
fn submit(api: &Instance, token: &str, more: Value) -> crate::support::Answer {
    let mut document = response(more);
    document.as_object_mut().unwrap().shift_remove("type");
    api.post("/v1/responses", token, &document)
}

#[test]
fn a_responder_cannot_backdate_its_own_response() {
    both_empty(|api| {
        seed(api);
        let (_, north) = api.client(&["responses:write"], &["north"]);
        let (_, watchdog) = api.client(&["recommendations:write"], &["watchdog"]);
        let rejected = |token: &str, more: Value, pointer: &str, word: &str| {
            let answer = submit(api, token, more);
            answer.problem(422, "validation-failed");
            let mistake = answer.json()["errors"][0].clone();
            assert_eq!(mistake["pointer"], pointer);
            assert!(
                mistake["detail"].as_str().unwrap().contains(word),
                "{mistake}"
            );
        };
        let day = |day: &str| json!({"received_on": null, "published_on": day});
        rejected(
            &north,
            day("2026-09-29"),
            "#/published_on",
            "before the report",
        );
        for token in [&north, &watchdog, &api.admin()] {
            rejected(token, day("2026-12-03"), "#/published_on", "in the future");
        }
        let early = json!({"received_on": "2026-09-29"});
        rejected(
            &north,
            with(early, json!({"published_on": "2026-12-01"})),
            "#/claimed_received_on",
            "before the report",
        );

        // due on 24 November, sent on 2 December, with days of its own choice
        let sent = submit(
            api,
            &north,
            json!({"received_on": "2026-11-20", "published_on": "2026-11-20"}),
        );
        let sent = sent.assert_status(201).json()["data"].clone();
        assert_eq!(sent.get("received_on"), None);
        let by = json!({"capacity": "author", "organisation": {"slug": "north"}});
        assert_includes(
            &sent,
            json!({"claimed_received_on": "2026-11-20", "recorded_at": "2026-12-02T09:00:00Z", "recorded_by": by}),
        );
        let shown = || state(api, "north", "1");
        assert_includes(
            &shown(),
            json!({"response_state": "responded", "answered_on": "2026-12-02"}),
        );
        let path = format!("/v1/responses/{}", sent["id"].as_str().unwrap());
        let moved = api.patch(&path, &north, &json!({"published_on": "2026-11-19"}));
        moved.problem(422, "validation-failed");

        // the recipient's word decides, and stays
        let receipt = json!({"received_on": "2026-11-24"});
        let confirm = format!("{path}/receipt");
        api.act(&confirm, &north, &receipt)
            .problem(403, "insufficient-scope");
        api.act(&confirm, &watchdog, &json!({"received_on": "2026-12-03"}))
            .problem(422, "validation-failed");
        let confirmed = api.act(&confirm, &watchdog, &receipt).data();
        assert_includes(
            &confirmed,
            json!({"received_on": "2026-11-24", "recorded_by": by, "revision": 2}),
        );
        assert_includes(
            &shown(),
            json!({"response_state": "responded_on_time", "answered_on": "2026-11-24"}),
        );
        for word in [json!(null), json!("2026-11-01")] {
            let kept = api
                .patch(&path, &north, &json!({"received_on": word}))
                .data();
            assert_eq!(kept["received_on"], "2026-11-24");
        }
        api.assert_log_verifies();
    });
}

#[test]
fn a_publisher_records_history_and_it_shows() {
    both_empty(|api| {
        seed(api);
        let (_, watchdog) = api.client(&["recommendations:write"], &["watchdog"]);
        let early = json!({"received_on": "2026-09-01", "published_on": "2026-09-20"});
        let early = submit(api, &watchdog, early).assert_status(201).json()["data"].clone();
        let by = json!({"capacity": "publisher", "organisation": {"slug": "watchdog"}});
        assert_includes(
            &early,
            json!({"precedes_report": true, "recorded_by": by, "recorded_at": "2026-12-02T09:00:00Z"}),
        );
        assert_eq!(state(api, "north", "1")["answered_on"], "2026-09-01");
        // who recorded it cannot be chosen, except by an administrator, who carries it over from another instance
        let claimed = json!({"recorded_by": {"capacity": "administrator", "at": "2026-10-03T09:00:00Z"}, "published_on": "2026-12-02"});
        let shown = submit(api, &watchdog, claimed.clone()).json()["data"].clone();
        assert_eq!(shown["recorded_by"]["capacity"], "publisher");
        let carried = json!({"recorded_by": {"capacity": "author", "organisation": "south", "at": "2026-11-21T09:00:00Z"}, "responder": "south", "published_on": "2026-12-02"});
        let shown = submit(api, &api.admin(), carried).json()["data"].clone();
        assert_includes(
            &shown,
            json!({"recorded_at": "2026-11-21T09:00:00Z", "recorded_by": {"capacity": "author", "organisation": {"slug": "south"}}}),
        );
        let carried = state(api, "south", "1");
        assert_includes(&carried, json!({"answered_on": "2026-11-20"}));
        // what it did not publish, it does not record
        let (_, other) = api.client(&["recommendations:write"], &["south"]);
        submit(api, &other, json!({"published_on": "2026-12-01"}))
            .problem(403, "insufficient-scope");
    });
}

#[test]
fn a_second_reply_on_one_day_is_a_record_of_its_own() {
    both_empty(|api| {
        seed(api);
        let (_, north) = api.client(&["responses:write"], &["north"]);
        submit(api, &north, json!({})).assert_status(201);
        let conflict = submit(api, &north, json!({}));
        conflict.problem(409, "conflict");
        assert!(
            conflict.text().contains("`sequence`"),
            "{}",
            conflict.text()
        );
        let changed =
            json!({"sequence": 2, "covers": [{"number": "1", "position": "not_accepted"}]});
        let second = submit(api, &north, changed).assert_status(201);
        assert_eq!(second.json()["data"]["sequence"], 2);
        assert_eq!(api.get("/v1/responses?count=exact").count(), 2);
        assert_eq!(
            state(api, "north", "1")["position"]["value"],
            "not_accepted"
        );
    });
}

#[test]
fn a_response_takes_one_position_and_corrects_only_its_own() {
    both_empty(|api| {
        seed(api);
        let twice = json!({"covers": [{"number": "1", "position": "accepted"}, {"number": "1", "position": "not_accepted"}]});
        let (pointer, detail) = api.mistake(response(twice));
        assert_eq!(
            (pointer.as_str(), detail.as_str()),
            ("/covers/1/number", "The same record is listed twice.")
        );
        let by_id = json!({"covers": [{"number": "1"}, {"recommendation": "r-1"}]});
        assert_eq!(
            api.mistake(response(by_id)).1,
            "The same record is listed twice."
        );
        api.import(response(json!({})));
        api.import(response(json!({"kind": "holding", "received_on": null})));
        let id = |kind: &str| {
            api.get(&format!("/v1/responses?kind={kind}"))
                .column("id")
                .remove(0)
        };
        let correction = |more: Value| {
            let document = json!({"kind": "correction", "corrects": id("full"), "published_on": "2026-12-02", "covers": [{"number": "1", "position": "not_accepted"}]});
            response(with(document, more))
        };
        let (pointer, detail) = api.mistake(correction(json!({"responder": "south"})));
        assert_eq!(
            (pointer.as_str(), detail.as_str()),
            ("/corrects", "A body can correct only its own responses.")
        );
        assert_eq!(
            api.mistake(correction(json!({"corrects": id("holding")})))
                .0,
            "/corrects"
        );
        api.import(correction(json!({})));
        assert_includes(
            &state(api, "north", "1"),
            json!({"response_state": "responded_on_time", "position": {"value": "not_accepted"}}),
        );
    });
}

#[test]
fn no_record_tells_of_the_future() {
    both_empty(|api| {
        seed(api);
        let ahead = "2026-12-03";
        let about = |kind: &str, more: Value| {
            with(
                json!({"type": kind, "report": "r", "organisation": "north"}),
                more,
            )
        };
        let update = |more: Value| {
            about(
                "progress_update",
                with(
                    json!({"number": "1", "status": "complete", "as_at": "2026-12"}),
                    more,
                ),
            )
        };
        let plan = |more: Value| {
            about(
                "action_plan",
                with(json!({"url": "https://north.example/plan"}), more),
            )
        };
        let obligation = |more: Value| about("obligation", with(json!({"number": "1"}), more));
        let extension = json!({"kind": "response", "change": "extension", "due_on": "2027-01-01", "set_on": ahead});
        let dispute = json!({"raised_on": ahead, "raised_by": "North Force", "text": "No."});
        let decided = json!({"raised_on": "2026-12-01", "raised_by": "North Force", "text": "No.", "outcome": "Yes.", "decided_on": ahead});
        let assessment = json!({"number": "1", "assessor": "watchdog", "status": "open_acceptable", "as_at": "2027"});
        for (document, pointer) in [
            (response(json!({"published_on": ahead})), "/published_on"),
            (update(json!({"as_at": ahead})), "/as_at"),
            (update(json!({"as_at": "2027-01"})), "/as_at"),
            (update(json!({"published_on": ahead})), "/published_on"),
            (plan(json!({"first_seen_on": ahead})), "/first_seen_on"),
            (plan(json!({"last_changed_on": ahead})), "/last_changed_on"),
            (about("assessment", assessment), "/as_at"),
            (obligation(json!({"checked_on": ahead})), "/checked_on"),
            (
                json!({"type": "report", "slug": "r", "title": "R", "published_on": "2026-09-30", "publishers": ["watchdog"], "responses_checked_on": ahead}),
                "/responses_checked_on",
            ),
            (
                obligation(json!({"disputes": [dispute]})),
                "/disputes/0/raised_on",
            ),
            (
                obligation(json!({"disputes": [decided]})),
                "/disputes/0/decided_on",
            ),
            (
                obligation(json!({"revisions": [extension]})),
                "/revisions/0/set_on",
            ),
            (
                obligation(json!({"transferred_to": "south", "transferred_on": ahead})),
                "/transferred_on",
            ),
        ] {
            let (at, detail) = api.mistake(document.clone());
            assert_eq!(
                (at.as_str(), detail.as_str()),
                (pointer, "The day is in the future."),
                "{document}"
            );
        }
        // a month or year that has begun is no future; one that ended before the report is no answer to it
        api.import(update(json!({"as_at": "2026"})));
        let (_, north) = api.client(&["responses:write"], &["north"]);
        let plain = |path: &str, mut document: Value| {
            document.as_object_mut().unwrap().shift_remove("type");
            api.post(path, &north, &document)
        };
        plain("/v1/progress-updates", update(json!({"as_at": "2026-09"}))).assert_status(201);
        for as_at in ["2026-08", "2025", "2026-09-29"] {
            plain("/v1/progress-updates", update(json!({"as_at": as_at})))
                .problem(422, "validation-failed");
        }
        plain(
            "/v1/action-plans",
            plan(json!({"first_seen_on": "2026-09-29"})),
        )
        .problem(422, "validation-failed");
    });
}

#[test]
fn what_was_said_in_public_is_withdrawn_not_removed() {
    both_empty(|api| {
        seed(api);
        let (_, north) = api.client(&["responses:write"], &["north"]);
        let said = submit(api, &north, json!({})).assert_status(201);
        let path = format!(
            "/v1/responses/{}",
            said.json()["data"]["id"].as_str().unwrap()
        );
        api.delete(&path, &north).problem(403, "insufficient-scope");
        api.patch(&path, &north, &json!({"state": "gone"}))
            .problem(403, "insufficient-scope");
        let batch = json!([with(response(json!({})), json!({"state": "gone"}))]);
        api.post("/v1/batch", &north, &batch)
            .problem(403, "insufficient-scope");
        let withdrawn = api
            .patch(&path, &north, &json!({"state": "withdrawn", "withdrawal": {"at": "2020-01-01T00:00:00Z", "reason": "Fictional."}}))
            .data();
        assert_eq!(withdrawn["state"], "withdrawn");
        api.delete(&path, &north).problem(403, "insufficient-scope");
        assert_eq!(state(api, "north", "1")["response_state"], "overdue");
        assert_eq!(
            api.get("/v1/responses?state=withdrawn&count=exact").count(),
            1
        );
        api.delete(&path, &api.admin()).assert_status(204);
    });
}

/// An old response cannot be made to answer what it did not answer then.
#[test]
fn what_decides_in_a_response_does_not_change() {
    both_empty(|api| {
        seed(api);
        let (_, north) = api.client(&["responses:write"], &["north"]);
        let (_, watchdog) = api.client(&["recommendations:write"], &["watchdog"]);
        let said = submit(api, &north, json!({"kind": "holding"})).assert_status(201);
        let path = format!(
            "/v1/responses/{}",
            said.json()["data"]["id"].as_str().unwrap()
        );
        for (patch, pointer) in [
            (
                json!({"covers": [{"number": "1"}, {"number": "2"}]}),
                "#/covers",
            ),
            (
                json!({"covers": [{"number": "1", "position": "not_accepted"}]}),
                "#/covers",
            ),
            (json!({"kind": "full"}), "#/id"),
            (json!({"sequence": 5}), "#/sequence"),
            (json!({"on_behalf_of": ["south"]}), "#/on_behalf_of"),
        ] {
            let refused = api.patch(&path, &north, &patch);
            let mistakes = refused.problem(422, "validation-failed")["errors"].clone();
            assert_eq!(mistakes[0]["pointer"], pointer, "{patch}");
        }
        let source = json!({"source_url": "https://north.example/reply"});
        api.patch(&path, &north, &source).assert_status(200);
        // once withdrawn or removed, it does not come back with its old day
        api.patch(&path, &north, &json!({"state": "withdrawn", "withdrawal": {"at": "2020-01-01T00:00:00Z", "reason": "Fictional."}}))
            .assert_status(200);
        api.patch(&path, &north, &json!({"state": "published"}))
            .problem(422, "validation-failed");
        api.delete(&path, &api.admin()).assert_status(204);
        let again = json!([response(json!({"kind": "holding"}))]);
        api.post("/v1/batch", &north, &again)
            .problem(403, "insufficient-scope");
        // a publisher cannot be made the witness of what it never received
        let received = submit(
            api,
            &watchdog,
            json!({"responder": "south", "received_on": "2026-11-20"}),
        )
        .assert_status(201);
        let path = format!(
            "/v1/responses/{}",
            received.json()["data"]["id"].as_str().unwrap()
        );
        let (_, south) = api.client(&["responses:write"], &["south"]);
        let more = json!({"covers": [{"number": "1", "position": "accepted"}, {"number": "2"}]});
        api.patch(&path, &south, &more)
            .problem(422, "validation-failed");
    });
}

#[test]
fn nobody_takes_the_id_of_anothers_record() {
    both_empty(|api| {
        seed(api);
        let of_south = api.import(response(json!({"responder": "south"})));
        assert_eq!(total(&of_south).created, 1);
        let id = api
            .get("/v1/responses?responder=south")
            .column("id")
            .remove(0);
        let obligation = api
            .get("/v1/obligations?organisation=south")
            .column("id")
            .remove(0);
        let (_, north) = api.client(&["responses:write"], &["north"]);
        for id in [&id, &obligation, "01890a5d-ac96-774b-bcce-b302099a8057"] {
            let taken = submit(api, &north, json!({"id": id}));
            assert!([403, 422].contains(&taken.status), "{}", taken.text());
        }
        // an obligation is of whom its id says, whoever writes it
        let (_, watchdog) = api.client(&["recommendations:write"], &["watchdog"]);
        let foreign = json!([{"type": "obligation", "id": obligation, "recommendation": "r-1", "organisation": "north", "note": "No."}]);
        api.post("/v1/batch", &watchdog, &foreign)
            .problem(422, "validation-failed");
        assert_eq!(api.mistake(foreign[0].clone()).0, "/id");
        let path = format!("/v1/obligations/{obligation}");
        api.patch(&path, &watchdog, &json!({"organisation": "north"}))
            .problem(422, "validation-failed");
        // an assessment or update does not become another body's
        let (_, assessor) = api.client(&["assessments:write"], &["watchdog"]);
        let assessment = json!({"report": "r", "number": "1", "organisation": "north", "assessor": "watchdog", "status": "open_acceptable", "as_at": "2026-11"});
        let made = api
            .post("/v1/assessments", &assessor, &assessment)
            .assert_status(201);
        let path = format!(
            "/v1/assessments/{}",
            made.json()["data"]["id"].as_str().unwrap()
        );
        for patch in [
            json!({"organisation": "south"}),
            json!({"as_at": "2026-10"}),
        ] {
            api.patch(&path, &assessor, &patch)
                .problem(422, "validation-failed");
        }
        api.patch(&path, &assessor, &json!({"reasons": "Because."}))
            .assert_status(200);
    });
}

#[test]
fn a_publisher_cannot_rewrite_an_addressee_s_dispute() {
    both_empty(|api| {
        seed(api);
        let id = api
            .get("/v1/obligations?organisation=north")
            .column("id")
            .remove(0);
        let (_, north) = api.client(&["responses:write"], &["north"]);
        let (_, watchdog) = api.client(&["recommendations:write"], &["watchdog"]);
        let path = format!("/v1/obligations/{id}");
        let raised = api
            .act(
                &format!("{path}/disputes"),
                &north,
                &json!({"text": "We object."}),
            )
            .data();
        let dispute = raised["disputes"][0].clone();
        assert_eq!(dispute["recorded_by"]["capacity"], "author");
        for disputes in [
            json!([]),
            json!([with(dispute.clone(), json!({"text": "We agree."}))]),
        ] {
            api.patch(&path, &watchdog, &json!({"disputes": disputes}))
                .problem(422, "validation-failed");
        }
        let outcome = with(
            dispute,
            json!({"outcome": "Upheld.", "decided_on": "2026-12-02"}),
        );
        api.patch(&path, &watchdog, &json!({"disputes": [outcome]}))
            .assert_status(200);
    });
}

#[test]
fn a_later_response_of_a_day_needs_the_one_before() {
    both_empty(|api| {
        seed(api);
        let (_, north) = api.client(&["responses:write"], &["north"]);
        submit(api, &north, json!({"sequence": 2})).assert_invalid(&["#/sequence"]);
        let first = submit(api, &north, json!({})).assert_status(201).id();
        submit(api, &north, json!({"sequence": 3})).assert_invalid(&["#/sequence"]);
        let path = format!("/v1/responses/{first}");
        api.patch(&path, &api.admin(), &json!({"state": "erased"}))
            .assert_status(204);
        // what was erased does not come back under another number
        submit(api, &north, json!({"sequence": 2})).assert_invalid(&["#/sequence"]);
    });
}

#[test]
fn responses_that_build_on_each_other_come_in_any_order() {
    both_empty(|api| {
        seed(api);
        let (_, north) = api.client(&["responses:write"], &["north"]);
        let covers = json!([{"number": "1", "position": "accepted"}]);
        let said = |more: Value| {
            let document = json!({"type": "response", "report": "r", "responder": "north", "published_on": "2026-12-02", "covers": covers});
            with(document, more)
        };
        let nobody = "7d2b2c9e-5a52-8d0a-8c5b-0a6b0f2d0a01";
        let correction = said(json!({"kind": "correction", "corrects": nobody}));
        api.post("/v1/batch", &north, &json!([correction]))
            .assert_invalid(&["#/0/corrects"]);
        let sequences = [3, 2].map(|sequence| said(json!({ "sequence": sequence })));
        let batch = json!([sequences[0], sequences[1], said(json!({}))]);
        api.post("/v1/batch", &north, &batch).assert_status(200);
        let without_first = json!([said(json!({"kind": "holding", "sequence": 2}))]);
        api.post("/v1/batch", &north, &without_first)
            .assert_invalid(&["#/0/sequence"]);
    });
}

#[test]
fn what_another_instance_recorded_was_not_recorded_later() {
    both(|api| {
        let response = |at: &str| {
            json!({"type": "response", "report": "exampleshire-custody-2025", "responder": "exampleshire-police", "published_on": "2026-01-05",
                "covers": [{"number": "1", "position": "accepted"}], "recorded_by": {"capacity": "publisher", "organisation": "exampleshire-inspectorate", "at": at}})
        };
        let (pointer, detail) = api.mistake(response("9999-12-31T12:00:00Z"));
        assert_eq!(
            (&*pointer, &*detail),
            ("/recorded_by/at", "The time is in the future.")
        );
        api.import(response("2026-01-06T12:00:00Z"));
    });
}
