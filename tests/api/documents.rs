//! The OpenAPI document and the page rendered from it.

use answerable::log::Resource;
use answerable::tracking::catalogue;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

use crate::architecture::sources;
use crate::support::contract::DOCUMENT;
use crate::support::{Answer, Instance, both, eventually, project};

/// Calls `each` for every schema in the document, with its location.
fn schemas(value: &Value, place: &str, each: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Object(members) => {
            if members.contains_key("type")
                && !place.ends_with("/properties")
                && !place.ends_with("/example")
            {
                each(place, value);
            }
            for (name, inner) in members {
                schemas(inner, &format!("{place}/{name}"), each);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                schemas(inner, &format!("{place}/{index}"), each);
            }
        }
        _ => {}
    }
}

#[test]
fn every_string_array_and_integer_has_bounds() {
    let mut missing = Vec::new();
    schemas(&DOCUMENT, "", &mut |place, schema| {
        let types: Vec<&str> = match &schema["type"] {
            Value::String(one) => vec![one],
            Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
            _ => return,
        };
        let has = |names: &[&str]| names.iter().any(|name| schema.get(name).is_some());
        let bounded = (!types.contains(&"string") || has(&["maxLength", "enum", "const"]))
            && (!types.contains(&"array") || has(&["maxItems"]))
            && (!types.contains(&"integer") || (has(&["minimum"]) && has(&["maximum"])));
        if !bounded {
            missing.push(place.to_owned());
        }
    });
    assert!(
        missing.is_empty(),
        "{} without bounds: {missing:#?}",
        missing.len()
    );
}

#[test]
fn every_operation_has_an_id_a_description_and_error_responses() {
    let mut names = BTreeSet::new();
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap();
            assert!(names.insert(name.to_owned()), "{name} twice");
            assert!(
                operation["summary"]
                    .as_str()
                    .is_some_and(|text| !text.is_empty()),
                "{method} {path}"
            );
            assert!(
                operation["description"]
                    .as_str()
                    .is_some_and(|text| text.len() > 20),
                "{method} {path}"
            );
            let responses = operation["responses"].as_object().unwrap();
            for status in ["400", "404", "405", "414", "500", "503"] {
                assert!(
                    responses.contains_key(status),
                    "{method} {path} says nothing of {status}"
                );
            }
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let name = parameter["name"].as_str().unwrap();
                assert!(
                    parameter["description"]
                        .as_str()
                        .is_some_and(|text| !text.is_empty()),
                    "{path} {name}"
                );
            }
        }
    }
}

