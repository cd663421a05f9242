-- Where changes are sent to, for whom, and how far each has come in the log.
CREATE TABLE webhooks (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    -- the client whose it is, or `cli`
    client_id TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    url TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C",
    -- JSON lists; empty means all
    types TEXT COLLATE "C" NOT NULL,
    organisations TEXT COLLATE "C" NOT NULL,
    is_enabled BOOLEAN NOT NULL,
    disabled_reason TEXT COLLATE "C",
    secret TEXT COLLATE "C" NOT NULL,
    previous_secret TEXT COLLATE "C",
    previous_secret_until TIMESTAMP,
    -- where it stands in the log
    place_seq BIGINT NOT NULL,
    place_moment TIMESTAMP NOT NULL,
    place_tie BIGINT NOT NULL,
    -- the number of its newest delivery
    last_position BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX webhooks_by_client ON webhooks (client_id, id);

-- What is sent, or was: a row for each change and webhook.
CREATE TABLE webhook_deliveries (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    webhook_id TEXT COLLATE "C" NOT NULL REFERENCES webhooks (id) DEFERRABLE INITIALLY DEFERRED,
    -- the order in which its webhook came to them
    position BIGINT NOT NULL,
    -- the entry of the log; NULL: a test
    seq BIGINT,
    -- the record, of which one delivery waits for the one before
    resource TEXT COLLATE "C",
    resource_id TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    attempts INTEGER NOT NULL,
    next_attempt_at TIMESTAMP,
    -- while a node sends it: until when no other may
    leased_until TIMESTAMP,
    -- JSON, oldest first
    attempt_log TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP
);
CREATE UNIQUE INDEX webhook_deliveries_by_webhook ON webhook_deliveries (webhook_id, position);
CREATE INDEX webhook_deliveries_by_record ON webhook_deliveries (webhook_id, state, resource_id, position);
CREATE INDEX webhook_deliveries_by_state ON webhook_deliveries (state, webhook_id, next_attempt_at);
CREATE INDEX webhook_deliveries_by_finished_at ON webhook_deliveries (finished_at);
