//! The OpenAPI document: collected from the routes, then completed with what all operations share.

mod headers;
mod names;
mod nulls;
mod responses;
mod selections;
mod webhooks;
mod writes;

use std::sync::LazyLock;
use strum::IntoEnumIterator;
use utoipa::OpenApi as _;
use utoipa::openapi::path::{Operation, Parameter, PathItem};
use utoipa::openapi::schema::{
    ArrayItems, KnownFormat, Object, Schema, SchemaFormat, SchemaType, Type,
};
use utoipa::openapi::{
    Components, ContentBuilder, Info, License, OpenApi, Ref, RefOr, Required, ResponseBuilder,
    Server,
};
use utoipa_actix_web::AppExt;

use crate::app::router;
use crate::app::service::Entry;
use crate::http::problem::{Mistake, Problem, ProblemCode};
use crate::http::text_formats;
use crate::publishing::changes::stream;
use crate::publishing::webhooks::views::WebhookMessage;
use crate::tracking::obligations::document::ObligationDocument;

/// The document as served and committed.
pub static TEXT: LazyLock<String> = LazyLock::new(|| {
    let mut document = serde_json::to_value(document()).unwrap_or_default();
    webhooks::add(&mut document);
    names::have_languages(&mut document);
    names::differ_from_those_of_paths(&mut document);
    nulls::take_out_of_answers(&mut document);
    writes::let_empty_bodies_be_absent(&mut document);
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
});

/// The entity tag of the document.
pub static TAG: LazyLock<String> = LazyLock::new(|| {
    let digest = twox_hash::XxHash3_64::oneshot(TEXT.as_bytes());
    format!("\"{digest:016x}\"")
});

/// The errors that every operation may respond with. 401 and 403 apply to reads too: an invalid token is always
/// rejected, and lists can be asked for drafts. 410 and 451 apply to what shows one record only.
const FOR_ALL: [u16; 12] = [400, 401, 403, 404, 405, 406, 408, 413, 414, 431, 500, 503];
const FOR_RECORDS: [u16; 2] = [410, 451];
/// Further errors of an embed, which refers to a record in a parameter.
const FOR_EMBEDS: [u16; 3] = [410, 451, 501];
/// Further errors of the change log.
const FOR_CHANGES: [u16; 1] = [409];
/// Further errors of a write.
const FOR_WRITES: [u16; 5] = [409, 412, 415, 422, 428];

/// The lists and documents that anyone may read without a parameter.
pub static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let is_open = |path: &str, read: &Operation| {
        let is_optional = |parameter: &RefOr<Parameter>| matches!(parameter, RefOr::T(one) if one.required == Required::False);
        !path.contains('{')
            && read.security.as_ref().is_none_or(Vec::is_empty)
            && read.parameters.iter().flatten().all(is_optional)
    };
    let entry = |(path, item): (String, PathItem)| {
        let read = item.get.filter(|read| is_open(&path, read))?;
        Some(Entry {
            path,
            title: read.summary.unwrap_or_default(),
        })
    };
    document()
        .paths
        .paths
        .into_iter()
        .filter_map(entry)
        .collect()
});

#[derive(utoipa::OpenApi)]
#[openapi(
    // no operation refers to these two: only a patch derives from the document, and the message is sent to receivers
    components(schemas(Problem, Mistake, ObligationDocument, WebhookMessage)),
    tags(
        (name = "Articles", description = "The news that oversight bodies publish."),
        (name = "Organisations", description = "Public bodies, charities and publishers, with every name they ever had."),
        (name = "Groups", description = "Named sets of organisations, with dated membership."),
        (name = "Topics", description = "The vocabulary that articles are filed under."),
        (name = "Reports", description = "The documents that make recommendations."),
        (name = "Recommendations", description = "Who was told to do what, and by when."),
        (name = "Obligations", description = "What each recommendation asks of each addressee, and what came of it."),
        (name = "Responses", description = "The addressees' responses, and on whose behalf they were given."),
        (name = "Action plans", description = "Plans in which addressees say what they will do."),
        (name = "Progress updates", description = "Progress as reported by addressees."),
        (name = "Assessments", description = "The recommenders' conclusions."),
        (name = "Mandates", description = "Who may answer for whom."),
        (name = "Deadlines", description = "When responses are due: the rules, and how days are counted."),
        (name = "Search", description = "Full-text search in articles, recommendations, reports and organisations."),
        (name = "Feeds", description = "Articles and recommendations for feed readers."),
        (name = "Exports", description = "All public records of a kind, streamed as NDJSON or CSV."),
        (name = "Changes", description = "The change log: what became public, changed, was withdrawn or removed."),
        (name = "Webhooks", description = "Changes sent to your server."),
        (name = "Webhook messages", description = "The messages that webhooks send."),
        (name = "Proposals", description = "Writes that need the approval of others."),
        (name = "Batch", description = "Many documents in one request."),
        (name = "Authentication", description = "Access tokens for clients that write, and the public keys that verify them."),
        (name = "Service", description = "The description and health of the API itself."),
    )
)]
struct Shared;

