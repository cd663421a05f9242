//! Keyset pagination: `WHERE (key, id) < (?, ?) ORDER BY key DESC, id DESC LIMIT n`.
//!
//! A page costs the same wherever it lies, and a walk sees each row once while others are inserted:
//! the position is a value in the order, not a count of rows (what `OFFSET` is).

use super::{Sql, Value};

/// An order that a list can be read in: a column that is never null, with `id` to break ties.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// The column, as the statement names it.
    pub column: &'static str,
    /// The id column that breaks ties, as the statement names it.
    pub id: &'static str,
    /// Largest first.
    pub descending: bool,
}

impl Order {
    /// The order of the ids, which no row ever changes its place in.
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

/// A place in an order: the key and the id of a row.
pub type Position = (Value, String);

/// Which rows of an ordered list are wanted.
#[derive(Clone, Debug)]
pub struct Keyset {
    /// Start beyond this row; `None` starts at the beginning.
    pub from: Option<Position>,
    /// Walk towards the beginning.
    pub backwards: bool,
    /// The most rows wanted, at least 1.
    pub limit: i64,
}

/// Rows in the order asked for, and whether there are more on either side.
#[derive(Debug)]
pub struct Slice<R> {
    /// The rows.
    pub rows: Vec<R>,
    /// Rows precede these.
    pub has_before: bool,
    /// Rows follow these.
    pub has_after: bool,
    /// How many rows the filters match in all, when that was asked for.
    pub count: Option<i64>,
}

impl Keyset {
    /// Appends condition, order and limit. One row more than the limit is asked for: it tells whether
    /// the list goes on.
    pub fn finish(&self, sql: &mut Sql, order: Order) {
        let descending = order.descending != self.backwards;
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

    /// Puts what two statements along the same order gave together. `place` is where a row stands in it.
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

    /// Puts what the statement gave into the order asked for and drops the row too many.
    pub fn slice<R>(&self, mut rows: Vec<R>) -> Slice<R> {
        let more = rows.len() as i64 > self.limit;
        rows.truncate(self.limit as usize);
        let came_from = self.from.is_some();
        let (has_before, has_after) = if self.backwards {
            rows.reverse();
            (more, came_from)
        } else {
            (came_from, more)
        };
        Slice {
            rows,
            has_before,
            has_after,
            count: None,
        }
    }
}
