//! The tables that only this folder uses.

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
