//! All SQL of the pages.

use chrono::NaiveDateTime;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};

use super::params::PageCollection;
use crate::platform::db::keyset::{Keyset, Order};
use crate::platform::db::{EnumText, Json, Sql};
use crate::platform::identity::{RecordId, Slug};

/// A record that has a page.
#[derive(Clone, Debug, QueryableByName)]
#[allow(missing_docs)]
pub struct SitePageRow {
    #[diesel(sql_type = Text)]
    pub id: RecordId,
    #[diesel(sql_type = Text)]
    pub collection: EnumText<PageCollection>,
    #[diesel(sql_type = Text)]
    pub slug: Slug,
    #[diesel(sql_type = BigInt)]
    pub revision: i64,
    #[diesel(sql_type = Timestamp)]
    pub updated_at: NaiveDateTime,
    #[diesel(sql_type = Nullable<Text>)]
    pub language: Option<String>,
    /// The slug of a recommendation's report.
    #[diesel(sql_type = Nullable<Text>)]
    pub report: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub number: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub translation_of_id: Option<RecordId>,
    /// The translations of an article.
    #[diesel(sql_type = Nullable<Text>)]
    pub translations: Option<Json<Vec<RecordId>>>,
}

/// Which pages.
#[derive(Clone, Debug)]
pub struct PageCriteria {
    /// The time at which they are public.
    pub now: NaiveDateTime,
    /// Those of these collections; of all if empty.
    pub collections: Vec<PageCollection>,
    /// Those updated at or after this time.
    pub updated_from: Option<NaiveDateTime>,
}

/// The statement for pages in the order of the ids of their records. Each collection is read along its own ids, as far as the page
/// needs.
pub fn page_statement(criteria: &PageCriteria, keyset: &Keyset) -> Sql {
    let mut sql = Sql::new("SELECT x.* FROM (");
    let mut separator = "";
    for collection in ALL {
        let wanted = &criteria.collections;
        if !wanted.is_empty() && !wanted.contains(&collection) {
            continue;
        }
        sql.push(separator).push("SELECT * FROM (");
        sql.append(of_collection(collection, criteria, keyset));
        sql.push(") y");
        separator = " UNION ALL ";
    }
    sql.push(") x ORDER BY x.id LIMIT ").bind(keyset.limit + 1);
    sql
}

const ALL: [PageCollection; 4] = [
    PageCollection::Articles,
    PageCollection::Organisations,
    PageCollection::Recommendations,
    PageCollection::Reports,
];

fn of_collection(collection: PageCollection, criteria: &PageCriteria, keyset: &Keyset) -> Sql {
    // without a type, PostgreSQL would not know that of a column that is NULL in all rows
    let (columns, id, moment) = match collection {
        PageCollection::Articles => (
            "SELECT r.id, 'articles' AS collection, r.slug, r.revision, CASE WHEN r.visible_from > r.updated_at THEN r.visible_from ELSE r.updated_at END AS updated_at, r.language, CAST(NULL AS TEXT) AS report, \
             CAST(NULL AS TEXT) AS number, r.translation_of_id, r.translations FROM articles r WHERE r.state = 'published'",
            "r.id",
            Some("r.visible_from"),
        ),
        PageCollection::Organisations => (
            "SELECT r.id, 'organisations' AS collection, r.slug, r.revision, r.updated_at, CAST(NULL AS TEXT) AS language, \
             CAST(NULL AS TEXT) AS report, CAST(NULL AS TEXT) AS number, CAST(NULL AS TEXT) AS translation_of_id, \
             CAST(NULL AS TEXT) AS translations FROM organisations r WHERE r.state = 'published'",
            "r.id",
            None,
        ),
        PageCollection::Recommendations => (
            "SELECT r.id, 'recommendations' AS collection, r.slug, r.revision, CASE WHEN p.visible_from > r.updated_at THEN p.visible_from ELSE r.updated_at END AS updated_at, CAST(NULL AS TEXT) AS language, \
             p.slug AS report, r.number, CAST(NULL AS TEXT) AS translation_of_id, CAST(NULL AS TEXT) AS translations \
             FROM recommendations r JOIN reports p ON p.id = r.report_id WHERE r.state = 'published' AND p.state = 'published'",
            "r.id",
            Some("p.visible_from"),
        ),
        PageCollection::Reports => (
            "SELECT r.id, 'reports' AS collection, r.slug, r.revision, CASE WHEN r.visible_from > r.updated_at THEN r.visible_from ELSE r.updated_at END AS updated_at, r.language, CAST(NULL AS TEXT) AS report, \
             CAST(NULL AS TEXT) AS number, CAST(NULL AS TEXT) AS translation_of_id, CAST(NULL AS TEXT) AS translations \
             FROM reports r WHERE r.state = 'published'",
            "r.id",
            Some("r.visible_from"),
        ),
    };
    let mut sql = Sql::new(columns);
    if let Some(moment) = moment {
        sql.push(" AND ")
            .push(moment)
            .push(" <= ")
            .bind(criteria.now);
    }
    if let Some(from) = criteria.updated_from {
        sql.push(" AND (r.updated_at >= ").bind(from);
        if let Some(moment) = moment {
            // what was scheduled changes for readers when it appears
            sql.push(" OR ").push(moment).push(" >= ").bind(from);
        }
        sql.push(")");
    }
    keyset.finish(&mut sql, Order::by_id(id));
    sql
}
