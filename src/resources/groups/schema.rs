//! The table that only this folder uses.

diesel::table! {
    group_members (group_id, position) {
        group_id -> Text,
        position -> Integer,
        organisation_id -> Text,
        from_on -> Nullable<Text>,
        until_on -> Nullable<Text>,
    }
}
