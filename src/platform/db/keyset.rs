//! Keyset pagination: `WHERE (key, id) < (?, ?) ORDER BY key DESC, id DESC LIMIT n`.
//!
//! Every page costs the same, however deep in the list, and paging through the list returns each row once even while
//! others are inserted: the position is a value in the sort order, not a row count like `OFFSET`.

use super::{Sql, Value};
use crate::platform::identity::RecordId;

/// A sort order of a list: a column that is never null, with `id` as the tie-breaker.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// The column, as the statement names it.
    pub column: &'static str,
    /// The id column that breaks ties, as the statement names it.
    pub id: &'static str,
    /// Whether the largest value comes first.
    pub descending: bool,
}

impl Order {
    /// The order by id, in which rows never move.
    pub fn by_id(id: &'static str) -> Self {
        Self {
            column: id,
            id,
            descending: false,
        }
    }

    fn is_by_id(self) -> bool {
        self.column == self.id
    }
}

/// A position in a sort order: the key and the id of a row.
pub type KeysetPosition = (Value, String);

/// The page of an ordered list to read.
///
/// ```
/// use answerable::platform::db::Sql;
/// use answerable::platform::db::keyset::{Keyset, Order};
///
/// let keyset = Keyset {
///     from: None,
///     backwards: false,
///     limit: 2,
///     is_past: false,
///     ids: None,
/// };
/// let mut sql = Sql::new("SELECT t.* FROM topics t WHERE t.state = 'published'");
/// keyset.finish(&mut sql, Order::by_id("t.id")); // reads up to three rows
/// let page = keyset.slice(vec!["first", "second", "third"]);
/// assert_eq!(page.rows, ["first", "second"]);
/// assert!(page.has_after);
/// ```
#[derive(Clone, Debug)]
pub struct Keyset {
    /// Start beyond this row; `None` starts at the beginning.
    pub from: Option<KeysetPosition>,
    /// Read towards the beginning.
    pub backwards: bool,
    /// The maximum number of rows, at least 1.
    pub limit: i64,
    /// Whether the past is read, in which long lists have bounds: what was stored later is passed over at once.
    pub is_past: bool,
    /// Only these records, if they are named one by one.
    pub ids: Option<Vec<RecordId>>,
}

/// A page of rows in the requested order, and whether there are more on either side.
#[derive(Debug)]
pub struct Slice<R> {
    /// The rows.
    pub rows: Vec<R>,
    /// The row beyond the page, in the direction in which it was read: it tells that there are more.
    pub beyond: Option<R>,
    /// Whether rows precede these.
    pub has_before: bool,
    /// Whether rows follow these.
    pub has_after: bool,
    /// The total number of rows that match the filters, if requested.
    pub count: Option<i64>,
}

impl<R> Slice<R> {
    /// The rows by themselves, and the positions where they stood.
    pub fn split<P>(self, position: impl Fn(&R) -> P) -> (Vec<R>, Slice<P>) {
        let positions = Slice {
            rows: self.rows.iter().map(&position).collect(),
            beyond: self.beyond.as_ref().map(&position),
            has_before: self.has_before,
            has_after: self.has_after,
            count: self.count,
        };
        (self.rows, positions)
    }
}

impl Keyset {
    /// Appends condition, order and limit. Fetches one row more than the limit to learn whether the list goes on.
    pub fn finish(&self, sql: &mut Sql, order: Order) {
        let descending = order.descending != self.backwards;
        if let Some(ids) = &self.ids {
            sql.push(" AND ").push(order.id).push(" IN ").list(ids);
        }
        if let Some((_, id)) = self.from.as_ref().filter(|_| order.is_by_id()) {
            sql.push(" AND ").push(order.id);
            sql.push(if descending { " < " } else { " > " }).bind(id);
        } else if let Some((key, id)) = &self.from {
            sql.push(" AND (")
                .push(order.column)
                .push(", ")
                .push(order.id);
            sql.push(if descending { ") < (" } else { ") > (" });
            sql.bind(key.clone()).push(", ").bind(id).push(")");
        }
        let direction = if descending { " DESC" } else { " ASC" };
        sql.push(" ORDER BY ").push(order.column).push(direction);
        if !order.is_by_id() {
            sql.push(", ").push(order.id).push(direction);
        }
        sql.push(" LIMIT ").bind(self.limit + 1);
    }

    /// Merges the rows of two statements with the same sort order, in which `place` is the position of a row.
    pub fn merge<R, P: Ord>(
        &self,
        rows: Vec<R>,
        more: Vec<R>,
        descending: bool,
        place: impl Fn(&R) -> P,
    ) -> Slice<R> {
        let mut rows: Vec<R> = rows.into_iter().chain(more).collect();
        rows.sort_by_cached_key(place);
        if descending != self.backwards {
            rows.reverse();
        }
        self.slice(rows)
    }

    /// Puts the fetched rows into the requested order and drops the extra one.
    pub fn slice<R>(&self, mut rows: Vec<R>) -> Slice<R> {
        let mut beyond = rows.split_off(rows.len().min(self.limit as usize));
        let more = !beyond.is_empty();
        let came_from = self.from.is_some();
        let (has_before, has_after) = if self.backwards {
            rows.reverse();
            (more, came_from)
        } else {
            (came_from, more)
        };
        Slice {
            rows,
            beyond: beyond.pop(),
            has_before,
            has_after,
            count: None,
        }
    }
}
