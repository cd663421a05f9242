//! The tables for tracking what followed from recommendations.

diesel::table! {
    obligations (id) {
        id -> Text,
        slug -> Text,
        state -> Text,
        revision -> BigInt,
        change_seq -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        recommendation_id -> Text,
        organisation_id -> Text,
        report_id -> Text,
        via_group_id -> Nullable<Text>,
        number_key -> Text,
        response_requirement -> Text,
        deadlines -> Text,
        due_on -> Nullable<Date>,
        due_key -> Date,
        is_extended -> Bool,
        checked_on -> Nullable<Date>,
        is_answered -> Bool,
        answered_on -> Nullable<Date>,
        is_receipt_known -> Bool,
        is_withheld -> Bool,
        has_holding_reply -> Bool,
        is_collective -> Bool,
        position -> Nullable<Text>,
        position_verbatim -> Nullable<Text>,
        implementation_status -> Text,
        implementation_as_at -> Nullable<Text>,
        assessment_status -> Text,
        assessment_as_at -> Nullable<Text>,
        transferred_to_id -> Nullable<Text>,
        tracked -> Text,
    }
}

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
    }
}

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
    }
}

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
    }
}

diesel::table! {
    linked_pages (url) {
        url -> Text,
        checked_at -> Timestamp,
        etag -> Nullable<Text>,
        last_modified -> Nullable<Text>,
        sightings -> Text,
    }
}
