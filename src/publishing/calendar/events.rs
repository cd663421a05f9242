//! Turns obligations into calendar events.

use icalendar::{Calendar, Component, Event, EventLike};

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

/// The calendar of these obligations. `addresses` says where records are read.
pub fn calendar(obligations: &[Obligation], addresses: &Addresses) -> String {
    let mut calendar = Calendar::empty();
    for property in [
        ("VERSION", "2.0"),
        ("PRODID", PRODUCT),
        ("CALSCALE", "GREGORIAN"),
    ] {
        calendar.append_property(property);
    }
    calendar.name("Deadlines of recommendations");
    for obligation in obligations {
        let deadlines = obligation.deadlines.iter();
        let open = deadlines.filter(|deadline| is_open(obligation, deadline));
        calendar.extend(open.filter_map(|deadline| event(obligation, deadline, addresses)));
    }
    calendar.done().to_string()
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

fn event(obligation: &Obligation, deadline: &Deadline, addresses: &Addresses) -> Option<Event> {
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
    let (report, title) = match &obligation.report {
        Expandable::Reference(report) => (&report.slug, &report.title),
        Expandable::Whole(report) => (&report.slug, &report.title),
    };
    // an obligation has no page of its own
    let page = addresses
        .pages
        .of_recommendation((slug, &recommendation), (report, number));
    let (_, _, name) = obligation.organisation.identity();
    let word: &str = deadline.kind.into();
    let mut event = Event::new();
    event
        .uid(&format!("{}-{word}@answerable", obligation.id))
        .timestamp(obligation.updated_at)
        .summary(&format!("{kind}: {name}, recommendation {number}"))
        .description(title)
        .url(&page.unwrap_or_else(|| addresses.record(Resource::Obligation, obligation.id)))
        .starts(due_on)
        .ends(late_from(due_on));
    Some(event.done())
}
