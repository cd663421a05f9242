-- When the log was put back to an earlier state, and what it lost.
CREATE TABLE log_forks (
    number BIGINT NOT NULL PRIMARY KEY,
    found_at TIMESTAMP NOT NULL,
    -- the newest entry that is known to have stayed
    last_common BIGINT NOT NULL,
    -- the newest entry that is known to be lost, and the beginning of its digest
    lost_seq BIGINT NOT NULL,
    lost_digest TEXT NOT NULL
);

-- the newest of them that it was told of
ALTER TABLE webhooks ADD COLUMN fork BIGINT NOT NULL DEFAULT 0;

-- for a change: the beginning of the digest of its entry
ALTER TABLE webhook_deliveries ADD COLUMN digest TEXT;
-- for a fork: its number
ALTER TABLE webhook_deliveries ADD COLUMN fork BIGINT;
UPDATE webhook_deliveries SET digest = (SELECT substr(c.digest, 1, 16) FROM changes c WHERE c.seq = webhook_deliveries.seq);
