-- What was found at the addresses that plans, responses, updates and assessments name (`answerable check-links`).
CREATE TABLE linked_pages (
    url TEXT NOT NULL PRIMARY KEY,
    checked_at TIMESTAMP NOT NULL,
    -- what makes the next request conditional (RFC 9110, 13.1)
    etag TEXT,
    last_modified TEXT,
    -- JSON, oldest first: one for each time that something else was found than before
    sightings TEXT NOT NULL
);
