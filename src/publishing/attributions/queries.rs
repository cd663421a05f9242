//! The SQL of attributions, which are not stored but aggregated from the articles of the publishers on a page.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Nullable, Text};

use crate::platform::db::keyset::{Keyset, Order, Slice};
use crate::platform::db::{DbConnection, Sql};
use crate::platform::identity::RecordId;
use crate::resources::organisations::model::OrganisationRow;

/// The most terms shown per publisher.
pub const MAX_TERMS: usize = 100;

/// The licence terms of some public articles of a publisher.
#[derive(Clone, Debug, QueryableByName)]
pub struct TermsRow {
    /// The publisher's id.
    #[diesel(sql_type = Text)]
    pub organisation_id: RecordId,
    /// The licence.
    #[diesel(sql_type = Nullable<Text>)]
    pub licence: Option<String>,
    /// The attribution that it requires.
    #[diesel(sql_type = Nullable<Text>)]
    pub attribution: Option<String>,
    /// How many articles have these terms.
    #[diesel(sql_type = BigInt)]
    pub count: i64,
}

/// Joins public articles to their first publishers.
const PUBLIC: &str = " FROM article_organisations l JOIN articles a ON a.id = l.article_id \
     WHERE l.position = 0 AND a.state = 'published' AND a.visible_from <= ";

/// One page of the publishers of public articles, by name.
pub fn publishers(
    connection: &mut DbConnection,
    organisations: &[RecordId],
    keyset: &Keyset,
    now: NaiveDateTime,
) -> QueryResult<Slice<OrganisationRow>> {
    let mut sql = Sql::new("SELECT o.* FROM organisations o WHERE o.state = 'published'");
    if !organisations.is_empty() {
        sql.push(" AND o.id IN ").list(organisations);
    }
    sql.push(" AND EXISTS (SELECT 1").push(PUBLIC).bind(now);
    sql.push(" AND l.organisation_id = o.id)");
    let by_name = Order {
        column: "o.name",
        id: "o.id",
        descending: false,
    };
    keyset.finish(&mut sql, by_name);
    Ok(keyset.slice(sql.load(connection)?))
}

/// The terms of these publishers, those of most articles first; one more per publisher than is shown.
pub fn terms(
    connection: &mut DbConnection,
    publishers: &[OrganisationRow],
    now: NaiveDateTime,
) -> QueryResult<Vec<TermsRow>> {
    let mut sql = Sql::new(
        "SELECT t.organisation_id, t.licence, t.attribution, t.count FROM (SELECT l.organisation_id, a.licence, \
         a.attribution, count(*) AS count, row_number() OVER (PARTITION BY l.organisation_id \
         ORDER BY count(*) DESC, coalesce(a.licence, ''), coalesce(a.attribution, '')) AS rank",
    );
    sql.push(PUBLIC).bind(now);
    sql.push(" AND l.organisation_id IN ")
        .list(publishers.iter().map(|row| row.id));
    sql.push(" GROUP BY l.organisation_id, a.licence, a.attribution) t WHERE t.rank <= ")
        .bind(MAX_TERMS as i64 + 1);
    sql.push(" ORDER BY t.organisation_id, t.rank");
    sql.load(connection)
}
