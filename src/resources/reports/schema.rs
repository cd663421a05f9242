//! The table that only this folder uses.

diesel::table! {
    report_publishers (report_id, position) {
        report_id -> Text,
        position -> Integer,
        organisation_id -> Text,
        published_on -> Date,
    }
}
