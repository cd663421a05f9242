-- How the body begins without its markup, derived whenever an article is stored. Articles from before have it from
-- their next change on.
ALTER TABLE articles ADD COLUMN excerpt TEXT COLLATE "C";
