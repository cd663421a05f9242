//! A response of the server.

use serde_json::Value;

use super::documents::texts;

/// Status, headers and body of a response, and the URL that was requested.
pub struct Answer {
    pub url: String,
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn new(response: reqwest::blocking::Response) -> Self {
        Self {
            url: response.url().to_string(),
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            bytes: response.bytes().unwrap().to_vec(),
        }
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// Asserts the status.
    #[track_caller]
    pub fn assert_status(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.url, self.text());
        self
    }

    /// The record or records.
    #[track_caller]
    pub fn data(&self) -> Value {
        assert_eq!(self.status, 200, "{}: {}", self.url, self.text());
        self.json()["data"].clone()
    }

    /// The records of a list.
    #[track_caller]
    pub fn records(&self) -> Vec<Value> {
        match self.data() {
            Value::Array(records) => records,
            other => panic!("{}: {other} is no list", self.url),
        }
    }

    /// One member of each record in a list, as text.
    #[track_caller]
    pub fn column(&self, member: &str) -> Vec<String> {
        texts(&Value::Array(self.records()), member)
    }

    /// The exact count of a list.
    #[track_caller]
    pub fn count(&self) -> usize {
        let page = &self.json()["page"];
        page["count"].as_u64().expect("a count") as usize
    }

    /// The id of a single record, however it came to be shown.
    #[track_caller]
    pub fn id(&self) -> String {
        let data = &self.json()["data"];
        data["id"].as_str().expect("a record").to_owned()
    }

    /// A header's value, or `""`.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The URL of the next page.
    pub fn next_page(&self) -> Option<String> {
        self.json()["page"]["next"].as_str().map(str::to_owned)
    }

    /// The URL of the previous page.
    pub fn previous_page(&self) -> Option<String> {
        self.json()["page"]["prev"].as_str().map(str::to_owned)
    }

    /// Asserts that this is a problem with this code, whose page exists, and returns it.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{}: {}",
            self.url,
            self.text()
        );
        let problem = self.json();
        assert_eq!(
            (self.status, problem["code"].as_str()),
            (status, Some(code)),
            "{}: {problem}",
            self.url
        );
        assert_eq!(problem["status"], status);
        assert_eq!(
            problem["request_id"].as_str(),
            Some(self.header("x-request-id"))
        );
        assert!(
            problem["type"]
                .as_str()
                .unwrap()
                .ends_with(&format!("/problems/{code}"))
        );
        problem
    }

    /// Asserts that this refuses a document because of these members, and returns the problem.
    #[track_caller]
    pub fn assert_invalid(&self, pointers: &[&str]) -> Value {
        let problem = self.problem(422, "validation-failed");
        let errors = problem["errors"].as_array().unwrap().iter();
        let found: Vec<&str> = errors.map(|one| one["pointer"].as_str().unwrap()).collect();
        assert_eq!(found, pointers, "{}: {problem:#}", self.url);
        problem
    }

    /// Asserts that this refuses a query, first because of this parameter, and returns the problem.
    #[track_caller]
    pub fn assert_invalid_query(&self, parameter: &str) -> Value {
        let problem = self.problem(400, "invalid-query");
        let found = &problem["errors"][0]["parameter"];
        assert_eq!(found, parameter, "{}: {problem:#}", self.url);
        problem
    }

    /// The parameters that a problem names, with the error code of each.
    pub fn mistakes(&self) -> Vec<(String, String)> {
        let problem = self.json();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        errors
            .iter()
            .map(|error| (text(&error["parameter"]), text(&error["code"])))
            .collect()
    }
}
