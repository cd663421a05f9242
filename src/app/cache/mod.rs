//! The response cache: responses to public reads, in memory.
//!
//! It sits in front of the application, so that a hit touches no route, no database and no other thread ([`layer`]). A
//! response is cached under the normalised request ([`key`]), with the position in the change log at which it was read
//! and the records it depends on. It is valid until a log entry after that position concerns it ([`crate::log::tail`]),
//! a scheduled record becomes public, or it reaches the age of [`crate::http::answer::MAX_CACHED_SECONDS`]. Responses to requests
//! with a token are never cached, and such requests are never served from the cache.
//!
//! Everything in it is derived: it may be cleared at any time.

mod answer;
pub mod key;
pub mod layer;

use quick_cache::sync::{Cache, DefaultLifecycle, PlaceholderGuard};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};
use std::sync::Arc;

pub use answer::CachedResponse;

/// The number of shards, each with its own lock. A response larger than a shard's capacity is not cached.
const SHARDS: usize = 16;
/// The typical size of a response, in bytes.
const USUAL: u64 = 8_192;

/// A response and the memory it takes.
#[derive(Clone)]
pub struct Weighted {
    answer: Arc<CachedResponse>,
    bytes: u64,
}

/// Weighs responses by the memory they take.
#[derive(Clone)]
pub struct Bytes;

impl Weighter<String, Weighted> for Bytes {
    fn weight(&self, key: &String, kept: &Weighted) -> u64 {
        kept.bytes + key.len() as u64
    }
}

/// The guard for a response being produced.
pub type Place<'a> = PlaceholderGuard<
    'a,
    String,
    Weighted,
    Bytes,
    DefaultHashBuilder,
    DefaultLifecycle<String, Weighted>,
>;

/// The cached responses.
pub struct ResponseCache {
    answers: Cache<String, Weighted, Bytes>,
}

impl ResponseCache {
    /// Creates a cache of this many bytes in all; 0 disables it.
    pub fn new(bytes: u64) -> Self {
        let options = OptionsBuilder::new()
            .shards(SHARDS)
            .weight_capacity(bytes)
            .estimated_items_capacity((bytes / USUAL) as usize)
            .build();
        let answers = match options {
            Ok(options) => Cache::with_options(
                options,
                Bytes,
                DefaultHashBuilder::default(),
                Default::default(),
            ),
            Err(_) => Cache::with_weighter(0, 0, Bytes),
        };
        Self { answers }
    }

    /// The number of cached responses.
    pub fn count(&self) -> usize {
        self.answers.len()
    }

    /// The memory they take, in bytes.
    pub fn bytes(&self) -> u64 {
        self.answers.weight()
    }

    /// The response cached under a key.
    pub fn get(&self, key: &str) -> Option<Arc<CachedResponse>> {
        self.answers.get(key).map(|kept| kept.answer)
    }

    /// The response, or a guard to produce it: other requests for the same key wait until the guard is filled or
    /// dropped.
    pub async fn get_or_place(&self, key: &str) -> Result<Arc<CachedResponse>, Place<'_>> {
        let found = self.answers.get_value_or_guard_async(key).await;
        found.map(|kept| kept.answer)
    }

    /// Drops a response, unless it has been replaced.
    fn drop_if(&self, key: &str, is_stale: impl Fn(&CachedResponse) -> bool) {
        self.answers.remove_if(key, |kept| is_stale(&kept.answer));
    }

    /// Updates the weight of a response that gained a coding.
    pub fn recount(&self, key: &str, answer: &Arc<CachedResponse>) {
        // keep a newer response that has replaced it
        let is_this = |kept: &Weighted| Arc::ptr_eq(&kept.answer, answer);
        if self.answers.peek(key).is_some_and(|kept| is_this(&kept)) {
            let _ = self
                .answers
                .replace(key.to_owned(), Weighted::new(answer.clone()), false);
        }
    }
}

impl Weighted {
    /// Weighs a response.
    pub fn new(answer: Arc<CachedResponse>) -> Self {
        let bytes = answer.bytes();
        Self { answer, bytes }
    }
}
