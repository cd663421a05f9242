DELETE FROM sqlite_stat1 WHERE tbl = 'action_plans';
DROP TABLE action_plans;
