//! How many articles a second can be created over HTTP, one a request.

use answerable::app::App;
use answerable::auth::{Rights, keys, token};
use answerable::changes::Origin;
use answerable::clock::Clock;
use answerable::config::{Config, Secret, Synchronous};
use answerable::db::{Database, Error, migrate};
use answerable::import::{self, OnMistake, Source};
use std::time::Instant;

const CLIENTS: usize = 8;
const WRITES: usize = 8_000;

/// On SQLite with both settings of `sqlite_synchronous`, and on the PostgreSQL that `BENCH_POSTGRES` names.
pub fn compare() {
    println!(
        "creating {WRITES} articles, one a request, {CLIENTS} connections, one thread for requests"
    );
    let folder = tempfile::tempdir().unwrap();
    for (name, synchronous) in [("normal", Synchronous::Normal), ("full", Synchronous::Full)] {
        let path = folder.path().join(name);
        let url = format!("sqlite:{}", path.display());
        measure(&format!("SQLite, synchronous={name}"), &url, synchronous);
    }
    if let Ok(url) = std::env::var("BENCH_POSTGRES") {
        measure("PostgreSQL", &url, Synchronous::Normal);
    }
    println!();
}

fn measure(what: &str, url: &str, sqlite_synchronous: Synchronous) {
    let config = Config {
        database: Secret(url.to_owned()),
        sqlite_synchronous,
        workers: 1,
        log: "error".to_owned(),
        ..Config::default()
    };
    let database = Database::open(config.location().unwrap(), config.pool_size()).unwrap();
    migrate::run(&database).unwrap();
    let now = Clock::System.now();
    let origin = Origin {
        actor: "bench".to_owned(),
        request_id: None,
        now,
    };
    let body = r#"{"type":"organisation","slug":"body","name":"A fictional body"}"#;
    let source = Source::memory(vec![body.to_owned()]);
    import::run(&database, origin, &source, OnMistake::StoreNothing, &|_| ()).unwrap();
    let issuer = config.issuer();
    keys::ensure(&database, now).unwrap();
    let keys = database
        .read_now(|c| Ok::<_, Error>(keys::load(c, now)?))
        .unwrap();
    let token = token::issue(&keys, &issuer, "cli", Rights::all(), now, 3_600).unwrap();
    let base = super::serve(App::new(config, database, Clock::System).unwrap());
    let text = "Words of a fictional article. ".repeat(90);
    let run = uuid::Uuid::now_v7();
    let client = reqwest::blocking::Client::new();
    let started = Instant::now();
    std::thread::scope(|scope| {
        for connection in 0..CLIENTS {
            let (client, base, token, text) = (&client, &base, &token, &text);
            scope.spawn(move || {
                for n in 0..WRITES / CLIENTS {
                    let article = format!(
                        r#"{{"slug":"a-{run}-{connection}-{n}","headline":"Headline","published_at":"2026-01-02T03:04:05Z","organisation":"body","original_url":"https://example.org/{run}/{connection}/{n}","body_html":"<p>{text}</p>"}}"#
                    );
                    let request = client.post(format!("{base}/v1/articles")).bearer_auth(token);
                    let request = request.header("content-type", "application/json").body(article);
                    assert_eq!(request.send().unwrap().status(), 201);
                }
            });
        }
    });
    let seconds = started.elapsed().as_secs_f64();
    println!("{what:<30} {:>7.0} a second", WRITES as f64 / seconds);
}
