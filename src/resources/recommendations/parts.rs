//! The SQL of the parts of recommendations: reports, addressees, themes and relations.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Date, Nullable, Text};
use std::collections::HashMap;

use super::model::{RecommendationDocument, RecommendationRow};
use crate::http::references::{NameReference, NumberReference};
use crate::platform::db::schema::{recommendation_relations, recommendation_themes};
use crate::platform::db::{DbConnection, Sql};
use crate::resources::reports;
use crate::resources::reports::model::ReportRow;

/// An addressee as the document names it.
#[derive(Clone, Debug, QueryableByName)]
pub struct AddresseeRow {
    #[diesel(sql_type = Text)]
    recommendation_id: String,
    /// The organisation's id; `None` for a group.
    #[diesel(sql_type = Nullable<Text>)]
    pub organisation_id: Option<String>,
    /// The id of the organisation or group.
    #[diesel(sql_type = Text)]
    pub id: String,
    /// Its slug.
    #[diesel(sql_type = Text)]
    pub slug: String,
    /// Its name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// The day on which the group's membership counts.
    #[diesel(sql_type = Date)]
    pub expanded_as_of: NaiveDate,
}

/// An organisation that a recommendation is addressed to, directly or through a group.
#[derive(Clone, Debug, QueryableByName)]
pub struct AddressedRow {
    #[diesel(sql_type = Text)]
    recommendation_id: String,
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    slug: String,
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct ThemeRow {
    #[diesel(sql_type = Text)]
    recommendation_id: String,
    #[diesel(sql_type = Text)]
    theme: String,
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = Text)]
    recommendation_id: String,
    #[diesel(sql_type = BigInt)]
    addressed: i64,
}

#[derive(QueryableByName)]
struct RelationRow {
    #[diesel(sql_type = Text)]
    owner: String,
    #[diesel(sql_type = Text)]
    relation: String,
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    slug: String,
    #[diesel(sql_type = Text)]
    number: String,
}

/// The parts of a set of recommendations, besides their rows.
#[derive(Debug, Default)]
pub struct Parts {
    /// Their reports, by id.
    pub reports: HashMap<String, ReportRow>,
    /// Addressees by recommendation, in the order of the document.
    pub addressees: HashMap<String, Vec<AddresseeRow>>,
    /// The number of organisations addressed, by recommendation.
    pub addressed_counts: HashMap<String, i64>,
    /// The organisations addressed, by recommendation; loaded only on request.
    pub addressed: HashMap<String, Vec<NameReference>>,
    /// Themes by recommendation, in the order of the document.
    pub themes: HashMap<String, Vec<String>>,
    relations: HashMap<(String, String), Vec<NumberReference>>,
}

impl Parts {
    /// The recommendations related to this one by a relation: `parent`, `element`, `supersedes`, `superseded_by`,
    /// `repeats` or `repeated_by`.
    pub fn related(&self, id: &str, relation: &str) -> Vec<NumberReference> {
        self.relations
            .get(&(id.to_owned(), relation.to_owned()))
            .cloned()
            .unwrap_or_default()
    }
}

/// Loads the parts of these recommendations with five queries, however many recommendations there are.
///
/// # Errors
/// If the database cannot be read.
pub fn load(
    connection: &mut DbConnection,
    rows: &[RecommendationRow],
    now: NaiveDateTime,
) -> QueryResult<Parts> {
    let ids: Vec<&String> = rows.iter().map(|row| &row.id).collect();
    let reports: Vec<&String> = rows.iter().map(|row| &row.report_id).collect();
    let mut parts = Parts {
        reports: reports::queries::of_recommendations(connection, &reports)?,
        ..Parts::default()
    };
    load_addressees(connection, &ids, &mut parts)?;
    let mut sql = Sql::new(
        "SELECT a.recommendation_id, count(*) AS addressed FROM recommendation_addressed_organisations a \
         WHERE a.recommendation_id IN ",
    );
    sql.list(ids.iter().copied())
        .push(" GROUP BY a.recommendation_id");
    let counts = sql.load::<CountRow>(connection)?;
    parts.addressed_counts = counts
        .into_iter()
        .map(|row| (row.recommendation_id, row.addressed))
        .collect();
    let mut sql = Sql::new(
        "SELECT t.recommendation_id, t.theme FROM recommendation_themes t WHERE t.recommendation_id IN ",
    );
    sql.list(ids.iter().copied())
        .push(" ORDER BY t.recommendation_id, t.position");
    for row in sql.load::<ThemeRow>(connection)? {
        parts
            .themes
            .entry(row.recommendation_id)
            .or_default()
            .push(row.theme);
    }
    for row in relations(&ids, now).load::<RelationRow>(connection)? {
        let reference = NumberReference {
            id: row.id,
            slug: row.slug,
            number: row.number,
        };
        parts
            .relations
            .entry((row.owner, row.relation))
            .or_default()
            .push(reference);
    }
    Ok(parts)
}

