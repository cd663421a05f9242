//! The SQL of the parts of recommendations: reports, addressees, themes and relations.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::Text;
use std::collections::HashMap;

use super::addressing::Dated;
use super::model::RecommendationRow;
use super::schema::{recommendation_relations, recommendation_themes};
use crate::http::references::{NameReference, NumberReference};
use crate::platform::db::schema::recommendation_addressees;
use crate::platform::db::{DbConnection, Sql, insert_all};
use crate::platform::identity::RecordId;
use crate::resources::reports;
use crate::resources::reports::model::ReportRow;

/// An addressee as the document names it.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = recommendation_addressees)]
pub struct RecommendationAddresseeRow {
    /// The organisation's id; `None` for a group.
    pub organisation_id: Option<RecordId>,
    /// The day on which the group's membership counts.
    pub expanded_as_of: NaiveDate,
    /// The organisation or group.
    #[diesel(embed)]
    pub addressee: NameReference,
}

/// A theme of a recommendation.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = recommendation_themes)]
pub struct ThemeRow {
    /// The theme.
    pub theme: String,
}

/// A recommendation that another one is related to.
#[derive(Clone, Debug, QueryableByName)]
struct RelationRow {
    #[diesel(sql_type = Text)]
    relation: String,
    #[diesel(embed)]
    recommendation: NumberReference,
}

/// The parts of a set of recommendations, besides their rows.
#[derive(Debug, Default)]
pub struct RecommendationParts {
    /// Their reports, by id.
    pub reports: HashMap<RecordId, ReportRow>,
    /// Addressees by recommendation, in the order of the document.
    pub addressees: HashMap<RecordId, Vec<RecommendationAddresseeRow>>,
    /// The number of organisations addressed, by recommendation.
    pub addressed_counts: HashMap<RecordId, i64>,
    /// The organisations addressed, by recommendation; loaded only on request.
    pub addressed: HashMap<RecordId, Vec<NameReference>>,
    /// Themes by recommendation, in the order of the document.
    pub themes: HashMap<RecordId, Vec<ThemeRow>>,
    relations: HashMap<RecordId, Vec<RelationRow>>,
}

