//! Faults by seeds: clients write while the disk of SQLite fails or the power goes off, and what they were told is
//! compared with what is there in the end. A seed repeats its faults; the order of threads is left to the machine. Ten
//! seeds share a database, one after the other.
//!
//! `FAULT_SEEDS` sets how many seeds are run, `FAULT_SEED` the first.

mod disk;
mod history;
mod postgresql;

use answerable::platform::config::Config;
use answerable::platform::db::Synchronous;
use diesel::connection::SimpleConnection;
use diesel::{Connection, RunQueryDsl, SqliteConnection};
use serde_json::json;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};

use self::disk::{Fault, Plan};
use self::history::History;
use crate::support::random::Random;
use crate::support::{Content, Instance, Kind, kinds, setting, sqlite};

/// How many seeds run at once: each waits most of the time.
const THREADS: usize = 16;
/// How many seeds share a database.
const CHAIN: usize = 10;

/// A database with a client, and the client's token.
struct Template {
    bytes: Vec<u8>,
    token: String,
}

static TEMPLATE: LazyLock<Template> = LazyLock::new(|| {
    let mut api = Instance::start(Kind::Sqlite, Content::Empty, |_| {});
    let token = api.admin();
    api.stop_gracefully();
    let url = api.url();
    let copy = sqlite::copy(url.strip_prefix("sqlite:").unwrap().as_ref());
    let bytes = std::fs::read(copy).unwrap();
    Template { bytes, token }
});

/// A server whose database is on a disk that fails by plan.
struct Server {
    api: Instance,
    plan: Arc<Plan>,
    folder: tempfile::TempDir,
    /// From how many pages on the write-ahead log is written back.
    checkpoint_pages: u32,
    /// The URL of the log after the entries that were compared.
    next: String,
}

impl Server {
    /// Starts one on the files in a folder.
    fn start(folder: tempfile::TempDir, checkpoint_pages: u32) -> Self {
        let plan = Plan::of(folder.path());
        let url = format!("sqlite:{}", uri(folder.path()));
        let search = folder.path().join("search");
        let settings = |config: &mut Config| {
            config.sqlite_synchronous = Synchronous::Full;
            config.search_folder = Some(search.clone());
            config.database_wait_ms = 200;
            config.sqlite_checkpoint_pages = checkpoint_pages;
        };
        let api = Instance::start_at(&url, settings);
        let next = "/v1/changes?".to_owned();
        Self {
            api,
            plan,
            folder,
            checkpoint_pages,
            next,
        }
    }

    /// Lets operations of the disk fail from now on. A write takes about ten.
    fn plan_faults(&self, random: &mut Random) {
        let faults = [
            Fault::Error,
            Fault::Full,
            Fault::Short,
            Fault::Sync,
            Fault::MainSync,
            Fault::Read,
        ];
        for _ in 0..=random.below(3) {
            let fault = faults[random.below(6) as usize];
            let (wait, count) = (random.below(80), [1, 2, 40][random.below(3) as usize]);
            self.plan.fail(fault, wait, count);
        }
        if random.below(4) == 0 {
            self.plan.switch_off(random.below(120));
        }
    }

    /// A reader in a snapshot, where checkpoints end as long as it is there.
    fn hold_snapshot(&self) -> Option<SqliteConnection> {
        let mut reader = SqliteConnection::establish(&uri(self.folder.path())).ok()?;
        let begun = reader.batch_execute("BEGIN; SELECT count(*) FROM topics");
        begun.is_ok().then_some(reader)
    }

    /// The number of pages in the write-ahead log, and of those that were written back.
    fn wal(&self) -> (i32, i32) {
        #[derive(diesel::QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::Integer)]
            log: i32,
            #[diesel(sql_type = diesel::sql_types::Integer)]
            checkpointed: i32,
        }
        let mut connection = SqliteConnection::establish(&uri(self.folder.path())).unwrap();
        let length = diesel::sql_query("PRAGMA wal_checkpoint(NOOP)");
        let row: Row = length.get_result(&mut connection).unwrap();
        (row.log, row.checkpointed)
    }

    /// Starts it again with what is left after a power failure.
    fn after_power_failure(self, random: &mut Random) -> Self {
        let folder = tempfile::tempdir().unwrap();
        self.plan.leave_to(folder.path(), random);
        Plan::forget(self.folder.path());
        drop(self.api);
        Self {
            next: self.next,
            ..Self::start(folder, self.checkpoint_pages)
        }
    }
}

fn uri(folder: &Path) -> String {
    format!("file:{}?vfs=faulty", folder.join("test.db").display())
}

