//! How one record refers to another in a response: with enough to show and link it or, if the client asks for it with
//! `expand`, with the whole record.

use diesel::QueryableByName;
use serde::Serialize;
use std::borrow::Cow;
use utoipa::openapi::schema::{AnyOfBuilder, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use crate::log::Resource;
use crate::platform::db::schema::{organisations, recommendations, reports};
use crate::platform::identity::{RecordId, Slug};

/// The id in the examples of the OpenAPI document.
pub fn example_id() -> &'static str {
    "01890a5d-ac96-774b-bcce-b302099a8057"
}

/// The name of a collection whose records have a history: that of any resource.
pub struct CollectionName;

impl PartialSchema for CollectionName {
    fn schema() -> RefOr<Schema> {
        let names = Resource::ALL.map(Resource::collection);
        let schema = ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .enum_values(Some(names));
        schema.build().into()
    }
}

impl ToSchema for CollectionName {}

/// A reference to a record that has a name: an organisation, a group or a topic.
#[derive(Clone, Debug, Serialize, ToSchema, QueryableByName)]
#[diesel(table_name = organisations)]
pub struct NameReference {
    /// The id.
    #[schema(value_type = String, min_length = 36, max_length = 36, example = example_id)]
    pub id: RecordId,
    /// The slug.
    #[schema(value_type = String, min_length = 1, max_length = 150, example = "iopc")]
    pub slug: Slug,
    /// The name.
    #[schema(
        min_length = 1,
        max_length = 300,
        example = "Independent Office for Police Conduct"
    )]
    pub name: String,
}

/// A reference to a record that has a title: a report.
#[derive(Clone, Debug, Serialize, ToSchema, QueryableByName)]
#[diesel(table_name = reports)]
pub struct TitleReference {
    /// The id.
    #[schema(value_type = String, min_length = 36, max_length = 36, example = example_id)]
    pub id: RecordId,
    /// The slug.
    #[schema(
        value_type = String,
        min_length = 1,
        max_length = 150,
        example = "stalking-super-complaint-2024"
    )]
    pub slug: Slug,
    /// The title.
    #[schema(
        min_length = 1,
        max_length = 500,
        example = "The police response to stalking"
    )]
    pub title: String,
}

/// A reference to a recommendation, with its number in its report.
#[derive(Clone, Debug, Serialize, ToSchema, QueryableByName)]
#[diesel(table_name = recommendations)]
pub struct NumberReference {
    /// The id.
    #[schema(value_type = String, min_length = 36, max_length = 36, example = example_id)]
    pub id: RecordId,
    /// The slug.
    #[schema(
        value_type = String,
        min_length = 1,
        max_length = 150,
        example = "stalking-super-complaint-2024-7"
    )]
    pub slug: Slug,
    /// The number in the report.
    #[schema(min_length = 1, max_length = 60, example = "7")]
    pub number: String,
}

/// A reference to a version of an article in another language.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TranslationReference {
    /// The id.
    #[schema(value_type = String, min_length = 36, max_length = 36, example = example_id)]
    pub id: RecordId,
    /// The slug.
    #[schema(
        value_type = String,
        min_length = 1,
        max_length = 150,
        example = "exampleshire-police-respond-cy"
    )]
    pub slug: Slug,
    /// The language, as a BCP 47 tag.
    #[schema(min_length = 2, max_length = 35, example = "cy")]
    pub language: String,
    /// Its page on the public site, if the setting `page_urls` says where.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        max_length = 2000,
        format = "uri",
        example = "https://site.example/cy/newyddion/exampleshire-police-respond-cy"
    )]
    pub page_url: Option<String>,
}

/// A reference, or the whole record if the request's `expand` names its place.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Expandable<R, T> {
    /// The whole record.
    Whole(Box<T>),
    /// Enough to show and link the record.
    Reference(R),
}

// utoipa's derive would write `oneOf`, which a whole record violates: it matches its reference's schema too.
// For generic types utoipa takes the schema from this trait.
impl<R: ToSchema, T: ToSchema> utoipa::__dev::ComposeSchema for Expandable<R, T> {
    fn compose(_: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        AnyOfBuilder::new()
            .item(Ref::from_schema_name(T::name()))
            .item(Ref::from_schema_name(R::name()))
            .description(Some(
                "A reference, or the whole record if `expand` names this place.",
            ))
            .into()
    }
}

impl<R: ToSchema, T: ToSchema> ToSchema for Expandable<R, T> {
    fn name() -> Cow<'static, str> {
        Cow::Owned(format!("{}OrReference", T::name()))
    }

    /// Does not collect the schemas of the whole record's own parts: an organisation's parent is an organisation again.
    /// Each resource's item endpoint provides them.
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((R::name().into(), R::schema()));
        schemas.push((T::name().into(), T::schema()));
    }
}

/// The whole record under `id` if it was loaded, else the reference.
pub fn expandable<R, T: Clone>(
    reference: R,
    id: RecordId,
    whole: &std::collections::HashMap<RecordId, T>,
) -> Expandable<R, T> {
    match whole.get(&id) {
        Some(record) => Expandable::Whole(Box::new(record.clone())),
        None => Expandable::Reference(reference),
    }
}
