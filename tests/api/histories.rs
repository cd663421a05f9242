//! Random histories of one obligation, compared with a simple model: whatever is recorded in whatever order, its state
//! matches the model on every day, and a step that the rules forbid is rejected and changes nothing.

use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use std::collections::BTreeMap;

use crate::support::{Instance, both_empty, time, with};

/// Day 0; the response is due on day 10.
const START: &str = "2026-11-24";
const DUE: u64 = 10;

fn day(number: u64) -> NaiveDate {
    START.parse::<NaiveDate>().unwrap() + Days::new(number)
}

#[derive(Clone, Debug)]
enum Step {
    /// A response: day of publication, days since receipt, whether it is a holding reply, position.
    Respond(u64, Option<u64>, bool, Option<&'static str>),
    /// Withdraws the response published on that day.
    Withdraw(u64, bool),
    /// The deadline is moved: the new due date, and the day of the change.
    Extend(u64, u64),
    /// Responses were checked on that day.
    Check(u64),
    /// A progress update by the addressee: date and status.
    Update(u64, &'static str),
    /// An assessment by the recommender: date and status.
    Assess(u64, &'static str),
}

fn step() -> impl Strategy<Value = Step> {
    let positions = prop::sample::select(vec![None, Some("accepted"), Some("not_accepted")]);
    let statuses = prop::sample::select(vec!["not_started", "in_progress", "complete"]);
    let conclusions = prop::sample::select(vec![
        "open_acceptable",
        "closed_implemented",
        "closed_no_response",
    ]);
    prop_oneof![
        4 => (0u64..20, prop::option::of(0u64..8), any::<bool>(), positions)
            .prop_map(|(on, before, holding, position)| Step::Respond(on, before, holding, position)),
        1 => (0u64..20, any::<bool>()).prop_map(|(on, holding)| Step::Withdraw(on, holding)),
        2 => (5u64..25, 0u64..20).prop_map(|(to, on)| Step::Extend(to, on)),
        1 => (0u64..30).prop_map(Step::Check),
        2 => (0u64..20, statuses).prop_map(|(on, status)| Step::Update(on, status)),
        2 => (0u64..20, conclusions).prop_map(|(on, status)| Step::Assess(on, status)),
    ]
}

/// Day of receipt, position, and whether the response is in force.
type Answer = (Option<u64>, Option<&'static str>, bool);

#[derive(Clone, Debug, Default)]
struct Model {
    /// By day of publication and whether it is a holding reply.
    responses: BTreeMap<(u64, bool), Answer>,
    extensions: Vec<(u64, u64)>,
    checked: Option<u64>,
    updates: BTreeMap<u64, &'static str>,
    assessments: BTreeMap<u64, &'static str>,
}

impl Model {
    fn due(&self) -> u64 {
        self.extensions.last().map_or(DUE, |(to, _)| *to)
    }

    fn standing(&self, holding: bool) -> Vec<(u64, Option<u64>, Option<&'static str>)> {
        let kind = self
            .responses
            .iter()
            .filter(|((_, other), _)| *other == holding);
        kind.filter(|(_, (.., stands))| *stands)
            .map(|((on, _), (received, position, _))| (*on, *received, *position))
            .collect()
    }

    /// Applies a step if the rules allow it; returns whether they did.
    fn take(&mut self, step: &Step) -> bool {
        match *step {
            Step::Respond(on, before, holding, position) => {
                let received = before.map(|before| on.saturating_sub(before));
                self.responses
                    .insert((on, holding), (received, position, true));
            }
            Step::Withdraw(on, holding) => match self.responses.get_mut(&(on, holding)) {
                Some(response) => response.2 = false,
                None => return false,
            },
            Step::Extend(to, on) => {
                if on > self.due() || to <= self.due() {
                    return false;
                }
                self.extensions.push((to, on));
            }
            Step::Check(on) => self.checked = Some(on),
            Step::Update(on, status) => {
                self.updates.insert(on, status);
            }
            Step::Assess(on, status) => {
                if status == "closed_no_response" && !self.standing(false).is_empty() {
                    return false;
                }
                self.assessments.insert(on, status);
            }
        }
        true
    }

    fn state(&self, today: u64) -> &'static str {
        let (due, answers) = (self.due(), self.standing(false));
        let first = answers
            .iter()
            .min_by_key(|(on, received, _)| received.unwrap_or(*on));
        match first {
            Some((on, received, _)) => match (received.unwrap_or(*on) <= due, received) {
                (true, _) => "responded_on_time",
                (false, Some(_)) => "responded_late",
                (false, None) => "responded",
            },
            None if today > due && self.checked.is_some_and(|on| on > due) => "overdue",
            None if today > due => "not_checked",
            None if !self.standing(true).is_empty() => "holding_reply",
            None if !self.extensions.is_empty() => "extended",
            None => "pending",
        }
    }

    fn position(&self) -> Option<&'static str> {
        self.standing(false)
            .iter()
            .rev()
            .find_map(|(.., position)| *position)
    }
}

/// The document that a step sends.
fn document(model: &Model, step: &Step) -> Value {
    let about = |kind: &str, more: Value| {
        let document = json!({"type": kind, "report": "r", "number": "1", "organisation": "north"});
        with(document, more)
    };
    let response = |on: u64, holding: bool, more: Value| {
        let document = json!({"type": "response", "report": "r", "responder": "north", "published_on": day(on),
            "kind": if holding { "holding" } else { "full" }, "covers": [{"number": "1"}]});
        with(document, more)
    };
    let revisions = |extensions: &[(u64, u64)]| -> Vec<Value> {
        let revision = |(to, on): &(u64, u64)| json!({"kind": "response", "change": "extension", "due_on": day(*to), "set_on": day(*on)});
        extensions.iter().map(revision).collect()
    };
    let obligation = |extensions: &[(u64, u64)], checked: Option<u64>| {
        let more = json!({"revisions": revisions(extensions), "checked_on": checked.map(day)});
        about("obligation", more)
    };
    match *step {
        Step::Respond(on, before, holding, position) => {
            let received = before.map(|before| day(on.saturating_sub(before)));
            let covers = json!([{"number": "1", "position": position}]);
            response(
                on,
                holding,
                json!({"received_on": received, "covers": covers}),
            )
        }
        Step::Withdraw(on, holding) => response(
            on,
            holding,
            json!({"state": "withdrawn", "withdrawal": {"at": "2020-01-01T00:00:00Z", "reason": "Fictional."}}),
        ),
        Step::Extend(to, on) => obligation(
            &[model.extensions.as_slice(), &[(to, on)]].concat(),
            model.checked,
        ),
        Step::Check(on) => obligation(&model.extensions, Some(on)),
        Step::Update(on, status) => about(
            "progress_update",
            json!({"as_at": day(on), "status": status}),
        ),
        Step::Assess(on, status) => about(
            "assessment",
            json!({"as_at": day(on), "status": status, "assessor": "watchdog"}),
        ),
    }
}

fn compare(api: &Instance, model: &Model, path: &str) -> Result<(), TestCaseError> {
    for today in [0, model.due(), model.due() + 1, 29] {
        api.clock.set(time(&format!("{}T12:00:00Z", day(today))));
        let shown = api.data(path);
        prop_assert_eq!(
            &shown["response_state"],
            model.state(today),
            "on day {}: {:#?}",
            today,
            model
        );
        prop_assert_eq!(&shown["due_on"], &json!(day(model.due())));
        let position = shown
            .get("position")
            .map(|position| position["value"].clone());
        prop_assert_eq!(position, model.position().map(|word| json!(word)));
        let newest = |words: &BTreeMap<u64, &'static str>, none: &'static str| {
            words.values().next_back().copied().unwrap_or(none)
        };
        prop_assert_eq!(
            &shown["implementation"]["status"],
            newest(&model.updates, "unknown")
        );
        prop_assert_eq!(
            &shown["assessment"]["status"],
            newest(&model.assessments, "not_assessed")
        );
    }
    Ok(())
}

#[test]
fn any_history_leaves_the_obligation_in_the_model_s_state() {
    both_empty(|api| {
        api.import_all(&[
            json!({"type": "organisation", "slug": "watchdog", "name": "The Fictional Watchdog"}),
            json!({"type": "organisation", "slug": "north", "name": "North Force"}),
        ]);
        let mut runner = TestRunner::new(Config {
            cases: 12,
            max_shrink_iters: 200,
            failure_persistence: None,
            ..Config::default()
        });
        let histories = prop::collection::vec(step(), 1..12);
        let done = runner.run(&histories, |steps| {
            api.clock.set(time(&format!("{}T12:00:00Z", day(29))));
            // each history has its own report; the previous one is removed
            let number = uuid::Uuid::new_v4().simple().to_string();
            let report = format!("r-{number}");
            api.import_all(&[
                json!({"type": "report", "slug": report, "title": "R", "published_on": "2026-11-01", "publishers": ["watchdog"]}),
                json!({"type": "recommendation", "report": report, "number": "1", "text": "Do it.", "addressees": ["north"],
                    "deadlines": [{"kind": "response", "stated_due_on": day(DUE)}]}),
            ]);
            let id = api.get(&format!("/v1/obligations?report={report}")).column("id").remove(0);
            let path = format!("/v1/obligations/{id}");
            let mut model = Model::default();
            for step in &steps {
                let mut document = document(&model, step);
                document["report"] = json!(report);
                let mut next = model.clone();
                let is_allowed = next.take(step);
                if matches!(step, Step::Withdraw(..)) && !is_allowed {
                    continue; // nothing to withdraw
                }
                let imported = api.try_import(document);
                prop_assert_eq!(imported.mistakes.is_empty(), is_allowed, "{:?}: {:?}", step, imported.mistakes);
                if is_allowed {
                    model = next;
                }
            }
            compare(api, &model, &path)
        });
        done.unwrap();
        api.assert_log_verifies();
    });
}
