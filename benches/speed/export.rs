//! What an export costs: time, and memory while it runs.

use std::io::Read;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::process::Server;
use crate::stock::Stock;
use crate::table::Table;

/// What the slow client takes at once, and how long it then waits.
const SIP: usize = 64 * 1024;
const PAUSE: Duration = Duration::from_millis(50);
/// How long it goes on.
const PATIENCE: Duration = Duration::from_secs(60);

/// Exports every article to a client that takes what it can get, and to four slow ones at once.
pub fn run(stock: &Stock, table: &mut Table) {
    for (what, path) in [
        ("NDJSON", "/v1/exports/articles.ndjson"),
        (
            "NDJSON with bodies",
            "/v1/exports/articles.ndjson?fields=id,headline,body_html",
        ),
        ("CSV", "/v1/exports/articles.csv"),
    ] {
        let server = Server::real(&stock.url, &[]);
        server.wait_for_search();
        let before = server.memory();
        let started = Instant::now();
        let (bytes, most) = watched(&server, || take(&server, path, None));
        let seconds = started.elapsed().as_secs_f64();
        table.note(format!(
            "export of {} articles ({}), {what}: {seconds:.1} s, {:.0} articles a second, {:.0} MB; memory {before} MB before, {most} MB at most",
            stock.articles,
            stock.kind,
            stock.articles as f64 / seconds,
            bytes as f64 / 1e6,
        ));
    }
    let server = Server::real(&stock.url, &[]);
    server.wait_for_search();
    let before = server.memory();
    let ((), most) = watched(&server, || {
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| take(&server, "/v1/exports/articles.ndjson", Some(PAUSE)));
            }
        });
    });
    table.note(format!(
        "four slow exports at once ({}): memory {before} MB before, {most} MB at most",
        stock.kind
    ));
}

/// Takes an export, all of it or slowly for a while; how many bytes there were.
fn take(server: &Server, path: &str, pause: Option<Duration>) -> usize {
    let client = reqwest::blocking::Client::builder().timeout(None);
    let url = format!("http://{}{path}", server.address);
    let mut answer = client.build().unwrap().get(url).send().unwrap();
    assert_eq!(answer.status(), 200);
    let (mut buffer, mut bytes, started) = (vec![0; SIP], 0, Instant::now());
    loop {
        let count = answer.read(&mut buffer).unwrap();
        bytes += count;
        if count == 0 || (pause.is_some() && started.elapsed() > PATIENCE) {
            return bytes;
        }
        pause.into_iter().for_each(std::thread::sleep);
    }
}

/// Does something, and looks meanwhile how much memory the server has at most, in MB.
fn watched<T>(server: &Server, work: impl FnOnce() -> T) -> (T, u64) {
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let most = scope.spawn(|| {
            let mut most = 0;
            while !is_over.load(Ordering::Relaxed) {
                most = server.memory().max(most);
                std::thread::sleep(Duration::from_millis(50));
            }
            most
        });
        let done = work();
        is_over.store(true, Ordering::Relaxed);
        (done, most.join().unwrap())
    })
}
