//! The tables that only this folder uses.

diesel::table! {
    organisation_names (organisation_id, position) {
        organisation_id -> Text,
        position -> Integer,
        name -> Text,
        from_on -> Nullable<Text>,
        until_on -> Nullable<Text>,
        language -> Nullable<Text>,
        sort_name -> Text,
    }
}

diesel::table! {
    organisation_identifiers (organisation_id, position) {
        organisation_id -> Text,
        position -> Integer,
        scheme -> Text,
        value -> Text,
    }
}

diesel::table! {
    organisation_successions (predecessor_id, successor_id) {
        predecessor_id -> Text,
        successor_id -> Text,
        kind -> Text,
        on_date -> Nullable<Text>,
    }
}
