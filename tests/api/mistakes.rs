//! What is said of mistakes: a code for programs, the place, and our own words, with what was sent and what is expected.

use answerable::platform::mistakes::MistakeCode;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use strum::IntoEnumIterator;

use crate::support::{Instance, both, both_empty, project, time, with};

/// A document with a mistake: what differs from a valid one, the code, the pointer, and words that the detail has.
type Case = (Value, &'static str, &'static str, &'static str);

fn seed(api: &Instance) {
    api.clock.set(time("2026-12-02T09:00:00Z"));
    api.import_all(&[
        json!({"type": "organisation", "slug": "watchdog", "name": "The Fictional Watchdog"}),
        json!({"type": "organisation", "slug": "north", "name": "North Force"}),
        json!({"type": "topic", "slug": "custody", "name": "Custody"}),
        json!({"type": "article", "slug": "first", "headline": "First", "organisation": "watchdog",
            "published_at": "2026-11-01T09:00:00Z", "original_url": "https://watchdog.example/first"}),
        json!({"type": "report", "slug": "r", "title": "R", "published_on": "2026-09-30", "publishers": ["watchdog"]}),
        json!({"type": "recommendation", "report": "r", "number": "1", "text": "Do it.", "addressees": ["north"]}),
        json!({"type": "report", "slug": "other", "title": "Other", "published_on": "2026-09-30", "publishers": ["watchdog"]}),
        json!({"type": "recommendation", "report": "other", "number": "1", "text": "Do that.", "addressees": ["north"]}),
    ]);
}

fn article() -> Value {
    json!({"slug": "second", "headline": "Second", "organisation": "watchdog", "published_at": "2026-11-01T09:00:00Z"})
}

fn articles() -> Vec<Case> {
    let long = "x".repeat(1001);
    vec![
        (
            json!({"headline": null}),
            "required",
            "#/headline",
            "not null",
        ),
        (
            json!({"headline": ""}),
            "blank",
            "#/headline",
            "must not be blank",
        ),
        (
            json!({"headline": " \u{200b}\u{a0}\t"}),
            "blank",
            "#/headline",
            "must not be blank",
        ),
        (
            json!({"headline": 5}),
            "wrong_type",
            "#/headline",
            "Expected a text, not a number.",
        ),
        (
            json!({"headline": ["a"]}),
            "wrong_type",
            "#/headline",
            "not a list",
        ),
        (
            json!({"headline": {"en": "a"}}),
            "wrong_type",
            "#/headline",
            "not an object",
        ),
        (
            json!({"headline": long}),
            "too_long",
            "#/headline",
            "there are 1001",
        ),
        (
            json!({"headlin": "a"}),
            "unknown_member",
            "#/headlin",
            "Did you mean 'headline'?",
        ),
        (
            json!({"colour": "red"}),
            "unknown_member",
            "#/colour",
            "Expected one of: ",
        ),
        (
            json!({"colour": null}),
            "unknown_member",
            "#/colour",
            "Unknown member 'colour'",
        ),
        (
            json!({"revision": 5}),
            "computed",
            "#/revision",
            "server computes",
        ),
        (
            json!({"excerpt": "a"}),
            "computed",
            "#/excerpt",
            "leave it out",
        ),
        (
            json!({"slug": "Not A Slug"}),
            "not_a_slug",
            "#/slug",
            "not 'Not A Slug'",
        ),
        (
            json!({"slug": "01890a5d-ac96-774b-bcce-b302099a8057"}),
            "not_a_slug",
            "#/slug",
            "look like an id",
        ),
        (json!({"slug": "first"}), "", "", "exists already"),
        (json!({"id": "5"}), "not_an_id", "#/id", "not '5'"),
        (
            json!({"published_at": "yesterday"}),
            "not_a_time",
            "#/published_at",
            "not 'yesterday'",
        ),
        (
            json!({"published_at": "2026-02-30T09:00:00Z"}),
            "not_a_time",
            "#/published_at",
            "Expected a time such as",
        ),
        (
            json!({"published_at": 5}),
            "wrong_type",
            "#/published_at",
            "not a number",
        ),
        (
            json!({"published_at": null}),
            "required",
            "#/published_at",
            "draft",
        ),
        (
            json!({"organisation": "watchdgo"}),
            "unknown_reference",
            "#/organisation",
            "no organisation 'watchdgo'",
        ),
        (
            json!({"organisation": {"name": "Watchdog"}}),
            "required",
            "#/organisation",
            "'id' or 'slug'",
        ),
        (
            json!({"organisation": 5}),
            "wrong_type",
            "#/organisation",
            "an id, a slug, or an object",
        ),
        (
            json!({"co_publishers": ["north", "north"]}),
            "listed_twice",
            "#/co_publishers/1",
            "listed twice",
        ),
        (
            json!({"topics": "custody"}),
            "wrong_type",
            "#/topics",
            "Expected a list, not a text.",
        ),
        (
            json!({"topics": ["custody", "none"]}),
            "unknown_reference",
            "#/topics/1",
            "no topic 'none'",
        ),
        (
            json!({"translation_of": "second"}),
            "self_reference",
            "#/translation_of",
            "refer to itself",
        ),
        (
            json!({"original_url": "ftp://watchdog.example/x"}),
            "not_a_url",
            "#/original_url",
            "http or https URL",
        ),
        (
            json!({"original_url": "http://www.watchdog.example/first?utm_source=x"}),
            "already_taken",
            "#/original_url",
            "original link",
        ),
        (
            json!({"language": "english"}),
            "not_a_language",
            "#/language",
            "'en' or 'cy'",
        ),
        (
            json!({"state": "publishd"}),
            "unknown_value",
            "#/state",
            "Did you mean 'published'?",
        ),
        (
            json!({"state": 5}),
            "wrong_type",
            "#/state",
            "Expected a text, not a number.",
        ),
        (
            json!({"state": {}}),
            "wrong_type",
            "#/state",
            "Expected a text, not an object.",
        ),
        (
            json!({"withdrawal": []}),
            "wrong_type",
            "#/withdrawal",
            "Expected an object, not a list.",
        ),
        (
            json!({"state": "withdrawn"}),
            "required",
            "#/withdrawal",
            "when and why",
        ),
        (
            json!({"state": "withdrawn", "withdrawal": {"at": "2026-11-02T09:00:00Z", "reason": "  "}}),
            "blank",
            "#/withdrawal/reason",
            "blank",
        ),
        (
            json!({"state": "withdrawn", "withdrawal": {"at": "2030-11-02T09:00:00Z", "reason": "Wrong."}}),
            "in_future",
            "#/withdrawal/at",
            "in the future",
        ),
        (
            json!({"merged_into": "first"}),
            "inconsistent",
            "#/merged_into",
            "requires the state 'gone'",
        ),
        (
            json!({"identifiers": [{"scheme": "No Scheme", "value": "1"}]}),
            "invalid_value",
            "#/identifiers/0/scheme",
            "not 'No Scheme'",
        ),
        (
            json!({"images": [{"url": "https://x.example/a.png"}]}),
            "required",
            "#/images/0/alt",
            "'alt' is required",
        ),
        (
            json!({"images": [{"url": "https://x.example/a.png", "alt": "A", "width": -1}]}),
            "out_of_range",
            "#/images/0/width",
            "not -1",
        ),
        (
            json!({"images": [{"url": "https://x.example/a.png", "alt": "A", "width": 0}]}),
            "out_of_range",
            "#/images/0/width",
            "at least 1",
        ),
        (
            json!({"images": [{"url": "https://x.example/a.png", "alt": "A", "width": 1.5}]}),
            "wrong_type",
            "#/images/0/width",
            "whole number",
        ),
        (
            json!({"images": [{"url": "https://x.example/a.png", "alt": "A", "width": "5"}]}),
            "wrong_type",
            "#/images/0/width",
            "not a text",
        ),
        (
            json!({"images": [{"url": "https://x.example/a.png", "alt": "A", "media_type": "PNG"}]}),
            "invalid_value",
            "#/images/0/media_type",
            "not 'PNG'",
        ),
        (
            json!({"is_minor_edit": "yes"}),
            "wrong_type",
            "#/is_minor_edit",
            "Expected true or false",
        ),
        (
            json!({"type": "report"}),
            "inconsistent",
            "#/type",
            "article",
        ),
        (
            json!({"summary": "a\u{0}b"}),
            "control_character",
            "#/summary",
            "U+0000",
        ),
        (
            json!({"identifiers": vec![json!({"scheme": "a", "value": "1"}); 51]}),
            "too_many",
            "#/identifiers",
            "there are 51",
        ),
    ]
}

fn others() -> Vec<(
    &'static str,
    Value,
    &'static str,
    &'static str,
    &'static str,
)> {
    let report = |more| {
        let valid = json!({"slug": "new", "title": "New", "published_on": "2026-11-01", "publishers": ["watchdog"]});
        with(valid, more)
    };
    let recommendation = |more| {
        let valid =
            json!({"report": "r", "number": "2", "text": "Do it.", "addressees": ["north"]});
        with(valid, more)
    };
    let response = |more| {
        let valid = json!({"report": "r", "responder": "north", "published_on": "2026-12-01", "covers": [{"number": "1"}]});
        with(valid, more)
    };
    vec![
        (
            "topics",
            json!({}),
            "required",
            "#/name",
            "'name' is required",
        ),
        (
            "topics",
            json!({"slug": "t", "name": "T", "parent": "t"}),
            "self_reference",
            "#/parent",
            "itself",
        ),
        (
            "reports",
            report(json!({"publishers": []})),
            "too_few",
            "#/publishers",
            "At least 1",
        ),
        (
            "reports",
            report(json!({"published_on": "2026-11-31"})),
            "not_a_time",
            "#/published_on",
            "not '2026-11-31'",
        ),
        (
            "reports",
            report(json!({"nations": ["atlantis"]})),
            "unknown_value",
            "#/nations/0",
            "Expected one of: ",
        ),
        (
            "reports",
            report(json!({"responses_checked_on": "2031-01-01"})),
            "in_future",
            "#/responses_checked_on",
            "in the future",
        ),
        (
            "recommendations",
            recommendation(json!({"number": "1", "slug": "another"})),
            "already_taken",
            "#/number",
            "has this number",
        ),
        (
            "recommendations",
            recommendation(json!({"parent_number": "9"})),
            "unknown_reference",
            "#/parent_number",
            "the number '9'",
        ),
        (
            "recommendations",
            recommendation(json!({"deadlines": [{"kind": "response", "rule": "no-rule"}]})),
            "unknown_reference",
            "#/deadlines/0/rule",
            "no deadline rule 'no-rule'",
        ),
        (
            "recommendations",
            recommendation(json!({"deadlines": [{"kind": "response"}]})),
            "required",
            "#/deadlines/0/stated_due_on",
            "a rule or the stated due date",
        ),
        (
            "responses",
            response(json!({"covers": []})),
            "too_few",
            "#/covers",
            "At least 1",
        ),
        (
            "responses",
            response(json!({"covers": [{"recommendation": "other-1"}]})),
            "conflict",
            "#/covers/0",
            "another report",
        ),
        (
            "responses",
            response(json!({"covers": [{"number": "1", "recommendation": "r-1"}]})),
            "inconsistent",
            "#/covers/0/number",
            "not both",
        ),
        (
            "responses",
            response(json!({"kind": "correction"})),
            "required",
            "#/kind",
            "corrects",
        ),
        (
            "responses",
            response(json!({"published_on": "2031-01-01"})),
            "in_future",
            "#/published_on",
            "in the future",
        ),
        (
            "responses",
            response(json!({"sha256": "XYZ"})),
            "invalid_value",
            "#/sha256",
            "not 'XYZ'",
        ),
        (
            "webhooks",
            json!({"url": "https://watchdog.example/hook", "types": ["artcle"]}),
            "unknown_value",
            "#/types/0",
            "Did you mean 'article'?",
        ),
        (
            "webhooks",
            json!({"types": "article"}),
            "wrong_type",
            "#/types",
            "Expected a list",
        ),
        (
            "webhooks",
            json!({"url": "ftp://watchdog.example/hook"}),
            "not_a_url",
            "#/url",
            "https",
        ),
        (
            "webhooks",
            json!({"url": "https://watchdog.example/hook", "organisations": ["none"]}),
            "unknown_reference",
            "#/organisations/0",
            "none",
        ),
    ]
}

/// Asserts that a problem has this mistake, and that it shows no word of a parser.
fn assert_mistake(problem: &Value, sent: &Value, (code, pointer, words): (&str, &str, &str)) {
    let errors = problem["errors"].as_array().cloned().unwrap_or_default();
    let found = errors.iter().find(|one| one["pointer"] == pointer);
    let found = found.unwrap_or_else(|| panic!("{sent}: {problem:#}"));
    assert_eq!(found["code"], code, "{sent}: {problem:#}");
    let detail = found["detail"].as_str().unwrap();
    assert!(detail.contains(words), "{sent}: {detail}");
    assert_own_words(detail);
}

/// Words of the parsers and validators.
const FOREIGN: [&str; 18] = [
    "invalid type",
    "invalid value",
    "unknown variant",
    "unknown field",
    "missing field",
    "duplicate field",
    "expected struct",
    "expected a string",
    "expected u",
    "expected i",
    "at line",
    "premature",
    "trailing input",
    "input ",
    "length is",
    "UUID parsing",
    "`",
    "digit found",
];

fn assert_own_words(detail: &str) {
    for foreign in FOREIGN {
        assert!(!detail.contains(foreign), "{detail}");
    }
    let first = detail.chars().next().unwrap();
    assert!(
        first.is_uppercase() || first == '\'' || first.is_numeric(),
        "{detail}"
    );
    assert!(detail.ends_with(['.', '?', ')']), "{detail}");
}

#[test]
fn each_kind_of_mistake_has_its_code_its_place_and_our_words() {
    let seen = articles().len() + others().len();
    assert!(seen >= 60, "{seen}");
    both_empty(|api| {
        seed(api);
        let token = api.admin();
        for (more, code, pointer, words) in articles() {
            let sent = with(article(), more);
            let answer = api.post("/v1/articles", &token, &sent);
            match code {
                "" => {
                    let problem = answer.problem(409, "conflict");
                    assert!(
                        problem["detail"].as_str().unwrap().contains(words),
                        "{problem}"
                    );
                }
                _ => assert_mistake(
                    &answer.problem(422, "validation-failed"),
                    &sent,
                    (code, pointer, words),
                ),
            }
        }
        for (collection, sent, code, pointer, words) in others() {
            let answer = api.post(&format!("/v1/{collection}"), &token, &sent);
            let problem = answer.problem(422, "validation-failed");
            assert_mistake(&problem, &sent, (code, pointer, words));
        }
    });
}

#[test]
fn parameters_with_mistakes_say_what_was_sent_and_what_is_expected() {
    let cases = [
        ("limt=5", "unknown_parameter", "Did you mean 'limit'?"),
        (
            "limit=ten",
            "wrong_type",
            "Expected a whole number, not 'ten'.",
        ),
        ("limit=101", "out_of_range", ""),
        ("limit=5&limit=6", "repeated", "only one value"),
        ("limit=", "empty", "no value"),
        ("sort=headline", "unknown_value", "Expected one of: "),
        (
            "sort=publishd_at",
            "unknown_value",
            "Did you mean 'published_at'?",
        ),
        (
            "fields=headlin",
            "unknown_value",
            "Did you mean 'headline'?",
        ),
        (
            "expand=organisaton",
            "unknown_value",
            "Did you mean 'organisation'?",
        ),
        ("state=gone", "unknown_value", ""),
        ("published_from=yesterday", "not_a_time", "not 'yesterday'"),
        ("as_of=2026-13-01", "not_a_time", "not '2026-13-01'"),
        ("language=english", "not_a_language", "not 'english'"),
        ("lang=xx-yy-zz", "not_a_language", "'en' or 'cy'"),
        (
            "organisation=nobody",
            "unknown_reference",
            "no organisation with the id or slug 'nobody'",
        ),
        ("organisation=a%20b", "not_a_slug", "not 'a b'"),
        ("organisation=%FF", "not_utf8", "UTF-8"),
        (
            "organisation=a%00b",
            "control_character",
            "Control characters",
        ),
        ("original_url=nothing", "not_a_url", ""),
    ];
    both(|api| {
        for (query, code, words) in cases {
            let problem = api
                .get(&format!("/v1/articles?{query}"))
                .problem(400, "invalid-query");
            let found = &problem["errors"][0];
            assert_eq!(found["code"], code, "{query}: {problem}");
            let detail = found["detail"].as_str().unwrap();
            assert!(detail.contains(words), "{query}: {detail}");
            assert_own_words(detail);
        }
    });
}

#[test]
fn what_is_not_json_is_explained_without_the_words_of_the_parser() {
    let cases = [
        ("", "ends too early"),
        ("{", "ends too early"),
        (r#"{"a": 1,}"#, "a comma is followed by nothing"),
        (r#"{a: 1}"#, "a name in quotation marks"),
        (r#"{"a" 1}"#, "':' is expected"),
        (r#"{"a": 1 "b": 2}"#, "',' or '}' is expected"),
        (r#"{"a": "\x"}"#, "an escape"),
        (r#"{"a": tru}"#, "a value is expected"),
        (r#"{"a": 1} x"#, "something follows its end"),
        (r#"{"a": 1, "a": 2}"#, "'a' is there twice"),
    ];
    both_empty(|api| {
        let authorization = format!("Bearer {}", api.admin());
        for (body, words) in cases {
            let headers = [
                ("content-type", "application/json"),
                ("authorization", &*authorization),
            ];
            let answer = api.send_body("POST", "/v1/topics", &headers, body.as_bytes().to_vec());
            let problem = answer.problem(400, "invalid-json");
            let detail = problem["detail"].as_str().unwrap();
            assert!(detail.contains(words), "{body}: {detail}");
            assert_own_words(detail);
        }
    });
}

#[test]
fn all_mistakes_of_a_document_come_at_once_and_those_of_a_batch_say_in_which() {
    both_empty(|api| {
        seed(api);
        let token = api.admin();
        let sent = json!({"headlin": "a", "slug": "A B", "organisation": "nobody", "published_at": "now", "topics": [5]});
        let problem = api
            .post("/v1/articles", &token, &sent)
            .problem(422, "validation-failed");
        let errors = problem["errors"].as_array().unwrap().iter();
        let found: BTreeSet<&str> = errors.map(|one| one["pointer"].as_str().unwrap()).collect();
        let expected = [
            "#/headlin",
            "#/headline",
            "#/organisation",
            "#/published_at",
            "#/slug",
            "#/topics/0",
        ];
        assert_eq!(found, BTreeSet::from(expected), "{problem:#}");

        let good = with(article(), json!({"type": "article"}));
        let bad = with(good.clone(), json!({"slug": "third", "headline": " "}));
        let headers = [
            ("content-type", "application/x-ndjson"),
            ("authorization", &*format!("Bearer {token}")),
        ];
        let body = format!("{good}\n{bad}\n{{\"type\": \n5\n{{\"type\": \"artcle\"}}\n");
        let answer = api.send_body("POST", "/v1/batch", &headers, body.into_bytes());
        let problem = answer.problem(422, "validation-failed");
        let expected = [
            ("#/1/headline", "blank"),
            ("#/2", "not_json"),
            ("#/3", "not_json"),
            ("#/4/type", "unknown_value"),
        ];
        let errors = problem["errors"].as_array().unwrap();
        let found = errors.iter().map(|one| {
            (
                one["pointer"].as_str().unwrap(),
                one["code"].as_str().unwrap(),
            )
        });
        assert_eq!(found.collect::<Vec<_>>(), expected, "{problem:#}");
        for one in errors {
            assert_own_words(one["detail"].as_str().unwrap());
        }

        let report = json!({"nations": ["zz"], "title": 5, "published_on": "x", "publishers": [5], "kind": " ", "slug": "A B"});
        let problem = api
            .post("/v1/reports", &token, &report)
            .problem(422, "validation-failed");
        let errors = problem["errors"].as_array().unwrap().iter();
        let found: BTreeSet<&str> = errors.map(|one| one["pointer"].as_str().unwrap()).collect();
        let expected = [
            "#/kind",
            "#/nations/0",
            "#/published_on",
            "#/publishers/0",
            "#/slug",
            "#/title",
        ];
        assert_eq!(found, BTreeSet::from(expected), "{problem:#}");

        // what was sent is repeated whole, also if it looks like the words of a parser
        for sent in ["draft at line 3", "a`b"] {
            let document = with(article(), json!({"state": sent}));
            let problem = api
                .post("/v1/articles", &token, &document)
                .assert_invalid(&["#/state"]);
            let detail = problem["errors"][0]["detail"].as_str().unwrap();
            assert!(
                detail.starts_with(&format!("Unknown value '{sent}'.")),
                "{detail}"
            );
        }

        let webhook = json!({"url": 5, "types": "article", "colour": 1});
        let answer = api.post("/v1/webhooks", &token, &webhook);
        answer.assert_invalid(&["#/url", "#/types", "#/colour"]);
    });
}

#[test]
fn a_refusal_names_organisations_by_their_slugs() {
    both_empty(|api| {
        seed(api);
        let (_, token) = api.client(&["articles:write", "articles:publish"], &["north"]);
        let problem = api
            .post("/v1/articles", &token, &article())
            .problem(403, "insufficient-scope");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains("the organisation watchdog"), "{detail}");
    });
}

#[test]
fn the_documentation_lists_every_code() {
    let docs = std::fs::read_to_string(project("docs/api.md")).unwrap();
    for code in MistakeCode::iter() {
        let line = format!("| `{code}` | {} |", code.meaning());
        assert!(docs.contains(&line), "{line}");
    }
}
