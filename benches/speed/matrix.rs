//! The matrix of 43 forces and 29 recommendations: alone, and among 200 reports of that size; today, and as of a past
//! moment.

use answerable::app::App;
use answerable::log::{Log, Origin};
use answerable::platform::clock::Clock;
use answerable::platform::config::{Config, Secret};
use answerable::platform::db::{Database, migrate};
use answerable::tracking::catalogue::CATALOGUE;
use answerable::writing::import::{self, OnMistake, Source};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use crate::corpus;

const TURNS: usize = 15;
const REQUESTS: usize = 20;

fn write(database: &Database, documents: String) {
    let origin = Origin {
        actor: "bench".to_owned(),
        now: Clock::System.now(),
        ..Origin::default()
    };
    let lines = documents.lines().map(str::to_owned).collect();
    let source = Source::Memory(lines);
    let report = import::run(
        &Log::new(database.clone()),
        &CATALOGUE,
        origin,
        &source,
        OnMistake::StoreNothing,
        false,
        &|_| (),
    )
    .unwrap();
    assert_eq!(report.mistakes, []);
}

fn serve(folder: &std::path::Path, reports: usize) -> (String, String) {
    let file = folder.join(format!("matrix-{reports}.db"));
    let config = Config {
        database: Secret(format!("sqlite:{}", file.display())),
        cache_bytes: 0,
        log: "error".to_owned(),
        ..Config::default()
    };
    let database = Database::open(config.location().unwrap(), config.pool_size()).unwrap();
    migrate::run(&database).unwrap();
    let documents = corpus::reports(reports);
    let documents = std::fs::read_to_string(documents.path()).unwrap();
    write(&database, documents);
    let now = || {
        let now = Clock::System.now();
        now.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
    };
    let then = now();
    std::thread::sleep(Duration::from_millis(5));
    let later = r#"{"type":"organisation","slug":"later","name":"Later"}"#;
    write(&database, later.to_owned());
    (serve_real(config, database), then)
}

/// Prints the times, in milliseconds.
pub fn compare() {
    let folder = tempfile::tempdir().unwrap();
    let client = reqwest::blocking::Client::new();
    println!(
        "\nthe matrix of 43 forces and 29 recommendations, not from memory, one client (milliseconds)"
    );
    let (alone, _) = serve(folder.path(), 1);
    let (among, then) = serve(folder.path(), 200);
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
    while client.get(&past).send().unwrap().status() == 503 {
        std::thread::sleep(Duration::from_secs(1)); // the log is being followed
    }
    let addresses = [&one, &many, &past];
    for address in addresses {
        turn(address);
    }
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..TURNS {
        for (times, address) in times.iter_mut().zip(addresses) {
            times.push(turn(address));
        }
    }
    let median = |times: &mut Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    let [one, many, past] = times.map(|mut times| median(&mut times));
    println!("alone                                          {one:>7.3}");
    println!(
        "among 200 reports, against alone               {many:>7.3} / {one:>7.3} = {:.2}",
        many / one
    );
    println!(
        "as of a past moment                            {past:>7.3} / {many:>7.3} = {:.2}",
        past / many
    );
}

/// Serves as `answerable serve` does.
fn serve_real(config: Config, database: Database) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let app = App::new(config, database, Clock::System).unwrap();
    std::thread::spawn(move || {
        let server = async move {
            answerable::app::server::start(app, listener, None)
                .unwrap()
                .await
        };
        actix_web::rt::System::new().block_on(server).unwrap();
    });
    base
}

fn get(client: &reqwest::blocking::Client, address: &str) {
    let answer = client.get(address).send().unwrap();
    assert_eq!(answer.status(), 200, "{address}");
    answer.bytes().unwrap();
}
