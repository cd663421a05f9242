//! What all operations that write have in common.

use serde_json::Value;
use strum::VariantNames;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema};
use utoipa::openapi::security::{
    ClientCredentials, Flow, HttpAuthScheme, HttpBuilder, OAuth2, SecurityRequirement,
    SecurityScheme,
};
use utoipa::openapi::{Components, RefOr, Required};

use super::headers::{header, text};
use crate::access::Scope;
use crate::log::Resource;
use crate::tracking::catalogue;
use crate::writing::batch::MAX_DOCUMENTS;

/// Actions on a webhook or a proposal that do not make a new revision.
const WITHOUT_VERSION: [&str; 5] = ["/test", "/replay", "/rotate-secret", "/accept", "/decline"];
/// Actions with a response that is not a version of one record.
const WITHOUT_ETAG: [&str; 5] = ["/batch", "/test", "/replay", "/accept", "/decline"];

/// Requires what this security scheme gives.
pub(super) fn requirement(scheme: &str) -> SecurityRequirement {
    let scopes: [&str; 0] = [];
    SecurityRequirement::new(scheme, scopes)
}

/// Adds the token, and the headers of the request and the response.
pub(super) fn describe(operation: &mut Operation, path: &str, is_put: bool) {
    let is_api = path.starts_with("/v1/");
    let scheme = if is_api { "token" } else { "client" };
    operation.security = Some(vec![requirement(scheme)]);
    let is_write = is_api && !path.ends_with("/preview");
    if is_write {
        describe_request(operation, path, is_put);
    }
    describe_responses(operation, path, is_write);
}

fn describe_request(operation: &mut Operation, path: &str, is_put: bool) {
    let needs_no_version = WITHOUT_VERSION.iter().any(|end| path.ends_with(end));
    let is_about_one = path.contains('{') && !needs_no_version;
    let parameters = operation.parameters.get_or_insert_with(Vec::new);
    let mut add = |name: &str, required: Required, description: &str| {
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Header)
            .required(required)
            .description(Some(description))
            .schema(Some(text(200)))
            .build();
        parameters.push(parameter.into());
    };
    add(
        "Idempotency-Key",
        Required::False,
        "Makes retries safe: within 24 hours, a request with the same key gets the same response, and nothing is done twice.",
    );
    if is_about_one {
        // without it, `PUT` creates a record
        let required = if is_put {
            Required::False
        } else {
            Required::True
        };
        add(
            "If-Match",
            required,
            "The `ETag` of the version to change, from any read of the record; `*` for any version.",
        );
    }
    if is_put {
        let only_new = "`*`: only create, never overwrite.";
        add("If-None-Match", Required::False, only_new);
    }
    if path.ends_with("/batch") {
        bound_batch(operation);
    }
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        body.required = Some(Required::True); // utoipa takes the body of a patch for optional
    }
}

/// Adds the headers of successful responses. `is_write` says whether the operation stores anything.
fn describe_responses(operation: &mut Operation, path: &str, is_write: bool) {
    let has_etag = !WITHOUT_ETAG.iter().any(|end| path.ends_with(end));
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else {
            continue;
        };
        if !status.starts_with('2') {
            continue;
        }
        let mut add = |name: &str, description: &str, max_length: usize| {
            let header = header(description, text(max_length));
            response.headers.insert(name.to_owned(), header.into());
        };
        let request_id = "The request's id. Quote it when you report a problem.";
        add("X-Request-Id", request_id, 100);
        add("Cache-Control", "Caches must not store the response.", 200);
        let any_origin = "Any origin may send this; no cookies are used.";
        add("Access-Control-Allow-Origin", any_origin, 1);
        if !is_write {
            continue;
        }
        if has_etag && !["202", "204"].contains(&status.as_str()) {
            let version = "The version of the record, for the next `If-Match`.";
            add("ETag", version, 100);
        }
        if status == "201" || status == "202" {
            add("Location", "The URL of the new record or proposal.", 2100);
        }
        let replayed = "`true` if this is the stored response to an earlier request.";
        add("Idempotency-Replayed", replayed, 4);
        let sanitised = "What was taken off HTML: for each member a pointer with the names of `elements` and `attributes`, such as `\"/body_html\";elements=\"script\";attributes=\"onclick\"` (a list of RFC 9651). Absent if nothing was.";
        if ["200", "201", "202"].contains(&status.as_str()) {
            add("Sanitised", sanitised, 20_000);
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

/// Adds the security scheme, and the schemas of patches: documents without required members.
pub(super) fn add_schemas(components: &mut Components) {
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
        let patch = Schema::Object(patch);
        let name = format!("{name}Patch");
        components.schemas.insert(name, patch.into());
    }
}

/// Says of actions that need nothing that they need no body.
pub(super) fn let_empty_bodies_be_absent(document: &mut Value) {
    let schemas = document.pointer("/components/schemas").cloned();
    let needs_nothing = |body: &Value| {
        let schema = body.pointer("/content/application~1json/schema/$ref");
        let name = schema.and_then(Value::as_str)?.rsplit('/').next()?;
        let required = schemas.as_ref()?.get(name)?.get("required");
        Some(required.and_then(Value::as_array).is_none_or(Vec::is_empty))
    };
    let Some(Value::Object(paths)) = document.get_mut("paths") else {
        return;
    };
    for item in paths.values_mut() {
        if let Some(body) = item.pointer_mut("/post/requestBody")
            && needs_nothing(body) == Some(true)
        {
            body["required"] = Value::Bool(false);
        }
    }
}
