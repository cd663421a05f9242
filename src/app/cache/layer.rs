//! The caching layer in front of the application: responds from the cache, or calls the application and caches the
//! response.

use actix_http::body::BoxBody;
use actix_http::{HttpMessage, Request, Response};
use actix_service::{Service, Transform};
use actix_web::http::header::{HeaderMap, HeaderValue};
use futures_util::future::{Either, LocalBoxFuture, Ready, ready};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use super::response::CachedResponse;
use super::{Reservation, Weighted, key};
use crate::app::state::App;
use crate::http::coding::Coding;
use crate::http::envelope;

/// How often a request retries after it waited for a response that turned out to be outdated.
const TRIES: usize = 3;

thread_local! {
    static KEY: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Wraps the application in the cache.
pub struct CacheLayer(pub App);

/// The application behind the cache.
pub struct Cached<S> {
    app: App,
    inner: Rc<S>,
}

/// A request for public data.
struct CacheableRequest {
    /// The cache key, and the end of the log when the request arrived: an older response will not do. `None` if the
    /// response is not cached, or the log could not be read recently.
    key: Option<(String, i64)>,
    coding: Coding,
    headers: HeaderMap,
}

type ServiceResult = Result<Response<BoxBody>, Response<BoxBody>>;

/// The result of a cache lookup.
enum Lookup {
    /// A cached response.
    Found(Response<BoxBody>),
    /// A miss.
    Missed(CacheableRequest),
    /// The request bypasses the cache.
    Bypassed,
}

impl<S> Transform<S, Request> for CacheLayer
where
    S: Service<Request, Response = Response<BoxBody>, Error = Response<BoxBody>> + 'static,
{
    type Response = Response<BoxBody>;
    type Error = Response<BoxBody>;
    type Transform = Cached<S>;
    type InitError = ();
    type Future = Ready<Result<Cached<S>, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        let (app, inner) = (self.0.clone(), Rc::new(inner));
        ready(Ok(Cached { app, inner }))
    }
}

impl<S> Service<Request> for Cached<S>
where
    S: Service<Request, Response = Response<BoxBody>, Error = Response<BoxBody>> + 'static,
{
    type Response = Response<BoxBody>;
    type Error = Response<BoxBody>;
    type Future = Either<Ready<ServiceResult>, LocalBoxFuture<'static, ServiceResult>>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&self, request: Request) -> Self::Future {
        let (app, inner) = (self.app.clone(), self.inner.clone());
        match look_up(&app, &request) {
            Lookup::Found(response) => Either::Left(ready(Ok(response))),
            Lookup::Missed(missed) => Either::Right(Box::pin(async move {
                respond(&app, &*inner, request, missed).await
            })),
            Lookup::Bypassed => Either::Right(Box::pin(async move { inner.call(request).await })),
        }
    }
}

fn look_up(app: &App, request: &Request) -> Lookup {
    let coding = Coding::accepted(request).filter(|_| key::is_public_read(request));
    let Some(coding) = coding else {
        return Lookup::Bypassed;
    };
    let missed = |key| {
        Lookup::Missed(CacheableRequest {
            key,
            coding,
            headers: request.headers().clone(),
        })
    };
    KEY.with_borrow_mut(|key| {
        let tail = app.instance.log.tail();
        let position = tail
            .position()
            .filter(|_| app.config.cache_bytes > 0 && key::write(key, request, &app.config));
        let Some(position) = position else {
            return missed(None);
        };
        let now = app.instance.clock.now();
        match app.cache.get(key) {
            Some(cached) if cached.has(coding) && cached.holds(tail, position, now) => {
                let id = envelope::request_id(request.headers());
                tracing::debug!(path = request.path(), request_id = ?id, "served from the cache");
                app.counters.count_cached_response();
                Lookup::Found(cached.respond(coding, request.headers(), now, id))
            }
            _ => missed(Some((key.clone(), position))),
        }
    })
}

/// Waits for the response if another request is already producing it (single flight); otherwise calls the application.
async fn respond<S>(
    app: &App,
    inner: &S,
    request: Request,
    missed: CacheableRequest,
) -> ServiceResult
where
    S: Service<Request, Response = Response<BoxBody>, Error = Response<BoxBody>>,
{
    let tail = app.instance.log.tail();
    let mut reservation = None;
    if let Some((key, position)) = &missed.key {
        match wait(app, key, *position).await {
            Some(Ok(cached)) => {
                app.counters.count_cached_response();
                return Ok(finish(app, cached, &missed, None).await);
            }
            Some(Err(own)) => reservation = Some(own),
            None => {}
        }
    }
    let epoch = tail.epoch();
    match CachedResponse::new(inner.call(request).await?, tail, epoch) {
        Ok((cached, id)) => {
            let cached = Arc::new(cached);
            if let Some(reservation) = reservation {
                // a response too large for the cache is only sent
                let _ = reservation.insert(Weighted::new(cached.clone()));
            }
            Ok(finish(app, cached, &missed, id).await)
        }
        Err(response) => Ok(response),
    }
}

/// The response, or a guard to produce it; `None` if neither is available in time.
async fn wait<'a>(
    app: &'a App,
    key: &str,
    position: i64,
) -> Option<Result<Arc<CachedResponse>, Reservation<'a>>> {
    let tail = app.instance.log.tail();
    let longest = Duration::from_millis(app.config.database_wait_ms);
    for _ in 0..TRIES {
        match tokio::time::timeout(longest, app.cache.get_or_reserve(key)).await {
            Ok(Ok(cached)) => {
                let now = app.instance.clock.now();
                let is_stale = |cached: &CachedResponse| !cached.holds(tail, position, now);
                if !is_stale(&cached) {
                    return Some(Ok(cached));
                }
                app.cache.remove_if(key, is_stale);
            }
            Ok(Err(reservation)) => return Some(Err(reservation)),
            Err(_elapsed) => return None,
        }
    }
    None
}

/// Responds in the requested coding. `id` is the request id if the application has assigned one.
async fn finish(
    app: &App,
    cached: Arc<CachedResponse>,
    missed: &CacheableRequest,
    id: Option<HeaderValue>,
) -> Response<BoxBody> {
    let now = app.instance.clock.now();
    if !cached.has(missed.coding) {
        cached.make(missed.coding).await;
        if let Some((key, _)) = &missed.key {
            app.cache.reweigh(key, &cached);
        }
    }
    let id = id.unwrap_or_else(|| envelope::request_id(&missed.headers));
    cached.respond(missed.coding, &missed.headers, now, id)
}
