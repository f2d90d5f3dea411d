-- Who may call: JSON of fhir_server.security.client.Client. One that is revoked stays, so that its id and its senders are given to nobody else.
CREATE TABLE client (id TEXT PRIMARY KEY, content BLOB NOT NULL) STRICT, WITHOUT ROWID;

-- One row. number: raised by every change of a client, so that a process sees at once that another changed one.
CREATE TABLE client_revision (number INTEGER NOT NULL) STRICT;
INSERT INTO client_revision VALUES (1);

-- Assertions that were used, until they end by themselves: SHA-256 of client and jti; seconds since 1970.
CREATE TABLE assertion_seen (digest BLOB PRIMARY KEY, expires INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX assertion_seen_expires ON assertion_seen (expires);

-- What this server signs its access tokens with: a private JWK. created: seconds since 1970.
CREATE TABLE signing_key (kid TEXT PRIMARY KEY, private TEXT NOT NULL, created INTEGER NOT NULL) STRICT;
