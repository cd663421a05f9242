//! The OpenAPI descriptions of the parameters of lists, records and exports.

use serde_json::Value;
use strum::VariantNames;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ArrayBuilder, Object, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{KnownFormat, RefOr, Required, SchemaFormat};

use super::{ExportShape, ItemShape, Shape, Shaped, Sort, paths};
use crate::http::cursor::MAX_LENGTH;
use crate::http::page::{DEFAULT_LIMIT, MAX_LIMIT};
use crate::http::text_formats;
use crate::platform::language::MAX_LENGTH as MAX_LANGUAGE;

/// The maximum number of values of a repeatable parameter.
const MAX_ITEMS: usize = 50;

fn parameter(name: &str, description: &str, schema: impl Into<RefOr<Schema>>) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(description.trim_end()))
        .schema(Some(schema))
        .build()
}

fn with_example(parameter: Parameter, example: impl Into<Value>) -> Parameter {
    let parameter = ParameterBuilder::from(parameter);
    parameter.example(Some(example.into())).build()
}

fn word<T: AsRef<str>>(known: impl IntoIterator<Item = T>) -> Object {
    let known = known.into_iter().map(|word| word.as_ref().to_owned());
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .enum_values(Some(known.collect::<Vec<String>>()))
        .build()
}

fn list(of: Object) -> Schema {
    let entries = ArrayBuilder::new().items(of);
    Schema::Array(entries.max_items(Some(MAX_ITEMS)).build())
}

fn text(max_length: Option<usize>) -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .max_length(max_length)
        .build()
}

fn fields_parameter<V: Shaped>(of: &str, note: &str) -> Parameter {
    let description = format!(
        "Return only these members{of}, or only these of what a member holds: `organisation.name`. Repeat or separate with \
         commas. {note}"
    );
    let mut names = word(paths::<V>());
    names.title = Some(format!("{}Field", V::name()));
    parameter("fields", &description, list(names))
}

fn expand_parameter<V: Shaped>() -> Option<Parameter> {
    let known = V::Expansion::VARIANTS;
    let description = "Replace these references with full records. Repeat or separate with commas.";
    (!known.is_empty()).then(|| parameter("expand", description, list(word(known))))
}

fn as_of_parameter() -> Parameter {
    let as_of = "Show what was known at the end of this day, or at this time. Records that were withdrawn or removed since \
                 are shown as they are now.";
    // without an example: one day in the past is before the log of a new instance
    parameter("as_of", as_of, text(None))
}

fn time_parameters<V: Shaped>() -> Vec<Parameter> {
    let on = "Show what was the case on this day, as far as it is known: the names, the members or the obligations of that day. \
              By default the day of `as_of`, if given.";
    let mut parameters = vec![as_of_parameter()];
    if V::IS_DATED {
        let mut day = text(None);
        day.format = Some(SchemaFormat::KnownFormat(KnownFormat::Date));
        parameters.push(with_example(parameter("on", on, day), "2025-06-01"));
    }
    parameters
}

fn language_parameter() -> Parameter {
    let lang = "Show names, titles and descriptions in this language (BCP 47), where they are known in it. If not, a shorter tag \
                will do (`cy` for `cy-GB`), and else the record's own language. `language` says which it is. The order of lists \
                does not depend on it.";
    let mut tag = text(Some(MAX_LANGUAGE));
    tag.min_length = Some(2);
    with_example(parameter("lang", lang, tag), "cy")
}

impl<V: Shaped> IntoParams for Shape<V> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let sorts = word(Sort::<V>::all().map(Sort::name));
        let count = "Whether to count all matches. `exact` reads every match.";
        let mut limits = ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::Integer))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
            .minimum(Some(1))
            .maximum(Some(MAX_LIMIT))
            .build();
        limits.default = Some(DEFAULT_LIMIT.into());
        let limit = parameter("limit", "How many records to return per page.", limits);
        let cursor = "Where to continue; from `page.next` or `page.prev`.";
        let id = "Only these records, by id or slug, in this order unless `sort` is given. What does not exist, or is not public, is \
                  left out. Repeat for several; the limit is then 100 by default, and not less than their number without `sort`.";
        let mut ids = ArrayBuilder::new().items(text(Some(150)));
        ids = ids.max_items(Some(text_formats::max_values("id")));
        let mut parameters = vec![
            parameter("id", id, Schema::Array(ids.build())),
            parameter("sort", &format!("The sort order. {}", V::SORT_NOTE), sorts),
            fields_parameter::<V>(" of each record", V::FIELDS_NOTE),
        ];
        parameters.extend(expand_parameter::<V>());
        parameters.extend([
            parameter("count", count, word(["none", "exact"])),
            with_example(limit, DEFAULT_LIMIT),
            parameter("cursor", cursor, text(Some(MAX_LENGTH))),
        ]);
        parameters.extend(time_parameters::<V>());
        parameters.push(language_parameter());
        parameters
    }
}

impl<V: Shaped> IntoParams for ItemShape<V> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut parameters = vec![fields_parameter::<V>("", "")];
        parameters.extend(expand_parameter::<V>());
        if V::HAS_PREVIEW {
            let description = "The pass from a preview link, to show an unpublished record.";
            parameters.push(parameter("preview", description, text(Some(2000))));
        }
        parameters.extend(time_parameters::<V>());
        parameters.push(language_parameter());
        parameters
    }
}

impl<V: Shaped> IntoParams for ExportShape<V> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let description = "Resume after the record with this id: the last one received in full before an export was interrupted.";
        let mut id = text(Some(36));
        id.min_length = Some(36);
        id.format = Some(SchemaFormat::Custom("uuid".to_owned()));
        let after = parameter("after", description, id);
        let mut parameters = vec![
            fields_parameter::<V>(" of each record", V::FIELDS_NOTE),
            with_example(after, "01890a5d-ac96-774b-bcce-b302099a8057"),
        ];
        parameters.extend(time_parameters::<V>());
        parameters
    }
}
