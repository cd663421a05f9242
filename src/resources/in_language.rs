//! Answers in a language that was asked for: names, titles and descriptions are put into it wherever a record is named.

use diesel::result::QueryResult;
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap};

use crate::http::references::NameReference;
use crate::log::Resource;
use crate::platform::db::{DbConnection, Json, Sql};
use crate::platform::identity::RecordId;
use crate::platform::language::{self, Language};
use crate::platform::page_urls::PageUrls;

/// The kinds of records that have texts in several languages, with the column of their names.
const TRANSLATED: [(Resource, &str); 4] = [
    (Resource::Organisation, "name"),
    (Resource::Topic, "name"),
    (Resource::Group, "name"),
    (Resource::Report, "title"),
];

/// What a record is called.
#[derive(QueryableByName)]
struct Texts {
    #[diesel(sql_type = Text)]
    id: RecordId,
    #[diesel(sql_type = Text)]
    collection: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    language: String,
    #[diesel(sql_type = Text)]
    other_languages: Json<Vec<Map<String, Value>>>,
}

/// Puts what records are called into a language wherever these views name them. What has no texts in it, nor in a more general
/// one, keeps its own; `language` says which it is.
fn translate(
    c: &mut DbConnection,
    views: &mut [Value],
    language: &Language,
    pages: &PageUrls,
) -> QueryResult<()> {
    let mut ids = BTreeSet::new();
    for view in views.iter_mut() {
        each_record(view, &mut |id, _| {
            ids.insert(id);
        });
    }
    let texts = load(c, &ids)?;
    for view in views {
        each_record(view, &mut |id, record| {
            if let Some(texts) = texts.get(&id) {
                texts.put_into(record, language, pages);
            }
        });
    }
    Ok(())
}

/// A reference to a record, and the language in which to name it.
pub type Named<'a> = (&'a mut NameReference, &'a str);

/// Names organisations, groups or topics in these languages, where they have names in them.
///
/// # Errors
/// If the database cannot be read.
pub fn name(c: &mut DbConnection, named: Vec<Named<'_>>) -> QueryResult<()> {
    let ids = named.iter().map(|(record, _)| record.id).collect();
    let texts = load(c, &ids)?;
    for (record, tag) in named {
        let texts = texts.get(&record.id).and_then(|texts| texts.other(tag));
        if let Some(name) = texts.and_then(|texts| texts.get("name")?.as_str()) {
            record.name = name.to_owned();
        }
    }
    Ok(())
}

/// What a record is called in a language: its name or title.
#[derive(Clone, Debug)]
pub struct Called {
    /// The name or title.
    pub name: String,
    /// The language, as a BCP 47 tag.
    pub language: String,
}

/// What those of these records are called in a language that have other texts in it.
///
/// # Errors
/// If the database cannot be read.
pub fn called(
    c: &mut DbConnection,
    ids: &BTreeSet<RecordId>,
    language: Option<&Language>,
) -> QueryResult<HashMap<RecordId, Called>> {
    let Some(language) = language else {
        return Ok(HashMap::new());
    };
    let texts = load(c, ids)?.into_iter();
    let called = texts.filter_map(|(id, texts)| {
        let other = texts.other(language)?;
        let text = |member: &str| Some(other.get(member)?.as_str()?.to_owned());
        let name = text("name").or_else(|| text("title"))?;
        let language = text("language")?;
        Some((id, Called { name, language }))
    });
    Ok(called.collect())
}

/// The names or titles of these records, in a language where they have texts in it.
///
/// # Errors
/// If the database cannot be read.
pub fn names(
    c: &mut DbConnection,
    ids: &BTreeSet<RecordId>,
    tag: &str,
) -> QueryResult<HashMap<RecordId, String>> {
    let texts = load(c, ids)?.into_iter();
    let names = texts.map(|(id, texts)| {
        let other = texts.other(tag);
        let name = other.and_then(|other| other.get("name").or(other.get("title"))?.as_str());
        let name = name.map(str::to_owned);
        (id, name.unwrap_or(texts.name))
    });
    Ok(names.collect())
}

/// The language that was asked for, if one was, and the pages of the public site.
pub type Asked<'a> = (Option<&'a Language>, &'a PageUrls);

