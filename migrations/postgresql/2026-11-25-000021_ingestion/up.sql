-- What is known of the feeds of organisations (`answerable ingest`).
CREATE TABLE ingested_feeds (
    organisation_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    url TEXT COLLATE "C" NOT NULL,
    -- what makes the next request conditional (RFC 9110, 13.1)
    etag TEXT COLLATE "C",
    last_modified TEXT COLLATE "C",
    asked_at TIMESTAMP NOT NULL,
    -- not to be asked before
    due_at TIMESTAMP NOT NULL,
    -- why the last request brought nothing
    trouble TEXT COLLATE "C"
);

-- The items that were taken from feeds. Digests, so that nothing of an erased article is left, and it stays away.
CREATE TABLE ingested_items (
    digest TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    article_id TEXT COLLATE "C" NOT NULL
);
