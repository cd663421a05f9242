//! Unit tests of `resources::recommendations::model`.
use answerable::platform::values;
use answerable::resources::recommendations::model::*;
use proptest::prelude::*;

proptest! {
    #[test]
    fn a_default_slug_is_a_valid_slug(words in "[a-z0-9]{1,40}(-[a-z0-9]{1,40}){0,3}", number in "[0-9A-Za-z][0-9A-Za-z. ]{0,20}") {
        let made = RecommendationDocument::default_slug(&words, &number);
        prop_assert!(values::slug(&made, &()).is_ok(), "{}", made);
    }
}
