//! Unit tests of `platform::language`.
use answerable::platform::language::TextDirection;

#[test]
fn a_language_has_the_direction_of_its_script() {
    let right_to_left = [
        "ar",
        "ar-EG",
        "he",
        "iw",
        "fa",
        "ur",
        "ps",
        "sd",
        "ug",
        "yi",
        "dv",
        "ckb",
        "ks",
        "ku-Arab",
        "az-Arab",
        "pa-PK",
        "uz-AF",
        "nqo",
        "syr",
        "en-Arab",
        "ar-x-private",
        "arz",
        "rhg",
    ];
    let left_to_right = [
        "en",
        "cy",
        "pl",
        "zh-Hant",
        "ar-Latn",
        "he-Latn",
        "ks-Deva",
        "sd-Deva",
        "pa",
        "pa-IN",
        "az",
        "ku",
        "uz",
        "i-klingon",
        "zh-min-nan",
        "qaa",
        "und",
        "",
        "-",
        "no language",
    ];
    for tag in right_to_left {
        assert_eq!(TextDirection::of(tag), TextDirection::RightToLeft, "{tag}");
    }
    for tag in left_to_right {
        assert_eq!(TextDirection::of(tag), TextDirection::LeftToRight, "{tag}");
    }
}
