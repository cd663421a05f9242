//! The processes of a measurement: servers on one core, load on another.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const SERVER_CORE: usize = 0;
pub const LOAD_CORE: usize = 1;
/// With this and what to serve, the program is a bare server.
pub const BARE: &str = "--bare";

/// This program on one core, where that can be had.
pub fn pinned(core: usize) -> Command {
    on_core(core, std::env::current_exe().unwrap().to_str().unwrap())
}

/// Where the search index and the past of a database lie, where that is not beside it.
pub fn folders(database: &str) -> Vec<String> {
    if database.starts_with("sqlite:") {
        return Vec::new();
    }
    let folder = |name: &str| std::env::temp_dir().join(name).display().to_string();
    let flags = [
        ("--search-folder", "answerable-bench-search"),
        ("--past-folder", "answerable-bench-past"),
    ];
    let flags = flags.map(|(flag, name)| [flag.to_owned(), folder(name)]);
    flags.into_iter().flatten().collect()
}

fn on_core(core: usize, program: &str) -> Command {
    let can_pin = Command::new("taskset").arg("--version").output().is_ok();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    if !can_pin || core >= cores {
        return Command::new(program);
    }
    let mut command = Command::new("taskset");
    command.args(["-c", &core.to_string(), program]);
    command
}

/// A server, which ends with the measurement.
pub struct Server {
    child: Child,
    pub address: String,
    /// From the start of the process to its first answer.
    pub start: Duration,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// `answerable serve` as it comes, with one worker and some settings.
    pub fn real(database: &str, settings: &[&str]) -> Self {
        let address = free_address();
        let mut command = on_core(SERVER_CORE, env!("CARGO_BIN_EXE_answerable"));
        command.args([
            "serve",
            "--database",
            database,
            "--listen",
            &address,
            "--workers",
            "1",
        ]);
        let child = command
            .args(folders(database))
            .args(settings)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let (child, started) = (child.spawn().unwrap(), Instant::now());
        while !is_ready(&address) {
            assert!(
                started.elapsed().as_secs() < 60,
                "the server does not start"
            );
            std::thread::sleep(Duration::from_millis(2));
        }
        Self {
            child,
            address,
            start: started.elapsed(),
        }
    }

    /// A bare server: it prints its address when it is ready.
    pub fn bare(what: &str) -> Self {
        let started = Instant::now();
        let child = pinned(SERVER_CORE)
            .args([BARE, what])
            .stdout(Stdio::piped())
            .spawn();
        let mut child = child.unwrap();
        let mut address = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut address)
            .unwrap();
        Self {
            child,
            address: address.trim().to_owned(),
            start: started.elapsed(),
        }
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The body at a path.
    pub fn get(&self, path: &str) -> Vec<u8> {
        let url = format!("http://{}{path}", self.address);
        let answer = reqwest::blocking::get(&url).unwrap();
        assert_eq!(answer.status(), 200, "{url}");
        answer.bytes().unwrap().to_vec()
    }

    /// Waits until the search index is open: where a server was killed, the next one reads all of it first.
    pub fn wait_for_search(&self) {
        let url = format!("http://{}/v1/search?q=a", self.address);
        while reqwest::blocking::get(&url).unwrap().status() != 200 {
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// The memory that is resident now, in MB, without that of files, which the system can take back.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.unwrap_or_default();
        let line = status
            .lines()
            .find(|line| line.starts_with("RssAnon:"))
            .unwrap_or_default();
        let kilobytes: u64 = line
            .split_whitespace()
            .nth(1)
            .and_then(|n| n.parse().ok())
            .unwrap_or(0);
        kilobytes / 1_000
    }
}

/// The processor time that a process has used, in seconds (`proc(5)`: in hundredths, on Linux).
pub fn processor_time(id: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after.split_whitespace().skip(11).take(2);
    ticks
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum::<f64>()
        / 100.0
}

fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .to_string()
}

fn is_ready(address: &str) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else {
        return false;
    };
    let request = "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let mut answer = String::new();
    stream.write_all(request.as_bytes()).is_ok()
        && stream.read_to_string(&mut answer).is_ok()
        && answer.starts_with("HTTP/1.1 200")
}
