//! Who may answer for whom: without a mandate, what others say is a claim and changes nothing.

use serde_json::{Value, json};

use crate::support::{Instance, assert_includes, both_empty, time, with};

/// A report by a watchdog with one recommendation to each of these forces, addressed one by one or through their group,
/// and a council of forces that belongs to nobody.
fn seed(api: &Instance, forces: &[String], through_group: bool) {
    api.clock.set(time("2026-10-05T12:00:00Z"));
    let force = |slug: &String| json!({"type": "organisation", "slug": slug, "name": slug});
    let mut documents: Vec<Value> = forces.iter().map(force).collect();
    let members = forces.iter().map(|slug| json!({"organisation": slug}));
    let addressees = match through_group {
        true => json!(["forces"]),
        false => json!(forces),
    };
    documents.extend([
        json!({"type": "organisation", "slug": "watchdog", "name": "The Fictional Watchdog"}),
        json!({"type": "organisation", "slug": "council", "name": "The Fictional Council of Forces"}),
        json!({"type": "organisation", "slug": "charity", "name": "A Fictional Charity"}),
        json!({"type": "group", "slug": "forces", "name": "All forces", "members": members.collect::<Vec<_>>()}),
        json!({"type": "report", "slug": "r", "title": "R", "published_on": "2026-10-01", "publishers": ["watchdog"]}),
        json!({"type": "recommendation", "report": "r", "number": "1", "text": "Do it.", "addressees": addressees,
            "deadlines": [{"kind": "response", "stated_due_on": "2026-11-30"}]}),
    ]);
    api.import_all(&documents);
}

fn forces(count: usize) -> Vec<String> {
    (1..=count).map(|n| format!("force-{n:02}")).collect()
}

fn collective(responder: &str, on_behalf_of: Value) -> Value {
    json!({"report": "r", "responder": responder, "kind": "collective", "on_behalf_of": on_behalf_of,
        "published_on": "2026-10-05", "covers": [{"number": "1", "position": "not_accepted"}]})
}

fn mandate(more: Value) -> Value {
    let document = json!({"representative": "council", "represents": ["forces"], "granted_by": "watchdog",
        "report": "r", "from": "2026-10-01"});
    with(document, more)
}

/// The claims of a cell: who makes each, and its position.
fn claims(cell: &Value) -> Vec<String> {
    let text = |claim: &Value| {
        let (by, position) = (&claim["made_by"]["slug"], &claim["position"]);
        format!("{} {}", by.as_str().unwrap(), position.as_str().unwrap())
    };
    let mut claims: Vec<String> = cell["claims"]
        .as_array()
        .unwrap()
        .iter()
        .map(text)
        .collect();
    claims.sort();
    claims
}

/// The cells of the matrix, one per force.
fn cells(api: &Instance) -> Vec<Value> {
    let rows = api.data("/v1/reports/r/coverage")["rows"].clone();
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| row["cells"][0].clone()).collect()
}

fn for_43_forces(through_group: bool) {
    both_empty(|api| {
        let all = forces(43);
        seed(api, &all, through_group);
        let (_, charity) = api.client(&["responses:write"], &["charity"]);
        let (_, council) = api.client(&["responses:write"], &["council"]);
        let (_, watchdog) = api.client(&["mandates:write"], &["watchdog"]);
        let before = cells(api);
        assert_eq!(before.len(), 43);
        let said = collective("charity", json!(["forces"]));
        api.post("/v1/responses", &charity, &said)
            .assert_status(201);
        let by_name = collective("council", json!(all));
        api.post("/v1/responses", &council, &by_name)
            .assert_status(201);
        for (cell, before) in cells(api).into_iter().zip(before) {
            let without_claims = with(cell.clone(), json!({"claims": []}));
            assert_eq!(without_claims, before, "no cell changes");
            assert_eq!(
                claims(&cell),
                ["charity not_accepted", "council not_accepted"]
            );
        }
        let totals = api.data("/v1/reports/r/coverage")["totals"].clone();
        let expected =
            json!({"addressed": 43, "responded": 0, "collectively_covered": 0, "claimed": 43});
        assert_includes(&totals, expected);

        api.post("/v1/mandates", &watchdog, &mandate(json!({})))
            .assert_status(201);
        for cell in cells(api) {
            let expected = json!({"response_state": "responded_on_time", "position": "not_accepted", "is_collectively_covered": true});
            assert_includes(&cell, expected);
            assert_eq!(claims(&cell), ["charity not_accepted"]);
        }
        let one = api.data("/v1/obligations?organisation=force-07")[0].clone();
        assert_eq!(one["answered_by"]["slug"], "council");
        assert_eq!(one["position"]["by"]["slug"], "council");
        // the matrix is the same when it is rebuilt from the log
        let now = api.data("/v1/reports/r/coverage");
        api.clock.set(time("2026-10-06T12:00:00Z"));
        let then = api.data("/v1/reports/r/coverage?as_of=2026-10-05");
        assert_eq!(then["rows"], now["rows"]);
        api.assert_log_verifies();
    });
}

