-- The audit trail: one row an interaction, chained (fhir_server/store/audit_chain.py). Only `query` and `salt` are ever erased.
CREATE TABLE audit (
    chain        INTEGER NOT NULL,
    number       INTEGER NOT NULL,  -- from 1, without gaps
    recorded     INTEGER NOT NULL,  -- microseconds since 1970-01-01 UTC; this and the next three are copies out of the body
    subject      TEXT    NOT NULL,
    action       TEXT    NOT NULL,
    outcome      INTEGER NOT NULL,
    body         BLOB    NOT NULL,  -- JSON of fhir_server.store.audit.AuditEntry, without the query
    query        BLOB,
    salt         BLOB,
    query_digest BLOB,
    hash         BLOB    NOT NULL,  -- the link
    PRIMARY KEY (chain, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_by_time ON audit (recorded, chain, number);

CREATE TABLE audit_patient (
    patient  TEXT    NOT NULL,      -- id of a Patient whose data was seen or changed
    recorded INTEGER NOT NULL,
    chain    INTEGER NOT NULL,
    number   INTEGER NOT NULL,
    PRIMARY KEY (patient, recorded, chain, number)
) STRICT, WITHOUT ROWID;

-- One row for each process that wrote: its head, what its first link was made from, and where retention left off.
CREATE TABLE audit_chain (
    chain         INTEGER PRIMARY KEY,
    started       INTEGER NOT NULL,
    keyed         INTEGER NOT NULL,  -- 1: the links are made with the key file
    parent        INTEGER,
    parent_number INTEGER NOT NULL,
    parent_hash   BLOB    NOT NULL,
    number        INTEGER NOT NULL,
    hash          BLOB    NOT NULL,
    first         INTEGER NOT NULL DEFAULT 0,
    first_hash    BLOB,
    first_seal    BLOB
) STRICT;
