//! Proposals: writes that need the approval of others.

use answerable::access::clients;
use serde_json::{Value, json};

use crate::support::{Answer, Instance, assert_includes, both, both_empty, time, with};

/// The rights of a publisher.
const PUBLISHING: [&str; 4] = [
    "articles:write",
    "articles:publish",
    "recommendations:write",
    "organisations:write",
];

/// The proposal in the response to a write, which waits.
fn proposed(answer: Answer) -> Value {
    let id = answer.json()["data"]["id"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    assert_eq!(answer.status, 202, "{}", answer.text());
    assert!(
        answer
            .header("location")
            .ends_with(&format!("/v1/proposals/{id}"))
    );
    answer.json()["data"].clone()
}

fn decide(api: &Instance, token: &str, proposal: &Value, verb: &str) -> Answer {
    let body = match verb {
        "decline" => json!({"reason": "We did not ask for this."}),
        _ => json!({}),
    };
    let path = format!("/v1/proposals/{}/{verb}", proposal["id"].as_str().unwrap());
    api.act(&path, token, &body)
}

fn accept(api: &Instance, token: &str, proposal: &Value) -> Value {
    decide(api, token, proposal, "accept").data()
}

#[test]
fn a_record_that_names_others_waits_for_their_consent() {
    both(|api| {
        let (_, one) = api.client(&PUBLISHING, &["iopc"]);
        let (_, other) = api.client(&PUBLISHING, &["hmicfrs"]);
        let (_, both_of_them) = api.client(&PUBLISHING, &["iopc", "hmicfrs"]);
        let (_, foreign) = api.client(&PUBLISHING, &["exampleshire-police"]);
        let report = json!({"slug": "joint", "title": "R", "published_on": "2026-01-02", "publishers": ["iopc", "hmicfrs"]});
        let waiting = proposed(api.post("/v1/reports", &one, &report));
        let hmicfrs = api.data("/v1/organisations/hmicfrs")["id"].clone();
        assert_includes(
            &waiting,
            json!({"state": "pending", "awaits": "consent", "type": "report", "parties": [{"organisation": hmicfrs}]}),
        );
        // nothing is stored, and the same request makes no second proposal
        api.get("/v1/reports/joint").problem(404, "not-found");
        assert_eq!(
            proposed(api.post("/v1/reports", &one, &report))["id"],
            waiting["id"]
        );
        // only those concerned see it, and only the organisation can approve it
        let path = format!("/v1/proposals/{}", waiting["id"].as_str().unwrap());
        let listed = |token: &str| api.get_as(token, "/v1/proposals").records();
        for token in [&one, &other, &api.admin()] {
            assert_eq!(api.get_as(token, &path).data(), waiting);
            assert_eq!(listed(token), std::slice::from_ref(&waiting));
        }
        api.get(&path).problem(401, "unauthenticated");
        api.get("/v1/proposals").problem(401, "unauthenticated");
        api.get_as(&foreign, &path).problem(404, "not-found");
        assert_eq!(listed(&foreign), [] as [Value; 0]);
        for verb in ["accept", "decline"] {
            decide(api, &foreign, &waiting, verb).problem(404, "not-found");
        }
        decide(api, &one, &waiting, "accept").problem(403, "insufficient-scope");

        let accepted = accept(api, &other, &waiting);
        assert_eq!(accepted["state"], "accepted");
        assert!(accepted["parties"][0]["accepted_at"].is_string());
        assert_eq!(accepted.get("document"), None);
        let publishers = api.data("/v1/reports/joint")["publishers"].clone();
        assert_eq!(publishers[1]["slug"], "hmicfrs");
        for verb in ["accept", "decline"] {
            decide(api, &other, &waiting, verb).problem(409, "conflict");
        }
        assert_eq!(listed(&other), [] as [Value; 0]);
        let past = api.get_as(&other, "/v1/proposals?state=accepted");
        assert_eq!(past.records(), [accepted]);

        // a change that names nobody else is stored at once; one that removes or adds somebody waits
        let patch = |token: &str, path: &str, body: Value| api.patch(path, token, &body);
        patch(&one, "/v1/reports/joint", json!({"title": "Joint"})).assert_status(200);
        let alone = proposed(patch(
            &one,
            "/v1/reports/joint",
            json!({"publishers": ["iopc"]}),
        ));
        let third = json!({"publishers": ["iopc", "hmicfrs", "college-of-policing"]});
        let third = proposed(patch(&one, "/v1/reports/joint", third));
        assert_eq!(third["parties"].as_array().unwrap().len(), 1);
        decide(api, &other, &third, "accept").problem(404, "not-found");
        // what it changes has changed
        patch(&one, "/v1/reports/joint", json!({"title": "Ours"})).assert_status(200);
        decide(api, &other, &alone, "accept").problem(409, "conflict");
        // and what was changed back was changed
        patch(&one, "/v1/reports/joint", json!({"title": "Joint"})).assert_status(200);
        decide(api, &other, &alone, "accept").problem(409, "conflict");
        let declined = decide(api, &other, &alone, "decline").data();
        assert_includes(
            &declined,
            json!({"state": "declined", "reason": "We did not ask for this."}),
        );
        // those who may write for all of them need nobody else
        patch(
            &both_of_them,
            "/v1/reports/joint",
            json!({"publishers": ["iopc"]}),
        )
        .assert_status(200);

        let article = json!({"slug": "a", "headline": "H", "organisation": "iopc", "published_at": "2026-01-02T00:00:00Z", "co_publishers": ["hmicfrs"]});
        let batch = json!([with(article.clone(), json!({"type": "article"}))]);
        api.post("/v1/batch", &one, &batch).assert_invalid(&["#/0"]);
        let article = proposed(api.post("/v1/articles", &one, &article));
        decide(api, &one, &article, "decline").assert_status(200); // taken back
        let successor = json!({"successors": [{"organisation": "hmicfrs", "kind": "merged"}]});
        let successor = proposed(patch(&one, "/v1/organisations/iopc", successor));
        accept(api, &other, &successor);
        let iopc = api.data("/v1/organisations/iopc");
        assert_eq!(iopc["successors"][0]["organisation"]["slug"], "hmicfrs");
        api.assert_log_verifies();
    });
}

#[test]
fn a_proposal_waits_for_each_of_its_parties_and_ends_with_its_client() {
    both(|api| {
        let (client, one) = api.client(&PUBLISHING, &["iopc"]);
        let (_, other) = api.client(&PUBLISHING, &["hmicfrs"]);
        let (_, third) = api.client(&PUBLISHING, &["college-of-policing"]);
        let report = json!({"slug": "joint", "title": "R", "published_on": "2026-01-02",
            "publishers": ["iopc", "hmicfrs", "college-of-policing"]});
        let key = [("idempotency-key", "once")];
        let waiting = proposed(api.write("POST", "/v1/reports", &one, &key, &report));
        let again = api.write("POST", "/v1/reports", &one, &key, &report);
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!(proposed(again), waiting);
        assert_eq!(accept(api, &other, &waiting)["state"], "pending");
        api.get("/v1/reports/joint").problem(404, "not-found");
        let accepted = accept(api, &third, &waiting);
        assert_eq!(accepted["state"], "accepted");
        api.get("/v1/reports/joint").assert_status(200);
        // who repeats the request learns what has become of it
        let again = api.write("POST", "/v1/reports", &one, &key, &report);
        assert_eq!(
            (again.status, again.json()["data"].clone()),
            (202, accepted)
        );

        let removal = json!({"publishers": ["iopc", "hmicfrs"]});
        let waiting = proposed(api.patch("/v1/reports/joint", &one, &removal));
        assert!(clients::revoke(&api.database, &client, api.clock.now()).unwrap());
        decide(api, &third, &waiting, "accept").problem(409, "conflict");
        // an administrator's approval is that of all
        let article = json!({"slug": "a", "headline": "H", "organisation": "hmicfrs", "published_at": "2026-01-02T00:00:00Z", "co_publishers": ["iopc", "college-of-policing"]});
        let waiting = proposed(api.post("/v1/articles", &other, &article));
        assert_eq!(accept(api, &api.admin(), &waiting)["state"], "accepted");
        api.get("/v1/articles/a").assert_status(200);
    });
}

/// A report that holds submissions, with a recommendation to North Force, due on 24 November 2026.
fn seed(api: &Instance) {
    api.import_all(&[
        json!({"type": "organisation", "slug": "watchdog", "name": "The Fictional Watchdog"}),
        json!({"type": "organisation", "slug": "north", "name": "North Force"}),
        json!({"type": "report", "slug": "r", "title": "R", "published_on": "2026-09-30", "publishers": ["watchdog"], "submissions": "held"}),
        json!({"type": "recommendation", "report": "r", "number": "1", "text": "Do it.", "addressees": ["north"],
            "deadlines": [{"kind": "response", "stated_due_on": "2026-11-24"}]}),
    ]);
}

#[test]
fn what_is_sent_about_a_report_that_holds_submissions_waits_for_its_publisher() {
    both_empty(|api| {
        seed(api);
        assert_eq!(api.data("/v1/reports/r")["submissions"], "held");
        let (_, north) = api.client(&["responses:write"], &["north"]);
        let (_, watchdog) = api.client(&["recommendations:write"], &["watchdog"]);
        let response = json!({"report": "r", "responder": "north", "published_on": "2026-11-24",
            "covers": [{"number": "1", "position": "accepted"}]});
        let waiting = proposed(api.post("/v1/responses", &north, &response));
        assert_eq!(waiting["awaits"], "review");
        let number = |document: Value| with(json!({"report": "r", "number": "1"}), document);
        let obligation = api.data("/v1/obligations")[0].clone();
        let disputes = format!(
            "/v1/obligations/{}/disputes",
            obligation["id"].as_str().unwrap()
        );
        let others = [
            api.post("/v1/action-plans", &north, &json!({"report": "r", "organisation": "north", "url": "https://north.example/plan"})),
            api.post("/v1/progress-updates", &north, &number(json!({"organisation": "north", "as_at": "2026-11", "status": "complete"}))),
            api.act(&disputes, &north, &json!({"text": "It was sent."})),
        ]
        .map(proposed);
        // nothing of them is stored or told
        assert_eq!(api.data("/v1/obligations")[0], obligation);
        for kind in ["responses", "action-plans", "progress-updates"] {
            assert_eq!(api.get(&format!("/v1/{kind}")).records(), [] as [Value; 0]);
        }
        assert_eq!(api.walk_changes().len(), 4);

        // accepted after the deadline, it counts on the day on which it was sent
        api.clock.set(time("2026-11-26T09:00:00Z"));
        let (_, watchdog_later) = api.client(&["recommendations:write"], &["watchdog"]);
        api.get_as(&watchdog, "/v1/proposals")
            .problem(401, "invalid-token");
        let listed = api.get_as(&watchdog_later, "/v1/proposals").records();
        assert_eq!(listed.len(), 4);
        for proposal in std::iter::once(&waiting).chain(&others) {
            assert_eq!(accept(api, &watchdog_later, proposal)["state"], "accepted");
        }
        let after = api.data("/v1/obligations")[0].clone();
        assert_includes(
            &after,
            json!({"response_state": "responded_on_time", "answered_on": "2026-11-24"}),
        );
        assert_eq!(after["implementation"]["status"], "complete");
        assert_eq!(after["disputes"][0]["raised_on"], "2026-11-24");
        let stored = api.data("/v1/responses")[0].clone();
        assert_includes(
            &stored,
            json!({"recorded_at": "2026-11-24T12:00:00Z", "recorded_by": {"capacity": "author"}}),
        );
        assert_eq!(stored["recorded_by"]["organisation"]["slug"], "north");
        api.assert_log_verifies();
    });
}

#[test]
fn a_publisher_s_own_records_and_withdrawals_are_not_held() {
    both_empty(|api| {
        seed(api);
        let (_, north) = api.client(&["responses:write"], &["north"]);
        let (_, watchdog) = api.client(&["recommendations:write"], &["watchdog"]);
        let assessment = json!({"report": "r", "number": "1", "organisation": "north", "assessor": "watchdog", "as_at": "2026-11", "status": "open_acceptable"});
        let (_, assessing) = api.client(&["assessments:write"], &["watchdog"]);
        api.post("/v1/assessments", &assessing, &assessment)
            .assert_status(201);
        let response = json!({"report": "r", "responder": "north", "published_on": "2026-11-24",
            "covers": [{"number": "1", "position": "accepted"}]});
        let recorded = api
            .post("/v1/responses", &watchdog, &response)
            .assert_status(201)
            .json()["data"]
            .clone();
        assert_eq!(recorded["recorded_by"]["capacity"], "publisher");
        let path = format!("/v1/responses/{}", recorded["id"].as_str().unwrap());
        // a nightly script that sends the same again proposes nothing
        let batch = json!([with(response.clone(), json!({"type": "response"}))]);
        let again = api.post("/v1/batch", &north, &batch).assert_status(200);
        assert_eq!(again.json()["data"][0]["outcome"], "unchanged");
        proposed(api.patch(
            &path,
            &north,
            &json!({"source_url": "https://north.example/reply"}),
        ));
        let withdrawn = api.patch(&path, &north, &json!({"state": "withdrawn", "withdrawal": {"at": "2020-01-01T00:00:00Z", "reason": "Fictional."}}));
        assert_eq!(withdrawn.data()["state"], "withdrawn");
        // an open report publishes at once
        api.patch("/v1/reports/r", &api.admin(), &json!({"submissions": null}))
            .assert_status(200);
        let second = with(response, json!({"sequence": 2}));
        api.post("/v1/responses", &north, &second)
            .assert_status(201);
    });
}

#[test]
fn nothing_of_a_proposal_about_an_erased_record_is_kept() {
    both_empty(|api| {
        seed(api);
        let (_, north) = api.client(&["responses:write"], &["north"]);
        let response = json!({"report": "r", "responder": "north", "published_on": "2026-11-24",
            "covers": [{"number": "1", "position": "accepted"}]});
        let held = |day: &str| {
            let document = with(response.clone(), json!({"published_on": day}));
            proposed(api.post("/v1/responses", &north, &document))
        };
        // one is accepted and its record erased; of the other, what it is about
        let first = held("2026-11-23");
        accept(api, &api.admin(), &first);
        let record = first["record"].as_str().unwrap();
        let second = held("2026-11-24");
        let count = || api.count("SELECT count(*) AS count FROM proposals");
        assert_eq!(count(), 2);
        let path = format!("/v1/responses/{record}");
        api.patch(&path, &api.admin(), &json!({"state": "erased"}))
            .assert_status(204);
        assert_eq!(count(), 1);
        api.patch("/v1/reports/r", &api.admin(), &json!({"state": "erased"}))
            .assert_status(204);
        assert_eq!(count(), 0);
        decide(api, &api.admin(), &second, "accept").problem(404, "not-found");
    });
}
