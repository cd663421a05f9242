//! Reads, hot and cold, each beside its limit.

use std::collections::HashMap;

use crate::bare::Bare;
use crate::handlers::Plain;
use crate::load::{self, Order, Outcome, Writes};
use crate::plain;
use crate::process::Server;
use crate::stock::{self, Stock};
use crate::table::Table;

const CONNECTIONS: usize = 16;
const TURNS: usize = 5;
const MILLIS: u64 = 1_500;
/// Connections to the database that `answerable serve` opens on a machine of two cores.
const POOL: usize = 4;
const NO_CACHE: [&str; 2] = ["--cache-bytes", "0"];

/// A page's address, and where the plain handlers answer the same.
struct Read {
    name: &'static str,
    path: String,
    bare: &'static str,
}

fn order(server: &Server, paths: &[&str], numbers: usize) -> Order {
    Order {
        address: server.address.clone(),
        server: server.id(),
        connections: CONNECTIONS,
        millis: MILLIS,
        paths: paths.iter().map(ToString::to_string).collect(),
        numbers,
        ..Order::default()
    }
}

/// Both sides in turns, so that whatever else the machine does falls on both; of each figure the median.
fn in_turns(one: &Order, other: &Order) -> (Outcome, Outcome) {
    for warm_up in [one, other] {
        load::run(&Order {
            millis: 300,
            ..warm_up.clone()
        });
    }
    let (ones, others): (Vec<_>, Vec<_>) = (0..TURNS)
        .map(|_| (load::run(one), load::run(other)))
        .unzip();
    (median(ones), median(others))
}

fn median(outcomes: Vec<Outcome>) -> Outcome {
    let of = |figure: fn(&Outcome) -> f64| {
        let mut figures: Vec<f64> = outcomes.iter().map(figure).collect();
        figures.sort_by(f64::total_cmp);
        figures[figures.len() / 2]
    };
    let mut all = Outcome {
        rate: of(|o| o.rate),
        p50: of(|o| o.p50),
        p99: of(|o| o.p99),
        micros: of(|o| o.micros),
        ..Outcome::default()
    };
    for outcome in &outcomes {
        for (status, count) in &outcome.statuses {
            *all.statuses.entry(*status).or_default() += count;
        }
        all.bare_refusals += outcome.bare_refusals;
        all.stale += outcome.stale;
        all.writes += outcome.writes;
    }
    all
}

/// The reads that a front page and its readers do.
fn everyday(stock: &Stock, server: &Server) -> Vec<Read> {
    let mut reads = vec![
        Read {
            name: "item",
            path: "/v1/articles/article-{}".to_owned(),
            bare: "/bare/item/{}",
        },
        Read {
            name: "latest 20",
            path: "/v1/articles".to_owned(),
            bare: "/bare/latest",
        },
        Read {
            name: "latest 20 of one",
            path: "/v1/articles?organisation=organisation-7".to_owned(),
            bare: "/bare/of-one",
        },
    ];
    reads.push(Read {
        name: "page at 90 % depth",
        path: deep_page(stock, server),
        bare: "",
    });
    reads
}

/// The second page after the moment where the depth begins, so that it is asked for by its cursor.
fn deep_page(stock: &Stock, server: &Server) -> String {
    // the cursor of an unfiltered list can only be had by walking there
    let mut path = "/v1/articles?fields=id&limit=100".to_owned();
    for _ in 0..stock.articles * 9 / 1_000 {
        let page: serde_json::Value = serde_json::from_slice(&server.get(&path)).unwrap();
        let next = page["page"]["next"].as_str().unwrap();
        path = next
            .split_once("/v1/")
            .map(|(_, rest)| format!("/v1/{rest}"))
            .unwrap();
    }
    let cursor = path
        .split("cursor=")
        .nth(1)
        .and_then(|rest| rest.split('&').next())
        .unwrap();
    format!("/v1/articles?cursor={cursor}")
}

