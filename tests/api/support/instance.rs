//! An instance: a server with its own database, and what tests do with it.

use answerable::access::clients;
use answerable::app::App;
use answerable::log::{Log, Writer};
use answerable::platform::clock::Clock;
use answerable::platform::config::{Config, Secret};
use answerable::platform::db::{Database, DbConnection, Error, Sql, Synchronous};
use answerable::writing::import::{self, OnMistake, Source};
use chrono::TimeDelta;
use diesel::{QueryResult, RunQueryDsl};
use serde_json::{Value, json};
use std::fmt::Display;
use std::net::TcpStream;
use std::sync::LazyLock;
use std::thread::JoinHandle;
use std::time::Duration;

use super::{
    Answer, Content, Kind, NOW, contract, database, eventually, import_into, lines, open, origin,
    read, time,
};

/// The client of all tests: to build one takes long.
static CLIENT: LazyLock<reqwest::blocking::Client> = LazyLock::new(|| {
    let client = reqwest::blocking::Client::builder();
    let client = client.redirect(reqwest::redirect::Policy::none());
    client.build().unwrap()
});

/// A server with its own database and a clock that the test sets.
pub struct Instance {
    pub base: String,
    /// The URL of its metrics, if it serves any.
    pub metrics: Option<String>,
    pub clock: Clock,
    pub database: Database,
    pub log: Log,
    url: String,
    server: Option<(actix_web::dev::ServerHandle, JoinHandle<()>)>,
    _file: Option<tempfile::TempDir>,
}

impl Instance {
    /// Starts an instance. `settings` may change the configuration.
    pub fn start(kind: Kind, content: Content, settings: impl Fn(&mut Config)) -> Self {
        let (url, file) = database(kind, content);
        let mut instance = Self::start_at(&url, settings);
        instance._file = file;
        instance
    }

    /// Starts an instance on an existing database.
    pub fn start_at(url: &str, settings: impl Fn(&mut Config)) -> Self {
        Self::start_with(url, Clock::fixed(time(NOW)), settings)
    }

    /// Starts an instance on an existing database, with this clock.
    pub fn start_with(url: &str, clock: Clock, settings: impl Fn(&mut Config)) -> Self {
        let mut config = Config {
            database: Secret(url.to_owned()),
            readers: 2,
            workers: 1,
            // tests that expect cache hits must get them on a busy machine too
            max_staleness_ms: 60_000,
            // that nothing is lost without power is tested by `tests/kill-nine --power-cut`
            sqlite_synchronous: Synchronous::Normal,
            ..Config::default()
        };
        settings(&mut config);
        let database = open(&config);
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let counted = config.metrics_listen.as_deref();
        let counted = counted.map(|address| std::net::TcpListener::bind(address).unwrap());
        let metrics = counted.as_ref().map(|listener| {
            let address = listener.local_addr().unwrap();
            format!("http://{address}/metrics")
        });
        // on a busy machine, a connection may not be opened in time
        let app = || App::new(config.clone(), database.clone(), clock.clone());
        let app = eventually(app);
        let log = app.instance.log.clone();
        let (send, receive) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = answerable::app::server::start(app, listener, counted).unwrap();
                send.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        let server = Some((receive.recv().unwrap(), thread));
        Self {
            base,
            metrics,
            clock,
            database,
            log,
            url: url.to_owned(),
            server,
            _file: None,
        }
    }

