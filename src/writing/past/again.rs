//! Replays records again, with another history: they were retracted, published again, or redacted.

use super::records::{self, ReplayedRecord};
use super::replay::Replay;
use super::tables;
use crate::log::entries;
use crate::platform::db::{DbConnection, Error, history};

impl Replay<'_> {
    /// Replays a record again from its first entry, with those that its history depends on, and then those that depend on
    /// its own.
    pub(super) fn again(&mut self, record: &ReplayedRecord, until: i64) -> Result<(), Error> {
        let unit = records::unit(self.past, record)?;
        let mut dependent = records::dependent_reports(self.past, record)?;
        for table in tables::all() {
            history::forget(self.past, table, &unit)?;
        }
        records::forget(self.past, &unit)?;
        let entries = entries::of_records(self.live, &unit, until)?;
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
            };
            replay.run(entries, derives)?;
            Ok::<_, Error>(replay.left_out)
        };
        let left_out = match record.report_id {
            Some(_) => history::reading_at_position(
                self.past,
                &tables::SHARED.map(|(table, _)| table),
                |past| run(past, true),
            )?,
            None => run(self.past, false)?,
        };
        (self.left_out, self.has_forgotten) = (left_out, true);
        dependent.extend(records::dependent_reports(self.past, record)?);
        for report in dependent {
            if let Some(report) = records::find(self.past, report)? {
                self.again(&report, until)?;
            }
        }
        Ok(())
    }
}
