-- Tokens that bind a socket to subscriptions, once (fhir_server/store/subscription.py). `ends`: microseconds since 1970-01-01 UTC.
CREATE TABLE subscription_token (
    digest BLOB    PRIMARY KEY,              -- SHA-256 of the token, which itself is kept nowhere
    bound  BLOB    NOT NULL,                 -- whose it is and what it binds, as kept by fhir_server.subscriptions
    ends   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX subscription_token_ends ON subscription_token (ends);
