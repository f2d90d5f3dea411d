-- The tables of fhir_server/store/sqlite/migrations/0001_initial.sql under the same names, so that searches are the same SQL.
-- Text is compared by code point (COLLATE "C"), as SQLite does. The primary keys and unique constraints of the large tables
-- (version, index_*) begin with pk, by which they can be distributed; an index table's rows are made different by who writes them.

-- One row: the highest numbers given so far, and the time of the newest commit.
CREATE TABLE change_sequence (
    pk      bigint NOT NULL,
    seq     bigint NOT NULL,
    updated bigint NOT NULL
);
INSERT INTO change_sequence VALUES (0, 0, 0);

CREATE TABLE resource (
    pk      bigint PRIMARY KEY,
    type    text COLLATE "C" NOT NULL,
    id      text COLLATE "C" NOT NULL,
    seq     bigint NOT NULL,
    version bigint NOT NULL,
    deleted integer NOT NULL DEFAULT 0,
    updated bigint NOT NULL,
    UNIQUE (type, id)
) WITH (fillfactor = 80);
CREATE INDEX resource_updated ON resource (type, updated, pk) WHERE deleted = 0;
CREATE INDEX resource_live ON resource (type, pk) WHERE deleted = 0;

CREATE TABLE version (
    seq     bigint NOT NULL,
    pk      bigint NOT NULL,
    version bigint NOT NULL,
    type    text COLLATE "C" NOT NULL,
    id      text COLLATE "C" NOT NULL,
    method  text COLLATE "C" NOT NULL CHECK (method IN ('POST', 'PUT', 'DELETE')),
    updated bigint NOT NULL,
    content bytea,
    PRIMARY KEY (pk, version)
);
DO $$ BEGIN  -- faster than the default, but not in every build
    ALTER TABLE version ALTER COLUMN content SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN NULL;
END $$;
CREATE INDEX version_by_seq ON version (seq);
CREATE INDEX version_by_type ON version (type, seq);

CREATE TABLE index_string (pk bigint NOT NULL, key bigint NOT NULL, value text COLLATE "C" NOT NULL, exact text COLLATE "C" NOT NULL);
CREATE INDEX index_string_of ON index_string (pk, key);
CREATE INDEX index_string_search ON index_string (key, value, pk);

CREATE TABLE index_token (pk bigint NOT NULL, key bigint NOT NULL, code text COLLATE "C" NOT NULL, system text COLLATE "C" NOT NULL);
CREATE INDEX index_token_of ON index_token (pk, key);
CREATE INDEX index_token_search ON index_token (key, code, pk, system);

CREATE TABLE index_reference (pk bigint NOT NULL, key bigint NOT NULL, id text COLLATE "C" NOT NULL, type text COLLATE "C" NOT NULL,
    version text COLLATE "C" NOT NULL);
CREATE INDEX index_reference_of ON index_reference (pk, key);
CREATE INDEX index_reference_search ON index_reference (key, id, pk, type);

CREATE TABLE index_date (pk bigint NOT NULL, key bigint NOT NULL, low bigint NOT NULL, high bigint NOT NULL);
CREATE INDEX index_date_of ON index_date (pk, key);
CREATE INDEX index_date_low ON index_date (key, low, high, pk);
CREATE INDEX index_date_high ON index_date (key, high, low, pk);

CREATE TABLE index_number (pk bigint NOT NULL, key bigint NOT NULL, low double precision NOT NULL, high double precision NOT NULL);
CREATE INDEX index_number_of ON index_number (pk, key);
CREATE INDEX index_number_search ON index_number (key, low, high, pk);

CREATE TABLE index_quantity (pk bigint NOT NULL, key bigint NOT NULL, low double precision NOT NULL, high double precision NOT NULL,
    system text COLLATE "C" NOT NULL, code text COLLATE "C" NOT NULL, unit text COLLATE "C" NOT NULL);
CREATE INDEX index_quantity_of ON index_quantity (pk, key);
CREATE INDEX index_quantity_search ON index_quantity (key, low, high, pk);

CREATE TABLE index_uri (pk bigint NOT NULL, key bigint NOT NULL, value text COLLATE "C" NOT NULL);
CREATE INDEX index_uri_of ON index_uri (pk, key);
CREATE INDEX index_uri_search ON index_uri (key, value, pk);

CREATE TABLE inbox (
    number   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    channel  text COLLATE "C" NOT NULL,
    sender   text COLLATE "C" NOT NULL,
    key      text COLLATE "C" NOT NULL,
    digest   text COLLATE "C" NOT NULL,
    received bigint NOT NULL,
    raw      bytea NOT NULL,
    status   text COLLATE "C" NOT NULL CHECK (status IN ('received', 'processed', 'failed')),
    attempts integer NOT NULL DEFAULT 0,
    note     text,
    reply    bytea,
    UNIQUE (channel, sender, key, digest)
);
CREATE INDEX inbox_status ON inbox (status, number);
