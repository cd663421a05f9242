//! The later passes: links are followed, and documents stored, resource by resource.

use chrono::NaiveDateTime;
use diesel::result::QueryResult;
use std::collections::HashMap;

use super::document::{Document, Mistake};
use super::index::{Entry, Index};
use super::links::{Found, resolve};
use super::reading::is_told;
use super::scan::{BATCH, existing};
use super::{Error, Progress, Source, Stored, Terms};
use crate::changes::{Outcome, Previous, Resource, Writer};
use crate::db::DbConnection;
use crate::obligations::{document, generation};
use crate::values::PublicationState;
use crate::writing::ownership;
use crate::{
    action_plans, articles, assessments, groups, linked_pages, organisations, progress_updates,
    recommendations, reports, responses, topics,
};

/// Follows every link without storing anything. True when that made further lines bad, so that links to
/// those must be looked at again.
pub fn check_links(
    connection: &mut DbConnection,
    source: &Source,
    index: &mut Index,
) -> Result<bool, Error> {
    let before = index.bad_lines();
    let mut found = Found::new();
    source.lines(|line, text| {
        if let (Some(entry), Ok(text)) = (index.entries.get(&line).cloned(), text)
            && let Ok(mut document) = Document::parse(text)
        {
            for (pointer, detail) in resolve(connection, index, &mut found, &entry, &mut document)?
            {
                index.mistake(line, pointer, detail);
            }
        }
        Ok::<(), Error>(())
    })?;
    Ok(index.bad_lines() > before)
}

/// Follows the links of lines that are bad already, so that all mistakes of a line are told at once.
pub fn check_links_of_bad_lines(
    connection: &mut DbConnection,
    source: &Source,
    index: &mut Index,
) -> Result<(), Error> {
    let mut found = Found::new();
    source.lines(|line, text| {
        let is_good = index.entries.contains_key(&line);
        if let (false, Ok(Ok((mut document, mistakes)))) = (is_good, text.map(Document::read))
            && !mistakes.is_empty()
        {
            let nobody = Entry {
                resource: document.resource(),
                id: String::new(),
                slug: String::new(),
                previous: None,
                is_provisional: false,
            };
            let links = resolve(connection, index, &mut found, &nobody, &mut document)?;
            for (pointer, detail) in links {
                let link = (pointer, detail);
                if !is_told(&mistakes, &link) {
                    index.mistake(line, link.0, link.1);
                }
            }
        }
        Ok(())
    })
}

/// Stores the good lines: each resource after those that it may refer to.
pub fn store(
    writer: &mut Writer<'_>,
    source: &Source,
    index: &mut Index,
    terms: Terms<'_>,
    progress: &dyn Fn(Progress),
) -> Result<(), Error> {
    index.begin_storing();
    let mut found = Found::new();
    for resource in Resource::ALL {
        if !index
            .entries
            .values()
            .any(|entry| entry.resource == resource)
        {
            continue;
        }
        let mut batch: Vec<(usize, Entry, Document)> = Vec::with_capacity(BATCH);
        source.lines(|line, text| {
            let entry = index
                .entries
                .get(&line)
                .filter(|entry| entry.resource == resource)
                .cloned();
            if let (Some(entry), Ok(text)) = (entry, text)
                && let Ok(document) = Document::parse(text)
            {
                progress(Progress::Stored);
                batch.push((line, entry, document));
            }
            if batch.len() == BATCH {
                store_batch(writer, index, &mut found, terms, resource, &mut batch)?;
            }
            Ok::<(), Error>(())
        })?;
        store_batch(writer, index, &mut found, terms, resource, &mut batch)?;
        generation::generate_touched(writer)?;
    }
    Ok(())
}

fn store_batch(
    writer: &mut Writer<'_>,
    index: &mut Index,
    found: &mut Found,
    terms: Terms<'_>,
    resource: Resource,
    batch: &mut Vec<(usize, Entry, Document)>,
) -> Result<(), Error> {
    // a recommendation may have moved along with its report by now
    let moved = match resource {
        Resource::Recommendation => {
            let ids: Vec<&String> = batch.iter().map(|(_, entry, _)| &entry.id).collect();
            existing(writer.connection, resource, &ids)?
        }
        _ => HashMap::new(),
    };
    for (line, mut entry, mut document) in batch.drain(..) {
        if let Some((_, previous)) = moved.get(&entry.id) {
            entry.previous = Some(previous.clone());
        }
        let mut mistakes = resolve(writer.connection, index, found, &entry, &mut document)?;
        if mistakes.is_empty() {
            mistakes.extend(settle(writer.connection, index, &mut entry, &document)?);
        }
        let previous = entry.previous.as_ref();
        mistakes.extend(hidden_again(&document, previous, writer.now()));
        let rights = terms.rights;
        mistakes.extend(ownership::hidden_links(
            writer,
            index,
            rights,
            &mut document,
        )?);
        if mistakes.is_empty() {
            store_one(writer, index, terms, line, entry, document)?;
        }
        for (pointer, detail) in mistakes {
            index.mistake(line, pointer, detail);
        }
    }
    Ok(())
}

