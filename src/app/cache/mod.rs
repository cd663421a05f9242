//! The response cache: responses to public reads, in memory.
//!
//! It sits in front of the application, so that a hit touches no route, no database and no other thread ([`layer`]). A
//! response is cached under the normalised request ([`key`]), with the position in the change log at which it was read
//! and the records it depends on. It is valid until a log entry after that position concerns it ([`crate::log::tail`]),
//! a scheduled record becomes public, or it reaches the age of [`crate::http::answer::MAX_CACHED_SECONDS`]. Responses to requests
//! with a token are never cached, and such requests are never served from the cache.
//!
//! Everything in it is derived: it may be cleared at any time.

pub mod key;
pub mod layer;
mod response;

use quick_cache::sync::{Cache, DefaultLifecycle, PlaceholderGuard};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};
use std::sync::Arc;

pub use response::CachedResponse;

/// The number of shards, each with its own lock. A response larger than a shard's capacity is not cached.
const SHARDS: usize = 16;
/// The typical size of a response, in bytes.
const USUAL: u64 = 8_192;

/// A response and the memory it takes.
#[derive(Clone)]
pub struct Weighted {
    response: Arc<CachedResponse>,
    bytes: u64,
}

/// Weighs responses by the memory they take.
#[derive(Clone)]
pub struct Bytes;

impl Weighter<String, Weighted> for Bytes {
    fn weight(&self, key: &String, cached: &Weighted) -> u64 {
        cached.bytes + key.len() as u64
    }
}

/// The guard for a response being produced.
pub type Reservation<'a> = PlaceholderGuard<
    'a,
    String,
    Weighted,
    Bytes,
    DefaultHashBuilder,
    DefaultLifecycle<String, Weighted>,
>;

/// The cached responses.
pub struct ResponseCache {
    responses: Cache<String, Weighted, Bytes>,
}

impl ResponseCache {
    /// Creates a cache of this many bytes in all; 0 disables it.
    pub fn new(bytes: u64) -> Self {
        let options = OptionsBuilder::new()
            .shards(SHARDS)
            .weight_capacity(bytes)
            .estimated_items_capacity((bytes / USUAL) as usize)
            .build();
        let responses = match options {
            Ok(options) => Cache::with_options(
                options,
                Bytes,
                DefaultHashBuilder::default(),
                Default::default(),
            ),
            Err(_) => Cache::with_weighter(0, 0, Bytes),
        };
        Self { responses }
    }

    /// The number of cached responses.
    pub fn count(&self) -> usize {
        self.responses.len()
    }

    /// The memory they take, in bytes.
    pub fn bytes(&self) -> u64 {
        self.responses.weight()
    }

    /// The response cached under a key.
    pub fn get(&self, key: &str) -> Option<Arc<CachedResponse>> {
        self.responses.get(key).map(|cached| cached.response)
    }

    /// The response, or a guard to produce it: other requests for the same key wait until the guard is filled or
    /// dropped.
    pub async fn get_or_reserve(&self, key: &str) -> Result<Arc<CachedResponse>, Reservation<'_>> {
        let found = self.responses.get_value_or_guard_async(key).await;
        found.map(|cached| cached.response)
    }

    /// Drops a response, unless it has been replaced.
    fn remove_if(&self, key: &str, is_stale: impl Fn(&CachedResponse) -> bool) {
        self.responses
            .remove_if(key, |cached| is_stale(&cached.response));
    }

    /// Updates the weight of a response that gained a coding.
    pub fn reweigh(&self, key: &str, response: &Arc<CachedResponse>) {
        // keep a newer response that has replaced it
        let is_this = |cached: &Weighted| Arc::ptr_eq(&cached.response, response);
        if self
            .responses
            .peek(key)
            .is_some_and(|cached| is_this(&cached))
        {
            let _ = self
                .responses
                .replace(key.to_owned(), Weighted::new(response.clone()), false);
        }
    }
}

impl Weighted {
    /// Weighs a response.
    pub fn new(response: Arc<CachedResponse>) -> Self {
        let bytes = response.bytes();
        Self { response, bytes }
    }
}
