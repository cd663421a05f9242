//! The table that only this folder uses.

diesel::table! {
    assessments (id) {
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
        assessor_id -> Text,
        status -> Text,
        as_at -> Text,
        reasons -> Nullable<Text>,
        source_url -> Nullable<Text>,
        recorded_by -> Nullable<Text>,
        withdrawal -> Nullable<Text>,
    }
}
