//! The write transaction, which appends to the log.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;
use serde::Serialize;
use std::collections::BTreeSet;

use super::digest::{canonical_json, sha256};
use super::entries;
use super::entry_options::{self, EntryOptions};
use super::resource::Resource;
use super::revision::{NewEntry, Previous, Recorded, ReportChange};
use super::schema::{former_slugs, mergers};
use super::start::LogEnd;
use crate::platform::db::schema::changes;
use crate::platform::db::{DbConnection, Statistics};
use crate::platform::identity::{RecordId, Slug};
use crate::platform::page_urls::PageUrls;
use crate::platform::states::PublicationState;

/// The origin of a write: the actor, the request and the time.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The client, or the command line's user (`cli`).
    pub actor: String,
    /// The id of the request.
    pub request_id: Option<String>,
    /// The time of the write.
    pub now: NaiveDateTime,
    /// Whether others must not wait for it to be committed: it writes much.
    pub is_large: bool,
    /// The pages of the public site, which the response may name.
    pub pages: PageUrls,
}

impl Origin {
    /// That of the log itself.
    pub(super) fn of_the_log(now: NaiveDateTime) -> Self {
        Self {
            actor: "log".to_owned(),
            now,
            ..Self::default()
        }
    }
}

/// A write transaction. Created only by [`super::transaction::Log::write`].
pub struct Writer<'c> {
    /// The connection inside the transaction.
    pub connection: &'c mut DbConnection,
    pub(super) origin: Origin,
    pub(super) seq: i64,
    pub(super) digest: String,
    /// The log entry being replayed into another database, which keeps no log.
    replayed: Option<Recorded>,
    touched: BTreeSet<RecordId>,
    /// The changed reports. The records below them are updated after all reports are stored.
    pub(crate) changed_reports: Vec<ReportChange>,
    /// The changed groups. Mandates to answer for them are applied again after all groups are stored.
    pub(crate) changed_groups: Vec<RecordId>,
    /// The earlier revision that was redacted, for the next entry to say so.
    redacted: Option<i64>,
    statistics: Statistics,
    /// Whether anything was appended to the log.
    pub(super) has_appended: bool,
    /// Whether content was erased.
    pub(super) has_erased: bool,
}

impl<'c> Writer<'c> {
    /// The end of the log after this write.
    pub(super) fn into_end(self) -> LogEnd {
        (self.seq, self.digest)
    }

    /// For replaying a log entry into a database that has no log of its own.
    pub(crate) fn replaying(connection: &'c mut DbConnection, entry: Recorded) -> Self {
        let origin = Origin {
            now: entry.updated_at,
            ..Origin::default()
        };
        Self {
            replayed: Some(entry),
            ..Self::at(connection, origin, (entry.seq, String::new()))
        }
    }

    /// A writer after the last entry of the log, given by its number and its digest.
    pub(super) fn at(
        connection: &'c mut DbConnection,
        origin: Origin,
        (seq, digest): LogEnd,
    ) -> Self {
        Self {
            connection,
            origin,
            seq,
            digest,
            replayed: None,
            touched: BTreeSet::new(),
            changed_reports: Vec::new(),
            changed_groups: Vec::new(),
            redacted: None,
            statistics: Statistics::after(seq),
            has_appended: false,
            has_erased: false,
        }
    }

    /// Whether log entries are being replayed into a rebuilt database.
    pub fn is_replaying(&self) -> bool {
        self.replayed.is_some()
    }

    /// Marks a recommendation whose obligations depend on what was written. They are generated after all documents of a
    /// kind are stored, so only once however many documents affect it.
    pub fn touch(&mut self, recommendation: RecordId) {
        self.touched.insert(recommendation);
    }

    /// Takes the recommendations marked since the last call.
    pub fn take_touched(&mut self) -> BTreeSet<RecordId> {
        std::mem::take(&mut self.touched)
    }

    /// The client that writes.
    pub fn actor(&self) -> &str {
        &self.origin.actor
    }

    /// Collects the planner's statistics again, if this write has made the log much longer.
    ///
    /// # Errors
    /// If the transaction is lost.
    pub fn refresh_statistics(&mut self) -> QueryResult<()> {
        self.statistics.refresh_within(self.connection, self.seq)
    }

    /// The pages of the public site.
    pub fn pages(&self) -> PageUrls {
        self.origin.pages.clone()
    }

    /// The time of this write.
    pub fn now(&self) -> NaiveDateTime {
        self.origin.now
    }

    /// From when a state is public: the rule of the log's public view. `visible_from` is from when the record is
    /// visible, `None` if never. If the public knew of a record that it no longer sees, that is public at once.
    pub fn public_from(
        &self,
        visible_from: Option<NaiveDateTime>,
        was_known: bool,
    ) -> Option<NaiveDateTime> {
        match visible_from {
            Some(from) => Some(from.max(self.origin.now)),
            None => was_known.then_some(self.origin.now),
        }
    }

    /// Appends the unchanged state of a record again, because its visibility or how it is shown changes from now on.
    /// Returns the number of the entry.
    pub(crate) fn append_again(
        &mut self,
        resource: Resource,
        id: RecordId,
        state: String,
        revision: i64,
        options: EntryOptions,
    ) -> QueryResult<i64> {
        if self.replayed.is_none() {
            self.append(NewEntry {
                resource,
                id,
                action: options.action(false),
                revision,
                state_digest: sha256(&[&state]),
                state,
                public_from: options.visible_from,
            })?;
        }
        Ok(self.seq)
    }

