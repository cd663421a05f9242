DROP INDEX changes_by_public_from;
ALTER TABLE changes DROP COLUMN public_from;
DROP TABLE idempotency_keys;
DROP TABLE signing_keys;
DROP TABLE used_assertions;
DROP TABLE client_grants;
DROP TABLE clients;
