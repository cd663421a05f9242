//! Tables that keep what they held after each entry of the change log, in a SQLite file of their own.
//!
//! Beside each table `t` there is `t_history`: a row for each state of each of its rows, with the entries of the log from
//! which on (`from_seq`) and before which (`to_seq`) it was so. Triggers write it, under the position that was set last.
//! `log_times` has the time of each write with the number of its last entry.
//!
//! On a connection that shows a position, views with the names of the tables come before the tables, so that every
//! statement reads what they held then.

use chrono::NaiveDateTime;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use std::fmt::Write;

use super::connection::DbConnection;
use super::sql::Sql;
use crate::platform::identity::RecordId;
use schema::log_times;

/// The end of what is still so.
const STILL: &str = "9223372036854775807";

/// The current position. A connection that shows another one has a temporary table of the same name.
const POSITION: &str = "(SELECT seq FROM log_position)";

#[allow(missing_docs)]
mod schema {
    diesel::table! {
        log_times (at, seq) {
            at -> Timestamp,
            seq -> BigInt,
        }
    }
}

#[derive(QueryableByName)]
struct TableColumn {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    affinity: String,
    #[diesel(sql_type = Bool)]
    is_required: bool,
    #[diesel(sql_type = Nullable<Text>)]
    default_value: Option<String>,
    /// Its place in the primary key, from 1.
    #[diesel(sql_type = BigInt)]
    key_place: i64,
}

#[derive(QueryableByName)]
struct TableIndex {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    columns: String,
    /// The condition of a partial index.
    #[diesel(sql_type = Text)]
    condition: String,
    /// What the planner should think of it.
    #[diesel(sql_type = Nullable<Text>)]
    statistics: Option<String>,
}

