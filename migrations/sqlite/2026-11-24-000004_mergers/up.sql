-- Records that were there twice: the one that is gone, and the one that stays.
CREATE TABLE mergers (
    resource_id TEXT PRIMARY KEY NOT NULL,
    survivor_id TEXT NOT NULL
);
