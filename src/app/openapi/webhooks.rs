//! The messages sent to webhook receivers, a part of OpenAPI 3.1 for which utoipa has no type.

use serde_json::{Value, json};

/// Describes the messages.
pub(super) fn add(document: &mut Value) {
    let header = |name: &str, description: &str, length: u32, example: &str| {
        json!({
            "name": name,
            "in": "header",
            "description": description,
            "required": true,
            "schema": {"type": "string", "maxLength": length, "example": example},
        })
    };
    let parameters = [
        header(
            "webhook-id",
            "The id of the message, the same for every attempt. For a change, `change-`, its `seq`, and the beginning of its entry's digest.",
            60,
            "change-144-9b41fd1f5c8e06a2",
        ),
        header(
            "webhook-timestamp",
            "When this attempt was made, in seconds since 1970. Reject messages older than five minutes.",
            20,
            "1795608000",
        ),
        header(
            "webhook-signature",
            "One or two signatures, separated by a space. Each is `v1,` and the base64 of the HMAC-SHA-256 of id, timestamp and body, joined with dots. One match is enough.",
            200,
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ),
    ];
    let answers = json!({
        "204": {"description": "Accepted, as with any other 2xx."},
        "410": {"description": "Gone: the webhook is disabled."},
        "503": {"description": "Not now: the message is sent again, after `Retry-After` at the earliest. So it is for any other status, including 3xx."},
    });
    document["webhooks"] = json!({
        "change": {
            "post": {
                "tags": ["Webhook messages"],
                "summary": "A record changed",
                "description": "Sent to the `url` of a webhook according to Standard Webhooks (standardwebhooks.com): at least once for each change, and in order for each record. If the log was put back to an earlier state and lost entries, a message of type `log.forked` says so.",
                "operationId": "receive_change",
                "parameters": parameters,
                "requestBody": {
                    "description": "What changed, and where to read it.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/WebhookMessage"}}},
                    "required": true,
                },
                "responses": answers,
                "security": [],
            },
        },
    });
}
