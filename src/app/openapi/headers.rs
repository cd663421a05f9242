//! The headers of responses with status 200.

use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{Object, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{Header, HeaderBuilder, RefOr};

use crate::publishing::changes::stream;
use crate::publishing::{embeds, exports};

/// A header: its name, description, maximum length and an example.
type HeaderRow = (&'static str, &'static str, usize, &'static str);

const OF_ALL: [HeaderRow; 3] = [
    (
        "X-Request-Id",
        "The request's id. Quote it when you report a problem.",
        100,
        "01890a5d-ac96-774b-bcce-b302099a8057",
    ),
    (
        "Cache-Control",
        "How long caches may keep the response; never beyond the next scheduled change.",
        200,
        "public, max-age=30",
    ),
    (
        "Access-Control-Allow-Origin",
        "Any origin may read this: open data, no credentials.",
        1,
        "*",
    ),
];

const OF_VERSIONS: [HeaderRow; 1] = [(
    "ETag",
    "Identifies this version of the response; send it in `If-None-Match` to get 304 if nothing has changed. Absent from exports with `as_of`.",
    100,
    "\"r1.5f0c8a2b9d3e4f17\"",
)];

const OF_RECORDS: [HeaderRow; 3] = [
    (
        "Last-Modified",
        "When the response may last have changed (RFC 9110, 8.8.2). Absent with a token or `as_of`, and during the second of a change.",
        29,
        "Wed, 25 Nov 2026 09:00:00 GMT",
    ),
    (
        "Cache-Tag",
        "For caches that can purge by tag: the collections that the response depends on as a whole, and the ids of single records. Absent with a token or `as_of`.",
        4_000,
        "organisations,topics,01890a5d-ac96-774b-bcce-b302099a8057",
    ),
    (
        "Link",
        "On lists and feeds, the next and previous pages, as in `page` (RFC 8288); on articles and recommendations, the embed.",
        25_000,
        "<http://127.0.0.1:8080/v1/articles?cursor=x>; rel=\"next\"",
    ),
];

const OF_EXPORTS: [HeaderRow; 2] = [
    (
        "Content-Disposition",
        "The file name (RFC 6266).",
        100,
        "attachment; filename=\"articles.csv\"",
    ),
    (
        "Link",
        "The change log from the start of the export on: `rel=\"monitor\"`.",
        25_000,
        "<http://127.0.0.1:8080/v1/changes?cursor=x>; rel=\"monitor\"",
    ),
];

/// The paths outside `/v1` whose responses have versions.
pub(super) const VERSIONED: [&str; 2] = ["/openapi.json", embeds::routes::SCRIPT_PATH];

/// Adds the headers to an operation.
pub(super) fn describe(operation: &mut Operation, path: &str) {
    let Some(RefOr::T(response)) = operation.responses.responses.get_mut("200") else {
        return;
    };
    let of_exports = path.starts_with(exports::PATH);
    let of_records = path.starts_with("/v1/") && !of_exports && path != stream::PATH;
    let of_versions = of_records || of_exports || VERSIONED.contains(&path);
    let described = OF_ALL
        .iter()
        .chain(OF_VERSIONS.iter().filter(|_| of_versions))
        .chain(OF_RECORDS.iter().filter(|_| of_records))
        .chain(OF_EXPORTS.iter().filter(|_| of_exports));
    for (name, description, length, example) in described {
        let mut schema = text(*length);
        schema.examples.push((*example).into());
        let header = header(description, schema);
        response.headers.insert((*name).to_owned(), header.into());
    }
}

/// The schema of a string.
pub(super) fn text(max_length: usize) -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::new(Type::String))
        .max_length(Some(max_length))
        .build()
}

pub(super) fn header(description: &str, schema: Object) -> Header {
    HeaderBuilder::new()
        .schema(Some(schema))
        .description(Some(description))
        .build()
}
