ALTER TABLE ingested_items DROP COLUMN article_digest;
ALTER TABLE ingested_items DROP COLUMN version;
