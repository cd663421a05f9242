//! Unit tests of `app::cache::key`.
use actix_http::Request;
use answerable::app::cache::key::*;
use answerable::platform::config::Config;

fn key(uri: &str) -> Option<String> {
    let (mut request, mut key) = (Request::new(), String::new());
    request.head_mut().uri = uri.parse().unwrap();
    (is_public_read(&request) && write(&mut key, &request, &Config::default())).then_some(key)
}

#[test]
fn parameter_order_and_encoding_do_not_change_the_key() {
    let same = [
        "/v1/articles?organisation=iopc&topic=a%20b&fields=id,slug",
        "/v1/articles?topic=a+b&fields=slug&organisation=iopc&fields=id",
        "/v1/articles?&fields=slug%2Cid&topic=a+b&&organisation=i%6Fpc",
    ];
    let keys = same.map(|uri| key(uri).unwrap());
    assert_eq!(keys[0], keys[1]);
    assert_eq!(keys[0], keys[2]);
}

#[test]
fn different_queries_have_different_keys() {
    let different = [
        "/v1/articles",
        "/v1/articles?",
        "/v1/articles?topic=a",
        "/v1/articles?topic=a=b",
        "/v1/articles?topic=a&topic=a",
        "/v1/articles?topic=a&state=withdrawn",
        "/v1/articles?topic=a%26state%3Dwithdrawn",
        "/v1/articles?topic=a,b",
        "/v1/articles?topic=a&topic=b",
        "/v1/articles/topic=a",
    ];
    let keys: std::collections::HashSet<_> = different.map(|uri| key(uri).unwrap()).into();
    assert_eq!(
        keys.len(),
        different.len() - 1,
        "only an empty query is none: {keys:#?}"
    );
}

#[test]
fn uncacheable_requests_have_no_key() {
    for uri in [
        "/v1/articles?as_of=2026-01-01",
        "/v1/articles/x?preview=abc",
        "/v1/articles?as_of=2026",
        "/v1/articles?topic=%FF",
        "/v1/articles?topic=%EF%BF%BD",
        "/openapi.json",
        "/v1/exports/articles.csv",
    ] {
        assert_eq!(key(uri), None, "{uri}");
    }
}