#[test]
fn a_collective_answer_counts_for_43_forces_only_with_a_mandate() {
    for_43_forces(true);
}

#[test]
fn a_mandate_for_a_group_covers_members_addressed_one_by_one() {
    for_43_forces(false);
}

#[test]
fn only_those_who_are_represented_or_a_publisher_of_the_report_grant_a_mandate() {
    both_empty(|api| {
        seed(api, &forces(2), true);
        let draft = json!({"type": "report", "slug": "d", "title": "D", "published_on": "2026-10-01", "publishers": ["watchdog"], "state": "draft"});
        api.import(draft);
        let token = |organisation: &str| api.client(&["mandates:write"], &[organisation]).1;
        let (watchdog, charity) = (token("watchdog"), token("charity"));
        let (council, one) = (token("council"), token("force-01"));
        let post = |token: &str, more: Value| api.post("/v1/mandates", token, &mandate(more));
        // in another's name
        post(&charity, json!({})).problem(403, "insufficient-scope");
        post(&council, json!({})).problem(403, "insufficient-scope");
        post(&one, json!({})).problem(403, "insufficient-scope");
        // in one's own, for others
        let rule = |token: &str, more: Value, pointer: &str| {
            let refused = post(token, more);
            refused.problem(422, "validation-failed");
            assert_eq!(refused.json()["errors"][0]["pointer"], pointer);
        };
        rule(&charity, json!({"granted_by": "charity"}), "#/granted_by");
        rule(
            &council,
            json!({"granted_by": "council"}),
            "#/representative",
        );
        rule(&one, json!({"granted_by": "force-01"}), "#/granted_by");
        rule(
            &one,
            json!({"granted_by": "force-01", "represents": ["force-01", "force-02"]}),
            "#/granted_by",
        );
        rule(&watchdog, json!({"report": null}), "#/granted_by");
        rule(
            &watchdog,
            json!({"represents": ["council"]}),
            "#/represents/0",
        );
        rule(&watchdog, json!({"until": "2026-09-30"}), "#/until");
        rule(&watchdog, json!({"report": "d"}), "#/report");
        let own = json!({"representative": "watchdog", "granted_by": "watchdog"});
        rule(&watchdog, own, "#/representative");
        // for itself, and as a publisher
        let own = json!({"granted_by": "force-01", "represents": ["force-01"], "report": null, "from": "2026-10-05"});
        // a body that is late cannot let another have answered for it
        let backdated = with(own.clone(), json!({"from": "2026-10-04"}));
        rule(&one, backdated, "#/from");
        let granted = post(&one, own).assert_status(201);
        post(&watchdog, json!({})).assert_status(201);
        let shown = granted.json()["data"].clone();
        assert_includes(
            &shown,
            json!({"recorded_by": {"capacity": "author", "organisation": {"slug": "force-01"}}}),
        );
        for (query, count) in [
            ("", 2),
            ("?representative=council", 2),
            ("?granted_by=force-01", 1),
            ("?report=r", 1),
            ("?organisation=force-01", 1),
            ("?group=forces", 1),
            ("?organisation=force-02", 0),
        ] {
            let found = api.get(&format!("/v1/mandates{query}")).records();
            assert_eq!(found.len(), count, "{query}");
        }
        // it is ended, not removed
        let path = format!("/v1/mandates/{}", shown["id"].as_str().unwrap());
        api.delete(&path, &one).problem(403, "insufficient-scope");
        for change in [
            json!({"until": "2026-10-05"}),
            json!({"from": "2026-10-02"}),
            json!({"representative": "charity"}),
        ] {
            api.patch(&path, &one, &change)
                .problem(422, "validation-failed");
        }
        api.patch(&path, &one, &json!({"until": "2026-10-06"}))
            .assert_status(200);
        // one about a report is public with it
        api.import(json!({"type": "report", "slug": "r", "title": "R", "published_on": "2026-10-01", "publishers": ["watchdog"], "state": "draft"}));
        assert_eq!(api.get("/v1/mandates?count=exact").count(), 1);
    });
}

