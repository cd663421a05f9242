//! The SQL of articles themselves: lists, one record, writing.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;
use std::collections::HashMap;

use super::model::{ArticleDocument, ArticleRow};
use super::parts;
use crate::access::ownership::Ownership;
use crate::access::{Scope, Sight};
use crate::log::{Manner, Outcome, Previous, Resource, Writer};
use crate::platform::db::keyset::{Keyset, Order, Slice};
use crate::platform::db::schema::articles;
use crate::platform::db::{DbConnection, Sql};
use crate::platform::states::EditorialState;

/// Whose articles are.
pub const OWNERSHIP: Ownership = Ownership {
    resource: Resource::Article,
    scope: Scope::ArticlesWrite,
    owners: publisher,
};

/// Which articles are wanted, with links resolved to ids.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The moment of the request.
    pub now: NaiveDateTime,
    /// Only articles in this state.
    pub state: EditorialState,
    /// Of what is not public, only what the caller may see.
    pub sight: Sight,
    /// Only what this organisation published: from the path.
    pub publisher: Option<String>,
    /// Only what these organisations published, alone or with others.
    pub organisations: Vec<String>,
    /// Only articles filed under these topics.
    pub topics: Vec<String>,
    /// Only articles about these reports.
    pub reports: Vec<String>,
    /// Only articles about these recommendations.
    pub recommendations: Vec<String>,
    /// Only articles in these languages.
    pub languages: Vec<String>,
    /// Only the article with this original link, normalised.
    pub original_url_key: Option<String>,
    /// Published then or later.
    pub published_from: Option<NaiveDateTime>,
    /// Published before then.
    pub published_before: Option<NaiveDateTime>,
    /// Changed then or later.
    pub updated_from: Option<NaiveDateTime>,
    /// Changed before then.
    pub updated_before: Option<NaiveDateTime>,
}

/// The columns that articles can be listed by.
pub const PUBLISHED_AT: &str = "a.published_at";
/// The time of the last real change.
pub const UPDATED_AT: &str = "a.updated_at";
/// The id: for exports.
pub const ID: &str = "a.id";

/// What an article names.
pub const NAMED: [Resource; 4] = [
    Resource::Organisation,
    Resource::Topic,
    Resource::Report,
    Resource::Recommendation,
];

/// The columns of a row, but for the body.
pub const SELECT: &str = "SELECT a.id, a.slug, a.state, a.revision, a.change_seq, a.created_at, a.updated_at, a.headline, a.summary, \
     a.language, a.translation_of_id, a.original_url, a.original_url_key, a.attribution, a.licence, a.statements, \
     a.corrections, a.identifiers, a.published_at, a.first_published_at, a.embargoed_until, a.visible_from, \
     a.withdrawn_at, a.withdrawal_reason, a.excerpt, ";

/// A table of links from articles to other records. It carries the sort key, so that a list can walk along it.
struct LinkTable {
    join: &'static str,
    equals: &'static str,
    published_at: &'static str,
    article_id: &'static str,
    exists: &'static str,
    /// Whether an index leads along its articles in the order of their ids.
    is_by_id: bool,
}

const ORGANISATIONS: LinkTable = LinkTable {
    join: " JOIN article_organisations l ON l.article_id = a.id",
    equals: " l.organisation_id = ",
    published_at: "l.published_at",
    article_id: "l.article_id",
    exists: " AND EXISTS (SELECT 1 FROM article_organisations x WHERE x.article_id = a.id AND x.organisation_id IN ",
    is_by_id: true,
};
const TOPICS: LinkTable = LinkTable {
    join: " JOIN article_topics l ON l.article_id = a.id",
    equals: " l.topic_id = ",
    exists: " AND EXISTS (SELECT 1 FROM article_topics x WHERE x.article_id = a.id AND x.topic_id IN ",
    is_by_id: false,
    ..ORGANISATIONS
};
const REPORTS: LinkTable = LinkTable {
    join: " JOIN article_reports l ON l.article_id = a.id",
    equals: " l.report_id = ",
    exists: " AND EXISTS (SELECT 1 FROM article_reports x WHERE x.article_id = a.id AND x.report_id IN ",
    is_by_id: false,
    ..ORGANISATIONS
};
const RECOMMENDATIONS: LinkTable = LinkTable {
    join: " JOIN article_recommendations l ON l.article_id = a.id",
    equals: " l.recommendation_id = ",
    exists: " AND EXISTS (SELECT 1 FROM article_recommendations x WHERE x.article_id = a.id AND x.recommendation_id IN ",
    is_by_id: false,
    ..ORGANISATIONS
};

