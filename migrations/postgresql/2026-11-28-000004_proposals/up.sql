-- Writes that wait for the word of others. The document is kept until they have given it.
CREATE TABLE proposals (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    client_id TEXT COLLATE "C" NOT NULL,
    resource TEXT COLLATE "C" NOT NULL,
    record_id TEXT COLLATE "C" NOT NULL,
    base_revision BIGINT NOT NULL,
    document TEXT COLLATE "C",
    awaits TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    proposed_by TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C",
    created_at TIMESTAMP NOT NULL,
    decided_at TIMESTAMP
);
CREATE INDEX proposals_by_state ON proposals (state, id);
CREATE INDEX proposals_by_client ON proposals (client_id, state, id);
CREATE INDEX proposals_by_record ON proposals (record_id);

CREATE TABLE proposal_parties (
    proposal_id TEXT COLLATE "C" NOT NULL REFERENCES proposals (id) DEFERRABLE INITIALLY DEFERRED,
    organisation_id TEXT COLLATE "C" NOT NULL,
    scope TEXT COLLATE "C" NOT NULL,
    accepted_at TIMESTAMP,
    PRIMARY KEY (proposal_id, organisation_id)
);
CREATE INDEX proposal_parties_by_organisation ON proposal_parties (organisation_id, scope, proposal_id);

-- Whether what others send about a report waits for its publisher.
ALTER TABLE reports ADD COLUMN submissions TEXT COLLATE "C" NOT NULL DEFAULT 'open';
