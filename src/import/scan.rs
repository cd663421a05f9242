//! The first pass: every line is read and checked, and each document gets its identity.

use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use std::collections::HashMap;

use super::document::Document;
use super::index::{Entry, Index};
use super::{Error, Progress, Source};
use crate::articles;
use crate::changes::{Previous, Resource};
use crate::db::schema::changes;
use crate::db::{DbConnection, Sql};
use crate::lookup::is_id;
use crate::recommendations::model::RecommendationDocument;
use crate::web_address::duplicate_key;

/// How many documents are looked up with one statement.
pub(super) const BATCH: usize = 500;

#[derive(QueryableByName)]
struct ExistingRow {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    slug: String,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = BigInt)]
    revision: i64,
    #[diesel(sql_type = Timestamp)]
    created_at: chrono::NaiveDateTime,
    #[diesel(sql_type = Text)]
    state_digest: String,
    #[diesel(sql_type = Nullable<Timestamp>)]
    public_from: Option<chrono::NaiveDateTime>,
}

/// A good line that waits for its identity.
struct Waiting {
    line: usize,
    resource: Resource,
    id: Option<String>,
    /// Whether that stands in for an id that is not known yet.
    is_provisional: bool,
    slug: String,
    /// Of a recommendation: its number.
    number: Option<Number>,
    original_url_key: Option<String>,
}

/// Reads and checks every line.
pub fn scan(
    connection: &mut DbConnection,
    source: &Source,
    progress: &dyn Fn(Progress),
) -> Result<Index, Error> {
    let mut index = Index::default();
    let mut waiting = Vec::with_capacity(BATCH);
    let mut original_urls = HashMap::new();
    source.lines(|line, text| {
        progress(Progress::Checked);
        let parsed = match text {
            Ok(text) => Document::parse(text),
            Err(detail) => Err(vec![(String::new(), detail.to_owned())]),
        };
        match parsed {
            Ok(document) => waiting.push(Waiting::new(line, &document)),
            Err(mistakes) => {
                for (pointer, detail) in mistakes {
                    index.mistake(line, pointer, detail);
                }
            }
        }
        if waiting.len() == BATCH {
            identify(connection, &mut index, &mut waiting, &mut original_urls)?;
        }
        Ok::<(), Error>(())
    })?;
    identify(connection, &mut index, &mut waiting, &mut original_urls)?;
    Ok(index)
}

/// The number of a recommendation.
struct Number {
    report: String,
    number: String,
    makes_slug: bool,
    /// Id and slug of the stored recommendation that has it.
    stored: Option<IdRow>,
}

impl Waiting {
    fn new(line: usize, document: &Document) -> Self {
        let number = match document {
            Document::Recommendation(r) => Some(Number {
                report: r.report.clone(),
                number: r.number.clone(),
                makes_slug: r.slug.is_none(),
                stored: None,
            }),
            _ => None,
        };
        let original_url_key = match document {
            Document::Article(article) => article.original_url.as_deref().and_then(duplicate_key),
            _ => None,
        };
        let (mut id, slug) = (document.id(), document.slug());
        // without a slug it is known by what it is about, which its links tell later
        let has_name = slug.is_some() || document.resource() == Resource::Recommendation;
        let is_provisional = !has_name && id.is_none();
        if is_provisional {
            id = Some(uuid::Uuid::now_v7().to_string());
        }
        let slug = match has_name {
            true => slug.unwrap_or_default().to_owned(),
            false => id.clone().unwrap_or_default(),
        };
        Self {
            line,
            resource: document.resource(),
            id,
            is_provisional,
            slug,
            number,
            original_url_key,
        }
    }
}

/// Gives each waiting document the id of the record that it is about: by its id, its slug, or, for a
/// recommendation, its number in its report. A document about no record gets a new id.
fn identify(
    connection: &mut DbConnection,
    index: &mut Index,
    waiting: &mut Vec<Waiting>,
    original_urls: &mut HashMap<String, String>,
) -> Result<(), Error> {
    for document in waiting.iter_mut() {
        if let Some(number) = &mut document.number {
            number.stored = existing_by_number(connection, &number.report, &number.number)?;
            if number.makes_slug {
                document.slug = match &number.stored {
                    Some(stored) => stored.slug.clone(),
                    None => {
                        let report = report_slug(connection, index, &number.report)?;
                        RecommendationDocument::default_slug(&report, &number.number)
                    }
                };
            }
        }
    }
    let keys: Vec<String> = waiting
        .iter()
        .filter_map(|document| document.original_url_key.clone())
        .collect();
    let taken = articles::queries::by_original_url(connection, &keys)?;
    for resource in Resource::ALL {
        let of_resource = waiting
            .iter()
            .filter(|document| document.resource == resource);
        let keys: Vec<&String> = of_resource
            .flat_map(|document| document.id.iter().chain(Some(&document.slug)))
            .collect();
        let existing = existing(connection, resource, &keys)?;
        let new_ids = waiting
            .iter()
            .filter(|document| document.resource == resource)
            .filter_map(|document| document.id.as_ref())
            .filter(|id| !existing.contains_key(*id));
        let elsewhere = logged(connection, &new_ids.collect::<Vec<_>>())?;
        for document in waiting
            .iter()
            .filter(|document| document.resource == resource)
        {
            if document
                .id
                .as_ref()
                .is_some_and(|id| elsewhere.contains(id))
            {
                index.mistake(document.line, "/id", "this is the id of another record");
            } else {
                place(index, document, &existing, &taken, original_urls);
            }
        }
    }
    waiting.clear();
    Ok(())
}

