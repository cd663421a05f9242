//! The tables that only this folder uses.
#![allow(missing_docs)]

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
        links -> Text,
        media -> Text,
        document_type -> Nullable<Text>,
        change_notes -> Text,
        translations -> Text,
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
