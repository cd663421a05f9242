//! The tables that only this folder uses.

diesel::table! {
    report_publishers (report_id, position) {
        report_id -> Text,
        position -> Integer,
        organisation_id -> Text,
        published_on -> Date,
    }
}

diesel::table! {
    report_response_checks (record_id, checked_on) {
        record_id -> Text,
        checked_on -> Date,
    }
}
