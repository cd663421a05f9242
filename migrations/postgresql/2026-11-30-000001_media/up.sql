-- Images and attachments, as JSON: references and digests of files that are published elsewhere. And what the publisher of an
-- article calls it, and says of its changes.
ALTER TABLE articles ADD COLUMN media TEXT COLLATE "C" NOT NULL DEFAULT '{}';
ALTER TABLE articles ADD COLUMN document_type TEXT COLLATE "C";
ALTER TABLE articles ADD COLUMN change_notes TEXT COLLATE "C" NOT NULL DEFAULT '[]';
ALTER TABLE reports ADD COLUMN media TEXT COLLATE "C" NOT NULL DEFAULT '{}';
ALTER TABLE responses ADD COLUMN media TEXT COLLATE "C" NOT NULL DEFAULT '{}';
