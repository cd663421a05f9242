-- The spine: every write appends one row per changed resource, in commit order.
CREATE TABLE changes (
    seq BIGINT NOT NULL PRIMARY KEY,
    at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL,
    request_id TEXT,
    resource TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    action TEXT NOT NULL,
    revision BIGINT NOT NULL,
    state TEXT,
    state_digest TEXT NOT NULL,
    digest TEXT NOT NULL
);
CREATE UNIQUE INDEX changes_by_resource ON changes (resource_id, revision);

-- Facts about this instance, such as the key that signs cursors.
CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- Slugs that a record had before: they answer 308.
CREATE TABLE former_slugs (
    resource TEXT NOT NULL,
    slug TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    retired_at TIMESTAMP NOT NULL,
    PRIMARY KEY (resource, slug)
);

CREATE TABLE topics (
    id TEXT NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    revision BIGINT NOT NULL,
    change_seq BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    parent_id TEXT REFERENCES topics (id) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX topics_by_name ON topics (state, name, id);
CREATE INDEX topics_by_parent ON topics (parent_id, name, id);

CREATE TABLE organisations (
    id TEXT NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    revision BIGINT NOT NULL,
    change_seq BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    name TEXT NOT NULL,
    acronym TEXT,
    kind TEXT,
    description TEXT,
    parent_id TEXT REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    homepage TEXT,
    feed TEXT,
    jurisdiction TEXT,
    founded TEXT,
    dissolved TEXT
);
CREATE INDEX organisations_by_name ON organisations (state, name, id);
CREATE INDEX organisations_by_updated_at ON organisations (state, updated_at, id);
CREATE INDEX organisations_by_acronym ON organisations (acronym, id);
CREATE INDEX organisations_by_kind ON organisations (kind, name, id);
CREATE INDEX organisations_by_parent ON organisations (parent_id, name, id);

CREATE TABLE organisation_names (
    organisation_id TEXT NOT NULL REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    from_on TEXT,
    until_on TEXT,
    PRIMARY KEY (organisation_id, position)
);
CREATE INDEX organisation_names_by_name ON organisation_names (name, organisation_id);

CREATE TABLE organisation_identifiers (
    organisation_id TEXT NOT NULL REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    position INTEGER NOT NULL,
    scheme TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (organisation_id, position)
);
CREATE INDEX organisation_identifiers_by_value ON organisation_identifiers (value, scheme, organisation_id);

CREATE TABLE organisation_successions (
    predecessor_id TEXT NOT NULL REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    successor_id TEXT NOT NULL REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    kind TEXT NOT NULL,
    on_date TEXT,
    PRIMARY KEY (predecessor_id, successor_id)
);
CREATE INDEX organisation_successions_by_successor ON organisation_successions (successor_id, predecessor_id);

CREATE TABLE groups (
    id TEXT NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    revision BIGINT NOT NULL,
    change_seq BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    name TEXT NOT NULL,
    definition TEXT
);
CREATE INDEX groups_by_name ON groups (state, name, id);

CREATE TABLE group_members (
    group_id TEXT NOT NULL REFERENCES groups (id) DEFERRABLE INITIALLY DEFERRED,
    position INTEGER NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    from_on TEXT,
    until_on TEXT,
    PRIMARY KEY (group_id, position)
);
CREATE INDEX group_members_by_organisation ON group_members (organisation_id, group_id);

CREATE TABLE reports (
    id TEXT NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    revision BIGINT NOT NULL,
    change_seq BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    title TEXT NOT NULL,
    kind TEXT,
    summary TEXT,
    published_on DATE NOT NULL,
    embargoed_until TIMESTAMP,
    visible_from TIMESTAMP NOT NULL,
    withdrawn_at TIMESTAMP,
    withdrawal_reason TEXT,
    legal_basis TEXT,
    complainant_body_id TEXT REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    source_url TEXT,
    archived_url TEXT,
    licence TEXT,
    attribution TEXT,
    language TEXT NOT NULL,
    nations TEXT NOT NULL
);
CREATE INDEX reports_by_published_on ON reports (state, published_on, id);
CREATE INDEX reports_by_updated_at ON reports (state, updated_at, id);
CREATE INDEX reports_by_title ON reports (state, title, id);
CREATE INDEX reports_by_kind ON reports (kind, published_on, id);
CREATE INDEX reports_by_visible_from ON reports (visible_from);
CREATE INDEX reports_by_complainant_body ON reports (complainant_body_id, published_on, id);

CREATE TABLE report_publishers (
    report_id TEXT NOT NULL REFERENCES reports (id) DEFERRABLE INITIALLY DEFERRED,
    position INTEGER NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    published_on DATE NOT NULL,
    PRIMARY KEY (report_id, position)
);
CREATE INDEX report_publishers_by_organisation ON report_publishers (organisation_id, published_on, report_id);

CREATE TABLE report_references (
    report_id TEXT NOT NULL REFERENCES reports (id) DEFERRABLE INITIALLY DEFERRED,
    position INTEGER NOT NULL,
    scheme TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (report_id, position)
);
CREATE INDEX report_references_by_value ON report_references (value, scheme, report_id);

CREATE TABLE recommendations (
    id TEXT NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    revision BIGINT NOT NULL,
    change_seq BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    report_id TEXT NOT NULL REFERENCES reports (id) DEFERRABLE INITIALLY DEFERRED,
    number TEXT NOT NULL,
    number_key TEXT NOT NULL,
    parent_id TEXT REFERENCES recommendations (id) DEFERRABLE INITIALLY DEFERRED,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    text_is_verbatim BOOLEAN NOT NULL,
    summary TEXT,
    is_priority BOOLEAN NOT NULL,
    legal_basis TEXT,
    response_requirement TEXT,
    stated_due_on DATE,
    reply TEXT,
    role_addressed TEXT,
    source_url TEXT,
    published_on DATE NOT NULL,
    UNIQUE (report_id, number)
);
CREATE INDEX recommendations_by_published_on ON recommendations (state, published_on, id);
CREATE INDEX recommendations_by_number ON recommendations (report_id, number_key, id);
CREATE INDEX recommendations_by_number_key ON recommendations (state, number_key, id);
CREATE INDEX recommendations_by_updated_at ON recommendations (state, updated_at, id);
CREATE INDEX recommendations_by_parent ON recommendations (parent_id, number_key, id);
CREATE INDEX recommendations_by_kind ON recommendations (kind, published_on, id);
CREATE INDEX recommendations_by_stated_due_on ON recommendations (stated_due_on, id);
CREATE INDEX recommendations_by_response_requirement ON recommendations (response_requirement, published_on, id);

CREATE TABLE recommendation_themes (
    recommendation_id TEXT NOT NULL REFERENCES recommendations (id) DEFERRABLE INITIALLY DEFERRED,
    position INTEGER NOT NULL,
    theme TEXT NOT NULL,
    published_on DATE NOT NULL,
    PRIMARY KEY (recommendation_id, position)
);
CREATE INDEX recommendation_themes_by_theme ON recommendation_themes (theme, published_on, recommendation_id);

-- As the document names them: organisations and groups.
CREATE TABLE recommendation_addressees (
    recommendation_id TEXT NOT NULL REFERENCES recommendations (id) DEFERRABLE INITIALLY DEFERRED,
    position INTEGER NOT NULL,
    organisation_id TEXT REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    group_id TEXT REFERENCES groups (id) DEFERRABLE INITIALLY DEFERRED,
    expanded_as_of DATE NOT NULL,
    PRIMARY KEY (recommendation_id, position),
    CHECK ((organisation_id IS NULL) <> (group_id IS NULL))
);
CREATE INDEX recommendation_addressees_by_group ON recommendation_addressees (group_id, recommendation_id);

-- The organisations that this comes to, with groups expanded as at publication. Frozen: later
-- changes of a group's membership leave these rows alone.
CREATE TABLE recommendation_addressed_organisations (
    recommendation_id TEXT NOT NULL REFERENCES recommendations (id) DEFERRABLE INITIALLY DEFERRED,
    organisation_id TEXT NOT NULL REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    via_group_id TEXT REFERENCES groups (id) DEFERRABLE INITIALLY DEFERRED,
    published_on DATE NOT NULL,
    PRIMARY KEY (recommendation_id, organisation_id)
);
CREATE INDEX recommendation_addressed_by_organisation
    ON recommendation_addressed_organisations (organisation_id, published_on, recommendation_id);

CREATE TABLE recommendation_relations (
    recommendation_id TEXT NOT NULL REFERENCES recommendations (id) DEFERRABLE INITIALLY DEFERRED,
    kind TEXT NOT NULL,
    position INTEGER NOT NULL,
    related_id TEXT NOT NULL REFERENCES recommendations (id) DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (recommendation_id, kind, position)
);
CREATE INDEX recommendation_relations_by_related ON recommendation_relations (related_id, kind);

CREATE TABLE articles (
    id TEXT NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    revision BIGINT NOT NULL,
    change_seq BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    headline TEXT NOT NULL,
    summary TEXT,
    body_html TEXT,
    language TEXT NOT NULL,
    translation_of_id TEXT REFERENCES articles (id) DEFERRABLE INITIALLY DEFERRED,
    original_url TEXT,
    original_url_key TEXT UNIQUE,
    attribution TEXT,
    licence TEXT,
    statements TEXT NOT NULL,
    corrections TEXT NOT NULL,
    identifiers TEXT NOT NULL,
    published_at TIMESTAMP NOT NULL,
    first_published_at TIMESTAMP,
    embargoed_until TIMESTAMP,
    visible_from TIMESTAMP NOT NULL,
    withdrawn_at TIMESTAMP,
    withdrawal_reason TEXT
);
CREATE INDEX articles_by_published_at ON articles (state, published_at, id);
CREATE INDEX articles_by_updated_at ON articles (state, updated_at, id);
CREATE INDEX articles_by_language ON articles (language, published_at, id);
CREATE INDEX articles_by_translation_of ON articles (translation_of_id, language);
CREATE INDEX articles_by_visible_from ON articles (visible_from);

-- The links carry the sort key, so that "the latest of X" is one walk along one index.
CREATE TABLE article_organisations (
    article_id TEXT NOT NULL REFERENCES articles (id) DEFERRABLE INITIALLY DEFERRED,
    position INTEGER NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    published_at TIMESTAMP NOT NULL,
    PRIMARY KEY (article_id, position)
);
CREATE INDEX article_organisations_by_organisation
    ON article_organisations (organisation_id, published_at, article_id);

CREATE TABLE article_topics (
    article_id TEXT NOT NULL REFERENCES articles (id) DEFERRABLE INITIALLY DEFERRED,
    position INTEGER NOT NULL,
    topic_id TEXT NOT NULL REFERENCES topics (id) DEFERRABLE INITIALLY DEFERRED,
    published_at TIMESTAMP NOT NULL,
    PRIMARY KEY (article_id, position)
);
CREATE INDEX article_topics_by_topic ON article_topics (topic_id, published_at, article_id);

CREATE TABLE article_reports (
    article_id TEXT NOT NULL REFERENCES articles (id) DEFERRABLE INITIALLY DEFERRED,
    position INTEGER NOT NULL,
    report_id TEXT NOT NULL REFERENCES reports (id) DEFERRABLE INITIALLY DEFERRED,
    published_at TIMESTAMP NOT NULL,
    PRIMARY KEY (article_id, position)
);
CREATE INDEX article_reports_by_report ON article_reports (report_id, published_at, article_id);

CREATE TABLE article_recommendations (
    article_id TEXT NOT NULL REFERENCES articles (id) DEFERRABLE INITIALLY DEFERRED,
    position INTEGER NOT NULL,
    recommendation_id TEXT NOT NULL REFERENCES recommendations (id) DEFERRABLE INITIALLY DEFERRED,
    published_at TIMESTAMP NOT NULL,
    PRIMARY KEY (article_id, position)
);
CREATE INDEX article_recommendations_by_recommendation
    ON article_recommendations (recommendation_id, published_at, article_id);

-- What SQLite should think of these indexes, in place of statistics that somebody would have to collect: their
-- first column has a handful of values, so that it narrows nothing. Without this the planner takes any equality
-- for a good one, and reads a whole table by `state` where a list of ids was given.
-- The numbers: rows; rows with the same first column, first two columns, and so on. See sqlite.org/lang_analyze.html.
ANALYZE;
DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('topics', 'topics_by_name', '1000000 500000 2 1'),
    ('organisations', 'organisations_by_name', '1000000 500000 2 1'),
    ('organisations', 'organisations_by_updated_at', '1000000 500000 2 1'),
    ('organisations', 'organisations_by_kind', '1000000 50000 2 1'),
    ('groups', 'groups_by_name', '1000000 500000 2 1'),
    ('reports', 'reports_by_published_on', '1000000 500000 2 1'),
    ('reports', 'reports_by_updated_at', '1000000 500000 2 1'),
    ('reports', 'reports_by_title', '1000000 500000 2 1'),
    ('reports', 'reports_by_kind', '1000000 50000 2 1'),
    ('recommendations', 'recommendations_by_published_on', '1000000 500000 2 1'),
    ('recommendations', 'recommendations_by_number_key', '1000000 500000 2 1'),
    ('recommendations', 'recommendations_by_updated_at', '1000000 500000 2 1'),
    ('recommendations', 'recommendations_by_kind', '1000000 50000 2 1'),
    ('recommendations', 'recommendations_by_response_requirement', '1000000 300000 2 1'),
    ('articles', 'articles_by_published_at', '1000000 500000 2 1'),
    ('articles', 'articles_by_updated_at', '1000000 500000 2 1'),
    ('articles', 'articles_by_language', '1000000 200000 2 1');
ANALYZE sqlite_schema;
