//! What all operations that write have in common.

use crate::access::Scope;
use crate::log::Resource;
use crate::tracking::catalogue;
use crate::writing::batch::MAX_DOCUMENTS;
use strum::VariantNames;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ArrayBuilder, Object, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::security::{
    ClientCredentials, Flow, HttpAuthScheme, HttpBuilder, OAuth2, SecurityRequirement,
    SecurityScheme,
};
use utoipa::openapi::{OpenApi, RefOr, Required};

/// The headers of every response to a write.
const EVERYWHERE: [&str; 3] = [
    "X-Request-Id",
    "Cache-Control",
    "Access-Control-Allow-Origin",
];

/// Actions on a webhook that do not make a new revision.
const WITHOUT_VERSION: [&str; 3] = ["/test", "/replay", "/rotate-secret"];

/// The security requirement of a token.
pub(super) fn token() -> SecurityRequirement {
    let scopes: [&str; 0] = [];
    SecurityRequirement::new("token", scopes)
}

/// Adds the token, and the headers of the request and the response.
pub(super) fn describe(operation: &mut Operation, path: &str) {
    if !path.starts_with("/v1/") {
        let scopes: [&str; 0] = [];
        operation.security = Some(vec![SecurityRequirement::new("client", scopes)]);
        describe_answers(operation, path, &EVERYWHERE);
        return;
    }
    operation.security = Some(vec![token()]);
    if path.ends_with("/preview") {
        describe_answers(operation, path, &EVERYWHERE); // writes nothing
        return;
    }
    let needs_no_version = WITHOUT_VERSION.iter().any(|end| path.ends_with(end));
    let is_about_one = path.contains('{') && !needs_no_version;
    let parameters = operation.parameters.get_or_insert_with(Vec::new);
    let mut add = |name: &str, description: &str| {
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(description))
            .schema(Some(text(200)))
            .build();
        parameters.push(parameter.into());
    };
    add(
        "Idempotency-Key",
        "Makes retries safe: within 24 hours, a request with the same key gets the same response, and nothing is done twice.",
    );
    if is_about_one {
        add(
            "If-Match",
            "The `ETag` of the version to change, from any read of the record; `*` for any version.",
        );
        add("If-None-Match", "`*`: only create, never overwrite.");
    }
    if path.ends_with("/batch") {
        bound_batch(operation);
    }
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        body.required = Some(Required::True); // utoipa takes the body of a patch for optional
    }
    describe_answers(
        operation,
        path,
        &[
            "X-Request-Id",
            "Cache-Control",
            "Access-Control-Allow-Origin",
            "ETag",
            "Location",
            "Idempotency-Replayed",
        ],
    );
}

fn describe_answers(operation: &mut Operation, path: &str, names: &[&str]) {
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else {
            continue;
        };
        if !status.starts_with('2') {
            continue;
        }
        for name in names {
            let is_there = match *name {
                "ETag" => {
                    let without = ["/batch", "/test", "/replay"];
                    status != "204" && !without.iter().any(|end| path.ends_with(end))
                }
                "Location" => status == "201",
                _ => true,
            };
            if !is_there {
                continue;
            }
            let (description, length) = match *name {
                "X-Request-Id" => ("The request's id. Quote it when you report a problem.", 100),
                "Access-Control-Allow-Origin" => {
                    ("Any origin may send this; no cookies are used.", 1)
                }
                "Cache-Control" => ("Caches must not store the response.", 200),
                "ETag" => ("The version of the record, for the next `If-Match`.", 100),
                "Location" => ("The URL of the created record.", 2100),
                _ => (
                    "`true` if this is the stored response to an earlier request.",
                    4,
                ),
            };
            let header = HeaderBuilder::new()
                .schema(Some(text(length)))
                .description(Some(description))
                .build();
            response.headers.insert((*name).to_owned(), header.into());
        }
    }
}

/// Bounds the two forms of a batch: a list of documents, or one document per line.
fn bound_batch(operation: &mut Operation) {
    let Some(RefOr::T(body)) = &mut operation.request_body else {
        return;
    };
    let documents = ArrayBuilder::new()
        .items(ObjectBuilder::new().description(Some("A document, with its `type`.")))
        .min_items(Some(1))
        .max_items(Some(MAX_DOCUMENTS))
        .build();
    let schemas = [
        ("application/json", documents.into()),
        ("application/x-ndjson", Schema::Object(text(16_777_216))),
    ];
    for (kind, schema) in schemas {
        if let Some(RefOr::T(content)) = body.content.get_mut(kind) {
            content.schema = Some(RefOr::T(schema));
        }
    }
}

fn text(length: usize) -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::new(Type::String))
        .max_length(Some(length))
        .build()
}

/// Adds the security scheme, and the schemas of patches: documents without required members.
pub(super) fn add_schemas(document: &mut OpenApi) {
    let Some(components) = document.components.as_mut() else {
        return;
    };
    let token = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("at+jwt")
        .description(Some(
            "A token from `/oauth/token` (RFC 6750), validated according to RFC8725.",
        ))
        .build();
    let scopes = Scope::VARIANTS
        .iter()
        .map(|scope| (scope.to_string(), scope.to_string()));
    let flow =
        ClientCredentials::with_refresh_url("/oauth/token", scopes.collect(), "/oauth/token");
    let client = OAuth2::with_description(
        [Flow::ClientCredentials(flow)],
        "The id and secret of a client, or an assertion that it signed (RFC 6749, RFC 7523). Tokens are JWTs, issued and validated according to RFC8725. They expire after ten minutes; request a new one in the same way.",
    );
    components.add_security_scheme("client", SecurityScheme::OAuth2(client));
    components.add_security_scheme("token", SecurityScheme::Http(token));
    let kinds = Resource::ALL
        .into_iter()
        .map(|resource| catalogue::kind(resource).view_schema());
    for name in kinds.chain(["Webhook".to_owned()]) {
        let schema = components.schemas.get(&format!("{name}Document"));
        let Some(RefOr::T(Schema::Object(mut patch))) = schema.cloned() else {
            continue;
        };
        patch.required.clear();
        patch.description =
            Some("The members to change; `null` removes one (RFC 7396).".to_owned());
        components
            .schemas
            .insert(format!("{name}Patch"), Schema::Object(patch).into());
    }
}
