CREATE TABLE progress_updates (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    slug TEXT COLLATE "C" NOT NULL UNIQUE,
    state TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    change_seq BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    report_id TEXT COLLATE "C" NOT NULL REFERENCES reports (id) DEFERRABLE INITIALLY DEFERRED,
    recommendation_id TEXT COLLATE "C" NOT NULL REFERENCES recommendations (id) DEFERRABLE INITIALLY DEFERRED,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    author_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    status TEXT COLLATE "C" NOT NULL,
    as_at TEXT COLLATE "C" NOT NULL,
    text TEXT COLLATE "C",
    source_url TEXT COLLATE "C",
    published_on DATE,
    evidence TEXT COLLATE "C" NOT NULL
);
CREATE INDEX progress_updates_by_as_at ON progress_updates (state, as_at, id);
CREATE INDEX progress_updates_by_updated_at ON progress_updates (state, updated_at, id);
CREATE INDEX progress_updates_by_report ON progress_updates (report_id, as_at, id);
CREATE INDEX progress_updates_by_recommendation ON progress_updates (recommendation_id, as_at, id);
CREATE INDEX progress_updates_by_organisation ON progress_updates (organisation_id, as_at, id);
CREATE INDEX progress_updates_by_author ON progress_updates (author_id, as_at, id);
CREATE INDEX progress_updates_by_status ON progress_updates (status, as_at, id);

CREATE TABLE assessments (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    slug TEXT COLLATE "C" NOT NULL UNIQUE,
    state TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    change_seq BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    report_id TEXT COLLATE "C" NOT NULL REFERENCES reports (id) DEFERRABLE INITIALLY DEFERRED,
    recommendation_id TEXT COLLATE "C" NOT NULL REFERENCES recommendations (id) DEFERRABLE INITIALLY DEFERRED,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    assessor_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    status TEXT COLLATE "C" NOT NULL,
    as_at TEXT COLLATE "C" NOT NULL,
    reasons TEXT COLLATE "C",
    source_url TEXT COLLATE "C"
);
CREATE INDEX assessments_by_as_at ON assessments (state, as_at, id);
CREATE INDEX assessments_by_updated_at ON assessments (state, updated_at, id);
CREATE INDEX assessments_by_report ON assessments (report_id, as_at, id);
CREATE INDEX assessments_by_recommendation ON assessments (recommendation_id, as_at, id);
CREATE INDEX assessments_by_organisation ON assessments (organisation_id, as_at, id);
CREATE INDEX assessments_by_assessor ON assessments (assessor_id, as_at, id);
CREATE INDEX assessments_by_status ON assessments (status, as_at, id);
