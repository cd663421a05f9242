//! Builds index documents from log entries.

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use serde_json::{Map, Value};
use tantivy::TantivyDocument;
use tantivy::schema::Field;

use super::model::{Entry, Times, day, milliseconds};
use super::schema::Fields;
use super::words::is_in;
use crate::log::Resource;
use crate::platform::clock::start_of_uk_day;
use crate::platform::html;
use crate::platform::web_address::duplicate_key;
use crate::publishing::search::model::SEARCHED;

/// What the index needs of a record beside its document.
#[derive(Clone, Copy, Debug)]
pub struct Beside<'a> {
    /// When the public may see it.
    pub public_from: NaiveDateTime,
    /// The times that its document does not state.
    pub times: &'a Times,
    /// The organisations that a recommendation is addressed to.
    pub addressed: &'a [String],
    /// The groups that it is addressed to.
    pub groups: &'a [String],
}

/// The index document of a record in its newest state.
pub fn document(fields: &Fields, entry: &Entry, beside: Beside<'_>) -> Option<TantivyDocument> {
    let resource = SEARCHED.into_iter().find(|r| r.name() == entry.resource)?;
    let state: Map<String, Value> = serde_json::from_str(entry.state.as_deref()?).ok()?;
    let record = Record(&state);
    let mut writing = Writing {
        fields,
        document: TantivyDocument::default(),
    };
    writing.keys(fields.id, [entry.resource_id.as_str()]);
    writing.keys(fields.resource, [resource.name()]);
    let of_report = beside.times.published_on.map(start_of_uk_day);
    let published = published_at(&record).or(of_report);
    let published = published.unwrap_or(beside.public_from);
    writing.moment(fields.published_at, published);
    writing.moment(fields.updated_at, beside.times.updated_at);
    writing.moment(fields.public_from, beside.public_from);
    match resource {
        Resource::Article => writing.article(&record),
        Resource::Recommendation => {
            writing.recommendation(&record, &entry.resource_id);
            writing.addressees(beside);
        }
        Resource::Report => writing.report(&record, &entry.resource_id),
        _ => writing.organisation(&record, &entry.resource_id),
    }
    Some(writing.document)
}

fn published_at(record: &Record<'_>) -> Option<NaiveDateTime> {
    if let Some(at) = record.text("published_at") {
        return DateTime::parse_from_rfc3339(at)
            .ok()
            .map(|at| at.naive_utc());
    }
    let on: NaiveDate = record.text("published_on")?.parse().ok()?;
    Some(start_of_uk_day(on))
}

/// The members of a record's document.
struct Record<'a>(&'a Map<String, Value>);

impl<'a> Record<'a> {
    fn text(&self, name: &str) -> Option<&'a str> {
        self.0.get(name)?.as_str()
    }

    /// A list of strings, or a single one.
    fn texts(&self, name: &str) -> Vec<&'a str> {
        match self.0.get(name) {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// One member of each object in a list.
    fn members(&self, list: &str, name: &str) -> Vec<&'a str> {
        let objects = self.0.get(list).and_then(Value::as_array);
        let objects = objects.map(Vec::as_slice).unwrap_or_default();
        objects
            .iter()
            .filter_map(|o| o.get(name)?.as_str())
            .collect()
    }

    /// Whether its text is in English, which is the default where no language is stated.
    fn is_english(&self) -> bool {
        self.text("language").is_none_or(|tag| is_in(tag, "en"))
    }

    fn is_welsh(&self) -> bool {
        self.text("language").is_some_and(|tag| is_in(tag, "cy"))
    }
}

struct Writing<'a> {
    fields: &'a Fields,
    document: TantivyDocument,
}

