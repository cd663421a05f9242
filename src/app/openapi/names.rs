//! With `lang`, whatever names a record says in which language.

use serde_json::{Value, json};

/// The schemas of what names a record, without all of it.
const REFERENCES: [&str; 3] = ["NameReference", "TitleReference", "Row"];

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
