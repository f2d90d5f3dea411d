-- What the index rows of each type were made from; see fhir_server/store/sqlite/migrations/0005_reindexing.sql.
CREATE TABLE reindexing_type (
    type text COLLATE "C" PRIMARY KEY,
    made text NOT NULL,
    goal text NOT NULL,
    done bigint NOT NULL DEFAULT 0
);
CREATE TABLE reindexing_control (generation bigint NOT NULL, revision bigint NOT NULL, owner text NOT NULL, until bigint NOT NULL);
INSERT INTO reindexing_control VALUES (0, 0, '', 0);
CREATE TABLE reindexing_queue (pk bigint PRIMARY KEY);
