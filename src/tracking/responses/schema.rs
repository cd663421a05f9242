//! The tables that only this folder uses.

diesel::table! {
    responses (id) {
        id -> Text,
        slug -> Text,
        state -> Text,
        revision -> BigInt,
        change_seq -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        report_id -> Text,
        responder_id -> Text,
        kind -> Text,
        corrects_id -> Nullable<Text>,
        received_on -> Nullable<Date>,
        published_on -> Date,
        publication -> Text,
        withheld_reason -> Nullable<Text>,
        source_url -> Nullable<Text>,
        archived_url -> Nullable<Text>,
        sha256 -> Nullable<Text>,
        recorded_by -> Nullable<Text>,
        withdrawal -> Nullable<Text>,
        claimed_received_on -> Nullable<Date>,
        sequence -> Integer,
        media -> Text,
    }
}

diesel::table! {
    response_covers (response_id, place) {
        response_id -> Text,
        place -> Integer,
        recommendation_id -> Text,
        position -> Nullable<Text>,
        position_verbatim -> Nullable<Text>,
        mapped_by -> Nullable<Text>,
        text -> Nullable<Text>,
        page -> Nullable<Text>,
    }
}

diesel::table! {
    response_respondents (response_id, place) {
        response_id -> Text,
        place -> Integer,
        organisation_id -> Nullable<Text>,
        group_id -> Nullable<Text>,
    }
}
