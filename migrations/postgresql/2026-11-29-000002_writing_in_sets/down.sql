ALTER TABLE idempotency_keys ALTER COLUMN body SET STATISTICS -1;
ALTER TABLE articles ALTER COLUMN body_html SET STATISTICS -1;
ALTER TABLE changes ALTER COLUMN state SET STATISTICS -1;
ALTER TABLE recommendation_addressed_organisations
    ADD FOREIGN KEY (via_group_id) REFERENCES groups (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE obligations ADD FOREIGN KEY (via_group_id) REFERENCES groups (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE obligations ADD FOREIGN KEY (report_id) REFERENCES reports (id) DEFERRABLE INITIALLY DEFERRED;
CREATE TABLE recommendation_group_members (
    recommendation_id TEXT COLLATE "C" NOT NULL REFERENCES recommendations (id) DEFERRABLE INITIALLY DEFERRED,
    group_id TEXT COLLATE "C" NOT NULL REFERENCES groups (id) DEFERRABLE INITIALLY DEFERRED,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (recommendation_id, group_id, organisation_id)
);
INSERT INTO recommendation_group_members (recommendation_id, group_id, organisation_id)
SELECT a.recommendation_id, a.group_id, m.value FROM recommendation_addressees a, json_array_elements_text(a.members::json) m WHERE a.group_id IS NOT NULL;
ALTER TABLE recommendation_addressees DROP COLUMN members;
