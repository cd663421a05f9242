//! The tables that only this folder uses.

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
    log_forks (number) {
        number -> BigInt,
        found_at -> Timestamp,
        last_common -> BigInt,
        lost_seq -> BigInt,
        lost_digest -> Text,
    }
}
