-- Messages to others; see fhir_server/store/sqlite/migrations/0011_outbox.sql. Numbers are given under the lock of all writers.
CREATE TABLE outbox (
    number       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    destination  text COLLATE "C" NOT NULL,
    lane         text COLLATE "C" NOT NULL,
    key          text COLLATE "C" NOT NULL,
    address      text    NOT NULL,
    content_type text    NOT NULL,
    body         bytea   NOT NULL,
    about        text    NOT NULL,
    created      bigint  NOT NULL,
    expires      bigint  NOT NULL,
    status       text COLLATE "C" NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'delivered', 'dead')),
    attempts     bigint  NOT NULL DEFAULT 0,
    due          bigint  NOT NULL,
    owner        text COLLATE "C" NOT NULL DEFAULT '',
    leased       bigint  NOT NULL DEFAULT 0,
    ended        bigint  NOT NULL DEFAULT 0,
    note         text    NOT NULL DEFAULT '',
    UNIQUE (destination, key)
);
CREATE INDEX outbox_waiting ON outbox (destination, number) WHERE status = 'waiting';
CREATE INDEX outbox_lane ON outbox (destination, lane, number) WHERE status = 'waiting';
CREATE INDEX outbox_dead ON outbox (destination, lane, number) WHERE status = 'dead';
CREATE INDEX outbox_ended ON outbox (status, ended);
CREATE INDEX outbox_of_lane ON outbox (lane);

CREATE TABLE outbox_destination (
    name   text COLLATE "C" PRIMARY KEY,
    paused bigint NOT NULL DEFAULT 0,
    held   bigint NOT NULL DEFAULT 0,
    paced  bigint NOT NULL DEFAULT 0
);
