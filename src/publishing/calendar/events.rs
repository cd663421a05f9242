//! Turns obligations into calendar events.

use icalendar::{Alarm, Calendar, Component, Event, EventLike, Property};

use super::descriptions;
use super::params;
use crate::http::addresses::Addresses;
use crate::http::references::Expandable;
use crate::log::Resource;
use crate::platform::clock::late_from;
use crate::resources::deadlines::rules::DeadlineKind;
use crate::resources::deadlines::terms::Deadline;
use crate::tracking::obligations::state::ResponseState;
use crate::tracking::obligations::views::Obligation;

/// The product identifier of the calendar (RFC 5545, 3.7.3).
const PRODUCT: &str = "-//Answerable//Answerable//EN";

/// When to remind, and where records are read.
type EventSettings<'a> = (Option<params::Alarm>, &'a Addresses);

/// The longest line, in bytes.
const MAX_LINE: usize = 75;

/// The calendar of these obligations.
pub fn calendar(title: &str, obligations: &[Obligation], settings: EventSettings<'_>) -> String {
    let mut calendar = Calendar::empty();
    for property in [
        ("VERSION", "2.0"),
        ("PRODID", PRODUCT),
        ("CALSCALE", "GREGORIAN"),
    ] {
        calendar.append_property(property);
    }
    // the library escapes the texts of the properties that it knows, and this one is newer (RFC 7986)
    let mut name = Property::new("NAME", title);
    name.add_parameter("VALUE", "TEXT");
    calendar.append_property(name);
    calendar.append_property(("X-WR-CALNAME", title));
    for obligation in obligations {
        let deadlines = obligation.deadlines.iter();
        let open = deadlines.filter(|deadline| is_open(obligation, deadline));
        calendar.extend(open.filter_map(|deadline| event(obligation, deadline, settings)));
    }
    folded(&calendar.done().to_string())
}

/// Whether the deadline is still open: an obligation that has its response needs no reminder of it, and one that was
/// closed, transferred or withdrawn of none.
fn is_open(obligation: &Obligation, deadline: &Deadline) -> bool {
    let state = obligation.response_state;
    let is_elsewhere = matches!(state, ResponseState::Transferred | ResponseState::Withdrawn);
    if is_elsewhere || obligation.assessment.status.is_closed() {
        return false;
    }
    let answered = !matches!(
        state,
        ResponseState::Pending
            | ResponseState::Extended
            | ResponseState::HoldingReply
            | ResponseState::NotChecked
            | ResponseState::Overdue
    );
    deadline.kind != DeadlineKind::Response || !answered
}

fn event(
    obligation: &Obligation,
    deadline: &Deadline,
    (alarm, addresses): EventSettings<'_>,
) -> Option<Event> {
    let due_on = deadline.due_on?;
    let kind = match deadline.kind {
        DeadlineKind::Acknowledgement => "Acknowledgement due",
        DeadlineKind::Response => "Response due",
        DeadlineKind::ActionPlanPublication => "Action plan due",
        DeadlineKind::Implementation => "Implementation due",
        DeadlineKind::ProgressUpdate => "Progress update due",
        DeadlineKind::PublicationOfResponse => "Publication of the response due",
    };
    let (recommendation, slug, number) = match &obligation.recommendation {
        Expandable::Reference(one) => (one.id, &one.slug, &one.number),
        Expandable::Whole(one) => (one.id, &one.slug, &one.number),
    };
    let report = match &obligation.report {
        Expandable::Reference(report) => &report.slug,
        Expandable::Whole(report) => &report.slug,
    };
    // an obligation has no page of its own
    let page = addresses
        .pages
        .of_recommendation((slug, &recommendation), (report, number))
        .unwrap_or_else(|| addresses.record(Resource::Obligation, obligation.id));
    let (_, _, name) = obligation.organisation.identity();
    let word: &str = deadline.kind.into();
    let uid = format!("{}-{word}", obligation.id);
    let summary = format!("{kind}: {name}, recommendation {number}");
    let mut event = Event::new();
    event
        .uid(&format!("{uid}@answerable"))
        .timestamp(obligation.updated_at)
        .summary(&summary)
        .description(&descriptions::of(obligation, deadline, &page))
        .url(&page)
        // a day by which something is due takes nobody's time
        .append_property(("TRANSP", "TRANSPARENT"))
        .starts(due_on)
        .ends(late_from(due_on));
    if let Some(before) = alarm {
        let mut alarm = Alarm::display(&summary, chrono::TimeDelta::zero());
        // the library would make up the id and the time, so that no two calendars were equal
        alarm
            .append_property(("TRIGGER", before.to_string().as_str()))
            .uid(&format!("{uid}-alarm@answerable"))
            .timestamp(obligation.updated_at);
        event.alarm(alarm.done());
    }
    Some(event.done())
}

/// A calendar with lines of at most 75 bytes (RFC 5545, 3.1): the library does not count the space that a line goes on after.
fn folded(calendar: &str) -> String {
    let mut folded = String::with_capacity(calendar.len() + calendar.len() / 50);
    for line in calendar.replace("\r\n ", "").split_inclusive("\r\n") {
        let (mut rest, mut room) = (line.trim_end_matches("\r\n"), MAX_LINE);
        while rest.len() > room {
            let (part, further) = rest.split_at(rest.floor_char_boundary(room));
            folded.extend([part, "\r\n "]);
            (rest, room) = (further, MAX_LINE - 1);
        }
        folded.extend([rest, "\r\n"]);
    }
    folded
}