    /// Appends the state of a record after a change; `None` if the state is unchanged, in which case the caller must
    /// not touch the record's tables either.
    pub fn record(
        &mut self,
        resource: Resource,
        id: RecordId,
        slug: &Slug,
        state: &impl Serialize,
        previous: Option<&Previous>,
        options: impl Into<EntryOptions>,
    ) -> QueryResult<Option<Recorded>> {
        if self.replayed.is_some() {
            if let Some(previous) = previous.filter(|p| p.slug != *slug) {
                self.retire_slug(resource, id, &previous.slug, slug)?;
            }
            return Ok(self.replayed);
        }
        let options = options.into();
        let state = canonical_json(state)
            .map_err(|e| diesel::result::Error::SerializationError(Box::new(e)))?;
        let redacted = self.redacted.take();
        let state_digest = sha256(&[&state]);
        let is_unchanged = previous.is_some_and(|p| p.state_digest == state_digest);
        if is_unchanged && redacted.is_none() {
            return Ok(None);
        }
        if let Some(previous) = previous.filter(|p| p.slug != *slug) {
            match previous.was_public(self.origin.now) && !options.is_hidden_with_report {
                true => self.retire_slug(resource, id, &previous.slug, slug)?,
                false => self.free_slug(resource, slug)?,
            }
        }
        let revision = previous.map_or(1, |p| p.revision + 1);
        let mut action = options.action(previous.is_none()).to_owned();
        if let Some(revision) = redacted {
            action = entry_options::redacting(&action, revision);
        }
        let now = self.origin.now;
        // subscribers know of a record that is gone, so its erasure is public too
        let was_known = previous.is_some_and(|p| {
            (p.was_public(now) && !options.is_hidden_with_report)
                || (p.state == PublicationState::Gone && p.public_from.is_some())
        });
        let public_from = self.public_from(options.visible_from, was_known);
        self.append(NewEntry {
            resource,
            id,
            action: &action,
            revision,
            state,
            state_digest,
            public_from,
        })?;
        Ok(Some(Recorded {
            seq: self.seq,
            revision,
            created_at: previous.map_or(now, |p| p.created_at),
            updated_at: now,
        }))
    }

    /// Whether states were erased or redacted in this write.
    pub fn has_erased(&self) -> bool {
        self.has_erased
    }

    /// Removes the states of an erased record from the log, except that of its newest entry, which says that it was
    /// erased. The digests stay, so that the chain still verifies.
    pub fn forget(&mut self, id: RecordId) -> QueryResult<()> {
        use changes::dsl;
        let newest: Option<i64> = dsl::changes
            .filter(dsl::resource_id.eq(id))
            .select(diesel::dsl::max(dsl::revision))
            .first(self.connection)?;
        let earlier = dsl::changes
            .filter(dsl::resource_id.eq(id))
            .filter(dsl::revision.lt(newest.unwrap_or(0)));
        diesel::update(earlier)
            .set(dsl::state.eq(None::<String>))
            .execute(self.connection)?;
        self.has_erased = true;
        Ok(())
    }

    /// Removes the state of an earlier revision from the log, wherever it is repeated; false if there is no such revision
    /// or the record is still in that state. The entry of the write that must follow says so, even if that changes
    /// nothing.
    pub fn redact(&mut self, id: RecordId, revision: i64) -> QueryResult<bool> {
        use changes::dsl;
        let digest: Option<String> = dsl::changes
            .filter(dsl::resource_id.eq(id))
            .filter(dsl::revision.eq(revision))
            .filter(dsl::state.is_not_null())
            .select(dsl::state_digest)
            .first(self.connection)
            .optional()?;
        let newest = entries::newest_digest(self.connection, id)?;
        let Some(digest) = digest.filter(|digest| Some(digest) != newest.as_ref()) else {
            return Ok(false);
        };
        let repeated = dsl::changes
            .filter(dsl::resource_id.eq(id))
            .filter(dsl::state_digest.eq(digest));
        diesel::update(repeated)
            .set(dsl::state.eq(None::<String>))
            .execute(self.connection)?;
        (self.redacted, self.has_erased) = (Some(revision), true);
        Ok(true)
    }

    /// Stores which record replaces one that is gone; `None` deletes that.
    pub fn merge(&mut self, id: RecordId, survivor: Option<&str>) -> QueryResult<()> {
        use mergers::dsl;
        diesel::delete(dsl::mergers.find(id)).execute(self.connection)?;
        if let Some(survivor) = survivor {
            diesel::insert_into(dsl::mergers)
                .values((dsl::resource_id.eq(id), dsl::survivor_id.eq(survivor)))
                .execute(self.connection)?;
        }
        Ok(())
    }

    /// Stores `old` as a former slug of this record, and frees `new` if it is a former slug.
    pub(crate) fn retire_slug(
        &mut self,
        resource: Resource,
        id: RecordId,
        old: &str,
        new: &str,
    ) -> QueryResult<()> {
        use former_slugs::dsl;
        for slug in [old, new] {
            self.free_slug(resource, slug)?;
        }
        diesel::insert_into(dsl::former_slugs)
            .values((
                dsl::resource.eq(resource.name()),
                dsl::slug.eq(old),
                dsl::resource_id.eq(id),
                dsl::retired_at.eq(self.origin.now),
            ))
            .execute(self.connection)?;
        Ok(())
    }

    /// Lets a slug be that of a record again: it is no longer a former one.
    fn free_slug(&mut self, resource: Resource, slug: &str) -> QueryResult<()> {
        use former_slugs::dsl;
        let past = dsl::former_slugs
            .filter(dsl::resource.eq(resource.name()))
            .filter(dsl::slug.eq(slug));
        diesel::delete(past).execute(self.connection)?;
        Ok(())
    }
}
