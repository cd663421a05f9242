//! The SQL of articles: lists, single records and writes. The records linked to them are in `parts`.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Nullable};
use std::collections::HashMap;

use super::model::{ArticleColumns, ArticleRow};
use super::schema::articles;
use crate::access::ownership::Ownership;
use crate::access::{ReadScope, Scope, visibility};
use crate::log::Resource;
use crate::platform::db::keyset::{Keyset, Order, Slice};
use crate::platform::db::{DbConnection, Sql};
use crate::platform::identity::{Key, RecordId};
use crate::platform::language::Language;
use crate::platform::states::EditorialState;
use crate::writing::past::tables;

/// Who owns articles.
pub const OWNERSHIP: Ownership = Ownership {
    resource: Resource::Article,
    scope: Scope::ArticlesWrite,
    owners: publisher,
};

/// The filters of a list, with slugs resolved to ids.
#[derive(Clone, Debug, Default)]
pub struct ArticleCriteria {
    /// The time of the request, or the one requested by `as_of`.
    pub now: NaiveDateTime,
    /// Only articles in this state.
    pub state: EditorialState,
    /// Which records that are not public the caller may see.
    pub read_scope: ReadScope,
    /// Only articles that this organisation published, alone or with others; from the path.
    pub publisher: Option<RecordId>,
    /// Only articles that these organisations published, alone or with others.
    pub organisations: Vec<RecordId>,
    /// Only articles filed under one of these topics.
    pub topics: Vec<RecordId>,
    /// Only articles filed under all of these topics.
    pub every_topic: Vec<RecordId>,
    /// Only articles about one of these reports.
    pub reports: Vec<RecordId>,
    /// Only articles about one of these recommendations.
    pub recommendations: Vec<RecordId>,
    /// Only articles in one of these languages.
    pub languages: Vec<Language>,
    /// Only the article with this original link, normalised.
    pub original_url_key: Option<String>,
    /// Published at or after this time.
    pub published_from: Option<NaiveDateTime>,
    /// Published before this time.
    pub published_before: Option<NaiveDateTime>,
    /// Updated at or after this time.
    pub updated_from: Option<NaiveDateTime>,
    /// Updated before this time.
    pub updated_before: Option<NaiveDateTime>,
}

/// The sort column for the time of publication.
pub const PUBLISHED_AT: &str = "a.published_at";
/// The sort column for the time of the last change.
pub const UPDATED_AT: &str = "a.updated_at";
/// The sort column of exports: the id.
pub const ID: &str = "a.id";

/// The kinds of records that articles refer to.
pub const REFERENCED_KINDS: [Resource; 4] = [
    Resource::Organisation,
    Resource::Topic,
    Resource::Report,
    Resource::Recommendation,
];

/// The columns of a row in its order, except the body, which comes last.
pub const SELECT: &str = "SELECT a.id, a.slug, a.state, a.revision, a.change_seq, a.created_at, a.updated_at, a.headline, a.summary, \
     a.language, a.translation_of_id, a.original_url, a.original_url_key, a.attribution, a.licence, a.statements, \
     a.corrections, a.identifiers, a.published_at, a.first_published_at, a.embargoed_until, a.visible_from, \
     a.withdrawn_at, a.withdrawal_reason, a.excerpt, a.links, a.media, a.document_type, a.change_notes, \
     a.translations, ";

/// The column after them, which tells which snapshot a statement reads.
const LOG_END: &str = ", (SELECT max(seq) FROM changes) AS log_end";

impl ArticleCriteria {
    /// The records that the filters name.
    pub fn linked_records(&self) -> impl Iterator<Item = (Resource, RecordId)> + '_ {
        let links = self.links().into_iter();
        links.flat_map(|(resource, ids)| ids.iter().map(move |id| (resource, *id)))
    }

    /// The filters on linked records, usually the most selective first.
    pub fn links(&self) -> Vec<(Resource, &[RecordId])> {
        let each = self.every_topic.iter().map(std::slice::from_ref);
        let every_topic = each.map(|topic| (Resource::Topic, topic));
        let links: [(Resource, &[RecordId]); 5] = [
            (Resource::Recommendation, &self.recommendations),
            (Resource::Report, &self.reports),
            (Resource::Organisation, self.publisher.as_slice()),
            (Resource::Organisation, &self.organisations),
            (Resource::Topic, &self.topics),
        ];
        links.into_iter().chain(every_topic).collect()
    }
}

