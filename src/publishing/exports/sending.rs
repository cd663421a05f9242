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
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::{self, Receiver, Sender};

use super::ExportFormat;
use super::exported::Exported;
use super::reading::{Export, ExportPage, ExportRequest};
use crate::access::Public;
use crate::http::error::ApiError;
use crate::http::problem::ProblemCode;
use crate::log::{Lineage, entries};
use crate::platform::csv;
use crate::platform::identity::RecordId;
use crate::publishing::changes;
use crate::publishing::changes::cursor::Bookmark;
use crate::publishing::exports::ExportSlots;

/// How often to try a page while the database is busy.
const MAX_TRIES: usize = 30;
/// How long to wait between tries.
const PAUSE: Duration = Duration::from_secs(1);

/// What the reading task passes to the response.
enum Chunk {
    Lines(Bytes),
    /// The export is complete. A channel that closes without it was cut off.
    End,
}

/// Responds with an export.
pub async fn send<V: Exported>(
    public: Public,
    request: impl Into<ExportRequest<V>>,
) -> Result<HttpResponse, ApiError> {
    let request = request.into();
    let format = request.format;
    let public = public.as_of(request.shape.as_of).await?;
    let slots = public.app_data::<ExportSlots>()?;
    let (slot, client_timeout) = (slots.take()?, slots.client_timeout);
    let (now, pages) = (public.now, public.pages());
    let after = request.shape.after.map(RecordId::from);
    let media_type = match (format, &after) {
        (ExportFormat::Csv, None) => csv::WITH_HEADER,
        (ExportFormat::Csv, Some(_)) => csv::WITHOUT_HEADER,
        (ExportFormat::Ndjson, _) => "application/x-ndjson",
    };
    let ((export, first, end), freshness) = public
        .read(move |c| {
            let export = Export::new(c, request, (now, pages.clone()))?;
            let first = export.page(c, after)?;
            let place = entries::end(c, now)?;
            let lineage = Lineage::of(c, place.seq)?;
            Ok((export, first, Bookmark { place, lineage }))
        })
        .await?;
    let kind = V::collection_name();
    let ending: &str = format.into();
    let disposition = format!("attachment; filename=\"{kind}.{ending}\"");
    // caches may store an export, but must revalidate it: they must not serve a record that was taken back since
    let cache_control = match freshness.is_private {
        true => "private, no-store",
        false => "public, no-cache",
    };
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, media_type))
        .insert_header((header::CONTENT_DISPOSITION, disposition))
        .insert_header((header::CACHE_CONTROL, cache_control));
    if let Some(validity) = freshness.validity {
        let tag = format!(
            "W/\"{}.{}.{}\"",
            env!("CARGO_PKG_VERSION"),
            validity.position,
            validity.since.and_utc().timestamp_millis()
        );
        let follow = changes::routes::since(&public.base, public.cursors(), &end)?;
        response
            .insert_header((header::ETAG, tag))
            .insert_header((header::LINK, format!("<{follow}>; rel=\"monitor\"")));
    }
    let reader = ExportReader {
        public,
        export,
        client_timeout,
        _slot: slot,
    };
    Ok(response.streaming(reader.body(first)))
}

fn chunks(receiver: Receiver<Chunk>) -> impl Stream<Item = io::Result<Bytes>> {
    stream::unfold(Some(receiver), |receiver| async move {
        let mut receiver = receiver?;
        match receiver.recv().await {
            Some(Chunk::Lines(lines)) => Some((Ok(lines), Some(receiver))),
            Some(Chunk::End) => None,
            None => Some((Err(io::Error::other("the export was cut off")), None)),
        }
    })
}

/// Reads the pages of one export, and holds its slot.
struct ExportReader<V: Exported> {
    public: Public,
    export: Arc<Export<V>>,
    client_timeout: Duration,
    _slot: OwnedSemaphorePermit,
}

impl<V: Exported> ExportReader<V> {
    /// The body. Beyond the first page, nothing is read until the server polls for it, which it does not for `HEAD` or
    /// a 304.
    fn body(self, first: ExportPage) -> impl Stream<Item = io::Result<Bytes>> {
        let begin = stream::once(ready(Ok(Bytes::from(first.lines))));
        let rest = stream::once(async move {
            let (sender, receiver) = mpsc::channel(1);
            if let Some(after) = first.after {
                actix_web::rt::spawn(self.read_on(after, sender));
            } else {
                // the first page was the only one
                let _ = sender.try_send(Chunk::End);
            }
            chunks(receiver)
        });
        begin.chain(rest.flatten())
    }

    /// Reads page after page, each while the one before is being sent.
    async fn read_on(mut self, mut after: RecordId, sender: Sender<Chunk>) {
        loop {
            let page = match self.page(after).await {
                Ok(page) => page,
                Err(error) => {
                    let cause = error.cause.as_deref().unwrap_or(&error.detail);
                    tracing::error!(cause, "an export was cut off");
                    return;
                }
            };
            let lines = Chunk::Lines(page.lines.into());
            match tokio::time::timeout(self.client_timeout, sender.send(lines)).await {
                Ok(Ok(())) => {}
                Ok(Err(_disconnected)) => return,
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
        let _ = tokio::time::timeout(self.client_timeout, sender.send(Chunk::End)).await;
    }

    /// The page after a record. Retries while the database is busy, rather than cutting the export off.
    async fn page(&mut self, after: RecordId) -> Result<ExportPage, ApiError> {
        let mut tries = 1;
        loop {
            let page = match self.public.follow_again().await {
                Ok(()) => {
                    let export = self.export.clone();
                    let read = self.public.read(move |c| export.page(c, Some(after)));
                    read.await
                }
                Err(error) => Err(error),
            };
            match page {
                Err(error) if error.code == ProblemCode::Unavailable && tries < MAX_TRIES => {
                    actix_web::rt::time::sleep(PAUSE).await;
                    tries += 1;
                }
                page => return Ok(page?.0),
            }
        }
    }
}
