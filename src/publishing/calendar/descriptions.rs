//! What an event says: what was recommended, how its day was counted, and where to read more.

use chrono::NaiveDate;

use crate::http::references::Expandable;
use crate::platform::html;
use crate::resources::deadlines::counting;
use crate::resources::deadlines::rules;
use crate::resources::deadlines::terms::{Deadline, DeadlineRevision, RevisionKind};
use crate::resources::deadlines::views::in_words;
use crate::tracking::obligations::views::Obligation;

/// The most characters of a recommendation's text to show. There may be a thousand events.
const MAX_TEXT: usize = 2_000;

/// The description of an event; `page` is where the recommendation is read.
pub fn of(obligation: &Obligation, deadline: &Deadline, page: &str) -> String {
    let title = match &obligation.report {
        Expandable::Reference(report) => &report.title,
        Expandable::Whole(report) => &report.title,
    };
    let text = match &obligation.recommendation {
        Expandable::Whole(one) => Some(html::excerpt(&one.text, MAX_TEXT)),
        Expandable::Reference(_) => None,
    };
    let day = how_the_day_was_set(deadline).join("\n");
    let parts = [Some(title.clone()), text, Some(day), Some(page.to_owned())];
    let parts = parts.into_iter().flatten().filter(|part| !part.is_empty());
    let description = parts.collect::<Vec<_>>().join("\n\n");
    // a calendar has no control characters (RFC 5545, 3.3.11)
    let description = description.replace("\r\n", "\n");
    description.replace(|c: char| c.is_control() && c != '\n' && c != '\t', " ")
}

/// A sentence for each fact that the day follows from: what the source states, the rule, and each revision.
fn how_the_day_was_set(deadline: &Deadline) -> Vec<String> {
    let stated = deadline.stated_due_on.map(|on| {
        let on = day(on);
        format!("The source states {on}.")
    });
    let rule = deadline.rule.as_deref().and_then(rules::find);
    let counted = rule.zip(deadline.start_on).map(|(rule, from)| {
        let basis = format!("{} ({})", rule.name, rule.legal_basis);
        match counting::due(rule, from) {
            Ok(counted) => format!("{basis}: {}", in_words(rule, from, &counted)),
            Err(_) => format!("{basis}."),
        }
    });
    let revisions = deadline.revisions.iter().map(revision);
    let facts = stated.into_iter().chain(counted);
    facts.chain(revisions).collect()
}

fn revision(revision: &DeadlineRevision) -> String {
    let word = match revision.change {
        RevisionKind::Extension => "Extended",
        RevisionKind::Slippage => "Delayed",
        RevisionKind::Correction => "Corrected",
    };
    let by = revision.by.as_ref().map(|by| format!(" by {by}"));
    let reason = revision.reason.as_ref().map(|reason| format!(": {reason}"));
    let reason = reason.unwrap_or_else(|| ".".to_owned());
    let (due_on, set_on) = (day(revision.due_on), day(revision.set_on));
    let by = by.unwrap_or_default();
    format!("{word} on {set_on}{by} to {due_on}{reason}")
}

fn day(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}
