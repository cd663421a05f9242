//! The table that only this folder uses.

diesel::table! {
    linked_pages (url) {
        url -> Text,
        checked_at -> Timestamp,
        etag -> Nullable<Text>,
        last_modified -> Nullable<Text>,
        sightings -> Text,
    }
}