fn load_addressees(
    connection: &mut DbConnection,
    ids: &[&String],
    parts: &mut Parts,
) -> QueryResult<()> {
    let mut sql = Sql::new(
        "SELECT a.recommendation_id, a.organisation_id, COALESCE(o.id, g.id) AS id, COALESCE(o.slug, g.slug) AS slug, \
         COALESCE(o.name, g.name) AS name, a.expanded_as_of FROM recommendation_addressees a \
         LEFT JOIN organisations o ON o.id = a.organisation_id LEFT JOIN groups g ON g.id = a.group_id \
         WHERE COALESCE(o.state, g.state) = 'published' AND a.recommendation_id IN ",
    );
    sql.list(ids.iter().copied())
        .push(" ORDER BY a.recommendation_id, a.position");
    for row in sql.load::<AddresseeRow>(connection)? {
        parts
            .addressees
            .entry(row.recommendation_id.clone())
            .or_default()
            .push(row);
    }
    Ok(())
}

/// The query for all relations, in both directions. Recommendations that are not public are left out.
fn relations(ids: &[&String], now: NaiveDateTime) -> Sql {
    let mut sql = Sql::new("SELECT x.owner, x.relation, r.id, r.slug, r.number FROM (");
    sql.push("SELECT recommendation_id AS owner, kind AS relation, related_id AS id FROM recommendation_relations WHERE recommendation_id IN ");
    sql.list(ids.iter().copied());
    sql.push(" UNION ALL SELECT related_id, CASE kind WHEN 'supersedes' THEN 'superseded_by' ELSE 'repeated_by' END, recommendation_id FROM recommendation_relations WHERE related_id IN ");
    sql.list(ids.iter().copied());
    sql.push(" UNION ALL SELECT parent_id, 'element', id FROM recommendations WHERE parent_id IN ");
    sql.list(ids.iter().copied());
    sql.push(" UNION ALL SELECT id, 'parent', parent_id FROM recommendations WHERE parent_id IS NOT NULL AND id IN ");
    sql.list(ids.iter().copied());
    sql.push(") x JOIN recommendations r ON r.id = x.id JOIN reports p ON p.id = r.report_id ");
    sql.push("WHERE r.state IN ('published', 'withdrawn') AND p.state IN ('published', 'withdrawn') AND p.visible_from <= ");
    sql.bind(now)
        .push(" ORDER BY x.owner, x.relation, r.number_key");
    sql
}

/// Loads the organisations that these recommendations are addressed to, for `expand`.
///
/// # Errors
/// If the database cannot be read.
pub fn load_addressed(
    connection: &mut DbConnection,
    ids: &[&String],
    parts: &mut Parts,
) -> QueryResult<()> {
    let mut sql = Sql::new(
        "SELECT a.recommendation_id, o.id, o.slug, o.name FROM recommendation_addressed_organisations a \
         JOIN organisations o ON o.id = a.organisation_id WHERE o.state = 'published' AND a.recommendation_id IN ",
    );
    sql.list(ids.iter().copied())
        .push(" ORDER BY a.recommendation_id, o.name, o.id");
    for row in sql.load::<AddressedRow>(connection)? {
        let reference = NameReference {
            id: row.id,
            slug: row.slug,
            name: row.name,
        };
        parts
            .addressed
            .entry(row.recommendation_id)
            .or_default()
            .push(reference);
    }
    Ok(())
}

/// Deletes the themes and relations of a recommendation.
///
/// # Errors
/// If the database cannot be written.
pub fn clear(connection: &mut DbConnection, id: &str) -> QueryResult<()> {
    use recommendation_relations::recommendation_id;
    diesel::delete(
        recommendation_themes::table.filter(recommendation_themes::recommendation_id.eq(id)),
    )
    .execute(connection)?;
    diesel::delete(recommendation_relations::table.filter(recommendation_id.eq(id)))
        .execute(connection)?;
    Ok(())
}

/// Stores the themes and relations of a document.
///
/// # Errors
/// If the database cannot be written.
pub fn insert(
    connection: &mut DbConnection,
    id: &str,
    document: &RecommendationDocument,
    published_on: NaiveDate,
) -> QueryResult<()> {
    for (position, theme) in (0..).zip(&document.themes) {
        use recommendation_themes::dsl;
        let row = (
            dsl::recommendation_id.eq(id),
            dsl::position.eq::<i32>(position),
            dsl::theme.eq(theme),
            dsl::published_on.eq(published_on),
        );
        diesel::insert_into(dsl::recommendation_themes)
            .values(row)
            .execute(connection)?;
    }
    for (kind, related) in [
        ("supersedes", &document.supersedes),
        ("repeats", &document.repeats),
    ] {
        for (position, related) in (0..).zip(related) {
            use recommendation_relations::dsl;
            let row = (
                dsl::recommendation_id.eq(id),
                dsl::kind.eq(kind),
                dsl::position.eq::<i32>(position),
                dsl::related_id.eq(related),
            );
            diesel::insert_into(dsl::recommendation_relations)
                .values(row)
                .execute(connection)?;
        }
    }
    Ok(())
}
