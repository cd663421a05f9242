-- The export of what one organisation published walks along this, in the order of the ids.
CREATE INDEX article_organisations_by_article ON article_organisations (organisation_id, article_id);