fn place(
    index: &mut Index,
    document: &Waiting,
    existing: &HashMap<String, (String, Previous)>,
    taken: &HashMap<String, String>,
    original_urls: &mut HashMap<String, String>,
) {
    let by_slug = existing.get(&document.slug).map(|(id, _)| id);
    let id = match (&document.id, by_slug) {
        (Some(id), Some(other)) if id != other => {
            index.mistake(
                document.line,
                "/slug",
                format!("the slug '{}' belongs to another record", document.slug),
            );
            return;
        }
        (Some(id), _) => id.clone(),
        (None, Some(id)) => id.clone(),
        (None, None) => uuid::Uuid::now_v7().to_string(),
    };
    if let Some(key) = &document.original_url_key {
        let owner = taken.get(key).or_else(|| original_urls.get(key));
        if owner.is_some_and(|owner| *owner != id) {
            let detail = "another article has this original link already (compared without scheme, www., tracking parameters and the like)";
            index.mistake(document.line, "/original_url", detail);
            return;
        }
        original_urls.insert(key.clone(), id.clone());
    }
    let entry = Entry {
        resource: document.resource,
        id: id.clone(),
        slug: document.slug.clone(),
        previous: existing.get(&id).map(|(_, previous)| previous.clone()),
        is_provisional: document.is_provisional,
    };
    if !index.add(document.line, entry) {
        let detail = format!(
            "an earlier line is about the {} '{}' already",
            document.resource, document.slug
        );
        index.mistake(document.line, "/slug", detail);
    } else if let Some(number) = &document.number {
        place_number(index, document.line, number, &id);
    }
}

/// A report has each number once.
fn place_number(index: &mut Index, line: usize, number: &Number, id: &str) {
    let stored = number.stored.as_ref().filter(|stored| stored.id != id);
    let mistake = match stored {
        Some(other) => Some(format!(
            "the recommendation '{}' has this number already",
            other.slug
        )),
        None if !index.add_number(&number.report, &number.number, id) => {
            Some("an earlier line has this number already".to_owned())
        }
        None => None,
    };
    if let Some(detail) = mistake {
        index.mistake(line, "/number", detail);
    }
}

/// Of these ids, those that a record of any resource has: an id stands for one record of all.
fn logged(connection: &mut DbConnection, ids: &[&String]) -> QueryResult<Vec<String>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let first = changes::table
        .filter(changes::resource_id.eq_any(ids))
        .filter(changes::revision.eq(1));
    first.select(changes::resource_id).load(connection)
}

/// The records with these ids or slugs, under both.
pub(super) fn existing(
    connection: &mut DbConnection,
    resource: Resource,
    keys: &[&String],
) -> QueryResult<HashMap<String, (String, Previous)>> {
    let mut found = HashMap::new();
    if keys.is_empty() {
        return Ok(found);
    }
    let mut sql = Sql::new(
        "SELECT r.id, r.slug, r.state, r.revision, r.created_at, c.state_digest, c.public_from FROM ",
    );
    sql.push(resource.table())
        .push(" r JOIN changes c ON c.seq = r.change_seq WHERE r.slug IN ");
    sql.list(keys.iter().copied())
        .push(" OR r.id IN ")
        .list(keys.iter().copied());
    for row in sql.load::<ExistingRow>(connection)? {
        let previous = Previous {
            revision: row.revision,
            slug: row.slug.clone(),
            state: row.state,
            created_at: row.created_at,
            state_digest: row.state_digest,
            public_from: row.public_from,
        };
        found.insert(row.slug, (row.id.clone(), previous.clone()));
        found.insert(row.id.clone(), (row.id, previous));
    }
    Ok(found)
}

#[derive(QueryableByName)]
struct SlugRow {
    #[diesel(sql_type = Text)]
    slug: String,
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    slug: String,
}

fn existing_by_number(
    connection: &mut DbConnection,
    report: &str,
    number: &str,
) -> QueryResult<Option<IdRow>> {
    let mut sql = Sql::new(
        "SELECT r.id, r.slug FROM recommendations r JOIN reports p ON p.id = r.report_id WHERE ",
    );
    sql.push(if is_id(report) {
        "p.id = "
    } else {
        "p.slug = "
    })
    .bind(report);
    sql.push(" AND r.number = ").bind(number);
    sql.get_result(connection).optional()
}

/// The slug of the report that a document names: itself, or found by the id.
fn report_slug(connection: &mut DbConnection, index: &Index, report: &str) -> QueryResult<String> {
    if !is_id(report) {
        return Ok(report.to_owned());
    }
    if let Some(slug) = index.slug_of(report) {
        return Ok(slug.to_owned());
    }
    let mut sql = Sql::new("SELECT r.slug FROM reports r WHERE r.id = ");
    sql.bind(report);
    let found = sql.get_result::<SlugRow>(connection).optional()?;
    Ok(found.map_or_else(|| report.to_owned(), |row| row.slug))
}
