CREATE TABLE recommendation_group_members (
    recommendation_id TEXT NOT NULL REFERENCES recommendations (id) DEFERRABLE INITIALLY DEFERRED,
    group_id TEXT NOT NULL REFERENCES groups (id) DEFERRABLE INITIALLY DEFERRED,
    organisation_id TEXT NOT NULL REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (recommendation_id, group_id, organisation_id)
);
INSERT INTO recommendation_group_members (recommendation_id, group_id, organisation_id)
SELECT a.recommendation_id, a.group_id, m.value FROM recommendation_addressees a, json_each(a.members) m WHERE a.group_id IS NOT NULL;
ALTER TABLE recommendation_addressees DROP COLUMN members;
