//! The log as a stream of server-sent events (html.spec.whatwg.org/multipage/server-sent-events.html).

use actix_web::http::header;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, get};
use std::convert::Infallible;
use std::sync::Arc;

use super::cursor::Bookmark;
use super::subscriber::Subscriber;
use super::subscribers::Subscribers;
use super::views::{StreamParams, StreamStart};
use crate::access::instance::Instance;
use crate::access::{Caller, Public};
use crate::http::envelope::EndlessStream;
use crate::http::error::ApiError;
use crate::http::problem::ProblemCode;
use crate::http::query::Query;
use crate::log::entries::LogPosition;

/// The stream's path. Its responses bypass the response cache.
pub const PATH: &str = "/v1/changes/stream";
/// The header with which a reconnecting client says where to resume.
const LAST_EVENT_ID: &str = "last-event-id";
/// How long a client should wait when all slots are taken, in seconds.
const RETRY_WHEN_FULL: u32 = 5;

/// Stream all changes
///
/// The entries of `/v1/changes` as server-sent events, in the same order and each exactly once, as soon as they are
/// available. `event` is `change`, `data` is the entry as JSON on one line, and `id` is the position after it. To
/// resume exactly there, send the last `id` as `Last-Event-ID` (browsers do this themselves) or as `cursor`. The id is
/// also a cursor of `/v1/changes`. Without either, the stream starts with the next change. While there is nothing to
/// send, comments keep the connection alive. A client that reads too slowly is disconnected, and can resume.
///
/// If the log was put back to an earlier state and no longer has entries that what you have read depends on, an event
/// `log-forked` comes first. Its `data` has `last_common`, the newest entry that you have in common with the log (0 for
/// none), and `since`, when that was written: read again each record that you have read, updated or removed since then.
/// The entries after it follow.
#[utoipa::path(
    tag = "Changes",
    params(
        StreamParams,
        ("Last-Event-ID" = Option<String>, Header, description = "Where to resume: the id of the last event. Overrides `cursor` and `from`.", max_length = 6000)
    ),
    responses((status = 200, description = "An endless stream of events", body = String, content_type = "text/event-stream"))
)]
#[get("/changes/stream")]
pub async fn stream_changes(
    public: Public,
    request: HttpRequest,
    query: Query<StreamParams>,
    instance: Data<Instance>,
    subscribers: Data<Subscribers>,
) -> Result<HttpResponse, ApiError> {
    let last = request.headers().get(LAST_EVENT_ID);
    let last = last.map(|id| id.to_str().unwrap_or("?").to_owned());
    let last = last.filter(|id| !id.is_empty());
    let mut bookmark = match last.or(query.params.cursor) {
        Some(text) => Bookmark::from_cursor(public.cursors(), &text)?,
        None if query.params.from == StreamStart::Start => Bookmark::start(),
        None => newest_position(&instance, &public)?,
    };
    bookmark.place = bookmark.place.within_reach(public.now);
    let slot = subscribers.enter().ok_or_else(|| {
        let detail = "Too many clients follow the changes at the moment.";
        ApiError::new(ProblemCode::Unavailable, detail).with_retry_after(RETRY_WHEN_FULL)
    })?;
    let subscriber = Subscriber::new(
        instance,
        subscribers,
        query.params.types,
        bookmark,
        public.caller().map_or_else(|_| Vec::new(), credentials),
        slot,
    )?;
    let events = futures_util::stream::unfold(subscriber, |mut subscriber| async move {
        let bytes = subscriber.next().await?;
        Some((Ok::<Bytes, Infallible>(bytes), subscriber))
    });
    let mut response = HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // proxies must pass each event on at once
        .insert_header(("X-Accel-Buffering", "no"))
        // and so must our compression layer
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .streaming(events);
    response.extensions_mut().insert(EndlessStream);
    Ok(response)
}

/// The client, and the key that signed its token.
fn credentials(caller: &Caller) -> Vec<Arc<str>> {
    let client = caller.client.as_str().into();
    let key = caller.key.as_deref().map(Arc::from);
    [Some(client), key].into_iter().flatten().collect()
}

/// The position from which only new changes follow. Taken from memory: after an outage, many clients connect at once.
fn newest_position(instance: &Instance, public: &Public) -> Result<Bookmark, ApiError> {
    let unknown = || ApiError::unavailable(&"the log has not been read yet");
    let lineage = instance.log.tail().lineage().ok_or_else(unknown)?;
    Ok(Bookmark {
        place: LogPosition {
            seq: lineage.newest().0,
            moment: public.now,
            tie: i64::MAX,
        },
        lineage,
    })
}