#[derive(QueryableByName)]
struct TableName {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct View {
    #[diesel(sql_type = Text)]
    name: String,
    /// The rest of the statement that creates it.
    #[diesel(sql_type = Text)]
    definition: String,
}

/// The statements that create the tables of this database again, without constraints, and for those in `kept` a history.
///
/// # Errors
/// If the schema cannot be read.
pub fn definitions(connection: &mut DbConnection, kept: &[&str]) -> QueryResult<String> {
    let mut text = String::from(
        "CREATE TABLE log_position (seq BIGINT NOT NULL);\n\
         CREATE TABLE log_times (at TIMESTAMP NOT NULL, seq BIGINT NOT NULL, PRIMARY KEY (at, seq));\n\
         CREATE INDEX log_times_by_seq ON log_times (seq);\nANALYZE;\n",
    );
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name";
    for table in Sql::new(tables).load::<TableName>(connection)? {
        let table = table.name;
        let columns = columns_of(connection, &table)?;
        let indexes = indexes_of(connection, &table)?;
        define_table(&mut text, &table, &columns, &[]);
        define_indexes(&mut text, &table, &indexes, false);
        if kept.contains(&table.as_str()) {
            let history = format!("{table}_history");
            define_table(&mut text, &history, &columns, &["from_seq", "to_seq"]);
            define_indexes(&mut text, &history, &indexes, true);
            define_triggers(&mut text, &table, &columns);
        }
    }
    for view in views(connection)? {
        let _ = writeln!(text, "CREATE {};", view.definition);
    }
    text.push_str("INSERT INTO log_position (seq) VALUES (0);\n");
    Ok(text)
}

/// The views of the database.
fn views(connection: &mut DbConnection) -> QueryResult<Vec<View>> {
    Sql::new("SELECT name, substr(sql, 8) AS definition FROM main.sqlite_schema WHERE type = 'view' ORDER BY name")
        .load(connection)
}

fn columns_of(connection: &mut DbConnection, table: &str) -> QueryResult<Vec<TableColumn>> {
    let mut sql = Sql::new(
        "SELECT name, type AS affinity, \"notnull\" AS is_required, dflt_value AS default_value, pk AS key_place FROM pragma_table_info(",
    );
    sql.bind(table).push(") ORDER BY cid");
    sql.load(connection)
}

/// The indexes, unique ones as plain ones: what is shown as of today may have in the past what another record had then.
fn indexes_of(connection: &mut DbConnection, table: &str) -> QueryResult<Vec<TableIndex>> {
    let mut sql = Sql::new(
        "SELECT replace(l.name, 'sqlite_autoindex', 'unique_values') AS name, \
         (SELECT group_concat(i.name, ', ') FROM (SELECT name FROM pragma_index_info(l.name) ORDER BY seqno) i) AS columns, \
         coalesce((SELECT substr(m.sql, nullif(instr(m.sql, ' WHERE '), 0)) FROM sqlite_schema m WHERE m.name = l.name), '') AS condition, \
         (SELECT s.stat FROM sqlite_stat1 s WHERE s.idx = l.name) AS statistics FROM pragma_index_list(",
    );
    sql.bind(table)
        .push(") l WHERE l.origin <> 'pk' ORDER BY l.name");
    sql.load(connection)
}

fn define_table(text: &mut String, table: &str, columns: &[TableColumn], interval: &[&str]) {
    let _ = write!(text, "CREATE TABLE {table} (");
    for column in columns {
        let _ = write!(text, "{} {}", column.name, column.affinity);
        if column.is_required {
            text.push_str(" NOT NULL");
        }
        if let Some(value) = &column.default_value {
            let _ = write!(text, " DEFAULT {value}");
        }
        text.push_str(", ");
    }
    for bound in interval {
        let _ = write!(text, "{bound} BIGINT NOT NULL, ");
    }
    let mut key = key_of(columns);
    key.extend(interval.iter().take(1));
    let _ = writeln!(text, "PRIMARY KEY ({}));", key.join(", "));
}

fn define_indexes(text: &mut String, table: &str, indexes: &[TableIndex], is_history: bool) {
    let (end, interval, figures) = match is_history {
        true => ("_history", ", from_seq, to_seq", " 1 1"),
        false => ("", "", ""),
    };
    for index in indexes {
        let (name, columns, condition) = (&index.name, &index.columns, &index.condition);
        let _ = writeln!(
            text,
            "CREATE INDEX {name}{end} ON {table} ({columns}{interval}){condition};"
        );
        if let Some(statistics) = &index.statistics {
            let _ = writeln!(
                text,
                "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('{table}', '{name}{end}', '{statistics}{figures}');"
            );
        }
    }
}

/// A row that is replaced by an equal one at the same position goes on as it was.
fn define_triggers(text: &mut String, table: &str, columns: &[TableColumn]) {
    let list = |prefix: &str| {
        let names = columns
            .iter()
            .map(|column| format!("{prefix}{}", column.name));
        names.collect::<Vec<_>>()
    };
    let key = |prefix: &str, row: &str| {
        let names = key_of(columns).into_iter();
        let terms = names.map(|name| format!("{prefix}{name} = {row}.{name}"));
        terms.collect::<Vec<_>>().join(" AND ")
    };
    let equal = columns
        .iter()
        .map(|column| format!("{0} IS NEW.{0}", column.name));
    let equal = equal.collect::<Vec<_>>().join(" AND ");
    let (names, new) = (list("").join(", "), list("NEW.").join(", "));
    let close = format!(
        "UPDATE {table}_history SET to_seq = max(from_seq, {POSITION}) WHERE {0} AND to_seq = {STILL}; \
         DELETE FROM {table}_history WHERE {0} AND from_seq = to_seq;",
        key("", "OLD")
    );
    let open = format!(
        "UPDATE {table}_history SET to_seq = {STILL} WHERE {0} AND to_seq = {POSITION} AND {equal}; \
         INSERT INTO {table}_history ({names}, from_seq, to_seq) SELECT {new}, \
         max(p.seq, coalesce((SELECT max(h.to_seq) FROM {table}_history h WHERE {1}), 0)), {STILL} FROM log_position p \
         WHERE NOT EXISTS (SELECT 1 FROM {table}_history h WHERE {1} AND h.to_seq = {STILL});",
        key("", "NEW"),
        key("h.", "NEW")
    );
    for (event, actions) in [
        ("INSERT", open.clone()),
        ("UPDATE", format!("{close} {open}")),
        ("DELETE", close),
    ] {
        let _ = writeln!(
            text,
            "CREATE TRIGGER {table}_after_{event} AFTER {event} ON {table} BEGIN {actions} END;"
        );
    }
}

/// The columns of the primary key, in order.
fn key_of(columns: &[TableColumn]) -> Vec<&str> {
    let mut key: Vec<&TableColumn> = columns
        .iter()
        .filter(|column| column.key_place > 0)
        .collect();
    key.sort_by_key(|column| column.key_place);
    key.into_iter().map(|column| column.name.as_str()).collect()
}

/// Sets the entry of the log that is being written.
///
/// # Errors
/// If it cannot be written.
pub fn write_at(connection: &mut DbConnection, seq: i64) -> QueryResult<()> {
    // prepared once; Diesel prepares its own updates each time
    let mut sql = Sql::new("UPDATE log_position SET seq = ");
    sql.bind(seq);
    sql.execute(connection).map(drop)
}

/// Makes this connection, which is for reading, show what the tables held: see [`show`].
///
/// # Errors
/// If the views cannot be created.
pub(super) fn prepare(connection: &mut DbConnection) -> QueryResult<()> {
    connection.batch_execute(
        "CREATE TEMP TABLE log_position (seq BIGINT NOT NULL); INSERT INTO log_position (seq) VALUES (0)",
    )?;
    let tables = histories(connection)?;
    create_views(connection, &tables)
}

/// Shows on this connection, from now on, what the tables held at a moment.
///
/// # Errors
/// If the position cannot be set.
pub fn show(connection: &mut DbConnection, moment: NaiveDateTime) -> QueryResult<()> {
    // the latest by time: an entry that was written by a wrong clock is in the order of its number only
    let last = log_times::table
        .filter(log_times::at.le(moment))
        .order((log_times::at.desc(), log_times::seq.desc()))
        .select(log_times::seq);
    let last: Option<i64> = last.first(connection).optional()?;
    write_at(connection, last.unwrap_or(0))
}

/// Stores the time of a write that ended with this entry.
///
/// # Errors
/// If it cannot be written.
pub fn write_time(connection: &mut DbConnection, at: NaiveDateTime, seq: i64) -> QueryResult<()> {
    let time = (log_times::at.eq(at), log_times::seq.eq(seq));
    let new = diesel::insert_into(log_times::table).values(time);
    new.execute(connection).map(drop)
}

/// Runs `work` on the connection that writes, with what these tables held at the position that is being written. After an
/// error, the transaction must be rolled back, which also takes back the views.
///
/// # Errors
/// Those of `work`, and if the views cannot be created.
pub fn reading_at_position<T, E: From<diesel::result::Error>>(
    connection: &mut DbConnection,
    tables: &[&str],
    work: impl FnOnce(&mut DbConnection) -> Result<T, E>,
) -> Result<T, E> {
    let tables: Vec<String> = tables.iter().map(|table| (*table).to_owned()).collect();
    create_views(connection, &tables)?;
    let result = work(connection)?;
    let views = views(connection)?.into_iter().map(|view| view.name);
    for view in views.chain(tables) {
        connection.batch_execute(&format!("DROP VIEW temp.{view}"))?;
    }
    Ok(result)
}

/// Deletes the rows of these records, and what they were: the rows with their ids in the column `owner`.
///
/// # Errors
/// If they cannot be deleted.
pub fn forget(
    connection: &mut DbConnection,
    (table, owner): (&str, &str),
    ids: &[RecordId],
) -> QueryResult<()> {
    for ids in ids.chunks(500) {
        let ids: Vec<String> = ids.iter().map(|id| format!("'{id}'")).collect();
        let ids = ids.join(", ");
        connection.batch_execute(&format!(
            "DELETE FROM {table} WHERE {owner} IN ({ids}); DELETE FROM {table}_history WHERE {owner} IN ({ids})"
        ))?;
    }
    Ok(())
}

/// The tables that have a history.
fn histories(connection: &mut DbConnection) -> QueryResult<Vec<String>> {
    let tables = "SELECT substr(name, 1, length(name) - 8) AS name FROM sqlite_schema WHERE type = 'table' AND name LIKE '%\\_history' ESCAPE '\\'";
    let tables = Sql::new(tables).load::<TableName>(connection)?.into_iter();
    Ok(tables.map(|table| table.name).collect())
}

fn create_views(connection: &mut DbConnection, tables: &[String]) -> QueryResult<()> {
    for table in tables {
        let columns = columns_of(connection, table)?;
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        connection.batch_execute(&format!(
            "CREATE TEMP VIEW {table} AS SELECT {} FROM main.{table}_history WHERE from_seq <= {POSITION} AND to_seq > {POSITION}",
            names.join(", ")
        ))?;
    }
    for view in views(connection)? {
        connection.batch_execute(&format!("CREATE TEMP {}", view.definition))?;
    }
    Ok(())
}
