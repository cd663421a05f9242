CREATE TABLE action_plans (
    id TEXT NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    revision BIGINT NOT NULL,
    change_seq BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    report_id TEXT NOT NULL REFERENCES reports (id) DEFERRABLE INITIALLY DEFERRED,
    organisation_id TEXT NOT NULL REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    url TEXT NOT NULL,
    title TEXT,
    -- first_seen_on, or a day long ago: to sort by
    first_seen_key DATE NOT NULL,
    first_seen_on DATE,
    last_changed_on DATE,
    archived_url TEXT,
    actions TEXT NOT NULL
);
CREATE INDEX action_plans_by_first_seen ON action_plans (state, first_seen_key, id);
CREATE INDEX action_plans_by_updated_at ON action_plans (state, updated_at, id);
CREATE INDEX action_plans_by_report ON action_plans (report_id, first_seen_key, id);
CREATE INDEX action_plans_by_organisation ON action_plans (organisation_id, first_seen_key, id);

-- As in the first migration: these first columns narrow nothing.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('action_plans', 'action_plans_by_first_seen', '1000000 500000 2 1'),
    ('action_plans', 'action_plans_by_updated_at', '1000000 500000 2 1');
ANALYZE sqlite_schema;
