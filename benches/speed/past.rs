//! Any day at the price of today: answers as of early, middle and late moments of a log, compared with those of today.

use answerable::platform::clock::Clock;
use answerable::platform::config::{Config, Secret};
use answerable::platform::db::Database;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::corpus;
use crate::load::{self, Order, Outcome};
use crate::process::Server;
use crate::stock::{self, Stock};
use crate::table::Table;

/// How often each article is written.
const REVISIONS: usize = 5;
/// In how many writes the articles are imported.
const WRITES: usize = 100;
/// A moment is kept after every so many of them: 20 in all.
const EVERY: usize = 5;
/// After how many writes the past is asked for.
const SHARES: [usize; 3] = [5, 50, 95];
const REPORTS: usize = 32;
/// Moments are at least so far from each other, and from the writes around them.
const APART: Duration = Duration::from_millis(5);
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
    let seconds = follow(&server, &moments[0]);
    table.note(format!(
        "as of the past: {entries} entries were followed in {seconds} s"
    ));
    memory(&server, &moments, table);
    for (what, path) in PATHS {
        let numbers = articles * SHARES[0] * REVISIONS / WRITES;
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
        for share in SHARES {
            let moment = &moments[share / EVERY - 1];
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
}

/// How much memory the server has after 20 clients asked for the same moment, and after each asked for another.
fn memory(server: &Server, moments: &[String], table: &mut Table) {
    let before = server.memory();
    let after = |moments: &[String]| {
        let paths = moments
            .iter()
            .map(|moment| format!("/v1/articles?as_of={moment}"));
        load::run(&Order {
            address: server.address.clone(),
            server: server.id(),
            connections: 20,
            millis: MILLIS,
            paths: paths.collect(),
            ..Order::default()
        });
        server.memory()
    };
    let (one, all) = (after(&moments[..1]), after(moments));
    table.note(format!(
        "memory of the server: {before} MB after it followed the log, {one} MB after 20 clients asked for one moment, \
         {all} MB after they asked for {} moments",
        moments.len()
    ));
}

/// Imports all articles, over and over, and returns the moments that are kept.
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
        std::thread::sleep(APART);
        if (write + 1) % EVERY == 0 {
            moments.push(this_moment());
        }
    }
    println!(
        "{} entries imported in {} s",
        articles * REVISIONS,
        started.elapsed().as_secs()
    );
    moments
}

/// The present time, for `as_of`: it is past when this returns, as `as_of` of the present reads the present.
pub fn this_moment() -> String {
    let now = Clock::System.now();
    std::thread::sleep(APART);
    now.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// Waits until the server has followed its log, and returns how many seconds it took. The log is older than the moment.
pub fn follow(server: &Server, moment: &str) -> u64 {
    let started = Instant::now();
    while !is_followed(server, moment) {
        assert!(
            started.elapsed().as_secs() < 3_600,
            "the log is not followed"
        );
        std::thread::sleep(Duration::from_millis(100));
    }
    started.elapsed().as_secs()
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
