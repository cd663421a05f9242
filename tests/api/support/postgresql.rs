//! PostgreSQL databases: a temporary cluster per test run, in which each database is a copy of a filled
//! template.
//!
//! The cluster listens only on a socket in its own folder. A child process stops it and removes the folder
//! when this process ends, however that happens.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex};

use super::{Content, fill};

static PROGRAMS: LazyLock<Option<PathBuf>> = LazyLock::new(find_programs);
static CLUSTER: LazyLock<Cluster> = LazyLock::new(Cluster::start);
static TEMPLATES: LazyLock<Mutex<HashSet<Content>>> = LazyLock::new(Mutex::default);
static COUNT: AtomicU32 = AtomicU32::new(0);

/// Whether PostgreSQL can be started here. Where it is required (in `CI`, or requested by name), not finding it
/// is a failure.
pub fn is_available() -> bool {
    if PROGRAMS.is_some() {
        return true;
    }
    let is_a_must = std::env::var("CI").is_ok() || std::env::var("TEST_DATABASES").is_ok();
    assert!(
        !is_a_must,
        "PostgreSQL (initdb) is not installed; see scripts/install-test-tools"
    );
    static WARNED: std::sync::Once = std::sync::Once::new();
    WARNED.call_once(|| {
        let warning =
            "\nWARNING: PostgreSQL (initdb) is not installed: the tests run on SQLite only.\n\n";
        // straight to the terminal: the test harness captures print!
        std::io::Write::write_all(&mut std::io::stderr(), warning.as_bytes()).unwrap();
    });
    false
}

/// The URL of a fresh database.
pub fn fresh(content: Content) -> String {
    let template = match content {
        Content::Empty => "template_empty",
        Content::Demo => "template_demo",
    };
    let mut templates = TEMPLATES.lock().unwrap();
    let mut admin = PgConnection::establish(&CLUSTER.url("postgres")).unwrap();
    if templates.insert(content) {
        admin
            .batch_execute(&format!("CREATE DATABASE {template}"))
            .unwrap();
        fill(&CLUSTER.url(template), content);
    }
    let name = format!("test_{}", COUNT.fetch_add(1, Ordering::SeqCst));
    // a database with open connections cannot be copied
    let steps = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{template}';
         CREATE DATABASE {name} TEMPLATE {template}"
    );
    for step in steps.split(';') {
        admin.batch_execute(step).unwrap();
    }
    CLUSTER.url(&name)
}

/// Copies a database, which may be in use; returns the name of the copy.
pub fn copy(url: &str) -> String {
    let (name, copy) = (name_of(url), format!("{}_copy", name_of(url)));
    while_closed(name, &[&format!("CREATE DATABASE {copy} TEMPLATE {name}")]);
    copy
}

/// Puts a copy in the place of the database.
pub fn put_back(url: &str, copy: &str) {
    let name = name_of(url);
    let rename = format!("ALTER DATABASE {copy} RENAME TO {name}");
    while_closed(name, &[&format!("DROP DATABASE {name}"), &rename]);
}

/// Runs statements while nobody is connected to a database.
fn while_closed(name: &str, statements: &[&str]) {
    let mut admin = PgConnection::establish(&CLUSTER.url("postgres")).unwrap();
    let allow = |yes: bool| format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {yes}");
    admin.batch_execute(&allow(false)).unwrap();
    let end = format!(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{name}'"
    );
    admin.batch_execute(&end).unwrap();
    for statement in statements {
        admin.batch_execute(statement).unwrap();
    }
    admin.batch_execute(&allow(true)).unwrap();
}

fn name_of(url: &str) -> &str {
    let path = url.split_once("@/").unwrap().1;
    path.split_once('?').unwrap().0
}

/// The folder of `initdb` and its siblings, which Debian keeps off the PATH.
fn find_programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    for parent in ["/usr/lib/postgresql", "/usr/local/opt", "/opt/homebrew/opt"] {
        let versions = std::fs::read_dir(parent).into_iter().flatten().flatten();
        let mut found: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
        found.sort();
        folders.extend(found.into_iter().rev());
    }
    let real = |folder: &PathBuf| folder.join("initdb").canonicalize().ok();
    folders
        .iter()
        .find_map(real)?
        .parent()
        .map(Path::to_path_buf)
}

struct Cluster {
    folder: PathBuf,
    /// Exits when its pipe closes, and then stops the cluster.
    _guard: Child,
}

impl Cluster {
    fn start() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("answerable-pg-")
            .tempdir()
            .unwrap()
            .keep();
        let data = folder.join("data");
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(&folder));
        }
        let folder_text = folder.to_str().unwrap().to_owned();
        let data_text = data.to_str().unwrap().to_owned();
        let options = "-U postgres -A trust -E UTF8 --locale=C -N";
        let arguments = ["-D", &data_text].into_iter().chain(options.split(' '));
        run(&mut program("initdb", &arguments.collect::<Vec<_>>()));
        let options = format!(
            "-c listen_addresses='' -c unix_socket_directories='{folder_text}' -c fsync=off -c full_page_writes=off \
             -c synchronous_commit=off -c max_connections=400 -c shared_buffers=64MB"
        );
        let log = folder.join("log");
        let log = log.to_str().unwrap();
        let start = [
            "-D", &data_text, "-w", "-s", "-l", log, "-o", &options, "start",
        ];
        run(&mut program("pg_ctl", &start));
        Self {
            _guard: guard(&data_text, &folder_text),
            folder,
        }
    }

    fn url(&self, database: &str) -> String {
        format!(
            "postgres://postgres@/{database}?host={}",
            self.folder.display()
        )
    }
}

/// Starts a child that waits for this process to end and then stops the cluster.
fn guard(data: &str, folder: &str) -> Child {
    let stop = program("pg_ctl", &["-D", data, "-m", "immediate", "-s", "stop"]);
    let mut command = Command::new("sh");
    command.args([
        "-c",
        "cat >/dev/null; folder=$1; shift; \"$@\"; rm -rf \"$folder\"",
        "guard",
        folder,
    ]);
    command.arg(stop.get_program()).args(stop.get_args());
    // its own process group: Ctrl-C must not end it before it has stopped the cluster
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// PostgreSQL refuses to run as root; as root, its programs run as the user that the package created.
pub fn program(name: &str, arguments: &[&str]) -> Command {
    let path = PROGRAMS.as_ref().unwrap().join(name);
    let mut command = match is_root() {
        true => {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(path);
            command
        }
        false => Command::new(path),
    };
    command.args(arguments).current_dir("/");
    command
}

pub fn is_root() -> bool {
    static ROOT: LazyLock<bool> = LazyLock::new(|| {
        let id = Command::new("id").arg("-u").output().unwrap();
        id.stdout.trim_ascii() == b"0"
    });
    *ROOT
}

pub fn run(command: &mut Command) {
    let output: Output = command.stdin(Stdio::null()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {text}");
}
