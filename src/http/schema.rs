//! The table that only this folder uses.

diesel::table! {
    idempotency_keys (client_id, key) {
        client_id -> Text,
        key -> Text,
        fingerprint -> Text,
        status -> Integer,
        location -> Nullable<Text>,
        entity_tag -> Nullable<Text>,
        body -> Text,
        created_at -> Timestamp,
    }
}
