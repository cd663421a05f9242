-- An obligation has a row for each span of days on which its facts were the same, so that any day can be asked for.
-- `until_on` is the day after the last one; of the span that has not ended, the last day of the calendar.
ALTER TABLE obligations RENAME TO obligation_spans;
ALTER TABLE obligation_spans ADD COLUMN from_on DATE;
ALTER TABLE obligation_spans ADD COLUMN until_on DATE;
UPDATE obligation_spans SET until_on = '9999-12-31',
    from_on = (SELECT r.published_on FROM recommendations r WHERE r.id = obligation_spans.recommendation_id);
-- without defaults: a node of the version before must not store an obligation without them
ALTER TABLE obligation_spans ALTER COLUMN from_on SET NOT NULL;
ALTER TABLE obligation_spans ALTER COLUMN until_on SET NOT NULL;
ALTER TABLE obligation_spans DROP CONSTRAINT obligations_pkey;
ALTER TABLE obligation_spans DROP CONSTRAINT obligations_recommendation_id_organisation_id_key;
DROP INDEX obligations_by_number;
ALTER TABLE obligation_spans DROP COLUMN slug;
ALTER TABLE obligation_spans DROP COLUMN number_key;
ALTER TABLE obligation_spans ADD PRIMARY KEY (id, until_on);
ALTER TABLE obligation_spans ADD UNIQUE (recommendation_id, organisation_id, until_on);
DROP INDEX obligations_by_due;
DROP INDEX obligations_by_updated_at;
DROP INDEX obligations_by_organisation;
DROP INDEX obligations_by_report;
DROP INDEX obligations_by_group;
DROP INDEX obligations_by_position;
DROP INDEX obligations_by_implementation;
DROP INDEX obligations_by_assessment;
CREATE INDEX obligations_by_due ON obligation_spans (state, due_key, id) WHERE until_on = '9999-12-31';
CREATE INDEX obligations_by_updated_at ON obligation_spans (state, updated_at, id) WHERE until_on = '9999-12-31';
CREATE INDEX obligations_by_position ON obligation_spans (position, due_key, id) WHERE until_on = '9999-12-31';
CREATE INDEX obligations_by_implementation ON obligation_spans (implementation_status, due_key, id) WHERE until_on = '9999-12-31';
CREATE INDEX obligations_by_assessment ON obligation_spans (assessment_status, due_key, id) WHERE until_on = '9999-12-31';
CREATE INDEX obligation_spans_by_due ON obligation_spans (due_key, id, until_on, from_on);
CREATE INDEX obligation_spans_by_updated_at ON obligation_spans (updated_at, id, until_on, from_on);
CREATE INDEX obligation_spans_by_organisation ON obligation_spans (organisation_id, due_key, id, until_on, from_on);
CREATE INDEX obligation_spans_by_report ON obligation_spans (report_id, due_key, id, until_on, from_on);
CREATE INDEX obligation_spans_by_group ON obligation_spans (via_group_id, due_key, id, until_on, from_on);

-- The obligations as they are. Nodes of the version before also read `number_key`.
CREATE VIEW obligations AS SELECT s.*, s.id AS slug, '' AS number_key FROM obligation_spans s WHERE s.until_on = '9999-12-31';

-- Each day on which somebody is known to have looked for responses, for a report or one of its obligations. The program
-- derives them, and the spans that have ended, from the log after the migration.
CREATE TABLE report_response_checks (
    record_id TEXT COLLATE "C" NOT NULL,
    checked_on DATE NOT NULL,
    PRIMARY KEY (record_id, checked_on)
);
