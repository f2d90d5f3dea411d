-- Messages to others, written by the commit that they tell of (fhir_server/store/outbox.py). Times: microseconds since 1970-01-01 UTC.
CREATE TABLE outbox (
    number       INTEGER PRIMARY KEY AUTOINCREMENT,
    destination  TEXT    NOT NULL,              -- a name of the file of destinations, or 'Subscription/1'
    lane         TEXT    NOT NULL,              -- whose order is kept within the destination: 'Patient/1'; '' for none
    key          TEXT    NOT NULL,              -- idempotency key, told to the receiver
    address      TEXT    NOT NULL,              -- where at the destination; '' for its own address
    content_type TEXT    NOT NULL,
    body         BLOB    NOT NULL,
    about        TEXT    NOT NULL,              -- 'Communication/1', whose status tells what became of it; '' for none
    created      INTEGER NOT NULL,
    expires      INTEGER NOT NULL,              -- 0: as long as the destination says; -1: never
    status       TEXT    NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'delivered', 'dead')),
    attempts     INTEGER NOT NULL DEFAULT 0,
    due          INTEGER NOT NULL,              -- not before
    owner        TEXT    NOT NULL DEFAULT '',   -- the worker that has it, until `leased`
    leased       INTEGER NOT NULL DEFAULT 0,
    ended        INTEGER NOT NULL DEFAULT 0,    -- when it was delivered or died
    note         TEXT    NOT NULL DEFAULT '',   -- the receipt, or why the last attempt failed
    UNIQUE (destination, key)
) STRICT;
CREATE INDEX outbox_waiting ON outbox (destination, number) WHERE status = 'waiting';
CREATE INDEX outbox_lane ON outbox (destination, lane, number) WHERE status = 'waiting';
CREATE INDEX outbox_dead ON outbox (destination, lane, number) WHERE status = 'dead';
CREATE INDEX outbox_ended ON outbox (status, ended);
CREATE INDEX outbox_of_lane ON outbox (lane);

-- What is known of each destination that something was ever sent to. held: nothing is tried before (its circuit is open);
-- paced: when its rate allows the next one.
CREATE TABLE outbox_destination (
    name   TEXT    PRIMARY KEY,
    paused INTEGER NOT NULL DEFAULT 0,
    held   INTEGER NOT NULL DEFAULT 0,
    paced  INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
