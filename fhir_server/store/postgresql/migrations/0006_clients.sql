-- Who may call, and what tokens are signed with; see fhir_server/store/sqlite/migrations/0006_clients.sql.
CREATE TABLE client (id text COLLATE "C" PRIMARY KEY, content bytea NOT NULL);
CREATE TABLE client_revision (number bigint NOT NULL);
INSERT INTO client_revision VALUES (1);
CREATE TABLE assertion_seen (digest bytea PRIMARY KEY, expires bigint NOT NULL);
CREATE INDEX assertion_seen_expires ON assertion_seen (expires);
CREATE TABLE signing_key (kid text COLLATE "C" PRIMARY KEY, private text NOT NULL, created bigint NOT NULL);
