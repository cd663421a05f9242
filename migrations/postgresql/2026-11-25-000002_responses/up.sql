CREATE TABLE responses (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    slug TEXT COLLATE "C" NOT NULL UNIQUE,
    state TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    change_seq BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    report_id TEXT COLLATE "C" NOT NULL REFERENCES reports (id) DEFERRABLE INITIALLY DEFERRED,
    responder_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    kind TEXT COLLATE "C" NOT NULL,
    corrects_id TEXT COLLATE "C" REFERENCES responses (id) DEFERRABLE INITIALLY DEFERRED,
    received_on DATE,
    published_on DATE NOT NULL,
    publication TEXT COLLATE "C" NOT NULL,
    withheld_reason TEXT COLLATE "C",
    source_url TEXT COLLATE "C",
    archived_url TEXT COLLATE "C",
    sha256 TEXT COLLATE "C"
);
CREATE INDEX responses_by_published_on ON responses (state, published_on, id);
CREATE INDEX responses_by_updated_at ON responses (state, updated_at, id);
CREATE INDEX responses_by_report ON responses (report_id, published_on, id);
CREATE INDEX responses_by_responder ON responses (responder_id, published_on, id);
CREATE INDEX responses_by_kind ON responses (kind, published_on, id);

-- Which recommendations a response answers; its position on each.
CREATE TABLE response_covers (
    response_id TEXT COLLATE "C" NOT NULL REFERENCES responses (id) DEFERRABLE INITIALLY DEFERRED,
    place INTEGER NOT NULL,
    recommendation_id TEXT COLLATE "C" NOT NULL REFERENCES recommendations (id) DEFERRABLE INITIALLY DEFERRED,
    position TEXT COLLATE "C",
    position_verbatim TEXT COLLATE "C",
    mapped_by TEXT COLLATE "C",
    text TEXT COLLATE "C",
    page TEXT COLLATE "C",
    PRIMARY KEY (response_id, place)
);
CREATE INDEX response_covers_by_recommendation ON response_covers (recommendation_id, response_id);

-- For whom a response is: the responder first, then those for whom it responds besides.
CREATE TABLE response_respondents (
    response_id TEXT COLLATE "C" NOT NULL REFERENCES responses (id) DEFERRABLE INITIALLY DEFERRED,
    place INTEGER NOT NULL,
    organisation_id TEXT COLLATE "C" REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    group_id TEXT COLLATE "C" REFERENCES groups (id) DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (response_id, place),
    CHECK ((organisation_id IS NULL) <> (group_id IS NULL))
);
