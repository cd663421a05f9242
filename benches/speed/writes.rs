//! How many articles a second can be created over HTTP, one a request: a server on one core, its clients on the other.

use answerable::access::{Rights, clients, keys, token};
use answerable::app::App;
use answerable::log::{Log, Origin};
use answerable::platform::clock::Clock;
use answerable::platform::config::{Config, Secret};
use answerable::platform::db::{Database, Error, Synchronous, migrate};
use answerable::tracking::catalogue::CATALOGUE;
use answerable::writing::import::{self, OnMistake, Source};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

const CLIENTS: usize = 16;
const WRITES: usize = 8_000;
/// With this, a database and a word, the program is the server of a measurement.
const SERVE: &str = "--serve-writes";

/// Serves, if this process was started for that.
pub fn serve_if_asked() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, asked, url, full] = arguments.as_slice()
        && asked == SERVE
    {
        serve(url, full == "full");
    }
}

/// On SQLite with both settings of `sqlite_synchronous`, and on the PostgreSQL that `BENCH_POSTGRES` names.
pub fn compare() {
    println!(
        "creating {WRITES} articles of 2.8 kB, one a request, {CLIENTS} connections, server on one core"
    );
    let folder = tempfile::tempdir().unwrap();
    for name in ["normal", "full"] {
        let url = format!("sqlite:{}", folder.path().join(name).display());
        measure(&format!("SQLite, synchronous={name}"), &url, name);
    }
    if let Ok(url) = std::env::var("BENCH_POSTGRES") {
        measure("PostgreSQL", &url, "normal");
    }
    println!();
}

/// Ends the server with the measurement.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn measure(what: &str, url: &str, synchronous: &str) {
    let program = std::env::current_exe().unwrap();
    let pinned = Command::new("taskset").arg("--version").output().is_ok();
    let mut command = match pinned {
        true => Command::new("taskset"),
        false => Command::new(&program),
    };
    if pinned {
        command.args(["-c", "0"]).arg(&program);
    }
    command
        .args([SERVE, url, synchronous])
        .stdout(Stdio::piped());
    let mut server = Server(command.spawn().unwrap());
    let mut line = String::new();
    BufReader::new(server.0.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let (base, token) = line.trim().split_once(' ').unwrap();
    let text = "Words of a fictional article. ".repeat(90);
    let run = uuid::Uuid::now_v7();
    let client = reqwest::blocking::Client::new();
    let started = Instant::now();
    std::thread::scope(|scope| {
        for connection in 0..CLIENTS {
            let (client, text) = (&client, &text);
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

/// Prints where it serves, and a token; then serves until it is killed.
fn serve(url: &str, is_full: bool) {
    let config = Config {
        database: Secret(url.to_owned()),
        sqlite_synchronous: if is_full {
            Synchronous::Full
        } else {
            Synchronous::Normal
        },
        workers: 1,
        log: "error".to_owned(),
        ..Config::default()
    };
    let database = Database::open(config.location().unwrap(), config.pool_size()).unwrap();
    migrate::run(&database).unwrap();
    let now = Clock::System.now();
    let origin = Origin {
        actor: "bench".to_owned(),
        now,
        ..Origin::default()
    };
    let body = r#"{"type":"organisation","slug":"body","name":"A fictional body"}"#;
    let source = Source::Memory(vec![body.to_owned()]);
    import::run(
        &Log::new(database.clone()),
        &CATALOGUE,
        origin,
        &source,
        OnMistake::StoreNothing,
        false,
        &|_| (),
    )
    .unwrap();
    keys::ensure(&database, now).unwrap();
    let keys = database
        .read_now(|c| Ok::<_, Error>(keys::load(c, now)?))
        .unwrap();
    let secret = clients::Credential::Secret;
    let (client, _) = clients::add(&database, "bench", &Rights::all(), secret, now).unwrap();
    let token = token::issue(&keys, &config.issuer(), &client, Rights::all(), now, 3_600).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("http://{} {token}", listener.local_addr().unwrap());
    let app = App::new(config, database, Clock::System).unwrap();
    let server = async move {
        answerable::app::server::start(app, listener, None)
            .unwrap()
            .await
    };
    actix_web::rt::System::new().block_on(server).unwrap();
}
