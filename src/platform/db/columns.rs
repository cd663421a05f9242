//! Typed text columns: enum values and JSON. A stored value that cannot be parsed is an error, never a default.

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::result::{Error, QueryResult};
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::ops::Deref;
use std::str::FromStr;

/// A text column that holds an enum value, as `strum` writes and parses it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct EnumText<T>(pub T);

impl<T, DB> FromSql<Text, DB> for EnumText<T>
where
    T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
    DB: Backend,
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let text = String::from_sql(bytes)?;
        let word = text.parse();
        word.map(Self)
            .map_err(|error| format!("unknown value '{text}': {error}").into())
    }
}

impl<T, DB> ToSql<Text, DB> for EnumText<T>
where
    T: Copy + std::fmt::Debug + Into<&'static str>,
    DB: Backend,
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        let word: &'static str = self.0.into();
        word.to_sql(out)
    }
}

/// A text column that holds JSON.
#[derive(Clone, Debug, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct Json<T> {
    value: T,
    text: String,
}

impl<T: Serialize> Json<T> {
    /// Serialises a value for the column.
    ///
    /// # Errors
    /// If the value cannot be serialised as JSON.
    pub fn new(value: T) -> QueryResult<Self> {
        let text = serde_json::to_string(&value);
        let text = text.map_err(|error| Error::SerializationError(Box::new(error)))?;
        Ok(Self { value, text })
    }
}

impl<T> Json<T> {
    /// The deserialised value.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> PartialEq for Json<T> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<T, DB> FromSql<Text, DB> for Json<T>
where
    T: DeserializeOwned,
    DB: Backend,
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let text = String::from_sql(bytes)?;
        let value = serde_json::from_str(&text);
        let value = value.map_err(|error| format!("invalid JSON in a column: {error}"))?;
        Ok(Self { value, text })
    }
}

impl<T, DB> ToSql<Text, DB> for Json<T>
where
    T: std::fmt::Debug,
    DB: Backend,
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.text.as_str().to_sql(out)
    }
}
