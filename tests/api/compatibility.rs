//! Changes of the API that would break its clients, found by comparing two OpenAPI documents.

use serde_json::{Value, json};
use std::collections::BTreeSet;

use crate::support::contract::DOCUMENT;
use crate::support::project;

/// The document of the last release, once there is one.
const RELEASED: &str = "openapi/released.json";

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// The words in a list of the document.
fn words(value: &Value) -> BTreeSet<&str> {
    let items = value.as_array().into_iter().flatten();
    items.filter_map(Value::as_str).collect()
}

/// What of the API at `old` clients would miss at `new`: a sentence each.
fn breaking(old: &Value, new: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for (path, item) in members(&old["paths"]) {
        for (method, operation) in members(item) {
            let place = format!("{} {path}", method.to_uppercase());
            match new["paths"][path].get(method) {
                Some(now) => operations(&place, operation, now, &mut found),
                None => found.push(format!("{place} is removed")),
            }
        }
    }
    for (name, schema) in members(&old["components"]["schemas"]) {
        match new["components"]["schemas"].get(name) {
            Some(now) => schemas(name, schema, now, &mut found),
            None => found.push(format!("the schema {name} is removed")),
        }
    }
    found
}

fn operations(place: &str, old: &Value, new: &Value, found: &mut Vec<String>) {
    let parameters = |operation: &Value| {
        operation["parameters"]
            .as_array()
            .cloned()
            .unwrap_or_default()
    };
    let same =
        |one: &Value, other: &Value| one["name"] == other["name"] && one["in"] == other["in"];
    let (before, now) = (parameters(old), parameters(new));
    for parameter in &before {
        let name = parameter["name"].as_str().unwrap_or_default();
        match now.iter().find(|other| same(parameter, other)) {
            Some(other) => schemas(
                &format!("{place}?{name}"),
                &parameter["schema"],
                &other["schema"],
                found,
            ),
            None => found.push(format!("{place}: the parameter {name} is removed")),
        }
    }
    for parameter in now.iter().filter(|parameter| parameter["required"] == true) {
        let required = |other: &Value| same(parameter, other) && other["required"] == true;
        if !before.iter().any(required) {
            found.push(format!(
                "{place}: the parameter {} is required now",
                parameter["name"]
            ));
        }
    }
    for (status, _) in members(&old["responses"]).filter(|(status, _)| status.starts_with('2')) {
        if new["responses"].get(status).is_none() {
            found.push(format!("{place}: the response {status} is removed"));
        }
    }
}

/// Compares two schemas: of answers, what was always there must stay; of documents, nothing more may be required.
fn schemas(place: &str, old: &Value, new: &Value, found: &mut Vec<String>) {
    for word in words(&old["enum"]).difference(&words(&new["enum"])) {
        found.push(format!("{place}: the value {word} is removed"));
    }
    if old.get("type").is_some() && old["type"] != new["type"] {
        found.push(format!(
            "{place}: the type {} is {} now",
            old["type"], new["type"]
        ));
    }
    let is_sent = ["Document", "Request", "Patch"]
        .iter()
        .any(|end| place.ends_with(end));
    let (before, now) = (words(&old["required"]), words(&new["required"]));
    match is_sent {
        true => {
            for name in now.difference(&before) {
                found.push(format!("{place}: the member {name} is required now"));
            }
        }
        false => {
            for name in before
                .difference(&now)
                .filter(|name| new["properties"].get(**name).is_some())
            {
                found.push(format!("{place}: the member {name} may be absent now"));
            }
        }
    }
    for (name, member) in members(&old["properties"]) {
        match new["properties"].get(name) {
            Some(other) => schemas(&format!("{place}.{name}"), member, other, found),
            None => found.push(format!("{place}: the member {name} is removed")),
        }
    }
    if old.get("items").is_some() {
        schemas(&format!("{place}[]"), &old["items"], &new["items"], found);
    }
}

