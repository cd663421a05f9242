-- The spine: every write appends one row per changed resource, in commit order.
CREATE TABLE changes (
    seq BIGINT NOT NULL PRIMARY KEY,
    at TIMESTAMP NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    request_id TEXT COLLATE "C",
    resource TEXT COLLATE "C" NOT NULL,
    resource_id TEXT COLLATE "C" NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    state TEXT COLLATE "C",
    state_digest TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX changes_by_resource ON changes (resource_id, revision);

-- Facts about this instance, such as the key that signs cursors.
CREATE TABLE settings (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL
);

-- Slugs that a record had before: they answer 308.
CREATE TABLE former_slugs (
    resource TEXT COLLATE "C" NOT NULL,
    slug TEXT COLLATE "C" NOT NULL,
    resource_id TEXT COLLATE "C" NOT NULL,
    retired_at TIMESTAMP NOT NULL,
    PRIMARY KEY (resource, slug)
);

CREATE TABLE topics (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    slug TEXT COLLATE "C" NOT NULL UNIQUE,
    state TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    change_seq BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C",
    parent_id TEXT COLLATE "C" REFERENCES topics (id) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX topics_by_name ON topics (state, name, id);
CREATE INDEX topics_by_parent ON topics (parent_id, name, id);

CREATE TABLE organisations (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    slug TEXT COLLATE "C" NOT NULL UNIQUE,
    state TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    change_seq BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    acronym TEXT COLLATE "C",
    kind TEXT COLLATE "C",
    description TEXT COLLATE "C",
    parent_id TEXT COLLATE "C" REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    homepage TEXT COLLATE "C",
    feed TEXT COLLATE "C",
    jurisdiction TEXT COLLATE "C",
    founded TEXT COLLATE "C",
    dissolved TEXT COLLATE "C"
);
CREATE INDEX organisations_by_name ON organisations (state, name, id);
CREATE INDEX organisations_by_updated_at ON organisations (state, updated_at, id);
CREATE INDEX organisations_by_acronym ON organisations (acronym, id);
CREATE INDEX organisations_by_kind ON organisations (kind, name, id);
CREATE INDEX organisations_by_parent ON organisations (parent_id, name, id);

CREATE TABLE organisation_names (
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    position INTEGER NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    from_on TEXT COLLATE "C",
    until_on TEXT COLLATE "C",
    PRIMARY KEY (organisation_id, position)
);
CREATE INDEX organisation_names_by_name ON organisation_names (name, organisation_id);

CREATE TABLE organisation_identifiers (
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    position INTEGER NOT NULL,
    scheme TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (organisation_id, position)
);
CREATE INDEX organisation_identifiers_by_value ON organisation_identifiers (value, scheme, organisation_id);

CREATE TABLE organisation_successions (
    predecessor_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    successor_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    kind TEXT COLLATE "C" NOT NULL,
    on_date TEXT COLLATE "C",
    PRIMARY KEY (predecessor_id, successor_id)
);
CREATE INDEX organisation_successions_by_successor ON organisation_successions (successor_id, predecessor_id);

CREATE TABLE groups (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    slug TEXT COLLATE "C" NOT NULL UNIQUE,
    state TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    change_seq BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    definition TEXT COLLATE "C"
);
CREATE INDEX groups_by_name ON groups (state, name, id);

CREATE TABLE group_members (
    group_id TEXT COLLATE "C" NOT NULL REFERENCES groups (id) DEFERRABLE INITIALLY DEFERRED,
    position INTEGER NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    from_on TEXT COLLATE "C",
    until_on TEXT COLLATE "C",
    PRIMARY KEY (group_id, position)
);
CREATE INDEX group_members_by_organisation ON group_members (organisation_id, group_id);

CREATE TABLE reports (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    slug TEXT COLLATE "C" NOT NULL UNIQUE,
    state TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    change_seq BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    title TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C",
    summary TEXT COLLATE "C",
    published_on DATE NOT NULL,
    embargoed_until TIMESTAMP,
    visible_from TIMESTAMP NOT NULL,
    withdrawn_at TIMESTAMP,
    withdrawal_reason TEXT COLLATE "C",
    legal_basis TEXT COLLATE "C",
    complainant_body_id TEXT COLLATE "C" REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    source_url TEXT COLLATE "C",
    archived_url TEXT COLLATE "C",
    licence TEXT COLLATE "C",
    attribution TEXT COLLATE "C",
    language TEXT COLLATE "C" NOT NULL,
    nations TEXT COLLATE "C" NOT NULL
);
CREATE INDEX reports_by_published_on ON reports (state, published_on, id);
CREATE INDEX reports_by_updated_at ON reports (state, updated_at, id);
CREATE INDEX reports_by_title ON reports (state, title, id);
CREATE INDEX reports_by_kind ON reports (kind, published_on, id);
CREATE INDEX reports_by_visible_from ON reports (visible_from);
CREATE INDEX reports_by_complainant_body ON reports (complainant_body_id, published_on, id);

CREATE TABLE report_publishers (
    report_id TEXT COLLATE "C" NOT NULL REFERENCES reports (id) DEFERRABLE INITIALLY DEFERRED,
    position INTEGER NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    published_on DATE NOT NULL,
    PRIMARY KEY (report_id, position)
);
CREATE INDEX report_publishers_by_organisation ON report_publishers (organisation_id, published_on, report_id);

CREATE TABLE report_references (
    report_id TEXT COLLATE "C" NOT NULL REFERENCES reports (id) DEFERRABLE INITIALLY DEFERRED,
    position INTEGER NOT NULL,
    scheme TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (report_id, position)
);
CREATE INDEX report_references_by_value ON report_references (value, scheme, report_id);

CREATE TABLE recommendations (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    slug TEXT COLLATE "C" NOT NULL UNIQUE,
    state TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    change_seq BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    report_id TEXT COLLATE "C" NOT NULL REFERENCES reports (id) DEFERRABLE INITIALLY DEFERRED,
    number TEXT COLLATE "C" NOT NULL,
    number_key TEXT COLLATE "C" NOT NULL,
    parent_id TEXT COLLATE "C" REFERENCES recommendations (id) DEFERRABLE INITIALLY DEFERRED,
    kind TEXT COLLATE "C" NOT NULL,
    text TEXT COLLATE "C" NOT NULL,
    text_is_verbatim BOOLEAN NOT NULL,
    summary TEXT COLLATE "C",
    is_priority BOOLEAN NOT NULL,
    legal_basis TEXT COLLATE "C",
    response_requirement TEXT COLLATE "C",
    stated_due_on DATE,
    reply TEXT COLLATE "C",
    role_addressed TEXT COLLATE "C",
    source_url TEXT COLLATE "C",
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
    recommendation_id TEXT COLLATE "C" NOT NULL REFERENCES recommendations (id) DEFERRABLE INITIALLY DEFERRED,
    position INTEGER NOT NULL,
    theme TEXT COLLATE "C" NOT NULL,
    published_on DATE NOT NULL,
    PRIMARY KEY (recommendation_id, position)
);
CREATE INDEX recommendation_themes_by_theme ON recommendation_themes (theme, published_on, recommendation_id);

-- As the document names them: organisations and groups.
CREATE TABLE recommendation_addressees (
    recommendation_id TEXT COLLATE "C" NOT NULL REFERENCES recommendations (id) DEFERRABLE INITIALLY DEFERRED,
    position INTEGER NOT NULL,
    organisation_id TEXT COLLATE "C" REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    group_id TEXT COLLATE "C" REFERENCES groups (id) DEFERRABLE INITIALLY DEFERRED,
    expanded_as_of DATE NOT NULL,
    PRIMARY KEY (recommendation_id, position),
    CHECK ((organisation_id IS NULL) <> (group_id IS NULL))
);
CREATE INDEX recommendation_addressees_by_group ON recommendation_addressees (group_id, recommendation_id);

-- The organisations that this comes to, with groups expanded as at publication. Frozen: later
-- changes of a group's membership leave these rows alone.
CREATE TABLE recommendation_addressed_organisations (
    recommendation_id TEXT COLLATE "C" NOT NULL REFERENCES recommendations (id) DEFERRABLE INITIALLY DEFERRED,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    via_group_id TEXT COLLATE "C" REFERENCES groups (id) DEFERRABLE INITIALLY DEFERRED,
    published_on DATE NOT NULL,
    PRIMARY KEY (recommendation_id, organisation_id)
);
CREATE INDEX recommendation_addressed_by_organisation
    ON recommendation_addressed_organisations (organisation_id, published_on, recommendation_id);

CREATE TABLE recommendation_relations (
    recommendation_id TEXT COLLATE "C" NOT NULL REFERENCES recommendations (id) DEFERRABLE INITIALLY DEFERRED,
    kind TEXT COLLATE "C" NOT NULL,
    position INTEGER NOT NULL,
    related_id TEXT COLLATE "C" NOT NULL REFERENCES recommendations (id) DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (recommendation_id, kind, position)
);
CREATE INDEX recommendation_relations_by_related ON recommendation_relations (related_id, kind);

CREATE TABLE articles (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    slug TEXT COLLATE "C" NOT NULL UNIQUE,
    state TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    change_seq BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    headline TEXT COLLATE "C" NOT NULL,
    summary TEXT COLLATE "C",
    body_html TEXT COLLATE "C",
    language TEXT COLLATE "C" NOT NULL,
    translation_of_id TEXT COLLATE "C" REFERENCES articles (id) DEFERRABLE INITIALLY DEFERRED,
    original_url TEXT COLLATE "C",
    original_url_key TEXT COLLATE "C" UNIQUE,
    attribution TEXT COLLATE "C",
    licence TEXT COLLATE "C",
    statements TEXT COLLATE "C" NOT NULL,
    corrections TEXT COLLATE "C" NOT NULL,
    identifiers TEXT COLLATE "C" NOT NULL,
    published_at TIMESTAMP NOT NULL,
    first_published_at TIMESTAMP,
    embargoed_until TIMESTAMP,
    visible_from TIMESTAMP NOT NULL,
    withdrawn_at TIMESTAMP,
    withdrawal_reason TEXT COLLATE "C"
);
CREATE INDEX articles_by_published_at ON articles (state, published_at, id);
CREATE INDEX articles_by_updated_at ON articles (state, updated_at, id);
CREATE INDEX articles_by_language ON articles (language, published_at, id);
CREATE INDEX articles_by_translation_of ON articles (translation_of_id, language);
CREATE INDEX articles_by_visible_from ON articles (visible_from);

-- The links carry the sort key, so that "the latest of X" is one walk along one index.
CREATE TABLE article_organisations (
    article_id TEXT COLLATE "C" NOT NULL REFERENCES articles (id) DEFERRABLE INITIALLY DEFERRED,
    position INTEGER NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    published_at TIMESTAMP NOT NULL,
    PRIMARY KEY (article_id, position)
);
CREATE INDEX article_organisations_by_organisation
    ON article_organisations (organisation_id, published_at, article_id);

CREATE TABLE article_topics (
    article_id TEXT COLLATE "C" NOT NULL REFERENCES articles (id) DEFERRABLE INITIALLY DEFERRED,
    position INTEGER NOT NULL,
    topic_id TEXT COLLATE "C" NOT NULL REFERENCES topics (id) DEFERRABLE INITIALLY DEFERRED,
    published_at TIMESTAMP NOT NULL,
    PRIMARY KEY (article_id, position)
);
CREATE INDEX article_topics_by_topic ON article_topics (topic_id, published_at, article_id);

CREATE TABLE article_reports (
    article_id TEXT COLLATE "C" NOT NULL REFERENCES articles (id) DEFERRABLE INITIALLY DEFERRED,
    position INTEGER NOT NULL,
    report_id TEXT COLLATE "C" NOT NULL REFERENCES reports (id) DEFERRABLE INITIALLY DEFERRED,
    published_at TIMESTAMP NOT NULL,
    PRIMARY KEY (article_id, position)
);
CREATE INDEX article_reports_by_report ON article_reports (report_id, published_at, article_id);

CREATE TABLE article_recommendations (
    article_id TEXT COLLATE "C" NOT NULL REFERENCES articles (id) DEFERRABLE INITIALLY DEFERRED,
    position INTEGER NOT NULL,
    recommendation_id TEXT COLLATE "C" NOT NULL REFERENCES recommendations (id) DEFERRABLE INITIALLY DEFERRED,
    published_at TIMESTAMP NOT NULL,
    PRIMARY KEY (article_id, position)
);
CREATE INDEX article_recommendations_by_recommendation
    ON article_recommendations (recommendation_id, published_at, article_id);
