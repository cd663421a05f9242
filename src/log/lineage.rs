//! Which log a reader has read.
//!
//! A log that is put back (by a backup that is restored, or a replica that lags and is promoted) goes on with the same
//! numbers and other entries. A number alone does not show that; the digest of its entry does, since it covers all
//! entries before it.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::{Error, QueryResult};
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use std::fmt::{self, Display};
use std::str::FromStr;

use super::entries;
use crate::platform::db::{DbConnection, Sql};

/// A lineage has the last two entries whose numbers are multiples of each of these. If the log has lost the newest entries,
/// up to a million, the last common one is found at most 32 times as far back.
const STEPS: [i64; 5] = [16, 256, 4_096, 65_536, 1_048_576];

/// Entries that a reader has read, with their digests: the newest, some before it and the first. All that it has in
/// common with the log is a part that the log has kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Lineage {
    /// The number of the newest fork that was known ([`super::forks`]).
    pub(super) epoch: i64,
    /// The entries, oldest first, each with the first 64 bits of its digest in hexadecimal.
    marks: Vec<(i64, String)>,
}

#[derive(QueryableByName)]
struct Mark {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Text)]
    digest: String,
    #[diesel(sql_type = BigInt)]
    epoch: i64,
}

impl Lineage {
    /// The lineage of a reader that has read up to an entry.
    ///
    /// # Errors
    /// If the log has no such entry.
    pub fn of(connection: &mut DbConnection, seq: i64) -> QueryResult<Self> {
        let found = load(connection, steps(seq).into_iter())?;
        let epoch = found.first().map_or(0, |mark| mark.epoch);
        let marks = found.into_iter().map(|mark| (mark.seq, mark.digest));
        let lineage = Self {
            epoch,
            marks: marks.collect(),
        };
        match lineage.newest().0 == seq {
            true => Ok(lineage),
            false => Err(Error::NotFound),
        }
    }

    /// The lineage of a reader that reads the log now. What it is shown of any entry may depend on all later ones.
    pub fn of_end(connection: &mut DbConnection) -> QueryResult<Self> {
        let newest = entries::newest_number(connection)?;
        Self::of(connection, newest)
    }

    /// A lineage of all these entries, which are in order.
    pub(super) fn from_entries(epoch: i64, entries: impl Iterator<Item = (i64, String)>) -> Self {
        let marks = entries.collect();
        Self { epoch, marks }
    }

    /// The same, in another epoch.
    pub(super) fn in_epoch(self, epoch: i64) -> Self {
        Self { epoch, ..self }
    }

    /// Adds an entry that was read after the others, and drops those that are no longer needed.
    pub(super) fn push(&mut self, seq: i64, digest: String) {
        self.marks.push((seq, digest));
        let wanted = steps(seq).into_iter();
        let nearest = wanted.filter_map(|one| self.marks.iter().rposition(|(seq, _)| *seq <= one));
        let kept: BTreeSet<usize> = nearest.collect();
        let marks = std::mem::take(&mut self.marks).into_iter().enumerate();
        let marks = marks.filter(|(index, _)| kept.contains(index));
        self.marks = marks.map(|(_, mark)| mark).collect();
    }

    /// The newest entry, with the beginning of its digest; (0, "") before the first.
    pub fn newest(&self) -> (i64, &str) {
        let newest = self.marks.last();
        newest.map_or((0, ""), |(seq, digest)| (*seq, digest))
    }

    /// The entries, oldest first.
    pub(super) fn entries(&self) -> impl Iterator<Item = &(i64, String)> {
        self.marks.iter()
    }

    /// Where the log has left this lineage: the newest entry that both are known to have, or 0. `None` if the log has all
    /// of it.
    pub fn left_after(&self, connection: &mut DbConnection) -> QueryResult<Option<i64>> {
        let numbers = self.marks.iter().map(|(seq, _)| *seq);
        let found = load(connection, numbers)?;
        let found: HashMap<i64, String> = found.into_iter().map(|m| (m.seq, m.digest)).collect();
        let mut marks = self.marks.iter().rev();
        let common = marks.find(|(seq, digest)| found.get(seq) == Some(digest));
        let common = common.map_or(0, |(seq, _)| *seq);
        Ok(Some(common).filter(|common| *common != self.newest().0))
    }
}

/// The numbers of the entries in a lineage that ends at `seq`, oldest first.
fn steps(seq: i64) -> BTreeSet<i64> {
    let multiples = STEPS.iter().flat_map(|step| {
        let last = seq / step * step;
        [last, last - step]
    });
    let all = multiples.chain([1, seq]);
    all.filter(|one| *one > 0).collect()
}

fn load(
    connection: &mut DbConnection,
    numbers: impl Iterator<Item = i64>,
) -> QueryResult<Vec<Mark>> {
    let mut sql = Sql::new("SELECT c.seq, substr(c.digest, 1, 16) AS digest, ");
    sql.push(
        "(SELECT coalesce(max(number), 0) FROM log_forks) AS epoch FROM changes c WHERE c.seq IN ",
    );
    sql.list(numbers);
    sql.push(" ORDER BY c.seq");
    sql.load(connection)
}

/// Where the log begins and ends.
#[derive(QueryableByName)]
pub struct LogExtent {
    /// The number of the newest entry; 0 if there is none.
    #[diesel(sql_type = BigInt)]
    pub end: i64,
    /// The digest of the entry that was asked for, if there is one.
    #[diesel(sql_type = Nullable<Text>)]
    pub digest: Option<String>,
    /// When the first entry by time was written.
    #[diesel(sql_type = Nullable<Timestamp>)]
    pub first_at: Option<NaiveDateTime>,
}

impl LogExtent {
    /// Reads it, with the digest of an entry.
    pub fn load(connection: &mut DbConnection, seq: i64) -> QueryResult<Self> {
        let mut sql = Sql::new(
            "SELECT coalesce((SELECT max(seq) FROM changes), 0) AS \"end\", (SELECT c.digest FROM changes c WHERE c.seq = ",
        );
        sql.bind(seq)
            .push(") AS digest, (SELECT min(at) FROM changes) AS first_at");
        sql.get_result(connection)
    }
}

/// As in cursors: the epoch, then the entries with their digests.
impl Display for Lineage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.epoch)?;
        let mut marks = self.marks.iter();
        marks.try_for_each(|(seq, digest)| write!(f, ",{seq}-{digest}"))
    }
}

impl FromStr for Lineage {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let mut parts = text.split(',');
            let epoch = parts.next()?.parse().ok()?;
            let mark = |part: &str| {
                let (seq, digest) = part.split_once('-')?;
                Some((seq.parse().ok()?, digest.to_owned()))
            };
            let marks = parts.map(mark).collect::<Option<_>>()?;
            Some(Self { epoch, marks })
        };
        parse().ok_or("this is no lineage of a log")
    }
}

impl From<Lineage> for String {
    fn from(lineage: Lineage) -> Self {
        lineage.to_string()
    }
}

impl TryFrom<String> for Lineage {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}
