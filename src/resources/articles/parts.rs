//! The SQL of the records linked to articles: publishers, topics, reports, recommendations and translations.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::Text;
use std::collections::HashMap;
use std::iter;

use super::model::{ArticleDocument, ArticleRow};
use super::schema::{
    article_organisations, article_recommendations, article_reports, article_topics,
};
use crate::http::references::{
    NameReference, NumberReference, TitleReference, TranslationReference,
};
use crate::log::Resource;
use crate::platform::clock::stored;
use crate::platform::db::{DbConnection, Sql, insert_all};
use crate::platform::identity::{Key, RecordId, Slug};
use crate::resources::references;

/// A record linked to an article.
#[derive(Clone, Debug, QueryableByName)]
pub struct ArticleLinkRow {
    /// `organisation`, `co_publisher`, `topic`, `report`, `recommendation`, `translation` or `translation_of`.
    #[diesel(sql_type = Text)]
    relation: String,
    /// The other record's id.
    #[diesel(sql_type = Text)]
    pub id: RecordId,
    #[diesel(sql_type = Text)]
    slug: Slug,
    /// The other record's name, title, number or language.
    #[diesel(sql_type = Text)]
    label: String,
}

impl ArticleLinkRow {
    /// The reference to a record with a name.
    pub fn named(&self) -> NameReference {
        self.reference(|id, slug, name| NameReference { id, slug, name })
    }

    /// The reference to a record with a title.
    pub fn titled(&self) -> TitleReference {
        self.reference(|id, slug, title| TitleReference { id, slug, title })
    }

    /// The reference to a record with a number.
    pub fn numbered(&self) -> NumberReference {
        self.reference(|id, slug, number| NumberReference { id, slug, number })
    }

    /// The reference to a version in another language.
    pub fn translation(&self) -> TranslationReference {
        self.reference(|id, slug, language| TranslationReference { id, slug, language })
    }

    fn reference<R>(&self, new: fn(RecordId, Slug, String) -> R) -> R {
        new(self.id, self.slug.clone(), self.label.clone())
    }
}

/// The records linked to a set of articles.
#[derive(Debug, Default)]
pub struct ArticleParts {
    links: HashMap<RecordId, Vec<ArticleLinkRow>>,
    /// The organisations that speakers represent, by id.
    pub speakers: HashMap<RecordId, NameReference>,
}

impl ArticleParts {
    /// The records linked to an article by one relation, in the order of the document.
    pub fn related<'a>(
        &'a self,
        article: RecordId,
        relation: &'a str,
    ) -> impl Iterator<Item = &'a ArticleLinkRow> {
        self.links
            .get(&article)
            .into_iter()
            .flatten()
            .filter(move |link| link.relation == relation)
    }

    /// The ids of all records linked by one relation.
    pub fn ids<'a>(&'a self, relation: &'a str) -> impl Iterator<Item = RecordId> {
        let links = self.links.values().flatten();
        links
            .filter(move |link| link.relation == relation)
            .map(|link| link.id)
    }
}

/// Loads the records linked to these articles: one query for all relations, and a second one if any speaker represents
/// an organisation.
///
/// # Errors
/// If the database cannot be read.
pub fn load(
    connection: &mut DbConnection,
    rows: &[ArticleRow],
    now: NaiveDateTime,
) -> QueryResult<ArticleParts> {
    let ids: Vec<RecordId> = rows.iter().map(|row| row.id).collect();
    let mut parts = ArticleParts {
        links: links(&ids, now).grouped(connection)?,
        speakers: HashMap::new(),
    };
    let statements = rows.iter().flat_map(|row| row.statements.iter());
    let speakers =
        statements.filter_map(|statement| statement.organisation.as_ref().and_then(Key::id));
    let mut speakers = speakers.peekable();
    if speakers.peek().is_some() {
        parts.speakers = references::named(connection, Resource::Organisation, speakers)?;
    }
    Ok(parts)
}

