//! The tables that only this folder uses.

use crate::platform::db::schema::recommendations;

diesel::table! {
    recommendation_themes (recommendation_id, position) {
        recommendation_id -> Text,
        position -> Integer,
        theme -> Text,
        published_on -> Date,
    }
}

diesel::table! {
    recommendation_relations (recommendation_id, kind, position) {
        recommendation_id -> Text,
        kind -> Text,
        position -> Integer,
        related_id -> Text,
    }
}

diesel::table! {
    recommendation_former_addressees (recommendation_id, organisation_id) {
        recommendation_id -> Text,
        organisation_id -> Text,
        via_group_id -> Nullable<Text>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(recommendation_themes, recommendations);
