//! What hangs on a report comes and goes with it: the log says so of each record.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};

use super::Resource;
use super::manner::{Manner, WITHDRAWN_WITH_REPORT};
use super::writer::{Previous, Writer};
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
    /// The state of its own.
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Nullable<Text>)]
    document: Option<String>,
    #[diesel(sql_type = Text)]
    action: String,
    #[diesel(sql_type = Nullable<Timestamp>)]
    public_from: Option<NaiveDateTime>,
}

const COLUMNS: &str =
    "SELECT r.id, r.revision, r.state, c.state AS document, c.action, c.public_from FROM ";

impl Writer<'_> {
    /// Logs what hangs on a report once more when it is seen with the report or no more, or is withdrawn with it or no
    /// more, unless that is said already: the log then says of each record from when the public sees it, and as what.
    pub fn follow(
        &mut self,
        report: &str,
        previous: &Previous,
        state: &str,
        visible_from: Option<NaiveDateTime>,
    ) -> QueryResult<()> {
        let now = self.now();
        let was_public = previous.was_public(now);
        let stays_public = was_public && visible_from.is_some_and(|from| from <= now);
        let turns = (previous.state == "withdrawn") != (state == "withdrawn");
        // entries that are stored once more are followed by those that followed them
        if (stays_public && !turns) || self.is_repeating() {
            return Ok(());
        }
        for resource in HANGS_ON_A_REPORT {
            let mut sql = Sql::new(COLUMNS);
            sql.push(resource.table())
                .push(" r JOIN changes c ON c.seq = r.change_seq WHERE r.state IN ('published', 'withdrawn') AND r.report_id = ")
                .bind(report)
                .push(" ORDER BY r.id");
            for row in sql.load::<LoggedRow>(self.connection)? {
                let is_told = row.public_from.is_some_and(|from| from <= now);
                let public_from = self.public_from(visible_from, was_public && is_told);
                let turns_too = turns && row.state == "published";
                let is_said_already = match public_from {
                    Some(_) if turns_too => false,
                    Some(_) => {
                        (is_told && stays_public) || (!is_told && public_from == row.public_from)
                    }
                    None => is_told || row.public_from.is_none(),
                };
                if !is_said_already {
                    let manner = Manner {
                        visible_from: public_from,
                        is_withdrawn_with_report: state == "withdrawn" && row.state == "published",
                        ..Manner::default()
                    };
                    self.tell_again(resource, row, manner, turns_too)?;
                }
            }
        }
        Ok(())
    }

    /// Logs a public record once more, as what is shown beside its own state has changed.
    pub fn tell(&mut self, resource: Resource, id: &str) -> QueryResult<()> {
        let now = self.now();
        let mut sql = Sql::new(COLUMNS);
        sql.push(resource.table())
            .push(
                " r JOIN changes c ON c.seq = r.change_seq WHERE r.state = 'published' AND r.id = ",
            )
            .bind(id);
        for row in sql.load::<LoggedRow>(self.connection)? {
            if row.public_from.is_some_and(|from| from <= now) {
                let manner = Manner {
                    visible_from: Some(now),
                    is_withdrawn_with_report: row.action == WITHDRAWN_WITH_REPORT,
                    ..Manner::default()
                };
                self.tell_again(resource, row, manner, false)?;
            }
        }
        Ok(())
    }

    /// With `as_changed`, the record counts as changed now.
    fn tell_again(
        &mut self,
        resource: Resource,
        row: LoggedRow,
        manner: Manner,
        as_changed: bool,
    ) -> QueryResult<()> {
        let (document, revision) = (row.document.unwrap_or_default(), row.revision + 1);
        let seq = self.repeat(resource, &row.id, document, revision, manner)?;
        let mut sql = Sql::new("UPDATE ");
        sql.push(resource.table())
            .push(" SET revision = ")
            .bind(revision)
            .push(", change_seq = ")
            .bind(seq);
        if as_changed {
            sql.push(", updated_at = ").bind(self.now());
        }
        sql.push(" WHERE id = ").bind(row.id);
        sql.execute(self.connection)?;
        Ok(())
    }
}
