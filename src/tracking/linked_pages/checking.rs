//! Checks the linked pages that are due: several servers in parallel, the pages of each server one after the other.

use futures_util::StreamExt;
use std::collections::BTreeMap;

use super::queries::{self, CheckResult, DuePage};
use crate::log::{Log, Origin};
use crate::platform::clock::Clock;
use crate::platform::crawler::{Crawler, Visit};
use crate::platform::db::Error;
use crate::writing::kind::Catalogue;

/// How many servers are checked in parallel.
const SERVERS_AT_ONCE: usize = 8;

/// Checks pages and stores each result as it arrives. Calls `report` for each page.
///
/// # Errors
/// When a result cannot be stored.
pub async fn check(
    log: &Log,
    catalogue: &'static Catalogue,
    clock: &Clock,
    crawler: &Crawler,
    pages: Vec<DuePage>,
    mut report: impl FnMut(&str, &CheckResult),
) -> Result<(), Error> {
    let mut servers: BTreeMap<String, Vec<DuePage>> = BTreeMap::new();
    for page in pages {
        let url = reqwest::Url::parse(&page.url);
        let server = url.map(|url| url.authority().to_owned());
        let server = server.unwrap_or_default();
        servers.entry(server).or_default().push(page);
    }
    let visits = futures_util::stream::iter(servers.into_values())
        .map(|pages| visit_server(clock, crawler, pages))
        .flatten_unordered(SERVERS_AT_ONCE);
    let mut visits = std::pin::pin!(visits);
    while let Some((page, visit)) = visits.next().await {
        let result = store(log, catalogue, clock, &page, visit).await?;
        report(&page.url, &result);
    }
    Ok(())
}

/// Checks the pages of a server one after the other. Once it asks to retry later, the remaining pages are skipped.
fn visit_server(
    clock: &Clock,
    crawler: &Crawler,
    pages: Vec<DuePage>,
) -> impl futures_util::Stream<Item = (DuePage, Visit)> + Unpin {
    let state = (pages.into_iter(), false);
    let stream = futures_util::stream::unfold(state, move |(mut pages, is_postponed)| async move {
        let page = pages.next()?;
        let visit = match is_postponed {
            true => Visit::Postponed,
            false => {
                let now = clock.now().and_utc();
                crawler.visit(&page.url, &page.validators, now).await
            }
        };
        let is_postponed = matches!(visit, Visit::Postponed);
        Some(((page, visit), (pages, is_postponed)))
    });
    Box::pin(stream)
}

async fn store(
    log: &Log,
    catalogue: &'static Catalogue,
    clock: &Clock,
    page: &DuePage,
    visit: Visit,
) -> Result<CheckResult, Error> {
    let origin = Origin {
        actor: "check-links".to_owned(),
        now: clock.now(),
        ..Origin::default()
    };
    let (sighting, validators) = match visit {
        Visit::Postponed => return Ok(CheckResult::Postponed),
        Visit::Unchanged => (None, page.validators.clone()),
        Visit::Seen(sighting, validators) => (Some(sighting), validators),
    };
    let page = page.clone();
    log.write(origin, move |writer| {
        Ok(queries::store(
            writer, catalogue, &page, sighting, validators,
        )?)
    })
    .await
}