/// From memory, against the same bytes from a map.
pub fn hot(stock: &Stock, table: &mut Table) {
    let real = Server::real(&stock.url, &[]);
    let mut reads = everyday(stock, &real);
    reads[0].path = "/v1/articles/article-77".to_owned();
    reads.push(Read {
        name: "matrix",
        path: "/v1/reports/report-1/coverage".to_owned(),
        bare: "",
    });
    let folder = tempfile::tempdir().unwrap();
    let mut files = HashMap::new();
    for (index, read) in reads.iter().enumerate() {
        let file = folder.path().join(index.to_string());
        std::fs::write(&file, real.get(&read.path)).unwrap();
        let path = read.path.split('?').next().unwrap();
        files.insert(format!("/{index}{path}"), file.display().to_string());
    }
    let paths: Vec<String> = reads
        .iter()
        .enumerate()
        .map(|(i, read)| format!("/{i}{}", read.path))
        .collect();
    let bare = bare_server(&Bare {
        files,
        ..Bare::default()
    });
    for (read, path) in reads.iter().zip(&paths) {
        let (real, bare) = in_turns(&order(&real, &[&read.path], 0), &order(&bare, &[path], 0));
        table.compare(
            &format!("hot: {}", read.name),
            stock,
            "static bytes",
            &real,
            &bare,
        );
    }
    headers(stock, table, &real, &bare, &reads[0].path, &paths[0]);
    table.note(format!(
        "memory of the server after these ({}, {} articles): {} MB",
        stock.kind,
        stock.articles,
        real.memory()
    ));
}

/// The item compressed, and the answer that it has not changed.
fn headers(stock: &Stock, table: &mut Table, real: &Server, bare: &Server, item: &str, file: &str) {
    let mut coded = order(real, &[item], 0);
    coded.headers = vec!["Accept-Encoding: gzip, deflate, br, zstd".to_owned()];
    let (coded, plain) = in_turns(&coded, &order(bare, &[file], 0));
    table.compare(
        "hot: item, compressed",
        stock,
        "static bytes",
        &coded,
        &plain,
    );
    let answer = reqwest::blocking::get(format!("http://{}{item}", real.address)).unwrap();
    let tag = answer.headers()["etag"].to_str().unwrap().to_owned();
    let mut current = order(real, &[item], 0);
    current.headers = vec![format!("If-None-Match: {tag}")];
    let (current, bare) = in_turns(&current, &order(bare, &["/bare/304"], 0));
    assert!(!current.statuses.contains_key(&200));
    table.compare("hot: 304 of the item", stock, "bare 304", &current, &bare);
}

/// From memory while 50 changes a second arrive, against the same when all is quiet.
pub fn writing(stock: &Stock, table: &mut Table) {
    let server = Server::real(&stock.url, &[]);
    let mut reads = everyday(stock, &server);
    reads[0].path = "/v1/articles/article-77".to_owned();
    let mut paths: Vec<&str> = reads.iter().map(|read| read.path.as_str()).collect();
    paths.push("/v1/reports/report-1/coverage");
    let quiet = order(&server, &paths, 0);
    let writes = Writes {
        path: paths[0].to_owned(),
        token: stock::token(&stock.url, &server),
        per_second: 50,
    };
    let busy = Order {
        writes: Some(writes),
        ..quiet.clone()
    };
    let (busy, quiet) = in_turns(&busy, &quiet);
    table.compare(
        "hot set, 50 writes a second",
        stock,
        "the same, quiet",
        &busy,
        &quiet,
    );
    let seconds = (TURNS as u64 * MILLIS) as f64 / 1e3;
    table.note(format!(
        "{:.0} writes a second arrived; answers older than an acknowledged write: {}",
        busy.writes as f64 / seconds,
        busy.stale
    ));
}

