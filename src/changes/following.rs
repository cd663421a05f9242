//! What hangs on a report comes and goes with it: the log says so of each record.

use chrono::NaiveDateTime;
use diesel::result::QueryResult;

use super::Resource;
use super::writer::Writer;

/// A record as the log has it: id, revision, state, and from when that is public.
pub type Logged = (String, i64, Option<String>, Option<NaiveDateTime>);

impl Writer<'_> {
    /// Logs records once more whose visibility has changed with that of the report that they hang on, unless that is
    /// said already. Of each comes back the id, and the new revision and entry. `was_public` is whether the report was.
    pub fn follow(
        &mut self,
        resource: Resource,
        records: Vec<Logged>,
        visible_from: Option<NaiveDateTime>,
        was_public: bool,
    ) -> QueryResult<Vec<(String, i64, i64)>> {
        let now = self.now();
        if was_public && visible_from.is_some_and(|from| from <= now) {
            return Ok(Vec::new());
        }
        let mut repeated = Vec::new();
        for (id, revision, document, told_from) in records {
            let is_told = told_from.is_some_and(|from| from <= now);
            let public_from = self.public_from(visible_from, was_public && is_told);
            let is_said_already = match public_from {
                Some(_) => !is_told && public_from == told_from,
                None => is_told || told_from.is_none(),
            };
            if !is_said_already {
                let document = document.unwrap_or_default();
                let seq = self.repeat(resource, &id, document, revision + 1, public_from)?;
                repeated.push((id, revision + 1, seq));
            }
        }
        Ok(repeated)
    }
}
