//! The tables for clients, signing keys, idempotent requests and webhooks.

diesel::table! {
    clients (id) {
        id -> Text,
        name -> Text,
        secret_digest -> Nullable<Text>,
        public_key -> Nullable<Text>,
        created_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
        issuer -> Nullable<Text>,
        subject -> Nullable<Text>,
        jwks_url -> Nullable<Text>,
    }
}

diesel::table! {
    client_grants (client_id, scope, organisation_id) {
        client_id -> Text,
        scope -> Text,
        organisation_id -> Text,
    }
}

diesel::table! {
    used_assertions (client_id, jti) {
        client_id -> Text,
        jti -> Text,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    signing_keys (kid) {
        kid -> Text,
        private_key -> Text,
        public_key -> Text,
        created_at -> Timestamp,
        retired_at -> Nullable<Timestamp>,
    }
}

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

diesel::table! {
    webhooks (id) {
        id -> Text,
        client_id -> Text,
        revision -> BigInt,
        url -> Text,
        description -> Nullable<Text>,
        types -> Text,
        organisations -> Text,
        is_enabled -> Bool,
        disabled_reason -> Nullable<Text>,
        secret -> Text,
        previous_secret -> Nullable<Text>,
        previous_secret_until -> Nullable<Timestamp>,
        place_seq -> BigInt,
        place_moment -> Timestamp,
        place_tie -> BigInt,
        last_position -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    webhook_deliveries (id) {
        id -> Text,
        webhook_id -> Text,
        position -> BigInt,
        seq -> Nullable<BigInt>,
        resource -> Nullable<Text>,
        resource_id -> Text,
        state -> Text,
        attempts -> Integer,
        next_attempt_at -> Nullable<Timestamp>,
        leased_until -> Nullable<Timestamp>,
        attempt_log -> Text,
        created_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
    }
}
