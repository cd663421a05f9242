-- What was found at the addresses that plans, responses, updates and assessments name (`answerable check-links`).
CREATE TABLE linked_pages (
    url TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    checked_at TIMESTAMP NOT NULL,
    -- what makes the next request conditional (RFC 9110, 13.1)
    etag TEXT COLLATE "C",
    last_modified TEXT COLLATE "C",
    -- JSON, oldest first: one for each time that something else was found than before
    sightings TEXT COLLATE "C" NOT NULL
);