#[test]
fn nothing_breaks_the_clients_of_the_last_release() {
    let Ok(released) = std::fs::read_to_string(project(RELEASED)) else {
        println!("skipped: there is no release yet");
        return;
    };
    let released = serde_json::from_str(&released).unwrap();
    assert_eq!(breaking(&released, &DOCUMENT), Vec::<String>::new());
}

#[test]
fn each_breaking_change_is_named() {
    assert_eq!(breaking(&DOCUMENT, &DOCUMENT), Vec::<String>::new());
    type Change = fn(&mut Value);
    let changes: [(Change, &str); 9] = [
        (
            |d| drop(d["paths"].as_object_mut().unwrap().remove("/v1/topics")),
            "GET /v1/topics is removed",
        ),
        (
            |d| {
                drop(
                    d["paths"]["/v1/topics/{id}"]
                        .as_object_mut()
                        .unwrap()
                        .remove("delete"),
                )
            },
            "DELETE /v1/topics/{id} is removed",
        ),
        (
            |d| {
                d["paths"]["/v1/topics"]["get"]["parameters"]
                    .as_array_mut()
                    .unwrap()
                    .retain(|one| one["name"] != "parent")
            },
            "GET /v1/topics: the parameter parent is removed",
        ),
        (
            |d| {
                d["paths"]["/v1/search"]["get"]["parameters"]
                    .as_array_mut()
                    .unwrap()
                    .push(json!({"name": "x", "in": "query", "required": true}))
            },
            "GET /v1/search: the parameter \"x\" is required now",
        ),
        (
            |d| {
                drop(
                    d["components"]["schemas"]
                        .as_object_mut()
                        .unwrap()
                        .remove("Topic"),
                )
            },
            "the schema Topic is removed",
        ),
        (
            |d| {
                drop(
                    d["components"]["schemas"]["Article"]["properties"]
                        .as_object_mut()
                        .unwrap()
                        .remove("headline"),
                )
            },
            "Article: the member headline is removed",
        ),
        (
            |d| {
                d["components"]["schemas"]["Article"]["required"]
                    .as_array_mut()
                    .unwrap()
                    .retain(|one| one != "headline")
            },
            "Article: the member headline may be absent now",
        ),
        (
            |d| {
                d["components"]["schemas"]["TopicDocument"]["required"]
                    .as_array_mut()
                    .unwrap()
                    .push(json!("description"))
            },
            "TopicDocument: the member description is required now",
        ),
        (
            |d| {
                d["components"]["schemas"]["ResponseKind"]["enum"]
                    .as_array_mut()
                    .unwrap()
                    .retain(|one| one != "holding")
            },
            "ResponseKind: the value holding is removed",
        ),
    ];
    for (change, sentence) in changes {
        let mut changed = DOCUMENT.clone();
        change(&mut changed);
        let found = breaking(&DOCUMENT, &changed);
        assert!(
            found.iter().any(|one| one == sentence),
            "{sentence}: {found:?}"
        );
    }
    let additions: [Change; 4] = [
        |d| {
            drop(
                d["paths"]
                    .as_object_mut()
                    .unwrap()
                    .insert("/v1/new".to_owned(), json!({"get": {}})),
            )
        },
        |d| {
            d["paths"]["/v1/topics"]["get"]["parameters"]
                .as_array_mut()
                .unwrap()
                .push(json!({"name": "x", "in": "query", "required": false}))
        },
        |d| d["components"]["schemas"]["Article"]["properties"]["new"] = json!({"type": "string"}),
        |d| {
            d["components"]["schemas"]["ResponseKind"]["enum"]
                .as_array_mut()
                .unwrap()
                .push(json!("new"))
        },
    ];
    for add in additions {
        let mut changed = DOCUMENT.clone();
        add(&mut changed);
        assert_eq!(breaking(&DOCUMENT, &changed), Vec::<String>::new());
    }
}
