//! The tables that only this folder uses.

diesel::table! {
    ingested_feeds (organisation_id) {
        organisation_id -> Text,
        url -> Text,
        etag -> Nullable<Text>,
        last_modified -> Nullable<Text>,
        asked_at -> Timestamp,
        due_at -> Timestamp,
        trouble -> Nullable<Text>,
    }
}

diesel::table! {
    ingested_items (digest) {
        digest -> Text,
        article_id -> Text,
        version -> Nullable<Text>,
        article_digest -> Nullable<Text>,
    }
}
