//! Load: connections that ask as fast as they are answered, for a set time, in a process of their own on a core of its
//! own.

use serde::{Deserialize, Serialize};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::process::Stdio;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::corpus::Random;
use crate::process::{self, LOAD_CORE, pinned};

/// With this and an order, the program is the load of a measurement.
const LOAD: &str = "--load";

/// What to ask, and how.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Order {
    /// `127.0.0.1:PORT`.
    pub address: String,
    /// The process of the server.
    pub server: u32,
    pub connections: usize,
    pub millis: u64,
    /// Asked in turn; `{}` stands for a number below `numbers`, at random.
    pub paths: Vec<String>,
    pub numbers: usize,
    /// Further header lines.
    pub headers: Vec<String>,
    /// Changes of one article in a second, with its path and a token, while the load runs.
    pub writes: Option<Writes>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Writes {
    pub path: String,
    pub token: String,
    pub per_second: u64,
}

/// What came of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// Responses per second.
    pub rate: f64,
    /// Of those with status 200 or 304, in milliseconds.
    pub p50: f64,
    pub p99: f64,
    /// CPU time of the server per response, in microseconds.
    pub micros: f64,
    /// Answers by status.
    pub statuses: BTreeMap<u16, u64>,
    /// Refusals without `Retry-After`.
    pub bare_refusals: u64,
    /// Answers that were older than a write acknowledged before they were asked for.
    pub stale: u64,
    pub writes: u64,
}

/// Runs the order in a process of its own.
pub fn run(order: &Order) -> Outcome {
    let mut command = pinned(LOAD_CORE);
    command.args([LOAD, &serde_json::to_string(order).unwrap()]);
    let before = process::processor_time(order.server);
    let output = command.stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "the load failed: {order:?}");
    let spent = process::processor_time(order.server) - before;
    let mut outcome: Outcome = serde_json::from_slice(&output.stdout).unwrap();
    let answers: u64 = outcome.statuses.values().sum();
    outcome.micros = spent * 1e6 / answers.max(1) as f64;
    outcome
}

/// Is the load, if this process was started for that.
pub fn run_if_asked() -> bool {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, asked, order] = arguments.as_slice() else {
        return false;
    };
    if asked != LOAD {
        return false;
    }
    let order: Order = serde_json::from_str(order).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let outcome = tokio::task::LocalSet::new().block_on(&runtime, all(order));
    println!("{}", serde_json::to_string(&outcome).unwrap());
    true
}

#[derive(Default)]
struct Seen {
    times: RefCell<Vec<u32>>,
    outcome: RefCell<Outcome>,
    acknowledged: Cell<u64>,
}

async fn all(order: Order) -> Outcome {
    let seen = Rc::new(Seen::default());
    let order = Rc::new(order);
    let end = Instant::now() + Duration::from_millis(order.millis);
    let mut tasks = Vec::new();
    for connection in 0..order.connections {
        let (order, seen) = (order.clone(), seen.clone());
        tasks.push(tokio::task::spawn_local(async move {
            ask(&order, connection, end, &seen).await
        }));
    }
    if order.writes.is_some() {
        let (order, seen) = (order.clone(), seen.clone());
        tasks.push(tokio::task::spawn_local(async move {
            write(&order, end, &seen).await
        }));
    }
    let started = Instant::now();
    for task in tasks {
        task.await.unwrap();
    }
    let mut times = seen.times.take();
    times.sort_unstable();
    let at = |part: f64| {
        let index = ((times.len() as f64 * part) as usize).min(times.len().saturating_sub(1));
        times
            .get(index)
            .map_or(0.0, |micros| f64::from(*micros) / 1e3)
    };
    let mut outcome = seen.outcome.take();
    (outcome.p50, outcome.p99) = (at(0.5), at(0.99));
    outcome.rate = times.len() as f64 / started.elapsed().as_secs_f64();
    outcome
}