/// Gives a document without slug or id the id that follows from what it is about, and finds the record that has it.
/// What it says must have been asked.
fn settle(
    connection: &mut DbConnection,
    index: &mut Index,
    entry: &mut Entry,
    document: &Document,
) -> Result<Vec<Mistake>, Error> {
    if let (true, Some(id)) = (entry.is_provisional, document.natural_id()) {
        if !index.settle(&id) {
            let detail = format!("an earlier line is about the same {}", entry.resource);
            return Ok(vec![(String::new(), detail)]);
        }
        let known = existing(connection, entry.resource, &[&id])?;
        entry.previous = known.get(&id).map(|(_, previous)| previous.clone());
        entry.slug.clone_from(&id);
        entry.id = id;
    }
    match document {
        Document::Response(response) if response.state.is_shown() => {
            Ok(responses::queries::unasked(connection, response)?)
        }
        Document::Obligation(obligation) if obligation.state.is_shown() => {
            Ok(document::forbidden(connection, obligation)?)
        }
        Document::ActionPlan(plan) if plan.state.is_shown() => {
            Ok(action_plans::queries::forbidden(connection, plan)?)
        }
        Document::ProgressUpdate(update) if update.state.is_shown() => {
            Ok(progress_updates::queries::forbidden(connection, update)?)
        }
        Document::Assessment(assessment) if assessment.state.is_shown() => {
            Ok(assessments::queries::forbidden(connection, assessment)?)
        }
        _ => Ok(Vec::new()),
    }
}

/// Stores a document without a mistake, if the caller may.
fn store_one(
    writer: &mut Writer<'_>,
    index: &mut Index,
    terms: Terms<'_>,
    line: usize,
    entry: Entry,
    document: Document,
) -> Result<(), Error> {
    let previous = entry.previous.as_ref();
    let (connection, rights) = (&mut *writer.connection, terms.rights);
    ownership::require(connection, rights, &entry.id, &document, previous)?;
    let resource = entry.resource;
    if terms.only_new && previous.is_some() {
        return Err(Error::Exists(resource, entry.slug));
    }
    let is_erased = document.state() == PublicationState::Erased;
    let outcome = save(writer, &entry.id, document, previous)?;
    if is_erased {
        linked_pages::queries::forget(writer, &entry.id)?;
        writer.forget(&entry.id)?;
    }
    index.count(resource, outcome);
    if terms.name_records {
        let (id, slug) = (entry.id, entry.slug);
        index.name(Stored {
            line,
            resource,
            id,
            slug,
            outcome,
        });
    }
    Ok(())
}

/// What the public has seen does not get a moment in the future: who has a copy could not be told.
fn hidden_again(
    document: &Document,
    previous: Option<&Previous>,
    now: NaiveDateTime,
) -> Option<Mistake> {
    let (place, visible_from) = match document {
        Document::Article(article) => ("/published_at", article.visible_from()),
        Document::Report(report) => ("/published_on", report.visible_from()),
        _ => return None,
    };
    let is_ahead = visible_from.is_some_and(|from| from > now);
    let was_public = previous.is_some_and(|previous| previous.was_public(now));
    (is_ahead && was_public).then(|| {
        let detail =
            "it has been public: withdraw it, or make it a draft, in place of a date in the future";
        (place.to_owned(), detail.to_owned())
    })
}

/// Stores one document, whose links are ids, by its resource.
pub fn save(
    writer: &mut Writer<'_>,
    id: &str,
    document: Document,
    previous: Option<&Previous>,
) -> QueryResult<Outcome> {
    let survivor = document.merged_into().map(str::to_owned);
    let was_gone = previous.is_some_and(|previous| previous.state == "gone");
    let outcome = match document {
        Document::Topic(document) => topics::queries::save(writer, id, &document, previous),
        Document::Organisation(document) => {
            organisations::queries::save(writer, id, &document, previous)
        }
        Document::Group(document) => groups::queries::save(writer, id, &document, previous),
        Document::Report(document) => reports::queries::save(writer, id, &document, previous),
        Document::Recommendation(document) => {
            recommendations::queries::save(writer, id, &document, previous)
        }
        Document::Obligation(document) => document::save(writer, id, &document, previous),
        Document::Response(document) => responses::queries::save(writer, id, &document, previous),
        Document::ActionPlan(document) => {
            action_plans::queries::save(writer, id, &document, previous)
        }
        Document::ProgressUpdate(document) => {
            progress_updates::queries::save(writer, id, &document, previous)
        }
        Document::Assessment(document) => {
            assessments::queries::save(writer, id, &document, previous)
        }
        Document::Article(mut document) => {
            document.clean();
            articles::queries::save(writer, id, &mut document, previous)
        }
    }?;
    if outcome != Outcome::Unchanged && (survivor.is_some() || was_gone) {
        writer.merge(id, survivor.as_deref())?;
    }
    Ok(outcome)
}
