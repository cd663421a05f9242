//! What hangs on a report comes and goes with it: the log says so of each record.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};

use super::Resource;
use super::writer::Writer;
use crate::db::Sql;

/// What hangs on a report, in the order in which it is told.
const HANGS_ON_A_REPORT: [Resource; 6] = [
    Resource::Recommendation,
    Resource::Obligation,
    Resource::Response,
    Resource::ActionPlan,
    Resource::ProgressUpdate,
    Resource::Assessment,
];

/// A record as the log has it.
#[derive(QueryableByName)]
struct LoggedRow {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = BigInt)]
    revision: i64,
    #[diesel(sql_type = Nullable<Text>)]
    state: Option<String>,
    #[diesel(sql_type = Nullable<Timestamp>)]
    public_from: Option<NaiveDateTime>,
}

impl Writer<'_> {
    /// Logs what hangs on a report once more when its visibility has changed with the report's, unless that is said
    /// already: the log then says of each record from when the public sees it. `was_public` is whether the report was.
    pub fn follow(
        &mut self,
        report: &str,
        visible_from: Option<NaiveDateTime>,
        was_public: bool,
    ) -> QueryResult<()> {
        let now = self.now();
        let stays_public = was_public && visible_from.is_some_and(|from| from <= now);
        // entries that are stored once more are followed by those that followed them
        if stays_public || self.is_repeating() {
            return Ok(());
        }
        for resource in HANGS_ON_A_REPORT {
            let mut sql = Sql::new("SELECT r.id, r.revision, c.state, c.public_from FROM ");
            sql.push(resource.table())
                .push(" r JOIN changes c ON c.seq = r.change_seq WHERE r.state IN ('published', 'withdrawn') AND r.report_id = ")
                .bind(report)
                .push(" ORDER BY r.id");
            for row in sql.load::<LoggedRow>(self.connection)? {
                let is_told = row.public_from.is_some_and(|from| from <= now);
                let public_from = self.public_from(visible_from, was_public && is_told);
                let is_said_already = match public_from {
                    Some(_) => !is_told && public_from == row.public_from,
                    None => is_told || row.public_from.is_none(),
                };
                if !is_said_already {
                    self.tell_again(resource, row, public_from)?;
                }
            }
        }
        Ok(())
    }

    /// Logs a public record once more, as what is shown beside its own state has changed.
    pub fn tell(&mut self, resource: Resource, id: &str) -> QueryResult<()> {
        let now = self.now();
        let mut sql = Sql::new("SELECT r.id, r.revision, c.state, c.public_from FROM ");
        sql.push(resource.table())
            .push(
                " r JOIN changes c ON c.seq = r.change_seq WHERE r.state = 'published' AND r.id = ",
            )
            .bind(id);
        for row in sql.load::<LoggedRow>(self.connection)? {
            if row.public_from.is_some_and(|from| from <= now) {
                self.tell_again(resource, row, Some(now))?;
            }
        }
        Ok(())
    }

    fn tell_again(
        &mut self,
        resource: Resource,
        row: LoggedRow,
        public_from: Option<NaiveDateTime>,
    ) -> QueryResult<()> {
        let (state, revision) = (row.state.unwrap_or_default(), row.revision + 1);
        let seq = self.repeat(resource, &row.id, state, revision, public_from)?;
        let mut sql = Sql::new("UPDATE ");
        sql.push(resource.table())
            .push(" SET revision = ")
            .bind(revision)
            .push(", change_seq = ")
            .bind(seq)
            .push(" WHERE id = ")
            .bind(row.id);
        sql.execute(self.connection)?;
        Ok(())
    }
}
