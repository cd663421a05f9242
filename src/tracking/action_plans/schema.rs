//! The table that only this folder uses.

diesel::table! {
    action_plans (id) {
        id -> Text,
        slug -> Text,
        state -> Text,
        revision -> BigInt,
        change_seq -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        report_id -> Text,
        organisation_id -> Text,
        url -> Text,
        title -> Nullable<Text>,
        first_seen_key -> Date,
        first_seen_on -> Nullable<Date>,
        last_changed_on -> Nullable<Date>,
        archived_url -> Nullable<Text>,
        actions -> Text,
        recorded_by -> Nullable<Text>,
        withdrawal -> Nullable<Text>,
    }
}
