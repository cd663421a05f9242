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
use crate::support::postgresql::{is_available, is_root, program, run};
use crate::support::random::Random;
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
        run(&mut self.starting(""));
    }

    /// Starts it in a network of its own.
    fn start_at(&self, network: &Network) {
        let start = self.starting(&network.addresses[1]);
        let mut command = Command::new("ip");
        command
            .args(["netns", "exec", &network.name])
            .arg(start.get_program());
        run(command.args(start.get_args()).current_dir("/"));
    }

    fn starting(&self, address: &str) -> Command {
        let (data, socket) = (self.data(), self.socket());
        let options = format!("-c listen_addresses='{address}' -k '{socket}' -c fsync=off");
        let log = format!("{socket}/log");
        let arguments = ["-w", "-s", "-l", &log, "-o", &options, "start"];
        program("pg_ctl", &[&["-D", data.as_str()][..], &arguments].concat())
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

/// A network of its own for a server, of two ends.
struct Network {
    name: String,
    /// The addresses of this end and of the server's.
    addresses: [String; 2],
}

impl Network {
    /// `None` where this user may not make one.
    fn new() -> Option<Self> {
        let number = std::process::id() % 60_000;
        let address = |host| format!("10.213.{}.{}", number / 256, number % 64 * 4 + host);
        let network = Self {
            name: format!("pg{number}"),
            addresses: [address(1), address(2)],
        };
        let ip = |arguments: &str| {
            let done = Command::new("ip").args(arguments.split(' ')).output();
            done.is_ok_and(|output| output.status.success())
        };
        let (name, [here, there]) = (&network.name, &network.addresses);
        let is_made = ip(&format!("netns add {name}"))
            && ip(&format!(
                "link add {name}a type veth peer name {name}b netns {name}"
            ))
            && ip(&format!("addr add {here}/30 dev {name}a"))
            && ip(&format!("-n {name} addr add {there}/30 dev {name}b"))
            && ip(&format!("link set {name}a up"));
        is_made
            .then_some(network)
            .inspect(|network| network.set("up"))
    }

    /// Connects the server's end, or cuts it off.
    fn set(&self, state: &str) {
        let (name, end) = (&self.name, format!("{}b", self.name));
        run(Command::new("ip").args(["-n", name, "link", "set", &end, state]));
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        let _ = Command::new("ip")
            .args(["netns", "del", &self.name])
            .output();
    }
}

#[test]
fn a_silent_cut_of_the_network_is_noticed_and_heals() {
    if !is_wanted() {
        return;
    }
    let Some(network) = Network::new() else {
        return println!("skipped: no network of its own can be made here");
    };
    let cluster = Cluster::start_new();
    cluster.kill();
    let hba = PathBuf::from(cluster.data()).join("pg_hba.conf");
    let rules = std::fs::read_to_string(&hba).unwrap() + "host all all 10.213.0.0/16 trust\n";
    std::fs::write(&hba, rules).unwrap();
    cluster.start_at(&network);
    let api = start(&format!(
        "postgres://postgres@{}/postgres",
        network.addresses[1]
    ));
    let token = api.admin();
    let create = |slug: &str| {
        let topic = json!({"slug": slug, "name": slug});
        api.write(
            "POST",
            "/v1/topics",
            &token,
            &[("idempotency-key", slug)],
            &topic,
        )
    };
    create("before").assert_status(201);
    network.set("down");
    // the client gives up after 30 seconds, and the test with it
    std::thread::scope(|scope| {
        scope.spawn(|| create("meanwhile").problem(503, "unavailable"));
        scope.spawn(|| api.get("/v1/topics?limit=7").problem(503, "unavailable"));
    });
    network.set("up");
    eventually(|| {
        let answer = create("meanwhile");
        (answer.status == 201).then_some(()).ok_or(answer.status)
    });
    create("after").assert_status(201);
    let slugs = api.data("/v1/topics").as_array().unwrap().len();
    assert_eq!(slugs, 3);
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
