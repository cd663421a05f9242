//! Counters of the requests that an instance serves and of the webhooks that it sends.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use std::time::Duration;

/// The bucket bounds of the duration histogram, in seconds.
const DURATIONS: [f64; 12] = [
    0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0,
];
/// The outcomes of an attempt to deliver a webhook.
const OUTCOMES: [&str; 2] = ["failed", "delivered"];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfStatus {
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfOutcome {
    outcome: &'static str,
}

/// The counters. They start at 0 with the process.
pub struct Counters {
    requests: Family<OfStatus, Counter>,
    durations: Histogram,
    from_memory: Counter,
    webhook_attempts: Family<OfOutcome, Counter>,
}

impl Default for Counters {
    fn default() -> Self {
        let webhook_attempts = Family::default();
        for outcome in OUTCOMES {
            let _: &Counter = &webhook_attempts.get_or_create(&OfOutcome { outcome });
        }
        Self {
            requests: Family::default(),
            durations: Histogram::new(DURATIONS),
            from_memory: Counter::default(),
            webhook_attempts,
        }
    }
}

impl Counters {
    /// Counts a request that the application handled.
    pub fn count_request(&self, status: u16, elapsed: Duration) {
        self.requests.get_or_create(&OfStatus { status }).inc();
        self.durations.observe(elapsed.as_secs_f64());
    }

    /// Counts a request that was served from the response cache.
    pub fn count_cached_response(&self) {
        self.from_memory.inc();
    }

    /// Counts an attempt to deliver a webhook.
    pub fn count_webhook_attempt(&self, is_delivered: bool) {
        let outcome = OUTCOMES[usize::from(is_delivered)];
        let counter = self.webhook_attempts.get_or_create(&OfOutcome { outcome });
        counter.inc();
    }

    /// Registers the metrics.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "http_requests",
            "Requests handled by the application, by status, excluding those served from the response cache",
            self.requests.clone(),
        );
        registry.register_with_unit(
            "http_request_duration",
            "Time from the request's headers to the start of its response, for the requests in http_requests",
            Unit::Seconds,
            self.durations.clone(),
        );
        registry.register(
            "http_requests_from_memory",
            "Requests served from the response cache",
            self.from_memory.clone(),
        );
        registry.register(
            "webhook_attempts",
            "Webhook delivery attempts by this node",
            self.webhook_attempts.clone(),
        );
    }
}
