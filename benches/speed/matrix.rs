//! The matrix of 43 forces and 29 recommendations: alone, and among 200 reports of that size; today, and as of a past
//! moment.

use answerable::changes::Origin;
use answerable::clock::Clock;
use answerable::config::{Config, Secret};
use answerable::db::{Database, migrate};
use answerable::import::{self, OnMistake, Source};
use std::fmt::Write;
use std::time::{Duration, Instant};

use super::{TURNS, get, serve_real};

const FORCES: usize = 43;
const RECOMMENDATIONS: usize = 29;
const REQUESTS: usize = 20;
/// One report in so many has updates and assessments.
const TRACKED: usize = 10;

/// Organisations, and reports with a response and a plan of each force; of some reports an update and an assessment of
/// each obligation as well.
fn documents(reports: usize) -> String {
    let mut text = String::new();
    line(
        &mut text,
        serde_json::json!({"type": "organisation", "slug": "watchdog", "name": "Made-up watchdog"}),
    );
    for force in 0..FORCES {
        line(
            &mut text,
            serde_json::json!({"type": "organisation", "slug": format!("force-{force}"), "name": format!("Made-up force {force}")}),
        );
    }
    let members: Vec<_> = (0..FORCES)
        .map(|force| serde_json::json!({"organisation": format!("force-{force}")}))
        .collect();
    line(
        &mut text,
        serde_json::json!({"type": "group", "slug": "forces", "name": "All forces", "members": members}),
    );
    for report in 0..reports {
        report_documents(&mut text, report);
    }
    text
}

fn line(text: &mut String, document: serde_json::Value) {
    writeln!(text, "{document}").unwrap();
}

fn report_documents(text: &mut String, report: usize) {
    let slug = format!("report-{report}");
    line(
        text,
        serde_json::json!({"type": "report", "slug": slug, "title": "Made-up report", "published_on": "2024-09-27", "publishers": ["watchdog"], "responses_checked_on": "2025-03-01"}),
    );
    for number in 1..=RECOMMENDATIONS {
        line(
            text,
            serde_json::json!({"type": "recommendation", "report": slug, "number": number.to_string(), "text": "Made-up words that say what is to be done.",
            "addressees": ["forces"], "response_requirement": "requested", "deadlines": [{"kind": "response", "rule": "super-complaint-report", "stated_due_on": "2024-11-22"}]}),
        );
    }
    for force in 0..FORCES {
        let covers: Vec<_> = (1..=RECOMMENDATIONS)
            .filter(|number| (number + force) % 7 != 0)
            .map(|number| serde_json::json!({"number": number.to_string(), "position": "accepted", "position_verbatim": "Made-up: accepted."}))
            .collect();
        let day = if force % 5 == 0 {
            "2024-12-05"
        } else {
            "2024-11-20"
        };
        line(
            text,
            serde_json::json!({"type": "response", "report": slug, "responder": format!("force-{force}"), "received_on": day, "published_on": "2025-01-08", "covers": covers}),
        );
        line(
            text,
            serde_json::json!({"type": "action_plan", "report": slug, "organisation": format!("force-{force}"), "url": format!("https://force-{force}.example/plan-{report}")}),
        );
        if report.is_multiple_of(TRACKED) {
            track(text, &slug, force);
        }
    }
}

/// An update and an assessment of each obligation of a force. Not in every report: that would take long to import.
fn track(text: &mut String, slug: &str, force: usize) {
    for number in 1..=RECOMMENDATIONS {
        let about = |mut document: serde_json::Value| {
            document["report"] = slug.into();
            document["number"] = number.to_string().into();
            document["organisation"] = format!("force-{force}").into();
            document["as_at"] = "2025-06-01".into();
            document
        };
        line(
            text,
            about(
                serde_json::json!({"type": "progress_update", "status": "in_progress", "text": "Made-up words on what was done."}),
            ),
        );
        line(
            text,
            about(
                serde_json::json!({"type": "assessment", "assessor": "watchdog", "status": "open_acceptable"}),
            ),
        );
    }
}

