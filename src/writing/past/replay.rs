//! Replays the entries of the change log in another database.

use chrono::NaiveDateTime;
use diesel::result::QueryResult;
use std::collections::{BTreeSet, HashSet, VecDeque};

use super::records::{self, ReplayedRecord, Shown};
use crate::access::lookup;
use crate::log::entries::{self, EntryRow};
use crate::log::{Recorded, ReportChange, Resource, Writer, redacted_revision};
use crate::platform::db::{DbConnection, Error, Sql, history};
use crate::platform::identity::RecordId;
use crate::platform::states::PublicationState;
use crate::writing::kind::Catalogue;

/// How many entries are read per query.
const BATCH: i64 = 1_000;

/// A replay in progress.
pub struct Replay<'a> {
    pub(super) live: &'a mut DbConnection,
    pub(super) past: &'a mut DbConnection,
    pub(super) catalogue: &'a Catalogue,
    pub(super) now: NaiveDateTime,
    /// Whether the tables keep a history, in which records that are no longer published are shown as they are today.
    pub keeps_history: bool,
    /// Whether records are replayed again, from their first entries.
    pub(super) is_again: bool,
    /// The drafts that were removed, and what belongs to them: they never were.
    pub(super) left_out: HashSet<RecordId>,
    /// Whether anything was taken out of the history.
    pub has_forgotten: bool,
    /// When who answers for whom changed in the report that is replayed again.
    pub(super) changes_of_speakers: Option<SpeakerChanges>,
}

/// The ends of the writes that changed who answers for whom in a report: what follows from its records is derived after
/// them, too.
pub(super) struct SpeakerChanges {
    pub(super) report: RecordId,
    pub(super) ends: VecDeque<i64>,
}

/// What else follows from entries.
#[derive(Default)]
pub(super) struct Effects {
    touched: BTreeSet<RecordId>,
    reports: Vec<ReportChange>,
    groups: Vec<RecordId>,
}

impl Effects {
    pub(super) fn take(&mut self, writer: &mut Writer<'_>) {
        self.touched.append(&mut writer.take_touched());
        self.reports.append(&mut writer.changed_reports);
        self.groups.append(&mut writer.changed_groups);
    }

    /// A writer that goes on from them.
    fn writer<'c>(
        self,
        past: &'c mut DbConnection,
        recorded: Recorded,
    ) -> (Writer<'c>, Vec<ReportChange>) {
        let mut writer = Writer::replaying(past, recorded);
        self.touched.into_iter().for_each(|id| writer.touch(id));
        writer.changed_groups = self.groups;
        (writer, self.reports)
    }
}

/// The write of an entry, and the kind of its record.
fn write_and_kind(entry: &EntryRow) -> (NaiveDateTime, Resource) {
    (entry.at, entry.resource.0)
}

/// Leaves the last write for the next batch, unless it is larger than a batch.
fn keep_whole_writes(entries: &mut Vec<EntryRow>) {
    let last = entries.last().map(write_and_kind);
    let whole = entries
        .iter()
        .rposition(|entry| Some(write_and_kind(entry)) != last);
    if let Some(whole) = whole {
        entries.truncate(whole + 1);
    }
}

/// Of these records, given by type and id, those that the public sees published, and the obligations of published
/// recommendations: that an organisation is no longer addressed takes back nothing that it did.
fn published(
    live: &mut DbConnection,
    entries: &[EntryRow],
    now: NaiveDateTime,
) -> QueryResult<HashSet<RecordId>> {
    let mut published = HashSet::new();
    for resource in Resource::ALL {
        let of_resource = entries.iter().filter(|entry| entry.resource.0 == resource);
        let ids: BTreeSet<RecordId> = of_resource.map(|entry| entry.resource_id).collect();
        for ids in Vec::from_iter(ids).chunks(BATCH as usize) {
            let states = lookup::public_states(live, resource, ids, now)?.into_iter();
            let shown = states.filter(|(_, state)| *state == PublicationState::Published);
            published.extend(shown.map(|(id, _)| id));
            if resource == Resource::Obligation {
                published.extend(once_addressed(live, ids, now)?);
                // an obligation is in the state of its recommendation, whatever was erased of it
                for id in ids {
                    if entries::newest(live, *id)?.is_some_and(|newest| newest.is_removed()) {
                        published.remove(id);
                    }
                }
            }
        }
    }
    Ok(published)
}

/// Of these obligations, those of organisations that published recommendations are no longer addressed to.
fn once_addressed(
    live: &mut DbConnection,
    ids: &[RecordId],
    now: NaiveDateTime,
) -> QueryResult<Vec<RecordId>> {
    let mut sql = Sql::new(
        "SELECT o.id FROM obligations o JOIN recommendations r ON r.id = o.recommendation_id JOIN reports p ON p.id = r.report_id \
         WHERE o.state = 'withdrawn' AND r.state = 'published' AND p.state = 'published' AND p.visible_from <= ",
    );
    sql.bind(now)
        .push(" AND o.id IN ")
        .list(ids.iter().copied());
    sql.ids(live)
}

impl<'a> Replay<'a> {
    /// A replay of one log into another database, that goes on from what this has.
    ///
    /// # Errors
    /// When a query fails.
    pub fn new(
        live: &'a mut DbConnection,
        past: &'a mut DbConnection,
        catalogue: &'a Catalogue,
        now: NaiveDateTime,
    ) -> QueryResult<Self> {
        Ok(Self {
            left_out: records::left_out(past)?,
            live,
            past,
            catalogue,
            now,
            keeps_history: true,
            is_again: false,
            has_forgotten: false,
            changes_of_speakers: None,
        })
    }

