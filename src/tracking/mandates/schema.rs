//! The tables that only this folder uses.

diesel::table! {
    mandates (id) {
        id -> Text,
        slug -> Text,
        state -> Text,
        revision -> BigInt,
        change_seq -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        representative_id -> Text,
        granted_by_id -> Text,
        report_id -> Nullable<Text>,
        from_on -> Date,
        until_on -> Nullable<Date>,
        source_url -> Nullable<Text>,
        note -> Nullable<Text>,
        recorded_by -> Nullable<Text>,
    }
}

diesel::table! {
    mandate_represented (mandate_id, place) {
        mandate_id -> Text,
        place -> Integer,
        organisation_id -> Nullable<Text>,
        group_id -> Nullable<Text>,
    }
}
