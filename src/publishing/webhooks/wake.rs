//! Wakes the task that sends deliveries.

use tokio::sync::Notify;

/// Notifies the task of a new delivery on this node.
#[derive(Default)]
pub struct Wake(Notify);

impl Wake {
    /// Wakes the task, or keeps it from going to sleep.
    pub fn notify(&self) {
        self.0.notify_one();
    }

    /// Waits for the next notification.
    pub async fn notified(&self) {
        self.0.notified().await;
    }
}
