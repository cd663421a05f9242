//! Faults of PostgreSQL: it is paused, killed, loses its connections, is cut off by the network, or is replaced by a
//! replica that lagged.

use answerable::platform::config::{Config, Secret};
use answerable::platform::db::migrate;
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::disk::Plan;
use super::faults_of_the_log;
use super::history::History;
use super::random::Random;
use crate::support::postgresql::{is_available, is_root, program, run};
use crate::support::{Instance, Kind, eventually, kinds, open_at, setting};

/// A PostgreSQL server of its own. Dropping it stops it.
struct Cluster {
    folder: tempfile::TempDir,
}

impl Cluster {
    fn empty() -> Self {
        let folder = tempfile::Builder::new().prefix("answerable-pg-").tempdir();
        let folder = folder.unwrap();
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(folder.path()));
        }
        Self { folder }
    }

    fn start_new() -> Self {
        let cluster = Self::empty();
        let data = cluster.data();
        let arguments = [
            "-D",
            &data,
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "-N",
        ];
        run(&mut program("initdb", &arguments));
        cluster.start();
        cluster
    }

    /// A replica, which is not running yet.
    fn replica(&self) -> Self {
        let replica = Self::empty();
        let (data, from) = (replica.data(), self.socket());
        let arguments = [
            "-D", &data, "-R", "-h", &from, "-U", "postgres", "-c", "fast",
        ];
        run(&mut program("pg_basebackup", &arguments));
        replica
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn data(&self) -> String {
        self.path().join("data").to_str().unwrap().to_owned()
    }

    /// The folder of its socket.
    fn socket(&self) -> String {
        self.path().to_str().unwrap().to_owned()
    }

    fn start(&self) {
        let options = format!("-c listen_addresses='' -k '{}' -c fsync=off", self.socket());
        let log = self.path().join("log").to_str().unwrap().to_owned();
        let arguments = [
            "-D",
            &self.data(),
            "-w",
            "-s",
            "-l",
            &log,
            "-o",
            &options,
            "start",
        ];
        run(&mut program("pg_ctl", &arguments));
    }

    /// Kills all its processes.
    fn kill(&self) {
        run(&mut program(
            "pg_ctl",
            &["-D", &self.data(), "-m", "immediate", "-s", "stop"],
        ));
    }

    fn promote(&self) {
        run(&mut program(
            "pg_ctl",
            &["-D", &self.data(), "-w", "-s", "promote"],
        ));
    }

    /// Sends a signal to all its processes.
    fn signal(&self, name: &str) {
        let pid = std::fs::read_to_string(PathBuf::from(self.data()).join("postmaster.pid"));
        let pid = pid.unwrap().lines().next().unwrap().to_owned();
        // the parent last: while it is paused, it starts no others
        run(Command::new("pkill").args([&format!("-{name}"), "-P", &pid]));
        run(Command::new("kill").args([&format!("-{name}"), &pid]));
    }

    /// Closes the connections of all clients.
    fn close_connections(&self) {
        let mut admin = PgConnection::establish(&url(&[self])).unwrap();
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() \
                   AND backend_type = 'client backend'";
        admin.batch_execute(end).unwrap();
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let stop = ["-D", &self.data(), "-m", "immediate", "-s", "stop"];
        let _ = program("pg_ctl", &stop).output();
    }
}

/// The URL of whichever of these servers can be written.
fn url(clusters: &[&Cluster]) -> String {
    let sockets: Vec<String> = clusters.iter().map(|one| one.socket()).collect();
    let hosts = sockets.join(",");
    format!("postgres:///postgres?user=postgres&host={hosts}&target_session_attrs=read-write")
}

fn start(url: &str) -> Instance {
    migrate::run(&open_at(url)).unwrap();
    Instance::start_at(url, |config: &mut Config| {
        config.database = Secret(url.to_owned());
    })
}

fn is_wanted() -> bool {
    kinds().contains(&Kind::Postgresql) && is_available()
}

#[test]
fn a_failing_postgresql_loses_and_doubles_nothing() {
    if !is_wanted() {
        return;
    }
    let cluster = Cluster::start_new();
    let api = start(&url(&[&cluster]));
    let (token, plan) = (api.admin(), Plan::default());
    let (first, count) = (setting("FAULT_SEED", 0), setting("FAULT_ROUNDS", 6));
    let mut next = "/v1/changes?".to_owned();
    for seed in first..first + count {
        let mut random = Random::new(seed as u64);
        let mut history = History::new(seed, &token);
        let wait = Duration::from_millis(random.below(60));
        let mut writes = random.clone();
        std::thread::scope(|scope| {
            let writing = scope.spawn(|| history.write(&api, &plan, &mut writes, 20));
            std::thread::sleep(wait);
            match seed % 3 {
                0 => cluster.close_connections(),
                1 => {
                    cluster.kill();
                    cluster.start();
                }
                _ => {
                    cluster.signal("STOP");
                    std::thread::sleep(Duration::from_millis(500));
                    cluster.signal("CONT");
                }
            }
            writing.join().unwrap();
        });
        history.wait_until_healed(&api);
        history.repeat_those_without_answer(&api);
        let mut wrong = history.compare(&api, &mut next);
        wrong.extend(faults_of_the_log(&api));
        assert_eq!(wrong, Vec::<String>::new(), "seed {seed}");
    }
}

#[test]
fn a_promoted_replica_that_lagged_is_noticed() {
    if !is_wanted() {
        return;
    }
    let primary = Cluster::start_new();
    migrate::run(&open_at(&url(&[&primary]))).unwrap();
    let replica = primary.replica();
    let api = start(&url(&[&primary, &replica]));
    let token = api.admin();
    let create = |slug: &str| api.post("/v1/topics", &token, &json!({"slug": slug, "name": slug}));
    create("kept").assert_status(201);
    replica.start();
    let seen = |slug: &str| {
        let mut reader = PgConnection::establish(&format!(
            "postgres:///postgres?user=postgres&host={}",
            replica.socket()
        ));
        let found = format!("SELECT 1 / count(*) FROM topics WHERE slug = '{slug}'");
        let found = reader.as_mut().map(|reader| reader.batch_execute(&found));
        matches!(found, Ok(Ok(())))
            .then_some(())
            .ok_or("not yet there")
    };
    eventually(|| seen("kept"));
    replica.kill();
    create("lost").assert_status(201);
    let next = api.get("/v1/changes").next_page().unwrap();
    api.get("/v1/topics/lost").assert_status(200); // cached

    primary.kill();
    replica.start();
    replica.promote();
    eventually(|| {
        let answer = api.send("GET", "/v1/topics/lost", &[]);
        (answer.status == 404).then_some(()).ok_or(answer.status)
    });
    create("new").assert_status(201);
    let problem = api.get(&next).problem(409, "log-forked");
    assert_eq!(problem["last_common"], 1);
    assert_eq!(api.count("SELECT count(*) AS count FROM log_forks"), 1);
    let slugs = api.walk_changes();
    let slugs: Vec<&str> = slugs
        .iter()
        .map(|one| one["data"]["slug"].as_str().unwrap())
        .collect();
    assert_eq!(slugs, ["kept", "new"]);
    assert_eq!(faults_of_the_log(&api), Vec::<String>::new());
}
