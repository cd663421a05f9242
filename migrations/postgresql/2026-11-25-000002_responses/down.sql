DROP TABLE response_respondents;
DROP TABLE response_covers;
DROP TABLE responses;