impl Filter {
    /// The filters on linked records, those that usually match least first.
    fn links(&self) -> [(&'static LinkTable, &[String]); 5] {
        [
            (&RECOMMENDATIONS, &self.recommendations),
            (&REPORTS, &self.reports),
            (&ORGANISATIONS, self.publisher.as_slice()),
            (&ORGANISATIONS, &self.organisations),
            (&TOPICS, &self.topics),
        ]
    }
}

/// The statement for one page. `with_body` reads the bodies too.
pub fn page_statement(filter: &Filter, order: Order, keyset: &Keyset, with_body: bool) -> Sql {
    let mut sql = Sql::new(SELECT);
    sql.push(if with_body {
        "a.body_html"
    } else {
        "NULL AS body_html"
    });
    let walked = from_and_where(&mut sql, filter, order.column == ID);
    let order = match (walked, order.column) {
        (Some(link), ID) => Order::by_id(link.article_id),
        (Some(link), PUBLISHED_AT) => Order {
            column: link.published_at,
            id: link.article_id,
            ..order
        },
        _ => order,
    };
    keyset.finish(&mut sql, order);
    sql
}

/// The tables and the conditions of a list, whatever its order.
pub fn conditions(filter: &Filter) -> Sql {
    let mut sql = Sql::new("");
    from_and_where(&mut sql, filter, false);
    sql
}

/// One page for a feed, newest first: what is in force and, with `withdrawn`, what was withdrawn, each in its place. With
/// the first page then come the latest withdrawals, wherever their places are: who reads no further misses none.
pub fn feed(
    connection: &mut DbConnection,
    filter: &Filter,
    keyset: &Keyset,
    withdrawn: bool,
) -> QueryResult<(Slice<ArticleRow>, Vec<ArticleRow>)> {
    let mut load = |filter: &Filter, column, with_body| {
        let order = Order {
            column,
            id: ID,
            descending: true,
        };
        page_statement(filter, order, keyset, with_body).load::<ArticleRow>(connection)
    };
    let rows = load(filter, PUBLISHED_AT, true)?;
    if !withdrawn {
        return Ok((keyset.slice(rows), Vec::new()));
    }
    let notices = Filter {
        state: EditorialState::Withdrawn,
        ..filter.clone()
    };
    let more = load(&notices, PUBLISHED_AT, false)?;
    let place = |row: &ArticleRow| (row.published_at, row.id.clone());
    let slice = keyset.merge(rows, more, true, place);
    if keyset.from.is_some() {
        return Ok((slice, Vec::new()));
    }
    let mut latest = keyset.slice(load(&notices, UPDATED_AT, false)?).rows;
    latest.retain(|row| slice.rows.iter().all(|other| other.id != row.id));
    Ok((slice, latest))
}

/// Where a single linked record is asked for, the statement walks along its links: the latest of one
/// organisation is then one walk along one index, however many articles there are. Further filters on links
/// are checked row by row.
fn from_and_where(sql: &mut Sql, filter: &Filter, is_by_id: bool) -> Option<&'static LinkTable> {
    let links = filter.links();
    let leads = |link: &LinkTable| !is_by_id || link.is_by_id;
    let walked = links
        .iter()
        .position(|(link, ids)| ids.len() == 1 && leads(link));
    sql.push(" FROM articles a");
    match walked.and_then(|index| links.get(index)) {
        Some((link, ids)) => sql
            .push(link.join)
            .push(" WHERE")
            .push(link.equals)
            .bind(ids.concat())
            .push(" AND"),
        None => sql.push(" WHERE"),
    };
    sql.push(" a.state = ").bind(filter.state.as_str());
    match filter.state {
        EditorialState::Published | EditorialState::Withdrawn => {
            sql.push(" AND a.visible_from <= ").bind(filter.now);
        }
        EditorialState::Scheduled => {
            sql.push(" AND a.visible_from > ").bind(filter.now);
        }
        EditorialState::Draft => {}
    }
    if let (false, Sight::Of(owners)) = (filter.state.is_public(), &filter.sight) {
        sql.push(" AND EXISTS (SELECT 1 FROM article_organisations x WHERE x.article_id = a.id AND x.position = 0 AND x.organisation_id IN ");
        sql.list(owners).push(")");
    }
    for (index, (link, ids)) in links.iter().enumerate() {
        if !ids.is_empty() && walked != Some(index) {
            sql.push(link.exists).list(ids.iter()).push(")");
        }
    }
    if !filter.languages.is_empty() {
        sql.push(" AND a.language IN ").list(&filter.languages);
    }
    sql.and("a.original_url_key =", filter.original_url_key.as_ref());
    sql.and("a.published_at >=", filter.published_from);
    sql.and("a.published_at <", filter.published_before);
    sql.and("a.updated_at >=", filter.updated_from);
    sql.and("a.updated_at <", filter.updated_before);
    walked
        .and_then(|index| links.get(index))
        .map(|(link, _)| *link)
}