    /// Replays some entries after one number, at most up to another. Returns the number of the last one.
    ///
    /// # Errors
    /// When a query fails, or an entry cannot be read.
    pub fn follow(&mut self, after: i64, until: i64) -> Result<i64, Error> {
        let mut entries = entries::entries(self.live, after, until, BATCH)?;
        if entries.len() == BATCH as usize {
            keep_whole_writes(&mut entries);
        }
        let last = entries.last().map_or(until, |entry| entry.seq);
        self.run(entries, true)?;
        Ok(last)
    }

    /// Shows records that have become public without a new entry as they were.
    ///
    /// # Errors
    /// Those of [`Replay::follow`].
    pub fn show_appeared(&mut self, until: i64) -> Result<(), Error> {
        for id in records::appeared(self.past, self.now)? {
            let record = records::find(self.past, id)?;
            let is_due =
                |record: &ReplayedRecord| record.appears_at.is_some_and(|at| at <= self.now);
            if let Some(record) = record.filter(is_due) {
                self.again(&record, until)?;
            }
        }
        Ok(())
    }

    /// Replays entries. With `derives`, what follows from those of one write is derived when all of one kind are stored, as in
    /// the write itself.
    pub(super) fn run(&mut self, entries: Vec<EntryRow>, derives: bool) -> Result<(), Error> {
        let published = match self.keeps_history {
            true => published(self.live, &entries, self.now)?,
            false => HashSet::new(),
        };
        let mut effects = Effects::default();
        let mut entries = entries.into_iter().peekable();
        while let Some(entry) = entries.next() {
            let recorded = Recorded {
                seq: entry.seq,
                revision: entry.revision,
                created_at: entry.at,
                updated_at: entry.at,
            };
            let write = write_and_kind(&entry);
            self.derive_until(entry.seq)?;
            let is_published = !self.keeps_history || published.contains(&entry.resource_id);
            self.replay(entry, is_published, &mut effects)?;
            let next = entries.peek();
            if derives && next.is_none_or(|next| write_and_kind(next) != write) {
                self.write_at(recorded.seq)?;
                if self.keeps_history && !self.is_again {
                    history::write_time(self.past, recorded.updated_at, recorded.seq)?;
                }
                let effects = std::mem::take(&mut effects);
                let (mut writer, reports) = effects.writer(self.past, recorded);
                (self.catalogue.derive)(&mut writer, &reports)?;
            }
        }
        Ok(())
    }

    /// Derives what follows from the records after those writes before an entry that changed who answers for whom.
    pub(super) fn derive_until(&mut self, end: i64) -> Result<(), Error> {
        while let Some(changes) = &mut self.changes_of_speakers
            && let Some(seq) = changes.ends.pop_front_if(|seq| *seq < end)
        {
            let report = changes.report;
            self.write_at(seq)?;
            let recorded = Recorded {
                seq,
                revision: 0,
                created_at: self.now,
                updated_at: self.now,
            };
            let mut writer = Writer::replaying(self.past, recorded);
            for recommendation in records::recommendations(writer.connection, report)? {
                writer.touch(recommendation);
            }
            (self.catalogue.derive)(&mut writer, &[])?;
        }
        Ok(())
    }

    pub(super) fn write_at(&mut self, seq: i64) -> QueryResult<()> {
        match self.keeps_history {
            true => history::write_at(self.past, seq),
            false => Ok(()),
        }
    }

    fn replay(
        &mut self,
        entry: EntryRow,
        is_published: bool,
        effects: &mut Effects,
    ) -> Result<(), Error> {
        let (id, seq) = (entry.resource_id, entry.seq);
        let redacts = redacted_revision(&entry.action).is_some() && self.keeps_history;
        self.has_forgotten |= redacts;
        let Some(known) = records::find(self.past, id)? else {
            let (entry, shown) = match is_published {
                true => (Some(entry), Shown::AsItWas),
                false => (entries::newest(self.live, id)?, Shown::AsToday),
            };
            let store = |entry| self.store(entry, (seq, shown), None, effects);
            return entry.map_or(Ok(()), store);
        };
        match (known.shown.0, is_published) {
            (Shown::AsItWas, true) if self.is_again || !redacts => {
                self.store(entry, (seq, Shown::AsItWas), Some(&known), effects)
            }
            // as all its entries were stored at once
            _ if self.is_again => Ok(()),
            (Shown::AsToday | Shown::LeftOut, false) => match entries::newest(self.live, id)? {
                Some(newest) if newest.revision == known.revision => Ok(()),
                Some(newest) if !redacts && self.is_hidden(&known, &newest) => {
                    let as_today = (known.first_seq, Shown::AsToday);
                    self.store(newest, as_today, Some(&known), effects)
                }
                _ => self.again(&known, seq),
            },
            _ => self.again(&known, seq),
        }
    }

    /// Whether the public sees neither the record as it was stored nor its newest state, so that nothing it sees depends on
    /// them.
    fn is_hidden(&self, known: &ReplayedRecord, newest: &EntryRow) -> bool {
        let is_public = |from: Option<NaiveDateTime>| from.is_some_and(|from| from <= self.now);
        known.shown.0 == Shown::AsToday
            && !is_public(known.public_from)
            && !is_public(newest.public_from)
            && !newest.is_removed()
    }
}
