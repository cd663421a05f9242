//! Replays records again, with another history: they were retracted, published again, or redacted.

use super::records::{self, ReplayedRecord};
use super::replay::{Replay, SpeakerChanges};
use super::tables;
use crate::log::entries;
use crate::platform::db::{DbConnection, Error, history};
use crate::platform::identity::RecordId;

impl Replay<'_> {
    /// Replays a record again from its first entry, with those that its history depends on, and then those that depend on
    /// its own.
    pub(super) fn again(&mut self, record: &ReplayedRecord, until: i64) -> Result<(), Error> {
        let unit = records::unit(self.past, record)?;
        let mut dependent = records::dependent_reports(self.past, record)?;
        let is_of_report = record.report_id.is_some();
        self.replay_again(&unit, until, is_of_report, None)?;
        if let Some(report) = record.report_id {
            // who speaks in it is known only now
            let ends = records::changes_of_speakers(self.past, report, until)?;
            if !ends.is_empty() {
                let ends = ends.into();
                self.replay_again(&unit, until, true, Some(SpeakerChanges { report, ends }))?;
            }
        }
        dependent.extend(records::dependent_reports(self.past, record)?);
        for report in dependent {
            if let Some(report) = records::find(self.past, report)? {
                self.again(&report, until)?;
            }
        }
        Ok(())
    }

    /// Replays these records again. If they are those of a report, what follows from them is derived, too.
    fn replay_again(
        &mut self,
        unit: &[RecordId],
        until: i64,
        is_of_report: bool,
        changes_of_speakers: Option<SpeakerChanges>,
    ) -> Result<(), Error> {
        for table in tables::all() {
            history::forget(self.past, table, unit)?;
        }
        records::forget(self.past, unit)?;
        let entries = entries::of_records(self.live, unit, until)?;
        let (live, catalogue, now) = (&mut *self.live, self.catalogue, self.now);
        let mut left_out = std::mem::take(&mut self.left_out);
        left_out.retain(|id| !unit.contains(id));
        let run = |past: &mut DbConnection, derives| {
            let mut replay = Replay {
                live,
                past,
                catalogue,
                now,
                keeps_history: true,
                is_again: true,
                left_out: std::mem::take(&mut left_out),
                has_forgotten: true,
                changes_of_speakers,
            };
            replay.run(entries, derives)?;
            replay.derive_until(i64::MAX)?;
            Ok::<_, Error>(replay.left_out)
        };
        let left_out = match is_of_report {
            true => history::reading_at_position(
                self.past,
                &tables::SHARED.map(|(table, _)| table),
                |past| run(past, true),
            )?,
            false => run(self.past, false)?,
        };
        (self.left_out, self.has_forgotten) = (left_out, true);
        Ok(())
    }
}
