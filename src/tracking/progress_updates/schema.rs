//! The table that only this folder uses.

diesel::table! {
    progress_updates (id) {
        id -> Text,
        slug -> Text,
        state -> Text,
        revision -> BigInt,
        change_seq -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        report_id -> Text,
        recommendation_id -> Text,
        organisation_id -> Text,
        author_id -> Text,
        status -> Text,
        as_at -> Text,
        text -> Nullable<Text>,
        source_url -> Nullable<Text>,
        published_on -> Nullable<Date>,
        evidence -> Text,
        recorded_by -> Nullable<Text>,
        withdrawal -> Nullable<Text>,
    }
}
