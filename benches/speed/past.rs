//! Any day at the price of today: answers as of early, middle and late moments of a log, compared with those of today.

use answerable::platform::clock::Clock;
use answerable::platform::config::{Config, Secret};
use answerable::platform::db::Database;
use std::path::Path;
use std::time::Instant;

use crate::corpus;
use crate::load::{self, Order, Outcome};
use crate::process::Server;
use crate::stock::{self, Stock};
use crate::table::Table;

/// How often each article is written.
const REVISIONS: usize = 5;
/// In how many writes the articles are imported.
const WRITES: usize = 100;
/// After which of them the past is asked for.
const MOMENTS: [usize; 3] = [5, 50, 95];
const REPORTS: usize = 32;
const MILLIS: u64 = 2_000;
const TURNS: usize = 3;

/// What is asked for; `{}` is the number of an article.
const PATHS: [(&str, &str); 5] = [
    ("item", "/v1/articles/article-{}"),
    ("latest 20", "/v1/articles"),
    (
        "20 of an organisation",
        "/v1/articles?organisation=organisation-7",
    ),
    ("last changed 20", "/v1/articles?sort=-updated_at"),
    ("matrix", "/v1/reports/report-7/coverage"),
];

/// Measures with a log of about so many entries.
pub fn measure(folder: &Path, entries: usize, table: &mut Table) {
    let articles = entries / REVISIONS;
    let stock = Stock {
        articles,
        ..Stock::sqlite(folder, 0, REPORTS)
    };
    let moments = fill(&stock, articles);
    let server = Server::real(
        &stock.url,
        &["--cache-bytes", "0", "--database-wait-ms", "60000"],
    );
    let started = Instant::now();
    while !is_followed(&server, &moments[0]) {
        assert!(
            started.elapsed().as_secs() < 3_600,
            "the log is not followed"
        );
    }
    let (seconds, before) = (started.elapsed().as_secs(), server.memory());
    table.note(format!(
        "as of the past: {entries} entries were followed in {seconds} s"
    ));
    for (what, path) in PATHS {
        let numbers = articles * MOMENTS[0] * REVISIONS / WRITES;
        let ask = |path: String| {
            load::run(&Order {
                address: server.address.clone(),
                server: server.id(),
                connections: 4,
                millis: MILLIS,
                paths: vec![path],
                numbers,
                ..Order::default()
            })
        };
        for (share, moment) in MOMENTS.iter().zip(&moments) {
            let sign = if path.contains('?') { '&' } else { '?' };
            let turns = (0..TURNS).map(|_| {
                let then = ask(format!("{path}{sign}as_of={moment}"));
                (then, ask(path.to_owned()))
            });
            let (then, now) = median(turns.collect());
            let what = format!("{what}, as of {share} % of the log");
            table.compare(&what, &stock, "the same today", &then, &now);
        }
    }
    let days: Vec<String> = (0..20)
        .map(|nth| format!("/v1/articles?as_of={}", moments[nth % moments.len()]))
        .collect();
    load::run(&Order {
        address: server.address.clone(),
        server: server.id(),
        connections: 20,
        millis: MILLIS,
        paths: days,
        ..Order::default()
    });
    table.note(format!(
        "memory of the server: {before} MB before it was asked, {} MB after",
        server.memory()
    ));
}

/// Imports all articles, over and over, and returns the moments after some of the writes.
fn fill(stock: &Stock, articles: usize) -> Vec<String> {
    let config = Config {
        database: Secret(stock.url.clone()),
        ..Config::default()
    };
    let database = Database::open(config.location().unwrap(), config.pool_size()).unwrap();
    let mut moments = Vec::new();
    let (started, of_one) = (Instant::now(), WRITES / REVISIONS);
    for write in 0..WRITES {
        let (revision, part) = (write / of_one, write % of_one);
        let numbers = articles * part / of_one..articles * (part + 1) / of_one;
        stock::import_lines(&database, corpus::revision(numbers, revision));
        std::thread::sleep(std::time::Duration::from_millis(5));
        if MOMENTS.contains(&(write + 1)) {
            let now = Clock::System.now();
            moments.push(now.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string());
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }
    println!(
        "{} entries imported in {} s",
        articles * REVISIONS,
        started.elapsed().as_secs()
    );
    moments
}

fn is_followed(server: &Server, moment: &str) -> bool {
    let url = format!("http://{}/v1/topics?as_of={moment}", server.address);
    let client = reqwest::blocking::Client::builder().timeout(None).build();
    let answer = client.unwrap().get(url).send().unwrap();
    answer.status() == 200
}

/// The turn with the median ratio of processor time.
fn median(mut turns: Vec<(Outcome, Outcome)>) -> (Outcome, Outcome) {
    turns.sort_by(|one, other| {
        let ratio = |(then, now): &(Outcome, Outcome)| then.micros / now.micros;
        ratio(one).total_cmp(&ratio(other))
    });
    turns.swap_remove(turns.len() / 2)
}
