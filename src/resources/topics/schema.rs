//! The table that only this folder uses.

diesel::table! {
    topics (id) {
        id -> Text,
        slug -> Text,
        state -> Text,
        revision -> BigInt,
        change_seq -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        name -> Text,
        description -> Nullable<Text>,
        parent_id -> Nullable<Text>,
        sort_name -> Text,
        language -> Text,
        other_languages -> Text,
    }
}