    /// The URL of its database.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// `GET`s a path; validates the response against the OpenAPI document.
    pub fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[])
    }

    /// `GET`s a path with a token.
    pub fn get_as(&self, token: &str, path: &str) -> Answer {
        self.get_with(path, &[("authorization", &format!("Bearer {token}"))])
    }

    /// `GET`s a path with headers; validates the response against the OpenAPI document.
    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let answer = self.send("GET", path, headers);
        contract::check("get", path, &answer);
        answer
    }

    /// The record or records at a path.
    #[track_caller]
    pub fn data(&self, path: &str) -> Value {
        self.get(path).data()
    }

    /// Sends any request.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send_body(method, path, headers, Vec::new())
    }

    /// Sends a document with a token; validates the response against the OpenAPI document.
    pub fn write(
        &self,
        method: &str,
        path: &str,
        token: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Answer {
        let authorization = format!("Bearer {token}");
        let media_type = match method {
            "PATCH" => "application/merge-patch+json",
            _ => "application/json",
        };
        let own = [
            ("content-type", media_type),
            ("authorization", &authorization),
        ];
        let body = match body {
            Value::Null => Vec::new(),
            body => body.to_string().into_bytes(),
        };
        let answer = self.send_body(method, path, &[&own, headers].concat(), body);
        contract::check(&method.to_ascii_lowercase(), path, &answer);
        answer
    }

    /// `POST`s a document without preconditions.
    pub fn post(&self, path: &str, token: &str, body: &Value) -> Answer {
        self.write("POST", path, token, &[], body)
    }

    /// `POST`s an action on a record, whatever its revision.
    pub fn act(&self, path: &str, token: &str, body: &Value) -> Answer {
        self.write("POST", path, token, &[("if-match", "*")], body)
    }

    /// `PATCH`es a record, whatever its revision.
    pub fn patch(&self, path: &str, token: &str, body: &Value) -> Answer {
        self.write("PATCH", path, token, &[("if-match", "*")], body)
    }

    /// `DELETE`s a record, whatever its revision.
    pub fn delete(&self, path: &str, token: &str) -> Answer {
        self.write("DELETE", path, token, &[("if-match", "*")], &Value::Null)
    }

    /// Sends any request with a body.
    pub fn send_body(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Answer {
        let url = match path.starts_with("http") {
            true => path.to_owned(),
            false => format!("{}{path}", self.base),
        };
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = CLIENT.request(method, url);
        if !body.is_empty() {
            request = request.body(body);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::new(request.send().unwrap())
    }

    /// Creates a client with these scopes for these organisations; returns its id and a token from the endpoint.
    pub fn client(&self, scopes: &[&str], organisations: &[&str]) -> (String, String) {
        let (id, secret) = self.new_client(scopes, organisations);
        let answer = self.request_token(&id, &secret).assert_status(200);
        let token = answer.json()["access_token"].as_str().unwrap().to_owned();
        (id, token)
    }

    /// Creates a client; returns its id and secret.
    pub fn new_client(&self, scopes: &[&str], organisations: &[&str]) -> (String, String) {
        let owned = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
        let (scopes, organisations) = (owned(scopes), owned(organisations));
        let rights = self.read(|c| clients::named_rights(c, &scopes, &organisations));
        let (credential, now) = (clients::Credential::Secret, self.clock.now());
        let added = clients::add(&self.database, "a test", &rights.unwrap(), credential, now);
        let (id, secret) = added.unwrap();
        (id, secret.unwrap())
    }

    /// Requests a token with a client's secret.
    pub fn request_token(&self, id: &str, secret: &str) -> Answer {
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        let answer = self.send_body("POST", "/oauth/token", &kind, form.into_bytes());
        contract::check("post", "/oauth/token", &answer);
        answer
    }

    /// A token with every right.
    pub fn admin(&self) -> String {
        self.client(&["admin"], &["*"]).1
    }

    /// A new connection.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.base.trim_start_matches("http://")).unwrap();
        let timeout = Some(Duration::from_secs(20));
        stream.set_read_timeout(timeout).unwrap();
        stream
    }

    /// Sends raw bytes over a new connection and returns the response.
    pub fn send_raw(&self, bytes: &[u8]) -> String {
        use std::io::{Read, Write};
        let mut stream = self.connect();
        // the server may respond and close before it has read everything
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Every page of a list, first to last.
    pub fn walk(&self, path: &str) -> Vec<Answer> {
        let mut pages = vec![self.get(path)];
        while let Some(next) = pages.last().unwrap().next_page() {
            pages.push(self.get(&next));
        }
        pages
    }

    /// Every record of a list, first to last.
    pub fn walk_records(&self, path: &str) -> Vec<Value> {
        self.walk(path).iter().flat_map(Answer::records).collect()
    }

    /// Every entry of the change log's public view.
    pub fn walk_changes(&self) -> Vec<Value> {
        self.walk_changes_at("/v1/changes?limit=100")
    }

    /// Every entry of the change log's public view, with these parameters.
    pub fn walk_changes_at(&self, path: &str) -> Vec<Value> {
        let mut changes = Vec::new();
        let mut page = self.get(path);
        loop {
            changes.extend(page.records());
            if page.json()["page"]["has_more"] != true {
                return changes;
            }
            page = self.get(&page.next_page().unwrap());
        }
    }

    /// Imports a document or lines of documents, all of which must be valid.
    #[track_caller]
    pub fn import(&self, documents: impl Display) -> import::ImportReport {
        let documents = documents.to_string();
        let report = self.try_import(&documents);
        assert_eq!(report.mistakes, [], "in {documents:.300}");
        report
    }

    /// Imports documents, all of which must be valid.
    #[track_caller]
    pub fn import_all(&self, documents: &[Value]) -> import::ImportReport {
        self.import(lines(documents))
    }

    /// Imports a document or lines of documents; stores nothing unless all are valid.
    pub fn try_import(&self, documents: impl Display) -> import::ImportReport {
        let source = Source::spool(documents.to_string().as_bytes()).unwrap();
        self.import_source(&source, OnMistake::StoreNothing)
    }

    /// Why a document cannot be imported: the pointer and the detail of the first mistake.
    #[track_caller]
    pub fn mistake(&self, document: Value) -> (String, String) {
        let report = self.try_import(document);
        let first = report.mistakes.into_iter().next().expect("a mistake");
        (first.pointer, first.detail)
    }

    /// Imports a source.
    pub fn import_source(&self, source: &Source, on_mistake: OnMistake) -> import::ImportReport {
        import_into(&self.log, self.clock.now(), source, on_mistake)
    }

    /// All records as documents.
    pub fn export(&self) -> String {
        let mut output = Vec::new();
        answerable::log::export::run(&self.database, &answerable::log::Resource::ALL, &mut output)
            .unwrap();
        String::from_utf8(output).unwrap()
    }

    /// Reads the database directly.
    pub fn read<T, E>(&self, work: impl FnOnce(&mut DbConnection) -> Result<T, E>) -> T
    where
        Error: From<E>,
    {
        read(&self.database, work)
    }

    /// The number that a statement gives as `count`.
    pub fn count(&self, sql: &'static str) -> i64 {
        self.read(|c| answerable::platform::db::count(c, &Sql::new(sql)))
    }

    /// Writes to the database directly.
    pub fn write_directly<T>(&self, work: impl FnOnce(&mut Writer<'_>) -> QueryResult<T>) -> T {
        let origin = origin(self.clock.now());
        let written = self
            .log
            .write_now(origin, |writer| work(writer).map_err(Error::from));
        written.unwrap()
    }

    /// Runs statements directly on the database; returns how many rows they changed.
    pub fn execute(&self, statements: &[&str]) -> usize {
        self.write_directly(|writer| {
            let mut rows = 0;
            for sql in statements {
                rows += diesel::sql_query(*sql).execute(writer.connection)?;
            }
            Ok(rows)
        })
    }

    /// Asserts that no entry of the log is missing or was altered.
    #[track_caller]
    pub fn assert_log_verifies(&self) {
        let verified = answerable::log::verify::verify(&self.database).unwrap();
        assert_eq!(verified.faults, []);
    }

    /// The number of statements that some work runs on the database.
    pub fn statements(&self, work: impl FnOnce()) -> u64 {
        let before = self.database.statements();
        work();
        self.database.statements() - before
    }

    /// Withdraws a record for this reason.
    #[track_caller]
    pub fn withdraw(&self, path: &str, reason: &str) -> Answer {
        let (path, body) = (format!("{path}/withdraw"), json!({ "reason": reason }));
        self.act(&path, &self.admin(), &body).assert_status(200)
    }

    /// Lets time pass.
    pub fn advance(&self, time: TimeDelta) {
        self.clock.set(self.clock.now().and_utc() + time);
    }

    /// Shuts the server down gracefully.
    pub fn stop_gracefully(&mut self) {
        if let Some((handle, thread)) = self.server.take() {
            drop(handle.stop(true));
            let _ = thread.join();
        }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        if let Some((handle, thread)) = self.server.take() {
            drop(handle.stop(false)); // the stop is signalled immediately; only the waiting is dropped
            let _ = thread.join();
        }
    }
}