#[test]
fn every_operation_responds_and_every_route_is_documented() {
    both(|api| {
        let token = api.admin();
        let without_slug = [
            "obligations",
            "responses",
            "action-plans",
            "progress-updates",
            "assessments",
            "mandates",
        ];
        let without_slug = BTreeMap::from(without_slug.map(|collection| {
            let list = api.get(&format!("/v1/{collection}?limit=1"));
            (collection, list.column("id").remove(0))
        }));
        let made = |path: &str, body: Value| api.post(path, &token, &body).id();
        let silent = json!({"url": "https://hooks.example/", "is_enabled": false});
        let webhook = made("/v1/webhooks", silent);
        let delivery = made(&format!("/v1/webhooks/{webhook}/test"), Value::Null);
        let (_, one) = api.client(&["recommendations:write", "articles:publish"], &["iopc"]);
        let joint = json!({"slug": "joint", "title": "R", "published_on": "2026-01-02", "publishers": ["iopc", "hmicfrs"]});
        let proposal = api.post("/v1/reports", &one, &joint).id();
        for (path, operations) in DOCUMENT["paths"].as_object().unwrap() {
            let collection = path.split('/').nth(2).unwrap_or_default();
            let id = match collection {
                "articles" => "exampleshire-custody-report-published",
                "organisations" => "iopc",
                "groups" => "exampleshire-forces",
                "topics" => "stalking",

                "webhooks" => webhook.as_str(),
                "proposals" => proposal.as_str(),
                "deadline-rules" => "iopc-28b-response",
                "reports" => "exampleshire-custody-2025",
                other => {
                    let id = without_slug.get(other);
                    id.map_or("exampleshire-custody-2025-1", String::as_str)
                }
            };
            let path = path
                .replace("{id}", id)
                .replace("{delivery_id}", &delivery)
                .replace("{slug}", "gone")
                .replace("{collection}", "recommendations");
            for method in operations.as_object().unwrap().keys() {
                if path.ends_with("/stream") {
                    // endless; stream.rs covers it
                    api.send("HEAD", &path, &[]).assert_status(200);
                    continue;
                }
                let answer = match (method.as_str(), path.as_str()) {
                    ("get", of_address @ ("/v1/oembed" | "/v1/lookup")) => {
                        let url = format!(
                            "{}/v1/articles/exampleshire-custody-report-published",
                            api.base
                        );
                        api.get(&format!("{of_address}?url={url}"))
                    }
                    ("get", search) if search.starts_with("/v1/search") => api.get(&format!(
                        "{}?q=police",
                        search.replace("{facet_name}", "topic")
                    )),
                    ("get", due) if due.ends_with("/due") => {
                        api.get(&format!("{due}?from=2024-09-27"))
                    }
                    ("get", private)
                        if private.starts_with("/v1/webhooks")
                            || private.starts_with("/v1/proposals") =>
                    {
                        api.get_as(&token, private)
                    }
                    ("get", _) => api.get(&path),
                    ("post", "/oauth/token") => api.request_token("nobody", "nothing"),
                    _ => api.write(&method.to_uppercase(), &path, &token, &[], &json!({})),
                };
                let expected = match (method.as_str(), path.as_str()) {
                    ("get", _) => 200,
                    ("post", "/oauth/token") => 401,
                    ("post", "/v1/batch") => 400,
                    ("post", path) if path.ends_with("/preview") => 200,
                    ("post", path) if path.ends_with("/test") => 200,
                    ("post", path) if path.ends_with("/rotate-secret") => 200,
                    ("post", path) if path.contains("/deliveries/") => 200,
                    ("post", path) if path.ends_with("/accept") => 200,
                    ("post", path) if path.ends_with("/publish") => 428,
                    ("post", _) => 422,
                    _ => 428,
                };
                assert_eq!(
                    answer.status,
                    expected,
                    "{method} {path}: {}",
                    answer.text()
                );
            }
        }
    });
    // count the routes by their attributes in the source
    let mut routes = 0;
    for (_, text) in sources("src") {
        for method in ["get", "post", "put", "patch", "delete"] {
            routes += text.matches(&format!("\n#[{method}(\"")).count();
        }
    }
    // those that write a record are mounted for every kind alike
    let guides = Resource::ALL.map(|resource| catalogue::kind(resource).guide);
    let written = guides.into_iter().flatten();
    routes += written
        .map(|guide| if guide.has_slug { 4 } else { 3 })
        .sum::<usize>();
    let operations = DOCUMENT["paths"].as_object().unwrap().values();
    let operations = operations.map(|methods| methods.as_object().unwrap().len());
    assert_eq!(routes, operations.sum::<usize>());
}

#[test]
fn the_served_document_is_the_committed_one() {
    both(|api| {
        assert_eq!(
            api.get("/openapi.json").text(),
            include_str!("../../openapi/openapi.json")
        );
    });
}

#[test]
fn the_documentation_page_loads_nothing_from_other_hosts() {
    both(|api| {
        for start in ["/docs", "/docs/"] {
            let page: Answer = api.send("GET", start, &[]);
            assert_eq!(
                (page.status, page.header("content-type")),
                (200, "text/html; charset=utf-8"),
                "{start}"
            );
            assert!(
                page.header("content-security-policy")
                    .contains("default-src 'self'")
            );
            let html = page.text();
            let files: BTreeSet<&str> = html
                .split(['"', '\''])
                .filter(|part| {
                    part.ends_with(".js") || part.ends_with(".css") || part.ends_with(".json")
                })
                .collect();
            assert_eq!(files.len(), 3, "{html}");
            for file in files {
                assert!(file.starts_with('/') && !file.contains("//"), "{file}");
                api.send("GET", file, &[("Accept-Encoding", "gzip")])
                    .assert_status(200);
            }
        }
        for path in [
            "/docs/../Cargo.toml",
            "/docs/%2e%2e/Cargo.toml",
            "/docs//etc/passwd",
        ] {
            api.send("GET", path, &[]).assert_status(404);
        }
    });
}

