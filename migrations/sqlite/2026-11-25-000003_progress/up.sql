CREATE TABLE progress_updates (
    id TEXT NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    revision BIGINT NOT NULL,
    change_seq BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    report_id TEXT NOT NULL REFERENCES reports (id) DEFERRABLE INITIALLY DEFERRED,
    recommendation_id TEXT NOT NULL REFERENCES recommendations (id) DEFERRABLE INITIALLY DEFERRED,
    organisation_id TEXT NOT NULL REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    author_id TEXT NOT NULL REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    status TEXT NOT NULL,
    as_at TEXT NOT NULL,
    text TEXT,
    source_url TEXT,
    published_on DATE,
    evidence TEXT NOT NULL
);
CREATE INDEX progress_updates_by_as_at ON progress_updates (state, as_at, id);
CREATE INDEX progress_updates_by_updated_at ON progress_updates (state, updated_at, id);
CREATE INDEX progress_updates_by_report ON progress_updates (report_id, as_at, id);
CREATE INDEX progress_updates_by_recommendation ON progress_updates (recommendation_id, as_at, id);
CREATE INDEX progress_updates_by_organisation ON progress_updates (organisation_id, as_at, id);
CREATE INDEX progress_updates_by_author ON progress_updates (author_id, as_at, id);
CREATE INDEX progress_updates_by_status ON progress_updates (status, as_at, id);

CREATE TABLE assessments (
    id TEXT NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    revision BIGINT NOT NULL,
    change_seq BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    report_id TEXT NOT NULL REFERENCES reports (id) DEFERRABLE INITIALLY DEFERRED,
    recommendation_id TEXT NOT NULL REFERENCES recommendations (id) DEFERRABLE INITIALLY DEFERRED,
    organisation_id TEXT NOT NULL REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    assessor_id TEXT NOT NULL REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    status TEXT NOT NULL,
    as_at TEXT NOT NULL,
    reasons TEXT,
    source_url TEXT
);
CREATE INDEX assessments_by_as_at ON assessments (state, as_at, id);
CREATE INDEX assessments_by_updated_at ON assessments (state, updated_at, id);
CREATE INDEX assessments_by_report ON assessments (report_id, as_at, id);
CREATE INDEX assessments_by_recommendation ON assessments (recommendation_id, as_at, id);
CREATE INDEX assessments_by_organisation ON assessments (organisation_id, as_at, id);
CREATE INDEX assessments_by_assessor ON assessments (assessor_id, as_at, id);
CREATE INDEX assessments_by_status ON assessments (status, as_at, id);

-- As in the first migration: these first columns narrow nothing.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('progress_updates', 'progress_updates_by_as_at', '1000000 500000 2 1'),
    ('progress_updates', 'progress_updates_by_updated_at', '1000000 500000 2 1'),
    ('progress_updates', 'progress_updates_by_status', '1000000 200000 2 1'),
    ('assessments', 'assessments_by_as_at', '1000000 500000 2 1'),
    ('assessments', 'assessments_by_updated_at', '1000000 500000 2 1'),
    ('assessments', 'assessments_by_status', '1000000 200000 2 1');
ANALYZE sqlite_schema;