async fn ask(order: &Order, connection: usize, end: Instant, seen: &Seen) {
    let mut stream = Connection::open(&order.address).await;
    let mut random = Random(connection as u64 * 1_000_003 + order.millis);
    let headers: String = order
        .headers
        .iter()
        .map(|line| format!("{line}\r\n"))
        .collect();
    let request = |path: &str| {
        format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\n{headers}\r\n",
            order.address
        )
    };
    let fixed: Vec<String> = order.paths.iter().map(|path| request(path)).collect();
    let changed = order.writes.as_ref().map(|writes| writes.path.clone());
    let mut turn = connection;
    while Instant::now() < end {
        let index = turn % fixed.len();
        turn += 1;
        let (text, path) = (&fixed[index], &order.paths[index]);
        let before = seen.acknowledged.get();
        let started = Instant::now();
        let answer = match path.contains("{}") {
            true => {
                let path = path.replace("{}", &random.below(order.numbers).to_string());
                stream.ask(request(&path).as_bytes()).await
            }
            false => stream.ask(text.as_bytes()).await,
        };
        let micros = started.elapsed().as_micros() as u32;
        if [200, 304].contains(&answer.status) {
            seen.times.borrow_mut().push(micros);
        }
        let mut outcome = seen.outcome.borrow_mut();
        *outcome.statuses.entry(answer.status).or_default() += 1;
        outcome.bare_refusals += u64::from(answer.status >= 400 && !answer.says_when);
        if changed.as_ref() == Some(path) && number(stream.body(&answer)) < before {
            outcome.stale += 1;
        }
    }
}

/// The number in the headline that was written last.
fn number(body: &[u8]) -> u64 {
    let text = std::str::from_utf8(body).unwrap_or_default();
    let after = text
        .split("\"headline\":\"Change ")
        .nth(1)
        .unwrap_or_default();
    let digits = after.split('"').next().unwrap_or_default();
    digits.parse().unwrap_or(0)
}

async fn write(order: &Order, end: Instant, seen: &Seen) {
    let Some(writes) = &order.writes else { return };
    let mut stream = Connection::open(&order.address).await;
    let mut ticks = tokio::time::interval(Duration::from_micros(1_000_000 / writes.per_second));
    let mut number = 0;
    while Instant::now() < end {
        ticks.tick().await;
        number += 1;
        let body = format!(r#"{{"headline":"Change {number}"}}"#);
        let request = format!(
            "PATCH {} HTTP/1.1\r\nHost: {}\r\nAuthorization: {}\r\nIf-Match: *\r\nContent-Type: application/merge-patch+json\r\nContent-Length: {}\r\n\r\n{body}",
            writes.path,
            order.address,
            writes.token,
            body.len()
        );
        let answer = stream.ask(request.as_bytes()).await;
        assert_eq!(answer.status, 200, "a write was refused");
        seen.acknowledged.set(number);
        seen.outcome.borrow_mut().writes += 1;
    }
}

/// A connection that asks and reads one answer after the other.
struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

struct Answer {
    status: u16,
    says_when: bool,
    head: usize,
}

impl Connection {
    async fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            buffer: Vec::with_capacity(65_536),
        }
    }

    async fn ask(&mut self, request: &[u8]) -> Answer {
        self.stream.write_all(request).await.unwrap();
        self.buffer.clear();
        let head = loop {
            let read = self.stream.read_buf(&mut self.buffer).await.unwrap();
            assert!(read > 0, "the connection was closed");
            if let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
        };
        let text = std::str::from_utf8(&self.buffer[..head]).unwrap();
        let status: u16 = text[9..12].parse().unwrap();
        let says_when = text.contains("\r\nretry-after: ");
        let length = text
            .split("\r\ncontent-length: ")
            .nth(1)
            .and_then(|rest| rest.split("\r\n").next());
        let length: usize = length.map_or(0, |length| length.parse().unwrap());
        while self.buffer.len() < head + length {
            self.stream.read_buf(&mut self.buffer).await.unwrap();
        }
        Answer {
            status,
            says_when,
            head,
        }
    }

    fn body(&self, answer: &Answer) -> &[u8] {
        &self.buffer[answer.head..]
    }
}
