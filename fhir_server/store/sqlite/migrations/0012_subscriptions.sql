-- Who asked to be told, and what they are told of (fhir_server/store/subscription.py). Times: microseconds since 1970-01-01 UTC.
CREATE TABLE subscription (
    id      TEXT    PRIMARY KEY,             -- of the resource
    owner   BLOB    NOT NULL,                -- who asked for it, as kept by fhir_server.subscriptions
    headers BLOB    NOT NULL,                -- channel.header as it was sent; the resource holds the names only
    started INTEGER NOT NULL DEFAULT 0,      -- changes behind this number of the change sequence are told; 0: none
    events  INTEGER NOT NULL DEFAULT 0,      -- the newest event number
    told    INTEGER NOT NULL DEFAULT 0       -- when something was last put into the outbox for it
) STRICT, WITHOUT ROWID;

-- What each is told of: no content, only where it is.
CREATE TABLE subscription_event (
    subscription TEXT    NOT NULL,
    number       INTEGER NOT NULL,           -- from 1, without gaps
    type         TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    version      INTEGER NOT NULL,
    method       TEXT    NOT NULL CHECK (method IN ('POST', 'PUT', 'DELETE')),
    occurred     INTEGER NOT NULL,
    PRIMARY KEY (subscription, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX subscription_event_occurred ON subscription_event (occurred);

-- One row: up to where the change sequence has been looked at, and who looks.
CREATE TABLE subscription_follower (
    seq    INTEGER NOT NULL,
    owner  TEXT    NOT NULL DEFAULT '',
    leased INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO subscription_follower (seq) SELECT coalesce(max(seq), 0) FROM version;
