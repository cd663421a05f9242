DROP TABLE idempotency_keys;
DROP TABLE signing_keys;
DROP TABLE used_assertions;
DROP TABLE client_grants;
DROP TABLE clients;