/// The statement for one page. `with_body` includes the bodies.
pub fn page_statement(
    filter: &ArticleCriteria,
    order: Order,
    keyset: &Keyset,
    with_body: bool,
) -> Sql {
    let mut sql = Sql::new(SELECT);
    sql.push(if with_body {
        "a.body_html"
    } else {
        "NULL AS body_html"
    });
    sql.push(LOG_END);
    let link = from_and_where(&mut sql, filter, order.column == ID);
    let order = match (link, order.column) {
        (Some(_), ID) => Order::by_id("l.article_id"),
        (Some(_), PUBLISHED_AT) => Order {
            column: "l.published_at",
            id: "l.article_id",
            ..order
        },
        _ => order,
    };
    if keyset.is_past {
        let (table, of) = match link.filter(|_| order.column.starts_with("l.")) {
            Some((resource, id)) => (
                format!("article_{}", resource.table()),
                Some(id.to_string()),
            ),
            None => ("articles".to_owned(), None),
        };
        if let Some(bounds) = tables::within_bounds(&table, order.column, of.as_deref()) {
            sql.append(bounds);
        }
    }
    keyset.finish(&mut sql, order);
    sql
}

/// The statement for one article.
pub fn item_statement(key: &Key) -> Sql {
    let mut sql = Sql::new(SELECT);
    sql.push("a.body_html")
        .push(LOG_END)
        .push(" FROM articles a WHERE ");
    match key.id() {
        Some(id) => sql.push("a.id = ").bind(id),
        None => sql.push("a.slug = ").bind(key),
    };
    sql
}

/// Runs a statement for articles. Also returns the last entry of the log in the snapshot that it read.
///
/// # Errors
/// If the database cannot be read.
pub fn load(
    connection: &mut DbConnection,
    statement: Sql,
) -> QueryResult<(Vec<ArticleRow>, Option<i64>)> {
    type Columns = (ArticleColumns, Nullable<BigInt>);
    let rows: Vec<(ArticleRow, Option<i64>)> = statement.typed::<Columns>().load(connection)?;
    let log_end = rows.first().and_then(|(_, log_end)| *log_end);
    Ok((rows.into_iter().map(|(row, _)| row).collect(), log_end))
}

/// The tables and conditions of a list, independent of its order.
pub fn conditions(filter: &ArticleCriteria) -> Sql {
    let mut sql = Sql::new("");
    from_and_where(&mut sql, filter, false);
    sql
}

/// One page of a feed, newest first: published articles and, if `withdrawn`, withdrawn ones in the same order. The
/// first page then also has the latest withdrawals from other pages, so that clients that read only that page miss
/// none.
///
/// # Errors
/// If the database cannot be read.
pub fn feed(
    connection: &mut DbConnection,
    filter: &ArticleCriteria,
    keyset: &Keyset,
    withdrawn: bool,
) -> QueryResult<(Slice<ArticleRow>, Vec<ArticleRow>)> {
    let mut page = |filter: &ArticleCriteria, column, with_body| {
        let order = Order {
            column,
            id: ID,
            descending: true,
        };
        load(connection, page_statement(filter, order, keyset, with_body)).map(|(rows, _)| rows)
    };
    let rows = page(filter, PUBLISHED_AT, true)?;
    if !withdrawn {
        return Ok((keyset.slice(rows), Vec::new()));
    }
    let notices = ArticleCriteria {
        state: EditorialState::Withdrawn,
        ..filter.clone()
    };
    let more = page(&notices, PUBLISHED_AT, false)?;
    let place = |row: &ArticleRow| (row.published_at, row.id);
    let slice = keyset.merge(rows, more, true, place);
    if keyset.from.is_some() {
        return Ok((slice, Vec::new()));
    }
    let mut latest = keyset.slice(page(&notices, UPDATED_AT, false)?).rows;
    latest.retain(|row| slice.rows.iter().all(|other| other.id != row.id));
    Ok((slice, latest))
}

