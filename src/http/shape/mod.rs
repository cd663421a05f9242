//! The parameters that lists and records share: `sort`, `fields`, `expand`, `count`, `limit`, `cursor`, `as_of`, `on` and `lang`.
//! What can be sorted, selected and expanded follows from the view ([`Shaped`]).

use chrono::NaiveDate;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use std::fmt::Display;
use std::marker::PhantomData;
use std::str::FromStr;
use strum::VariantNames;
use utoipa::ToSchema;
use uuid::Uuid;

mod members;
mod parameters;

pub use members::{members, paths};

use super::as_of::AsOf;
use super::page::{Count, MAX_LIMIT, Paging};
use crate::platform::db::Value;
use crate::platform::db::keyset::{KeysetPosition, Order};
use crate::platform::identity::{Key, RecordId};
use crate::platform::language::Language;
use crate::platform::mistakes::{MistakeCode, coded};
use crate::platform::time;

/// A view that can be listed.
pub trait Shaped: ToSchema + Sized + 'static {
    /// The row that the view is built from.
    type Row: 'static;
    /// The references that `expand` can replace with full records.
    type Expansion: FromStr<Err: Display> + VariantNames + Copy + PartialEq + Send + 'static;
    /// The sort keys, the default first.
    const SORTS: &'static [SortKey<Self::Row>];
    /// The id column that breaks ties, as named in the SQL.
    const ID: &'static str;
    /// A note on the default order, for the API documentation.
    const SORT_NOTE: &'static str = "";
    /// A note on `fields`, for the API documentation.
    const FIELDS_NOTE: &'static str = "";
    /// Whether a preview link can show a record before it is public.
    const HAS_PREVIEW: bool = false;
    /// Whether the record has dated parts, from which `on` selects.
    const IS_DATED: bool = false;

    /// The id of a row.
    fn id(row: &Self::Row) -> RecordId;
}

/// A sort key, usable in both directions.
pub struct SortKey<R> {
    /// The name in the API.
    pub name: &'static str,
    /// The column, as named in the SQL. It is never NULL.
    pub column: &'static str,
    /// Whether the descending order is listed first.
    pub descending: bool,
    /// The sort value of a row.
    pub of: fn(&R) -> Value,
}

impl<R> SortKey<R> {
    /// A key whose ascending order is listed first.
    pub const fn ascending(name: &'static str, column: &'static str, of: fn(&R) -> Value) -> Self {
        Self {
            name,
            column,
            descending: false,
            of,
        }
    }

    /// A key whose descending order is listed first.
    pub const fn descending(name: &'static str, column: &'static str, of: fn(&R) -> Value) -> Self {
        Self {
            descending: true,
            ..Self::ascending(name, column, of)
        }
    }
}

/// An order of a list.
pub struct Sort<V: Shaped> {
    key: &'static SortKey<V::Row>,
    /// Largest first.
    pub descending: bool,
}

impl<V: Shaped> Clone for Sort<V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V: Shaped> Copy for Sort<V> {}

impl<V: Shaped> Sort<V> {
    /// The order of a list if the request names none. A view without sort keys does not compile.
    pub const DEFAULT: Self = Self {
        key: &V::SORTS[0],
        descending: V::SORTS[0].descending,
    };

    /// All orders.
    pub fn all() -> impl Iterator<Item = Self> {
        V::SORTS.iter().flat_map(|key| {
            let both = [key.descending, !key.descending];
            both.map(|descending| Self { key, descending })
        })
    }

    /// The name in the API: the name of the key, prefixed with `-` for descending order.
    pub fn name(self) -> String {
        let sign = if self.descending { "-" } else { "" };
        format!("{sign}{}", self.key.name)
    }

    /// The order with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|sort| sort.name() == name)
    }

    /// The name of the key.
    pub fn key(self) -> &'static str {
        self.key.name
    }

    /// The order for the SQL.
    pub fn order(self) -> Order {
        Order {
            column: self.key.column,
            id: V::ID,
            descending: self.descending,
        }
    }

    /// The position of a row in this order.
    pub fn position(self, row: &V::Row) -> KeysetPosition {
        ((self.key.of)(row), V::id(row).to_string())
    }
}

/// The parameters that all lists of a view share.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, bound = "")]
pub struct Shape<V: Shaped> {
    /// The records to list, if they are named one by one.
    #[serde(default)]
    pub id: Vec<Key>,
    /// The order; the default if absent.
    #[serde(default, deserialize_with = "sort")]
    pub sort: Option<Sort<V>>,
    /// The members to return, as in [`paths`]; all if empty.
    #[serde(default, deserialize_with = "fields::<V, _>")]
    pub fields: Vec<&'static str>,
    /// The references to replace with full records.
    #[serde(default, deserialize_with = "expansions")]
    pub expand: Vec<V::Expansion>,
    /// Whether to count all matches.
    #[serde(default)]
    pub count: Count,
    /// The page size.
    pub limit: Option<i64>,
    /// Where to continue.
    pub cursor: Option<String>,
    /// The time in the past to show.
    pub as_of: Option<AsOf>,
    /// The day whose facts to show. Unknown unless the record has dated parts.
    #[serde(default, deserialize_with = "time::optional_day")]
    pub on: Option<NaiveDate>,
    /// The language of the names in the answer.
    pub lang: Option<Language>,
}

