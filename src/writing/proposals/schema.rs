//! The tables that only this folder uses.

diesel::table! {
    proposals (id) {
        id -> Text,
        client_id -> Text,
        resource -> Text,
        record_id -> Text,
        base_revision -> BigInt,
        document -> Nullable<Text>,
        awaits -> Text,
        state -> Text,
        proposed_by -> Text,
        reason -> Nullable<Text>,
        created_at -> Timestamp,
        decided_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    proposal_parties (proposal_id, organisation_id) {
        proposal_id -> Text,
        organisation_id -> Text,
        scope -> Text,
        accepted_at -> Nullable<Timestamp>,
    }
}