/// Builds the document.
pub fn document() -> OpenApi {
    let mut document = actix_web::App::new()
        .into_utoipa_app()
        .configure(router::configure)
        .split_for_parts()
        .1;
    document.merge(Shared::openapi());
    document.info = info();
    document.servers = Some(vec![Server::new("/")]);
    document.security = Some(Vec::new()); // reading needs no token
    for (path, item) in &mut document.paths.paths {
        if let Some(operation) = item.get.as_mut() {
            let is_private = ["/v1/webhooks", "/v1/proposals"].map(|of| path.starts_with(of));
            operation.security = Some(match is_private.contains(&true) {
                true => vec![writes::requirement("token")],
                false => Vec::new(),
            });
            bound_texts(operation);
            headers::describe(operation, path);
            describe_failures(operation, path, true);
        }
        let writes = [
            (&mut item.post, false),
            (&mut item.put, true),
            (&mut item.patch, false),
            (&mut item.delete, false),
        ];
        let writes = writes.into_iter();
        for (operation, is_put) in writes.filter_map(|(one, is_put)| one.as_mut().zip(Some(is_put)))
        {
            bound_texts(operation);
            writes::describe(operation, path, is_put);
            describe_failures(operation, path, false);
        }
    }
    let mut components = document.components.take().unwrap_or_default();
    add_failures(&mut components);
    for schema in components.schemas.values_mut() {
        // the strings that take no attribute for their length: those in lists, and dates
        each_text(schema, &mut |text| bound(text, MAX_LISTED_TEXT));
    }
    writes::add_schemas(&mut components);
    responses::refer_to_records(&mut components);
    selections::add(&mut components);
    selections::name_fields(&mut document.paths, &mut components);
    responses::allow_new_members(&document.paths, &mut components);
    document.components = Some(components);
    document
}

/// The longest string in a record's list of strings.
const MAX_LISTED_TEXT: usize = 200;
/// The longest HTML page.
const MAX_PAGE: usize = 1_000_000;

/// Gives parameters the pattern that requests are checked against, and pages a length.
fn bound_texts(operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter
            && let Some(schema) = &mut parameter.schema
        {
            let form = text_formats::of(&parameter.name);
            each_text(schema, &mut |text| {
                if text.enum_values.is_none() && text.format.is_none() {
                    text.pattern = Some(form.pattern.to_owned());
                    text.min_length = Some(1);
                    text.max_length.get_or_insert(form.max_length);
                }
                bound(text, form.max_length);
            });
        }
    }
    for response in operation.responses.responses.values_mut() {
        let RefOr::T(response) = response else {
            continue;
        };
        for content in response.content.values_mut() {
            if let RefOr::T(content) = content
                && let Some(schema) = &mut content.schema
            {
                each_text(schema, &mut |text| bound(text, MAX_PAGE));
            }
        }
    }
}

/// Calls `change` for every string in a schema, including those of items and members.
fn each_text(schema: &mut RefOr<Schema>, change: &mut impl FnMut(&mut Object)) {
    match schema {
        RefOr::T(Schema::Object(object)) => {
            if is_text(&object.schema_type) {
                change(object);
            }
            for member in object.properties.values_mut() {
                each_text(member, change);
            }
        }
        RefOr::T(Schema::Array(list)) => {
            if let ArrayItems::RefOrSchema(items) = &mut list.items {
                each_text(items, change);
            }
        }
        _ => {}
    }
}

fn is_text(kind: &SchemaType) -> bool {
    match kind {
        SchemaType::Type(one) => *one == Type::String,
        SchemaType::Array(several) => several.contains(&Type::String),
        SchemaType::AnyValue => false,
    }
}

/// Limits a string to the length of its format, or else to `length`.
fn bound(text: &mut Object, length: usize) {
    let of_format = match &text.format {
        Some(SchemaFormat::KnownFormat(KnownFormat::Date)) => 10,
        Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)) => 40,
        _ => length,
    };
    if text.enum_values.is_none() {
        text.max_length.get_or_insert(of_format);
    }
}

fn info() -> Info {
    let mut info = Info::new("Answerable", env!("CARGO_PKG_VERSION"));
    info.description = Some(include_str!("description.md").to_owned());
    let mut license = License::new("MIT OR Apache-2.0");
    license.identifier = Some("MIT OR Apache-2.0".to_owned());
    info.license = Some(license);
    info
}

fn describe_failures(operation: &mut Operation, path: &str, is_read: bool) {
    let responses = &mut operation.responses.responses;
    let mut add = |status: &str, description: &str| {
        let response = ResponseBuilder::new().description(description).build();
        responses.insert(status.to_owned(), response.into());
    };
    let is_about_records = path.starts_with("/v1/");
    let is_about_one = is_about_records && path.contains('{');
    if is_read && is_about_records && path != stream::PATH {
        let moved =
            "The slug of a record in the path or in a parameter has changed; follow `Location`.";
        add("308", moved);
    }
    if is_read && ((is_about_records && path != stream::PATH) || headers::VERSIONED.contains(&path))
    {
        let current = "Your copy (`If-None-Match` or `If-Modified-Since`) is still current.";
        add("304", current);
    }
    let mut statuses = FOR_ALL.to_vec();
    if !is_read && is_about_records {
        statuses.extend(FOR_WRITES);
    }
    if is_about_one || path == "/v1/lookup" {
        statuses.extend(FOR_RECORDS);
    }
    if path == "/v1/changes" {
        statuses.extend(FOR_CHANGES);
    }
    if path == "/v1/oembed" {
        statuses.extend(FOR_EMBEDS);
    }
    for status in statuses {
        let reference = Ref::from_response_name(response_name(status));
        let response = responses.entry(status.to_string());
        response.or_insert(RefOr::Ref(reference));
    }
}

fn response_name(status: u16) -> String {
    format!("Problem{status}")
}

fn add_failures(components: &mut Components) {
    let of_some = FOR_EMBEDS.into_iter().chain(FOR_WRITES);
    for status in FOR_ALL.into_iter().chain(of_some) {
        let codes = ProblemCode::iter().filter(|code| code.status() == status);
        let meanings: Vec<String> = codes
            .map(|code| format!("`{code}`: {}.", code.title()))
            .collect();
        let content = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name("Problem")))
            .build();
        let response = ResponseBuilder::new()
            .description(meanings.join(" "))
            .content("application/problem+json", content)
            .build();
        let name = response_name(status);
        components.responses.insert(name, response.into());
    }
}
