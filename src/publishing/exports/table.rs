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
    pub name: String,
    /// The members that lead to the value; the first is that in `fields`.
    path: Vec<&'static str>,
}

/// The columns of an export ([`super::exported::Exported::COLUMNS`]): the default ones, or those that `fields` names, by their
/// members (`organisation`) or one by one (`organisation.name`). Those that are none of an export come last.
pub fn columns(all: &'static str, fields: &[&'static str]) -> Vec<CsvColumn> {
    let columns = all.split(' ');
    let columns = columns.map(|column| column.split_once('=').unwrap_or((column, column)));
    let is_included = |name: &str, path: &str| match fields {
        [] => !ON_REQUEST.contains(&name),
        fields => fields.iter().any(|field| is_named(path, field)),
    };
    let mut included = Vec::new();
    for (name, path) in columns.clone() {
        if is_included(name, path) {
            included.push(CsvColumn::new(name.to_owned(), path.split('/')));
        }
    }
    for field in fields {
        if !columns.clone().any(|(_, path)| is_named(path, field)) {
            included.push(CsvColumn::new(field.replace('.', "_"), field.split('.')));
        }
    }
    included
}

/// Whether a field is the member that has the column's value, or the value itself. Of a record, that is its slug.
fn is_named(path: &str, field: &str) -> bool {
    let is_slug = field.strip_suffix(".slug") == Some(path);
    is_slug || path.split('/').next() == Some(field) || path.replace('/', ".") == field
}

impl CsvColumn {
    fn new(name: String, path: impl Iterator<Item = &'static str>) -> Self {
        let path = path.collect();
        Self { name, path }
    }

    /// The cell for a record; empty when the record has no value.
    pub fn cell(&self, record: &Value) -> String {
        match value_at(record, &self.path) {
            None | Some(Value::Null) => String::new(),
            Some(list @ Value::Array(_)) => {
                let entries = list.as_array().into_iter().flatten();
                let words: Option<Vec<String>> = entries.map(short_form).collect();
                words.map_or_else(|| list.to_string(), |words| words.join(SEPARATOR))
            }
            Some(value) => short_form(&value).unwrap_or_else(|| value.to_string()),
        }
    }
}

/// What a value has at a path; a list, what each of its entries has there.
fn value_at(value: &Value, path: &[&str]) -> Option<Value> {
    match (value, path) {
        (_, []) => Some(value.clone()),
        (Value::Array(entries), _) => {
            let entries = entries.iter();
            let values = entries.filter_map(|entry| value_at(entry, path));
            Some(Value::Array(values.collect()))
        }
        (_, [member, rest @ ..]) => value_at(value.get(member)?, rest),
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
