//! Replays records again, with another history: they were retracted, published again, or redacted.

use diesel::result::QueryResult;

use super::records::{self, ReplayedRecord};
use super::replay::{Effects, Replay};
use super::tables;
use crate::log::Recorded;
use crate::log::entries;
use crate::platform::db::{DbConnection, Error, Sql, history};
use crate::platform::identity::RecordId;

impl Replay<'_> {
    /// Replays a record again from its first entry, with those that its history depends on, and then those that depend on
    /// its own.
    pub(super) fn again(&mut self, record: &ReplayedRecord, until: i64) -> Result<(), Error> {
        let unit = records::unit(self.past, record)?;
        for table in tables::TABLES {
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
            let effects = replay.run(entries, derives)?;
            Ok::<_, Error>((effects, replay.left_out))
        };
        let (effects, left_out) = match record.report_id {
            Some(_) => {
                history::reading_at_position(self.past, &tables::shared(), |past| run(past, true))?
            }
            None => run(self.past, false)?,
        };
        (self.left_out, self.has_forgotten) = (left_out, true);
        for report in self.dependent_reports(effects, record, until)? {
            if let Some(report) = records::find(self.past, report)? {
                self.again(&report, until)?;
            }
        }
        Ok(())
    }

    /// The reports of the recommendations whose obligations may have another history now.
    fn dependent_reports(
        &mut self,
        effects: Effects,
        record: &ReplayedRecord,
        until: i64,
    ) -> QueryResult<Vec<RecordId>> {
        if record.report_id.is_some() {
            return Ok(Vec::new());
        }
        let recorded = Recorded {
            seq: until,
            revision: record.revision,
            created_at: record.created_at,
            updated_at: self.now,
        };
        let (mut writer, reports) = effects.writer(self.past, recorded);
        (self.catalogue.touch)(&mut writer, &reports)?;
        let touched = writer.take_touched();
        if touched.is_empty() {
            return Ok(Vec::new());
        }
        let mut sql =
            Sql::new("SELECT DISTINCT r.report_id AS id FROM recommendations r WHERE r.id IN ");
        sql.list(touched);
        sql.ids(self.past)
    }
}
