-- A client whose tokens another issuer gives out: which one, what they call it, and where the public keys are.
ALTER TABLE clients ADD COLUMN issuer TEXT COLLATE "C";
ALTER TABLE clients ADD COLUMN subject TEXT COLLATE "C";
ALTER TABLE clients ADD COLUMN jwks_url TEXT COLLATE "C";
CREATE UNIQUE INDEX clients_by_subject ON clients (issuer, subject);
