//! A response of the server.

use serde_json::Value;

/// Status, headers and body of a response.
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn new(response: reqwest::blocking::Response) -> Self {
        Self {
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

    /// The record or records.
    #[track_caller]
    pub fn data(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text());
        self.json()["data"].clone()
    }

    /// One member of each record in a list, as text.
    #[track_caller]
    pub fn column(&self, member: &str) -> Vec<String> {
        let data = self.data();
        let records = data.as_array().expect("a list").iter();
        records
            .map(|record| match &record[member] {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            })
            .collect()
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
            "{}",
            self.text()
        );
        let problem = self.json();
        assert_eq!(
            (self.status, problem["code"].as_str()),
            (status, Some(code)),
            "{problem}"
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
