-- Those to whom a recommendation was addressed in public, and no longer is.
CREATE TABLE recommendation_former_addressees (
    recommendation_id TEXT COLLATE "C" NOT NULL REFERENCES recommendations (id) DEFERRABLE INITIALLY DEFERRED,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id) DEFERRABLE INITIALLY DEFERRED,
    via_group_id TEXT COLLATE "C" REFERENCES groups (id) DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (recommendation_id, organisation_id)
);
