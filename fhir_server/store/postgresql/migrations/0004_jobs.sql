-- Asynchronous requests: what was asked, how far it is, what came of it. Their files are in job_part, in pieces.
CREATE TABLE job (
    id       text COLLATE "C" PRIMARY KEY,
    kind     text COLLATE "C" NOT NULL,
    request  bytea NOT NULL,
    status   text COLLATE "C" NOT NULL CHECK (status IN ('preparing', 'waiting', 'running', 'done')),
    owner    text COLLATE "C" NOT NULL DEFAULT '',
    attempts integer NOT NULL DEFAULT 0,
    created  bigint NOT NULL,
    seen     bigint NOT NULL,
    expires  bigint NOT NULL,
    progress text NOT NULL DEFAULT '',
    state    bytea NOT NULL DEFAULT '',
    result   bytea NOT NULL DEFAULT ''
);
CREATE INDEX job_by_status ON job (status, created);
CREATE INDEX job_by_expiry ON job (expires);

CREATE TABLE job_part (
    job     text COLLATE "C" NOT NULL,
    file    text COLLATE "C" NOT NULL,
    number  integer NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (job, file, number)
);
ALTER TABLE job_part ALTER COLUMN content SET STORAGE EXTERNAL;
