//! `as_of` after random histories: every moment is shown as it was, and the database that follows the log is the one that is
//! built from it at once.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::random::Random;
use crate::support::{Content, Instance, database, kinds, setting, with};

/// What is asked for at each moment.
const PATHS: [&str; 26] = [
    "/v1/topics?limit=100",
    "/v1/organisations?limit=100&expand=parent&on=2026-11-24",
    "/v1/organisations?sort=-updated_at&limit=20&on=2026-11-24",
    "/v1/groups?limit=100&expand=members&on=2026-11-24",
    "/v1/reports?limit=100&expand=publishers",
    "/v1/reports?state=withdrawn",
    "/v1/recommendations?limit=100&expand=addressees,report",
    "/v1/recommendations?organisation=essex-police&limit=100",
    "/v1/obligations?limit=100&count=exact&expand=organisation,recommendation",
    "/v1/obligations?limit=100&sort=due_on",
    "/v1/obligations?state=overdue&state=responded_late&state=not_checked&count=exact",
    "/v1/obligations?organisation=essex-police",
    "/v1/obligations?limit=100&on=2026-06-15&count=exact",
    "/v1/reports/stalking-super-complaint-2024/coverage?on=2026-03-01",
    "/v1/responses?limit=100",
    "/v1/action-plans?limit=100",
    "/v1/progress-updates?limit=100",
    "/v1/assessments?limit=100",
    "/v1/mandates?limit=100",
    "/v1/articles?limit=100&fields=id,slug,headline,body_html,topics,organisation,reports,recommendations,updated_at,revision,translations",
    "/v1/articles?organisation=iopc&limit=5&count=exact",
    "/v1/articles?sort=updated_at&limit=7",
    "/v1/articles?sort=-updated_at&limit=7",
    "/v1/articles?topic=stalking&limit=3",
    "/v1/articles?state=withdrawn",
    "/v1/reports/stalking-super-complaint-2024/coverage",
];

fn day(random: &mut Random) -> String {
    format!(
        "2026-{:02}-{:02}",
        1 + random.index(11),
        1 + random.index(28)
    )
}

/// Changes what a document says.
fn change(document: &mut Value, random: &mut Random, round: usize) {
    let kind = document["type"].as_str().unwrap().to_owned();
    let members = document.as_object_mut().unwrap();
    if random.index(6) == 0 && members.contains_key("slug") {
        members.insert(
            "slug".to_owned(),
            json!(format!("slug-{}", random.index(9))),
        );
        return;
    }
    match (kind.as_str(), random.index(3)) {
        ("article", 0) => {
            let at = format!("{}T09:00:00Z", day(random));
            members.insert("published_at".to_owned(), json!(at));
        }
        ("article", 1) => {
            let publisher = ["iopc", "hmicfrs"][random.index(2)];
            members.insert("organisation".to_owned(), json!(publisher));
        }
        ("report", 0) => {
            drop(members.insert("responses_checked_on".to_owned(), json!(day(random))))
        }
        ("report", 1) => drop(members.insert("published_on".to_owned(), json!("2024-09-25"))),
        ("recommendation", 0) => {
            drop(members.insert("stated_due_on".to_owned(), json!(day(random))))
        }
        ("response", 0) => drop(members.insert("received_on".to_owned(), json!(day(random)))),
        ("group", 0) => {
            if let Some(Value::Array(list)) = members.get_mut("members") {
                list.drain(..random.index(2).min(list.len()));
            }
        }
        ("mandate", 0) => drop(members.insert("from".to_owned(), json!(day(random)))),
        ("mandate", _) => drop(members.insert("until".to_owned(), json!(day(random)))),
        ("progress_update", _) => {
            let status = ["not_started", "in_progress", "completed"][random.index(3)];
            members.insert("status".to_owned(), json!(status));
        }
        _ => {
            let shown = ["name", "headline", "title", "text", "summary", "note"];
            for name in shown {
                if let Some(Value::String(text)) = members.get_mut(name) {
                    text.push_str(&format!(" {round}"));
                    return;
                }
            }
        }
    }
}

/// Something recorded on an obligation.
fn obligation(api: &Instance, random: &mut Random) -> Value {
    let obligations = api.get("/v1/obligations?limit=100").records();
    let one = &obligations[random.index(obligations.len())];
    let (recommendation, organisation) = (&one["recommendation"]["id"], &one["organisation"]["id"]);
    let document = json!({"type": "obligation", "recommendation": recommendation, "organisation": organisation});
    match random.index(2) {
        0 => with(document, json!({"checked_on": day(random)})),
        _ => with(
            document,
            json!({"revisions": [{"kind": "response", "change": "extension", "due_on": "2026-12-01", "set_on": "2026-11-01"}]}),
        ),
    }
}

/// Makes a random change, and says what it was.
fn act(
    api: &Instance,
    documents: &mut [Value],
    random: &mut Random,
    round: usize,
    retracts: bool,
) -> String {
    if random.index(5) == 0 {
        let document = obligation(api, random);
        let report = api.try_import(&document);
        return format!("{document}: {:?}", report.mistakes);
    }
    let number = random.index(documents.len());
    let mut document = documents[number].clone();
    let kind = document["type"].as_str().unwrap().to_owned();
    let can_hide = [
        "article",
        "report",
        "recommendation",
        "response",
        "group",
        "assessment",
    ];
    if retracts && can_hide.contains(&kind.as_str()) && random.index(2) == 0 {
        let states = ["draft", "published", "withdrawn", "gone", "erased"];
        document["state"] = json!(states[[0, 1, 1, 2, 2, 3, 4][random.index(7)]]);
        if document["state"] == "withdrawn" {
            let notice = json!({"withdrawal": {"at": api.clock.now().and_utc().to_rfc3339(), "reason": "A reason."}});
            document = with(document, notice);
        }
    } else {
        change(&mut document, random, round);
    }
    let report = api.try_import(&document);
    if report.mistakes.is_empty() && document["state"] != "erased" {
        documents[number] = document.clone();
    }
    format!(
        "{} {} {}: {:?}",
        document["type"], document["slug"], document["state"], report.mistakes
    )
}

