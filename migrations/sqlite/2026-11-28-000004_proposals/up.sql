-- Writes that wait for the word of others. The document is kept until they have given it.
CREATE TABLE proposals (
    id TEXT NOT NULL PRIMARY KEY,
    client_id TEXT NOT NULL,
    resource TEXT NOT NULL,
    record_id TEXT NOT NULL,
    base_revision BIGINT NOT NULL,
    document TEXT,
    awaits TEXT NOT NULL,
    state TEXT NOT NULL,
    proposed_by TEXT NOT NULL,
    reason TEXT,
    created_at TIMESTAMP NOT NULL,
    decided_at TIMESTAMP
);
CREATE INDEX proposals_by_state ON proposals (state, id);
CREATE INDEX proposals_by_client ON proposals (client_id, state, id);
CREATE INDEX proposals_by_record ON proposals (record_id);

CREATE TABLE proposal_parties (
    proposal_id TEXT NOT NULL REFERENCES proposals (id) DEFERRABLE INITIALLY DEFERRED,
    organisation_id TEXT NOT NULL,
    scope TEXT NOT NULL,
    accepted_at TIMESTAMP,
    PRIMARY KEY (proposal_id, organisation_id)
);
CREATE INDEX proposal_parties_by_organisation ON proposal_parties (organisation_id, scope, proposal_id);

-- Whether what others send about a report waits for its publisher.
ALTER TABLE reports ADD COLUMN submissions TEXT NOT NULL DEFAULT 'open';
