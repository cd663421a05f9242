//! The SQL that stores articles.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;

use super::contents::ArticleLinks;
use super::model::ArticleDocument;
use super::parts;
use super::schema::articles;
use crate::log::{NewRecord, Previous, Resource, WriteOutcome, Writer};
use crate::platform::db::{DbConnection, Json, insert_all, update};
use crate::platform::identity::RecordId;

/// What an article had before it is stored again.
#[derive(Queryable, Selectable)]
#[diesel(table_name = articles)]
struct ArticleBefore {
    updated_at: NaiveDateTime,
    published_at: NaiveDateTime,
    translation_of_id: Option<RecordId>,
    links: Json<ArticleLinks>,
}

impl ArticleBefore {
    fn find(connection: &mut DbConnection, id: RecordId) -> QueryResult<Self> {
        let before = articles::table.find(id).select(Self::as_select());
        before.first(connection)
    }
}

/// Stores a document, with its links resolved to ids and its body sanitised.
///
/// # Errors
/// If the database cannot be written.
pub fn save(
    writer: &mut Writer<'_>,
    id: RecordId,
    document: &ArticleDocument,
    previous: Option<&Previous>,
) -> QueryResult<WriteOutcome> {
    let (slug, options) = (&document.slug, document.entry_options());
    let resource = Resource::Article;
    let Some(recorded) = writer.record(resource, id, slug, document, previous, options)? else {
        return Ok(WriteOutcome::Unchanged);
    };
    let mut row = document.row(id, recorded)?;
    let connection = &mut *writer.connection;
    let original = row.translation_of_id;
    let mut versions = Vec::new();
    if previous.is_some() {
        let before = ArticleBefore::find(connection, id)?;
        if document.is_minor_edit {
            row.updated_at = before.updated_at;
        }
        if before.translation_of_id != original {
            versions = vec![before.translation_of_id, original, Some(id)];
        }
        update(
            connection,
            diesel::update(articles::table.find(id)).set(&row),
        )?;
        if (before.published_at, &before.links) != (row.published_at, &row.links) {
            parts::clear(connection, id)?;
            parts::insert(connection, &[row])?;
        }
    } else {
        diesel::insert_into(articles::table)
            .values(&row)
            .execute(connection)?;
        versions = vec![original, Some(id)];
        parts::insert(connection, &[row])?;
    }
    parts::follow_translations(connection, versions.into_iter().flatten())?;
    Ok(WriteOutcome::of(previous))
}

/// Stores new documents, with their links resolved to ids and their bodies sanitised.
///
/// # Errors
/// If the database cannot be written.
pub fn save_new(
    writer: &mut Writer<'_>,
    documents: Vec<(RecordId, Option<String>, ArticleDocument)>,
) -> QueryResult<()> {
    let mut records = Vec::with_capacity(documents.len());
    for (id, request_id, document) in &documents {
        let options = document.entry_options();
        records.push(NewRecord::new(*id, document, options, request_id.clone())?);
    }
    let recorded = writer.record_new(Resource::Article, records)?;
    let mut rows = Vec::with_capacity(documents.len());
    for ((id, _, document), recorded) in documents.iter().zip(recorded) {
        rows.push(document.row(*id, recorded)?);
    }
    insert_all(writer.connection, articles::table, rows.clone())?;
    parts::insert(writer.connection, &rows)?;
    let originals = rows.iter().filter_map(|row| row.translation_of_id);
    let changed = originals.chain(rows.iter().map(|row| row.id));
    parts::follow_translations(writer.connection, changed)
}
