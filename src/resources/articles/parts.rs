//! The SQL of the records linked to articles: publishers, topics, reports, recommendations and translations.

use diesel::prelude::*;
use diesel::result::QueryResult;

use super::model::ArticleRow;
use super::schema::{
    article_organisations, article_recommendations, article_reports, article_topics,
};
use crate::log::Resource;
use crate::platform::db::{DbConnection, Sql, insert_all};
use crate::platform::identity::{Key, RecordId};

/// The records that these articles name, with their kinds.
pub fn named(rows: &[ArticleRow]) -> Vec<(Resource, RecordId)> {
    let mut named = Vec::new();
    for row in rows {
        let mut add =
            |resource, ids: &[RecordId]| named.extend(ids.iter().map(|id| (resource, *id)));
        add(Resource::Organisation, &row.links.organisations);
        add(Resource::Topic, &row.links.topics);
        add(Resource::Report, &row.links.reports);
        add(Resource::Recommendation, &row.links.recommendations);
        add(Resource::Article, &row.translations);
        add(Resource::Article, row.translation_of_id.as_slice());
        for statement in row.statements.iter() {
            let speaks_for = statement.organisation.as_ref().and_then(Key::id);
            add(Resource::Organisation, speaks_for.as_slice());
        }
    }
    named
}

/// Deletes the links of an article.
///
/// # Errors
/// If the database cannot be written.
pub fn clear(connection: &mut DbConnection, id: RecordId) -> QueryResult<()> {
    diesel::delete(article_organisations::table.filter(article_organisations::article_id.eq(id)))
        .execute(connection)?;
    diesel::delete(article_topics::table.filter(article_topics::article_id.eq(id)))
        .execute(connection)?;
    diesel::delete(article_reports::table.filter(article_reports::article_id.eq(id)))
        .execute(connection)?;
    diesel::delete(
        article_recommendations::table.filter(article_recommendations::article_id.eq(id)),
    )
    .execute(connection)?;
    Ok(())
}

/// Stores the links of these rows in the tables that find articles by them.
///
/// # Errors
/// If the database cannot be written.
pub fn insert(connection: &mut DbConnection, rows: &[ArticleRow]) -> QueryResult<()> {
    use article_organisations as o;
    use article_recommendations as c;
    use article_reports as r;
    use article_topics as t;
    let (mut organisations, mut topics) = (Vec::new(), Vec::new());
    let (mut reports, mut recommendations) = (Vec::new(), Vec::new());
    for row in rows {
        let (article, at, links) = (row.id, row.published_at, &row.links);
        organisations.extend(placed(&links.organisations).map(|(position, id)| {
            let key = (o::article_id.eq(article), o::position.eq(position));
            (key, o::organisation_id.eq(id), o::published_at.eq(at))
        }));
        topics.extend(placed(&links.topics).map(|(position, id)| {
            let key = (t::article_id.eq(article), t::position.eq(position));
            (key, t::topic_id.eq(id), t::published_at.eq(at))
        }));
        reports.extend(placed(&links.reports).map(|(position, id)| {
            let key = (r::article_id.eq(article), r::position.eq(position));
            (key, r::report_id.eq(id), r::published_at.eq(at))
        }));
        recommendations.extend(placed(&links.recommendations).map(|(position, id)| {
            let key = (c::article_id.eq(article), c::position.eq(position));
            (key, c::recommendation_id.eq(id), c::published_at.eq(at))
        }));
    }
    insert_all(connection, article_organisations::table, organisations)?;
    insert_all(connection, article_topics::table, topics)?;
    insert_all(connection, article_reports::table, reports)?;
    insert_all(connection, article_recommendations::table, recommendations)
}

fn placed(ids: &[RecordId]) -> impl Iterator<Item = (i32, RecordId)> {
    (0..).zip(ids.iter().copied())
}

/// Tells these articles, and those that translate them, which others are versions of the same in another language: called with
/// the originals of translations that were stored, and with new articles, whose translations may have been stored before them.
///
/// # Errors
/// If the database cannot be written.
pub fn follow_translations(
    connection: &mut DbConnection,
    articles: impl IntoIterator<Item = RecordId>,
) -> QueryResult<()> {
    let articles: Vec<RecordId> = articles.into_iter().collect();
    if articles.is_empty() {
        return Ok(());
    }
    let mut originals = Sql::new(VERSIONS);
    originals
        .push(" WHERE (translations <> '[]' OR translation_of_id IS NOT NULL OR EXISTS (SELECT 1 FROM articles t WHERE t.translation_of_id = articles.id)) AND id IN ")
        .list(&articles);
    originals.execute(connection)?;
    let mut translations = Sql::new(VERSIONS);
    translations
        .push(" WHERE translation_of_id IN ")
        .list(&articles);
    translations.execute(connection).map(drop)
}

/// Sets what versions an article has: its translations, and those of the article that it translates.
const VERSIONS: &str = r#"UPDATE articles SET translations = coalesce((
    SELECT '["' || string_agg(t.id, '","' ORDER BY t.id) || '"]' FROM articles t
    WHERE (t.translation_of_id = articles.id OR t.translation_of_id = articles.translation_of_id) AND t.id <> articles.id
), '[]')"#;