fn write(database: &Database, documents: String) {
    let origin = Origin {
        actor: "bench".to_owned(),
        request_id: None,
        now: Clock::System.now(),
    };
    let lines = documents.lines().map(str::to_owned).collect();
    let source = Source::memory(lines);
    let report = import::run(database, origin, &source, OnMistake::StoreNothing, &|_| ()).unwrap();
    assert_eq!(report.mistakes, []);
}

fn serve(folder: &std::path::Path, reports: usize) -> (String, String, String) {
    let file = folder.join(format!("matrix-{reports}.db"));
    let config = Config {
        database: Secret(format!("sqlite:{}", file.display())),
        log: "error".to_owned(),
        ..Config::default()
    };
    let database = Database::open(config.location().unwrap(), config.pool_size()).unwrap();
    migrate::run(&database).unwrap();
    let documents = documents(reports);
    let (count, started) = (documents.lines().count(), Instant::now());
    write(&database, documents);
    println!(
        "import of {reports} reports, {count} documents, {} obligations: {:.1} s",
        reports * FORCES * RECOMMENDATIONS,
        started.elapsed().as_secs_f64()
    );
    let now = || {
        let now = Clock::System.now();
        now.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
    };
    let then = now();
    let mut since = String::new();
    std::thread::sleep(Duration::from_millis(5));
    // one that concerns every report, and one that concerns none
    for (documents, moment) in [
        (
            r#"{"type":"organisation","slug":"later","name":"Later"}"#,
            true,
        ),
        (r#"{"type":"topic","slug":"later","name":"Later"}"#, false),
    ] {
        write(&database, documents.to_owned());
        if moment {
            std::thread::sleep(Duration::from_millis(5));
            since = now();
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    (serve_real(config, database), then, since)
}

/// Prints the times, in milliseconds.
pub fn compare() {
    let folder = tempfile::tempdir().unwrap();
    let client = reqwest::blocking::Client::new();
    println!("\nthe matrix of {FORCES} forces and {RECOMMENDATIONS} recommendations");
    let (alone, _, _) = serve(folder.path(), 1);
    let (among, then, since) = serve(folder.path(), 200);
    let turn = |address: &str| {
        let started = Instant::now();
        for _ in 0..REQUESTS {
            get(&client, address);
        }
        (started.elapsed() / REQUESTS as u32).as_secs_f64() * 1e3
    };
    let one = format!("{alone}/v1/reports/report-0/coverage");
    let many = format!("{among}/v1/reports/report-100/coverage");
    let past = format!("{many}?as_of={then}");
    let untouched = format!("{many}?as_of={since}");
    let first = |report: usize| {
        let address = format!("{among}/v1/reports/report-{report}/coverage?as_of={then}");
        let started = Instant::now();
        get(&client, &address);
        started.elapsed().as_secs_f64() * 1e3
    };
    let mut firsts: Vec<f64> = (0..9).map(|nth| first(nth * TRACKED)).collect();
    let addresses = [&one, &many, &past, &untouched];
    for address in addresses {
        turn(address);
    }
    let mut times = [Vec::new(), Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..TURNS {
        for (times, address) in times.iter_mut().zip(addresses) {
            times.push(turn(address));
        }
    }
    let median = |times: &mut Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    let [one, many, past, untouched] = times.map(|mut times| median(&mut times));
    println!("alone                                          {one:>7.3}");
    println!(
        "among 200 reports, against alone               {many:>7.3} / {one:>7.3} = {:.2}",
        many / one
    );
    println!(
        "as of a past moment, asked for again           {past:>7.3} / {many:>7.3} = {:.2}",
        past / many
    );
    println!(
        "as of a moment since which it has not changed  {untouched:>7.3} / {many:>7.3} = {:.2}",
        untouched / many
    );
    let first = median(&mut firsts);
    println!(
        "as of a past moment, put together for it       {first:>7.3} / {many:>7.3} = {:.2}",
        first / many
    );
}
