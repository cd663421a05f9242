-- Who may write: programs, each with a secret or a public key.
CREATE TABLE clients (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    secret_digest TEXT,
    public_key TEXT,
    created_at TIMESTAMP NOT NULL,
    revoked_at TIMESTAMP
);

-- What a client may do for which organisation; `*` is all of them.
CREATE TABLE client_grants (
    client_id TEXT NOT NULL REFERENCES clients (id),
    scope TEXT NOT NULL,
    organisation_id TEXT NOT NULL,
    PRIMARY KEY (client_id, scope, organisation_id)
);

-- Assertions that were used to get a token: each counts once, until it expires.
CREATE TABLE used_assertions (
    client_id TEXT NOT NULL REFERENCES clients (id),
    jti TEXT NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    PRIMARY KEY (client_id, jti)
);
CREATE INDEX used_assertions_by_expires_at ON used_assertions (expires_at);

-- The keys that tokens are signed with. A retired one still proves tokens for a while.
CREATE TABLE signing_keys (
    kid TEXT NOT NULL PRIMARY KEY,
    private_key TEXT NOT NULL,
    public_key TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    retired_at TIMESTAMP
);

-- Answers to requests that carried an Idempotency-Key, kept for a day.
CREATE TABLE idempotency_keys (
    client_id TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL,
    location TEXT,
    entity_tag TEXT,
    body TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (client_id, key)
);
CREATE INDEX idempotency_keys_by_created_at ON idempotency_keys (created_at);
