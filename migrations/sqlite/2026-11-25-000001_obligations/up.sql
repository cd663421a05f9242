-- The deadlines that a recommendation sets, as JSON, and when the responses to a report were last looked for.
ALTER TABLE recommendations ADD COLUMN deadlines TEXT NOT NULL DEFAULT '[]';
ALTER TABLE reports ADD COLUMN responses_checked_on DATE;

-- Recommendation by addressee organisation: the unit that is tracked. Its id follows from the two, so that it comes
-- out the same however often it is generated. What is known of it is gathered here from all that was recorded; what
-- the clock makes of that (pending, overdue) is not stored.
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
    -- due_on, or the last day of the calendar: to sort by
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
    position_verbatim TEXT,
    implementation_status TEXT NOT NULL,
    implementation_as_at TEXT,
    assessment_status TEXT NOT NULL,
    assessment_as_at TEXT,
    transferred_to_id TEXT REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    tracked TEXT NOT NULL,
    UNIQUE (recommendation_id, organisation_id)
);
CREATE INDEX obligations_by_due ON obligations (state, due_key, id);
CREATE INDEX obligations_by_updated_at ON obligations (state, updated_at, id);
CREATE INDEX obligations_by_organisation ON obligations (organisation_id, due_key, id);
CREATE INDEX obligations_by_report ON obligations (report_id, due_key, id);
CREATE INDEX obligations_by_number ON obligations (report_id, number_key, id);
CREATE INDEX obligations_by_group ON obligations (via_group_id, due_key, id);
CREATE INDEX obligations_by_position ON obligations (position, due_key, id);
CREATE INDEX obligations_by_implementation ON obligations (implementation_status, due_key, id);
CREATE INDEX obligations_by_assessment ON obligations (assessment_status, due_key, id);

-- As in the first migration: these first columns narrow nothing.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('obligations', 'obligations_by_due', '1000000 500000 1000 1'),
    ('obligations', 'obligations_by_updated_at', '1000000 500000 2 1'),
    ('obligations', 'obligations_by_position', '1000000 100000 1000 1'),
    ('obligations', 'obligations_by_implementation', '1000000 100000 1000 1'),
    ('obligations', 'obligations_by_assessment', '1000000 100000 1000 1');
ANALYZE sqlite_schema;
