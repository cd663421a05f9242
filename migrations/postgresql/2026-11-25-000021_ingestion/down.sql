DROP TABLE ingested_items;
DROP TABLE ingested_feeds;