#[test]
fn a_mandate_counts_on_its_days_and_for_its_report() {
    both_empty(|api| {
        seed(api, &forces(2), true);
        let other = json!({"type": "report", "slug": "s", "title": "S", "published_on": "2026-10-01", "publishers": ["watchdog"]});
        api.import(other);
        let answered = || {
            let counts = cells(api)
                .into_iter()
                .filter(|cell| cell["is_collectively_covered"] == true);
            counts.count()
        };
        api.clock.set(time("2026-10-20T12:00:00Z"));
        let (_, council) = api.client(&["responses:write"], &["council"]);
        // the day given by the responder is within the mandate's days; the day on which it said so is not
        let said = collective("council", json!(["forces"]));
        api.post("/v1/responses", &council, &said)
            .assert_status(201);
        let first = api.import(with(
            mandate(json!({"until": "2026-10-10"})),
            json!({"type": "mandate"}),
        ));
        assert_eq!((first.stored, answered()), (true, 0));
        api.import(with(
            mandate(json!({"report": "s", "from": "2026-10-02"})),
            json!({"type": "mandate"}),
        ));
        assert_eq!(answered(), 0, "a mandate about another report");
        api.import(with(
            mandate(json!({"until": "2026-10-21"})),
            json!({"type": "mandate"}),
        ));
        assert_eq!(answered(), 2);
        // who belongs to the group is settled by the day of the report, and applied again when it is corrected
        let members = json!([{"organisation": "force-01"}]);
        let recommendation = json!({"type": "recommendation", "report": "r", "number": "1", "text": "Do it.", "addressees": ["force-01", "force-02"]});
        api.import(recommendation);
        assert_eq!(answered(), 2);
        api.import(
            json!({"type": "group", "slug": "forces", "name": "All forces", "members": members}),
        );
        assert_eq!(answered(), 1);
    });
}

#[test]
fn what_others_say_of_a_body_s_progress_is_theirs() {
    both_empty(|api| {
        seed(api, &forces(1), true);
        let token = |organisation: &str| api.client(&["responses:write"], &[organisation]).1;
        let (force, council) = (token("force-01"), token("council"));
        let update = |author: &str, status: &str| json!({"report": "r", "number": "1", "organisation": "force-01", "author": author, "as_at": "2026-10-04", "status": status});
        let shown = || api.data("/v1/obligations")[0].clone();
        api.post(
            "/v1/progress-updates",
            &council,
            &update("council", "complete"),
        )
        .assert_status(201);
        assert_eq!(shown()["implementation"], json!({"status": "unknown"}));
        assert_includes(
            &shown()["claims"][0],
            json!({"kind": "progress_update", "made_by": {"slug": "council"}, "implementation_status": "complete", "on": "2026-10-04"}),
        );
        api.post(
            "/v1/progress-updates",
            &force,
            &update("force-01", "not_started"),
        )
        .assert_status(201);
        assert_eq!(shown()["implementation"]["status"], "not_started");
        api.post(
            "/v1/progress-updates",
            &council,
            &update("force-01", "complete"),
        )
        .problem(403, "insufficient-scope");
        let own = with(
            mandate(json!({"granted_by": "force-01", "represents": ["force-01"]})),
            json!({"type": "mandate"}),
        );
        api.import(own);
        assert_eq!(
            shown()["implementation"]["status"],
            "not_started",
            "the newest of that day"
        );
        assert_eq!(shown()["claims"], json!([]));
    });
}

#[test]
fn an_own_answer_and_a_collective_one_have_one_reading() {
    both_empty(|api| {
        seed(api, &forces(1), true);
        api.import(with(mandate(json!({})), json!({"type": "mandate"})));
        api.import(with(
            collective("council", json!(["forces"])),
            json!({"type": "response"}),
        ));
        api.clock.set(time("2026-12-10T12:00:00Z"));
        let own = json!({"type": "response", "report": "r", "responder": "force-01", "published_on": "2026-12-08", "covers": [{"number": "1", "position": "accepted", "position_verbatim": "We will."}]});
        api.import(&own);
        // it was answered in time, by the council; the position is the force's own
        let one = api.data("/v1/obligations")[0].clone();
        let expected = json!({"response_state": "responded_on_time", "answered_on": "2026-10-05", "answered_by": {"slug": "council"}, "is_collectively_covered": false,
            "position": {"value": "accepted", "verbatim": "We will.", "by": {"slug": "force-01"}}});
        assert_includes(&one, expected);
        // a later collective answer does not replace the force's own position
        let later = with(
            collective("council", json!(["forces"])),
            json!({"type": "response", "published_on": "2026-12-09"}),
        );
        api.import(later);
        assert_eq!(api.data("/v1/obligations")[0]["position"], one["position"]);
        api.import(with(own, json!({"state": "withdrawn", "withdrawal": {"at": "2020-01-01T00:00:00Z", "reason": "Fictional."}})));
        let one = api.data("/v1/obligations")[0].clone();
        assert_eq!(one["position"]["by"]["slug"], "council");
        assert_eq!(one["is_collectively_covered"], true);
    });
}