/// The JSON of views in the language that was asked for.
///
/// # Errors
/// If a view cannot be serialised, or the database cannot be read.
pub fn translated<V: Serialize>(
    c: &mut DbConnection,
    views: &[V],
    (language, pages): Asked<'_>,
) -> QueryResult<Option<Vec<Value>>> {
    let Some(language) = language else {
        return Ok(None);
    };
    let values = views.iter().map(serde_json::to_value);
    let mut values = values
        .collect::<Result<Vec<Value>, _>>()
        .map_err(|error| diesel::result::Error::SerializationError(error.into()))?;
    translate(c, &mut values, language, pages)?;
    Ok(Some(values))
}

/// The JSON of the record that a list belongs to, in the language that was asked for.
///
/// # Errors
/// If the database cannot be read.
pub fn of_list(
    c: &mut DbConnection,
    mut record: Option<Value>,
    (language, pages): Asked<'_>,
) -> QueryResult<Option<Value>> {
    if let (Some(record), Some(language)) = (&mut record, language) {
        translate(c, std::slice::from_mut(record), language, pages)?;
    }
    Ok(record)
}

/// Calls `work` with each object that names a record, however deep it is.
fn each_record(value: &mut Value, work: &mut impl FnMut(RecordId, &mut Map<String, Value>)) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(|value| each_record(value, work)),
        Value::Object(object) => {
            object
                .values_mut()
                .for_each(|value| each_record(value, work));
            let id = object.get("id").and_then(Value::as_str);
            if let Some(id) = id.and_then(RecordId::parse)
                && (object.contains_key("name") || object.contains_key("title"))
            {
                work(id, object);
            }
        }
        _ => {}
    }
}

fn load(c: &mut DbConnection, ids: &BTreeSet<RecordId>) -> QueryResult<HashMap<RecordId, Texts>> {
    let mut sql = Sql::new("");
    for (index, (resource, name)) in TRANSLATED.into_iter().enumerate() {
        sql.push(if index > 0 { " UNION ALL " } else { "" })
            .push("SELECT x.id, ")
            .bind(resource.collection())
            .push(" AS collection, x.")
            .push(name)
            .push(" AS name, x.language, x.other_languages FROM ")
            .push(resource.table())
            .push(" x WHERE x.id IN ")
            .list(ids);
    }
    let texts: Vec<Texts> = sql.load(c)?;
    Ok(texts.into_iter().map(|one| (one.id, one)).collect())
}

impl Texts {
    /// The texts in a language, or in a more general one; `None` if its own will do, or there are no others.
    fn other(&self, tag: &str) -> Option<&Map<String, Value>> {
        let is_in = |tag: &str, texts: &&Map<String, Value>| {
            texts.get("language").and_then(Value::as_str) == Some(tag)
        };
        let of = |tag| self.other_languages.iter().find(|texts| is_in(tag, texts));
        let found = language::with_fallbacks(tag).find_map(|tag| match of(tag) {
            None if tag != self.language => None,
            texts => Some(texts),
        });
        found.flatten()
    }

    /// Puts the texts into the view of the record, or into a reference to it.
    fn put_into(&self, record: &mut Map<String, Value>, language: &Language, pages: &PageUrls) {
        // with `on`, a name of another day is known in one language only
        let name = record.get("name").or(record.get("title"));
        let is_current = name == Some(&Value::from(self.name.as_str()));
        let Some(texts) = self.other(language).filter(|_| is_current) else {
            let own = Value::from(self.language.as_str());
            record.insert("language".to_owned(), own);
            return;
        };
        // whole records have this member, and references only a name
        let is_whole = record.contains_key("other_languages");
        let is_withdrawn = record.get("state") == Some(&Value::from("withdrawn"));
        for (member, text) in texts {
            let is_shown = is_whole || record.contains_key(member) || member == "language";
            if is_shown && !(is_withdrawn && member == "summary") {
                record.insert(member.clone(), text.clone());
            }
        }
        let text = |name: &str| record.get(name).and_then(Value::as_str);
        if let Some((slug, id)) = text("slug").zip(text("id")).filter(|_| is_whole) {
            let tag = text("language");
            let page = pages.of(&self.collection, tag, &[("slug", slug), ("id", id)]);
            record.extend(page.map(|page| ("page_url".to_owned(), page.into())));
        }
    }
}
