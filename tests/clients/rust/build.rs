//! Generates the client from the document that the variable `OPENAPI` names, converted to OpenAPI 3.0 by
//! `openapi-down-convert`, as progenitor knows no other version. First it fixes what progenitor cannot handle.

use std::path::PathBuf;

use progenitor_impl::{GenerationSettings, Generator, InterfaceStyle};
use serde_json::{Map, Value, json};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
/// The request bodies that progenitor can send.
const SENDABLE: [&str; 2] = ["application/json", "application/x-www-form-urlencoded"];

fn main() {
    println!("cargo::rerun-if-env-changed=OPENAPI");
    let path = std::env::var("OPENAPI").expect("OPENAPI names the document, see tests/clients/run");
    println!("cargo::rerun-if-changed={path}");
    let text = std::fs::read_to_string(&path).expect("the document");
    let mut document: Value = serde_json::from_str(&text).expect("JSON");
    prepare(&mut document);
    let document = serde_json::from_value(document).expect("OpenAPI 3.0");
    let mut settings = GenerationSettings::new();
    settings.with_interface(InterfaceStyle::Builder);
    let client = Generator::new(&settings)
        .generate_tokens(&document)
        .expect("a client");
    let target = PathBuf::from(std::env::var("OUT_DIR").expect("OUT_DIR")).join("client.rs");
    std::fs::write(target, client.to_string()).expect("written");
}

fn prepare(document: &mut Value) {
    allow_null(document);
    free_texts(document);
    let answers = document["components"]["responses"]
        .as_object_mut()
        .expect("responses");
    answers.values_mut().for_each(read_problems);
    let paths = document["paths"].as_object_mut().expect("paths");
    for path in paths.values_mut().filter_map(Value::as_object_mut) {
        path.retain(|name, operation| !METHODS.contains(&name.as_str()) || can_be_sent(operation));
        for (_, operation) in path
            .iter_mut()
            .filter(|(name, _)| METHODS.contains(&name.as_str()))
        {
            let answers = operation["responses"].as_object_mut().expect("responses");
            answers.values_mut().for_each(read_problems);
            one_type_each(answers);
            if let Some(parameters) = operation.get_mut("parameters") {
                absent_headers(parameters);
            }
        }
    }
}

/// The conversion leaves `oneOf` with `null` as in 3.1; 3.0 has no type `null`, but `nullable`.
fn allow_null(value: &mut Value) {
    if let Some(choices) = value.get("oneOf").and_then(Value::as_array)
        && let [other, null] = choices.as_slice()
        && *null == json!({ "type": "null" })
    {
        *value = json!({ "allOf": [other], "nullable": true });
    }
    match value {
        Value::Object(members) => members.values_mut().for_each(allow_null),
        Value::Array(items) => items.iter_mut().for_each(allow_null),
        _ => {}
    }
}

/// An omitted header is absent, never `null`: progenitor would write an `Option` as text.
fn absent_headers(parameters: &mut Value) {
    let parameters = parameters.as_array_mut().expect("parameters");
    for parameter in parameters.iter_mut().filter(|one| one["in"] == "header") {
        if let Some(schema) = parameter["schema"].as_object_mut() {
            schema.remove("nullable");
        }
    }
}

/// A bounded string would become its own type, named after its location, and two of these collide with records: the
/// `rule` of a `Deadline` with `DeadlineRule`. Here strings stay strings, and the server checks the bounds.
fn free_texts(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if members.get("type").is_some_and(|kind| kind == "string") {
                members.retain(|name, _| {
                    !["minLength", "maxLength", "pattern"].contains(&name.as_str())
                });
            }
            members.values_mut().for_each(free_texts);
        }
        Value::Array(items) => items.iter_mut().for_each(free_texts),
        _ => {}
    }
}

/// Only `application/json` is parsed into a type; everything else is bytes.
fn read_problems(answer: &mut Value) {
    if let Some(content) = answer
        .pointer_mut("/content")
        .and_then(Value::as_object_mut)
        && let Some(problem) = content.remove("application/problem+json")
    {
        content.insert("application/json".to_owned(), problem);
    }
}

/// A request body has one of a few media types. A merge patch is sent as JSON; `main.rs` restores its media type.
fn can_be_sent(operation: &mut Value) -> bool {
    let content = operation.pointer_mut("/requestBody/content");
    let Some(content) = content.and_then(Value::as_object_mut) else {
        return true;
    };
    if let Some(patch) = content.remove("application/merge-patch+json") {
        content.insert("application/json".to_owned(), patch);
    }
    let chosen = SENDABLE.iter().find(|kind| content.contains_key(**kind));
    content.retain(|kind, _| Some(&kind.as_str()) == chosen);
    if chosen.is_none() {
        let name = &operation["operationId"];
        println!("cargo::warning={name} is left out: progenitor cannot send its body");
    }
    chosen.is_some()
}

/// An operation has one success type, the first, and one error type, the problem. For any other response, such as an
/// OAuth error, the client returns the status and the raw body.
fn one_type_each(answers: &mut Map<String, Value>) {
    let success = answers.iter().find(|(status, _)| status.starts_with('2'));
    let success = success.map(|(_, answer)| type_of(answer));
    answers.retain(|status, answer| match status.as_bytes() {
        [b'2', ..] => Some(type_of(answer)) == success,
        [b'4' | b'5', ..] => answer.get("$ref").is_some(),
        _ => true,
    });
}

/// Whether there is a body, and its schema if it is JSON.
fn type_of(answer: &Value) -> (bool, Option<Value>) {
    let schema = answer.pointer("/content/application~1json/schema");
    (answer.get("content").is_some(), schema.cloned())
}
