//! Validates every response in every test against the committed OpenAPI document.

use jsonschema::{Registry, Validator};
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, LazyLock, Mutex};

use super::Answer;

pub static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../openapi/openapi.json")).unwrap());

static REGISTRY: LazyLock<Registry<'static>> = LazyLock::new(|| {
    Registry::new()
        .add("urn:openapi", &*DOCUMENT)
        .unwrap()
        .prepare()
        .unwrap()
});

static VALIDATORS: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

/// The documented parameters of a `GET`.
pub fn parameters(path: &str) -> &'static [Value] {
    let parameters = DOCUMENT["paths"][path]["get"]["parameters"].as_array();
    parameters.map_or(&[], Vec::as_slice)
}

/// The names of a `GET`'s parameters.
pub fn parameter_names(path: &str) -> BTreeSet<&'static str> {
    let parameters = parameters(path).iter();
    parameters
        .map(|parameter| parameter["name"].as_str().unwrap())
        .collect()
}

/// The words that a parameter of a `GET` accepts; none if there is no such parameter.
pub fn parameter_values(path: &str, name: &str) -> Vec<&'static str> {
    let mut parameters = parameters(path).iter();
    let parameter = parameters.find(|parameter| parameter["name"] == name);
    parameter.map_or(Vec::new(), |parameter| {
        let schema = &parameter["schema"];
        let named = schema["items"]["$ref"].as_str();
        words(named.map_or(schema, |name| DOCUMENT.pointer(&name[1..]).unwrap()))
    })
}

/// The words that a schema, or that of its items, enumerates.
pub fn words(schema: &Value) -> Vec<&str> {
    let words = schema["enum"].as_array();
    let words = words.or(schema["items"]["enum"].as_array());
    let words = words.into_iter().flatten();
    words.map(|word| word.as_str().unwrap()).collect()
}

/// Asserts that the document describes this response for this path.
pub fn check(method: &str, path: &str, answer: &Answer) {
    let (path, query) = without_base(path)
        .split_once('?')
        .unwrap_or((without_base(path), ""));
    let Some(template) = template(path) else {
        return;
    };
    let pointer = format!(
        "/paths/{}/{method}/responses/{}",
        escape(&template),
        answer.status
    );
    let mut response = DOCUMENT.pointer(&pointer).unwrap_or_else(|| {
        panic!(
            "{method} {template} answers {}, which is not documented: {}",
            answer.status,
            answer.text()
        )
    });
    let mut place = pointer;
    if let Some(reference) = response["$ref"].as_str() {
        place = reference.trim_start_matches('#').to_owned();
        response = DOCUMENT.pointer(&place).unwrap();
    }
    let documented = response["headers"].as_object();
    for name in documented.into_iter().flat_map(|headers| headers.keys()) {
        let sometimes = [
            "Cache-Tag",
            "Idempotency-Replayed",
            "Last-Modified",
            "Link",
            "Sanitised",
        ];
        let not_always = sometimes.contains(&name.as_str()) || answer.status == 304;
        assert!(
            not_always || answer.headers.contains_key(name),
            "{path}: no header {name}"
        );
    }
    let Some(content) = response["content"].as_object() else {
        assert!(
            answer.bytes.is_empty(),
            "{path}: a body that is not documented"
        );
        return;
    };
    let media_type = answer
        .header("content-type")
        .split(';')
        .next()
        .unwrap_or_default();
    assert!(
        content.contains_key(media_type),
        "{path}: {media_type} is not documented"
    );
    if media_type.ends_with("json") && !media_type.ends_with("ndjson") {
        let schema = format!("urn:openapi#{place}/content/{}/schema", escape(media_type));
        let body = answer.json();
        let name = DOCUMENT.pointer(&format!(
            "{place}/content/{}/schema/$ref",
            escape(media_type)
        ));
        let name = name.and_then(Value::as_str).unwrap_or_default();
        if let Some((_, record)) = name.split_once("/Item_").or(name.split_once("/List_"))
            && !query.contains("fields=")
        {
            // without `fields`, every required member is present
            let record = format!("urn:openapi#/components/schemas/{record}");
            let data = &body["data"];
            for one in data.as_array().unwrap_or(&vec![data.clone()]) {
                assert_valid(path, &record, one);
            }
        }
        assert_valid(path, &schema, &body);
    }
}

fn assert_valid(path: &str, schema: &str, body: &Value) {
    let validator = validator(schema);
    let in_short = |text: String| text.chars().take(400).collect::<String>();
    let errors: Vec<String> = validator
        .iter_errors(body)
        .take(3)
        .map(|error| {
            in_short(format!(
                "{} {} {error}",
                error.instance_path(),
                error.schema_path()
            ))
        })
        .collect();
    assert!(errors.is_empty(), "{path} breaks {schema}: {errors:#?}");
}

fn validator(schema: &str) -> Arc<Validator> {
    let mut validators = VALIDATORS.lock().unwrap();
    let build = || {
        // a pointer in a URI: braces are percent-encoded (RFC 6901, 6)
        let reference = schema.replace('{', "%7B").replace('}', "%7D");
        let schema = json!({ "$ref": reference });
        Arc::new(
            jsonschema::options()
                .with_registry(&REGISTRY)
                .should_validate_formats(true)
                .build(&schema)
                .unwrap(),
        )
    };
    validators
        .entry(schema.to_owned())
        .or_insert_with(build)
        .clone()
}

/// The document's path template that matches an actual path; literal segments win over parameters.
pub fn template(path: &str) -> Option<String> {
    let segments: Vec<&str> = path.split('/').collect();
    let fits = |template: &&String| {
        let wanted: Vec<&str> = template.split('/').collect();
        wanted.len() == segments.len()
            && wanted
                .iter()
                .zip(&segments)
                .all(|(w, s)| w == s || (w.starts_with('{') && !s.is_empty()))
    };
    let paths = DOCUMENT["paths"].as_object().unwrap();
    paths
        .keys()
        .filter(fits)
        .min_by_key(|template| template.matches('{').count())
        .cloned()
}

fn without_base(path: &str) -> &str {
    match path.strip_prefix("http://") {
        Some(rest) => rest.find('/').map_or("/", |slash| &rest[slash..]),
        None => path,
    }
}

fn escape(segment: &str) -> String {
    segment.replace('~', "~0").replace('/', "~1")
}