/// From the database, against plain handlers on tables of their own.
pub fn cold(stock: &Stock, table: &mut Table) {
    let folder = tempfile::tempdir().unwrap();
    let url = plain::copy_of(&stock.url, folder.path());
    let opponents = match stock.kind {
        "SQLite" => vec![("bare Diesel", Plain::Sqlite(url))],
        _ => vec![
            ("bare Diesel", Plain::Postgresql(url.clone())),
            ("bare tokio-postgres", Plain::TokioPostgresql(url)),
        ],
    };
    let real = Server::real(&stock.url, &NO_CACHE);
    let reads = everyday(stock, &real);
    for (name, plain) in opponents {
        let bare = bare_server(&Bare {
            plain: Some(plain),
            ..Bare::default()
        });
        for read in &reads[..3] {
            same_size(&real, &bare, read);
            let real = order(&real, &[&read.path], stock.articles);
            let (real, bare) = in_turns(&real, &order(&bare, &[read.bare], stock.articles));
            table.compare(&format!("cold: {}", read.name), stock, name, &real, &bare);
        }
    }
    let (deep, first) = in_turns(
        &order(&real, &[&reads[3].path], 0),
        &order(&real, &[&reads[1].path], 0),
    );
    table.compare(
        "cold: page at 90 % depth",
        stock,
        "first page",
        &deep,
        &first,
    );
}

/// Checks that the plain handlers answer about as many bytes: all but the links to other pages.
fn same_size(real: &Server, bare: &Server, read: &Read) {
    let size = |server: &Server, path: &str| server.get(&path.replace("{}", "77")).len() as f64;
    let (real, bare) = (size(real, &read.path), size(bare, read.bare));
    let ratio = bare / real;
    assert!(
        (0.95..1.02).contains(&ratio),
        "{}: {real} and {bare} bytes",
        read.name
    );
}

/// Ten times as many connections as the pool has, against as many.
pub fn overloaded(stock: &Stock, table: &mut Table) {
    let server = Server::real(&stock.url, &NO_CACHE);
    let before = server.memory();
    let paths = [
        "/v1/articles/article-{}",
        "/v1/articles",
        "/v1/articles?organisation=organisation-7",
    ];
    let few = Order {
        connections: POOL,
        ..order(&server, &paths, stock.articles)
    };
    let many = Order {
        connections: POOL * 10,
        ..few.clone()
    };
    let (many, few) = in_turns(&many, &few);
    table.compare("cold: 40 connections", stock, "4 connections", &many, &few);
    table.note(format!(
        "statuses with 40 connections ({}): {:?}, of which without Retry-After: {}; memory {before} MB before, {} MB after",
        stock.kind, many.statuses, many.bare_refusals, server.memory()
    ));
}

/// A million articles against ten thousand.
pub fn scale(small: &Stock, large: &Stock, table: &mut Table) {
    // both from the system's memory: what a disk adds is not the question here
    small.warm();
    large.warm();
    let (server, other) = (
        Server::real(&large.url, &NO_CACHE),
        Server::real(&small.url, &NO_CACHE),
    );
    for (many, few) in everyday(large, &server)
        .iter()
        .zip(&everyday(small, &other))
    {
        // one connection: the latency, not the queue
        let many_order = Order {
            connections: 1,
            ..order(&server, &[&many.path], large.articles)
        };
        let few_order = Order {
            connections: 1,
            ..order(&other, &[&few.path], small.articles)
        };
        let (slow, quick) = in_turns(&many_order, &few_order);
        table.compare(
            &format!("cold: {}", many.name),
            large,
            "10,000 articles",
            &slow,
            &quick,
        );
    }
    drop((server, other));
    let fresh = Server::real(&large.url, &[]);
    table.note(format!(
        "with {} articles: {} ms from start to the first answer, {} MB then",
        large.articles,
        fresh.start.as_millis(),
        fresh.memory()
    ));
    let mixed = order(
        &fresh,
        &[
            "/v1/articles/article-{}",
            "/v1/articles?organisation=organisation-{}",
        ],
        60,
    );
    load::run(&mixed);
    let all = order(&fresh, &["/v1/articles/article-{}"], large.articles);
    load::run(&Order {
        millis: 20_000,
        ..all
    });
    table.note(format!(
        "after 20 s of random articles, with the cache full: {} MB",
        fresh.memory()
    ));
}

fn bare_server(bare: &Bare) -> Server {
    Server::bare(&serde_json::to_string(bare).unwrap())
}
