//! Everything below a report is withdrawn with it, everywhere, and restored with it.

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

use crate::support::{Instance, both, both_empty, time};

const REPORT: &str = "exampleshire-custody-2025";
const COLLECTIONS: [&str; 6] = [
    "recommendations",
    "obligations",
    "responses",
    "action-plans",
    "progress-updates",
    "assessments",
];

/// The report's records in the demo data, by collection.
fn listed(api: &Instance, state: &str) -> BTreeMap<&'static str, BTreeSet<String>> {
    let of = |collection| {
        let path = format!("/v1/{collection}?report={REPORT}&limit=100{state}");
        (
            collection,
            api.get(&path).column("id").into_iter().collect(),
        )
    };
    let with_state = |collection: &&str| state.is_empty() || *collection != "obligations";
    COLLECTIONS.into_iter().filter(with_state).map(of).collect()
}

fn act(api: &Instance, method: &str, path: &str, body: &Value) -> Value {
    let answer = api
        .write(method, path, &api.admin(), &[("if-match", "*")], body)
        .assert_status(200);
    answer.data()
}

fn withdraw(api: &Instance) {
    api.withdraw(&format!("/v1/reports/{REPORT}"), "It was an example.");
}

/// The log entries after a position, except the report's own: id, action and state.
fn entries_below_report(api: &Instance, after: usize) -> Vec<(String, String, String)> {
    let changes = api.walk_changes().into_iter().skip(after);
    let of_others = changes.filter(|change| change["type"] != "report");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    of_others
        .map(|change| {
            let (action, state) = (&change["action"], &change["data"]["state"]);
            (text(&change["id"]), text(action), text(state))
        })
        .collect()
}

fn has_tombstone(api: &Instance, id: &str) -> bool {
    let feed = api.get("/v1/feeds/recommendations.atom?limit=20").text();
    feed.contains(&format!("deleted-entry ref=\"urn:uuid:{id}\""))
}

#[test]
fn everything_below_a_report_is_withdrawn_and_restored_with_it() {
    both(|api| {
        let mut before = listed(api, "");
        assert!(before.values().all(|ids| !ids.is_empty()), "{before:?}");
        // a record withdrawn on its own stays withdrawn
        let path = format!("/v1/recommendations/{REPORT}-2");
        let own = api.withdraw(&path, "It was an example.").data();
        let own = own["id"].as_str().unwrap().to_owned();
        assert!(before.get_mut("recommendations").unwrap().remove(&own));
        let with_own = listed(api, "");
        let known = api.walk_changes().len();

        api.clock.set(time("2026-11-24T14:00:00Z"));
        withdraw(api);
        assert!(listed(api, "").values().all(BTreeSet::is_empty));
        let notices = listed(api, "&state=withdrawn");
        for (collection, ids) in &notices {
            let mut expected = before[collection].clone();
            expected.extend((*collection == "recommendations").then(|| own.clone()));
            assert_eq!(ids, &expected, "{collection}");
            for id in ids {
                let notice = api.data(&format!("/v1/{collection}/{id}"));
                assert_eq!(notice["state"], "withdrawn", "{collection} {notice}");
                // withdrawn records get a new `updated_at`, so that readers of lists and feeds find them
                let is_own = id == &own;
                assert_eq!(
                    notice["updated_at"] == "2026-11-24T14:00:00Z",
                    !is_own,
                    "{notice}"
                );
            }
        }
        let nested = format!("/v1/reports/{REPORT}/recommendations");
        assert_eq!(api.data(&nested), json!([]));
        let matrix = api.data(&format!("/v1/reports/{REPORT}/coverage"));
        // the matrix keeps its cells, which say no more than that
        let cells = matrix["rows"].as_array().unwrap().iter();
        let cells = cells.flat_map(|row| row["cells"].as_array().unwrap());
        for cell in cells.filter(|cell| !cell.is_null()) {
            assert_eq!(cell["response_state"], "withdrawn");
            assert_eq!(
                (cell.get("position"), cell.get("answered_on")),
                (None, None)
            );
        }
        let export = api.get(&format!(
            "/v1/exports/recommendations.ndjson?report={REPORT}"
        ));
        assert_eq!(export.text(), "");
        let one = before["recommendations"].first().unwrap();
        let embed = format!("{}/v1/recommendations/{one}", api.base);
        let embed = format!("/v1/oembed?url={embed}");
        api.get(&embed).problem(410, "gone");
        assert!(has_tombstone(api, one));

        // each record in the log gets one entry; an obligation without recorded facts never had one
        let of_log = |collections: &[&str]| -> BTreeSet<String> {
            let ids = collections.iter().flat_map(|one| before[one].clone());
            ids.collect()
        };
        let expected = of_log(&COLLECTIONS.map(|one| match one {
            "obligations" => "recommendations",
            other => other,
        }));
        let changes = entries_below_report(api, known);
        let ids: Vec<&String> = changes.iter().map(|(id, ..)| id).collect();
        assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len());
        assert!(expected.iter().all(|id| ids.contains(&id)) && !ids.contains(&&own));
        let are_all = |changes: &[(String, String, String)], word: &str| {
            changes
                .iter()
                .all(|(_, action, state)| action == word && state == word)
        };
        assert!(are_all(&changes, "withdrawn"), "{changes:?}");
        let history = format!("/v1/recommendations/{one}/history");
        for history in [api.get(&history), api.get_as(&api.admin(), &history)] {
            assert_eq!(history.data()[0]["action"], "withdrawn");
        }

        // an edit changes what will be restored, but it is still a notice
        let path = format!("/v1/recommendations/{one}");
        let edited = act(api, "PATCH", &path, &json!({"summary": "Fictional gist."}));
        assert_eq!(edited["state"], "withdrawn");
        let last = api.walk_changes().pop().unwrap();
        assert_eq!(
            (&last["id"], &last["action"]),
            (&json!(one), &json!("withdrawn"))
        );

        let known = api.walk_changes().len();
        let path = format!("/v1/reports/{REPORT}/publish");
        act(api, "POST", &path, &json!({}));
        assert_eq!(listed(api, ""), with_own);
        let changes = entries_below_report(api, known);
        assert!(are_all(&changes, "published"), "{changes:?}");
        let is_among = |id: &String| changes.iter().any(|(changed, ..)| changed == id);
        assert!(expected.iter().all(is_among), "{changes:?}");
        api.get(&embed).assert_status(200);
        assert!(!has_tombstone(api, one));
    });
}

