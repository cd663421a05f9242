//! Typed columns: enum values, JSON, and times. A stored value that cannot be parsed is an error, never a default.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::result::{Error, QueryResult};
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{Text, Timestamp};
use diesel::sqlite::Sqlite;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::ops::Deref;
use std::str::FromStr;

use super::connection::Backend as AnyBackend;

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

/// A column that holds a time. SQLite stores it as text, which Diesel would compare with one format after the other; lists
/// read several for each row.
#[derive(Clone, Copy, Debug, FromSqlRow)]
pub struct StoredTime(NaiveDateTime);

impl From<StoredTime> for NaiveDateTime {
    fn from(time: StoredTime) -> Self {
        time.0
    }
}

impl FromSql<Timestamp, Sqlite> for StoredTime {
    fn from_sql(bytes: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<Text, Sqlite>>::from_sql(bytes)?;
        let time = time_in(&text).ok_or_else(|| format!("'{text}' is not a time"));
        Ok(Self(time?))
    }
}

impl FromSql<Timestamp, Pg> for StoredTime {
    fn from_sql(bytes: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        <NaiveDateTime as FromSql<Timestamp, Pg>>::from_sql(bytes).map(Self)
    }
}

impl FromSql<Timestamp, AnyBackend> for StoredTime {
    fn from_sql(bytes: <AnyBackend as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        bytes.from_sql::<Self, Timestamp>()
    }
}

/// The time in `2026-11-29 12:30:00.125`, with up to nine decimals.
fn time_in(text: &str) -> Option<NaiveDateTime> {
    let separators = [(4, b'-'), (7, b'-'), (10, b' '), (13, b':'), (16, b':')];
    let bytes = text.as_bytes();
    let has = |(at, separator): (usize, u8)| bytes.get(at) == Some(&separator);
    if !separators.into_iter().all(has) {
        return None;
    }
    let number = |from: usize, to: usize| {
        let digits = bytes.get(from..to)?;
        let mut digits = digits
            .iter()
            .map(|byte| byte.is_ascii_digit().then(|| u32::from(byte - b'0')));
        digits.try_fold(0, |number, digit| Some(number * 10 + digit?))
    };
    let nanoseconds = match bytes.get(19) {
        None => 0,
        Some(b'.') if (21..=29).contains(&bytes.len()) => {
            number(20, bytes.len())? * 10_u32.pow(29 - bytes.len() as u32)
        }
        Some(_) => return None,
    };
    let day = NaiveDate::from_ymd_opt(
        number(0, 4)?.try_into().ok()?,
        number(5, 7)?,
        number(8, 10)?,
    )?;
    day.and_hms_nano_opt(
        number(11, 13)?,
        number(14, 16)?,
        number(17, 19)?,
        nanoseconds,
    )
}