/// Lets one seed run. Returns the server, which may be another, and what was wrong.
fn run(seed: usize, mut server: Server) -> (Server, Vec<String>) {
    let mut random = Random::new(seed as u64);
    let mut history = History::new(seed, &TEMPLATE.token);
    history.write(&server.api, &server.plan, &mut random, 2);
    server.plan_faults(&mut random);
    history.write(&server.api, &server.plan, &mut random, 6);
    let snapshot = (random.below(2) == 0).then(|| server.hold_snapshot());
    history.write(&server.api, &server.plan, &mut random, 4);
    drop(snapshot);
    history.write(&server.api, &server.plan, &mut random, 2);
    server.plan.heal();
    if server.plan.is_off() || random.below(4) == 0 {
        server = server.after_power_failure(&mut random);
    } else {
        history.wait_until_healed(&server.api);
    }
    history.repeat_those_without_answer(&server.api);
    history.write(&server.api, &server.plan, &mut random, 2);
    history.repeat_those_without_answer(&server.api);
    let mut wrong = history.compare(&server.api, &mut server.next);
    wrong.extend(damage(&server));
    (server, wrong)
}

/// Lets the seeds of a chain run.
fn run_chain(seeds: std::ops::Range<usize>) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("test.db"), &TEMPLATE.bytes).unwrap();
    let first = seeds.start;
    let checkpoint_pages = [8_000, 10, 50, 100][first / CHAIN % 4];
    let mut server = Server::start(folder, checkpoint_pages);
    for seed in seeds {
        let wrong;
        (server, wrong) = run(seed, server);
        let nothing = Vec::<String>::new();
        assert_eq!(wrong, nothing, "seed {seed} of the chain from {first}");
    }
    Plan::forget(server.folder.path());
}

/// What is wrong with the file and with the log.
fn damage(server: &Server) -> Vec<String> {
    let check = answerable::platform::db::Sql::new("PRAGMA integrity_check");
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Text)]
        integrity_check: String,
    }
    let rows: Vec<Row> = server.api.read(|c| check.load(c));
    let found = rows.into_iter().map(|row| row.integrity_check);
    let mut wrong: Vec<String> = found.filter(|line| line != "ok").collect();
    wrong.extend(faults_of_the_log(&server.api));
    wrong
}

fn faults_of_the_log(api: &Instance) -> Vec<String> {
    let report = answerable::log::verify::verify(&api.database).unwrap();
    let faults = report.faults.iter();
    faults.map(|fault| format!("the log: {fault:?}")).collect()
}

/// After a partial checkpoint, which does not sync, a complete one fails, and the system drops what both wrote.
#[test]
fn what_a_failed_checkpoint_wrote_is_written_again() {
    if !kinds().contains(&Kind::Sqlite) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("test.db"), &TEMPLATE.bytes).unwrap();
    let mut server = Server::start(folder, 100);
    // in pages that no later write touches
    let (api, token) = (&server.api, TEMPLATE.token.as_str());
    let body = json!({"slug": "long", "name": "Long"});
    api.post("/v1/organisations", token, &body)
        .assert_status(201);
    let text = format!("<p>{}</p>", "long ".repeat(12_000));
    let body = json!({"slug": "long", "headline": "Long", "organisation": "long", "published_at": "2026-01-02T00:00:00Z", "body_html": text});
    api.post("/v1/articles", token, &body).assert_status(201);
    let (of_article, written_back) = server.wal();
    assert_eq!(written_back, 0, "of {of_article}");
    let snapshot = server.hold_snapshot().unwrap();
    let mut writes = 0..200;
    let mut write = |server: &Server| {
        let slug = format!("topic-{}", writes.next().expect("too many writes"));
        let body = json!({"slug": slug, "name": "Topic"});
        let answer = server.api.post("/v1/topics", token, &body);
        answer.assert_status(201);
    };
    while server.wal().1 < of_article {
        write(&server);
    }
    let (log, written_back) = server.wal();
    assert!(written_back < log, "{written_back} of {log}");
    drop(snapshot);

    server.plan.fail(Fault::MainSync, 0, 1_000_000);
    while server.plan.failures() == 0 {
        write(&server);
    }
    server.plan.heal();
    // until the log is written back, and begun again
    while server.wal().0 >= log {
        write(&server);
    }
    server.plan.lose_the_rest();
    server = server.after_power_failure(&mut Random::new(1));
    assert_eq!(damage(&server), Vec::<String>::new());
    let article = server.api.data("/v1/articles/long");
    assert_eq!(article["body_html"], text);
    Plan::forget(server.folder.path());
}

#[test]
fn a_failing_disk_loses_and_doubles_nothing() {
    if !kinds().contains(&Kind::Sqlite) {
        return;
    }
    let (first, count) = (setting("FAULT_SEED", 0), setting("FAULT_SEEDS", 20));
    let chains = Mutex::new((first / CHAIN * CHAIN..first + count).step_by(CHAIN));
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let next = chains.lock().unwrap().next();
                    let Some(first) = next else { return };
                    run_chain(first..first + CHAIN);
                }
            });
        }
    });
}
