-- Who asked to be told, and what they are told of; see fhir_server/store/sqlite/migrations/0012_subscriptions.sql.
CREATE TABLE subscription (
    id      text COLLATE "C" PRIMARY KEY,
    owner   bytea  NOT NULL,
    headers bytea  NOT NULL,
    started bigint NOT NULL DEFAULT 0,
    events  bigint NOT NULL DEFAULT 0,
    told    bigint NOT NULL DEFAULT 0
);

CREATE TABLE subscription_event (
    subscription text COLLATE "C" NOT NULL,
    number       bigint NOT NULL,
    type         text COLLATE "C" NOT NULL,
    id           text COLLATE "C" NOT NULL,
    version      bigint NOT NULL,
    method       text COLLATE "C" NOT NULL CHECK (method IN ('POST', 'PUT', 'DELETE')),
    occurred     bigint NOT NULL,
    PRIMARY KEY (subscription, number)
);
CREATE INDEX subscription_event_occurred ON subscription_event (occurred);

CREATE TABLE subscription_follower (
    seq    bigint NOT NULL,
    owner  text COLLATE "C" NOT NULL DEFAULT '',
    leased bigint NOT NULL DEFAULT 0
);
INSERT INTO subscription_follower (seq) SELECT seq FROM change_sequence;
