-- An obligation has a row for each span of days on which its facts were the same, so that any day can be asked for.
-- `until_on` is the day after the last one; of the span that has not ended, the last day of the calendar.
CREATE TABLE obligation_spans (
    id TEXT NOT NULL,
    state TEXT NOT NULL,
    revision BIGINT NOT NULL,
    change_seq BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    recommendation_id TEXT NOT NULL REFERENCES recommendations (id) DEFERRABLE INITIALLY DEFERRED,
    organisation_id TEXT NOT NULL REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    report_id TEXT NOT NULL REFERENCES reports (id) DEFERRABLE INITIALLY DEFERRED,
    via_group_id TEXT REFERENCES groups (id) DEFERRABLE INITIALLY DEFERRED,
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
    from_on DATE NOT NULL,
    until_on DATE NOT NULL,
    PRIMARY KEY (id, until_on),
    UNIQUE (recommendation_id, organisation_id, until_on)
);
INSERT INTO obligation_spans (
    id, state, revision, change_seq, created_at, updated_at, recommendation_id,
    organisation_id, report_id, via_group_id, response_requirement, deadlines, due_on, due_key,
    is_extended, checked_on, is_answered, answered_on, is_receipt_known, is_withheld, has_holding_reply, is_collective,
    position, implementation_status, implementation_as_at, assessment_status, assessment_as_at, transferred_to_id, tracked, statements,
    from_on, until_on
) SELECT
    id, state, revision, change_seq, created_at, updated_at, recommendation_id,
    organisation_id, report_id, via_group_id, response_requirement, deadlines, due_on, due_key,
    is_extended, checked_on, is_answered, answered_on, is_receipt_known, is_withheld, has_holding_reply, is_collective,
    position, implementation_status, implementation_as_at, assessment_status, assessment_as_at, transferred_to_id, tracked, statements,
    (SELECT r.published_on FROM recommendations r WHERE r.id = o.recommendation_id), '9999-12-31'
FROM obligations o;
DROP TABLE obligations;
CREATE INDEX obligations_by_due ON obligation_spans (state, due_key, id) WHERE until_on = '9999-12-31';
CREATE INDEX obligations_by_updated_at ON obligation_spans (state, updated_at, id) WHERE until_on = '9999-12-31';
CREATE INDEX obligations_by_position ON obligation_spans (position, due_key, id) WHERE until_on = '9999-12-31';
CREATE INDEX obligations_by_implementation ON obligation_spans (implementation_status, due_key, id) WHERE until_on = '9999-12-31';
CREATE INDEX obligations_by_assessment ON obligation_spans (assessment_status, due_key, id) WHERE until_on = '9999-12-31';
CREATE INDEX obligation_spans_by_due ON obligation_spans (due_key, id, until_on, from_on);
CREATE INDEX obligation_spans_by_updated_at ON obligation_spans (updated_at, id, until_on, from_on);
CREATE INDEX obligation_spans_by_organisation ON obligation_spans (organisation_id, due_key, id, until_on, from_on);
CREATE INDEX obligation_spans_by_report ON obligation_spans (report_id, due_key, id, until_on, from_on);
CREATE INDEX obligation_spans_by_group ON obligation_spans (via_group_id, due_key, id, until_on, from_on);

-- As in the first migration: these first columns narrow nothing.
DELETE FROM sqlite_stat1 WHERE tbl = 'obligations';
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('obligation_spans', 'obligations_by_due', '1000000 500000 1000 1'),
    ('obligation_spans', 'obligations_by_updated_at', '1000000 500000 2 1'),
    ('obligation_spans', 'obligations_by_position', '1000000 100000 1000 1'),
    ('obligation_spans', 'obligations_by_implementation', '1000000 100000 1000 1'),
    ('obligation_spans', 'obligations_by_assessment', '1000000 100000 1000 1');
ANALYZE sqlite_schema;

-- The obligations as they are. Nodes of the version before also read `number_key`.
CREATE VIEW obligations AS SELECT s.*, s.id AS slug, '' AS number_key FROM obligation_spans s WHERE s.until_on = '9999-12-31';

-- Each day on which somebody is known to have looked for responses, for a report or one of its obligations. The program
-- derives them, and the spans that have ended, from the log after the migration.
CREATE TABLE report_response_checks (
    record_id TEXT NOT NULL,
    checked_on DATE NOT NULL,
    PRIMARY KEY (record_id, checked_on)
);
