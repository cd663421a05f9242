//! Streams an export to the client at the pace the client reads.
//!
//! A page is read from the database only when there is room for it: one page waits while another is being sent. The
//! export stops when the client disconnects, or stops reading for a while, since only a few exports can run at once. An
//! export that is cut off lacks its last chunk (RFC 9112, 8), so every HTTP client sees that it is incomplete.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Bytes;
use futures_util::{Stream, StreamExt, stream};
use std::future::ready;
use std::io;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::{self, Receiver, Sender};

use super::ExportFormat;
use super::params::ExportRequest;
use super::reading::{Export, ExportPage};
use crate::access::Public;
use crate::http::answer::Freshness;
use crate::http::error::ApiError;
use crate::http::problem::ProblemCode;
use crate::platform::csv;
use crate::publishing::changes;
use crate::publishing::exports::ExportSlots;

/// How often to try a page while the database is busy.
const TRIES: usize = 30;
/// How long to wait between tries.
const PAUSE: Duration = Duration::from_secs(1);

/// What the reading task passes to the response.
enum Chunk {
    Lines(Bytes),
    /// The export is complete. A channel that closes without it was cut off.
    End,
}

/// Responds with an export.
pub async fn send(
    public: Public,
    asked: ExportRequest,
    format: ExportFormat,
) -> Result<HttpResponse, ApiError> {
    let slots = public.app_data::<ExportSlots>()?;
    let (place, patience) = (slots.take()?, slots.patience);
    let now = public.now;
    let after = asked.after();
    let goes_on = after.is_some();
    let ((export, first), freshness) = public
        .read(move |c| {
            let export = Export::new(c, asked, format, now)?;
            let first = export.page(c, after.as_deref())?;
            Ok((export, first))
        })
        .await?;
    let mut response = HttpResponse::Ok();
    let (kind, format) = export.name();
    let (kind, format): (&str, &str) = (kind.into(), format.into());
    response
        .insert_header((header::CONTENT_TYPE, media_type(format, goes_on)))
        .insert_header((
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{kind}.{format}\""),
        ))
        .insert_header((header::CACHE_CONTROL, cache_control(&freshness)));
    if let Some(validity) = freshness.validity {
        let tag = format!(
            "W/\"{}.{}.{}\"",
            env!("CARGO_PKG_VERSION"),
            validity.position,
            validity.since.and_utc().timestamp_millis()
        );
        let follow = changes::routes::since(&public, validity.position)?;
        response
            .insert_header((header::ETAG, tag))
            .insert_header((header::LINK, format!("<{follow}>; rel=\"monitor\"")));
    }
    Ok(response.streaming(body(public, export, first, patience, place)))
}

fn media_type(format: &str, goes_on: bool) -> &'static str {
    match (format, goes_on) {
        ("csv", false) => csv::WITH_HEADER,
        ("csv", true) => csv::WITHOUT_HEADER,
        _ => "application/x-ndjson",
    }
}

/// Caches may store an export, but must revalidate it: they must not serve a record that was taken back since.
fn cache_control(freshness: &Freshness) -> &'static str {
    match freshness.is_private {
        true => "private, no-store",
        false => "public, no-cache",
    }
}

/// The body. Beyond the first page, nothing is read until the server polls for it, which it does not for `HEAD` or a
/// 304.
fn body(
    public: Public,
    export: Export,
    first: ExportPage,
    patience: Duration,
    place: OwnedSemaphorePermit,
) -> impl Stream<Item = io::Result<Bytes>> {
    let begin = stream::once(ready(Ok(Bytes::from(first.lines))));
    let rest = stream::once(async move {
        let (sender, receiver) = mpsc::channel(1);
        if let Some(after) = first.after {
            actix_web::rt::spawn(read_on(public, export, after, sender, patience, place));
        } else {
            // the first page was the only one
            let _ = sender.try_send(Chunk::End);
        }
        received(receiver)
    });
    begin.chain(rest.flatten())
}

fn received(receiver: Receiver<Chunk>) -> impl Stream<Item = io::Result<Bytes>> {
    stream::unfold(Some(receiver), |receiver| async move {
        let mut receiver = receiver?;
        match receiver.recv().await {
            Some(Chunk::Lines(lines)) => Some((Ok(lines), Some(receiver))),
            Some(Chunk::End) => None,
            None => Some((Err(io::Error::other("the export was cut off")), None)),
        }
    })
}

/// Reads page after page, each while the one before is being sent.
async fn read_on(
    public: Public,
    export: Export,
    mut after: String,
    sender: Sender<Chunk>,
    patience: Duration,
    _place: OwnedSemaphorePermit,
) {
    loop {
        let page = match page(&public, &export, &after).await {
            Ok(page) => page,
            Err(error) => {
                let cause = error.cause.as_deref().unwrap_or(&error.detail);
                tracing::error!(cause, "an export was cut off");
                return;
            }
        };
        let lines = Chunk::Lines(page.lines.into());
        match tokio::time::timeout(patience, sender.send(lines)).await {
            Ok(Ok(())) => {}
            Ok(Err(_gone)) => return,
            Err(_elapsed) => {
                tracing::info!("an export was cut off: its client stopped reading");
                return;
            }
        }
        match page.after {
            Some(id) => after = id,
            None => break,
        }
    }
    let _ = tokio::time::timeout(patience, sender.send(Chunk::End)).await;
}

/// The page after a record. Retries while the database is busy, rather than cutting the export off.
async fn page(public: &Public, export: &Export, after: &str) -> Result<ExportPage, ApiError> {
    for _ in 1..TRIES {
        match read(public, export, after).await {
            Err(error) if error.code == ProblemCode::Unavailable => {
                actix_web::rt::time::sleep(PAUSE).await;
            }
            result => return result,
        }
    }
    read(public, export, after).await
}

async fn read(public: &Public, export: &Export, after: &str) -> Result<ExportPage, ApiError> {
    let (export, after) = (export.clone(), after.to_owned());
    let read = public.read(move |c| export.page(c, Some(&after)));
    Ok(read.await?.0)
}
