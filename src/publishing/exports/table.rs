//! CSV exports: which columns they have, and how a record becomes a row.

use serde_json::Value;

/// Separates the entries of a list.
const SEPARATOR: &str = "; ";
/// The columns that are included only when `fields` names them.
const ON_REQUEST: [&str; 3] = ["body_html", "body_text", "addressed_organisations"];

/// A column: its name, and where in the record its value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvColumn {
    /// The name in the header row.
    pub name: &'static str,
    /// A JSON pointer whose first segment is the member named in `fields`.
    pointer: String,
}

/// The columns of an export ([`super::exported::Exported::COLUMNS`]): the default ones, or those whose members `fields`
/// names.
pub fn columns(all: &'static str, fields: &[&str]) -> Vec<CsvColumn> {
    let columns = all.split(' ').filter_map(|column| {
        let (name, path) = column.split_once('=').unwrap_or((column, column));
        let member = path.split('/').next().unwrap_or(path);
        let is_included = match fields.is_empty() {
            true => !ON_REQUEST.contains(&name),
            false => fields.contains(&member),
        };
        is_included.then(|| CsvColumn {
            name,
            pointer: format!("/{path}"),
        })
    });
    columns.collect()
}

impl CsvColumn {
    /// The cell for a record; empty when the record has no value.
    pub fn cell(&self, record: &Value) -> String {
        match record.pointer(&self.pointer) {
            None | Some(Value::Null) => String::new(),
            Some(list @ Value::Array(entries)) => {
                let words: Option<Vec<String>> = entries.iter().map(short_form).collect();
                words.map_or_else(|| list.to_string(), |words| words.join(SEPARATOR))
            }
            Some(value) => short_form(value).unwrap_or_else(|| value.to_string()),
        }
    }
}

/// The short form of a value: a string, a record's slug, or an identifier. `None` for any other value.
fn short_form(entry: &Value) -> Option<String> {
    let text = |name: &str| entry.get(name).and_then(Value::as_str);
    if let Value::String(text) = entry {
        return Some(text.clone());
    }
    match (text("slug"), text("scheme"), text("value")) {
        (Some(slug), _, _) => Some(slug.to_owned()),
        (None, Some(scheme), Some(value)) => Some(format!("{scheme}:{value}")),
        _ => None,
    }
}
