//! Unit tests of `publishing::feeds::xml`.
use answerable::publishing::feeds::xml::*;

#[test]
fn characters_invalid_in_xml_are_dropped_and_the_rest_escaped() {
    let mut xml = Xml::new().unwrap();
    xml.text(
        "a",
        &[("b", "\u{1}\"<\u{ffff}")],
        "\u{0}x\u{8}\u{b} ]]> & \t\u{fffe}😀",
    )
    .unwrap();
    assert_eq!(
        String::from_utf8(xml.finish()).unwrap(),
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><a b=\"&quot;&lt;\">x ]]&gt; &amp; \t😀</a>"
    );
}
