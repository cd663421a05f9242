CREATE TABLE mandates (
    id TEXT NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    revision BIGINT NOT NULL,
    change_seq BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    representative_id TEXT NOT NULL REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    granted_by_id TEXT NOT NULL REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    report_id TEXT REFERENCES reports (id) DEFERRABLE INITIALLY DEFERRED,
    from_on DATE NOT NULL,
    until_on DATE,
    source_url TEXT,
    note TEXT,
    recorded_by TEXT
);
CREATE INDEX mandates_by_from_on ON mandates (state, from_on, id);
CREATE INDEX mandates_by_updated_at ON mandates (state, updated_at, id);
CREATE INDEX mandates_by_representative ON mandates (representative_id, from_on, id);
CREATE INDEX mandates_by_granted_by ON mandates (granted_by_id, from_on, id);
CREATE INDEX mandates_by_report ON mandates (report_id, from_on, id);

CREATE TABLE mandate_represented (
    mandate_id TEXT NOT NULL REFERENCES mandates (id) DEFERRABLE INITIALLY DEFERRED,
    place INTEGER NOT NULL,
    organisation_id TEXT REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    group_id TEXT REFERENCES groups (id) DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (mandate_id, place)
);
CREATE INDEX mandate_represented_by_organisation ON mandate_represented (organisation_id, mandate_id);
CREATE INDEX mandate_represented_by_group ON mandate_represented (group_id, mandate_id);

-- As JSON: who answered, whose the position is and in which words, and what others claim.
ALTER TABLE obligations ADD COLUMN statements TEXT NOT NULL DEFAULT '{}';
ALTER TABLE obligations DROP COLUMN position_verbatim;

-- As in the first migration: these first columns narrow nothing.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('mandates', 'mandates_by_from_on', '1000000 500000 2 1'),
    ('mandates', 'mandates_by_updated_at', '1000000 500000 2 1');
ANALYZE sqlite_schema;
