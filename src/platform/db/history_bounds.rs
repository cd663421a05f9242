//! How far the sort keys of a list had reached after each entry of the change log, beside the histories of its table.
//!
//! Without it, the latest articles as of a day would be found by passing over all that were stored since, one by one.

use super::sql::Sql;

/// A list whose bounds are kept: the rows of a table, sorted by a column.
#[derive(Clone, Copy, Debug)]
pub struct SortedList {
    /// The table.
    pub table: &'static str,
    /// The column that the list is sorted by.
    pub column: &'static str,
    /// The column by which the table has many lists, if it does.
    pub of: Option<&'static str>,
}

impl SortedList {
    /// The name of the list in `sort_bounds`, up to the record that it belongs to.
    fn name(&self) -> String {
        format!("{}.{}", self.table, self.column)
    }

    /// The condition that a row of the list, with its sort key in `column`, is one of those that a connection shows, or
    /// between them. `of` is the record that the list belongs to.
    pub fn within_bounds(&self, column: &'static str, of: Option<&str>) -> Sql {
        let name = self.name() + of.unwrap_or_default();
        let mut sql = Sql::new(" AND ");
        sql.push(column);
        for (word, bound) in [(" BETWEEN ", "lowest"), (" AND ", "highest")] {
            sql.push(word).push("(SELECT ").push(bound);
            sql.push(" FROM sort_bounds WHERE list = ").bind(&name);
            sql.push(
                " AND from_seq <= (SELECT seq FROM log_position) ORDER BY from_seq DESC LIMIT 1)",
            );
        }
        sql
    }
}

/// The statements that keep the bounds of these lists.
pub fn definitions(lists: &[SortedList]) -> String {
    let table = "CREATE TABLE sort_bounds (list TEXT NOT NULL, from_seq BIGINT NOT NULL, lowest TIMESTAMP NOT NULL, \
                 highest TIMESTAMP NOT NULL, PRIMARY KEY (list, from_seq)) WITHOUT ROWID;\n";
    let triggers = lists.iter().map(trigger);
    std::iter::once(table.to_owned()).chain(triggers).collect()
}

/// The bounds only widen: what is deleted from a history may leave them wider than need be. A row may also be stored with
/// an earlier position than those before it.
fn trigger(list: &SortedList) -> String {
    let SortedList { table, column, of } = list;
    let name = match of {
        Some(of) => format!("'{}' || NEW.{of}", list.name()),
        None => format!("'{}'", list.name()),
    };
    let before = format!(
        "(SELECT lowest, highest FROM sort_bounds WHERE list = {name} AND from_seq <= NEW.from_seq ORDER BY from_seq DESC LIMIT 1)"
    );
    format!(
        "CREATE TRIGGER {table}_{column}_bounds AFTER INSERT ON {table}_history BEGIN \
         INSERT INTO sort_bounds (list, from_seq, lowest, highest) \
         SELECT {name}, NEW.from_seq, coalesce(b.lowest, NEW.{column}), coalesce(b.highest, NEW.{column}) \
         FROM (SELECT 1) LEFT JOIN {before} b \
         WHERE (b.lowest IS NULL OR NEW.{column} NOT BETWEEN b.lowest AND b.highest) \
         AND NOT EXISTS (SELECT 1 FROM sort_bounds WHERE list = {name} AND from_seq = NEW.from_seq); \
         UPDATE sort_bounds SET lowest = min(lowest, NEW.{column}), highest = max(highest, NEW.{column}) \
         WHERE list = {name} AND from_seq >= NEW.from_seq AND NEW.{column} NOT BETWEEN lowest AND highest; \
         END;\n"
    )
}
