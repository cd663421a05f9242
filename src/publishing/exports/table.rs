//! The columns of CSV exports. They are part of the API: new ones are added at the end, and none is renamed.

use serde_json::Value;

use super::ExportKind;

/// Separates the entries of a list.
const SEPARATOR: &str = "; ";

/// A column: its name, and where in the record its value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// The name in the header row.
    pub name: &'static str,
    /// A JSON pointer whose first segment is the member named in `fields`.
    pointer: &'static str,
    /// Whether the column is included only when `fields` names its member.
    is_on_demand: bool,
}

const fn column(name: &'static str, pointer: &'static str) -> Column {
    Column {
        name,
        pointer,
        is_on_demand: false,
    }
}

const fn on_demand(name: &'static str, pointer: &'static str) -> Column {
    Column {
        is_on_demand: true,
        ..column(name, pointer)
    }
}

const ARTICLES: &[Column] = &[
    column("id", "/id"),
    column("slug", "/slug"),
    column("state", "/state"),
    column("headline", "/headline"),
    column("summary", "/summary"),
    column("excerpt", "/excerpt"),
    column("organisation", "/organisation/slug"),
    column("organisation_name", "/organisation/name"),
    column("co_publishers", "/co_publishers"),
    column("topics", "/topics"),
    column("language", "/language"),
    column("translation_of", "/translation_of/slug"),
    column("translations", "/translations"),
    column("original_url", "/original_url"),
    column("attribution", "/attribution"),
    column("licence", "/licence"),
    column("statements", "/statements"),
    column("corrections", "/corrections"),
    column("identifiers", "/identifiers"),
    column("reports", "/reports"),
    column("recommendations", "/recommendations"),
    column("published_at", "/published_at"),
    column("first_published_at", "/first_published_at"),
    column("updated_at", "/updated_at"),
    column("withdrawn_at", "/withdrawal/at"),
    column("withdrawal_reason", "/withdrawal/reason"),
    column("revision", "/revision"),
    on_demand("body_html", "/body_html"),
    on_demand("body_text", "/body_text"),
];

const ORGANISATIONS: &[Column] = &[
    column("id", "/id"),
    column("slug", "/slug"),
    column("name", "/name"),
    column("acronym", "/acronym"),
    column("kind", "/kind"),
    column("description", "/description"),
    column("names", "/names"),
    column("parent", "/parent/slug"),
    column("parent_name", "/parent/name"),
    column("homepage", "/homepage"),
    column("feed", "/feed"),
    column("jurisdiction", "/jurisdiction"),
    column("identifiers", "/identifiers"),
    column("founded", "/founded"),
    column("dissolved", "/dissolved"),
    column("predecessors", "/predecessors"),
    column("successors", "/successors"),
    column("updated_at", "/updated_at"),
    column("revision", "/revision"),
];

const RECOMMENDATIONS: &[Column] = &[
    column("id", "/id"),
    column("slug", "/slug"),
    column("state", "/state"),
    column("report", "/report/slug"),
    column("report_title", "/report/title"),
    column("number", "/number"),
    column("parent", "/parent/slug"),
    column("elements", "/elements"),
    column("kind", "/kind"),
    column("text", "/text"),
    column("text_is_verbatim", "/text_is_verbatim"),
    column("summary", "/summary"),
    column("themes", "/themes"),
    column("is_priority", "/is_priority"),
    column("legal_basis", "/legal_basis"),
    column("response_requirement", "/response_requirement"),
    column("stated_due_on", "/stated_due_on"),
    column("deadlines", "/deadlines"),
    column("reply", "/reply"),
    column("role_addressed", "/role_addressed"),
    column("addressees", "/addressees"),
    column(
        "addressed_organisation_count",
        "/addressed_organisation_count",
    ),
    column("supersedes", "/supersedes"),
    column("superseded_by", "/superseded_by"),
    column("repeats", "/repeats"),
    column("repeated_by", "/repeated_by"),
    column("source_url", "/source_url"),
    column("published_on", "/published_on"),
    column("updated_at", "/updated_at"),
    column("revision", "/revision"),
    on_demand("addressed_organisations", "/addressed_organisations"),
];

const OBLIGATIONS: &[Column] = &[
    column("id", "/id"),
    column("recommendation", "/recommendation/slug"),
    column("number", "/recommendation/number"),
    column("report", "/report/slug"),
    column("report_title", "/report/title"),
    column("organisation", "/organisation/slug"),
    column("organisation_name", "/organisation/name"),
    column("via_group", "/via_group/slug"),
    column("response_requirement", "/response_requirement"),
    column("deadlines", "/deadlines"),
    column("due_on", "/due_on"),
    column("response_state", "/response_state"),
    column("has_holding_reply", "/has_holding_reply"),
    column("answered_on", "/answered_on"),
    column("is_collectively_covered", "/is_collectively_covered"),
    column("position", "/position/value"),
    column("position_verbatim", "/position/verbatim"),
    column("implementation_status", "/implementation/status"),
    column("implementation_as_at", "/implementation/as_at"),
    column("assessment_status", "/assessment/status"),
    column("assessment_as_at", "/assessment/as_at"),
    column("checked_on", "/checked_on"),
    column("transferred_to", "/transferred_to/slug"),
    column("disputes", "/disputes"),
    column("note", "/note"),
    column("updated_at", "/updated_at"),
    column("revision", "/revision"),
];

/// The columns for a kind of record: the default ones, or those whose members `fields` names.
pub fn columns(kind: ExportKind, fields: &[&str]) -> Vec<Column> {
    let all = match kind {
        ExportKind::Articles => ARTICLES,
        ExportKind::Organisations => ORGANISATIONS,
        ExportKind::Recommendations => RECOMMENDATIONS,
        ExportKind::Obligations => OBLIGATIONS,
    };
    let is_wanted = |column: &&Column| match fields.is_empty() {
        true => !column.is_on_demand,
        false => fields.contains(&column.member()),
    };
    all.iter().filter(is_wanted).copied().collect()
}

impl Column {
    /// The member of the record that the column shows.
    fn member(&self) -> &'static str {
        self.pointer.split('/').nth(1).unwrap_or_default()
    }

    /// The cell for a record; empty when the record has no value.
    pub fn cell(&self, record: &Value) -> String {
        match record.pointer(self.pointer) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(Value::Array(entries)) => {
                let words: Option<Vec<String>> = entries.iter().map(word).collect();
                match words {
                    Some(words) => words.join(SEPARATOR),
                    None => Value::from(entries.clone()).to_string(),
                }
            }
            Some(other) => other.to_string(),
        }
    }
}

/// The short form of a list entry: a string, a record's slug, or an identifier. `None` for any other object.
fn word(entry: &Value) -> Option<String> {
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