impl<V: Shaped> Shape<V> {
    /// The paging parameters.
    pub fn paging(&self) -> Paging {
        Paging {
            limit: self.limit.or((!self.id.is_empty()).then_some(MAX_LIMIT)),
            cursor: self.cursor.clone(),
        }
    }
}

/// The parameters that single records of a view share.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, bound = "")]
pub struct ItemShape<V: Shaped> {
    /// The members to return, as in [`paths`]; all if empty.
    #[serde(default, deserialize_with = "fields::<V, _>")]
    pub fields: Vec<&'static str>,
    /// The references to replace with full records.
    #[serde(default, deserialize_with = "expansions")]
    pub expand: Vec<V::Expansion>,
    /// The pass from a preview link.
    #[serde(default, deserialize_with = "preview::<V, _>")]
    pub preview: Option<String>,
    /// The time in the past to show.
    pub as_of: Option<AsOf>,
    /// The day whose facts to show. Unknown unless the record has dated parts.
    #[serde(default, deserialize_with = "time::optional_day")]
    pub on: Option<NaiveDate>,
    /// The language of the names in the answer.
    pub lang: Option<Language>,
}

/// The parameters that all exports of a view share.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, bound = "")]
pub struct ExportShape<V: Shaped> {
    /// The members to return, as in [`paths`]; all if empty.
    #[serde(default, deserialize_with = "fields::<V, _>")]
    pub fields: Vec<&'static str>,
    /// The id of the record after which to resume.
    pub after: Option<Uuid>,
    /// The time in the past to show.
    pub as_of: Option<AsOf>,
    /// The day whose facts to show. Unknown unless the record has dated parts.
    #[serde(default, deserialize_with = "time::optional_day")]
    pub on: Option<NaiveDate>,
    #[serde(skip)]
    view: PhantomData<V>,
}

/// The day whose facts to show: by default the day of `as_of`.
pub fn day(on: Option<NaiveDate>, as_of: Option<AsOf>) -> Option<NaiveDate> {
    on.or(as_of.map(AsOf::day))
}

/// The expansions of a view without any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::VariantNames)]
pub enum NoExpansion {}

fn unknown<E: Error>(text: &str, known: impl IntoIterator<Item: Display>) -> E {
    let known = known.into_iter().map(|word| format!("`{word}`"));
    let known: Vec<String> = known.collect();
    let text: String = text.chars().take(100).collect();
    E::custom(format!(
        "unknown variant `{text}`, expected one of {}",
        known.join(", ")
    ))
}

fn sort<'de, V: Shaped, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Sort<V>>, D::Error> {
    let name = String::deserialize(deserializer)?;
    let sort = Sort::named(&name);
    sort.map(Some)
        .ok_or_else(|| unknown(&name, Sort::<V>::all().map(Sort::name)))
}

fn fields<'de, V: Shaped, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<&'static str>, D::Error> {
    let known = paths::<V>();
    let names = Vec::<String>::deserialize(deserializer)?;
    let find = |name: &String| {
        let found = known.iter().find(|path| *path == name);
        found.copied().ok_or_else(|| {
            let (start, depth) = match name.split_once('.') {
                Some((member, _)) => (format!("{member}."), 1),
                None => (String::new(), 0),
            };
            let is_near =
                |path: &&&str| path.starts_with(&start) && path.matches('.').count() == depth;
            let near: Vec<&&str> = known.iter().filter(is_near).collect();
            match near.is_empty() {
                true => unknown(name, members::<V>()),
                false => unknown(name, near),
            }
        })
    };
    names.iter().map(find).collect()
}

fn expansions<'de, E, D>(deserializer: D) -> Result<Vec<E>, D::Error>
where
    E: FromStr<Err: Display> + VariantNames,
    D: Deserializer<'de>,
{
    let names = Vec::<String>::deserialize(deserializer)?;
    let read = |name: &String| name.parse().map_err(|_| unknown(name, E::VARIANTS));
    names.iter().map(read).collect()
}

fn preview<'de, V: Shaped, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    match V::HAS_PREVIEW {
        true => Option::deserialize(deserializer),
        false => Err(D::Error::custom(coded(
            MistakeCode::UnknownParameter,
            "There are no previews of these records.",
        ))),
    }
}
