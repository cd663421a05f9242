CREATE TABLE action_plans (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    slug TEXT COLLATE "C" NOT NULL UNIQUE,
    state TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    change_seq BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    report_id TEXT COLLATE "C" NOT NULL REFERENCES reports (id) DEFERRABLE INITIALLY DEFERRED,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    url TEXT COLLATE "C" NOT NULL,
    title TEXT COLLATE "C",
    -- first_seen_on, or a day long ago: to sort by
    first_seen_key DATE NOT NULL,
    first_seen_on DATE,
    last_changed_on DATE,
    archived_url TEXT COLLATE "C",
    actions TEXT COLLATE "C" NOT NULL
);
CREATE INDEX action_plans_by_first_seen ON action_plans (state, first_seen_key, id);
CREATE INDEX action_plans_by_updated_at ON action_plans (state, updated_at, id);
CREATE INDEX action_plans_by_report ON action_plans (report_id, first_seen_key, id);
CREATE INDEX action_plans_by_organisation ON action_plans (organisation_id, first_seen_key, id);
