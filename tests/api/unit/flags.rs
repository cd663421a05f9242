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
