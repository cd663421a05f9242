//! The tables that several folders read; those of one folder are in its own `schema.rs`.
//!
//! Written by hand beside the migrations; `tests/api/databases.rs` compares the columns of both databases, so that
//! their migrations cannot drift apart.
#![allow(missing_docs)]

diesel::table! {
    changes (seq) {
        seq -> BigInt,
        at -> Timestamp,
        actor -> Text,
        request_id -> Nullable<Text>,
        resource -> Text,
        resource_id -> Text,
        action -> Text,
        revision -> BigInt,
        state -> Nullable<Text>,
        state_digest -> Text,
        digest -> Text,
        public_from -> Nullable<Timestamp>,
    }
}

diesel::table! {
    settings (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    organisations (id) {
        id -> Text,
        slug -> Text,
        state -> Text,
        revision -> BigInt,
        change_seq -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        name -> Text,
        acronym -> Nullable<Text>,
        kind -> Nullable<Text>,
        description -> Nullable<Text>,
        parent_id -> Nullable<Text>,
        homepage -> Nullable<Text>,
        feed -> Nullable<Text>,
        jurisdiction -> Nullable<Text>,
        founded -> Nullable<Text>,
        dissolved -> Nullable<Text>,
        sort_name -> Text,
        language -> Text,
        other_languages -> Text,
    }
}

diesel::table! {
    groups (id) {
        id -> Text,
        slug -> Text,
        state -> Text,
        revision -> BigInt,
        change_seq -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        name -> Text,
        definition -> Nullable<Text>,
        sort_name -> Text,
        language -> Text,
        other_languages -> Text,
    }
}

diesel::table! {
    reports (id) {
        id -> Text,
        slug -> Text,
        state -> Text,
        revision -> BigInt,
        change_seq -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        title -> Text,
        kind -> Nullable<Text>,
        summary -> Nullable<Text>,
        published_on -> Date,
        embargoed_until -> Nullable<Timestamp>,
        visible_from -> Timestamp,
        withdrawn_at -> Nullable<Timestamp>,
        withdrawal_reason -> Nullable<Text>,
        legal_basis -> Nullable<Text>,
        complainant_body_id -> Nullable<Text>,
        source_url -> Nullable<Text>,
        archived_url -> Nullable<Text>,
        licence -> Nullable<Text>,
        attribution -> Nullable<Text>,
        language -> Text,
        nations -> Text,
        responses_checked_on -> Nullable<Date>,
        submissions -> Text,
        media -> Text,
        sort_title -> Text,
        other_languages -> Text,
    }
}

diesel::table! {
    report_references (report_id, position) {
        report_id -> Text,
        position -> Integer,
        scheme -> Text,
        value -> Text,
    }
}

diesel::table! {
    recommendations (id) {
        id -> Text,
        slug -> Text,
        state -> Text,
        revision -> BigInt,
        change_seq -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        report_id -> Text,
        number -> Text,
        number_key -> Text,
        parent_id -> Nullable<Text>,
        kind -> Text,
        text -> Text,
        text_is_verbatim -> Bool,
        summary -> Nullable<Text>,
        is_priority -> Bool,
        legal_basis -> Nullable<Text>,
        response_requirement -> Nullable<Text>,
        stated_due_on -> Nullable<Date>,
        reply -> Nullable<Text>,
        role_addressed -> Nullable<Text>,
        source_url -> Nullable<Text>,
        published_on -> Date,
        deadlines -> Text,
        withdrawn_at -> Nullable<Timestamp>,
        withdrawal_reason -> Nullable<Text>,
    }
}

diesel::table! {
    recommendation_addressees (recommendation_id, position) {
        recommendation_id -> Text,
        position -> Integer,
        organisation_id -> Nullable<Text>,
        group_id -> Nullable<Text>,
        expanded_as_of -> Date,
        members -> Text,
    }
}

diesel::table! {
    recommendation_addressed_organisations (recommendation_id, organisation_id) {
        recommendation_id -> Text,
        organisation_id -> Text,
        via_group_id -> Nullable<Text>,
        published_on -> Date,
    }
}

diesel::table! {
    obligation_spans (id, until_on) {
        id -> Text,
        state -> Text,
        revision -> BigInt,
        change_seq -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        recommendation_id -> Text,
        organisation_id -> Text,
        report_id -> Text,
        via_group_id -> Nullable<Text>,
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
        implementation_status -> Text,
        implementation_as_at -> Nullable<Text>,
        assessment_status -> Text,
        assessment_as_at -> Nullable<Text>,
        transferred_to_id -> Nullable<Text>,
        tracked -> Text,
        statements -> Text,
        from_on -> Date,
        until_on -> Date,
    }
}

// a view of the spans that have not ended, for reading
diesel::table! {
    obligations (id) {
        id -> Text,
        recommendation_id -> Text,
        organisation_id -> Text,
        report_id -> Text,
        via_group_id -> Nullable<Text>,
    }
}

// only those that one statement of Diesel's DSL names together
diesel::allow_tables_to_appear_in_same_query!(
    obligations,
    recommendation_addressed_organisations,
    recommendations,
    reports,
);
