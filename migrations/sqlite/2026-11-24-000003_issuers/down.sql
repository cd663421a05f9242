DROP INDEX clients_by_subject;
ALTER TABLE clients DROP COLUMN jwks_url;
ALTER TABLE clients DROP COLUMN subject;
ALTER TABLE clients DROP COLUMN issuer;