/// Records stored below a report that is already withdrawn.
#[test]
fn records_added_to_a_withdrawn_report_are_withdrawn() {
    both_empty(|api| {
        let documents = [
            json!({"type": "organisation", "slug": "body", "name": "The Fictional Body"}),
            json!({"type": "report", "slug": "report", "title": "A fictional report", "published_on": "2026-11-01",
                "publishers": ["body"], "state": "withdrawn",
                "withdrawal": {"at": "2026-11-02T09:00:00Z", "reason": "It was an example."}}),
            json!({"type": "recommendation", "report": "report", "number": "1", "text": "Do something fictional.",
                "addressees": ["body"]}),
        ];
        api.import_all(&documents);
        for again in [false, true] {
            if again {
                let known = api.walk_changes().len();
                api.import_all(&documents);
                assert_eq!(api.walk_changes().len(), known);
            }
            assert_eq!(api.data("/v1/recommendations"), json!([]));
            let notices = api
                .get("/v1/recommendations?state=withdrawn&count=exact")
                .json();
            assert_eq!(notices["page"]["count"], 1);
            assert_eq!(notices["data"][0]["state"], "withdrawn");
        }
        let changes = api.walk_changes();
        let last = changes.last().unwrap();
        assert_eq!(
            (&last["type"], &last["action"]),
            (&json!("recommendation"), &json!("withdrawn"))
        );
    });
}

/// The past of a report that was temporarily withdrawn.
#[test]
fn as_of_shows_that_a_report_was_withdrawn_then() {
    both(|api| {
        let then = "2026-11-24T12:30:00Z";
        api.clock.set(time("2026-11-24T12:00:00Z"));
        withdraw(api);
        api.clock.set(time("2026-11-24T13:00:00Z"));
        act(
            api,
            "POST",
            &format!("/v1/reports/{REPORT}/publish"),
            &json!({}),
        );
        let path = format!("/v1/recommendations/{REPORT}-1?as_of={then}");
        assert_eq!(api.data(&path)["state"], "withdrawn");
        let path = format!("/v1/recommendations?report={REPORT}&as_of={then}");
        assert_eq!(api.data(&path), json!([]));
        let path = format!("/v1/recommendations/{REPORT}-1");
        assert_eq!(api.data(&path)["state"], "published");
    });
}
