//! With `lang`, whatever names a record says in which language.

use serde_json::{Value, json};

/// The schemas of what names a record, without all of it.
const REFERENCES: [&str; 5] = [
    "NameReference",
    "NameReferenceSelection",
    "TitleReference",
    "TitleReferenceSelection",
    "Row",
];

/// Adds the language of the name.
pub(super) fn have_languages(document: &mut Value) {
    for name in REFERENCES {
        let members = document.pointer_mut(&format!("/components/schemas/{name}/properties"));
        if let Some(Value::Object(members)) = members {
            let language = json!({
                "type": "string",
                "description": "With `lang`, the language of the name, as a BCP 47 tag.",
                "maxLength": 35,
                "example": "cy",
            });
            members.insert("language".to_owned(), language);
        }
    }
}

/// Takes `id` out of the queries of paths that have a parameter of this name: those lists do not take it.
pub(super) fn differ_from_those_of_paths(document: &mut Value) {
    let Some(Value::Object(paths)) = document.get_mut("paths") else {
        return;
    };
    for (_, path) in paths.iter_mut().filter(|(path, _)| path.contains("{id}")) {
        let parameters = path.pointer_mut("/get/parameters");
        if let Some(parameters) = parameters.and_then(Value::as_array_mut) {
            parameters.retain(|one| one["name"] != "id" || one["in"] != "query");
        }
    }
}
