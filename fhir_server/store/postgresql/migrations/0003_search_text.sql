-- The words of each resource's narrative (weight A) and of its other texts (weight D), folded and cut by fhir_server.search.words.
CREATE TABLE index_text (pk bigint NOT NULL, words tsvector NOT NULL);
CREATE INDEX index_text_of ON index_text (pk);
CREATE INDEX index_text_search ON index_text USING gin (words);

-- What links that must not be forged are signed with: 244 random bits.
CREATE TABLE secret (name text COLLATE "C" PRIMARY KEY, value bytea NOT NULL);
INSERT INTO secret VALUES ('pages', uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
