DROP TABLE report_response_checks;
DROP VIEW obligations;
CREATE TABLE obligations (
    id TEXT NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    revision BIGINT NOT NULL,
    change_seq BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    recommendation_id TEXT NOT NULL REFERENCES recommendations (id) DEFERRABLE INITIALLY DEFERRED,
    organisation_id TEXT NOT NULL REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    report_id TEXT NOT NULL REFERENCES reports (id) DEFERRABLE INITIALLY DEFERRED,
    via_group_id TEXT REFERENCES groups (id) DEFERRABLE INITIALLY DEFERRED,
    number_key TEXT NOT NULL,
    response_requirement TEXT NOT NULL,
    deadlines TEXT NOT NULL,
    due_on DATE,
    due_key DATE NOT NULL,
    is_extended BOOLEAN NOT NULL,
    checked_on DATE,
    is_answered BOOLEAN NOT NULL,
    answered_on DATE,
    is_receipt_known BOOLEAN NOT NULL,
    is_withheld BOOLEAN NOT NULL,
    has_holding_reply BOOLEAN NOT NULL,
    is_collective BOOLEAN NOT NULL,
    position TEXT,
    implementation_status TEXT NOT NULL,
    implementation_as_at TEXT,
    assessment_status TEXT NOT NULL,
    assessment_as_at TEXT,
    transferred_to_id TEXT REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    tracked TEXT NOT NULL,
    statements TEXT NOT NULL DEFAULT '{}',
    UNIQUE (recommendation_id, organisation_id)
);
INSERT INTO obligations (
    id, slug, state, revision, change_seq, created_at, updated_at, recommendation_id,
    organisation_id, report_id, via_group_id, number_key, response_requirement, deadlines, due_on, due_key,
    is_extended, checked_on, is_answered, answered_on, is_receipt_known, is_withheld, has_holding_reply, is_collective,
    position, implementation_status, implementation_as_at, assessment_status, assessment_as_at, transferred_to_id, tracked, statements
) SELECT
    id, id, state, revision, change_seq, created_at, updated_at, recommendation_id,
    organisation_id, report_id, via_group_id, (SELECT r.number_key FROM recommendations r WHERE r.id = s.recommendation_id), response_requirement, deadlines, due_on, due_key,
    is_extended, checked_on, is_answered, answered_on, is_receipt_known, is_withheld, has_holding_reply, is_collective,
    position, implementation_status, implementation_as_at, assessment_status, assessment_as_at, transferred_to_id, tracked, statements
FROM obligation_spans s WHERE s.until_on = '9999-12-31';
DROP TABLE obligation_spans;
DELETE FROM sqlite_stat1 WHERE tbl = 'obligation_spans';
CREATE INDEX obligations_by_due ON obligations (state, due_key, id);
CREATE INDEX obligations_by_updated_at ON obligations (state, updated_at, id);
CREATE INDEX obligations_by_organisation ON obligations (organisation_id, due_key, id);
CREATE INDEX obligations_by_report ON obligations (report_id, due_key, id);
CREATE INDEX obligations_by_number ON obligations (report_id, number_key, id);
CREATE INDEX obligations_by_group ON obligations (via_group_id, due_key, id);
CREATE INDEX obligations_by_position ON obligations (position, due_key, id);
CREATE INDEX obligations_by_implementation ON obligations (implementation_status, due_key, id);
CREATE INDEX obligations_by_assessment ON obligations (assessment_status, due_key, id);
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('obligations', 'obligations_by_due', '1000000 500000 1000 1'),
    ('obligations', 'obligations_by_updated_at', '1000000 500000 2 1'),
    ('obligations', 'obligations_by_position', '1000000 100000 1000 1'),
    ('obligations', 'obligations_by_implementation', '1000000 100000 1000 1'),
    ('obligations', 'obligations_by_assessment', '1000000 100000 1000 1');
ANALYZE sqlite_schema;
