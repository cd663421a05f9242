//! How fast: `cargo bench`. Ratios within one run, on this machine; see `benches/README.md`.
//!
//! An instance with made-up articles on SQLite, asked over loopback by one client. Each comparison runs its two
//! sides in turns, so that whatever else the machine does falls on both, and gives the median of the turns.
// the database of a comparison is no setting
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods
)]

mod bare;
mod corpus;
mod matrix;
mod writes;

use answerable::app::App;
use answerable::changes::Origin;
use answerable::clock::Clock;
use answerable::config::{Config, Secret};
use answerable::db::{Database, migrate};
use answerable::import::{self, OnMistake, Source};
use std::net::TcpListener;
use std::time::{Duration, Instant};

const TURNS: usize = 15;
const REQUESTS: usize = 150;

fn main() {
    writes::serve_if_asked();
    if std::env::args().any(|argument| argument == "matrix") {
        return matrix::compare();
    }
    writes::compare();
    let articles = std::env::args()
        .filter_map(|argument| argument.parse().ok())
        .next()
        .unwrap_or(100_000);
    let folder = tempfile::tempdir().unwrap();
    let config = Config {
        database: Secret(format!(
            "sqlite:{}",
            folder.path().join("speed.db").display()
        )),
        log: "error".to_owned(),
        ..Config::default()
    };
    let database = Database::open(config.location().unwrap(), config.pool_size()).unwrap();
    migrate::run(&database).unwrap();
    import_speed(&database, articles);

    reads(config, database, articles);
    matrix::compare();
}

fn reads(config: Config, database: Database, articles: usize) {
    let bare = serve_bare(&database);
    let real = serve_real(config, database);
    let client = reqwest::blocking::Client::new();
    let deep = page_at(&client, &real, articles * 9 / 10);

    println!(
        "\nreads, {TURNS} turns of {REQUESTS} requests, one connection (milliseconds a request, ratio of medians)"
    );
    let list = format!("{real}/v1/articles?limit=20");
    compare(
        &client,
        "list of 20, against a bare handler",
        &list,
        &format!("{bare}/list"),
    );
    let item = format!("{real}/v1/articles/article-77");
    compare(
        &client,
        "one article, against a bare handler",
        &item,
        &format!("{bare}/item"),
    );
    compare(
        &client,
        "list at 90 % depth, against the first page",
        &format!("{deep}&limit=20"),
        &list,
    );
    let of_one = format!("{real}/v1/organisations/organisation-7/articles?limit=20");
    compare(
        &client,
        "list of one organisation, against all",
        &of_one,
        &list,
    );
    let small = format!("{real}/v1/articles?limit=20&fields=slug,headline");
    compare(
        &client,
        "list with two fields, against whole records",
        &small,
        &list,
    );
}

fn import_speed(database: &Database, articles: usize) {
    let (file, bytes) = corpus::write(articles);
    let source = Source::file(file.path());
    for what in ["first time", "again, nothing changed"] {
        let origin = Origin {
            actor: "bench".to_owned(),
            request_id: None,
            now: Clock::System.now(),
        };
        let started = Instant::now();
        let report =
            import::run(database, origin, &source, OnMistake::StoreNothing, &|_| ()).unwrap();
        assert_eq!(report.mistakes, []);
        let seconds = started.elapsed().as_secs_f64();
        println!(
            "import of {articles} articles, {} MB, one thread, {what}: {seconds:.1} s, {:.0} a second",
            bytes / 1_000_000,
            articles as f64 / seconds
        );
    }
}

/// Serves as `answerable serve` does.
fn serve_real(config: Config, database: Database) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let app = App::new(config, database, Clock::System).unwrap();
    std::thread::spawn(move || {
        let server = async move { answerable::server::start(app, listener).unwrap().await };
        actix_web::rt::System::new().block_on(server).unwrap();
    });
    base
}

fn serve_bare(database: &Database) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let database = database.clone();
    std::thread::spawn(move || bare::serve(listener, database));
    base
}

/// The address of the page that starts so many articles from the newest.
fn page_at(client: &reqwest::blocking::Client, base: &str, depth: usize) -> String {
    let mut address = format!("{base}/v1/articles?limit=100&fields=id");
    for _ in 0..depth / 100 {
        let page: serde_json::Value = serde_json::from_slice(&get(client, &address)).unwrap();
        address = page["page"]["next"].as_str().unwrap().to_owned();
    }
    let cursor = address.split("cursor=").nth(1).unwrap();
    format!("{base}/v1/articles?cursor={cursor}")
}

fn get(client: &reqwest::blocking::Client, address: &str) -> Vec<u8> {
    let answer = client.get(address).send().unwrap();
    assert_eq!(answer.status(), 200, "{address}");
    answer.bytes().unwrap().to_vec()
}

fn compare(client: &reqwest::blocking::Client, what: &str, one: &str, other: &str) {
    let turn = |address: &str| {
        let started = Instant::now();
        for _ in 0..REQUESTS {
            get(client, address);
        }
        started.elapsed() / REQUESTS as u32
    };
    turn(one);
    turn(other);
    let (mut ones, mut others): (Vec<Duration>, Vec<Duration>) =
        (0..TURNS).map(|_| (turn(one), turn(other))).unzip();
    ones.sort();
    others.sort();
    let (one, other) = (
        ones[TURNS / 2].as_secs_f64() * 1e3,
        others[TURNS / 2].as_secs_f64() * 1e3,
    );
    println!("{what:<46} {one:>7.3} / {other:>7.3} = {:.2}", one / other);
}