/// The query for all relations. Records that are not public are left out.
fn links(ids: &[RecordId], now: NaiveDateTime) -> Sql {
    let mut sql = Sql::new(
        "SELECT l.article_id AS owner, CASE l.position WHEN 0 THEN 'organisation' ELSE 'co_publisher' END AS relation, l.position AS position, x.id, x.slug, x.name AS label \
         FROM article_organisations l JOIN organisations x ON x.id = l.organisation_id WHERE (l.position = 0 OR x.state = 'published') AND l.article_id IN ",
    );
    sql.list(ids);
    sql.push(
        " UNION ALL SELECT l.article_id, 'topic', l.position, x.id, x.slug, x.name \
         FROM article_topics l JOIN topics x ON x.id = l.topic_id WHERE x.state = 'published' AND l.article_id IN ",
    );
    sql.list(ids);
    sql.push(
        " UNION ALL SELECT l.article_id, 'report', l.position, x.id, x.slug, x.title FROM article_reports l \
         JOIN reports x ON x.id = l.report_id WHERE x.state IN ('published', 'withdrawn') AND x.visible_from <= ",
    );
    sql.bind(now).push(" AND l.article_id IN ").list(ids);
    sql.push(
        " UNION ALL SELECT l.article_id, 'recommendation', l.position, x.id, x.slug, x.number \
         FROM article_recommendations l JOIN recommendations x ON x.id = l.recommendation_id \
         JOIN reports p ON p.id = x.report_id WHERE x.state IN ('published', 'withdrawn') \
         AND p.state IN ('published', 'withdrawn') AND p.visible_from <= ",
    );
    sql.bind(now).push(" AND l.article_id IN ").list(ids);
    sql.push(
        " UNION ALL SELECT x.translation_of_id, 'translation', 0, x.id, x.slug, x.language FROM articles x \
         WHERE x.state = 'published' AND x.visible_from <= ",
    );
    sql.bind(now).push(" AND x.translation_of_id IN ").list(ids);
    sql.push(
        " UNION ALL SELECT a.id, 'translation_of', 0, x.id, x.slug, x.language FROM articles a \
         JOIN articles x ON x.id = a.translation_of_id WHERE x.state = 'published' AND x.visible_from <= ",
    );
    sql.bind(now).push(" AND a.id IN ").list(ids);
    sql.push(" ORDER BY 1, 2, 3, 5");
    sql
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

/// Stores the links of documents. The publisher is the first of the organisations.
///
/// # Errors
/// If the database cannot be written.
pub fn insert(
    connection: &mut DbConnection,
    articles: &[(RecordId, &ArticleDocument)],
) -> QueryResult<()> {
    use article_organisations as o;
    use article_recommendations as c;
    use article_reports as r;
    use article_topics as t;
    let (mut organisations, mut topics) = (Vec::new(), Vec::new());
    let (mut reports, mut recommendations) = (Vec::new(), Vec::new());
    for (article, document) in articles {
        let (article, at) = (*article, stored(document.published_at));
        let publishers = iter::once(&document.organisation).chain(&document.co_publishers);
        organisations.extend(positions(publishers)?.map(|(position, id)| {
            let key = (o::article_id.eq(article), o::position.eq(position));
            (key, o::organisation_id.eq(id), o::published_at.eq(at))
        }));
        topics.extend(positions(&document.topics)?.map(|(position, id)| {
            let key = (t::article_id.eq(article), t::position.eq(position));
            (key, t::topic_id.eq(id), t::published_at.eq(at))
        }));
        reports.extend(positions(&document.reports)?.map(|(position, id)| {
            let key = (r::article_id.eq(article), r::position.eq(position));
            (key, r::report_id.eq(id), r::published_at.eq(at))
        }));
        recommendations.extend(positions(&document.recommendations)?.map(|(position, id)| {
            let key = (c::article_id.eq(article), c::position.eq(position));
            (key, c::recommendation_id.eq(id), c::published_at.eq(at))
        }));
    }
    insert_all(connection, organisations, |rows| {
        diesel::insert_into(article_organisations::table).values(rows)
    })?;
    insert_all(connection, topics, |rows| {
        diesel::insert_into(article_topics::table).values(rows)
    })?;
    insert_all(connection, reports, |rows| {
        diesel::insert_into(article_reports::table).values(rows)
    })?;
    insert_all(connection, recommendations, |rows| {
        diesel::insert_into(article_recommendations::table).values(rows)
    })
}

/// The ids with their positions, without duplicates: an article that names a record twice must appear only once in its
/// lists.
fn positions<'a>(
    links: impl IntoIterator<Item = &'a Key>,
) -> QueryResult<impl Iterator<Item = (i32, RecordId)>> {
    let mut distinct: Vec<RecordId> = Vec::new();
    for link in links {
        let id = link.resolved()?;
        if !distinct.contains(&id) {
            distinct.push(id);
        }
    }
    Ok((0..).zip(distinct))
}