impl RecommendationParts {
    /// The recommendations related to this one by a relation: `parent`, `element`, `supersedes`, `superseded_by`,
    /// `repeats` or `repeated_by`.
    pub fn related(&self, id: RecordId, relation: &str) -> Vec<NumberReference> {
        let all = self.relations.get(&id).into_iter().flatten();
        let related = all.filter(|row| row.relation == relation);
        related.map(|row| row.recommendation.clone()).collect()
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
) -> QueryResult<RecommendationParts> {
    let ids: Vec<RecordId> = rows.iter().map(|row| row.id).collect();
    let reports: Vec<RecordId> = rows.iter().map(|row| row.report_id).collect();
    let mut addressees = Sql::new(
        "SELECT a.recommendation_id AS owner, a.organisation_id, COALESCE(o.id, g.id) AS id, \
         COALESCE(o.slug, g.slug) AS slug, COALESCE(o.name, g.name) AS name, a.expanded_as_of \
         FROM recommendation_addressees a LEFT JOIN organisations o ON o.id = a.organisation_id \
         LEFT JOIN groups g ON g.id = a.group_id \
         WHERE COALESCE(o.state, g.state) = 'published' AND a.recommendation_id IN ",
    );
    addressees
        .list(&ids)
        .push(" ORDER BY a.recommendation_id, a.position");
    let mut addressed = Sql::new(
        "SELECT a.recommendation_id AS owner, count(*) AS count FROM recommendation_addressed_organisations a \
         WHERE a.recommendation_id IN ",
    );
    addressed.list(&ids).push(" GROUP BY a.recommendation_id");
    let mut themes = Sql::new(
        "SELECT t.recommendation_id AS owner, t.theme FROM recommendation_themes t WHERE t.recommendation_id IN ",
    );
    themes
        .list(&ids)
        .push(" ORDER BY t.recommendation_id, t.position");
    Ok(RecommendationParts {
        reports: reports::queries::of_recommendations(connection, &reports)?,
        addressees: addressees.grouped(connection)?,
        addressed_counts: addressed.counts(connection)?,
        addressed: HashMap::new(),
        themes: themes.grouped(connection)?,
        relations: relations(&ids, now).grouped(connection)?,
    })
}

/// The query for all relations, in both directions. Recommendations that are not public are left out.
fn relations(ids: &[RecordId], now: NaiveDateTime) -> Sql {
    let mut sql = Sql::new("SELECT x.owner, x.relation, r.id, r.slug, r.number FROM (");
    sql.push("SELECT recommendation_id AS owner, kind AS relation, related_id AS id FROM recommendation_relations WHERE recommendation_id IN ");
    sql.list(ids);
    sql.push(" UNION ALL SELECT related_id, CASE kind WHEN 'supersedes' THEN 'superseded_by' ELSE 'repeated_by' END, recommendation_id FROM recommendation_relations WHERE related_id IN ");
    sql.list(ids);
    sql.push(" UNION ALL SELECT parent_id, 'element', id FROM recommendations WHERE parent_id IN ");
    sql.list(ids);
    sql.push(" UNION ALL SELECT id, 'parent', parent_id FROM recommendations WHERE parent_id IS NOT NULL AND id IN ");
    sql.list(ids);
    sql.push(") x JOIN recommendations r ON r.id = x.id JOIN reports p ON p.id = r.report_id ");
    sql.push("WHERE r.state IN ('published', 'withdrawn') AND p.state IN ('published', 'withdrawn') AND p.visible_from <= ");
    sql.bind(now)
        .push(" ORDER BY x.owner, x.relation, r.number_key");
    sql
}

/// The organisations that these recommendations are addressed to, by recommendation, for `expand`.
///
/// # Errors
/// If the database cannot be read.
pub fn addressed(
    connection: &mut DbConnection,
    ids: &[RecordId],
) -> QueryResult<HashMap<RecordId, Vec<NameReference>>> {
    let mut sql = Sql::new(
        "SELECT a.recommendation_id AS owner, o.id, o.slug, o.name FROM recommendation_addressed_organisations a \
         JOIN organisations o ON o.id = a.organisation_id WHERE o.state = 'published' AND a.recommendation_id IN ",
    );
    sql.list(ids)
        .push(" ORDER BY a.recommendation_id, o.name, o.id");
    sql.grouped(connection)
}

/// Deletes the themes and relations of a recommendation.
///
/// # Errors
/// If the database cannot be written.
pub fn clear(connection: &mut DbConnection, id: RecordId) -> QueryResult<()> {
    use recommendation_relations::recommendation_id;
    diesel::delete(
        recommendation_themes::table.filter(recommendation_themes::recommendation_id.eq(id)),
    )
    .execute(connection)?;
    diesel::delete(recommendation_relations::table.filter(recommendation_id.eq(id)))
        .execute(connection)?;
    Ok(())
}

/// Stores the themes and relations of documents.
///
/// # Errors
/// If the database cannot be written.
pub fn insert(connection: &mut DbConnection, documents: &[Dated<'_>]) -> QueryResult<()> {
    let (mut themes, mut relations) = (Vec::new(), Vec::new());
    for (id, document, published_on) in documents {
        for (position, theme) in (0..).zip(&document.themes) {
            use recommendation_themes::dsl;
            themes.push((
                dsl::recommendation_id.eq(*id),
                dsl::position.eq::<i32>(position),
                dsl::theme.eq(theme),
                dsl::published_on.eq(*published_on),
            ));
        }
        for (kind, related) in [
            ("supersedes", &document.supersedes),
            ("repeats", &document.repeats),
        ] {
            for (position, related) in (0..).zip(related) {
                use recommendation_relations::dsl;
                relations.push((
                    dsl::recommendation_id.eq(*id),
                    dsl::kind.eq(kind),
                    dsl::position.eq::<i32>(position),
                    dsl::related_id.eq(related),
                ));
            }
        }
    }
    insert_all(connection, recommendation_themes::table, themes)?;
    insert_all(connection, recommendation_relations::table, relations)
}
