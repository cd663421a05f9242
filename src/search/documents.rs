//! From an entry of the log to a document of the index.

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use serde_json::{Map, Value};
use tantivy::TantivyDocument;
use tantivy::schema::Field;

use super::queries::Entry;
use super::schema::Fields;
use crate::changes::Resource;
use crate::clock::start_of_uk_day;
use crate::html;

/// What is searched for.
pub const SEARCHED: [Resource; 4] = [
    Resource::Article,
    Resource::Recommendation,
    Resource::Report,
    Resource::Organisation,
];

/// The document of a record in its newest state, which the public may see from `public_from` on. `addressed` are the
/// organisations that a recommendation comes to.
pub fn document(
    fields: &Fields,
    entry: &Entry,
    public_from: NaiveDateTime,
    addressed: &[String],
) -> Option<TantivyDocument> {
    let resource = SEARCHED.into_iter().find(|r| r.name() == entry.resource)?;
    let state: Map<String, Value> = serde_json::from_str(entry.state.as_deref()?).ok()?;
    let record = Record(&state);
    let mut writing = Writing {
        fields,
        document: TantivyDocument::default(),
    };
    writing.keys(fields.id, [entry.resource_id.as_str()]);
    writing.keys(fields.resource, [resource.name()]);
    let published = published_at(&record).unwrap_or(public_from);
    writing.moment(fields.published_at, published);
    writing.moment(fields.public_from, public_from);
    match resource {
        Resource::Article => writing.article(&record),
        Resource::Recommendation => writing.recommendation(&record, addressed),
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

/// The members of a state.
struct Record<'a>(&'a Map<String, Value>);

impl<'a> Record<'a> {
    fn text(&self, name: &str) -> Option<&'a str> {
        self.0.get(name)?.as_str()
    }

    /// A list of texts, or one text.
    fn texts(&self, name: &str) -> Vec<&'a str> {
        match self.0.get(name) {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// One member of each object of a list.
    fn members(&self, list: &str, name: &str) -> Vec<&'a str> {
        let objects = self.0.get(list).and_then(Value::as_array);
        let objects = objects.map(Vec::as_slice).unwrap_or_default();
        objects
            .iter()
            .filter_map(|o| o.get(name)?.as_str())
            .collect()
    }

    /// Whether its text is in English, as far as it says.
    fn is_english(&self) -> bool {
        self.text("language")
            .is_none_or(|tag| tag == "en" || tag.starts_with("en-"))
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
        self.document
            .add_i64(field, at.and_utc().timestamp_millis());
    }

    fn headline(&mut self, record: &Record<'_>, text: &str) {
        if record.is_english() {
            self.document.add_text(self.fields.headline, text);
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
        self.keys(fields.topic, record.texts("topics"));
        self.keys(fields.report, record.texts("reports"));
        self.keys(fields.language, record.text("language"));
    }

    fn recommendation(&mut self, record: &Record<'_>, addressed: &[String]) {
        let fields = self.fields;
        if let Some(summary) = record.text("summary") {
            self.headline(record, summary);
        }
        self.body(record, record.text("text"));
        self.keys(fields.names, record.text("number"));
        self.keys(fields.organisation, addressed.iter().map(String::as_str));
        self.keys(fields.report, record.text("report"));
    }

    fn report(&mut self, record: &Record<'_>, id: &str) {
        let fields = self.fields;
        self.headline(record, record.text("title").unwrap_or_default());
        self.body(record, record.text("summary"));
        self.keys(fields.names, record.members("reference_numbers", "value"));
        self.keys(fields.organisation, record.texts("publishers"));
        self.keys(fields.report, [id]);
        self.keys(fields.language, record.text("language"));
    }

    fn organisation(&mut self, record: &Record<'_>, id: &str) {
        let fields = self.fields;
        self.keys(fields.names, record.text("name"));
        self.keys(fields.names, record.text("acronym"));
        self.keys(fields.names, record.members("names", "name"));
        self.keys(fields.names, record.members("identifiers", "value"));
        self.body(record, record.text("description"));
        self.keys(fields.organisation, [id]);
    }
}
