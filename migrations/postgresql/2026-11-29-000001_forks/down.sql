ALTER TABLE webhook_deliveries DROP COLUMN fork;
ALTER TABLE webhook_deliveries DROP COLUMN digest;
ALTER TABLE webhooks DROP COLUMN fork;
DROP TABLE log_forks;
