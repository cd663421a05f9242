//! Members of answers are absent rather than `null`. Documents that are sent may say `null` for what is absent.

use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// The prefix of a reference to a schema.
const SCHEMAS: &str = "#/components/schemas/";

/// Takes `null` out of the schemas of answers. A schema that both answers and requests refer to becomes two, of which that of
/// requests is followed by `Document`.
pub(super) fn take_out_of_answers(document: &mut Value) {
    let operations = operations(document);
    let parts = |names: &[&str]| {
        let parts = operations.iter().flat_map(|operation| {
            let parts = names.iter().filter_map(|name| operation.get(*name));
            parts.cloned().collect::<Vec<_>>()
        });
        parts.collect::<Vec<Value>>()
    };
    let mut answers = parts(&["responses"]);
    // what webhooks send is an answer of ours, too
    answers.extend(document.get("webhooks").cloned());
    let answers = reachable(document, answers);
    let requests = reachable(document, parts(&["requestBody", "parameters"]));
    let Some(schemas) = document.pointer_mut("/components/schemas") else {
        return;
    };
    let Value::Object(schemas) = schemas else {
        return;
    };
    let takes_null = |name: &String| schemas.get(name).is_some_and(has_null);
    let split: BTreeSet<String> = answers.intersection(&requests).cloned().collect();
    let split: BTreeSet<String> = split.into_iter().filter(takes_null).collect();
    for name in &split {
        if let Some(schema) = schemas.get(name).cloned() {
            schemas.insert(format!("{name}Document"), schema);
        }
    }
    for (name, schema) in schemas.iter_mut() {
        match answers.contains(name) {
            true => take_out(schema),
            false => refer_to_documents(schema, &split),
        }
    }
    if let Some(Value::Object(paths)) = document.get_mut("paths") {
        for_each_operation(paths, |operation| {
            if let Some(body) = operation.get_mut("requestBody") {
                refer_to_documents(body, &split);
            }
        });
    }
}

fn operations(document: &Value) -> Vec<Map<String, Value>> {
    let mut found = Vec::new();
    if let Some(Value::Object(paths)) = document.get("paths") {
        for_each_operation(&mut paths.clone(), |operation| {
            found.push(operation.clone())
        });
    }
    found
}

fn for_each_operation(
    paths: &mut Map<String, Value>,
    mut each: impl FnMut(&mut Map<String, Value>),
) {
    for (_, item) in paths.iter_mut() {
        let operations = item.as_object_mut().into_iter().flat_map(Map::values_mut);
        operations
            .filter_map(Value::as_object_mut)
            .for_each(&mut each);
    }
}

/// Calls `each` for every object in a value, inner ones first.
fn walk(value: &mut Value, each: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(|inner| walk(inner, each));
            each(members);
        }
        Value::Array(items) => items.iter_mut().for_each(|inner| walk(inner, each)),
        _ => {}
    }
}

/// The names of the schemas that these parts refer to, directly or not.
fn reachable(document: &Value, parts: Vec<Value>) -> BTreeSet<String> {
    let (mut seen, mut names) = (BTreeSet::new(), BTreeSet::new());
    let mut parts = parts;
    while let Some(mut part) = parts.pop() {
        walk(&mut part, &mut |members| {
            let Some(reference) = members.get("$ref").and_then(Value::as_str) else {
                return;
            };
            if seen.insert(reference.to_owned()) {
                parts.extend(document.pointer(reference.trim_start_matches('#')).cloned());
                names.extend(reference.strip_prefix(SCHEMAS).map(str::to_owned));
            }
        });
    }
    names
}

fn has_null(schema: &Value) -> bool {
    let mut changed = schema.clone();
    take_out(&mut changed);
    changed != *schema
}

/// Of members: an item of a list, such as a cell of a matrix, may be `null`.
fn take_out(schema: &mut Value) {
    walk(schema, &mut |members| {
        let Some(Value::Object(members)) = members.get_mut("properties") else {
            return;
        };
        members.values_mut().for_each(without_null);
    });
}

fn without_null(member: &mut Value) {
    if let Value::Object(members) = member {
        if let Some(Value::Array(types)) = members.get_mut("type") {
            types.retain(|one| one != "null");
            if let [one] = types.as_slice() {
                let one = one.clone();
                members.insert("type".to_owned(), one);
            }
        }
        for word in ["oneOf", "anyOf"] {
            let Some(Value::Array(choices)) = members.get_mut(word) else {
                continue;
            };
            choices.retain(|choice| choice.get("type").is_none_or(|kind| kind != "null"));
            if let [Value::Object(only)] = choices.as_slice() {
                let only = only.clone();
                members.shift_remove(word);
                members.extend(only);
            }
        }
    }
}

fn refer_to_documents(schema: &mut Value, split: &BTreeSet<String>) {
    walk(schema, &mut |members| {
        if let Some(Value::String(reference)) = members.get_mut("$ref")
            && reference
                .strip_prefix(SCHEMAS)
                .is_some_and(|name| split.contains(name))
        {
            reference.push_str("Document");
        }
    });
}
