-- The audit trail; see fhir_server/store/sqlite/migrations/0007_audit.sql. By chain, and by patient, it can be distributed.
CREATE TABLE audit (
    chain        bigint  NOT NULL,
    number       bigint  NOT NULL,
    recorded     bigint  NOT NULL,
    subject      text COLLATE "C" NOT NULL,
    action       text COLLATE "C" NOT NULL,
    outcome      integer NOT NULL,
    body         bytea   NOT NULL,
    query        bytea,
    salt         bytea,
    query_digest bytea,
    hash         bytea   NOT NULL,
    PRIMARY KEY (chain, number)
);
CREATE INDEX audit_by_time ON audit (recorded, chain, number);

CREATE TABLE audit_patient (
    patient  text COLLATE "C" NOT NULL,
    recorded bigint NOT NULL,
    chain    bigint NOT NULL,
    number   bigint NOT NULL,
    PRIMARY KEY (patient, recorded, chain, number)
);

CREATE TABLE audit_chain (
    chain         bigint  PRIMARY KEY,
    started       bigint  NOT NULL,
    keyed         integer NOT NULL,
    parent        bigint,
    parent_number bigint  NOT NULL,
    parent_hash   bytea   NOT NULL,
    number        bigint  NOT NULL,
    hash          bytea   NOT NULL,
    first         bigint  NOT NULL DEFAULT 0,
    first_hash    bytea,
    first_seal    bytea
);
