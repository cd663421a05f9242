//! Builds index documents from log entries.

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use serde_json::{Map, Value};
use tantivy::TantivyDocument;

use super::model::{NewestEntry, day, milliseconds};
use super::queries::IndexBatch;
use super::schema::Field;
use super::words::is_language;
use crate::log::Resource;
use crate::platform::clock::{start_of_uk_day, uk_day};
use crate::platform::folding::folded;
use crate::platform::html;
use crate::platform::identity::RecordId;
use crate::platform::language::Language;
use crate::platform::web_address::duplicate_key;

/// The index document of a record in its newest state, if the public may see it now or later.
pub fn document(entry: &NewestEntry, batch: &IndexBatch) -> Option<TantivyDocument> {
    let id = entry.resource_id;
    let (public_from, times) = (*batch.public_from.get(&id)?, batch.times.get(&id)?);
    let resource = entry.resource.0;
    let record = Record(entry.state.as_deref()?);
    let mut builder = DocumentBuilder {
        record,
        document: TantivyDocument::default(),
    };
    builder.add(Field::Id, [&*id]);
    builder.add(Field::Type, [resource.name()]);
    let from_table = times.published_on.map(start_of_uk_day);
    let published = published_at(record).or(from_table).unwrap_or(public_from);
    builder.add_time(Field::PublishedAt, milliseconds(published));
    builder.add_time(Field::UpdatedAt, milliseconds(times.updated_at));
    builder.add_time(Field::PublicFrom, milliseconds(public_from));
    if resource != Resource::Organisation {
        let day = uk_day(published);
        builder.add(Field::Year, [&*day.format("%Y").to_string()]);
        builder.add(Field::Month, [&*day.format("%Y-%m").to_string()]);
    }
    match resource {
        Resource::Article => builder.article(),
        Resource::Recommendation => {
            builder.recommendation();
            builder.add(Field::Recommendation, [&*id]);
            for (field, ids) in [
                (Field::Organisation, batch.addressed.get(&id)),
                (Field::Group, batch.groups.get(&id)),
            ] {
                builder.add(field, ids.into_iter().flatten().map(RecordId::as_str));
            }
        }
        Resource::Response => builder.response(),
        Resource::Report => {
            builder.report();
            builder.add(Field::Report, [&*id]);
        }
        _ => {
            builder.organisation();
            builder.add(Field::Organisation, [&*id]);
        }
    }
    Some(builder.document)
}

fn published_at(record: Record<'_>) -> Option<NaiveDateTime> {
    if let Some(at) = record.text("published_at") {
        let at = DateTime::parse_from_rfc3339(at).ok()?;
        return Some(at.naive_utc());
    }
    let on: NaiveDate = record.text("published_on")?.parse().ok()?;
    Some(start_of_uk_day(on))
}

/// The members of a record's document.
#[derive(Clone, Copy)]
struct Record<'a>(&'a Map<String, Value>);

impl<'a> Record<'a> {
    fn text(self, name: &str) -> Option<&'a str> {
        self.0.get(name)?.as_str()
    }

    /// The entries of a list.
    fn list(self, name: &str) -> &'a [Value] {
        let list = self.0.get(name).and_then(Value::as_array);
        list.map_or(&[], Vec::as_slice)
    }

    /// One member of each object in a list.
    fn members(self, list: &str, name: &str) -> impl Iterator<Item = &'a str> {
        let objects = self.list(list).iter();
        objects.filter_map(move |object| object.get(name)?.as_str())
    }

    /// The language of its text: English where none is stated.
    fn language(self) -> &'a str {
        self.text("language").unwrap_or("en")
    }

    fn is_english(self) -> bool {
        is_language(self.language(), "en")
    }

    fn is_welsh(self) -> bool {
        is_language(self.language(), "cy")
    }
}

struct DocumentBuilder<'a> {
    record: Record<'a>,
    document: TantivyDocument,
}

