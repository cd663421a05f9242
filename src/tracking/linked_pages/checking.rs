//! Checks the linked pages that are due: several servers in parallel, the pages of each server one after the other.

use futures_util::StreamExt;
use std::collections::BTreeMap;

use super::queries::{self, Due};
use crate::log::{Log, Origin};
use crate::platform::clock::Clock;
use crate::platform::crawler::{Crawler, PageOutcome, Sighting, Validators, Visit};
use crate::platform::db::Error;
use crate::writing::kind::Catalogue;

/// How many servers are checked in parallel.
const SERVERS_AT_ONCE: usize = 8;

/// What a check found, compared with the previous one.
#[derive(Clone, Debug)]
pub enum CheckResult {
    /// Nothing has changed.
    None,
    /// The page was checked for the first time.
    First(PageOutcome),
    /// The content has changed.
    Changed,
    /// The outcome has changed, from the first to the second: the page disappeared or came back.
    Moved(PageOutcome, PageOutcome),
    /// The server asked to retry later, so the page was not checked.
    PutOff,
}

/// Checks pages and stores each result as it arrives. `told` is called for each page.
///
/// # Errors
/// When a result cannot be stored.
pub async fn check(
    log: &Log,
    catalogue: &'static Catalogue,
    clock: &Clock,
    visitor: &Crawler,
    pages: Vec<Due>,
    mut told: impl FnMut(&str, &CheckResult),
) -> Result<(), Error> {
    let mut servers: BTreeMap<String, Vec<Due>> = BTreeMap::new();
    for page in pages {
        let url = reqwest::Url::parse(&page.url);
        let server = url.map(|url| url.authority().to_owned());
        servers
            .entry(server.unwrap_or_default())
            .or_default()
            .push(page);
    }
    let visits = futures_util::stream::iter(servers.into_values())
        .map(|pages| visit_server(clock, visitor, pages))
        .flatten_unordered(SERVERS_AT_ONCE);
    let mut visits = std::pin::pin!(visits);
    while let Some((page, visit)) = visits.next().await {
        let news = store(log, catalogue, clock, &page, visit).await?;
        told(&page.url, &news);
    }
    Ok(())
}

/// Checks the pages of a server one after the other. Once it asks to retry later, the remaining pages are skipped.
fn visit_server(
    clock: &Clock,
    visitor: &Crawler,
    pages: Vec<Due>,
) -> impl futures_util::Stream<Item = (Due, Visit)> + Unpin {
    let state = (pages.into_iter(), false);
    let stream = futures_util::stream::unfold(state, move |(mut pages, stays_away)| async move {
        let page = pages.next()?;
        let visit = match stays_away {
            true => Visit::Postponed,
            false => {
                let now = clock.now().and_utc();
                visitor.visit(&page.url, &page.validators, now).await
            }
        };
        let stays_away = matches!(visit, Visit::Postponed);
        Some(((page, visit), (pages, stays_away)))
    });
    Box::pin(stream)
}

async fn store(
    log: &Log,
    catalogue: &'static Catalogue,
    clock: &Clock,
    page: &Due,
    visit: Visit,
) -> Result<CheckResult, Error> {
    let origin = Origin {
        actor: "check-links".to_owned(),
        request_id: None,
        now: clock.now(),
    };
    let (sighting, validators): (Option<Sighting>, Validators) = match visit {
        Visit::Postponed => return Ok(CheckResult::PutOff),
        Visit::Unchanged => (None, page.validators.clone()),
        Visit::Seen(sighting, validators) => (Some(sighting), validators),
    };
    let page = page.clone();
    log.write(origin, move |writer| {
        let before = queries::store(writer, catalogue, &page, sighting.as_ref(), &validators)?;
        Ok(match (sighting, before) {
            (Some(now), Some(None)) => CheckResult::First(now.outcome),
            (Some(now), Some(Some(before))) if now.has_other_content(&before) => {
                CheckResult::Changed
            }
            (Some(now), Some(Some(before))) => CheckResult::Moved(before.outcome, now.outcome),
            _ => CheckResult::None,
        })
    })
    .await
}
