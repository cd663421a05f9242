//! Faults by seeds: clients write while the disk of SQLite fails or the power goes off, and what they were told is
//! compared with what is there in the end. A seed repeats its faults; the order of threads is left to the machine. Ten
//! seeds share a database, one after the other.
//!
//! `FAULT_SEEDS` sets how many seeds are run, `FAULT_SEED` the first.

mod disk;
mod history;
mod postgresql;
mod random;

use answerable::platform::config::Config;
use answerable::platform::db::Synchronous;
use diesel::connection::SimpleConnection;
use diesel::{Connection, RunQueryDsl, SqliteConnection};
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};

use self::disk::{Fault, Plan};
use self::history::History;
use self::random::Random;
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
    /// The URL of the log after the entries that were compared.
    next: String,
}

impl Server {
    /// Starts one on the files in a folder.
    fn start(folder: tempfile::TempDir) -> Self {
        let plan = Plan::of(folder.path());
        let url = format!("sqlite:{}", uri(folder.path()));
        let search = folder.path().join("search");
        let settings = |config: &mut Config| {
            config.sqlite_synchronous = Synchronous::Full;
            config.search_folder = Some(search.clone());
            config.database_wait_ms = 200;
        };
        let api = Instance::start_at(&url, settings);
        let next = "/v1/changes?".to_owned();
        Self {
            api,
            plan,
            folder,
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
            Fault::Read,
        ];
        for _ in 0..=random.below(3) {
            let fault = faults[random.below(5) as usize];
            let (wait, count) = (random.below(80), [1, 2, 40][random.below(3) as usize]);
            self.plan.fail(fault, wait, count);
        }
        if random.below(4) == 0 {
            self.plan.switch_off(random.below(120));
        }
    }

    /// Writes back what is in the write-ahead log, as far as the disk lets it.
    fn checkpoint(&self) {
        let connection = SqliteConnection::establish(&uri(self.folder.path()));
        let _ = connection.map(|mut c| c.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)"));
    }

    /// Starts it again with what is left after a power failure.
    fn after_power_failure(self, random: &mut Random) -> Self {
        let folder = tempfile::tempdir().unwrap();
        self.plan.leave_to(folder.path(), random);
        Plan::forget(self.folder.path());
        drop(self.api);
        Self {
            next: self.next,
            ..Self::start(folder)
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
    if random.below(2) == 0 {
        server.checkpoint();
    }
    history.write(&server.api, &server.plan, &mut random, 4);
    server.plan.heal();
    if server.plan.is_off() || random.below(8) == 0 {
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
    let mut server = Server::start(folder);
    let first = seeds.start;
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
