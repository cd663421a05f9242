//! Unit tests of `http::cursor`.
use answerable::http::cursor::*;
use answerable::platform::db::Value;
use chrono::DateTime;
use proptest::prelude::*;

fn cursors() -> Cursors {
    Cursors::new(b"a key for tests".to_vec())
}

fn cursor() -> Cursor {
    Cursor {
        backwards: false,
        position: (Value::Text("Ffôn \"x\"".into()), "id-1".into()),
    }
}

#[test]
fn a_cursor_of_another_list_is_a_mismatch() {
    let text = cursors().write(&cursor(), 1).unwrap();
    assert_eq!(
        cursors().read(&text, 2).unwrap_err().code.name(),
        "cursor-mismatch"
    );
}

#[test]
fn a_cursor_signed_with_another_key_is_invalid() {
    let text = Cursors::new(b"another key".to_vec())
        .write(&cursor(), 1)
        .unwrap();
    assert_eq!(
        cursors().read(&text, 1).unwrap_err().code.name(),
        "invalid-cursor"
    );
}

proptest! {
    #[test]
    fn every_position_round_trips(text in ".{0,40}", millis in -62_000_000_000_000i64..4_000_000_000_000, backwards: bool, print: u64) {
        let at = DateTime::from_timestamp_millis(millis).unwrap().naive_utc();
        for key in [Value::Text(text.clone()), Value::Timestamp(at), Value::Date(at.date()), Value::Integer(millis)] {
            let cursor = Cursor { backwards, position: (key, text.clone()) };
            let written = cursors().write(&cursor, print).unwrap();
            prop_assert_eq!(cursors().read(&written, print).unwrap(), cursor);
        }
    }

    #[test]
    fn one_changed_character_is_detected(place in 0usize..60, with in "[A-Za-z0-9_-]") {
        let text = cursors().write(&cursor(), 7).unwrap();
        let place = place % (text.len() - 1); // the last character holds padding bits
        let mut changed = text.clone();
        changed.replace_range(place..place + 1, &with);
        prop_assume!(changed != text);
        prop_assert_eq!(cursors().read(&changed, 7).unwrap_err().code.name(), "invalid-cursor");
    }

    #[test]
    fn arbitrary_text_is_not_a_cursor(text in "\\PC{0,80}") {
        prop_assert!(cursors().read(&text, 1).is_err());
    }
}