impl Writing<'_> {
    fn keys<'t>(&mut self, field: Field, keys: impl IntoIterator<Item = &'t str>) {
        for key in keys {
            self.document.add_text(field, key);
        }
    }

    fn moment(&mut self, field: Field, at: NaiveDateTime) {
        self.document.add_i64(field, milliseconds(at));
    }

    /// The numbers in a list, as `scheme:value`.
    fn numbers(&mut self, field: Field, record: &Record<'_>, list: &str) {
        let schemes = record.members(list, "scheme").into_iter();
        for (scheme, value) in schemes.zip(record.members(list, "value")) {
            self.keys(field, [format!("{scheme}:{value}").as_str()]);
        }
    }

    fn headline(&mut self, record: &Record<'_>, text: &str) {
        if record.is_english() {
            self.document.add_text(self.fields.headline, text);
        }
        if record.is_welsh() {
            self.document.add_text(self.fields.welsh, text);
        }
        self.document.add_text(self.fields.headline_plain, text);
    }

    fn body<'t>(&mut self, record: &Record<'_>, texts: impl IntoIterator<Item = &'t str>) {
        let field = match record.is_english() {
            true => self.fields.body,
            false => self.fields.body_plain,
        };
        for text in texts {
            self.document.add_text(field, text);
            if record.is_welsh() {
                self.document.add_text(self.fields.welsh, text);
            }
        }
    }

    fn article(&mut self, record: &Record<'_>) {
        let fields = self.fields;
        self.headline(record, record.text("headline").unwrap_or_default());
        self.body(record, record.text("summary"));
        let text = record.text("body_html").map(html::text);
        self.body(record, text.as_deref());
        self.body(record, record.members("statements", "text"));
        self.keys(fields.organisation, record.texts("organisation"));
        self.keys(fields.organisation, record.texts("co_publishers"));
        self.keys(fields.publisher, record.texts("organisation"));
        self.keys(fields.publisher, record.texts("co_publishers"));
        self.keys(fields.topic, record.texts("topics"));
        self.keys(fields.report, record.texts("reports"));
        self.keys(fields.recommendation, record.texts("recommendations"));
        let address = record.text("original_url").and_then(duplicate_key);
        self.keys(fields.original_url, address.as_deref());
        self.keys(fields.language, record.text("language"));
    }

    fn recommendation(&mut self, record: &Record<'_>, id: &str) {
        let fields = self.fields;
        if let Some(summary) = record.text("summary") {
            self.headline(record, summary);
        }
        self.body(record, record.text("text"));
        self.keys(fields.names, record.text("number"));
        self.keys(fields.report, record.text("report"));
        self.keys(fields.recommendation, [id]);
        // the default of the table
        self.keys(
            fields.kind,
            [record.text("kind").unwrap_or("recommendation")],
        );
        self.keys(fields.theme, record.texts("themes"));
        let requirement = record.text("response_requirement");
        self.keys(fields.response_requirement, requirement);
        let due_on = record
            .text("stated_due_on")
            .and_then(|day| day.parse().ok());
        if let Some(due_on) = due_on {
            self.document.add_i64(fields.due_on, day(due_on));
        }
    }

    fn addressees(&mut self, beside: Beside<'_>) {
        let fields = self.fields;
        let addressed = beside.addressed.iter().map(String::as_str);
        self.keys(fields.organisation, addressed);
        self.keys(fields.group, beside.groups.iter().map(String::as_str));
    }

    fn report(&mut self, record: &Record<'_>, id: &str) {
        let fields = self.fields;
        self.headline(record, record.text("title").unwrap_or_default());
        self.body(record, record.text("summary"));
        self.keys(fields.names, record.members("reference_numbers", "value"));
        self.numbers(fields.reference, record, "reference_numbers");
        self.keys(fields.organisation, record.texts("publishers"));
        self.keys(fields.publisher, record.texts("publishers"));
        self.keys(fields.complainant_body, record.text("complainant_body"));
        self.keys(fields.kind, record.text("kind"));
        self.keys(fields.report, [id]);
        self.keys(fields.language, record.text("language"));
    }

    fn organisation(&mut self, record: &Record<'_>, id: &str) {
        let fields = self.fields;
        let names = [record.text("name"), record.text("acronym")];
        let names = names.into_iter().flatten();
        for name in names.chain(record.members("names", "name")) {
            self.keys(fields.names, [name]);
            self.keys(fields.name, [name]);
        }
        self.numbers(fields.identifier, record, "identifiers");
        self.keys(fields.kind, record.text("kind"));
        self.keys(fields.parent, record.text("parent"));
        self.keys(fields.names, record.members("identifiers", "value"));
        self.body(record, record.text("description"));
        self.keys(fields.organisation, [id]);
    }
}
