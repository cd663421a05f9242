//! Unit tests of `platform::identity`.
use answerable::platform::identity::{Key, RecordId, Slug};

const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

#[test]
fn an_id_has_one_form() {
    let id = RecordId::parse(ID).unwrap();
    assert_eq!(RecordId::parse(&ID.to_uppercase()), Some(id)); // RFC 9562, 4
    assert_eq!((id.as_str(), id.to_string()), (ID, ID.to_owned()));
    assert_eq!(serde_json::to_value(id).unwrap(), ID);
    let other_forms = [
        ID.replace('-', ""),
        format!("{{{ID}}}"),
        format!("urn:uuid:{ID}"),
    ];
    for text in other_forms
        .iter()
        .chain([&String::new(), &"iopc".to_owned()])
    {
        assert_eq!(RecordId::parse(text), None, "{text}");
    }
}

#[test]
fn a_link_that_is_not_resolved_is_an_error() {
    let (slug, id) = (Key::from(&Slug("iopc".to_owned())), Key::from(ID));
    assert_eq!(id.resolved().unwrap().as_str(), ID);
    assert!(slug.resolved().is_err());
    assert!(Key::all(&[id.clone(), slug.clone()]).is_err());
    assert!(Key::required(None).is_err());
    assert_eq!(Key::optional(None).unwrap(), None);
    assert!(Key::optional(Some(&slug)).is_err());
}
