-- The words of each resource's narrative and of its other texts, folded and cut by fhir_server.search.words; rowid is the resource's pk.
CREATE VIRTUAL TABLE index_text USING fts5 (narrative, content, tokenize = "unicode61 remove_diacritics 2", columnsize = 0);

-- What links that must not be forged are signed with.
CREATE TABLE secret (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
INSERT INTO secret VALUES ('pages', randomblob(32));