/// Adds the tables and conditions, and returns the link from whose table, `article_organisations` or the like, the
/// statement starts: it does if a filter has a single linked record. These tables have a copy of the sort key, so that the
/// latest articles of one organisation are read from one index, however many articles there are. Other filters on
/// links are checked row by row.
fn from_and_where(
    sql: &mut Sql,
    filter: &ArticleCriteria,
    is_by_id: bool,
) -> Option<(Resource, RecordId)> {
    let links = filter.links();
    // only `article_organisations` has an index in the order of the articles' ids
    let has_index = |resource| !is_by_id || resource == Resource::Organisation;
    let start = links
        .iter()
        .position(|(resource, ids)| ids.len() == 1 && has_index(*resource));
    sql.push(" FROM articles a");
    let link = start.and_then(|index| match links.get(index) {
        Some((resource, [id])) => Some((*resource, *id)),
        _ => None,
    });
    if let Some((resource, id)) = link {
        sql.push(" JOIN article_").push(resource.table());
        sql.push(" l ON l.article_id = a.id WHERE l.")
            .push(resource.name())
            .push("_id = ")
            .bind(id)
            .push(" AND ");
    } else {
        sql.push(" WHERE ");
    }
    sql.append(visibility::in_state(filter.state, filter.now));
    if let (false, ReadScope::Of(owners)) = (filter.state.is_public(), &filter.read_scope) {
        sql.push(" AND EXISTS (SELECT 1 FROM article_organisations x WHERE x.article_id = a.id AND x.position = 0 AND x.organisation_id IN ");
        sql.list(owners).push(")");
    }
    for (index, (resource, ids)) in links.iter().enumerate() {
        if !ids.is_empty() && start != Some(index) {
            sql.push(" AND EXISTS (SELECT 1 FROM article_")
                .push(resource.table())
                .push(" x WHERE x.article_id = a.id AND x.")
                .push(resource.name())
                .push("_id IN ");
            sql.list(ids.iter()).push(")");
        }
    }
    if !filter.languages.is_empty() {
        sql.push(" AND a.language IN ")
            .list(filter.languages.iter().map(|tag| &**tag));
    }
    sql.and("a.original_url_key =", filter.original_url_key.as_ref());
    sql.and("a.published_at >=", filter.published_from);
    sql.and("a.published_at <", filter.published_before);
    sql.and("a.updated_at >=", filter.updated_from);
    sql.and("a.updated_at <", filter.updated_before);
    link
}

/// The article with this id.
///
/// # Errors
/// If there is none, or the database cannot be read.
pub fn find(connection: &mut DbConnection, id: RecordId) -> QueryResult<ArticleRow> {
    articles::table
        .find(id)
        .select(ArticleRow::as_select())
        .first(connection)
}

/// The articles with these ids.
///
/// # Errors
/// If the database cannot be read.
pub fn find_all(connection: &mut DbConnection, ids: &[RecordId]) -> QueryResult<Vec<ArticleRow>> {
    articles::table
        .filter(articles::id.eq_any(ids))
        .select(ArticleRow::as_select())
        .load(connection)
}

/// The ids of the articles with these original links, by normalised link.
///
/// # Errors
/// If the database cannot be read.
pub fn by_original_url(
    connection: &mut DbConnection,
    keys: &[String],
) -> QueryResult<HashMap<String, RecordId>> {
    let mut taken = HashMap::new();
    for keys in keys.chunks(500) {
        let rows: Vec<(Option<String>, RecordId)> = articles::table
            .filter(articles::original_url_key.eq_any(keys))
            .select((articles::original_url_key, articles::id))
            .load(connection)?;
        taken.extend(rows.into_iter().filter_map(|(key, id)| Some((key?, id))));
    }
    Ok(taken)
}

/// The publisher of an article.
///
/// # Errors
/// If the database cannot be read.
pub fn publisher(connection: &mut DbConnection, id: RecordId) -> QueryResult<Vec<RecordId>> {
    let mut sql = Sql::new(
        "SELECT l.organisation_id AS id FROM article_organisations l WHERE l.position = 0 AND l.article_id = ",
    );
    sql.bind(id).ids(connection)
}
