//! Permission to store a document.

use chrono::NaiveDateTime;
use diesel::result::QueryResult;

use super::consent;
use super::document::Document;
use super::import::index::ValidLine;
use super::import::report::{ImportError, ImportOptions};
use super::kind::Kind;
use super::parsed::Parsed;
use super::submission;
use super::violation::Violation;
use crate::access::ownership::Ownership;
use crate::access::{Refusal, Rights, Scope, referring, visibility};
use crate::log::{Appears, Previous, Writer};
use crate::platform::db::{DbConnection, Sql};
use crate::platform::identity::{RecordId, Slug};
use crate::platform::mistakes::MistakeCode;
use crate::platform::states::PublicationState;

/// Checks that a caller may store this document, both for the record as it is and as it will be.
///
/// # Errors
/// The missing permission.
pub fn require(
    connection: &mut DbConnection,
    rights: &Rights,
    id: RecordId,
    parsed: &Parsed,
    previous: Option<&Previous>,
    now: NaiveDateTime,
) -> Result<(), ImportError> {
    if rights.allow(Scope::Admin, &[]) {
        return Ok(());
    }
    let (kind, document) = (parsed.kind, parsed.document.as_ref());
    let state = document.head().state;
    let mut all = Vec::new();
    if previous.is_some() {
        all.push((kind.ownership.owners)(connection, id)?);
    }
    // an erased record keeps its owners
    if previous.is_none() || state != PublicationState::Erased {
        all.push(document.owners(connection, id)?);
    }
    // what was public stays on record: it is withdrawn or corrected, neither removed nor hidden
    let is_removed = match previous {
        Some(previous) if kind.stays_on_record && previous.state != state => {
            let is_hidden = matches!(state, PublicationState::Gone | PublicationState::Draft);
            let was_gone = previous.state == PublicationState::Gone;
            (was_gone || is_hidden) && visibility::was_public(connection, id, now)?
        }
        _ => false,
    };
    // a publisher of the report may record what a body said
    if kind.publishers_record && state != PublicationState::Erased && !is_removed {
        let resource = kind.resource();
        if submission::records_for_others(connection, rights, resource, id, document, previous)? {
            return Ok(());
        }
    }
    let checked = all.iter().try_for_each(|owners| {
        check(rights, kind, state, previous, owners)?;
        match is_removed {
            true => rights.require(Scope::Admin, owners),
            false => Ok(()),
        }
    });
    let Err(refusal) = checked else {
        return Ok(());
    };
    // who was named may leave
    match previous.is_some() && consent::only_leaves(connection, rights, kind, id, document)? {
        true => Ok(()),
        false => Err(refusal.with_slugs(connection)?.into()),
    }
}

fn check(
    rights: &Rights,
    kind: &Kind,
    state: PublicationState,
    previous: Option<&Previous>,
    owners: &[RecordId],
) -> Result<(), Refusal> {
    if state == PublicationState::Erased {
        return rights.require(Scope::Admin, owners);
    }
    rights.require(kind.ownership.scope, owners)?;
    // whatever is or was public needs the right to publish; drafts do not
    let was_draft = previous.is_none_or(|previous| previous.state == PublicationState::Draft);
    let stays_draft = state == PublicationState::Draft && was_draft;
    match kind.is_published && !stays_draft {
        true => rights.require(Scope::ArticlesPublish, owners),
        false => Ok(()),
    }
}

/// Why a document cannot be stored whose id or slug belongs to a record that the caller may not see: it is taken, and the
/// caller learns no more.
///
/// # Errors
/// When a query fails.
pub fn taken(
    writer: &mut Writer<'_>,
    options: &ImportOptions<'_>,
    line: &ValidLine,
    document: &dyn Document,
) -> QueryResult<Option<Violation>> {
    let now = writer.now();
    let ownership = &(options.catalogue.kind)(line.resource).ownership;
    if let Some(slug) = document.head().slug
        && is_former_slug_of_others(writer.connection, options.rights, ownership, line.id, slug)?
    {
        return Ok(Some(Violation::new(
            MistakeCode::AlreadyTaken,
            "/slug",
            "This slug cannot be used.",
        )));
    }
    if line.previous.is_none() || line.resource.appears() == Appears::AtOnce {
        return Ok(None);
    }
    let key = line.id.into();
    let (connection, rights) = (&mut *writer.connection, options.rights);
    if referring::for_reference(connection, ownership, &key, rights, now)?.is_some()
        || referring::was_removed_in_public(connection, line.resource, line.id, now)?
        || referring::removed(connection, ownership, &key, rights, now)?.is_some()
    {
        return Ok(None);
    }
    let (pointer, detail) = match document.head().id {
        Some(_) => ("/id", "This id cannot be used."),
        None => ("/slug", "This slug cannot be used."),
    };
    Ok(Some(Violation::new(
        MistakeCode::AlreadyTaken,
        pointer,
        detail,
    )))
}

/// Whether a slug is a former one of a record that the caller may not write: links to that record must not lead to another
/// one.
fn is_former_slug_of_others(
    connection: &mut DbConnection,
    rights: &Rights,
    ownership: &Ownership,
    id: RecordId,
    slug: &Slug,
) -> QueryResult<bool> {
    if rights.is_admin() {
        return Ok(false);
    }
    let mut sql = Sql::new("SELECT f.resource_id AS id FROM former_slugs f WHERE f.resource = ");
    sql.bind(ownership.resource.name())
        .push(" AND f.slug = ")
        .bind(slug);
    let Some(former) = sql.ids(connection)?.pop() else {
        return Ok(false);
    };
    let owners = (ownership.owners)(connection, former)?;
    Ok(former != id && !rights.allow(ownership.scope, &owners))
}
