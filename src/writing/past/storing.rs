//! Stores what an entry of the log says of a record.

use chrono::NaiveDateTime;
use diesel::result::QueryResult;

use super::records::{self, ReplayedRecord, Shown};
use super::replay::{Effects, Replay};
use crate::access::lookup;
use crate::log::entries::{self, EntryRow};
use crate::log::{Recorded, Resource, Writer, export, is_minor_edit, is_withdrawn_with_report};
use crate::platform::db::{EnumText, Error};
use crate::platform::identity::RecordId;
use crate::writing::document::{Document, Link};
use crate::writing::import::{links, store};
use crate::writing::parsed::Parsed;

impl Replay<'_> {
    /// Stores the state in an entry at a position. If it was erased or redacted, the newest stands in for it, so that others
    /// can refer to the record.
    pub(super) fn store(
        &mut self,
        mut entry: EntryRow,
        (position, shown): (i64, Shown),
        known: Option<&ReplayedRecord>,
        effects: &mut Effects,
    ) -> Result<(), Error> {
        let (resource, id) = (entry.resource.0, entry.resource_id);
        if entry.state.is_none() {
            entry.state = entries::newest(self.live, id)?.and_then(|newest| newest.state);
        }
        let Some(state) = entry.state.as_deref() else {
            return Ok(());
        };
        let line = line_of(&entry, state);
        let parsed = line.map(|line| Parsed::parse(self.catalogue, &line));
        let Some(Ok(Parsed { mut document, .. })) = parsed else {
            return Err(entry.unreadable(&"it breaks the rules of documents").into());
        };
        let resolved = links::resolve_logged(self.live, self.catalogue, document.as_mut())?;
        let mut record = self.record(&entry, document.as_mut(), shown)?;
        record.first_seq = known.map_or(position, |known| known.first_seq);
        record.created_at = known.map_or(entry.at, |known| known.created_at);
        record.updated_at = self.updated_at(&entry, shown, known)?;
        if self.is_left_out(&entry, &record, document.as_mut()) {
            self.left_out.insert(id);
            record.shown = EnumText(Shown::LeftOut);
            return Ok(records::store(self.past, &record, known.is_some())?);
        }
        self.write_at(position)?;
        let recorded = Recorded {
            seq: entry.seq,
            revision: entry.revision,
            created_at: record.created_at,
            updated_at: record.updated_at,
        };
        if self.keeps_history && known.is_none() && resource == Resource::Recommendation {
            (self.catalogue.copy_expansions)(self.live, self.past, id)?;
        }
        let mut writer = Writer::replaying(self.past, recorded);
        let previous = known.map(ReplayedRecord::previous);
        store::save(
            &mut writer,
            &resolved,
            id,
            document.as_mut(),
            previous.as_ref(),
        )?;
        let is_new_slug = known.is_none_or(|known| known.slug != record.slug);
        if self.keeps_history && is_new_slug && document.head().slug.is_some() {
            // the record can be asked for by any slug that it ever had
            writer.retire_slug(resource, id, &record.slug, &record.slug)?;
        }
        effects.take(&mut writer);
        Ok(records::store(self.past, &record, known.is_some())?)
    }

    fn record(
        &mut self,
        entry: &EntryRow,
        document: &mut dyn Document,
        shown: Shown,
    ) -> QueryResult<ReplayedRecord> {
        let (resource, id) = (entry.resource.0, entry.resource_id);
        let report_id = match resource {
            Resource::Report => Some(id),
            _ if resource.is_below_report() => document.report(self.live)?,
            _ => None,
        };
        let appears_at = match shown {
            Shown::AsToday => lookup::public_from(self.live, resource, &[id])?.remove(&id),
            _ => None,
        };
        Ok(ReplayedRecord {
            id,
            resource: entry.resource,
            report_id,
            first_seq: entry.seq,
            revision: entry.revision,
            slug: document.head().slug.cloned().unwrap_or(id.into()),
            state: document.head().state,
            state_digest: entry.state_digest.clone(),
            is_withdrawn_with_report: is_withdrawn_with_report(&entry.action),
            created_at: entry.at,
            updated_at: entry.at,
            public_from: entry.public_from,
            shown: EnumText(shown),
            appears_at: appears_at.filter(|at| *at > self.now),
        })
    }

    /// When the record was last updated: an entry that only repeats it does not count.
    fn updated_at(
        &mut self,
        entry: &EntryRow,
        shown: Shown,
        known: Option<&ReplayedRecord>,
    ) -> QueryResult<NaiveDateTime> {
        if let Some(known) = known {
            let repeats = entry.repeats(&known.state_digest, known.is_withdrawn_with_report);
            let is_update = !repeats && !is_minor_edit(&entry.action);
            return Ok(if is_update {
                entry.at
            } else {
                known.updated_at
            });
        }
        if shown == Shown::AsItWas {
            return Ok(entry.at);
        }
        let entries = entries::of_records(self.live, &[entry.resource_id], entry.seq)?;
        let mut updates = entries.iter().zip(entries.iter().skip(1)).rev();
        let updates = updates.find(|(before, entry)| {
            let was_withdrawn = is_withdrawn_with_report(&before.action);
            !entry.repeats(&before.state_digest, was_withdrawn) && !is_minor_edit(&entry.action)
        });
        let first = entries.first().map_or(entry.at, |first| first.at);
        Ok(updates.map_or(first, |(_, update)| update.at))
    }

    /// Whether a record is a draft that was removed, or belongs to one.
    fn is_left_out(
        &self,
        entry: &EntryRow,
        record: &ReplayedRecord,
        document: &mut dyn Document,
    ) -> bool {
        if !self.keeps_history || record.shown.0 != Shown::AsToday {
            return false;
        }
        let was_draft = entry.is_removed() && entry.revision > 1 && entry.public_from.is_none();
        let is_left_out = |id: RecordId| self.left_out.contains(&id);
        let resource = entry.resource.0;
        let is_of_recommendation =
            resource.is_below_report() && resource != Resource::Recommendation;
        let belongs = |link: Link<'_>| link.slot.id().is_some_and(is_left_out);
        was_draft
            || record.report_id.is_some_and(is_left_out)
            || (is_of_recommendation && document.links().into_iter().any(belongs))
    }
}

/// The document of an entry as a line of an import, which says with which kind of change it was stored.
fn line_of(entry: &EntryRow, state: &str) -> Option<String> {
    let mut line = export::document(entry.resource.0, entry.resource_id, state)?;
    if is_minor_edit(&entry.action) {
        line.truncate(line.trim_end().len() - 1);
        line.push_str(r#","is_minor_edit":true}"#);
    }
    Some(line)
}
