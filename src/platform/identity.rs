//! How records are identified: by [`RecordId`], by [`Slug`], or by either of the two: [`Key`].

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::result::{Error, QueryResult};
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;
use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AnyOfBuilder, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use super::mistakes::{MistakeCode, coded};

/// The id of a record: a UUID in its canonical form (RFC 9562, 4), 36 characters in lower case.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct RecordId([u8; 36]);

impl RecordId {
    /// A new id, later in order than those made before.
    pub fn generate() -> Self {
        Uuid::now_v7().into()
    }

    /// The id in its canonical form, in upper or lower case.
    pub fn parse(text: &str) -> Option<Self> {
        let uuid = (text.len() == 36).then(|| Uuid::try_parse(text).ok());
        uuid.flatten().map(Self::from)
    }

    /// The text of the id.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default() // never the default: it is ASCII
    }
}

impl From<Uuid> for RecordId {
    fn from(uuid: Uuid) -> Self {
        let mut text = [0; 36];
        uuid.hyphenated().encode_lower(&mut text);
        Self(text)
    }
}

impl Deref for RecordId {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl Serialize for RecordId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl<'de> Deserialize<'de> for RecordId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Uuid::deserialize(deserializer).map(Self::from)
    }
}

impl<DB: Backend> FromSql<Text, DB> for RecordId
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let text = String::from_sql(bytes)?;
        Self::parse(&text).ok_or_else(|| format!("'{text}' is not an id").into())
    }
}

impl<DB: Backend> ToSql<Text, DB> for RecordId
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.as_str().to_sql(out)
    }
}

/// The slug of a record. Those in documents are checked when the document is ([`super::values::slug`]).
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, AsExpression, FromSqlRow,
)]
#[serde(transparent)]
#[diesel(sql_type = Text)]
pub struct Slug(pub String);

impl Deref for Slug {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl<DB: Backend> FromSql<Text, DB> for Slug
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        String::from_sql(bytes).map(Self)
    }
}

impl<DB: Backend> ToSql<Text, DB> for Slug
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.as_str().to_sql(out)
    }
}

/// How a URL, a parameter or a link in a document names a record: by its id, or by its slug. A document may also have the
/// object that responses show in its place, of which the id counts, or else the slug.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, AsExpression)]
#[serde(transparent)]
#[diesel(sql_type = Text)]
pub struct Key(pub String);

impl Key {
    /// The id, if the record is named by its id. No slug looks like one.
    pub fn id(&self) -> Option<RecordId> {
        RecordId::parse(&self.0)
    }

    /// The id in a link of a document whose links are resolved to ids.
    ///
    /// # Errors
    /// If the link is not resolved.
    pub fn resolved(&self) -> QueryResult<RecordId> {
        let unresolved = || Error::DeserializationError(format!("'{self}' is not an id").into());
        self.id().ok_or_else(unresolved)
    }

    /// [`Key::resolved`] for an optional link.
    ///
    /// # Errors
    /// If the link is not resolved.
    pub fn optional(link: Option<&Key>) -> QueryResult<Option<RecordId>> {
        link.map(Key::resolved).transpose()
    }

    /// [`Key::resolved`] for a link that a resolved document always has.
    ///
    /// # Errors
    /// If the link is missing or not resolved.
    pub fn required(link: Option<&Key>) -> QueryResult<RecordId> {
        link.map_or(Err(Error::NotFound), Key::resolved)
    }

    /// [`Key::resolved`] for the links of a list.
    ///
    /// # Errors
    /// If a link is not resolved.
    pub fn all(links: &[Key]) -> QueryResult<Vec<RecordId>> {
        links.iter().map(Key::resolved).collect()
    }
}

impl PartialSchema for Key {
    fn schema() -> RefOr<Schema> {
        let text = |length, description: &str| {
            ObjectBuilder::new()
                .schema_type(SchemaType::Type(Type::String))
                .min_length(Some(1))
                .max_length(Some(length))
                .description(Some(description))
        };
        let shown = ObjectBuilder::new()
            .property("id", text(36, "The id, which counts."))
            .property("slug", text(150, "The slug, if there is no id."))
            .description(Some(
                "What responses show in its place. Other members are ignored.",
            ));
        AnyOfBuilder::new()
            .item(text(150, "The id or slug."))
            .item(shown)
            .description(Some("Names a record."))
            .into()
    }
}

impl ToSchema for Key {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Reference")
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KeyVisitor)
    }
}

struct KeyVisitor;

impl<'de> Visitor<'de> for KeyVisitor {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id, a slug, or an object with one of them")
    }

    fn visit_str<E>(self, text: &str) -> Result<Key, E> {
        Ok(text.into())
    }

    fn visit_string<E>(self, text: String) -> Result<Key, E> {
        Ok(Key(text))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Key, A::Error> {
        let (mut id, mut slug) = (None, None);
        while let Some(name) = members.next_key::<String>()? {
            match name.as_str() {
                "id" => id = members.next_value()?,
                "slug" => slug = members.next_value()?,
                _ => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        let lacks = coded(
            MistakeCode::Required,
            "A reference requires the member 'id' or 'slug'.",
        );
        id.or(slug).map(Key).ok_or_else(|| A::Error::custom(lacks))
    }
}

impl Deref for Key {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl<DB: Backend> ToSql<Text, DB> for Key
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.as_str().to_sql(out)
    }
}

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<RecordId> for Key {
    fn from(id: RecordId) -> Self {
        Self(id.to_string())
    }
}

impl From<&Slug> for Key {
    fn from(slug: &Slug) -> Self {
        Self(slug.0.clone())
    }
}

impl From<RecordId> for Slug {
    fn from(id: RecordId) -> Self {
        Self(id.to_string())
    }
}

impl From<String> for Slug {
    fn from(text: String) -> Self {
        Self(text)
    }
}