#[test]
fn every_reference_in_the_document_resolves() {
    fn walk(value: &Value, seen: &mut usize) {
        match value {
            Value::Object(members) => {
                if let Some(place) = members.get("$ref").and_then(Value::as_str) {
                    *seen += 1;
                    let pointer = place.trim_start_matches('#');
                    assert!(DOCUMENT.pointer(pointer).is_some(), "{place}");
                }
                members.values().for_each(|member| walk(member, seen));
            }
            Value::Array(items) => items.iter().for_each(|item| walk(item, seen)),
            _ => {}
        }
    }
    let mut seen = 0;
    walk(&DOCUMENT, &mut seen);
    assert!(seen > 500, "{seen}");
}

#[test]
fn clients_can_be_generated_from_the_document() {
    fn names(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                let reference = members.get("$ref").and_then(Value::as_str);
                found.extend(reference.map(|place| place.trim_start_matches('#').to_owned()));
                members.values().for_each(|member| names(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| names(item, found)),
            _ => {}
        }
    }
    let mut todo = Vec::new();
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            names(&operation["responses"], &mut todo);
            let body = &operation["requestBody"];
            // only what has no member that must be there may be left out as a whole
            let schema = &body["content"]["application/json"]["schema"]["$ref"];
            let schema = schema
                .as_str()
                .and_then(|place| DOCUMENT.pointer(&place[1..]));
            let needs_nothing = schema.is_some_and(|schema| schema.get("required").is_none());
            let is_absent = body.is_null() || (method == "post" && needs_nothing);
            assert!(is_absent || body["required"] == true, "{method} {path}");
        }
    }
    let mut seen = BTreeSet::new();
    while let Some(place) = todo.pop() {
        if !seen.insert(place.clone()) {
            continue;
        }
        let schema = DOCUMENT.pointer(&place).unwrap();
        names(schema, &mut todo);
        // members may be added, and clients generated earlier must not reject them
        assert_ne!(schema["additionalProperties"], json!(false), "{place}");
        if place.contains("/Item_") || place.contains("/List_") {
            // a record has one type, in every response
            assert_eq!(
                schema.pointer("/properties/data/properties"),
                None,
                "{place}"
            );
            assert_eq!(
                schema.pointer("/properties/data/items/properties"),
                None,
                "{place}"
            );
        }
    }
    assert!(seen.len() > 80, "{}", seen.len());
}

/// A value as part of a query string; each of a list by itself.
fn in_query(name: &str, example: &Value) -> String {
    let values = match example {
        Value::Array(values) => values.clone(),
        value => vec![value.clone()],
    };
    let pairs = values.iter().map(|value| match value {
        Value::String(text) => (name, text.clone()),
        value => (name, value.to_string()),
    });
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

/// The reads of a document: each path with the examples of its parameters, and for each optional parameter with an example the
/// same with it. Paths without an example are left out: those of records that the demo has none of.
fn examples() -> Vec<(String, Option<String>)> {
    let mut found = Vec::new();
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        let parameters = item["get"]["parameters"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let is_in = |place: &'static str| {
            let all = parameters.iter();
            all.filter(move |parameter| parameter["in"] == place)
        };
        let mut address = path.clone();
        for parameter in is_in("path") {
            if let Some(example) = parameter["example"].as_str() {
                let name = parameter["name"].as_str().unwrap();
                address = address.replace(&format!("{{{name}}}"), example);
            }
        }
        if item.get("get").is_none() || address.contains('{') {
            continue;
        }
        let example = |parameter: &Value| {
            let example = parameter
                .get("example")
                .or(parameter["schema"].get("example"));
            example.map(|example| in_query(parameter["name"].as_str().unwrap(), example))
        };
        let required = is_in("query").filter(|parameter| parameter["required"] == true);
        let required: Vec<String> = required.filter_map(example).collect();
        let base = format!("{address}?{}", required.join("&"));
        found.push((base.clone(), None));
        for parameter in is_in("query").filter(|parameter| parameter["required"] != true) {
            found.push((base.clone(), example(parameter)));
        }
    }
    found
}

fn wait_for_search(api: &Instance) {
    eventually(|| {
        let answer = api.get("/v1/search?q=force");
        (answer.status != 503).then_some(()).ok_or(answer.text())
    });
}

