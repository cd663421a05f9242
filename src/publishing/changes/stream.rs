//! The log as a stream of server-sent events (html.spec.whatwg.org/multipage/server-sent-events.html).

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, get};
use std::convert::Infallible;

use super::follower::Follower;
use super::views::{StreamChanges, StreamStart};
use crate::access::Public;
use crate::access::instance::Instance;
use crate::http::envelope::Endless;
use crate::http::error::ApiError;
use crate::http::problem;
use crate::http::query::Query;
use crate::log::entries::Place;
use crate::publishing::changes::followers::Followers;

/// Where the stream is: its answers never go through the response cache.
pub const PATH: &str = "/v1/changes/stream";
/// The header by which a client that comes back says where it was.
const LAST_EVENT_ID: &str = "last-event-id";
/// How long a client should wait that found no place, in seconds.
const FULL: u32 = 5;

/// Stream all changes
///
/// The entries of `/v1/changes` as server-sent events, in the same order, each once, as soon as they are there: `event`
/// is `change`, `data` an entry as JSON on one line, `id` the place after it. A client that comes back with the last
/// `id` as `Last-Event-ID`, which browsers do by themselves, or as `cursor`, goes on exactly there. The id is a cursor of
/// `/v1/changes` too. Without one, the stream begins with what comes from now on. Comments come while there is nothing to tell.
/// Who takes what is sent too slowly is let go, and can come back.
#[utoipa::path(
    tag = "Changes",
    params(
        StreamChanges,
        ("Last-Event-ID" = Option<String>, Header, description = "Where to go on: the id of the last event. Counts more than `cursor` and `from`.", max_length = 2000)
    ),
    responses((status = 200, description = "Events without end", body = String, content_type = "text/event-stream"))
)]
#[get("/changes/stream")]
pub async fn stream_changes(
    public: Public,
    request: HttpRequest,
    query: Query<StreamChanges>,
    instance: Data<Instance>,
    followers: Data<Followers>,
) -> Result<HttpResponse, ApiError> {
    let last = request.headers().get(LAST_EVENT_ID);
    let last = last.map(|id| id.to_str().unwrap_or("?").to_owned());
    let last = last.filter(|id| !id.is_empty());
    let place = match last.or(query.params.cursor) {
        Some(text) => Place::read(public.cursors(), &text)?,
        None if query.params.from == StreamStart::Start => Place::start(),
        None => now(&instance, &public)?,
    };
    let permit = followers.enter().ok_or_else(|| {
        let detail = "As many follow the changes as may at once.";
        let error = ApiError::new(&problem::UNAVAILABLE, detail);
        ApiError {
            retry_after: Some(FULL),
            ..error
        }
    })?;
    let follower = Follower::new(instance, followers, query.params.types, place, permit)?;
    let events = futures_util::stream::unfold(follower, |mut follower| async move {
        let bytes = follower.next().await?;
        Some((Ok::<Bytes, Infallible>(bytes), follower))
    });
    let mut response = HttpResponse::Ok()
        .insert_header((
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/event-stream"),
        ))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // a proxy in between must pass each event on at once
        .insert_header(("X-Accel-Buffering", "no"))
        // so must the layer that compresses
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .streaming(events);
    response.extensions_mut().insert(Endless);
    Ok(response)
}

/// Where somebody stands who wants what comes from now on. Nothing is read: many come at once after a break.
fn now(instance: &Instance, public: &Public) -> Result<Place, ApiError> {
    let newest = instance.log.tail().followed();
    let unknown = || ApiError::unavailable(&"the log was not looked at yet");
    Ok(Place {
        seq: newest.ok_or_else(unknown)?,
        moment: public.now,
        tie: i64::MAX,
    })
}
