-- One row for each resource that ever was; pk is the number that index rows carry.
CREATE TABLE resource (
    pk      INTEGER PRIMARY KEY,
    type    TEXT    NOT NULL,
    id      TEXT    NOT NULL,
    seq     INTEGER NOT NULL,              -- version.seq of its newest version
    version INTEGER NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0,
    updated INTEGER NOT NULL,              -- microseconds since 1970-01-01 UTC, as in meta.lastUpdated
    UNIQUE (type, id)
) STRICT;
CREATE INDEX resource_updated ON resource (type, updated, pk) WHERE deleted = 0;
CREATE INDEX resource_live ON resource (type, pk) WHERE deleted = 0;

-- Every version of every resource; seq is the change sequence (one writer, so in commit order).
CREATE TABLE version (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    pk      INTEGER NOT NULL,
    version INTEGER NOT NULL,
    type    TEXT    NOT NULL,
    id      TEXT    NOT NULL,
    method  TEXT    NOT NULL CHECK (method IN ('POST', 'PUT', 'DELETE')),
    updated INTEGER NOT NULL,
    content BLOB                           -- JSON as it is served; NULL for a deletion
) STRICT;
CREATE UNIQUE INDEX version_of_resource ON version (pk, version);
CREATE INDEX version_by_type ON version (type, seq);

-- One table for each kind of search value. key is fhir_server.definitions.search_parameter.parameter_key(type, code).
-- The primary key groups the rows of one resource (appended in order, deleted together); the second index answers searches.
CREATE TABLE index_string (pk INTEGER NOT NULL, key INTEGER NOT NULL, value TEXT NOT NULL, exact TEXT NOT NULL,
    PRIMARY KEY (pk, key, value, exact)) STRICT, WITHOUT ROWID;        -- value: lower case, accents folded
CREATE INDEX index_string_search ON index_string (key, value, pk);

CREATE TABLE index_token (pk INTEGER NOT NULL, key INTEGER NOT NULL, code TEXT NOT NULL, system TEXT NOT NULL,
    PRIMARY KEY (pk, key, code, system)) STRICT, WITHOUT ROWID;        -- system '' where there is none
CREATE INDEX index_token_search ON index_token (key, code, pk, system);         -- pk before system: pages come in its order

CREATE TABLE index_reference (pk INTEGER NOT NULL, key INTEGER NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, version TEXT NOT NULL,
    PRIMARY KEY (pk, key, id, type, version)) STRICT, WITHOUT ROWID;   -- local: type and id; elsewhere or canonical: type '', id the URL
CREATE INDEX index_reference_search ON index_reference (key, id, pk, type);

CREATE TABLE index_date (pk INTEGER NOT NULL, key INTEGER NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL,
    PRIMARY KEY (pk, key, low, high)) STRICT, WITHOUT ROWID;           -- first and last microsecond, both included
CREATE INDEX index_date_low ON index_date (key, low, high, pk);
CREATE INDEX index_date_high ON index_date (key, high, low, pk);

CREATE TABLE index_number (pk INTEGER NOT NULL, key INTEGER NOT NULL, low REAL NOT NULL, high REAL NOT NULL,
    PRIMARY KEY (pk, key, low, high)) STRICT, WITHOUT ROWID;
CREATE INDEX index_number_search ON index_number (key, low, high, pk);

CREATE TABLE index_quantity (pk INTEGER NOT NULL, key INTEGER NOT NULL, low REAL NOT NULL, high REAL NOT NULL,
    system TEXT NOT NULL, code TEXT NOT NULL, unit TEXT NOT NULL,
    PRIMARY KEY (pk, key, low, high, system, code, unit)) STRICT, WITHOUT ROWID;
CREATE INDEX index_quantity_search ON index_quantity (key, low, high, pk);

CREATE TABLE index_uri (pk INTEGER NOT NULL, key INTEGER NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (pk, key, value)) STRICT, WITHOUT ROWID;
CREATE INDEX index_uri_search ON index_uri (key, value, pk);

-- Messages as they came, written before anything else is done with them.
CREATE TABLE inbox (
    number   INTEGER PRIMARY KEY AUTOINCREMENT,
    channel  TEXT    NOT NULL,             -- 'hl7v2'
    sender   TEXT    NOT NULL,             -- 'GAM|CHU-X'
    key      TEXT    NOT NULL,             -- the sender's own number of the message (MSH-10)
    digest   TEXT    NOT NULL,             -- SHA-256 of raw
    received INTEGER NOT NULL,             -- microseconds since 1970-01-01 UTC
    raw      BLOB    NOT NULL,
    status   TEXT    NOT NULL CHECK (status IN ('received', 'processed', 'failed')),
    attempts INTEGER NOT NULL DEFAULT 0,
    note     TEXT,                         -- why it failed, or what was noticed (for example a reused key)
    reply    BLOB,                         -- the acknowledgement that was decided
    UNIQUE (channel, sender, key, digest)
) STRICT;
CREATE INDEX inbox_status ON inbox (status, number);