fn documents(api: &Instance) -> Vec<Value> {
    let lines = api.export();
    let documents = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let documents: Vec<Value> = documents.collect();
    let withdrawn = documents.iter().filter(|one| one["state"] == "withdrawn");
    let withdrawn: Vec<Value> = withdrawn.map(|one| one["id"].clone()).collect();
    // fewer of the kinds that have many, so that each is changed often enough
    let mut kept = Vec::new();
    for document in documents {
        if withdrawn.contains(&document["id"]) || withdrawn.contains(&document["report"]) {
            continue; // at any moment, shown as it is today
        }
        let same = |other: &&Value| other["type"] == document["type"];
        if kept.iter().filter(same).count() < 8 {
            kept.push(document);
        }
    }
    kept
}

fn as_of(path: &str, moment: &str) -> String {
    let sign = if path.contains('?') { '&' } else { '?' };
    format!("{path}{sign}as_of={moment}")
}

/// What a path shows, apart from when.
fn shown(api: &Instance, path: &str) -> Value {
    let answer = api.get(path);
    if answer.status == 308 {
        let to = answer.header("location").strip_prefix(&api.base).unwrap();
        return json!({ "moved to": to.split('?').next() });
    }
    let mut shown = answer.json();
    if answer.status != 200 {
        return json!({"status": answer.status, "code": shown["code"], "errors": shown["errors"]});
    }
    if let Some(matrix) = shown["data"].as_object_mut() {
        matrix.remove("as_at");
    }
    if let Some(page) = shown["page"].as_object_mut() {
        page.retain(|name, _| name == "count");
    }
    shown
}

/// Where two answers differ first.
fn difference(one: &Value, other: &Value, place: String) -> Option<String> {
    match (one, other) {
        (Value::Object(members), Value::Object(others)) => {
            let names = members.keys().chain(others.keys());
            names.into_iter().find_map(|name| {
                let place = format!("{place}/{name}");
                difference(&one[name.as_str()], &other[name.as_str()], place)
            })
        }
        (Value::Array(items), Value::Array(others)) => {
            (0..items.len().max(others.len())).find_map(|number| {
                let place = format!("{place}/{number}");
                let [one, other] =
                    [items, others].map(|list| list.get(number).unwrap_or(&Value::Null));
                difference(one, other, place)
            })
        }
        _ => (one != other).then(|| format!("{place}: {one} and {other}")),
    }
}

fn moment(api: &Instance) -> String {
    api.clock.now().and_utc().to_rfc3339().replace('+', "%2B")
}

#[test]
fn every_moment_of_a_random_history_is_shown_as_it_was() {
    for kind in kinds() {
        let api = Instance::start(kind, Content::Demo, |_| ());
        let mut documents = documents(&api);
        let mut random = Random::new(setting("TEST_SEED", 0xa5_0f) as u64);
        let mut seen = Vec::new();
        for round in 0..setting("TEST_ROUNDS", 25) {
            api.advance(TimeDelta::minutes(7));
            let what = act(&api, &mut documents, &mut random, round, false);
            let answers = PATHS.map(|path| shown(&api, path));
            seen.push((what, moment(&api), answers));
        }
        api.advance(TimeDelta::minutes(7));
        for (what, moment, answers) in &seen {
            for (path, answer) in PATHS.iter().zip(answers) {
                let then = shown(&api, &as_of(path, moment));
                let differs = difference(&then, answer, String::new());
                assert_eq!(differs, None, "{path} at {moment}, after {what}");
            }
        }
    }
}

#[test]
fn what_follows_the_log_is_what_is_built_from_it() {
    for kind in kinds() {
        let (url, _file) = database(kind, Content::Demo);
        let folders = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let start = |number: usize, clock| {
            let folder = folders[number].path().to_path_buf();
            Instance::start_with(&url, clock, move |config| {
                config.past_folder = Some(folder.clone())
            })
        };
        let api = start(
            0,
            answerable::platform::clock::Clock::fixed(crate::support::time(crate::support::NOW)),
        );
        let mut documents = documents(&api);
        let mut random = Random::new(setting("TEST_SEED", 0x7e57) as u64);
        let mut seen = vec![moment(&api)];
        let mut done = Vec::new();
        for round in 0..setting("TEST_ROUNDS", 40) {
            api.advance(TimeDelta::minutes(7));
            done.push(act(&api, &mut documents, &mut random, round, true));
            seen.push(moment(&api));
            // the past follows at different steps
            if random.index(3) > 0 {
                api.get(&as_of("/v1/topics", &seen[round]))
                    .assert_status(200);
            }
        }
        api.advance(TimeDelta::minutes(7));
        let anew = start(1, api.clock.clone());
        for (number, moment) in seen.iter().enumerate() {
            for path in PATHS {
                let path = as_of(path, moment);
                let (followed, built) = (shown(&api, &path), shown(&anew, &path));
                let differs = difference(&followed, &built, String::new());
                assert_eq!(differs, None, "{path} after {number} of {done:#?}");
            }
        }
    }
}
