//! What wakes the task that sends.

use tokio::sync::Notify;

/// Somebody on this node wants something sent.
#[derive(Default)]
pub struct Wake(Notify);

impl Wake {
    /// Wakes the task, or keeps it from falling asleep.
    pub fn call(&self) {
        self.0.notify_one();
    }

    /// Waits for the next call.
    pub async fn called(&self) {
        self.0.notified().await;
    }
}
