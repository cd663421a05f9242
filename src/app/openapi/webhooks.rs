//! What is sent to receivers of webhooks: the part of OpenAPI 3.1 that the library has no type for.

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
            "Names the message: the same at each attempt. That of a change is `change-` and its `seq`.",
            60,
            "change-144",
        ),
        header(
            "webhook-timestamp",
            "When this attempt was made, in seconds since 1970. Refuse what is older than five minutes.",
            20,
            "1795608000",
        ),
        header(
            "webhook-signature",
            "One or two signatures with a space between, each `v1,` and the HMAC-SHA-256 of id, timestamp and body, with points between, in base64. One that fits is enough.",
            200,
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ),
    ];
    let answers = json!({
        "204": {"description": "The message was taken; any other 2xx says the same."},
        "410": {"description": "Nothing more is wanted: the webhook is switched off."},
        "503": {"description": "Not now: it is sent again, at the earliest after `Retry-After`; so it is after any other status, 3xx included."},
    });
    document["webhooks"] = json!({
        "change": {
            "post": {
                "tags": ["Webhook messages"],
                "summary": "A record was changed",
                "description": "Sent to the `url` of a webhook by Standard Webhooks (standardwebhooks.com), at least once for each change, and for each record in order.",
                "operationId": "receive_change",
                "parameters": parameters,
                "requestBody": {
                    "description": "What was changed, and where it is.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/WebhookMessage"}}},
                    "required": true,
                },
                "responses": answers,
                "security": [],
            },
        },
    });
}
