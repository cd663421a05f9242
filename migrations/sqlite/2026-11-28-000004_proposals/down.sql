ALTER TABLE reports DROP COLUMN submissions;
DROP TABLE proposal_parties;
DROP TABLE proposals;
