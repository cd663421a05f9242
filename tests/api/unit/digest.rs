//! Unit tests of `log::digest`.
use answerable::log::digest::*;

#[test]
fn keys_are_sorted_at_every_depth() {
    let value = serde_json::json!({"b": {"d": 1, "c": [{"f": 2, "e": 3}]}, "a": "é\u{1}"});
    assert_eq!(
        canonical_json(&value).unwrap(),
        r#"{"a":"é\u0001","b":{"c":[{"e":3,"f":2}],"d":1}}"#
    );
}

#[test]
fn the_digest_is_sha_256() {
    // FIPS 180-2, appendix B.1
    assert_eq!(
        sha256(&["a", "bc"]),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
}
