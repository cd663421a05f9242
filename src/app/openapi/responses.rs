//! What the response schemas have in common. Clients are generated from them.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use utoipa::openapi::schema::{AdditionalProperties, ArrayItems, Schema};
use utoipa::openapi::{Components, Paths, Ref, RefOr};

/// Makes responses refer to record schemas rather than repeat them, so that generated clients have one type per record.
pub(super) fn refer_to_records(components: &mut Components) {
    let names: Vec<String> = components.schemas.keys().cloned().collect();
    for name in &names {
        // `Item_Article`, `List_Article`, `ListOf_Article_Organisation`
        let mut parts = name.split('_');
        let is_response = matches!(parts.next(), Some("Item" | "List" | "ListOf"));
        for (record, member) in parts.zip(["data", "of"]).filter(|_| is_response) {
            if !components.schemas.contains_key(record) {
                continue;
            }
            let reference = RefOr::Ref(Ref::from_schema_name(record));
            match member_of(components, name, member) {
                Some(RefOr::T(Schema::Array(list))) => {
                    list.items = ArrayItems::RefOrSchema(Box::new(reference));
                }
                Some(one) => *one = reference,
                None => {}
            }
        }
    }
}

/// Allows additional members in response schemas: new members may be added, and a generated client must not reject
/// them. Schemas used only in requests stay closed.
pub(super) fn allow_new_members(paths: &Paths, components: &mut Components) {
    let mut names = BTreeSet::new();
    let paths = serde_json::to_value(paths).unwrap_or_default();
    let items = paths.as_object().into_iter().flat_map(Map::values);
    for operation in items.filter_map(Value::as_object).flat_map(Map::values) {
        collect_names(&operation["responses"], &mut names);
    }
    let mut todo: Vec<String> = names.iter().cloned().collect();
    while let Some(name) = todo.pop() {
        let Some(schema) = components.schemas.get_mut(&name) else {
            continue;
        };
        let mut referred = BTreeSet::new();
        let value = serde_json::to_value(&*schema).unwrap_or_default();
        collect_names(&value, &mut referred);
        todo.extend(
            referred
                .into_iter()
                .filter(|name| names.insert(name.clone())),
        );
        if let RefOr::T(Schema::Object(object)) = schema
            && let Some(AdditionalProperties::FreeForm(false)) =
                object.additional_properties.as_deref()
        {
            object.additional_properties = None;
        }
    }
}

/// Collects the names of the schemas referred to.
fn collect_names(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            let reference = members.get("$ref").and_then(Value::as_str);
            if let Some(name) = reference.and_then(|to| to.strip_prefix("#/components/schemas/")) {
                names.insert(name.to_owned());
            }
            members.values().for_each(|one| collect_names(one, names));
        }
        Value::Array(items) => items.iter().for_each(|one| collect_names(one, names)),
        _ => {}
    }
}

/// The schema of a member of a response.
pub(super) fn member_of<'a>(
    components: &'a mut Components,
    response: &str,
    member: &str,
) -> Option<&'a mut RefOr<Schema>> {
    match components.schemas.get_mut(response)? {
        RefOr::T(Schema::Object(response)) => response.properties.get_mut(member),
        _ => None,
    }
}
