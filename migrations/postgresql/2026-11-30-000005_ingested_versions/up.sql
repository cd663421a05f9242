-- The version of an item that was read last, and a digest of the article's text as it came from there. NULL where an older
-- program read the item.
ALTER TABLE ingested_items ADD COLUMN version TEXT;
ALTER TABLE ingested_items ADD COLUMN article_digest TEXT;
