-- Asynchronous requests: what was asked, how far it is, what came of it. Their files are in job_part, in pieces.
CREATE TABLE job (
    id       TEXT    PRIMARY KEY,          -- 32 hexadecimal digits: who does not know it cannot ask for it
    kind     TEXT    NOT NULL,             -- 'request', 'export' or 'import'
    request  BLOB    NOT NULL,             -- JSON, as fhir_server.rest wrote it
    status   TEXT    NOT NULL CHECK (status IN ('preparing', 'waiting', 'running', 'done')),
    owner    TEXT    NOT NULL DEFAULT '',  -- the process that runs it
    attempts INTEGER NOT NULL DEFAULT 0,
    created  INTEGER NOT NULL,             -- this and the next two: microseconds since 1970-01-01 UTC
    seen     INTEGER NOT NULL,             -- when its owner last said that it lives
    expires  INTEGER NOT NULL,
    progress TEXT    NOT NULL DEFAULT '',
    state    BLOB    NOT NULL DEFAULT x'', -- how far it got, for who goes on with it
    result   BLOB    NOT NULL DEFAULT x''
) STRICT;
CREATE INDEX job_by_status ON job (status, created);
CREATE INDEX job_by_expiry ON job (expires);

CREATE TABLE job_part (
    job     TEXT    NOT NULL,
    file    TEXT    NOT NULL,
    number  INTEGER NOT NULL,
    content BLOB    NOT NULL,
    PRIMARY KEY (job, file, number)
) STRICT;
