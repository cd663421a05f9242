//! The tables that only this folder uses.

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
        fork -> BigInt,
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
        digest -> Nullable<Text>,
        fork -> Nullable<BigInt>,
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
