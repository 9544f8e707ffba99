-- What each datum of an article stands on, and what was only read past before: signature, author box, dateline's parts, other languages.
ALTER TABLE articles ADD COLUMN evidence VARCHAR[];

ALTER TABLE articles ADD COLUMN signature VARCHAR;

ALTER TABLE articles ADD COLUMN about_authors VARCHAR;

ALTER TABLE articles ADD COLUMN dateline_place VARCHAR;

ALTER TABLE articles ADD COLUMN dateline_desk VARCHAR;

ALTER TABLE articles ADD COLUMN translations VARCHAR[];
