//! The response cache: finished answers in memory, for everything that the public may read.
//!
//! It lies before the application: a request whose answer is here touches no route, no database and no other thread
//! ([`layer`]). An answer is kept under the normalised request ([`key`]) with the position of the change log at which it
//! was read and what it was made from. It is given out as long as no entry of the log after that position concerns it
//! ([`crate::log::tail`]), no scheduled moment has come, and it is younger than [`crate::http::answer::LONGEST`]. What needed a token
//! is never kept, and what comes with one is never answered from here.
//!
//! Everything in it is derived: it may be emptied at any time.

mod answer;
pub mod key;
pub mod layer;

use quick_cache::sync::{Cache, DefaultLifecycle, PlaceholderGuard};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};
use std::sync::Arc;

pub use answer::Answer;

/// How many locks share the answers. An answer that is larger than a lock's share is not kept.
const SHARDS: usize = 16;
/// How large answers are, roughly, in bytes.
const USUAL: u64 = 8_192;

/// An answer, and what it takes up.
#[derive(Clone)]
pub struct Kept {
    answer: Arc<Answer>,
    bytes: u64,
}

/// Weighs answers by what they take up.
#[derive(Clone)]
pub struct Bytes;

impl Weighter<String, Kept> for Bytes {
    fn weight(&self, key: &String, kept: &Kept) -> u64 {
        kept.bytes + key.len() as u64
    }
}

/// The place of an answer that is being made.
pub type Place<'a> =
    PlaceholderGuard<'a, String, Kept, Bytes, DefaultHashBuilder, DefaultLifecycle<String, Kept>>;

/// The answers that are kept.
pub struct ResponseCache {
    answers: Cache<String, Kept, Bytes>,
}

impl ResponseCache {
    /// Keeps answers of so many bytes in all; none if that is 0.
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

    /// How many answers there are.
    pub fn count(&self) -> usize {
        self.answers.len()
    }

    /// What they take up, in bytes.
    pub fn bytes(&self) -> u64 {
        self.answers.weight()
    }

    /// The answer that is kept under a key.
    pub fn get(&self, key: &str) -> Option<Arc<Answer>> {
        self.answers.get(key).map(|kept| kept.answer)
    }

    /// The answer, or the place for it: everybody else who asks for the same waits until it is filled or given up.
    pub async fn get_or_place(&self, key: &str) -> Result<Arc<Answer>, Place<'_>> {
        let found = self.answers.get_value_or_guard_async(key).await;
        found.map(|kept| kept.answer)
    }

    /// Drops an answer, unless another one has taken its place.
    fn drop_if(&self, key: &str, is_stale: impl Fn(&Answer) -> bool) {
        self.answers.remove_if(key, |kept| is_stale(&kept.answer));
    }

    /// Counts an answer again that was found and now has a further coding.
    pub fn recount(&self, key: &str, answer: &Arc<Answer>) {
        // an answer that took its place meanwhile is newer: it stays
        let is_this = |kept: &Kept| Arc::ptr_eq(&kept.answer, answer);
        if self.answers.peek(key).is_some_and(|kept| is_this(&kept)) {
            let _ = self
                .answers
                .replace(key.to_owned(), Kept::new(answer.clone()), false);
        }
    }
}

impl Kept {
    /// An answer, weighed.
    pub fn new(answer: Arc<Answer>) -> Self {
        let bytes = answer.bytes();
        Self { answer, bytes }
    }
}
