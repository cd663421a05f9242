CREATE TABLE responses (
    id TEXT NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    revision BIGINT NOT NULL,
    change_seq BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    report_id TEXT NOT NULL REFERENCES reports (id) DEFERRABLE INITIALLY DEFERRED,
    responder_id TEXT NOT NULL REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    kind TEXT NOT NULL,
    corrects_id TEXT REFERENCES responses (id) DEFERRABLE INITIALLY DEFERRED,
    received_on DATE,
    published_on DATE NOT NULL,
    publication TEXT NOT NULL,
    withheld_reason TEXT,
    source_url TEXT,
    archived_url TEXT,
    sha256 TEXT
);
CREATE INDEX responses_by_published_on ON responses (state, published_on, id);
CREATE INDEX responses_by_updated_at ON responses (state, updated_at, id);
CREATE INDEX responses_by_report ON responses (report_id, published_on, id);
CREATE INDEX responses_by_responder ON responses (responder_id, published_on, id);
CREATE INDEX responses_by_kind ON responses (kind, published_on, id);

-- Which recommendations a response answers; its position on each.
CREATE TABLE response_covers (
    response_id TEXT NOT NULL REFERENCES responses (id) DEFERRABLE INITIALLY DEFERRED,
    place INTEGER NOT NULL,
    recommendation_id TEXT NOT NULL REFERENCES recommendations (id) DEFERRABLE INITIALLY DEFERRED,
    position TEXT,
    position_verbatim TEXT,
    mapped_by TEXT,
    text TEXT,
    page TEXT,
    PRIMARY KEY (response_id, place)
);
CREATE INDEX response_covers_by_recommendation ON response_covers (recommendation_id, response_id);

-- For whom a response is: the responder first, then those for whom it responds besides.
CREATE TABLE response_respondents (
    response_id TEXT NOT NULL REFERENCES responses (id) DEFERRABLE INITIALLY DEFERRED,
    place INTEGER NOT NULL,
    organisation_id TEXT REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    group_id TEXT REFERENCES groups (id) DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (response_id, place),
    CHECK ((organisation_id IS NULL) <> (group_id IS NULL))
);

-- As in the first migration: these first columns narrow nothing.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('responses', 'responses_by_published_on', '1000000 500000 2 1'),
    ('responses', 'responses_by_updated_at', '1000000 500000 2 1'),
    ('responses', 'responses_by_kind', '1000000 300000 2 1');
ANALYZE sqlite_schema;
