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

-- From when an entry of the log is public; NULL: never. Not part of the chain: it follows from the states.
ALTER TABLE changes ADD COLUMN public_from TIMESTAMP;
CREATE INDEX changes_by_public_from ON changes (public_from, seq);

-- Of what was logged before, the newest state of each record is public where the record is.
UPDATE changes SET public_from = at WHERE seq IN (
    SELECT change_seq FROM topics UNION ALL SELECT change_seq FROM organisations UNION ALL SELECT change_seq FROM groups
);
UPDATE changes SET public_from = (
    SELECT CASE WHEN r.visible_from > changes.at THEN r.visible_from ELSE changes.at END
    FROM articles r WHERE r.change_seq = changes.seq
) WHERE seq IN (SELECT change_seq FROM articles WHERE state <> 'draft');
UPDATE changes SET public_from = (
    SELECT CASE WHEN r.visible_from > changes.at THEN r.visible_from ELSE changes.at END
    FROM reports r WHERE r.change_seq = changes.seq
) WHERE seq IN (SELECT change_seq FROM reports WHERE state <> 'draft');
UPDATE changes SET public_from = (
    SELECT CASE WHEN p.visible_from > changes.at THEN p.visible_from ELSE changes.at END
    FROM recommendations r JOIN reports p ON p.id = r.report_id WHERE r.change_seq = changes.seq
) WHERE seq IN (
    SELECT r.change_seq FROM recommendations r JOIN reports p ON p.id = r.report_id WHERE p.state <> 'draft'
);