/// The article with this id.
pub fn find(connection: &mut DbConnection, id: &str) -> QueryResult<ArticleRow> {
    articles::table
        .find(id)
        .select(ArticleRow::as_select())
        .first(connection)
}

/// Which of these normalised original links are taken, and by which article.
pub fn by_original_url(
    connection: &mut DbConnection,
    keys: &[String],
) -> QueryResult<HashMap<String, String>> {
    let mut taken = HashMap::new();
    for keys in keys.chunks(500) {
        let rows: Vec<(Option<String>, String)> = articles::table
            .filter(articles::original_url_key.eq_any(keys))
            .select((articles::original_url_key, articles::id))
            .load(connection)?;
        taken.extend(rows.into_iter().filter_map(|(key, id)| Some((key?, id))));
    }
    Ok(taken)
}

/// Stores a document whose links are ids and whose body is safe.
pub fn save(
    writer: &mut Writer<'_>,
    id: &str,
    document: &ArticleDocument,
    previous: Option<&Previous>,
) -> QueryResult<Outcome> {
    let Some(recorded) = writer.record(
        Resource::Article,
        id,
        &document.slug,
        document,
        previous,
        Manner {
            visible_from: document.visible_from(),
            is_minor: document.is_minor_edit,
            ..Manner::default()
        },
    )?
    else {
        return Ok(Outcome::Unchanged);
    };
    let mut row = document.row(id, recorded)?;
    let connection = &mut *writer.connection;
    if previous.is_some() {
        if document.is_minor_edit {
            let before = articles::table.find(id).select(articles::updated_at);
            row.updated_at = before.first(connection)?;
        }
        diesel::update(articles::table.find(id))
            .set(&row)
            .execute(connection)?;
        parts::clear(connection, id)?;
    } else {
        diesel::insert_into(articles::table)
            .values(&row)
            .execute(connection)?;
    }
    parts::insert(connection, id, document, row.published_at)?;
    Ok(Outcome::of(previous))
}

/// The organisation that publishes an article.
pub fn publisher(connection: &mut DbConnection, id: &str) -> QueryResult<Vec<String>> {
    let mut sql = Sql::new(
        "SELECT l.organisation_id AS id FROM article_organisations l WHERE l.position = 0 AND l.article_id = ",
    );
    sql.bind(id).ids(connection)
}
