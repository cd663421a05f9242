//! The links of documents: ids in the place of slugs and numbers, or what leads nowhere.

use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::Text;
use std::collections::{HashMap, HashSet};

use super::Error;
use super::document::Document;
use super::index::{Entry, Index};
use crate::db::{DbConnection, Sql};
use crate::documents::Target;
use crate::lookup::is_id;

/// Ids of records outside the source, so that each is looked up once.
pub type Found = HashMap<(Target, String), Option<String>>;

/// Puts ids in the place of the links, and says which lead nowhere.
pub fn resolve(
    connection: &mut DbConnection,
    index: &Index,
    found: &mut Found,
    entry: &Entry,
    document: &mut Document,
) -> Result<Vec<(String, String)>, Error> {
    let mut mistakes = Vec::new();
    let mut named = HashSet::new();
    for link in document.links() {
        if is_id(link.slot) {
            link.slot.make_ascii_lowercase(); // RFC 9562, 4
        }
        match find(connection, index, found, link.target, link.slot)? {
            Some(id) if id == entry.id => {
                mistakes.push((link.pointer, "a record cannot refer to itself".to_owned()));
            }
            Some(id) => {
                if !named.insert((list_of(&link.pointer), id.clone())) {
                    let detail = "the same record is named twice".to_owned();
                    mistakes.push((link.pointer, detail));
                }
                *link.slot = id;
            }
            None => {
                let name: String = link.slot.chars().take(150).collect();
                mistakes.push((
                    link.pointer,
                    format!("there is no {} '{name}'", wanted(link.target)),
                ));
            }
        }
    }
    mistakes.extend(resolve_numbers(connection, index, entry, document)?);
    Ok(mistakes)
}

/// Puts ids in the place of the numbers that recommendations have in their report.
fn resolve_numbers(
    connection: &mut DbConnection,
    index: &Index,
    entry: &Entry,
    document: &mut Document,
) -> Result<Vec<(String, String)>, Error> {
    let mut mistakes = Vec::new();
    let (report, places) = numbered(document);
    for (place, number, recommendation) in places {
        let Some(wanted) = number.take() else {
            continue;
        };
        *recommendation = by_number(connection, index, &report, &wanted)?;
        if recommendation.is_none() {
            let detail = format!("the report has no recommendation with the number '{wanted}'");
            mistakes.push((place, detail));
        }
    }
    if let Document::Recommendation(document) = document {
        document.slug = Some(entry.slug.clone());
        if let Some(number) = &document.parent_number {
            document.parent_id = by_number(connection, index, &document.report, number)?;
            if document
                .parent_id
                .as_ref()
                .is_none_or(|parent| *parent == entry.id)
            {
                let detail =
                    format!("the report has no other recommendation with the number '{number}'");
                mistakes.push(("/parent_number".to_owned(), detail));
            }
        }
    }
    Ok(mistakes)
}

/// A place, the number there, and where the id goes.
type Numbered<'a> = (String, &'a mut Option<String>, &'a mut Option<String>);

/// The report, and the places where a document names its recommendations by their numbers.
fn numbered(document: &mut Document) -> (String, Vec<Numbered<'_>>) {
    let about = match document {
        Document::Obligation(document) => document.about(),
        Document::ProgressUpdate(document) => document.about(),
        Document::Assessment(document) => document.about(),
        Document::ActionPlan(document) => {
            let actions = document.actions.iter_mut().enumerate();
            let places = actions.map(|(index, action)| {
                let place = format!("/actions/{index}/number");
                (place, &mut action.number, &mut action.recommendation)
            });
            return (document.report.clone(), places.collect());
        }
        Document::Response(document) => {
            let covers = document.covers.iter_mut().enumerate();
            let places = covers.map(|(index, cover)| {
                let place = format!("/covers/{index}/number");
                (place, &mut cover.number, &mut cover.recommendation)
            });
            return (document.report.clone(), places.collect());
        }
        _ => return (String::new(), Vec::new()),
    };
    let report = about.report.take().unwrap_or_default();
    let place = ("/number".to_owned(), about.number, about.recommendation);
    (report, vec![place])
}

/// The list that a link is in, which names each record once. A group may have the same member at different
/// times, and one body may speak in several statements.
fn list_of(pointer: &str) -> String {
    if ["/members/", "/statements/"]
        .iter()
        .any(|list| pointer.starts_with(list))
    {
        return pointer.to_owned();
    }
    let without_index = |part: &&str| part.bytes().any(|b| !b.is_ascii_digit());
    pointer.split('/').filter(without_index).collect()
}

fn wanted(target: Target) -> String {
    target
        .resources()
        .iter()
        .map(|resource| resource.name())
        .collect::<Vec<_>>()
        .join(" or ")
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = Text)]
    id: String,
}

fn find(
    connection: &mut DbConnection,
    index: &Index,
    found: &mut Found,
    target: Target,
    key: &str,
) -> QueryResult<Option<String>> {
    if let Some(id) = index.find(target, key) {
        return Ok(Some(id.to_owned()));
    }
    if key.contains('\0') {
        return Ok(None); // nothing is called that, and PostgreSQL does not take the question
    }
    if let Some(id) = found.get(&(target, key.to_owned())) {
        return Ok(id.clone());
    }
    let mut id = None;
    for resource in target.resources() {
        let mut sql = Sql::new("SELECT r.id FROM ");
        sql.push(resource.table())
            .push(if is_id(key) {
                " r WHERE r.id = "
            } else {
                " r WHERE r.slug = "
            })
            .bind(key);
        id = sql
            .get_result::<IdRow>(connection)
            .optional()?
            .map(|row| row.id);
        if id.is_some() {
            break;
        }
    }
    found.insert((target, key.to_owned()), id.clone());
    Ok(id)
}

/// The id of a report's recommendation by its number, in the source or stored.
fn by_number(
    connection: &mut DbConnection,
    index: &Index,
    report: &str,
    number: &str,
) -> QueryResult<Option<String>> {
    match index.by_number(report, number) {
        Some(id) => Ok(Some(id.to_owned())),
        // a report that was not found has no recommendations, nor has NUL any meaning to PostgreSQL
        None if number.contains('\0') || !is_id(report) => Ok(None),
        None => stored_by_number(connection, report, number),
    }
}

/// The id of a report's stored recommendation by its number.
pub fn stored_by_number(
    connection: &mut DbConnection,
    report: &str,
    number: &str,
) -> QueryResult<Option<String>> {
    let mut sql = Sql::new("SELECT r.id FROM recommendations r WHERE r.report_id = ");
    sql.bind(report).push(" AND r.number = ").bind(number);
    Ok(sql
        .get_result::<IdRow>(connection)
        .optional()?
        .map(|row| row.id))
}
