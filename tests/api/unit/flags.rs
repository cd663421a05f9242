//! Unit tests of `app::cli::flags`.
use answerable::app::cli::flags::*;
use answerable::platform::config::Config;

#[test]
fn every_setting_has_a_flag() {
    let names = |value: serde_json::Value| -> Vec<String> {
        value.as_object().unwrap().keys().cloned().collect()
    };
    let flags = names(serde_json::to_value(Flags::default()).unwrap());
    let settings = names(serde_json::to_value(Config::default()).unwrap());
    assert_eq!(flags, settings);
}

#[test]
fn a_setting_that_cannot_be_read_is_explained_in_our_words() {
    for (setting, value, expected) in [
        (
            "readers",
            serde_json::json!("many"),
            "readers in the command line: Expected a whole number, not below 0, not 'many'",
        ),
        (
            "readers",
            serde_json::json!(-1),
            "This value cannot be read",
        ),
        ("page_urls", serde_json::json!("x"), "Expected a list"),
        ("redr", serde_json::json!(1), "unknown setting 'redr'"),
    ] {
        let settings = serde_json::json!({ setting: value });
        let error = Config::load(None, settings.as_object().unwrap().clone());
        let error = error.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        let words = ["invalid type", "usize", "found string", "sequence"];
        assert!(!words.iter().any(|word| error.contains(word)), "{error}");
    }
}
