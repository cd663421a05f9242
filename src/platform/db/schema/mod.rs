//! The Diesel schema, the same for both databases.
//!
//! Maintained by hand beside the migrations; `tests/api/databases.rs` compares the columns of both databases, so that
//! their migrations cannot drift apart.
#![allow(missing_docs)]

mod access;
mod ingestion;
mod tracking;

pub use access::*;
pub use ingestion::*;
pub use tracking::*;

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
    mergers (resource_id) {
        resource_id -> Text,
        survivor_id -> Text,
    }
}

diesel::table! {
    former_slugs (resource, slug) {
        resource -> Text,
        slug -> Text,
        resource_id -> Text,
        retired_at -> Timestamp,
    }
}

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
    }
}

diesel::table! {
    organisation_names (organisation_id, position) {
        organisation_id -> Text,
        position -> Integer,
        name -> Text,
        from_on -> Nullable<Text>,
        until_on -> Nullable<Text>,
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
    }
}

diesel::table! {
    group_members (group_id, position) {
        group_id -> Text,
        position -> Integer,
        organisation_id -> Text,
        from_on -> Nullable<Text>,
        until_on -> Nullable<Text>,
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
    }
}

diesel::table! {
    report_publishers (report_id, position) {
        report_id -> Text,
        position -> Integer,
        organisation_id -> Text,
        published_on -> Date,
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
    }
}

diesel::table! {
    recommendation_themes (recommendation_id, position) {
        recommendation_id -> Text,
        position -> Integer,
        theme -> Text,
        published_on -> Date,
    }
}

diesel::table! {
    recommendation_addressees (recommendation_id, position) {
        recommendation_id -> Text,
        position -> Integer,
        organisation_id -> Nullable<Text>,
        group_id -> Nullable<Text>,
        expanded_as_of -> Date,
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
    recommendation_relations (recommendation_id, kind, position) {
        recommendation_id -> Text,
        kind -> Text,
        position -> Integer,
        related_id -> Text,
    }
}

diesel::table! {
    articles (id) {
        id -> Text,
        slug -> Text,
        state -> Text,
        revision -> BigInt,
        change_seq -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        headline -> Text,
        summary -> Nullable<Text>,
        body_html -> Nullable<Text>,
        language -> Text,
        translation_of_id -> Nullable<Text>,
        original_url -> Nullable<Text>,
        original_url_key -> Nullable<Text>,
        attribution -> Nullable<Text>,
        licence -> Nullable<Text>,
        statements -> Text,
        corrections -> Text,
        identifiers -> Text,
        published_at -> Timestamp,
        first_published_at -> Nullable<Timestamp>,
        embargoed_until -> Nullable<Timestamp>,
        visible_from -> Timestamp,
        withdrawn_at -> Nullable<Timestamp>,
        withdrawal_reason -> Nullable<Text>,
        excerpt -> Nullable<Text>,
    }
}

diesel::table! {
    article_organisations (article_id, position) {
        article_id -> Text,
        position -> Integer,
        organisation_id -> Text,
        published_at -> Timestamp,
    }
}

diesel::table! {
    article_topics (article_id, position) {
        article_id -> Text,
        position -> Integer,
        topic_id -> Text,
        published_at -> Timestamp,
    }
}

diesel::table! {
    article_reports (article_id, position) {
        article_id -> Text,
        position -> Integer,
        report_id -> Text,
        published_at -> Timestamp,
    }
}

diesel::table! {
    article_recommendations (article_id, position) {
        article_id -> Text,
        position -> Integer,
        recommendation_id -> Text,
        published_at -> Timestamp,
    }
}

// only those that one statement of Diesel's DSL names together
diesel::allow_tables_to_appear_in_same_query!(
    obligations,
    recommendation_addressed_organisations,
    recommendation_themes,
    recommendations,
    reports,
);
