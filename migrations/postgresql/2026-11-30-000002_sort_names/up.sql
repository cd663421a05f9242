-- What names are sorted by: without case and accents, then by code points. The program fills it in whenever it prepares a
-- database.
ALTER TABLE topics ADD COLUMN sort_name TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE organisations ADD COLUMN sort_name TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE groups ADD COLUMN sort_name TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE reports ADD COLUMN sort_title TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE organisation_names ADD COLUMN sort_name TEXT COLLATE "C" NOT NULL DEFAULT '';
DROP INDEX topics_by_name;
CREATE INDEX topics_by_name ON topics (state, sort_name, id);
DROP INDEX topics_by_parent;
CREATE INDEX topics_by_parent ON topics (parent_id, sort_name, id);
DROP INDEX organisations_by_name;
CREATE INDEX organisations_by_name ON organisations (state, sort_name, id);
DROP INDEX organisations_by_kind;
CREATE INDEX organisations_by_kind ON organisations (kind, sort_name, id);
DROP INDEX organisations_by_parent;
CREATE INDEX organisations_by_parent ON organisations (parent_id, sort_name, id);
DROP INDEX organisation_names_by_name;
CREATE INDEX organisation_names_by_name ON organisation_names (sort_name, organisation_id);
DROP INDEX groups_by_name;
CREATE INDEX groups_by_name ON groups (state, sort_name, id);
DROP INDEX reports_by_title;
CREATE INDEX reports_by_title ON reports (state, sort_title, id);
