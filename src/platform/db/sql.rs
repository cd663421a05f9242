//! SQL text with bound values, for queries whose shape depends on the request: lists and their parts.
//!
//! Only literals (`&'static str`) become SQL text, so input can never be injected; everything else is bound. Unlike
//! with `diesel::sql_query`, statements stay in the prepared-statement cache, and placeholders follow each database's
//! syntax.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Bool, Date, Text, Timestamp, Untyped};
use diesel::{QueryableByName, RunQueryDsl};
use std::collections::HashMap;
use std::marker::PhantomData;

use super::connection::{Backend, DbConnection};
use crate::platform::identity::{Key, RecordId, Slug};

/// A bound value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text.
    Text(String),
    /// The id of a record.
    Id(RecordId),
    /// A time in UTC.
    Timestamp(NaiveDateTime),
    /// A calendar date.
    Date(NaiveDate),
    /// A whole number.
    Integer(i64),
    /// True or false.
    Bool(bool),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<&&String> for Value {
    fn from(text: &&String) -> Self {
        Self::from(*text)
    }
}

impl From<RecordId> for Value {
    fn from(id: RecordId) -> Self {
        Self::Id(id)
    }
}

impl From<&Key> for Value {
    fn from(key: &Key) -> Self {
        Self::Text(key.to_string())
    }
}

impl From<&Slug> for Value {
    fn from(slug: &Slug) -> Self {
        Self::Text(slug.to_string())
    }
}

impl From<&RecordId> for Value {
    fn from(id: &RecordId) -> Self {
        Self::Id(*id)
    }
}

impl From<NaiveDateTime> for Value {
    fn from(at: NaiveDateTime) -> Self {
        Self::Timestamp(at)
    }
}

impl From<NaiveDate> for Value {
    fn from(on: NaiveDate) -> Self {
        Self::Date(on)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

/// Lists of this length or more are not filled up: SQLite binds at most 32,766 values.
const MAX_FILLED: usize = 1_024;

#[derive(Clone, Debug)]
enum Part {
    Text(&'static str),
    Bind(Value),
}

/// A statement under construction.
#[derive(Clone, Debug)]
#[must_use = "a statement does nothing until it is loaded"]
pub struct Sql {
    parts: Vec<Part>,
}

impl Sql {
    /// Starts a statement with `text`.
    pub fn new(text: &'static str) -> Self {
        Self {
            parts: vec![Part::Text(text)],
        }
    }

    /// Appends `text`.
    pub fn push(&mut self, text: &'static str) -> &mut Self {
        self.parts.push(Part::Text(text));
        self
    }

    /// Appends a bound value.
    pub fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.parts.push(Part::Bind(value.into()));
        self
    }

    /// Appends `(value, value, …)` for `IN`. An empty list matches nothing. In shorter lists, the last value is repeated up
    /// to a power of two, so that they share few prepared statements.
    pub fn list<V: Into<Value>>(&mut self, values: impl IntoIterator<Item = V>) -> &mut Self {
        let mut values: Vec<Value> = values.into_iter().map(V::into).collect();
        let Some(last) = values.last().cloned() else {
            return self.push("(NULL)");
        };
        if values.len() < MAX_FILLED {
            values.resize(values.len().next_power_of_two(), last);
        }
        let mut separator = "(";
        for value in values {
            self.push(separator).bind(value);
            separator = ", ";
        }
        self.push(")")
    }

    /// Appends another statement's text and values.
    pub fn append(&mut self, other: Sql) -> &mut Self {
        self.parts.extend(other.parts);
        self
    }

    /// Appends ` AND text value` when there is a value.
    pub fn and<V: Into<Value>>(&mut self, text: &'static str, value: Option<V>) -> &mut Self {
        if let Some(value) = value {
            self.push(" AND ").push(text).push(" ").bind(value);
        }
        self
    }

    /// The same statement, whose columns have these types. Its rows are read by position, which is faster than by name.
    pub fn typed<ST>(self) -> TypedSql<ST> {
        TypedSql(self, PhantomData)
    }

    /// Runs the statement and returns its `id` column.
    ///
    /// # Errors
    /// If the statement fails.
    pub fn ids(&self, connection: &mut DbConnection) -> QueryResult<Vec<RecordId>> {
        #[derive(QueryableByName)]
        struct IdRow {
            #[diesel(sql_type = Text)]
            id: RecordId,
        }
        let rows: Vec<IdRow> = self.clone().load(connection)?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }

    /// Runs the statement and groups its rows by their `owner` column, in the order of the statement.
    ///
    /// # Errors
    /// If the statement fails.
    pub fn grouped<T>(
        &self,
        connection: &mut DbConnection,
    ) -> QueryResult<HashMap<RecordId, Vec<T>>>
    where
        T: QueryableByName<Backend> + 'static,
    {
        let rows = self.clone().load::<OwnedRow<T>>(connection)?;
        Ok(grouped(rows.into_iter().map(|row| (row.owner, row.part))))
    }

    /// Runs the statement and returns its `count` column by its `owner` column.
    ///
    /// # Errors
    /// If the statement fails.
    pub fn counts(&self, connection: &mut DbConnection) -> QueryResult<HashMap<RecordId, i64>> {
        let rows = self.clone().load::<OwnedRow<Counted>>(connection)?;
        let counts = rows.into_iter().map(|row| (row.owner, row.part.count));
        Ok(counts.collect())
    }
}

impl QueryFragment<Backend> for Sql {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_sql(text),
                Part::Bind(Value::Text(v)) => out.push_bind_param::<Text, _>(v)?,
                Part::Bind(Value::Id(v)) => out.push_bind_param::<Text, _>(v)?,
                Part::Bind(Value::Timestamp(v)) => out.push_bind_param::<Timestamp, _>(v)?,
                Part::Bind(Value::Date(v)) => out.push_bind_param::<Date, _>(v)?,
                Part::Bind(Value::Integer(v)) => out.push_bind_param::<BigInt, _>(v)?,
                Part::Bind(Value::Bool(v)) => out.push_bind_param::<Bool, _>(v)?,
            }
        }
        Ok(())
    }
}

impl QueryId for Sql {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Sql {
    type SqlType = Untyped;
}

impl RunQueryDsl<DbConnection> for Sql {}

/// A statement with the types of its columns.
#[derive(Clone, Debug)]
#[must_use = "a statement does nothing until it is loaded"]
pub struct TypedSql<ST>(Sql, PhantomData<ST>);

impl<ST> QueryFragment<Backend> for TypedSql<ST> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }
}

impl<ST> QueryId for TypedSql<ST> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<ST> Query for TypedSql<ST> {
    type SqlType = ST;
}

impl<ST> RunQueryDsl<DbConnection> for TypedSql<ST> {}

/// A row that belongs to a record, by the record's id.
#[derive(QueryableByName)]
struct OwnedRow<T> {
    #[diesel(sql_type = Text)]
    owner: RecordId,
    #[diesel(embed)]
    part: T,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Groups pairs by their first part.
pub fn grouped<T>(pairs: impl IntoIterator<Item = (RecordId, T)>) -> HashMap<RecordId, Vec<T>> {
    let mut groups: HashMap<RecordId, Vec<T>> = HashMap::new();
    for (owner, part) in pairs {
        groups.entry(owner).or_default().push(part);
    }
    groups
}

/// Runs `statement`, which must return one row, and returns its `count` column.
pub fn count(connection: &mut DbConnection, statement: &Sql) -> QueryResult<i64> {
    statement
        .clone()
        .get_result::<Counted>(connection)
        .map(|row| row.count)
}
