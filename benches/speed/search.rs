//! Search in 100,000 articles of 3 kB whose words are as unevenly spread as those of a language.

use answerable::platform::config::{Config, Secret};
use answerable::platform::db::{Database, migrate};
use serde_json::json;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::NamedTempFile;

use crate::corpus::{ORGANISATIONS, Random};
use crate::load::{self, Order};
use crate::process::Server;
use crate::stock;

/// How many different words there are. The n-th most frequent is about n times as rare as the first.
const WORDS: usize = 50_000;
const WORDS_IN_A_BODY: usize = 420;
const WORDS_IN_A_HEADLINE: usize = 8;
/// Queries of each kind.
const QUERIES: usize = 500;
const MILLIS: u64 = 6_000;
/// Articles that are created and waited for.
const WRITES: usize = 100;

/// Fills a database, builds the index, and asks it.
pub fn measure(folder: &Path, articles: usize) {
    let url = format!("sqlite:{}", folder.join("search.db").display());
    let config = Config {
        database: Secret(url.clone()),
        ..Config::default()
    };
    let database = Database::open(config.location().unwrap(), config.pool_size()).unwrap();
    migrate::run(&database).unwrap();
    stock::import(&database, &corpus(articles));
    drop(database);
    let started = Instant::now();
    stock::build_index(&url);
    println!(
        "index of {articles} articles: {:.1} s",
        started.elapsed().as_secs_f64()
    );
    stock::follow_log(&url);
    let server = Server::real(&url, &["--cache-bytes", "0"]);
    server.wait_for_search();
    let bytes = size_of(&folder.join("search.db-search"));
    println!("size of the index: {:.0} MB", bytes as f64 / 1e6);
    println!("| Search, top 20 | a second | p50, ms | p99, ms |\n|---|---|---|---|");
    let facets = "&facet=type,organisation,topic&count=exact";
    for (what, words, more) in [
        ("one word", 1, String::new()),
        ("two words", 2, String::new()),
        ("one word, facets", 1, facets.to_owned()),
        ("two words, facets", 2, facets.to_owned()),
        (
            "two words, an organisation, facets",
            2,
            format!("{facets}&organisation=organisation-7"),
        ),
    ] {
        let paths = queries(words)
            .into_iter()
            .map(|query| format!("/v1/search?q={query}{more}"));
        let order = Order {
            address: server.address.clone(),
            server: server.id(),
            connections: 1,
            millis: MILLIS,
            paths: paths.collect(),
            ..Order::default()
        };
        let outcome = load::run(&order);
        assert_eq!(outcome.statuses.keys().collect::<Vec<_>>(), [&200]);
        println!(
            "| {what} | {:.0} | {:.2} | {:.2} |",
            outcome.rate, outcome.p50, outcome.p99
        );
    }
    println!("memory of the server after these: {} MB", server.memory());
    print_waits(waits(&server, &stock::token(&url, &server)));
}

/// How many bytes the files of a folder have.
fn size_of(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap();
    let size = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => size_of(&path),
            false => path.metadata().unwrap().len(),
        }
    };
    entries.map(size).sum()
}

/// How long it takes until an article is found, from the answer to its creation on, in milliseconds.
fn waits(server: &Server, token: &str) -> Vec<f64> {
    let client = reqwest::blocking::Client::new();
    let one = |number: usize| {
        let article = json!({
            "slug": format!("found-{number}"), "headline": format!("findable{number}"),
            "published_at": "2026-01-02T03:04:05Z", "organisation": "organisation-7",
        });
        let request = client
            .post(format!("http://{}/v1/articles", server.address))
            .header("authorization", token)
            .header("content-type", "application/json");
        assert_eq!(
            request.body(article.to_string()).send().unwrap().status(),
            201
        );
        let started = Instant::now();
        let path = format!("/v1/search?q=findable{number}&type=article");
        let slug = format!("\"found-{number}\"");
        while !String::from_utf8_lossy(&server.get(&path)).contains(&slug) {
            std::thread::sleep(Duration::from_millis(2));
        }
        started.elapsed().as_secs_f64() * 1e3
    };
    (0..WRITES).map(one).collect()
}

fn print_waits(mut waits: Vec<f64>) {
    waits.sort_by(f64::total_cmp);
    println!(
        "found after its creation was acknowledged: {:.0} ms (median of {}), {:.0} ms at most",
        waits[waits.len() / 2],
        waits.len(),
        waits[waits.len() - 1]
    );
}

/// Words as they come in texts, but for the most frequent ten, which nobody looks for.
fn queries(words: usize) -> Vec<String> {
    let mut random = Random(words as u64);
    let mut query = || {
        let one = |random: &mut Random| loop {
            let rank = rank(random);
            if rank >= 10 {
                return word(rank);
            }
        };
        (0..words)
            .map(|_| one(&mut random))
            .collect::<Vec<_>>()
            .join("+")
    };
    (0..QUERIES).map(|_| query()).collect()
}

/// A rank, the first far more often than the last.
fn rank(random: &mut Random) -> usize {
    let part = random.below(1_000_000) as f64 / 1e6;
    ((WORDS as f64).powf(part) - 1.0) as usize
}

/// A made-up word, of two syllables or three.
fn word(rank: usize) -> String {
    const SYLLABLES: [&str; 40] = [
        "ba", "be", "bi", "bo", "da", "de", "di", "do", "ka", "ke", "ki", "ko", "la", "le", "li",
        "lo", "ma", "me", "mi", "mo", "na", "ne", "ni", "no", "pa", "pe", "pi", "po", "ra", "re",
        "ri", "ro", "ta", "te", "ti", "to", "va", "ve", "vi", "vo",
    ];
    let of = |rank: usize| SYLLABLES[rank % SYLLABLES.len()];
    let (second, third) = (rank / SYLLABLES.len(), rank / SYLLABLES.len().pow(2));
    let last = if third > 0 { of(third) } else { "" };
    format!("{}{}{last}", of(rank), of(second))
}

fn corpus(articles: usize) -> NamedTempFile {
    let mut file = BufWriter::new(NamedTempFile::new().unwrap());
    for number in 0..ORGANISATIONS {
        let name = format!("Made-up organisation {number}");
        let organisation =
            json!({"type": "organisation", "slug": format!("organisation-{number}"), "name": name});
        writeln!(file, "{organisation}").unwrap();
    }
    for number in 0..40 {
        let topic = json!({"type": "topic", "slug": format!("topic-{number}"), "name": format!("Made-up topic {number}")});
        writeln!(file, "{topic}").unwrap();
    }
    let start = chrono::DateTime::from_timestamp(1_100_000_000, 0).unwrap();
    for number in 0..articles {
        let mut random = Random(number as u64 + 1);
        let mut text = |count| {
            (0..count)
                .map(|_| word(rank(&mut random)))
                .collect::<Vec<_>>()
                .join(" ")
        };
        let (headline, body) = (text(WORDS_IN_A_HEADLINE), text(WORDS_IN_A_BODY));
        let at = start + chrono::Duration::minutes(number as i64 * 7);
        let article = json!({
            "type": "article", "slug": format!("article-{number}"), "headline": headline,
            "published_at": at.to_rfc3339(), "body_html": format!("<p>{body}</p>"),
            "organisation": format!("organisation-{}", random.below(ORGANISATIONS)),
            "topics": [format!("topic-{}", random.below(40))],
        });
        writeln!(file, "{article}").unwrap();
    }
    file.into_inner().unwrap()
}
