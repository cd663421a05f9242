DROP TABLE mergers;