impl DocumentBuilder<'_> {
    fn add<'t>(&mut self, field: Field, texts: impl IntoIterator<Item = &'t str>) {
        for text in texts {
            self.document.add_text(field.into(), text);
        }
    }

    fn add_time(&mut self, field: Field, milliseconds: i64) {
        self.document.add_i64(field.into(), milliseconds);
    }

    /// Adds a member of the record: a string, or a list of strings.
    fn copy(&mut self, field: Field, name: &str) {
        self.add(field, self.record.text(name));
        self.add(
            field,
            self.record.list(name).iter().filter_map(Value::as_str),
        );
    }

    /// Adds the identifiers in a list, as `scheme:value`.
    fn identifiers(&mut self, field: Field, list: &str) {
        let schemes = self.record.members(list, "scheme");
        for (scheme, value) in schemes.zip(self.record.members(list, "value")) {
            self.add(field, [&*format!("{scheme}:{value}")]);
        }
    }

    fn language(&mut self) {
        let tag = self.record.language();
        let tag = Language::registered(tag).map_or(tag.to_owned(), |tag| tag.to_string());
        self.add(Field::Language, [&*tag]);
    }

    /// Adds what finds a record if it is all that is searched for.
    fn exact<'t>(&mut self, texts: impl IntoIterator<Item = &'t str>) {
        for text in texts {
            self.add(Field::Exact, [&*folded(text)]);
        }
    }

    fn headline(&mut self, text: Option<&str>) {
        if self.record.is_english() {
            self.add(Field::Headline, text);
        }
        if self.record.is_welsh() {
            self.add(Field::Welsh, text);
        }
        self.add(Field::HeadlinePlain, text);
    }

    fn body<'t>(&mut self, texts: impl IntoIterator<Item = &'t str>) {
        let field = match self.record.is_english() {
            true => Field::Body,
            false => Field::BodyPlain,
        };
        for text in texts {
            self.add(field, [text]);
            self.add(Field::BodyWords, [text]);
            if self.record.is_welsh() {
                self.add(Field::Welsh, [text]);
            }
        }
    }

    fn body_in_other_languages(&mut self, member: &str) {
        for text in self.record.members("other_languages", member) {
            self.add(Field::BodyPlain, [text]);
            self.add(Field::BodyWords, [text]);
        }
    }

    fn article(&mut self) {
        let record = self.record;
        self.language();
        self.headline(record.text("headline"));
        self.body(record.text("summary"));
        self.body(record.text("body_html").map(html::text).as_deref());
        self.body(record.members("statements", "text"));
        for publisher in ["organisation", "co_publishers"] {
            self.copy(Field::Organisation, publisher);
            self.copy(Field::Publisher, publisher);
        }
        self.copy(Field::Topic, "topics");
        self.copy(Field::Report, "reports");
        self.copy(Field::Recommendation, "recommendations");
        let address = record.text("original_url").and_then(duplicate_key);
        self.add(Field::OriginalUrl, address.as_deref());
    }

    fn response(&mut self) {
        let record = self.record;
        self.body(record.members("covers", "text"));
        self.body(record.members("covers", "position_verbatim"));
        self.body(record.text("withheld_reason"));
        self.copy(Field::Organisation, "responder");
        self.copy(Field::Organisation, "on_behalf_of");
        self.copy(Field::Report, "report");
        self.add(
            Field::Recommendation,
            record.members("covers", "recommendation"),
        );
        let kind = record.text("kind").unwrap_or("full");
        self.add(Field::Kind, [kind]);
    }

    fn recommendation(&mut self) {
        let record = self.record;
        self.headline(record.text("summary"));
        self.body(record.text("text"));
        self.copy(Field::Names, "number");
        self.copy(Field::Report, "report");
        // the default of the table
        let kind = record.text("kind").unwrap_or("recommendation");
        self.add(Field::Kind, [kind]);
        self.copy(Field::Theme, "themes");
        self.copy(Field::ResponseRequirement, "response_requirement");
        let due_on = record.text("stated_due_on").and_then(|on| on.parse().ok());
        if let Some(due_on) = due_on {
            self.add_time(Field::DueOn, day(due_on));
        }
    }

    fn report(&mut self) {
        let record = self.record;
        self.language();
        self.headline(record.text("title"));
        self.body(record.text("summary"));
        self.add(
            Field::HeadlinePlain,
            record.members("other_languages", "title"),
        );
        self.body_in_other_languages("summary");
        self.exact(record.text("title"));
        self.exact(record.members("other_languages", "title"));
        self.exact(record.members("reference_numbers", "value"));
        self.add(Field::Names, record.members("reference_numbers", "value"));
        self.identifiers(Field::Reference, "reference_numbers");
        self.copy(Field::Organisation, "publishers");
        self.copy(Field::Publisher, "publishers");
        self.copy(Field::ComplainantBody, "complainant_body");
        self.copy(Field::Kind, "kind");
    }

    fn organisation(&mut self) {
        let record = self.record;
        self.language();
        self.copy(Field::Names, "name");
        self.copy(Field::Names, "acronym");
        self.add(Field::Names, record.members("names", "name"));
        self.copy(Field::Name, "acronym");
        self.identifiers(Field::Identifier, "identifiers");
        self.copy(Field::Kind, "kind");
        self.copy(Field::Parent, "parent");
        self.add(Field::Names, record.members("identifiers", "value"));
        self.body(record.text("description"));
        self.add(Field::Names, record.members("other_languages", "name"));
        self.add(Field::Names, record.members("other_languages", "acronym"));
        let names = record.text("name").into_iter();
        let names = names.chain(record.members("names", "name"));
        for name in names.chain(record.members("other_languages", "name")) {
            self.add(Field::Name, [&*folded(name)]);
        }
        self.body_in_other_languages("description");
        for name in ["name", "acronym"] {
            self.exact(record.text(name));
            self.exact(record.members("other_languages", name));
        }
        self.exact(record.members("names", "name"));
    }
}
