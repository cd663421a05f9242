DROP INDEX topics_by_name;
CREATE INDEX topics_by_name ON topics (state, name, id);
DROP INDEX topics_by_parent;
CREATE INDEX topics_by_parent ON topics (parent_id, name, id);
DROP INDEX organisations_by_name;
CREATE INDEX organisations_by_name ON organisations (state, name, id);
DROP INDEX organisations_by_kind;
CREATE INDEX organisations_by_kind ON organisations (kind, name, id);
DROP INDEX organisations_by_parent;
CREATE INDEX organisations_by_parent ON organisations (parent_id, name, id);
DROP INDEX organisation_names_by_name;
CREATE INDEX organisation_names_by_name ON organisation_names (name, organisation_id);
DROP INDEX groups_by_name;
CREATE INDEX groups_by_name ON groups (state, name, id);
DROP INDEX reports_by_title;
CREATE INDEX reports_by_title ON reports (state, title, id);
-- as the indexes of the same names had
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('topics', 'topics_by_name', '1000000 500000 2 1'),
    ('organisations', 'organisations_by_name', '1000000 500000 2 1'),
    ('organisations', 'organisations_by_kind', '1000000 50000 2 1'),
    ('groups', 'groups_by_name', '1000000 500000 2 1'),
    ('reports', 'reports_by_title', '1000000 500000 2 1');
ALTER TABLE organisation_names DROP COLUMN sort_name;
ALTER TABLE reports DROP COLUMN sort_title;
ALTER TABLE groups DROP COLUMN sort_name;
ALTER TABLE organisations DROP COLUMN sort_name;
ALTER TABLE topics DROP COLUMN sort_name;