#[test]
fn every_example_of_a_parameter_succeeds_on_the_demo() {
    both(|api| {
        wait_for_search(api);
        let (mut executed, mut failures) = (0, Vec::new());
        for (base, more) in examples() {
            if base.starts_with("/v1/changes/stream") {
                continue; // which does not end
            }
            let path = match more {
                Some(more) => format!("{base}&{more}"),
                None => base,
            };
            let path = path.replace("?&", "?");
            let answer = api.get_as(&api.admin(), path.trim_end_matches('?'));
            executed += 1;
            if answer.status != 200 {
                failures.push(format!("{path}: {} {}", answer.status, answer.text()));
            }
        }
        assert!(failures.is_empty(), "{failures:#?}");
        assert!(executed > 300, "{executed} examples");
    });
}

#[test]
fn the_index_names_what_anyone_may_read() {
    both(|api| {
        wait_for_search(api);
        for path in ["/", "/v1"] {
            let index = api.data(path);
            assert_eq!(index["name"], "Answerable");
            assert_eq!(index["documentation"], format!("{}/docs", api.base));
            let links = index["links"].as_array().unwrap();
            assert!(links.len() > 15, "{links:?}");
            for link in links {
                let path = link["url"]
                    .as_str()
                    .unwrap()
                    .strip_prefix(&api.base)
                    .unwrap();
                if path != "/v1/changes/stream" {
                    api.send("GET", path, &[]).assert_status(200);
                }
            }
            let page = api.send(
                "GET",
                path,
                &[("accept", "text/html,application/xhtml+xml")],
            );
            assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
            assert_eq!(page.header("vary"), "Accept");
            let link = format!(
                "<li><a href=\"{}/v1/articles\">List articles</a></li>",
                api.base
            );
            assert!(page.text().contains(&link), "{}", page.text());
        }
    });
}

#[test]
fn the_version_has_release_notes() {
    let version = env!("CARGO_PKG_VERSION");
    let changes = std::fs::read_to_string(project("CHANGELOG.md")).unwrap();
    let mut headings = changes.lines().filter_map(|line| line.strip_prefix("## "));
    assert_eq!(headings.next(), Some("[Unreleased]"));
    let newest = headings.next().unwrap();
    let (of, on) = newest.split_once(" - ").unwrap();
    assert_eq!(of, format!("[{version}]"));
    assert!(on.parse::<chrono::NaiveDate>().is_ok(), "{on}");
    let released = std::fs::read_to_string(project("openapi/released.json")).unwrap();
    let released: Value = serde_json::from_str(&released).unwrap();
    assert_eq!(released["info"]["version"], version);
}

#[test]
fn documents_may_name_records_as_they_are_shown() {
    let reference = &DOCUMENT["components"]["schemas"]["Reference"];
    let validator = jsonschema::validator_for(reference).unwrap();
    for named in [
        json!("iopc"),
        json!({"slug": "iopc", "name": "I"}),
        json!({"id": "x"}),
    ] {
        assert!(validator.is_valid(&named), "{named}");
    }
    assert!(!validator.is_valid(&json!(["iopc"])));
    let to_it = json!("#/components/schemas/Reference");
    let members = |schema: &str| &DOCUMENT["components"]["schemas"][schema]["properties"];
    assert_eq!(members("ArticleDocument")["organisation"]["$ref"], to_it);
    assert_eq!(members("ArticleDocument")["topics"]["items"]["$ref"], to_it);
    assert_eq!(
        members("RecommendationDocument")["addressees"]["items"]["$ref"],
        to_it
    );
    assert_eq!(members("ResponseDocument")["report"]["$ref"], to_it);
}

#[test]
fn a_change_requires_its_version_and_only_a_put_creates() {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let mut seen = 0;
    for (path, item) in paths {
        for method in ["patch", "delete", "put"] {
            let Some(parameters) = item.pointer(&format!("/{method}/parameters")) else {
                continue;
            };
            let named = |name: &str| {
                let mut all = parameters.as_array().unwrap().iter();
                all.find(|one| one["name"] == name)
            };
            let required = named("If-Match").map(|one| one["required"] == true);
            assert_eq!(required, Some(method != "put"), "{method} {path}");
            assert_eq!(
                named("If-None-Match").is_some(),
                method == "put",
                "{method} {path}"
            );
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen}");
}
